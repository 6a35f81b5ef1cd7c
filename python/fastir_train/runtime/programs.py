"""Running LLVM's tools, whose failures are errors in one line."""

import subprocess

from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import tool


def run_tool(name: str, *arguments: str, given: str | None = None) -> str:
    """What the tool ``name`` prints.

    Parameters
    ----------
    given
        Its standard input.

    Raises
    ------
    FastirError
        If it is not installed, or fails: with what it says first, or with its exit status.
    """
    command = [tool(name), *arguments]
    result = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if result.returncode:
        failed = f"{' '.join(command)} failed with exit status {result.returncode}"
        raise FastirError(first_line(result.stderr, failed))
    return result.stdout


def first_line(text: str, otherwise: str) -> str:
    """The first line that says something; ``otherwise`` where none does."""
    return next((line.strip() for line in text.splitlines() if line.strip()), otherwise)
