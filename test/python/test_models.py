"""Which model is evaluated: the one that was named, and it is said which."""

import hashlib
from pathlib import Path

import polars as pl
import pytest
from conftest import ROOT, write_linear_model

from fastir_train.cli import pipeline
from fastir_train.cli.main import main
from fastir_train.report import terminal as tables
from fastir_train.runtime.toolchain import default_model_path


@pytest.fixture
def scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The models that are evaluated; the working folder is an empty one."""
    found: list[Path] = []

    def evaluate_model(_: object, model: Path, *__: object) -> pl.DataFrame:
        found.append(model)
        return pl.DataFrame()

    monkeypatch.setattr(pipeline, "evaluate_model", evaluate_model)
    monkeypatch.setattr(tables, "show_scores", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    return found


EVALUATE = ["evaluate", "--corpus", str(ROOT / "corpus"), "--split", "valid"]


def _short(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def test_the_model_that_was_named_is_evaluated(
    scored: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write_linear_model(Path("mine.onnx"), {"callee_basic_block_count": 1.0})
    assert main([*EVALUATE, "--model", "mine.onnx"]) == 0
    assert scored == [Path("mine.onnx")]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"evaluating mine.onnx (SHA-256 {_short(Path('mine.onnx'))})"
    assert f"SHA-256 {_short(default_model_path('Oz'))}" in lines[1]


def test_a_model_trained_here_is_preferred_to_the_installed_one(
    scored: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*EVALUATE, "--level", "Os"]) == 0
    made = Path("models/inline-os.onnx")
    made.parent.mkdir()
    write_linear_model(made, {"callee_basic_block_count": 1.0})
    assert main([*EVALUATE, "--level", "Os"]) == 0
    assert scored == [default_model_path("Os"), made]
    printed = capsys.readouterr().out
    assert f"evaluating {default_model_path('Os')} (SHA-256" in printed
    assert f"evaluating {made} (SHA-256 {_short(made)})" in printed


def test_a_model_that_is_not_there_is_one_error(
    scored: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*EVALUATE, "--model", "none.onnx"]) == 1
    assert capsys.readouterr().err == "fastir: there is no model none.onnx\n"
    assert scored == []


def test_training_says_what_it_made_and_how_that_is_evaluated(
    scored: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def train_and_evaluate(*arguments: object) -> list:
        write_linear_model(Path(str(arguments[2])), {"callee_basic_block_count": 1.0})
        return []

    monkeypatch.setattr(pipeline, "train_and_evaluate", train_and_evaluate)
    command = ["train", "--corpus", str(ROOT / "corpus"), "--output", "x.onnx", "--evaluate"]
    assert main(command) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"made x.onnx (SHA-256 {_short(Path('x.onnx'))})"
    assert printed[-1].endswith("fastir evaluate --level Oz --model x.onnx")
    assert scored == []
