"""A benchmark's relative changes as Markdown, for a README or a pull request."""

from collections.abc import Sequence

import polars as pl

from fastir_train.bench import against_others
from fastir_train.evaluate import by_language, geomean, interval
from fastir_train.page import FIGURES, percent


def summary(rows: pl.DataFrame) -> str:
    """A table for each configuration that is held against another.

    Parameters
    ----------
    rows
        As `fastir_train.bench.run_suite` returns them.

    Returns
    -------
    str
        Programs by language, then geometric means with 95 % bootstrap intervals over programs.
        Figures that were not measured have no column; what failed has no row.
    """
    languages = rows.select("project", "language").unique()
    held = rows.drop_nulls("against").select("configuration", "against").unique()
    against = dict(held.rows())
    parts = []
    for name, changes in against_others(rows):
        told = changes.join(languages, on="project").sort("language", "project")
        title = f"**{name}, against {against[name]}**"
        parts.append(f"{title}\n\n{_table(told)}")
    return "\n\n".join(parts) + "\n"


def _table(changes: pl.DataFrame) -> str:
    figures = [figure for figure in FIGURES if changes[figure].is_not_null().any()]
    lines = [_line(["program", *(FIGURES[figure] for figure in figures)])]
    lines.append("| --- |" + " ---: |" * len(figures))
    for row in changes.iter_rows(named=True):
        shown = [percent(row[figure]) for figure in figures]
        lines.append(_line([f"{row['project']} ({row['language']})", *shown]))
    for language, part in by_language(changes):
        lines.append(_line([f"**geomean, {language}**", *(_mean(part[f]) for f in figures)]))
    return "\n".join(lines)


def _mean(changes: pl.Series) -> str:
    counted = changes.drop_nulls().to_numpy()
    if not len(counted):
        return ""
    low, high = interval(counted)
    return f"**{percent(geomean(counted))}** ({percent(low)} to {percent(high)})"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
