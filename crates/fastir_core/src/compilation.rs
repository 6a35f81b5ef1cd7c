//! One compile: what is asked, and what came of it.

use std::fmt;

use crate::ffi;

/// What to compile, and how inlining is decided.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// LLVM bitcode or textual IR.
    pub bitcode: &'a [u8],
    /// What errors call the module.
    pub name: &'a str,
    /// `O1`, `O2`, `O3`, `Os` or `Oz`.
    pub level: &'a str,
    /// `model`, `llvm`, `always` or `never`.
    pub policy: &'a str,
    /// The ONNX file, for the policy `model`; else empty.
    pub model: &'a str,
    /// ONNX Runtime's library; empty to look for it.
    pub onnxruntime: &'a str,
    /// Advice by number of decision, in place of the policy's.
    pub overrides: &'a [(u32, bool)],
    /// Advice for every call of a function, where `overrides` says nothing.
    pub callee_overrides: &'a [(String, bool)],
    /// Whether the compilation keeps its decisions with their features.
    pub record_decisions: bool,
}

/// Why a module could not be compiled, in one line that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineError(pub String);

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EngineError {}

/// One inlining decision, in the order in which they were taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Name of the calling function.
    pub caller: String,
    /// Name of the called function.
    pub callee: String,
    /// The model's prediction; NaN if none was asked.
    pub prediction: f32,
    /// Whether LLVM's heuristic would inline.
    pub llvm_decision: bool,
    /// Whether inlining was advised.
    pub advice: bool,
}

/// Bytes of one kind of section under a name: a comdat's or a symbol's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The comdat's signature (empty for none), or the symbol.
    pub name: String,
    /// Index into [`crate::section_kinds`].
    pub kind: u8,
    /// How many bytes.
    pub bytes: u64,
}

/// A finished compile.
#[derive(Debug)]
pub struct Compilation(*mut ffi::CompileResult);

// SAFETY: a result is plain data that no thread changes once it is made.
unsafe impl Send for Compilation {}
// SAFETY: as above; all accessors only read.
unsafe impl Sync for Compilation {}

impl Drop for Compilation {
    fn drop(&mut self) {
        // SAFETY: made by fastir_compile, freed here only.
        unsafe { ffi::fastir_result_free(self.0) }
    }
}

impl Compilation {
    /// Optimises the module and generates its object code in memory.
    pub fn run(request: &Request<'_>) -> Result<Self, EngineError> {
        let mut overrides: Vec<ffi::Override> = request
            .overrides
            .iter()
            .map(|&(decision, advice)| ffi::Override { decision, advice })
            .collect();
        overrides.sort_by_key(|o| o.decision);
        let callees: Vec<ffi::CalleeOverride<'_>> = request
            .callee_overrides
            .iter()
            .map(|(callee, advice)| ffi::CalleeOverride {
                callee: ffi::Text::from(callee.as_str()),
                advice: *advice,
            })
            .collect();
        let raw = ffi::Request {
            bitcode: ffi::Text::new(request.bitcode),
            name: ffi::Text::from(request.name),
            level: ffi::Text::from(request.level),
            policy: ffi::Text::from(request.policy),
            model: ffi::Text::from(request.model),
            onnxruntime: ffi::Text::from(request.onnxruntime),
            overrides: overrides.as_ptr(),
            override_count: overrides.len(),
            callee_overrides: callees.as_ptr(),
            callee_override_count: callees.len(),
            record_decisions: request.record_decisions,
        };
        // SAFETY: every pointer in `raw` outlives the call.
        let result = Self(unsafe { ffi::fastir_compile(&raw) });
        // SAFETY: the result is live; the text is copied at once.
        let error = unsafe { ffi::fastir_result_error(result.0) }.to_string_lossy();
        if error.is_empty() {
            Ok(result)
        } else {
            Err(EngineError(error))
        }
    }

    /// The recorded decisions, in order; empty unless they were asked for.
    pub fn decisions(&self) -> Vec<Decision> {
        // SAFETY: the result is live.
        let count = unsafe { ffi::fastir_result_decision_count(self.0) };
        (0..count)
            .map(|i| {
                // SAFETY: `i` is below the count; texts are copied at once.
                let d = unsafe { ffi::fastir_result_decision(self.0, i) };
                Decision {
                    caller: d.caller.to_string_lossy(),
                    callee: d.callee.to_string_lossy(),
                    prediction: d.prediction,
                    llvm_decision: d.llvm_decision,
                    advice: d.advice,
                }
            })
            .collect()
    }

    /// A row of features for each decision, row-major, in schema order.
    pub fn features(&self) -> &[i64] {
        // SAFETY: the result is live; it owns decisions x features values for
        // as long as `self` does.
        unsafe {
            let rows = ffi::fastir_result_decision_count(self.0);
            if rows == 0 {
                return &[];
            }
            let data = ffi::fastir_result_features(self.0);
            std::slice::from_raw_parts(data, rows * ffi::fastir_feature_count())
        }
    }

    /// Loadable bytes by comdat and kind: what a linker keeps or drops at once.
    pub fn pieces(&self) -> Vec<Size> {
        // SAFETY: the result is live.
        let count = unsafe { ffi::fastir_result_piece_count(self.0) };
        // SAFETY: every index is below the count.
        (0..count)
            .map(|i| size(unsafe { ffi::fastir_result_piece(self.0, i) }))
            .collect()
    }

    /// Sizes of functions and objects, in the object file's order.
    pub fn symbols(&self) -> Vec<Size> {
        // SAFETY: the result is live.
        let count = unsafe { ffi::fastir_result_symbol_count(self.0) };
        // SAFETY: every index is below the count.
        (0..count)
            .map(|i| size(unsafe { ffi::fastir_result_symbol(self.0, i) }))
            .collect()
    }
}

fn size(raw: ffi::Size<'_>) -> Size {
    Size {
        name: raw.name.to_string_lossy(),
        kind: raw.kind,
        bytes: raw.bytes,
    }
}
