"""Measurements kept on disk: nothing is measured twice, and an interrupted run goes on."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from fastir_train.benchmark.measure import SCHEMA, Measurement, as_rows, measure
from fastir_train.corpus.build import Configuration, discard
from fastir_train.corpus.fingerprint import fingerprint
from fastir_train.corpus.manifest import Project
from fastir_train.runtime.files import replacing


class KeptRows:
    """The rows of one project that were measured in the same way, if there are any.

    Parameters
    ----------
    how
        Whatever the rows depend on beside the project and the configurations.
    """

    def __init__(
        self, work: Path, project: Project, configurations: Iterable[Configuration], *how: object
    ) -> None:
        # A project measures the same in whatever split it is.
        key = fingerprint(configurations, replace(project, split="test"), *how)
        self._path = work / "measured" / f"{project.name}-{key}.parquet"
        # What is in a folder may have changed.
        self._kept = project.source.registry != "local"

    def read(self) -> pl.DataFrame | None:
        """The rows, with the columns of `Measurement`; None if there are none."""
        if not self._kept or not self._path.is_file():
            return None
        rows = pl.read_parquet(self._path)
        # A former version may have measured other figures.
        return rows if rows.schema == pl.Schema(SCHEMA) else None

    def write(self, rows: pl.DataFrame) -> None:
        """Keep the rows; those of a folder are not."""
        if self._kept:
            with replacing(self._path) as temporary:
                rows.write_parquet(temporary)

    def forget(self) -> None:
        """Remove the rows, so that they are measured again."""
        self._path.unlink(missing_ok=True)


def measure_once(
    project: Project, configuration: Configuration, work: Path, jobs: int, *, instructions: bool
) -> Measurement:
    """Measure, unless the very same was measured before; what fails is measured again."""
    kept = KeptRows(work, project, [configuration], instructions)
    rows = kept.read()
    if rows is not None:
        return Measurement(**rows.row(0, named=True))
    row, built = measure(project, configuration, work, jobs, instructions=instructions)
    if built:
        discard(built)
        kept.write(as_rows([row]))
    return row
