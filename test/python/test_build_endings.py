"""Commands that are ended while they build: what the build started ends with them."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from running import FASTIR, GRACE, LINES, Running

from fastir_train.runtime.supervised import run

MANIFEST = """
name = "slow"
language = "c"
licence = "MIT"
split = "train"
[source]
registry = "debian"
package = "slow"
version = "1"
archive = "slow.tar"
sha256 = "{digest}"
[build]
directory = "slow"
commands = ["make"]
outputs = []
"""
# All ignore the signals that could end them, and two have lost their parent, one of which has
# left the session, too.
MAKEFILE = """
all: orphan session
	touch {started}
	trap '' INT HUP TERM; sh -c 'sleep 61; true'
orphan:
	trap '' INT HUP TERM; sleep 61 & true
session:
	trap '' INT HUP TERM; setsid sleep 61 & true
"""
SLEEPS = 3


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A project whose build sleeps; the file ``started`` appears when it has begun."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "Makefile").write_text(MAKEFILE.format(started=tmp_path / "started"))
    archive = tmp_path / "work" / "sources" / "slow.tar"
    archive.parent.mkdir(parents=True)
    subprocess.run(["tar", "-cf", archive, "-C", tmp_path, "slow"], check=True)
    (tmp_path / "corpus").mkdir()
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (tmp_path / "corpus" / "slow.toml").write_text(MANIFEST.format(digest=digest))
    return tmp_path


COMMANDS = {
    "corpus": ("corpus", "--corpus", "corpus", "--work", "work"),
    "collect": ("collect", "--out", "collected", "--", "make", "-C", "slow"),
}
ENDED = [
    *(("collect", number, os.kill) for number in LINES),
    ("collect", signal.SIGINT, os.killpg),
    ("collect", signal.SIGKILL, os.killpg),
    ("corpus", signal.SIGTERM, os.kill),
    ("corpus", signal.SIGKILL, os.kill),
]


@pytest.mark.parametrize(("name", "number", "send"), ENDED)
def test_a_build_ends_with_the_command(
    source: Path,
    start: Callable[..., Running],
    name: str,
    number: signal.Signals,
    send: Callable[[int, int], None],
) -> None:
    running = start(FASTIR, *COMMANDS[name])
    running.wait_for((source / "started").exists, "build")
    running.wait_for(lambda: len(running.processes("(sleep")) == SLEEPS, "processes of the build")
    printed = running.errors.read_text()
    send(running.process.pid, number)
    assert running.process.wait(5) == (128 + number if LINES[number] else -number)
    assert running.left_after(GRACE) == []
    said = running.errors.read_text().removeprefix(printed).splitlines()
    assert [line for line in said if line.startswith("fastir")] == LINES[number]
    assert not any("Traceback" in line for line in said)


def test_a_command_that_ends_leaves_what_it_started_in_the_background(tmp_path: Path) -> None:
    stayed = tmp_path / "pid"
    ended = run(["sh", "-c", f"sleep 61 >/dev/null & echo $! > {stayed}; exit 3"])
    assert ended.status == 3
    os.kill(int(stayed.read_text()), signal.SIGKILL)


def test_the_status_of_a_command_that_a_signal_ended_is_its_number() -> None:
    assert run(["sh", "-c", "kill -SEGV $$"]).status == -signal.SIGSEGV


def test_seconds_are_those_of_the_command_and_of_its_children() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    before = time.monotonic()
    seconds = run([sys.executable, "-c", nested]).seconds
    assert 0.3 <= seconds <= time.monotonic() - before
    # The supervisor's own are not among them.
    assert run(["true"]).seconds <= 0.01


def test_a_command_that_cannot_be_run_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No such file"):
        run(["fastir-no-such-program"])
    (tmp_path / "plain").write_text("")
    with pytest.raises(PermissionError):
        run([str(tmp_path / "plain")])


def test_signals_that_python_ignores_are_not_ignored_in_a_command(tmp_path: Path) -> None:
    # Oracle: subprocess.run, which restores them, in its own child.
    show = ["grep", "^Sig[BI]", "/proc/self/status"]
    with (tmp_path / "ours").open("w") as stream:
        run(show, stdout=stream)
    with (tmp_path / "theirs").open("w") as stream:
        subprocess.run(show, stdout=stream, check=True)
    assert _signals(tmp_path / "ours") == _signals(tmp_path / "theirs")


def _signals(path: Path) -> list[int]:
    """Without those of glibc's own, 32 and 33, which its posix_spawn sets."""
    return [int(line.split()[1], 16) & 0x7FFFFFFF for line in path.read_text().splitlines()]
