//! Tables of many modules, and what their columns are.

use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use fastir_core::{ColumnType, Schema, Task};
use llvm_workers::{ErrorKind, Item, Options, Source, Stats, Stopped};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3_arrow::PyRecordBatch;

use crate::error::{EngineError, Result};

/// (name, type, nullable, unit, doc, source)
type ColumnRow = (String, &'static str, bool, String, String, String);

/// (table, doc, columns) of every table there is.
#[pyfunction]
pub fn schemas() -> Vec<(String, String, Vec<ColumnRow>)> {
    let row = |schema: &Schema| {
        let columns = schema.columns.iter().map(|column| {
            (
                column.name.clone(),
                type_name(column.column_type),
                column.is_nullable,
                column.unit.clone(),
                column.doc.clone(),
                column.source.clone(),
            )
        });
        (schema.name.clone(), schema.doc.clone(), columns.collect())
    };
    fastir_core::schemas().iter().map(row).collect()
}

fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Int64 => "Int64",
        ColumnType::Float64 => "Float64",
        ColumnType::Boolean => "Boolean",
        ColumnType::String => "String",
        ColumnType::Binary => "Binary",
    }
}

/// A module's bytes, or the path of its file.
#[derive(FromPyObject)]
pub enum PySource {
    Bytes(PyBackedBytes),
    Path(PathBuf),
}

/// (bytes, read, parse, verify, work, encode: nanoseconds, peak bytes)
type StatsRow = (u64, u64, u64, u64, u64, u64, u64);

/// Tables of many modules in one.
#[pyclass(frozen, get_all)]
pub struct Batch {
    /// All rows, in the order of the modules.
    table: Py<PyAny>,
    /// (item, kind, message) of each module that has no table.
    errors: Vec<(usize, &'static str, String)>,
    /// What each module cost.
    stats: Vec<StatsRow>,
}

/// Makes the table `table` of every module, in worker processes.
///
/// `progress` is called with the number of modules that are done, several
/// times a second.
#[pyfunction]
#[pyo3(signature = (table, names, sources, *, worker, passes, level, policy, model, onnxruntime, verify, workers, timeout, progress))]
#[allow(clippy::too_many_arguments)]
pub fn run(
    py: Python<'_>,
    table: &str,
    names: Vec<PyBackedStr>,
    sources: Vec<PySource>,
    worker: PathBuf,
    passes: &str,
    level: &str,
    policy: &str,
    model: &str,
    onnxruntime: &str,
    verify: bool,
    workers: Option<NonZero<usize>>,
    timeout: Option<f64>,
    progress: Option<Py<PyAny>>,
) -> Result<Batch> {
    let task = Task {
        table,
        passes,
        level,
        policy,
        model,
        onnxruntime,
        verify,
        ..Task::default()
    };
    let items: Vec<Item<'_>> = names.iter().zip(&sources).map(item).collect();
    let options = Options {
        worker: &worker,
        workers,
        timeout: timeout.map(duration).transpose()?,
    };
    let mut raised = None;
    let mut report = |done| {
        let reported = Python::attach(|py| {
            if let Some(progress) = &progress {
                progress.call1(py, (done,))?;
            }
            py.check_signals()
        });
        raised = reported.err();
        raised.is_none()
    };
    let batch = py.detach(|| llvm_workers::run(&task, &items, &options, &mut report));
    match batch {
        Ok(batch) => to_python(py, batch),
        Err(Stopped::Interrupted) => {
            Err(raised.unwrap_or_else(|| PyRuntimeError::new_err("interrupted")))
        }
        Err(Stopped::NoSuchTable) => Err(PyValueError::new_err(format!("no table '{table}'"))),
        Err(Stopped::NoWorker(error)) => Err(EngineError::new_err(format!(
            "cannot start {}: {error}",
            worker.display()
        ))),
        Err(Stopped::Arrow(error)) => Err(EngineError::new_err(error.to_string())),
    }
}

fn item<'a>((name, source): (&'a PyBackedStr, &'a PySource)) -> Item<'a> {
    Item {
        name,
        source: match source {
            PySource::Bytes(bytes) => Source::Bytes(bytes),
            PySource::Path(path) => Source::Path(path),
        },
    }
}

fn duration(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("timeout: {error}")))
}

fn to_python(py: Python<'_>, batch: llvm_workers::Batch) -> Result<Batch> {
    let errors = batch.errors.into_iter();
    Ok(Batch {
        table: Py::new(py, PyRecordBatch::new(batch.table))?.into_any(),
        errors: errors
            .map(|error| (error.item, kind_name(error.kind), error.message))
            .collect(),
        stats: batch.stats.into_iter().map(stats_row).collect(),
    })
}

fn stats_row(stats: Stats) -> StatsRow {
    (
        stats.bytes,
        stats.read_ns,
        stats.parse_ns,
        stats.verify_ns,
        stats.work_ns,
        stats.encode_ns,
        stats.peak_bytes,
    )
}

fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage => "usage",
        ErrorKind::File => "file",
        ErrorKind::Bitcode => "bitcode",
        ErrorKind::Invalid => "invalid",
        ErrorKind::Work => "work",
        ErrorKind::Crash => "crash",
        ErrorKind::Timeout => "timeout",
    }
}
