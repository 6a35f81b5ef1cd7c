"""From a fitted regressor to the ONNX file that the plugin loads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import RegressorMixin

import llvm_tools
from fastir_train.dataset import SCALE, compress, expand
from fastir_train.errors import FastirError
from fastir_train.files import replacing

SCHEMA_VERSION = 1
"""Layout of the metadata; the plugin reads this one (``plugin/model/OnnxMetadata.h``)."""

MAX_BYTES = 1_000_000
OPSETS = {"": 17, "ai.onnx.ml": 3}


@dataclass(frozen=True)
class ModelMetadata:
    """What a model file says of itself, under keys that begin with ``fastir.``."""

    features: Sequence[str]
    threshold: float
    """Bytes: a call is inlined where the prediction is below it."""
    objective: str
    unit: str
    domain: str
    """``minsize`` or ``optsize``: functions with that attribute and no smaller one; ``all``."""
    data_hash: str
    margin: float = 0.0
    """Bytes that a departure from LLVM's decision must save beyond the threshold; the model adds
    it to what it predicts. Needs the feature ``llvm_decision``."""

    def properties(self) -> dict[str, str]:
        """The metadata as ONNX stores it."""
        return {
            "fastir.schema_version": str(SCHEMA_VERSION),
            "fastir.llvm_version": llvm_tools.LLVM_VERSION,
            "fastir.features": ",".join(self.features),
            "fastir.threshold": repr(self.threshold),
            "fastir.margin": repr(self.margin),
            "fastir.objective": self.objective,
            "fastir.unit": self.unit,
            "fastir.domain": self.domain,
            "fastir.data_hash": self.data_hash,
        }


def to_onnx(regressor: RegressorMixin, metadata: ModelMetadata) -> onnx.ModelProto:
    """Convert a regressor of compressed targets to a model that predicts bytes.

    The graph takes one float32 tensor [N, F] and gives one float32 [N, 1].
    """
    inputs = [("features", FloatTensorType([None, len(metadata.features)]))]
    model = convert_sklearn(regressor, initial_types=inputs, target_opset=OPSETS)
    assert isinstance(model, onnx.ModelProto)
    _append_expand(model.graph)
    if metadata.margin:
        _append_margin(model.graph, metadata)
    helper.set_model_props(model, metadata.properties())
    # Names of this machine's packages have no business in the file.
    model.producer_name, model.producer_version, model.domain = "fastir", "", ""
    onnx.checker.check_model(model)
    return model


def _append_expand(graph: onnx.GraphProto) -> None:
    """The inverse of the target's compression, as nodes: sinh(x) * SCALE."""
    compressed = graph.output[0].name
    graph.node.append(helper.make_node("Sinh", [compressed], ["expanded"]))
    graph.node.append(helper.make_node("Mul", ["expanded", "scale"], ["change"]))
    graph.initializer.append(helper.make_tensor("scale", TensorProto.FLOAT, [1], [SCALE]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("change", TensorProto.FLOAT, [None, 1]))


def _append_margin(graph: onnx.GraphProto, metadata: ModelMetadata) -> None:
    """Adds the margin where LLVM does not inline, takes it off where LLVM does."""
    column = list(metadata.features).index("llvm_decision")
    graph.initializer.append(helper.make_tensor("column", TensorProto.INT64, [1], [column]))
    graph.initializer.append(
        helper.make_tensor("margin", TensorProto.FLOAT, [1], [metadata.margin])
    )
    graph.initializer.append(
        helper.make_tensor("twice", TensorProto.FLOAT, [1], [-2 * metadata.margin])
    )
    graph.node.append(helper.make_node("Gather", ["features", "column"], ["llvm"], axis=1))
    graph.node.append(helper.make_node("Mul", ["llvm", "twice"], ["pull"]))
    graph.node.append(helper.make_node("Add", ["pull", "margin"], ["towards"]))
    graph.node.append(helper.make_node("Add", ["change", "towards"], ["kept"]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("kept", TensorProto.FLOAT, [None, 1]))


def with_margin(change: np.ndarray, margin: float, llvm: np.ndarray) -> np.ndarray:
    """What a model predicts that keeps to LLVM's decisions where a change is below ``margin``."""
    return change + np.where(llvm, -margin, margin)


def save(model: onnx.ModelProto, path: Path) -> None:
    """Write the model, unless it is too large to ship.

    Raises
    ------
    FastirError
        If the model is larger than `MAX_BYTES`, or the file cannot be written.
    """
    content = model.SerializeToString(deterministic=True)
    if len(content) >= MAX_BYTES:
        raise FastirError(f"the model has {len(content)} bytes; {MAX_BYTES} is the limit")
    with replacing(path) as temporary:
        temporary.write_bytes(content)
        temporary.chmod(0o644)


def predict(path: Path, features: np.ndarray) -> np.ndarray:
    """Predictions of the saved model in ONNX Runtime: bytes, float32 [N]."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {session.get_inputs()[0].name: features.astype(np.float32)})
    return np.asarray(output)[:, 0]


def check(
    path: Path, regressor: RegressorMixin, metadata: ModelMetadata, features: np.ndarray
) -> float:
    """Hold ONNX Runtime against scikit-learn on every row of ``features``.

    Returns
    -------
    float
        The largest difference between compressed predictions.

    Raises
    ------
    FastirError
        If the two decide differently anywhere.
    """
    ours = expand(regressor.predict(features))  # pyright: ignore[reportAttributeAccessIssue]
    if metadata.margin:
        llvm = features[:, list(metadata.features).index("llvm_decision")] > 0
        ours = with_margin(ours, metadata.margin, llvm)
    theirs = predict(path, features)
    different = int(np.sum((ours < metadata.threshold) != (theirs < metadata.threshold)))
    if different:
        raise FastirError(
            f"ONNX Runtime and scikit-learn decide differently on {different} of {len(ours)} rows"
        )
    return float(np.max(np.abs(compress(theirs) - compress(ours))))
