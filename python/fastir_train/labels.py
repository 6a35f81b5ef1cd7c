"""Labels: what inlining decisions do to the bytes that a project's linked files will weigh.

A label is the change in bytes if a call is inlined, all else as the policy decides it:

- ``single``: one decision flipped, measured against the module as it is;
- ``group``: all calls of one callee inlined against none of them, shared evenly among the
  decisions that the policy took on it. What pays is often joint: a function's own copy goes only
  when no call of it is left.

Bytes are loadable bytes. A comdat that n modules of a project emit counts 1/n in each, since the
linker keeps one.
"""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

import llvm_tools
from fastir_train.console import Console
from fastir_train.errors import FastirError
from fastir_train.files import replacing
from fastir_train.plan import Draw, draw
from fastir_train.workers import run_tasks
from llvm_tools import FEATURE_NAMES
from llvm_tools.engine import Level, Policy

LABEL_SCHEMA = {
    "kind": pl.String,
    "decision": pl.UInt32,
    "callee": pl.String,
    "delta_text": pl.Float64,
    "delta_loadable": pl.Float64,
}
"""One row a measurement: ``decision`` is null for a group; deltas are bytes a decision."""


@dataclass(frozen=True)
class Rollout:
    """The policy whose decisions are recorded and flipped."""

    name: str
    policy: Policy
    model: str | None = None
    level: Level = "Oz"


@dataclass(frozen=True)
class BaselineTask:
    """One module to compile as the rollout's policy says."""

    project: str
    module: str
    content: bytes
    rollout: Rollout


@dataclass(frozen=True)
class Baseline:
    """A module's decisions with features, and its bytes by comdat and kind."""

    decisions: pl.DataFrame
    pieces: pl.DataFrame
    seconds: float
    """CPU time of the compile."""


@dataclass(frozen=True)
class LabelTask:
    """Decisions and callees of one module to measure."""

    base: BaselineTask
    draw: Draw
    weights: dict[str, float]
    """Share of each comdat that is emitted more than once."""


def measure_baseline(task: BaselineTask) -> Baseline:
    """Compile one module as its rollout's policy decides."""
    start = time.thread_time()
    compilation = _compile(task, record_decisions=True)
    seconds = time.thread_time() - start
    return Baseline(compilation.decisions(), compilation.pieces(), seconds)


def measure_labels(task: LabelTask) -> pl.DataFrame:
    """Measure one module's labels: a frame of `LABEL_SCHEMA`."""

    def sizes(**overrides: object) -> np.ndarray:
        compilation = _compile(task.base, record_decisions=False, **overrides)
        return np.array(compilation.weighted_bytes(task.weights))

    base = sizes()
    rows: list[tuple[str, int | None, str | None, float, float]] = []
    for decision, advice in task.draw.decisions.items():
        flipped = sizes(overrides={decision: not advice})
        delta = base - flipped if advice else flipped - base
        rows.append(("single", decision, None, *delta))
    for callee, calls in task.draw.groups.items():
        inlined, kept = (sizes(callee_overrides={callee: advice}) for advice in (True, False))
        rows.append(("group", None, callee, *((inlined - kept) / calls)))
    return pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row")


def _compile(task: BaselineTask, **options: object) -> llvm_tools.Compilation:
    return llvm_tools.compile_module(
        task.content,
        level=task.rollout.level,
        policy=task.rollout.policy,
        model=task.rollout.model,
        name=task.module,
        **options,  # pyright: ignore[reportArgumentType]
    )


def baselines(
    modules: pl.DataFrame,
    rollout: Rollout,
    work: Path,
    jobs: int,
    console: Console,
) -> pl.DataFrame:
    """The decisions of all modules under a rollout's policy, with their features.

    Kept in a folder a project below ``work/labels/ROLLOUT``, beside the comdats' weights.

    Returns
    -------
    polars.DataFrame
        ``project``, ``module``, ``seconds`` (of the module's compile), then the columns of
        `llvm_tools.Compilation.decisions`.
    """
    frames = []
    groups = modules.group_by("project", maintain_order=True)
    total = modules["project"].n_unique()
    for number, (_, rows) in enumerate(groups, start=1):
        folder = _folder(work, rollout, rows)
        path = folder / "baseline.parquet"
        if not path.is_file():
            decisions, weights = _measure_project(rows, rollout, jobs, console)
            with replacing(folder / "weights.parquet") as temporary:
                weights.write_parquet(temporary)
            with replacing(path) as temporary:
                decisions.write_parquet(temporary)
        frames.append(pl.read_parquet(path))
        console.step("baselines", number, total)
    return pl.concat(frames)


def _folder(work: Path, rollout: Rollout, modules: pl.DataFrame) -> Path:
    """Where one project's measurements are kept: by its modules, LLVM and the features."""
    contents = sorted(hashlib.sha256(content).hexdigest() for content in modules["content"])
    made_of = json.dumps([llvm_tools.LLVM_VERSION, FEATURE_NAMES, contents])
    key = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    return work / "labels" / rollout.name / f"{modules['project'][0]}-{key}"


def _measure_project(
    rows: pl.DataFrame, rollout: Rollout, jobs: int, console: Console
) -> tuple[pl.DataFrame, pl.DataFrame]:
    tasks = [
        BaselineTask(row["project"], row["module"], row["content"], rollout)
        for row in rows.iter_rows(named=True)
    ]
    decisions, emitted = [], []
    for outcome in run_tasks(measure_baseline, tasks, jobs):
        if outcome.result is None:
            console.say(f"left out: {_name(outcome.task)}: {outcome.failure}")
            continue
        task, result = outcome.task, outcome.result
        facts = {"project": task.project, "module": task.module, "seconds": result.seconds}
        columns = [pl.lit(value).alias(name) for name, value in facts.items()]
        decisions.append(result.decisions.select(*columns, pl.all()))
        emitted.append(result.pieces.select(pl.col("comdat").unique()))
    if not decisions:
        raise FastirError(f"{rows['project'][0]}: none of its modules can be compiled")
    weights = (
        pl.concat(emitted)
        .filter(pl.col("comdat") != "")
        .group_by("comdat")
        .agg(weight=1 / pl.len())
        .filter(pl.col("weight") < 1)
        .sort("comdat")
    )
    return pl.concat(decisions).sort("module", "decision"), weights


def label(
    modules: pl.DataFrame,
    decisions: pl.DataFrame,
    rollout: Rollout,
    work: Path,
    *,
    seconds: float,
    seed: int,
    jobs: int,
    console: Console,
) -> pl.DataFrame:
    """Measure labels of a sample of decisions, until the budget is spent.

    Modules that were measured by an interrupted run are not measured again.

    Parameters
    ----------
    modules, decisions
        What `baselines` was given and returned.
    seconds
        The budget of each project: CPU seconds, by the times that `baselines` took.

    Returns
    -------
    polars.DataFrame
        ``project``, ``module``, the columns of `LABEL_SCHEMA`, and each decision's features.
    """
    parts: dict[str, Path] = {}
    tasks: list[LabelTask] = []
    for (project,), rows in decisions.group_by("project", maintain_order=True):
        own = modules.filter(project=project)
        folder = _folder(work, rollout, own)
        for task in _tasks(own, draw(str(project), rows, seconds, seed), rollout, folder):
            drawn = hashlib.sha256(repr(task.draw).encode()).hexdigest()[:12]
            parts[_name(task.base)] = folder / "measured" / f"{task.base.module}-{drawn}.parquet"
            tasks.append(task)
    left = [task for task in tasks if not parts[_name(task.base)].is_file()]
    finished = len(tasks) - len(left)
    for done, outcome in enumerate(run_tasks(measure_labels, left, jobs), start=finished + 1):
        console.step("labels", done, len(tasks))
        if outcome.result is None:
            console.say(f"left out: {_name(outcome.task.base)}: {outcome.failure}")
            continue
        with replacing(parts[_name(outcome.task.base)]) as temporary:
            outcome.result.write_parquet(temporary)
    measured = [
        pl.read_parquet(parts[_name(task.base)]).with_columns(
            project=pl.lit(task.base.project), module=pl.lit(task.base.module)
        )
        for task in tasks
        if parts[_name(task.base)].is_file()
    ]
    if not measured:
        raise FastirError("nothing could be labelled")
    return _with_features(pl.concat(measured), decisions)


def _name(task: BaselineTask) -> str:
    return f"{task.project}: {task.module}"


def _with_features(labels: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    site = ["project", "module", "decision"]
    group = ["project", "module", "callee"]
    facts = decisions.select(*site, "callee", "llvm_inlines", "inlines", *FEATURE_NAMES)
    singles = labels.filter(pl.col("kind") == "single").drop("callee").join(facts, on=site)
    groups = labels.filter(pl.col("kind") == "group").drop("decision").join(facts, on=group)
    return pl.concat([singles, groups.select(singles.columns)]).sort("kind", *site)


def _tasks(
    modules: pl.DataFrame, chosen: dict[str, Draw], rollout: Rollout, folder: Path
) -> list[LabelTask]:
    """One project's tasks."""
    shares = dict(pl.read_parquet(folder / "weights.parquet").iter_rows())
    content = dict(modules.select("module", "content").iter_rows())
    project = modules["project"][0]
    return [
        LabelTask(BaselineTask(project, module, content[module], rollout), part, shares)
        for module, part in chosen.items()
    ]
