"""What can be given to llvm_tools as a module, or as many."""

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike, fspath
from typing import Any

import polars as pl

from llvm_tools.errors import UsageError

Source = bytes | str | PathLike[str]
"""A module: LLVM 22 bitcode or textual IR as bytes, or the path of a file that holds it. Of an
object file, the bitcode that clang's -fembed-bitcode and -ffat-lto-objects or rustc's
-Cembed-bitcode put into it, which is already optimised."""

Sources = Iterable[Source] | Mapping[str, Source] | pl.Series
"""Many modules: their sources; sources by name; or a polars column, of contents if it is Binary,
of paths if it is String. A null is a module that cannot be had."""


def name_one(src: Source) -> str:
    """What rows and errors call a module without a name."""
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
        unique, number = name, item
        while unique in named:
            unique = f"{name} ({number})"
            number += 1
        named[unique] = source
    return named


def _pairs(sources: Sources) -> Iterator[tuple[str, Source | None]]:
    if isinstance(sources, Mapping):
        for name, source in sources.items():
            yield _readable(str(name)), _source(f"'{name}'", source)
    elif isinstance(sources, pl.Series):
        label = sources.name or "row"
        for row, source in enumerate(sources):
            yield f"{label}[{row}]", _source(f"row {row}", source)
    elif isinstance(sources, Iterable):
        for item, given in enumerate(sources):
            source = _source(f"item {item}", given)
            if source is None or isinstance(source, bytes):
                yield f"<bytes {item}>", source
            else:
                yield name_one(source), source
    else:
        raise UsageError(f"{type(sources).__name__} is neither one module nor many")


def _source(what: str, given: Any) -> Source | None:
    """A source as it is given, or as other libraries hold bytes; None for a null."""
    if hasattr(given, "as_py"):
        given = given.as_py()
    if isinstance(given, bytearray | memoryview):
        return bytes(given)
    if given is None or isinstance(given, bytes | str | PathLike):
        return given
    raise UsageError(f"{what} is no module but {type(given).__name__}")
