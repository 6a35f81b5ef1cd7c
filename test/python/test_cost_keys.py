"""LLVM's decision on a call is stock LLVM's, though what it said of a like call may be recalled.

Each module has calls that differ in what a key must hold, or that can have no key.
"""

from pathlib import Path

import pytest
from conftest import run_opt, write_linear_model


def _stores(count: int) -> str:
    return "\n".join(f"  store volatile i32 {number}, ptr @cell" for number in range(count))


LAYOUT = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-S128"


def _module(*functions: str, triple: str = "x86_64-pc-linux-gnu", layout: str = "") -> str:
    target = [f'target triple = "{triple}"']
    if layout:
        target.append(f'target datalayout = "{layout}"')
    return "\n".join((*target, "@cell = global i32 0", *functions))


def _callers(calls: dict[str, str], arguments: str = "", attributes: str = "") -> str:
    """One function for each call, so that no two have the same caller."""
    return "\n".join(
        f"define void @{name}({arguments}) minsize {attributes} {{\n  {call}\n  ret void\n}}"
        for name, call in calls.items()
    )


INDIRECT = """
define void @quiet(i32 %n) noinline minsize { ret void }
define void @loud(i32 %n) noinline minsize { store volatile i32 9, ptr @cell ret void }
"""
SELECTED = _module(
    _callers({"asks": "call void @apply(i1 true, i32 %n)"}, "i32 %n"),
    "define void @apply(i1 %c, i32 %n) minsize {",
    _stores(9),
    "  %f = select i1 %c, ptr @quiet, ptr @loud\n  call void %f(i32 %n)\n  ret void\n}",
    INDIRECT,
)
MERGED_LATE = _module(
    _callers(dict.fromkeys(("first", "second"), "call void @apply(i1 true, i32 %n)"), "i32 %n"),
    "define void @apply(i1 %c, i32 %n) {\n  br i1 %c, label %short, label %long\nlong:",
    _stores(320),
    "  br label %short\nshort:\n  %f = phi ptr [ @quiet, %0 ], [ @loud, %long ]",
    _stores(10),
    "  call void %f(i32 %n)\n  ret void\n}",
    INDIRECT,
)


def _own_cost(callee: str = "", inner: str = "") -> str:
    return _module(
        "declare void @ext()",
        _callers({"asks": "call void @apply(i32 %n)"}, "i32 %n"),
        f"define void @apply(i32 %n) {callee} {{",
        _stores(10),
        f"  call void @ext() {inner}" if inner else "",
        "  ret void\n}",
    )


STREAMING = '"aarch64_pstate_sm_enabled"'
AARCH64 = _module(
    'define void @apply(i32 %n) minsize "target-features"="+sme" {',
    _stores(10),
    "  ret void\n}",
    *(
        _callers(
            {name: "call void @apply(i32 %n)"}, "i32 %n", f'"target-features"="+sme" {attributes}'
        )
        for name, attributes in (("n1", ""), ("s1", STREAMING), ("n2", ""), ("s2", STREAMING))
    ),
    triple="aarch64-unknown-linux-gnu",
)
SYSTEMZ = _module(
    "define void @apply(i32 %n) minsize {",
    "\n".join(f"  store i32 {number}, ptr @cell" for number in range(14)),
    "  ret void\n}",
    *(
        _callers(
            {
                name: "call void @apply(i32 %n)\n"
                + "\n".join(f"  store i32 {number}, ptr @cell" for number in range(stores))
            },
            "i32 %n",
        )
        for name, stores in (("light1", 0), ("heavy1", 12), ("light2", 0), ("heavy2", 12))
    ),
    triple="s390x-unknown-linux-gnu",
)
BY_VALUE = _module(
    "define void @apply(ptr byval([1 x i64]) %p) minsize {",
    _stores(9),
    "  ret void\n}",
    _callers(
        {
            name: f"call void @apply(ptr byval([{size} x i64]) %p)"
            for name, size in (("a", 1), ("b", 8), ("c", 1), ("d", 8))
        },
        "ptr %p",
    ),
)
ALIAS = _module(
    "@one = global [4 x i32] zeroinitializer",
    "@two = global [4 x i32] zeroinitializer",
    "@alias = alias i32, ptr @one",
    "define void @apply(ptr %x, ptr %y) minsize {",
    "  %c = icmp ult ptr %x, %y\n  br i1 %c, label %less, label %more",
    "less:\n  ret void\nmore:",
    _stores(14),
    "  ret void\n}",
    _callers(
        {
            name: f"%x = getelementptr inbounds i8, ptr @{x}, i64 4\n"
            f"  %y = getelementptr inbounds i8, ptr @{y}, i64 8\n"
            "  call void @apply(ptr %x, ptr %y)"
            for name, x, y in (
                *(("a", "one", "two"), ("b", "alias", "one")),
                *(("c", "one", "two"), ("d", "alias", "one")),
            )
        }
    ),
)


def _aligned(parameter: str, address: str, argument: str) -> str:
    """Between the calls of @a and @b, @table's alignment is raised for what @raise copies."""
    return _module(
        "@table = internal constant [4 x i32] [i32 1, i32 2, i32 3, i32 4], align 4",
        "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
        f"define void @apply({parameter}) minsize {{",
        f"  {address}",
        "  %e = icmp eq i64 %m, 0\n  br i1 %e, label %even, label %odd\nodd:",
        _stores(7),
        "  br label %even\neven:\n  ret void\n}",
        _callers({"a": f"call void @apply({argument})"}, "i32 %n"),
        "define internal i32 @pick(ptr %p, i32 %n) minsize {",
        "  %q = getelementptr inbounds [4 x i32], ptr %p, i32 0, i32 %n",
        "  %l = load i32, ptr %q\n  ret i32 %l\n}",
        "define i32 @raise(i32 %n) minsize {\n  %t = alloca [4 x i32], align 16",
        "  call void @llvm.memcpy.p0.p0.i64(ptr align 16 %t, ptr align 4 @table, i64 16, i1 false)",
        "  %r = call i32 @pick(ptr %t, i32 %n)\n  ret i32 %r\n}",
        _callers({"b": f"call void @apply({argument})"}, "i32 %n"),
        layout=LAYOUT,
    )


ALIGNED_ARGUMENT = _aligned(
    "ptr %p", "%i = ptrtoint ptr %p to i64\n  %m = and i64 %i, 15", "ptr @table"
)
ALIGNED_GLOBAL = _aligned("i32 %n", "%m = and i64 ptrtoint (ptr @table to i64), 15", "i32 %n")

CASES = {
    "selected": (SELECTED, "inliner-wrapper", 1),
    "selected-in-a-pipeline": (SELECTED, "default<Oz>", 1),
    "merged-late": (MERGED_LATE, "inliner-wrapper", 2),
    "cost-of-callee": (_own_cost('"function-inline-cost"="0"'), "inliner-wrapper", 1),
    "threshold-of-callee": (_own_cost('"function-inline-threshold"="1000"'), "inliner-wrapper", 1),
    "bonus-of-inner-call": (_own_cost(inner='"call-threshold-bonus"="1000"'), "inliner-wrapper", 1),
    "cost-of-inner-call": (_own_cost(inner='"call-inline-cost"="-1000"'), "inliner-wrapper", 1),
    "streaming-callers": (AARCH64, "inliner-wrapper", 2),
    "stores-of-callers": (SYSTEMZ, "inliner-wrapper", 2),
    "by-value": (BY_VALUE, "inliner-wrapper", 2),
    "alias": (ALIAS, "inliner-wrapper", 2),
    "aligned-argument": (ALIGNED_ARGUMENT, "default<Oz>", 1),
    "aligned-global": (ALIGNED_GLOBAL, "default<Oz>", 1),
}


@pytest.mark.parametrize(("source", "passes", "calls"), CASES.values(), ids=CASES)
def test_llvms_decision_is_that_of_stock_llvm(
    source: str, passes: str, calls: int, tmp_path: Path
) -> None:
    module = tmp_path / "m.ll"
    module.write_text(source)
    weights = {"llvm_decision": -1.0, "llvm_full_cost": 0.0}
    obeys = write_linear_model(tmp_path / "obeys.onnx", weights, bias=0.5, domain="minsize")
    texts = []
    for name, options in (("stock", []), ("lean", [f"-fastir-model={obeys}"])):
        output = tmp_path / f"{name}.ll"
        result = run_opt(
            *(*options, f"-passes={passes}", "-S", module, "-o", output), plugin=bool(options)
        )
        assert result.returncode == 0, result.stderr
        texts.append(output.read_text())
    assert texts[0].count("@apply(") - 1 == calls
    assert texts[1] == texts[0]
