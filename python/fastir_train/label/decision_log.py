"""Reading decision logs, the files of ``-fastir-log=``.

The format is MLGO's (llvm::Logger): a line of JSON that lists the tensors, then for each decision
a line ``{"context": "MODULE: CALLER -> CALLEE", "runtime": "native"}`` where the context changes,
a line ``{"observation": N}``, and the raw tensors in the header's order with a newline behind them.
The runtime is what evaluated the model, if one was asked.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl

from fastir_train.runtime.errors import FastirError, PluginNotUsedError


def read_log(path: Path) -> pl.DataFrame:
    """The decisions of a log, in order.

    Returns
    -------
    polars.DataFrame
        ``context``, one column for each tensor of the header, and ``runtime``, null where no model
        was asked.

    Raises
    ------
    FastirError
        If the file cannot be read, is truncated, or is no such log.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FastirError(f"cannot read log {path}: {error.strerror}") from None
    try:
        return _parse(content)
    except (ValueError, KeyError, TypeError) as error:
        raise FastirError(f"{path} is no decision log, or is truncated: {error}") from None


def read_logs(directory: Path) -> pl.DataFrame:
    """The decisions of all logs of a folder, by file name.

    Raises
    ------
    PluginNotUsedError
        If there is none.
    FastirError
        If one cannot be read.
    """
    logs = [read_log(path) for path in sorted(directory.glob("*.fastirlog"))]
    if not logs:
        raise PluginNotUsedError(f"no log in {directory}: nothing was compiled with the plugin")
    return pl.concat(logs)


def call_sites(decisions: pl.DataFrame) -> pl.DataFrame:
    """The ``caller`` and ``callee`` of each decision of a log, mangled."""
    # The module's name may hold colons, arrows and newlines.
    sides = pl.col("context").str.extract_groups(r"(?s)^.*: (?<caller>.*?) -> (?<callee>.*)$")
    return decisions.select(sides.struct.unnest())


_TYPES = {"int64_t": np.dtype("<i8"), "float": np.dtype("<f4")}


def _parse(content: bytes) -> pl.DataFrame:
    header, at = _line(content, 0)
    row = np.dtype([(spec["name"], _TYPES[spec["type"]]) for spec in header["features"]])
    contexts, runtimes, rows = [], [], []
    context, runtime = "", None
    while at < len(content):
        line, at = _line(content, at)
        if "context" in line:
            context, runtime = line["context"], line.get("runtime")
            continue
        if "observation" not in line:
            raise ValueError(f"unexpected line {line}")
        end = at + row.itemsize
        if content[end : end + 1] != b"\n":
            raise ValueError("an observation has no end")
        contexts.append(context)
        runtimes.append(runtime)
        rows.append(content[at:end])
        at = end + 1
    table = np.frombuffer(b"".join(rows), dtype=row)
    columns = {name: table[name] for name in row.names or ()}
    return pl.DataFrame(
        {
            "context": pl.Series(contexts, dtype=pl.String),
            **columns,
            "runtime": pl.Series(runtimes, dtype=pl.String),
        }
    )


def _line(content: bytes, at: int) -> tuple[dict, int]:
    end = content.find(b"\n", at)
    if end < 0:
        raise ValueError("a line has no end")
    return json.loads(content[at:end]), end + 1
