"""Measure what alternative inlining decisions do to a module's bytes, many in one compile.

The work is done in worker processes, as in `llvm_tools.features`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from llvm_tools import _native
from llvm_tools.engine import Compilation, Level, Phase, Policy, prepare
from llvm_tools.errors import EngineError
from llvm_tools.worker import WORKER, absolute

UNBOUNDED = 2**32


@dataclass(frozen=True)
class Alternatives:
    """Measured alternatives of one module."""

    base: Compilation
    """The compile that they change, with its decisions."""
    text: float
    """Bytes of code of the base, comdats weighted; without constants that linkers merge."""
    loadable: float
    """Loadable bytes of the base, likewise."""
    changes: pl.DataFrame
    """A row for each alternative, in the order given: ``delta_text``, ``delta_loadable``, bytes
    more than the base (Float64)."""
    compiles: int
    """How many compiles it took, the base's among them."""
    reused: int
    """How many functions they took over from the base, in place of compiling them again."""
    seconds: float
    """CPU seconds that all of them took."""


def measure_alternatives(
    source: bytes | str | Path,
    alternatives: Sequence[Mapping[int, bool]],
    *,
    level: Level = "Oz",
    phase: Phase = "compile",
    policy: Policy = "llvm",
    model: str | Path | None = None,
    onnxruntime: str | Path | None = None,
    site_overrides: Mapping[tuple[str, str, int], bool] | None = None,
    relevel: bool = False,
    internal: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
    batch_size: int | None = None,
    name: str | None = None,
) -> Alternatives:
    """Compile a module, and measure what happens to its bytes if decisions are taken otherwise.

    All decisions that an alternative does not name stay as the policy took them in the base
    compile; only calls that an alternative newly exposes are the policy's to decide.

    Alternatives that touch different functions share a compile. Each function's change is put
    down to the alternative that reaches it, along the calls that were inlined; where that leaves
    a doubt, the alternatives in question are measured again, each alone. What none of its decisions
    can reach is not compiled again, but taken over from the base.

    Parameters
    ----------
    source
        LLVM 22 bitcode or textual IR: its bytes, or the path of a file.
    alternatives
        Each the decisions to take otherwise: advice by number in the base compile.
    level, phase, policy, model, onnxruntime, site_overrides, relevel, internal, name
        As in `llvm_tools.compile_module`.
    weights
        By comdat, the share of it that this module answers for; in full where it is not named.
    batch_size
        How many alternatives may share a compile; 1 measures each alone. By default as many as do
        not disturb one another.

    Returns
    -------
    Alternatives
        The base compile and the changes.

    Raises
    ------
    EngineError
        If the module cannot be compiled, LLVM crashes on it, or an alternative names a decision
        that there is not.

    Examples
    --------
    >>> import llvm_tools
    >>> source = (
    ...     b'target triple = "x86_64-pc-linux-gnu"'
    ...     b"define internal i32 @g(i32 %x) nounwind { %y = mul i32 %x, %x ret i32 %y }"
    ...     b"define i32 @f(i32 %x) nounwind { %y = call i32 @g(i32 %x) ret i32 %y }"
    ... )
    >>> measured = llvm_tools.measure_alternatives(source, [{0: False}])
    >>> measured.changes["delta_text"].item() > 0
    True
    """
    job, bitcode = prepare(
        source,
        level,
        phase,
        policy,
        absolute(str(model or "")),
        absolute(str(onnxruntime or "")),
        relevel,
        name,
        internal,
    )
    flips = [sorted(alternative.items()) for alternative in alternatives]
    try:
        done = _native.evaluate(
            bitcode,
            job,
            flips,
            worker=WORKER,
            sites=site_overrides or {},
            weights=weights or {},
            batch_size=batch_size or UNBOUNDED,
        )
    except _native.EngineError as error:
        raise EngineError(str(error), job.name) from None
    schema = {"delta_text": pl.Float64, "delta_loadable": pl.Float64}
    return Alternatives(
        Compilation(done.base),
        *done.bytes,
        changes=pl.DataFrame(done.changes, schema=schema, orient="row"),
        compiles=done.compiles,
        reused=done.reused,
        seconds=done.seconds,
    )
