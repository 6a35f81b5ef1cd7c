"""Results as tables in the terminal."""

import polars as pl
from rich.console import Console
from rich.table import Table

from fastir_train.evaluate import changes, geomean, interval, total_change, working


def show_scores(title: str, scores: pl.DataFrame) -> None:
    """Print a row a project, then what they say together."""
    table = Table(title=title)
    table.add_column("project")
    for name in ("language", ".text", "loadable", "change of .text", "of loadable", "own tests"):
        table.add_column(name, justify="right")
    text, loadable = changes(scores, "text"), changes(scores, "loadable")
    for row, by_text, by_loadable in zip(scores.iter_rows(named=True), text, loadable, strict=True):
        table.add_row(
            row["project"],
            row["language"],
            f"{row['text_after']:,}",
            f"{row['loadable_after']:,}",
            f"{by_text:+.2%}",
            f"{by_loadable:+.2%}",
            row["tests"],
        )
    fine = working(scores)
    text, loadable = changes(fine, "text"), changes(fine, "loadable")
    low, high = interval(loadable)
    table.add_section()
    table.add_row("geomean", "", "", "", f"{geomean(text):+.2%}", f"{geomean(loadable):+.2%}", "")
    table.add_row("95 %", "", "", "", "", f"{low:+.2%} to {high:+.2%}", "")
    table.add_row("worst", "", "", "", f"{text.max():+.2%}", f"{loadable.max():+.2%}", "")
    totals = [f"{total_change(fine, what):+.2%}" for what in ("text", "loadable")]
    table.add_row("total", "", "", "", *totals, "")
    if failed := scores.height - fine.height:
        table.add_row("failed, not counted", *[""] * 5, str(failed))
    Console().print(table)
