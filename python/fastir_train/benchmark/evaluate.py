"""Whole projects with and without a model: linked sizes, and whether their tests pass."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from fastir_train.benchmark.sections import LinkedSize, measure_linked
from fastir_train.corpus.build import (
    Configuration,
    build,
    check_counter,
    count_instructions,
    run_tests,
)
from fastir_train.corpus.fingerprint import fingerprint
from fastir_train.corpus.manifest import LANGUAGES, Project
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import BuildError, FastirError, SourceUnavailableError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import flags
from llvm_tools.engine import Level


def stock_configuration(level: Level) -> Configuration:
    """Stock clang at ``level``."""
    return Configuration(f"stock-{level}", (f"-{level}",), {})


def plugin_configuration(name: str, level: Level, **options: str) -> Configuration:
    """Clang and rustc with the plugin, whose options are given as their environment twins.

    On a command line they would not reach rustc, nor always come through libtool.
    """
    return Configuration(f"{name}-{level}", (f"-{level}", *flags("clang")), options)


def model_configuration(model: Path, level: Level, name: str = "model") -> Configuration:
    """Inlining as ``model`` says, at ``level``."""
    return plugin_configuration(name, level, FASTIR_MODEL=str(model.resolve()))


def replay_configuration(folder: Path, level: Level) -> Configuration:
    """Inlining as the files in ``folder`` say, module by module; LLVM's where there is none."""
    options = {"FASTIR_POLICY": "llvm", "FASTIR_REPLAY": str(folder.resolve())}
    return plugin_configuration("replay", level, **options)


@dataclass(frozen=True)
class ProjectScore:
    """One project: what it weighs and executes in stock and otherwise, and what its tests said."""

    project: str
    language: str
    text_before: int
    text_after: int | None
    """None, as all that is measured after, where nothing was: the build or a test failed."""
    loadable_before: int
    loadable_after: int | None
    instructions_before: int | None
    instructions_after: int | None
    """Executed by the project's workload; None if that was not asked for, or there is none."""
    tests: str
    """``pass``, ``none``, or ``fail``; a build that fails counts as ``fail`` too."""


SCORE_SCHEMA = {
    "project": pl.String,
    "language": pl.String,
    **{
        f"{what}_{when}": pl.Int64
        for what in ("text", "loadable", "instructions")
        for when in ("before", "after")
    },
    "tests": pl.String,
}


@dataclass(frozen=True)
class _Measured:
    size: LinkedSize
    instructions: int | None
    tests: str


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
    stock = stock_configuration(level)
    scores = []
    for number, project in enumerate(projects, start=1):
        try:
            before = _measure(project, stock, work, jobs, with_instructions)
        except (SourceUnavailableError, BuildError) as error:
            console.say(f"left out: {error}")
            continue
        try:
            after = _measure(project, configuration, work, jobs, with_instructions)
        except BuildError as error:
            console.say(str(error))
            after = None
        scores.append(_score(project, before, after))
        console.step(f"evaluating {configuration.name}", number, len(projects))
    if not scores:
        raise FastirError("no project could be built, so there is nothing to compare")
    return pl.DataFrame([asdict(score) for score in scores], schema=SCORE_SCHEMA)


def _score(project: Project, before: _Measured, after: _Measured | None) -> ProjectScore:
    return ProjectScore(
        project.name,
        project.language,
        before.size.text,
        after.size.text if after else None,
        before.size.loadable,
        after.size.loadable if after else None,
        before.instructions,
        after.instructions if after else None,
        after.tests if after else "fail",
    )


def _measure(
    project: Project, configuration: Configuration, work: Path, jobs: int, count: bool
) -> _Measured:
    """Build, test and measure, unless the very same was done before."""
    path = work / "measured" / f"{_key(project, configuration, count)}.json"
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return _Measured(LinkedSize(**kept["size"]), kept["instructions"], kept["tests"])
    result = build(project, configuration, work, jobs)
    size = measure_linked(result.outputs)
    tests = "none"
    if project.test:
        run_tests(result, configuration, jobs)
        tests = "pass"
    instructions = count_instructions(result, configuration, jobs) if count else None
    shutil.rmtree(result.place, ignore_errors=True)
    measured = _Measured(size, instructions, tests)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(asdict(measured)), encoding="utf-8")
    return measured


def _key(project: Project, configuration: Configuration, count: bool) -> str:
    # A project measures the same in whatever split it stands.
    return f"{project.name}-{fingerprint([configuration], replace(project, split='test'), count)}"


def working(scores: pl.DataFrame) -> pl.DataFrame:
    """The projects that were built and passed their tests: only those count in summaries."""
    return scores.filter(pl.col("tests") != "fail")


def by_language(scores: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """All scores, then those of each language that there is."""
    parts = [("all", scores)]
    parts += [(name, scores.filter(language=name)) for name in LANGUAGES]
    return [(name, part) for name, part in parts if part.height]


def changes(scores: pl.DataFrame, what: str) -> np.ndarray:
    """Relative change of ``text`` or ``loadable`` bytes or ``instructions``, one a project.

    -0.02 is 2 % less.
    """
    return (scores[f"{what}_after"] / scores[f"{what}_before"] - 1).to_numpy()


def geomean(relative: np.ndarray) -> float:
    """Geometric mean of relative changes."""
    return float(np.expm1(np.mean(np.log1p(relative))))


def interval(relative: np.ndarray, *, seed: int = 0, draws: int = 10_000) -> tuple[float, float]:
    """95 % bootstrap interval, over projects, of the geometric mean."""
    random = np.random.default_rng(seed)
    picks = random.integers(0, len(relative), (draws, len(relative)))
    means = np.expm1(np.mean(np.log1p(relative)[picks], axis=1))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def total_change(scores: pl.DataFrame, what: str) -> float:
    """Relative change of the bytes of all projects together."""
    before, after = (int(scores[f"{what}_{when}"].sum()) for when in ("before", "after"))
    return after / before - 1
