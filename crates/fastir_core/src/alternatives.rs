//! What alternative decisions do to a module's bytes, many measured in one
//! compile.
//!
//! An alternative flips some decisions of a base compile; all others stay as
//! they were. Alternatives that touch different functions do not disturb one
//! another, so one compile holds many, and each function's change is put down
//! to the one that reaches it: along the calls that were inlined, from callees
//! up to callers. What more than one can have caused is measured again, each
//! alone.

mod attribution;
mod batches;

use std::collections::{HashMap, HashSet};

use crate::compilation::{Compilation, Decision};
use crate::error::EngineError;
use crate::inline_graph::{Bytes, Ends, InlineGraph, Name, Names};
use crate::request::{Request, Site, Variant};
use attribution::attribute;
use batches::{Expected, make_batches};

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
            .map(|(alternative, ends)| Expected::new(graph, alternative, ends))
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
}
