"""The worker processes that LLVM runs in, and the files that hold their requests."""

import os
from pathlib import Path

from llvm_tools import _native

WORKER = Path(str(_native.__file__)).with_name("llvm-tools-worker")


def absolute(path: str) -> str:
    """What a worker, which has been started in another folder, finds under ``path``."""
    return os.path.abspath(path) if path else ""  # noqa: PTH100
