"""Packages of fastir_train import one another in one direction, and modules in no circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2] / "python" / "fastir_train"
LAYERS = (
    "problem",
    "runtime",
    "corpus",
    "label",
    "benchmark",
    "learn",
    "inspect",
    "tune",
    "report",
    "cli",
)
"""Each may import those before it."""


def _imported(path: Path) -> Iterator[str]:
    """The modules of fastir_train that a file imports: package and module, dotted."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{name.name}" for name in names)
            case ast.Import(names=names):
                yield from (name.name for name in names)


def _modules() -> dict[str, set[str]]:
    """Each module and those that it imports, without the leading ``fastir_train``."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in ROOT.rglob("*.py")
        if path.name != "__init__.py"
    }
    return {
        name: {
            other
            for imported in _imported(path)
            for other in files
            if f"{imported}.".startswith(f"fastir_train.{other}.")
        }
        for name, path in files.items()
    }


def test_every_package_has_its_layer_and_says_what_it_is_for() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == set(LAYERS)
    for package in packages:
        assert ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))


def test_imports_run_one_way() -> None:
    modules = _modules()
    assert modules["cli.learn"], "no import is found at all"
    upward = [
        f"{name} imports {other}"
        for name, others in modules.items()
        for other in others
        if LAYERS.index(name.split(".")[0]) < LAYERS.index(other.split(".")[0])
    ]
    assert upward == []


def test_modules_import_one_another_in_no_circle() -> None:
    TopologicalSorter(_modules()).prepare()  # raises CycleError
