"""Tuning whole programs: what is found is built, tested, written down, and never worse."""

import os
import pickle
import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from planted import many_calls
from running import FASTIR, Running

from fastir_train.benchmark.measure import Measurement
from fastir_train.benchmark.sections import read_sections
from fastir_train.cli.main import main
from fastir_train.corpus.build import Configuration
from fastir_train.corpus.manifest import local_project
from fastir_train.problem.objective import EVEN
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import flags
from fastir_train.tune.profile import Base, Header, Profile, Tuned, TunedModule, read_profile
from fastir_train.tune.program import module_path
from fastir_train.tune.verify import Builder, Verified, verify

# Where LLVM's decisions are not the best: `wide` has a body of its own for two calls.
SOURCE = """
extern int a, b, c, d;
static int wideN(int x) { a = x; b = x * 3; c = x ^ b; d += 2; return x / 7; }
static int small(int x) { return x + N; }
static int onceN(int x) { a += x; b -= x; return a * b; }
int fN(int x) { return wideN(x) + small(x); }
int gN(int x) { return wideN(x + 1) + onceN(small(x)); }
int hN(int x) { return fN(x) + gN(x); }
"""
MAIN = """
#include <stdio.h>
int a, b, c, d;
int h1(int), h2(int);
int main(int n, char **v) { printf("%d\\n", h1(n) + h2(n)); return 0; }
"""
MAKEFILE = """
CFLAGS = -Oz
program: src/one.o src/two.o src/main.o
\t$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    for number, name in enumerate(("one", "two"), start=1):
        source = re.sub(r"\bN\b|(?<=[a-z])N\b", str(number), SOURCE)
        (folder / "src" / f"{name}.c").write_text(source)
    (folder / "src" / "main.c").write_text(MAIN)
    (folder / "Makefile").write_text(MAKEFILE)
    monkeypatch.chdir(folder)
    return folder


def _tune(*given: str, build: tuple[str, ...] = ("make",)) -> int:
    options = ["--out", "fastir.profile", "--work", "work", "--budget", "60s"]
    return main(["tune", *options, *given, "--", *build])


def _build(folder: Path, *added: str) -> int:
    """Loadable bytes of the program, built by hand in the folder itself."""
    command = ["make", "-B", "CC=clang-22", f"CFLAGS=-Oz {' '.join(added)}"]
    subprocess.run([*command, "LDFLAGS=-fuse-ld=lld"], cwd=folder, check=True, capture_output=True)
    return sum(read_sections(folder / "program").values())


def test_a_profile_makes_the_program_smaller_in_every_build_from_then_on(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _tune("--test", "./program") == 0
    printed = capsys.readouterr()
    profile = read_profile(project / "fastir.profile")
    assert profile.count > 0
    assert f"fastir.profile has {profile.count} decisions" in printed.out
    assert "Each passed its own tests." in printed.out
    assert {path for path, _ in profile.modules} <= {"src/one.c", "src/two.c", "src/main.c"}
    stock = _build(project)
    model = _build(project, *flags("clang"))
    assert main(["flags", "--profile", "fastir.profile", "--out", "pinned"]) == 0
    pinned = capsys.readouterr().out.split()
    tuned = _build(project, *pinned)
    assert tuned < min(stock, model)
    # What the table says is what is built.
    rows = {
        line.split()[3]: line for line in printed.out.splitlines() if line.startswith("│ project")
    }
    for name, size in {"stock": stock, "model": model, "tuned": tuned}.items():
        assert f"{size:,}" in rows[name]


def test_a_second_run_goes_on_from_what_was_found(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _tune() == 0
    first = (project / "fastir.profile").read_text()
    capsys.readouterr()
    assert _tune("--budget", "0s") == 0
    assert (project / "fastir.profile").read_text() == first
    assert "0 alternatives tried" not in capsys.readouterr().err


def test_without_time_there_is_nothing_to_write(project: Path) -> None:
    assert _tune("--budget", "0s") == 0
    assert read_profile(project / "fastir.profile").count == 0


def test_a_module_with_which_tests_fail_is_named_and_left_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Fails once `wide1` is inlined, as if that broke the program.
    leaves = "llvm-nm-22 program | grep -q wide1"
    (project / "test.sh").write_text(f"{leaves}\n")
    assert _tune("--test", "sh test.sh") == 0
    profile = read_profile(project / "fastir.profile")
    tuned = {path for (path, _), module in profile.modules.items() if module.count}
    assert tuned == {"src/two.c"}
    printed = capsys.readouterr()
    assert "left out, as the tests fail with it: src/one.c (compile)" in printed.out


@pytest.mark.parametrize("lto", ["thin", "full"])
def test_a_link_is_tuned_as_well(
    project: Path, capsys: pytest.CaptureFixture[str], lto: str
) -> None:
    if lto == "full":
        # LLVM inlines all of a small program, and rightly so.
        (project / "src" / "two.c").write_text(
            many_calls(8) + "int h2(int x) { return caller7(x); }"
        )
    assert _tune("--lto", lto, "--test", "./program") == 0
    profile = read_profile(project / "fastir.profile")
    assert profile.count > 0
    assert {phase for _, phase in profile.modules} == {f"{lto}-link"}
    capsys.readouterr()
    assert main(["flags", "--for", "lld", "--profile", "fastir.profile", "--out", "pinned"]) == 0
    loads = f"-Wl,{capsys.readouterr().out.strip()}"
    stock, tuned = (_link(project, lto, *added) for added in ((), (loads,)))
    assert tuned < stock


def _link(folder: Path, lto: str, *added: str) -> int:
    """Loadable bytes of the program, linked by hand with LTO."""
    sources = [f"src/{name}.c" for name in ("one", "two", "main")]
    command = ["clang-22", "-Oz", f"-flto={lto}", "-fuse-ld=lld", *added, *sources]
    subprocess.run([*command, "-o", "program"], cwd=folder, check=True, capture_output=True)
    return sum(read_sections(folder / "program").values())


def _measured(name: str, text: int, status: str = "pass") -> Measurement:
    return Measurement("p", "c", name, status, log=status, text=text, loadable=2 * text)


@dataclass(frozen=True)
class _Told(Builder):
    """A fake builder: returns the given size and status of each configuration."""

    sizes: Mapping[str, int] = field(default_factory=dict)
    failing: tuple[str, ...] = ()

    def measure(self, configuration: Configuration) -> Measurement:
        name = configuration.name
        status = "tests failed" if name in self.failing else "pass"
        return _measured(name, self.sizes[name], status)

    def measure_tuned(self, profile: Profile) -> Measurement:
        return _measured("tuned", self.sizes["tuned"])


def _verified(
    tmp_path: Path, base: Base, failing: tuple[str, ...] = (), **sizes: int
) -> tuple[Verified, Profile]:
    stock, model = (Configuration(name, (), {}) for name in ("stock", "model"))
    builder = _Told(
        local_project(tmp_path, "p", "make", (), ""),
        stock,
        model,
        lambda _: model,
        tmp_path,
        1,
        Console(),
        EVEN,
        sizes=sizes,
        failing=failing,
    )
    calls = {"f": Tuned(1, {("g", 0): True})}
    header = Header(22, "size", "Oz", "x86_64-pc-linux-gnu", "0" * 64)
    profile = Profile(header, {("a.c", "compile"): TunedModule(base, calls)})
    return verify(builder, profile, [("a.c", "compile"), ("b.c", "compile")]), profile


def test_a_profile_that_does_not_pay_in_the_link_leaves_the_better_policy(tmp_path: Path) -> None:
    verified, profile = _verified(tmp_path, "model", stock=100, model=99, tuned=98)
    assert verified.profile == profile
    verified, _ = _verified(tmp_path, "model", stock=100, model=97, tuned=98)
    assert verified.profile.modules == {}
    verified, _ = _verified(tmp_path, "model", stock=97, model=99, tuned=98)
    assert verified.profile.modules == {
        (name, "compile"): TunedModule("llvm") for name in ("a.c", "b.c")
    }
    assert [row.text for row in verified.rows] == [97, 99, 97]


def test_a_model_with_which_tests_fail_is_not_stood_on(tmp_path: Path) -> None:
    with pytest.raises(FastirError, match=r"^with the model, tests failed: .*--start llvm"):
        _verified(tmp_path, "model", ("model",), stock=100, model=90, tuned=98)


def _status(capsys: pytest.CaptureFixture[str], *given: str) -> tuple[int, str]:
    options = ["--status", "fastir.profile", "--work", "work", *given]
    status = main(["tune", *options, "--", "make"])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def test_the_status_says_how_much_still_applies(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _tune() == 0
    count = read_profile(project / "fastir.profile").count
    capsys.readouterr()
    status, printed = _status(capsys, "--strict")
    assert status == 0
    assert f"{count} (100.0%)" in printed
    path = project / "src" / "one.c"
    path.write_text(path.read_text().replace("wide1(x) +", "wide1(x) -"))
    status, printed = _status(capsys)
    assert status == 0
    assert re.search(r"src/one\.c", printed)
    assert not re.search(r"src/two\.c", printed)
    status, printed = _status(capsys, "--strict")
    assert status == 1
    stale = re.search(r"(\d+) of (\d+) decisions of fastir.profile do not apply any more", printed)
    assert stale
    assert 0 < int(stale[1]) < int(stale[2]) == count


def test_a_search_may_begin_with_another_profile(project: Path) -> None:
    assert _tune() == 0
    first = read_profile(project / "fastir.profile")
    (project / "fastir.profile").rename(project / "old.profile")
    options = ("--start", "old.profile", "--work", "elsewhere", "--budget", "0s")
    assert _tune(*options) == 0
    assert read_profile(project / "fastir.profile") == first


@pytest.mark.parametrize("base", ["model", "llvm"])
def test_a_search_may_begin_with_one_policy(project: Path, base: str) -> None:
    assert _tune("--start", base) == 0
    profile = read_profile(project / "fastir.profile")
    assert profile.count > 0
    assert {module.base for module in profile.modules.values()} == {base}


BAD = {
    "a test that fails before": (
        ("--test", "false"),
        ("make",),
        "without Fastir, tests failed: .*'false' failed; see .*",
    ),
    "a build that fails": ((), ("false",), "project .collect.: 'false' failed; see .*"),
    "a build that compiles nothing": (
        (),
        ("true",),
        "project: the build left none of programs or shared libraries",
    ),
    "another compiler": (
        (),
        ("make", "CC=gcc", "LDFLAGS="),
        "the build compiled nothing with clang-22: it has to obey CC and CXX, or to name it itself",
    ),
    "another level": (
        (),
        ("make", "CFLAGS=-O2"),
        "the build compiles at -O2, and tuning for size needs -Oz or -Os: name one with --level",
    ),
}


@pytest.mark.parametrize(("given", "build", "error"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_tuned_is_one_line_of_error(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, ...],
    build: tuple[str, ...],
    error: str,
) -> None:
    assert _tune(*given, build=build) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(f"fastir: {error}", last)
    assert not (project / "fastir.profile").exists()


def test_a_level_may_be_added_to_a_build_that_has_another(project: Path) -> None:
    assert _tune("--level", "Oz", build=("make", "CFLAGS=-O2")) == 0
    assert read_profile(project / "fastir.profile").header.level == "Oz"


def test_a_build_without_a_command_is_one_line_of_error(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", "--out", "p"]) == 1
    expected = (
        "fastir: nothing to build: name the build after --, as in 'fastir tune ... -- make'\n"
    )
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM)]
)
def test_an_interrupt_leaves_the_best_found_so_far(
    project: Path, start: Callable[..., Running], number: signal.Signals, status: int
) -> None:
    (project / "src" / "two.c").write_text(many_calls(40) + "int h2(int x) { return caller39(x); }")
    options = ("--out", "p", "--work", str(project / "work"), "--budget", "1h")
    running = start(
        "sh", "-c", 'cd project && exec "$@"', "sh", FASTIR, "tune", *options, "--", "make"
    )

    def has_gained() -> bool:
        # Not below the work folder: builds in it come and go.
        kept = (project / "work" / "tune" / "project").glob("*.search")
        return any(pickle.loads(path.read_bytes()).gained > 0 for path in kept)

    running.wait_for(has_gained, "gain")
    os.kill(running.process.pid, number)
    assert running.process.wait(60) == status
    assert running.left_after(2) == []
    if status == 0:
        assert read_profile(project / "p").count > 0
    else:
        assert not (project / "p").exists()
        assert "the same command goes on from here" in running.errors.read_text()


NAMES = {
    ("src/m.c", "/r"): "src/m.c",
    ("../src/m.c", "/r/build"): "src/m.c",
    ("/r/src/./m.c", "/elsewhere"): "src/m.c",
    ("/usr/src/m.c", "/r"): "m.c",
    ("../rr/m.c", "/r"): "m.c",
    ("..m.c", "/r"): "..m.c",
    ("hexyl.0123456789abcdef-cgu.0", "/r"): "hexyl-cgu.0",
    # Zeros at its beginning are not written.
    ("utf8parse.38be418b7142f6e-cgu.12", "/r"): "utf8parse-cgu.12",
}


@pytest.mark.parametrize(("given", "expected"), NAMES.items())
def test_modules_are_called_by_their_paths(given: tuple[str, str], expected: str) -> None:
    assert module_path(given[0], Path(given[1]), Path("/r")) == expected
