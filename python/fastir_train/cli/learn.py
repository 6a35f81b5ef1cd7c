"""The commands that make models, and compare them with LLVM."""

import argparse
from pathlib import Path
from typing import get_args

from fastir_train.cli.options import (
    Commands,
    add_level,
    add_place,
    add_workspace,
    make_space,
    positive,
)
from fastir_train.corpus.manifest import LANGUAGES, SPLITS
from fastir_train.runtime.console import Console
from fastir_train.runtime.models import chosen_model, compared_with_installed, described, made_model
from fastir_train.runtime.workers import local_runner
from llvm_tools.engine import Phase


def add_corpus(commands: Commands) -> None:
    """``fastir corpus``."""
    parser = commands.add_parser("corpus", help="fetch and build the projects to learn from")
    add_workspace(parser)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("build", "stats"),
        default="build",
        help="build: make what is missing of the train split; stats: describe what is there",
    )
    parser.add_argument(
        "--split", nargs="+", choices=SPLITS, default=["train"], help="splits to build"
    )
    _add_phase(parser)
    parser.set_defaults(run=_corpus)


def _add_phase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--phase",
        choices=get_args(Phase),
        default="compile",
        help="where in the build: in a compile without LTO, in one before a link with ThinLTO or "
        "full LTO, or at that link (default: %(default)s)",
    )


def _corpus(options: argparse.Namespace) -> None:
    from fastir_train.cli.pipeline import build_corpus
    from fastir_train.corpus.overlap import corpus_stats
    from fastir_train.report.terminal import show_corpus

    with Console() as console:
        space = make_space(options, console)
        if options.what == "build":
            build_corpus(space, options.split, options.phase)
            return
        stats = corpus_stats(space.projects, space.work)
    show_corpus(stats)


def add_label(commands: Commands) -> None:
    """``fastir label``."""
    parser = commands.add_parser("label", help="measure what decisions are worth")
    add_workspace(parser)
    add_level(parser)
    parser.add_argument(
        "--around",
        type=Path,
        metavar="MODEL",
        help="flip this model's decisions (default: LLVM's own)",
    )
    parser.add_argument(
        "--name", help="what to call the round (default: llvm, or the model's name)"
    )
    parser.add_argument(
        "--labels",
        type=positive,
        default=600,
        metavar="N",
        help="about how many a project (default: %(default)s)",
    )
    parser.add_argument(
        "--modules",
        type=positive,
        default=40,
        metavar="N",
        help="compile at most so many of a project's modules (default: %(default)s)",
    )
    parser.add_argument(
        "--language",
        nargs="+",
        choices=LANGUAGES,
        default=LANGUAGES,
        help="label projects of these languages only",
    )
    _add_phase(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--ray", metavar="ADDRESS", help="run on this Ray cluster, not on this machine alone"
    )
    parser.set_defaults(run=_label)


def _label(options: argparse.Namespace) -> None:
    from fastir_train.cli.pipeline import label
    from fastir_train.label.labels import rollout

    around = rollout(options.level, options.around, options.name, options.modules, options.phase)
    run = _runner(options)
    with Console() as console:
        space = make_space(options, console)
        label(space, around, options.labels, options.seed, run, options.language)


def _runner(options: argparse.Namespace):
    if options.ray is None:
        return local_runner(options.jobs)
    from fastir_train.runtime.cluster import ray_runner

    return ray_runner(options.ray)


def add_train(commands: Commands) -> None:
    """``fastir train``."""
    parser = commands.add_parser("train", help="fit, export and evaluate a model")
    add_workspace(parser)
    add_level(parser)
    add_place(parser)
    parser.add_argument(
        "--output", type=Path, help="default: models/inline-LEVEL.onnx, or inline-LEVEL-PLACE.onnx"
    )
    parser.add_argument(
        "--evaluate",
        nargs="*",
        choices=SPLITS,
        default=["valid"],
        metavar="SPLIT",
        help="splits to build with it (default: valid)",
    )
    parser.add_argument(
        "--baselines", action="store_true", help="fit the models in models/baselines instead"
    )
    parser.set_defaults(run=_train)


def _train(options: argparse.Namespace) -> None:
    from fastir_train.benchmark.ledger import record_scores
    from fastir_train.cli.pipeline import train_and_evaluate, train_baselines
    from fastir_train.report.terminal import show_scores

    level = options.level
    output = options.output or made_model(level, options.at)
    with Console() as console:
        space = make_space(options, console)
        if options.baselines:
            train_baselines(space, level, Path("models/baselines"))
            return
        evaluations = train_and_evaluate(space, level, output, options.evaluate, options.at)
    again = f"--level {level}" + ("" if options.at == "compile" else f" --at {options.at}")
    for evaluation in evaluations:
        if evaluation.split == "test":
            record_scores(output, f"fastir train {again} --evaluate test", evaluation.scores)
        show_scores(f"{output.name} against -{level}, {evaluation.title}", evaluation.scores)
    print(f"made {described(output)}")
    if remark := compared_with_installed(output, level, options.at):
        print(remark)
    print(f"to evaluate it: fastir evaluate {again} --model {output}")


def add_evaluate(commands: Commands) -> None:
    """``fastir evaluate``."""
    parser = commands.add_parser("evaluate", help="build and test whole projects with a model")
    add_workspace(parser)
    add_level(parser)
    add_place(parser)
    parser.add_argument(
        "--model",
        type=Path,
        default=None,
        help="default: the one in models/ that 'fastir train' makes; where there is none, the "
        "installed one",
    )
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument(
        "--baselines", action="store_true", help="the other policies too, in one table"
    )
    parser.add_argument(
        "--predict",
        action="store_true",
        help="compare the sum of a project's modules, as labels count it, with what lld links",
    )
    parser.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from fastir_train.benchmark.ledger import record, record_scores
    from fastir_train.cli.pipeline import evaluate_all, evaluations_of, predict
    from fastir_train.report.terminal import show_comparison, show_predicted, show_scores

    level = options.level
    model = chosen_model(options.model, level, options.at)
    print(f"evaluating {described(model)}")
    if remark := compared_with_installed(model, level, options.at):
        print(remark)
    title = f"against -{level}, {options.split} split"
    is_test = options.split == "test"
    at_link = "" if options.at == "compile" else f" --at {options.at}"
    run = f"fastir evaluate --level {level}{at_link} --split {options.split}"
    if options.baselines:
        with Console() as console:
            space = make_space(options, console)
            compared = evaluate_all(space, model, level, options.split, Path("models/baselines"))
        if is_test:
            ours = compared.filter(policy="fastir")
            record_scores(model, f"{run} --baselines", ours)
        show_comparison(f"policies {title}", compared)
        return
    if options.predict:
        with Console() as console:
            workers = local_runner(options.jobs)
            both = predict(make_space(options, console), model, level, options.split, workers)
        if is_test:
            record(model, f"{run} --predict", f"{both.height} projects, predicted and linked")
        show_predicted(f"{model.name} {title}, predicted and linked", both)
        return
    with Console() as console:
        space = make_space(options, console)
        evaluations = evaluations_of(space, model, level, options.split)
    for evaluation in evaluations:
        if is_test:
            record_scores(model, run, evaluation.scores)
        show_scores(f"{model.name} against -{level}, {evaluation.title}", evaluation.scores)
