"""Alternatives measured together, against compiles of their own."""

import random
import subprocess
from pathlib import Path

import polars as pl
import pytest
from conftest import in_parallel

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from fastir_train.label.replay import advice_of, sites_of
from llvm_tools.engine import Level, Policy

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


def _change_alone(
    source: bytes | Path,
    base: llvm_tools.Compilation,
    flip: dict[int, bool],
    *,
    level: Level = "Oz",
    policy: Policy = "llvm",
) -> tuple[int, int]:
    """What ``_bytes`` of a compile of its own differ by, all other decisions as in the base."""
    sites = sites_of(base.decisions())
    advice = advice_of(base.decisions())
    advice |= {sites[decision]: inline for decision, inline in flip.items()}
    alone = llvm_tools.compile_module(
        source, level=level, policy=policy, by_symbol=True, site_overrides=advice
    )
    (text, loadable), (text_before, loadable_before) = _bytes(alone), _bytes(base)
    return text - text_before, loadable - loadable_before


@pytest.mark.parametrize("policy", ["llvm", "never"])
def test_alternatives_measured_together_equal_those_compiled_alone(
    policy: Policy, real_modules: dict[str, list[Path]]
) -> None:
    def differs(module: Path) -> str | None:
        base = llvm_tools.compile_module(module, policy=policy, by_symbol=True)
        flips = _flips(base.decisions(), 40)
        together = llvm_tools.measure_alternatives(module, flips, policy=policy)
        assert (together.text, together.loadable) == _bytes(base)
        for flip, measured in zip(flips[::4], together.changes.rows()[::4], strict=True):
            expected = _change_alone(module, base, flip, policy=policy)
            if measured != expected:
                return f"{module.name}: flip {flip} {measured}, alone {expected}"
        return None

    assert in_parallel(differs, real_modules["Oz"][::6]) == []


def test_fewer_compiles_than_alternatives(real_modules: dict[str, list[Path]]) -> None:
    module = max(real_modules["Oz"], key=lambda path: path.stat().st_size)
    flips = _flips(llvm_tools.compile_module(module).decisions(), 60)
    together = llvm_tools.measure_alternatives(module, flips)
    alone = llvm_tools.measure_alternatives(module, flips, batch_size=1)
    assert alone.compiles == 1 + len(flips)
    assert together.compiles < alone.compiles / 2
    functions = alone.base.symbols().filter(kind="text").height
    assert alone.reused > len(flips) * functions / 4
    assert together.changes.equals(alone.changes)


def test_a_module_that_others_let_grow_too_much_is_compiled_again() -> None:
    # With `large` in `f0` and `f1` the module is twice its size, and no policy is asked about `h`.
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
    alone = llvm_tools.measure_alternatives(module, flips, batch_size=1)
    base = llvm_tools.compile_module(module, by_symbol=True)
    assert base.decisions()["inlines"].to_list() == [False] * 4 + [True]
    assert together.base.decisions().equals(base.decisions())
    expected = [_change_alone(module, base, flip) for flip in flips]
    assert together.changes.rows() == alone.changes.rows() == expected
    assert expected[2][0] != 0


def test_an_alternative_of_several_decisions_is_one_compile_with_all_of_them() -> None:
    both = llvm_tools.measure_alternatives(TWO_CALLEES, [{0: False, 1: True}])
    kept = llvm_tools.compile_module(TWO_CALLEES, by_symbol=True)
    flipped = llvm_tools.compile_module(TWO_CALLEES, by_symbol=True, overrides={0: False, 1: True})
    expected = tuple(a - b for a, b in zip(_bytes(flipped), _bytes(kept), strict=True))
    assert both.changes.rows() == [expected]
    assert expected != (0, 0)


def _clang_sections(source: bytes, folder: Path) -> dict[str, int]:
    (folder / "m.ll").write_bytes(source)
    command = ["clang-22", "-Oz", "-fPIC", "-ffunction-sections", "-x", "ir", "-c"]
    command += [str(folder / "m.ll"), "-o", str(folder / "m.o")]
    subprocess.run(command, check=True)
    return read_sections(folder / "m.o")


def test_comdats_count_by_their_weight(tmp_path: Path) -> None:
    source = b"""
target triple = "x86_64-pc-linux-gnu"
$shared = comdat any
@keep = global ptr @shared
define internal i32 @small(i32 %x) minsize optsize { %y = mul i32 %x, 77777 ret i32 %y }
define linkonce_odr i32 @shared(i32 %x) noinline minsize optsize comdat {
  %y = call i32 @small(i32 %x) ret i32 %y
}
"""
    inlined = _clang_sections(source, tmp_path)
    kept = _clang_sections(
        source.replace(b"@small(i32 %x) m", b"@small(i32 %x) noinline m"), tmp_path
    )
    assert ".text.small" not in inlined
    saved = inlined[".text.shared"] - kept[".text.shared"]
    assert saved > 0
    for weight in (0, 0.5, 1):
        measured = llvm_tools.measure_alternatives(source, [{0: False}], weights={"shared": weight})
        assert measured.text == weight * inlined[".text.shared"]
        change = kept[".text.small"] - weight * saved
        # Neither unwind entries nor data change.
        assert measured.changes.rows() == [(change, change)]


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


def test_what_variants_take_over_from_the_base_is_what_they_would_make_themselves() -> None:
    # What makes code hang together beyond calls: attributes that callers depend on, an alias, the
    # address of a block, tables and strings that passes make, variables that become constants.
    source = b"""
target triple = "x86_64-unknown-linux-gnu"
@state = internal global i32 3
@names = internal constant [4 x ptr] [ptr @n0, ptr @n1, ptr @n2, ptr @n3]
@table = internal unnamed_addr constant [4 x ptr] [ptr @v0, ptr @v1, ptr @v2, ptr @v3]
@v0 = internal unnamed_addr constant i32 10
@v1 = internal unnamed_addr constant i32 20
@v2 = internal unnamed_addr constant i32 30
@v3 = internal unnamed_addr constant i32 40
@n0 = private unnamed_addr constant [2 x i8] c"a\\00"
@n1 = private unnamed_addr constant [2 x i8] c"b\\00"
@n2 = private unnamed_addr constant [2 x i8] c"c\\00"
@n3 = private unnamed_addr constant [2 x i8] c"d\\00"
@text = private unnamed_addr constant [7 x i8] c"hello\\0A\\00"
@sink = global i32 0
@other = alias i32 (i32), ptr @aliased
declare i32 @printf(ptr, ...)
declare i32 @unknown(i32)

define internal i32 @pure(i32 %x) minsize optsize { %y = mul i32 %x, 12345 ret i32 %y }
define internal i32 @impure(i32 %x) minsize optsize {
  store volatile i32 %x, ptr @sink
  %y = call i32 @pure(i32 %x)
  %z = call i32 @pure(i32 %y)
  ret i32 %z
}
define i32 @aliased(i32 %x) minsize optsize {
  %y = call i32 @impure(i32 %x)
  %z = call i32 @pure(i32 %y)
  ret i32 %z
}
define internal void @set(i32 %x) minsize optsize { store i32 %x, ptr @state ret void }
define internal i32 @get() minsize optsize { %v = load i32, ptr @state ret i32 %v }
define internal ptr @name(i32 %x) minsize optsize {
  %i = and i32 %x, 3
  %w = zext i32 %i to i64
  %p = getelementptr [4 x ptr], ptr @names, i64 0, i64 %w
  %n = load ptr, ptr %p
  ret ptr %n
}
define internal i32 @choose(i32 %x) minsize optsize {
  switch i32 %x, label %d [ i32 0, label %a i32 1, label %b i32 2, label %c i32 3, label %e ]
a: br label %end
b: br label %end
c: br label %end
e: br label %end
d: br label %end
end:
  %r = phi i32 [ 17, %a ], [ 400, %b ], [ 93, %c ], [ 5, %e ], [ 1, %d ]
  ret i32 %r
}
define internal void @hello() minsize optsize { call i32 (ptr, ...) @printf(ptr @text) ret void }
define i32 @lookup(i64 %i) minsize optsize {
  %p = getelementptr [4 x ptr], ptr @table, i64 0, i64 %i
  %n = load ptr, ptr %p
  %v = load i32, ptr %n
  ret i32 %v
}
define internal i32 @maybe(i32 %x, i1 %flag) minsize optsize {
  br i1 %flag, label %yes, label %no
yes:
  %u = call i32 @unknown(i32 %x)
  ret i32 %u
no:
  ret i32 %x
}
define i32 @large(i32 %x) noinline minsize optsize {
  %m = call i32 @maybe(i32 %x, i1 false)
  %a = mul i32 %m, 1001
  %b = xor i32 %a, 3333
  %c = mul i32 %b, %a
  %d = xor i32 %c, 4444
  %e = mul i32 %d, %c
  %f = xor i32 %e, 5555
  %g = mul i32 %f, %e
  ret i32 %g
}
define i32 @twice(i32 %x, i1 %flag) minsize optsize {
  %a = call i32 @large(i32 %x)
  %b = call i32 @large(i32 %x)
  %c = call i32 @maybe(i32 %b, i1 %flag)
  %s = add i32 %a, %c
  ret i32 %s
}
define i32 @jump(i32 %x) minsize optsize {
  %c = call i32 @choose(i32 %x)
  %even = icmp eq i32 %c, 17
  %to = select i1 %even, ptr blockaddress(@jump, %one), ptr blockaddress(@jump, %two)
  indirectbr ptr %to, [ label %one, label %two ]
one:
  call void @hello()
  ret i32 1
two:
  %v = call i32 @get()
  ret i32 %v
}
define i32 @first(i32 %x) minsize optsize {
  call void @hello()
  %c = call i32 @choose(i32 %x)
  %y = call i32 @impure(i32 %c)
  %z = call i32 @aliased(i32 %y)
  ret i32 %z
}
define ptr @second(i32 %x) minsize optsize {
  call void @set(i32 %x)
  %v = call i32 @get()
  %z = call i32 @first(i32 %v)
  %n = call ptr @name(i32 %z)
  ret ptr %n
}
define ptr @third(i32 %x) minsize optsize {
  %z = call i32 @choose(i32 %x)
  %w = call i32 @unknown(i32 %z)
  %n = call ptr @name(i32 %w)
  ret ptr %n
}
!llvm.module.flags = !{!0}
!0 = !{i32 8, !"PIC Level", i32 2}
"""
    base = llvm_tools.compile_module(source, by_symbol=True)
    flips: list[dict[int, bool]] = [
        {n: not was} for n, was in enumerate(base.decisions()["inlines"])
    ]
    measured = llvm_tools.measure_alternatives(source, flips)
    assert (measured.text, measured.loadable) == _bytes(base)
    expected = [_change_alone(source, base, flip) for flip in flips]
    assert len(flips) > 12
    assert measured.changes.rows() == expected
    assert any(change != (0, 0) for change in expected)


def test_a_function_that_comes_back_is_attributed_to_the_alternative_that_calls_it() -> None:
    # No module emits `body` until `f` holds the inside of `entry`, which is another module's.
    # What is inlined into `body` changes nothing before that.
    source = b"""
target triple = "x86_64-pc-linux-gnu"
@sink = global i32 0
define linkonce_odr void @inner(i32 %x) minsize optsize nounwind {
  store volatile i32 %x, ptr @sink
  ret void
}
define linkonce_odr void @body(i32 %x) minsize optsize nounwind {
  store volatile i32 7, ptr @sink
  call void @inner(i32 %x)
  ret void
}
define available_externally void @entry(i32 %x) minsize optsize nounwind {
  call void @body(i32 %x)
  ret void
}
define void @f(i32 %x) minsize optsize nounwind { call void @entry(i32 %x) ret void }
"""
    base = llvm_tools.compile_module(source, policy="never", by_symbol=True)
    decisions = base.decisions()
    number = {(a, b): n for n, a, b in decisions.select("decision", "caller", "callee").rows()}
    alternatives = [{number["f", "entry"]: True}, {number["body", "inner"]: True}]
    together = llvm_tools.measure_alternatives(source, alternatives, policy="never")
    alone = llvm_tools.measure_alternatives(source, alternatives, policy="never", batch_size=1)
    expected = [_change_alone(source, base, flip, policy="never") for flip in alternatives]
    assert together.changes.rows() == alone.changes.rows() == expected
    assert [change != (0, 0) for change in expected] == [True, False]


def test_calls_that_go_through_a_table_still_do_where_their_callee_is_as_it_was() -> None:
    # As rustc has it: `callee` may be another library's when the program runs.
    source = b"""
target triple = "x86_64-pc-linux-gnu"
@sink = global i32 0
define void @callee(i32 %x) noinline minsize optsize nonlazybind {
  store volatile i32 %x, ptr @sink
  ret void
}
define internal i32 @small(i32 %x) minsize optsize { %y = mul i32 %x, 77777 ret i32 %y }
define i32 @f(i32 %x) minsize optsize {
  %y = call i32 @small(i32 %x)
  call void @callee(i32 %y) nonlazybind
  call void @callee(i32 %x) nonlazybind
  call void @callee(i32 3) nonlazybind
  call void @callee(i32 4) nonlazybind
  call void @callee(i32 5) nonlazybind
  call void @callee(i32 6) nonlazybind
  ret i32 %y
}
!llvm.module.flags = !{!0}
!0 = !{i32 8, !"PIC Level", i32 2}
"""
    (change,) = llvm_tools.measure_alternatives(source, [{0: False}]).changes.rows()
    sizes = [
        _bytes(llvm_tools.compile_module(source, by_symbol=True, overrides={0: inline}))
        for inline in (False, True)
    ]
    assert change == tuple(kept - inlined for kept, inlined in zip(*sizes, strict=True))


@pytest.mark.parametrize("level", ["O1", "O2", "O3"])
def test_variants_at_other_levels_are_compiles_of_their_own(level: Level) -> None:
    # At -O3 `reads` gets the value in place of the pointer. Both flips share a compile, which
    # changes a decision before `reads` has had its turn.
    source = b"""
target triple = "x86_64-pc-linux-gnu"
define internal i32 @one(i32 %x) { %y = mul i32 %x, 77777 ret i32 %y }
define internal i32 @two(i32 %x) { %y = mul i32 %x, 33333 ret i32 %y }
define i32 @g(i32 %x) { %y = call i32 @one(i32 %x) ret i32 %y }
define internal i32 @reads(ptr %p) noinline { %x = load i32, ptr %p %y = mul i32 %x, 7 ret i32 %y }
define i32 @f(ptr %p) { %x = call i32 @reads(ptr %p) %y = call i32 @two(i32 %x) ret i32 %y }
define i32 @h(ptr %p) { %x = call i32 @reads(ptr %p) ret i32 %x }
"""
    base = llvm_tools.compile_module(source, level=level, by_symbol=True)
    flips = [{n: not was} for n, was in enumerate(base.decisions()["inlines"])]
    measured = llvm_tools.measure_alternatives(source, flips, level=level)
    expected = [_change_alone(source, base, flip, level=level) for flip in flips]
    assert measured.changes.rows() == expected
    assert (len(flips), measured.compiles) == (2, 2)
