//! Compiling one module under given decisions.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
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

    /// Loadable bytes by comdat (empty: none) and kind of section.
    fn pieces(&self) -> Result<PyRecordBatch> {
        to_batch(frame::sizes("comdat", &self.0.pieces()))
    }

    /// Bytes of functions and objects.
    fn symbols(&self) -> Result<PyRecordBatch> {
        to_batch(frame::sizes("symbol", &self.0.symbols()))
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

/// Optimises a module as clang would, decides inlining as `policy` and
/// `overrides` say, and measures the object code.
#[pyfunction]
#[pyo3(signature = (bitcode, *, name, level, policy, model, onnxruntime, overrides, callee_overrides, record_decisions))]
#[allow(clippy::too_many_arguments)]
pub fn compile(
    py: Python<'_>,
    bitcode: &[u8],
    name: &str,
    level: &str,
    policy: &str,
    model: &str,
    onnxruntime: &str,
    overrides: BTreeMap<u32, bool>,
    callee_overrides: BTreeMap<String, bool>,
    record_decisions: bool,
) -> Result<Compilation> {
    let overrides: Vec<(u32, bool)> = overrides.into_iter().collect();
    let callee_overrides: Vec<(String, bool)> = callee_overrides.into_iter().collect();
    let request = fastir_core::Request {
        bitcode,
        name,
        level,
        policy,
        model,
        onnxruntime,
        overrides: &overrides,
        callee_overrides: &callee_overrides,
        record_decisions,
    };
    py.detach(|| fastir_core::Compilation::run(&request))
        .map(Compilation)
        .map_err(to_python)
}
