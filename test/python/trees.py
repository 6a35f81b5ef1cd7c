"""Tree ensembles as ONNX files, drawn at random."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from fastir_train.learn.export import ModelMetadata
from llvm_tools import FEATURE_NAMES

MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")
AGGREGATES = ("AVERAGE", "SUM", "MIN", "MAX")


@dataclass
class Node:
    """A node: a leaf where it has no children."""

    weight: float = 0.0
    feature: int = 0
    value: float = 0.0
    mode: int = 0
    true_for_nan: int = 0
    children: "tuple[Node, Node] | tuple[()]" = ()
    place: int = field(default=-1, compare=False)


@dataclass
class Drawn:
    """An ensemble."""

    columns: int
    trees: list[Node]
    aggregate: int = 1
    base: float | None = None


def draw(
    random: np.random.Generator,
    *,
    columns: int,
    trees: int,
    depth: int,
    modes: Sequence[int],
    nans: bool = False,
) -> Drawn:
    """Trees of at most ``depth`` levels; one path of each goes as deep as that."""

    def node(levels: int, *, spine: bool) -> Node:
        if levels == 0 or (not spine and random.random() < 0.6):
            weight = np.float32(random.normal() * 10.0 ** random.integers(-20, 20))
            return Node(weight=float(weight))
        turn = bool(random.integers(2))
        pair = (node(levels - 1, spine=spine and turn), node(levels - 1, spine=spine and not turn))
        return Node(
            feature=int(random.integers(columns)),
            value=float(np.float32(random.choice([0.5, 1.5, 0.0, -0.0, random.normal() * 3]))),
            mode=int(random.choice(modes)),
            true_for_nan=int(random.integers(2)) if nans else 0,
            children=pair,
        )

    return Drawn(columns, [node(depth, spine=True) for _ in range(trees)])


def _inner_first(root: Node) -> list[Node]:
    found, rest = [], [root]
    while rest:
        found.append(rest.pop(0))
        rest.extend(found[-1].children)
    return found


def regressor(drawn: Drawn) -> onnx.NodeProto:
    """As TreeEnsembleRegressor, of ai.onnx.ml 1 and 3."""
    rows, targets = [], []
    for tree, root in enumerate(drawn.trees):
        nodes = _inner_first(root)
        for place, node in enumerate(nodes):
            node.place = place
        for node in nodes:
            true, false = (child.place for child in node.children or (root, root))
            mode = MODES[node.mode] if node.children else "LEAF"
            row = (tree, node.place, node.feature, node.value, mode, true, false, node.true_for_nan)
            rows.append(row)
            if not node.children:
                targets.append((tree, node.place, 0, node.weight))
    names = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    columns = zip((*names, "missing_value_tracks_true"), zip(*rows, strict=True), strict=True)
    weights = zip(("treeids", "nodeids", "ids", "weights"), zip(*targets, strict=True), strict=True)
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml")
    values: dict[str, object] = {f"nodes_{name}": list(column) for name, column in columns}
    values |= {f"target_{name}": list(column) for name, column in weights}
    values |= {"n_targets": 1, "aggregate_function": AGGREGATES[drawn.aggregate]}
    if drawn.base is not None:
        values["base_values"] = [drawn.base]
    node.attribute.extend(helper.make_attribute(*value) for value in values.items())
    return node


def tensor(values: Sequence[float], kind: type, *, raw: bool = True) -> TensorProto:
    """A tensor of one dimension."""
    array = np.array(values, kind)
    code = helper.np_dtype_to_tensor_dtype(array.dtype)
    content = array.tobytes() if raw else array.tolist()
    return helper.make_tensor("t", code, [len(array)], content, raw=raw)


def ensemble(drawn: Drawn, *, raw: bool = True) -> onnx.NodeProto:
    """As TreeEnsemble, of ai.onnx.ml 5; a tree of one leaf is a node with that leaf twice."""
    inner: list[Node] = []
    leaves: list[Node] = []
    roots = []
    for root in drawn.trees:
        top = root if root.children else Node(children=(root, root))
        roots.append(len(inner))
        for node in _inner_first(top):
            into = inner if node.children else leaves
            node.place = len(into)
            into.append(node)
    values: dict[str, object] = {
        "n_targets": 1,
        "aggregate_function": drawn.aggregate,
        "tree_roots": roots,
        "nodes_featureids": [node.feature for node in inner],
        "nodes_splits": tensor([node.value for node in inner], np.float32, raw=raw),
        "nodes_modes": tensor([node.mode for node in inner], np.uint8),
        "nodes_missing_value_tracks_true": [node.true_for_nan for node in inner],
        "leaf_targetids": [0] * len(leaves),
        "leaf_weights": tensor([leaf.weight for leaf in leaves], np.float32, raw=raw),
    }
    for side, name in enumerate(("true", "false")):
        ends = [node.children[side] for node in inner]
        values[f"nodes_{name}nodeids"] = [end.place for end in ends]
        values[f"nodes_{name}leafs"] = [int(not end.children) for end in ends]
    node = helper.make_node("TreeEnsemble", ["x"], ["y"], domain="ai.onnx.ml")
    node.attribute.extend(helper.make_attribute(*value) for value in values.items())
    return node


def write(
    path: Path, nodes: Sequence[onnx.NodeProto], columns: int, constants: Sequence[TensorProto] = ()
) -> Path:
    """Write a graph from ``x`` to the last node's output as a model of the first features."""
    last = nodes[-1].output[0]
    graph = helper.make_graph(
        list(nodes),
        "trees",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, columns])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [None, 1])],
        list(constants),
    )
    version = 5 if any(node.op_type == "TreeEnsemble" for node in nodes) else 3
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", version)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    features = [FEATURE_NAMES[column % len(FEATURE_NAMES)] for column in range(columns)]
    metadata = ModelMetadata(features, 0.0, "test", "bytes", "minsize", "0" * 64)
    helper.set_model_props(model, metadata.properties())
    path.write_bytes(model.SerializeToString())
    return path


def rows_for(random: np.random.Generator, drawn: Drawn, count: int) -> np.ndarray:
    """Rows on, just below and just above thresholds, and of values that are no numbers."""
    values = [node.value for tree in drawn.trees for node in _inner_first(tree) if node.children]
    on = np.array([*values, 0.0], np.float32)
    around = np.concatenate([on, np.nextafter(on, -np.inf), np.nextafter(on, np.inf)])
    odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, 3e38], np.float32)
    return random.choice(np.concatenate([around, odd]), (count, drawn.columns)).astype(np.float32)
