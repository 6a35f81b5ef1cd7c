"""What several commands ask for."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, get_args

from fastir_train.corpus.manifest import load_projects
from fastir_train.problem.inlining import INLINING, Place
from fastir_train.runtime.console import Console
from fastir_train.runtime.workers import cpu_count

if TYPE_CHECKING:
    from fastir_train.cli.pipeline import Workspace

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What argparse adds commands to."""


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Where manifests are, and where what is made goes."""
    parser.add_argument(
        "--corpus",
        type=Path,
        default=Path("corpus"),
        metavar="DIR",
        help="the manifests (default: %(default)s)",
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(".cache"),
        metavar="DIR",
        help="where what is made is kept (default: %(default)s)",
    )
    parser.add_argument("--jobs", type=positive, default=cpu_count(), metavar="N")


def add_level(parser: argparse.ArgumentParser) -> None:
    """Of optimisation."""
    parser.add_argument(
        "--level",
        choices=INLINING.levels,
        default=INLINING.default_level,
        help="default: %(default)s",
    )


def add_place(parser: argparse.ArgumentParser) -> None:
    """Where a model decides."""
    parser.add_argument(
        "--at",
        choices=get_args(Place),
        default="compile",
        help="the model for compiles without LTO, or for the link with it (default: %(default)s)",
    )


def positive(text: str) -> int:
    """A number of 1 or more."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def make_space(options: argparse.Namespace, console: Console) -> "Workspace":
    """What `add_workspace` was given, with the manifests read."""
    from fastir_train.cli.pipeline import Workspace

    projects = load_projects(options.corpus)
    return Workspace(projects, options.work.resolve(), options.jobs, console)
