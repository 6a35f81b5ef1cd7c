"""The search for decisions under which a program executes fewer instructions.

A change is one decision, or all in one caller or on one callee, taken otherwise. The program is
built with many changes that touch different functions, its workload is counted function by
function, and each change is credited with what became of the functions that it can reach. What a
change does to the code's size is measured in its module. Of all that was measured, those are taken
that save instructions, as far as others save the bytes that they add: the program's code never
grows.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import llvm_tools
from fastir_train.label.replay import Site, advice_of
from fastir_train.problem.figures import TEXT
from fastir_train.problem.objective import delta
from fastir_train.tune.differences import differences
from fastir_train.tune.guidance import Guided
from fastir_train.tune.kept_counts import Decisions
from fastir_train.tune.profile import ModuleKey
from fastir_train.tune.program import Found
from fastir_train.tune.reach import Credit, InlinedInto, Reach, apart, joined
from fastir_train.tune.workload import Counts
from llvm_tools.engine import Level

_LARGEST_BATCH = 100
"""Of changes that are measured in one build."""
_ROUNDS = 4
"""Of measuring, before what pays is taken."""
_NOTICEABLE = 1e-5
"""What changes have to save of all instructions together, at least."""
_ATTEMPTS = 10
"""At taking changes together."""
_LEAST_ROOM = 32
"""Bytes of code to leave where changes add more than was measured."""
_PRICES = (1e-12, 1.0)
"""Of a byte of code, in proportion to all instructions: the lowest and the highest."""
_PRICE_STEPS = 30


@dataclass(frozen=True)
class Change:
    """Decisions to take otherwise."""

    sites: frozenset[tuple[ModuleKey, Site]]
    """With the modules that have the calls."""
    heat: int
    """How often the call runs that runs the most."""


@dataclass(frozen=True)
class Measured:
    """What a change does."""

    instructions: float
    text: float


@dataclass
class _Module:
    """A module as it is compiled now."""

    found: Found
    inlines: Mapping[Site, bool]
    numbers: Mapping[Site, int]
    text: float


@dataclass
class InstructionSearch:
    """Finds decisions for a program; steps improve it."""

    modules: Mapping[ModuleKey, Found]
    level: Level
    guided: Mapping[ModuleKey, Mapping[Site, Guided]]
    count: Callable[[Decisions, int], Counts | None]
    """Builds the program so, and counts its workload; None if that fails. The number is of the
    thread that asks."""
    base: Counts
    """Of the program as LLVM decides."""
    jobs: int
    callers: Mapping[ModuleKey, Set[str]]
    """Functions of each module before optimisation. LLVM makes others, specialised ones, before it
    inlines: no profile can name those, in which it decides."""
    apart: float = 0.0
    """How far apart two counts of one program are, relatively."""
    cold_out: bool = False
    """Whether calls that the workload does not reach may be decided otherwise, too."""
    left: Set[tuple[ModuleKey, str]] = frozenset()
    """Callers in which LLVM decides."""
    decisions: Decisions = field(default_factory=dict)
    counts: Counts = field(init=False)
    """Of the program under the decisions."""
    trials: int = 0
    """Programs built and counted."""
    tried: int = 0
    """Changes measured."""
    _known: dict[Change, Measured] = field(default_factory=dict)
    _untold: set[Change] = field(default_factory=set)
    """What was measured in vain, once."""
    _compiled: dict[ModuleKey, _Module] = field(default_factory=dict)
    _stock_text: float = 0.0
    _slack: float = 0.0
    """Bytes by which the linked program's code grows beyond what its modules say."""

    def begin(self) -> None:
        """Compile all modules as LLVM decides."""
        self.counts = self.base
        self._compiled = self._compile(self.decisions, self.modules)
        self._stock_text = self.text

    @property
    def text(self) -> float:
        """Bytes of code under the decisions, a comdat counted once."""
        return sum(module.text for module in self._compiled.values())

    def run(self, seconds: float, report: Callable[[float], None]) -> bool:
        """Search for so long, or until nothing is left to find; returns whether it was the latter.

        ``report`` is called now and then with the seconds left.
        """
        end = time.monotonic() + seconds
        waiting = self._changes()
        while waiting and time.monotonic() < end:
            for _ in range(_ROUNDS):
                waiting = self._measure(waiting)
                report(max(0.0, end - time.monotonic()))
                if not waiting or time.monotonic() >= end:
                    break
            if self._take():
                waiting = self._changes()
            report(max(0.0, end - time.monotonic()))
        return not waiting

    def inlines(self) -> Decisions:
        """Every decision of each module."""
        return {key: module.inlines for key, module in self._compiled.items()}

    def differences(self) -> Decisions:
        """The decisions that have to be named for all to be taken."""

        def one(key: ModuleKey) -> dict[Site, bool]:
            found = self.modules[key]
            return differences(
                self._nameable(key, self._compiled[key].inlines),
                lambda named: self._nameable(key, self._compile_module(found, named).inlines),
            )

        with ThreadPoolExecutor(self.jobs) as pool:
            found = dict(zip(self.decisions, pool.map(one, self.decisions), strict=True))
        return {key: sites for key, sites in found.items() if sites}

    # Changes.

    def _changes(self) -> list[Change]:
        """What is not known yet, of calls that the workload reaches.

        First what LLVM decides otherwise in whole callers as it knows the profile, then each
        call, then all calls of a callee that are inlined, or all that are not; of each kind the
        hottest first.
        """
        kinds: list[dict[object, set[tuple[ModuleKey, Site]]]] = [{}, {}, {}]
        heat: Counter[object] = Counter()

        def add(kind: int, name: object, call: tuple[ModuleKey, Site], count: int) -> None:
            kinds[kind].setdefault(name, set()).add(call)
            heat[kind, name] = max(heat[kind, name], count)

        for key, module in self._compiled.items():
            merged = module.found.weights
            for site, inlines in module.inlines.items():
                guided = self.guided[key].get(site)
                caller, callee, _ = site
                if guided is None or (guided.count <= 0 and not self.cold_out):
                    continue
                if (key, caller) in self.left or caller not in self.callers[key]:
                    continue
                # A function that several modules emit is one function when they are linked.
                owner = None if caller in merged else key
                if guided.inlines != inlines:
                    add(0, (owner, caller), (key, site), guided.count)
                add(1, (owner, site), (key, site), guided.count)
                of_callee = None if callee in merged else key
                add(2, (of_callee, callee, inlines), (key, site), guided.count)
        return [
            change
            for kind, found in enumerate(kinds)
            for change in sorted(
                (
                    Change(frozenset(calls), heat[kind, name])
                    for name, calls in found.items()
                    if kind == 1 or len({site for _, site in calls}) > 1
                ),
                key=lambda each: (-each.heat, sorted(each.sites)),
            )
            if change not in self._known
        ]

    def _reaches(self, changes: Sequence[Change]) -> list[Reach]:
        inlined = {key: InlinedInto.of(module.inlines) for key, module in self._compiled.items()}
        return [
            joined([inlined[key].reach([site]) for key, site in change.sites]) for change in changes
        ]

    def _measure(self, waiting: list[Change]) -> list[Change]:
        """Measure the first of these in as many builds as there are processes; return the rest."""
        batches: list[tuple[list[Change], list[Reach]]] = []
        reaches = self._reaches(waiting)
        for _ in range(self.jobs):
            chosen = apart(reaches, _LARGEST_BATCH)
            if not chosen:
                break
            batches.append(([waiting[n] for n in chosen], [reaches[n] for n in chosen]))
            left = sorted(set(range(len(waiting))) - set(chosen))
            waiting, reaches = [waiting[n] for n in left], [reaches[n] for n in left]
        with ThreadPoolExecutor(self.jobs) as pool:
            together = [changes for changes, _ in batches]
            counted = pool.map(self._count_together, together, range(len(batches)))
            sized = self._sizes([change for batch, _ in batches for change in batch])
            for (batch, reaching), counts in zip(batches, counted, strict=True):
                credit = Credit(self.counts.executed, counts.executed) if counts else None
                for change, reach in zip(batch, reaching, strict=True):
                    # A program that fails is none to gain from.
                    added = credit.of(reach) if credit else float(self.counts.own_total)
                    if added is None and len(batch) > 1 and change not in self._untold:
                        # Others in the batch left nothing of it to be executed.
                        self._untold.add(change)
                        waiting.append(change)
                    else:
                        self._known[change] = Measured(added or 0.0, sized[change])
                self.tried += len(batch)
        return waiting

    def _count_together(self, changes: Sequence[Change], thread: int) -> Counts | None:
        self.trials += 1
        return self.count(self._with(changes), thread)

    def _with(self, changes: Sequence[Change]) -> Decisions:
        changed = {key: dict(sites) for key, sites in self.decisions.items()}
        for change in changes:
            for key, site in change.sites:
                # With all others of the module: LLVM would take some otherwise.
                decided = self._compiled[key].inlines
                pinned = changed.setdefault(key, self._nameable(key, decided))
                pinned[site] = not decided[site]
        return changed

    def _nameable(self, key: ModuleKey, inlines: Mapping[Site, bool]) -> dict[Site, bool]:
        return {site: each for site, each in inlines.items() if site[0] in self.callers[key]}

    # Sizes.

    def _options(self, found: Found) -> dict[str, Any]:
        return {"level": self.level, "phase": found.key[1], "policy": "llvm", "name": found.key[0]}

    def _compile(
        self, decisions: Decisions, modules: Mapping[ModuleKey, Found]
    ) -> dict[ModuleKey, _Module]:
        def one(found: Found) -> _Module:
            return self._compile_module(found, decisions.get(found.key, {}))

        with ThreadPoolExecutor(self.jobs) as pool:
            return dict(zip(modules, pool.map(one, modules.values()), strict=True))

    def _compile_module(self, found: Found, sites: Mapping[Site, bool]) -> _Module:
        measured = llvm_tools.measure_alternatives(
            found.content,
            [],
            weights=found.weights,
            site_overrides=sites,
            **self._options(found),
        )
        inlines = advice_of(measured.base.decisions())
        numbers = {site: number for number, site in enumerate(inlines)}
        return _Module(found, inlines, numbers, measured.text)

    def _sizes(self, changes: Sequence[Change]) -> dict[Change, float]:
        """By how many bytes of code each change makes the program larger."""
        parts: dict[ModuleKey, list[tuple[Change, dict[int, bool]]]] = {}
        for change in changes:
            flips: dict[ModuleKey, dict[int, bool]] = {}
            for key, site in change.sites:
                module = self._compiled[key]
                flips.setdefault(key, {})[module.numbers[site]] = not module.inlines[site]
            for key, each in flips.items():
                parts.setdefault(key, []).append((change, dict(sorted(each.items()))))

        def one(key: ModuleKey) -> Iterator[tuple[Change, float]]:
            found = self.modules[key]
            measured = llvm_tools.measure_alternatives(
                found.content,
                [flips for _, flips in parts[key]],
                weights=found.weights,
                site_overrides=self.decisions.get(key, {}),
                **self._options(found),
            )
            changed = measured.changes[delta(TEXT)]
            return zip((change for change, _ in parts[key]), changed, strict=True)

        sizes: dict[Change, float] = dict.fromkeys(changes, 0.0)
        with ThreadPoolExecutor(self.jobs) as pool:
            for found in pool.map(one, parts):
                for change, text in found:
                    sizes[change] += text
        return sizes

    # Taking what pays.

    def _take(self) -> bool:
        """Go on from the best of the known changes; returns whether there was one."""
        room = self._stock_text - self.text
        for _ in range(_ATTEMPTS):
            chosen = self._affordable(room - self._slack)
            if not chosen:
                break
            decisions = self._with(chosen)
            touched = {key for change in chosen for key, _ in change.sites}
            compiled = self._compile(decisions, {key: self.modules[key] for key in touched})
            text = sum(module.text for module in {**self._compiled, **compiled}.values())
            if text + self._slack > self._stock_text:
                # What was measured apart does not add up: leave room for that.
                room -= max(text + self._slack - self._stock_text, _LEAST_ROOM)
                continue
            self.trials += 1
            counts = self.count(decisions, 0)
            if counts and counts.text > self.base.text:
                # Linkers align functions, which their module's size does not show.
                self._slack += counts.text - self.base.text
                continue
            if counts and self._is_better(counts):
                self._go_to(decisions, compiled, counts, chosen)
                return True
            self._learn_from(chosen, counts)
        return False

    def _is_better(self, counts: Counts) -> bool:
        """Whether the program executes less, and so does all that runs with it.

        More functions that are exported are more work for the loader.
        """
        share = 1 - self.apart
        own, total = share * self.counts.own_total, share * self.counts.total
        return counts.own_total < own and counts.total < total

    def _learn_from(self, chosen: Sequence[Change], counts: Counts | None) -> None:
        """Believe of changes what became of them together."""
        credit = Credit(self.counts.executed, counts.executed) if counts else None
        is_loading = counts and counts.own_total < self.counts.own_total
        for change, reach in zip(chosen, self._reaches(chosen), strict=True):
            added = credit.of(reach) if credit else None
            known = self._known[change]
            # Of what nothing is known any more, nothing is hoped. Where the loader has more to do,
            # it is for functions that were left to save bytes.
            saves_only_bytes = is_loading and known.text < 0 and (added or 0.0) >= 0
            self._known[change] = Measured(added or 0.0, 0.0 if saves_only_bytes else known.text)

    def _affordable(self, room: float) -> list[Change]:
        """Changes that save the most instructions and add no more code than there is room for.

        The best value first. No two of them meet, so that what was measured apart adds up.
        """
        candidates = list(self._known)
        reaches = self._reaches(candidates)

        def chosen_at(price: float) -> list[Change]:
            """What is worth it if a byte of code costs so many instructions."""
            value = {
                change: each.instructions + price * each.text
                for change, each in self._known.items()
            }
            worth = sorted(
                (number for number, change in enumerate(candidates) if value[change] < 0),
                key=lambda number: (value[candidates[number]], number),
            )
            kept = apart([reaches[number] for number in worth], len(worth))
            return [candidates[worth[each]] for each in kept]

        def text_of(changes: Sequence[Change]) -> float:
            return sum(self._known[change].text for change in changes)

        total = self.counts.own_total
        chosen = chosen_at(0.0)
        if text_of(chosen) > room:
            low, high = _PRICES
            for _ in range(_PRICE_STEPS):
                price = (low * high) ** 0.5
                if text_of(chosen_at(price * total)) > room:
                    low = price
                else:
                    high = price
            chosen = chosen_at(high * total)
        saved = -sum(self._known[change].instructions for change in chosen)
        return chosen if saved > _NOTICEABLE * self.counts.own_total else []

    def _go_to(
        self,
        decisions: Decisions,
        compiled: Mapping[ModuleKey, _Module],
        counts: Counts,
        taken: Sequence[Change],
    ) -> None:
        """Go on from other decisions; what is known of functions that they reach is forgotten."""
        touched = joined(self._reaches(taken))
        known = list(self._known)
        reaches = self._reaches(known)
        self.decisions, self.counts = decisions, counts
        self._compiled.update(compiled)
        self._known = {
            change: self._known[change]
            for change, reach in zip(known, reaches, strict=True)
            if not touched.meets(reach)
            and all(site in self._compiled[key].inlines for key, site in change.sites)
        }
