//! What one compile came to: bytes by function, and who was inlined into whom.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::compilation::{Compilation, Decision};

/// Loadable bytes, comdats weighted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Bytes {
    /// Code alone.
    pub text: f64,
    /// All kinds together.
    pub loadable: f64,
}

impl Bytes {
    pub(crate) fn add(&mut self, other: Bytes) {
        self.text += other.text;
        self.loadable += other.loadable;
    }

    pub(crate) fn minus(self, other: Bytes) -> Bytes {
        Bytes {
            text: self.text - other.text,
            loadable: self.loadable - other.loadable,
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.text == 0.0 && self.loadable == 0.0
    }
}

/// Names of pointers to personality routines begin so: one for the whole
/// program, which no single decision removes.
const PERSONALITY: &str = "DW.ref.";

/// Index of code in [`crate::section_kinds`].
const TEXT_KIND: u8 = 0;

pub type Name = u32;

/// Numbers for names of functions, objects and comdats.
#[derive(Default)]
pub struct Names(HashMap<String, Name>);

impl Names {
    pub fn of(&mut self, name: &str) -> Name {
        if let Some(&known) = self.0.get(name) {
            return known;
        }
        let number = Name::try_from(self.0.len()).unwrap_or(Name::MAX);
        self.0.insert(name.to_owned(), number);
        number
    }
}

pub type Edges = HashMap<Name, Vec<Name>>;

/// Callers, and callees, that some decisions lie between.
pub type Ends = (Vec<Name>, Vec<Name>);

/// What one compile came to.
pub struct InlineGraph {
    /// Bytes of each function, object or comdat.
    pub units: HashMap<Name, Bytes>,
    /// From each callee to the callers that it was inlined into.
    pub inlined_into: Edges,
    /// From each caller to the callees that were decided on in it.
    pub calls: Edges,
    /// From each caller to the callees that were not inlined into it.
    pub kept: Edges,
    /// From each callee to the callers that it was not inlined into: one for
    /// each decision.
    pub kept_in: Edges,
    /// Functions that tell their callers other things than in the base.
    pub attributes_changed: HashSet<Name>,
}

/// All that is reached from `set` along any of `edges`, itself included.
pub fn reach(set: impl IntoIterator<Item = Name>, edges: &[&Edges]) -> HashSet<Name> {
    let mut waiting: Vec<Name> = set.into_iter().collect();
    let mut reached: HashSet<Name> = waiting.iter().copied().collect();
    while let Some(name) = waiting.pop() {
        for next in edges.iter().filter_map(|e| e.get(&name)).flatten() {
            if reached.insert(*next) {
                waiting.push(*next);
            }
        }
    }
    reached
}

impl InlineGraph {
    /// What `compilation` came to, its comdats weighted.
    pub fn new(
        compilation: &Compilation,
        decisions: &[Decision],
        weight: &dyn Fn(&str) -> f64,
        names: &mut Names,
    ) -> Self {
        let mut units: HashMap<Name, Bytes> = HashMap::new();
        for piece in compilation.pieces() {
            let unit = if piece.name.is_empty() {
                &piece.symbol
            } else {
                &piece.name
            };
            if unit.is_empty() || unit.starts_with(PERSONALITY) {
                continue;
            }
            let bytes = piece.bytes as f64 * weight(&piece.name);
            let text = if piece.kind == TEXT_KIND { bytes } else { 0.0 };
            units.entry(names.of(unit)).or_default().add(Bytes {
                text,
                loadable: bytes,
            });
        }
        let (mut inlined_into, mut calls) = (Edges::new(), Edges::new());
        let mut kept = Edges::new();
        let mut kept_in = Edges::new();
        for d in decisions {
            let (caller, callee) = (names.of(&d.caller), names.of(&d.callee));
            calls.entry(caller).or_default().push(callee);
            if d.advice {
                inlined_into.entry(callee).or_default().push(caller);
            } else {
                kept.entry(caller).or_default().push(callee);
                kept_in.entry(callee).or_default().push(caller);
            }
        }
        Self {
            units,
            inlined_into,
            calls,
            kept,
            kept_in,
            attributes_changed: compilation
                .attributes_changed()
                .iter()
                .map(|f| names.of(f))
                .collect(),
        }
    }
}

/// Units that differ, in the order of their numbers.
pub fn differences(base: &InlineGraph, after: &InlineGraph) -> Vec<(Name, Bytes)> {
    let names: HashSet<Name> = base
        .units
        .keys()
        .chain(after.units.keys())
        .copied()
        .collect();
    let of = |graph: &InlineGraph, name| graph.units.get(&name).copied().unwrap_or_default();
    let mut changed: Vec<(Name, Bytes)> = names
        .into_iter()
        .map(|name| (name, of(after, name).minus(of(base, name))))
        .filter(|(_, bytes)| !bytes.is_zero())
        .collect();
    changed.sort_by_key(|&(name, _)| name);
    changed
}

#[cfg(test)]
mod tests;
