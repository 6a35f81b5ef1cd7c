//! Messages arrive as they were sent; one that was cut is an error, not an end.

use std::collections::HashMap;
use std::path::Path;

use fastir_core::{Site, Task};

use super::{
    Answer, Asked, ErrorKind, Source, Stats, read_answer, read_asked, write_answer, write_measure,
    write_task,
};
use crate::alternatives::MeasureTask;

fn task() -> Task<'static> {
    Task {
        table: "instcount",
        name: "caf\u{e9} \n",
        verify: true,
        ..Task::default()
    }
}

fn sent(source: Source<'_>) -> Vec<u8> {
    let mut stream = Vec::new();
    write_task(&mut stream, &task(), source).expect("memory");
    stream
}

#[test]
fn a_task_arrives_as_it_was_sent() {
    let stream = sent(Source::Bytes(b"BC\0\xff"));
    let Some(Asked::Table(got)) = read_asked(&mut &stream[..]).expect("whole") else {
        panic!("no task");
    };
    assert_eq!(
        (got.table, got.name),
        ("instcount".into(), "caf\u{e9} \n".into())
    );
    assert_eq!((got.path, got.bytes), (None, b"BC\0\xff".to_vec()));
    assert!(got.verify);
    let stream = sent(Source::Path(Path::new("/a b/c.bc")));
    let Some(Asked::Table(got)) = read_asked(&mut &stream[..]).expect("whole") else {
        panic!("no task");
    };
    assert_eq!(got.path.as_deref(), Some(Path::new("/a b/c.bc")));
}

#[test]
fn a_message_that_was_cut_is_an_error() {
    let stream = sent(Source::Bytes(b"module"));
    assert!(matches!(read_asked(&mut &stream[..0]), Ok(None)));
    for length in 1..stream.len() {
        assert!(read_asked(&mut &stream[..length]).is_err(), "{length}");
    }
}

#[test]
fn alternatives_to_measure_arrive_with_the_bitcode() {
    let site = Site {
        caller: "f".to_owned(),
        callee: "g".to_owned(),
        occurrence: 3,
    };
    let asked = MeasureTask {
        name: "m".to_owned(),
        level: "Oz".to_owned(),
        policy: "llvm".to_owned(),
        model: String::new(),
        onnxruntime: String::new(),
        relevel: true,
        site_overrides: vec![(site.clone(), true)],
        weights: HashMap::from([("c".to_owned(), 0.5)]),
        alternatives: vec![vec![(0, true), (7, false)], vec![]],
        batch_size: 9,
    };
    let mut stream = Vec::new();
    write_measure(&mut stream, &asked, b"bitcode").expect("memory");
    let Some(Asked::Measure(got, bitcode)) = read_asked(&mut &stream[..]).expect("whole") else {
        panic!("no task");
    };
    assert_eq!(bitcode, b"bitcode");
    assert_eq!(got.site_overrides, [(site, true)]);
    assert_eq!(got.alternatives, [vec![(0, true), (7, false)], vec![]]);
    assert_eq!(
        (got.batch_size, got.weights["c"], got.relevel),
        (9, 0.5, true)
    );
}

#[test]
fn a_failure_arrives_with_its_kind_and_what_it_cost() {
    let stats = Stats {
        bytes: 1,
        read_ns: 2,
        parse_ns: 3,
        verify_ns: 4,
        work_ns: 5,
        encode_ns: 6,
        peak_bytes: u64::MAX,
    };
    for kind in super::KINDS {
        let result = Err((kind, "why".to_owned()));
        let mut stream = Vec::new();
        write_answer(&mut stream, &Answer { stats, result }).expect("memory");
        let got = read_answer(&mut &stream[..])
            .expect("whole")
            .expect("an answer");
        assert_eq!(got.stats, stats);
        assert_eq!(got.result.expect_err("a failure"), (kind, "why".to_owned()));
    }
}

#[test]
fn what_is_no_message_is_refused_before_memory_is_asked_for() {
    let many = u64::MAX.to_le_bytes();
    assert!(read_asked(&mut &many[..]).is_err());
    let mut long = 1u64.to_le_bytes().to_vec();
    long.extend(u64::MAX.to_le_bytes());
    assert!(read_asked(&mut &long[..]).is_err());
    assert_eq!(
        ErrorKind::from(fastir_core::FailureKind::Work),
        ErrorKind::Work
    );
}
