"""The commands that build programs, and compare what comes of it."""

import argparse
import shlex
from pathlib import Path

from fastir_train.cli.options import Commands, add_workspace, make_space
from fastir_train.corpus.manifest import load_projects, local_project
from fastir_train.corpus.targets import TARGETS
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError


def add_demo(commands: Commands) -> None:
    """``fastir demo``."""
    parser = commands.add_parser("demo", help="build a real project with and without the model")
    add_workspace(parser)
    parser.add_argument("--project", default="jsoncpp")
    parser.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> None:
    from fastir_train.cli.demo import demo

    with Console() as console:
        demo(make_space(options, console), options.project)


def add_bench(commands: Commands) -> None:
    """``fastir bench``."""
    parser = commands.add_parser(
        "bench",
        help="build projects in several configurations, measure and compare them",
        usage="fastir bench [SUITE] [OPTION ...] [--project DIR [-- CMD [ARG ...]]]",
        epilog="What follows -- builds the program in DIR (default: make).",
    )
    add_workspace(parser)
    parser.add_argument(
        "suite",
        nargs="?",
        default="quick",
        metavar="SUITE",
        help="quick, size, speed, or a .toml file (default: %(default)s)",
    )
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="measure the program in this folder instead"
    )
    parser.add_argument("--name", help="what to call that program (default: as the folder)")
    parser.add_argument(
        "--outputs", nargs="+", default=(), metavar="GLOB", help="what of it (default: all linked)"
    )
    parser.add_argument("--test", default="", metavar="CMD", help="how it is tested")
    parser.add_argument(
        "--target",
        choices=TARGETS,
        help="build for another machine, and test by emulation (Rust programs are left out)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="default: bench/SUITE in the --work folder"
    )
    parser.set_defaults(run=_bench)


_LIVE_ROWS = 8
"""Of the table that is shown while it grows: a terminal has room for those."""


def _bench(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from fastir_train.benchmark.ledger import record_bench
    from fastir_train.benchmark.outcomes import FAILURES
    from fastir_train.benchmark.results import Results, provenance, write_results
    from fastir_train.benchmark.runner import run_suite
    from fastir_train.benchmark.suite import for_target, load_suite, suite_path
    from fastir_train.report.html import write_page
    from fastir_train.report.summary import write_markdown
    from fastir_train.report.terminal import bench_table, show_bench

    own = options.project
    if options.command and not own:
        raise FastirError("what follows -- builds the program in --project DIR, which is missing")
    suite = load_suite(suite_path(options.suite), None if own else load_projects(options.corpus))
    if own:
        name = options.name or own.resolve().name
        build = shlex.join(options.command or ["make"])
        given = (build, tuple(options.outputs), options.test)
        suite = replace(suite, projects=(local_project(own, name, *given),))
    if options.target:
        target = TARGETS[options.target]
        target.check()
        suite = for_target(suite, target)
    how = provenance(suite)
    with Console() as console:
        rows = run_suite(
            suite,
            options.work.resolve(),
            options.jobs,
            console,
            lambda rows: console.show(bench_table(suite.name, rows, last=_LIVE_ROWS)),
        )
    folder = options.output or options.work / "bench" / suite.name
    results = Results(rows, how)
    write_results(results, folder)
    write_page(results, folder / "report.html")
    write_markdown(rows, folder / "summary.md")
    record_bench(suite, rows)
    show_bench(suite.name, rows)
    print(f"results are in {folder}")
    failed = rows.filter(rows["status"].is_in(FAILURES))
    for log in failed["log"].drop_nulls():
        print(log)
    if failed.height:
        what = failed.select("project", "configuration", "status").rows()
        named = "; ".join(f"{project}, {name}: {status}" for project, name, status in what)
        raise FastirError(f"{failed.height} of {rows.height} failed: {named}")


def add_compare(commands: Commands) -> None:
    """``fastir compare``."""
    parser = commands.add_parser(
        "compare", help="report what got better or worse between two results of bench"
    )
    parser.add_argument("before", type=Path, metavar="BEFORE.parquet")
    parser.add_argument("after", type=Path, metavar="AFTER.parquet")
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.5,
        metavar="PERCENT",
        help="fail if anything is worse by more (default: %(default)s)",
    )
    parser.set_defaults(run=_compare)


def _compare(options: argparse.Namespace) -> None:
    from fastir_train.benchmark.compare import compare, markdown
    from fastir_train.benchmark.results import read_results

    before, after = (read_results(path).rows for path in (options.before, options.after))
    found = compare(before, after)
    threshold = options.threshold / 100
    print(markdown(found, threshold))
    if not found.changes and not found.broken:
        raise FastirError(
            f"{options.before} and {options.after} have nothing in common that worked"
        )
    if count := len(found.worse(threshold)) + len(found.broken):
        raise FastirError(f"{count} worse than before")
