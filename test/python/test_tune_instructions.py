"""Tuning for executed instructions: counted by valgrind, apart from what tunes."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from fastir_train.benchmark.sections import read_sections
from fastir_train.cli.main import main
from fastir_train.runtime.callgrind import read_total
from fastir_train.tune.profile import read_profile

pytestmark = pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind is not installed"
)

# LLVM leaves `get`, whose slow path is long, where it is called the most, and inlines `note`, which
# is run but once a call, everywhere.
SLOW = "\n".join(f"  x = x * {n} + (x >> {n % 7 + 1}) + t[x & 7];" for n in range(3, 60))
SOURCE = f"""
#include <stdio.h>
#include <stdlib.h>
static int t[8] = {{3, 1, 4, 1, 5, 9, 2, 6}};
static int get(unsigned x) {{
  if (x < 8) return t[x];
{SLOW}
  return x;
}}
static void note(int n) {{
  if (n > 40) return;
  t[n & 7] += t[(n + 1) & 7] * t[(n + 2) & 7];
  t[(n >> 1) & 7] -= t[(n + 3) & 7] ^ t[(n + 5) & 7];
}}
__attribute__((noinline)) static int sum(int n) {{
  int s = 0;
  for (int i = 0; i < n; i++) s += get(i & 7) - get((i + 3) & 7) * 2;
  return s;
}}
__attribute__((noinline)) static int cold(int n) {{ return get(n) + get(n + 1) + get(n + 2); }}
int main(int count, char **given) {{
  for (int i = 1; i < 4; i++) {{
    note(i); note(i + 1); note(i * 3); note(i * 5); note(i ^ count);
  }}
  note(count); note(count + 1); note(count * 3);
  int n = count > 1 ? atoi(given[1]) : 0;
  printf("%d\\n", n < 0 ? cold(n) : sum(n));
  return 0;
}}
"""
MAKEFILE = "program: main.c\n\t$(CC) -O2 $(CFLAGS) $(LDFLAGS) main.c -o program\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "main.c").write_text(SOURCE)
    (folder / "Makefile").write_text(MAKEFILE)
    monkeypatch.chdir(folder)
    return folder


def _tune(*given: str, build: Sequence[str] = ("make",)) -> int:
    options = ["--out", "fastir.profile", "--work", "work", "--budget", "60s"]
    return main(["tune", *options, "--objective", "instructions", *given, "--", *build])


def _build(folder: Path, *added: str) -> tuple[int, int]:
    """Bytes of code and executed instructions of the program, built by hand."""
    command = ["make", "-B", "CC=clang-22", f"CFLAGS={' '.join(added)}", "LDFLAGS=-fuse-ld=lld"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    count = ["valgrind", "--quiet", "--tool=callgrind", "--callgrind-out-file=count.out"]
    subprocess.run([*count, "./program", "5000"], cwd=folder, check=True, capture_output=True)
    total = read_total(folder / "count.out")
    assert total
    return read_sections(folder / "program")[".text"], total


def test_the_workload_executes_less_and_no_code_is_added(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _tune("--workload", "./program 5000", "--test", "./program 3") == 0
    profile = read_profile(project / "fastir.profile")
    assert profile.header.objective == "instructions"
    assert profile.header.level == "O2"
    decided = {
        (caller, callee): inline
        for module in profile.modules.values()
        for caller, tuned in module.functions.items()
        for (callee, _), inline in tuned.calls.items()
    }
    assert decided["sum", "get"]
    assert not decided.get(("main", "note"), True)
    # What the workload does not reach is as LLVM has it.
    assert not any(caller == "cold" for caller, _ in decided)
    printed = capsys.readouterr().out
    stock = _build(project)
    assert main(["flags", "--profile", "fastir.profile", "--out", "pinned"]) == 0
    tuned = _build(project, *capsys.readouterr().out.split())
    assert tuned[0] <= stock[0]
    assert tuned[1] < 0.95 * stock[1]
    for text, _ in (stock, tuned):
        assert f"{text:,}" in printed


def test_a_second_run_counts_nothing_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ("--workload", "./program 5000")
    assert _tune(*given) == 0
    first = (project / "fastir.profile").read_text()
    kept = {path.name: path.stat().st_mtime_ns for path in Path("work").rglob("*.counts")}
    assert kept
    assert _tune(*given) == 0
    assert (project / "fastir.profile").read_text() == first
    assert kept == {path.name: path.stat().st_mtime_ns for path in Path("work").rglob("*.counts")}


def test_a_workload_that_checks_is_not_harmed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The workload calls `note` a few times, and what checks does little else.
    often = SOURCE.replace("i < 4", "i < (count > 2 ? 9999 : 4)")
    (project / "main.c").write_text(often)
    given = ("--workload", "./program 5000")
    assert _tune(*given, "--check-workload", "./program 0 x") == 0
    assert "a workload that checks got worse" in capsys.readouterr().err
    count = ["valgrind", "--quiet", "--tool=callgrind", "--callgrind-out-file=count.out"]
    totals, checked = [], []
    for added in ([], ["--profile"]):
        capsys.readouterr()
        if added:
            assert main(["flags", "--profile", "fastir.profile", "--out", "pinned"]) == 0
        totals.append(_build(project, *capsys.readouterr().out.split())[1])
        subprocess.run([*count, "./program", "0", "x"], check=True, capture_output=True)
        checked.append(read_total(project / "count.out") or 0)
    assert checked[1] <= 1.01 * checked[0]
    # Other decisions are there still.
    assert totals[1] < totals[0]


def test_callers_that_llvm_makes_itself_are_left_to_it(project: Path) -> None:
    # LLVM makes copies of `apply` for `one` and for `two`, whose calls no profile can name.
    lines = "".join(
        f"  x = x * {n} + (x >> {n % 7 + 1}); if (x & {n}) x ^= f(x + {n});\n"
        for n in range(3, 120)
    )
    (project / "main.c").write_text(
        "static int one(int x) { return x * 3 + 1; }\nstatic int two(int x) { return x ^ 7; }\n"
        f"static int apply(int (*f)(int), int x) {{\n{lines}  return x;\n}}\n"
        "int main(int n, char **v) {\n  int s = 0;\n"
        "  for (int i = 0; i < 50; i++) s += apply(one, s) + apply(one, i) - apply(two, i * s);\n"
        "  return s == n;\n}\n"
    )
    assert _tune("--workload", "./program") == 0
    profile = read_profile(project / "fastir.profile")
    callers = {each for module in profile.modules.values() for each in module.functions}
    assert callers <= {"main", "apply"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "tuning for instructions needs a workload: name one with --workload"),
        (
            ("--workload", "true"),
            "project: the workload runs nothing that the build made",
        ),
        (
            ("--workload", "sh -c 'echo >> seen; ./program $(($(wc -l < seen) * 3000))'"),
            "the workload is not repeatable: it executed",
        ),
        (("--workload", "false"), "project (stock): '$RUN false' failed; see"),
        (("--workload", "./program", "--test", "false"), "project (stock): 'false' failed; see"),
        (("--level", "Oz", "--workload", "./program"), "tuning for instructions is at -O2 or -O3"),
        (("--lto", "thin", "--workload", "./program"), "--lto is for --objective size"),
    ],
)
def test_bad_input_is_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], message: str
) -> None:
    assert _tune(*given) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"fastir: {message}")
    assert not (project / "fastir.profile").exists()


def test_what_is_for_instructions_is_refused_for_size(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", "--out", "p", "--workload", "./program", "--", "make"]) == 1
    error = "fastir: --workload is for --objective instructions\n"
    assert capsys.readouterr().err == error
