//! What a pool makes of workers that answer, crash, hang or send garbage. The workers are shell
//! scripts (see [`crate::stand_in`]), so it is known what each of them did.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use arrow_array::{RecordBatch, cast::AsArray};
use fastir_core::Task;

use super::{Batch, Idle, Item, LARGE_WORKER, Options, Stopped, core_count, largest_first};
use crate::protocol::{Answer, ErrorKind, Source, Stats};
use crate::stand_in::{StandIn, answer, ends, is_running, is_written, table, to_bytes};
use crate::worker::Worker;

const TASK: Task<'static> = Task {
    table: "instcount",
    source: b"",
    name: "",
    passes: "",
    level: "",
    policy: "",
    model: "",
    onnxruntime: "",
    verify: false,
};

fn options(program: &Path, workers: usize) -> Options<'_> {
    Options {
        worker: program,
        workers: NonZero::new(workers),
        timeout: Some(Duration::from_secs(60)),
    }
}

fn items(scripts: &[String]) -> Vec<Item<'_>> {
    let item = |script| Item {
        name: "m",
        source: Source::Bytes(str::as_bytes(script)),
    };
    scripts.iter().map(|script| item(script)).collect()
}

fn run(scripts: &[String], options: &Options<'_>) -> Result<Batch, Stopped> {
    super::run(&TASK, &items(scripts), options, &mut |_| true)
}

/// What came of the scripts with one worker, which takes the longest first.
fn run_alone(stand_in: &StandIn, scripts: &[String]) -> Batch {
    run(scripts, &options(&stand_in.program(), 1)).expect("a batch")
}

/// What went wrong with a worker that ran `script`.
fn failure(script: &str) -> (ErrorKind, String) {
    let stand_in = StandIn::new();
    let mut batch = run_alone(&stand_in, &[script.to_owned()]);
    assert_eq!(batch.table.num_rows(), 0);
    let error = batch.errors.pop().expect("an error");
    assert!(batch.errors.is_empty());
    (error.kind, error.message)
}

fn modules(table: &RecordBatch) -> Vec<&str> {
    let column = table.column_by_name("module").expect("a column of names");
    column.as_string::<i64>().iter().flatten().collect()
}

fn error_items(batch: &Batch) -> Vec<usize> {
    batch.errors.iter().map(|error| error.item).collect()
}

/// A script of that length that does what `script` does: the pool begins with the longest.
fn padded(script: &str, length: usize) -> String {
    format!("{script} #{}", "-".repeat(length))
}

#[test]
fn every_item_has_one_answer_in_the_order_given() {
    let stand_in = StandIn::new();
    let scripts: Vec<String> = (0..15)
        .map(|item| {
            let script = match item % 5 {
                0 => "kill -SEGV $$".to_owned(),
                3 => "exit 3".to_owned(),
                _ => stand_in.table_script(&format!("m{item}")),
            };
            // 7 and 15 have no common divisor: the lengths are all different, and in disorder.
            padded(&script, item * 7 % 15 * 50)
        })
        .collect();
    let batch = run(&scripts, &options(&stand_in.program(), 3)).expect("a batch");
    let answered = ["m1", "m2", "m4", "m6", "m7", "m9", "m11", "m12", "m14"];
    assert_eq!(modules(&batch.table), answered);
    assert_eq!(error_items(&batch), [0, 3, 5, 8, 10, 13]);
    assert_eq!(batch.stats.len(), 15);
}

#[test]
fn a_crash_names_the_signal_or_the_status() {
    for (script, reason) in [
        ("kill -SEGV $$", "LLVM crashed (signal: 11 (SIGSEGV)"),
        ("kill -ABRT $$", "LLVM crashed (signal: 6 (SIGABRT)"),
        ("exit 3", "LLVM crashed (exit status: 3)"),
        ("exit 0", "LLVM crashed (exit status: 0)"),
    ] {
        let (kind, message) = failure(script);
        assert_eq!(kind, ErrorKind::Crash);
        assert!(message.starts_with(reason), "{script}: {message}");
    }
}

#[test]
fn a_fatal_error_of_llvm_is_the_reason_in_place_of_the_signal() {
    let printed = "echo 'Stack dump:' >&2; echo 'LLVM ERROR: out of registers' >&2; kill -ABRT $$";
    let expected = "LLVM gave up: out of registers".to_owned();
    assert_eq!(failure(printed), (ErrorKind::Crash, expected));
}

#[test]
fn what_a_worker_printed_for_one_module_is_no_reason_for_the_next() {
    let stand_in = StandIn::new();
    let printed = format!("echo 'LLVM ERROR: old' >&2; {}", stand_in.table_script("a"));
    let batch = run_alone(&stand_in, &[padded(&printed, 100), "exit 4".to_owned()]);
    assert_eq!(modules(&batch.table), ["a"]);
    assert_eq!(batch.errors[0].message, "LLVM crashed (exit status: 4)");
}

#[test]
fn an_answer_that_is_cut_short_is_a_crash() {
    let stand_in = StandIn::new();
    let whole = to_bytes(&answer(Ok(table("a"))));
    let script = stand_in.table_script("a");
    let path = script.strip_prefix("cat ").expect("a file");
    // In the lengths, in the header, at its end, in the table and before the mark of its end.
    let header = usize::from(whole[0]);
    let cuts = [1, 8, 15, 17, 16 + header, 20 + header, whole.len() - 1];
    let scripts = cuts.map(|length| format!("head -c {length} {path}; exit 0"));
    let batch = run_alone(&stand_in, &scripts);
    assert_eq!(batch.table.num_rows(), 0);
    assert_eq!(error_items(&batch), [0, 1, 2, 3, 4, 5, 6]);
    for error in &batch.errors {
        assert_eq!(error.kind, ErrorKind::Crash, "{}", error.item);
        assert_eq!(error.message, "LLVM crashed (exit status: 0)");
    }
}

#[test]
fn a_worker_that_answers_garbage_is_replaced() {
    let stand_in = StandIn::new();
    // An empty header; one that is no answer; lengths beyond all memory; a table that is none.
    let no_table = &to_bytes(&answer(Ok(table("a"))))[..17];
    fs::write(stand_in.file("no table"), no_table).expect("a file");
    let header = usize::from(no_table[0]);
    let garbage = [
        "printf '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'".to_owned(),
        "printf '\\1\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\377'".to_owned(),
        "yes | head -c 4096; exit".to_owned(),
        format!(
            "cat '{}'; yes | head -c {}; exit",
            stand_in.file("no table").display(),
            header + 4096
        ),
    ];
    for (number, script) in garbage.iter().enumerate() {
        let noted = stand_in.note_number(&number.to_string());
        let scripts = [
            padded(&format!("{noted}{script}"), 100),
            format!("{noted}{}", stand_in.table_script("next")),
        ];
        let batch = run_alone(&stand_in, &scripts);
        assert_eq!(modules(&batch.table), ["next"], "{script}");
        assert_eq!(batch.errors[0].kind, ErrorKind::Crash, "{script}");
        let [bad, good] = stand_in.numbers(&number.to_string())[..] else {
            panic!("{script}: each of two items should be asked for once");
        };
        assert_ne!(bad, good);
        assert!(ends(bad));
    }
}

#[test]
fn a_worker_that_hangs_is_killed_at_the_deadline_with_what_it_started() {
    let stand_in = StandIn::new();
    let hanging = format!(
        "{}sleep 600 & echo $! >> '{}'; wait",
        stand_in.note_number("hanging"),
        stand_in.file("hanging").display()
    );
    let program = stand_in.program();
    let options = Options {
        timeout: Some(Duration::from_millis(1500)),
        ..options(&program, 1)
    };
    let start = Instant::now();
    let scripts = [padded(&hanging, 100), stand_in.table_script("next")];
    let batch = run(&scripts, &options).expect("a batch");
    assert!(start.elapsed() >= Duration::from_millis(1500));
    assert_eq!(modules(&batch.table), ["next"]);
    assert_eq!(batch.errors[0].kind, ErrorKind::Timeout);
    assert_eq!(batch.errors[0].message, "took longer than 1.5 s");
    let numbers = stand_in.numbers("hanging");
    assert_eq!(numbers.len(), 2);
    assert!(numbers.into_iter().all(ends));
}

#[test]
fn a_worker_that_answers_without_end_is_killed_at_the_deadline() {
    let stand_in = StandIn::new();
    let script = "while printf yyyyyyyyyyyyyyyy; do sleep 0.01; done".to_owned();
    let program = stand_in.program();
    let options = Options {
        timeout: Some(Duration::from_millis(500)),
        ..options(&program, 1)
    };
    let batch = run(&[script], &options).expect("a batch");
    assert_eq!(batch.errors[0].message, "took longer than 0.5 s");
}

#[test]
fn a_module_larger_than_a_pipe_arrives_whole() {
    let stand_in = StandIn::new();
    // What is last in the message answers.
    let script = format!(": {}\n{}", "-".repeat(4 << 20), stand_in.table_script("a"));
    assert_eq!(modules(&run_alone(&stand_in, &[script]).table), ["a"]);
}

#[test]
fn a_worker_that_does_not_read_is_killed_at_the_deadline() {
    // `yes` only writes. The module is larger than a pipe.
    let options = Options {
        timeout: Some(Duration::from_millis(500)),
        ..options(Path::new("/usr/bin/yes"), 1)
    };
    let batch = run(&[padded("", 4 << 20)], &options).expect("a batch");
    assert_eq!(batch.errors[0].kind, ErrorKind::Timeout);
    assert_eq!(batch.errors[0].message, "took longer than 0.5 s");
}

#[test]
fn the_deadline_is_that_of_one_module() {
    let stand_in = StandIn::new();
    let script = |module| format!("sleep 0.8; {}", stand_in.table_script(module));
    let program = stand_in.program();
    let options = Options {
        timeout: Some(Duration::from_millis(2400)),
        ..options(&program, 1)
    };
    let batch = run(&["a", "b", "c", "d"].map(script), &options).expect("a batch");
    assert_eq!(modules(&batch.table), ["a", "b", "c", "d"]);
}

#[test]
fn progress_counts_every_item_and_never_backwards() {
    let stand_in = StandIn::new();
    let scripts = ["a", "b", "c", "d"].map(|module| stand_in.table_script(module));
    let mut counts = Vec::new();
    let mut progress = |done| {
        counts.push(done);
        true
    };
    let program = stand_in.program();
    let batch = super::run(
        &TASK,
        &items(&scripts),
        &options(&program, 2),
        &mut progress,
    );
    assert_eq!(batch.expect("a batch").table.num_rows(), 4);
    assert!(counts.is_sorted());
    counts.dedup();
    counts.retain(|&count| count > 0);
    assert_eq!(counts, [1, 2, 3, 4]);
}

#[test]
fn progress_stops_the_run_and_its_workers() {
    let stand_in = StandIn::new();
    let script = format!("{}exec sleep 600", stand_in.note_number("stuck"));
    let scripts = [script.clone(), script];
    let stuck = stand_in.file("stuck");
    let (program, start) = (stand_in.program(), Instant::now());
    let mut progress = |_| !is_written(&stuck);
    let result = super::run(
        &TASK,
        &items(&scripts),
        &options(&program, 1),
        &mut progress,
    );
    assert!(matches!(result, Err(Stopped::Interrupted)));
    assert!(start.elapsed() < Duration::from_secs(30));
    // The second item was not begun.
    let [number] = stand_in.numbers("stuck")[..] else {
        panic!("one item should be asked for");
    };
    assert!(ends(number));
}

#[test]
fn what_cannot_be_run_is_an_error_of_the_whole_run() {
    let stand_in = StandIn::new();
    let scripts = [stand_in.table_script("a")];
    let missing = stand_in.file("missing");
    let result = run(&scripts, &options(&missing, 1));
    let Err(Stopped::NoWorker(error)) = result else {
        panic!("a worker that there is not");
    };
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);

    let task = Task {
        table: "nonesuch",
        ..TASK
    };
    let result = super::run(&task, &items(&scripts), &options(&missing, 1), &mut |_| {
        true
    });
    assert!(matches!(result, Err(Stopped::NoSuchTable)));

    // A worker of another version, say, whose table has other columns.
    let task = Task {
        table: "call_graph",
        ..TASK
    };
    let program = stand_in.program();
    let result = super::run(&task, &items(&scripts), &options(&program, 1), &mut |_| {
        true
    });
    assert!(matches!(result, Err(Stopped::Arrow(_))));
}

#[test]
fn no_items_make_an_empty_table_and_need_no_worker() {
    let batch = run(&[], &options(Path::new("/nonexistent"), 1)).expect("a batch");
    assert_eq!(batch.table.num_rows(), 0);
    assert_eq!(batch.table.schema(), table("a").schema());
    assert!(batch.errors.is_empty() && batch.stats.is_empty());
}

#[test]
fn the_largest_module_comes_first() {
    let stand_in = StandIn::new();
    let (large, missing) = (stand_in.file("large"), stand_in.file("missing"));
    fs::write(&large, [0; 300]).expect("a file");
    let sources = [
        Source::Bytes(&[0; 20]),
        Source::Path(&missing),
        Source::Path(&large),
        Source::Bytes(&[0; 299]),
        Source::Bytes(&[0; 20]),
        Source::Bytes(&[0; 301]),
    ];
    let items = sources.map(|source| Item { name: "m", source });
    // Equal ones stay in order; a file that is not there has no size.
    assert_eq!(largest_first(&items), [5, 2, 3, 0, 4, 1]);
}

/// The numbers of the workers of two items, of which the first is answered with `first`.
fn workers_of_two(first: &Answer) -> (u32, u32) {
    let stand_in = StandIn::new();
    let noted = stand_in.note_number("workers");
    let scripts = [
        padded(&format!("{noted}{}", stand_in.script("first", first)), 100),
        format!("{noted}{}", stand_in.table_script("second")),
    ];
    let batch = run_alone(&stand_in, &scripts);
    assert!(modules(&batch.table).ends_with(&["second"]));
    match stand_in.numbers("workers")[..] {
        [first, second] => (first, second),
        _ => panic!("each item should be asked for once"),
    }
}

#[test]
fn a_worker_is_reused_until_it_has_grown_large() {
    let sized = |peak_bytes| Answer {
        stats: Stats {
            peak_bytes,
            ..Stats::default()
        },
        result: Ok(table("first")),
    };
    let (first, second) = workers_of_two(&sized(LARGE_WORKER - 1));
    assert_eq!(first, second);
    let (first, second) = workers_of_two(&sized(LARGE_WORKER));
    assert_ne!(first, second);
    assert!(ends(first));
}

#[test]
fn a_worker_that_cannot_read_a_module_is_reused() {
    let bad = (ErrorKind::Bitcode, "no bitcode".to_owned());
    let (first, second) = workers_of_two(&answer(Err(bad)));
    assert_eq!(first, second);
}

/// A store of workers of its own, which no other test fills.
fn store() -> Idle {
    Idle(Mutex::new((0, Vec::new())))
}

#[test]
fn an_idle_worker_is_reused_unless_it_has_ended() {
    let (stand_in, idle) = (StandIn::new(), store());
    let program = stand_in.program();
    let worker = idle.acquire(&program).expect("a worker");
    let number = worker.number();
    idle.give(worker);
    let worker = idle.acquire(&program).expect("a worker");
    assert_eq!(worker.number(), number);
    kill(number);
    idle.give(worker);
    assert!(ends(number));
    let worker = idle.acquire(&program).expect("a worker");
    assert_ne!(worker.number(), number);
    assert!(is_running(worker.number()));
}

#[test]
fn a_worker_of_another_program_is_not_used() {
    let (one, other, idle) = (StandIn::new(), StandIn::new(), store());
    let worker = idle.acquire(&one.program()).expect("a worker");
    let number = worker.number();
    idle.give(worker);
    let worker = idle.acquire(&other.program()).expect("a worker");
    assert_ne!(worker.number(), number);
    let worker = idle.acquire(&one.program()).expect("a worker");
    assert_eq!(worker.number(), number);
}

#[test]
fn no_more_workers_are_idle_than_there_are_cores() {
    let (stand_in, idle) = (StandIn::new(), store());
    let program = stand_in.program();
    let start = |_| Worker::start(&program).expect("a worker");
    let workers: Vec<Worker> = (0..core_count() + 2).map(start).collect();
    let numbers: Vec<u32> = workers.iter().map(Worker::number).collect();
    workers.into_iter().for_each(|worker| idle.give(worker));
    let (kept, surplus) = numbers.split_at(core_count());
    assert!(kept.iter().all(|&number| is_running(number)));
    assert!(surplus.iter().all(|&number| ends(number)));
}

#[test]
fn a_forked_process_leaves_the_workers_of_its_parent_alone() {
    let stand_in = StandIn::new();
    let program = stand_in.program();
    let parents = Worker::start(&program).expect("a worker");
    let number = parents.number();
    // As a fork finds it: filled by a process of another number.
    let idle = Idle(Mutex::new((std::process::id() + 1, vec![parents])));
    let own = idle.acquire(&program).expect("a worker");
    assert_ne!(own.number(), number);
    assert!(is_running(number));
    kill(number);
}

fn kill(number: u32) {
    let process = rustix::process::Pid::from_raw(number.cast_signed()).expect("a process");
    rustix::process::kill_process(process, rustix::process::Signal::KILL).expect("our own");
}
