"""Counts of programs, kept in files by the decisions under which they were built."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from fastir_train.label.replay import Site
from fastir_train.runtime.callgrind import Executed
from fastir_train.runtime.files import replacing
from fastir_train.tune.profile import ModuleKey
from fastir_train.tune.workload import Counts

Decisions = Mapping[ModuleKey, Mapping[Site, bool]]
"""Those that are not left to LLVM."""


class KeptCounts:
    """Counts of programs by their decisions, in files: a search that goes on finds them again."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._origin = origin

    def _path(self, decisions: Decisions) -> Path:
        listed = sorted((key, sorted(sites.items())) for key, sites in decisions.items() if sites)
        digest = hashlib.sha256(f"{self._origin}\n{listed}".encode()).hexdigest()
        return self._folder / f"{digest[:24]}.counts"

    def read(self, decisions: Decisions) -> Counts | None:
        """What was counted before, if it was."""
        try:
            kept = json.loads(self._path(decisions).read_text(encoding="utf-8"))
            calls = {(caller, callee): number for caller, callee, number in kept["calls"]}
            executed = Executed(Counter(kept["own"]), Counter(calls))
            return Counts(kept["total"], executed, kept["text"])
        except (OSError, ValueError, KeyError):
            return None

    def write(self, decisions: Decisions, counts: Counts) -> None:
        """Keep what was counted."""
        with replacing(self._path(decisions)) as temporary:
            executed = counts.executed
            kept = {
                "total": counts.total,
                "text": counts.text,
                "own": dict(executed.own),
                "calls": [[*names, number] for names, number in executed.calls.items()],
            }
            temporary.write_text(json.dumps(kept), encoding="utf-8")
