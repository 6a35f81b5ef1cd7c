//! The C++ core from Rust: compile one LLVM module in-process under given
//! inlining decisions and measure what it will weigh when linked
//! ([`Compilation`]), and make tables of a module ([`Table`]). A safe face of
//! `plugin/engine` and `plugin/extract`.

mod alternatives;
mod compilation;
mod ffi;
mod inline_graph;
mod schema;
mod table;

pub use alternatives::{Alternative, Evaluation, evaluate};
pub use compilation::{Compilation, Decision, EngineError, Job, Request, Site, Size, Variant};
pub use inline_graph::Bytes;
pub use schema::{Feature, OrtSlot, features, llvm_version, ort_slots, section_kinds};
pub use table::{
    Column, ColumnInfo, ColumnType, Failure, FailureKind, Schema, Table, Task, Times, Values,
    schemas,
};
