//! The mirrors of C structs have the layouts that clang gives the headers.

use std::collections::HashMap;
use std::mem::offset_of;
use std::process::Command;

use super::*;

/// Size, and the offset of each member.
type Layout = (usize, Vec<usize>);

macro_rules! layout {
    ($type:ty: $($member:ident)*) => {
        (size_of::<$type>(), vec![$(offset_of!($type, $member)),*])
    };
}

fn mirrors() -> Vec<(&'static str, Layout)> {
    vec![
        ("text", layout!(Text: data size)),
        ("override", layout!(Override: decision advice)),
        ("callee_override", layout!(CalleeOverride: callee advice)),
        (
            "site_override",
            layout!(SiteOverride: caller callee occurrence advice),
        ),
        (
            "request",
            layout!(Request: bitcode name level phase policy model onnxruntime overrides override_count
                callee_overrides callee_override_count site_overrides site_override_count
                internal internal_count record_decisions relevel by_symbol keep_state),
        ),
        ("variant", layout!(Variant: first advice advice_count)),
        (
            "decision",
            layout!(Decision: caller callee prediction llvm_decision advice),
        ),
        ("size", layout!(Size: name symbol kind bytes)),
        ("feature", layout!(Feature: name unit doc is_lean)),
        ("ort_slot", layout!(OrtSlot: name slot)),
        (
            "task",
            layout!(Task: table source name passes level policy model onnxruntime verify),
        ),
        (
            "column_info",
            layout!(ColumnInfo: name kind is_nullable unit doc source),
        ),
        (
            "column",
            layout!(Column: ints floats booleans bytes offsets valid),
        ),
        (
            "rows",
            layout!(Rows: model runtime onnxruntime values value_count),
        ),
        ("times", layout!(Times: parse_ns verify_ns work_ns)),
    ]
}

/// The layouts of the structs of ours in the C headers, by name.
fn layouts_of_headers() -> HashMap<String, Layout> {
    let plugin = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugin");
    let dumped = Command::new("clang++-22")
        .args(["-std=c++17", "-fsyntax-only", "-Xclang"])
        .args(["-fdump-record-layouts-complete", "-x", "c++"])
        .args([&format!("-I{plugin}"), "-include"])
        .args([
            &format!("{plugin}/capi/ModelApi.h"),
            &format!("{plugin}/capi/TaskApi.h"),
        ])
        .output()
        .expect("clang++-22 starts");
    assert!(dumped.status.success(), "the headers compile");
    let text = String::from_utf8(dumped.stdout).expect("UTF-8");
    let mut found = HashMap::new();
    for record in text.split("*** Dumping AST Record Layout").skip(1) {
        let Some((_, name)) = record
            .lines()
            .find_map(|l| l.split_once("| struct fastir_"))
        else {
            continue;
        };
        // A member of the struct itself is indented by three spaces.
        let members = record.lines().filter_map(|line| {
            let (offset, member) = line.split_once(" |   ")?;
            let own = !member.starts_with(' ');
            own.then(|| offset.trim().parse().ok()).flatten()
        });
        let (_, size) = record.split_once("[sizeof=").expect("a size");
        let (size, _) = size.split_once(',').expect("a size");
        let layout = (size.parse().expect("a number"), members.collect());
        found.insert(name.trim().to_owned(), layout);
    }
    found
}

#[test]
fn every_struct_of_the_headers_has_a_mirror_of_the_same_layout() {
    let mut headers = layouts_of_headers();
    for (name, mirror) in mirrors() {
        let header = headers.remove(name);
        assert_eq!(header, Some(mirror), "fastir_{name}");
    }
    assert!(headers.is_empty(), "without a mirror: {:?}", headers.keys());
}
