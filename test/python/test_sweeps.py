"""Sweeps: many alternatives judged in one compile, against their known costs."""

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

import llvm_tools
from fastir_train.label.replay import Site
from fastir_train.tune.sweeps import MOST_SWEEPS, Sites, Sweeps, Swept
from fastir_train.tune.units import units_of

Units = Mapping[str, float]


def _swept(sites: Sites, units: Units, growth: Mapping[Site, float] | None = None) -> Swept:
    predictions = [(growth or {}).get(site, 0.0) for site in sites]
    decisions = pl.DataFrame({"prediction": predictions}, schema={"prediction": pl.Float64})
    present = {name: cost for name, cost in units.items() if cost}
    return Swept(decisions, dict(sites), present, sum(present.values()))


class Machine:
    """A module whose units cost what a function of its decisions says."""

    def __init__(self, start: Sites, units: Callable[[Sites], Units]) -> None:
        self._start = start
        self._units = units
        self.compiles = 0

    def __call__(self, sites: Sites) -> Swept:
        """Compile it."""
        self.compiles += 1
        decided = {site: sites.get(site, each) for site, each in self._start.items()}
        return _swept(decided, self._units(decided))

    def improved(self, threads: int = 1) -> Swept:
        """Under the best decisions that sweeps find."""
        sweeps = Sweeps.of(self(self._start))
        while not sweeps.is_done:
            before = sweeps.verified.cost
            sweeps.step(self, threads)
            assert sweeps.verified.cost <= before
        return sweeps.verified


@pytest.mark.parametrize("threads", [1, 2])
def test_independent_functions_are_judged_in_one_compile(threads: int) -> None:
    # Each of 40 callers has one call, of a callee that stays: every third pays.
    worth = {(f"f{n}", "shared", 0): -5.0 if n % 3 == 0 else 4.0 for n in range(40)}

    def units(sites: Sites) -> Units:
        return {"shared": 9.0, "other": 1.0} | {
            site[0]: 100.0 + (worth[site] if sites[site] else 0.0) for site in worth
        }

    machine = Machine(dict.fromkeys(worth, False), units)
    best = machine.improved(threads)
    assert {site for site, inlines in best.sites.items() if inlines} == {
        site for site, change in worth.items() if change < 0
    }
    assert machine.compiles < 15


@pytest.mark.parametrize("threads", [1, 2])
def test_a_callee_that_goes_with_its_last_call_is_no_ones_alone(threads: int) -> None:
    # Inlining costs 12 in f and in g; the body, 20, goes with both. It does not pay.
    sites = {("f", "body", 0): False, ("g", "body", 0): False}

    def units(sites: Sites) -> Units:
        f, g = sites.values()
        return {"f": 50 + 12 * f, "g": 50 + 12 * g, "body": 0 if f and g else 20}

    best = Machine(sites, units).improved(threads)
    assert best.sites == sites


@pytest.mark.parametrize("threads", [1, 2])
def test_all_calls_of_a_callee_are_tried_together(threads: int) -> None:
    sites = {(name, "body", 0): False for name in ("f", "g", "h")}

    def units(sites: Sites) -> Units:
        body = 0 if all(sites.values()) else 40
        return {site[0]: 50 + 12 * inlines for site, inlines in sites.items()} | {"body": body}

    best = Machine(sites, units).improved(threads)
    assert all(best.sites.values())


@pytest.mark.parametrize("threads", [1, 2])
def test_what_does_not_pay_in_company_is_taken_back(threads: int) -> None:
    # f and g look independent; when both are inlined, f grows for a reason that no call shows.
    sites = {("f", "a", 0): False, ("g", "b", 0): False, ("h", "c", 0): False}

    def units(sites: Sites) -> Units:
        f, g, h = sites.values()
        return {
            "f": 50 - 3 * f + 30 * (f and g and not h) + 30 * (f and g and h),
            "g": 50 - 4 * g,
            "h": 50 - 5 * h,
            "a": 9,
            "b": 9,
            "c": 9,
        }

    best = Machine(sites, units).improved(threads)
    assert best.cost == 3 * 50 + 27 - 4 - 5
    assert best.sites == {("f", "a", 0): False, ("g", "b", 0): True, ("h", "c", 0): True}


def test_a_call_is_judged_where_its_caller_ends_up() -> None:
    # The inner function is inlined into two others, where its call costs more than it saves.
    sites = {
        ("inner", "leaf", 0): True,
        ("f", "inner", 0): True,
        ("g", "inner", 0): True,
    }

    def units(sites: Sites) -> Units:
        (leaf, f, g) = sites.values()
        inner = 20 + 10 * leaf
        return {
            "leaf": 0 if leaf else 15,
            "f": 30 + (inner if f else 30),
            "g": 30 + (inner if g else 30),
            "inner": 0 if f and g else inner,
        }

    best = Machine(sites, units).improved()
    # By trying all of them.
    every = [
        sum(units(dict(zip(sites, (a, b, c), strict=True))).values())
        for a in (False, True)
        for b in (False, True)
        for c in (False, True)
    ]
    assert best.cost == min(every) == 115


def test_what_the_model_thinks_hopeless_is_not_tried() -> None:
    sites = {("f", "a", 0): False, ("g", "b", 0): False}
    growth = {("f", "a", 0): 500.0, ("g", "b", 0): 5.0}
    tried: list[Sites] = []

    def compiled(named: Sites) -> Swept:
        tried.append(named)
        return _swept({**sites, **named}, {"f": 9, "g": 9}, growth)

    sweeps = Sweeps.of(compiled(sites))
    while not sweeps.is_done:
        sweeps.step(compiled)
    assert {site for named in tried for site, inlines in named.items() if inlines} == {
        ("g", "b", 0)
    }


def test_a_copy_is_left_as_it_was() -> None:
    sites = {(f"f{n}", "shared", 0): False for n in range(9)}

    def units(sites: Sites) -> Units:
        return {"shared": 9} | {site[0]: 50 - 2 * each for site, each in sites.items()}

    machine = Machine(sites, units)
    sweeps = Sweeps.of(machine(sites))
    kept = sweeps.copy()
    sweeps.step(machine, most=MOST_SWEEPS)
    assert sweeps.verified.cost < kept.verified.cost
    compiles = machine.compiles
    kept.step(machine)
    assert kept.verified.cost == sweeps.verified.cost
    assert machine.compiles > compiles


def test_units_come_to_what_the_engine_counts(tmp_path: Path) -> None:
    source = """
    template <class T>
    __attribute__((noinline)) T twice(T x) { static T seen; seen += x; return x + seen; }
    const char *name(int x) { return x ? "one" : "two"; }
    struct Base { virtual ~Base(); virtual int f(int); };
    int Base::f(int x) { if (x > 3) throw x; return twice(x) + (int)twice(2.0 * x); }
    Base::~Base() {}
    """
    (tmp_path / "m.cpp").write_text(source)
    command = ["clang++-22", "-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c"]
    subprocess.run([*command, tmp_path / "m.cpp", "-o", tmp_path / "m.bc"], check=True)
    weights = {"_Z5twiceIiET_S0_": 0.25}
    measured = llvm_tools.measure_alternatives(tmp_path / "m.bc", [], weights=weights)
    units = units_of(measured.base, weights)
    assert units["text"].sum() == measured.text
    assert units["loadable"].sum() == measured.loadable
    whole = units_of(measured.base, {})
    of_template = pl.col("unit") == "_Z5twiceIiET_S0_"
    assert (
        units.filter(of_template)["loadable"].item()
        == whole.filter(of_template)["loadable"].item() / 4
    )


def _two_that_pay_together(sites: Sites) -> Units:
    """In each of nine functions two calls pay, if both are inlined."""
    both = [sites[f"f{n}", "a", 0] + sites[f"f{n}", "b", 0] for n in range(9)]
    changes = {0: 0.0, 1: 5.0, 2: -8.0}
    return {"a": 9, "b": 9} | {f"f{n}": 50 + changes[each] for n, each in enumerate(both)}


@pytest.mark.parametrize("threads", [1, 2])
def test_drawn_sets_find_what_pays_in_company(threads: int) -> None:
    sites = {(f"f{n}", callee, 0): False for n in range(9) for callee in ("a", "b")}
    machine = Machine(sites, _two_that_pay_together)
    sweeps = Sweeps.of(machine(sites))
    while not sweeps.is_done:
        sweeps.step(machine, threads)
    assert sweeps.verified.sites == sites
    sweeps.draw({})
    while not sweeps.is_done:
        sweeps.step(machine, threads)
    assert all(sweeps.verified.sites.values())


def test_each_function_is_tried_as_elsewhere() -> None:
    sites = {(f"f{n}", callee, 0): False for n in range(9) for callee in ("a", "b")}
    machine = Machine(sites, _two_that_pay_together)
    sweeps = Sweeps.of(machine(sites))
    # In f0 and f1 the other result is better, in f2 it is worse.
    other = {site: site[0] in ("f0", "f1") or site == ("f2", "a", 0) for site in sites}
    sweeps.draw(other)
    compiles = machine.compiles
    sweeps.step(machine, most=1)
    assert machine.compiles == compiles + 2
    inlined = {site for site, inlines in sweeps.verified.sites.items() if inlines}
    assert {site for site, inlines in other.items() if inlines} - inlined == {("f2", "a", 0)}


def test_what_was_tried_is_known_while_its_function_stays() -> None:
    worth = {("f", "a", 0): 3.0, ("f", "b", 0): 7.0, ("g", "a", 0): -2.0, ("g", "b", 0): 4.0}

    def units(sites: Sites) -> Units:
        changed = {"f": 50.0, "g": 50.0, "a": 9.0, "b": 9.0}
        for site, inlines in sites.items():
            changed[site[0]] += worth[site] * inlines
        return changed

    start = dict.fromkeys(worth, False)
    machine = Machine(start, units)
    sweeps = Sweeps.of(machine(start))
    while not sweeps.is_done:
        sweeps.step(machine)
    assert sweeps.verified.cost == sum(units(start).values()) - 2
    alone = {sites: cost for sites, cost in sweeps.known.items() if len(sites) == 1}
    now = sweeps.verified.sites
    for sites, cost in alone.items():
        (site,) = sites
        assert cost == worth[site] * (-1 if now[site] else 1)
    # What was tried in g before one of its calls was taken is not known any more.
    assert {site for sites in alone for site in sites if site[0] == "f"} == {
        site for site in worth if site[0] == "f"
    }
