"""Tuning a whole program: its modules searched side by side, within a budget."""

import hashlib
import os
import pickle
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

import llvm_tools
from fastir_train.label.origin import present_origin
from fastir_train.label.replay import Site
from fastir_train.label.visibility import mergeable, read_functions
from fastir_train.problem.objective import EVEN, Objective
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import default_model_path
from fastir_train.tune.profile import Base, ModuleKey, Profile, Tuned, TunedModule, stable_name
from fastir_train.tune.search import Search, SearchTask
from llvm_tools.engine import Level

STATE_VERSION = 4
"""Of what is kept of a search: another is begun anew."""
_GRACE = 10.0
"""Seconds, or a tenth of the budget, that a step may take longer before it is given up."""
_UNIT_OF_RUSTC = r"-cgu\.[0-9]+"
OF_RUSTC = rf"^(.+)\.[0-9a-f]{{1,16}}({_UNIT_OF_RUSTC})$"
"""What rustc calls its modules."""


@dataclass(frozen=True)
class Found:
    """A module of the program, as its build compiles it."""

    key: ModuleKey
    content: bytes
    weights: Mapping[str, float]


def find_modules(collected: pl.DataFrame, root: Path) -> list[Found]:
    """The modules to tune, by key: where one is compiled several times, the first.

    Parameters
    ----------
    collected
        As `fastir_train.corpus.collect.read_collected` returns it; of one level or phase.
    root
        The project's root folder.
    """
    keyed = {}
    for row in collected.iter_rows(named=True):
        key = (module_path(row["source"], Path(row["directory"]), root), row["phase"])
        keyed.setdefault(key, row)
    contents = [row["content"] for row in keyed.values()]
    sources = pl.DataFrame({"module": [str(n) for n in range(len(keyed))], "content": contents})
    emitted = mergeable(read_functions(sources)).group_by("comdat").agg(weight=1 / pl.len())
    weights = dict(emitted.filter(pl.col("weight") < 1).iter_rows())
    return [Found(key, row["content"], weights) for key, row in sorted(keyed.items())]


def module_path(source: str, directory: Path, root: Path) -> str:
    """What a profile calls a source file: its path below the root, else its name alone.

    rustc's modules are called CRATE.HASH-cgu.N; the hash changes with each release.
    """
    path = Path(os.path.normpath(directory / _without_hash(source)))
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def is_of_rustc(path: str) -> bool:
    """Whether a profile calls a module so that rustc makes."""
    return re.search(rf"{_UNIT_OF_RUSTC}$", path) is not None


def _without_hash(source: str) -> str:
    found = re.match(OF_RUSTC, source)
    return found[1] + found[2] if found else source


class Tuning:
    """The searches of all modules of a program.

    Parameters
    ----------
    bases
        Who decides where the search begins: in each module the one that makes it the smallest.
    model
        The model among them.
    folder
        Keeps what is found from one run to the next.
    start
        Decisions to begin with where they make a module smaller.
    """

    def __init__(
        self,
        modules: Sequence[Found],
        level: Level,
        bases: Sequence[Base],
        model: Path | None,
        folder: Path,
        *,
        start: Profile | None = None,
        objective: Objective = EVEN,
    ) -> None:
        self._modules = {found.key: found for found in modules}
        self._level: Level = level
        self._bases = tuple(bases)
        self._model = model
        self._start = start
        self._folder = folder
        self._files: dict[ModuleKey, Path] = {}
        """Where each search is kept."""
        self._objective = objective
        self._jobs = 1
        self._lock = threading.Lock()
        self.searches: dict[ModuleKey, Search] = {}
        self.bases: dict[ModuleKey, Base] = {}
        self.stock = 0.0
        """Cost of all modules as LLVM decides."""
        self.failed: dict[ModuleKey, str] = {}

    # Beginning.

    def begin(self, jobs: int, console: Console) -> None:
        """Compile each module as LLVM decides and as the model does, and keep the better start."""
        with ThreadPoolExecutor(jobs) as pool:
            started = pool.map(self._begin, self._modules.values())
            for number, (key, outcome) in enumerate(
                zip(self._modules, started, strict=True), start=1
            ):
                if isinstance(outcome, str):
                    self.failed[key] = outcome
                else:
                    base, stock, search = outcome
                    self.searches[key] = search
                    self.bases[key] = base
                    self.stock += stock
                console.step("compiled modules", number, len(self._modules))
        if not self.searches:
            raise FastirError(f"no module could be compiled: {next(iter(self.failed.values()))}")

    def _begin(self, found: Found) -> tuple[Base, float, Search] | str:
        searches: dict[Base, Search] = {}
        try:
            for base in dict.fromkeys((*self._bases, "llvm")):
                searches[base] = Search(self._task(found, base))
                searches[base].begin()
            base = min(self._bases, key=lambda each: searches[each].cost)
            self._files[found.key] = self._state_file(found, base)
            search = self._read(found, base) or searches[base]
            known = self._start.modules.get(found.key) if self._start else None
            if known:
                search.adopt(sites_that_apply(found, known))
        except llvm_tools.EngineError as error:
            return str(error)
        return base, searches["llvm"].start, search

    def _task(self, found: Found, base: Base) -> SearchTask:
        options = {
            "level": self._level,
            "phase": found.key[1],
            "policy": base,
            "model": self._model if base == "model" else None,
            "name": found.key[0],
        }
        prior = str(default_model_path(self._level))
        return SearchTask(found.content, options, found.weights, self._objective, prior)

    # Searching.

    @property
    def cost(self) -> float:
        """Of all modules, as they are tuned so far."""
        return sum(search.cost for search in self.searches.values())

    def run(self, seconds: float, jobs: int, report: Callable[[float], None]) -> bool:
        """Search for so long, or until nothing is left to find; returns whether it was the latter.

        An interrupt ends it, too: what was found until then is there.
        """
        end = time.monotonic() + seconds
        self._jobs = jobs
        busy: set[ModuleKey] = set()
        failures: list[BaseException] = []

        def work() -> None:
            try:
                while time.monotonic() < end and not failures:
                    with self._lock:
                        key = self._next(busy)
                    if key is None:
                        if not busy:
                            return
                        time.sleep(0.05)
                        continue
                    try:
                        self._step(key, end - time.monotonic())
                    finally:
                        with self._lock:
                            busy.discard(key)
            except BaseException as error:
                failures.append(error)

        # They end with the process: an interrupt does not wait for what they measure.
        threads = [threading.Thread(target=work, daemon=True) for _ in range(jobs)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if time.monotonic() > end + max(_GRACE, seconds / 10):
                break
            time.sleep(0.2)
            report(max(0.0, end - time.monotonic()))
        if failures:
            raise failures[0]
        return all(search.is_done for search in self.searches.values())

    def _next(self, busy: set[ModuleKey]) -> ModuleKey | None:
        """The key of the search of the highest priority that no thread works on."""
        waiting = [
            key for key, search in self.searches.items() if key not in busy and not search.is_done
        ]
        if not waiting:
            return None
        key = max(waiting, key=lambda each: self.searches[each].priority)
        busy.add(key)
        return key

    def _step(self, key: ModuleKey, left: float) -> None:
        # On a copy: an interrupt finds the state from before the step, or from after it.
        search = self.searches[key].copy()
        active = sum(not each.is_done for each in self.searches.values())
        search.threads = max(1, self._jobs // active)
        try:
            search.step(left)
        except llvm_tools.EngineError as error:
            self.failed[key] = str(error)
            search = self.searches[key].copy()
            search.give_up()
        with self._lock:
            self.searches[key] = search
        self._write(key, search)

    # Keeping what is found.

    def _state_file(self, found: Found, base: Base) -> Path:
        model = self._model.read_bytes() if self._model else b""
        weights = sorted(found.weights.items())
        how = (STATE_VERSION, found.key, base, self._level, weights, self._objective)
        origin = present_origin().key()
        digest = hashlib.sha256()
        for part in (found.content, model, repr(how).encode(), origin.encode()):
            digest.update(hashlib.sha256(part).digest())
        return self._folder / f"{digest.hexdigest()[:24]}.search"

    def _write(self, key: ModuleKey, search: Search) -> None:
        kept = replace(search, task=replace(search.task, content=b"", weights={}))
        with replacing(self._files[key]) as temporary:
            temporary.write_bytes(pickle.dumps(kept))

    def _read(self, found: Found, base: Base) -> Search | None:
        path = self._files[found.key]
        if not path.is_file():
            return None
        try:
            kept = pickle.loads(path.read_bytes())
        except Exception:
            return None
        return replace(kept, task=self._task(found, base))

    # What came of it.

    def tuned(self, jobs: int) -> dict[ModuleKey, TunedModule]:
        """What a profile says of each module in which another decision than its base's pays."""
        # A module that LLVM decides in has to be named as well: a model decides elsewhere.
        keys = [
            key
            for key, search in self.searches.items()
            if search.gained > 0 or (self.bases[key] == "llvm" and key[1] == "compile")
        ]

        def one(key: ModuleKey) -> TunedModule:
            search = self.searches[key]
            sites = search.differences() if search.gained > 0 else {}
            hashes = body_hashes(self._modules[key]) if sites else {}
            return TunedModule(self.bases[key], by_function(sites, hashes))

        with ThreadPoolExecutor(jobs) as pool:
            return dict(zip(keys, pool.map(one, keys), strict=True))


def sites_that_apply(found: Found, tuned: TunedModule) -> dict[Site, bool]:
    """The decisions of a profile on calls in functions that are as they were."""
    hashes = body_hashes(found)
    names = {stable_name(name): name for name in hashes}
    return {
        (names[caller], names.get(callee, callee), occurrence): inline
        for caller, one in tuned.functions.items()
        if caller in names and hashes[names[caller]] == one.body_hash
        for (callee, occurrence), inline in one.calls.items()
    }


def body_hashes(found: Found) -> dict[str, int]:
    """Of each function of a module, before optimisation."""
    frame = llvm_tools.function_features(found.content)
    return dict(frame.select("function", "body_hash").iter_rows())


def by_function(sites: Mapping[Site, bool], hashes: Mapping[str, int]) -> dict[str, Tuned]:
    """Decisions as a profile has them, by caller."""
    functions: dict[str, dict[tuple[str, int], bool]] = {}
    for (caller, callee, occurrence), inline in sites.items():
        functions.setdefault(caller, {})[stable_name(callee), occurrence] = inline
    return {
        stable_name(caller): Tuned(hashes[caller], calls) for caller, calls in functions.items()
    }
