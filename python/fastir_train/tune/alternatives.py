"""Which decisions of a module to take otherwise together."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from fastir_train.label.replay import Site

Flips = frozenset[int]
"""Decisions to take otherwise, by their number."""

_SCALE = 12.0
"""Bytes: a decision that costs so much alone is drawn e times less often."""


def as_elsewhere(sites: Mapping[Site, bool], other: Mapping[Site, bool]) -> list[Flips]:
    """For each caller, the decisions that are other ones elsewhere."""
    found: dict[str, set[int]] = {}
    for number, (site, inlines) in enumerate(sites.items()):
        if other.get(site, inlines) != inlines:
            found.setdefault(site[0], set()).add(number)
    return [frozenset(numbers) for numbers in found.values()]


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
    decisions: pl.DataFrame,
    known: Mapping[Flips, float],
    count: int,
    random: np.random.Generator,
) -> list[Flips]:
    """Sets of two to four decisions that meet in a function, those that cost little the likelier.

    Decisions meet where one's caller is the other's caller or callee, or both have one callee.
    """
    costs = np.array(
        [known.get(frozenset([each]), _SCALE) for each in range(decisions.height)], dtype=float
    )
    weights = np.exp(-np.clip(costs, 0, 50 * _SCALE) / _SCALE) + 1e-6
    ends = decisions.select("caller", "callee").rows()
    touching: dict[str, list[int]] = {}
    for number, pair in enumerate(ends):
        for name in dict.fromkeys(pair):
            touching.setdefault(name, []).append(number)
    found: dict[Flips, None] = {}
    firsts = random.choice(len(ends), size=4 * count, p=weights / weights.sum())
    for first in firsts:
        members = {int(first)}
        for _ in range(int(random.choice([1, 1, 2, 3]))):
            name = ends[int(random.choice(sorted(members)))][int(random.integers(2))]
            near = touching[name]
            if len(near) > 400:
                near = [near[int(each)] for each in random.integers(len(near), size=400)]
            share = weights[near]
            members.add(int(random.choice(near, p=share / share.sum())))
        flips = frozenset(members)
        if len(flips) > 1 and flips not in known:
            found[flips] = None
        if len(found) == count:
            break
    return list(found)
