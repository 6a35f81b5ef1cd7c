//! Graphs of a few functions, drawn and weighed by hand.

use std::collections::{HashMap, HashSet};

use super::{Bytes, Edges, InlineGraph, Name, Names, differences, reach};
use crate::compilation::{Compilation, Decision};
use crate::request::{Job, Request};

fn edges(pairs: &[(Name, Vec<Name>)]) -> Edges {
    pairs.iter().cloned().collect()
}

fn bytes(text: f64, loadable: f64) -> Bytes {
    Bytes { text, loadable }
}

#[test]
fn reach_follows_all_edges_and_ends_in_cycles() {
    let one = edges(&[(1, vec![2]), (2, vec![1]), (4, vec![5])]);
    let other = edges(&[(2, vec![3, 3]), (3, vec![1])]);
    assert_eq!(reach([1], &[&one]), HashSet::from([1, 2]));
    assert_eq!(reach([1], &[&one, &other]), HashSet::from([1, 2, 3]));
    assert_eq!(reach([3, 4], &[&one]), HashSet::from([3, 4, 5]));
    // Both ways from a fork.
    let fork = edges(&[(6, vec![7, 8]), (7, vec![9]), (8, vec![10]), (10, vec![9])]);
    assert_eq!(reach([6], &[&fork]), HashSet::from([6, 7, 8, 9, 10]));
    assert_eq!(reach([], &[&one, &other]), HashSet::new());
    assert_eq!(reach([1], &[]), HashSet::from([1]));
}

#[test]
fn a_name_has_one_number() {
    let mut names = Names::default();
    let numbers = ["f", "g", "f", "", "g"].map(|name| names.of(name));
    assert_eq!(numbers, [0, 1, 0, 2, 1]);
}

fn graph(units: &[(Name, Bytes)]) -> InlineGraph {
    InlineGraph {
        units: units.iter().copied().collect(),
        inlined_into: Edges::new(),
        calls: Edges::new(),
        kept: Edges::new(),
        kept_in: Edges::new(),
        attributes_changed: HashSet::new(),
    }
}

#[test]
fn differences_are_sorted_and_leave_out_equal_units() {
    let base = graph(&[
        (9, bytes(5.0, 6.0)),
        (4, bytes(1.0, 1.0)),
        (7, bytes(3.0, 4.0)),
        (2, bytes(8.0, 8.0)),
    ]);
    // 9 has less data, 7 is gone, 1 is new, 2 has moved 3 bytes from code to data.
    let after = graph(&[
        (1, bytes(2.0, 2.5)),
        (4, bytes(1.0, 1.0)),
        (9, bytes(5.0, 5.5)),
        (2, bytes(5.0, 8.0)),
    ]);
    let expected = [
        (1, bytes(2.0, 2.5)),
        (2, bytes(-3.0, 0.0)),
        (7, bytes(-3.0, -4.0)),
        (9, bytes(0.0, -0.5)),
    ];
    assert_eq!(differences(&base, &after), expected);
}

/// Of x86's instructions, `ret` has 1 byte. Constants have as many as their types.
const MODULE: &[u8] = br#"
target triple = "x86_64-pc-linux-gnu"
$shared = comdat any
$DW.ref.personality = comdat any
@numbers = constant [40 x i8] zeroinitializer
@more = constant [10 x i8] zeroinitializer, comdat($shared)
@DW.ref.personality = constant [8 x i8] zeroinitializer, comdat
define void @plain() nounwind { ret void }
define linkonce_odr void @shared() nounwind comdat { ret void }
define linkonce_odr void @unused() nounwind { ret void }
@llvm.used = appending global [1 x ptr] [ptr @shared], section "llvm.metadata"
"#;

fn decision(caller: &str, callee: &str, advice: bool) -> Decision {
    Decision {
        caller: caller.to_owned(),
        callee: callee.to_owned(),
        prediction: f32::NAN,
        llvm_decision: !advice,
        advice,
    }
}

fn compiled(decisions: &[Decision], names: &mut Names) -> InlineGraph {
    let job = Job {
        name: "m".to_owned(),
        level: "Oz".to_owned(),
        phase: "compile".to_owned(),
        policy: "never".to_owned(),
        ..Job::default()
    };
    let request = Request {
        by_symbol: true,
        ..Request::new(MODULE, &job)
    };
    let compilation = Compilation::run(&request).expect("it compiles");
    let weight = |comdat: &str| if comdat == "shared" { 0.25 } else { 1.0 };
    InlineGraph::new(&compilation, decisions, &weight, names)
}

#[test]
fn units_are_comdats_weighted_and_symbols_outside_of_them() {
    let mut names = Names::default();
    let units = compiled(&[], &mut names).units;
    let expected = HashMap::from([
        (names.of("numbers"), bytes(0.0, 40.0)),
        (names.of("plain"), bytes(1.0, 1.0)),
        (names.of("shared"), bytes(0.25, 0.25 * (1.0 + 10.0))),
    ]);
    assert_eq!(units, expected);
}

#[test]
fn edges_follow_the_advice_and_not_the_heuristic() {
    let mut names = Names::default();
    let [f, g, h] = ["f", "g", "h"].map(|name| names.of(name));
    let decisions = [
        decision("f", "g", true),
        decision("f", "h", false),
        decision("g", "h", false),
        decision("f", "h", false),
    ];
    let graph = compiled(&decisions, &mut names);
    assert_eq!(graph.inlined_into, edges(&[(g, vec![f])]));
    assert_eq!(graph.calls, edges(&[(f, vec![g, h, h]), (g, vec![h])]));
    assert_eq!(graph.kept, edges(&[(f, vec![h, h]), (g, vec![h])]));
    assert_eq!(graph.kept_in, edges(&[(h, vec![f, g, f])]));
}
