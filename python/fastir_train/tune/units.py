"""What a compile's objects are made of, as linkers keep or drop it."""

from collections.abc import Mapping

import polars as pl

from llvm_tools import Compilation

_PERSONALITY = "DW.ref."
"""Names of pointers to personality routines begin so: there is one in a whole program."""


def units_of(compilation: Compilation, weights: Mapping[str, float]) -> pl.DataFrame:
    """Bytes of each function, object or comdat.

    Parameters
    ----------
    compilation
        By symbol.
    weights
        By comdat, the share of it that the module answers for; in full where it is not named.

    Returns
    -------
    polars.DataFrame
        ``unit`` (its name), ``text`` (bytes of code), ``loadable`` (bytes of all kinds). What
        linkers merge, constants that have no name, is left out.
    """
    named = compilation.pieces().with_columns(
        unit=pl.when(pl.col("comdat") == "").then("symbol").otherwise("comdat")
    )
    shares = pl.DataFrame(
        {"comdat": list(weights), "weight": list(weights.values())},
        schema={"comdat": pl.String, "weight": pl.Float64},
    )
    bytes_ = pl.col("bytes") * pl.col("weight").fill_null(1.0)
    return (
        named.filter(pl.col("unit") != "", ~pl.col("unit").str.starts_with(_PERSONALITY))
        .join(shares, on="comdat", how="left")
        .group_by("unit")
        .agg(
            text=bytes_.filter(pl.col("kind") == "text").sum(),
            loadable=bytes_.sum(),
        )
        .sort("unit")
    )
