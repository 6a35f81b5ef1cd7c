from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Literal, Protocol, final

__all__ = [
    "Batch",
    "Compilation",
    "EngineError",
    "Evaluation",
    "compile",
    "evaluate",
    "features",
    "llvm_version",
    "predict",
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
class Evaluation:
    @property
    def base(self) -> Compilation: ...
    @property
    def bytes(self) -> tuple[float, float]: ...
    @property
    def changes(self) -> list[tuple[float, float]]: ...
    @property
    def compiles(self) -> int: ...
    @property
    def reused(self) -> int: ...
    @property
    def seconds(self) -> float: ...

@final
class Batch:
    @property
    def table(self) -> _ArrowBatch: ...
    @property
    def errors(self) -> list[tuple[int, str, str]]: ...
    @property
    def stats(self) -> list[tuple[int, ...]]: ...

class _Job(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def policy(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def onnxruntime(self) -> str: ...
    @property
    def relevel(self) -> bool: ...
    @property
    def internal(self) -> Sequence[str]: ...

class _Overrides(Protocol):
    @property
    def decisions(self) -> Mapping[int, bool]: ...
    @property
    def sites(self) -> Mapping[tuple[str, str, int], bool]: ...
    @property
    def callees(self) -> Mapping[str, bool]: ...

def compile(
    bitcode: bytes,
    job: _Job,
    overrides: _Overrides,
    *,
    record_decisions: bool,
    by_symbol: bool,
) -> Compilation: ...
def evaluate(
    bitcode: bytes,
    job: _Job,
    alternatives: Sequence[Sequence[tuple[int, bool]]],
    *,
    worker: str | PathLike[str],
    sites: Mapping[tuple[str, str, int], bool],
    weights: Mapping[str, float],
    batch_size: int,
) -> Evaluation: ...
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
def features() -> list[tuple[str, str, str, bool]]: ...
def section_kinds() -> list[str]: ...
def llvm_version() -> str: ...
def predict(
    model: str, rows: bytes, runtime: str, onnxruntime: str
) -> tuple[bytes, Literal["native", "onnxruntime"]]: ...
