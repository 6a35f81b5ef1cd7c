//! A pool of real workers: this program itself, started by a script that has it serve. Without
//! cargo's harness, which would write to the standard output of a worker.

use std::fs::{self, Permissions};
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_array::cast::{as_largestring_array, as_primitive_array};
use arrow_array::types::Int64Type;
use fastir_core::Task;
use llvm_workers::{Batch, ErrorKind, Item, Options, Source, run};

const SERVE: &str = "FASTIR_TEST_SERVE";

fn program(folder: &Path) -> std::path::PathBuf {
    let this = std::env::current_exe().expect("this program");
    let script = format!("#!/bin/sh\n{SERVE}=1 exec '{}'\n", this.display());
    let path = folder.join("worker");
    fs::write(&path, script).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our file");
    path
}

fn batch(program: &Path, table: &str, passes: &str, items: &[Item<'_>]) -> Batch {
    let task = Task {
        table,
        passes,
        policy: "llvm",
        ..Task::default()
    };
    let options = Options {
        worker: program,
        workers: NonZero::new(2),
        timeout: Some(Duration::from_secs(120)),
    };
    run(&task, items, &options, &mut |_| true).expect("a batch")
}

fn integers(table: &RecordBatch, name: &str) -> Vec<i64> {
    let column = table.column_by_name(name).expect(name);
    let column = as_primitive_array::<Int64Type>(column);
    column.values().to_vec()
}

fn modules(table: &RecordBatch) -> Vec<&str> {
    let column = table.column_by_name("module").expect("names");
    as_largestring_array(column).iter().flatten().collect()
}

const SQUARE: &[u8] = b"define i32 @f(i32 %x) { %y = mul i32 %x, %x ret i32 %y }";
const EMPTY: &[u8] = b"define void @g() { ret void } define void @h() { ret void }";

fn tables_come_in_the_order_of_the_items(folder: &Path, program: &Path) {
    let file = folder.join("square.ll");
    fs::write(&file, SQUARE).expect("a file");
    let missing = folder.join("missing.ll");
    let item = |name, source| Item { name, source };
    let items = [
        item("file", Source::Path(&file)),
        item("missing", Source::Path(&missing)),
        item("empty", Source::Bytes(EMPTY)),
        item("garbage", Source::Bytes(b"garbage")),
        item("bytes", Source::Bytes(SQUARE)),
    ];
    let batch = batch(program, "instcount", "", &items);
    assert_eq!(modules(&batch.table), ["file", "empty", "bytes"]);
    assert_eq!(integers(&batch.table, "MulCount"), [1, 0, 1]);
    assert_eq!(integers(&batch.table, "TotalInstsCount"), [2, 2, 2]);
    assert_eq!(integers(&batch.table, "TotalFuncsCount"), [1, 2, 1]);
    let errors: Vec<_> = batch.errors.iter().map(|e| (e.item, e.kind)).collect();
    assert_eq!(errors, [(1, ErrorKind::File), (3, ErrorKind::Bitcode)]);
    assert_eq!(batch.errors[0].message, "No such file or directory");
    let sizes: Vec<u64> = batch.stats.iter().map(|stats| stats.bytes).collect();
    let expected = [SQUARE.len(), 0, EMPTY.len(), 7, SQUARE.len()];
    assert_eq!(sizes, expected.map(|size| size as u64));
}

/// LLVM has a pass that aborts.
fn a_pass_that_aborts_costs_the_modules_it_ran_on(program: &Path) {
    let item = |name| Item {
        name,
        source: Source::Bytes(SQUARE),
    };
    let items = ["a", "b", "c"].map(item);
    let crashed = batch(program, "run_passes", "trigger-crash-module", &items);
    assert_eq!(crashed.table.num_rows(), 0);
    assert_eq!(crashed.errors.len(), 3);
    for error in &crashed.errors {
        assert_eq!(error.kind, ErrorKind::Crash);
        let expected = "LLVM crashed (signal: 6 (SIGABRT)";
        assert!(error.message.starts_with(expected), "{}", error.message);
    }
    let passed = batch(program, "run_passes", "instcombine", &items);
    assert_eq!(modules(&passed.table), ["a", "b", "c"]);
}

fn main() {
    if std::env::var_os(SERVE).is_some() {
        // SAFETY: nothing has been started here, so there is no other thread.
        unsafe { llvm_workers::serve() }.expect("a parent");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let program = program(folder.path());
    tables_come_in_the_order_of_the_items(folder.path(), &program);
    a_pass_that_aborts_costs_the_modules_it_ran_on(&program);
    println!("serve: ok");
}
