"""Whole projects with and without a model: linked sizes, and whether their tests pass."""

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from fastir_train.build import Build, Configuration, build, run_tests
from fastir_train.console import Console
from fastir_train.errors import BuildError, FastirError, SourceUnavailableError
from fastir_train.linked import measure_linked
from fastir_train.manifest import Project
from fastir_train.toolchain import flags, tool

STOCK = Configuration("stock", ("-Oz",), {})


def model_configuration(model: Path, name: str = "model") -> Configuration:
    """-Oz with inlining as ``model`` says."""
    options = flags("clang", extra=[f"-fastir-model={model.resolve()}"])
    return Configuration(name, ("-Oz", *options), {})


@dataclass(frozen=True)
class ProjectScore:
    """One project: bytes without and with the model, and what its tests said."""

    project: str
    language: str
    text_before: int
    text_after: int
    loadable_before: int
    loadable_after: int
    tests: str
    """``pass``, ``none``, or ``fail``; a build that fails counts as ``fail`` too."""


def evaluate(
    projects: Sequence[Project],
    configuration: Configuration,
    work: Path,
    jobs: int,
    console: Console,
    *,
    with_tests: bool = True,
) -> pl.DataFrame:
    """Build and test each project in stock and in the given configuration.

    Returns
    -------
    polars.DataFrame
        A row a project with the columns of `ProjectScore`. Projects that cannot be fetched, or
        not be built in stock, are reported and left out.
    """
    scores = []
    for number, project in enumerate(projects, start=1):
        try:
            scores.append(_score(project, configuration, work, jobs, console, with_tests))
        except (SourceUnavailableError, BuildError) as error:
            console.say(f"left out: {error}")
        console.step(f"evaluating {configuration.name}", number, len(projects))
    if not scores:
        raise FastirError("no project could be built, so there is nothing to compare")
    return pl.DataFrame([asdict(score) for score in scores])


def _score(
    project: Project,
    configuration: Configuration,
    work: Path,
    jobs: int,
    console: Console,
    with_tests: bool,
) -> ProjectScore:
    stock = _stock_build(project, work, jobs)
    before = measure_linked(stock)
    text, loadable, tests = before.text, before.loadable, "fail"
    try:
        result = build(project, configuration, work, jobs)
        after = measure_linked(result.outputs)
        text, loadable = after.text, after.loadable
        tests = _test(result, configuration, jobs) if with_tests else "none"
    except BuildError as error:
        console.say(str(error))
    return ProjectScore(
        project.name, project.language, before.text, text, before.loadable, loadable, tests
    )


def _stock_build(project: Project, work: Path, jobs: int) -> tuple[Path, ...]:
    """Outputs of the stock build, which is made once."""
    place = work / "builds" / project.name / STOCK.name
    version = subprocess.run([tool("clang"), "--version"], capture_output=True, check=True).stdout
    made_of = repr((project, STOCK, version)).encode()
    done = place / f"done-{hashlib.sha256(made_of).hexdigest()[:12]}"
    root = place / project.directory
    if not done.is_file():
        outputs = build(project, STOCK, work, jobs).outputs
        done.write_text("\n".join(str(path.relative_to(root)) for path in outputs))
    return tuple(root / line for line in done.read_text().splitlines())


def _test(result: Build, configuration: Configuration, jobs: int) -> str:
    if not result.project.test:
        return "none"
    run_tests(result, configuration, jobs)
    return "pass"


def working(scores: pl.DataFrame) -> pl.DataFrame:
    """The projects that were built and passed their tests: only those count in summaries."""
    return scores.filter(pl.col("tests") != "fail")


def changes(scores: pl.DataFrame, what: str) -> np.ndarray:
    """Relative change of ``text`` or ``loadable`` bytes, one a project: -0.02 is 2 % less."""
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
