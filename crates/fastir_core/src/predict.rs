//! Predictions of a model, as the plugin makes them.

use std::slice;

use crate::error::EngineError;
use crate::ffi;

/// What a model predicts.
#[derive(Debug, PartialEq)]
pub struct Predictions {
    /// One a row, in the model's unit.
    pub values: Vec<f32>,
    /// What evaluated the model: `native` or `onnxruntime`.
    pub runtime: String,
}

/// Predicts from `rows`, whose values are those of the model's features, row by
/// row, in the model's order.
///
/// `runtime` is `auto`, `native` or `onnxruntime`; `onnxruntime` is that
/// library's path, empty to look for it.
pub fn predict(
    model: &str,
    rows: &[f32],
    runtime: &str,
    onnxruntime: &str,
) -> Result<Predictions, EngineError> {
    let raw = ffi::Rows {
        model: ffi::Text::from(model),
        runtime: ffi::Text::from(runtime),
        onnxruntime: ffi::Text::from(onnxruntime),
        values: rows.as_ptr(),
        value_count: rows.len(),
    };
    // SAFETY: every pointer in `raw` outlives the call; the result is live until
    // it is freed, and all of it is copied before.
    unsafe {
        let result = ffi::fastir_predict(&raw);
        let error = ffi::fastir_predictions_error(result).to_string_lossy();
        let count = ffi::fastir_predictions_count(result);
        let values = match count {
            0 => Vec::new(),
            _ => slice::from_raw_parts(ffi::fastir_predictions_values(result), count).to_vec(),
        };
        let runtime = ffi::fastir_predictions_runtime(result).to_string_lossy();
        ffi::fastir_predictions_free(result);
        if error.is_empty() {
            Ok(Predictions { values, runtime })
        } else {
            Err(EngineError(error))
        }
    }
}
