"""`fastir compare` on results of a program with planted faults."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from planted import SUITE, run_program, with_configuration

from fastir_train.benchmark.compare import compare, ratio_of_times
from fastir_train.benchmark.results import read_results
from fastir_train.cli.main import main


def test_compare_fails_past_the_threshold(
    program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for name, flags in (("before", ()), ("grown", ("-DGROWN",)), ("wrong", ("-DWRONG",))):
        run_program(program, SUITE + with_configuration("c", *flags))
        found[name] = program.parent / f"{name}.parquet"
        (program.parent / "out" / "results.parquet").rename(found[name])
    before = str(found["before"])
    assert main(["compare", before, before]) == 0
    assert "**0 worse, 0 better**" in capsys.readouterr().out
    assert main(["compare", before, str(found["grown"])]) == 1
    assert "| program | c | loadable | +" in capsys.readouterr().out
    assert main(["compare", before, str(found["grown"]), "--threshold", "1000"]) == 0
    assert main(["compare", str(found["grown"]), before]) == 0
    read_results(found["before"]).rows.clear().write_parquet(
        program.parent / "empty.parquet", metadata={"fastir": "{}"}
    )
    assert main(["compare", before, str(program.parent / "empty.parquet")]) == 1
    assert "nothing in common" in capsys.readouterr().err
    assert main(["compare", before, str(found["wrong"])]) == 1
    assert "broken: program in c: tests failed" in capsys.readouterr().out


def test_times_are_worse_only_beyond_chance() -> None:
    random = np.random.default_rng(1)
    before = (10 + random.normal(0, 1, 12)).tolist()
    noisy = ratio_of_times(before, (10.1 + random.normal(0, 1, 12)).tolist())
    slower = ratio_of_times(before, [2 * seconds for seconds in before])
    assert noisy is not None
    assert noisy[0] - noisy[1] < 0.005
    assert slower == pytest.approx((1.0, 0.0))
    assert ratio_of_times(before[:2], before[:2]) is None


def test_slower_builds_and_slower_runs_are_distinguished(program: Path) -> None:
    before = run_program(program, SUITE)
    times = pl.Series([[1.0, 1.1, 0.9]])
    before = before.with_columns(seconds=times, run_seconds=times)
    slow_build = before.with_columns(seconds=pl.col("seconds").list.eval(2 * pl.element()))
    slow_run = before.with_columns(run_seconds=pl.col("run_seconds").list.eval(3 * pl.element()))
    for after, figure, change in ((slow_build, "compile time", 1), (slow_run, "run time", 2)):
        (worse,) = compare(before, after).worse(0.5)
        assert (worse.figure, worse.change) == (figure, pytest.approx(change))


def test_compare_lists_what_only_one_file_has(program: Path) -> None:
    rows = run_program(program, SUITE)
    assert compare(rows, rows.clear()).missing == ["program in stock: only before"]
