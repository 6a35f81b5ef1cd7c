"""What can be given to llvm_tools as a module, or as many."""

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike, fspath
from typing import Any

import polars as pl

from llvm_tools.errors import UsageError

Source = bytes | str | PathLike[str]
"""A module: LLVM 22 bitcode or textual IR as bytes, or the path of a file that holds it."""

Sources = Iterable[Source] | Mapping[str, Source] | pl.Series
"""Many modules: their sources; sources by name; or a polars column of contents or paths."""


def name_one(src: Source) -> str:
    """What rows and errors call a module that nobody named."""
    return "<bytes>" if isinstance(src, bytes) else _readable(fspath(src))


def _readable(name: str) -> str:
    """A path may hold bytes that are no UTF-8."""
    return name.encode("utf-8", "replace").decode("utf-8")


def name_all(sources: Sources) -> dict[str, Source | None]:
    """Sources by name, in order; names are made unique, since rows are found by them.

    Raises
    ------
    UsageError
        If something is no source.
    """
    named: dict[str, Source | None] = {}
    for item, (name, source) in enumerate(_pairs(sources)):
        if source is not None and not isinstance(source, bytes | str | PathLike):
            raise UsageError(f"item {item} is no module but {type(source).__name__}")
        readable = _readable(name)
        named[readable if readable not in named else f"{readable} ({item})"] = source
    return named


def _pairs(sources: Sources) -> Iterator[tuple[str, Any]]:
    if isinstance(sources, Mapping):
        yield from ((str(name), source) for name, source in sources.items())
    elif isinstance(sources, pl.Series):
        label = sources.name or "row"
        yield from ((f"{label}[{row}]", source) for row, source in enumerate(sources))
    else:
        for item, source in enumerate(sources):
            yield f"<bytes {item}>" if isinstance(source, bytes) else str(source), source
