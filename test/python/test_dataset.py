"""From labels to costs: joint effects of a callee's calls, by hand-made labels."""

import polars as pl
import pytest

from fastir_train.learn.dataset import site_costs
from fastir_train.problem.objective import SizeObjective
from llvm_tools import FEATURE_NAMES


def _row(kind: str, decision: int, delta: float, **facts: object) -> dict:
    features = dict.fromkeys(FEATURE_NAMES, 0)
    row = {
        "project": "p",
        "module": "m",
        "rollout": "llvm",
        "kind": kind,
        "decision": decision,
        "caller": f"f{decision}",
        "callee": "g",
        "inlines": False,
        "llvm_inlines": False,
        "delta_text": delta,
        "delta_loadable": delta,
        **features,
        "callee_call_site_count": 2,
        "is_callee_discardable": 1,
    }
    return row | facts


def _costs(rows: list[dict], proportion: float = 0.5) -> dict[int, float]:
    costs = site_costs(pl.DataFrame(rows), SizeObjective(proportion, proportion))
    return dict(costs.select("decision", "cost").rows())


def test_calls_of_a_callee_whose_copy_is_dropped_share_the_saving() -> None:
    rows = [_row("group", n, -10.0) for n in (0, 1)] + [_row("single", 0, 25.0)]
    assert _costs(rows) == {0: -10.0, 1: -10.0}


def test_a_callee_whose_copy_stays_costs_what_each_call_costs() -> None:
    rows = [_row("group", n, 4.0) for n in (0, 1)] + [_row("single", 0, -3.0)]
    assert _costs(rows) == {0: -3.0, 1: 4.0}


def test_a_callee_that_cannot_be_dropped_costs_what_each_call_costs() -> None:
    rows = [_row("group", n, -10.0, is_callee_discardable=0) for n in (0, 1)]
    rows.append(_row("single", 0, 25.0, is_callee_discardable=0))
    assert _costs(rows) == {0: 25.0, 1: -10.0}


def test_a_flip_that_brings_the_copy_back_is_ignored() -> None:
    gone = [_row("group", n, 6.0, inlines=True) for n in (0, 1)]
    assert _costs([*gone, _row("single", 0, -40.0, inlines=True)]) == {0: 6.0, 1: 6.0}
    assert _costs([_row("single", 0, -40.0, inlines=True)]) == {}


def test_a_callee_of_one_call_costs_what_its_flip_changes() -> None:
    assert _costs([_row("single", 0, -40.0, inlines=True, callee_call_site_count=1)]) == {0: -40.0}


@pytest.mark.parametrize(("proportion", "cost"), [(0.0, 10.0), (1.0, -10.0), (4.0, -70.0)])
def test_bytes_that_are_no_code_count_in_proportion(proportion: float, cost: float) -> None:
    row = _row("single", 0, 0.0, delta_text=10.0, delta_loadable=-10.0)
    assert _costs([row], proportion)[0] == pytest.approx(cost)


def test_own_and_merged_callees_have_proportions_of_their_own() -> None:
    facts = {"delta_text": -10.0, "delta_loadable": 40.0, "callee_call_site_count": 1}
    merged = {"callee": "merged", "is_callee_linkonce_or_weak": 1}
    rows = [_row("single", 0, 0.0, **facts), _row("single", 1, 0.0, **facts, **merged)]
    costs = site_costs(pl.DataFrame(rows), SizeObjective(merged=0.0, own=1.0))
    assert dict(costs.select("decision", "cost").rows()) == {0: 40.0, 1: -10.0}
