"""Alternatives measured together, against compiles of their own."""

import random
from pathlib import Path

import polars as pl
import pytest
from conftest import in_parallel

import llvm_tools
from fastir_train.replay import sites_of
from llvm_tools.engine import Policy

TWO_CALLEES = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"


def _flips(decisions: pl.DataFrame, most: int) -> list[dict[int, bool]]:
    rows = decisions.select("decision", "inlines").rows()
    chosen = random.Random(1).sample(rows, min(most, len(rows)))
    return [{decision: not inlines} for decision, inlines in sorted(chosen)]


def _bytes(compilation: llvm_tools.Compilation) -> tuple[int, int]:
    """Bytes of code, and of all that belongs to a function, an object or a comdat of them."""
    pieces = compilation.pieces().filter(
        ((pl.col("comdat") != "") | (pl.col("symbol") != ""))
        & ~pl.col("comdat").str.starts_with("DW.ref.")
    )
    text = pieces.filter(pl.col("kind") == "text")["bytes"].sum()
    return int(text), int(pieces["bytes"].sum())


@pytest.mark.parametrize("policy", ["llvm", "never"])
def test_alternatives_measured_together_equal_those_compiled_alone(
    policy: Policy, real_modules: dict[str, list[Path]]
) -> None:
    def differs(module: Path) -> str | None:
        base = llvm_tools.compile_module(module, policy=policy, by_symbol=True)
        sites = sites_of(base.decisions())
        advice = dict(zip(sites, base.decisions()["inlines"], strict=True))
        flips = _flips(base.decisions(), 40)
        together = llvm_tools.measure_alternatives(module, flips, policy=policy)
        text, loadable = _bytes(base)
        assert (together.text, together.loadable) == (text, loadable)
        for flip, measured in zip(flips[::4], together.changes.rows()[::4], strict=True):
            ((decision, inline),) = flip.items()
            overrides = advice | {sites[decision]: inline}
            alone = llvm_tools.compile_module(
                module, policy=policy, by_symbol=True, site_overrides=overrides
            )
            expected = tuple(a - b for a, b in zip(_bytes(alone), (text, loadable), strict=True))
            if measured != expected:
                return f"{module.name}: decision {decision} {measured}, alone {expected}"
        return None

    assert in_parallel(differs, real_modules["Oz"][::6]) == []


def test_fewer_compiles_than_alternatives(real_modules: dict[str, list[Path]]) -> None:
    module = max(real_modules["Oz"], key=lambda path: path.stat().st_size)
    flips = _flips(llvm_tools.compile_module(module).decisions(), 60)
    together = llvm_tools.measure_alternatives(module, flips)
    alone = llvm_tools.measure_alternatives(module, flips, company=1)
    assert alone.compiles == 1 + len(flips)
    assert together.compiles < alone.compiles / 2
    assert together.changes.equals(alone.changes)


def test_a_module_that_others_let_grow_too_much_is_compiled_again() -> None:
    # With `large` in `f0` and `f1` the module is twice its size, and nobody is asked about `h`.
    stores = "  store volatile i32 %n, ptr @sink\n"
    ways = "".join(
        f"define void @{caller}(i32 %n) minsize {{\n  call void @{callee}(i32 %n)\n  ret void\n}}\n"
        for caller, callee in [*((f"f{n}", "large") for n in range(4)), ("h", "small")]
    )
    module = (
        'target triple = "x86_64-unknown-linux-gnu"\n@sink = global i32 0\n'
        f"define void @large(i32 %n) minsize {{\n{stores * 100}  ret void\n}}\n"
        f"define void @small(i32 %n) minsize {{\n{stores}  ret void\n}}\n{ways}"
    ).encode()
    flips: list[dict[int, bool]] = [{0: True}, {1: True}, {4: False}]
    together = llvm_tools.measure_alternatives(module, flips)
    alone = llvm_tools.measure_alternatives(module, flips, company=1)
    assert together.base.decisions()["inlines"].to_list() == [False] * 4 + [True]
    assert together.changes.rows() == alone.changes.rows()
    assert alone.changes["delta_text"][2] != 0


def test_an_alternative_of_several_decisions_is_one_compile_with_all_of_them() -> None:
    both = llvm_tools.measure_alternatives(TWO_CALLEES, [{0: False, 1: True}])
    kept = llvm_tools.compile_module(TWO_CALLEES, by_symbol=True)
    flipped = llvm_tools.compile_module(TWO_CALLEES, by_symbol=True, overrides={0: False, 1: True})
    expected = tuple(a - b for a, b in zip(_bytes(flipped), _bytes(kept), strict=True))
    assert both.changes.rows() == [expected]
    assert expected != (0, 0)


def test_comdats_count_by_their_weight() -> None:
    source = b"""
target triple = "x86_64-pc-linux-gnu"
$shared = comdat any
@keep = global ptr @shared
define internal i32 @small(i32 %x) minsize optsize { %y = mul i32 %x, 77777 ret i32 %y }
define linkonce_odr i32 @shared(i32 %x) noinline minsize optsize comdat {
  %y = call i32 @small(i32 %x) ret i32 %y
}
"""
    full, half = (
        llvm_tools.measure_alternatives(source, [{0: False}], weights=weights)
        for weights in ({}, {"shared": 0.5})
    )
    only_shared = full.text - half.text
    assert only_shared > 0
    assert full.changes["delta_text"].item() != half.changes["delta_text"].item()


def test_os_gives_functions_the_attributes_of_os(real_modules: dict[str, list[Path]]) -> None:
    """A module made for -Oz, compiled at another level, comes out as if made for that."""
    by_name = {path.name.rsplit("-", 1)[0]: path for path in real_modules["Os"]}
    compared = 0
    for module in real_modules["Oz"][::5]:
        made_for_os = by_name.get(module.name.rsplit("-", 1)[0])
        if made_for_os is None:
            continue
        ours = llvm_tools.compile_module(module, level="Os", relevel=True)
        theirs = llvm_tools.compile_module(made_for_os, level="Os")
        assert ours.pieces().equals(theirs.pieces()), module.name
        compared += 1
    assert compared > 3


def test_an_unknown_decision_is_one_clear_error() -> None:
    with pytest.raises(llvm_tools.EngineError, match=r"there is no decision 2; the module has 2$"):
        llvm_tools.measure_alternatives(TWO_CALLEES, [{2: True}])
