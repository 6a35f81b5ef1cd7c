"""Whole projects with and without a model: linked sizes, and whether their tests pass."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from fastir_train.benchmark.cache import measure_once
from fastir_train.corpus.build import Configuration, Lto, check_counter
from fastir_train.corpus.manifest import Project
from fastir_train.problem.figures import SCORED, names
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import flags, link_flags
from llvm_tools.engine import Level


def stock_configuration(level: Level, lto: Lto | None = None) -> Configuration:
    """Stock clang at ``level``."""
    return Configuration(_named("stock", level, lto), (f"-{level}",), {}, lto=lto)


def _named(name: str, level: Level, lto: Lto | None) -> str:
    return f"{name}-{level}-{lto}" if lto else f"{name}-{level}"


def plugin_configuration(
    name: str, level: Level, lto: Lto | None = None, **options: str
) -> Configuration:
    """The plugin in clang, or in lld with LTO, and in rustc.

    Its options are given as their environment twins: on a command line they would not reach rustc,
    nor always come through libtool.
    """
    return Configuration(
        _named(name, level, lto),
        (f"-{level}", *flags("clang")),
        options,
        lto=lto,
        link_flags=link_flags() if lto else (),
    )


def model_configuration(
    model: Path, level: Level, name: str = "model", lto: Lto | None = None
) -> Configuration:
    """Inlining as ``model`` says, at ``level``."""
    return plugin_configuration(name, level, lto, FASTIR_MODEL=str(model.resolve()))


@dataclass(frozen=True)
class ProjectScore:
    """One project: what it weighs and executes in stock and otherwise, and whether it works."""

    project: str
    language: str
    text_before: int
    text_after: int | None
    """None, as all that is measured after, where a step failed before it."""
    loadable_before: int
    loadable_after: int | None
    instructions_before: int | None
    instructions_after: int | None
    """Executed by the project's workload; None if that was not asked for, or there is none."""
    status: str
    """Of the other configuration; see `Measurement`."""


SCORE_SCHEMA = {
    "project": pl.String,
    "language": pl.String,
    **{f"{what}_{when}": pl.Int64 for what in names(SCORED) for when in ("before", "after")},
    "status": pl.String,
}


def evaluate(
    projects: Sequence[Project],
    configuration: Configuration,
    level: Level,
    work: Path,
    jobs: int,
    console: Console,
    *,
    with_instructions: bool = False,
) -> pl.DataFrame:
    """Build and test each project in stock and in the given configuration.

    Returns
    -------
    polars.DataFrame
        A row a project with the columns of `ProjectScore`. Projects that cannot be fetched, or
        not be built in stock, are reported and left out.

    Raises
    ------
    FastirError
        If instructions are to be counted and cannot be, or no project can be built.
    """
    if with_instructions:
        check_counter(projects)
    stock = stock_configuration(level, configuration.lto)
    scores = []
    for number, project in enumerate(projects, start=1):
        before = measure_once(project, stock, work, jobs, instructions=with_instructions)
        if before.text is None or before.loadable is None or before.failed:
            console.say(f"left out: {before.log}")
            continue
        after = measure_once(project, configuration, work, jobs, instructions=with_instructions)
        if after.failed:
            console.say(f"{after.status}: {after.log}")
        scores.append(
            ProjectScore(
                project.name,
                project.language,
                before.text,
                after.text,
                before.loadable,
                after.loadable,
                before.instructions,
                after.instructions,
                after.status,
            )
        )
        console.step(f"evaluating {configuration.name}", number, len(projects))
    if not scores:
        raise FastirError("no project could be built, so there is nothing to compare")
    return pl.DataFrame([asdict(score) for score in scores], schema=SCORE_SCHEMA)
