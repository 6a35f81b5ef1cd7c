"""Which decisions to label: a sample of a project's modules, each labelled densely.

Alternatives of one module share compiles (`llvm_tools.measure_alternatives`), so many labels in
few modules cost less than few in many.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from llvm_tools import FEATURE_NAMES
from llvm_tools.engine import Phase

# Chosen by hand, none of them tuned.
SINGLES_A_MODULE, GROUPS_A_MODULE = 60, 30
MERGED_SINGLES, MERGED_GROUPS = 400, 200
"""In a module that full LTO has merged."""
SINGLES_A_CALLEE = 4
COPIED_INSTRUCTIONS = 200
"""A callee whose copies would add more is seldom worth a label: no policy would inline it."""
TRIVIAL, LARGE = 3, 40
"""Instructions of callees: LLVM is right to inline what has no more than the first, and to leave
what has more than the second."""
SELDOM = 0.1
"""The share of what is hardly in doubt that may be drawn."""


@dataclass
class Draw:
    """What to measure in one module: alternatives to its decisions, and what each means."""

    singles: dict[int, bool] = field(default_factory=dict)
    """What the policy advised, by number of decision."""
    groups: dict[str, dict[int, bool]] = field(default_factory=dict)
    """By callee, what the policy advised on each of its calls."""

    def labels(self) -> int:
        """How many labels come of it."""
        return len(self.singles) + len(self.groups)

    def alternatives(self) -> list[dict[int, bool]]:
        """The decisions to take otherwise: each single, then each group all inlined, then none."""
        groups = self.groups.values()
        return [
            *({decision: not advice} for decision, advice in self.singles.items()),
            *(_all(calls, inline=True) for calls in groups),
            *(_all(calls, inline=False) for calls in groups),
        ]


def _all(calls: Mapping[int, bool], *, inline: bool) -> dict[int, bool]:
    return {decision: inline for decision, advice in calls.items() if advice != inline}


def draw(
    project: str, decisions: pl.DataFrame, labels: int, seed: int, phase: Phase = "compile"
) -> Mapping[str, Draw]:
    """Draw from one project until ``labels`` labels are planned.

    A decision that another module of the project repeats (same names, same features) is drawn
    once, and so is a callee with the same calls.

    Parameters
    ----------
    decisions
        The project's rows of what `fastir_train.label.labels.baselines` returns.

    Returns
    -------
    Mapping
        What to measure, by module.
    """
    # A stream of its own, so that a project's draw does not depend on the others.
    random = np.random.default_rng([seed, zlib.crc32(project.encode())])
    singles = decisions.unique(
        ["caller", "callee", *FEATURE_NAMES], keep="first", maintain_order=True
    ).select("module", "callee", "decision", "inlines", "callee_instruction_count")
    groups = _groups(decisions)
    modules = decisions["module"].unique().sort().to_list()
    chosen: dict[str, Draw] = {}
    planned = 0
    is_merged = phase == "full-link"
    most_singles = MERGED_SINGLES if is_merged else SINGLES_A_MODULE
    most_groups = MERGED_GROUPS if is_merged else GROUPS_A_MODULE
    for position in random.permutation(len(modules)):
        if planned >= labels:
            break
        module = modules[int(position)]
        drawn = Draw(
            _singles(singles.filter(module=module), most_singles, random),
            _some_groups(
                groups.filter(module=module),
                decisions.filter(module=module),
                most_groups,
                random,
            ),
        )
        if drawn.labels():
            chosen[module] = drawn
            planned += drawn.labels()
    return chosen


def _singles(rows: pl.DataFrame, most: int, random: np.random.Generator) -> dict[int, bool]:
    size = pl.col("callee_instruction_count")
    clear = pl.when("inlines").then(size <= TRIVIAL).otherwise(size > LARGE)
    order = _some(rows, rows.select(clear).to_series(), random)
    few = order.filter(pl.int_range(pl.len()).over("callee") < SINGLES_A_CALLEE)
    return dict(few.head(most).select("decision", "inlines").sort("decision").rows())


def _some(rows: pl.DataFrame, clear: pl.Series, random: np.random.Generator) -> pl.DataFrame:
    """The rows in a random order, with few of those that are clear."""
    order = random.permutation(rows.height)
    kept = random.random(rows.height) < np.where(clear.to_numpy(), SELDOM, 1.0)
    return rows[order[kept[order]].tolist()]


def _groups(decisions: pl.DataFrame) -> pl.DataFrame:
    """Callees with more than one call in a module, each once a project."""
    groups = decisions.group_by("module", "callee", maintain_order=True).agg(
        calls=pl.len(),
        size=pl.col("callee_instruction_count").first(),
        users=pl.col("callee_users").first(),
    )
    several = groups.filter(pl.col("calls") > 1)
    return several.unique(["callee", "calls", "size", "users"], keep="first", maintain_order=True)


def _some_groups(
    groups: pl.DataFrame, decisions: pl.DataFrame, most: int, random: np.random.Generator
) -> dict[str, dict[int, bool]]:
    copied = (pl.col("calls") - 1) * pl.col("size")
    clear = groups.select(copied > COPIED_INSTRUCTIONS).to_series()
    order = _some(groups, clear, random).head(most)
    calls = decisions.select("callee", "decision", "inlines")
    return {
        callee: dict(calls.filter(callee=callee).select("decision", "inlines").rows())
        for callee in sorted(order["callee"])
    }
