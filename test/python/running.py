"""A command that runs while a test looks at its processes."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FASTIR = str(Path(sys.executable).with_name("fastir"))
# Seconds until a process may still run after the one that needs it has ended.
GRACE = 1.0
# Builds get no FASTIR_ variables.
MARK = "TEST_OF_FASTIR"
LINES = {
    signal.SIGINT: ["fastir: interrupted; the same command goes on from here"],
    signal.SIGTERM: ["fastir: terminated; the same command goes on from here"],
    signal.SIGHUP: ["fastir: hung up; the same command goes on from here"],
    signal.SIGKILL: [],
}


@dataclass
class Running:
    """A command in a session of its own, whose processes are known by a variable."""

    process: subprocess.Popen[str]
    mark: str
    errors: Path

    def processes(self, name: str = "") -> list[int]:
        """Those that live, of the given name if there is one."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                marked = f"{MARK}={self.mark}\0".encode() in (entry / "environ").read_bytes()
                words = (entry / "stat").read_text().rsplit(")", 1)
                if marked and name in words[0] and words[1].split()[0] != "Z":
                    found.append(int(entry.name))
        return sorted(found)

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Return once the condition holds; ``what`` names it where it never does."""
        deadline = time.monotonic() + 60
        while not condition():
            assert self.process.poll() is None, self.errors.read_text()
            assert time.monotonic() < deadline, f"no {what}"
            time.sleep(0.02)

    def forks(self) -> list[int]:
        """Processes that workers have forked to measure something."""
        workers = self.processes("(llvm-tools-work")
        return [pid for pid in workers if parent_of(pid) in workers]

    def left_after(self, seconds: float) -> list[int]:
        """Processes that still live when the time is over."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left


def parent_of(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return 0
