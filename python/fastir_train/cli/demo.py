"""The demonstration: one project, never trained on, with and without the model."""

from dataclasses import dataclass

from rich.console import Console as RichConsole
from rich.table import Table

from fastir_train.benchmark.changed_decisions import Decided, read_decisions
from fastir_train.benchmark.evaluate import model_configuration, stock_configuration
from fastir_train.benchmark.sections import LinkedSize, measure_linked
from fastir_train.cli.pipeline import Workspace
from fastir_train.corpus.build import build, run_tests
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import default_model_path


@dataclass(frozen=True)
class Column:
    """One build in the table."""

    size: LinkedSize
    seconds: float


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
    stock = stock_configuration("Oz")
    ours = model_configuration(default_model_path(), "Oz", "fastir")
    columns = {}
    for configuration in (stock, ours):
        space.console.say(f"building {name}: {configuration.name} ...")
        result = build(project, configuration, space.work, space.jobs)
        space.console.say("running its own tests ...")
        run_tests(result, configuration, space.jobs)
        columns[configuration.name] = Column(measure_linked(result.outputs), result.seconds)
    space.console.say("counting decisions ...")
    decided = read_decisions(project, ours, space.work, space.jobs)
    _print(name, columns[stock.name], columns[ours.name], decided)


def _print(name: str, stock: Column, ours: Column, decided: Decided) -> None:
    table = Table(title=f"{name}: clang-22 -Oz, and with Fastir")
    table.add_column("")
    for heading in ("stock", "Fastir", "change"):
        table.add_column(heading, justify="right")
    rows = [
        (".text, bytes", stock.size.text, ours.size.text, "{:,}"),
        ("loadable, bytes", stock.size.loadable, ours.size.loadable, "{:,}"),
        ("compile time (whole build), CPU s", stock.seconds, ours.seconds, "{:.2f}"),
    ]
    for label, before, after, form in rows:
        table.add_row(label, form.format(before), form.format(after), f"{after / before - 1:+.1%}")
    table.add_row("decisions taken", "", f"{decided.decisions:,}", "")
    share = decided.changed_decisions / decided.decisions
    table.add_row("differing from LLVM's", "", f"{decided.changed_decisions:,}", f"{share:.1%}")
    table.add_row("its own tests", "pass", "pass", "")
    RichConsole().print(table)
