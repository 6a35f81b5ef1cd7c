//! What a run says of its progress, and that it stops when asked to.

use std::time::{Duration, Instant};

use super::{TASK, items, options};
use crate::pool::{self, Stopped};
use crate::stand_in::{StandIn, ends, is_written};

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
    let batch = pool::run(
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
    let result = pool::run(
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
