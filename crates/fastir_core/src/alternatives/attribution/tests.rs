//! Which alternative a change is attributed to. Functions are numbers here; bytes are counted
//! by hand.

use std::collections::{HashMap, HashSet};

use super::attribute;
use crate::inline_graph::{Bytes, Edges, Ends, InlineGraph, Name};

fn edges(pairs: &[(Name, Name)]) -> Edges {
    let mut edges = Edges::new();
    for &(from, to) in pairs {
        edges.entry(from).or_default().push(to);
    }
    edges
}

/// Units with their bytes, and decisions: caller, callee, whether inlined.
fn graph(units: &[(Name, f64)], decisions: &[(Name, Name, bool)]) -> InlineGraph {
    let which = |inlined: bool, turned: bool| {
        let pairs: Vec<(Name, Name)> = decisions
            .iter()
            .filter(|d| d.2 == inlined)
            .map(|&(caller, callee, _)| {
                if turned {
                    (callee, caller)
                } else {
                    (caller, callee)
                }
            })
            .collect();
        edges(&pairs)
    };
    let all: Vec<(Name, Name)> = decisions.iter().map(|d| (d.0, d.1)).collect();
    InlineGraph {
        units: units.iter().map(|&(unit, n)| (unit, bytes(n))).collect(),
        inlined_into: which(true, true),
        calls: edges(&all),
        kept: which(false, false),
        kept_in: which(false, true),
        attributes_changed: HashSet::new(),
    }
}

fn bytes(n: f64) -> Bytes {
    Bytes {
        text: n,
        loadable: n,
    }
}

/// One flipped call each, from caller to callee.
fn ends(calls: &[(Name, Name)]) -> Vec<Ends> {
    calls.iter().map(|&(a, b)| (vec![a], vec![b])).collect()
}

/// Two callers, 1 and 2, with a callee each, 11 and 12.
const APART: [(Name, Name, bool); 2] = [(1, 11, false), (2, 12, false)];

#[test]
fn each_change_is_attributed_to_the_alternative_that_reaches_it() {
    let base = graph(&[(1, 40.0), (2, 50.0), (11, 8.0), (12, 9.0)], &APART);
    // Both are inlined: the callers grow by 3 and 5, the callees go.
    let after = graph(&[(1, 43.0), (2, 55.0)], &[(1, 11, true), (2, 12, true)]);
    let found = attribute(&base, &after, &[0, 1], &ends(&[(1, 11), (2, 12)]), &[]);
    assert_eq!(found, [Some(bytes(3.0 - 8.0)), Some(bytes(5.0 - 9.0))]);
}

#[test]
fn a_change_reaches_those_that_a_caller_was_inlined_into() {
    // 1 lies in 3: the flip in 1 changes 3 too, by 7.
    let decisions = [(1, 11, false), (2, 12, false), (3, 1, true)];
    let base = graph(&[(1, 40.0), (2, 50.0), (3, 60.0), (11, 8.0)], &decisions);
    let after = graph(&[(1, 42.0), (2, 50.0), (3, 67.0), (11, 8.0)], &decisions);
    let found = attribute(&base, &after, &[0, 1], &ends(&[(1, 11), (2, 12)]), &[]);
    assert_eq!(found, [Some(bytes(2.0 + 7.0)), Some(bytes(0.0))]);
}

#[test]
fn what_two_can_have_caused_is_attributed_to_neither() {
    // Both callers lie in 3, which grew; a third alternative is apart.
    let decisions = [(3, 1, true), (3, 2, true), (4, 14, false)];
    let base = graph(&[(3, 60.0), (4, 10.0)], &decisions);
    let after = graph(&[(3, 66.0), (4, 11.0)], &decisions);
    let calls = ends(&[(1, 11), (2, 12), (4, 14)]);
    let found = attribute(&base, &after, &[0, 1, 2], &calls, &[]);
    assert_eq!(found, [None, None, Some(bytes(1.0))]);
}

#[test]
fn what_none_can_have_caused_spoils_the_whole_compile() {
    let base = graph(&[(1, 40.0), (2, 50.0), (9, 5.0)], &APART);
    let after = graph(&[(1, 41.0), (2, 50.0), (9, 6.0)], &APART);
    let found = attribute(&base, &after, &[0, 1], &ends(&[(1, 11), (2, 12)]), &[]);
    assert_eq!(found, [None, None]);
}

#[test]
fn a_compile_of_its_own_answers_for_every_change() {
    let base = graph(&[(1, 40.0), (9, 5.0)], &APART);
    let after = graph(&[(1, 41.0), (9, 8.0)], &APART);
    let found = attribute(&base, &after, &[1], &ends(&[(1, 11), (2, 12)]), &[]);
    assert_eq!(found, [Some(bytes(1.0 + 3.0))]);
}

#[test]
fn a_fresh_call_between_two_alternatives_spoils_both() {
    let base = graph(&[(1, 40.0), (2, 50.0)], &APART);
    let after = graph(&[(1, 41.0), (2, 52.0)], &APART);
    let calls = ends(&[(1, 11), (2, 12)]);
    let found = attribute(&base, &after, &[0, 1], &calls, &[(1, 2)]);
    assert_eq!(found, [None, None]);
    let own = attribute(&base, &after, &[0, 1], &calls, &[(1, 11)]);
    assert_eq!(own, [Some(bytes(1.0)), Some(bytes(2.0))]);
}

#[test]
fn a_function_that_goes_takes_along_what_only_it_called() {
    // 11 is inlined into 1 and goes, and so does 21, which 11 alone called; 1
    // calls it then, and has it inlined.
    let base = graph(
        &[(1, 40.0), (2, 50.0), (11, 8.0), (21, 4.0)],
        &[(11, 21, false), (1, 11, false), (2, 12, false)],
    );
    let after = graph(
        &[(1, 45.0), (2, 50.0)],
        &[(11, 21, false), (1, 11, true), (2, 12, false)],
    );
    let found = attribute(&base, &after, &[0, 1], &ends(&[(1, 11), (2, 12)]), &[]);
    assert_eq!(found, [Some(bytes(5.0 - 8.0 - 4.0)), Some(bytes(0.0))]);
}

#[test]
fn units_that_stay_as_they_were_are_no_difference() {
    let base = graph(&[(1, 40.0), (2, 50.0)], &APART);
    let same: HashMap<Name, Bytes> = base.units.clone();
    let after = InlineGraph {
        units: same,
        ..graph(&[], &APART)
    };
    let found = attribute(&base, &after, &[0, 1], &ends(&[(1, 11), (2, 12)]), &[]);
    assert_eq!(found, [Some(bytes(0.0)), Some(bytes(0.0))]);
}
