//! Workers that crash, or whose answer is cut short or garbage.

use std::fs;

use super::{error_items, modules, padded, run_alone};
use crate::protocol::ErrorKind;
use crate::stand_in::{StandIn, answer, ends, table, to_bytes};

/// What went wrong with a worker that ran `script`.
fn failure(script: &str) -> (ErrorKind, String) {
    let stand_in = StandIn::new();
    let mut batch = run_alone(&stand_in, &[script.to_owned()]);
    assert_eq!(batch.table.num_rows(), 0);
    let error = batch.errors.pop().expect("an error");
    assert!(batch.errors.is_empty());
    (error.kind, error.message)
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
