"""Frames reach other libraries by Arrow's PyCapsule interface, without a copy of their values."""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import llvm_tools


@pytest.fixture(scope="module")
def frame(real_modules: dict[str, list[Path]]) -> pl.DataFrame:
    return llvm_tools.block_features(real_modules["Oz"]).frame


def _address(column: pl.Series) -> int:
    """Where polars keeps the values of a numeric column; fails if it would have to copy them."""
    return column.to_numpy(allow_copy=False).__array_interface__["data"][0]


def test_the_frame_is_one_chunk(frame: pl.DataFrame) -> None:
    assert frame.n_chunks() == 1


def test_pyarrow_sees_the_same_memory(frame: pl.DataFrame) -> None:
    table = pa.table(frame)
    assert table.num_rows == frame.height
    for name in ("instruction_count", "opcode_load", "opcode_entropy"):
        (chunk,) = table[name].chunks
        assert chunk.buffers()[1].address + 8 * chunk.offset == _address(frame[name])
    assert table["function"].to_pylist() == frame["function"].to_list()


def test_pandas_sees_the_same_memory(frame: pl.DataFrame) -> None:
    table = pa.table(frame).to_pandas(types_mapper=pd.ArrowDtype)
    (chunk,) = table["opcode_load"].array.__arrow_array__().chunks
    assert chunk.buffers()[1].address + 8 * chunk.offset == _address(frame["opcode_load"])
    assert list(table.columns) == frame.columns


def test_pandas_reads_the_frame_by_itself(frame: pl.DataFrame) -> None:
    table = pd.DataFrame.from_arrow(frame)
    assert table["opcode_load"].tolist() == frame["opcode_load"].to_list()
    assert table["function"].tolist() == frame["function"].to_list()


def test_duckdb_queries_the_frame_as_it_is(frame: pl.DataFrame) -> None:
    query = "select function, sum(instruction_count) from frame group by 1 order by 2 desc limit 1"
    largest = frame.group_by("function").agg(pl.col("instruction_count").sum())
    expected = largest.sort("instruction_count", descending=True).row(0)
    assert duckdb.execute(query).fetchall() == [expected]


def test_what_comes_from_rust_is_taken_over_as_it_is() -> None:
    """The record batch of the native half, before polars has seen it."""
    from llvm_tools import batch  # noqa: PLC0415

    native = batch.run("instcount", {"m": b"define void @f() { ret void }"}, {}, {})
    arrow = pa.record_batch(native.table)
    ours = pl.DataFrame(native.table)
    assert arrow["RetCount"].buffers()[1].address == _address(ours["RetCount"])
