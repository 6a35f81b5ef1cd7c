"""What the scores of projects say, one by one and together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.corpus.manifest import LANGUAGES


def working(scores: pl.DataFrame) -> pl.DataFrame:
    """The projects that were built and passed their tests: only those count in summaries."""
    return scores.filter(~pl.col("status").is_in(FAILURES))


def by_language(scores: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """All scores, then those of each language that there is."""
    parts = [("all", scores)]
    parts += [(name, scores.filter(language=name)) for name in LANGUAGES]
    return [(name, part) for name, part in parts if part.height]


def changes(scores: pl.DataFrame, what: str) -> np.ndarray:
    """Relative change of ``text`` or ``loadable`` bytes or ``instructions``, one a project.

    -0.02 is 2 % less.
    """
    return (scores[f"{what}_after"] / scores[f"{what}_before"] - 1).to_numpy()


def geomean(relative: np.ndarray) -> float:
    """Geometric mean of relative changes."""
    return float(np.expm1(np.mean(np.log1p(relative))))


def interval(relative: np.ndarray, *, seed: int = 0, draws: int = 10_000) -> tuple[float, float]:
    """95 % bootstrap interval, over projects, of the geometric mean."""
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(relative), (draws, len(relative)))
    means = np.expm1(np.mean(np.log1p(relative)[picks], axis=1))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def total_change(scores: pl.DataFrame, what: str) -> float:
    """Relative change of the bytes of all projects together."""
    before, after = (int(scores[f"{what}_{when}"].sum()) for when in ("before", "after"))
    return after / before - 1


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
