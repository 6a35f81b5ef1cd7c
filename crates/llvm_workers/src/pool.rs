//! Many modules over all cores, by workers that are kept from call to call.

use std::cmp::Reverse;
use std::fs;
use std::io;
use std::num::NonZero;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use fastir_core::Task;

use crate::frame::arrow_schema;
use crate::protocol::{Answer, ErrorKind, Source, Stats};
use crate::worker::{Deadline, Worker};

/// One module.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// What rows and errors call it.
    pub name: &'a str,
    /// Where it is.
    pub source: Source<'a>,
}

/// How it is done.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The program `llvm-tools-worker`.
    pub worker: &'a Path,
    /// How many workers; by default one a core.
    pub workers: Option<NonZero<usize>>,
    /// How long one module may take.
    pub timeout: Option<Duration>,
}

/// A module of which there is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemError {
    /// The item's number.
    pub item: usize,
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// One line, without the module's name.
    pub message: String,
}

/// The tables of all modules in one, in the order of the items.
#[derive(Debug)]
pub struct Batch {
    /// All rows.
    pub table: RecordBatch,
    /// What went wrong, by item.
    pub errors: Vec<ItemError>,
    /// What each item cost.
    pub stats: Vec<Stats>,
}

/// Called now and then with how many items are done; answers whether to go on.
pub type Progress<'a> = dyn FnMut(usize) -> bool + 'a;

/// Why there is no batch.
#[derive(Debug)]
pub enum Stopped {
    /// [`Progress`] said so.
    Interrupted,
    /// There is no such table.
    NoSuchTable,
    /// The worker cannot be started.
    NoWorker(io::Error),
    /// The tables do not fit together.
    Arrow(ArrowError),
}

/// Makes one table of many modules: `task` of each, with the item's own name and
/// source.
pub fn run(
    task: &Task<'_>,
    items: &[Item<'_>],
    options: &Options<'_>,
    progress: &mut Progress<'_>,
) -> Result<Batch, Stopped> {
    let schema = fastir_core::schemas()
        .iter()
        .find(|schema| schema.name == task.table)
        .map(arrow_schema)
        .ok_or(Stopped::NoSuchTable)?;
    let wanted = options.workers.map_or_else(core_count, NonZero::get);
    let workers = wanted.min(items.len());
    let job = Job {
        task,
        items,
        order: largest_first(items),
        options,
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
    };
    let (sender, receiver) = mpsc::channel();
    let answers = thread::scope(|scope| {
        for _ in 0..workers {
            let (job, sender) = (&job, sender.clone());
            scope.spawn(move || job.work(&sender));
        }
        drop(sender);
        let answers = collect(&receiver, items.len(), progress);
        // Whoever still works now works for nothing.
        job.stop.store(true, Ordering::Relaxed);
        answers
    })?;
    assemble(schema, answers)
}

struct Job<'a> {
    task: &'a Task<'a>,
    items: &'a [Item<'a>],
    order: Vec<usize>,
    options: &'a Options<'a>,
    next: AtomicUsize,
    stop: AtomicBool,
}

/// No worker should be left with a giant when the others have finished.
fn largest_first(items: &[Item<'_>]) -> Vec<usize> {
    let size = |item: &Item<'_>| match item.source {
        Source::Path(path) => fs::metadata(path).map_or(0, |metadata| metadata.len()),
        Source::Bytes(bytes) => bytes.len() as u64,
    };
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_cached_key(|&item| Reverse(size(&items[item])));
    order
}

type Report = io::Result<(usize, Answer)>;

impl Job<'_> {
    /// One thread: a worker at a time, item after item.
    fn work(&self, reports: &Sender<Report>) {
        let mut worker: Option<Worker> = None;
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&item) = self.order.get(next) else {
                break;
            };
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let mut acquired = match worker
                .take()
                .map_or_else(|| IDLE.acquire(self.options.worker), Ok)
            {
                Ok(acquired) => acquired,
                Err(error) => {
                    let _ = reports.send(Err(error));
                    return;
                }
            };
            let answer = self.ask(&mut acquired, &self.items[item]);
            if is_fit(&answer) {
                worker = Some(acquired);
            }
            if reports.send(Ok((item, answer))).is_err() {
                break;
            }
        }
        if let Some(worker) = worker {
            IDLE.give(worker);
        }
    }

    fn ask(&self, worker: &mut Worker, item: &Item<'_>) -> Answer {
        let deadline = Deadline {
            timeout: self.options.timeout,
            stop: &self.stop,
        };
        let task = Task {
            name: item.name,
            ..*self.task
        };
        worker.ask(&task, item.source, deadline)
    }
}

/// Whether the worker can go on: it lives, and has not grown by some giant of a
/// module, whose memory it would keep.
fn is_fit(answer: &Answer) -> bool {
    let lives = !matches!(
        answer.result,
        Err((ErrorKind::Crash | ErrorKind::Timeout, _))
    );
    lives && answer.stats.peak_bytes < LARGE_WORKER
}

/// A worker that has grown to more is not kept: each fork of it would copy its page
/// tables. Chosen by hand.
pub const LARGE_WORKER: u64 = 1 << 30;

/// Waits for all answers; `progress` is asked several times a second.
fn collect(
    reports: &Receiver<Report>,
    count: usize,
    progress: &mut Progress<'_>,
) -> Result<Vec<Answer>, Stopped> {
    let mut answers: Vec<Option<Answer>> = Vec::new();
    answers.resize_with(count, || None);
    let mut done = 0;
    while done < count {
        match reports.recv_timeout(Duration::from_millis(50)) {
            Ok(Ok((item, answer))) => {
                answers[item] = Some(answer);
                done += 1;
            }
            Ok(Err(error)) => return Err(Stopped::NoWorker(error)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Stopped::NoWorker(io::Error::other("all threads ended")));
            }
        }
        if !progress(done) {
            return Err(Stopped::Interrupted);
        }
    }
    Ok(answers.into_iter().flatten().collect())
}

fn assemble(schema: SchemaRef, answers: Vec<Answer>) -> Result<Batch, Stopped> {
    let mut tables = Vec::new();
    let (mut errors, mut stats) = (Vec::new(), Vec::new());
    for (item, answer) in answers.into_iter().enumerate() {
        stats.push(answer.stats);
        match answer.result {
            Ok(table) => tables.push(table),
            Err((kind, message)) => errors.push(ItemError {
                item,
                kind,
                message,
            }),
        }
    }
    Ok(Batch {
        table: concat_batches(&schema, &tables).map_err(Stopped::Arrow)?,
        errors,
        stats,
    })
}

fn core_count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Workers that wait for the next call.
pub struct Idle(Mutex<(u32, Vec<Worker>)>);

pub static IDLE: Idle = Idle(Mutex::new((0, Vec::new())));

impl Idle {
    /// One of them, or a new one: the program at `path`.
    pub fn acquire(&self, path: &Path) -> io::Result<Worker> {
        let idle = self.with(|workers| {
            workers.retain_mut(Worker::is_running);
            let last = workers.iter().rposition(|worker| worker.runs(path))?;
            Some(workers.remove(last))
        });
        idle.map_or_else(|| Worker::start(path), Ok)
    }

    /// Keeps the worker, unless there is one a core already.
    pub fn give(&self, worker: Worker) {
        self.with(|workers| {
            if workers.len() < core_count() {
                workers.push(worker);
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Worker>) -> T) -> T {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A forked process must not talk to its parent's workers, nor kill them.
        if idle.0 != process::id() {
            std::mem::forget(std::mem::take(&mut idle.1));
            idle.0 = process::id();
        }
        act(&mut idle.1)
    }
}

#[cfg(test)]
mod tests;
