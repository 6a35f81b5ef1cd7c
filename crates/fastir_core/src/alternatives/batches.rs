//! Which alternatives share a compile: those that should not touch the same functions.

use std::collections::HashSet;

use crate::inline_graph::{Ends, InlineGraph, Name, reach};

/// A callee with so few calls left may go if some of them are inlined.
const FEW_CALLS: usize = 3;

pub struct Expected {
    /// Its first decision.
    first: u32,
    touched: HashSet<Name>,
}

impl Expected {
    /// What an alternative should touch, going by the base compile.
    pub fn new(base: &InlineGraph, alternative: &[(u32, bool)], ends: &Ends) -> Self {
        let mut touched = reach(ends.0.iter().copied(), &[&base.inlined_into]);
        // A callee that the linker would drop, or get back, is touched too; one
        // that has other calls left stays as it is.
        for (callee, &(_, inline)) in ends.1.iter().zip(alternative) {
            let kept = base.kept_in.get(callee).map_or(0, Vec::len);
            if !base.units.contains_key(callee) || (inline && kept <= FEW_CALLS) {
                touched.insert(*callee);
            }
        }
        Self {
            first: alternative.iter().map(|f| f.0).min().unwrap_or(0),
            touched,
        }
    }
}

/// Puts alternatives that should not disturb one another together. A batch
/// costs what is left to do from its first decision on, so each alternative
/// joins the batch with the earliest change of those that it can join.
pub fn make_batches(waiting: &[usize], expected: &[Expected], limit: usize) -> Vec<Vec<usize>> {
    struct Batch {
        members: Vec<usize>,
        occupied: HashSet<Name>,
    }
    let mut order = waiting.to_vec();
    order.sort_by_key(|&a| (std::cmp::Reverse(expected[a].first), a));
    // The batch with the earliest change is the one that was joined last.
    let mut batches: Vec<Batch> = Vec::new();
    for alternative in order {
        let touched = &expected[alternative].touched;
        let open = batches
            .iter()
            .rposition(|b| b.members.len() < limit && b.occupied.is_disjoint(touched));
        let mut batch = match open {
            Some(position) => batches.remove(position),
            None => Batch {
                members: Vec::new(),
                occupied: HashSet::new(),
            },
        };
        batch.members.push(alternative);
        batch.occupied.extend(touched);
        batches.push(batch);
    }
    batches.into_iter().map(|b| b.members).collect()
}

#[cfg(test)]
mod tests;
