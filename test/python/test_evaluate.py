"""Figures of the evaluation, against scipy and llvm-size."""

import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from fastir_train.benchmark.evaluate import evaluate
from fastir_train.benchmark.sections import read_sections
from fastir_train.benchmark.statistics import changes, geomean, interval, total_change
from fastir_train.cli.pipeline import Workspace, train_and_evaluate
from fastir_train.corpus import build
from fastir_train.corpus.manifest import Split, load_projects, local_project
from fastir_train.report.card import _evaluation
from fastir_train.report.terminal import show_comparison, show_scores
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError

CHANGES = np.array([-0.08, -0.01, 0.02, -0.05, 0.0, -0.12])


def test_the_geomean_is_scipys() -> None:
    assert geomean(CHANGES) == pytest.approx(stats.gmean(1 + CHANGES) - 1)


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    result = stats.bootstrap(
        (1 + CHANGES,), stats.gmean, method="percentile", n_resamples=20_000, rng=1
    )
    low, high = interval(CHANGES)
    assert low == pytest.approx(result.confidence_interval.low - 1, abs=3e-3)
    assert high == pytest.approx(result.confidence_interval.high - 1, abs=3e-3)


def test_changes_and_totals() -> None:
    scores = pl.DataFrame({"text_before": [100, 300], "text_after": [90, 300]})
    assert changes(scores, "text") == pytest.approx([-0.1, 0])
    assert total_change(scores, "text") == pytest.approx(-0.025)


def test_linked_sizes_are_those_of_llvm_size(tmp_path: Path) -> None:
    source = tmp_path / "p.c"
    source.write_text(
        "int zero[1000]; int one = 1; _Thread_local int t;"
        'int printf(const char *, ...); int main(void) { return printf("%d", one + zero[1] + t); }'
    )
    program = tmp_path / "p"
    command = ["clang-22", "-Oz", "-fuse-ld=lld", str(source), "-o", str(program)]
    subprocess.run(command, check=True)
    listing = subprocess.run(
        ["llvm-size-22", "-A", str(program)], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split() for line in listing.splitlines() if line.startswith(".")]
    # What takes no file space, or is not loaded.
    left_out = {".bss", ".tbss", ".relro_padding", ".comment"}
    expected = {name: int(size) for name, size, _ in rows if name not in left_out}
    assert read_sections(program) == expected


def test_a_file_that_is_no_elf_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("hello")
    with pytest.raises(FastirError, match="not recognized as a valid object file"):
        read_sections(tmp_path / "p")


def test_a_build_that_fails_has_no_figures(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = local_project(program, "program", "make", (), "./program")
    broken = build.Configuration("broken", ("-Oz", "-DERROR"), {})
    scores = evaluate([project], broken, "Oz", program.parent / "work", 1, Console())
    row = scores.row(0, named=True)
    assert row["status"] == "build failed"
    assert row["text_before"] > 0
    assert row["text_after"] is row["loadable_after"] is row["instructions_after"] is None
    show_scores("broken", scores)
    show_comparison("broken", scores.with_columns(policy=pl.lit("broken")))
    assert "failed" in capsys.readouterr().out
    assert "+0.00%" not in _evaluation("valid", "Oz", scores)


def test_instructions_that_cannot_be_counted_are_an_error_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_out = load_projects(Path(__file__).parents[2] / "corpus", ["valid"])
    space = Workspace(held_out, tmp_path, 1, Console())
    splits: list[Split] = ["valid"]
    output = tmp_path / "m.onnx"
    monkeypatch.setattr(build.shutil, "which", lambda name: name)
    with pytest.raises(FastirError, match="no labels"):
        train_and_evaluate(space, "Os", output, splits)
    with pytest.raises(FastirError, match="there is no recipe for -Os at the link"):
        train_and_evaluate(space, "Os", output, splits, "link")
    monkeypatch.setattr(build.shutil, "which", lambda _: None)
    with pytest.raises(FastirError, match="valgrind is not installed"):
        train_and_evaluate(space, "Os", output, splits)
