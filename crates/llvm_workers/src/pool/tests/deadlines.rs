//! Workers that do not answer in time.

use std::path::Path;
use std::time::{Duration, Instant};

use super::{modules, options, padded, run};
use crate::pool::Options;
use crate::protocol::ErrorKind;
use crate::stand_in::{StandIn, ends};

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
