"""Labels, against object files of stock clang with the decision written into the source."""

import subprocess
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from fastir_train.benchmark.sections import read_sections
from fastir_train.label.labels import (
    BaselineTask,
    LabelTask,
    Rollout,
    baselines,
    label,
    measure_baseline,
    measure_labels,
)
from fastir_train.label.sampling import Draw
from fastir_train.runtime.console import Console
from fastir_train.runtime.workers import local_runner

ROLLOUT = Rollout("test", "llvm", "Oz")

# Two calls of one local function; `keep` and `inline` write a decision into the source.
SOURCE = """
extern int a, b, c;
static {attribute} int callee(int x) {{ a = x; b = x * 3; c = x ^ b; return x / 7; }}
int caller(int x) {{ return callee(x) + callee(x + 1); }}
"""


def _bitcode(source: str, folder: Path) -> bytes:
    path = folder / "m.c"
    path.write_text(source)
    command = ["clang-22", "-Oz", "-fPIC", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c"]
    subprocess.run([*command, str(path), "-o", str(folder / "m.bc")], check=True)
    return (folder / "m.bc").read_bytes()


def _text_of(source: str, folder: Path) -> int:
    """Bytes of code with a section for each function: what the engine measures, too."""
    path = folder / "variant.c"
    path.write_text(source)
    output = folder / "variant.o"
    command = ["clang-22", "-Oz", "-fPIC", "-ffunction-sections"]
    subprocess.run([*command, "-c", str(path), "-o", str(output)], check=True)
    sections = read_sections(output)
    return sum(size for name, size in sections.items() if name.startswith(".text"))


def test_a_group_label_is_the_difference_between_two_sources(tmp_path: Path) -> None:
    content = _bitcode(SOURCE.format(attribute=""), tmp_path)
    base = BaselineTask("p", "m", content, ROLLOUT)
    calls = dict(measure_baseline(base).decisions.select("decision", "inlines").rows())
    assert len(calls) == 2
    labels = measure_labels(LabelTask(base, Draw(groups={"callee": calls}), {}))
    inlined, kept = (
        _text_of(SOURCE.format(attribute=f"__attribute__(({a}))"), tmp_path)
        for a in ("always_inline", "noinline")
    )
    assert labels["delta_text"].to_list() == [(inlined - kept) / 2]
    assert inlined != kept


def test_a_single_label_is_the_difference_that_one_call_makes(tmp_path: Path) -> None:
    once = SOURCE.replace("callee(x) + callee(x + 1)", "callee(x)")
    content = _bitcode(once.format(attribute=""), tmp_path)
    base = BaselineTask("p", "m", content, ROLLOUT)
    decisions = measure_baseline(base).decisions
    assert decisions["callee"].to_list() == ["callee"]
    advice = decisions["inlines"].item()
    labels = measure_labels(LabelTask(base, Draw(singles={0: advice}), {}))
    inlined, kept = (
        _text_of(once.format(attribute=f"__attribute__(({a}))"), tmp_path)
        for a in ("always_inline", "noinline")
    )
    assert labels["delta_text"].to_list() == [inlined - kept]


@pytest.fixture
def modules(tmp_path: Path) -> pl.DataFrame:
    first = _bitcode(SOURCE.format(attribute=""), tmp_path)
    second = _bitcode(SOURCE.format(attribute="").replace("caller", "other"), tmp_path)
    return pl.DataFrame(
        {"project": ["p", "p"], "module": ["first", "second"], "content": [first, second]}
    )


def test_labels_resume_and_survive_a_module_that_cannot_be_compiled(
    modules: pl.DataFrame, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = modules.vstack(
        pl.DataFrame({"project": ["p"], "module": ["broken"], "content": [b"BC"]})
    )
    console = Console()

    def run() -> pl.DataFrame:
        workers = local_runner(2)
        decisions = baselines(broken, ROLLOUT, tmp_path, workers, console)
        options = {"labels": 10, "seed": 1, "run": workers, "console": console}
        return label(broken, decisions, ROLLOUT, tmp_path, **options)

    first = run()
    assert set(first["module"]) == {"first", "second"}
    assert "left out: p: broken: EngineError" in capfd.readouterr().err
    parts = sorted((tmp_path / "labels").rglob("measured/*.parquet"))
    assert parts
    kept = parts[0].stat().st_mtime_ns
    parts[-1].unlink()
    assert run().equals(first)
    assert parts[0].stat().st_mtime_ns == kept
    assert parts[-1].is_file()


def test_a_comdat_that_two_modules_emit_weighs_half_in_each(tmp_path: Path) -> None:
    template = """
target triple = "x86_64-pc-linux-gnu"
$shared = comdat any
define linkonce_odr i32 @shared(i32 %x) noinline comdat { ret i32 %x }
define i32 @NAME(i32 %x) { %y = call i32 @shared(i32 %x) ret i32 %y }
"""
    rows = {
        "project": ["p", "p"],
        "module": ["a", "b"],
        "content": [template.replace("NAME", name).encode() for name in ("a", "b")],
    }
    baselines(pl.DataFrame(rows), ROLLOUT, tmp_path, local_runner(1), Console())
    (path,) = ROLLOUT.folder(tmp_path).glob("p-*/weights.parquet")
    assert pl.read_parquet(path).rows() == [("shared", 0.5)]

    # A link has merged them already: what two programs have, each of them has in full.
    at_link = replace(ROLLOUT, phase="thin-link")
    baselines(pl.DataFrame(rows), at_link, tmp_path, local_runner(1), Console())
    (path,) = (tmp_path / "labels" / "thin-link").glob("*/p-*/weights.parquet")
    assert pl.read_parquet(path).rows() == []


def test_labels_before_a_link_know_what_the_link_makes_internal(tmp_path: Path) -> None:
    """LLVM leaves the only call of a large function; the link inlines what is internal by then."""
    body = "a = x; " * 20
    text = (
        f"extern volatile int a; void large(int x) {{ {body} }} void api(int x) {{ large(x + 1); }}"
    )
    modules = pl.DataFrame(
        {"project": ["p"], "module": ["m"], "content": [_bitcode(text, tmp_path)]}
    )
    plan = Rollout("test", "llvm", "Oz", phase="thin-pre-link")
    workers, console = local_runner(1), Console()
    decisions = baselines(modules, plan, tmp_path, workers, console)
    assert decisions.select("callee", "inlines").rows() == [("large", False)]
    draw = {"labels": 10, "seed": 1, "run": workers, "console": console}
    base = BaselineTask("p", "m", modules["content"].item(), plan)
    exported = measure_labels(LabelTask(base, Draw(singles={0: False}), {}))
    assert exported["delta_text"].item() > 10
    internal = measure_labels(
        LabelTask(replace(base, internal=["large"]), Draw(singles={0: False}), {})
    )
    assert abs(internal["delta_text"].item()) < 10
    labels = label(modules, decisions, plan, tmp_path, **draw)
    assert labels["delta_text"].to_list() == internal["delta_text"].to_list()
