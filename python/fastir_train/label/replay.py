"""Decisions written down by call site, for ``-fastir-replay``."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from fastir_train.runtime.files import replacing

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n"})
Site = tuple[str, str, int]
"""Caller, callee, and how many decisions on calls of that callee in that caller came before."""


def sites_of(decisions: pl.DataFrame) -> list[Site]:
    """The site of each decision, in order."""
    occurrence = pl.int_range(pl.len()).over("caller", "callee").alias("occurrence")
    return decisions.select("caller", "callee", occurrence).rows()


def write_replay(sites: Mapping[Site, bool], folder: Path, module: str) -> None:
    """Write the decisions of one module for ``-fastir-replay=FOLDER``.

    Names are escaped as ``plugin/decision/Replay.h`` describes.
    """
    lines = [
        "\t".join([*(name.translate(_ESCAPES) for name in names), f"{occurrence}", f"{inline:d}\n"])
        for (*names, occurrence), inline in sites.items()
    ]
    with replacing(folder / f"{module}.replay") as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")
