//! Columns of the C++ core become Arrow arrays with the same values and nulls.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use fastir_core::{Column, ColumnInfo, ColumnType, Values};

use super::{array, arrow_schema};

fn of(values: Values<'_>, valid: Option<&[u8]>, column_type: ColumnType) -> ArrayRef {
    array(&Column { values, valid }, column_type).expect("an array")
}

#[test]
fn numbers_and_truth_values_keep_their_nulls() {
    let ints = of(
        Values::Int64(&[7, 0, -9]),
        Some(&[1, 0, 1]),
        ColumnType::Int64,
    );
    let ints: Vec<_> = ints.as_primitive::<Int64Type>().iter().collect();
    assert_eq!(ints, [Some(7), None, Some(-9)]);
    let floats = of(Values::Float64(&[0.5, 2.0]), None, ColumnType::Float64);
    let floats: Vec<_> = floats.as_primitive::<Float64Type>().iter().collect();
    assert_eq!(floats, [Some(0.5), Some(2.0)]);
    // More than a byte of bits; any byte but 0 is true.
    let bytes = [1, 0, 0, 1, 1, 0, 1, 0, 2, 0];
    let valid = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0];
    let booleans = of(Values::Boolean(&bytes), Some(&valid), ColumnType::Boolean);
    let booleans: Vec<_> = booleans.as_boolean().iter().collect();
    let mut expected = bytes.map(|byte| Some(byte != 0));
    expected[9] = None;
    assert_eq!(booleans, expected);
}

#[test]
fn texts_that_are_no_utf8_are_repaired_and_stay_in_their_rows() {
    // A text, a null, a broken one, an empty one, one after it.
    let (bytes, offsets) = (b"fcaf\xe9end", [0, 1, 1, 5, 5, 8]);
    let valid = [1, 0, 1, 1, 1];
    let values = Values::Bytes(bytes, &offsets);
    let texts = of(values, Some(&valid), ColumnType::String);
    let texts: Vec<_> = texts.as_string::<i64>().iter().collect();
    let expected = [Some("f"), None, Some("caf\u{fffd}"), Some(""), Some("end")];
    assert_eq!(texts, expected);
}

#[test]
fn a_character_cut_by_the_end_of_a_text_does_not_join_the_next() {
    // The two halves of an e with an acute accent in rows of their own.
    let texts = of(
        Values::Bytes(b"\xc3\xa9", &[0, 1, 2]),
        None,
        ColumnType::String,
    );
    let texts: Vec<_> = texts.as_string::<i64>().iter().collect();
    assert_eq!(texts, [Some("\u{fffd}"), Some("\u{fffd}")]);
}

#[test]
fn bytes_stay_as_they_are() {
    let values = Values::Bytes(b"BC\xc0\xde\0", &[0, 4, 4, 5]);
    let column = of(values, None, ColumnType::Binary);
    assert_eq!(column.data_type(), &DataType::LargeBinary);
    let column: Vec<_> = column.as_binary::<i64>().iter().flatten().collect();
    assert_eq!(column, [&b"BC\xc0\xde"[..], b"", b"\0"]);
}

#[test]
fn a_schema_names_type_and_nulls_of_each_column() {
    let column = |name: &str, column_type, is_nullable| ColumnInfo {
        name: name.to_owned(),
        column_type,
        is_nullable,
        unit: "u".to_owned(),
        doc: "d".to_owned(),
        source: "s".to_owned(),
    };
    let schema = arrow_schema(&fastir_core::Schema {
        name: "t".to_owned(),
        doc: "d".to_owned(),
        columns: vec![
            column("a", ColumnType::Int64, true),
            column("b", ColumnType::Float64, false),
            column("c", ColumnType::Boolean, false),
            column("d", ColumnType::String, true),
            column("e", ColumnType::Binary, false),
        ],
    });
    let fields: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| {
            (
                field.name().as_str(),
                field.data_type().clone(),
                field.is_nullable(),
            )
        })
        .collect();
    let expected = [
        ("a", DataType::Int64, true),
        ("b", DataType::Float64, false),
        ("c", DataType::Boolean, false),
        ("d", DataType::LargeUtf8, true),
        ("e", DataType::LargeBinary, false),
    ];
    assert_eq!(fields, expected);
}
