"""Which functions of a module the rest of its project refers to: a link with LTO keeps these."""

import polars as pl

import llvm_tools

_IS_MERGED = pl.col("linkage").str.contains("^(linkonce|weak)")


def read_functions(modules: pl.DataFrame) -> pl.DataFrame:
    """The table `llvm_tools.function_features` of the rows' ``content``, by ``module``."""
    return llvm_tools.function_features(_sources(modules)).frame


def read_calls(modules: pl.DataFrame) -> pl.DataFrame:
    """The table `llvm_tools.call_graph` of the rows' ``content``, by ``module``."""
    return llvm_tools.call_graph(_sources(modules)).frame


def _sources(modules: pl.DataFrame) -> dict[str, bytes]:
    return dict(modules.select("module", "content").iter_rows())


def mergeable(functions: pl.DataFrame) -> pl.DataFrame:
    """The functions that linkers merge, as modules define them: ``module``, ``comdat``."""
    return functions.filter(_IS_MERGED).select("module", comdat="function")


IMPORTED_INSTRUCTIONS = 100
"""Larger functions are not imported into other modules: LLVM's -import-instr-limit."""


def internal_at_link(functions: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """The functions that a link with ThinLTO makes internal, as no other module refers to them.

    Neither in what it has of its own, nor in what it imports: the callees of a function that other
    modules refer to, if that is small enough to be imported there, are referred to as well. A
    function of external linkage that its own module does not refer to either is part of an
    interface: it stays. A function whose address alone is taken in another module, and which is
    not defined there, counts as internal: modules say nothing of such references here.

    Returns
    -------
    polars.DataFrame
        ``module`` and ``function``, sorted.
    """
    visible = functions.filter(_IS_MERGED | pl.col("linkage").str.starts_with("external"))
    mentions = pl.concat(
        [visible.select("module", "function"), calls.select("module", function="callee")]
    )
    alone = mentions.unique().group_by("function").len().filter(pl.col("len") == 1)
    is_used = (pl.col("call_site_count") > 0) | pl.col("is_address_taken")
    found = visible.filter(_IS_MERGED | is_used, pl.col("function") != "main").join(
        alone, on="function", how="semi"
    )
    found = found.join(_imported_callees(functions, calls, alone), on="function", how="anti")
    return found.select("module", "function").sort("module", "function")


def _imported_callees(
    functions: pl.DataFrame, calls: pl.DataFrame, alone: pl.DataFrame
) -> pl.DataFrame:
    """What the functions that other modules import call: ``function``."""
    small = functions.filter(pl.col("instruction_count") <= IMPORTED_INSTRUCTIONS)
    imported = set(small.join(alone, on="function", how="anti")["function"])
    small_names = set(small["function"])
    callees = dict(calls.drop_nulls("callee").group_by("caller").agg("callee").iter_rows())
    reached: set[str] = set()
    waiting = list(imported)
    while waiting:
        for callee in callees.get(waiting.pop(), ()):
            if callee not in reached:
                reached.add(callee)
                if callee in small_names:
                    waiting.append(callee)
    return pl.DataFrame({"function": sorted(reached)}, schema={"function": pl.String})
