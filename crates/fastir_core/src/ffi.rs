//! The C interfaces of `plugin/capi/EngineApi.h`, `plugin/capi/ModelApi.h` and
//! `plugin/capi/TaskApi.h`, member for member.

use std::marker::PhantomData;

/// UTF-8 with its length; lives as long as what it was taken from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text<'a> {
    data: *const u8,
    size: usize,
    owner: PhantomData<&'a [u8]>,
}

impl<'a> Text<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            size: bytes.len(),
            owner: PhantomData,
        }
    }

    pub fn as_bytes(self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        // SAFETY: the C++ side hands out `size` readable bytes at `data`,
        // which live as long as the owner that 'a names.
        unsafe { std::slice::from_raw_parts(self.data, self.size) }
    }

    pub fn to_string_lossy(self) -> String {
        String::from_utf8_lossy(self.as_bytes()).into_owned()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text.as_bytes())
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Override {
    pub decision: u32,
    pub advice: bool,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct CalleeOverride<'a> {
    pub callee: Text<'a>,
    pub advice: bool,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct SiteOverride<'a> {
    pub caller: Text<'a>,
    pub callee: Text<'a>,
    pub occurrence: u32,
    pub advice: bool,
}

#[repr(C)]
pub struct Request<'a> {
    pub bitcode: Text<'a>,
    pub name: Text<'a>,
    pub level: Text<'a>,
    pub phase: Text<'a>,
    pub policy: Text<'a>,
    pub model: Text<'a>,
    pub onnxruntime: Text<'a>,
    pub overrides: *const Override,
    pub override_count: usize,
    pub callee_overrides: *const CalleeOverride<'a>,
    pub callee_override_count: usize,
    pub site_overrides: *const SiteOverride<'a>,
    pub site_override_count: usize,
    pub internal: *const Text<'a>,
    pub internal_count: usize,
    pub record_decisions: bool,
    pub relevel: bool,
    pub by_symbol: bool,
    pub keep_state: bool,
}

#[repr(C)]
pub struct Variant<'a> {
    pub first: u32,
    pub advice: *const SiteOverride<'a>,
    pub advice_count: usize,
}

#[repr(C)]
pub struct Decision<'a> {
    pub caller: Text<'a>,
    pub callee: Text<'a>,
    pub prediction: f32,
    pub llvm_decision: bool,
    pub advice: bool,
}

#[repr(C)]
pub struct Size<'a> {
    pub name: Text<'a>,
    pub symbol: Text<'a>,
    pub kind: u8,
    pub bytes: u64,
}

#[repr(C)]
pub struct Feature {
    pub name: Text<'static>,
    pub unit: Text<'static>,
    pub doc: Text<'static>,
    pub is_lean: bool,
}

#[repr(C)]
pub struct OrtSlot {
    pub name: Text<'static>,
    pub slot: usize,
}

#[repr(C)]
pub struct Task<'a> {
    pub table: Text<'a>,
    pub source: Text<'a>,
    pub name: Text<'a>,
    pub passes: Text<'a>,
    pub level: Text<'a>,
    pub policy: Text<'a>,
    pub model: Text<'a>,
    pub onnxruntime: Text<'a>,
    pub verify: bool,
}

#[repr(C)]
pub struct Rows<'a> {
    pub model: Text<'a>,
    pub runtime: Text<'a>,
    pub onnxruntime: Text<'a>,
    pub values: *const f32,
    pub value_count: usize,
}

#[repr(C)]
pub struct ColumnInfo {
    pub name: Text<'static>,
    pub kind: u8,
    pub is_nullable: bool,
    pub unit: Text<'static>,
    pub doc: Text<'static>,
    pub source: Text<'static>,
}

#[repr(C)]
pub struct Column {
    pub ints: *const i64,
    pub floats: *const f64,
    pub booleans: *const u8,
    pub bytes: *const u8,
    pub offsets: *const i64,
    pub valid: *const u8,
}

#[repr(C)]
pub struct Times {
    pub parse_ns: u64,
    pub verify_ns: u64,
    pub work_ns: u64,
}

/// Opaque: a filled table, or why there is none.
#[repr(C)]
pub struct TableResult {
    _private: [u8; 0],
}

/// Opaque: predictions, or why there are none.
#[repr(C)]
pub struct PredictionResult {
    _private: [u8; 0],
}

/// Opaque: a finished compile.
#[repr(C)]
pub struct CompileResult {
    _private: [u8; 0],
}

unsafe extern "C" {
    pub fn fastir_predict(rows: *const Rows<'_>) -> *mut PredictionResult;
    pub fn fastir_predictions_free(predictions: *mut PredictionResult);
    pub fn fastir_predictions_error<'a>(predictions: *const PredictionResult) -> Text<'a>;
    pub fn fastir_predictions_runtime<'a>(predictions: *const PredictionResult) -> Text<'a>;
    pub fn fastir_predictions_count(predictions: *const PredictionResult) -> usize;
    pub fn fastir_predictions_values(predictions: *const PredictionResult) -> *const f32;
    pub fn fastir_compile(request: *const Request<'_>) -> *mut CompileResult;
    pub fn fastir_result_free(result: *mut CompileResult);
    pub fn fastir_result_to_bytes<'a>(result: *mut CompileResult) -> Text<'a>;
    pub fn fastir_result_from_bytes(bytes: Text<'_>) -> *mut CompileResult;
    pub fn fastir_result_error<'a>(result: *const CompileResult) -> Text<'a>;
    pub fn fastir_result_decision_count(result: *const CompileResult) -> usize;
    pub fn fastir_result_decision<'a>(result: *const CompileResult, i: usize) -> Decision<'a>;
    pub fn fastir_result_features(result: *const CompileResult) -> *const i64;
    pub fn fastir_result_piece_count(result: *const CompileResult) -> usize;
    pub fn fastir_result_piece<'a>(result: *const CompileResult, i: usize) -> Size<'a>;
    pub fn fastir_result_symbol_count(result: *const CompileResult) -> usize;
    pub fn fastir_result_symbol<'a>(result: *const CompileResult, i: usize) -> Size<'a>;
    pub fn fastir_result_unchanged_count(result: *const CompileResult) -> usize;
    pub fn fastir_result_unchanged<'a>(result: *const CompileResult, i: usize) -> Text<'a>;
    pub fn fastir_result_reused(result: *const CompileResult) -> usize;
    pub fn fastir_result_attributes_changed_count(result: *const CompileResult) -> usize;
    pub fn fastir_result_attributes_changed<'a>(result: *const CompileResult, i: usize)
    -> Text<'a>;
    pub fn fastir_compile_variants(
        request: *const Request<'_>,
        base: *const CompileResult,
        variants: *const Variant<'_>,
        count: usize,
        results: *mut *mut CompileResult,
    );
    pub fn fastir_section_kind_count() -> usize;
    pub fn fastir_section_kind_name(kind: usize) -> Text<'static>;
    pub fn fastir_feature_count() -> usize;
    pub fn fastir_feature_info(i: usize) -> Feature;
    pub fn fastir_ort_slot_count() -> usize;
    pub fn fastir_ort_slot_info(i: usize) -> OrtSlot;
    pub fn fastir_llvm_version() -> Text<'static>;
    pub fn fastir_run_task(task: *const Task<'_>) -> *mut TableResult;
    pub fn fastir_table_free(table: *mut TableResult);
    pub fn fastir_table_failure(table: *const TableResult) -> u8;
    pub fn fastir_table_message<'a>(table: *const TableResult) -> Text<'a>;
    pub fn fastir_table_times(table: *const TableResult) -> Times;
    pub fn fastir_table_row_count(table: *const TableResult) -> usize;
    pub fn fastir_table_column(table: *const TableResult, i: usize) -> Column;
    pub fn fastir_schema_count() -> usize;
    pub fn fastir_schema_name(schema: usize) -> Text<'static>;
    pub fn fastir_schema_doc(schema: usize) -> Text<'static>;
    pub fn fastir_schema_column_count(schema: usize) -> usize;
    pub fn fastir_schema_column(schema: usize, i: usize) -> ColumnInfo;
}

#[cfg(test)]
mod tests;
