//! What a worker reads of its system, and the errors of a task.

use std::fs;
use std::io;

use fastir_core::Task;

use super::{answer, kibibytes, peak_memory, reason};
use crate::protocol::ErrorKind;

#[test]
fn a_reason_is_the_system_s_without_its_number() {
    let error = io::Error::from_raw_os_error(13);
    assert_eq!(error.to_string(), "Permission denied (os error 13)");
    assert_eq!(reason(&error), "Permission denied");
    assert_eq!(reason(&io::Error::other("no number")), "no number");
}

#[test]
fn memory_is_read_by_its_key_and_in_kibibytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("status");
    fs::write(
        &path,
        "VmPeak:\t  99 kB\nVmHWM:\t  12 kB\nVmBad:\t none\nVmEmpty:\n",
    )
    .expect("a file");
    let path = path.to_str().expect("UTF-8");
    assert_eq!(kibibytes(path, "VmHWM:"), Some(12 * 1024));
    for key in ["VmRSS:", "VmBad:", "VmEmpty:"] {
        assert_eq!(kibibytes(path, key), None);
    }
    assert_eq!(kibibytes("/nonexistent", "VmHWM:"), None);
}

#[test]
fn peak_memory_is_what_the_kernel_counts() {
    // getrusage has the same figure, in kibibytes, from another of the kernel's counters, which it
    // brings up to date in batches of pages.
    let before = peak_memory();
    // SAFETY: an all-zero rusage is a valid one, which the call fills in.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let counted = usage.ru_maxrss.cast_unsigned() * 1024;
    assert!(before > 1 << 20);
    assert!(
        before.abs_diff(counted) < counted / 4,
        "{before}, {counted}"
    );
}

#[test]
fn a_module_comes_from_the_file_or_else_from_the_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.ll");
    fs::write(&path, "define void @of_file() { ret void }").expect("a file");
    let task = Task {
        table: "function_features",
        name: "m",
        policy: "llvm",
        ..Task::default()
    };
    let body = b"define void @of_message() { ret void } ; longer than the file";
    let functions = |path| {
        let answer = answer(&task, path, body);
        let table = answer.result.expect("a table");
        let column = table.column_by_name("function").expect("a column");
        let texts = arrow_array::cast::as_largestring_array(column);
        let texts: Vec<String> = texts.iter().flatten().map(str::to_owned).collect();
        (texts, answer.stats.bytes)
    };
    assert_eq!(functions(Some(&path)), (vec!["of_file".to_owned()], 35));
    assert_eq!(functions(None), (vec!["of_message".to_owned()], 61));
}

#[test]
fn a_failure_says_what_it_cost_until_then() {
    let task = Task {
        table: "instcount",
        name: "m",
        policy: "llvm",
        ..Task::default()
    };
    let missing = std::path::Path::new("/nonexistent/m.bc");
    let no_file = answer(&task, Some(missing), b"");
    let expected = (ErrorKind::File, "No such file or directory".to_owned());
    assert_eq!(no_file.result.expect_err("no file"), expected);
    assert_eq!(no_file.stats.bytes, 0);
    assert!(no_file.stats.peak_bytes > 0);
    let garbage = answer(&task, None, b"garbage");
    assert_eq!(garbage.result.expect_err("no module").0, ErrorKind::Bitcode);
    assert_eq!(garbage.stats.bytes, 7);
}
