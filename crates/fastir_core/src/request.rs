//! What is asked of a compile: a module, how it is compiled, and who decides on inlining.

use serde::{Deserialize, Serialize};

/// A call site that stays the same while decisions elsewhere change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Site {
    /// Name of the calling function.
    pub caller: String,
    /// Name of the called function.
    pub callee: String,
    /// How many decisions on calls of that callee in that caller came before.
    pub occurrence: u32,
}

/// How a module is compiled, and who decides on inlining.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Job {
    /// What errors call the module.
    pub name: String,
    /// `O1`, `O2`, `O3`, `Os` or `Oz`.
    pub level: String,
    /// `compile`, or a phase of LTO: `thin-pre-link`, `thin-link`, `full-pre-link` or
    /// `full-link`.
    pub phase: String,
    /// `model`, `llvm`, `always` or `never`.
    pub policy: String,
    /// The ONNX file, for the policy `model`; else empty.
    pub model: String,
    /// ONNX Runtime's library; empty to look for it.
    pub onnxruntime: String,
    /// Whether functions get the size attributes of clang at `level`, whatever
    /// level the module was compiled for.
    pub relevel: bool,
    /// Definitions that no other module refers to, for a phase before the link.
    pub internal: Vec<String>,
}

/// What to compile, with decisions in place of the policy's.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// LLVM bitcode or textual IR, or an object file that holds bitcode.
    pub bitcode: &'a [u8],
    /// How.
    pub job: &'a Job,
    /// Advice by number of decision, in place of the policy's.
    pub overrides: &'a [(u32, bool)],
    /// Advice for every call of a function, where neither of the others says
    /// anything.
    pub callee_overrides: &'a [(String, bool)],
    /// Advice by call site, where `overrides` says nothing.
    pub site_overrides: &'a [(Site, bool)],
    /// Whether the compilation keeps its decisions with their features.
    pub record_decisions: bool,
    /// Whether [`crate::Compilation::pieces`] has each symbol by itself.
    pub by_symbol: bool,
    /// Whether the compilation keeps what [`crate::Compilation::variants`] needs.
    pub keep_state: bool,
}

impl<'a> Request<'a> {
    /// A compile whose decisions are the policy's, and which keeps nothing of them.
    pub fn new(bitcode: &'a [u8], job: &'a Job) -> Self {
        Self {
            bitcode,
            job,
            overrides: &[],
            callee_overrides: &[],
            site_overrides: &[],
            record_decisions: false,
            by_symbol: false,
            keep_state: false,
        }
    }
}

/// A compile whose decisions differ from a base compile's.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Number of the base's decision from which it may differ.
    pub first: u32,
    /// Advice that goes before the base's own.
    pub advice: Vec<(Site, bool)>,
}
