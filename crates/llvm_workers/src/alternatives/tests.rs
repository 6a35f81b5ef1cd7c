//! What the parent makes of workers that measure nothing. The bitcode is a script, which the
//! worker runs (see [`crate::stand_in`]).

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use fastir_core::{EngineError, Evaluation, Job};

use super::measure;
use crate::protocol::{MeasureTask, write_measured};
use crate::stand_in::{StandIn, ends, is_written};

fn task() -> MeasureTask {
    MeasureTask {
        job: Job {
            name: "m".to_owned(),
            ..Job::default()
        },
        site_overrides: Vec::new(),
        weights: HashMap::new(),
        alternatives: Vec::new(),
        batch_size: 1,
    }
}

fn measured(stand_in: &StandIn, script: &str) -> Result<Option<(Evaluation, f64)>, EngineError> {
    measure(&stand_in.program(), &task(), script.as_bytes(), &mut || {
        true
    })
}

fn error(stand_in: &StandIn, script: &str) -> String {
    let result = measured(stand_in, script);
    result.map(|_| ()).expect_err("an error").to_string()
}

#[test]
fn a_crash_is_an_error_that_names_module_and_status() {
    let stand_in = StandIn::new();
    assert_eq!(
        error(&stand_in, "exit 3"),
        "m: LLVM crashed (exit status: 3)"
    );
    let signal = error(&stand_in, "kill -BUS $$");
    assert!(
        signal.starts_with("m: LLVM crashed (signal: 7 (SIGBUS)"),
        "{signal}"
    );
    let cut = error(&stand_in, "printf abc; exit 0");
    assert_eq!(cut, "m: LLVM crashed (exit status: 0)");
}

#[test]
fn an_error_of_the_engine_is_passed_on_as_it_is() {
    let stand_in = StandIn::new();
    let mut answer = Vec::new();
    let failed = Err("m: no such level".to_owned());
    write_measured(&mut answer, &failed).expect("memory");
    fs::write(stand_in.file("answer"), answer).expect("a file");
    let script = format!("cat '{}'", stand_in.file("answer").display());
    assert_eq!(error(&stand_in, &script), "m: no such level");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let missing = StandIn::new().file("missing");
    let result = measure(&missing, &task(), b"", &mut || true);
    let message = result.map(|_| ()).expect_err("an error").to_string();
    assert!(
        message.starts_with(&format!("{}: No such file", missing.display())),
        "{message}"
    );
}

#[test]
fn the_caller_can_stop_a_worker_that_hangs() {
    let stand_in = StandIn::new();
    let script = format!("{}exec sleep 600", stand_in.note_number("stuck"));
    let (start, stuck) = (Instant::now(), stand_in.file("stuck"));
    let result = measure(&stand_in.program(), &task(), script.as_bytes(), &mut || {
        !is_written(&stuck)
    });
    assert!(matches!(result, Ok(None)));
    assert!(start.elapsed() < Duration::from_secs(30));
    let [number] = stand_in.numbers("stuck")[..] else {
        panic!("one worker should be asked");
    };
    assert!(ends(number));
}
