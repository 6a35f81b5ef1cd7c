"""Reports of valgrind's callgrind and cachegrind."""

import re
from pathlib import Path

# Callgrind begins with a summary too, before it knows the totals.
_TOTALS = re.compile(r"^(?:totals|summary): (\d+)\s*\Z", re.MULTILINE)


def read_total(report: Path) -> int | None:
    """Instructions that a process executed; None if it ended before it was counted."""
    found = _TOTALS.search(report.read_text(encoding="utf-8"))
    return int(found.group(1)) if found else None
