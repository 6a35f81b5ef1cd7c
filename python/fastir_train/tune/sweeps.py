"""Alternatives tried in all functions of a module at once, in one compile.

What a decision changes shows in the code of its caller, of the functions that the caller is inlined
into, and of a callee that goes or comes back. So one compile tries an alternative in each part of a
module, and each is judged by the units, the functions and comdats, that it alone can change. Where
several can have changed a unit, what it grew counts against all of them, and what it shrank for
none. Every few sweeps the decisions that were taken are compiled by themselves: where a function
is larger than it was then, its decisions become those of before again.

First each call is tried, alone and with those like it; later, sets of calls that meet.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import polars as pl

from fastir_train.label.replay import Site
from fastir_train.tune.alternatives import company
from fastir_train.tune.reach import Reach, closure

Sites = Mapping[Site, bool]
Edges = Mapping[str, Collection[str]]

_HOPELESS = 60.0
"""Bytes: what is predicted to cost more, a call, is not tried."""
MOST_SWEEPS = 3
"""How many sweeps are believed before what they took is compiled by itself."""
_IDLE_STEPS = 2
"""Nothing more is tried after so many steps in a row that gained nothing."""
_IDLE_DRAWS = 4
"""The same, where what is tried is drawn."""
_FEW_LEFT = 3
"""A callee with so few calls left may go if some of them are inlined."""
_MOST_BELIEVED = 100.0
"""Bytes: a change by more says no more of other calls of the same callee."""
_TRUST = 2.0
"""How many trials of a callee's calls a prediction is worth."""


@dataclass(frozen=True)
class Swept:
    """What one compile came to."""

    decisions: pl.DataFrame
    sites: Sites
    """All decisions, in the order in which they were taken."""
    units: Mapping[str, float]
    """Cost of what linkers keep or drop together, by its name."""
    cost: float

    def growth(self) -> dict[Site, float]:
        """What inlining each call is predicted to cost; 0 where no model was asked."""
        predicted = self.decisions["prediction"].fill_null(0.0).to_list()
        return dict(zip(self.sites, predicted, strict=True))


@dataclass(frozen=True)
class _Trial:
    """Calls to decide otherwise."""

    decisions: Sites
    reach: Reach
    """What it changes, and the functions whose code may be copied into that."""
    units: frozenset[str]
    """What it changes the cost of."""

    def is_decided(self, sites: Sites) -> bool:
        """Whether a compile decided so: in a module that has grown too much, LLVM decides."""
        return all(sites.get(site, inlines) == inlines for site, inlines in self.decisions.items())


@dataclass(frozen=True)
class _Calls:
    """Who calls whom in a module, going by its decisions."""

    of: Mapping[str, Sequence[Site]]
    """By caller."""
    inlined_into: Edges
    inlined: Edges
    """Callees, by caller."""
    left: Mapping[str, int]
    """How many calls of each callee are not inlined."""

    @classmethod
    def under(cls, sites: Sites) -> "_Calls":
        """The calls of a module with these decisions."""
        of: defaultdict[str, list[Site]] = defaultdict(list)
        into: defaultdict[str, set[str]] = defaultdict(set)
        inlined: defaultdict[str, set[str]] = defaultdict(set)
        left: Counter[str] = Counter()
        for site, inlines in sites.items():
            caller, callee, _ = site
            of[caller].append(site)
            if inlines:
                into[callee].add(caller)
                inlined[caller].add(callee)
            else:
                left[callee] += 1
        return cls(of, into, inlined, left)


@dataclass
class Sweeps:
    """A module whose decisions are improved by sweeps; it can be pickled between them."""

    verified: Swept
    """The best that was compiled by itself."""
    trials: int = 0
    """How many alternatives were tried."""
    known: dict[frozenset[Site], float] = field(default_factory=dict)
    """What it changes to decide some calls otherwise, of what was tried and not taken."""
    _sites: dict[Site, bool] = field(default_factory=dict)
    """The decisions now."""
    _units: dict[str, float] = field(default_factory=dict)
    """What units cost under these, going by the trials."""
    _growth: dict[Site, float] = field(default_factory=dict)
    _tried: set[frozenset[Site]] = field(default_factory=set)
    _offered: list[Sites] = field(default_factory=list)
    """What to try first."""
    _random: np.random.Generator | None = None
    """Draws sets of calls that meet; none before these are wanted."""
    _seen: dict[tuple[str, bool], tuple[int, float]] = field(default_factory=dict)
    """By callee, and whether its calls were inlined: how many were tried otherwise, and what that
    changed."""
    _idle: int = 0
    """Steps since the last that gained."""
    _has_more: bool = True

    @classmethod
    def of(cls, start: Swept) -> "Sweeps":
        """Sweeps that begin with the decisions of a compile."""
        sweeps = cls(start)
        sweeps._adopt(start)
        return sweeps

    @property
    def is_done(self) -> bool:
        """Whether sweeps promise nothing more."""
        most = _IDLE_DRAWS if self._random else _IDLE_STEPS
        return self._idle >= most or not self._has_more

    def copy(self) -> "Sweeps":
        """The same, on which a step can be tried."""
        return replace(
            self,
            known=dict(self.known),
            _sites=dict(self._sites),
            _units=dict(self._units),
            _growth=dict(self._growth),
            _tried=set(self._tried),
            _random=deepcopy(self._random),
            _seen=dict(self._seen),
        )

    def draw(self, other: Sites) -> None:
        """From now on draw sets of calls that meet; first try the decisions of another result.

        Parameters
        ----------
        other
            Decisions to which the module came another way: each caller is tried as it is there.
        """
        self._random = np.random.default_rng(0)
        self._idle, self._has_more = 0, True
        self._tried = set(self.known)
        found: defaultdict[str, dict[Site, bool]] = defaultdict(dict)
        for site, inlines in other.items():
            if self._sites.get(site) != inlines:
                found[site[0]][site] = inlines
        self._offered = [
            decisions
            for decisions in found.values()
            if any(site in self._sites for site in decisions)
        ]

    def step(
        self,
        compile_with: Callable[[Sites], Swept],
        threads: int = 1,
        most: int = MOST_SWEEPS,
    ) -> int:
        """Sweep some times, and compile what was taken then; returns how many sweeps that were.

        Parameters
        ----------
        compile_with
            Compiles the module; decisions that are not named are a policy's.
        threads
            How many compiles may run side by side.
        most
            How many times to sweep.
        """
        has_taken = False
        count = 0
        for _ in range(most):
            calls = _Calls.under(self._sites)
            sweeps = self._plan(calls, threads)
            self._has_more = bool(sweeps)
            if not sweeps:
                break
            count += len(sweeps)
            with ThreadPoolExecutor(len(sweeps)) as pool:
                compiled = list(pool.map(lambda trials: compile_with(self._with(trials)), sweeps))
            taken = Reach(set(), set())
            for trials, swept in zip(sweeps, compiled, strict=True):
                self._learn(calls, trials, swept, taken)
            self._forget(taken.near)
            has_taken = has_taken or bool(taken.near)
        best = self.verified
        if has_taken:
            self._verify(compile_with)
        self._idle = self._idle + 1 if self.verified is best else 0
        return count

    # What to try.

    def _plan(self, calls: _Calls, count: int) -> list[list[_Trial]]:
        """The most promising trials of as many sweeps, none that meet in one sweep."""
        waiting = self._alternatives(calls)
        sweeps: list[list[_Trial]] = []
        for _ in range(count):
            together = Reach(set(), set())
            chosen: list[_Trial] = []
            others: list[Sites] = []
            for decisions in chain(waiting, self._drawn()):
                trial = self._trial(decisions, calls)
                if trial.reach.meets(together):
                    others.append(decisions)
                    continue
                together.add(trial.reach)
                chosen.append(trial)
            if chosen:
                sweeps.append(chosen)
            waiting = others
        return sweeps

    def _alternatives(self, calls: _Calls) -> list[Sites]:
        """What was not tried yet: what is offered, then all calls of a callee, and each call."""
        groups: defaultdict[tuple[str, ...], list[Site]] = defaultdict(list)
        for site, inlines in self._sites.items():
            way = "inlined" if inlines else "left"
            groups[way, site[1]].append(site)
            groups[way, *site[:2]].append(site)
        costs = {site: self._expected(site) for sites in calls.of.values() for site in sites}
        candidates = dict.fromkeys(
            frozenset(sites) for sites in (*groups.values(), *([site] for site in costs))
        )
        ranked = [
            (sum(costs[site] for site in sites), sites)
            for sites in candidates
            if sites not in self._tried
        ]
        hopeful = [
            (cost, sites) for cost, sites in ranked if cost <= _HOPELESS * min(len(sites), 4)
        ]
        hopeful.sort(key=lambda each: each[0])
        offered = [
            decisions
            for decisions in self._offered
            if frozenset(decisions) not in self._tried
            and any(self._sites.get(site, each) != each for site, each in decisions.items())
        ]
        return [*offered, *(self._otherwise(sites) for _, sites in hopeful)]

    def _drawn(self) -> Iterable[Sites]:
        """Sets of calls that meet, those the likelier that alone cost little."""
        if not self._random or not self._sites:
            return
        sites = list(self._sites)
        costs = [self.known.get(frozenset([site]), self._expected(site)) for site in sites]
        for numbers in company([site[:2] for site in sites], costs, self._random):
            found = frozenset(sites[each] for each in numbers)
            if found not in self._tried:
                yield self._otherwise(found)

    def _otherwise(self, sites: Iterable[Site]) -> Sites:
        return {site: not self._sites[site] for site in sites}

    def _expected(self, site: Site) -> float:
        """What deciding a call otherwise should change: by the model, and by what was seen."""
        inlines = self._sites[site]
        growth = self._growth.get(site, 0.0)
        count, changed = self._seen.get((site[1], inlines), (0, 0.0))
        return (_TRUST * (-growth if inlines else growth) + changed) / (_TRUST + count)

    def _trial(self, decisions: Sites, calls: _Calls) -> _Trial:
        written = closure((caller for caller, _, _ in decisions), calls.inlined_into)
        read = closure((callee for _, callee, _ in decisions), calls.inlined)
        few = max(_FEW_LEFT, len(decisions))
        moving = {
            callee
            for (_, callee, _), inlines in decisions.items()
            if callee not in self._units or (inlines and calls.left[callee] <= few)
        }
        units = frozenset(written | moving)
        return _Trial(decisions, Reach(written, read), units)

    def _with(self, trials: Iterable[_Trial]) -> dict[Site, bool]:
        sites = dict(self._sites)
        for trial in trials:
            sites.update(trial.decisions)
        return sites

    # What came of it.

    def _learn(
        self,
        calls: _Calls,
        trials: Sequence[_Trial],
        swept: Swept,
        taken: Reach,
    ) -> None:
        """Take the trials that pay, but those that meet what another sweep has taken."""
        changes = self._changes(trials, swept)
        growth = swept.growth()
        after = _Calls.under(swept.sites)
        self.trials += len(trials)
        for trial, change in zip(trials, changes, strict=True):
            sites = frozenset(trial.decisions)
            if not trial.is_decided(swept.sites):
                self._tried.add(sites)
                continue
            for (_, callee, _), inlines in trial.decisions.items():
                key = callee, not inlines
                count, total = self._seen.get(key, (0, 0.0))
                bounded = max(-_MOST_BELIEVED, min(change / len(sites), _MOST_BELIEVED))
                self._seen[key] = count + 1, total + bounded
            if change >= 0:
                self._tried.add(sites)
                self.known[sites] = change
            elif not trial.reach.meets(taken):
                # Of what does meet it is not known what it is worth now.
                self._tried.add(sites)
                taken.add(trial.reach)
                self._take(trial, calls, swept, after, growth)

    def _changes(self, trials: Sequence[_Trial], swept: Swept) -> list[float]:
        """The change in cost of each trial; where its cause is in doubt, at its worst."""
        causes: defaultdict[str, list[int]] = defaultdict(list)
        for number, trial in enumerate(trials):
            for unit in trial.units:
                causes[unit].append(number)
        callers: defaultdict[str, list[str]] = defaultdict(list)
        for (caller, callee, _), inlines in swept.sites.items():
            if not inlines:
                callers[callee].append(caller)
        changes = [0.0] * len(trials)
        for unit in {**self._units, **swept.units}:
            change = swept.units.get(unit, 0.0) - self._units.get(unit, 0.0)
            if not change:
                continue
            found = causes.get(unit, [])
            if not found and change > 0:
                # It came back with another: who calls it?
                found = list({each for name in callers[unit] for each in causes.get(name, ())})
            if len(found) == 1 or change > 0:
                for each in found:
                    changes[each] += change
        return changes

    def _take(
        self,
        trial: _Trial,
        calls: _Calls,
        swept: Swept,
        after: _Calls,
        growth: Mapping[Site, float],
    ) -> None:
        for name in trial.units:
            for site in calls.of.get(name, ()):
                self._sites.pop(site, None)
            for site in after.of.get(name, ()):
                self._sites[site] = swept.sites[site]
                self._growth[site] = growth[site]
            self._units.pop(name, None)
            if name in swept.units:
                self._units[name] = swept.units[name]

    def _forget(self, changed: Collection[str]) -> None:
        """What was tried in functions that have changed may change something else now."""
        gone = [sites for sites in self.known if any(site[0] in changed for site in sites)]
        for sites in gone:
            del self.known[sites]
        if self._random:
            self._tried.difference_update(gone)

    def _verify(self, compile_with: Callable[[Sites], Swept]) -> None:
        """Compile what was taken; go back where it made a function larger."""
        before = self.verified
        now = compile_with(self._sites)
        self._keep(now)
        worse = [name for name, cost in now.units.items() if cost > before.units.get(name, 0.0)]
        if worse:
            was, calls = _Calls.under(before.sites), _Calls.under(now.sites)
            inlined = {
                name: {*was.inlined.get(name, ()), *calls.inlined.get(name, ())}
                for name in {*was.inlined, *calls.inlined}
            }
            back = closure(worse, inlined)
            sites = {site: each for site, each in now.sites.items() if site[0] not in back}
            sites |= {site: each for site, each in before.sites.items() if site[0] in back}
            if sites not in (now.sites, before.sites):
                self._keep(compile_with(sites))
        self._adopt(self.verified)

    def _keep(self, swept: Swept) -> None:
        if swept.cost < self.verified.cost:
            self.verified = swept

    def _adopt(self, swept: Swept) -> None:
        known = self._sites.keys() | swept.sites.keys()
        self._forget({site[0] for site in known if self._sites.get(site) != swept.sites.get(site)})
        self._sites = dict(swept.sites)
        self._units = dict(swept.units)
        self._growth = swept.growth()
