"""What is kept up to date while calls are inlined is what a fresh walk over the module finds.

The plugin itself compares, under -fastir-verify-facts, at each decision; both advisors have to
give the same code.
"""

import subprocess
from pathlib import Path

import pytest
from conftest import in_parallel, run_opt, write_linear_model

INPUTS = Path(__file__).parent / "Inputs" / "facts"
WEIGHTS = {
    "inlines everything": ({"argument_count": -1.0}, -1.0),
    "inlines nothing": ({"argument_count": 1.0}, 1.0),
    "by uses": (
        {
            "callee_instruction_count": 1.0,
            "callee_call_site_count": 3.0,
            "callee_total_argument_count": -1.0,
            "callee_total_constant_argument_count": 1.0,
        },
        -14.0,
    ),
}

STORES = "\n".join("  store volatile i32 0, ptr @cell" for _ in range(70))
CALLS_OF_ONE_CALLEE = f"""
target triple = "x86_64-pc-linux-gnu"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-n8:16:32:64-S128"
@cell = global i32 0
@other = global i32 0

; Too large to inline at any threshold; what is behind each branch counts only where the call
; leaves the branch open.
define void @callee(ptr %p, ptr %q, i32 %n) {{
{STORES}
  %null = icmp eq ptr %p, null
  br i1 %null, label %a, label %b
a:
  store volatile i32 1, ptr @cell
  store volatile i32 1, ptr @cell
  br label %b
b:
  %before = getelementptr inbounds i8, ptr %p, i64 -8
  %after = getelementptr inbounds i8, ptr %q, i64 8
  %ordered = icmp ult ptr %before, %after
  br i1 %ordered, label %c, label %d
c:
  store volatile i32 2, ptr @cell
  store volatile i32 2, ptr @cell
  store volatile i32 2, ptr @cell
  br label %d
d:
  %loaded = load i32, ptr %q
  %positive = icmp sgt i32 %n, 0
  br i1 %positive, label %e, label %f
e:
  store volatile i32 %loaded, ptr @cell
  store volatile i32 4, ptr @cell
  store volatile i32 4, ptr @cell
  store volatile i32 4, ptr @cell
  store volatile i32 4, ptr @cell
  br label %f
f:
  %again = icmp ne i32 %n, 0
  br i1 %again, label %d, label %g
g:
  ret void
}}

define void @calls(ptr %p, ptr %q, i32 %n) {{
  %slot = alloca i64
  %p8 = getelementptr inbounds i8, ptr %p, i64 8
  %p16 = getelementptr inbounds i8, ptr %p, i64 16
  call void @callee(ptr %p, ptr %q, i32 %n)
  call void @callee(ptr nonnull %p, ptr %q, i32 %n)
  call void @callee(ptr %p, ptr %p, i32 %n)
  call void @callee(ptr %p8, ptr %p8, i32 %n)
  call void @callee(ptr %p16, ptr %p, i32 %n)
  call void @callee(ptr %p, ptr %p16, i32 %n)
  call void @callee(ptr %p, ptr %slot, i32 %n)
  call void @callee(ptr %slot, ptr %slot, i32 %n)
  call void @callee(ptr %p, ptr %q, i32 0)
  call void @callee(ptr %p, ptr %q, i32 1)
  call void @callee(ptr null, ptr %q, i32 %n)
  call void @callee(ptr @cell, ptr @other, i32 %n)
  call void @callee(ptr @cell, ptr @cell, i32 %n)
  call void @callee(ptr %p, ptr %q, i32 %n) "function-inline-cost"="1000"
  call void @callee(ptr %p, ptr %q, i32 %n)
  ret void
}}

define void @calls_at_minsize(ptr %p, ptr %q, i32 %n) minsize {{
  call void @callee(ptr %p, ptr %q, i32 %n)
  ret void
}}
"""


@pytest.fixture(scope="module", params=WEIGHTS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    weights, bias = WEIGHTS[request.param]
    path = tmp_path_factory.mktemp("models") / "model.onnx"
    return write_linear_model(path, weights, bias=bias, domain="all")


def _complaint(model: Path, module: Path, passes: str, folder: Path) -> str | None:
    """What is wrong with the facts of one module under either advisor."""
    outputs = []
    for name, log in (("lean", []), ("logged", [f"-fastir-log={folder / module.stem}.log"])):
        output = folder / f"{module.stem}.{name}.bc"
        result = run_opt(
            *(f"-fastir-model={model}", "-fastir-verify-facts", *log),
            *(f"-passes={passes}", module, "-o", output),
        )
        if result.returncode:
            return f"{module.name}, {name}: {result.stderr}"
        outputs.append(output.read_bytes())
    return None if outputs[0] == outputs[1] else f"{module.name}: the advisors differ"


@pytest.mark.parametrize("name", sorted(path.name for path in INPUTS.glob("*.ll")))
@pytest.mark.parametrize("passes", ["inliner-wrapper", "default<Oz>", "default<O3>"])
def test_facts_of_hand_written_modules(name: str, passes: str, model: Path, tmp_path: Path) -> None:
    assert _complaint(model, INPUTS / name, passes, tmp_path) is None


def test_costs_of_calls_that_differ(model: Path, tmp_path: Path) -> None:
    module = tmp_path / "calls.ll"
    module.write_text(CALLS_OF_ONE_CALLEE)
    assert _complaint(model, module, "inliner-wrapper", tmp_path) is None


@pytest.mark.parametrize("level", ["Oz", "O2"])
def test_facts_of_coroutines(level: str, model: Path, tmp_path: Path) -> None:
    module = tmp_path / "coroutine.bc"
    subprocess.run(
        [
            *("clang++-22", "-std=c++20", f"-{level}", "-Xclang", "-disable-llvm-passes"),
            *("-emit-llvm", "-c", INPUTS / "coroutine.cpp", "-o", module),
        ],
        check=True,
    )
    assert _complaint(model, module, f"default<{level}>", tmp_path) is None


@pytest.mark.parametrize("level", ["Os", "O3"])
def test_facts_of_real_modules(
    level: str, model: Path, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def complaint(module: Path) -> str | None:
        return _complaint(model, module, f"default<{level}>", tmp_path)

    assert in_parallel(complaint, real_modules[level][::4]) == []
