//! Tables of the C++ core as Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, LargeBinaryArray, LargeStringArray,
    RecordBatch,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use fastir_core::{Column, ColumnInfo, ColumnType, Table, Values};

/// The Arrow schema of a table.
pub fn arrow_schema(schema: &fastir_core::Schema) -> SchemaRef {
    let fields: Vec<Field> = schema.columns.iter().map(field).collect();
    Arc::new(Schema::new(fields))
}

fn field(info: &ColumnInfo) -> Field {
    let data_type = match info.column_type {
        ColumnType::Int64 => DataType::Int64,
        ColumnType::Float64 => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::String => DataType::LargeUtf8,
        ColumnType::Binary => DataType::LargeBinary,
    };
    Field::new(&info.name, data_type, info.is_nullable)
}

/// A filled table as a record batch.
pub fn record_batch(table: &Table) -> Result<RecordBatch, ArrowError> {
    let infos = &table.schema().columns;
    let arrays = table
        .columns()
        .zip(infos)
        .map(|(column, info)| array(&column, info.column_type))
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(arrow_schema(table.schema()), arrays)
}

fn array(column: &Column<'_>, column_type: ColumnType) -> Result<ArrayRef, ArrowError> {
    let nulls = column.valid.map(|valid| NullBuffer::new(bits(valid)));
    Ok(match column.values {
        Values::Int64(values) => Arc::new(Int64Array::try_new(values.to_vec().into(), nulls)?),
        Values::Float64(values) => Arc::new(Float64Array::try_new(values.to_vec().into(), nulls)?),
        Values::Boolean(values) => Arc::new(BooleanArray::new(bits(values), nulls)),
        Values::Bytes(bytes, offsets) if column_type == ColumnType::Binary => {
            let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets.to_vec()));
            let bytes = Buffer::from(bytes);
            Arc::new(LargeBinaryArray::try_new(offsets, bytes, nulls)?)
        }
        Values::Bytes(bytes, offsets) => strings(bytes, offsets, nulls)?,
    })
}

fn bits(bytes: &[u8]) -> BooleanBuffer {
    BooleanBuffer::collect_bool(bytes.len(), |i| bytes[i] != 0)
}

/// Names in LLVM are bytes. What is no UTF-8 gets replacement characters.
fn strings(
    bytes: &[u8],
    offsets: &[i64],
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let buffer = OffsetBuffer::new(ScalarBuffer::from(offsets.to_vec()));
    if let Ok(array) = LargeStringArray::try_new(buffer, Buffer::from(bytes), nulls.clone()) {
        return Ok(Arc::new(array));
    }
    let mut text = String::with_capacity(bytes.len());
    let mut ends = vec![0i64];
    for pair in offsets.windows(2) {
        let (start, end) = (pair[0] as usize, pair[1] as usize);
        text += &String::from_utf8_lossy(&bytes[start..end]);
        ends.push(text.len() as i64);
    }
    let buffer = OffsetBuffer::new(ScalarBuffer::from(ends));
    let array = LargeStringArray::try_new(buffer, Buffer::from(text.into_bytes()), nulls)?;
    Ok(Arc::new(array))
}

#[cfg(test)]
mod tests;
