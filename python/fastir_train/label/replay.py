"""Decisions written down by call site, for ``-fastir-replay``."""

import re
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from fastir_train.runtime.files import replacing

_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n"}
_ESCAPED = str.maketrans(_ESCAPES)
_UNESCAPED = {written: character for character, written in _ESCAPES.items()}
Site = tuple[str, str, int]
"""Caller, callee, and how many decisions on calls of that callee in that caller came before."""


def escaped(name: str) -> str:
    """A name as one field of a line (``plugin/support/EscapedName.h``)."""
    return name.translate(_ESCAPED)


def unescaped(field: str) -> str:
    """The name that a field spells.

    Raises
    ------
    ValueError
        If a backslash begins no escape.
    """

    def character(found: re.Match[str]) -> str:
        if found[0] not in _UNESCAPED:
            raise ValueError(found[0])
        return _UNESCAPED[found[0]]

    return re.sub(r"\\.?", character, field, flags=re.DOTALL)


def sites_of(decisions: pl.DataFrame) -> list[Site]:
    """The site of each decision, in order."""
    occurrence = pl.int_range(pl.len()).over("caller", "callee").alias("occurrence")
    return decisions.select("caller", "callee", occurrence).rows()


def advice_of(decisions: pl.DataFrame) -> dict[Site, bool]:
    """Whether each site is inlined, in order."""
    return dict(zip(sites_of(decisions), decisions["inlines"].to_list(), strict=True))


def write_replay(sites: Mapping[Site, bool], folder: Path, module: str) -> None:
    """Write the decisions of one module for ``-fastir-replay=FOLDER``.

    The format is described in ``plugin/decision/Replay.h``.
    """
    lines = [
        "\t".join([*map(escaped, names), f"{occurrence}", f"{inline:d}\n"])
        for (*names, occurrence), inline in sites.items()
    ]
    with replacing(folder / f"{module}.replay") as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
