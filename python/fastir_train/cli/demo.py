"""The demonstration: one project, never trained on, with and without the model."""

from rich.console import Console as RichConsole
from rich.table import Table

from fastir_train.benchmark.evaluate import model_configuration, stock_configuration
from fastir_train.benchmark.measure import Measurement, measure
from fastir_train.cli.pipeline import Workspace
from fastir_train.corpus.build import discard
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import default_model_path


def demo(space: Workspace, name: str) -> None:
    """Build a project of the valid split twice, test both builds, and print the comparison.

    Models are chosen on that split, and trained on none of it. The test split is for evaluations of
    release candidates only.

    Raises
    ------
    FastirError
        If the project is unknown or was trained on, or a build or a test fails.
    """
    project = next((project for project in space.of("valid") if project.name == name), None)
    if project is None:
        known = ", ".join(project.name for project in space.of("valid"))
        raise FastirError(f"no project '{name}' in the valid split; there are {known}")
    level = INLINING.default_level
    measured = []
    for configuration in (
        stock_configuration(level),
        model_configuration(default_model_path(level), level, "fastir"),
    ):
        space.console.say(f"building and testing {name}: {configuration.name} ...")
        row, built = measure(project, configuration, space.work, space.jobs, decisions=True)
        if built is None:
            raise FastirError(f"{name}, {row.status}: {row.log}")
        discard(built)
        measured.append(row)
    _print(f"{name}: clang-22 -{level}, and with Fastir", *measured)


def _print(title: str, stock: Measurement, ours: Measurement) -> None:
    table = Table(title=title)
    table.add_column("")
    for heading in ("stock", "Fastir", "change"):
        table.add_column(heading, justify="right")
    rows = [
        (".text, bytes", stock.text, ours.text, "{:,}"),
        ("loadable, bytes", stock.loadable, ours.loadable, "{:,}"),
        ("compile time (whole build), CPU s", stock.seconds[0], ours.seconds[0], "{:.2f}"),
    ]
    for label, before, after, form in rows:
        if before and after:
            change = f"{after / before - 1:+.1%}"
            table.add_row(label, form.format(before), form.format(after), change)
    if ours.decisions and ours.changed_decisions is not None:
        share = ours.changed_decisions / ours.decisions
        table.add_row("decisions taken", "", f"{ours.decisions:,}", "")
        table.add_row("differing from LLVM's", "", f"{ours.changed_decisions:,}", f"{share:.1%}")
    table.add_row("its own tests", stock.status, ours.status, "")
    RichConsole().print(table)
