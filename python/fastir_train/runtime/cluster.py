"""Running tasks on the machines of a Ray cluster, which may come and go."""

import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.programs import first_line
from fastir_train.runtime.workers import Outcome, Runner

RETRIES = 3
"""How often a task whose machine or process died is tried again, before it is given up."""


def ray_runner(address: str) -> Runner:
    """Runs tasks on a Ray cluster.

    Every machine of the cluster needs this version of the package. A task whose machine is lost
    runs again on another; each task has one outcome, whatever happens.

    Parameters
    ----------
    address
        What ``ray.init`` takes: ``HOST:PORT``, ``ray://HOST:PORT``, or ``auto`` for the cluster
        that this machine is part of.

    Raises
    ------
    FastirError
        If Ray is not installed, or the cluster not reached.
    """
    try:
        import ray
        from ray.exceptions import RayError, RayTaskError
    except ImportError:
        raise FastirError("Ray is not installed; pip install 'fastir[ray]'") from None
    _check_reachable(address)
    try:
        ray.init(address=address, log_to_driver=False, ignore_reinit_error=True)
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = first_line(str(error), type(error).__name__)
        raise FastirError(f"cannot reach a Ray cluster at '{address}': {first}") from None

    def run(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[Outcome[Any, Any]]:
        remote = ray.remote(max_retries=RETRIES)(function)
        waiting = deque(tasks)
        running: dict[Any, Any] = {}
        while waiting or running:
            # Twice as many as there are cores: none waits for this process.
            room = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
            while waiting and len(running) < room:
                task = waiting.popleft()
                running[remote.remote(task)] = task
            (done, *_), _ = ray.wait(list(running))
            task = running.pop(done)
            try:
                yield Outcome(task, ray.get(done), None)
            except RayTaskError as error:
                cause = error.cause
                yield Outcome(task, None, f"{type(cause).__name__}: {cause}")
            except RayError as error:
                yield Outcome(task, None, f"{type(error).__name__}: its process or machine died")

    return run


def _check_reachable(address: str) -> None:
    """Ray itself waits for minutes where there is no answer."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise FastirError(f"cannot reach a Ray cluster at '{address}': {reason}") from None
