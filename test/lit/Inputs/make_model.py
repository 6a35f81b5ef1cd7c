"""Write a small ONNX model for a test.

It predicts weight * feature + bias in bytes, where FEATURE is one feature's name: by a tree with a
leaf for each value of the feature up to 4095, or by arithmetic.
"""

import argparse
from pathlib import Path

import onnx
from onnx import TensorProto, helper

parser = argparse.ArgumentParser()
parser.add_argument("output", type=Path)
parser.add_argument("--feature", default="callee_instruction_count")
parser.add_argument("--weight", type=float, default=0.0)
parser.add_argument("--bias", type=float, default=0.0)
parser.add_argument(
    "--arithmetic", action="store_true", help="what ONNX Runtime alone can evaluate"
)
parser.add_argument("--graph", type=Path, help="an ONNX file with the model's graph")
parser.add_argument("--columns", type=int, default=1)
parser.add_argument("--llvm", default="22.1.8")
parser.add_argument("--domain", default="minsize")
parser.add_argument("--phases", default="compile,thin-pre-link,thin-link,full-pre-link,full-link")
parser.add_argument("--schema", default="2")
parser.add_argument("--keep", default="", help="rules that keep LLVM's decision")
parser.add_argument("--without", default="", help="leave this metadata key out")
parser.add_argument("--truncate", action="store_true")
options = parser.parse_args()

VALUES = 4096


def tree() -> onnx.NodeProto:
    """A complete tree over the values of the first feature, the least in the first leaf."""
    inner = VALUES - 1
    # Node n of a heap of 4095: below it are 2n + 1 and 2n + 2. What it compares with is between
    # the last leaf to its left and the first to its right.
    depths = [(node + 1).bit_length() - 1 for node in range(inner)]
    widths = [VALUES >> depth for depth in depths]
    firsts = [
        (node + 1 - (1 << depth)) * width
        for node, depth, width in zip(range(inner), depths, widths, strict=True)
    ]
    splits = [first + width / 2 - 0.5 for first, width in zip(firsts, widths, strict=True)]
    weights = [options.weight * value + options.bias for value in range(VALUES)]
    sides = {}
    for name, step in (("true", 1), ("false", 2)):
        children = [2 * node + step for node in range(inner)]
        sides[f"nodes_{name}leafs"] = [int(child >= inner) for child in children]
        sides[f"nodes_{name}nodeids"] = [child % inner for child in children]
    return helper.make_node(
        "TreeEnsemble",
        ["features"],
        ["change"],
        domain="ai.onnx.ml",
        n_targets=1,
        tree_roots=[0],
        nodes_featureids=[0] * inner,
        nodes_splits=helper.make_tensor("s", TensorProto.FLOAT, [inner], splits),
        nodes_modes=helper.make_tensor("m", TensorProto.UINT8, [inner], bytes(inner), raw=True),
        leaf_targetids=[0] * VALUES,
        leaf_weights=helper.make_tensor("w", TensorProto.FLOAT, [VALUES], weights),
        **sides,
    )


def arithmetic() -> list[onnx.NodeProto]:
    """A product and a sum."""
    return [
        helper.make_node("MatMul", ["features", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["change"]),
    ]


def made_by_hand() -> onnx.GraphProto:
    """The tree, or the arithmetic."""
    weights = [options.weight] * options.columns
    constants = [
        helper.make_tensor("weight", TensorProto.FLOAT, [options.columns, 1], weights),
        helper.make_tensor("bias", TensorProto.FLOAT, [1], [options.bias]),
    ]
    return helper.make_graph(
        arithmetic() if options.arithmetic else [tree()],
        "test",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, options.columns])],
        [helper.make_tensor_value_info("change", TensorProto.FLOAT, [None, 1])],
        constants if options.arithmetic else [],
    )


model = helper.make_model(
    onnx.load(options.graph).graph if options.graph else made_by_hand(),
    opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 5)],
    ir_version=8,
)
properties = {
    "schema_version": options.schema,
    "llvm_version": options.llvm,
    "features": options.feature,
    "threshold": "0.0",
    "objective": "test",
    "unit": "bytes",
    "domain": options.domain,
    "keep_default": options.keep,
    "phases": options.phases,
}
helper.set_model_props(
    model,
    {f"fastir.{key}": value for key, value in properties.items() if key != options.without},
)
content = model.SerializeToString()
if options.truncate:
    content = content[: len(content) // 2]
options.output.write_bytes(content)
