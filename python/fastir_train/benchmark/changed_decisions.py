"""What a build decides otherwise than LLVM: from a build of its own, with a log."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from fastir_train.benchmark.symbols import demangle
from fastir_train.corpus.build import Configuration, build, discard
from fastir_train.corpus.manifest import Project
from fastir_train.label.decision_log import call_sites, read_logs

MOST_SITES = 200
"""Of one program, those of the strongest predictions."""

SITE = {
    "caller": pl.String,
    "callee": pl.String,
    "llvm_cost": pl.Int64,
    "llvm_inlines": pl.Boolean,
    "prediction": pl.Float64,
    "inlined": pl.Boolean,
    "times": pl.Int64,
}
"""A call site, or several alike: names demangled; LLVM's cost counted to the end; bytes that the
model says inlining adds, null where no model was asked; how often it was decided so, as a function
of a header is in each module that has it."""


@dataclass(frozen=True)
class Decided:
    """What one build decided."""

    decisions: int
    changed_decisions: int
    """Decisions that are not LLVM's."""
    sites: list[dict[str, object]]
    """Changed decisions with the columns of `SITE`, at most `MOST_SITES`."""


def read_decisions(
    project: Project, configuration: Configuration, work: Path, jobs: int
) -> Decided:
    """Build a project once more, and tell what was decided.

    Raises
    ------
    PluginNotUsedError
        If nothing was compiled with the plugin.
    FastirError
        If it cannot be built, or a log not be read.
    """
    with tempfile.TemporaryDirectory() as logs:
        environment = {**configuration.environment, "FASTIR_LOG": logs}
        logged = replace(configuration, name="logged", environment=environment)
        built = build(project, logged, work, jobs)
        discard(built)
        taken = read_logs(Path(logs))
    departing = taken.filter(pl.col("inlining_decision") != pl.col("inlining_default"))
    return Decided(taken.height, departing.height, _sites(departing))


def _sites(departing: pl.DataFrame) -> list[dict[str, object]]:
    if departing.is_empty():
        return []
    asked = pl.col("prediction").is_not_nan() & pl.col("prediction").is_finite()
    rows = departing.select(
        *call_sites(departing),
        llvm_cost=pl.col("llvm_full_cost").cast(pl.Int64),
        llvm_inlines=pl.col("inlining_default") != 0,
        prediction=pl.when(asked).then(pl.col("prediction").cast(pl.Float64)),
        inlined=pl.col("inlining_decision") != 0,
    )
    alike = rows.group_by(rows.columns, maintain_order=True).agg(times=pl.len().cast(pl.Int64))
    strength = pl.col("prediction").abs()
    order = alike.sort(strength, descending=True, nulls_last=True, maintain_order=True)
    shown = order.head(MOST_SITES)
    named = shown.with_columns(
        pl.Series(side, demangle(shown[side].to_list())) for side in ("caller", "callee")
    )
    return named.to_dicts()
