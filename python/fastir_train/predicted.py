"""What a project's files will weigh when linked, predicted from its modules without linking."""

import polars as pl

import llvm_tools
from fastir_train.console import Console
from fastir_train.labels import BaselineTask, Rollout
from fastir_train.workers import Runner

SCHEMA = {"project": pl.String, "text": pl.Float64, "loadable": pl.Float64}


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
    for outcome in run(measure_pieces, tasks):
        task = outcome.task
        if outcome.result is None:
            console.say(f"left out: {task.project}: {task.module}: {outcome.failure}")
            continue
        names = [pl.lit(task.project).alias("project"), pl.lit(task.module).alias("module")]
        frames.append(outcome.result.select(*names, "comdat", "kind", "bytes"))
    pieces = pl.concat(frames).sort("project", "module")
    merged = pl.col("comdat") != ""
    kept = pl.concat(
        [
            pieces.filter(~merged),
            pieces.filter(merged).filter(
                pl.col("module") == pl.col("module").first().over("project", "comdat")
            ),
        ]
    )
    is_text = pl.col("kind") == "text"
    return (
        kept.group_by("project")
        .agg(
            text=pl.col("bytes").filter(is_text).sum().cast(pl.Float64),
            loadable=pl.col("bytes").sum().cast(pl.Float64),
        )
        .sort("project")
    )
