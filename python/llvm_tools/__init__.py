"""Look at LLVM IR from Python, and compile it under inlining decisions of your own."""

from llvm_tools.alternatives import Alternatives, measure_alternatives
from llvm_tools.batch import Batch, RunOptions
from llvm_tools.engine import Compilation, compile_module
from llvm_tools.errors import (
    BitcodeError,
    CrashError,
    EngineError,
    InvalidModuleError,
    LlvmToolsError,
    SourceError,
    TimeLimitError,
    UsageError,
)
from llvm_tools.features import (
    autophase,
    block_features,
    call_graph,
    function_features,
    inlining_features,
    instcount,
    module_features,
)
from llvm_tools.modules import object_size, optimize, run_passes, to_bitcode, to_ir, verify
from llvm_tools.prediction import Predictions, predict
from llvm_tools.schema import (
    FEATURE_NAMES,
    FEATURES,
    LLVM_VERSION,
    SECTION_KINDS,
    TABLES,
    Column,
    Feature,
    Table,
)
from llvm_tools.sources import Source, Sources
from llvm_tools.streaming import stream

__all__ = [
    "FEATURES",
    "FEATURE_NAMES",
    "LLVM_VERSION",
    "SECTION_KINDS",
    "TABLES",
    "Alternatives",
    "Batch",
    "BitcodeError",
    "Column",
    "Compilation",
    "CrashError",
    "EngineError",
    "Feature",
    "InvalidModuleError",
    "LlvmToolsError",
    "Predictions",
    "RunOptions",
    "Source",
    "SourceError",
    "Sources",
    "Table",
    "TimeLimitError",
    "UsageError",
    "autophase",
    "block_features",
    "call_graph",
    "compile_module",
    "function_features",
    "inlining_features",
    "instcount",
    "measure_alternatives",
    "module_features",
    "object_size",
    "optimize",
    "predict",
    "run_passes",
    "stream",
    "to_bitcode",
    "to_ir",
    "verify",
]
