"""call_graph, against stock opt's SCCs, MLGO's heights, and hand-written IR."""

import re
import subprocess
from pathlib import Path

import polars as pl
from conftest import in_parallel

import llvm_tools

MODULE = b"""
declare void @external()
declare void @llvm.assume(i1)
@alias = alias void (), ptr @low

define void @low() { call void @llvm.assume(i1 true) ret void }
define void @ping() { call void @pong() call void @low() ret void }
define void @pong() { call void @ping() call void @external() ret void }
define void @self() { call void @self() ret void }
define void @top(ptr %f) {
  call void @ping()
  call void %f()
  br label %next
next:
  call void asm sideeffect "nop", ""()
  call void @alias()
  call void @self()
  ret void
}
"""


def test_edges_of_every_kind() -> None:
    edges = llvm_tools.call_graph(MODULE)
    columns = ["call_site", "caller", "callee", "kind", "block", "is_recursive"]
    assert edges.select(columns).rows() == [
        (0, "ping", "pong", "direct", 0, True),
        (1, "ping", "low", "direct", 0, False),
        (2, "pong", "ping", "direct", 0, True),
        (3, "pong", "external", "direct", 0, False),
        (4, "self", "self", "direct", 0, True),
        (5, "top", "ping", "direct", 0, False),
        (6, "top", None, "indirect", 0, False),
        (7, "top", None, "asm", 1, False),
        (8, "top", "alias", "alias", 1, False),
        (9, "top", "self", "direct", 1, False),
    ]
    assert edges["callee_height"].to_list() == [1, 0, 1, None, 0, 1, None, None, None, 0]
    assert edges["is_callee_defined"].sum() == 6


def test_functions_have_their_scc_and_height() -> None:
    frame = llvm_tools.function_features(MODULE)
    assert frame.select("function", "is_recursive", "scc_size", "height").rows() == [
        ("low", False, 1, 0),
        ("ping", True, 2, 1),
        ("pong", True, 2, 1),
        ("self", True, 1, 0),
        ("top", False, 1, 2),
    ]
    scc = dict(frame.select("function", "scc").rows())
    assert scc["ping"] == scc["pong"]
    assert scc["low"] < scc["ping"] < scc["top"]
    module = llvm_tools.module_features(MODULE).row(0, named=True)
    assert module["recursive_function_count"] == 3
    assert (module["scc_count"], module["max_scc_size"], module["max_height"]) == (4, 2, 2)


def test_sccs_equal_those_that_opt_prints(real_modules: dict[str, list[Path]]) -> None:
    """Of what stock opt reaches from outside the module: it leaves dead functions out."""
    cycles = []

    def differs(module: Path) -> str | None:
        command = ["opt-22", "-passes=print-callgraph-sccs", "-disable-output", str(module)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        printed = {
            frozenset(line.split(", "))
            for line in re.findall(r"^SCC #\d+: (.*?)(?: \(Has self-loop\)\.)?$", text, re.M)
        }
        frame = llvm_tools.function_features(module, workers=1)
        ours = {frozenset(group) for group in frame.group_by("scc").agg("function")["function"]}
        cycles.extend(group for group in ours if len(group) > 1)
        reached = {name for group in printed for name in group}
        missing = {group for group in ours if group & reached} - printed
        return f"{module.name}: {missing}" if missing else None

    assert in_parallel(differs, real_modules["Oz"]) == []
    assert len(cycles) > 3


def test_heights_equal_mlgos(real_modules: dict[str, list[Path]]) -> None:
    modules = real_modules["Oz"][::2]
    sites = llvm_tools.inlining_features(modules).frame
    edges = llvm_tools.call_graph(modules).frame
    both = sites.join(edges, on=["module", "call_site"], validate="1:1")
    assert both.height == sites.height == edges["is_callee_defined"].sum()
    assert (both["callee"] == both["callee_right"]).all()
    asked = both.filter(pl.col("callsite_height").is_not_null())
    assert (asked["caller_height"] == asked["callsite_height"]).all()
    assert (asked["callsite_height"] > 3).any()
