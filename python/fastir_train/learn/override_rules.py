"""Where a model keeps to LLVM's decision: little is at stake, or what is at stake is time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastir_train.learn.dataset import compress

LLVM = "llvm_decision"
MERGED = "is_callee_linkonce_or_weak"

KEPT = 20.0
"""Compressed: more than any prediction."""
KEPT_BYTES = 100_000.0
"""A prediction beyond this, either way, is no estimate: `KeptPrediction` in the plugin."""


@dataclass(frozen=True)
class Step:
    """What a complete tree adds: each level splits on whether a feature is above a value."""

    splits: tuple[tuple[str, float], ...]
    leaves: tuple[float, ...]
    """By the bits that the answers spell, the first level's the highest."""

    def of(self, features: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """What is added for each row of ``features`` [N, F], whose columns are ``names``."""
        leaf = np.zeros(len(features), dtype=np.int64)
        for name, value in self.splits:
            leaf = 2 * leaf + (features[:, names.index(name)] > value)
        return np.array(self.leaves)[leaf]


@dataclass(frozen=True)
class Margin:
    """Bytes that a departure from LLVM's decision must save, and where there shall be none.

    The model adds them, compressed like its targets, to what it predicts; its features must hold
    those that are named here.
    """

    merged: float = 0.0
    """Where the linker merges the callee's copies: templates and functions of headers."""
    own: float = 0.0
    """Where the callee is the module's own."""
    busy_callee: int = 0
    """What LLVM inlines stays inlined in a cycle, if the callee has no more instructions."""
    quick_callee: int = 0
    """What LLVM inlines stays inlined, if a call of the callee may return after no more
    instructions, unless it is executed only when something goes wrong: the call itself would be
    most of the work."""
    small_caller: int = 0
    """What LLVM does not inline stays a call, if the caller has no more instructions, unless the
    call is in its entry block: the caller may be inlined in turn where it is small, and would not
    be any more with what it executes rarely inside."""

    def __bool__(self) -> bool:
        return bool(self.steps())

    def steps(self) -> list[Step]:
        """What the model adds to its compressed predictions."""
        found = []
        if self.merged or self.own:
            own, merged = compress(np.array([self.own, self.merged])).tolist()
            found.append(Step(((LLVM, 0.5), (MERGED, 0.5)), (own, merged, -own, -merged)))
        if self.busy_callee:
            size = ("callee_instruction_count", self.busy_callee + 0.5)
            busy = ((LLVM, 0.5), ("is_callsite_in_cycle", 0.5), size)
            found.append(Step(busy, (0, 0, 0, 0, 0, 0, -KEPT, 0)))
        if self.quick_callee:
            path = ("callee_shortest_path", self.quick_callee + 0.5)
            quick = ((LLVM, 0.5), ("is_callsite_exceptional", 0.5), path)
            found.append(Step(quick, (0, 0, 0, 0, -KEPT, 0, 0, 0)))
        if self.small_caller:
            size = ("caller_instruction_count", self.small_caller + 0.5)
            small = ((LLVM, 0.5), ("is_in_entry_block", 0.5), size)
            found.append(Step(small, (KEPT, 0, 0, 0, 0, 0, 0, 0)))
        return found

    def apply(self, target: np.ndarray, features: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Compressed predictions [N] for ``features`` [N, F] as the model gives them."""
        return target + sum(step.of(features, names) for step in self.steps())


NO_MARGIN = Margin()
