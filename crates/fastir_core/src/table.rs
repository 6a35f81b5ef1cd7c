//! Making a table of one module.

mod schema;

use serde::{Deserialize, Serialize};

use crate::error::{Failure, FailureKind};
use crate::ffi;
pub use schema::{ColumnInfo, ColumnType, Schema, schemas};

/// What to make of one module. Which members count depends on the table.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Task<'a> {
    /// Name of one of [`schemas`].
    pub table: &'a str,
    /// LLVM bitcode or textual IR, or an object file that holds bitcode. It
    /// travels on its own.
    #[serde(skip)]
    pub source: &'a [u8],
    /// What the module is called in rows and errors.
    pub name: &'a str,
    /// A pipeline in the language of opt's `-passes=`.
    pub passes: &'a str,
    /// `O1`, `O2`, `O3`, `Os` or `Oz`; may be empty.
    pub level: &'a str,
    /// `model`, `llvm`, `always` or `never`.
    pub policy: &'a str,
    /// The ONNX file, for the policy `model`; else empty.
    pub model: &'a str,
    /// ONNX Runtime's library; empty to look for it.
    pub onnxruntime: &'a str,
    /// Whether LLVM's verifier sees the module whatever the table: those that
    /// only count trust bitcode.
    pub verify: bool,
}

/// Nanoseconds that the parts of a task took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// Reading bitcode or text into a module.
    pub parse: u64,
    /// LLVM's verifier.
    pub verify: u64,
    /// The table itself.
    pub work: u64,
}

/// The values of one column, one a row.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// 64-bit signed integers.
    Int64(&'a [i64]),
    /// 64-bit floating point.
    Float64(&'a [f64]),
    /// Truth values, a byte each.
    Boolean(&'a [u8]),
    /// Texts end to end, and where each begins: one offset more than rows.
    Bytes(&'a [u8], &'a [i64]),
}

/// One column of a filled table.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Its values; values of rows that are null mean nothing.
    pub values: Values<'a>,
    /// Which rows are not null, a byte each; none in columns without nulls.
    pub valid: Option<&'a [u8]>,
}

/// A filled table.
#[derive(Debug)]
pub struct Table {
    raw: *mut ffi::TableResult,
    schema: &'static Schema,
}

// SAFETY: a result is plain data that no thread changes once it is made.
unsafe impl Send for Table {}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: made by fastir_run_task, freed here only.
        unsafe { ffi::fastir_table_free(self.raw) }
    }
}

impl Table {
    /// Reads the task's module, verifies it where the table or the task asks
    /// for that, and fills the table.
    pub fn make(task: &Task<'_>) -> Result<Self, Failure> {
        let schema = schemas()
            .iter()
            .find(|s| s.name == task.table)
            .ok_or_else(|| Failure {
                kind: FailureKind::Usage,
                message: format!("no table '{}'", task.table),
            })?;
        let raw = ffi::Task {
            table: ffi::Text::from(task.table),
            source: ffi::Text::new(task.source),
            name: ffi::Text::from(task.name),
            passes: ffi::Text::from(task.passes),
            level: ffi::Text::from(task.level),
            policy: ffi::Text::from(task.policy),
            model: ffi::Text::from(task.model),
            onnxruntime: ffi::Text::from(task.onnxruntime),
            verify: task.verify,
        };
        // SAFETY: every pointer in `raw` outlives the call.
        let raw = unsafe { ffi::fastir_run_task(&raw) };
        let table = Self { raw, schema };
        match table.failure() {
            Some(failure) => Err(failure),
            None => Ok(table),
        }
    }

    fn failure(&self) -> Option<Failure> {
        // SAFETY: the result is live.
        let kind = match unsafe { ffi::fastir_table_failure(self.raw) } {
            0 => return None,
            1 => FailureKind::Usage,
            2 => FailureKind::Bitcode,
            3 => FailureKind::Invalid,
            _ => FailureKind::Work,
        };
        Some(Failure {
            kind,
            // SAFETY: the result is live; the text is copied at once.
            message: unsafe { ffi::fastir_table_message(self.raw) }.to_string_lossy(),
        })
    }

    /// The table's columns, as they are described.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Where the time went.
    pub fn times(&self) -> Times {
        // SAFETY: the result is live.
        let raw = unsafe { ffi::fastir_table_times(self.raw) };
        Times {
            parse: raw.parse_ns,
            verify: raw.verify_ns,
            work: raw.work_ns,
        }
    }

    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        // SAFETY: the result is live.
        unsafe { ffi::fastir_table_row_count(self.raw) }
    }

    /// The columns, in schema order.
    pub fn columns(&self) -> impl Iterator<Item = Column<'_>> {
        let rows = self.row_count();
        let columns = self.schema.columns.iter().enumerate();
        columns.map(move |(i, info)| {
            // SAFETY: `i` is below the schema's length, which is the table's.
            // The members that are read are those of the column's type, with
            // a value a row; they live as long as the result.
            unsafe {
                let raw = ffi::fastir_table_column(self.raw, i);
                Column {
                    values: match info.column_type {
                        ColumnType::Int64 => Values::Int64(slice(raw.ints, rows)),
                        ColumnType::Float64 => Values::Float64(slice(raw.floats, rows)),
                        ColumnType::Boolean => Values::Boolean(slice(raw.booleans, rows)),
                        ColumnType::String | ColumnType::Binary => {
                            let offsets = slice(raw.offsets, rows + 1);
                            let length = usize::try_from(offsets[rows]).unwrap_or(0);
                            Values::Bytes(slice(raw.bytes, length), offsets)
                        }
                    },
                    valid: info.is_nullable.then(|| slice(raw.valid, rows)),
                }
            }
        })
    }
}

/// # Safety
///
/// `data` points to `length` values that live for `'a`, unless that is none.
unsafe fn slice<'a, T>(data: *const T, length: usize) -> &'a [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data, length) }
}
