"""One log of many modules: in the order of their names, each written once, whole after a kill."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from fastir_train.label.decision_log import read_log
from fastir_train.runtime import rustc
from fastir_train.runtime.toolchain import plugin_path

MODULES = 40


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """ThinLTO objects; several threads of lld begin with the largest, one with the first."""
    folder = tmp_path_factory.mktemp("objects")
    for number in range(MODULES):
        calls = "+".join(f"g(x+{i})" for i in range(5 + number * 7 % 20))
        code = "int h(int);\n"
        code += f"static int g(int x) {{ return {'+'.join(f'h(x*{i})' for i in range(9))}; }}\n"
        code += f"int f{number}(int x) {{ return {calls}; }}\n"
        (folder / f"m{number:02}.c").write_text(code)
    (folder / "main.c").write_text("int main(void) { return 0; }\n")
    sources = sorted(path.name for path in folder.glob("*.c"))
    # g is not inlined before the link.
    command = ["clang-22", "-Oz", "-flto=thin", "-c", *sources]
    subprocess.run(command, check=True, cwd=folder)
    return sorted(folder.glob("*.o"))


def _link(objects: Sequence[Path], log: Path | None, jobs: int = 1, **more: str) -> int:
    """Link, and return how many bytes that wrote."""
    command = [
        *("clang-22", "-shared", "-nostdlib", "-flto=thin", "-fuse-ld=lld"),
        *(f"-Wl,--thinlto-jobs={jobs}", f"-Wl,--load-pass-plugin={plugin_path()}"),
        *(*map(str, reversed(objects)), "-o", os.devnull),
    ]
    environment = {**os.environ, "FASTIR_POLICY": "llvm", **more}
    if log:
        environment["FASTIR_LOG"] = str(log)
    before = _written()
    subprocess.run(command, check=not more, env=environment, capture_output=True)
    return _written() - before


def _written() -> int:
    """By this process, and by those that it has waited for."""
    found = re.search(r"^wchar: (\d+)", Path("/proc/self/io").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def _modules(log: Path) -> list[str]:
    return [re.sub(r"\.o.*", "", Path(c).name, flags=re.S) for c in read_log(log)["context"]]


def test_modules_are_in_the_order_of_their_names_whatever_the_threads(
    objects: list[Path], tmp_path: Path
) -> None:
    for jobs in (1, 2, 4):
        _link(objects, tmp_path / f"log{jobs}", jobs)
    names = _modules(tmp_path / "log1")
    assert names == sorted(names)
    assert len(set(names)) == MODULES
    contents = {(tmp_path / f"log{jobs}").read_bytes() for jobs in (1, 2, 4)}
    assert len(contents) == 1
    assert len(list(tmp_path.iterdir())) == 3


def test_each_module_is_written_once_and_ordered_once(objects: list[Path], tmp_path: Path) -> None:
    without = _link(objects, None)
    added = _link(objects, tmp_path / "log") - without
    assert added < 3 * (tmp_path / "log").stat().st_size


def test_a_link_that_is_killed_at_its_end_has_logged_all(
    objects: list[Path], tmp_path: Path
) -> None:
    """Killed where it would put the modules in order."""
    killer = "#include <signal.h>\nvoid _ZN4llvm13llvm_shutdownEv(void) { raise(SIGKILL); }\n"
    command = ["clang-22", "-shared", "-fPIC", "-x", "c", "-", "-o", str(tmp_path / "killer.so")]
    subprocess.run(command, input=killer, text=True, check=True)
    _link(objects, tmp_path / "whole")
    _link(objects, tmp_path / "killed", LD_PRELOAD=str(tmp_path / "killer.so"))
    assert _modules(tmp_path / "killed") != _modules(tmp_path / "whole")
    assert sorted(_modules(tmp_path / "killed")) == _modules(tmp_path / "whole")


def test_rustc_puts_its_modules_in_order_too(tmp_path: Path) -> None:
    if not rustc.loads_plugin():
        pytest.skip("there is no rustc of the plugin's LLVM")
    function = '#[inline(never)] pub fn f(x: &str) -> String { format!("{x}") }'
    (tmp_path / "l.rs").write_text("".join(f"pub mod m{i} {{ {function} }}\n" for i in range(16)))
    command = ["rustc", "--crate-type=lib", "-Copt-level=2", "-Ccodegen-units=16"]
    command += [f"-Zllvm-plugins={plugin_path()}", "l.rs"]
    added = {"RUSTC_BOOTSTRAP": "1", "FASTIR_POLICY": "llvm", "FASTIR_LOG": "log"}
    subprocess.run(command, check=True, cwd=tmp_path, env=os.environ | added)
    modules = [context.split(": ")[0] for context in read_log(tmp_path / "log")["context"]]
    assert modules == sorted(modules)
    assert len(set(modules)) > 1
