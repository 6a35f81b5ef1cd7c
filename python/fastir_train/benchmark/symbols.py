"""Symbols of linked files, and how their names are written."""

from collections.abc import Sequence
from pathlib import Path

from fastir_train.runtime.programs import run_tool


def read_symbols(path: Path) -> dict[str, int]:
    """Bytes of each defined symbol of a file that has a size, by mangled name.

    Raises
    ------
    FastirError
        If the file cannot be read.
    """
    options = ("--print-size", "--defined-only", "--format=posix")
    sizes: dict[str, int] = {}
    for line in run_tool("llvm-nm", *options, str(path)).splitlines():
        name, _, kind, size = (*line.rsplit(" ", 3), "")[:4]
        # What takes no space in the file is no part of it.
        if kind not in "bB" and size:
            sizes[name] = sizes.get(name, 0) + int(size, 16)
    return sizes


def demangle(names: Sequence[str]) -> list[str]:
    """Names as C++ and Rust write them; others stay as they are.

    Raises
    ------
    FastirError
        If LLVM's tool fails.
    """
    return run_tool("llvm-cxxfilt", given="\n".join(names)).splitlines() if names else []
