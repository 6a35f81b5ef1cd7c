"""A benchmark's results as one HTML page that needs nothing else."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
from markupsafe import Markup

from fastir_train.benchmark.compare import format_times
from fastir_train.benchmark.moved import Moved, moved
from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.benchmark.results import Results
from fastir_train.benchmark.runner import by_pair, changes_from_baselines, relative
from fastir_train.benchmark.statistics import format_interval, geomean
from fastir_train.benchmark.symbols import demangle
from fastir_train.problem.figures import COUNTED, SCORED, names
from fastir_train.report.charts import Bar, Point, bars, scatter
from fastir_train.report.templates import render
from fastir_train.runtime.files import write_shared

MOST_SYMBOLS = 100


def write_page(results: Results, path: Path) -> None:
    """Write the page."""
    write_shared(path, page(results))


def page(results: Results) -> str:
    """The page, HTML 5."""
    compared = changes_from_baselines(results.rows)
    sections = [
        ("Together", _summary(compared)),
        ("Program by program", _charts(compared)),
        ("Size against instructions", _pareto(results)),
        ("Everything measured", _rows(results.rows)),
        ("Section by section", _sections(results.rows)),
        ("Symbols that shrank and grew most", _symbols(results.rows)),
        ("Calls decided otherwise than by LLVM", _sites(results.rows)),
        ("How it was measured", _provenance(results.provenance)),
    ]
    failures = results.rows.filter(pl.col("status").is_in(FAILURES))
    html = render(
        "page.html",
        title=f"fastir bench {results.provenance['suite']}",
        failures=failures.to_dicts(),
        sections=[(name, part) for name, part in sections if part],
    )
    return str(html)


def percent(change: float | None) -> str:
    """A relative change as text."""
    return "" if change is None else f"{change:+.2%}"


def _summary(compared: Sequence[tuple[str, pl.DataFrame]]) -> Markup:
    rows = []
    for name, part in compared:
        for figure in SCORED:
            counted = part.drop_nulls(figure.name)
            if counted.is_empty():
                continue
            changes = counted[figure.name].to_numpy()
            worst = int(np.argmax(changes))
            rows.append(
                (
                    name,
                    figure.title,
                    percent(geomean(changes)),
                    format_interval(changes),
                    f"{percent(changes[worst])} ({counted['project'][worst]})",
                    str(counted.height),
                )
            )
    header = ("configuration", "figure", "geomean", "95 % interval", "worst", "programs")
    return table("Relative changes over programs", header, rows)


def _charts(compared: Sequence[tuple[str, pl.DataFrame]]) -> Markup:
    parts = []
    for figure in SCORED:
        for name, part in compared:
            counted = part.drop_nulls(figure.name)
            if not counted.is_empty():
                values = zip(counted["project"], counted[figure.name], strict=True)
                drawn = bars(f"{name}: change of {figure.title}", [Bar(*value) for value in values])
                parts.append(drawn)
    return render("charts.html", charts=parts) if parts else Markup()


def _pareto(results: Results) -> Markup:
    """All configurations against the first one, where instructions were counted."""
    names = results.rows["configuration"].unique(maintain_order=True).to_list()
    fine = results.rows.filter(
        ~pl.col("status").is_in(FAILURES), pl.col("instructions").is_not_null()
    )
    base = fine.filter(configuration=names[0])
    points = []
    for name in names:
        both = fine.filter(configuration=name).join(base, on="project", suffix="_base")
        if both.height:
            size, time = (
                geomean((both[what] / both[f"{what}_base"] - 1).to_numpy())
                for what in ("loadable", "instructions")
            )
            points.append(Point(name, size, time))
    if len(points) < 2:
        return Markup()
    title = f"Geomeans over programs, against {names[0]}: left is smaller, down is faster"
    drawn = scatter(title, ("loadable bytes", "instructions executed"), points)
    return render("charts.html", charts=[drawn])


def _rows(rows: pl.DataFrame) -> Markup:
    known = by_pair(rows)
    header = (
        *("program", "configuration", ".text", "loadable", "file", "instructions", "CPU s"),
        *("change of .text", "of loadable", "of instructions", "of compile time", "of run time"),
        *("changed_decisions", "status"),
    )
    return table(
        "Bytes unless said otherwise", header, [_row(row, known) for row in known.values()]
    )


def _row(row: Mapping[str, Any], known: Mapping[Any, Mapping[str, Any]]) -> tuple[str, ...]:
    base = known.get((row["project"], row["baseline"]), {})
    counts = [row[what] for what in names(COUNTED)]
    ratios = [relative(row, base, what) for what in names(SCORED)]
    return (
        row["project"],
        row["configuration"],
        *("" if count is None else f"{count:,}" for count in counts),
        f"{median(row['seconds']):.1f}" if row["seconds"] else "",
        *(percent(ratio) for ratio in ratios),
        *(
            format_times(base[what], row[what]) if base else ""
            for what in ("seconds", "run_seconds")
        ),
        "" if row["decisions"] is None else f"{row['changed_decisions']:,} of {row['decisions']:,}",
        row["status"],
    )


def _sections(rows: pl.DataFrame) -> Markup:
    differing = moved(rows, "sections")
    names = [each.name for each in differing]
    return _moved("Bytes of each loadable section that differs", "section", differing, names)


def _symbols(rows: pl.DataFrame) -> Markup:
    most = moved(rows, "symbols")[:MOST_SYMBOLS]
    names = demangle([each.name for each in most])
    return _moved("Bytes of each symbol that is in one of the two files", "symbol", most, names)


def _moved(caption: str, kind: str, differing: Sequence[Moved], names: Sequence[str]) -> Markup:
    header = ("program", "configuration", kind, "before", "after", "change, bytes")
    found = [
        (m.project, m.configuration, name, f"{m.before:,}", f"{m.after:,}", f"{m.change():+,}")
        for m, name in zip(differing, names, strict=True)
    ]
    return table(caption, header, found) if found else Markup()


def _sites(rows: pl.DataFrame) -> Markup:
    header = (
        *("program", "configuration", "caller", "callee", "LLVM's cost", "LLVM"),
        *("predicted, bytes", "what happened", "times"),
    )
    found = [
        (
            row["project"],
            row["configuration"],
            site["caller"],
            site["callee"],
            f"{site['llvm_cost']:,}",
            _inlined_or_call(site["llvm_inlines"]),
            "" if site["prediction"] is None else f"{site['prediction']:+.1f}",
            _inlined_or_call(site["inlined"]),
            f"{site['times']:,}",
        )
        for row in rows.iter_rows(named=True)
        for site in row["sites"] or ()
    ]
    caption = "The strongest predictions: bytes that inlining the call adds to the linked file"
    return table(caption, header, found) if found else Markup()


def _inlined_or_call(inlined: bool) -> str:
    return "inlined" if inlined else "a call"


def _provenance(provenance: Mapping[str, Any]) -> Markup:
    facts = [
        (name, str(provenance[name]))
        for name in ("date", "processor", "commit")
        if provenance.get(name)
    ]
    facts += [(name, version) for name, version in provenance["versions"].items()]
    for name, configuration in provenance["configurations"].items():
        options = [f"{key}={value}" for key, value in configuration["environment"].items()]
        facts.append((name, " ".join([*configuration["flags"], *options])))
    return table("Versions, and what each configuration adds", ("what", "value"), facts)


_LINE = 40
"""Characters up to which a cell is not broken."""
_SEARCHED = 12
"""Rows from which on a table can be searched."""


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table that the page's script sorts by the column that is asked for."""
    first = rows[0] if rows else header
    return render(
        "table.html",
        caption=caption,
        header=[
            {"text": name, "kind": _kind(cell)} for name, cell in zip(header, first, strict=True)
        ],
        rows=[
            {
                "failed": row[-1] in FAILURES,
                "cells": [{"text": cell, "kind": _kind(cell)} for cell in row],
            }
            for row in rows
        ],
        is_searched=len(rows) >= _SEARCHED,
    )


def _kind(cell: str) -> str:
    """The class of a cell: numbers are set to the right, long names are broken."""
    if len(cell) > _LINE:
        return "word long"
    return "number" if re.match(r"[+-]?\d|$", cell) else "word"
