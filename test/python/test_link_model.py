"""Sums of a project's modules, beside what lld links."""

import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from fastir_train.benchmark.link_model import agreement, compare_with_links, predict_linked
from fastir_train.label.labels import Rollout
from fastir_train.runtime.console import Console
from fastir_train.runtime.workers import local_runner

LLVM = Rollout("llvm", "llvm", "Oz")


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
