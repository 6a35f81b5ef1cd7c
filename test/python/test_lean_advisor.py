"""A model of lean features decides alike whether or not LLVM's own features are computed too."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import in_parallel, run_opt, write_linear_model
from sklearn.ensemble import HistGradientBoostingRegressor

import llvm_tools
from fastir_train.learn import export

LEAN = [feature.name for feature in llvm_tools.FEATURES if feature.is_lean]

STORES = "\n".join("  store volatile i32 0, ptr @cell" for _ in range(14))
GROWING = f"""
target triple = "x86_64-pc-linux-gnu"
@cell = global i32 0

define void @asks(i32 %n) noinline minsize {{
  call void @grows(i32 %n)
  call void @wraps()
  ret void
}}

define internal void @wraps() minsize {{
  call void @grows(i32 1)
  ret void
}}

; 6 instructions, 19 with @leaf inlined; they call one another, so that one pass decides on all.
define void @grows(i32 %n) {{
  %c = icmp eq i32 %n, 0
  br i1 %c, label %done, label %more
more:
  call void @leaf()
  call void @asks(i32 %n)
  ret void
done:
  ret void
}}

define void @leaf() {{
{STORES}
  ret void
}}
"""


@pytest.fixture(scope="module")
def lean_model(
    real_modules: dict[str, list[Path]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Trees on made-up targets, which inline some calls that LLVM does not, and the reverse."""
    module = max(real_modules["Oz"], key=lambda path: path.stat().st_size)
    rows = llvm_tools.compile_module(module).decisions().select(LEAN).to_numpy()
    noise = np.random.default_rng(1).normal(0, 3, len(rows))
    regressor = HistGradientBoostingRegressor(max_iter=30, random_state=1)
    size = rows[:, LEAN.index("callee_instruction_count")]
    regressor.fit(rows.astype(np.float32), np.arcsinh((size - 12) / 8) + noise)
    path = tmp_path_factory.mktemp("lean") / "lean.onnx"
    metadata = export.ModelMetadata(LEAN, 0.0, "test", "bytes", "minsize", "0" * 64)
    export.save(export.to_onnx(regressor, metadata), path)
    return path


def test_output_is_the_same_with_and_without_a_log(
    lean_model: Path, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    changed = _compare_lean_with_logged(lean_model, real_modules["Oz"], tmp_path)
    assert sum(changed) > len(changed) / 2


def test_output_is_the_same_where_llvm_decides_in_every_other_function(
    lean_model: Path, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    mixed = []
    for module in real_modules["Oz"]:
        mixed.append(tmp_path / f"{module.stem}.mixed.ll")
        listing = ["llvm-dis-22", str(module), "-o", "-"]
        text = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
        mixed[-1].write_text(_without_minsize_in_every_other(text))
    changed = _compare_lean_with_logged(lean_model, mixed, tmp_path)
    assert any(changed)


def _without_minsize_in_every_other(module: str) -> str:
    """The module with an attribute group of speed for each of size, in half its functions."""
    groups = re.findall(r"^attributes #(\d+) = \{(.*)\}$", module, re.MULTILINE)
    # A group must not be empty.
    added = [
        f'attributes #{number}000 = {{ "fast" {re.sub("(minsize|optsize) ", "", text)}}}'
        for number, text in groups
    ]
    lines = module.splitlines()
    defined = [number for number, line in enumerate(lines) if line.startswith("define ")]
    for number in defined[::2]:
        lines[number] = re.sub(r" #(\d+)(?= |$)", r" #\g<1>000", lines[number])
    return "\n".join([*lines, *added])


def _compare_lean_with_logged(
    lean_model: Path, modules: Sequence[Path], tmp_path: Path
) -> list[bool]:
    """Optimise each module by both advisors; returns whether stock LLVM's output is another."""

    def differs(module: Path) -> str | None:
        outputs = []
        for name in ("lean", "logged"):
            output = tmp_path / f"{module.stem}.{name}.bc"
            log = [f"-fastir-log={output}.log"] if name == "logged" else []
            result = run_opt(
                f"-fastir-model={lean_model}", *log, "-passes=default<Oz>", module, "-o", output
            )
            if result.returncode:
                return f"{module.name}: {result.stderr}"
            outputs.append(output.read_bytes())
        stock = tmp_path / f"{module.stem}.stock.bc"
        run_opt("-passes=default<Oz>", module, "-o", stock, plugin=False)
        changed.append(stock.read_bytes() != outputs[0])
        return None if outputs[0] == outputs[1] else f"{module.name} differs"

    changed: list[bool] = []
    assert in_parallel(differs, modules) == []
    return changed


def test_a_callee_that_llvm_let_grow_is_looked_at_again(tmp_path: Path) -> None:
    weights = {"callee_instruction_count": -1.0, "argument_count": 14.0}
    model = write_linear_model(tmp_path / "linear.onnx", weights)
    (tmp_path / "m.ll").write_text(GROWING)
    remarks = run_opt(
        *(f"-fastir-model={model}", "-passes=inliner-wrapper", tmp_path / "m.ll", "-o", os.devnull),
        *("-pass-remarks=inline", "-pass-remarks-missed=inline"),
    ).stderr
    predictions = re.findall(
        r"'(\w+)' (?:not )?inlined into '\w+'(?:: model predicts (\S+)| with)", remarks
    )
    # 14 for the argument, less 6 instructions, and less 19 once @leaf is in.
    assert predictions[:4] == [("grows", "8.0"), ("wraps", "-2.0"), ("leaf", ""), ("grows", "-5.0")]


STORED = "\n".join(f"  store volatile i32 {number}, ptr @cell" for number in range(30))
LLVM_GROWS = f"""
target triple = "x86_64-pc-linux-gnu"
@cell = global i32 0
@table = global [1 x ptr] [ptr @callee]
define internal void @callee() {{
{STORED}
  ret void
}}
"""


def test_what_llvm_inlines_counts_as_growth_with_and_without_a_log(tmp_path: Path) -> None:
    """Eight callers multiply the module before a model is asked about another."""
    functions = [
        f"define void @plain{number}() {{\n  call void @callee()\n  ret void\n}}"
        for number in range(8)
    ]
    wrapped = (
        "define internal void @wrap(i32 %x) minsize optsize {\n"
        "  store volatile i32 %x, ptr @cell\n  ret void\n}\n"
        "define void @last(i32 %x) minsize optsize {\n  call void @wrap(i32 %x)\n"
        "  call void @wrap(i32 7)\n  ret void\n}"
    )
    module = tmp_path / "m.ll"
    module.write_text("\n".join([LLVM_GROWS, *functions, wrapped]))
    # The model inlines nothing, LLVM what is small: outputs differ once LLVM is left to decide.
    model = write_linear_model(tmp_path / "never.onnx", {"argument_count": 1.0})
    stops = []
    for limit in ("1.5", "2", "100"):
        outputs = [
            _optimised(module, tmp_path, model, limit, log, "default<O2>")
            for log in ([], [f"-fastir-log={tmp_path / 'log'}"])
        ]
        assert outputs[0] == outputs[1]
        stops.append(outputs[0])
    assert stops[0] != stops[2]


@pytest.mark.parametrize("limit", ["1.01", "1.1", "1.3", "2"])
def test_growth_is_counted_as_llvm_counts_it(
    limit: str, lean_model: Path, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    """The logging advisor compares its account with MLInlineAdvisor's at each decision."""

    def fails(module: Path) -> str | None:
        log = f"-fastir-log={tmp_path / module.stem}.log"
        lean = _optimised(module, tmp_path, lean_model, limit, ["-fastir-verify-facts"])
        logged = _optimised(module, tmp_path, lean_model, limit, ["-fastir-verify-facts", log])
        return None if lean == logged else f"{module.name} differs"

    assert in_parallel(fails, real_modules["Oz"][::3]) == []


def _optimised(
    module: Path,
    folder: Path,
    model: Path,
    limit: str,
    options: Sequence[str],
    passes: str = "default<Oz>",
) -> bytes:
    output = folder / f"{module.stem}.bc"
    result = run_opt(
        *(f"-fastir-model={model}", f"-ml-advisor-size-increase-threshold={limit}", *options),
        *(f"-passes={passes}", module, "-o", output),
    )
    assert result.returncode == 0, result.stderr
    return output.read_bytes()


BONUS_BEHIND_THE_THRESHOLD = f"""
target triple = "x86_64-pc-linux-gnu"
@cell = global i32 0

define void @caller(i32 %n) minsize {{
  call void @apply(ptr @tiny, i32 %n)
  ret void
}}

; LLVM's cost passes the threshold at the stores; behind them the indirect call earns a bonus.
define void @apply(ptr %f, i32 %n) {{
{STORES}
  call void %f(i32 %n)
  ret void
}}

define void @tiny(i32 %n) noinline {{
  ret void
}}
"""


# Each of these calls looks like the first, but for one thing that LLVM heeds.
LIKE_CALLS = """
target triple = "x86_64-pc-linux-gnu"
@cell = global i32 0
@other = global i32 0

define void @store(i32 %n) #0 {
  store volatile i32 %n, ptr @cell
  ret void
}
define void @add(i32 %n, i32 %m) minsize {
  %sum = add i32 %n, %m
  store volatile i32 %sum, ptr @cell
  store volatile i32 %m, ptr @other
  call void @other_unit() "call-inline-cost"="27"
  ret void
}
define void @large(i32 %n) minsize {
  call void @other_unit()
  call void @other_unit()
  call void @other_unit()
  ret void
}
declare void @other_unit()
declare void @llvm.trap() cold noreturn nounwind

define void @plain(i32 %n) #0 {
  call void @store(i32 %n)
  ret void
}
define void @as_plain(i32 %n) minsize {
  call void @add(i32 %n, i32 %n)
  call void @large(i32 %n)
  ret void
}
define void @forbidden(i32 %n) #0 {
  call void @store(i32 %n) noinline
  call void @store(i32 %n)
  ret void
}
define void @other_target(i32 %n) minsize "target-features"="-sse2" {
  call void @store(i32 %n)
  ret void
}
define void @sanitized(i32 %n) minsize sanitize_address "target-features"="+avx2" {
  call void @store(i32 %n)
  ret void
}
; @add costs 2: too much where a call is followed by nothing.
define void @before_a_trap(i32 %n) minsize {
  call void @add(i32 %n, i32 %n)
  call void @llvm.trap()
  unreachable
}
define void @for_speed(i32 %n) {
  call void @large(i32 %n)
  ret void
}
define void @with_a_cost(i32 %n) minsize {
  call void @add(i32 %n, i32 %n) "function-inline-cost"="999"
  call void @add(i32 %n, i32 %n) "function-inline-threshold"="-999"
  ret void
}
attributes #0 = { minsize "target-features"="+avx2" }
"""

# With optsize the threshold is less where a call is seldom executed.
SELDOM_EXECUTED = """
target triple = "x86_64-pc-linux-gnu"
define void @callee() optsize {
  call void @other_unit() "call-inline-cost"="77"
  ret void
}
declare void @other_unit()
define void @caller(i1 %c) optsize {
  br i1 %c, label %often, label %seldom, !prof !0
often:
  call void @callee()
  ret void
seldom:
  call void @callee()
  ret void
}
!0 = !{!"branch_weights", i32 100000, i32 1}
"""


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (BONUS_BEHIND_THE_THRESHOLD, {"apply": 1}),
        (LIKE_CALLS, {"store": 3, "add": 3, "large": 1}),
        (SELDOM_EXECUTED, {"callee": 1}),
    ],
    ids=["bonus", "like", "seldom"],
)
def test_llvms_decision_is_that_of_stock_llvm(
    source: str, left: dict[str, int], tmp_path: Path
) -> None:
    module = tmp_path / "m.ll"
    module.write_text(source)
    domain = "optsize" if source is SELDOM_EXECUTED else "minsize"
    weights = {"llvm_decision": -1.0}
    obeys = write_linear_model(tmp_path / "obeys.onnx", weights, bias=0.5, domain=domain)
    texts = []
    for name, plugin, options in (
        ("stock", False, []),
        ("lean", True, [f"-fastir-model={obeys}"]),
        ("logged", True, [f"-fastir-model={obeys}", f"-fastir-log={tmp_path / 'log.txt'}"]),
    ):
        output = tmp_path / f"{name}.ll"
        result = run_opt(
            *(*options, "-passes=inliner-wrapper", "-S", module, "-o", output), plugin=plugin
        )
        assert result.returncode == 0, result.stderr
        texts.append(output.read_text())
    assert {name: texts[0].count(f"call void @{name}(") for name in left} == left
    assert texts[1:] == [texts[0]] * 2


LARGE = "\n".join(f"  store volatile i32 {number}, ptr @cell" for number in range(900))
LARGE_CALLEE = f"""
target triple = "x86_64-pc-linux-gnu"
@cell = global i32 0
declare i32 @again(ptr) returns_twice

define internal void @large(i32 %n) minsize {{
{LARGE}
  store volatile i32 %n, ptr @cell
  LAST
  ret void
}}

define void @first() minsize {{
  call void @large(i32 1)
  ret void
}}

define void @second() minsize {{
  call void @large(i32 2)
  call void @large(i32 3)
  ret void
}}
"""


@pytest.mark.parametrize(
    ("last", "calls"), [("", 0), ("%r = call i32 @again(ptr @cell)", 3)], ids=["plain", "forbidden"]
)
def test_a_cost_that_is_not_counted_to_the_end_forbids_what_it_should(
    last: str, calls: int, tmp_path: Path
) -> None:
    """The model inlines everything, whatever the cost; what LLVM forbids comes late."""
    regressor = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=1)
    regressor.fit(np.arange(8, dtype=np.float32).reshape(-1, 1), np.full(8, -9.0) - np.arange(8))
    model = tmp_path / "always.onnx"
    names = ["argument_count"]
    metadata = export.ModelMetadata(names, 0.0, "test", "bytes", "minsize", "0" * 64)
    export.save(export.to_onnx(regressor, metadata), model)
    module = tmp_path / "m.ll"
    module.write_text(LARGE_CALLEE.replace("LAST", last))
    verified, lean, logged = (
        _optimised(module, tmp_path, model, "100", extra)
        for extra in (["-fastir-verify-facts"], [], [f"-fastir-log={tmp_path / 'log'}"])
    )
    assert verified == lean == logged
    (tmp_path / "lean.bc").write_bytes(lean)
    listing = ["llvm-dis-22", str(tmp_path / "lean.bc"), "-o", "-"]
    text = subprocess.run(listing, check=True, capture_output=True, text=True).stdout
    assert text.count("call fastcc void @large(") + text.count("call void @large(") == calls
