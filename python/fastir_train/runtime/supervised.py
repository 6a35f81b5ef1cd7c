"""Running commands that start others: builds, tests, downloads. None of them outlives Fastir."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    """Its exit status, or the negative number of the signal that ended it."""
    seconds: float
    """User and system time of it and of what it started."""


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int | None = None,
    stdout: IO[str] | int | None = None,
    stderr: IO[str] | int | None = None,
) -> Ended:
    """Run a command to its end.

    Whatever ends this process meanwhile, a signal or an exception, the command and all processes
    that it started, directly or not, are killed. What it has left running when it ends goes on.

    Parameters
    ----------
    stdin, stdout, stderr
        As `subprocess.run` takes them, except for pipes.

    Raises
    ------
    OSError
        If the command cannot be run.
    """
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as report:
        try:
            process = subprocess.Popen(
                [*_SUPERVISOR, str(os.getpid()), str(theirs), *command],
                cwd=cwd,
                env=environment,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=[theirs],
            )
        finally:
            os.close(theirs)
        try:
            words = report.readline().split()
            process.kill()
            process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    match words:
        case [b"status", status, seconds]:
            return Ended(int(status), float(seconds))
        case [b"error", number]:
            raise OSError(int(number), os.strerror(int(number)), command[0])
        case _:
            # Killed itself.
            return Ended(process.returncode, 0.0)


_SUPERVISOR = (sys.executable, "-I", "-S", str(Path(__file__).with_name("supervisor.py")))
