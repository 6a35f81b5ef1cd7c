"""Compile one module in this process, with inlining decided as the caller says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from llvm_tools import _native
from llvm_tools.errors import EngineError

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
        """
        return pl.DataFrame(self._native.decisions())

    def pieces(self) -> pl.DataFrame:
        """Loadable bytes that a linker keeps or drops together.

        Returns
        -------
        polars.DataFrame
            ``comdat`` (the group's signature; empty for what is in none), ``kind`` (one of
            `llvm_tools.SECTION_KINDS`), ``bytes``.
        """
        return pl.DataFrame(self._native.pieces())

    def symbols(self) -> pl.DataFrame:
        """Bytes of functions and objects: ``symbol``, ``kind``, ``bytes``."""
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

    Raises
    ------
    EngineError
        If the module cannot be read or compiled, or the model not used.
    """
    if isinstance(source, bytes):
        bitcode, default_name = source, "<bytes>"
    else:
        bitcode, default_name = _read(Path(source)), str(source)
    try:
        native = _native.compile(
            bitcode,
            name=name or default_name,
            level=level,
            policy=policy,
            model=str(model or ""),
            onnxruntime=str(onnxruntime or ""),
            overrides=dict(overrides or {}),
            callee_overrides=dict(callee_overrides or {}),
            record_decisions=record_decisions,
        )
    except _native.EngineError as error:
        raise EngineError(str(error)) from None
    return Compilation(native)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path}: {error.strerror}") from None
