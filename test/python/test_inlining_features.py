"""inlining_features, against stock opt and counts by hand.

Costs as print<inline-cost> has them, features as the interactive mode has them before anything is
inlined, InlineML's columns as counted.
"""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import in_parallel, run_opt
from interactive_opt import ask_stock_opt

import llvm_tools
from fastir_train.label.decision_log import read_log

# Where a call's block is cold, LLVM's threshold becomes 45, without the bonus of 15,000 for the
# last call of a local function. Stock opt's printer does not look whether it is.
COLD_CALL_SITE_THRESHOLD = 45
LAST_CALL_BONUS = 15_000


def _print_costs(module: Path) -> list[tuple[str, str, int, int]]:
    """(caller, callee, cost, threshold) of every call, in the order of the text."""
    command = ["opt-22", "-passes=print<inline-cost>", "-disable-output", str(module)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    pattern = re.compile(
        r"^      Analyzing call of (\S+)\.\.\. \(caller:(\S+)\)$"
        r".*?^      Cost: (-?\d+)$\n^      Threshold: (-?\d+)$",
        re.M | re.S,
    )
    return [(m[2], m[1], int(m[3]), int(m[4])) for m in pattern.finditer(text)]


def test_costs_equal_those_that_opt_prints(real_modules: dict[str, list[Path]]) -> None:
    """Where LLVM's model has a cost: it analyses some calls that attributes have decided."""
    compared = []

    def differs(module: Path) -> str | None:
        ours = llvm_tools.inlining_features(module, level="O2", workers=1)
        printed = _print_costs(module)
        if ours.select("caller", "callee").rows() != [site[:2] for site in printed]:
            return f"{module.name}: call sites"
        for row, (*_, cost, threshold) in zip(ours.iter_rows(named=True), printed, strict=True):
            if row["llvm_cost"] is None:
                continue
            as_printed = row["llvm_threshold"] == threshold
            compared.append(as_printed)
            costs = {cost} if as_printed else {cost, cost + LAST_CALL_BONUS}
            if row["llvm_cost"] not in costs:
                return f"{module.name}: {row['call_site']}: cost"
            if not as_printed and row["llvm_threshold"] != COLD_CALL_SITE_THRESHOLD:
                return f"{module.name}: {row['call_site']}: threshold"
        return None

    assert in_parallel(differs, real_modules["O2"][::2]) == []
    assert sum(compared) > 1000


def test_features_equal_stock_opts_before_inlining(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    compared = []

    def differs(module: Path) -> str | None:
        ours = llvm_tools.inlining_features(module, workers=1)
        if (ours["inlining"] == "mandatory").any():
            return None  # the pass inlines those before it asks
        passes = "-passes=inliner-ml-advisor-release"
        names, theirs = ask_stock_opt(module, passes, [], tmp_path / module.stem)
        asked = ours.filter(inlining="possible").select(names).to_numpy()
        compared.append(len(theirs))
        # opt goes bottom-up over the call graph, we down the text.
        asked, theirs = (rows[np.lexsort(rows.T)] for rows in (asked, theirs))
        return None if np.array_equal(asked, theirs) else module.name

    modules = [path for path in real_modules["Oz"] if path.stat().st_size < 400_000]
    assert in_parallel(differs, modules) == []
    assert sum(compared) > 500


def test_features_equal_those_that_the_plugin_logs(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    """All 76, by caller and callee, of a compile in which nothing is inlined."""
    compared = []

    def differs(module: Path) -> str | None:
        ours = llvm_tools.inlining_features(module, level="O2", workers=1)
        if (ours["inlining"] == "mandatory").any():
            return None
        log = tmp_path / f"{module.stem}.log"
        options = ("-fastir-policy=never", f"-fastir-log={log}", "-passes=inliner-wrapper")
        run_opt(*options, module, "-o", os.devnull).check_returncode()
        logged = read_log(log)
        names = list(llvm_tools.FEATURE_NAMES)
        ends = pl.col("context").str.extract(r": (.*)$").alias("call")
        theirs = logged.select(ends, *names).sort(pl.all())
        calls = pl.format("{} -> {}", "caller", "callee").alias("call")
        asked = ours.filter(inlining="possible").select(calls, *names).sort(pl.all())
        compared.append(asked.height)
        return None if asked.equals(theirs) else module.name

    assert in_parallel(differs, real_modules["Oz"][::2]) == []
    assert sum(compared) > 500


MODULE = b"""
declare i32 @external(i32)
declare i32 @__gxx_personality_v0(...)

; 2 blocks, 9 instructions, 2 loads, 1 store; calls odd, which calls it.
define i32 @even(i32 %n, ptr %p) {
  %a = load i32, ptr %p
  %b = load i32, ptr %p
  %c = add i32 %a, %b
  store i32 %c, ptr %p
  %stop = icmp eq i32 %n, 0
  br i1 %stop, label %done, label %more
more:
  %m = call i32 @odd(i32 %n, ptr %p)
  ret i32 %m
done:
  ret i32 1
}

; 3 instructions, 1 block.
define i32 @odd(i32 %n, ptr %p) {
  %m = sub i32 %n, 1
  %r = call i32 @even(i32 %m, ptr %p)
  ret i32 %r
}

define internal i32 @leaf(i32 %x) noinline {
  ret i32 %x
}

define internal i32 @must(i32 %x) alwaysinline {
  %y = add i32 %x, 1
  ret i32 %y
}

define i32 @self(i32 %x) {
  %y = call i32 @self(i32 %x)
  ret i32 %y
}

; 9 instructions in the 3 blocks that the entry reaches. Calls of even: three, one an invoke.
define i32 @caller(i32 %x, ptr %p) personality ptr @__gxx_personality_v0 {
entry:
  %a = call i32 @even(i32 %x, ptr %p)
  %b = call i32 @even(i32 %a, ptr %p)
  %c = call i32 @leaf(i32 %b)
  %d = call i32 @must(i32 %c)
  %e = call i32 @external(i32 %d)
  %f = invoke i32 @even(i32 %e, ptr %p) to label %ok unwind label %pad
ok:
  ret i32 %f
pad:
  %l = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %l
dead:
  %g = call i32 @odd(i32 1, ptr %p)
  ret i32 %g
}
"""


@pytest.fixture(scope="module")
def sites() -> pl.DataFrame:
    return llvm_tools.inlining_features(MODULE, level="O2")


def test_a_row_a_call_of_a_defined_function(sites: pl.DataFrame) -> None:
    assert sites.select("caller", "callee", "call_site", "block").rows() == [
        ("even", "odd", 0, 1),
        ("odd", "even", 1, 0),
        ("self", "self", 2, 0),
        ("caller", "even", 3, 0),
        ("caller", "even", 4, 0),
        ("caller", "leaf", 5, 0),
        ("caller", "must", 6, 0),
        ("caller", "even", 8, 0),
        ("caller", "odd", 9, 3),
    ]


def test_reports_whether_inlining_is_possible_and_why_not(sites: pl.DataFrame) -> None:
    rows = sites.select("callee", "inlining", "inlining_reason").rows()
    assert rows[2] == ("self", "impossible", "recursive")
    assert rows[3] == ("even", "possible", None)
    assert rows[5] == ("leaf", "impossible", "noinline function attribute")
    assert rows[6] == ("must", "mandatory", "always inline attribute")
    assert rows[8] == ("odd", "impossible", "unreachable call site")


def test_features_of_llvms_advisor_are_null_where_it_is_not_asked(sites: pl.DataFrame) -> None:
    advisors = list(llvm_tools.FEATURE_NAMES[:38])
    own = list(llvm_tools.FEATURE_NAMES[38:])
    possible = sites["inlining"] == "possible"
    for name in advisors:
        assert (sites[name].is_not_null() == possible).all(), name
    assert sites.select(pl.col(own).null_count()).row(0) == (0,) * len(own)


def test_inlineml_columns_equal_what_was_counted(sites: pl.DataFrame) -> None:
    invoke = sites.row(7, named=True)
    assert {name: invoke[name] for name in INLINEML} == INLINEML
    assert sites["callee_total_calls"].to_list() == [2, 4, 1, 4, 4, 1, 1, 4, 2]
    assert sites["callee_is_recursive"].to_list() == [True] * 5 + [False] * 2 + [True] * 2


INLINEML = {
    "callee_name": "even",
    "caller_name": "caller",
    "callee_instruction_count": 9,
    "caller_instruction_count": 11,
    "callee_total_calls": 4,
    "inline_ratio": 1.0,
    "callee_basic_blocks": 3,
    "caller_basic_blocks": 3,
    "callee_is_recursive": True,
    "callee_arg_count": 2,
    "callee_load_store_ratio": 2.0,
    "llvm_inlining_decision": True,
}


def test_many_calls_in_one_function_take_no_more_time_each() -> None:
    """Each callee's uses are walked once: 20,000 calls of one callee would take minutes."""
    calls = b" call void @g()" * 20_000
    source = b"declare void @x() define void @g() noinline { call void @x() ret void }"
    frame = llvm_tools.inlining_features(
        source + b"define void @f() {" + calls + b" ret void }", timeout=60
    )
    assert frame["callee_call_sites_in_caller"].unique().to_list() == [20_000]


def test_the_decision_is_that_of_stock_opts_remarks(sites: pl.DataFrame, tmp_path: Path) -> None:
    """Of the first calls that the inliner looks at, before it has changed anything."""
    (tmp_path / "m.ll").write_bytes(
        b"declare void @h()"
        b"define internal void @small() { ret void }"
        b"define void @large() {" + b" call void @h()" * 60 + b" ret void }"
        b"define void @f() { call void @small() call void @large() ret void }"
    )
    command = ["opt-22", "-passes=inliner-wrapper", "-pass-remarks=inline"]
    command += ["-pass-remarks-missed=inline", "-disable-output", str(tmp_path / "m.ll")]
    remarks = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    frame = llvm_tools.inlining_features(tmp_path / "m.ll", level="O2")
    assert frame.select("callee", "llvm_inlining_decision").rows() == [
        ("small", "'small' inlined into 'f'" in remarks),
        ("large", "'large' inlined into 'f'" in remarks),
    ]
    assert frame["llvm_inlining_decision"].to_list() == [True, False]
    missed = re.search(r"'large' not inlined.*cost=(\d+), threshold=(\d+)", remarks)
    assert missed is not None
    assert frame.row(1, named=True)["llvm_threshold"] == int(missed[2])
    assert frame.row(1, named=True)["llvm_cost"] >= int(missed[1]) > int(missed[2])
