//! Which workers are kept for the next item, and for the next run.

use std::sync::Mutex;

use super::{modules, padded, run_alone};
use crate::pool::{Idle, LARGE_WORKER, core_count};
use crate::protocol::{Answer, ErrorKind, Stats};
use crate::stand_in::{StandIn, answer, ends, is_running, table};
use crate::worker::Worker;

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
