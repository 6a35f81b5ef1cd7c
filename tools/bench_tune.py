"""What a search gains for its time, beside one flip a compile; `make bench-tune`.

Each program is searched as `fastir tune` does it, and what is saved is read off as it goes on.
Then, for comparison, the same program is improved as who has a compiler alone has to do it: a call
is drawn, a clang compiles its module with that decision taken otherwise, and the decision is kept
if the object got smaller. Both begin with LLVM's decisions; savings are of the objective, in per
cent of the modules, and what they cost is the CPU time of all processes.
"""

import argparse
import json
import resource
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console as RichConsole
from rich.table import Table

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from fastir_train.corpus.manifest import Project, load_projects
from fastir_train.label.replay import Site, advice_of, write_replay
from fastir_train.problem.objective import EVEN
from fastir_train.runtime.console import Console
from fastir_train.runtime.files import replacing
from fastir_train.runtime.programs import run_tool
from fastir_train.runtime.toolchain import flags
from fastir_train.tune.program import Found
from fastir_train.tune.tuner import Tuner
from llvm_tools.engine import Level

PROGRAMS = ("lua", "zstd", "bash", "jsoncpp", "re2", "sqlite3")
MORE = Path(__file__).with_name("tuned")
"""Manifests of programs that the corpus does not have."""
POINTS = (0.1, 0.25, 0.5, 1.0)
"""Of the budget: where what was saved is read off."""


@dataclass(frozen=True)
class Point:
    """How far one way of searching has come."""

    program: str
    way: str
    cpu_seconds: float
    alternatives: int
    saved: float
    """Of the modules' cost under LLVM's decisions, as a share."""


def main() -> None:
    """Search, compare, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", nargs="*", default=PROGRAMS, metavar="PROGRAM")
    parser.add_argument("--level", choices=("Oz", "Os"), default="Oz")
    parser.add_argument("--lto", choices=("thin", "full"))
    parser.add_argument("--seconds", type=float, default=120.0, help="of each way (default: 120)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    parser.add_argument("--output", type=Path, default=Path(".cache/bench-tune.json"))
    options = parser.parse_args()
    known = {p.name: p for folder in (options.corpus, MORE) for p in load_projects(folder)}
    points: list[Point] = []
    with Console() as console, tempfile.TemporaryDirectory() as scratch:
        # A work folder of its own, but for sources: a search does not go on from another run's.
        (options.work / "sources").mkdir(parents=True, exist_ok=True)
        (Path(scratch) / "sources").symlink_to((options.work / "sources").resolve())
        tuner = Tuner(
            Path(scratch),
            options.jobs,
            console,
            options.seconds,
            options.level,
            options.lto,
            start="llvm",
        )
        for name in options.programs:
            points += _program(tuner, known[name])
    with replacing(options.output) as temporary:
        temporary.write_text(json.dumps([asdict(point) for point in points], indent=1))
    _show(points, f"-{options.level}" + (f", {options.lto} LTO" if options.lto else ""))


def _program(tuner: Tuner, project: Project) -> Iterator[Point]:
    program = tuner.collect(project, "size")
    tuning = tuner.begin(project, program)
    due = [share * tuner.seconds for share in POINTS]
    found: list[Point] = []

    def report(left: float) -> None:
        while due and tuner.seconds - left >= due[0]:
            due.pop(0)
            searches = tuning.searches.values()
            found.append(
                Point(
                    project.name,
                    "fastir tune",
                    sum(search.seconds for search in searches),
                    sum(search.alternatives for search in searches),
                    1 - tuning.cost / tuning.stock,
                )
            )

    tuning.run(tuner.seconds, tuner.jobs, report)
    report(0.0)
    yield from found
    if tuner.lto is None:
        yield _climb(project.name, program.modules, program.level, found[-1].cpu_seconds)


def _climb(name: str, modules: Sequence[Found], level: Level, seconds: float) -> Point:
    """Single flips, drawn at random, one clang a try."""
    random = np.random.default_rng(0)
    start = _spent()
    tried = 0
    with tempfile.TemporaryDirectory() as scratch:
        climbs = [_Climb(found, level, Path(scratch) / str(n)) for n, found in enumerate(modules)]
        climbs = [climb for climb in climbs if climb.sites]
        stock = sum(climb.cost for climb in climbs)
        shares = np.array([len(climb.sites) for climb in climbs], dtype=float)
        while _spent() - start < seconds:
            climbs[random.choice(len(climbs), p=shares / shares.sum())].step(random)
            tried += 1
        saved = 1 - sum(climb.cost for climb in climbs) / stock
    return Point(name, "one clang a try", _spent() - start, tried, saved)


class _Climb:
    """One module, as clang compiles it under decisions of ours."""

    def __init__(self, found: Found, level: Level, folder: Path) -> None:
        folder.mkdir()
        self._folder, self._level = folder, level
        self._module = folder / "module.bc"
        self._module.write_bytes(found.content)
        run_tool("clang", *self._flags(f"-mllvm=-fastir-collect={folder}"))
        self._name = next(folder.glob("*.json")).stem
        decisions = llvm_tools.compile_module(found.content, level=level).decisions()
        self.sites = advice_of(decisions)
        self.cost = self._compile(self.sites)

    def _flags(self, option: str) -> list[str]:
        plugin = [*flags("clang"), "-mllvm=-fastir-policy=llvm", option]
        output = ["-ffunction-sections", "-w", "-c", str(self._module), "-o"]
        return [f"-{self._level}", *plugin, *output, str(self._folder / "module.o")]

    def _compile(self, sites: dict[Site, bool]) -> float:
        write_replay(sites, self._folder, self._name)
        run_tool("clang", *self._flags(f"-mllvm=-fastir-replay={self._folder}"))
        sections = read_sections(self._folder / "module.o")
        text = sum(size for name, size in sections.items() if name.startswith(".text"))
        return EVEN.cost(text, sum(sections.values()))

    def step(self, random: np.random.Generator) -> None:
        """Take one decision otherwise, and keep that if it pays."""
        site = list(self.sites)[random.integers(len(self.sites))]
        sites = {**self.sites, site: not self.sites[site]}
        if (cost := self._compile(sites)) < self.cost:
            self.sites, self.cost = sites, cost


def _spent() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _show(points: list[Point], how: str) -> None:
    table = Table(title=f"search at {how}")
    for heading in ("program", "way"):
        table.add_column(heading)
    for heading in ("CPU s", "alternatives", "saved"):
        table.add_column(heading, justify="right")
    for point in points:
        figures = (f"{point.cpu_seconds:,.0f}", f"{point.alternatives:,}", f"{point.saved:.2%}")
        table.add_row(point.program, point.way, *figures)
    RichConsole().print(table)


if __name__ == "__main__":
    main()
