from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import final

__all__ = [
    "Batch",
    "Compilation",
    "EngineError",
    "compile",
    "features",
    "llvm_version",
    "run",
    "schemas",
    "section_kinds",
]

class EngineError(Exception): ...

class _ArrowBatch:
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...

@final
class Compilation:
    def decisions(self) -> _ArrowBatch: ...
    def pieces(self) -> _ArrowBatch: ...
    def symbols(self) -> _ArrowBatch: ...
    def weighted_bytes(self, weights: dict[str, float]) -> tuple[float, float]: ...

@final
class Batch:
    @property
    def table(self) -> _ArrowBatch: ...
    @property
    def errors(self) -> list[tuple[int, str, str]]: ...
    @property
    def stats(self) -> list[tuple[int, ...]]: ...

def compile(
    bitcode: bytes,
    *,
    name: str,
    level: str,
    policy: str,
    model: str,
    onnxruntime: str,
    overrides: Mapping[int, bool],
    callee_overrides: Mapping[str, bool],
    record_decisions: bool,
) -> Compilation: ...
def run(
    table: str,
    names: Sequence[str],
    sources: Sequence[bytes | str],
    *,
    worker: str | PathLike[str],
    passes: str,
    level: str,
    policy: str,
    model: str,
    onnxruntime: str,
    verify: bool,
    workers: int | None,
    timeout: float | None,
    progress: Callable[[int], object] | None,
) -> Batch: ...
def schemas() -> list[tuple[str, str, list[tuple[str, str, bool, str, str, str]]]]: ...
def features() -> list[tuple[str, str, str]]: ...
def section_kinds() -> list[str]: ...
def llvm_version() -> str: ...
