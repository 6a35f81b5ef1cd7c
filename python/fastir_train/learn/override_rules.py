"""Where a model keeps LLVM's decision: little is at stake, or what is at stake is time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastir_train.learn.dataset import compress

LLVM = "llvm_decision"
MERGED = "is_callee_linkonce_or_weak"


@dataclass(frozen=True)
class Margin:
    """Bytes that a decision other than LLVM's must save.

    The model adds them, compressed like its targets, to what it predicts; its features must hold
    ``llvm_decision`` and ``is_callee_linkonce_or_weak``.
    """

    merged: float = 0.0
    """Where the linker merges the callee's copies: templates and functions of headers."""
    own: float = 0.0
    """Where the callee is the module's own."""

    def __bool__(self) -> bool:
        return bool(self.merged or self.own)

    @property
    def splits(self) -> tuple[tuple[str, float], ...]:
        """Levels of a complete tree: a feature, and the value that it is compared with."""
        return (LLVM, 0.5), (MERGED, 0.5)

    @property
    def leaves(self) -> tuple[float, ...]:
        """What the tree adds, by the bits that its levels spell, the first the highest."""
        own, merged = compress(np.array([self.own, self.merged])).tolist()
        return own, merged, -own, -merged

    def apply(self, target: np.ndarray, features: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Compressed predictions [N] for ``features`` [N, F] as the model gives them."""
        leaf = np.zeros(len(features), dtype=np.int64)
        for name, value in self.splits:
            leaf = 2 * leaf + (features[:, names.index(name)] > value)
        return target + np.array(self.leaves)[leaf]


NO_MARGIN = Margin()


@dataclass(frozen=True)
class Condition:
    """A feature compared with a value: ``above`` it, or at most as large."""

    feature: str
    above: bool
    value: int

    def __str__(self) -> str:
        return f"{self.feature}{'>' if self.above else '<='}{self.value}"


@dataclass(frozen=True)
class KeepRule:
    """Where all conditions hold, LLVM's decision is kept, whatever the model predicts."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return ",".join(map(str, self.conditions))

    @classmethod
    def parse(cls, text: str) -> "KeepRule":
        """Read a rule as ``str`` writes it."""
        conditions = []
        for part in text.split(","):
            above = "<=" not in part
            feature, value = part.split(">" if above else "<=")
            conditions.append(Condition(feature, above, int(value)))
        return cls(tuple(conditions))

    def holds(self, features: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Whether it keeps LLVM's decision: bool [N], for ``features`` [N, F]."""
        held = np.ones(len(features), dtype=bool)
        for condition in self.conditions:
            is_above = features[:, names.index(condition.feature)] > condition.value
            held &= is_above == condition.above
        return held


KEEP_INLINED = KeepRule((Condition(LLVM, above=True, value=0),))
"""What LLVM inlines stays inlined."""


def format_rules(rules: Sequence[KeepRule]) -> str:
    """Rules as a model's metadata has them."""
    return ";".join(map(str, rules))


def parse_rules(text: str) -> tuple[KeepRule, ...]:
    """The inverse of `format_rules`."""
    return tuple(KeepRule.parse(part) for part in text.split(";") if part)


def keeps_default(
    rules: Sequence[KeepRule], features: np.ndarray, names: Sequence[str]
) -> np.ndarray:
    """Whether any rule keeps LLVM's decision: bool [N], for ``features`` [N, F]."""
    kept = np.zeros(len(features), dtype=bool)
    for rule in rules:
        kept |= rule.holds(features, names)
    return kept


@dataclass(frozen=True)
class TimeGuards:
    """Where execution time matters more than the objective, so that LLVM's decision is kept."""

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

    def rules(self) -> tuple[KeepRule, ...]:
        """What the model's metadata holds; a limit of 0 gives no rule."""
        found = []
        inlined, called = Condition(LLVM, above=True, value=0), Condition(LLVM, False, 0)
        if self.busy_callee:
            size = Condition("callee_instruction_count", False, self.busy_callee)
            found.append((inlined, Condition("is_callsite_in_cycle", True, 0), size))
        if self.quick_callee:
            path = Condition("callee_shortest_path", False, self.quick_callee)
            found.append((inlined, Condition("is_callsite_exceptional", False, 0), path))
        if self.small_caller:
            size = Condition("caller_instruction_count", False, self.small_caller)
            found.append((called, Condition("is_in_entry_block", False, 0), size))
        return tuple(map(KeepRule, found))


NO_GUARDS = TimeGuards()
