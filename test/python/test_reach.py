"""What of a measured change of execution is whose: programs that are counted by hand."""

from collections import Counter

import pytest

from fastir_train.runtime.callgrind import Executed
from fastir_train.tune.reach import Credit, InlinedInto, Reach, apart, joined


def _executed(own: dict[str, int], calls: dict[tuple[str, str], int]) -> Executed:
    return Executed(Counter(own), Counter(calls))


# `f` and `g` call `h` 10 and 30 times, which executes 5 a call and calls `k`, which executes 2.
BEFORE = _executed(
    {"f": 100, "g": 300, "h": 200, "k": 80},
    {("main", "f"): 1, ("main", "g"): 1, ("f", "h"): 10, ("g", "h"): 30, ("h", "k"): 40},
)
F = Reach({"f"}, {"h"})
G = Reach({"g"}, {"h"})


def test_callers_that_share_a_callee_each_get_their_own_calls() -> None:
    # `h` goes into both: 3 instructions a call are left of its 5, and the call of `k`.
    after = _executed(
        {"f": 130, "g": 390, "k": 80},
        {("main", "f"): 1, ("main", "g"): 1, ("f", "k"): 10, ("g", "k"): 30},
    )
    credit = Credit(BEFORE, after)
    assert credit.of(F) == pytest.approx(30 - 10 * 5)
    assert credit.of(G) == pytest.approx(90 - 30 * 5)


def test_what_goes_with_the_callee_counts_as_well() -> None:
    # `k` goes into the copy of `h` in `f`, and stays where it is for `g`.
    after = _executed(
        {"f": 140, "g": 300, "h": 150, "k": 60},
        {("main", "f"): 1, ("main", "g"): 1, ("g", "h"): 30, ("h", "k"): 30},
    )
    credit = Credit(BEFORE, after)
    assert credit.of(F) == pytest.approx(40 - 10 * 5 - 10 * 2)
    assert credit.of(G) == pytest.approx(0)


def test_a_function_that_another_change_has_called_less_is_compared_a_call() -> None:
    # Another change takes half of the calls of `h` away; `k` is inlined into `h`, which saves 1.
    after = _executed(
        {"f": 100, "g": 300, "h": 20 * 6},
        {("main", "f"): 1, ("main", "g"): 1, ("f", "h"): 10, ("g", "h"): 10},
    )
    assert Credit(BEFORE, after).of(Reach({"h"}, {"k"})) == pytest.approx(20 * (6 - 5 - 2))


def test_what_is_not_executed_any_more_tells_nothing() -> None:
    after = _executed({"f": 100, "g": 300}, {("main", "f"): 1, ("main", "g"): 1})
    assert Credit(BEFORE, after).of(Reach({"h"}, {"k"})) is None


def test_changes_reach_what_their_callers_were_inlined_into() -> None:
    sites = {("f", "h", 0): True, ("g", "f", 0): True, ("g", "k", 0): False, ("m", "g", 0): False}
    inlined = InlinedInto.of(sites)
    assert inlined.reach([("h", "x", 0)]) == Reach({"h", "f", "g"}, {"x"})
    assert inlined.reach([("m", "g", 0), ("k", "y", 0)]) == Reach({"m", "k"}, {"g", "y"})


def test_changes_that_meet_are_not_measured_together() -> None:
    callee_changes = Reach({"h"}, {"k"})
    assert F.meets(callee_changes)
    assert not F.meets(G)
    assert apart([F, callee_changes, G], 3) == [0, 2]
    assert apart([F, callee_changes, G], 1) == [0]
    assert joined([F, G]) == Reach({"f", "g"}, {"h"})
