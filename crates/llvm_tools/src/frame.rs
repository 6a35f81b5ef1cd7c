//! Engine results as Arrow tables.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
    UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use fastir_core::{Decision, Size};

/// Decisions with one column a feature.
pub fn decisions(decisions: &[Decision], features: &[i64]) -> Result<RecordBatch, ArrowError> {
    let names = fastir_core::features();
    let text = |get: fn(&Decision) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(decisions.iter().map(get)))
    };
    let flag = |get: fn(&Decision) -> bool| -> ArrayRef {
        Arc::new(BooleanArray::from_iter(
            decisions.iter().map(|d| Some(get(d))),
        ))
    };
    let numbers = UInt32Array::from_iter_values((0u32..).take(decisions.len()));
    let predictions = decisions
        .iter()
        .map(|d| Some(d.prediction).filter(|p| !p.is_nan()));
    let mut fields = vec![
        Field::new("decision", DataType::UInt32, false),
        Field::new("caller", DataType::Utf8, false),
        Field::new("callee", DataType::Utf8, false),
        Field::new("prediction", DataType::Float32, true),
        Field::new("llvm_inlines", DataType::Boolean, false),
        Field::new("inlines", DataType::Boolean, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(numbers),
        text(|d| &d.caller),
        text(|d| &d.callee),
        Arc::new(Float32Array::from_iter(predictions)),
        flag(|d| d.llvm_decision),
        flag(|d| d.advice),
    ];
    for (i, feature) in names.iter().enumerate() {
        fields.push(Field::new(&feature.name, DataType::Int64, false));
        let values = features.iter().skip(i).step_by(names.len()).copied();
        columns.push(Arc::new(Int64Array::from_iter_values(values)));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Pieces: comdat, symbol, kind, bytes.
pub fn pieces(sizes: &[Size]) -> Result<RecordBatch, ArrowError> {
    table(sizes, &[("comdat", |s| &s.name), ("symbol", |s| &s.symbol)])
}

/// Symbols: symbol, kind, bytes.
pub fn symbols(sizes: &[Size]) -> Result<RecordBatch, ArrowError> {
    table(sizes, &[("symbol", |s| &s.name)])
}

type Text = (&'static str, fn(&Size) -> &str);

fn table(sizes: &[Size], texts: &[Text]) -> Result<RecordBatch, ArrowError> {
    let kinds = fastir_core::section_kinds();
    let kind_of = |s: &Size| {
        kinds
            .get(usize::from(s.kind))
            .map_or("unknown", String::as_str)
    };
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (name, get) in texts {
        fields.push(Field::new(*name, DataType::Utf8, false));
        columns.push(Arc::new(StringArray::from_iter_values(
            sizes.iter().map(get),
        )));
    }
    fields.push(Field::new("kind", DataType::Utf8, false));
    columns.push(Arc::new(StringArray::from_iter_values(
        sizes.iter().map(kind_of),
    )));
    fields.push(Field::new("bytes", DataType::UInt64, false));
    columns.push(Arc::new(UInt64Array::from_iter_values(
        sizes.iter().map(|s| s.bytes),
    )));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
