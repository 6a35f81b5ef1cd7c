"""Reports of valgrind's callgrind and cachegrind."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

# Callgrind begins with a summary too, before it knows the totals.
_TOTALS = re.compile(r"^(?:totals|summary): (\d+)\s*\Z", re.MULTILINE)


def read_total(report: Path) -> int | None:
    """Instructions that a process executed; None if it ended before it was counted."""
    found = _TOTALS.search(report.read_text(encoding="utf-8"))
    return int(found.group(1)) if found else None


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
