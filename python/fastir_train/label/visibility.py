"""Which functions of a module the rest of its project refers to: a link with LTO keeps these."""

import polars as pl

import llvm_tools


def read_functions(modules: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The functions that modules define, and the calls in them.

    Parameters
    ----------
    modules
        ``module`` and ``content``, of one project.

    Returns
    -------
    tuple of polars.DataFrame
        Of `llvm_tools.function_features` and of `llvm_tools.call_graph`.
    """
    sources = dict(modules.select("module", "content").iter_rows())
    return llvm_tools.function_features(sources).frame, llvm_tools.call_graph(sources).frame


def mergeable(functions: pl.DataFrame) -> pl.DataFrame:
    """The functions that linkers merge, as modules define them: ``module``, ``comdat``."""
    merged = functions.filter(pl.col("linkage").str.contains("^(linkonce|weak)"))
    return merged.select("module", comdat="function")


def internal_at_link(functions: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """The functions that a link with LTO makes internal, as no other module refers to them.

    A function of external linkage that its own module does not refer to either is part of an
    interface: it stays. A function whose address alone is taken in another module, and which is
    not defined there, counts as internal: modules say nothing of such references here.

    Returns
    -------
    polars.DataFrame
        ``module`` and ``function``, sorted.
    """
    visible = functions.filter(pl.col("linkage").str.contains("^(external|linkonce|weak)"))
    mentions = pl.concat(
        [visible.select("module", "function"), calls.select("module", function="callee")]
    )
    alone = mentions.unique().group_by("function").len().filter(pl.col("len") == 1)
    is_used = (pl.col("call_site_count") > 0) | pl.col("is_address_taken")
    is_merged = pl.col("linkage").str.contains("^(linkonce|weak)")
    found = visible.filter(is_merged | is_used, pl.col("function") != "main").join(
        alone, on="function", how="semi"
    )
    return found.select("module", "function").sort("module", "function")
