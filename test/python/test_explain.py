"""`fastir explain`, against a linear model and the remarks of stock clang."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import write_linear_model
from sklearn.ensemble import HistGradientBoostingRegressor

from fastir_train.cli.main import main
from fastir_train.inspect.explain import explain
from fastir_train.learn.export import ModelMetadata, save, to_onnx
from fastir_train.learn.override_rules import TimeGuards
from fastir_train.runtime.errors import FastirError

SOURCE = """
void sink(int);
int source(void);
int middle(int x, int y) { sink(x); sink(y); return source() * source() + x; }
int large(int x) { for (int i = 0; i < x; ++i) sink(source() * i + x); return source(); }
int caller(int x) { return middle(x, 1) + large(x) + middle(x, x); }
int other(int x) { return large(x + 1); }
"""
WEIGHTS = {"callee_instruction_count": 2.0, "argument_count": -3.0}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "m.c"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def linear(tmp_path: Path) -> Path:
    """A model that predicts the sum of the features that `WEIGHTS` names, weighted."""
    return write_linear_model(tmp_path / "linear.onnx", WEIGHTS)


def test_effects_are_those_of_a_linear_model(source: Path, linear: Path) -> None:
    found = explain(source, [], model=linear)
    calls = [(one.caller, one.callee) for one in found]
    assert sorted(calls) == [
        ("caller", "large"),
        ("caller", "middle"),
        ("caller", "middle"),
        ("other", "large"),
    ]
    values = {
        name: np.array([{i.feature: i.value for i in one.influences}[name] for one in found])
        for name in WEIGHTS
    }
    assert values["argument_count"].tolist() == [2 if c == "middle" else 1 for _, c in calls]
    for number, one in enumerate(found):
        assert one.prediction == pytest.approx(
            sum(weight * values[name][number] for name, weight in WEIGHTS.items())
        )
        for influence in one.influences:
            column = values[influence.feature]
            expected = WEIGHTS[influence.feature] * (column[number] - column.mean())
            assert influence.effect == pytest.approx(expected, abs=1e-4)
        strengths = [abs(influence.effect) for influence in one.influences]
        assert strengths == sorted(strengths, reverse=True)


def test_llvms_cost_is_the_one_that_clang_prints(source: Path) -> None:
    command = ["clang-22", "-Oz", "-Rpass-missed=inline", "-c", str(source), "-o", "/dev/null"]
    remarks = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    line = r"'(\w+)' not inlined into '(\w+)' .*cost=(\d+),"
    said = sorted((b, a, int(c)) for a, b, c in re.findall(line, remarks))
    assert [call[:2] for call in said if call[0] == "other"] == [("other", "large")]
    found = sorted(
        (one.caller, one.callee, one.llvm_cost)
        for one in explain(source, [])
        if not one.llvm_inlines
    )
    assert found == said


def test_what_is_kept_to_llvm_says_so_and_is_explained_by_bytes(tmp_path: Path) -> None:
    source = tmp_path / "m.c"
    source.write_text("int tiny(int x) { return x + 1; }\n" + SOURCE.replace("x + 1)", "tiny(x))"))
    names = ("callee_instruction_count", "llvm_decision", "is_callsite_exceptional")
    names += ("callee_shortest_path",)
    random = np.random.default_rng(1)
    rows = random.integers(0, 20, (300, len(names))).astype(np.float32)
    regressor = HistGradientBoostingRegressor(max_iter=20, random_state=1)
    regressor.fit(rows, (rows[:, 0] - 9) / 8)
    paths = []
    for name, rules in (("plain", ()), ("kept", TimeGuards(quick_callee=99).rules())):
        metadata = ModelMetadata(names, 0.0, "test", "bytes", "minsize", "0" * 64, rules=rules)
        paths.append(tmp_path / f"{name}.onnx")
        save(to_onnx(regressor, metadata), paths[-1])
    explained = [{(e.caller, e.callee): e for e in explain(source, [], model=p)} for p in paths]
    plain, kept = (each["other", "tiny"] for each in explained)
    assert (plain.kept, kept.kept, kept.llvm_inlines, kept.inlined) == (False, True, True, True)
    assert not explained[1]["other", "large"].kept
    assert kept.prediction == pytest.approx(plain.prediction)
    assert {i.feature: i.effect for i in kept.influences}["callee_instruction_count"] < 0


def test_one_function_alone_by_the_name_that_people_write(tmp_path: Path) -> None:
    path = tmp_path / "m.cpp"
    path.write_text(SOURCE.replace("int other(", "namespace n { int other(") + "}")
    (found,) = explain(path, ["-Os"], function="n::other")
    assert (found.caller, found.callee) == ("n::other(int)", "large(int)")
    with pytest.raises(FastirError, match=r"no decision in 'none'; there are some in: caller"):
        explain(path, [], function="none")


def test_the_command_prints_a_row_a_call_and_one_clear_error(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(source), "--function", "other", "--", "-Oz", "-fPIC"]) == 0
    assert "large" in capsys.readouterr().out
    source.write_text("int f( {")
    assert main(["explain", str(source)]) == 1
    assert re.fullmatch(r"fastir: .*m\.c:1:\d+: error: .*\n", capsys.readouterr().err)
