//! A program in place of `llvm-tools-worker`: what the real one reads as a module, the body of a
//! message, it runs as a shell script. So each item of a test says how its worker behaves.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fastir_core::{Table, Task};
use tempfile::TempDir;

use crate::frame::record_batch;
use crate::protocol::{Answer, ErrorKind, Stats, write_answer};

/// Two lengths, of the header and the body; `od` prints them as decimal numbers.
const PROGRAM: &str = r#"#!/bin/sh
ulimit -c 0
while set -- $(head -c 16 | od -An -v -t u8) && [ $# = 2 ]; do
  head -c "$1" >/dev/null
  eval "$(head -c "$2")"
done
"#;

/// Written once, before any process is started: a child that has inherited the file open for
/// writing would keep the system from running it.
static SHELL: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shell");
    fs::write(&path, PROGRAM).expect("a file");
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our file");
    (folder, path)
});

/// A folder of one test with the program in it, under a path that no other test uses, so that
/// their workers are kept apart.
pub struct StandIn {
    folder: TempDir,
}

impl StandIn {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        symlink(&SHELL.1, folder.path().join("worker")).expect("a link");
        Self { folder }
    }

    /// The program.
    pub fn program(&self) -> PathBuf {
        self.folder.path().join("worker")
    }

    /// A file for scripts to write to.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A script that writes `answer`, kept in the file `name`.
    pub fn script(&self, name: &str, answer: &Answer) -> String {
        let path = self.file(name);
        fs::write(&path, to_bytes(answer)).expect("a file");
        format!("cat '{}'", path.display())
    }

    /// A script that answers with [`table`].
    pub fn table_script(&self, module: &str) -> String {
        self.script(module, &answer(Ok(table(module))))
    }

    /// A script that notes the worker's number in the file `name`; see [`Self::numbers`].
    pub fn note_number(&self, name: &str) -> String {
        format!("echo $$ >> '{}'; ", self.file(name).display())
    }

    /// Numbers of processes that scripts have written to the file `name`.
    pub fn numbers(&self, name: &str) -> Vec<u32> {
        let text = fs::read_to_string(self.file(name)).unwrap_or_default();
        let numbers = text.lines().map(|line| line.parse().expect("a number"));
        numbers.collect()
    }
}

/// An answer that has cost nothing.
pub fn answer(result: Result<arrow_array::RecordBatch, (ErrorKind, String)>) -> Answer {
    Answer {
        stats: Stats::default(),
        result,
    }
}

pub fn to_bytes(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_answer(&mut bytes, answer).expect("memory");
    bytes
}

/// The table `instcount`, which has one row a module, of an empty module.
pub fn table(module: &str) -> arrow_array::RecordBatch {
    let task = Task {
        table: "instcount",
        source: b"; nothing",
        name: module,
        policy: "llvm",
        ..Task::default()
    };
    record_batch(&Table::make(&task).expect("an empty module")).expect("a table")
}

/// Whether the process has not ended.
pub fn is_running(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

/// Waits, not for ever, until the process has ended: a killed process takes a while.
pub fn ends(process: u32) -> bool {
    waits_for(|| !is_running(process))
}

/// Waits for the file to be written to.
pub fn is_written(path: &Path) -> bool {
    waits_for(|| fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0))
}

fn waits_for(condition: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while !condition() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}
