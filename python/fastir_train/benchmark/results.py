"""Files that hold a benchmark's results, and what they were measured with."""

import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from fastir_train.benchmark.runner import SCHEMA
from fastir_train.benchmark.suite import Suite
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing, write_shared
from fastir_train.runtime.toolchain import tool

_KEY = "fastir"


@dataclass(frozen=True)
class Results:
    """What a benchmark measured: rows of `benchmark.runner.Result`, and how that was done."""

    rows: pl.DataFrame
    provenance: Mapping[str, Any]


def provenance(suite: Suite) -> dict[str, Any]:
    """What results depend on beside the projects: versions, processor, flags, commit."""
    packages = ("fastir", "onnxruntime", "polars")
    return {
        "suite": suite.name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "clang": _first_line(tool("clang"), "--version"),
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in packages},
        },
        "processor": _processor(),
        "commit": _first_line("git", "rev-parse", "HEAD"),
        "configurations": {
            configuration.name: {
                "flags": list(configuration.flags),
                "environment": dict(configuration.environment),
                "baseline": suite.baselines.get(configuration.name),
            }
            for configuration in suite.configurations
        },
    }


def _first_line(*command: str) -> str:
    """What a program says first; empty if it is not there, or fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    lines = result.stdout.splitlines()
    return lines[0] if lines and not result.returncode else ""


def _processor() -> str:
    try:
        facts = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    models = [line.split(":", 1)[1].strip() for line in facts.splitlines() if "model name" in line]
    return f"{models[0]}, {len(models)} of them" if models else platform.processor()


def write_results(results: Results, folder: Path) -> None:
    """Write ``results.parquet`` and ``results.json``."""
    text = json.dumps(results.provenance)
    with replacing(folder / "results.parquet") as temporary:
        results.rows.write_parquet(temporary, metadata={_KEY: text})
        temporary.chmod(0o644)
    both = {**results.provenance, "results": results.rows.to_dicts()}
    write_shared(folder / "results.json", json.dumps(both, indent=1))


def read_results(path: Path) -> Results:
    """Read a ``results.parquet``.

    Raises
    ------
    FastirError
        If it cannot be read, or holds something else.
    """
    try:
        rows = pl.read_parquet(path)
        text = pl.read_parquet_metadata(path).get(_KEY)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise FastirError(f"cannot read results {path}: {error}") from None
    if text is None or rows.schema != pl.Schema(SCHEMA):
        raise FastirError(f"{path} holds no results of 'fastir bench'")
    return Results(rows, json.loads(text))
