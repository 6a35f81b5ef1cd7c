"""Tuning a program to execute fewer instructions, from its sources to its profile."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fastir_train.corpus.build import (
    Build,
    Configuration,
    build,
    check_counter,
    discard,
    run_tests,
)
from fastir_train.corpus.manifest import Project
from fastir_train.label.origin import present_origin
from fastir_train.label.replay import Site
from fastir_train.problem.objective import EVEN
from fastir_train.runtime.errors import BuildError, FastirError
from fastir_train.runtime.toolchain import LLVM_MAJOR
from fastir_train.tune.guidance import Guided, guide, record_profile
from fastir_train.tune.instructions import InstructionSearch
from fastir_train.tune.kept_counts import Decisions, KeptCounts
from fastir_train.tune.profile import Header, ModuleKey, Profile, TunedModule, write_profile
from fastir_train.tune.program import body_hashes, by_function
from fastir_train.tune.reach import Credit, InlinedInto
from fastir_train.tune.tuner import Program, Tuner
from fastir_train.tune.verify import Builder, Verified, verify_instructions
from fastir_train.tune.workload import Counts, count, count_repeatably
from llvm_tools.engine import Level

OBJECTIVE = "instructions"
_NO_MODEL = "-"
_HARM = 0.01
"""By how much a workload that only checks may execute more, at most."""
_REPAIRS = 4
"""How many searches there are for decisions that do no harm to such a workload."""
_REPAIR_SHARE = 4
"""A search for that has the first one's time, divided by this."""


@dataclass(frozen=True)
class InstructionTuner:
    """How programs are tuned for what they execute."""

    tuner: Tuner
    checks: Sequence[str] = ()
    """Commands that must not execute much more than before, beside the workload."""
    cold_out: bool = False
    """Whether calls that the workload does not reach may be decided otherwise, too."""

    def tune(self, project: Project) -> Verified:
        """Search for the decisions under which a program's workload executes least, and verify.

        Raises
        ------
        FastirError
            If the program does not build, is not compiled at -O2 or -O3, fails its tests, or its
            workload cannot be counted or is not repeatable.
        """
        if not project.workload:
            raise FastirError("tuning for instructions needs a workload: name one with --workload")
        check_counter([project])
        tuner = self.tuner
        program = tuner.collect(project, OBJECTIVE)
        running = _Running(self, project, program)
        running.begin()
        profile = running.profile({})
        harmful: set[tuple[ModuleKey, str]] = set()
        for repair in range(_REPAIRS):
            search = running.search(harmful)
            seconds = tuner.seconds / (_REPAIR_SHARE if repair else 1)
            tuner.watch(partial(search.run, seconds), partial(_progress, search))
            decisions = search.differences()
            more = running.harmful(decisions, search.inlines())
            if not more:
                profile = running.profile(decisions)
                break
            harmful |= more
            tuner.console.say(f"a workload that checks got worse: LLVM decides in {len(more)} more")
        builder = Builder(
            project,
            stock=running.stock,
            model=running.stock,
            tuned=running.tuned,
            work=tuner.work,
            jobs=tuner.jobs,
            console=tuner.console,
            objective=EVEN,
            instructions=True,
        )
        return verify_instructions(builder, profile)


def _progress(search: InstructionSearch) -> str:
    change = search.counts.own_total / search.base.own_total - 1
    return (
        f"{search.tried:,} changes tried in {search.trials} builds, {change:+.2%} instructions, "
        f"{search.counts.text - search.base.text:+,} bytes of code"
    )


class _Running:
    """One program while it is tuned: its builds and what they execute."""

    def __init__(self, how: InstructionTuner, project: Project, program: Program) -> None:
        self._how = how
        self._project = project
        self._program = program
        self._tuner = how.tuner
        self._level: Level = program.level
        self._folder = self._tuner.work / "tune" / project.name
        self._modules = {found.key: found for found in program.modules}
        self._hashes = {found.key: body_hashes(found) for found in program.modules}
        self._functions = {name for hashes in self._hashes.values() for name in hashes}
        self.stock = Configuration("stock", self._tuner.level_flags(), {})
        self._base: Counts | None = None
        self._apart = 0.0
        self._checked: list[Counts] = []
        self._guided: Mapping[ModuleKey, Mapping[Site, Guided]] = {}
        self._kept = KeptCounts(self._folder, "")

    # Building and counting.

    def tuned(self, path: Path) -> Configuration:
        """The program as the profile in a file says."""
        return self._tuner.with_plugin("tuned", {"FASTIR_PROFILE": str(path.resolve())})

    def begin(self) -> None:
        """Build the program as it is, count its workloads, and record which calls they make."""
        console = self._tuner.console
        console.say("counting what the workload executes, twice")
        built = build(self._project, self.stock, self._tuner.work, self._tuner.jobs)
        run_tests(built, self.stock, self._tuner.jobs)
        project, jobs = self._project, self._tuner.jobs
        self._base, self._apart = count_repeatably(
            built, project.workload, self.stock, jobs, self._functions
        )
        self._checked = [
            count(built, [each], self.stock, jobs, self._functions) for each in self._how.checks
        ]
        discard(built)
        contents = [self._modules[key].content for key in sorted(self._modules)]
        origin = (project.workload, self._level, present_origin().key(), contents)
        self._kept = KeptCounts(self._folder, repr(origin))
        console.say("recording an execution profile of the workload")
        path = self._folder / "recorded.profdata"
        path.parent.mkdir(parents=True, exist_ok=True)
        record_profile(project, project.workload, self._level, self._tuner.work, jobs, path)
        self._guided = guide(self._program.modules, self._level, path, jobs)

    def _build(self, configuration: Configuration) -> Build:
        built = build(self._project, configuration, self._tuner.work, self._tuner.jobs)
        if self._project.source.registry != "local":
            # Tests of the corpus make what workloads need.
            run_tests(built, configuration, self._tuner.jobs)
        return built

    def search(self, left: Set[tuple[ModuleKey, str]]) -> InstructionSearch:
        """The search, as it begins, for decisions in all callers but some."""
        assert self._base
        search = InstructionSearch(
            self._modules,
            self._level,
            self._guided,
            self._count,
            self._base,
            self._tuner.jobs,
            {key: hashes.keys() for key, hashes in self._hashes.items()},
            apart=self._apart,
            cold_out=self._how.cold_out,
            left=frozenset(left),
        )
        search.begin()
        return search

    def _count(self, decisions: Decisions, thread: int) -> Counts | None:
        known = self._kept.read(decisions)
        if known:
            return known
        path = self._folder / f"tried-{thread}.profile"
        write_profile(self.profile(decisions), path)
        configuration = replace(self.tuned(path), name=f"tried-{thread}")
        try:
            built = self._build(configuration)
            counts = count(
                built, self._project.workload, configuration, self._tuner.jobs, self._functions
            )
            discard(built)
        except BuildError:
            return None
        self._kept.write(decisions, counts)
        return counts

    # Profiles.

    def profile(self, decisions: Decisions) -> Profile:
        """Decisions as they are written down."""
        header = Header(
            llvm=LLVM_MAJOR,
            objective=OBJECTIVE,
            level=self._level,
            target=self._program.target,
            model=_NO_MODEL,
        )
        modules = {
            key: TunedModule("llvm", by_function(sites, self._hashes[key]))
            for key, sites in decisions.items()
            if sites
        }
        return Profile(header, modules)

    # Workloads that check.

    def harmful(self, decisions: Decisions, inlines: Decisions) -> set[tuple[ModuleKey, str]]:
        """The callers whose decisions make a workload that checks execute much more.

        Parameters
        ----------
        decisions
            Those that a profile names.
        inlines
            All decisions of each module.
        """
        if not (self._how.checks and decisions):
            return set()
        self._tuner.console.say("counting the workloads that check")
        path = self._folder / "checked.profile"
        write_profile(self.profile(decisions), path)
        configuration = replace(self.tuned(path), name="checked")
        built = self._build(configuration)
        jobs = self._tuner.jobs
        counted = [
            count(built, [each], configuration, jobs, self._functions) for each in self._how.checks
        ]
        discard(built)
        harmed = [
            Credit(before.executed, after.executed)
            for before, after in zip(self._checked, counted, strict=True)
            if after.own_total > before.own_total * (1 + _HARM)
        ]
        found: set[tuple[ModuleKey, str]] = set()
        for key, sites in decisions.items() if harmed else ():
            inlined = InlinedInto.of(inlines[key])
            for caller in {site[0] for site in sites}:
                reach = inlined.reach([site for site in sites if site[0] == caller])
                if any((credit.of(reach) or 0) > 0 for credit in harmed):
                    found.add((key, caller))
        # Where no caller is to blame, all are.
        everything = {(key, site[0]) for key, sites in decisions.items() for site in sites}
        return found or (everything if harmed else set())
