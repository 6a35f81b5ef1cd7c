"""Look at LLVM IR from Python, and compile it under inlining decisions of your own."""

from llvm_tools.engine import Compilation, compile_module
from llvm_tools.errors import EngineError, LlvmToolsError
from llvm_tools.schema import FEATURE_NAMES, FEATURES, LLVM_VERSION, SECTION_KINDS, Feature

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "LLVM_VERSION",
    "SECTION_KINDS",
    "Compilation",
    "EngineError",
    "Feature",
    "LlvmToolsError",
    "compile_module",
]
