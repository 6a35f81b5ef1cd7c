"""The best decisions that a search finds for given programs: the bound that a model is held to.

From LLVM's decisions, round by round: every single flip and every group of one callee's calls is
measured, those that save bytes are taken together, and what does not save bytes in company is
given up again. The result is written down for ``-fastir-replay``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import llvm_tools
from fastir_train.files import replacing
from fastir_train.labels import BaselineTask

Site = tuple[str, str, int]
"""Caller, callee, and how many decisions on calls of that callee in that caller came before."""


@dataclass(frozen=True)
class SearchTask:
    """One module to search."""

    base: BaselineTask
    weights: Mapping[str, float]
    text_share: float
    rounds: int
    alternatives: int
    """How many alternatives are measured a round, at most."""


def sites_of(decisions: pl.DataFrame) -> list[Site]:
    """The site of each decision, in order."""
    occurrence = pl.int_range(pl.len()).over("caller", "callee").alias("occurrence")
    return decisions.select("caller", "callee", occurrence).rows()


def search(task: SearchTask) -> dict[Site, bool]:
    """The decisions that came out best in one module, by site."""
    options = task.base.options()
    best = dict[Site, bool]()
    cost = float("inf")
    taken: dict[Site, bool] = {}
    for _ in range(task.rounds + 1):
        compilation = llvm_tools.compile_module(
            task.base.content, site_overrides=taken, by_symbol=True, **options
        )
        now = _cost(compilation.weighted_bytes(dict(task.weights)), task.text_share)
        if now >= cost:
            break
        decisions = compilation.decisions()
        sites = sites_of(decisions)
        advice = decisions["inlines"].to_list()
        best, cost = dict(zip(sites, advice, strict=True)), now
        alternatives = _alternatives(decisions)[: task.alternatives]
        measured = llvm_tools.measure_alternatives(
            task.base.content,
            alternatives,
            weights=task.weights,
            site_overrides=best,
            **options,
        )
        taken = dict(best)
        changes = measured.changes.rows()
        order = sorted(range(len(alternatives)), key=lambda i: _cost(changes[i], task.text_share))
        touched: set[int] = set()
        for position in order:
            if _cost(changes[position], task.text_share) >= 0:
                break
            flips = alternatives[position]
            if touched.isdisjoint(flips):
                touched.update(flips)
                taken.update({sites[decision]: inline for decision, inline in flips.items()})
    return best


def _cost(change: Sequence[float], text_share: float) -> float:
    """Of (text, loadable) bytes."""
    text, loadable = change
    return (1 - text_share) * loadable + text_share * text


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


def write_replay(sites: Mapping[Site, bool], folder: Path, module: str) -> None:
    """Write the decisions of one module for ``-fastir-replay=FOLDER``."""
    lines = [
        f"{caller}\t{callee}\t{occurrence}\t{int(inline)}\n"
        for (caller, callee, occurrence), inline in sites.items()
    ]
    with replacing(folder / f"{module}.replay") as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
