"""Trees that the plugin evaluates itself, against ONNX Runtime: the same bits, or no prediction."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import trees
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.neural_network import MLPRegressor
from sklearn.tree import DecisionTreeRegressor

import llvm_tools
from fastir_train.learn.export import ModelMetadata
from fastir_train.runtime.toolchain import default_model_path, plugin_path, runtime_path
from llvm_tools import FEATURE_NAMES, EngineError
from llvm_tools.prediction import Runtime

LEQ = 0


def bits_of(model: Path, rows: np.ndarray, runtime: Runtime) -> np.ndarray:
    predictions = llvm_tools.predict(model, rows, runtime=runtime, onnxruntime=runtime_path())
    assert predictions.runtime == runtime
    # Every NaN is one: of which bits it is made nothing may depend on.
    values = np.where(np.isnan(predictions.values), np.float32(np.nan), predictions.values)
    return values.astype(np.float32).view(np.uint32)


def assert_same_bits(model: Path, rows: np.ndarray) -> None:
    np.testing.assert_array_equal(
        bits_of(model, rows, "native"), bits_of(model, rows, "onnxruntime")
    )


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 12),
    depth=st.integers(0, 40),
    columns=st.integers(1, 6),
    modes=st.lists(st.sampled_from(range(6)), min_size=1, max_size=3),
    nans=st.booleans(),
    aggregate=st.sampled_from(range(4)),
    base=st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False),
)
@settings(max_examples=300, deadline=None)
def test_generated_ensembles_give_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    count: int,
    depth: int,
    columns: int,
    modes: list[int],
    nans: bool,
    aggregate: int,
    base: float | None,
) -> None:
    random = np.random.default_rng(seed)
    drawn = trees.draw(random, columns=columns, trees=count, depth=depth, modes=modes, nans=nans)
    rows = trees.rows_for(random, drawn, 40)
    folder = tmp_path_factory.mktemp("trees")
    old = replace(drawn, aggregate=aggregate, base=base)
    assert_same_bits(trees.write(folder / "old.onnx", [trees.regressor(old)], columns), rows)
    new = replace(drawn, aggregate=aggregate)
    for raw in (True, False):
        path = trees.write(folder / f"{raw}.onnx", [trees.ensemble(new, raw=raw)], columns)
        assert_same_bits(path, rows)


def _trees_of(path: Path) -> dict[str, Any]:
    node = onnx.load(path).graph.node[0]
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


@pytest.mark.parametrize("level", ["Oz", "Os"])
def test_the_shipped_trees_are_part_of_the_plugin(level: str) -> None:
    leaves = onnx.numpy_helper.to_array(_trees_of(default_model_path(level))["leaf_weights"])
    assert leaves.astype("<f4").tobytes() in plugin_path().read_bytes()


@pytest.mark.parametrize("level", ["Oz", "Os"])
@pytest.mark.parametrize("shipped", [True, False], ids=["as shipped", "with another name"])
def test_the_shipped_models_give_the_same_bits(level: str, shipped: bool, tmp_path: Path) -> None:
    path = default_model_path(level)
    if not shipped:
        # Another file is read, though its trees are those that were compiled in.
        model = onnx.load(path)
        model.graph.name += " of a test"
        path = tmp_path / "renamed.onnx"
        onnx.save(model, path)
    attributes = _trees_of(path)
    columns = len(_features(path))
    splits = onnx.numpy_helper.to_array(attributes["nodes_splits"])
    features = np.array(attributes["nodes_featureids"])
    random = np.random.default_rng(7)
    rows = random.integers(-3, 400, (60_000, columns)).astype(np.float32)
    rows[:20_000] = random.integers(0, 3, (20_000, columns))
    # Each threshold in its own column: on it, just below and just above.
    for number, value in enumerate((splits, *(np.nextafter(splits, e) for e in (-1e9, 1e9)))):
        place = 20_000 + number * len(splits) + np.arange(len(splits))
        rows[place, features] = value
    rows[:1000][random.random((1000, columns)) < 0.1] = np.nan
    rows[1000:2000][random.random((1000, columns)) < 0.1] = np.inf
    rows[2000:3000][random.random((1000, columns)) < 0.3] = -0.0
    assert_same_bits(path, rows)


def _features(path: Path) -> list[str]:
    properties = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    return properties["fastir.features"].split(",")


def _exported(path: Path, regressor: object, columns: int) -> Path:
    """A model as skl2onnx makes it, with nothing of ours but the metadata."""
    inputs = [("x", FloatTensorType([None, columns]))]
    model = convert_sklearn(regressor, initial_types=inputs)
    assert isinstance(model, onnx.ModelProto)
    metadata = ModelMetadata(FEATURE_NAMES[:columns], 0.0, "test", "bytes", "minsize", "0" * 64)
    helper.set_model_props(model, metadata.properties())
    onnx.save(model, path)
    return path


@pytest.mark.parametrize(
    "regressor",
    [
        DecisionTreeRegressor(max_depth=9, random_state=1),
        RandomForestRegressor(20, max_depth=9, random_state=1),
        ExtraTreesRegressor(20, max_depth=9, random_state=1),
        GradientBoostingRegressor(n_estimators=40, random_state=1),
        HistGradientBoostingRegressor(max_iter=40, random_state=1),
    ],
    ids=lambda regressor: type(regressor).__name__,
)
def test_what_scikit_learn_exports_is_understood(regressor: object, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    rows = random.integers(-50, 50, (1500, 6)).astype(np.float32)
    regressor.fit(rows, rows[:, 0] * rows[:, 1] + random.normal(0, 5, 1500))  # pyright: ignore[reportAttributeAccessIssue]
    assert_same_bits(_exported(tmp_path / "m.onnx", regressor, 6), rows)


def test_a_neural_network_goes_to_onnx_runtime(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    rows = random.integers(-50, 50, (500, 4)).astype(np.float32)
    # After three steps; how well it fits does not matter.
    network = MLPRegressor(hidden_layer_sizes=8, tol=1e9, n_iter_no_change=3, random_state=1)
    network.fit(rows, rows[:, 0])
    path = _exported(tmp_path / "m.onnx", network, 4)
    found = llvm_tools.predict(path, rows)
    assert found.runtime == "onnxruntime"
    np.testing.assert_allclose(
        found.values, np.asarray(network.predict(rows)), rtol=1e-3, atol=1e-3
    )
    with pytest.raises(EngineError, match=r"the native runtime cannot evaluate it: .*"):
        llvm_tools.predict(path, rows, runtime="native")


def _small() -> trees.Drawn:
    random = np.random.default_rng(5)
    return trees.draw(random, columns=3, trees=4, depth=3, modes=[LEQ])


def _attribute(node: onnx.NodeProto, name: str) -> onnx.AttributeProto:
    return next(a for a in node.attribute if a.name == name)


def _steps() -> list[onnx.NodeProto]:
    node = trees.ensemble(_small())
    node.output[0] = "z"
    return [
        node,
        helper.make_node("Sinh", ["z"], ["s"]),
        helper.make_node("Mul", ["s", "c"], ["y"]),
    ]


def test_arithmetic_behind_the_trees_is_understood(tmp_path: Path) -> None:
    factor = helper.make_tensor("c", onnx.TensorProto.FLOAT, [1], [8.0])
    path = trees.write(tmp_path / "m.onnx", _steps(), 3, [factor])
    random = np.random.default_rng(1)
    assert_same_bits(path, random.normal(0, 2, (500, 3)).astype(np.float32))


@pytest.mark.parametrize(
    "change",
    [
        lambda node: setattr(_attribute(node, "n_targets"), "i", 2),
        lambda node: node.attribute.append(helper.make_attribute("post_transform", 1)),
        lambda node: node.attribute.append(helper.make_attribute("of_the_future", 1)),
        lambda node: setattr(node, "op_type", "SVMRegressor"),
        lambda node: setattr(node, "domain", "com.example"),
        lambda node: setattr(_attribute(node, "nodes_modes").t, "raw_data", b"\6" * 100),
    ],
)
def test_what_is_not_understood_is_left_to_onnx_runtime(
    change, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    node = trees.ensemble(_small())
    change(node)
    path = trees.write(tmp_path / "m.onnx", [node], 3)
    with pytest.raises(EngineError, match=r"the native runtime cannot evaluate it"):
        llvm_tools.predict(path, np.zeros((1, 3)), runtime="native")
    # ONNX Runtime refuses these too, or knows what they mean.
    with suppress(EngineError):
        found = llvm_tools.predict(path, np.zeros((1, 3)), onnxruntime=runtime_path())
        assert found.runtime == "onnxruntime"
    # What it says on the way is in the error.
    assert capfd.readouterr().err == ""


def _set_ints(name: str, place: int, value: int):
    return lambda node: _attribute(node, name).ints.__setitem__(place, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set_ints("nodes_featureids", 0, 3), "compare a feature beyond the 3"),
        (_set_ints("nodes_featureids", 0, -1), "compare a feature beyond the 3"),
        (_set_ints("nodes_truenodeids", 0, 999), "a node of its trees is missing"),
        (_set_ints("nodes_truenodeids", 0, 2**40), "a reference is to no node and no leaf"),
        (_set_ints("tree_roots", 0, 999), "a node of its trees is missing"),
        (_set_ints("leaf_targetids", 0, 1), "a leaf is of another target"),
        (lambda n: _attribute(n, "nodes_featureids").ints.pop(), "differ in length"),
        (lambda n: _attribute(n, "nodes_trueleafs").ints.pop(), "differ in length"),
        (lambda n: _attribute(n, "leaf_targetids").ints.pop(), "differ in length"),
        (lambda n: n.attribute.append(n.attribute[0]), "is there twice"),
        (lambda n: n.attribute.remove(_attribute(n, "tree_roots")), "it has no trees"),
    ],
)
def test_malformed_trees_are_one_clear_error(change, message: str, tmp_path: Path) -> None:
    node = trees.ensemble(_small())
    change(node)
    path = trees.write(tmp_path / "m.onnx", [node], 3)
    for runtime in ("auto", "native"):
        with pytest.raises(EngineError, match=message) as raised:
            llvm_tools.predict(path, np.zeros((1, 3)), runtime=runtime)
        assert "\n" not in str(raised.value)


def test_a_cycle_is_an_error(tmp_path: Path) -> None:
    drawn = trees.draw(np.random.default_rng(1), columns=2, trees=1, depth=4, modes=[LEQ])
    for old in (True, False):
        node = trees.regressor(drawn) if old else trees.ensemble(drawn)
        names = ("nodes_truenodeids", "nodes_falsenodeids")
        if old:
            modes = _attribute(node, "nodes_modes").strings
            inner = [place for place, mode in enumerate(modes) if mode != b"LEAF"]
        else:
            inner = list(range(len(_attribute(node, names[0]).ints)))
            for name in ("nodes_trueleafs", "nodes_falseleafs"):
                _attribute(node, name).ints[inner[-1]] = 0
        for name in names:
            _attribute(node, name).ints[inner[-1]] = inner[0]
        path = trees.write(tmp_path / "m.onnx", [node], 2)
        with pytest.raises(EngineError, match="is below two others"):
            llvm_tools.predict(path, np.zeros((1, 2)))


def test_a_name_with_a_newline_is_an_error_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    content = default_model_path("Oz").read_bytes()
    path.write_bytes(content.replace(b"callee_instruction_count", b"callee_ins\nruction_count"))
    with pytest.raises(EngineError, match="unknown to this build: callee_ins ruction_count"):
        llvm_tools.predict(path, np.zeros((1, 58)))


def test_rows_of_another_width_are_an_error() -> None:
    with pytest.raises(EngineError, match=r"the rows have 9 values, no multiple of the model's 5"):
        llvm_tools.predict(default_model_path("Oz"), np.zeros((3, 3)))
    with pytest.raises(EngineError, match=r"unknown runtime 'mine'; it is one of auto, native"):
        llvm_tools.predict(default_model_path("Oz"), np.zeros((0, 3)), runtime="mine")  # pyright: ignore[reportArgumentType]
