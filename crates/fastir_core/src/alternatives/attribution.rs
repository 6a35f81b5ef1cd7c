//! Which alternative of a batch caused which change: the one whose callers and callees reach it.

use std::collections::HashSet;

use crate::inline_graph::{Bytes, Edges, Ends, InlineGraph, Name, differences, reach};

/// The functions that decisions between `ends` can change.
fn touched((callers, callees): &Ends, inlined_into: &[&Edges]) -> HashSet<Name> {
    let mut set = reach(callers.iter().copied(), inlined_into);
    set.extend(callees);
    set
}

/// What each alternative of a batch changed; nothing for those that cannot be
/// distinguished. `fresh` are callers and callees of calls that the base
/// did not have: the policy decides on them, going by how either looks.
pub fn attribute(
    base: &InlineGraph,
    after: &InlineGraph,
    batch: &[usize],
    ends: &[Ends],
    fresh: &[(Name, Name)],
) -> Vec<Option<Bytes>> {
    let differences = differences(base, after);
    if batch.len() == 1 {
        let mut total = Bytes::default();
        differences.iter().for_each(|&(_, bytes)| total.add(bytes));
        return vec![Some(total)];
    }
    let up = [&base.inlined_into, &after.inlined_into];
    let down = [&base.calls, &after.calls];
    let kept = [&base.kept, &after.kept];
    let mut near: Vec<HashSet<Name>> = batch.iter().map(|&a| touched(&ends[a], &up)).collect();
    near.iter_mut()
        .for_each(|set| add_listeners(set, base, after));
    let mut far: Option<Vec<HashSet<Name>>> = None;
    let mut found = vec![Some(Bytes::default()); batch.len()];
    for &(caller, callee) in fresh {
        let concerned: Vec<usize> = (0..batch.len())
            .filter(|&i| near[i].contains(&caller) || near[i].contains(&callee))
            .collect();
        if concerned.len() > 1 {
            concerned.into_iter().for_each(|i| found[i] = None);
        }
    }
    let moved: HashSet<Name> = differences
        .iter()
        .map(|d| d.0)
        .filter(|unit| base.units.contains_key(unit) != after.units.contains_key(unit))
        .collect();
    for set in &mut near {
        set.extend(moved_by(set, &kept, &moved));
    }
    for (unit, bytes) in differences {
        let mut causes = containing(&near, unit);
        if causes.is_empty() {
            // A function further down that is called no more, or called again.
            let far = far.get_or_insert_with(|| {
                near.iter()
                    .map(|set| reach(set.iter().copied(), &down))
                    .collect()
            });
            causes = containing(far, unit);
        }
        match causes[..] {
            [only] => found[only].iter_mut().for_each(|sum| sum.add(bytes)),
            [] => return vec![None; batch.len()],
            _ => causes.iter().for_each(|&cause| found[cause] = None),
        }
    }
    found
}

/// Adds the callers of those in `near` that tell them something else than in the
/// base, and who these are inlined into.
fn add_listeners(near: &mut HashSet<Name>, base: &InlineGraph, after: &InlineGraph) {
    let mut waiting: Vec<Name> = near.iter().copied().collect();
    while let Some(name) = waiting.pop() {
        if !after.attributes_changed.contains(&name) {
            continue;
        }
        let callers = [&base.kept_in, &after.kept_in]
            .into_iter()
            .filter_map(|edges| edges.get(&name))
            .flatten()
            .copied();
        for listener in reach(callers, &[&base.inlined_into, &after.inlined_into]) {
            if near.insert(listener) {
                waiting.push(listener);
            }
        }
    }
}

/// Those of `moved`, which came or went, that an alternative can have brought
/// back, or done away with: others that it touches, or that moved with them, call
/// them.
fn moved_by(near: &HashSet<Name>, kept: &[&Edges], moved: &HashSet<Name>) -> HashSet<Name> {
    let mut waiting: Vec<Name> = near.iter().copied().collect();
    let mut found = HashSet::new();
    while let Some(name) = waiting.pop() {
        for &next in kept.iter().filter_map(|e| e.get(&name)).flatten() {
            if moved.contains(&next) && found.insert(next) {
                waiting.push(next);
            }
        }
    }
    found
}

fn containing(sets: &[HashSet<Name>], name: Name) -> Vec<usize> {
    (0..sets.len())
        .filter(|&i| sets[i].contains(&name))
        .collect()
}

#[cfg(test)]
mod tests;
