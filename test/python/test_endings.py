"""Commands that are ended midway: no process of theirs computes on, what was done is kept."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from planted import many_calls
from running import FASTIR, GRACE, LINES, Running, parent_of

MANIFEST = """
name = "slow"
language = "c"
licence = "MIT"
split = "train"
[source]
registry = "debian"
package = "slow"
version = "1"
archive = "slow.tar.gz"
sha256 = "0123456789abcdef"
[build]
directory = "."
commands = []
outputs = []
"""


def _large_source(calls: int) -> str:
    """One function, which takes seconds to compile."""
    leaf = "static int leaf(int x) { a = x; b = x * 3; c ^= b; return x / 7; }"
    body = "".join(f"s += leaf(s + {n}) * x; if (s > {n}) b += s;" for n in range(calls))
    return f"extern int a, b, c; {leaf} int f(int x) {{ int s = 0; {body} return s; }}"


def _bitcode(folder: Path, source: str) -> bytes:
    (folder / "m.c").write_text(source)
    command = ["clang-22", "-Oz", "-fPIC", "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-c"]
    output = folder / "m.bc"
    subprocess.run([*command, str(folder / "m.c"), "-o", str(output)], check=True)
    return output.read_bytes()


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Two modules that are measured at once, and four that take long."""
    folder = tmp_path_factory.mktemp("modules")
    return [_bitcode(folder, many_calls(functions)) for functions in (2, 3, 25, 26, 27, 28)]


def _make_corpus(folder: Path, contents: list[bytes]) -> None:
    """The manifest and the collected modules of one project."""
    (folder / "corpus").mkdir()
    (folder / "corpus" / "slow.toml").write_text(MANIFEST)
    modules = folder / "work" / "corpus" / "slow-01234567.parquet"
    modules.parent.mkdir(parents=True)
    names = [f"m{number}" for number in range(len(contents))]
    frame = pl.DataFrame({"project": "slow", "module": names, "content": contents})
    frame.write_parquet(modules)


@pytest.fixture(scope="module")
def baselines(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> Path:
    """A work folder in which nothing but the baselines has been measured."""
    folder = tmp_path_factory.mktemp("baselines")
    _make_corpus(folder, contents)
    with subprocess.Popen(LABEL, cwd=folder, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(folder.rglob("baseline.parquet")):
            time.sleep(0.02)
        process.kill()
    assert list(folder.rglob("baseline.parquet"))
    for path in (folder / "work" / "labels").rglob("*.parquet"):
        if path.stem not in ("baseline", "weights"):
            path.unlink()
    return folder / "work"


@pytest.fixture
def corpus(tmp_path: Path, contents: list[bytes]) -> Path:
    _make_corpus(tmp_path, contents)
    return tmp_path


LABEL = (FASTIR, "label", "--corpus", "corpus", "--work", "work", "--jobs", "2", "--labels", "9000")


# An interrupt and a hang-up as terminals do it, to all that they run; an interrupt to one, too.
ENDED = [
    (signal.SIGINT, os.killpg),
    (signal.SIGINT, os.kill),
    (signal.SIGTERM, os.kill),
    (signal.SIGHUP, os.killpg),
    (signal.SIGKILL, os.kill),
]


@pytest.mark.parametrize(("number", "send"), ENDED)
def test_workers_end_with_the_command_and_what_was_done_is_kept(
    corpus: Path,
    baselines: Path,
    start: Callable[..., Running],
    number: signal.Signals,
    send: Callable[[int, int], None],
) -> None:
    shutil.copytree(baselines / "labels", corpus / "work" / "labels")
    running = start(*LABEL)

    def done() -> list[Path]:
        return sorted((corpus / "work").rglob("measured/*.parquet"))

    running.wait_for(lambda: len(done()) >= 1, "module that is finished")
    running.wait_for(lambda: len(running.forks()) >= 1, "forks of a worker")
    before, printed = done(), running.errors.read_text()
    send(running.process.pid, number)
    assert running.process.wait(5) == (128 + number if LINES[number] else -number)
    assert running.left_after(GRACE) == []
    lines = running.errors.read_text().removeprefix(printed).splitlines()
    assert [line for line in lines if " of " not in line] == LINES[number]
    assert done()[: len(before)] == before
    for path in before:
        assert pl.read_parquet(path).height


def test_a_command_killed_while_its_workers_start_leaves_none(
    corpus: Path, start: Callable[..., Running]
) -> None:
    running = start(*LABEL)
    running.wait_for(lambda: len(running.processes()) >= 2, "worker")
    running.process.kill()
    running.process.wait()
    assert running.left_after(GRACE) == []
    assert running.errors.read_text() == ""


def test_a_worker_that_is_killed_takes_what_it_forked_with_it(
    tmp_path: Path, start: Callable[..., Running]
) -> None:
    (tmp_path / "m.bc").write_bytes(_bitcode(tmp_path, _large_source(500)))
    running = start(sys.executable, "-c", MEASURE.format(path=str(tmp_path / "m.bc")))
    running.wait_for(lambda: len(running.forks()) == 1, "fork of a worker")
    (fork,) = running.forks()
    os.kill(parent_of(fork), signal.SIGKILL)
    time.sleep(0.3)
    assert fork not in running.processes()


MEASURE = """
import time
import llvm_tools
try:
    llvm_tools.measure_alternatives({path!r}, [{{0: False}}])
finally:
    time.sleep(60)
"""
BATCH = """
import os, time
import llvm_tools
llvm_tools.instcount([b"target triple = \\"x86_64-pc-linux-gnu\\""] * 2, workers=2)
if {fork} and os.fork() == 0:
    # Holds the pipes of the idle workers.
    time.sleep(60)
with open({path!r}, "rb") as stream:
    content = stream.read()
llvm_tools.inlining_features([content] * 5000, workers=2)
"""


@pytest.mark.parametrize("fork", [False, True], ids=["alone", "with a fork that holds its pipes"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_workers_of_a_batch_end_with_the_script(
    tmp_path: Path,
    contents: list[bytes],
    start: Callable[..., Running],
    number: signal.Signals,
    fork: bool,
) -> None:
    (tmp_path / "m.bc").write_bytes(contents[-1])
    script = BATCH.format(fork=fork, path=str(tmp_path / "m.bc"))
    running = start(sys.executable, "-c", script)
    running.wait_for(lambda: len(running.processes("(llvm-tools-work")) >= 2, "workers")
    time.sleep(0.5)
    running.process.send_signal(number)
    assert running.process.wait(5) == -number
    deadline = time.monotonic() + GRACE
    while running.processes("(llvm-tools-work") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running.processes("(llvm-tools-work") == []
    errors = running.errors.read_text()
    if number == signal.SIGINT:
        assert errors.splitlines()[-1] == "KeyboardInterrupt"
    else:
        assert errors == ""
