"""The exceptions of llvm_tools, in one hierarchy."""


class LlvmToolsError(Exception):
    """Anything that llvm_tools raises on purpose."""


class EngineError(LlvmToolsError):
    """A module could not be compiled; the message names it and tells why."""
