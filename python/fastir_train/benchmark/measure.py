"""One project in one configuration: built, tested, counted. Everything that compares uses it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import polars as pl

from fastir_train.benchmark.changed_decisions import SITE, read_decisions
from fastir_train.benchmark.outcomes import FAILURES, StepFailedError, step
from fastir_train.benchmark.sections import code_bytes, read_sections
from fastir_train.benchmark.symbols import read_symbols
from fastir_train.corpus.build import (
    Build,
    Configuration,
    build,
    count_instructions,
    discard,
    run_tests,
    time_runs,
)
from fastir_train.corpus.manifest import Project
from fastir_train.problem.figures import COUNTED, names


@dataclass(frozen=True)
class Measurement:
    """One project in one configuration. What was not measured, or failed before, is None."""

    project: str
    language: str
    """Empty for the user's own program."""
    configuration: str
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
    baseline: str | None = None
    """The configuration that a suite compares this one with."""

    @property
    def failed(self) -> bool:
        """Whether a step failed, so that what came behind it was not measured."""
        return self.status in FAILURES


_NAMED = pl.List(pl.Struct({"name": pl.String, "bytes": pl.Int64}))
SCHEMA = {
    **dict.fromkeys(
        ("project", "language", "configuration", "baseline", "status", "log"), pl.String
    ),
    **dict.fromkeys(names(COUNTED), pl.Int64),
    "seconds": pl.List(pl.Float64),
    "run_seconds": pl.List(pl.Float64),
    "sites": pl.List(pl.Struct(SITE)),
    **dict.fromkeys(("decisions", "changed_decisions"), pl.Int64),
    "sections": _NAMED,
    "symbols": _NAMED,
}


def as_rows(measurements: Sequence[Measurement]) -> pl.DataFrame:
    """A row each, with the columns of `Measurement`."""
    return pl.DataFrame([asdict(one) for one in measurements], schema=SCHEMA)


def measure(
    project: Project,
    configuration: Configuration,
    work: Path,
    jobs: int,
    *,
    instructions: bool = False,
    decisions: bool = False,
) -> tuple[Measurement, Build | None]:
    """Build a project, test it, and measure what it links.

    Parameters
    ----------
    instructions
        Whether those of its workload are counted, if it has one.
    decisions
        Whether the plugin's are counted, in a build of its own, if the configuration has it.

    Returns
    -------
    tuple of (Measurement, Build or None)
        The build itself where nothing failed.
    """
    row = Measurement(project.name, project.language, configuration.name, "")
    try:
        if decisions and configuration.has_plugin:
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
        if instructions:
            with step("count failed"):
                counted = count_instructions(built, configuration, jobs)
            row = replace(row, instructions=counted)
    except StepFailedError as failed:
        return replace(row, status=failed.status, log=str(failed)), None
    return replace(row, status="pass" if project.test else "no tests"), built


def run_again(
    row: Measurement, built: Build, configuration: Configuration, jobs: int
) -> Measurement:
    """The measurement with the time of one more run."""
    try:
        with step("run failed"):
            row.run_seconds.append(time_runs(built, configuration, jobs))
    except StepFailedError as failed:
        return replace(row, status=failed.status, log=str(failed))
    return row


def build_again(
    row: Measurement, project: Project, configuration: Configuration, work: Path, jobs: int
) -> Measurement:
    """The measurement with the time of one more build."""
    try:
        with step("rebuild failed"):
            again = build(project, configuration, work, jobs)
            row.seconds.append(again.seconds)
            discard(again)
    except StepFailedError as failed:
        return replace(row, status=failed.status, log=str(failed))
    return row


def _sizes(built: Build) -> dict[str, object]:
    sections: dict[str, int] = {}
    symbols: dict[str, int] = {}
    for path in built.outputs:
        for into, found in ((sections, read_sections(path)), (symbols, read_symbols(path))):
            for name, size in found.items():
                into[name] = into.get(name, 0) + size
    return {
        "text": code_bytes(sections),
        "loadable": sum(sections.values()),
        "file": sum(path.stat().st_size for path in built.outputs),
        "sections": _named(sections),
        "symbols": _named(symbols),
    }


def _named(sizes: dict[str, int]) -> list[dict[str, object]]:
    return [{"name": name, "bytes": size} for name, size in sorted(sizes.items())]
