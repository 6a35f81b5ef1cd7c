"""What the linker's back ends compile: collected there, and compiled in-process as they do."""

import subprocess
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
from conftest import REAL_PROJECTS

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from fastir_train.corpus.collect import environment, read_collected
from fastir_train.runtime.toolchain import link_flags
from llvm_tools.engine import Phase

KINDS = {"text": ".text", "except_table": ".gcc_except_table"}
LTO = {"thin-link": "thin", "full-link": "full"}


def _run(*command: str | Path, **variables: str) -> None:
    found = subprocess.run(
        command,
        check=False,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr


def _link(phase: Phase, modules: list[Path], folder: Path, level: str = "Oz") -> Path:
    """Links what exports all, keeps the linker's objects, and returns what it collected."""
    lto = f"-flto={LTO[phase]}"
    objects = []
    for module in modules:
        objects.append(folder / f"{module.stem}.o")
        _run("clang-22", f"-{level}", lto, "-fPIC", "-x", "ir", "-c", module, "-o", objects[-1])
    collected = folder / "collected"
    variables = environment(collected)
    del variables["CCC_OVERRIDE_OPTIONS"]
    _run(
        *("clang-22", "-pie", "-nostdlib", lto, "-fuse-ld=lld", *link_flags(), *objects),
        "-Wl,-e,0,--export-dynamic,--unresolved-symbols=ignore-all",
        *("-Wl,--save-temps=prelink", "-o", folder / "program"),
        **variables,
    )
    return collected


def _modules(real_modules: dict[str, list[Path]], project: str) -> list[Path]:
    found = [path for path in real_modules["Oz"] if path.parent.name == project]
    # Each source once: what is linked twice is defined twice.
    sources = {path.name.rsplit("-", 1)[0]: path for path in found}
    programs = ("main", "luac", "lua.c", "test")
    return [path for name, path in sources.items() if not name.startswith(programs)]


@pytest.mark.parametrize("project", REAL_PROJECTS)
@pytest.mark.parametrize("phase", ["thin-link", "full-link"])
def test_sizes_equal_those_of_llds_objects(
    phase: Phase, project: str, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    rows = read_collected(_link(phase, _modules(real_modules, project), tmp_path))
    assert set(rows["phase"]) == {phase}
    expected: dict[str, int] = defaultdict(int)
    for path in tmp_path.glob("program.lto.*o"):
        for name, size in read_sections(path).items():
            for kind, prefix in KINDS.items():
                expected[kind] += size if name.startswith(prefix) else 0
    found: dict[str, int] = defaultdict(int)
    for content in rows["content"]:
        pieces = llvm_tools.compile_module(content, level="Oz", phase=phase).pieces()
        for kind in KINDS:
            found[kind] += int(pieces.filter(pl.col("kind") == kind)["bytes"].sum())
    assert expected["text"] > 10_000
    assert found == expected


def test_a_phase_that_makes_no_object_code_is_refused() -> None:
    module = b"define void @f() { ret void }"
    with pytest.raises(llvm_tools.EngineError, match="phase 'thin-pre-link' makes no object code"):
        llvm_tools.compile_module(module, phase="thin-pre-link")  # pyright: ignore[reportArgumentType]
    with pytest.raises(llvm_tools.EngineError, match="phase 'link' is none of 'compile', "):
        llvm_tools.compile_module(module, phase="link")  # pyright: ignore[reportArgumentType]
