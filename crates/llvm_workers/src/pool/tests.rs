//! What a pool makes of workers that answer, crash, hang or send garbage. The workers are shell
//! scripts (see [`crate::stand_in`]), so it is known what each of them did.

mod batches;
mod crashes;
mod deadlines;
mod progress;
mod reuse;

use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use arrow_array::{RecordBatch, cast::AsArray};
use fastir_core::Task;

use super::{Batch, Item, Options, Stopped};
use crate::protocol::Source;
use crate::stand_in::StandIn;

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
