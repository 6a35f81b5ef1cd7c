//! What alternative decisions do to a module's bytes, many measured in one
//! compile.
//!
//! An alternative flips some decisions of a base compile; all others stay as
//! they were. Alternatives that touch different functions do not disturb one
//! another, so one compile holds many, and each function's change is put down
//! to the one that reaches it: along the calls that were inlined, from callees
//! up to callers. What more than one can have caused is measured again, each
//! alone.

use std::collections::{HashMap, HashSet};

use crate::compilation::{Compilation, Decision, EngineError, Request, Site, Variant};
use crate::inline_graph::{Bytes, Edges, InlineGraph, Name, Names, differences, reach};

/// Decisions to take otherwise: number in the base compile, and advice.
pub type Alternative = Vec<(u32, bool)>;

/// Measured alternatives of one module.
#[derive(Debug)]
pub struct Evaluation {
    /// The compile that the alternatives change, its decisions recorded.
    pub base: Compilation,
    /// Its bytes; constants that the linker merges are not counted.
    pub bytes: Bytes,
    /// What each alternative changes, in the order they were given.
    pub changes: Vec<Bytes>,
    /// How many compiles it took, the base's among them.
    pub compiles: usize,
    /// How many functions they took over from the base, all together.
    pub reused: usize,
}

/// How many alternatives may share a compile: at first, and when what a compile
/// shows cannot be separated.
const BATCH_LIMITS: [usize; 2] = [usize::MAX, 1];

/// Compiles `request` and measures `alternatives` to it.
///
/// `weights` has the share of each comdat that this module answers for; one
/// that it does not name counts in full. `batch_size` bounds how many
/// alternatives share a compile; 1 measures each in a compile of its own.
///
/// # Errors
///
/// If the module cannot be compiled, or an alternative names a decision that
/// there is not.
///
/// # Safety
///
/// It forks: see [`Compilation::variants`].
pub unsafe fn evaluate<S: std::hash::BuildHasher>(
    request: &Request<'_>,
    weights: &HashMap<String, f64, S>,
    alternatives: &[Alternative],
    batch_size: usize,
) -> Result<Evaluation, EngineError> {
    let request = Request {
        record_decisions: true,
        by_symbol: true,
        keep_state: true,
        ..request.clone()
    };
    let mut base = Compilation::run(&request)?;
    let decisions = base.decisions();
    check(&request.job.name, alternatives, decisions.len())?;
    let mut evaluator = Evaluator {
        weight: &|comdat| weights.get(comdat).copied().unwrap_or(1.0),
        names: Names::default(),
        sites: sites_of(&decisions),
        compiles: 1,
        reused: 0,
    };
    let graph = InlineGraph::new(&base, &decisions, evaluator.weight, &mut evaluator.names);
    // SAFETY: the caller's promise.
    let changes =
        unsafe { evaluator.measure(&request, &mut base, &graph, alternatives, batch_size)? };
    let Evaluator {
        compiles, reused, ..
    } = evaluator;
    let mut bytes = Bytes::default();
    graph.units.values().for_each(|&unit| bytes.add(unit));
    Ok(Evaluation {
        base,
        bytes,
        changes,
        compiles,
        reused,
    })
}

fn check(name: &str, alternatives: &[Alternative], count: usize) -> Result<(), EngineError> {
    let bad = alternatives
        .iter()
        .flatten()
        .find(|(decision, _)| *decision as usize >= count);
    match bad {
        None => Ok(()),
        Some((decision, _)) => Err(EngineError(format!(
            "{name}: there is no decision {decision}; the module has {count}"
        ))),
    }
}

/// The site of each decision with what was advised there.
fn sites_of(decisions: &[Decision]) -> Vec<(Site, bool)> {
    let mut seen: HashMap<(&str, &str), u32> = HashMap::new();
    decisions
        .iter()
        .map(|d| {
            let next = seen.entry((&d.caller, &d.callee)).or_default();
            let occurrence = *next;
            *next += 1;
            let site = Site {
                caller: d.caller.clone(),
                callee: d.callee.clone(),
                occurrence,
            };
            (site, d.advice)
        })
        .collect()
}

struct Evaluator<'a> {
    weight: &'a dyn Fn(&str) -> f64,
    names: Names,
    sites: Vec<(Site, bool)>,
    compiles: usize,
    reused: usize,
}

impl Evaluator<'_> {
    /// The functions that an alternative's decisions lie between.
    fn ends(&mut self, alternative: &Alternative) -> Ends {
        alternative
            .iter()
            .map(|&(decision, _)| {
                let site = &self.sites[decision as usize].0;
                (self.names.of(&site.caller), self.names.of(&site.callee))
            })
            .unzip()
    }

    /// # Safety
    ///
    /// See [`Compilation::variants`].
    unsafe fn measure(
        &mut self,
        request: &Request<'_>,
        base: &mut Compilation,
        graph: &InlineGraph,
        alternatives: &[Alternative],
        batch_size: usize,
    ) -> Result<Vec<Bytes>, EngineError> {
        let sites = self.sites.clone();
        let known: HashSet<&Site> = sites.iter().map(|(site, _)| site).collect();
        let request = Request {
            site_overrides: &sites,
            ..request.clone()
        };
        let ends: Vec<_> = alternatives.iter().map(|a| self.ends(a)).collect();
        let expected: Vec<Expected> = alternatives
            .iter()
            .zip(&ends)
            .map(|(alternative, ends)| self.expect(graph, alternative, ends))
            .collect();
        let mut changes = vec![Bytes::default(); alternatives.len()];
        let mut waiting: Vec<usize> = (0..alternatives.len()).collect();
        for limit in BATCH_LIMITS {
            let batches = make_batches(&waiting, &expected, limit.min(batch_size));
            waiting.clear();
            let variants: Vec<Variant> = batches
                .iter()
                .map(|batch| self.variant(batch, alternatives))
                .collect();
            let compiled = if variants.is_empty() {
                Vec::new()
            } else {
                // SAFETY: the caller's promise.
                unsafe { base.variants(&request, &variants) }
            };
            self.compiles += compiled.len();
            for (batch, compilation) in batches.iter().zip(compiled) {
                let compilation = compilation?;
                self.reused += compilation.reused();
                let decisions = compilation.decisions();
                let mut after =
                    InlineGraph::new(&compilation, &decisions, self.weight, &mut self.names);
                for unit in compilation.unchanged() {
                    let unit = self.names.of(&unit);
                    if let Some(&bytes) = graph.units.get(&unit) {
                        after.units.insert(unit, bytes);
                    }
                }
                let taken: HashMap<Site, bool> = sites_of(&decisions).into_iter().collect();
                let fresh: Vec<(Name, Name)> = taken
                    .keys()
                    .filter(|site| !known.contains(site))
                    .map(|site| (self.names.of(&site.caller), self.names.of(&site.callee)))
                    .collect();
                let found = attribute(graph, &after, batch, &ends, &fresh);
                for (&alternative, change) in batch.iter().zip(found) {
                    match change {
                        Some(change)
                            if batch.len() == 1
                                || self.has_taken(&taken, &alternatives[alternative]) =>
                        {
                            changes[alternative] = change;
                        }
                        _ => waiting.push(alternative),
                    }
                }
            }
        }
        Ok(changes)
    }

    /// Whether a compile decided as an alternative says: once a module has
    /// grown too much, the policy is asked no more, and others may have let it grow.
    fn has_taken(&self, taken: &HashMap<Site, bool>, alternative: &Alternative) -> bool {
        alternative.iter().all(|&(decision, inline)| {
            let site = &self.sites[decision as usize].0;
            taken.get(site) == Some(&inline)
        })
    }

    fn variant(&self, batch: &[usize], alternatives: &[Alternative]) -> Variant {
        let flips: Vec<(u32, bool)> = batch
            .iter()
            .flat_map(|&a| alternatives[a].iter().copied())
            .collect();
        Variant {
            first: flips.iter().map(|f| f.0).min().unwrap_or(0),
            advice: flips
                .iter()
                .map(|&(decision, inline)| (self.sites[decision as usize].0.clone(), inline))
                .collect(),
        }
    }

    /// What an alternative should touch, going by the base compile.
    fn expect(&mut self, base: &InlineGraph, alternative: &Alternative, ends: &Ends) -> Expected {
        let mut touched = reach(ends.0.iter().copied(), &[&base.inlined_into]);
        // A callee that the linker would drop, or get back, is touched too; one
        // that has other calls left stays as it is.
        for (callee, &(_, inline)) in ends.1.iter().zip(alternative) {
            let kept = base.kept_in.get(callee).map_or(0, Vec::len);
            if !base.units.contains_key(callee) || (inline && kept <= FEW_CALLS) {
                touched.insert(*callee);
            }
        }
        Expected {
            first: alternative.iter().map(|f| f.0).min().unwrap_or(0),
            touched,
        }
    }
}

type Ends = (Vec<Name>, Vec<Name>);

/// A callee with so few calls left may go if some of them are inlined.
const FEW_CALLS: usize = 3;

struct Expected {
    /// Its first decision.
    first: u32,
    touched: HashSet<Name>,
}

/// Puts alternatives that should not disturb one another together. A batch
/// costs what is left to do from its first decision on, so each alternative
/// joins the batch with the earliest change of those that it can join.
fn make_batches(waiting: &[usize], expected: &[Expected], limit: usize) -> Vec<Vec<usize>> {
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

/// The functions that decisions between `ends` can change.
fn touched((callers, callees): &Ends, inlined_into: &[&Edges]) -> HashSet<Name> {
    let mut set = reach(callers.iter().copied(), inlined_into);
    set.extend(callees);
    set
}

/// What each alternative of a batch changed; nothing for those that cannot be
/// distinguished. `fresh` are callers and callees of calls that the base
/// did not have: the policy decides on them, going by how either looks.
fn attribute(
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
