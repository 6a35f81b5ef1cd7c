"""Which functions a changed decision can change, and what of a measured change is whose."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from fastir_train.label.replay import Site
from fastir_train.runtime.callgrind import Executed

_DEPTH = 8
"""Calls that a changed number of calls is followed through."""
_TINY = 0.5
"""A change by fewer calls is followed no further."""


@dataclass(frozen=True)
class Reach:
    """The functions that a change of decisions concerns."""

    near: set[str]
    """The callers, and the functions that have their code in them."""
    callees: set[str]

    def add(self, other: "Reach") -> None:
        """Make this the reach of both changes."""
        self.near.update(other.near)
        self.callees.update(other.callees)

    def meets(self, other: "Reach") -> bool:
        """Whether what one of two changes does depends on the other."""
        return not (
            self.near.isdisjoint(other.near)
            and self.near.isdisjoint(other.callees)
            and self.callees.isdisjoint(other.near)
        )


def closure(names: Iterable[str], edges: Mapping[str, Collection[str]]) -> set[str]:
    """All functions that are reached from some along edges, these included."""
    reached = set(names)
    waiting = list(reached)
    while waiting:
        for name in edges.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


@dataclass(frozen=True)
class InlinedInto:
    """By function of a module, those that have its code in them."""

    containers: Mapping[str, Set[str]]

    @classmethod
    def of(cls, sites: Mapping[Site, bool]) -> "InlinedInto":
        """Of a module whose calls are inlined so."""
        containers: dict[str, set[str]] = {}
        for (caller, callee, _), inlines in sites.items():
            if inlines:
                containers.setdefault(callee, set()).add(caller)
        return cls(containers)

    def reach(self, sites: Sequence[Site]) -> Reach:
        """Of taking the decisions on some calls otherwise."""
        near = closure((caller for caller, _, _ in sites), self.containers)
        return Reach(near, {callee for _, callee, _ in sites})


def joined(reaches: Sequence[Reach]) -> Reach:
    """Of several changes as one."""
    return Reach(
        set[str]().union(*(reach.near for reach in reaches)),
        set[str]().union(*(reach.callees for reach in reaches)),
    )


def apart(reaches: Sequence[Reach], most: int) -> list[int]:
    """The first of several changes none of which meets another, by their number."""
    chosen: list[int] = []
    together = Reach(set(), set())
    for number, reach in enumerate(reaches):
        if not together.meets(reach):
            together.add(reach)
            chosen.append(number)
        if len(chosen) == most:
            break
    return chosen


class Credit:
    """Divides what became of a program's execution among changes that do not meet.

    A change answers for what the functions near it execute themselves, more or less than before,
    and for the calls that they make more or fewer: each counts what its callee executes a call, as
    it was before, and is followed to the calls that the callee makes in turn. Where the functions
    near a change are called more or less often themselves, another change is the reason: all is
    compared a call.
    """

    def __init__(self, before: Executed, after: Executed) -> None:
        self._before = _Calls(before)
        self._after = _Calls(after)

    def of(self, reach: Reach) -> float | None:
        """Instructions that a change adds; None where others left nothing of it to be executed."""
        instructions = 0.0
        added: dict[str, float] = defaultdict(float)
        for name in reach.near:
            entered = self._before.entered(name, reach.near)
            ratio = self._after.entered(name, reach.near) / entered if entered else 1.0
            if ratio == 0:
                return None
            instructions += self._after.own(name) - ratio * self._before.own(name)
            for callee, number in self._after.made_by(name).items():
                added[callee] += number
            for callee, number in self._before.made_by(name).items():
                added[callee] -= ratio * number
        for _ in range(_DEPTH):
            following: dict[str, float] = defaultdict(float)
            for name, number in added.items():
                if name in reach.near or abs(number) < _TINY:
                    continue
                calls = self._before if self._before.number(name) else self._after
                share = number / max(calls.number(name), 1)
                instructions += share * calls.own(name)
                for callee, made in calls.made_by(name).items():
                    following[callee] += share * made
            added = following
        return instructions


class _Calls:
    """Who called whom how often."""

    def __init__(self, executed: Executed) -> None:
        self._executed = executed
        self._made_by: dict[str, dict[str, int]] = defaultdict(dict)
        self._number: Counter[str] = Counter()
        for (caller, callee), number in executed.calls.items():
            self._made_by[caller][callee] = number
            self._number[callee] += number

    def own(self, name: str) -> int:
        """What a function executed itself."""
        return self._executed.own[name]

    def number(self, name: str) -> int:
        """How often a function was called."""
        return self._number[name]

    def made_by(self, name: str) -> Mapping[str, int]:
        """What a function called, and how often."""
        return self._made_by.get(name, {})

    def entered(self, name: str, inside: Set[str]) -> int:
        """How often a function was called by others than some."""
        own = sum(self._executed.calls[each, name] for each in inside)
        return self._number[name] - own
