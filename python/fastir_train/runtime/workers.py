"""Running tasks in worker processes that may crash: a crash costs the task it happened in.

Workers end with the process that started them, whatever ended it.
"""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Generic, TypeVar

_PROGRAM = (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))
_FROM_TERMINALS = (signal.SIGINT, signal.SIGHUP)
Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome(Generic[Task, Result]):
    """What became of one task: a result, or the reason why there is none."""

    task: Task
    result: Result | None
    failure: str | None


Runner = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Outcome[Any, Any]]]
"""Applies a function to tasks somewhere, and yields outcomes as they are ready."""


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Any
    task: Any = None


def cpu_count() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0))


def run_tasks(
    function: Callable[[Task], Result], tasks: Iterable[Task], workers: int
) -> Iterator[Outcome[Task, Result]]:
    """Apply ``function`` to each task in ``workers`` processes; outcomes come as they are ready.

    ``function`` is a module-level function; tasks and results are pickled. An exception, or a
    process that dies, becomes an outcome with a failure, and the rest goes on.
    """
    waiting = deque(tasks)
    pool: list[_Worker] = []

    def give(worker: _Worker) -> None:
        worker.task = waiting.popleft()
        _send(worker, worker.task)

    try:
        while waiting or any(worker.task is not None for worker in pool):
            while len(pool) < workers and waiting:
                pool.append(_start(function))
            for worker in pool:
                if worker.task is None and waiting:
                    give(worker)
            ready = wait([worker.connection for worker in pool if worker.task is not None])
            for worker in [worker for worker in pool if worker.connection in ready]:
                task, worker.task = worker.task, None
                try:
                    result, failure = worker.connection.recv()
                except (EOFError, ConnectionError):
                    pool.remove(worker)
                    worker.connection.close()
                    result, failure = None, f"worker ended with status {worker.process.wait()}"
                yield Outcome(task, result, failure)
    finally:
        for worker in pool:
            worker.process.terminate()
        for worker in pool:
            worker.process.wait()
            worker.connection.close()


def _start(function: Callable[[Any], Any]) -> _Worker:
    ours, theirs = Pipe()
    # An interrupt at the terminal is for this process, which ends its workers. They inherit that
    # it is blocked, before they import anything.
    allowed = signal.pthread_sigmask(signal.SIG_BLOCK, _FROM_TERMINALS)
    try:
        command = [*_PROGRAM, str(theirs.fileno()), str(os.getpid())]
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, allowed)
    theirs.close()
    worker = _Worker(process, ours)
    for each in (sys.path, function):
        _send(worker, each)
    return worker


def _send(worker: _Worker, what: object) -> None:
    # A worker that has ended meanwhile is noticed when its answer is read.
    with suppress(ConnectionError):
        worker.connection.send(what)


def local_runner(workers: int) -> Runner:
    """Runs tasks in processes of this machine."""
    return lambda function, tasks: run_tasks(function, tasks, workers)
