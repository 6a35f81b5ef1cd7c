//! Which tables there are, and what their columns hold.

use std::sync::OnceLock;

use crate::ffi;

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// 64-bit signed integers.
    Int64,
    /// 64-bit floating point.
    Float64,
    /// Truth values.
    Boolean,
    /// Text, UTF-8 wherever the module's is.
    String,
    /// Bytes.
    Binary,
}

/// One column of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its one spelling everywhere.
    pub name: String,
    /// The type of its values.
    pub column_type: ColumnType,
    /// Whether it may hold nulls.
    pub is_nullable: bool,
    /// What its values count; empty for names and texts.
    pub unit: String,
    /// What it is.
    pub doc: String,
    /// Which part of LLVM, or of published work, it is from.
    pub source: String,
}

/// A table that can be made of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The table's name.
    pub name: String,
    /// What its rows are.
    pub doc: String,
    /// Its columns, in order.
    pub columns: Vec<ColumnInfo>,
}

/// All tables there are.
pub fn schemas() -> &'static [Schema] {
    static SCHEMAS: OnceLock<Vec<Schema>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        // SAFETY: no arguments; a constant of the library.
        let count = unsafe { ffi::fastir_schema_count() };
        (0..count).map(schema).collect()
    })
}

fn schema(index: usize) -> Schema {
    // SAFETY: `index` is below the count; the texts are constants.
    let (name, doc, count) = unsafe {
        (
            ffi::fastir_schema_name(index),
            ffi::fastir_schema_doc(index),
            ffi::fastir_schema_column_count(index),
        )
    };
    Schema {
        name: name.to_string_lossy(),
        doc: doc.to_string_lossy(),
        columns: (0..count)
            // SAFETY: both indices are below their counts.
            .map(|i| column_info(&unsafe { ffi::fastir_schema_column(index, i) }))
            .collect(),
    }
}

fn column_info(raw: &ffi::ColumnInfo) -> ColumnInfo {
    ColumnInfo {
        name: raw.name.to_string_lossy(),
        column_type: match raw.kind {
            0 => ColumnType::Int64,
            1 => ColumnType::Float64,
            2 => ColumnType::Boolean,
            3 => ColumnType::String,
            _ => ColumnType::Binary,
        },
        is_nullable: raw.is_nullable,
        unit: raw.unit.to_string_lossy(),
        doc: raw.doc.to_string_lossy(),
        source: raw.source.to_string_lossy(),
    }
}
