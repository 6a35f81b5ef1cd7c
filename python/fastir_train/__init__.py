"""Build corpora, label inlining decisions, train models on them, and evaluate the models."""

import os

# ONNX Runtime's releases report what they run to their maker, unless this is set before they start;
# they do not agree on the name.
for _name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):
    os.environ[_name] = "1"
