"""The command that tunes a program."""

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fastir_train.cli.options import Commands, add_workspace
from fastir_train.corpus.manifest import Project, load_projects, local_project
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError

if TYPE_CHECKING:
    import polars as pl

    from fastir_train.tune.tuner import Tuner
    from fastir_train.tune.verify import Verified

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
    parser.add_argument(
        "--objective",
        choices=("size", "instructions"),
        default="size",
        help="fewer bytes, or fewer instructions executed (default: %(default)s)",
    )
    parser.add_argument(
        "--workload",
        action="append",
        default=[],
        metavar="CMD",
        help="uses the program as it is used, for instructions; may be given several times",
    )
    parser.add_argument(
        "--check-workload",
        action="append",
        default=[],
        metavar="CMD",
        help="must not execute over 1 %% more than before; may be given several times",
    )
    parser.add_argument(
        "--cold-out",
        action="store_true",
        help="decide on calls that no workload reaches, too",
    )
    parser.add_argument("--test", default="", metavar="CMD", help="how the program is tested")
    parser.add_argument(
        "--outputs", nargs="+", default=(), metavar="GLOB", help="what of it (default: all linked)"
    )
    parser.add_argument(
        "--level",
        choices=("Os", "Oz", "O2", "O3"),
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
    from fastir_train.tune.instruction_tuner import InstructionTuner
    from fastir_train.tune.profile import read_profile
    from fastir_train.tune.tuner import Tuner

    _check_objective(options)
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
        elif options.objective == "size":
            _write_tuned(tuner.tune(project), options)
        else:
            checks = [_counted(each) for each in options.check_workload]
            speed = InstructionTuner(tuner, checks, options.cold_out)
            _write_tuned(speed.tune(project), options)


def _counted(command: str) -> str:
    """A command as a manifest has it: all that it starts is counted."""
    return f"$RUN {command}"


def _check_objective(options: argparse.Namespace) -> None:
    from fastir_train.tune.tuner import LEVELS

    levels = LEVELS[options.objective]
    if options.level and options.level not in levels:
        known = " or ".join(f"-{level}" for level in levels)
        raise FastirError(f"tuning for {options.objective} is at {known}, not at -{options.level}")
    of_instructions = [
        name
        for name in ("workload", "check_workload", "cold_out")
        if getattr(options, name) and options.objective == "size"
    ]
    if of_instructions:
        name = of_instructions[0].replace("_", "-")
        raise FastirError(f"--{name} is for --objective instructions")
    if options.objective == "instructions" and (options.lto or options.start):
        name = "lto" if options.lto else "start"
        raise FastirError(f"--{name} is for --objective size")


def _project(options: argparse.Namespace) -> Project:
    if options.project:
        named = [each for each in load_projects(options.corpus) if each.name == options.project]
        if not named:
            raise FastirError(f"no project '{options.project}' in {options.corpus}")
        project = named[0]

        added = tuple(map(_counted, options.workload))
        return replace(project, workload=(*project.workload, *added))
    if not options.command:
        raise FastirError(
            "nothing to build: name the build after --, as in 'fastir tune ... -- make'"
        )
    here = Path()
    build = shlex.join(options.command)

    workload = tuple(map(_counted, options.workload))
    name, outputs = here.resolve().name, tuple(options.outputs)
    return local_project(here, name, build, outputs, options.test, workload)


def _write_tuned(verified: "Verified", options: argparse.Namespace) -> None:
    from fastir_train.benchmark.measure import as_rows
    from fastir_train.report.terminal import show_bench
    from fastir_train.tune.profile import write_profile
    from fastir_train.tune.program import is_of_rustc

    path = options.out
    write_profile(verified.profile, path)
    rows = as_rows(verified.rows)
    report = _write_report(verified, rows, options)
    show_bench("tune", rows)
    print(f"the report is {report}")
    for source, phase in verified.culprits:
        print(f"left out, as the tests fail with it: {source} ({phase})")
    print(f"{path} has {verified.profile.count} decisions; to build with it:")
    modules = [name for name, _ in verified.profile.modules]
    if any(map(is_of_rustc, modules)):
        rust = f"$(fastir flags --for rustc --profile {path})"
        print(f'  RUSTC_BOOTSTRAP=1 RUSTFLAGS="{rust}" cargo build --release')
    if all(map(is_of_rustc, modules)) and modules:
        return
    if options.lto:
        print(f'  make LDFLAGS="... -Wl,$(fastir flags --for lld --profile {path})"')
    else:
        print(f'  make CFLAGS="... $(fastir flags --profile {path})"')


def _write_report(verified: "Verified", rows: "pl.DataFrame", options: argparse.Namespace) -> Path:
    """The page of ``fastir bench``, and its files."""
    from fastir_train.benchmark.results import Results, provenance, write_results
    from fastir_train.benchmark.suite import Suite
    from fastir_train.report.html import write_page
    from fastir_train.report.summary import write_markdown

    name = rows["project"][0]
    baselines = {row.configuration: row.baseline for row in verified.rows if row.baseline}
    suite = Suite(
        name=f"tune {name}",
        projects=(),
        configurations=tuple(verified.configurations),
        baselines=baselines,
        runs=1,
        run_times=0,
        instructions=options.objective == "instructions",
        decisions=False,
    )
    folder = options.work / "tune" / name
    results = Results(rows, provenance(suite))
    write_results(results, folder)
    write_page(results, folder / "report.html")
    write_markdown(rows, folder / "summary.md")
    return folder / "report.html"


def _show_status(tuner: "Tuner", project: Project, path: Path, *, strict: bool) -> None:
    from fastir_train.report.terminal import show_status
    from fastir_train.tune.profile import read_profile
    from fastir_train.tune.status import status_of

    profile = read_profile(path)
    rows = status_of(profile, tuner.collect(project, profile.header.objective).modules)
    show_status(f"{path}", rows)
    stale = sum(row.decisions - row.apply for row in rows)
    if strict and stale:
        raise FastirError(f"{stale} of {profile.count} decisions of {path} do not apply any more")
