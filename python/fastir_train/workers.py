"""Running tasks in worker processes that may crash: a crash costs the task it happened in.

Workers end with the process that started them, whatever ended it.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

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
    process: SpawnProcess
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
    context = multiprocessing.get_context("spawn")
    waiting = deque(tasks)
    pool: list[_Worker] = []

    def start() -> None:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(function, theirs), daemon=True)
        # An interrupt at the terminal is for this process, which ends its workers. They inherit
        # that it is blocked, before they import anything.
        allowed = signal.pthread_sigmask(signal.SIG_BLOCK, _FROM_TERMINALS)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, allowed)
        theirs.close()
        pool.append(_Worker(process, ours))

    def give(worker: _Worker) -> None:
        worker.task = waiting.popleft()
        # One that has ended meanwhile is noticed when its answer is read.
        with suppress(ConnectionError):
            worker.connection.send(worker.task)

    try:
        while waiting or any(worker.task is not None for worker in pool):
            while len(pool) < workers and waiting:
                start()
            for worker in pool:
                if worker.task is None and waiting:
                    give(worker)
            ready = wait([worker.connection for worker in pool if worker.task is not None])
            for worker in [worker for worker in pool if worker.connection in ready]:
                task, worker.task = worker.task, None
                try:
                    result, failure = worker.connection.recv()
                except (EOFError, ConnectionError):
                    worker.process.join()
                    pool.remove(worker)
                    result, failure = None, f"worker ended with status {worker.process.exitcode}"
                yield Outcome(task, result, failure)
    finally:
        for worker in pool:
            worker.process.terminate()


def local_runner(workers: int) -> Runner:
    """Runs tasks in processes of this machine."""
    return lambda function, tasks: run_tasks(function, tasks, workers)


def _serve(function: Callable[[Any], Any], connection: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (function(task), None)
        except Exception as error:
            answer = (None, f"{type(error).__name__}: {error}")
        try:
            connection.send(answer)
        except OSError:
            return


def _end_with_parent() -> None:
    """End this process, in the midst of a task, when its parent has ended."""
    if parent := multiprocessing.parent_process():
        wait([parent.sentinel])
        os._exit(1)
