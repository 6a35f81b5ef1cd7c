//! Alternatives to one module's decisions, measured by a worker.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use fastir_core::{Compilation, EngineError, Evaluation, Request};

use crate::pool::{IDLE, LARGE_WORKER};
use crate::protocol::{MeasureTask, Measured};
use crate::worker::Deadline;

/// Measures in this process; `peak_bytes` is asked when it is done.
///
/// # Safety
///
/// It forks: see [`Compilation::variants`].
pub unsafe fn measure_here(
    task: &MeasureTask,
    bitcode: &[u8],
    peak_bytes: fn() -> u64,
) -> Result<Measured, String> {
    let before = cpu_seconds();
    let request = Request {
        site_overrides: &task.site_overrides,
        ..Request::new(bitcode, &task.job)
    };
    let (weights, alternatives) = (&task.weights, &task.alternatives);
    // SAFETY: the caller's promise.
    let done = unsafe { fastir_core::evaluate(&request, weights, alternatives, task.batch_size) }
        .map_err(|error| error.to_string())?;
    Ok(Measured {
        bytes: done.bytes,
        changes: done.changes,
        compiles: done.compiles,
        reused: done.reused,
        base: done.base.into_bytes(),
        seconds: cpu_seconds() - before,
        peak_bytes: peak_bytes(),
    })
}

/// What this process has taken, and those that it forked and waited for.
fn cpu_seconds() -> f64 {
    let spent = |who| {
        // SAFETY: an all-zero rusage is a valid one, which the call fills in.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(who, &raw mut usage);
            usage
        };
        [usage.ru_utime, usage.ru_stime].map(|t| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6)
    };
    let all = [spent(libc::RUSAGE_SELF), spent(libc::RUSAGE_CHILDREN)];
    all.iter().flatten().sum()
}

fn to_evaluation(measured: Measured) -> Result<(Evaluation, f64), EngineError> {
    let evaluation = Evaluation {
        base: Compilation::from_bytes(&measured.base)?,
        bytes: measured.bytes,
        changes: measured.changes,
        compiles: measured.compiles,
        reused: measured.reused,
    };
    Ok((evaluation, measured.seconds))
}

/// Has a worker compile the module and measure the alternatives; answers with the
/// CPU seconds that it took too. `go_on` is asked several times a second; if it
/// says no, there is no answer.
///
/// # Errors
///
/// If the module cannot be compiled, an alternative names a decision that there
/// is not, or the worker, the program at `path`, crashes or cannot be started.
pub fn measure(
    path: &Path,
    task: &MeasureTask,
    bitcode: &[u8],
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Option<(Evaluation, f64)>, EngineError> {
    let stop = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let stop = &stop;
        scope.spawn(move || {
            let _ = sender.send(ask(path, task, bitcode, stop));
        });
        loop {
            match receiver.recv_timeout(Duration::from_millis(50)) {
                Ok(answer) => return to_evaluation(answer?).map(Some),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(EngineError(format!(
                        "{}: no worker answered",
                        task.job.name
                    )));
                }
            }
            if !go_on() {
                stop.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        }
    })
}

fn ask(
    path: &Path,
    task: &MeasureTask,
    bitcode: &[u8],
    stop: &AtomicBool,
) -> Result<Measured, EngineError> {
    let mut worker = IDLE
        .acquire(path)
        .map_err(|error| EngineError(format!("{}: {error}", path.display())))?;
    let deadline = Deadline {
        timeout: None,
        stop,
    };
    match worker.measure(task, bitcode, deadline) {
        Ok(Ok(answer)) => {
            if answer.peak_bytes < LARGE_WORKER {
                IDLE.give(worker);
            }
            Ok(answer)
        }
        // How large the worker has become is not known.
        Ok(Err(message)) => Err(EngineError(message)),
        Err((_, message)) => Err(EngineError(format!("{}: {message}", task.job.name))),
    }
}

#[cfg(test)]
mod tests;
