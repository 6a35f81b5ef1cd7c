"""What the linker's back ends compile: collected there, and compiled in-process as they do."""

import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from conftest import REAL_PROJECTS

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from fastir_train.corpus.collect import environment, read_collected
from fastir_train.label.replay import advice_of, sites_of
from fastir_train.label.visibility import internal_at_link, read_calls, read_functions
from fastir_train.runtime.toolchain import link_flags, tool
from llvm_tools.engine import Phase

KINDS = {"text": ".text", "except_table": ".gcc_except_table"}
LTO = {"thin-link": "thin", "full-link": "full"}


def _run(*command: str | Path, **variables: str) -> str:
    found = subprocess.run(
        command,
        check=False,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


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


def _sizes_of_objects(folder: Path) -> dict[str, int]:
    """Of what the linker's back ends made."""
    sizes: dict[str, int] = defaultdict(int)
    for path in folder.glob("program.lto.*o"):
        for name, size in read_sections(path).items():
            for kind, prefix in KINDS.items():
                sizes[kind] += size if name.startswith(prefix) else 0
    return sizes


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
    expected = _sizes_of_objects(tmp_path)
    found: dict[str, int] = defaultdict(int)
    for content in rows["content"]:
        pieces = llvm_tools.compile_module(content, level="Oz", phase=phase).pieces()
        for kind in KINDS:
            found[kind] += int(pieces.filter(pl.col("kind") == kind)["bytes"].sum())
    assert expected["text"] > 10_000
    assert found == expected


@pytest.mark.parametrize("project", ["jsoncpp"])  # the others hide what other modules define
@pytest.mark.parametrize("lto", ["thin", "full"])
def test_a_compile_and_its_link_make_what_clang_and_lld_make_of_a_lone_module(
    lto: Literal["thin", "full"], project: str, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    module = max(_modules(real_modules, project), key=lambda path: path.stat().st_size)
    content = module.read_bytes()
    symbols = [line.split() for line in _run(tool("llvm-nm"), module).splitlines()]
    defined = [name for *_, kind, name in symbols if kind in "TWVDBR"]
    used = [name for *_, kind, name in symbols if kind == "T"][::2]
    assert len(used) > 3
    internal = sorted(set(defined) - set(used))
    user = tmp_path / "user.s"
    user.write_text(".data\n" + "".join(f".quad {name}\n" for name in used))
    compiled = tmp_path / "module.o"
    _run("clang-22", "-Oz", f"-flto={lto}", "-fPIC", "-x", "ir", "-c", module, "-o", compiled)
    _run(
        *("clang-22", "-pie", "-nostdlib", f"-flto={lto}", "-fuse-ld=lld", compiled, user),
        *("-Wl,-e,0,--unresolved-symbols=ignore-all,--save-temps=prelink", "-o"),
        tmp_path / "program",
    )
    expected = _sizes_of_objects(tmp_path)
    phase: Phase = "thin-pre-link" if lto == "thin" else "full-pre-link"
    pieces = llvm_tools.compile_module(content, phase=phase, internal=internal).pieces()
    found = {kind: int(pieces.filter(pl.col("kind") == kind)["bytes"].sum()) for kind in KINDS}
    assert expected["text"] > 500
    assert found == expected
    alone = llvm_tools.compile_module(content, phase=phase).pieces()
    assert int(alone.filter(kind="text")["bytes"].sum()) > found["text"]


@pytest.mark.parametrize("phase", ["thin-pre-link", "full-pre-link"])
def test_alternatives_before_a_link_change_what_a_compile_of_each_changes(
    phase: Phase, real_modules: dict[str, list[Path]]
) -> None:
    module = max(_modules(real_modules, "jsoncpp"), key=lambda path: path.stat().st_size)
    lone = pl.DataFrame({"module": "m", "content": module.read_bytes()})
    internal = internal_at_link(read_functions(lone), read_calls(lone))["function"].to_list()
    base = llvm_tools.compile_module(module, phase=phase, internal=internal, by_symbol=True)
    sites = sites_of(base.decisions())
    advice = advice_of(base.decisions())
    flipped = range(5, len(sites), len(sites) // 12)
    measured = llvm_tools.measure_alternatives(
        module, [{n: not advice[sites[n]]} for n in flipped], phase=phase, internal=internal
    )
    before = base.weighted_bytes({})
    changed = 0
    for number, (text, loadable) in zip(flipped, measured.changes.rows(), strict=True):
        site = sites[number]
        after = llvm_tools.compile_module(
            module,
            phase=phase,
            internal=internal,
            site_overrides={**advice, site: not advice[site]},
            by_symbol=True,
        ).weighted_bytes({})
        assert (text, loadable) == (after[0] - before[0], after[1] - before[1])
        changed += text != 0
    assert changed > 3


def test_an_unknown_phase_is_refused() -> None:
    module = b"define void @f() { ret void }"
    with pytest.raises(llvm_tools.EngineError, match="phase 'link' is none of 'compile', "):
        llvm_tools.compile_module(module, phase="link")  # pyright: ignore[reportArgumentType]
