"""Evaluations on the test split are recorded; those on other splits are not."""

import hashlib
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, write_linear_model
from planted import SUITE, read_suite, with_configuration

from fastir_train.benchmark import ledger
from fastir_train.cli import pipeline
from fastir_train.cli.main import main
from fastir_train.corpus.manifest import load_project, local_project
from fastir_train.report import terminal as tables

SCORES = pl.DataFrame(
    {
        "project": ["a", "b", "c"],
        "text_before": [100, 100, 100],
        "text_after": [90, 90, None],
        "loadable_before": [100, 100, 100],
        "loadable_after": [80, 80, None],
        "status": ["pass", "no tests", "tests failed"],
    }
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "evaluate_model", lambda *_: SCORES)
    monkeypatch.setattr(tables, "show_scores", lambda *_: None)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "evaluations.md").write_text("head\n")
    write_linear_model(tmp_path / "m.onnx", {"callee_basic_block_count": 1.0})
    return tmp_path


def _evaluate(split: str) -> list[str]:
    corpus = str(ROOT / "corpus")
    assert main(["evaluate", "--corpus", corpus, "--model", "m.onnx", "--split", split]) == 0
    return Path("models/evaluations.md").read_text().splitlines()


@pytest.mark.usefixtures("checkout")
def test_an_evaluation_of_the_test_split_is_a_line() -> None:
    assert _evaluate("valid") == ["head"]
    head, line = _evaluate("test")
    assert head == "head"
    digest = hashlib.sha256(Path("m.onnx").read_bytes()).hexdigest()
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert len(cells) == 4
    assert cells[1] == f"m.onnx `{digest}`"
    assert cells[2] == "`fastir evaluate --level Oz --split test`"
    # Both that worked have a tenth less code, and a fifth less in all.
    assert cells[3] == "geomeans of 2 projects: .text -10.00%, loadable -20.00%; 1 failed"
    assert len(_evaluate("test")) == 3


def test_nothing_is_recorded_outside_of_a_checkout(checkout: Path) -> None:
    (checkout / "models" / "evaluations.md").unlink()
    command = ["evaluate", "--corpus", str(ROOT / "corpus"), "--model", "m.onnx"]
    assert main([*command, "--split", "test"]) == 0
    assert not (checkout / "models" / "evaluations.md").exists()


def test_a_benchmark_of_the_test_split_is_a_line_for_each_model(checkout: Path) -> None:
    lua = replace(load_project(ROOT / "corpus" / "lua.toml"), split="test")
    ours = with_configuration("ours", more='plugin = { model = "m.onnx" }')
    read = read_suite(checkout, SUITE + ours + with_configuration("grown", "-DGROWN"))
    facts = {"project": "lua", "status": "pass", "file": 1, "instructions": None}
    rows = pl.DataFrame(
        [
            {"configuration": name, "baseline": against, "text": size, "loadable": size, **facts}
            for name, against, size in (("stock", None, 100), ("ours", "stock", 90))
        ]
    )
    ledger.record_bench(replace(read, projects=(lua,)), rows)
    (line,) = Path("models/evaluations.md").read_text().splitlines()[1:]
    assert "`fastir bench planted: ours`" in line
    assert "geomeans of 1 projects: .text -10.00%, loadable -10.00%" in line
    for other in (replace(lua, split="valid"), local_project(checkout, "lua", "make", (), "")):
        ledger.record_bench(replace(read, projects=(other,)), rows)
    assert len(Path("models/evaluations.md").read_text().splitlines()) == 2
