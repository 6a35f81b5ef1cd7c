"""The command ``fastir``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import llvm_tools
from fastir_train.console import Console
from fastir_train.errors import FastirError
from fastir_train.manifest import LANGUAGES, SPLITS, load_projects, local_project
from fastir_train.toolchain import HOSTS, default_model_path, flags
from fastir_train.workers import cpu_count, local_runner


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, 1 for a failure, 2 for wrong usage."""
    given, clangs = _split(sys.argv[1:] if arguments is None else list(arguments))
    options = _parser().parse_args(given)
    options.clangs = clangs
    try:
        options.run(options)
    except (FastirError, llvm_tools.LlvmToolsError) as error:
        print(f"fastir: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("fastir: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _split(given: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and clang's arguments: argparse takes no options before a second list."""
    if given[:1] != ["explain"] or "--" not in given:
        return given, []
    end = given.index("--")
    return given[:end], given[end + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fastir", description="Machine-learned inlining inside the LLVM that you have."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_flags(commands)
    _add_collect(commands)
    _add_corpus(commands)
    _add_label(commands)
    _add_train(commands)
    _add_evaluate(commands)
    _add_search(commands)
    _add_demo(commands)
    _add_bench(commands)
    _add_compare(commands)
    _add_explain(commands)
    _add_doctor(commands)
    return parser


def _add_flags(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("flags", help="print the flags that switch the model on")
    parser.add_argument("--for", dest="host", choices=HOSTS, default="clang")
    parser.set_defaults(run=_flags)


def _flags(options: argparse.Namespace) -> None:
    print(" ".join(flags(options.host)))


def _add_bench(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "bench", help="build projects in several configurations, measure and compare them"
    )
    _add_workspace(parser)
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
        "--build", default="make", metavar="CMD", help="how it is built (default: %(default)s)"
    )
    parser.add_argument(
        "--outputs", nargs="+", default=(), metavar="GLOB", help="what of it (default: all linked)"
    )
    parser.add_argument("--test", default="", metavar="CMD", help="how it is tested")
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="default: bench/SUITE in the --work folder"
    )
    parser.set_defaults(run=_bench)


def _bench(options: argparse.Namespace) -> None:
    from dataclasses import replace  # noqa: PLC0415

    from fastir_train.bench import FAILURES, run_suite  # noqa: PLC0415
    from fastir_train.page import write_page  # noqa: PLC0415
    from fastir_train.results import Results, circumstances, write_results  # noqa: PLC0415
    from fastir_train.suite import load_suite, suite_path  # noqa: PLC0415
    from fastir_train.tables import show_bench  # noqa: PLC0415

    own = options.project
    suite = load_suite(suite_path(options.suite), None if own else load_projects(options.corpus))
    if own:
        name = options.name or own.resolve().name
        given = (options.build, tuple(options.outputs), options.test)
        suite = replace(suite, projects=(local_project(own, name, *given),))
    told = circumstances(suite)
    with Console() as console:
        rows = run_suite(suite, options.work.resolve(), options.jobs, console)
    folder = options.output or options.work / "bench" / suite.name
    results = Results(rows, told)
    write_results(results, folder)
    write_page(results, folder / "report.html")
    show_bench(suite.name, rows)
    print(f"results are in {folder}")
    if failed := rows.filter(rows["status"].is_in(FAILURES)).height:
        raise FastirError(f"{failed} of {rows.height} failed")


def _add_compare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "compare", help="tell what got better or worse between two results of bench"
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
    from fastir_train.compare import compare, markdown  # noqa: PLC0415
    from fastir_train.results import read_results  # noqa: PLC0415

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


def _add_explain(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "explain",
        help="tell why calls of a file were inlined or not",
        usage="fastir explain FILE [--function F] [--model MODEL] [--departures] [-- ARG ...]",
        epilog="What follows -- is clang's; without a level among it, -Oz.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--function", metavar="F", help="in this function alone")
    parser.add_argument("--model", type=Path, help="in place of the shipped one")
    parser.add_argument("--departures", action="store_true", help="only what LLVM does otherwise")
    parser.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> None:
    from fastir_train.explain import explain  # noqa: PLC0415
    from fastir_train.tables import show_explained  # noqa: PLC0415

    found = explain(options.file, options.clangs, function=options.function, model=options.model)
    if options.departures:
        found = [one for one in found if one.inlined != one.llvm_inlines]
    show_explained(f"decisions in {options.file.name}", found)


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("doctor", help="tell what is installed, and whether it works")
    parser.set_defaults(run=_doctor)


def _doctor(_: argparse.Namespace) -> None:
    from fastir_train.doctor import examine  # noqa: PLC0415
    from fastir_train.tables import show_findings  # noqa: PLC0415

    findings = examine()
    show_findings(findings)
    if missing := [finding.what for finding in findings if finding.advice and finding.needed]:
        raise FastirError(f"does not work without: {', '.join(missing)}")


def _add_collect(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("collect", help="run a build and keep the bitcode it compiles")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("build", nargs="+", metavar="CMD", help="the build, after --")
    parser.set_defaults(run=_collect)


def _collect(options: argparse.Namespace) -> None:
    from fastir_train.collect import collect  # noqa: PLC0415

    count = collect(options.out, options.build)
    print(f"{options.out} holds {count} modules")


def _space(options: argparse.Namespace, console: Console):
    from fastir_train.pipeline import Workspace  # noqa: PLC0415

    projects = load_projects(options.corpus)
    return Workspace(projects, options.work.resolve(), options.jobs, console)


def _add_workspace(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument("--jobs", type=_positive, default=cpu_count(), metavar="N")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _add_corpus(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("corpus", help="fetch and build the projects to learn from")
    _add_workspace(parser)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("build", "stats"),
        default="build",
        help="build: make what is missing of the train split; stats: tell what is there",
    )
    parser.add_argument(
        "--split", nargs="+", choices=SPLITS, default=["train"], help="splits to build"
    )
    parser.set_defaults(run=_corpus)


def _corpus(options: argparse.Namespace) -> None:
    from fastir_train.pipeline import build_corpus  # noqa: PLC0415
    from fastir_train.stats import corpus_stats  # noqa: PLC0415
    from fastir_train.tables import show_corpus  # noqa: PLC0415

    with Console() as console:
        space = _space(options, console)
        if options.what == "build":
            build_corpus(space, options.split)
            return
        stats = corpus_stats(space.projects, space.work)
    show_corpus(stats)


def _add_level(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--level", choices=("Oz", "Os"), default="Oz", help="default: %(default)s")


def _add_label(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("label", help="measure what decisions are worth")
    _add_workspace(parser)
    _add_level(parser)
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
        type=_positive,
        default=600,
        metavar="N",
        help="about how many a project (default: %(default)s)",
    )
    parser.add_argument(
        "--modules",
        type=_positive,
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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--ray", metavar="ADDRESS", help="run on this Ray cluster, not on this machine alone"
    )
    parser.set_defaults(run=_label)


def _label(options: argparse.Namespace) -> None:
    from fastir_train.labels import rollout  # noqa: PLC0415
    from fastir_train.pipeline import label  # noqa: PLC0415

    around = rollout(options.level, options.around, options.name, options.modules)
    run = _runner(options)
    with Console() as console:
        space = _space(options, console)
        label(space, around, options.labels, options.seed, run, options.language)


def _runner(options: argparse.Namespace):
    if options.ray is None:
        return local_runner(options.jobs)
    from fastir_train.cluster import ray_runner  # noqa: PLC0415

    return ray_runner(options.ray)


def _add_train(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("train", help="fit, export and evaluate a model")
    _add_workspace(parser)
    _add_level(parser)
    parser.add_argument(
        "--output", type=Path, help="default: models/inline-oz.onnx or inline-os.onnx, by level"
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
    from fastir_train.pipeline import train_and_evaluate, train_baselines  # noqa: PLC0415
    from fastir_train.recipes import SHIPPED  # noqa: PLC0415
    from fastir_train.tables import show_scores  # noqa: PLC0415

    level = options.level
    output = options.output or Path(f"models/inline-{level.lower()}.onnx")
    with Console() as console:
        space = _space(options, console)
        if options.baselines:
            train_baselines(space, level, Path("models/baselines"))
            return
        evaluations = train_and_evaluate(space, SHIPPED[level], level, output, options.evaluate)
    for split, scores in evaluations.items():
        show_scores(f"{output.name} against -{level}, {split} split", scores)


def _add_evaluate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("evaluate", help="build and test whole projects with a model")
    _add_workspace(parser)
    _add_level(parser)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--split", choices=SPLITS, default="valid")
    parser.add_argument(
        "--baselines", action="store_true", help="the other policies too, in one table"
    )
    parser.add_argument(
        "--predict",
        action="store_true",
        help="hold what modules add up to, as labels count it, against what lld makes of them",
    )
    parser.set_defaults(run=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from fastir_train.pipeline import evaluate_all, evaluate_model, predict  # noqa: PLC0415
    from fastir_train.tables import show_comparison, show_predicted, show_scores  # noqa: PLC0415

    level = options.level
    model = options.model or default_model_path(level)
    title = f"against -{level}, {options.split} split"
    if options.baselines:
        with Console() as console:
            space = _space(options, console)
            compared = evaluate_all(space, model, level, options.split, Path("models/baselines"))
        show_comparison(f"policies {title}", compared)
        return
    if options.predict:
        with Console() as console:
            run = local_runner(options.jobs)
            both = predict(_space(options, console), model, level, options.split, run)
        show_predicted(f"{model.name} {title}, predicted and linked", both)
        return
    with Console() as console:
        scores = evaluate_model(_space(options, console), model, level, options.split)
    show_scores(f"{model.name} {title}", scores)


def _add_search(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "search", help="find the best decisions for given projects: the bound for a model"
    )
    _add_workspace(parser)
    _add_level(parser)
    parser.add_argument("projects", nargs="+", metavar="PROJECT")
    parser.set_defaults(run=_search)


def _search(options: argparse.Namespace) -> None:
    from fastir_train.pipeline import search  # noqa: PLC0415

    with Console() as console:
        space = _space(options, console)
        known = {project.name: project for project in space.projects}
        if unknown := [name for name in options.projects if name not in known]:
            raise FastirError(f"no manifest names {', '.join(unknown)}")
        wanted = [known[name] for name in options.projects]
        search(space, options.level, wanted, local_runner(options.jobs))


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("demo", help="build a real project with and without the model")
    _add_workspace(parser)
    parser.add_argument("--project", default="jsoncpp")
    parser.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> None:
    from fastir_train.demo import demo  # noqa: PLC0415

    with Console() as console:
        demo(_space(options, console), options.project)
