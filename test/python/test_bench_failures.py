"""`fastir bench` where a step fails midway: a row says which, and the rest is measured."""

import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from planted import SUITE, read_suite, run_program, with_configuration

from fastir_train.benchmark import changed_decisions
from fastir_train.benchmark import measure as measuring
from fastir_train.benchmark.outcomes import FAILED, FAILURES
from fastir_train.benchmark.results import read_results
from fastir_train.benchmark.runner import run_suite
from fastir_train.benchmark.sections import read_sections
from fastir_train.benchmark.symbols import demangle, read_symbols
from fastir_train.cli.main import main
from fastir_train.corpus.manifest import local_project
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError


def _statuses(rows: pl.DataFrame) -> dict[str, str]:
    return dict(rows.select("configuration", "status").rows())


def _fails_later(program: Path, flag: str, times: int) -> str:
    """A shell command that fails from its ``times``-th run on where ``flag`` is a compiler flag."""
    count = program.parent / "count"
    return (
        f'case "$CFLAGS" in *{flag}*) echo >> {count}; test "$(wc -l < {count})" -lt {times};; esac'
    )


def test_a_timed_run_that_fails_is_a_row_and_the_suite_continues(program: Path) -> None:
    text = SUITE.replace("projects", "run_times = 3\nprojects")
    text += with_configuration("flaky", "-DFLAKY") + with_configuration("after")
    test = f"./program && {_fails_later(program, '-DFLAKY', 3)}"
    rows = run_program(program, text, test=test)
    assert _statuses(rows) == {"stock": "pass", "flaky": "run failed", "after": "pass"}
    flaky = rows.filter(configuration="flaky").row(0, named=True)
    # The test, one timed run, and the one that failed; what was measured before stays.
    assert (program.parent / "count").read_text().count("\n") == 3
    assert len(flaky["run_seconds"]) == 1
    assert flaky["text"] > 0
    assert "./program" in Path(flaky["log"].split("see ")[1]).read_text()
    others = rows.filter(pl.col("configuration") != "flaky")
    assert others["run_seconds"].list.len().to_list() == [3, 3]


def test_a_rebuild_that_fails_is_a_row_and_the_suite_continues(program: Path) -> None:
    text = SUITE.replace("projects", "runs = 3\nprojects")
    text += with_configuration("flaky", "-DFLAKY") + with_configuration("after")
    check = _fails_later(program, "-DFLAKY", 2).replace("$", "$$")
    (program / "Makefile").write_text(f"program: main.c\n\t{check}\n\t$(CC) main.c -o program\n")
    rows = run_program(program, text)
    assert _statuses(rows) == {"stock": "pass", "flaky": "rebuild failed", "after": "pass"}
    counts = dict(rows.select("configuration", pl.col("seconds").list.len()).rows())
    assert counts == {"stock": 3, "flaky": 1, "after": 3}
    flaky = rows.filter(configuration="flaky")["log"].item()
    assert Path(flaky.split("see ")[1]).is_file()


def test_an_output_that_cannot_be_read_is_a_row_and_the_suite_continues(program: Path) -> None:
    text = SUITE + with_configuration("odd", "-DODD") + with_configuration("after")
    odd = 'case "$$CFLAGS" in *-DODD*) echo odd > program;; esac'
    (program / "Makefile").write_text(f"program: main.c\n\t$(CC) main.c -o program\n\t{odd}\n")
    read = read_suite(program.parent, text)
    project = local_project(program, "program", "make", ("program",), "")
    suite = replace(read, projects=(project,))
    rows = run_suite(suite, program.parent / "work", 1, Console())
    assert _statuses(rows) == {"stock": "no tests", "odd": "sizes not read", "after": "no tests"}
    log = rows.filter(configuration="odd")["log"].item()
    assert "not recognized as a valid object file" in log


def _raising(error: Exception, when: str, real: Callable) -> Callable:
    """``real``, but for the configuration ``when``."""

    def call(*arguments: object) -> object:
        if any(getattr(argument, "name", "") == when for argument in arguments):
            raise error
        return real(*arguments)

    return call


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ("build", "build failed"),
        ("run_tests", "tests failed"),
        ("count_instructions", "count failed"),
        ("time_runs", "run failed"),
        ("read_decisions", "decisions not read"),
    ],
)
def test_whatever_goes_wrong_in_a_step_has_its_word(
    program: Path, monkeypatch: pytest.MonkeyPatch, step: str, status: str
) -> None:
    """A disk that is full, at any step: no other row is lost, and none says something else."""
    text = SUITE.replace("projects", "run_times = 1\ninstructions = true\nprojects")
    text += with_configuration("never", more='plugin = { policy = "never" }')
    text += with_configuration("after")
    full = OSError(28, os.strerror(28))
    monkeypatch.setattr(measuring, step, _raising(full, "never", getattr(measuring, step)))
    rows = run_program(program, text)
    assert _statuses(rows) == {"stock": "pass", "never": status, "after": "pass"}
    assert rows.filter(configuration="never")["log"].item() == f"OSError: {full}"


def test_a_log_that_cannot_be_read_is_not_called_a_plugin_that_was_not_used(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path) -> pl.DataFrame:
        (log,) = folder.glob("*.fastirlog")
        log.write_bytes(log.read_bytes()[:-1])
        return read_logs(folder)

    read_logs = changed_decisions.read_logs
    monkeypatch.setattr(changed_decisions, "read_logs", broken)
    rows = run_program(program, SUITE + with_configuration("ours", more="plugin = {}"))
    assert _statuses(rows) == {"stock": "pass", "ours": "decisions not read"}
    assert "is truncated" in rows.filter(configuration="ours")["log"].item()


def test_a_build_for_the_log_that_fails_is_a_build_that_failed(program: Path) -> None:
    text = SUITE + with_configuration("error", "-DERROR", more="plugin = {}")
    assert _statuses(run_program(program, text))["error"] == "build failed"


def test_every_failure_has_a_meaning_and_none_is_used_without() -> None:
    assert tuple(FAILED) == FAILURES
    assert all(FAILED.values())


def test_report_and_exit_status_say_what_failed(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(program.parent)
    text = SUITE.replace("projects", "run_times = 1\nprojects") + with_configuration("f", "-DFLAKY")
    (program.parent / "size.toml").write_text(text)
    command = ["bench", "size.toml", "--project", "program", "--output", "out", "--test"]
    assert main([*command, f"./program && {_fails_later(program, '-DFLAKY', 2)}"]) == 1
    printed = capsys.readouterr()
    assert printed.err.endswith("fastir: 1 of 2 failed: program, f: run failed\n")
    assert re.search(r"^program \(f\): '.*' failed; see .*/run\.log$", printed.out, re.MULTILINE)
    assert _statuses(read_results(Path("out/results.parquet")).rows)["f"] == "run failed"
    assert "- program, f: run failed" in Path("out/summary.md").read_text()
    assert "run failed" in Path("out/report.html").read_text()


@pytest.fixture
def mute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """LLVM's tools, which fail and say nothing."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("llvm-readobj-22", "llvm-nm-22", "llvm-cxxfilt-22"):
        (folder / name).write_text("#!/bin/sh\nexit 3\n")
        (folder / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("llvm-readobj-22", read_sections),
        ("llvm-nm-22", read_symbols),
        ("llvm-cxxfilt-22", lambda path: demangle([str(path)])),
    ],
)
@pytest.mark.usefixtures("mute")
def test_a_tool_that_fails_without_a_word_is_one_error(
    tmp_path: Path, name: str, call: Callable[[Path], object]
) -> None:
    with pytest.raises(FastirError, match=f"^{name} .*failed with exit status 3$"):
        call(tmp_path / "f")


def test_an_archive_is_no_linked_file(tmp_path: Path) -> None:
    (tmp_path / "a.a").write_bytes(b"!<arch>\n")
    with pytest.raises(FastirError, match="is it one ELF file"):
        read_sections(tmp_path / "a.a")
