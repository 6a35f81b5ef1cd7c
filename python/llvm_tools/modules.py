"""Modules as wholes: their text, bitcode, passes run on them, what they weigh as object files.

As in `llvm_tools.features`, every function takes one module or many, and works in worker
processes. Of many, a `Batch` comes back, with texts or bitcode in a column of its frame.
"""

from os import PathLike, fspath
from typing import Any, Unpack, overload

import polars as pl

from llvm_tools.batch import Batch, RunOptions, Settings, one_or_many
from llvm_tools.engine import Level
from llvm_tools.errors import UsageError
from llvm_tools.sources import Source, Sources


def _value(result: pl.DataFrame | Batch, column: str) -> Any:
    """The one value of one module's frame."""
    return result if isinstance(result, Batch) else result[column].item()


def _settings(
    level: str | None, model: str | PathLike[str] | None, onnxruntime: str | PathLike[str] | None
) -> Settings:
    return {
        "level": level or "",
        "policy": "llvm" if model is None else "model",
        "model": "" if model is None else fspath(model),
        "onnxruntime": "" if onnxruntime is None else fspath(onnxruntime),
    }


@overload
def to_ir(src: Source, **options: Unpack[RunOptions]) -> str: ...
@overload
def to_ir(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def to_ir(src: Source | Sources, **options: Unpack[RunOptions]) -> str | Batch:
    """Textual IR.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    str or Batch
        The text; of many modules a batch whose frame has the columns ``module`` and ``ir``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module that cannot be read; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> print(llvm_tools.to_ir(b"define void @f() { ret void }", name="m"))
    ; ModuleID = 'm'
    source_filename = "m"
    <BLANKLINE>
    define void @f() {
      ret void
    }
    <BLANKLINE>
    """
    return _value(one_or_many("to_ir", src, {}, options), "ir")


@overload
def to_bitcode(src: Source, **options: Unpack[RunOptions]) -> bytes: ...
@overload
def to_bitcode(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def to_bitcode(src: Source | Sources, **options: Unpack[RunOptions]) -> bytes | Batch:
    """Bitcode of LLVM 22.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    bytes or Batch
        The bitcode; of many modules a batch whose frame has the columns ``module`` and
        ``bitcode``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module that cannot be read; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> llvm_tools.to_bitcode(b"define void @f() { ret void }")[:2]
    b'BC'
    """
    return _value(one_or_many("to_bitcode", src, {}, options), "bitcode")


@overload
def verify(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def verify(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def verify(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """What LLVM's verifier says.

    What passes, code generation or `inlining_features` are to work on is always verified, and so
    is textual IR; an invalid module is refused with `InvalidModuleError`.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a module: ``module``, ``is_valid``, and ``message``, which is null if it is.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module that cannot even be read.

    Examples
    --------
    >>> import llvm_tools
    >>> llvm_tools.verify(b"define i32 @f() { %y = add i32 %y, 1 ret i32 %y }").row(0)[1:]
    (False, 'Only PHI nodes may reference their own value!; %y = add i32 %y, 1')
    """
    return one_or_many("verify", src, {}, options)


@overload
def run_passes(src: Source, passes: str, **options: Unpack[RunOptions]) -> bytes: ...
@overload
def run_passes(src: Sources, passes: str, **options: Unpack[RunOptions]) -> Batch: ...
def run_passes(src: Source | Sources, passes: str, **options: Unpack[RunOptions]) -> bytes | Batch:
    """Run passes, as stock opt would.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    passes
        A pipeline in the language of opt's ``-passes=``.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    bytes or Batch
        The bitcode behind the passes; of many modules a batch whose frame has the columns
        ``module`` and ``bitcode``.

    Raises
    ------
    EngineError
        If ``src`` is one module and there is no such pass.
    LlvmToolsError
        If it cannot be read; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> bitcode = llvm_tools.run_passes(
    ...     b"define i32 @f(i32 %x) { %y = add i32 %x, 0 ret i32 %y }", "instcombine"
    ... )
    >>> llvm_tools.instcount(bitcode)["AddCount"].item()
    0
    """
    return _value(one_or_many("run_passes", src, {"passes": passes}, options), "bitcode")


@overload
def optimize(
    src: Source,
    level: Level = "Oz",
    *,
    model: str | PathLike[str] | None = None,
    onnxruntime: str | PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> bytes: ...
@overload
def optimize(
    src: Sources,
    level: Level = "Oz",
    *,
    model: str | PathLike[str] | None = None,
    onnxruntime: str | PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> Batch: ...
def optimize(
    src: Source | Sources,
    level: Level = "Oz",
    *,
    model: str | PathLike[str] | None = None,
    onnxruntime: str | PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> bytes | Batch:
    """Optimise as ``clang -<level>`` would, with inlining decided by a model or by LLVM.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them: as clang has it
        before optimisation (``-emit-llvm -Xclang -disable-llvm-passes``).
    level
        The optimisation level.
    model
        An ONNX file such as ``models/inline-oz.onnx``; by default LLVM decides.
    onnxruntime
        ONNX Runtime's library; by default the one of this Python environment.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    bytes or Batch
        The optimised bitcode; of many modules a batch whose frame has the columns ``module`` and
        ``bitcode``.

    Raises
    ------
    EngineError
        If ``src`` is one module and the level, its target or the model cannot be used.
    LlvmToolsError
        If it cannot be read; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> bitcode = llvm_tools.optimize(
    ...     b'target triple = "x86_64-pc-linux-gnu"'
    ...     b"define internal i32 @g() { ret i32 1 }"
    ...     b"define i32 @f() { %y = call i32 @g() ret i32 %y }"
    ... )
    >>> llvm_tools.function_features(bitcode)["function"].to_list()
    ['f']
    """
    settings = _settings(level, model, onnxruntime)
    return _value(one_or_many("optimize", src, settings, options), "bitcode")


@overload
def object_size(
    src: Source,
    *,
    level: Level | None = None,
    model: str | PathLike[str] | None = None,
    onnxruntime: str | PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> pl.DataFrame: ...
@overload
def object_size(
    src: Sources,
    *,
    level: Level | None = None,
    model: str | PathLike[str] | None = None,
    onnxruntime: str | PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> Batch: ...
def object_size(
    src: Source | Sources,
    *,
    level: Level | None = None,
    model: str | PathLike[str] | None = None,
    onnxruntime: str | PathLike[str] | None = None,
    **options: Unpack[RunOptions],
) -> pl.DataFrame | Batch:
    """Bytes of the object file, by section and symbol.

    Loadable sections only: those that take room in the linked file and in memory. Little-endian
    ELF, and WebAssembly.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    level
        Optimise first, as `optimize` does; by default code is generated for the module as it is.
    model
        With a level: the ONNX file that decides on inlining; by default LLVM decides.
    onnxruntime
        ONNX Runtime's library; by default the one of this Python environment.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a symbol, and one for what each section holds beside symbols; ``bytes`` add up to
        the sections. The columns are those of ``llvm_tools.TABLES["object_size"]``.

    Raises
    ------
    EngineError
        If ``src`` is one module and no such object file can be made of it.
    LlvmToolsError
        If it cannot be read; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.object_size(
    ...     b'target triple = "x86_64-pc-linux-gnu" define void @f() nounwind { ret void }'
    ... )
    >>> frame.filter(kind="text").select("section", "symbol", "bytes").row(0)
    ('.text', 'f', 1)
    """
    if model is not None and level is None:
        raise UsageError("'model' decides while a level optimises; give a level too")
    return one_or_many("object_size", src, _settings(level, model, onnxruntime), options)
