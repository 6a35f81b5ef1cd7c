"""Worker processes that crash, fail and go on."""

import os
import pickle
import signal
import struct
import subprocess
import sys
import time
from multiprocessing import Pipe

import pytest

from fastir_train.runtime import worker
from fastir_train.runtime.workers import run_tasks


def _work(task: int) -> int:
    if task == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == 5:
        raise ValueError("five")
    time.sleep(0.01)
    return task * task


def test_a_crash_costs_the_task_it_happened_in() -> None:
    outcomes = {outcome.task: outcome for outcome in run_tasks(_work, range(12), workers=2)}
    assert sorted(outcomes) == list(range(12))
    assert outcomes[3].failure == f"worker ended with status {-signal.SIGSEGV}"
    assert outcomes[5].failure == "ValueError: five"
    fine = [task for task in outcomes if task not in (3, 5)]
    assert [outcomes[task].result for task in fine] == [task * task for task in fine]


KILLED = """
import _posixsubprocess, os, signal
start, started = _posixsubprocess.fork_exec, []

def start_and_die(*arguments):
    started.append(start(*arguments))
    if len(started) == {count}:
        os.kill(os.getpid(), signal.SIGKILL)
    return started[-1]

_posixsubprocess.fork_exec = start_and_die
from time import sleep
from fastir_train.runtime.workers import run_tasks
list(run_tasks(sleep, [60, 60], workers=2))
"""


@pytest.mark.parametrize("count", [1, 2])
def test_workers_of_a_process_that_is_killed_as_it_starts_them_end_quietly(count: int) -> None:
    command = [sys.executable, "-c", KILLED.format(count=count)]
    # Returns when all that hold its standard error have ended.
    ended = subprocess.run(command, stderr=subprocess.PIPE, check=False, timeout=30)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stderr == b""


def _message(content: object) -> bytes:
    """As a connection sends it: the length before it."""
    pickled = pickle.dumps(content)
    return struct.pack("!i", len(pickled)) + pickled


STARTED = _message(sys.path)
GIVEN = STARTED + _message(len)


@pytest.mark.parametrize(
    "sent",
    [b"", STARTED[:2], STARTED[:-1], STARTED, GIVEN, GIVEN + _message([1])[:-1]],
    ids=["nothing", "half a length", "half a path", "a path", "a function", "half a task"],
)
def test_a_worker_whose_parent_ends_midway_ends_quietly(sent: bytes) -> None:
    ours, theirs = Pipe()
    with subprocess.Popen(
        [sys.executable, "-P", worker.__file__, str(theirs.fileno()), str(os.getpid())],
        pass_fds=[theirs.fileno()],
        stderr=subprocess.PIPE,
    ) as process:
        theirs.close()
        os.write(ours.fileno(), sent)
        ours.close()
        assert process.communicate(timeout=30)[1] == b""
