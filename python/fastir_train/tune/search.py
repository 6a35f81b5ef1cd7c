"""The search for the best decisions of one module, a step at a time.

Sweeps, which try alternatives in all functions in one compile, are made twice, from the policy's
decisions and from inlining nothing: they end in different places. The better ones go on: each
caller as the others left it, then sets of decisions that meet in a function, for what does not pay
alone may pay in company. A descent follows. It knows of an alternative, a set of decisions to take
otherwise, by how much it changes the module's cost, measured alone: all calls of each callee
together, those of each caller, and each decision by itself. It takes what pays, forgets what is
known of the functions that this changes, and goes on until nothing pays. Then sets are drawn again.
At last, where few calls are connected, all their combinations are tried.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import polars as pl

import llvm_tools
from fastir_train.label.replay import Site, advice_of
from fastir_train.problem.objective import EVEN, Objective
from fastir_train.tune.alternatives import (
    Flips,
    company,
    doubts_of,
    groups_of,
    meeting,
    singles_of,
)
from fastir_train.tune.differences import differences
from fastir_train.tune.exhaustion import Exhaustion
from fastir_train.tune.sweeps import MOST_SWEEPS, Sites, Sweeps, Swept
from fastir_train.tune.units import units_of

_CHUNK_SECONDS = 15.0
"""About how long a step measures."""
_COMPILES = 6.0
"""A step measures as long as so many compiles of the module, at least: it begins with some."""
_FEW_TRIALS = 12
"""Sweeps that try fewer may take longer than measuring each of them alone."""
_PROBES = 8
"""Alternatives that are measured alone to see how long that takes."""
_LARGE_SECONDS = 2.0
"""A module that takes longer to compile has too many alternatives to try them all."""
_LARGEST_GROUP = 16
"""Of decisions in such a module: many of them together are half a compile."""
_FIRST_CHUNK = 48
_LARGEST_CHUNK = 1200
_COMPANY = 300
"""Sets of decisions in company that are drawn for a step."""
_UNKNOWN = 12.0
"""Bytes that a decision is thought to cost that was not measured."""
_VERIFYING = 2
"""How many compiles it can take to verify what sweeps took."""
_IDLE_STEPS = 3
"""Nothing more is drawn after so many steps in company that gained nothing."""
Stage = Literal["sweeps", "from nothing", "sets", "descent", "company", "exhaustion"]
STAGES: tuple[Stage, ...] = (
    "sweeps",
    "from nothing",
    "sets",
    "descent",
    "company",
    "exhaustion",
)


@dataclass(frozen=True)
class SearchTask:
    """One module to search."""

    content: bytes
    options: Mapping[str, Any]
    """What `llvm_tools.measure_alternatives` takes beside: level, phase, policy, model, name."""
    weights: Mapping[str, float]
    """Share of each comdat that this module answers for, where it is not all."""
    objective: Objective = EVEN
    prior: str = ""
    """A model that predicts what is worth trying, whoever decides; none without."""


@dataclass(frozen=True)
class _State:
    """A module under certain decisions."""

    sites: Mapping[Site, bool]
    """In the order in which they were decided."""
    decisions: pl.DataFrame
    cost: float
    known: dict[Flips, float]
    """What alternatives change, of those that were measured."""

    def with_flips(self, flips: Flips) -> dict[Site, bool]:
        """The decisions, some taken otherwise."""
        names = list(self.sites)
        return {**self.sites, **{names[each]: not self.sites[names[each]] for each in flips}}


@dataclass
class Search:
    """The state of a search. Steps improve it; it can be pickled between them."""

    task: SearchTask
    start: float = 0.0
    """Cost of the module under the policy that the search began with."""
    stage: Stage = "sweeps"
    alternatives: int = 0
    """How many were measured."""
    seconds: float = 0.0
    """CPU seconds that this took."""
    last_gain: float = np.inf
    """What the last step gained a CPU second."""
    threads: int = 1
    """How many processes a step may keep busy."""
    _best: _State | None = None
    _at: _State | None = None
    _steps: int = 0
    _idle: int = 0
    """Steps in company since the last gain."""
    _exhaustion: Exhaustion = field(default_factory=Exhaustion)
    _sweeps: Sweeps | None = None
    _first: Sweeps | None = None
    """Those that began with the policy's decisions, until the others have ended."""
    _rate: float = 0.0
    """CPU seconds an alternative."""
    _compile_seconds: float = 0.0
    """CPU seconds that a compile of the module takes."""

    @property
    def sites(self) -> Mapping[Site, bool]:
        """The best decisions so far."""
        return {} if self._best is None else self._best.sites

    @property
    def cost(self) -> float:
        """Of the module under the best decisions so far."""
        return 0.0 if self._best is None else self._best.cost

    @property
    def gained(self) -> float:
        """What was saved so far, in the objective's unit."""
        return self.start - self.cost

    @property
    def is_done(self) -> bool:
        """Whether more steps promise nothing."""
        return self.stage == "exhaustion" and self._exhaustion.is_done

    @property
    def is_optimal(self) -> bool:
        """Whether every combination of decisions was tried."""
        return self.is_done and self._exhaustion.is_complete

    @property
    def priority(self) -> tuple[float, float]:
        """By which of several searches the next step is chosen: the highest."""
        stage = STAGES.index(self.stage)
        # Sweeps from nothing are of use when they have ended: the quickest first.
        return -stage, -self._compile_seconds if self.stage == "from nothing" else self.last_gain

    def copy(self) -> "Search":
        """The same search, on which a step can be tried."""
        at = self._at
        return replace(
            self,
            _at=at and replace(at, known=dict(at.known)),
            _exhaustion=deepcopy(self._exhaustion),
            _sweeps=self._sweeps and self._sweeps.copy(),
            _first=self._first and self._first.copy(),
        )

    def give_up(self) -> None:
        """Take no more steps."""
        self.stage, self._exhaustion = "exhaustion", Exhaustion(is_complete=False)

    def begin(self) -> None:
        """Compile the module as the policy says."""
        self._at = self._best = self._compile({})
        self.start = self.cost

    def adopt(self, sites: Mapping[Site, bool]) -> None:
        """Go on from the best decisions so far with others among them, if that is better."""
        self._go_to(self._compile({**self.sites, **sites}))

    def step(self, left: float = np.inf) -> None:
        """Measure some alternatives, and take what pays.

        Parameters
        ----------
        left
            Seconds in which it should be done; it may take somewhat longer.
        """
        before, seconds = self.cost, self.seconds
        match self.stage:
            case "sweeps" | "from nothing" | "sets":
                has_more = self._sweep(left)
            case "descent" | "company":
                has_more = self._descend(left)
            case "exhaustion":
                has_more = True
                self._exhaust(seconds + min(left * self.threads, _CHUNK_SECONDS))
        self.last_gain = (before - self.cost) / max(self.seconds - seconds, 1e-3)
        if not has_more:
            self._next_stage()

    def differences(self) -> dict[Site, bool]:
        """Those of the best decisions that bring about all of them, with the policy's for the rest.

        Raises
        ------
        llvm_tools.EngineError
            If the module cannot be compiled any more.
        """
        return differences(self.sites, lambda named: self._compile(named).sites)

    # Stages.

    def _sweep(self, left: float) -> bool:
        """Try alternatives in all functions at once; returns whether more of that promises."""
        if self._sweeps is None:
            self._sweeps = Sweeps.of(self._compile_swept(self._state.sites))
        before = self._sweeps.trials
        affordable = left / max(self._compile_seconds, 1e-3) - _VERIFYING
        most = int(max(1, min(affordable, MOST_SWEEPS)))
        compiles = self._sweeps.step(self._compile_swept, self.threads, most)
        trials = self._sweeps.trials - before
        self.alternatives += trials
        best = self._sweeps.verified
        self._go_to(_State(best.sites, best.decisions, best.cost, {}))
        if self._sweeps.is_done or trials >= _FEW_TRIALS * compiles:
            return not self._sweeps.is_done
        if not self._rate:
            self._learn(singles_of(self._state.decisions)[:_PROBES])
        return trials * self._rate > compiles * self._compile_seconds

    def _descend(self, left: float) -> bool:
        """Measure alternatives alone, and take what pays; returns whether there are more."""
        before = self.cost
        drawn = self._draw(left)
        if drawn:
            self._learn(drawn)
            self._take([flips for flips, cost in self._known.items() if cost < 0])
        self._steps += 1
        if self.stage == "company":
            self._idle = 0 if self.cost < before else self._idle + 1
        return bool(drawn) and self._idle < _IDLE_STEPS

    def _next_stage(self) -> None:
        match self.stage:
            case "sweeps" if self._compile_seconds < _LARGE_SECONDS:
                self.stage = "from nothing"
                self._first, self._sweeps = self._sweeps, None
                self._at = self._inline_nothing()
            case "sweeps" | "from nothing":
                self.stage = "sets"
                self._sweeps = self._better_sweeps()
            case "sets":
                self.stage = "descent"
                self._at = replace(self._state, known=self._known_of_sweeps())
                self._best, self._sweeps = self._at, None
            case "descent":
                self.stage = "company"
            case _:
                self.stage = "exhaustion"
                self._exhaustion = Exhaustion.of(self._inline_nothing().sites)

    def _better_sweeps(self) -> Sweeps:
        """Those that came to the best decisions; they go on with what the others came to."""
        assert self._sweeps is not None
        better, other = self._first or self._sweeps, self._sweeps
        if other.verified.cost < better.verified.cost:
            better, other = other, better
        self._at, self._first = self._best, None
        better.draw(other.verified.sites)
        return better

    def _known_of_sweeps(self) -> dict[Flips, float]:
        assert self._sweeps is not None
        number = {site: each for each, site in enumerate(self._state.sites)}
        return {
            frozenset(number[site] for site in sites): cost
            for sites, cost in self._sweeps.known.items()
            if all(site in number for site in sites)
        }

    def _exhaust(self, end: float) -> None:
        """Try combinations until so many CPU seconds are spent."""
        while not self._exhaustion.is_done and self.seconds < end:
            state = self._compile(self._exhaustion.next(self.sites))
            self._exhaustion.learn(state.sites)
            self.alternatives += 1
            self._go_to(state)

    def _inline_nothing(self) -> _State:
        """The module with no call inlined that can be left."""
        sites = dict.fromkeys(self.sites, False)
        while True:
            state = self._compile(sites)
            inlined = [site for site, inlines in state.sites.items() if inlines]
            # What cannot be left stays.
            if all(site in sites for site in inlined):
                return state
            sites.update(dict.fromkeys(inlined, False))

    # Measuring.

    @property
    def _state(self) -> _State:
        assert self._at is not None
        return self._at

    @property
    def _known(self) -> dict[Flips, float]:
        return self._state.known

    def _measure(
        self, alternatives: Sequence[Flips], sites: Mapping[Site, bool], **options: Any
    ) -> llvm_tools.Alternatives:
        inlines = self._state.decisions["inlines"].to_list() if alternatives else []
        measured = llvm_tools.measure_alternatives(
            self.task.content,
            [{each: not inlines[each] for each in sorted(flips)} for flips in alternatives],
            weights=self.task.weights,
            site_overrides=sites,
            **{**self.task.options, **options},
        )
        self.alternatives += len(alternatives)
        self.seconds += measured.seconds
        return measured

    def _compile(self, sites: Mapping[Site, bool]) -> _State:
        measured = self._measure([], sites)
        self._compile_seconds = measured.seconds
        decisions = measured.base.decisions()
        cost = self.task.objective.cost(measured.text, measured.loadable)
        return _State(advice_of(decisions), decisions, cost, {})

    def _compile_swept(self, sites: Sites) -> Swept:
        """The module under some decisions, by its units."""
        prior = {"policy": "model", "model": self.task.prior} if self.task.prior else {}
        measured = self._measure([], sites, **prior)
        decisions = measured.base.decisions()
        units = units_of(measured.base, self.task.weights)
        cost = self.task.objective.cost
        return Swept(
            decisions,
            advice_of(decisions),
            {name: cost(text, loadable) for name, text, loadable in units.iter_rows()},
            cost(measured.text, measured.loadable),
        )

    def _learn(self, alternatives: Sequence[Flips]) -> None:
        """Measure alternatives, in as many parts side by side as there are threads to spare."""
        parts = [alternatives[n :: self.threads] for n in range(self.threads)]
        parts = [part for part in parts if part]
        with ThreadPoolExecutor(len(parts)) as pool:
            sites = [self._state.sites] * len(parts)
            measured = list(pool.map(self._measure, parts, sites))
        for part, found in zip(parts, measured, strict=True):
            for flips, change in zip(part, found.changes.rows(), strict=True):
                self._known[flips] = self.task.objective.cost(*change)
        spent = sum(found.seconds for found in measured) - self._compile_seconds * len(parts)
        self._rate = max(spent, 1e-3) / len(alternatives)

    def _go_to(self, state: _State) -> bool:
        """Go on from another state if it is better than the present one."""
        if state.cost >= self._state.cost:
            return False
        self._at = replace(state, known=_carried(self._state, state))
        if state.cost < self.cost:
            self._best = self._at
        return True

    # Taking what pays.

    def _take(self, paying: Sequence[Flips]) -> None:
        """Take the alternatives that pay; those that meet are measured together first."""
        groups = meeting(self._disjoint(paying), self._state.decisions)
        joint = [frozenset().union(*group) for group in groups if len(group) > 1]
        if joint:
            self._learn(joint)
        chosen: list[Flips] = []
        for group in groups:
            best = min(group, key=self._known.__getitem__)
            together = frozenset().union(*group)
            chosen.append(together if self._known[together] <= self._known[best] else best)
        chosen.sort(key=self._known.__getitem__)
        while chosen:
            flips = frozenset().union(*chosen)
            if self._go_to(self._compile(self._state.with_flips(flips))):
                return
            # What was measured alone did not add up.
            for each in chosen:
                self._known[each] = 0.0
            chosen = chosen[: len(chosen) // 2]

    def _disjoint(self, paying: Sequence[Flips]) -> list[Flips]:
        """The best first, none that shares a decision with a better one."""
        found: list[Flips] = []
        touched: set[int] = set()
        for flips in sorted(paying, key=self._known.__getitem__):
            if touched.isdisjoint(flips):
                touched.update(flips)
                found.append(flips)
        return found

    # Drawing alternatives.

    def _draw(self, left: float) -> list[Flips]:
        """What to measure next: what is not known, the most promising first."""
        decisions = self._state.decisions
        if decisions.is_empty():
            return []
        count = _FIRST_CHUNK
        if self._rate:
            seconds = min(max(_CHUNK_SECONDS, _COMPILES * self._compile_seconds), left)
            count = int(min(max(seconds * self.threads / self._rate, 8), _LARGEST_CHUNK))
        plain = [*groups_of(decisions), *singles_of(decisions)]
        if self._compile_seconds > _LARGE_SECONDS:
            # Not all can be tried: what costs least, and what the model doubts most.
            doubts = doubts_of(decisions)
            affordable = [flips for flips in plain if len(flips) <= _LARGEST_GROUP]
            plain = sorted(affordable, key=lambda flips: np.mean([doubts[each] for each in flips]))
        if waiting := [flips for flips in plain if flips not in self._known]:
            return waiting[:count]
        if self.stage != "company":
            return []
        return self._in_company(min(count, _COMPANY))

    def _in_company(self, count: int) -> list[Flips]:
        """Sets of decisions that meet, which are not known."""
        random = np.random.default_rng([0, self._steps])
        ends = self._state.decisions.select("caller", "callee").rows()
        costs = [self._known.get(frozenset([each]), _UNKNOWN) for each in range(len(ends))]
        found: dict[Flips, None] = {}
        for _ in range(4 * count // len(ends) + 1):
            for flips in company(ends, costs, random):
                if flips not in self._known:
                    found[flips] = None
                if len(found) == count:
                    return list(found)
        return list(found)


def _carried(old: _State, new: _State) -> dict[Flips, float]:
    """What is still known after decisions changed: of functions that none of them touched."""
    old_sites = list(old.sites)
    changed = {
        name
        for site in old.sites.keys() | new.sites.keys()
        if old.sites.get(site) != new.sites.get(site)
        for name in site[:2]
    }
    number = {site: each for each, site in enumerate(new.sites)}
    is_old = [site[0] in changed or site[1] in changed for site in old_sites]
    carried: dict[Flips, float] = {}
    for flips, cost in old.known.items():
        if any(is_old[each] for each in flips):
            continue
        moved = [number.get(old_sites[each]) for each in flips]
        if None not in moved:
            carried[frozenset(each for each in moved if each is not None)] = cost
    return carried
