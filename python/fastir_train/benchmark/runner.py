"""Building each project of a suite in each configuration, and measuring what comes of it."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from fastir_train.benchmark.changed_decisions import SITE, read_decisions
from fastir_train.benchmark.outcomes import FAILURES, StepFailedError, step
from fastir_train.benchmark.sections import read_sections, size_of
from fastir_train.benchmark.suite import Suite
from fastir_train.benchmark.symbols import read_symbols
from fastir_train.corpus.build import (
    Build,
    Configuration,
    build,
    check_counter,
    count_instructions,
    run_tests,
    time_runs,
)
from fastir_train.corpus.fingerprint import fingerprint
from fastir_train.corpus.manifest import Project
from fastir_train.runtime.console import Console
from fastir_train.runtime.files import replacing


@dataclass(frozen=True)
class Result:
    """One project in one configuration. What was not measured, or failed before, is None."""

    project: str
    language: str
    """Empty for a program of one's own."""
    configuration: str
    baseline: str | None
    """The configuration that this one is compared with."""
    status: str
    """``pass``, ``no tests``, or one of `fastir_train.benchmark.outcomes.FAILED`."""
    log: str | None = None
    """What explains the failure."""
    text: int | None = None
    loadable: int | None = None
    file: int | None = None
    """Bytes of the linked files as they lie on the disk."""
    seconds: list[float] = field(default_factory=list)
    """User and system time of each build."""
    instructions: int | None = None
    decisions: int | None = None
    changed_decisions: int | None = None
    """Decisions that are not LLVM's."""
    run_seconds: list[float] = field(default_factory=list)
    """User and system time of each run of its workload, or of its tests where it has none."""
    sites: list[dict[str, object]] = field(default_factory=list)
    """Changed decisions: `fastir_train.benchmark.changed_decisions.SITE`."""
    sections: list[dict[str, object]] = field(default_factory=list)
    """``name`` and ``bytes`` of each loadable section."""
    symbols: list[dict[str, object]] = field(default_factory=list)
    """``name`` and ``bytes`` of each symbol that has a size."""


_NAMED = pl.List(pl.Struct({"name": pl.String, "bytes": pl.Int64}))
SCHEMA = {
    **dict.fromkeys(
        ("project", "language", "configuration", "baseline", "status", "log"), pl.String
    ),
    **dict.fromkeys(("text", "loadable", "file"), pl.Int64),
    "seconds": pl.List(pl.Float64),
    "run_seconds": pl.List(pl.Float64),
    "sites": pl.List(pl.Struct(SITE)),
    **dict.fromkeys(("instructions", "decisions", "changed_decisions"), pl.Int64),
    "sections": _NAMED,
    "symbols": _NAMED,
}

OnRows = Callable[[pl.DataFrame], None]
"""Is given the rows so far, whenever there is something new in them."""


def run_suite(
    suite: Suite, work: Path, jobs: int, console: Console, on_rows: OnRows = lambda _: None
) -> pl.DataFrame:
    """Measure everything that a suite names; an interrupted run goes on where it stopped.

    Returns
    -------
    polars.DataFrame
        A row a project and configuration with the columns of `Result`; what failed has one too.

    Raises
    ------
    FastirError
        If instructions are to be counted and cannot be.
    """
    if suite.instructions:
        check_counter(suite.projects)
    unfinished = work / "bench" / suite.name / "unfinished"
    parts: list[pl.DataFrame] = []
    for number, project in enumerate(suite.projects, start=1):
        part = _measure_or_read(
            project, suite, work, jobs, unfinished, lambda rows: on_rows(pl.concat([*parts, rows]))
        )
        for row in part.filter(pl.col("status").is_in(FAILURES)).iter_rows(named=True):
            console.say(f"{row['project']}, {row['configuration']}: {row['status']}")
        parts.append(part)
        on_rows(pl.concat(parts))
        console.step("measured programs", number, len(suite.projects))
    shutil.rmtree(unfinished, ignore_errors=True)
    return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)


def _measure_or_read(
    project: Project, suite: Suite, work: Path, jobs: int, unfinished: Path, on_rows: OnRows
) -> pl.DataFrame:
    """One project's rows, from an interrupted run that was after the very same."""
    key = fingerprint(suite.configurations, project, replace(suite, projects=()))
    path = unfinished / f"{project.name}-{key}.parquet"
    # What is in a folder may have changed.
    if path.is_file() and project.source.registry != "local":
        return pl.read_parquet(path)
    rows = _rows(_measure_project(project, suite, work, jobs, on_rows))
    with replacing(path) as temporary:
        rows.write_parquet(temporary)
    return rows


def _rows(results: Sequence[Result]) -> pl.DataFrame:
    return pl.DataFrame([asdict(result) for result in results], schema=SCHEMA)


def _measure_project(
    project: Project, suite: Suite, work: Path, jobs: int, on_rows: OnRows
) -> list[Result]:
    """Each configuration once; then, for the time alone, runs and builds of all in turns."""
    built: list[Build | None] = []
    results = []
    for configuration in suite.configurations:
        result, made = _measure(project, configuration, suite, work, jobs)
        results.append(result)
        built.append(made)
        on_rows(_rows(results))
    for _ in range(suite.run_times if project.workload or project.test else 0):
        for number, made in enumerate(built):
            if made and results[number].status not in FAILURES:
                configuration = suite.configurations[number]
                results[number] = _run_again(results[number], made, configuration, jobs)
    for result, made in zip(results, built, strict=True):
        # What failed keeps its log.
        if made and result.status not in FAILURES:
            _forget(made)
    for _ in range(suite.runs - 1):
        for number, configuration in enumerate(suite.configurations):
            if results[number].status not in FAILURES:
                results[number] = _build_again(results[number], project, configuration, work, jobs)
    return results


def _run_again(result: Result, made: Build, configuration: Configuration, jobs: int) -> Result:
    """The result with the time of one more run."""
    try:
        with step("run failed"):
            result.run_seconds.append(time_runs(made, configuration, jobs))
    except StepFailedError as failed:
        return replace(result, status=failed.status, log=str(failed))
    return result


def _build_again(
    result: Result, project: Project, configuration: Configuration, work: Path, jobs: int
) -> Result:
    """The result with the time of one more build."""
    try:
        with step("rebuild failed"):
            again = build(project, configuration, work, jobs)
            result.seconds.append(again.seconds)
            _forget(again)
    except StepFailedError as failed:
        return replace(result, status=failed.status, log=str(failed))
    return result


def _measure(
    project: Project, configuration: Configuration, suite: Suite, work: Path, jobs: int
) -> tuple[Result, Build | None]:
    """What is measured of one build, and the build itself where nothing failed."""
    baseline = suite.baselines.get(configuration.name)
    row = Result(project.name, project.language, configuration.name, baseline, "")
    try:
        if suite.decisions and configuration.has_plugin:
            with step("decisions not read", build="build failed"):
                found = read_decisions(project, configuration, work, jobs)
            row = replace(
                row,
                decisions=found.decisions,
                changed_decisions=found.changed_decisions,
                sites=found.sites,
            )
        with step("build failed"):
            built = build(project, configuration, work, jobs)
        row = replace(row, seconds=[built.seconds])
        with step("sizes not read"):
            row = replace(row, **_sizes(built))
        with step("tests failed"):
            run_tests(built, configuration, jobs)
        if suite.instructions:
            with step("count failed"):
                counted = count_instructions(built, configuration, jobs)
            row = replace(row, instructions=counted)
    except StepFailedError as failed:
        return replace(row, status=failed.status, log=str(failed)), None
    return replace(row, status="pass" if project.test else "no tests"), built


def _forget(built: Build) -> None:
    shutil.rmtree(built.place, ignore_errors=True)


def _sizes(built: Build) -> dict[str, object]:
    sections: dict[str, int] = {}
    symbols: dict[str, int] = {}
    for path in built.outputs:
        for into, found in ((sections, read_sections(path)), (symbols, read_symbols(path))):
            for name, size in found.items():
                into[name] = into.get(name, 0) + size
    total = size_of(sections)
    return {
        "text": total.text,
        "loadable": total.loadable,
        "file": sum(path.stat().st_size for path in built.outputs),
        "sections": _named(sections),
        "symbols": _named(symbols),
    }


def _named(sizes: dict[str, int]) -> list[dict[str, object]]:
    return [{"name": name, "bytes": size} for name, size in sorted(sizes.items())]


def by_pair(rows: pl.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows as dictionaries, by project and configuration."""
    return {(row["project"], row["configuration"]): row for row in rows.iter_rows(named=True)}


def relative(row: Mapping[str, Any], base: Mapping[str, Any], figure: str) -> float | None:
    """By how much a figure differs from another row's; None where either was not measured."""
    return row[figure] / base[figure] - 1 if row[figure] and base.get(figure) else None


def changes_from_baselines(rows: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Relative changes of each configuration that has a baseline.

    Returns
    -------
    list of (str, polars.DataFrame)
        By configuration, a row a project where neither failed: ``project``, and for ``text``,
        ``loadable``, ``file`` and ``instructions`` the change, -0.02 for 2 % less; null where it
        was not counted.
    """
    fine = rows.filter(~pl.col("status").is_in(FAILURES))
    found = []
    for name, part in fine.group_by("configuration", maintain_order=True):
        bases = fine.with_columns(baseline=pl.col("configuration"))
        both = part.join(bases, on=["project", "baseline"], suffix="_base")
        if both.height:
            figures = ("text", "loadable", "file", "instructions")
            changed = [(pl.col(f) / pl.col(f"{f}_base") - 1).alias(f) for f in figures]
            found.append((str(name[0]), both.select("project", *changed)))
    return found
