"""Reports of valgrind's callgrind and cachegrind."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

# Callgrind begins with a summary too, before it knows the totals.
_TOTALS = re.compile(r"^(?:totals|summary): (\d+)\s*\Z", re.MULTILINE)


def read_total(report: Path) -> int | None:
    """Instructions that a process executed; None if it ended before it was counted."""
    found = _TOTALS.search(report.read_text(encoding="utf-8"))
    return int(found.group(1)) if found else None


_NAMED = re.compile(r"(c?(?:fn|ob))=\((\d+)\)(?: (.*))?\Z")


@dataclass(frozen=True)
class Executed:
    """What functions executed, callees left out, and how often they called one another."""

    own: Counter[str] = field(default_factory=Counter)
    """Instructions, by function."""
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By caller and callee."""

    def add(self, other: "Executed") -> None:
        """Count what another process executed, too."""
        self.own.update(other.own)
        self.calls.update(other.calls)


def read_executed(report: Path, root: Path) -> Executed:
    """What the functions of the files below a folder executed, and who called them.

    Parameters
    ----------
    report
        Of callgrind.
    """
    names: dict[tuple[str, str], str] = {}
    found = Executed()
    file, function, callee_file, callee, is_call = "", "", "", "", False
    own = lru_cache(None)(lambda path: Path(path).is_relative_to(root))
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            if line[0] in "+-*0123456789":
                # What follows "calls=" was executed in the callee.
                if not is_call and own(file):
                    found.own[function] += int(line.rsplit(maxsplit=1)[1])
                is_call = False
            elif line.startswith("calls="):
                is_call = True
                if own(callee_file):
                    found.calls[function, callee] += int(line[len("calls=") :].split()[0])
                callee_file = file
            elif named := _NAMED.match(line.rstrip()):
                kind, number, name = named.groups()
                key = (kind.removeprefix("c"), number)
                if name is not None:
                    # A recursive call has its depth behind the name.
                    names[key] = name.partition("'")[0] if key[0] == "fn" else name
                match kind:
                    case "fn":
                        function = names[key]
                    case "ob":
                        file = callee_file = names[key]
                    case "cfn":
                        callee = names[key]
                    case _:
                        callee_file = names[key]
    return found


_CALLED = re.compile(r"cfn=\((\d+)\)(?: (.*))?\Z")
_FUNCTION = re.compile(r"c?fn=\((\d+)\) (.*)\Z")


def read_inclusive(report: Path, beginnings: Sequence[str]) -> dict[str, int]:
    """Instructions executed in calls of some functions, their callees included.

    Parameters
    ----------
    report
        Of callgrind.
    beginnings
        Of the functions' names; none of these functions may call another, or itself.

    Returns
    -------
    dict of str to int
        By beginning; 0 where no such function was called.
    """
    names: dict[str, str] = {}
    costs: Counter[str] = Counter()
    called = ""
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            if named := _FUNCTION.match(line.rstrip()):
                names[named.group(1)] = named.group(2)
            if call := _CALLED.match(line.rstrip()):
                called = call.group(1)
            elif line.startswith("calls="):
                # The next line is the call's place and what was executed in it.
                costs[called] += int(next(lines).rsplit(maxsplit=1)[1])
    return {
        beginning: sum(
            cost for number, cost in costs.items() if names[number].startswith(beginning)
        )
        for beginning in beginnings
    }
