"""What a program executes when it is used: its workload, counted function by function."""

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fastir_train.benchmark.sections import code_bytes, read_sections
from fastir_train.corpus.build import Build, Configuration, run_under_callgrind
from fastir_train.runtime.callgrind import Executed, read_executed, read_total
from fastir_train.runtime.errors import BuildError, FastirError
from fastir_train.runtime.programs import run_tool

K = TypeVar("K")

_REPEATABLE = 5e-3
"""How far apart two counts of one program may be, relatively."""
# As LLVM's modules name them; what a script starts counts too.
_OPTIONS = ("--demangle=no", "--trace-children=yes")


@dataclass(frozen=True)
class Counts:
    """Instructions executed."""

    total: int
    """By all processes, libraries included."""
    executed: Executed
    """By the functions of the program's own files."""
    text: int
    """Bytes of code in the linked program."""

    @property
    def own_total(self) -> int:
        """By the program's own files."""
        return self.executed.own.total()


def count(
    built: Build,
    commands: Sequence[str],
    configuration: Configuration,
    jobs: int,
    functions: Set[str],
) -> Counts:
    """Run a workload under callgrind.

    Parameters
    ----------
    functions
        Names that are preferred where a function has several.

    Raises
    ------
    BuildError
        If a command fails, or nothing is counted.
    """
    reports = run_under_callgrind(built, commands, configuration, jobs, _OPTIONS)
    totals = [read_total(report) for report in reports]
    if not totals or None in totals:
        log = built.place / "workload.log"
        raise BuildError(f"{built.project.name}: nothing was counted of the workload; see {log}")
    root = built.root.resolve()
    executed = Executed()
    for report in reports:
        executed.add(read_executed(report, root))
    names = _names(built.outputs, functions)

    def name(symbol: str) -> str:
        return names.get(symbol, symbol)

    executed = Executed(
        _renamed(executed.own, name),
        _renamed(executed.calls, lambda pair: (name(pair[0]), name(pair[1]))),
    )
    if not executed.own:
        raise BuildError(f"{built.project.name}: the workload runs nothing that the build made")
    text = sum(code_bytes(read_sections(path)) for path in built.outputs)
    return Counts(sum(total for total in totals if total), executed, text)


def _names(files: Sequence[Path], preferred: Set[str]) -> dict[str, str]:
    """For each function symbol, the name under which all symbols at its address are counted."""
    found: dict[str, str] = {}
    for path in files:
        groups: dict[str, list[str]] = {}
        listing = run_tool("llvm-nm", "--defined-only", "--format=posix", str(path))
        for line in listing.splitlines():
            name, kind, address = line.split(" ")[:3]
            if kind in "tTwWvViu":
                groups.setdefault(address, []).append(name)
        for group in groups.values():
            counted_as = min(group, key=lambda name: (name not in preferred, name))
            found |= dict.fromkeys(group, counted_as)
    return found


def _renamed(counted: Counter[K], rename: Callable[[K], K]) -> Counter[K]:
    found: Counter[K] = Counter()
    for name, number in counted.items():
        found[rename(name)] += number
    return found


def count_repeatably(
    built: Build,
    commands: Sequence[str],
    configuration: Configuration,
    jobs: int,
    functions: Set[str],
) -> tuple[Counts, float]:
    """Count a workload twice, and see that it is about the same.

    Returns
    -------
    tuple of (Counts, float)
        The first counts, and how far apart the two are, relatively.

    Raises
    ------
    BuildError
        As `count` does.
    FastirError
        If it is not.
    """
    first, second = (count(built, commands, configuration, jobs, functions) for _ in range(2))
    apart = abs(first.own_total - second.own_total) / first.own_total
    if apart > _REPEATABLE:
        raise FastirError(
            f"the workload is not repeatable: it executed {first.own_total:,} instructions of the "
            f"program, then {second.own_total:,}"
        )
    return first, apart
