"""From labels to ONNX: scikit-learn against ONNX Runtime, and the metadata."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from conftest import write_linear_model

import llvm_tools
from fastir_train.learn import export
from fastir_train.learn.dataset import Dataset, compress, expand
from fastir_train.learn.fit import LEAN_FEATURES, Recipe, Trees, fit, score
from fastir_train.learn.override_rules import Margin, TimeGuards, keeps_default, parse_rules
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import default_model_path
from llvm_tools import FEATURE_NAMES


def _dataset(rows: int = 800) -> Dataset:
    random = np.random.default_rng(0)
    features = random.integers(-50, 500, (rows, len(FEATURE_NAMES))).astype(np.float32)
    cost = features[:, 3] - 2.0 * features[:, 40] + random.normal(0, 20, rows)
    return Dataset(
        features=features,
        targets=compress(cost),
        weights=np.ones(rows),
        projects=np.repeat(["a", "b", "c", "d"], rows // 4),
        cost=cost,
        llvm=features[:, 0] > 0,
        merged=features[:, 1] > 0,
        hash="0" * 64,
    )


METADATA = export.ModelMetadata(FEATURE_NAMES, 0.0, "test", "bytes", "minsize", "0" * 64)


def test_onnx_runtime_decides_as_scikit_learn_on_every_row(tmp_path: Path) -> None:
    data = _dataset()
    regressor = fit(data, Recipe(Trees(iterations=40)))
    path = tmp_path / "m.onnx"
    export.save(export.to_onnx(regressor, METADATA), path)
    assert export.check(path, regressor, METADATA, data.features) < 1e-4
    theirs = export.predict(path, data.features)
    ours = expand(regressor.predict(data.features))
    np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-2)


def test_trees_apart_for_what_llvm_inlines_predict_as_scikit_learn(tmp_path: Path) -> None:
    data = _dataset()
    data.features[:, FEATURE_NAMES.index("llvm_decision")] = data.llvm
    data.features[:, FEATURE_NAMES.index("is_callee_linkonce_or_weak")] = data.merged
    recipe = Recipe(
        Trees(iterations=30), Trees(iterations=20, quantile=0.8), features=FEATURE_NAMES
    )
    regressor = fit(data, recipe)
    path = tmp_path / "m.onnx"
    model = export.to_onnx(regressor, METADATA)
    assert [node.op_type for node in model.graph.node] == ["TreeEnsemble", "Sinh", "Mul"]
    export.save(model, path)
    assert export.check(path, regressor, METADATA, data.features) < 1e-4
    left = data.take(~data.llvm)
    alone = fit(left, Recipe(Trees(iterations=30))).predict(left.features)
    theirs = compress(export.predict(path, left.features))
    np.testing.assert_allclose(theirs, alone, atol=1e-4)
    # Of the costs of what LLVM inlines, about eight in ten are above what is predicted.
    inlined = data.take(data.llvm)
    above = inlined.targets > compress(export.predict(path, inlined.features))
    assert 0.75 < np.average(above, weights=inlined.weights) < 0.9
    kept = replace(METADATA, margin=Margin(merged=30.0, own=90.0))
    export.save(export.to_onnx(regressor, kept), path)
    assert export.check(path, regressor, kept, data.features) < 1e-3


def test_the_check_fails_where_the_two_differ(tmp_path: Path) -> None:
    data = _dataset()
    path = tmp_path / "m.onnx"
    export.save(export.to_onnx(fit(data, Recipe(Trees(iterations=5))), METADATA), path)
    other = fit(data, Recipe(Trees(iterations=40)))
    with pytest.raises(FastirError, match=r"decide differently on [0-9]+ of 800 rows"):
        export.check(path, other, METADATA, data.features)


def test_a_fit_repeats() -> None:
    data = _dataset()
    first, second = (
        fit(data, Recipe(Trees(iterations=10))).predict(data.features) for _ in range(2)
    )
    assert (first == second).all()


def test_an_export_repeats() -> None:
    models = [export.to_onnx(fit(_dataset(), Recipe(Trees(iterations=3))), METADATA) for _ in "ab"]
    first, second = (model.SerializeToString(deterministic=True) for model in models)
    assert first == second


def test_a_model_that_is_too_large_is_not_written(tmp_path: Path) -> None:
    model = export.to_onnx(fit(_dataset(), Recipe(Trees(iterations=2))), METADATA)
    model.doc_string = "x" * export.MAX_BYTES
    with pytest.raises(FastirError, match="1000000 is the limit"):
        export.save(model, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_perfect_predictions_gain_all_that_is_possible() -> None:
    data = _dataset()
    result = score(data, data.targets, Recipe(inlined_trees=Trees()))
    assert result.gained == pytest.approx(result.possible)
    assert result.wrong == 0
    right = np.sum(np.minimum(data.cost, 0)) / len(data.cost)
    llvm = np.sum(data.cost * data.llvm) / len(data.cost)
    assert result.possible == pytest.approx(llvm - right)


def test_a_margin_keeps_to_llvm_where_little_is_at_stake(tmp_path: Path) -> None:
    data = _dataset()
    data.features[:, FEATURE_NAMES.index("llvm_decision")] = data.llvm
    data.features[:, FEATURE_NAMES.index("is_callee_linkonce_or_weak")] = data.merged
    regressor = fit(data, Recipe(Trees(iterations=40)))
    kept = replace(METADATA, margin=Margin(merged=30.0, own=90.0))
    path = tmp_path / "m.onnx"
    export.save(export.to_onnx(regressor, kept), path)
    assert export.check(path, regressor, kept, data.features) < 1e-3
    inlines = export.predict(path, data.features) < 0
    change = expand(regressor.predict(data.features))
    margin = np.where(data.merged, 30.0, 90.0)
    unsure = np.abs(change) < margin - 1
    assert (inlines[unsure] == data.llvm[unsure]).all()
    sure = np.abs(change) > margin + 1
    assert (inlines[sure] == (change < 0)[sure]).all()
    assert unsure.any()
    assert sure.any()


def test_what_costs_time_is_left_to_llvm() -> None:
    data = _dataset()
    column = {name: data.features[:, index] for index, name in enumerate(FEATURE_NAMES)}
    column["llvm_decision"][:] = data.llvm
    for flag in ("is_callsite_in_cycle", "is_callsite_exceptional", "is_in_entry_block"):
        column[flag][:] = column[flag] > 200
    guards = TimeGuards(busy_callee=100, quick_callee=40, small_caller=30)
    metadata = replace(METADATA, features=FEATURE_NAMES, rules=guards.rules())
    text = metadata.properties()["fastir.keep_default"]
    busy = (column["is_callsite_in_cycle"] > 0) & (column["callee_instruction_count"] <= 100)
    wrong = column["is_callsite_exceptional"] > 0
    quick = ~wrong & (column["callee_shortest_path"] <= 40)
    small = (column["is_in_entry_block"] == 0) & (column["caller_instruction_count"] <= 30)
    left = np.where(data.llvm, busy | quick, small)
    assert (keeps_default(parse_rules(text), data.features, FEATURE_NAMES) == left).all()
    assert (data.llvm & left).any()
    assert (data.llvm & quick & ~busy).any()
    assert (data.llvm & busy & ~quick).any()
    assert (~data.llvm & left).any()


def test_without_trees_for_them_llvms_inlined_calls_stay_inlined() -> None:
    data = _dataset()
    data.features[:, FEATURE_NAMES.index("llvm_decision")] = data.llvm
    recipe = Recipe(Trees(iterations=5), features=FEATURE_NAMES)
    text = replace(METADATA, rules=recipe.rules).properties()["fastir.keep_default"]
    assert text == "llvm_decision>0"
    assert (keeps_default(parse_rules(text), data.features, FEATURE_NAMES) == data.llvm).all()
    # What it learns, and what it gains, is of the others alone.
    left = data.take(~data.llvm)
    assert (
        fit(data, recipe).predict(left.features) == fit(left, recipe).predict(left.features)
    ).all()
    worst = replace(data, targets=-data.targets)
    assert score(worst, worst.targets, recipe).gained <= 0
    assert Recipe(inlined_trees=Trees()).rules == ()


def test_labels_of_one_kind_alone_are_an_error() -> None:
    data = _dataset()
    with pytest.raises(FastirError, match="no labels of calls that LLVM inlines"):
        fit(data.take(data.llvm), Recipe())


@pytest.mark.parametrize(("level", "domain"), [("Oz", "minsize"), ("Os", "optsize")])
def test_the_shipped_models_are_what_the_plugin_expects(level: str, domain: str) -> None:
    path = default_model_path(level)
    assert path.stat().st_size < export.MAX_BYTES
    model = onnx.load(path)
    properties = {entry.key: entry.value for entry in model.metadata_props}
    assert properties["fastir.schema_version"] == str(export.SCHEMA_VERSION)
    assert properties["fastir.llvm_version"].split(".")[0] == llvm_tools.LLVM_VERSION.split(".")[0]
    # What a compile pays for: features that need no analyses of their own.
    assert set(properties["fastir.features"].split(",")) <= set(LEAN_FEATURES)
    assert properties["fastir.domain"] == domain
    assert len(properties["fastir.data_hash"]) == 64
    (source,), (target,) = model.graph.input, model.graph.output
    columns = len(properties["fastir.features"].split(","))
    shape = [d.dim_value for d in source.type.tensor_type.shape.dim]
    assert shape[1] == columns
    assert [d.dim_value for d in target.type.tensor_type.shape.dim][1] == 1


@pytest.mark.parametrize("level", ["Oz", "Os"])
def test_the_cards_are_those_of_the_shipped_models(level: str) -> None:
    path = Path(__file__).parents[2] / "models" / f"inline-{level.lower()}.onnx"
    properties = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    columns = len(properties["fastir.features"].split(","))
    assert f"{path.stat().st_size} bytes, {columns} features" in card
    for key in ("fastir.margin", "fastir.keep_default", "fastir.data_hash", "fastir.domain"):
        assert f"| {key} | {properties[key]} |" in card


def test_the_plugin_predicts_what_onnx_runtime_predicts_in_python() -> None:
    module = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"
    model = default_model_path()
    decisions = llvm_tools.compile_module(module, policy="model", model=model).decisions()
    properties = {entry.key: entry.value for entry in onnx.load(model).metadata_props}
    names = properties["fastir.features"].split(",")
    features = decisions.select(names).to_numpy().astype(np.float32)
    np.testing.assert_array_equal(
        decisions["prediction"].to_numpy(), export.predict(model, features)
    )


def test_predicting_reports_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import numpy as np, onnxruntime\n"
        "from fastir_train.learn import export\n"
        "from fastir_train.runtime import toolchain\n"
        "path = toolchain.default_model_path()\n"
        "session = onnxruntime.InferenceSession(str(path))\n"
        "print(export.predict(path, np.zeros((1, session.get_inputs()[0].shape[1]))))\n"
    )
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "TMPDIR"), str(tmp_path))
    # As a user starts it: this process has the variables already.
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
        kept.pop(name, None)
    command = [sys.executable, "-c", "import fastir_train\n" + code]
    subprocess.run(command, env=kept | places, check=True, capture_output=True)
    assert not list(tmp_path.iterdir())


ASKED = Path(__file__).parents[1] / "lit" / "Inputs" / "telemetry_onnxruntime.c"


@pytest.mark.parametrize("before", ["", "0"])
def test_both_names_of_the_wish_for_no_telemetry_are_set(before: str, tmp_path: Path) -> None:
    """In Python, and by the engine, which has no plugin to do so."""
    library = tmp_path / "library.so"
    subprocess.run(["clang-22", "-shared", "-fPIC", ASKED, "-o", library], check=True)
    model = write_linear_model(tmp_path / "m.onnx", {"callee_instruction_count": 1.0})
    module = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"
    code = (
        "import llvm_tools\n"
        "try: llvm_tools.compile_module("
        f"{str(module)!r}, policy='model', model={str(model)!r}, onnxruntime={str(library)!r})\n"
        "except llvm_tools.EngineError as error: print(error)\n"
        "import os, fastir_train\n"
        "print([os.environ[name] for name in ('ORT_DISABLE_TELEMETRY', 'ORT_TELEMETRY_DISABLED')])"
    )
    names = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    kept |= dict.fromkeys(names, before) if before else {}
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, env=kept, check=True, capture_output=True, text=True)
    assert "version 1 and 1 is too old" in result.stdout
    assert result.stdout.splitlines()[-1] == "['1', '1']"
