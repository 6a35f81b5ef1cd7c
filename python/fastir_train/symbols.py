"""Symbols of linked files, and how their names are written."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from fastir_train.errors import FastirError
from fastir_train.toolchain import tool


def read_symbols(path: Path) -> dict[str, int]:
    """Bytes of each defined symbol of an ELF file that has a size, by mangled name.

    Raises
    ------
    FastirError
        If the file cannot be read.
    """
    command = [tool("llvm-nm"), "--print-size", "--defined-only", "--format=posix", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise FastirError(result.stderr.strip().splitlines()[0])
    sizes: dict[str, int] = {}
    for line in result.stdout.splitlines():
        name, _, kind, size = (*line.rsplit(" ", 3), "")[:4]
        # What takes no space in the file is no part of it.
        if kind not in "bB" and size:
            sizes[name] = sizes.get(name, 0) + int(size, 16)
    return sizes


def demangle(names: Sequence[str]) -> list[str]:
    """Names as C++ and Rust write them; others stay as they are."""
    if not names:
        return []
    result = subprocess.run(
        [tool("llvm-cxxfilt")], input="\n".join(names), capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()
