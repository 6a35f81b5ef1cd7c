"""Every combination of decisions, where there are few.

Parts of a call graph that have no function in common do not concern one another: each is tried by
itself. A combination is found as a compile finds it: decisions that are not named yet are the
policy's, and the other way at each of them is a branch to try. So calls that only come up once
another is inlined are tried as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastir_train.label.replay import Site

_MOST_CALLS = 6
"""Of a part: what has more is not tried."""
_MOST_COMBINATIONS = 300
"""Of a part: it is given up after so many."""


@dataclass
class Exhaustion:
    """What is left to try; it can be pickled."""

    waiting: list[frozenset[str]] = field(default_factory=list)
    """Parts, by their functions."""
    is_complete: bool = True
    """Whether all combinations were tried, of what is not left."""
    _part: frozenset[str] = frozenset()
    _branches: list[dict[Site, bool]] = field(default_factory=list)
    _tried: int = 0

    @classmethod
    def of(cls, sites: Mapping[Site, bool]) -> "Exhaustion":
        """Of a module with these decisions where nothing is inlined."""
        functions = _connected(sites)
        calls = dict.fromkeys(functions, 0)
        for caller, _, _ in sites:
            part = next(each for each in functions if caller in each)
            calls[part] += 1
        few = [part for part in functions if calls[part] <= _MOST_CALLS]
        few.sort(key=lambda part: (calls[part], sorted(part)))
        return cls(few, is_complete=len(few) == len(functions))

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to try."""
        return not self.waiting and not self._branches

    def next(self, best: Mapping[Site, bool]) -> dict[Site, bool]:
        """The decisions to try next: the best ones, but in the part that is tried.

        Parameters
        ----------
        best
            So far, of the module.
        """
        if not self._branches:
            self._part = self.waiting.pop(0)
            self._branches = [{}]
            self._tried = 0
        elsewhere = {site: each for site, each in best.items() if site[0] not in self._part}
        return {**elsewhere, **self._branches[-1]}

    def learn(self, sites: Mapping[Site, bool]) -> None:
        """Find the branches of what was tried.

        Parameters
        ----------
        sites
            All decisions of the module as it was compiled.
        """
        named = dict(self._branches.pop())
        for site, inlines in sites.items():
            if site[0] in self._part and site not in named:
                self._branches.append({**named, site: not inlines})
                named[site] = inlines
        self._tried += 1
        if self._tried == _MOST_COMBINATIONS and self._branches:
            self._branches = []
            self.is_complete = False


def _connected(sites: Mapping[Site, bool]) -> list[frozenset[str]]:
    """The functions of a module in parts that no call connects."""
    parts: dict[str, set[str]] = {}
    for caller, callee, _ in sites:
        first = parts.setdefault(caller, {caller})
        second = parts.setdefault(callee, {callee})
        if first is not second:
            first |= second
            parts.update(dict.fromkeys(second, first))
    return list(dict.fromkeys(map(frozenset, parts.values())))
