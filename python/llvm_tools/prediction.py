"""What a model predicts, as the plugin evaluates it."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

import numpy as np

from llvm_tools import _native
from llvm_tools.errors import EngineError

Runtime = Literal["auto", "native", "onnxruntime"]


@dataclass(frozen=True)
class Predictions:
    """Predictions, and what made them."""

    values: np.ndarray
    """float32 [N], in the model's unit."""
    runtime: Literal["native", "onnxruntime"]


def predict(
    model: str | PathLike[str],
    features: np.ndarray,
    *,
    runtime: Runtime = "auto",
    onnxruntime: str | PathLike[str] | None = None,
) -> Predictions:
    """Evaluate a model on rows of features, as the plugin does on each call.

    Parameters
    ----------
    model
        An ONNX file.
    features
        float32 [N, F], whose columns are the features that the model names, in its order.
    runtime
        ``native`` evaluates trees in the plugin's own code, ``onnxruntime`` any model by ONNX
        Runtime, ``auto`` by the first of the two that can.
    onnxruntime
        ONNX Runtime's library; looked for by default.

    Returns
    -------
    Predictions
        Their values, and the runtime that made them.

    Raises
    ------
    EngineError
        If the file or the runtime cannot be used, or the rows do not have the model's features.

    Examples
    --------
    >>> import numpy as np, llvm_tools
    >>> from fastir_train.runtime.toolchain import default_model_path
    >>> llvm_tools.predict(default_model_path("Oz"), np.zeros((2, 59), np.float32)).runtime
    'native'
    """
    rows = np.ascontiguousarray(features, dtype=np.float32)
    library = "" if onnxruntime is None else str(onnxruntime)
    try:
        values, used = _native.predict(str(Path(model)), rows.tobytes(), runtime, library)
    except _native.EngineError as error:
        raise EngineError(str(error)) from None
    return Predictions(np.frombuffer(values, dtype=np.float32), used)
