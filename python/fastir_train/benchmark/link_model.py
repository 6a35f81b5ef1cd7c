"""What a project's files will weigh when linked, predicted from its modules without linking.

That is what labels are sums of, so it is compared with what lld makes of real projects.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

import llvm_tools
from fastir_train.benchmark.statistics import changes, working
from fastir_train.label.labels import BaselineTask, Rollout
from fastir_train.problem.figures import SIZES, names
from fastir_train.runtime.console import Console
from fastir_train.runtime.workers import Runner


def measure_pieces(task: BaselineTask) -> pl.DataFrame:
    """Compile one module as its rollout's policy decides; its bytes by comdat and kind."""
    compilation = llvm_tools.compile_module(task.content, record_decisions=False, **task.options())
    return compilation.pieces()


def predict_linked(
    modules: pl.DataFrame, rollout: Rollout, run: Runner, console: Console
) -> pl.DataFrame:
    """Bytes that each project's modules add up to when linked.

    A comdat counts once a project, as the linker keeps it: the copy of the first module by name.

    Returns
    -------
    polars.DataFrame
        ``project``, ``text``, ``loadable`` (bytes), by project. Modules that cannot be compiled
        are reported and left out.
    """
    tasks = [
        BaselineTask(row["project"], row["module"], row["content"], rollout)
        for row in modules.iter_rows(named=True)
    ]
    frames = []
    for number, outcome in enumerate(run(measure_pieces, tasks), start=1):
        console.step(f"compiled modules, {rollout.name}", number, len(tasks))
        task = outcome.task
        if outcome.result is None:
            console.say(f"left out: {task.project}: {task.module}: {outcome.failure}")
            continue
        names = [pl.lit(task.project).alias("project"), pl.lit(task.module).alias("module")]
        frames.append(outcome.result.select(*names, "comdat", "kind", "bytes"))
    pieces = pl.concat(frames).sort("project", "module")
    merged = pl.col("comdat") != ""
    is_kept = ~merged | (pl.col("module") == pl.col("module").first().over("project", "comdat"))
    is_text = pl.col("kind") == "text"
    return (
        pieces.filter(is_kept)
        .group_by("project")
        .agg(
            text=pl.col("bytes").filter(is_text).sum().cast(pl.Float64),
            loadable=pl.col("bytes").sum().cast(pl.Float64),
        )
        .sort("project")
    )


@dataclass(frozen=True)
class Agreement:
    """How predicted and linked relative changes of projects go together."""

    correlation: float
    """Pearson's."""
    slope: float
    """Linked change for each unit of predicted change, least squares through the origin."""


def agreement(predicted: np.ndarray, linked: np.ndarray) -> Agreement:
    """Compare predicted relative changes with linked ones, one of each a project."""
    return Agreement(
        correlation=float(np.corrcoef(predicted, linked)[0, 1]),
        slope=float(predicted @ linked / (predicted @ predicted)),
    )


def compare_with_links(
    scores: pl.DataFrame, stock: pl.DataFrame, changed: pl.DataFrame
) -> pl.DataFrame:
    """Relative changes of projects, predicted and linked.

    Parameters
    ----------
    scores
        What `fastir_train.benchmark.evaluate.evaluate` returned for the policy.
    stock, changed
        What `predict_linked` returned for LLVM's decisions and for the policy's.

    Returns
    -------
    polars.DataFrame
        ``project``, ``language``, and for ``text`` and ``loadable`` the columns ``predicted_…``
        and ``linked_…``: -0.02 is 2 % less.
    """
    both = stock.join(changed, on="project", suffix="_changed")
    joined = working(scores).join(both, on="project").sort("project")
    columns = []
    for what in names(SIZES):
        predicted = pl.col(f"{what}_changed") / pl.col(what) - 1
        linked = pl.Series(f"linked_{what}", changes(joined, what))
        columns += [predicted.alias(f"predicted_{what}"), linked]
    return joined.select("project", "language", *columns)
