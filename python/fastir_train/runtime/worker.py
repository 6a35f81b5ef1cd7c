"""A worker process of `fastir_train.runtime.workers`: ``python worker.py DESCRIPTOR PARENT``.

DESCRIPTOR is its end of a connection. On it come ``sys.path``, the function, and tasks one at a
time, for each of which goes back a pair: what the function returned, and why it returned nothing.
The worker ends, quietly, with the process PARENT, at whatever point that has ended.
"""

import os
import select
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

# How often a worker looks whether PARENT is still its parent: a fork of PARENT may hold its end.
_TICK_MILLISECONDS = 200


def main(descriptor: int, parent: int) -> None:
    """Answer tasks until there are none any more."""
    os.set_inheritable(descriptor, False)
    watch = threading.Thread(target=_end_with_parent, args=(descriptor, parent), daemon=True)
    watch.start()
    connection = Connection(descriptor)
    with suppress(EOFError, OSError):
        sys.path[:] = connection.recv()
        function = connection.recv()
        while True:
            task = connection.recv()
            try:
                answer = (function(task), None)
            except Exception as error:
                answer = (None, f"{type(error).__name__}: {error}")
            connection.send(answer)


def _end_with_parent(descriptor: int, parent: int) -> None:
    """End this process, in the midst of a task, when its parent has ended."""
    closed = select.poll()
    # Asked for no event, poll still reports that the other end is closed.
    closed.register(descriptor, 0)
    while not closed.poll(_TICK_MILLISECONDS) and os.getppid() == parent:
        pass
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
