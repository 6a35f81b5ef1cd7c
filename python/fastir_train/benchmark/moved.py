"""What shrank, grew, came or went between two configurations of a benchmark."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.benchmark.runner import by_pair


@dataclass(frozen=True)
class Moved:
    """One section or symbol of one program whose bytes differ."""

    project: str
    configuration: str
    name: str
    """As the file has it: a symbol's is mangled."""
    before: int
    after: int

    def change(self) -> int:
        """Bytes; negative where it shrank or went."""
        return self.after - self.before


def moved(rows: pl.DataFrame, kind: Literal["sections", "symbols"]) -> list[Moved]:
    """Those of `fastir_train.benchmark.runner.run_suite`'s rows, the largest change first."""
    known = by_pair(rows.filter(~pl.col("status").is_in(FAILURES)))
    found = []
    for row in known.values():
        base = known.get((row["project"], row["baseline"]))
        if base:
            before, after = (
                {entry["name"]: entry["bytes"] for entry in each[kind]} for each in (base, row)
            )
            found += [
                Moved(row["project"], row["configuration"], name, *sizes)
                for name in sorted(before.keys() | after.keys())
                if len(set(sizes := (before.get(name, 0), after.get(name, 0)))) > 1
            ]
    found.sort(key=lambda each: (-abs(each.change()), each.name))
    return found
