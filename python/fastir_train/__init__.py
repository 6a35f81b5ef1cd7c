"""Build corpora, label inlining decisions, train models on them, and evaluate the models."""

import os

# ONNX Runtime's releases report what they run to their maker, unless this is set before they start.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
