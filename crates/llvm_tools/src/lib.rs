//! `llvm_tools._native`: the private native module. Its public face, with
//! types and polars frames, is the Python package `llvm_tools`.

mod compile;
mod error;
mod frame;
mod predict;
mod tables;

use pyo3::prelude::*;

/// The native half of `llvm_tools`.
#[pymodule]
mod _native {
    #[pymodule_export]
    use crate::compile::{Compilation, Evaluation, compile, evaluate};
    #[pymodule_export]
    use crate::error::EngineError;
    #[pymodule_export]
    use crate::predict::predict;
    #[pymodule_export]
    use crate::tables::{Batch, run, schemas};

    use super::*;

    /// (name, unit, doc, whether it is lean) of every feature of a call site, in
    /// schema order.
    #[pyfunction]
    fn features() -> Vec<(String, String, String, bool)> {
        fastir_core::features()
            .into_iter()
            .map(|f| (f.name, f.unit, f.doc, f.is_lean))
            .collect()
    }

    /// Names of the kinds of section that sizes are counted by.
    #[pyfunction]
    fn section_kinds() -> Vec<String> {
        fastir_core::section_kinds()
    }

    /// The version of LLVM that this was built for.
    #[pyfunction]
    fn llvm_version() -> String {
        fastir_core::llvm_version()
    }
}
