"""Write a small ONNX model for a test.

It predicts weight * feature + bias in bytes, where FEATURE is one feature's name.
"""

import argparse
from pathlib import Path

from onnx import TensorProto, helper

parser = argparse.ArgumentParser()
parser.add_argument("output", type=Path)
parser.add_argument("--feature", default="callee_instruction_count")
parser.add_argument("--weight", type=float, default=0.0)
parser.add_argument("--bias", type=float, default=0.0)
parser.add_argument("--columns", type=int, default=1)
parser.add_argument("--llvm", default="22.1.8")
parser.add_argument("--domain", default="minsize")
parser.add_argument("--schema", default="1")
parser.add_argument("--without", default="", help="leave this metadata key out")
parser.add_argument("--truncate", action="store_true")
options = parser.parse_args()

graph = helper.make_graph(
    [
        helper.make_node("MatMul", ["features", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["change"]),
    ],
    "test",
    [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, options.columns])],
    [helper.make_tensor_value_info("change", TensorProto.FLOAT, [None, 1])],
    [
        helper.make_tensor(
            "weight",
            TensorProto.FLOAT,
            [options.columns, 1],
            [options.weight] * options.columns,
        ),
        helper.make_tensor("bias", TensorProto.FLOAT, [1], [options.bias]),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
properties = {
    "schema_version": options.schema,
    "llvm_version": options.llvm,
    "features": options.feature,
    "threshold": "0.0",
    "objective": "test",
    "unit": "bytes",
    "domain": options.domain,
}
helper.set_model_props(
    model,
    {f"fastir.{key}": value for key, value in properties.items() if key != options.without},
)
content = model.SerializeToString()
if options.truncate:
    content = content[: len(content) // 2]
options.output.write_bytes(content)
