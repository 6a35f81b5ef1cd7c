"""The search for the best decisions of a module, against every decision that there is."""

import itertools
import re
import subprocess
from pathlib import Path

import pytest
from planted import many_calls

import llvm_tools
from fastir_train.label.replay import sites_of
from fastir_train.problem.objective import SizeObjective
from fastir_train.tune.search import Search, SearchTask

OPTIONS = {"level": "Oz", "policy": "llvm", "name": "m"}

# `wide` has two calls, and inlining both is what makes its body go.
COMPANY = """
extern int a, b, c, d;
static int wide(int x) { a = x; b = x * 3; c = x ^ b; d += 2; return x / 7; }
static int small(int x) { return x + 1; }
static int once(int x) { a += x; b -= x; return a * b; }
int f(int x) { return wide(x) + small(x); }
int g(int x) { return wide(x + 1) + once(small(x)); }
int h(int x) { return f(x) + g(x); }
"""
# A caller is small enough to be inlined itself only if what it calls is not inlined.
CHAIN = """
extern int a, b; void out(int);
static void leaf(int x) { a += x; b ^= a; out(a); out(b); out(x); }
static void middle(int x) { if (x) leaf(x); }
void f(int x) { middle(x); middle(x + 1); }
void g(int x) { middle(x - 1); leaf(x); }
"""
ONE_CALLER = """
extern int a[]; extern int next(void);
static int first(int x) { return a[x] * a[x + 1] + next(); }
static int second(int x) { return a[x] * a[x + 2] - next(); }
int f(int x) { int s = first(x); s += second(x) * first(s); return s ^ second(s); }
int g(int x) { int s = second(x + 1); return s * first(s); }
"""
SOURCES = {"company": COMPANY, "chain": CHAIN, "one caller": ONE_CALLER}


def _module(source: str, folder: Path) -> bytes:
    (folder / "m.c").write_text(source)
    command = ["clang-22", "-Oz", "-fPIC", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c"]
    subprocess.run([*command, str(folder / "m.c"), "-o", str(folder / "m.bc")], check=True)
    return (folder / "m.bc").read_bytes()


def _loadable(content: bytes, **options: object) -> float:
    compilation = llvm_tools.compile_module(content, by_symbol=True, **options)  # pyright: ignore[reportArgumentType]
    return compilation.weighted_bytes({})[1]


def _searched(content: bytes) -> Search:
    search = Search(SearchTask(content, OPTIONS, {}, SizeObjective(own=1.0)))
    search.begin()
    while not search.is_done:
        search.step()
    return search


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_the_search_finds_what_trying_everything_finds(source: str, tmp_path: Path) -> None:
    module = _module(source, tmp_path)
    # Which calls there are depends on decisions: sites of all that ever show.
    sites = {}
    for advice in (False, True):
        decisions = llvm_tools.compile_module(
            module, policy="always" if advice else "never"
        ).decisions()
        sites |= dict.fromkeys(sites_of(decisions))
    assert 5 <= len(sites) <= 12
    every = itertools.product([False, True], repeat=len(sites))
    best = min(
        _loadable(module, site_overrides=dict(zip(sites, advice, strict=True))) for advice in every
    )
    search = _searched(module)
    assert _loadable(module, site_overrides=search.sites) == search.cost
    assert search.cost == best
    # Only where it tries all combinations itself, it says so.
    assert search.is_optimal == (source != COMPANY)


def test_parts_of_a_module_are_tried_one_by_one(tmp_path: Path) -> None:
    # Together they have more combinations than are tried of one part.
    names = "|".join(("leaf", "middle", "f", "g"))
    declared, _, body = CHAIN.strip().partition("\n")
    parts = [re.sub(rf"\b({names})\b", rf"\g<1>{number}", body) for number in range(3)]
    search = _searched(_module("\n".join([declared, *parts]), tmp_path))
    alone = _searched(_module(CHAIN, tmp_path))
    assert search.is_optimal
    assert search.gained == 3 * alone.gained > 0


def test_what_is_too_much_to_try_is_not_called_the_best(tmp_path: Path) -> None:
    search = Search(SearchTask(_module(many_calls(12), tmp_path), OPTIONS, {}))
    search.begin()
    for _ in range(200):
        if search.is_done:
            break
        search.step()
    assert search.is_done
    assert not search.is_optimal


def test_the_differences_bring_about_all_decisions(tmp_path: Path) -> None:
    module = _module(COMPANY, tmp_path)
    search = _searched(module)
    assert search.gained > 0
    named = search.differences()
    assert 0 < len(named) < len(search.sites)
    assert _loadable(module, site_overrides=named) == search.cost
    assert _loadable(module) == search.start


def test_a_search_repeats(tmp_path: Path) -> None:
    module = _module(COMPANY, tmp_path)
    first, second = _searched(module), _searched(module)
    assert first.sites == second.sites
    assert first.alternatives == second.alternatives


def test_a_module_without_decisions_is_done(tmp_path: Path) -> None:
    search = _searched(_module("int f(int x) { return x; }", tmp_path))
    assert (search.gained, search.alternatives) == (0, 0)
