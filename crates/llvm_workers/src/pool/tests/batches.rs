//! The batch of all items: their order, and what a run needs to make one.

use std::fs;
use std::path::Path;

use fastir_core::Task;

use super::{TASK, error_items, items, modules, options, padded, run, run_alone};
use crate::pool::{self, Item, Stopped, largest_first};
use crate::protocol::Source;
use crate::stand_in::{StandIn, table};

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
fn a_module_larger_than_a_pipe_arrives_whole() {
    let stand_in = StandIn::new();
    // What is last in the message answers.
    let script = format!(": {}\n{}", "-".repeat(4 << 20), stand_in.table_script("a"));
    assert_eq!(modules(&run_alone(&stand_in, &[script]).table), ["a"]);
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
    let result = pool::run(&task, &items(&scripts), &options(&missing, 1), &mut |_| {
        true
    });
    assert!(matches!(result, Err(Stopped::NoSuchTable)));

    // A worker of another version, say, whose table has other columns.
    let task = Task {
        table: "call_graph",
        ..TASK
    };
    let program = stand_in.program();
    let result = pool::run(&task, &items(&scripts), &options(&program, 1), &mut |_| {
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
