"""Tuning a program from its sources to its profile."""

import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from fastir_train.corpus import collect
from fastir_train.corpus.build import Configuration, Lto, build, discard
from fastir_train.corpus.manifest import Project
from fastir_train.problem.inlining import INLINING
from fastir_train.problem.objective import EVEN
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.interrupts import Interrupted
from fastir_train.runtime.models import file_digest
from fastir_train.runtime.toolchain import LLVM_MAJOR, default_model_path, flags, link_flags, tool
from fastir_train.tune.profile import Base, Header, Profile
from fastir_train.tune.program import OF_RUSTC, Found, Tuning, find_modules
from fastir_train.tune.verify import Builder, Verified, verify
from llvm_tools.engine import Level

LEVELS: Mapping[str, Sequence[Level]] = {"size": INLINING.levels, "instructions": ("O2", "O3")}
"""Of builds that can be tuned, by objective."""
_REPORT_SECONDS = 30.0
"""Between lines of progress."""


@dataclass(frozen=True)
class Program:
    """What is tuned."""

    modules: Sequence[Found]
    level: Level
    """Of its build."""
    target: str


@dataclass(frozen=True)
class Tuner:
    """How programs are tuned, and where what is made is kept."""

    work: Path
    jobs: int
    console: Console
    seconds: float
    """For the search."""
    level: Level | None = None
    """By default the one that the program's own build has."""
    lto: Lto | None = None
    start: Base | Profile | None = None
    """Where the search begins: by default where LLVM or the model make a module the smaller."""

    def tune(self, project: Project) -> Verified:
        """Search for the best decisions of a program, and verify what was found.

        Raises
        ------
        FastirError
            If the program does not build, is not compiled for size, or fails its tests.
        """
        program = self.collect(project, "size")
        level = program.level
        tuning = self.begin(project, program)
        self._search(tuning)
        for key, reason in tuning.failed.items():
            self.console.say(f"not tuned: {key[0]}: {reason}")
        header = Header(
            llvm=LLVM_MAJOR,
            objective="size",
            level=level,
            target=program.target,
            model=file_digest(default_model_path(level)),
        )
        profile = Profile(header, tuning.tuned(self.jobs))
        return verify(self._builder(project), profile, tuning.searches.keys())

    def begin(self, project: Project, program: Program) -> Tuning:
        """Compile a program's modules as the search begins."""
        # The shipped models leave the link to LLVM.
        bases: tuple[Base, ...] = ("llvm",) if self.lto else ("model", "llvm")
        if not isinstance(self.start, Profile):
            bases = tuple(base for base in bases if self.start in (base, None))
        tuning = Tuning(
            program.modules,
            program.level,
            bases,
            default_model_path(program.level) if "model" in bases else None,
            self.work / "tune" / project.name,
            start=self.start if isinstance(self.start, Profile) else None,
        )
        tuning.begin(self.jobs, self.console)
        return tuning

    def level_flags(self) -> tuple[str, ...]:
        """Those that the build is given beside its own."""
        return (f"-{self.level}",) if self.level else ()

    def collect(self, project: Project, objective: str) -> Program:
        """Build a program to see what it is made of."""
        is_own = project.source.registry == "local"
        folder = self.work / "tune" / project.name / "collected"
        shutil.rmtree(folder, ignore_errors=True)
        configuration = self.with_plugin("collect", collect.environment(folder))
        if not is_own:
            # The environment adds the plugin already.
            configuration = replace(configuration, flags=self.level_flags())
        self.console.say(f"building {project.name}, to see what it is made of")
        built = build(project, configuration, self.work, self.jobs)
        collected = collect.read_collected(folder)
        if collected.is_empty():
            raise FastirError(
                f"the build compiled nothing with {tool('clang')}: it has to obey CC and CXX, or "
                "to name it itself"
            )
        if is_own and objective == "instructions":
            # The workload's profile is clang's.
            collected = collected.filter(~pl.col("source").str.contains(OF_RUSTC))
            if collected.is_empty():
                raise FastirError(
                    "the build compiles with rustc alone, which is not tuned for instructions yet"
                )
        level = self.level or _level_of(collected, objective)
        wanted = decided_last(collected, level, self.lto)
        if wanted.is_empty():
            raise FastirError(f"the build compiled nothing at -{level}")
        target = wanted["target"].mode().sort()[0]
        modules = find_modules(wanted.filter(target=target), built.root)
        discard(built)
        shutil.rmtree(folder, ignore_errors=True)
        return Program(modules, level, target)

    def _search(self, tuning: Tuning) -> None:
        self.watch(
            lambda report: tuning.run(self.seconds, self.jobs, report), lambda: _progress(tuning)
        )
        optimal = sum(search.is_optimal for search in tuning.searches.values())
        if optimal:
            self.console.say(
                f"{optimal} of {len(tuning.searches)} modules: every combination of decisions was "
                "tried, and none makes them smaller"
            )

    def watch(
        self, search: Callable[[Callable[[float], None]], bool], progress: Callable[[], str]
    ) -> None:
        """Run a search, and print its progress. An interrupt ends the search, not the command.

        Parameters
        ----------
        search
            Calls its argument now and then with the seconds left; returns whether it has finished.
        progress
            What is printed of it.
        """
        shown = time.monotonic()

        def report(left: float) -> None:
            nonlocal shown
            if time.monotonic() - shown < _REPORT_SECONDS:
                return
            shown = time.monotonic()
            self.console.say(f"{progress()}, {left:.0f} s left")

        try:
            finished = search(report)
        except Interrupted as interrupt:
            if interrupt.number != signal.SIGINT:
                raise
            self.console.say("interrupted: building what was found; once more to end at once")
            finished = False
        ended = "nothing is left to try" if finished else "the budget is spent"
        self.console.say(f"{progress()}: {ended}")

    def with_plugin(self, name: str, environment: Mapping[str, str]) -> Configuration:
        """A configuration with the plugin, whose settings are in the environment."""
        return Configuration(
            name,
            (*self.level_flags(), *flags("clang")),
            environment,
            lto=self.lto,
            link_flags=link_flags() if self.lto else (),
        )

    def _builder(self, project: Project) -> Builder:
        return Builder(
            project,
            stock=Configuration("stock", self.level_flags(), {}, lto=self.lto),
            model=self.with_plugin("model", {}),
            tuned=lambda path: self.with_plugin("tuned", {"FASTIR_PROFILE": str(path.resolve())}),
            work=self.work,
            jobs=self.jobs,
            console=self.console,
            objective=EVEN,
        )


def decided_last(collected: pl.DataFrame, level: Level, lto: Lto | None) -> pl.DataFrame:
    """The modules in the phase in which what is inlined in them is decided last."""
    if lto:
        return collected.filter(phase=f"{lto}-link")
    compiled = collected.filter(phase="compile", level=level)
    # rustc links what it compiles by itself: a crate's parts, or all crates as one.
    crate = pl.col("source").str.extract(OF_RUSTC)
    linked = collected.filter(crate.is_not_null(), pl.col("phase") != "compile")
    if "full-link" in linked["phase"]:
        compiled = compiled.filter(crate.is_null())
    crates = linked.select(crate)["source"].unique()
    compiled = compiled.filter(~crate.is_in(crates.implode()).fill_null(False))
    return pl.concat([compiled, linked.filter(level=level)])


def _level_of(collected: pl.DataFrame, objective: str) -> Level:
    """The one of an objective's levels at which most modules are compiled.

    Raises
    ------
    FastirError
        If there is none.
    """
    compiled = collected.filter(phase="compile")
    levels = LEVELS[objective]
    known = compiled.filter(pl.col("level").is_in(levels))
    if known.is_empty():
        found = ", ".join(f"-{level}" for level in compiled["level"].unique().sort())
        wanted = " or ".join(f"-{level}" for level in levels)
        raise FastirError(
            f"the build compiles at {found or 'no level'}, and tuning for {objective} needs "
            f"{wanted}: name one with --level"
        )
    return known.group_by("level").len().sort("len", "level")["level"][-1]


def _progress(tuning: Tuning) -> str:
    saved = 1 - tuning.cost / tuning.stock
    tried = sum(search.alternatives for search in tuning.searches.values())
    return (
        f"{tried:,} alternatives tried, {tuning.stock - tuning.cost:,.0f} bytes saved "
        f"({saved:.2%} of the modules)"
    )
