"""What the scores of projects say, one by one and together, as text."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from fastir_train.benchmark.evaluate import changes, geomean, interval, total_change


def change(row: Mapping[str, int | None], what: str) -> str:
    """The relative change of one project's figure; empty where it was not counted."""
    before, after = row[f"{what}_before"], row[f"{what}_after"]
    return f"{after / before - 1:+.2%}" if before and after else ""


def format_interval(relative: np.ndarray) -> str:
    """The 95 % interval of the geometric mean of relative changes."""
    low, high = interval(relative)
    return f"{low:+.2%} to {high:+.2%}"


@dataclass(frozen=True)
class Summary:
    """The changes of one figure over projects: ``text``, ``loadable`` or ``instructions``."""

    scores: pl.DataFrame
    what: str

    @classmethod
    def of(cls, scores: pl.DataFrame, what: str) -> "Summary":
        """Of the projects whose figure was counted in both configurations."""
        return cls(scores.drop_nulls([f"{what}_before", f"{what}_after"]), what)

    def __bool__(self) -> bool:
        return not self.scores.is_empty()

    def geomean(self) -> str:
        """Geometric mean."""
        return f"{geomean(changes(self.scores, self.what)):+.2%}"

    def interval(self) -> str:
        """The geometric mean's 95 % interval."""
        return format_interval(changes(self.scores, self.what))

    def worst(self) -> str:
        """Of the project that grew most."""
        return f"{changes(self.scores, self.what).max():+.2%}"

    def total(self) -> str:
        """Of all projects' figures added up."""
        return f"{total_change(self.scores, self.what):+.2%}"
