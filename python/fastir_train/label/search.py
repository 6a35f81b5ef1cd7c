"""The best decisions that a search finds for given programs: the bound that a model is held to.

From LLVM's decisions, round by round: every single flip and every group of one callee's calls is
measured, and those that save bytes are taken together. Where together they save less than was
known before, fewer are taken. The result is written down for ``-fastir-replay``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import llvm_tools
from fastir_train.label.labels import MODULE_BYTES, BaselineTask, Rollout
from fastir_train.label.replay import Site, sites_of, write_replay
from fastir_train.label.visibility import mergeable, read_functions
from fastir_train.problem.objective import EVEN, Objective
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.workers import Runner


@dataclass(frozen=True)
class SearchTask:
    """One module to search."""

    base: BaselineTask
    weights: Mapping[str, float]
    """Share of each comdat that this module answers for, where it is not all."""
    objective: Objective = EVEN
    rounds: int = 3
    alternatives: int = 600
    """How many alternatives are measured a round, at most."""


@dataclass
class _Best:
    """The best decisions so far, and what they weigh."""

    sites: dict[Site, bool]
    decisions: pl.DataFrame
    cost: float


def search(task: SearchTask) -> dict[Site, bool]:
    """The decisions that came out best in one module, by site."""
    best = _compile(task, {})
    for _ in range(task.rounds):
        better = _take(task, best, _gains(task, best))
        if better is None:
            break
        best = better
    return best.sites


def _take(task: SearchTask, best: _Best, gains: Sequence[Mapping[Site, bool]]) -> _Best | None:
    """As many of the gains together as are better than the best; None if not even the first is."""
    # Each was measured alone; together some turn out losses.
    while gains:
        taken = dict(best.sites)
        for flips in gains:
            taken.update(flips)
        tried = _compile(task, taken)
        if tried.cost < best.cost:
            return tried
        gains = gains[: len(gains) // 2]
    return None


def _compile(task: SearchTask, sites: Mapping[Site, bool]) -> _Best:
    compilation = llvm_tools.compile_module(
        task.base.content, site_overrides=sites, by_symbol=True, **task.base.options()
    )
    decisions = compilation.decisions()
    advice = dict(zip(sites_of(decisions), decisions["inlines"].to_list(), strict=True))
    cost = task.objective.cost(*compilation.weighted_bytes(dict(task.weights)))
    return _Best(advice, decisions, cost)


def _gains(task: SearchTask, best: _Best) -> list[dict[Site, bool]]:
    """The alternatives that save bytes when each is taken alone, the best first, none twice."""
    alternatives = _alternatives(best.decisions)[: task.alternatives]
    measured = llvm_tools.measure_alternatives(
        task.base.content,
        alternatives,
        weights=task.weights,
        site_overrides=best.sites,
        **task.base.options(),
    )
    costs = [task.objective.cost(*change) for change in measured.changes.rows()]
    sites = sites_of(best.decisions)
    gains: list[dict[Site, bool]] = []
    touched: set[int] = set()
    for cost, flips in sorted(zip(costs, alternatives, strict=True), key=lambda pair: pair[0]):
        if cost < 0 and touched.isdisjoint(flips):
            touched.update(flips)
            gains.append({sites[decision]: inline for decision, inline in flips.items()})
    return gains


def _alternatives(decisions: pl.DataFrame) -> list[dict[int, bool]]:
    """Groups first: what pays is often joint."""
    found: list[dict[int, bool]] = []
    for _, calls in decisions.group_by("callee", maintain_order=True):
        if calls.height > 1:
            for inline in (True, False):
                other = calls.filter(pl.col("inlines") != inline)["decision"].to_list()
                if other:
                    found.append(dict.fromkeys(other, inline))
    flips = decisions.select("decision", "inlines").rows()
    found += [{decision: not inlines} for decision, inlines in flips]
    return found


def search_project(
    modules: pl.DataFrame, rollout: Rollout, folder: Path, run: Runner, console: Console
) -> None:
    """Search each of one project's modules, and write what was found for ``-fastir-replay``.

    A module whose file is in ``folder`` already is not searched again. One that is too large, or
    fails, is reported; LLVM decides there.
    """
    defined = mergeable(read_functions(modules)).group_by("comdat").agg(weight=1 / pl.len())
    weights = dict(defined.filter(pl.col("weight") < 1).iter_rows())
    tasks = []
    for row in modules.iter_rows(named=True):
        if (folder / f"{row['module']}.replay").is_file():
            continue
        if len(row["content"]) > MODULE_BYTES:
            console.say(f"not searched, too large: {row['project']}: {row['module']}")
            continue
        base = BaselineTask(row["project"], row["module"], row["content"], rollout)
        tasks.append(SearchTask(base, weights))
    for number, outcome in enumerate(run(search, tasks), start=1):
        module = outcome.task.base.module
        if outcome.result is None:
            console.say(f"not searched: {module}: {outcome.failure}")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        write_replay(outcome.result, folder, module)
        console.step("searched modules", number, len(tasks))
    if not folder.is_dir():
        raise FastirError(f"{modules['project'][0]}: no module could be searched")
