//! One compile: how it is run, and what came of it.

mod raw_request;

use crate::error::EngineError;
use crate::ffi;
use crate::request::{Request, Variant};
use raw_request::{Raw, raw_sites};

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
    /// The symbol that a piece outside of comdats belongs to, where the
    /// request separated them; else empty.
    pub symbol: String,
    /// Index into [`crate::section_kinds`].
    pub kind: u8,
    /// How many bytes.
    pub bytes: u64,
}

/// A finished compile.
#[derive(Debug)]
pub struct Compilation(*mut ffi::CompileResult);

// SAFETY: a result is tied to no thread: neither are the contexts of LLVM that
// it keeps, which nothing else refers to.
unsafe impl Send for Compilation {}
// SAFETY: whatever takes `&self` only reads plain data. `variants`, which reads
// modules into the context that was kept, takes `&mut self`.
unsafe impl Sync for Compilation {}

impl Drop for Compilation {
    fn drop(&mut self) {
        // SAFETY: made by fastir_compile, freed here only.
        unsafe { ffi::fastir_result_free(self.0) }
    }
}

impl Compilation {
    /// Optimises the module and generates its object code in memory.
    ///
    /// # Errors
    ///
    /// If the module cannot be read or compiled, or the model not used.
    pub fn run(request: &Request<'_>) -> Result<Self, EngineError> {
        let raw = Raw::new(request);
        // SAFETY: every pointer in `raw` outlives the call.
        Self(unsafe { ffi::fastir_compile(&raw.request) }).checked()
    }

    /// Compiles variants of this compile, each in a process forked off at its
    /// first decision.
    ///
    /// `request` is what this compile was made of, with `record_decisions`,
    /// `by_symbol` and `keep_state`, and with what it decided as its
    /// `site_overrides`. A variant's decisions come without features; its pieces
    /// leave out [`Compilation::unchanged`] units.
    ///
    /// It reads modules into this compile's own context, so no other code may
    /// look at it meanwhile:
    ///
    /// ```compile_fail,E0596
    /// fn shared(base: &fastir_core::Compilation, request: &fastir_core::Request<'_>) {
    ///     unsafe { base.variants(request, &[]) };
    /// }
    /// ```
    ///
    /// and it forks, which is for the caller to answer for:
    ///
    /// ```compile_fail,E0133
    /// fn safe(base: &mut fastir_core::Compilation, request: &fastir_core::Request<'_>) {
    ///     base.variants(request, &[]);
    /// }
    /// ```
    ///
    /// # Safety
    ///
    /// No other thread of the process may hold a lock that LLVM or the allocator
    /// needs, now or while this runs: of a forked process's threads only the
    /// caller is left, and what another has locked stays locked. A process
    /// without other threads is safe, and so are threads that only wait.
    pub unsafe fn variants(
        &mut self,
        request: &Request<'_>,
        variants: &[Variant],
    ) -> Vec<Result<Self, EngineError>> {
        let raw = Raw::new(request);
        let advice: Vec<_> = variants.iter().map(|v| raw_sites(&v.advice)).collect();
        let given: Vec<ffi::Variant<'_>> = variants
            .iter()
            .zip(&advice)
            .map(|(variant, advice)| ffi::Variant {
                first: variant.first,
                advice: advice.as_ptr(),
                advice_count: advice.len(),
            })
            .collect();
        let mut results = vec![std::ptr::null_mut(); given.len()];
        // SAFETY: every pointer in `raw` and `given` outlives the call, which
        // fills `results`, one for each variant.
        unsafe {
            ffi::fastir_compile_variants(
                &raw.request,
                self.0,
                given.as_ptr(),
                given.len(),
                results.as_mut_ptr(),
            );
        }
        results.into_iter().map(|r| Self(r).checked()).collect()
    }

    /// This compile for [`Compilation::from_bytes`] in another process of this
    /// machine; no variants can be made of it there.
    pub fn into_bytes(self) -> Vec<u8> {
        // SAFETY: the result is live and owned here; the bytes are copied at
        // once.
        unsafe { ffi::fastir_result_to_bytes(self.0) }
            .as_bytes()
            .to_vec()
    }

    /// The compile that these bytes were made of, by the same build.
    ///
    /// # Errors
    ///
    /// If they are not whole.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EngineError> {
        // SAFETY: the bytes outlive the call.
        Self(unsafe { ffi::fastir_result_from_bytes(ffi::Text::new(bytes)) }).checked()
    }

    fn checked(self) -> Result<Self, EngineError> {
        // SAFETY: the result is live; the text is copied at once.
        let error = unsafe { ffi::fastir_result_error(self.0) }.to_string_lossy();
        if error.is_empty() {
            Ok(self)
        } else {
            Err(EngineError(error))
        }
    }

    /// Comdats, and functions outside of comdats, whose code is that of the
    /// compile that this variant departed from.
    pub fn unchanged(&self) -> Vec<String> {
        // SAFETY: the result is live.
        let count = unsafe { ffi::fastir_result_unchanged_count(self.0) };
        // SAFETY: every index is below the count; texts are copied at once.
        (0..count)
            .map(|i| unsafe { ffi::fastir_result_unchanged(self.0, i) }.to_string_lossy())
            .collect()
    }

    /// How many functions this variant took over from the compile that it
    /// departed from, after inlining.
    pub fn reused(&self) -> usize {
        // SAFETY: the result is live.
        unsafe { ffi::fastir_result_reused(self.0) }
    }

    /// Functions whose attributes, on which callers depend, are not those of the
    /// compile that this variant departed from.
    pub fn attributes_changed(&self) -> Vec<String> {
        // SAFETY: the result is live.
        let count = unsafe { ffi::fastir_result_attributes_changed_count(self.0) };
        // SAFETY: every index is below the count; texts are copied at once.
        (0..count)
            .map(|i| unsafe { ffi::fastir_result_attributes_changed(self.0, i) }.to_string_lossy())
            .collect()
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
            let data = ffi::fastir_result_features(self.0);
            // A variant's decisions come without.
            if rows == 0 || data.is_null() {
                return &[];
            }
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
        symbol: raw.symbol.to_string_lossy(),
        kind: raw.kind,
        bytes: raw.bytes,
    }
}
