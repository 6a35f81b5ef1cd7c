//! Messages arrive as they were sent; one that was cut is an error, not an end.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use fastir_core::{Job, Site, Task};

use super::{
    Answer, Asked, ErrorKind, MeasureTask, Message, Source, Stats, path_of, read_answer,
    write_answer, write_measure, write_task,
};

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

fn received(stream: &[u8]) -> Message {
    let message = Message::read(&mut &stream[..]).expect("whole");
    message.expect("a message")
}

#[test]
fn a_task_arrives_as_it_was_sent() {
    let message = received(&sent(Source::Bytes(b"BC\0\xff")));
    let Ok(Asked::Table { task: got, path }) = message.asked() else {
        panic!("no task");
    };
    assert_eq!((got.table, got.name), ("instcount", "caf\u{e9} \n"));
    assert_eq!((path, &message.body[..]), (None, &b"BC\0\xff"[..]));
    assert!(got.verify);
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"/a b/\xff.bc"));
    let message = received(&sent(Source::Path(odd)));
    let Ok(Asked::Table { path, .. }) = message.asked() else {
        panic!("no task");
    };
    assert_eq!(path.map(path_of), Some(odd));
}

#[test]
fn a_message_that_was_cut_is_an_error() {
    let stream = sent(Source::Bytes(b"module"));
    assert!(matches!(Message::read(&mut &stream[..0]), Ok(None)));
    for length in 1..stream.len() {
        assert!(Message::read(&mut &stream[..length]).is_err(), "{length}");
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
        job: Job {
            name: "m".to_owned(),
            relevel: true,
            internal: vec!["h".to_owned()],
            ..Job::default()
        },
        site_overrides: vec![(site.clone(), true)],
        weights: HashMap::from([("c".to_owned(), 0.5)]),
        alternatives: vec![vec![(0, true), (7, false)], vec![]],
        batch_size: 9,
    };
    let mut stream = Vec::new();
    write_measure(&mut stream, &asked, b"bitcode").expect("memory");
    let message = received(&stream);
    let Ok(Asked::Measure(got)) = message.asked() else {
        panic!("no task");
    };
    assert_eq!(message.body, b"bitcode");
    assert_eq!(got.site_overrides, [(site, true)]);
    assert_eq!(got.alternatives, [vec![(0, true), (7, false)], vec![]]);
    assert_eq!(
        (got.batch_size, got.weights["c"], got.job.relevel),
        (9, 0.5, true)
    );
    assert_eq!(got.job.internal, ["h"]);
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
    for kind in [
        ErrorKind::Usage,
        ErrorKind::Bitcode,
        ErrorKind::Crash,
        ErrorKind::Timeout,
    ] {
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
    let long = [u64::MAX.to_le_bytes(), u64::MAX.to_le_bytes()].concat();
    assert!(Message::read(&mut &long[..]).is_err());
    // No header at all, and one of an unknown kind.
    for header in [&[][..], &[9][..]] {
        let mut stream = (header.len() as u64).to_le_bytes().to_vec();
        stream.extend(0u64.to_le_bytes());
        stream.extend(header);
        assert!(received(&stream).asked().is_err());
    }
    assert_eq!(
        ErrorKind::from(fastir_core::FailureKind::Work),
        ErrorKind::Work
    );
}
