"""Runs one command, and ends all that it started when the process that wants it has ended.

``python supervisor.py PARENT REPORT COMMAND...``: PARENT is the process that wants the command;
to the descriptor REPORT is written how it ended, a line, after which PARENT kills this process.
`fastir_train.runtime.supervised` starts this file, which imports nothing of Fastir's.

Processes that have changed their group or lost their parent are found, too: this process is the
one that adopts them. It has a group of its own, so that what is sent to the group of its parent,
SIGKILL above all, does not reach it; the command stays in the group of the parent, as its job at
the terminal.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_AWAITED = (signal.SIGCHLD, signal.SIGTERM)


def main(parent: int, report: int, command: list[str]) -> None:
    """Run the command to its end, or to SIGTERM, which also says that the parent has ended."""
    os.set_inheritable(report, False)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    allowed = signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    control = ctypes.CDLL(None).prctl
    control(_PR_SET_CHILD_SUBREAPER, 1)
    control(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return
    group = os.getpgrp()
    os.setpgid(0, 0)
    try:
        started = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            setpgroup=group,
            setsigmask=allowed,
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # which Python ignores
        )
    except OSError as error:
        _write(report, b"error %d\n" % error.errno)
        return
    while signal.sigwait(_AWAITED) == signal.SIGCHLD:
        if (status := _reap(started)) is not None:
            times = os.times()
            seconds = times.children_user + times.children_system
            _write(report, b"status %d %f\n" % (status, seconds))
    _end_children()


def _write(report: int, line: bytes) -> None:
    # The parent and the command may have been killed together.
    with suppress(BrokenPipeError):
        os.write(report, line)


def _reap(started: int) -> int | None:
    """Wait for all children that have ended; returns the status of ``started`` if it is one."""
    found = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == started:
                found = os.waitstatus_to_exitcode(ended[1])
    return found


def _end_children() -> None:
    """Kill the children; then those of theirs, which have become children of this process."""
    while killed := [pid for pid in _children() if _kill(pid)]:
        for pid in killed:
            os.waitpid(pid, 0)


def _children() -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # PID (NAME) STATE PARENT ...
            words = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            if int(words[1]) == os.getpid():
                yield int(entry.name)


def _kill(pid: int) -> bool:
    """Kill a process; returns whether it can be: one that runs as another user cannot."""
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:
        return False
    return True


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
