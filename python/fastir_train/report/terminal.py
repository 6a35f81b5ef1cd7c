"""Results as tables in the terminal."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from fastir_train.benchmark.compare import format_times
from fastir_train.benchmark.link_model import agreement
from fastir_train.benchmark.outcomes import FAILURES
from fastir_train.benchmark.runner import by_pair, changes_from_baselines, relative
from fastir_train.benchmark.statistics import Summary, by_language, change, geomean, working
from fastir_train.inspect.doctor import Finding
from fastir_train.inspect.explain import Explained
from fastir_train.problem.figures import SCORED, SIZES, names
from fastir_train.tune.status import ModuleStatus


def show_findings(findings: Sequence[Finding]) -> None:
    """Print what `fastir_train.inspect.doctor.examine` found, and advice for what is missing."""
    table = Table("", title="fastir doctor")
    for name in ("found", "advice"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        mark = "" if not finding.advice else "[red]" if finding.needed else "[yellow]"
        table.add_row(*(mark + text for text in (finding.what, finding.found, finding.advice)))
    Console().print(table)


def show_explained(title: str, found: Sequence[Explained]) -> None:
    """Print what `fastir_train.inspect.explain.explain` returned."""
    table = Table(title=title, show_lines=True)
    for name in ("caller", "callee", "LLVM", "model", "what decides, and by how much"):
        table.add_column(name, overflow="fold")
    for one in found:
        llvm = f"{'inline' if one.llvm_inlines else 'call'}, cost {one.llvm_cost}"
        says = "not asked" if one.prediction is None else f"{one.prediction:+.1f} {one.unit}"
        if one.kept:
            says += ", keeps to LLVM"
        reasons = [f"{i.feature} = {i.value}: {i.effect:+.1f}" for i in one.influences]
        table.add_row(
            one.caller,
            one.callee,
            llvm,
            f"{'inline' if one.inlined else 'call'}, {says}",
            "\n".join(reasons),
            style=None if one.inlined == one.llvm_inlines else "bold",
        )
    Console().print(table)


def bench_table(suite: str, rows: pl.DataFrame, *, last: int | None = None) -> Table:
    """A row a project and configuration, red where it failed; then geomeans of all rows.

    Parameters
    ----------
    last
        Show so many rows at most, those that came last.
    """
    changing = names(SCORED)
    header = (
        "project",
        "configuration",
        ".text",
        *changing[1:],
        "CPU s",
        "changed_decisions",
        "status",
    )
    lines = _bench_lines(rows, changing)
    summary = [
        ("geomean", name, *(_geomean(part[what].drop_nulls().to_numpy()) for what in changing))
        for name, part in changes_from_baselines(rows)
    ]
    # What nothing was measured of takes no room, nor does that everything passed.
    kept = [column for column in range(len(header)) if any(line[column] for line in lines)]
    passed = all(line[-1] == "pass" for line in lines)
    if passed:
        kept.pop()
    caption = "Each passed its own tests." if passed else None
    table = Table(title=f"fastir bench {suite}", caption=caption)
    for column in kept:
        if header[column] in ("project", "configuration"):
            table.add_column(header[column], no_wrap=True)
        else:
            table.add_column(header[column], justify="right", overflow="fold")
    for line in lines[-last:] if last else lines:
        style = "red" if line[-1] in FAILURES else None
        table.add_row(*(line[column] for column in kept), style=style)
    table.add_section()
    for line in summary:
        table.add_row(*(line[column] for column in kept if column < len(line)))
    return table


def show_bench(suite: str, rows: pl.DataFrame) -> None:
    """Print `bench_table`."""
    Console().print(bench_table(suite, rows))


def _bench_lines(rows: pl.DataFrame, changing: Sequence[str]) -> list[tuple[str, ...]]:
    known = by_pair(rows)
    lines = []
    for row in known.values():
        base = known.get((row["project"], row["baseline"]), {})
        seconds = f"{median(row['seconds']):.1f}" if row["seconds"] else ""
        ratio = format_times(base["seconds"], row["seconds"]) if base else ""
        decided = (
            "" if row["decisions"] is None else f"{row['changed_decisions']:,}/{row['decisions']:,}"
        )
        figures = [_figure(row, base, what) for what in changing]
        time = f"{seconds} {ratio}".strip()
        lines.append((row["project"], row["configuration"], *figures, time, decided, row["status"]))
    return lines


def _figure(row: Mapping[str, Any], base: Mapping[str, Any], what: str) -> str:
    """A figure, and by how much it differs from the other configuration's."""
    if not row[what]:
        return ""
    change = relative(row, base, what)
    return f"{row[what]:,}" + ("" if change is None else f" {change:+.2%}")


def _geomean(relative: np.ndarray) -> str:
    return f"{geomean(relative):+.2%}" if len(relative) else ""


def _bytes(size: int | None) -> str:
    """A size; empty where there is none."""
    return "" if size is None else f"{size:,}"


def show_status(title: str, rows: Sequence[ModuleStatus]) -> None:
    """Print how much of a profile applies: the modules of which not all does, and the sum."""
    table = Table(title=title)
    for name in ("module", "phase"):
        table.add_column(name, overflow="fold")
    for name in ("decisions", "apply"):
        table.add_column(name, justify="right")
    for row in rows:
        if row.apply < row.decisions or not row.is_there:
            apply = f"{row.apply}" if row.is_there else "no such module"
            table.add_row(*row.key, f"{row.decisions}", apply)
    total, apply = (sum(part) for part in zip(*((r.decisions, r.apply) for r in rows), strict=True))
    table.add_section()
    share = f" ({apply / total:.1%})" if total else ""
    table.add_row(f"all {len(rows)} modules", "", f"{total}", f"{apply}{share}")
    Console().print(table)


def show_scores(title: str, scores: pl.DataFrame) -> None:
    """Print a row a project, then what they say together."""
    table = Table(title=title)
    table.add_column("project")
    header = ("language", ".text", "loadable", "change of .text", "of loadable", "instructions")
    for name in (*header, "own tests"):
        table.add_column(name, justify="right")
    for row in scores.iter_rows(named=True):
        table.add_row(
            row["project"],
            row["language"],
            _bytes(row["text_after"]),
            _bytes(row["loadable_after"]),
            *(change(row, what) for what in names(SCORED)),
            row["status"],
        )
    fine = working(scores)
    sizes = [Summary.of(fine, what) for what in names(SIZES)]
    counted = [*sizes, *filter(None, [Summary.of(fine, "instructions")])]
    table.add_section()
    if not fine.is_empty():
        table.add_row("geomean", "", "", "", *(figure.geomean() for figure in counted))
        table.add_row("95 %", "", "", "", "", sizes[1].interval())
        table.add_row("worst", "", "", "", *(figure.worst() for figure in counted))
        table.add_row("total", "", "", "", *(figure.total() for figure in sizes))
    if failed := scores.height - fine.height:
        table.add_row("failed, not counted", *[""] * 6, str(failed))
    Console().print(table)


def show_corpus(stats: pl.DataFrame) -> None:
    """Print what `fastir_train.corpus.overlap.corpus_stats` returned, and its sums."""
    table = Table(title="corpus")
    for name in ("project", "split", "language"):
        table.add_column(name)
    for name in ("modules", "MB", "functions", "also held out"):
        table.add_column(name, justify="right")
    for row in stats.iter_rows(named=True):
        table.add_row(row["project"], row["split"], row["language"], *_counts(row))
    sums = [
        pl.len().alias("projects"),
        *(pl.col(name).sum() for name in ("modules", "megabytes", "functions", "held_out")),
    ]
    table.add_section()
    for row in stats.group_by("split", "language").agg(*sums).sort("split", "language").to_dicts():
        table.add_row(f"{row['projects']} projects", row["split"], row["language"], *_counts(row))
    table.add_section()
    for row in stats.select(*sums).to_dicts():
        table.add_row(f"{row['projects']} projects", "", "", *_counts(row))
    Console().print(table)


def _counts(row: dict) -> tuple[str, ...]:
    return (
        f"{row['modules']:,}",
        f"{row['megabytes']:,.1f}",
        f"{row['functions']:,}",
        f"{row['held_out']:,}",
    )


def show_comparison(title: str, compared: pl.DataFrame) -> None:
    """Print policies side by side: a table of projects, and one of what they say together.

    Parameters
    ----------
    compared
        The rows of `fastir_train.benchmark.evaluate.evaluate` with the column ``policy``.
    """
    console = Console()
    for what in ("loadable", "text"):
        table = Table(title=f"{title}: {what} bytes, project by project")
        table.add_column("project")
        policies = compared["policy"].unique(maintain_order=True).to_list()
        for policy in policies:
            table.add_column(policy, justify="right")
        for project in compared["project"].unique(maintain_order=True):
            cells = [
                _cell(compared.filter(project=project, policy=policy), what) for policy in policies
            ]
            table.add_row(project, *cells)
        console.print(table)
    table = Table(title=f"{title}: geomeans with 95 % intervals over projects")
    table.add_column("policy")
    for name in (
        "languages",
        ".text",
        "loadable",
        "95 %",
        "worst .text",
        "worst loadable",
        "failed",
    ):
        table.add_column(name, justify="right")
    for (policy,), rows in compared.group_by("policy", maintain_order=True):
        for language, part in by_language(rows):
            table.add_row(str(policy), language, *_summary(part))
        table.add_section()
    console.print(table)


def _cell(rows: pl.DataFrame, what: str) -> str:
    if rows.is_empty():
        return "-"
    (row,) = rows.to_dicts()
    return "fails" if row["status"] in FAILURES else change(row, what)


def _summary(scores: pl.DataFrame) -> tuple[str, ...]:
    fine = working(scores)
    failed = str(scores.height - fine.height or "")
    if fine.is_empty():
        return ("-", "-", "-", "-", "-", failed)
    text, loadable = Summary.of(fine, "text"), Summary.of(fine, "loadable")
    return (
        text.geomean(),
        loadable.geomean(),
        loadable.interval(),
        text.worst(),
        loadable.worst(),
        failed,
    )


def show_predicted(title: str, both: pl.DataFrame) -> None:
    """Print what `benchmark.link_model.compare_with_links` returned, and how it agrees."""
    table = Table(title=title)
    for name in ("project", "language"):
        table.add_column(name)
    for name in ("text predicted", "linked", "loadable predicted", "linked"):
        table.add_column(name, justify="right")
    for row in both.rows():
        table.add_row(*row[:2], *(f"{change:+.2%}" for change in row[2:]))
    table.add_section()
    found = [
        agreement(both[f"predicted_{what}"].to_numpy(), both[f"linked_{what}"].to_numpy())
        for what in names(SIZES)
    ]
    table.add_row(
        "correlation", "", *(cell for a in found for cell in ("", f"{a.correlation:.3f}"))
    )
    table.add_row("slope", "", *(cell for a in found for cell in ("", f"{a.slope:.3f}")))
    Console().print(table)
