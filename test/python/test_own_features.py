"""Our own features, against values counted by hand in hand-written IR."""

import os
import re
from pathlib import Path

import polars as pl
import pytest
from conftest import run_opt

import llvm_tools
from fastir_train.label.decision_log import read_log

MODULE = """
target triple = "x86_64-pc-linux-gnu"

declare void @sink(ptr)
declare i32 @__gxx_personality_v0(...)
declare void @llvm.assume(i1)

; 9 instructions: 1 load, 1 store, 1 alloca, 1 call (the intrinsic apart), 2 returns.
define internal i32 @callee(ptr %p, i32 %n) inlinehint nounwind minsize {
  %slot = alloca i32
  store i32 %n, ptr %slot
  %v = load i32, ptr %p
  %c = icmp sgt i32 %v, %n
  call void @llvm.assume(i1 %c)
  call void @sink(ptr %slot)
  br i1 %c, label %a, label %b
a:
  ret i32 %v
b:
  ret i32 %n
}

define linkonce_odr i32 @shared(i32 %n) minsize {
  ret i32 %n
}

@address = global ptr @shared

; 12 instructions: 2 calls and 1 invoke, 1 alloca, no loads, 1 store.
define i32 @caller(i32 %n) minsize personality ptr @__gxx_personality_v0 {
entry:
  %x = alloca i32
  store i32 %n, ptr %x
  br label %loop
loop:
  %i = phi i32 [ 0, %entry ], [ %next, %loop ]
  %next = call i32 @callee(ptr %x, i32 5)
  %more = icmp slt i32 %next, %n
  br i1 %more, label %loop, label %after
after:
  %unused = invoke i32 @shared(i32 %n) to label %done unwind label %pad
done:
  %last = call i32 @shared(i32 %i)
  ret i32 %last
pad:
  %l = landingpad { ptr, i32 } cleanup
  unreachable
}
"""

CALLEE_IN_LOOP = {
    "callee_instruction_count": 9,
    "caller_instruction_count": 12,
    "callee_load_count": 1,
    "caller_load_count": 0,
    "callee_store_count": 1,
    "caller_store_count": 1,
    "callee_call_count": 1,
    "caller_call_count": 3,
    "callee_invoke_count": 0,
    "caller_invoke_count": 1,
    "callee_alloca_count": 1,
    "callee_return_count": 2,
    "callee_max_loop_depth": 0,
    "caller_max_loop_depth": 1,
    "callee_direct_calls_to_defined_functions": 0,
    "callee_block_count": 3,
    "caller_block_count": 5,
    "callee_constant_operand_count": 1,  # the alloca's count; the call's target is an address
    "callee_argument_use_count": 4,
    "callee_phi_count": 0,
    "callee_shortest_path": 27,  # the entry's 7, one of them a call, and a return
    "has_callee_personality": 0,
    "has_caller_personality": 1,
    "callee_call_site_count": 1,
    "callee_call_sites_in_caller": 1,
    "callee_caller_count": 1,
    "callee_total_argument_count": 2,
    "callee_total_constant_argument_count": 1,
    "callee_call_sites_ending_in_return": 0,
    "callee_invoke_site_count": 0,
    "callee_copies_instruction_count": 9,
    "caller_call_site_count": 0,
    "is_caller_address_taken": 0,
    "is_callee_discardable": 1,
    "is_caller_discardable": 0,
    "is_callee_address_taken": 0,
    "is_callee_local": 1,
    "is_caller_local": 0,
    "is_callee_linkonce_or_weak": 0,
    "is_caller_linkonce_or_weak": 0,
    "is_callee_removable": 1,
    "has_callee_inline_hint": 1,
    "has_caller_inline_hint": 0,
    "is_callee_nounwind": 1,
    "is_caller_nounwind": 0,
    "argument_count": 2,
    "pointer_argument_count": 1,
    "alloca_argument_count": 1,
    "constant_argument_count": 1,
    "forwarded_argument_count": 0,
    "is_followed_by_return": 0,
    "is_in_entry_block": 0,
    "callsite_loop_depth": 1,
    "is_callsite_in_cycle": 1,
    "is_callsite_exceptional": 0,
    "is_invoke": 0,
    "is_result_void": 0,
    "is_result_unused": 0,
    "is_block_ending_unreachable": 0,
    "is_block_ending_return": 0,
}

SHARED_BY_INVOKE = {
    "callee_instruction_count": 1,
    "callee_shortest_path": 1,
    "callee_call_site_count": 2,
    "callee_call_sites_in_caller": 2,
    "callee_caller_count": 1,
    "callee_total_argument_count": 2,
    "callee_total_constant_argument_count": 0,
    "callee_call_sites_ending_in_return": 1,
    "callee_invoke_site_count": 1,
    "callee_copies_instruction_count": 2,
    "is_callee_discardable": 1,
    "is_callee_address_taken": 1,
    "is_callee_local": 0,
    "is_callee_linkonce_or_weak": 1,
    "is_callee_removable": 0,
    "has_callee_inline_hint": 0,
    "is_callee_nounwind": 0,
    "argument_count": 1,
    "pointer_argument_count": 0,
    "alloca_argument_count": 0,
    "constant_argument_count": 0,
    "forwarded_argument_count": 1,
    "is_followed_by_return": 0,
    "callsite_loop_depth": 0,
    "is_callsite_in_cycle": 0,
    "is_invoke": 1,
    "is_result_unused": 1,
    "is_block_ending_unreachable": 0,
    "is_block_ending_return": 0,
}

SHARED_BY_CALL = {
    "callee_call_site_count": 2,
    "is_invoke": 0,
    "is_result_unused": 0,
    "is_followed_by_return": 1,
    "is_block_ending_return": 1,
}


FLOW = """
target triple = "x86_64-pc-linux-gnu"

declare void @fails() noreturn
declare void @may_throw()
declare i32 @__gxx_personality_v0(...)

define internal void @callee(i32 %n) minsize {
  store volatile i32 %n, ptr null
  ret void
}

define void @returns(i1 %c, i1 %d) minsize personality ptr @__gxx_personality_v0 {
entry:
  call void @callee(i32 0)
  br i1 %c, label %normal, label %doomed
normal:
  invoke void @may_throw() to label %done unwind label %pad
done:
  call void @callee(i32 0)
  ret void
pad:
  %l = landingpad { ptr, i32 } cleanup
  call void @callee(i32 1)
  br i1 %d, label %resumes, label %goes_on
resumes:
  resume { ptr, i32 } %l
goes_on:
  call void @callee(i32 1)
  ret void
doomed:
  call void @callee(i32 1)
  br label %last
last:
  call void @fails()
  unreachable
}

define void @never_returns() minsize {
entry:
  br label %loop
loop:
  call void @callee(i32 0)
  br label %loop
}
"""
"""Each call's argument is whether it is executed only when something goes wrong."""

PATHS = """
target triple = "x86_64-pc-linux-gnu"

declare void @fails() noreturn
declare i32 @may_throw()
declare i32 @__gxx_personality_v0(...)
declare i32 @llvm.ctpop.i32(i32)

; 2 and 1, not by way of the call.
define internal i32 @leaves_early(i32 %n) minsize {
  %c = icmp eq i32 %n, 0
  br i1 %c, label %early, label %late
late:
  %r = call i32 @may_throw()
  ret i32 %r
early:
  ret i32 0
}

; 1, 4 (an intrinsic is no call), and 1: once round.
define internal i32 @loops(i32 %n) minsize {
  br label %loop
loop:
  %i = phi i32 [ %n, %0 ], [ %less, %loop ]
  %less = call i32 @llvm.ctpop.i32(i32 %i)
  %c = icmp eq i32 %less, 0
  br i1 %c, label %done, label %loop
done:
  ret i32 %less
}

; The invoke's 20, two additions and a return, though it is shorter to catch.
define internal i32 @catches(i32 %n) minsize personality ptr @__gxx_personality_v0 {
  %r = invoke i32 @may_throw() to label %fine unwind label %pad
fine:
  %sum = add i32 %r, %n
  %more = add i32 %sum, %n
  ret i32 %more
pad:
  %l = landingpad { ptr, i32 } catch ptr null
  ret i32 0
}

; 5 calls and a return.
define internal i32 @takes_long(i32 %n) minsize {
  %a = call i32 @may_throw()
  %b = call i32 @may_throw()
  %c = call i32 @may_throw()
  %d = call i32 @may_throw()
  %e = call i32 @may_throw()
  ret i32 %e
}

; There is no way out.
define internal i32 @never_returns(i32 %n) minsize {
  call void @fails()
  unreachable
}

define i32 @caller(i32 %n) minsize {
  %a = call i32 @leaves_early(i32 %n)
  %b = call i32 @loops(i32 %a)
  %c = call i32 @catches(i32 %b)
  %d = call i32 @takes_long(i32 %c)
  %e = call i32 @never_returns(i32 %d)
  ret i32 %e
}
"""
SHORTEST_PATHS = {"leaves_early": 3, "loops": 6, "catches": 23}
SHORTEST_PATHS |= {"takes_long": 100, "never_returns": 100}

LLVMS_OPINION = {"llvm_decision", "llvm_full_cost", "llvm_cost_minus_threshold"}


@pytest.fixture(scope="module")
def decisions(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """The three decisions of `MODULE`."""
    return _decisions(MODULE, tmp_path_factory.mktemp("features"))


def _decisions(module: str, folder: Path) -> list[dict]:
    """The decisions of a module, none of them inlined, before any other pass."""
    (folder / "m.ll").write_text(module)
    result = run_opt(
        *("-fastir-policy=never", f"-fastir-log={folder / 'log'}"),
        *("-passes=inliner-wrapper", folder / "m.ll", "-o", os.devnull),
    )
    assert result.returncode == 0, result.stderr
    return read_log(folder / "log").to_dicts()


@pytest.mark.parametrize(
    ("index", "expected"), [(0, CALLEE_IN_LOOP), (1, SHARED_BY_INVOKE), (2, SHARED_BY_CALL)]
)
def test_features_equal_what_was_counted(
    index: int, expected: dict[str, int], decisions: list[dict]
) -> None:
    assert {name: decisions[index][name] for name in expected} == expected


def test_what_is_executed_when_something_goes_wrong(tmp_path: Path) -> None:
    decisions = _decisions(FLOW, tmp_path)
    for caller in ("returns", "never_returns"):
        body = FLOW.split(f"@{caller}(")[1].split("\n}", maxsplit=1)[0]
        wrong = [int(argument) for argument in re.findall(r"@callee\(i32 ([01])\)", body)]
        of_caller = [row for row in decisions if f": {caller} -> " in row["context"]]
        assert [row["is_callsite_exceptional"] for row in of_caller] == wrong
        assert [row["is_callsite_in_cycle"] for row in of_caller].count(1) == (
            caller == "never_returns"
        )


def test_shortest_paths_are_those_counted(tmp_path: Path) -> None:
    paths = {
        row["context"].rsplit(" ", 1)[-1]: row["callee_shortest_path"]
        for row in _decisions(PATHS, tmp_path)
    }
    assert paths == SHORTEST_PATHS


def test_every_own_feature_is_counted_somewhere() -> None:
    names = [feature.name for feature in llvm_tools.FEATURES][38:]
    assert set(names) - set(CALLEE_IN_LOOP) == LLVMS_OPINION


def test_llvms_cost_is_the_one_that_opt_prints(tmp_path: Path) -> None:
    inputs = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"
    log = tmp_path / "log"
    run_opt(
        *("-fastir-policy=never", f"-fastir-log={log}"),
        *("-passes=scc-oz-module-inliner", inputs, "-o", os.devnull),
    ).check_returncode()
    small = read_log(log).filter(contexts_end("caller -> small")).row(0, named=True)
    remarks = run_opt(
        *("-passes=scc-oz-module-inliner", "-pass-remarks=inline", inputs, "-o", os.devnull),
        plugin=False,
    ).stderr
    line = next(line for line in remarks.splitlines() if "'small' inlined into 'caller'" in line)
    cost, threshold = (
        int(line.split(f"{word}=")[1].split(",")[0].split(")")[0]) for word in ("cost", "threshold")
    )
    assert small["llvm_cost_minus_threshold"] == cost - threshold
    assert small["llvm_full_cost"] == cost
    assert small["llvm_decision"] == 1


def contexts_end(text: str) -> pl.Expr:
    return pl.col("context").str.ends_with(text)
