//! Compile one LLVM module in-process under given inlining decisions and
//! measure what it will weigh when linked. A safe face of the C++ engine in
//! `plugin/engine`, which runs the same advisor as the compiler plugin.

mod compilation;
mod ffi;
mod schema;

pub use compilation::{Compilation, Decision, EngineError, Request, Size};
pub use schema::{Feature, OrtSlot, features, llvm_version, ort_slots, section_kinds};
