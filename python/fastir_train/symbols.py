"""Symbols that shrank, grew, came or went between two configurations of a benchmark."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fastir_train.bench import FAILURES, by_pair
from fastir_train.toolchain import tool


@dataclass(frozen=True)
class Moved:
    """One symbol of one program whose bytes differ."""

    project: str
    configuration: str
    symbol: str
    """Demangled."""
    before: int
    after: int

    def change(self) -> int:
        """Bytes; negative where it shrank or went."""
        return self.after - self.before


def moved_symbols(rows: pl.DataFrame) -> list[Moved]:
    """Those of `fastir_train.bench.run_suite`'s rows, the largest change first."""
    known = by_pair(rows.filter(~pl.col("status").is_in(FAILURES)))
    found = []
    for row in known.values():
        base = known.get((row["project"], row["against"]))
        if base:
            before, after = (
                {entry["name"]: entry["bytes"] for entry in each["symbols"]} for each in (base, row)
            )
            found += [
                Moved(row["project"], row["configuration"], name, *sizes)
                for name in sorted(before.keys() | after.keys())
                if len(set(sizes := (before.get(name, 0), after.get(name, 0)))) > 1
            ]
    found.sort(key=lambda moved: (-abs(moved.change()), moved.symbol))
    names = demangle([moved.symbol for moved in found])
    return [
        Moved(moved.project, moved.configuration, name, moved.before, moved.after)
        for moved, name in zip(found, names, strict=True)
    ]


def demangle(names: Sequence[str]) -> list[str]:
    """Names as C++ and Rust write them; others stay as they are."""
    if not names:
        return []
    result = subprocess.run(
        [tool("llvm-cxxfilt")], input="\n".join(names), capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()
