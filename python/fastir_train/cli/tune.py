"""The command that tunes a program."""

import argparse
import shlex
from pathlib import Path

from fastir_train.cli.options import Commands, positive
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.workers import cpu_count

_UNITS = {"s": 1, "m": 60, "h": 3600}


def add_tune(commands: Commands) -> None:
    """``fastir tune``."""
    parser = commands.add_parser(
        "tune",
        help="search for the best decisions of your program, and write them down",
        usage="fastir tune --out PROFILE [OPTION ...] -- CMD [ARG ...]",
        epilog="What follows -- builds the program in this folder, of which a copy is made.",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="PROFILE")
    parser.add_argument("--test", default="", metavar="CMD", help="how the program is tested")
    parser.add_argument(
        "--outputs", nargs="+", default=(), metavar="GLOB", help="what of it (default: all linked)"
    )
    parser.add_argument(
        "--level",
        choices=INLINING.levels,
        help="compile at this level (default: as the build itself does)",
    )
    parser.add_argument("--lto", choices=("thin", "full"), help="link with LTO, and tune the link")
    parser.add_argument(
        "--budget",
        type=_seconds,
        default="10m",
        metavar="TIME",
        help="for the search, such as 90s, 10m, 2h (default: %(default)s)",
    )
    parser.add_argument("--jobs", type=positive, default=cpu_count(), metavar="N")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(".fastir"),
        metavar="DIR",
        help="keeps what is found from one run to the next (default: %(default)s)",
    )
    parser.set_defaults(run=_tune)


def _seconds(text: str) -> float:
    unit = _UNITS[text[-1]]
    number = float(text[:-1])
    if number < 0:
        raise ValueError
    return number * unit


def _tune(options: argparse.Namespace) -> None:
    from fastir_train.benchmark.measure import as_rows
    from fastir_train.corpus.manifest import local_project
    from fastir_train.report.terminal import show_bench
    from fastir_train.tune.profile import write_profile
    from fastir_train.tune.tuner import Tuner

    if not options.command:
        raise FastirError(
            "nothing to build: name the build after --, as in 'fastir tune ... -- make'"
        )
    here = Path()
    build = shlex.join(options.command)
    project = local_project(here, here.resolve().name, build, tuple(options.outputs), options.test)
    with Console() as console:
        tuner = Tuner(
            options.work.resolve(),
            options.jobs,
            console,
            options.budget,
            options.level,
            options.lto,
        )
        verified = tuner.tune(project)
    write_profile(verified.profile, options.out)
    show_bench("tune", as_rows(verified.rows))
    for path, phase in verified.culprits:
        print(f"left out, as the tests fail with it: {path} ({phase})")
    print(f"{options.out} has {verified.profile.count} decisions; to build with it:")
    print(f'  make CFLAGS="... $(fastir flags --profile {options.out})"')
