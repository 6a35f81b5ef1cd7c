"""The command that tunes a program."""

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from fastir_train.cli.options import Commands, add_workspace
from fastir_train.corpus.manifest import Project, load_projects, local_project
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError

if TYPE_CHECKING:
    from fastir_train.tune.tuner import Tuner

_UNITS = {"s": 1, "m": 60, "h": 3600}


def add_tune(commands: Commands) -> None:
    """``fastir tune``."""
    parser = commands.add_parser(
        "tune",
        help="search for the best decisions of your program, and write them down",
        usage="fastir tune (--out | --status) PROFILE [OPTION ...] -- CMD [ARG ...]",
        epilog="What follows -- builds the program in this folder, of which a copy is made.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="PROFILE", help="what to write")
    what.add_argument(
        "--status", type=Path, metavar="PROFILE", help="say how much of a profile still applies"
    )
    parser.add_argument(
        "--strict", action="store_true", help="with --status: fail if any of it does not"
    )
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
    parser.add_argument(
        "--start",
        default=None,
        metavar="model|llvm|PROFILE",
        help="whose decisions to begin with (default: the better of model and llvm)",
    )
    add_workspace(parser)
    parser.add_argument(
        "--project", metavar="NAME", help="a program of the corpus, in place of this folder"
    )
    parser.set_defaults(run=_tune, work=Path(".fastir"))


def _seconds(text: str) -> float:
    unit = _UNITS[text[-1]]
    number = float(text[:-1])
    if number < 0:
        raise ValueError
    return number * unit


def _tune(options: argparse.Namespace) -> None:
    from fastir_train.tune.profile import read_profile
    from fastir_train.tune.tuner import Tuner

    project = _project(options)
    start = options.start
    if start not in ("model", "llvm", None):
        start = read_profile(Path(start))
    with Console() as console:
        tuner = Tuner(
            options.work.resolve(),
            options.jobs,
            console,
            options.budget,
            options.level,
            options.lto,
            start,
        )
        if options.status:
            _show_status(tuner, project, options.status, strict=options.strict)
        else:
            _write_tuned(tuner, project, options.out)


def _project(options: argparse.Namespace) -> Project:
    if options.project:
        named = [each for each in load_projects(options.corpus) if each.name == options.project]
        if not named:
            raise FastirError(f"no project '{options.project}' in {options.corpus}")
        return named[0]
    if not options.command:
        raise FastirError(
            "nothing to build: name the build after --, as in 'fastir tune ... -- make'"
        )
    here = Path()
    build = shlex.join(options.command)
    return local_project(here, here.resolve().name, build, tuple(options.outputs), options.test)


def _write_tuned(tuner: "Tuner", project: Project, path: Path) -> None:
    from fastir_train.benchmark.measure import as_rows
    from fastir_train.report.terminal import show_bench
    from fastir_train.tune.profile import write_profile

    verified = tuner.tune(project)
    write_profile(verified.profile, path)
    show_bench("tune", as_rows(verified.rows))
    for source, phase in verified.culprits:
        print(f"left out, as the tests fail with it: {source} ({phase})")
    print(f"{path} has {verified.profile.count} decisions; to build with it:")
    if tuner.lto:
        print(f'  make LDFLAGS="... -Wl,$(fastir flags --for lld --profile {path})"')
    else:
        print(f'  make CFLAGS="... $(fastir flags --profile {path})"')


def _show_status(tuner: "Tuner", project: Project, path: Path, *, strict: bool) -> None:
    from fastir_train.report.terminal import show_status
    from fastir_train.tune.profile import read_profile
    from fastir_train.tune.status import status_of

    profile = read_profile(path)
    rows = status_of(profile, tuner.collect(project).modules)
    show_status(f"{path}", rows)
    stale = sum(row.decisions - row.apply for row in rows)
    if strict and stale:
        raise FastirError(f"{stale} of {profile.count} decisions of {path} do not apply any more")
