"""The exceptions of llvm_tools, in one hierarchy. Messages name the module."""


class LlvmToolsError(Exception):
    """Anything that llvm_tools raises on purpose."""

    def __init__(self, message: str, module: str | None = None) -> None:
        super().__init__(message)
        self.module = module
        """What the module is called that it happened on, if it was one."""


class SourceError(LlvmToolsError):
    """A source cannot be had: its file cannot be read, or the row holds nothing."""


class BitcodeError(LlvmToolsError):
    """A source holds neither bitcode nor textual IR that LLVM can read."""


class InvalidModuleError(BitcodeError):
    """A source can be read, and LLVM's verifier refuses the module."""


class EngineError(LlvmToolsError):
    """LLVM cannot do what is asked: passes, level, target, model."""


class CrashError(LlvmToolsError):
    """LLVM crashed on the module, in a process of its own."""


class TimeLimitError(LlvmToolsError):
    """LLVM took longer on the module than was allowed."""


class UsageError(LlvmToolsError, ValueError):
    """An argument makes no sense."""


BY_KIND: dict[str, type[LlvmToolsError]] = {
    "usage": UsageError,
    "file": SourceError,
    "bitcode": BitcodeError,
    "invalid": InvalidModuleError,
    "work": EngineError,
    "crash": CrashError,
    "timeout": TimeLimitError,
}
"""The exception for each kind of error of the native half."""


def make_error(kind: str, module: str, message: str) -> LlvmToolsError:
    """The exception for an error of the native half."""
    return BY_KIND[kind](f"{module}: {message}", module)
