"""The command ``fastir``."""

import argparse
import sys
from collections.abc import Sequence

import llvm_tools
from fastir_train.cli import learn, look, measure, tune
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.interrupts import Interrupted, interrupts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        Its exit status: 0, 1 for a failure, 2 for wrong usage, 128 and more for a signal.
    """
    given, command = _split(sys.argv[1:] if arguments is None else list(arguments))
    options = _parser().parse_args(given)
    options.command = command
    try:
        with interrupts():
            options.run(options)
    except (FastirError, llvm_tools.LlvmToolsError) as error:
        print(f"fastir: {error}", file=sys.stderr)
        return 1
    except Interrupted as interrupt:
        print(f"fastir: {interrupt}; the same command goes on from here", file=sys.stderr)
        return interrupt.status
    return 0


_TAKES_A_COMMAND = ("bench", "collect", "explain", "tune")


def _split(given: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what follows ``--``: another program's, which argparse would read."""
    if given[:1] and given[0] in _TAKES_A_COMMAND and "--" in given:
        end = given.index("--")
        return given[:end], given[end + 1 :]
    return given, []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fastir", description="Machine-learned inlining inside the LLVM that you have."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    # In the order in which people need them: use it, measure it, train it.
    look.add_flags(commands)
    look.add_doctor(commands)
    measure.add_demo(commands)
    measure.add_bench(commands)
    measure.add_compare(commands)
    tune.add_tune(commands)
    look.add_explain(commands)
    look.add_collect(commands)
    learn.add_corpus(commands)
    learn.add_label(commands)
    learn.add_train(commands)
    learn.add_evaluate(commands)
    return parser
