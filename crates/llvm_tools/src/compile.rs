//! Compiling one module under given decisions, and measuring alternatives.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use llvm_workers::MeasureTask;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3_arrow::PyRecordBatch;

use crate::error::{Result, to_python};
use crate::frame;

/// A finished compile; its tables speak Arrow's PyCapsule interface.
#[pyclass(frozen)]
pub struct Compilation(fastir_core::Compilation);

fn to_batch(batch: std::result::Result<RecordBatch, ArrowError>) -> Result<PyRecordBatch> {
    batch
        .map(PyRecordBatch::new)
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

#[pymethods]
impl Compilation {
    /// Decisions in order, with a column for each feature.
    fn decisions(&self) -> Result<PyRecordBatch> {
        to_batch(frame::decisions(&self.0.decisions(), self.0.features()))
    }

    /// Loadable bytes by comdat (empty: none), symbol and kind of section.
    fn pieces(&self) -> Result<PyRecordBatch> {
        to_batch(frame::pieces(&self.0.pieces()))
    }

    /// Bytes of functions and objects.
    fn symbols(&self) -> Result<PyRecordBatch> {
        to_batch(frame::symbols(&self.0.symbols()))
    }

    /// Loadable bytes by comdat, weighted: (text, all kinds together). A
    /// comdat that `weights` does not name weighs its full size.
    fn weighted_bytes(&self, weights: &Bound<'_, PyDict>) -> Result<(f64, f64)> {
        let text_kind = 0;
        let mut totals = (0.0, 0.0);
        for piece in self.0.pieces() {
            let weight = match weights.get_item(&piece.name)? {
                Some(weight) => weight.extract()?,
                None => 1.0,
            };
            let bytes = piece.bytes as f64 * weight;
            totals.1 += bytes;
            if piece.kind == text_kind {
                totals.0 += bytes;
            }
        }
        Ok(totals)
    }
}

/// What to compile, and who decides: the part that every compile shares.
#[derive(FromPyObject)]
pub struct Job {
    name: String,
    level: String,
    phase: String,
    policy: String,
    model: String,
    onnxruntime: String,
    relevel: bool,
    internal: Vec<String>,
}

impl From<Job> for fastir_core::Job {
    fn from(job: Job) -> Self {
        Self {
            name: job.name,
            level: job.level,
            phase: job.phase,
            policy: job.policy,
            model: job.model,
            onnxruntime: job.onnxruntime,
            relevel: job.relevel,
            internal: job.internal,
        }
    }
}

/// Decisions that the caller takes in place of the policy.
#[derive(FromPyObject)]
pub struct Overrides {
    decisions: BTreeMap<u32, bool>,
    sites: SiteAdvice,
    callees: BTreeMap<String, bool>,
}

type SiteAdvice = BTreeMap<(String, String, u32), bool>;

fn sites_of(advice: SiteAdvice) -> Vec<(fastir_core::Site, bool)> {
    advice
        .into_iter()
        .map(|((caller, callee, occurrence), advice)| {
            let site = fastir_core::Site {
                caller,
                callee,
                occurrence,
            };
            (site, advice)
        })
        .collect()
}

/// Optimises a module as clang would, decides inlining as the job's policy and
/// `overrides` say, and measures the object code.
#[pyfunction]
#[pyo3(signature = (bitcode, job, overrides, *, record_decisions, by_symbol))]
pub fn compile(
    py: Python<'_>,
    bitcode: &[u8],
    job: Job,
    overrides: Overrides,
    record_decisions: bool,
    by_symbol: bool,
) -> Result<Compilation> {
    let decisions: Vec<(u32, bool)> = overrides.decisions.into_iter().collect();
    let callees: Vec<(String, bool)> = overrides.callees.into_iter().collect();
    let sites = sites_of(overrides.sites);
    let job = job.into();
    let request = fastir_core::Request {
        overrides: &decisions,
        callee_overrides: &callees,
        site_overrides: &sites,
        record_decisions,
        by_symbol,
        ..fastir_core::Request::new(bitcode, &job)
    };
    py.detach(|| fastir_core::Compilation::run(&request))
        .map(Compilation)
        .map_err(to_python)
}

/// Measured alternatives: what they change, in the order they were given.
#[pyclass(frozen, get_all)]
pub struct Evaluation {
    base: Py<Compilation>,
    /// (text, loadable) of the base.
    bytes: (f64, f64),
    /// (text, loadable) of each alternative less the base's.
    changes: Vec<(f64, f64)>,
    compiles: usize,
    reused: usize,
    /// CPU seconds of all of them.
    seconds: f64,
}

/// Has a worker compile a module and measure alternatives to its decisions.
#[pyfunction]
#[pyo3(signature = (bitcode, job, alternatives, *, worker, sites, weights, batch_size))]
#[allow(clippy::too_many_arguments)]
pub fn evaluate(
    py: Python<'_>,
    bitcode: &[u8],
    job: Job,
    alternatives: Vec<fastir_core::Alternative>,
    worker: PathBuf,
    sites: SiteAdvice,
    weights: HashMap<String, f64>,
    batch_size: usize,
) -> Result<Evaluation> {
    let task = MeasureTask {
        job: job.into(),
        site_overrides: sites_of(sites),
        weights,
        alternatives,
        batch_size,
    };
    let mut raised = None;
    let mut go_on = || {
        raised = Python::attach(|py| py.check_signals()).err();
        raised.is_none()
    };
    let done = py
        .detach(|| llvm_workers::measure(&worker, &task, bitcode, &mut go_on))
        .map_err(to_python)?;
    let Some((done, seconds)) = done else {
        return Err(raised.unwrap_or_else(|| PyRuntimeError::new_err("interrupted")));
    };
    let pair = |bytes: &fastir_core::Bytes| (bytes.text, bytes.loadable);
    Ok(Evaluation {
        bytes: pair(&done.bytes),
        changes: done.changes.iter().map(pair).collect(),
        compiles: done.compiles,
        reused: done.reused,
        seconds,
        base: Py::new(py, Compilation(done.base))?,
    })
}
