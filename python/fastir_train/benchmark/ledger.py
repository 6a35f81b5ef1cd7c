"""The list of evaluations on the test split: each time that it is opened is one line."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from fastir_train.benchmark.runner import changes_from_baselines
from fastir_train.benchmark.statistics import Summary, geomean, working
from fastir_train.benchmark.suite import Suite
from fastir_train.problem.figures import SIZES
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.models import file_digest
from fastir_train.runtime.toolchain import default_model_path

LEDGER = Path("models/evaluations.md")
"""In a checkout; elsewhere there is none, and nothing is recorded."""


def record(model: Path, run: str, result: str) -> None:
    """Append a line on an evaluation: date, model with its SHA-256, what was run, what it gave.

    Raises
    ------
    FastirError
        If the list is there and cannot be written to.
    """
    if not LEDGER.is_file():
        return
    today = datetime.now(UTC).date().isoformat()
    cells = (today, f"{model.name} `{file_digest(model)}`", f"`{run}`", result)
    try:
        with LEDGER.open("a", encoding="utf-8") as stream:
            print("|", " | ".join(cells), "|", file=stream)
    except OSError as error:
        raise FastirError(f"cannot write {LEDGER}: {error.strerror}") from None


def record_scores(model: Path, run: str, scores: pl.DataFrame) -> None:
    """Record what `fastir_train.benchmark.evaluate.evaluate` returned for the test split."""
    fine = working(scores)
    text, loadable = Summary.of(fine, "text"), Summary.of(fine, "loadable")
    figures = f".text {text.geomean()}, loadable {loadable.geomean()}" if text else "nothing"
    record(model, run, _result(figures, fine.height, scores.height - fine.height))


def record_bench(suite: Suite, rows: pl.DataFrame) -> None:
    """Record a benchmark for each of its models, if it has projects of the test split."""
    names = {p.name for p in suite.projects if p.split == "test" and p.source.registry != "local"}
    tested = rows.filter(pl.col("project").is_in(names))
    changed = dict(changes_from_baselines(tested)) if names else {}
    for configuration in suite.configurations:
        options = configuration.environment
        has_model = configuration.has_plugin and options.get("FASTIR_POLICY", "model") == "model"
        if not names or not has_model:
            continue
        level = INLINING.level_of(configuration.flags)
        model = Path(options.get("FASTIR_MODEL") or default_model_path(level))
        part = changed.get(configuration.name, pl.DataFrame())
        figures = ", ".join(
            f"{figure.heading} {geomean(part[figure.name].to_numpy()):+.2%}"
            for figure in SIZES
            if part.height
        )
        run = f"fastir bench {suite.name}: {configuration.name}"
        record(model, run, _result(figures or "nothing", part.height, len(names) - part.height))


def _result(figures: str, worked: int, failed: int) -> str:
    found = f"geomeans of {worked} projects: {figures}"
    return f"{found}; {failed} failed" if failed else found
