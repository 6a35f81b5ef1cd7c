"""Building each project of a suite in each configuration, and measuring the result."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from fastir_train.benchmark.cache import KeptRows
from fastir_train.benchmark.measure import (
    SCHEMA,
    Measurement,
    as_rows,
    build_again,
    measure,
    run_again,
)
from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.benchmark.suite import Suite
from fastir_train.corpus.build import Build, check_counter, discard
from fastir_train.corpus.manifest import Project
from fastir_train.problem.figures import COUNTED, names
from fastir_train.runtime.console import Console

OnRows = Callable[[pl.DataFrame], None]
"""Is given the rows so far, whenever there is something new in them."""


def run_suite(
    suite: Suite, work: Path, jobs: int, console: Console, on_rows: OnRows = lambda _: None
) -> pl.DataFrame:
    """Measure everything that a suite names; an interrupted run goes on where it stopped.

    Returns
    -------
    polars.DataFrame
        A row a project and configuration, those that failed too: the columns of `Measurement`.

    Raises
    ------
    FastirError
        If instructions are to be counted and cannot be.
    """
    if suite.instructions:
        check_counter(suite.projects)
    kept = [_kept(project, suite, work) for project in suite.projects]
    parts: list[pl.DataFrame] = []
    for number, (project, rows) in enumerate(zip(suite.projects, kept, strict=True), start=1):
        part = rows.read()
        if part is None:
            part = as_rows(
                _measure_project(
                    project, suite, work, jobs, lambda rows: on_rows(pl.concat([*parts, rows]))
                )
            )
            rows.write(part)
        for row in part.filter(pl.col("status").is_in(FAILURES)).iter_rows(named=True):
            console.say(f"{row['project']}, {row['configuration']}: {row['status']}")
        parts.append(part)
        on_rows(pl.concat(parts))
        console.step("measured programs", number, len(suite.projects))
    # Kept for an interrupted run alone: a finished one is timed anew when it is run again.
    for rows in kept:
        rows.forget()
    return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)


def _kept(project: Project, suite: Suite, work: Path) -> KeptRows:
    """One project's rows, from an interrupted run that was after the very same."""
    return KeptRows(work, project, suite.configurations, replace(suite, projects=()))


def _measure_project(
    project: Project, suite: Suite, work: Path, jobs: int, on_rows: OnRows
) -> list[Measurement]:
    """Each configuration once; then, for the time alone, runs and builds of all in turns."""
    built: list[Build | None] = []
    rows = []
    for configuration in suite.configurations:
        row, made = measure(
            project,
            configuration,
            work,
            jobs,
            instructions=suite.instructions,
            decisions=suite.decisions,
        )
        rows.append(replace(row, baseline=suite.baselines.get(configuration.name)))
        built.append(made)
        on_rows(as_rows(rows))
    for _ in range(suite.run_times if project.workload or project.test else 0):
        for number, made in enumerate(built):
            if made and not rows[number].failed:
                rows[number] = run_again(rows[number], made, suite.configurations[number], jobs)
    for row, made in zip(rows, built, strict=True):
        # What failed keeps its log.
        if made and not row.failed:
            discard(made)
    for _ in range(suite.runs - 1):
        for number, configuration in enumerate(suite.configurations):
            if not rows[number].failed:
                rows[number] = build_again(rows[number], project, configuration, work, jobs)
    return rows


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
            changed = [(pl.col(f) / pl.col(f"{f}_base") - 1).alias(f) for f in names(COUNTED)]
            found.append((str(name[0]), both.select("project", *changed)))
    return found
