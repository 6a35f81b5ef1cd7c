"""Labels: what inlining decisions do to the bytes that a project's linked files will weigh.

A label is the change in bytes if a call is inlined, all else as the policy decides it:

- ``single``: one decision flipped;
- ``group``: all calls of one callee inlined against none of them, shared evenly among the calls.
  What pays is often joint: a function's own copy goes only when no call of it is left.

Bytes are loadable bytes. A comdat that n modules of a project emit counts 1/n in each, since the
linker keeps one.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import llvm_tools
from fastir_train.corpus.store import phase_folder
from fastir_train.label.origin import present_origin
from fastir_train.label.sampling import Draw, draw
from fastir_train.label.visibility import (
    internal_at_link,
    mergeable,
    read_calls,
    read_functions,
)
from fastir_train.problem.figures import SIZES
from fastir_train.problem.inlining import BEFORE_LINK, PHASES
from fastir_train.problem.objective import delta
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.workers import Runner
from llvm_tools import FEATURE_NAMES
from llvm_tools.engine import Level, Phase, Policy

LABEL_SCHEMA = {
    "kind": pl.String,
    "decision": pl.UInt32,
    "callee": pl.String,
    **{delta(figure): pl.Float64 for figure in SIZES},
}
"""One row a measurement: ``decision`` is null for a group; deltas are bytes a call."""

MODULE_BYTES = 2_000_000
"""Larger modules are left out of the baselines: one costs as much as all others of a project."""
LABELLED_BYTES = 150_000
"""Larger modules are not labelled: a label costs in proportion."""
LABELLED_WHOLE_BYTES = 1_000_000
"""As much of modules that full LTO has merged: there are no smaller ones."""

_NOTHING_INTERNAL = pl.DataFrame(schema={"module": pl.String, "function": pl.String})
"""What a link makes internal where none follows: ``module`` and ``function``."""


@dataclass(frozen=True)
class Rollout:
    """The policy whose decisions are recorded and flipped, at which level."""

    name: str
    policy: Policy
    level: Level
    model: bytes | None = None
    """The ONNX file's content, for the policy ``model``."""
    modules: int = 40
    """How many modules of a project are compiled, and drawn from, at most."""
    phase: Phase = "compile"
    """Where in the build."""

    def folder(self, work: Path) -> Path:
        """Where what is measured under it is kept."""
        content = hashlib.sha256(self.model or b"").hexdigest()[:12]
        name = f"{self.level}-{self.name}-{content}"
        return phase_folder(work / "labels", self.phase) / name

    def labels_file(self, work: Path) -> Path:
        """Where its labels go."""
        return Path(f"{self.folder(work)}.parquet")


def rollout(
    level: Level,
    model: Path | None,
    name: str | None = None,
    modules: int = 40,
    phase: Phase = "compile",
) -> Rollout:
    """LLVM's own decisions, or those of ``model``.

    Raises
    ------
    FastirError
        If the model cannot be read.
    """
    if model is None:
        return Rollout(name or "llvm", "llvm", level, modules=modules, phase=phase)
    try:
        content = model.read_bytes()
    except OSError as error:
        raise FastirError(f"cannot read model {model}: {error.strerror}") from None
    return Rollout(name or model.stem, "model", level, content, modules, phase)


@dataclass(frozen=True)
class BaselineTask:
    """One module to compile as the rollout's policy says."""

    project: str
    module: str
    content: bytes
    rollout: Rollout
    internal: Sequence[str] = ()
    """As in `llvm_tools.compile_module`."""

    def options(self) -> dict[str, Any]:
        """What `llvm_tools` needs to know beside the module itself."""
        model = self.rollout.model
        return {
            "level": self.rollout.level,
            "phase": self.rollout.phase,
            "policy": self.rollout.policy,
            "model": _model_file(model) if model else None,
            "relevel": True,
            "internal": self.internal,
            "name": self.module,
        }


def _model_file(content: bytes) -> Path:
    """A file with the model, on whichever machine this runs."""
    name = f"fastir-{hashlib.sha256(content).hexdigest()[:16]}.onnx"
    path = Path(tempfile.gettempdir()) / name
    if not path.is_file():
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    return path


@dataclass(frozen=True)
class Baseline:
    """A module's decisions with features, and the comdats that it emits."""

    decisions: pl.DataFrame
    comdats: pl.Series


@dataclass(frozen=True)
class LabelTask:
    """Decisions and callees of one module to measure."""

    base: BaselineTask
    draw: Draw
    weights: Mapping[str, float]
    """Share of each comdat that is emitted more than once."""


def measure_baseline(task: BaselineTask) -> Baseline:
    """Compile one module as its rollout's policy decides."""
    compilation = llvm_tools.compile_module(task.content, **task.options())
    comdats = compilation.pieces()["comdat"].unique().sort()
    return Baseline(compilation.decisions(), comdats.filter(comdats != ""))


def measure_labels(task: LabelTask) -> pl.DataFrame:
    """Measure one module's labels: a frame of `LABEL_SCHEMA`."""
    singles, groups = task.draw.singles, task.draw.groups
    measured = llvm_tools.measure_alternatives(
        task.base.content, task.draw.alternatives(), weights=task.weights, **task.base.options()
    )
    changes = measured.changes.to_numpy()
    flipped, every, none = np.split(changes, [len(singles), len(singles) + len(groups)])
    rows: list[tuple[str, int | None, str | None, float, float]] = []
    for (decision, advice), change in zip(singles.items(), flipped, strict=True):
        rows.append(("single", decision, None, *(-change if advice else change)))
    for (callee, calls), with_all, with_none in zip(groups.items(), every, none, strict=True):
        rows.append(("group", None, callee, *((with_all - with_none) / len(calls))))
    return pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row")


def baselines(
    modules: pl.DataFrame, rollout: Rollout, work: Path, run: Runner, console: Console
) -> pl.DataFrame:
    """The decisions of a sample of modules under a rollout's policy, with their features.

    Kept in a folder a project below `Rollout.folder`, beside the comdats' weights.

    Returns
    -------
    polars.DataFrame
        ``project``, ``module``, then the columns of `llvm_tools.Compilation.decisions`.
    """
    frames = []
    groups = modules.group_by("project", maintain_order=True)
    total = modules["project"].n_unique()
    for number, (_, rows) in enumerate(groups, start=1):
        folder = _folder(work, rollout, rows)
        path = folder / "baseline.parquet"
        if not path.is_file():
            decisions, weights, internal = _measure_project(rows, rollout, run, console)
            with replacing(folder / "weights.parquet") as temporary:
                weights.write_parquet(temporary)
            if rollout.phase in BEFORE_LINK:
                with replacing(folder / "internal.parquet") as temporary:
                    internal.write_parquet(temporary)
            with replacing(path) as temporary:
                decisions.write_parquet(temporary)
        frames.append(pl.read_parquet(path))
        console.step("baselines", number, total)
    return pl.concat(frames)


def _folder(work: Path, rollout: Rollout, modules: pl.DataFrame) -> Path:
    """Where one project's measurements are kept: by its modules and what measures them."""
    sample = sample_modules(modules, rollout.modules)
    contents = sorted(sample["digest"])
    made_of = json.dumps([present_origin().key(), contents])
    key = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    return rollout.folder(work) / f"{modules['project'][0]}-{key}"


def _measure_project(
    rows: pl.DataFrame, rollout: Rollout, run: Runner, console: Console
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    functions = read_functions(rows)
    internal = _NOTHING_INTERNAL
    if rollout.phase in BEFORE_LINK:
        internal = internal_at_link(functions, read_calls(rows))
    sample = sample_modules(rows, rollout.modules)
    tasks = list(_compiles(sample, rollout, internal).values())
    decisions, emitted = [], []
    for outcome in run(measure_baseline, tasks):
        if outcome.result is None:
            console.say(f"left out: {_name(outcome.task)}: {outcome.failure}")
            continue
        task, result = outcome.task, outcome.result
        names = [pl.lit(task.project).alias("project"), pl.lit(task.module).alias("module")]
        decisions.append(result.decisions.select(*names, pl.all()))
        emitted.append(pl.DataFrame({"comdat": result.comdats}))
    if not decisions:
        raise FastirError(f"{rows['project'][0]}: none of its modules can be compiled")
    if rollout.phase not in PHASES["link"]:
        weights = shares(pl.concat(emitted), mergeable(functions), sample["module"])
    else:
        # The linker has merged already: each program has its own.
        weights = pl.DataFrame(schema={"comdat": pl.String, "weight": pl.Float64})
    return pl.concat(decisions).sort("module", "decision"), weights, internal


def _compiles(
    modules: pl.DataFrame, rollout: Rollout, internal: pl.DataFrame
) -> Mapping[str, BaselineTask]:
    """The compile of each module, by its name."""
    functions = dict(internal.group_by("module").agg("function").iter_rows())
    return {
        name: BaselineTask(project, name, content, rollout, functions.get(name, ()))
        for project, name, content in modules.select("project", "module", "content").iter_rows()
    }


def sample_modules(modules: pl.DataFrame, most: int) -> pl.DataFrame:
    """Some of a project's modules, drawn by a hash of their content: the column ``digest``."""
    fitting = modules.filter(pl.col("content").bin.size() <= MODULE_BYTES)
    digests = [hashlib.sha256(content).hexdigest() for content in fitting["content"]]
    drawn = fitting.with_columns(digest=pl.Series(digests, dtype=pl.String)).sort("digest")
    return drawn.head(most).sort("module")


def shares(emitted: pl.DataFrame, defined: pl.DataFrame, sample: pl.Series) -> pl.DataFrame:
    """What one module answers for of each comdat: one over how many modules should emit it.

    Of the modules that define it, as many as in the sample.

    Parameters
    ----------
    emitted
        ``comdat``: a row for each module of the sample that emits it.
    defined
        ``module``, ``comdat``: what each module of the project defines before optimisation.
    sample
        The names of the sample's modules.

    Returns
    -------
    polars.DataFrame
        ``comdat``, ``weight``, where that is below 1.
    """
    in_sample = defined.filter(pl.col("module").is_in(sample.implode()))
    count = [
        frame.group_by("comdat").agg(pl.len().alias(name))
        for name, frame in (("emitted", emitted), ("defined", defined), ("sampled", in_sample))
    ]
    joined = (
        count[0].join(count[1], on="comdat", how="left").join(count[2], on="comdat", how="left")
    )
    # Variables, and functions that optimisation made: known of the sample only.
    ratio = (pl.col("defined") / pl.col("sampled")).fill_null(1.0)
    weights = joined.select("comdat", weight=1 / (pl.col("emitted") * ratio))
    return weights.filter(pl.col("weight") < 1).sort("comdat")


def label(
    modules: pl.DataFrame,
    decisions: pl.DataFrame,
    rollout: Rollout,
    work: Path,
    *,
    labels: int,
    seed: int,
    run: Runner,
    console: Console,
) -> pl.DataFrame:
    """Measure labels of a sample of decisions.

    Modules that were measured by an interrupted run are not measured again. A module whose
    measuring fails is reported and left out.

    Parameters
    ----------
    modules, decisions
        What `baselines` was given and returned.
    labels
        About how many to measure in each project.

    Returns
    -------
    polars.DataFrame
        ``project``, ``module``, the columns of `LABEL_SCHEMA`, each decision's features, and
        ``rollout``.
    """
    parts: dict[str, Path] = {}
    tasks: list[LabelTask] = []
    for (project,), rows in decisions.group_by("project", maintain_order=True):
        own = modules.filter(project=project)
        folder = _folder(work, rollout, own)
        most = LABELLED_WHOLE_BYTES if rollout.phase == "full-link" else LABELLED_BYTES
        small = own.filter(pl.col("content").bin.size() <= most)["module"]
        drawn_from = rows.filter(pl.col("module").is_in(small.implode()))
        for task in _tasks(
            own, draw(str(project), drawn_from, labels, seed, rollout.phase), rollout, folder
        ):
            drawn = hashlib.sha256(repr(task.draw).encode()).hexdigest()[:12]
            parts[_name(task.base)] = folder / "measured" / f"{task.base.module}-{drawn}.parquet"
            tasks.append(task)
    left = [task for task in tasks if not parts[_name(task.base)].is_file()]
    # In no project's order, so that an interrupted run has something of each.
    left.sort(key=lambda task: hashlib.sha256(_name(task.base).encode()).digest())
    finished = len(tasks) - len(left)
    for done, outcome in enumerate(run(measure_labels, left), start=finished + 1):
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
    return _with_features(pl.concat(measured), decisions).with_columns(rollout=pl.lit(rollout.name))


def _name(task: BaselineTask) -> str:
    return f"{task.project}: {task.module}"


def _with_features(labels: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """A row a call: a group's columns are repeated for each of its calls."""
    site = ["project", "module", "decision"]
    group = ["project", "module", "callee"]
    facts = decisions.select(*site, "caller", "callee", "llvm_inlines", "inlines", *FEATURE_NAMES)
    singles = labels.filter(pl.col("kind") == "single").drop("callee").join(facts, on=site)
    groups = labels.filter(pl.col("kind") == "group").drop("decision").join(facts, on=group)
    return pl.concat([singles, groups.select(singles.columns)]).sort("kind", *site)


def _tasks(
    modules: pl.DataFrame, chosen: Mapping[str, Draw], rollout: Rollout, folder: Path
) -> list[LabelTask]:
    """One project's tasks."""
    weights = dict(pl.read_parquet(folder / "weights.parquet").iter_rows())
    internal = _NOTHING_INTERNAL
    if rollout.phase in BEFORE_LINK:
        internal = pl.read_parquet(folder / "internal.parquet")
    compiles = _compiles(modules, rollout, internal)
    return [LabelTask(compiles[module], part, weights) for module, part in chosen.items()]
