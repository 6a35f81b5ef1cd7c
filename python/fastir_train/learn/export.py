"""From a fitted regressor to the ONNX file that the plugin loads."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper

import llvm_tools
from fastir_train.learn.dataset import SCALE, compress, expand
from fastir_train.learn.override_rules import NO_MARGIN, KeepRule, Margin, format_rules
from fastir_train.learn.trees import Ensemble, Switch
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing

if TYPE_CHECKING:
    from sklearn.base import RegressorMixin

SCHEMA_VERSION = 2
"""Layout of the metadata; the plugin reads this one (``plugin/model/OnnxMetadata.h``)."""

MAX_BYTES = 1_000_000
OPSETS = {"": 17, "ai.onnx.ml": 5}
_CONVERTED_OPSETS = {"": 17, "ai.onnx.ml": 3}
"""Of the operators that skl2onnx makes."""


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
    phases: Sequence[str] = ("compile",)
    """Of LTO, in which the model decides: ``compile`` is a compile without,
    ``thin-pre-link``, ``thin-link``, ``full-pre-link``, ``full-link``."""
    margin: Margin = NO_MARGIN
    rules: Sequence[KeepRule] = ()

    def properties(self) -> dict[str, str]:
        """The metadata as ONNX stores it."""
        margin = asdict(self.margin)
        return {
            "fastir.schema_version": str(SCHEMA_VERSION),
            "fastir.llvm_version": llvm_tools.LLVM_VERSION,
            "fastir.features": ",".join(self.features),
            "fastir.threshold": repr(self.threshold),
            "fastir.margin": ",".join(f"{name}={value}" for name, value in margin.items()),
            "fastir.keep_default": format_rules(self.rules),
            "fastir.objective": self.objective,
            "fastir.unit": self.unit,
            "fastir.domain": self.domain,
            "fastir.phases": ",".join(self.phases),
            "fastir.data_hash": self.data_hash,
        }


def to_onnx(regressor: "RegressorMixin | Switch", metadata: ModelMetadata) -> onnx.ModelProto:
    """Convert a regressor of compressed targets to a model that predicts costs.

    The graph takes one float32 tensor [N, F] and gives one float32 [N, 1]. All trees are in one
    node, so that the plugin can evaluate them itself.
    """
    model, ensemble = _trees(regressor, metadata)
    if metadata.margin:
        splits = [(metadata.features.index(name), value) for name, value in metadata.margin.splits]
        ensemble.add_step(splits, metadata.margin.leaves)
    (source,), result = model.graph.node[0].input, model.graph.output[0].name
    model.graph.node[0].CopyFrom(ensemble.node(source, result))
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(*version) for version in OPSETS.items())
    _append_expand(model.graph)
    helper.set_model_props(model, metadata.properties())
    # Names of this machine's packages have no business in the file.
    model.producer_name, model.producer_version, model.domain = "fastir", "", ""
    # skl2onnx draws a name at random; the same fit has to give the same file.
    model.graph.name = "fastir"
    onnx.checker.check_model(model)
    return model


def _trees(
    regressor: "RegressorMixin | Switch", metadata: ModelMetadata
) -> tuple[onnx.ModelProto, Ensemble]:
    """All trees of a regressor, and a model that any part of it was converted to."""
    if not isinstance(regressor, Switch):
        model = _convert(regressor, metadata)
        return model, Ensemble.read(model.graph.node[0])
    model, zero = _trees(regressor.zero, metadata)
    _, above = _trees(regressor.above, metadata)
    return model, zero.switched(regressor.column, above)


def _convert(regressor: "RegressorMixin", metadata: ModelMetadata) -> onnx.ModelProto:
    # Seconds, which commands that convert nothing need not take.
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    inputs = [("features", FloatTensorType([None, len(metadata.features)]))]
    model = convert_sklearn(regressor, initial_types=inputs, target_opset=_CONVERTED_OPSETS)
    assert isinstance(model, onnx.ModelProto)
    return model


def _append_expand(graph: onnx.GraphProto) -> None:
    """The inverse of the target's compression, as nodes: sinh(x) * SCALE."""
    compressed = graph.output[0].name
    graph.node.append(helper.make_node("Sinh", [compressed], ["expanded"]))
    graph.node.append(helper.make_node("Mul", ["expanded", "scale"], ["change"]))
    graph.initializer.append(helper.make_tensor("scale", TensorProto.FLOAT, [1], [SCALE]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("change", TensorProto.FLOAT, [None, 1]))


def read_phases(model: Path) -> tuple[str, ...]:
    """The phases of a build in which a model decides, as its file names them.

    Raises
    ------
    FastirError
        If the file cannot be read as a model.
    """
    try:
        properties = {entry.key: entry.value for entry in onnx.load(model).metadata_props}
    except (OSError, DecodeError) as error:
        raise FastirError(f"cannot read model {model}: {error}") from None
    return tuple(properties.get("fastir.phases", "compile").split(","))


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


def predict(model: Path, features: np.ndarray) -> np.ndarray:
    """Predictions of a model in ONNX Runtime: bytes, float32 [N]."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {session.get_inputs()[0].name: features.astype(np.float32)})
    return np.asarray(output)[:, 0]


def check(
    path: Path, regressor: "RegressorMixin | Switch", metadata: ModelMetadata, features: np.ndarray
) -> float:
    """Compare ONNX Runtime with scikit-learn on every row of ``features``.

    Returns
    -------
    float
        The largest difference between compressed predictions.

    Raises
    ------
    FastirError
        If the two decide differently anywhere.
    """
    target = regressor.predict(features)  # pyright: ignore[reportAttributeAccessIssue]
    ours = expand(metadata.margin.apply(target, features, metadata.features))
    theirs = predict(path, features)
    different = int(np.sum((ours < metadata.threshold) != (theirs < metadata.threshold)))
    if different:
        raise FastirError(
            f"ONNX Runtime and scikit-learn decide differently on {different} of {len(ours)} rows"
        )
    return float(np.max(np.abs(compress(theirs) - compress(ours))))
