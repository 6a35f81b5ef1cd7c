"""Going through more modules than memory holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl

from llvm_tools.batch import Batch
from llvm_tools.errors import SourceError, UsageError

_ROW = "__row"
_FILE = "__file"
_CONTENT = "__content"

Parquet = str | Path | list[str] | list[Path]


def stream(
    parquet: Parquet,
    function: Callable[..., Any],
    *arguments: Any,
    content: str = "content",
    keep: Sequence[str] = (),
    batch_rows: int = 256,
    storage_options: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[Batch]:
    """Apply a function of llvm_tools to the modules of Parquet files, batch after batch.

    Made for corpora such as ComPile, with a column ``content`` of bitcode and others that
    describe it. Memory holds two batches and their row groups, never the whole.

    Parameters
    ----------
    parquet
        Paths, globs or URLs, as ``polars.scan_parquet`` takes them: local files, ``https://``,
        ``s3://``, ``hf://`` and others.
    function
        What to make of the modules: `llvm_tools.instcount`, `llvm_tools.run_passes`, ...
    *arguments
        What it takes beside the modules, such as the passes.
    content
        The column with bitcode or textual IR.
    keep
        Columns of the files to have beside the rows of the frame, such as ``language``.
    batch_rows
        How many modules a batch has at the most. A row group is read anew for each batch that
        begins in it: a multiple of the files' row groups is fastest.
    storage_options
        Access to remote files, as ``polars.scan_parquet`` takes it.
    **options
        Of ``function``; those of `llvm_tools.RunOptions` among them.

    Yields
    ------
    Batch
        A batch of the modules that come next. They are called ``FILE[ROW]``, with the number of
        the row counted over all files; ``item`` in ``errors`` is that number too. A row that
        holds nothing is an error of the kind `SourceError`.

    Raises
    ------
    SourceError
        If the files cannot be read, or lack a column.
    UsageError
        If a column of ``keep`` is one that the frame has already.

    Examples
    --------
    >>> import llvm_tools, polars, tempfile, pathlib
    >>> shard = pathlib.Path(tempfile.mkdtemp()) / "shard.parquet"
    >>> ir = b"define i32 @f(i32 %x) { ret i32 %x }"
    >>> polars.DataFrame({"content": [ir, b"junk"], "language": ["c", "c"]}).write_parquet(shard)
    >>> for batch in llvm_tools.stream(shard, llvm_tools.instcount, keep=["language"]):
    ...     print(batch.frame.select("module", "RetCount", "language").row(0))
    ...     print(batch.errors.select("item", "error").row(0))
    ('shard.parquet[0]', 1, 'c')
    (1, 'BitcodeError')
    """
    if batch_rows < 1:
        raise UsageError(f"batch_rows={batch_rows}: at least 1 is needed")
    keep = [keep] if isinstance(keep, str) else list(keep)
    scan = pl.scan_parquet(
        parquet,
        row_index_name=_ROW,
        include_file_paths=_FILE,
        storage_options=dict(storage_options) if storage_options else None,
    ).select(_ROW, _FILE, pl.col(content).cast(pl.Binary).alias(_CONTENT), *keep)
    try:
        for rows in _slices(scan, batch_rows):
            yield _batch(rows, function, arguments, keep, options)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{parquet}: {_first_line(error)}") from None


def _slices(scan: pl.LazyFrame, length: int) -> Iterator[pl.DataFrame]:
    """The rows in pieces; the next is read while the last is worked on.

    Only a slice makes polars read as little as that: its own generator of batches runs ahead.
    """
    with ThreadPoolExecutor(1) as reader:

        def read(offset: int) -> Future[pl.DataFrame]:
            return reader.submit(scan.slice(offset, length).collect)

        offset = 0
        coming = read(offset)
        while (rows := coming.result()).height:
            offset += rows.height
            coming = read(offset)
            yield rows


def _batch(
    rows: pl.DataFrame,
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keep: Sequence[str],
    options: Mapping[str, Any],
) -> Batch:
    names = rows.select(
        pl.format("{}[{}]", pl.col(_FILE).str.extract(r"([^/]*)$"), _ROW)
    ).to_series()
    sources = dict(zip(names, rows[_CONTENT], strict=True))
    batch: Batch = function(sources, *arguments, **options)
    if taken := set(keep) & set(batch.frame.columns):
        raise UsageError(f"the frame has a column '{min(taken)}' of its own; it cannot be kept")
    kept = rows.select(names.alias("module"), *keep)
    return batch._replace(
        frame=batch.frame.join(kept, on="module", how="left", maintain_order="left"),
        errors=batch.errors.with_columns(pl.col("item") + rows[_ROW][0]),
    )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
