"""How many labels a second the engine measures, beside one flip a compile; `make bench-engine`.

A sample of the corpus's train split, at -Oz: for each module the alternatives that a round of
labels would draw, or, with --flips, flips of many decisions. All of them are measured together;
then, for a sample of them, the module is compiled anew for each: by a clang of its own, as who
rewards a policy by what a compiler prints has to, and in this process, which starts nothing and
reads nothing from files. The labels of the sample are measured once more, each in a compile of its
own, and must be the same.
"""

import argparse
import json
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console as RichConsole
from rich.table import Table

import llvm_tools
from fastir_train.corpus.manifest import LANGUAGES, load_projects
from fastir_train.corpus.store import load_corpus
from fastir_train.label.labels import LABELLED_BYTES, sample_modules
from fastir_train.label.replay import Site, sites_of, write_replay
from fastir_train.label.sampling import draw
from fastir_train.runtime.console import Console
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import flags, tool

MODULES_A_PROJECT = 1
ALONE = 12
"""How many alternatives of a module are compiled one by one."""
CLANGS = 3
"""How many of those by a clang of their own too."""


@dataclass(frozen=True)
class Row:
    """One module: what measuring took, in CPU seconds."""

    module: str
    language: str
    alternatives: int
    compiles: int
    together: float
    """All alternatives, in a worker process and its forks."""
    alone: float
    """A single alternative in this process, on average."""
    clang: float
    """The same by a clang of its own."""
    differ: int
    """Labels of the sample that come out otherwise when measured alone."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    parser.add_argument("--projects", nargs="*", help="default: all of the train split")
    parser.add_argument(
        "--flips",
        type=int,
        metavar="N",
        help="flip N of each module's decisions, in place of what a round would draw",
    )
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
                name = f"{project.name}: {module['module']}"
                row = _measure(name, project.language, module, options.flips)
                if row:
                    rows.append(row)
            console.step("modules", number, len(projects))
    _show(rows)
    path = options.work / "bench-engine.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


def _measure(name: str, language: str, module: dict, flips: int | None) -> Row | None:
    content = module["content"]
    decisions = llvm_tools.compile_module(content, relevel=True).decisions()
    alternatives = _drawn(module, decisions) if flips is None else _flips(decisions, flips)
    if not alternatives:
        return None
    measured = llvm_tools.measure_alternatives(content, alternatives, relevel=True)
    picked = np.random.default_rng(1).permutation(len(alternatives))[:ALONE].tolist()
    sites = [_sites(decisions, alternatives[position]) for position in picked]
    before = _cpu()
    for given in sites:
        llvm_tools.compile_module(
            content, site_overrides=given, relevel=True, record_decisions=False, by_symbol=True
        )
    alone = (_cpu() - before) / len(sites)
    clang = float(np.mean([_clang(module, given) for given in sites[:CLANGS]]))
    checked = [alternatives[position] for position in picked]
    exact = llvm_tools.measure_alternatives(content, checked, relevel=True, batch_size=1).changes
    together_changes = measured.changes[picked]
    differ = sum(a != b for a, b in zip(exact.rows(), together_changes.rows(), strict=True))
    return Row(
        name, language, len(alternatives), measured.compiles, measured.seconds, alone, clang, differ
    )


def _drawn(module: dict, decisions: pl.DataFrame) -> list[dict[int, bool]]:
    """What a round of labels would draw."""
    named = decisions.with_columns(module=pl.lit(module["module"]))
    drawn = draw(module["project"], named, 10_000, seed=1).get(module["module"])
    return [alternative for alternative in drawn.alternatives() if alternative] if drawn else []


def _flips(decisions: pl.DataFrame, most: int) -> list[dict[int, bool]]:
    few = decisions.sample(min(most, decisions.height), seed=1).sort("decision")
    return [
        {decision: not inlines} for decision, inlines in few.select("decision", "inlines").rows()
    ]


def _sites(decisions: pl.DataFrame, alternative: dict[int, bool]) -> dict[Site, bool]:
    """The base's decisions with the alternative's in the place of some."""
    advice = dict(enumerate(decisions["inlines"])) | alternative
    return dict(zip(sites_of(decisions), advice.values(), strict=True))


def _clang(module: dict, sites: dict[Site, bool]) -> float:
    """CPU seconds of a clang that compiles the module with these decisions."""
    with tempfile.TemporaryDirectory() as scratch:
        bitcode = Path(scratch) / "module.bc"
        bitcode.write_bytes(module["content"])
        write_replay(sites, Path(scratch), module["module"])
        options = flags("clang", extra=["-fastir-policy=llvm", f"-fastir-replay={scratch}"])
        command = [tool("clang"), "-Oz", *options, "-c", str(bitcode), "-o", f"{scratch}/m.o"]
        before = _cpu()
        subprocess.run(command, check=True, capture_output=True)
        return _cpu() - before


def _cpu() -> float:
    """What this process took, and those that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def _show(rows: Sequence[Row]) -> None:
    table = Table(title="labels a CPU second: alternatives together, one a compile, one a clang")
    table.add_column("module", max_width=28)
    for name in ("labels", "compiles", "together", "compile", "ratio", "clang", "ratio", "differ"):
        table.add_column(name, justify="right")
    for row in rows:
        _add(table, row.module, [row])
    table.add_section()
    _add(table, "all", rows)
    for language in LANGUAGES:
        _add(table, language, [row for row in rows if row.language == language])
    RichConsole().print(table)


def _add(table: Table, name: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    labels = sum(row.alternatives for row in rows)
    together = sum(row.together for row in rows)
    cells = [str(labels), str(sum(row.compiles for row in rows)), f"{labels / together:.1f}"]
    for each in ("alone", "clang"):
        seconds = sum(getattr(row, each) * row.alternatives for row in rows)
        cells += [f"{labels / seconds:.1f}", f"{seconds / together:.1f}"]
    table.add_row(name, *cells, str(sum(row.differ for row in rows)))


if __name__ == "__main__":
    main()
