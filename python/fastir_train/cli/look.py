"""The commands that show what is there, and why calls are inlined."""

import argparse
from pathlib import Path
from typing import get_args

from fastir_train.cli.options import Commands
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import HOSTS, flags
from llvm_tools.engine import Policy
from llvm_tools.prediction import Runtime


def add_flags(commands: Commands) -> None:
    """``fastir flags``."""
    parser = commands.add_parser("flags", help="print the flags that switch the model on")
    parser.add_argument("--for", dest="host", choices=HOSTS, default="clang")
    parser.add_argument(
        "--policy",
        choices=get_args(Policy),
        default="model",
        help="who decides (default: %(default)s)",
    )
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="an ONNX file in place of the shipped models"
    )
    parser.add_argument(
        "--runtime",
        choices=get_args(Runtime),
        default="auto",
        help="what evaluates the models: the plugin, which can evaluate trees, ONNX Runtime, or "
        "the first that can (default: %(default)s)",
    )
    parser.add_argument(
        "--onnxruntime", type=Path, metavar="FILE", help="ONNX Runtime's library, if not found"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where plugin, models and settings are copied to (default: ~/.cache/fastir)",
    )
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="decisions that 'fastir tune' wrote, which go before the policy's",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="fail where a function of the profile has changed since",
    )
    parser.add_argument(
        "--unpinned",
        action="store_true",
        help="the installed plugin itself, which obeys FASTIR_*; not for use with compiler caches",
    )
    parser.set_defaults(run=_flags)


def _flags(options: argparse.Namespace) -> None:
    if options.unpinned:
        if (
            (options.policy, options.runtime) != ("model", "auto")
            or options.model
            or options.onnxruntime
            or options.out
            or options.profile
            or options.strict
        ):
            raise FastirError("--unpinned takes its settings from FASTIR_* alone")
        print(" ".join(flags(options.host)))
        return
    from fastir_train.cli.pinned import Choice, cache_folder, pinned_flags

    choice = Choice(
        options.policy,
        options.model,
        options.onnxruntime,
        options.runtime,
        options.profile,
        options.strict,
    )
    print(" ".join(pinned_flags(options.host, choice, options.out or cache_folder())))


def add_collect(commands: Commands) -> None:
    """``fastir collect``."""
    parser = commands.add_parser(
        "collect",
        help="run a build and keep the bitcode it compiles",
        usage="fastir collect --out DIR -- CMD [ARG ...]",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.set_defaults(run=_collect)


def _collect(options: argparse.Namespace) -> None:
    from fastir_train.corpus.collect import collect

    if not options.command:
        raise FastirError(
            "nothing to run: name the build after --, as in 'fastir collect ... -- make'"
        )
    count = collect(options.out, options.command)
    print(f"{options.out} holds {count} modules")


def add_explain(commands: Commands) -> None:
    """``fastir explain``."""
    parser = commands.add_parser(
        "explain",
        help="show why calls of a file were inlined or not",
        usage="fastir explain FILE [--function F] [--model MODEL] [--changed] [-- ARG ...]",
        epilog=f"What follows -- is clang's; without a level among it, -{INLINING.default_level}.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--function", metavar="F", help="in this function alone")
    parser.add_argument("--model", type=Path, help="in place of the shipped one")
    parser.add_argument("--changed", action="store_true", help="only what LLVM does otherwise")
    parser.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> None:
    from fastir_train.inspect.explain import explain
    from fastir_train.report.terminal import show_explained

    found = explain(options.file, options.command, function=options.function, model=options.model)
    if options.changed:
        found = [one for one in found if one.inlined != one.llvm_inlines]
    show_explained(f"decisions in {options.file.name}", found)


def add_doctor(commands: Commands) -> None:
    """``fastir doctor``."""
    parser = commands.add_parser("doctor", help="check what is installed, and whether it works")
    parser.set_defaults(run=_doctor)


def _doctor(_: argparse.Namespace) -> None:
    from fastir_train.inspect.doctor import examine
    from fastir_train.report.terminal import show_findings

    findings = examine()
    show_findings(findings)
    if missing := [finding.what for finding in findings if finding.advice and finding.needed]:
        raise FastirError(f"does not work without: {', '.join(missing)}")
