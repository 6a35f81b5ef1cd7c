"""Which decisions to label: a sample that fits a budget of compile time."""

import zlib
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from llvm_tools import FEATURE_NAMES


@dataclass
class Draw:
    """What to measure in one module."""

    decisions: dict[int, bool] = field(default_factory=dict)
    """What the policy advised, by number of decision."""
    groups: dict[str, int] = field(default_factory=dict)
    """How many decisions the policy took, by callee."""


def draw(project: str, decisions: pl.DataFrame, seconds: float, seed: int) -> dict[str, Draw]:
    """Draw from one project: half the budget for single decisions, half for groups.

    A decision that another module of the project repeats (same names, same features) is drawn
    once. Modules that compile fast are drawn from more often.

    Parameters
    ----------
    decisions
        The project's rows of what `fastir_train.labels.baselines` returns.
    seconds
        The budget, by the times that are in ``decisions``.

    Returns
    -------
    dict
        What to measure, by module.
    """
    # A stream of its own, so that a project's draw does not depend on the others.
    random = np.random.default_rng([seed, zlib.crc32(project.encode())])
    chosen: dict[str, Draw] = {}
    groups, left = _spend(_groups(decisions), 2, seconds / 2, random)
    for row in groups:
        chosen.setdefault(row["module"], Draw()).groups[row["callee"]] = row["calls"]
    singles = decisions.unique(
        ["caller", "callee", *FEATURE_NAMES], keep="first", maintain_order=True
    )
    for row in _spend(singles, 1, seconds / 2 + left, random)[0]:
        chosen.setdefault(row["module"], Draw()).decisions[row["decision"]] = row["inlines"]
    return chosen


def _groups(decisions: pl.DataFrame) -> pl.DataFrame:
    """Callees with more than one call in a module, each once a project."""
    groups = decisions.group_by("module", "callee", maintain_order=True).agg(
        pl.col("seconds").first(),
        calls=pl.len(),
        size=pl.col("callee_instruction_count").first(),
        users=pl.col("callee_users").first(),
    )
    several = groups.filter(pl.col("calls") > 1)
    return several.unique(["callee", "calls", "size", "users"], keep="first", maintain_order=True)


def _spend(
    rows: pl.DataFrame, compiles: int, budget: float, random: np.random.Generator
) -> tuple[list[dict], float]:
    """Rows drawn until the budget is spent, and what is left of it."""
    cost = rows["seconds"].to_numpy() * compiles
    drawn = []
    for position in np.argsort(random.exponential(size=rows.height) * np.sqrt(cost)):
        if cost[position] <= budget:
            budget -= float(cost[position])
            drawn.append(rows.row(int(position), named=True))
    return drawn, budget
