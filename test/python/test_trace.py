"""Reading decision logs."""

import os
from pathlib import Path

import pytest
from conftest import run_opt

from fastir_train.label.decision_log import read_log
from fastir_train.runtime.errors import FastirError

TWO_CALLEES = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("log") / "log"
    options = ("-fastir-policy=always", f"-fastir-log={path}", "-passes=default<Oz>")
    run_opt(*options, TWO_CALLEES, "-o", os.devnull).check_returncode()
    return path.read_bytes()


def test_reads_what_opt_wrote(log: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(log)
    rows = read_log(tmp_path / "log")
    assert [context.split(": ")[1] for context in rows["context"]] == [
        "caller -> small",
        "caller -> large",
    ]
    assert rows["inlining_decision"].to_list() == [1, 1]
    assert rows["prediction"].is_nan().all()


def test_a_cut_anywhere_is_an_error_or_fewer_decisions(log: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log"
    whole = 2
    for length in range(len(log)):
        path.write_bytes(log[:length])
        try:
            assert read_log(path).height < whole
        except FastirError as error:
            assert str(path) in str(error)  # noqa: PT017


def test_what_is_no_log_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").write_text('{"other": 1}\n')
    with pytest.raises(FastirError, match="is no decision log, or is truncated"):
        read_log(tmp_path / "log")
    with pytest.raises(FastirError, match="cannot read log"):
        read_log(tmp_path / "none")
