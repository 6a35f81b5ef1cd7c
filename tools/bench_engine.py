"""How many labels a second the engine measures, beside one flip a compile; `make bench-engine`.

A sample of the corpus's train split, at -Oz: for each module the alternatives that a round of
labels would draw. All of them are measured together; then, for a sample of them, the module is
compiled anew for each, as a program would that knows no better. Both run in this process, on one
core. The labels of the sample are measured a third time, each in a compile of its own, and must be
the same.
"""

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console as RichConsole
from rich.table import Table

import llvm_tools
from fastir_train.console import Console
from fastir_train.corpus import load_corpus
from fastir_train.files import replacing
from fastir_train.labels import LABELLED_BYTES, sample_modules
from fastir_train.manifest import load_projects
from fastir_train.plan import draw
from fastir_train.replay import sites_of

MODULES_A_PROJECT = 1
ALONE = 12
"""How many alternatives of a module are compiled one by one."""


@dataclass(frozen=True)
class Row:
    """One module: what measuring took, CPU seconds of this process and those it forked."""

    module: str
    language: str
    alternatives: int
    compiles: int
    together: float
    alone: float
    """A single alternative, on average."""
    differ: int
    """Labels of the sample that come out otherwise when measured alone."""

    def speedup(self) -> float:
        """How many times as many labels a second."""
        return self.alone * self.alternatives / self.together


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    parser.add_argument("--projects", nargs="*", help="default: all of the train split")
    options = parser.parse_args()
    rows = []
    projects = [
        project
        for project in load_projects(options.corpus, ["train"])
        if not options.projects or project.name in options.projects
    ]
    with Console() as console:
        for number, project in enumerate(projects, start=1):
            modules = load_corpus(options.work, [project])
            small = modules.filter(pl.col("content").bin.size() <= LABELLED_BYTES)
            for module in sample_modules(small, MODULES_A_PROJECT).iter_rows(named=True):
                row = _measure(f"{project.name}: {module['module']}", project.language, module)
                if row:
                    rows.append(row)
            console.step("modules", number, len(projects))
    _show(rows)
    path = options.work / "bench-engine.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def _measure(name: str, language: str, module: dict) -> Row | None:
    content = module["content"]
    decisions = llvm_tools.compile_module(content, relevel=True).decisions()
    named = decisions.with_columns(module=pl.lit(module["module"]))
    drawn = draw(module["project"], named, 10_000, seed=1).get(module["module"])
    if drawn is None:
        return None
    alternatives = [alternative for alternative in drawn.alternatives() if alternative]
    before = _cpu()
    measured = llvm_tools.measure_alternatives(content, alternatives, relevel=True)
    together = _cpu() - before
    picked = np.random.default_rng(1).permutation(len(alternatives))[:ALONE].tolist()
    before = _cpu()
    for position in picked:
        _compile(content, decisions, alternatives[position])
    seconds = (_cpu() - before) / len(picked)
    checked = [alternatives[position] for position in picked]
    exact = llvm_tools.measure_alternatives(content, checked, relevel=True, company=1).changes
    together_changes = measured.changes[picked]
    differ = sum(a != b for a, b in zip(exact.rows(), together_changes.rows(), strict=True))
    return Row(name, language, len(alternatives), measured.compiles, together, seconds, differ)


def _compile(content: bytes, decisions: pl.DataFrame, alternative: dict[int, bool]) -> None:
    """One compile with the alternative, all other decisions as in the base."""
    advice = dict(enumerate(decisions["inlines"])) | alternative
    sites = dict(zip(sites_of(decisions), advice.values(), strict=True))
    llvm_tools.compile_module(
        content, site_overrides=sites, relevel=True, record_decisions=False, by_symbol=True
    )


def _cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _show(rows: Sequence[Row]) -> None:
    table = Table(title="labels a CPU second: alternatives together, and one a compile")
    table.add_column("module", max_width=28)
    for name in ("labels", "compiles", "together", "alone", "ratio", "differ"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            row.module,
            str(row.alternatives),
            str(row.compiles),
            f"{row.alternatives / row.together:.1f}",
            f"{1 / row.alone:.1f}",
            f"{row.speedup():.1f}",
            str(row.differ),
        )
    table.add_section()
    parts = [("all", rows)]
    parts += [
        (language, [row for row in rows if row.language == language]) for language in ("c++", "c")
    ]
    for name, part in parts:
        if part:
            labels = sum(row.alternatives for row in part)
            together = sum(row.together for row in part)
            alone = sum(row.alone * row.alternatives for row in part)
            table.add_row(
                name,
                str(labels),
                str(sum(row.compiles for row in part)),
                f"{labels / together:.1f}",
                f"{labels / alone:.1f}",
                f"{alone / together:.1f}",
                str(sum(row.differ for row in part)),
            )
    RichConsole().print(table)


if __name__ == "__main__":
    main()
