"""The search for the best decisions, against every decision that there is."""

import itertools
import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

import llvm_tools
from fastir_train.benchmark.link_model import agreement, compare_with_links, predict_linked
from fastir_train.label.labels import BaselineTask, Rollout
from fastir_train.label.search import SearchTask, search, search_project
from fastir_train.problem.objective import SizeObjective
from fastir_train.runtime.console import Console
from fastir_train.runtime.workers import local_runner

LLVM = Rollout("llvm", "llvm", "Oz")

# Six decisions; `wide` has two calls, and inlining both is what makes its body go.
SOURCE = """
extern int a, b, c, d;
static int wide(int x) { a = x; b = x * 3; c = x ^ b; d += 2; return x / 7; }
static int small(int x) { return x + 1; }
static int once(int x) { a += x; b -= x; return a * b; }
int f(int x) { return wide(x) + small(x); }
int g(int x) { return wide(x + 1) + once(small(x)); }
int h(int x) { return f(x) + g(x); }
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("search")
    (folder / "m.c").write_text(SOURCE)
    command = ["clang-22", "-Oz", "-fPIC", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c"]
    subprocess.run([*command, str(folder / "m.c"), "-o", str(folder / "m.bc")], check=True)
    return (folder / "m.bc").read_bytes()


def _loadable(content: bytes, **options: object) -> float:
    compilation = llvm_tools.compile_module(content, **options)  # pyright: ignore[reportArgumentType]
    return compilation.weighted_bytes({})[1]


def test_the_search_finds_what_trying_everything_finds(module: bytes) -> None:
    decisions = llvm_tools.compile_module(module).decisions()
    assert decisions.height >= 6
    task = SearchTask(BaselineTask("p", "m", module, LLVM), {}, objective=SizeObjective(own=1.0))
    found = _loadable(module, site_overrides=search(task))
    every = itertools.product([False, True], repeat=decisions.height)
    best = min(_loadable(module, overrides=dict(enumerate(advice))) for advice in every)
    assert found == best < _loadable(module)


def test_what_was_found_is_not_searched_again(module: bytes, tmp_path: Path) -> None:
    modules = pl.DataFrame({"project": ["p"], "module": ["m"], "content": [module]})
    with Console() as console:
        search_project(modules, LLVM, tmp_path / "found", local_runner(1), console)
        (path,) = (tmp_path / "found").iterdir()
        path.write_text("kept")
        search_project(modules, LLVM, tmp_path / "found", local_runner(1), console)
    assert path.name == "m.replay"
    assert path.read_text() == "kept"


def test_a_comdat_of_two_modules_is_predicted_once(tmp_path: Path) -> None:
    source = tmp_path / "m.cpp"
    source.write_text(
        "extern int a; inline __attribute__((noinline)) int shared(int x) { a = x; return x * 7; }"
        "int NAME(int x) { return shared(x) + a; }"
    )
    contents, objects = [], []
    for name in ("f", "g"):
        command = ["clang-22", "-Oz", "-fPIC", f"-DNAME={name}", "-c", str(source)]
        bitcode, output = tmp_path / f"{name}.bc", tmp_path / f"{name}.o"
        subprocess.run(
            [*command, "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-o", str(bitcode)],
            check=True,
        )
        subprocess.run([*command, "-ffunction-sections", "-o", str(output)], check=True)
        contents.append(bitcode.read_bytes())
        objects.append(str(output))
    linked = tmp_path / "linked.so"
    command = ["clang-22", "-shared", "-nostdlib", "-fuse-ld=lld", *objects, "-o", str(linked)]
    subprocess.run(command, check=True)
    sizes = subprocess.run(
        ["llvm-nm-22", "--print-size", "--radix=d", str(linked)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    functions = [line.split() for line in sizes.splitlines() if " T " in line or " W " in line]
    assert len(functions) == 3
    modules = pl.DataFrame({"project": ["p", "p"], "module": ["f", "g"], "content": contents})
    with Console() as console:
        predicted = predict_linked(modules, LLVM, local_runner(1), console)
    assert predicted["text"].item() == sum(int(size) for _, size, *_ in functions)


def test_agreement_is_that_of_scipy() -> None:
    random = np.random.default_rng(1)
    predicted = random.normal(size=30)
    linked = 0.8 * predicted + random.normal(0, 0.1, 30)
    found = agreement(predicted, linked)
    assert found.correlation == pytest.approx(stats.pearsonr(predicted, linked)[0])
    # A line through the origin is one through the points and their mirror images.
    mirrored = stats.linregress(np.append(predicted, -predicted), np.append(linked, -linked))
    assert found.slope == pytest.approx(mirrored[0])


def test_a_project_that_failed_is_not_compared() -> None:
    sizes = {f"{what}_{when}": [100, 100] for what in ("text", "loadable") for when in ("before",)}
    after = {"text_after": [90, 50], "loadable_after": [80, 50]}
    names = {"project": ["p", "q"], "language": ["c", "c"], "status": ["pass", "build failed"]}
    scores = pl.DataFrame({**names, **sizes, **after})
    stock = pl.DataFrame({"project": ["p", "q"], "text": [50.0, 1], "loadable": [50.0, 1]})
    changed = pl.DataFrame({"project": ["p", "q"], "text": [44.0, 1], "loadable": [45.0, 1]})
    row = compare_with_links(scores, stock, changed).row(0, named=True)
    assert compare_with_links(scores, stock, changed).height == 1
    assert row["predicted_text"] == pytest.approx(-0.12)
    assert row["linked_text"] == pytest.approx(-0.1)
    assert row["predicted_loadable"] == pytest.approx(-0.1)
    assert row["linked_loadable"] == pytest.approx(-0.2)
