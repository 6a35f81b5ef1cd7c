"""What got better or worse from one benchmark's results to another's, noise considered."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.benchmark.runner import by_pair, relative
from fastir_train.benchmark.statistics import geomean, interval
from fastir_train.problem.figures import COUNTED, names
from fastir_train.runtime.markdown import table

EXACT = names(COUNTED)
"""Figures that repeat."""
TIMED = {"seconds": "compile time", "run_seconds": "run time"}
"""Lists of times, one a run, and what they are called."""


@dataclass(frozen=True)
class Change:
    """One figure of one project in one configuration, before and after."""

    project: str
    configuration: str
    figure: str
    change: float
    """Relative: -0.02 is 2 % less."""
    noise: float
    """How much of it may be chance; 0 where a figure repeats."""

    def is_worse(self, threshold: float) -> bool:
        """Whether it grew by more than the threshold, beyond chance."""
        return self.change - self.noise > threshold

    def is_better(self, threshold: float) -> bool:
        """Whether it shrank by more than the threshold, beyond chance."""
        return self.change + self.noise < -threshold


@dataclass(frozen=True)
class Comparison:
    """Everything that both results hold."""

    changes: list[Change]
    broken: list[str]
    """What worked and does not any more, a line each."""
    missing: list[str]
    """What one of the two does not hold, a line each."""

    def worse(self, threshold: float) -> list[Change]:
        """What got worse, the worst first."""
        found = [change for change in self.changes if change.is_worse(threshold)]
        return sorted(found, key=lambda change: -change.change)

    def better(self, threshold: float) -> list[Change]:
        """What got better, the best first."""
        found = [change for change in self.changes if change.is_better(threshold)]
        return sorted(found, key=lambda change: change.change)


def compare(before: pl.DataFrame, after: pl.DataFrame) -> Comparison:
    """Compare results with others; both as `benchmark.runner.run_suite` returns them."""
    old, new = by_pair(before), by_pair(after)
    changes: list[Change] = []
    broken: list[str] = []
    missing = [f"{' in '.join(pair)}: only before" for pair in sorted(old.keys() - new.keys())]
    missing += [f"{' in '.join(pair)}: only after" for pair in sorted(new.keys() - old.keys())]
    for pair in sorted(old.keys() & new.keys()):
        was, now = old[pair], new[pair]
        if now["status"] in FAILURES and was["status"] not in FAILURES:
            broken.append(f"{' in '.join(pair)}: {now['status']}; {now['log']}")
        elif now["status"] not in FAILURES and was["status"] not in FAILURES:
            changes += _changes(was, now)
    return Comparison(changes, broken, missing)


def _changes(was: dict, now: dict) -> list[Change]:
    project, configuration = now["project"], now["configuration"]
    found = [
        Change(project, configuration, figure, change, 0.0)
        for figure in EXACT
        if (change := relative(now, was, figure)) is not None
    ]
    for what, figure in TIMED.items():
        timed = ratio_of_times(was[what], now[what])
        if timed is not None:
            found.append(Change(project, configuration, figure, *timed))
    return found


def ratio_of_times(before: list[float], after: list[float]) -> tuple[float, float] | None:
    """Relative change of paired times, and half the width of its 95 % interval.

    None with fewer than three pairs: an interval cannot be given then.
    """
    pairs = min(len(before), len(after))
    if pairs < 3:
        return None
    ratios = np.array(after[:pairs]) / np.array(before[:pairs]) - 1
    low, high = interval(ratios)
    return geomean(ratios), (high - low) / 2


def format_times(before: list[float], after: list[float]) -> str:
    """Their ratio as text; empty where no interval can be given."""
    timed = ratio_of_times(before, after)
    return "" if timed is None else _format(*timed)


def markdown(comparison: Comparison, threshold: float) -> str:
    """A summary for a pull request."""
    worse, better = comparison.worse(threshold), comparison.better(threshold)
    lines = [f"**{len(worse)} worse, {len(better)} better** beyond {threshold:.2%} and chance."]
    lines += [f"- broken: {line}" for line in comparison.broken]
    lines += [f"- not compared: {line}" for line in comparison.missing]
    if worse or better:
        cells = [
            (c.project, c.configuration, c.figure, _format(c.change, c.noise))
            for c in worse + better
        ]
        lines += ["", table(("project", "configuration", "figure", "change"), cells)]
    return "\n".join(lines)


def _format(change: float, noise: float) -> str:
    return f"{change:+.2%}" + (f" ± {noise:.2%}" if noise else "")
