"""Other machines: programs are built for them by the same suites, and tested by emulation."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from planted import SUITE, read_suite

from fastir_train.benchmark.measure import measure
from fastir_train.benchmark.suite import for_target, load_suite, suite_path
from fastir_train.corpus.build import discard
from fastir_train.corpus.manifest import load_projects, local_project
from fastir_train.corpus.targets import TARGETS, Target
from fastir_train.runtime.errors import FastirError

MACHINES = {
    "aarch64-linux-gnu": "aarch64",
    "riscv64-linux-gnu": "riscv64",
    "thumbv7-linux-gnueabihf": "arm",
    "wasm32-wasi": "wasm32",
}
CORPUS = Path(__file__).parents[2] / "corpus"

# Needs no library of the target's. LLVM leaves the calls of each template; the model does not.
LIBRARY = """
struct Cell { int value; Cell *next; };
template <int N> struct List {
  Cell *first;
  int get(int i) { Cell *c = first; while (i--) c = c->next; return c->value + N; }
  void set(int i, int v) { Cell *c = first; while (i--) c = c->next; c->value = v; }
};
template <int N> int move(List<N> *list, int i) { list->set(i, list->get(i + 1)); return N; }
int all(List<1> *a, List<2> *b, List<3> *c, int i) { return move(a, i) + move(b, i) + move(c, i); }
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "library.cpp").write_text(LIBRARY)
    (folder / "Makefile").write_text(
        "all:\n\t$(CXX) $(CXXFLAGS) -fPIC -c library.cpp -o library.o\n"
        "\t$(CXX) $(LDFLAGS) -nostdlib -shared library.o -o library.so\n"
    )
    return folder


def test_every_target_is_tested() -> None:
    assert set(TARGETS) == set(MACHINES)


@pytest.mark.parametrize("triple", TARGETS)
def test_what_is_built_is_the_targets(triple: str, library: Path, tmp_path: Path) -> None:
    more = '[[configuration]]\nname = "fastir"\nflags = ["-Oz"]\nplugin = {}\n'
    suite = for_target(read_suite(tmp_path, SUITE + more), TARGETS[triple])
    project = local_project(library, "library", "make", (), "")
    text = {}
    for configuration in suite.configurations:
        row, built = measure(project, configuration, tmp_path / "work", 1, decisions=True)
        assert row.status == "no tests", row.log
        assert built
        header = subprocess.run(
            ["llvm-readobj-22", "--file-header", *built.outputs],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert re.search(rf"Arch: {MACHINES[triple]}\b", header)
        text[configuration.name] = row.text
        if configuration.has_plugin:
            assert row.decisions
        discard(built)
    assert set(text) == {"stock", "fastir"}


def test_a_library_of_webassembly_is_measured_as_the_module_it_makes(
    library: Path, tmp_path: Path
) -> None:
    suite = for_target(read_suite(tmp_path, SUITE), TARGETS["wasm32-wasi"])
    project = local_project(library, "library", "make", (), "")
    row, built = measure(project, suite.configurations[0], tmp_path / "work", 1)
    assert built
    link = ["wasm-ld-22", "--no-entry", "--export-dynamic", "library.o", "-o", "module.wasm"]
    subprocess.run(link, check=True, cwd=built.root)
    listing = subprocess.run(
        ["llvm-objdump-22", "--section-headers", "module.wasm"],
        check=True,
        capture_output=True,
        text=True,
        cwd=built.root,
    ).stdout
    theirs = {
        name: int(size, 16)
        for name, size in re.findall(r"^ +\d+ ([A-Z]+) +([0-9a-f]+) ", listing, re.MULTILINE)
    }
    assert {str(one["name"]): one["bytes"] for one in row.sections} == theirs
    assert row.text == theirs["CODE"] > 0
    assert row.loadable == sum(theirs.values())


def test_thumb_code_is_thumb(library: Path) -> None:
    flags = [*TARGETS["thumbv7-linux-gnueabihf"].flags, "-Oz", "-c", "library.cpp"]
    subprocess.run(["clang++-22", *flags], check=True, cwd=library)
    listing = subprocess.run(
        ["llvm-objdump-22", "-d", library / "library.o"], check=True, capture_output=True, text=True
    ).stdout
    # Instructions of two bytes: ARM's own have four.
    assert re.search(r"^ +[0-9a-f]+: [0-9a-f]{4} +\t?\s*bx\tlr", listing, re.MULTILINE)


def test_a_suite_leaves_out_what_the_target_cannot_do() -> None:
    suite = load_suite(suite_path("size"), load_projects(CORPUS))
    other = for_target(suite, TARGETS["aarch64-linux-gnu"])
    assert other.name == "size-aarch64-linux-gnu"
    assert {project.language for project in suite.projects} == {"c", "c++", "rust"}
    assert {project.language for project in other.projects} == {"c", "c++"}
    assert suite.instructions
    assert not other.instructions
    assert all("--target=aarch64-linux-gnu" in one.flags for one in other.configurations)


def test_libraries_that_are_missing_are_one_error_that_names_their_package() -> None:
    flags = ("--target=s390x-linux-gnu",)
    target = Target("s390x-linux-gnu", flags, "the-package", "none", {})
    with pytest.raises(FastirError, match="no program can be linked for s390x") as error:
        target.check()
    assert "Debian has what it needs: the-package" in str(error.value)
    assert "\n" not in str(error.value)


def test_programs_that_cannot_be_run_are_one_error(tmp_path: Path) -> None:
    here = Target("here", (), "none", "a package lets the kernel do so", {})
    here.check()
    nowhere = replace(here, flags=("-Wl,--dynamic-linker=/none/ld.so",))
    with pytest.raises(FastirError, match="no program for here can be run here: a package lets"):
        nowhere.check()
