"""Compile one module in this process, with inlining decided as the caller says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from llvm_tools import _native
from llvm_tools.errors import EngineError
from llvm_tools.sources import name_one

Level = Literal["O1", "O2", "O3", "Os", "Oz"]
Policy = Literal["model", "llvm", "always", "never"]


class Compilation:
    """What came of one compile: its decisions and the sizes of its object code."""

    def __init__(self, native: _native.Compilation) -> None:
        self._native = native

    def decisions(self) -> pl.DataFrame:
        """Inlining decisions in the order in which they were taken.

        Returns
        -------
        polars.DataFrame
            ``decision`` (number), ``caller``, ``callee``, ``prediction`` (null if no model was
            asked), ``llvm_inlines`` (what LLVM's heuristic says), ``inlines`` (what was done),
            then one Int64 column for each of `llvm_tools.FEATURES`. Empty unless the compile was
            asked to record decisions.

        Examples
        --------
        >>> import llvm_tools
        >>> compilation = llvm_tools.compile_module(
        ...     b'target triple = "x86_64-pc-linux-gnu"'
        ...     b"define internal i32 @g() { ret i32 1 }"
        ...     b"define i32 @f() { %y = call i32 @g() ret i32 %y }"
        ... )
        >>> compilation.decisions().select("caller", "callee", "inlines").row(0)
        ('f', 'g', True)
        """
        return pl.DataFrame(self._native.decisions())

    def pieces(self) -> pl.DataFrame:
        """Loadable bytes that a linker keeps or drops together.

        Returns
        -------
        polars.DataFrame
            ``comdat`` (the group's signature; empty for what is in none), ``kind`` (one of
            `llvm_tools.SECTION_KINDS`), ``bytes``.

        Examples
        --------
        >>> import llvm_tools
        >>> compilation = llvm_tools.compile_module(
        ...     b'target triple = "x86_64-pc-linux-gnu" define void @f() nounwind { ret void }'
        ... )
        >>> compilation.pieces().row(0)
        ('', 'text', 1)
        """
        return pl.DataFrame(self._native.pieces())

    def symbols(self) -> pl.DataFrame:
        """Bytes of functions and objects.

        Returns
        -------
        polars.DataFrame
            ``symbol``, ``kind`` (one of `llvm_tools.SECTION_KINDS`), ``bytes``.

        Examples
        --------
        >>> import llvm_tools
        >>> compilation = llvm_tools.compile_module(
        ...     b'target triple = "x86_64-pc-linux-gnu" define void @f() nounwind { ret void }'
        ... )
        >>> compilation.symbols().row(0)
        ('f', 'text', 1)
        """
        return pl.DataFrame(self._native.symbols())

    def weighted_bytes(self, weights: dict[str, float]) -> tuple[float, float]:
        """Loadable bytes with each comdat counted at its weight.

        Parameters
        ----------
        weights
            By comdat, the share of it that this module answers for: 1/n if n modules of a
            project emit it. A comdat that is not named counts in full.

        Returns
        -------
        tuple of float
            Bytes of code, and loadable bytes of all kinds (code among them).

        Examples
        --------
        >>> import llvm_tools
        >>> compilation = llvm_tools.compile_module(
        ...     b'target triple = "x86_64-pc-linux-gnu" $f = comdat any'
        ...     b"@keep = global ptr @f "
        ...     b"define linkonce_odr void @f() nounwind comdat { ret void }"
        ... )
        >>> compilation.weighted_bytes({"f": 0.5})[0]
        0.5
        """
        return self._native.weighted_bytes(weights)


def compile_module(
    source: bytes | str | Path,
    *,
    level: Level = "Oz",
    policy: Policy = "llvm",
    model: str | Path | None = None,
    onnxruntime: str | Path | None = None,
    overrides: Mapping[int, bool] | None = None,
    callee_overrides: Mapping[str, bool] | None = None,
    record_decisions: bool = True,
    name: str | None = None,
) -> Compilation:
    """Optimise a module as ``clang -<level>`` would and generate its object code in memory.

    Parameters
    ----------
    source
        LLVM 22 bitcode or textual IR: its bytes, or the path of a file.
    level
        The optimisation level of the pipeline.
    policy
        Who decides on inlining.
    model
        The ONNX file, needed for the policy ``model``.
    onnxruntime
        ONNX Runtime's library; by default the one of this Python environment.
    overrides
        Advice by number of decision, in place of the policy's.
    callee_overrides
        Advice for every call of a function, by its name, where ``overrides`` says nothing.
    record_decisions
        Whether `Compilation.decisions` is filled.
    name
        What errors call the module; by default the path.

    Returns
    -------
    Compilation
        Its decisions and sizes.

    Raises
    ------
    EngineError
        If the module cannot be read or compiled, or the model not used.

    Examples
    --------
    >>> import llvm_tools
    >>> source = (
    ...     b'target triple = "x86_64-pc-linux-gnu"'
    ...     b"define internal i32 @g(i32 %x) { %y = mul i32 %x, %x ret i32 %y }"
    ...     b"define i32 @f(i32 %x) { %y = call i32 @g(i32 %x) ret i32 %y }"
    ... )
    >>> kept = llvm_tools.compile_module(source, overrides={0: False})
    >>> kept.symbols()["symbol"].to_list()
    ['g', 'f']
    """
    name = name or name_one(source)
    bitcode = source if isinstance(source, bytes) else _read(Path(source))
    try:
        native = _native.compile(
            bitcode,
            name=name,
            level=level,
            policy=policy,
            model=str(model or ""),
            onnxruntime=str(onnxruntime or ""),
            overrides=dict(overrides or {}),
            callee_overrides=dict(callee_overrides or {}),
            record_decisions=record_decisions,
        )
    except _native.EngineError as error:
        raise EngineError(str(error), name) from None
    return Compilation(native)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path}: {error.strerror}", str(path)) from None
