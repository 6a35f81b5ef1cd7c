//! Predictions of a model for Python.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{Result, to_python};

/// Predicts from the bytes of float32 rows; the predictions' bytes, and the
/// runtime that made them.
#[pyfunction]
pub fn predict<'py>(
    py: Python<'py>,
    model: &str,
    rows: &[u8],
    runtime: &str,
    onnxruntime: &str,
) -> Result<(Bound<'py, PyBytes>, String)> {
    let rows: Vec<f32> = rows
        .chunks_exact(size_of::<f32>())
        .map(|bytes| f32::from_ne_bytes(bytes.try_into().expect("four bytes")))
        .collect();
    let found = py
        .detach(|| fastir_core::predict(model, &rows, runtime, onnxruntime))
        .map_err(to_python)?;
    let bytes: Vec<u8> = found.values.iter().flat_map(|v| v.to_ne_bytes()).collect();
    Ok((PyBytes::new(py, &bytes), found.runtime))
}
