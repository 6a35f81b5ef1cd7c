"""LLVM's interactive mode: stock opt asks about each inlining decision over pipes."""

import json
import os
import subprocess
import threading
from pathlib import Path

import numpy as np


def ask_stock_opt(
    module: Path, passes: str, decisions: list[int], base: Path
) -> tuple[list[str], np.ndarray]:
    """Names [38] and values [decisions, 38] of the features that stock opt sends.

    It is answered with ``decisions``, and then with 0.
    """
    sends, receives = Path(f"{base}.out"), Path(f"{base}.in")
    os.mkfifo(sends)
    os.mkfifo(receives)
    process = subprocess.Popen(
        [
            *("opt-22", passes, "-enable-ml-inliner=release"),
            *(f"-inliner-interactive-channel-base={base}", str(module), "-o", os.devnull),
        ]
    )

    def unblock() -> None:
        """A pipe's end opens only when the other does: do not wait for a process that died."""
        process.wait()
        for pipe in (sends, receives):
            os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))

    threading.Thread(target=unblock, daemon=True).start()
    with receives.open("wb", buffering=0) as answers, sends.open("rb") as stream:
        names = [spec["name"] for spec in json.loads(stream.readline())["features"]]
        rows: list[np.ndarray] = []
        while line := stream.readline():
            if "observation" not in json.loads(line):
                continue
            rows.append(np.frombuffer(stream.read(8 * len(names)), dtype="<i8"))
            stream.readline()
            reply = decisions[len(rows) - 1] if len(rows) <= len(decisions) else 0
            answers.write(np.int64(reply).tobytes())
    assert process.wait() == 0
    return names, np.array(rows).reshape(len(rows), len(names))
