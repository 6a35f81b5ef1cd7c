//! The worker's side: answer tasks until there are no more.

use std::fs;
use std::io::{self, BufReader, BufWriter};
use std::path::Path;
use std::process;
use std::thread;
use std::time::Instant;

use fastir_core::{Table, Task};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Resource, Rlimit, Signal, getpgrp, getpid, getppid, getrlimit, kill_current_process_group,
    setrlimit,
};

use crate::alternatives::measure_here;
use crate::frame::record_batch;
use crate::protocol::{
    Answer, Asked, ErrorKind, Message, Stats, path_of, write_answer, write_measured,
};

/// How often a worker looks who its parent is.
const PARENT_TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 200_000_000,
};

/// Answers tasks from standard input on standard output until its end.
///
/// # Safety
///
/// The process has no other threads: it forks to measure alternatives (see
/// [`fastir_core::Compilation::variants`]).
pub unsafe fn serve() -> io::Result<()> {
    limit_memory();
    end_with_parent();
    let mut tasks = BufReader::with_capacity(1 << 18, io::stdin().lock());
    // Whatever LLVM prints must not get between the answers.
    let answers = rustix::io::dup(rustix::stdio::stdout())?;
    rustix::stdio::dup2_stdout(rustix::stdio::stderr())?;
    let mut answers = BufWriter::with_capacity(1 << 18, fs::File::from(answers));
    while let Some(message) = Message::read(&mut tasks)? {
        match message.asked()? {
            Asked::Table { task, path } => {
                write_answer(
                    &mut answers,
                    &answer(&task, path.map(path_of), &message.body),
                )?;
            }
            Asked::Measure(task) => {
                // SAFETY: the only other thread is that of `end_with_parent`,
                // which does nothing but wait until it ends the process.
                let measured = unsafe { measure_here(&task, &message.body, peak_memory) };
                write_measured(&mut answers, &measured)?;
            }
        }
    }
    Ok(())
}

/// Ends this process and its forks when the parent has ended: when no process holds the
/// other end of standard input any more, or, where a fork of the parent does, when
/// another process has become this one's parent.
fn end_with_parent() {
    let parent = getppid();
    thread::spawn(move || {
        loop {
            // Asking for nothing, poll still reports the end.
            let stdin = rustix::stdio::stdin();
            let mut events = [PollFd::new(&stdin, PollFlags::empty())];
            let answered = poll(&mut events, Some(&PARENT_TICK)).is_ok();
            let ended = answered && events[0].revents().contains(PollFlags::HUP);
            if ended || getppid() != parent {
                // A group of its own, unless it was started by hand.
                if getpgrp() == getpid() {
                    let _ = kill_current_process_group(Signal::KILL);
                }
                process::exit(0);
            }
        }
    });
}

/// A broken module may ask for any amount of memory: no more than there is.
fn limit_memory() {
    let limit = getrlimit(Resource::As);
    let there_is = [
        kibibytes("/proc/meminfo", "MemTotal:"),
        container_memory(),
        limit.current,
    ];
    let lowered = Rlimit {
        current: there_is.into_iter().flatten().min(),
        ..limit
    };
    // Where that is not permitted, the system's own limits hold.
    let _ = setrlimit(Resource::As, lowered);
}

/// What the container may use, if this runs in one that says so.
fn container_memory() -> Option<u64> {
    let text = fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?;
    text.trim().parse().ok()
}

fn peak_memory() -> u64 {
    kibibytes("/proc/self/status", "VmHWM:").unwrap_or(0)
}

fn kibibytes(file: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(number * 1024)
}

fn answer(task: &Task<'_>, path: Option<&Path>, body: &[u8]) -> Answer {
    let mut stats = Stats::default();
    let result = work(task, path, body, &mut stats);
    stats.peak_bytes = peak_memory();
    Answer { stats, result }
}

fn work(
    task: &Task<'_>,
    path: Option<&Path>,
    body: &[u8],
    stats: &mut Stats,
) -> Result<arrow_array::RecordBatch, (ErrorKind, String)> {
    let start = Instant::now();
    let file = match path {
        Some(path) => Some(fs::read(path).map_err(|error| (ErrorKind::File, reason(&error)))?),
        None => None,
    };
    stats.read_ns = nanoseconds(start);
    let source = file.as_deref().unwrap_or(body);
    stats.bytes = source.len() as u64;
    let table = Table::make(&Task { source, ..*task })
        .map_err(|failure| (failure.kind.into(), failure.message))?;
    let times = table.times();
    (stats.parse_ns, stats.verify_ns, stats.work_ns) = (times.parse, times.verify, times.work);
    let start = Instant::now();
    let batch = record_batch(&table).map_err(|error| (ErrorKind::Work, error.to_string()))?;
    stats.encode_ns = nanoseconds(start);
    Ok(batch)
}

/// The system's words, without Rust's "(os error 2)".
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
