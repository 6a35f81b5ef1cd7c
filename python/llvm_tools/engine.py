"""Compile one module in this process, with inlining decided as the caller says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from llvm_tools import _native
from llvm_tools.errors import EngineError
from llvm_tools.sources import name_one

Level = Literal["O1", "O2", "O3", "Os", "Oz"]
Phase = Literal["compile", "thin-pre-link", "thin-link", "full-pre-link", "full-link"]
Policy = Literal["model", "llvm", "always", "never"]


@dataclass(frozen=True)
class Job:
    """What every compile of a module shares: its name, and who decides at which level."""

    name: str
    level: str
    phase: str
    policy: str
    model: str
    onnxruntime: str
    relevel: bool
    internal: Sequence[str]


@dataclass(frozen=True)
class Overrides:
    """Decisions in place of the policy's: by number, by site, by callee."""

    decisions: Mapping[int, bool] = field(default_factory=dict)
    sites: Mapping[tuple[str, str, int], bool] = field(default_factory=dict)
    callees: Mapping[str, bool] = field(default_factory=dict)


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
            ``comdat`` (the group's signature; empty for what is in none), ``symbol`` (whose
            section it is, for pieces outside of comdats of a compile by symbol;
            else empty), ``kind`` (one of `llvm_tools.SECTION_KINDS`), ``bytes``.

        Examples
        --------
        >>> import llvm_tools
        >>> compilation = llvm_tools.compile_module(
        ...     b'target triple = "x86_64-pc-linux-gnu" define void @f() nounwind { ret void }'
        ... )
        >>> compilation.pieces().row(0)
        ('', '', 'text', 1)
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
    phase: Phase = "compile",
    policy: Policy = "llvm",
    model: str | Path | None = None,
    onnxruntime: str | Path | None = None,
    overrides: Mapping[int, bool] | None = None,
    site_overrides: Mapping[tuple[str, str, int], bool] | None = None,
    callee_overrides: Mapping[str, bool] | None = None,
    relevel: bool = False,
    internal: Sequence[str] = (),
    record_decisions: bool = True,
    by_symbol: bool = False,
    name: str | None = None,
) -> Compilation:
    """Optimise a module as ``clang -<level>`` would, or lld at the link, and generate its code.

    The object code stays in memory.

    Parameters
    ----------
    source
        LLVM 22 bitcode or textual IR: its bytes, or the path of a file.
    level
        The optimisation level of the build.
    phase
        Where in the build: ``compile``, or the back ends of lld for ThinLTO (``thin-link``, for a
        module with its imports) and for full LTO (``full-link``, for the merged module). Those
        run at ``O2`` where the level is ``Os`` or ``Oz``, as size levels are known to functions
        alone there. Or the compiles before them (``thin-pre-link``, ``full-pre-link``): after
        those the module is linked as if it imported nothing, with LLVM's decisions.
    policy
        Who decides on inlining.
    model
        The ONNX file, needed for the policy ``model``.
    onnxruntime
        ONNX Runtime's library; by default the one of this Python environment.
    overrides
        Advice by number of decision, in place of the policy's.
    site_overrides
        Advice by caller, callee and occurrence (how many decisions on calls of that callee in
        that caller came before), where ``overrides`` says nothing.
    callee_overrides
        Advice for every call of a function, by its name, where neither says anything.
    relevel
        Give functions the size attributes that clang gives them at ``level``, whatever level the
        module was made for.
    internal
        In phases before a link, the definitions that no other module refers to.
    record_decisions
        Whether `Compilation.decisions` is filled.
    by_symbol
        Whether `Compilation.pieces` has each symbol by itself, in a section of its own.
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
    job, bitcode = prepare(
        source, level, phase, policy, model, onnxruntime, relevel, name, internal
    )
    given = Overrides(overrides or {}, site_overrides or {}, callee_overrides or {})
    try:
        native = _native.compile(
            bitcode, job, given, record_decisions=record_decisions, by_symbol=by_symbol
        )
    except _native.EngineError as error:
        raise EngineError(str(error), job.name) from None
    return Compilation(native)


def prepare(
    source: bytes | str | Path,
    level: str,
    phase: str,
    policy: str,
    model: str | Path | None,
    onnxruntime: str | Path | None,
    relevel: bool,
    name: str | None,
    internal: Sequence[str],
) -> tuple[Job, bytes]:
    """The job that the arguments of `compile_module` describe, and the module's bytes."""
    name = name or name_one(source)
    bitcode = source if isinstance(source, bytes) else _read(Path(source))
    names = (name, level, phase, policy, str(model or ""), str(onnxruntime or ""))
    return Job(*names, relevel, internal), bitcode


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path}: {error.strerror}", str(path)) from None
