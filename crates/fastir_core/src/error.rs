//! Why the core could not do what it was asked.

use std::fmt;

/// Why a module could not be compiled, in one line that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineError(pub String);

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EngineError {}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The task makes no sense: no such table, or policy.
    Usage,
    /// The source cannot be read.
    Bitcode,
    /// The source can be read, and LLVM's verifier refuses it.
    Invalid,
    /// LLVM cannot do what is asked: passes, level, target, model.
    Work,
}

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of thing went wrong.
    pub kind: FailureKind,
    /// One line, without the module's name.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
