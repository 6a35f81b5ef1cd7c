//! The C++ core from Rust: compile one LLVM module in-process under given
//! inlining decisions and measure what it will weigh when linked
//! ([`Compilation`]), make tables of a module ([`Table`]), and evaluate a model
//! as the plugin does ([`predict`]). A safe face of `plugin/engine`,
//! `plugin/extract` and `plugin/model`.

mod alternatives;
mod compilation;
mod error;
mod ffi;
mod inline_graph;
mod predict;
mod request;
mod schema;
mod table;

pub use alternatives::{Alternative, Evaluation, evaluate};
pub use compilation::{Compilation, Decision, Size};
pub use error::{EngineError, Failure, FailureKind};
pub use inline_graph::Bytes;
pub use predict::{Predictions, predict};
pub use request::{Job, Request, Site, Variant};
pub use schema::{Feature, OrtSlot, features, llvm_version, ort_slots, section_kinds};
pub use table::{Column, ColumnInfo, ColumnType, Schema, Table, Task, Times, Values, schemas};
