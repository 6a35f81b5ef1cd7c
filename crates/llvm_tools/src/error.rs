//! The one error home: how engine errors reach Python.

use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::PyException;

create_exception!(
    llvm_tools._native,
    EngineError,
    PyException,
    "A module could not be compiled."
);

/// Results of this crate.
pub type Result<T> = std::result::Result<T, PyErr>;

/// An engine error as the Python exception of the same name.
pub fn to_python(error: fastir_core::EngineError) -> PyErr {
    EngineError::new_err(error.to_string())
}
