//! What the C++ side declares once: features, section kinds, versions.

use crate::ffi;

/// One row of `InlineFeatures.def`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// Its one spelling everywhere.
    pub name: String,
    /// What its values count.
    pub unit: String,
    /// What it is.
    pub doc: String,
    /// Whether it needs no analysis that a compile without us would not make.
    pub is_lean: bool,
}

/// A function that `OrtApi.h` declares, with its slot in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrtSlot {
    /// The function's name in ONNX Runtime's C API.
    pub name: String,
    /// How many pointers precede it.
    pub slot: usize,
}

/// The features of a call site, in schema order.
pub fn features() -> Vec<Feature> {
    // SAFETY: no arguments; a constant of the library.
    let count = unsafe { ffi::fastir_feature_count() };
    (0..count)
        .map(|i| {
            // SAFETY: `i` is below the count; the texts are constants.
            let info = unsafe { ffi::fastir_feature_info(i) };
            Feature {
                name: info.name.to_string_lossy(),
                unit: info.unit.to_string_lossy(),
                doc: info.doc.to_string_lossy(),
                is_lean: info.is_lean,
            }
        })
        .collect()
}

/// Names of the kinds of section, by the number that sizes carry.
pub fn section_kinds() -> Vec<String> {
    // SAFETY: no arguments; a constant of the library.
    let count = unsafe { ffi::fastir_section_kind_count() };
    // SAFETY: every index is below the count.
    (0..count)
        .map(|i| unsafe { ffi::fastir_section_kind_name(i) }.to_string_lossy())
        .collect()
}

/// The slots of ONNX Runtime's function table that the plugin calls.
pub fn ort_slots() -> Vec<OrtSlot> {
    // SAFETY: no arguments; a constant of the library.
    let count = unsafe { ffi::fastir_ort_slot_count() };
    (0..count)
        .map(|i| {
            // SAFETY: `i` is below the count; the name is a constant.
            let info = unsafe { ffi::fastir_ort_slot_info(i) };
            OrtSlot {
                name: info.name.to_string_lossy(),
                slot: info.slot,
            }
        })
        .collect()
}

/// The version of LLVM that the engine was built for, such as `22.1.8`.
pub fn llvm_version() -> String {
    // SAFETY: no arguments; a constant of the library.
    unsafe { ffi::fastir_llvm_version() }.to_string_lossy()
}
