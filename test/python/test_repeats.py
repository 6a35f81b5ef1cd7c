"""The same labels give the same model file, and its card says what made it."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import onnx
import polars as pl
import pytest
from test_dataset import _row

from fastir_train.cli import pipeline
from fastir_train.cli.pipeline import Workspace, train_model
from fastir_train.label.origin import ENGINE_VERSION, write_labels
from fastir_train.learn import fit as train
from fastir_train.learn.recipes import SHIPPED
from fastir_train.problem.figures import TEXT
from fastir_train.problem.objective import delta
from fastir_train.report.card import write_card
from fastir_train.runtime.console import Console

TREES = train.Trees(iterations=6)
SMALL = replace(SHIPPED["Oz", "compile"], trees=TREES, inlined_trees=TREES)
SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import test_repeats
from pathlib import Path
test_repeats.fit(Path(sys.argv[2]), Path(sys.argv[3]))
"""


def fit(work: Path, output: Path, recipe: train.Recipe = SMALL):
    pipeline.without_held_out = lambda labels, *_: labels
    return train_model(Workspace([], work, 1, Console()), recipe, "Oz", output)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    rows = []
    for number in range(400):
        facts = {name: int(random.integers(0, 40)) for name in train.LEAN_FEATURES} | {
            "project": f"p{number % 3}",
            "callee": f"g{number}",
            "is_callee_linkonce_or_weak": number % 2,
            "callee_call_site_count": 1,
            "llvm_decision": int(number % 4 == 0),
            "llvm_inlines": number % 4 == 0,
        }
        rows.append(_row("single", number, float(random.normal(0, 30)), **facts))
    (tmp_path / "labels").mkdir()
    write_labels(pl.DataFrame(rows), tmp_path / "labels" / "Oz-llvm.parquet")
    return tmp_path


def test_the_same_labels_give_the_same_bytes(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "without_held_out", lambda labels, *_: labels)
    fit(work, tmp_path / "a.onnx")
    first = (tmp_path / "a.onnx").read_bytes()
    # Of another process, whose sets and dictionaries of names have another order.
    for seed in ("1", "2"):
        output = tmp_path / f"b{seed}.onnx"
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(work), str(output)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(command, check=True, env=environment, capture_output=True)
        assert output.read_bytes() == first
    fit(work, tmp_path / "c.onnx", replace(SMALL, seed=2))
    assert (tmp_path / "c.onnx").read_bytes() != first


def _card(path: Path, facts) -> str:
    write_card(path, facts, "Oz", {})
    return path.read_text()


def test_a_card_says_what_made_its_file(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "without_held_out", lambda labels, *_: labels)
    monkeypatch.chdir(tmp_path)
    output = Path("m.onnx")
    card = _card(Path("m.md"), fit(work, output))
    labels = work / "labels" / "Oz-llvm.parquet"
    assert hashlib.sha256(output.read_bytes()).hexdigest() in card
    digest = hashlib.sha256(labels.read_bytes()).hexdigest()
    assert f"| Oz-llvm.parquet | 400 | {digest} |" in card
    assert f"measured by version {ENGINE_VERSION} of the engine" in card
    assert "| seed | 1 |" in card
    # This recipe is none of those that the command fits.
    assert "make train" not in card
    assert "Made by `fastir train" not in card
    assert "a recipe of its own" in card
    monkeypatch.setitem(SHIPPED, ("Oz", "compile"), SMALL)
    assert "Made by `fastir train --level Oz --output m.onnx`" in _card(
        Path("m.md"), fit(work, output)
    )
    other = _card(Path("o.md"), fit(work, output, replace(SMALL, seed=7)))
    assert "| seed | 7 |" in other
    assert hashlib.sha256(output.read_bytes()).hexdigest() in other


@dataclass(frozen=True)
class _Kilobytes:
    """Of code alone."""

    title: ClassVar[str] = "linked code"
    unit: ClassVar[str] = "kB"

    def cost(self, text: float, loadable: float) -> float:
        return text / 1000

    def cost_of_labels(self) -> pl.Expr:
        return pl.col(delta(TEXT)) / 1000


def test_a_model_and_its_card_name_the_objective(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "without_held_out", lambda labels, *_: labels)
    output = tmp_path / "m.onnx"
    card = _card(tmp_path / "m.md", fit(work, output, replace(SMALL, objective=_Kilobytes())))
    properties = {entry.key: entry.value for entry in onnx.load(output).metadata_props}
    named = {key: properties[f"fastir.{key}"] for key in ("objective", "unit")}
    assert named == {"objective": "linked code", "unit": "kB"}
    assert all(f"| fastir.{key} | {value} |" in card for key, value in named.items())
