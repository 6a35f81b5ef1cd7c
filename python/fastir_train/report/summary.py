"""A benchmark's relative changes as Markdown, for a README or a pull request."""

from pathlib import Path

import polars as pl

from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.benchmark.runner import changes_from_baselines
from fastir_train.benchmark.statistics import by_language, format_interval, geomean
from fastir_train.problem.figures import SCORED
from fastir_train.report.html import percent
from fastir_train.runtime.files import write_shared
from fastir_train.runtime.markdown import table


def write_markdown(rows: pl.DataFrame, path: Path) -> None:
    """Write `markdown`."""
    write_shared(path, markdown(rows))


def markdown(rows: pl.DataFrame) -> str:
    """What failed, and a table for each configuration that has a baseline.

    Parameters
    ----------
    rows
        As `fastir_train.benchmark.runner.run_suite` returns them.

    Returns
    -------
    str
        Programs by language, then geometric means with 95 % bootstrap intervals over programs.
        Figures that were not measured have no column.
    """
    failed = rows.filter(pl.col("status").is_in(FAILURES))
    parts = [
        f"- {row['project']}, {row['configuration']}: {row['status']}"
        for row in failed.iter_rows(named=True)
    ]
    if parts:
        parts = [f"**{len(parts)} failed**", "\n".join(parts)]
    languages = rows.select("project", "language").unique()
    baselines = dict(
        rows.drop_nulls("baseline").select("configuration", "baseline").unique().rows()
    )
    for name, changes in changes_from_baselines(rows):
        compared = changes.join(languages, on="project").sort("language", "project")
        parts += [f"**{name}, against {baselines[name]}**", _changes(compared)]
    return "\n\n".join(parts or ["No configuration has a baseline."]) + "\n"


def _changes(changes: pl.DataFrame) -> str:
    figures = [figure for figure in SCORED if changes[figure.name].is_not_null().any()]
    lines = []
    for row in changes.iter_rows(named=True):
        language = f" ({row['language']})" if row["language"] else ""
        lines.append(
            [row["project"] + language, *(percent(row[figure.name]) for figure in figures)]
        )
    means = [(name, part) for name, part in by_language(changes) if part.height > 1]
    if changes["language"].n_unique() == 1:
        means = means[:1]
    for name, part in means:
        lines.append([f"**geomean, {name}**", *(_mean(part[figure.name]) for figure in figures)])
    return table(["program", *(figure.title for figure in figures)], lines)


def _mean(changes: pl.Series) -> str:
    counted = changes.drop_nulls().to_numpy()
    if len(counted) < 2:
        return ""
    return f"**{percent(geomean(counted))}** ({format_interval(counted)})"
