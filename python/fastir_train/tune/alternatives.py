"""Which decisions of a module to take otherwise together."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

Flips = frozenset[int]
"""Decisions to take otherwise, by their number."""

_SCALE = 12.0
"""Bytes: a decision that costs so much alone is drawn e times less often."""
_MOST_NEAR = 400
"""Calls that meet another, of which one is drawn."""


def groups_of(decisions: pl.DataFrame) -> list[Flips]:
    """Of each callee all calls that are left, and all that are inlined; then those of each caller.

    Inlining all calls that are left removes the callee. Where it is gone, leaving one call brings
    it back, which all together do but once.
    """
    found: dict[Flips, None] = {}
    for ends in (("callee",), ("caller", "callee")):
        grouped = decisions.group_by(*ends, "inlines", maintain_order=True).agg("decision")
        found |= {frozenset(numbers): None for numbers in grouped["decision"] if len(numbers) > 1}
    return list(found)


def singles_of(decisions: pl.DataFrame) -> list[Flips]:
    """Each decision, first what the model predicts to change little, or for the better."""
    doubts = doubts_of(decisions)
    return [frozenset([each]) for each in sorted(range(len(doubts)), key=doubts.__getitem__)]


def doubts_of(decisions: pl.DataFrame) -> list[float]:
    """For each decision, by how much the model predicts that the other one makes it worse."""
    doubt = pl.when("inlines").then(-pl.col("prediction")).otherwise("prediction")
    return decisions.select(doubt.fill_null(0.0))["prediction"].to_list()


def meeting(alternatives: Sequence[Flips], decisions: pl.DataFrame) -> list[list[Flips]]:
    """The alternatives in groups: those in one have functions in common, directly or not."""
    ends = decisions.select("caller", "callee").rows()
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := parent.setdefault(name, name)) != name:
            parent[name] = name = parent[above]
        return name

    for flips in alternatives:
        # A callee alone ties nothing together: many callers share one.
        first, *others = {ends[each][0] for each in flips}
        for other in others:
            parent[root(other)] = root(first)
    groups: dict[str, list[Flips]] = {}
    for flips in alternatives:
        caller = ends[min(flips)][0]
        groups.setdefault(root(caller), []).append(flips)
    return list(groups.values())


def company(
    ends: Sequence[tuple[str, str]], costs: Sequence[float], random: np.random.Generator
) -> Iterator[Flips]:
    """Sets of two to four calls that meet in a function, those that cost little the likelier.

    Calls meet where one's caller is the other's caller or callee, or both have one callee.

    Parameters
    ----------
    ends
        Caller and callee of each call.
    costs
        Bytes that it costs to decide each otherwise.
    random
        Draws. Each call is the first of one set.
    """
    weights = np.exp(-np.clip(costs, -20 * _SCALE, 50 * _SCALE) / _SCALE) + 1e-6
    touching: dict[str, list[int]] = {}
    for number, pair in enumerate(ends):
        for name in dict.fromkeys(pair):
            touching.setdefault(name, []).append(number)
    for first in np.argsort(random.exponential(size=len(ends)) / weights):
        members = {int(first)}
        for _ in range(int(random.choice([1, 1, 2, 3]))):
            name = ends[int(random.choice(sorted(members)))][int(random.integers(2))]
            near = touching[name]
            if len(near) > _MOST_NEAR:
                near = [near[int(each)] for each in random.integers(len(near), size=_MOST_NEAR)]
            share = weights[near]
            members.add(int(random.choice(near, p=share / share.sum())))
        if len(members) > 1:
            yield frozenset(members)
