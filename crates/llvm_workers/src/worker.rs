//! The parent's side of one worker process.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fastir_core::Task;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;
use rustix::pipe::fcntl_setpipe_size;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::protocol::{
    Answer, ErrorKind, MeasureTask, Measured, Source, read_answer, read_measured, write_measure,
    write_task,
};

/// How often a waiting thread looks whether it should stop.
const TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

const PIPE_BYTES: usize = 1 << 20;

/// A running worker, in a process group of its own. Dropped, it is killed, with
/// what it has forked.
pub struct Worker {
    /// What it was started from.
    program: PathBuf,
    child: Child,
    tasks: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// What it prints, which says more of a crash than its exit status.
    printed: File,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.wait();
    }
}

/// Why there is no answer.
type Lost = (ErrorKind, String);

/// Until when an answer is waited for.
#[derive(Clone, Copy)]
pub struct Deadline<'a> {
    /// How long a module may take.
    pub timeout: Option<Duration>,
    /// Set when the answer is no longer wanted.
    pub stop: &'a AtomicBool,
}

impl Worker {
    /// Starts the program at `path`.
    pub fn start(path: &Path) -> io::Result<Self> {
        // Appended to, so that it can be emptied while the worker holds it.
        let printed = tempfile::Builder::new()
            .append(true)
            .tempfile()?
            .into_file();
        let mut child = Command::new(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(printed.try_clone()?)
            // An interrupt at the terminal is for the parent, which stops it.
            .process_group(0)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(tasks), Some(answers)) = pipes else {
            return Err(io::Error::other("a child without pipes"));
        };
        // It may stop reading: see [`Sending`].
        ioctl_fionbio(&tasks, true)?;
        // Larger pipes, fewer changes between processes; any size will do.
        let _ = fcntl_setpipe_size(&tasks, PIPE_BYTES);
        let _ = fcntl_setpipe_size(&answers, PIPE_BYTES);
        Ok(Self {
            program: path.to_owned(),
            child,
            tasks,
            answers: BufReader::with_capacity(1 << 16, answers),
            printed,
        })
    }

    /// Whether it was started from `path`.
    pub fn runs(&self, path: &Path) -> bool {
        self.program == path
    }

    /// Whether it has not ended meanwhile: it may have been killed.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The process's number.
    #[cfg(test)]
    pub fn number(&self) -> u32 {
        self.child.id()
    }

    /// Has the task done. An error of the kinds `Crash` and `Timeout` means
    /// that this worker is of no use any more.
    pub fn ask(&mut self, task: &Task<'_>, source: Source<'_>, deadline: Deadline<'_>) -> Answer {
        let answer = self.exchange(
            deadline,
            |stream| write_task(stream, task, source),
            |stream| read_answer(stream),
        );
        answer.unwrap_or_else(|lost| Answer {
            stats: Default::default(),
            result: Err(lost),
        })
    }

    /// Has alternatives measured. The outer error, of the kinds `Crash` and
    /// `Timeout`, means that this worker is of no use any more.
    pub fn measure(
        &mut self,
        task: &MeasureTask,
        bitcode: &[u8],
        deadline: Deadline<'_>,
    ) -> Result<Result<Measured, String>, Lost> {
        self.exchange(
            deadline,
            |stream| write_measure(stream, task, bitcode),
            |stream| read_measured(stream),
        )
    }

    fn exchange<T>(
        &mut self,
        deadline: Deadline<'_>,
        send: impl FnOnce(&mut BufWriter<Sending<'_>>) -> io::Result<()>,
        receive: impl FnOnce(&mut Waiting<'_>) -> io::Result<Option<T>>,
    ) -> Result<T, Lost> {
        let _ = self.printed.set_len(0);
        // A limit beyond the end of time is none.
        let end = deadline
            .timeout
            .and_then(|timeout| Instant::now().checked_add(timeout));
        let limits = Limits {
            deadline: end,
            stop: deadline.stop,
        };
        let sent = send(&mut BufWriter::new(Sending {
            stream: &mut self.tasks,
            limits,
        }));
        let mut stream = Waiting {
            stream: &mut self.answers,
            limits,
        };
        match sent.and_then(|()| receive(&mut stream)) {
            Ok(Some(answer)) => Ok(answer),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                let seconds = deadline.timeout.unwrap_or_default().as_secs_f64();
                Err((ErrorKind::Timeout, format!("took longer than {seconds} s")))
            }
            Ok(None) | Err(_) => Err((ErrorKind::Crash, self.crash_reason())),
        }
    }

    /// Kills the worker and what it has forked. Once it has been waited for, its
    /// number may be another's.
    fn kill(&mut self) {
        if self.is_running() {
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        }
    }

    /// Why the worker ended: what LLVM printed, or the signal.
    fn crash_reason(&mut self) -> String {
        self.kill();
        let mut text = vec![0; 1 << 16];
        let length = self.printed.read_at(&mut text, 0).unwrap_or(0);
        let text = String::from_utf8_lossy(&text[..length]);
        let fatal = text
            .lines()
            .find_map(|line| line.strip_prefix("LLVM ERROR: "));
        match (fatal, self.child.wait()) {
            (Some(words), _) => format!("LLVM gave up: {words}"),
            (None, Ok(status)) => format!("LLVM crashed ({status})"),
            (None, Err(_)) => "LLVM crashed".to_owned(),
        }
    }
}

/// How long a pipe is waited for.
#[derive(Clone, Copy)]
struct Limits<'a> {
    deadline: Option<Instant>,
    stop: &'a AtomicBool,
}

impl Limits<'_> {
    /// Waits until `pipe` can be written to or read from, as `flags` has it. Fails with
    /// `TimedOut` after the deadline, and with `ConnectionAborted` when asked to stop, even
    /// if the pipe is ready: a worker may write without end.
    fn wait(&self, pipe: &impl AsFd, flags: PollFlags) -> io::Result<()> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            if self
                .deadline
                .is_some_and(|deadline| Instant::now() > deadline)
            {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match poll(&mut [PollFd::new(pipe, flags)], Some(&TICK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Writes a pipe that does not block: a worker that reads no more must not hold up its parent.
struct Sending<'a> {
    stream: &'a mut ChildStdin,
    limits: Limits<'a>,
}

impl Write for Sending<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        loop {
            self.limits.wait(self.stream, PollFlags::OUT)?;
            match self.stream.write(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a pipe.
struct Waiting<'a> {
    stream: &'a mut BufReader<ChildStdout>,
    limits: Limits<'a>,
}

impl Read for Waiting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stream.buffer().is_empty() {
            self.limits.wait(self.stream.get_ref(), PollFlags::IN)?;
        }
        self.stream.read(buffer)
    }
}
