"""Features of modules, functions, blocks and call sites as polars frames.

Every function here takes one module, and returns a frame or raises; or many, and returns a
`Batch`: the frame of all, and the errors of those that cannot be had. Modules are read in worker
processes over all cores, so that a crash of LLVM costs the module that it happened on only.
`llvm_tools.TABLES` gives the type, unit, meaning and source of each column.
"""

from typing import Unpack, overload

import polars as pl

from llvm_tools.batch import Batch, RunOptions, one_or_many
from llvm_tools.engine import Level
from llvm_tools.sources import Source, Sources


@overload
def inlining_features(
    src: Source, *, level: Level = "Oz", **options: Unpack[RunOptions]
) -> pl.DataFrame: ...
@overload
def inlining_features(
    src: Sources, *, level: Level = "Oz", **options: Unpack[RunOptions]
) -> Batch: ...
def inlining_features(
    src: Source | Sources, *, level: Level = "Oz", **options: Unpack[RunOptions]
) -> pl.DataFrame | Batch:
    """Call sites of defined functions, with all that an inlining decision may rest on.

    Nothing is inlined: the values are those of the module as it is. The features of
    `llvm_tools.FEATURES` are computed by the plugin's own code. Those of LLVM's MLInlineAdvisor
    are null where inlining is mandatory or impossible: the advisor is not asked there.
    ``inlining`` says which it is, and ``inlining_reason`` why; ``llvm_decision``, ``llvm_cost``
    and ``llvm_threshold`` what LLVM's own inliner says. InlineML's columns follow.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    level
        The optimisation level that LLVM's cost model is asked for.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a call site; the columns are those of ``llvm_tools.TABLES["inlining_features"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.inlining_features(
    ...     b"define internal i32 @g() { ret i32 1 }"
    ...     b"define i32 @f() { %y = call i32 @g() ret i32 %y }"
    ... )
    >>> frame.select("caller", "callee", "inlining", "llvm_decision").row(0)
    ('f', 'g', 'possible', 1)
    """
    return one_or_many("inlining_features", src, {"level": level}, options)


@overload
def block_features(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def block_features(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def block_features(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """Basic blocks: opcode histogram and entropy, memory accesses, calls, loops, edges.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a block; the columns are those of ``llvm_tools.TABLES["block_features"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.block_features(
    ...     b"define i32 @f(i32 %x) { %y = mul i32 %x, %x ret i32 %y }"
    ... )
    >>> frame.select("function", "block", "instruction_count", "opcode_mul").row(0)
    ('f', 0, 2, 1)
    """
    return one_or_many("block_features", src, {}, options)


@overload
def function_features(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def function_features(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def function_features(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """Defined functions: what their blocks hold, attributes, linkage, place in the call graph.

    The columns that begin with a capital are LLVM's function properties, as stock opt's
    ``print<func-properties>`` prints them.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a function; the columns are those of ``llvm_tools.TABLES["function_features"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.function_features(
    ...     b"define internal void @f() nounwind { call void @f() ret void }"
    ... )
    >>> frame.select("function", "linkage", "attributes", "is_recursive").row(0)
    ('f', 'internal', 'nounwind', True)
    """
    return one_or_many("function_features", src, {}, options)


@overload
def module_features(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def module_features(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def module_features(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """Modules: sums over their functions, and what else they define.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a module; the columns are those of ``llvm_tools.TABLES["module_features"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.module_features(b"@x = global i32 1 define void @f() { ret void }")
    >>> frame.select("function_count", "global_variable_count", "opcode_ret").row(0)
    (1, 1, 1)
    """
    return one_or_many("module_features", src, {}, options)


@overload
def instcount(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def instcount(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def instcount(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """The 70 columns of CompilerGym's InstCount.

    LLVM 10's opcodes in their order; ptrtoaddr, which is younger, counts as ptrtoint.
    As in CompilerGym, declarations count as functions.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a module; the columns are those of ``llvm_tools.TABLES["instcount"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.instcount(b"define i32 @f(i32 %x) { %y = mul i32 %x, %x ret i32 %y }")
    >>> frame.select("TotalInstsCount", "MulCount", "RetCount").row(0)
    (2, 1, 1)
    """
    return one_or_many("instcount", src, {}, options)


@overload
def autophase(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def autophase(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def autophase(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """The 56 columns of CompilerGym's Autophase.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a module; the columns are those of ``llvm_tools.TABLES["autophase"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> frame = llvm_tools.autophase(b"define i32 @f(i32 %x) { %y = mul i32 %x, 3 ret i32 %y }")
    >>> frame.select("TotalInsts", "NumMulInst", "const32Bit").row(0)
    (2, 1, 1)
    """
    return one_or_many("autophase", src, {}, options)


@overload
def call_graph(src: Source, **options: Unpack[RunOptions]) -> pl.DataFrame: ...
@overload
def call_graph(src: Sources, **options: Unpack[RunOptions]) -> Batch: ...
def call_graph(src: Source | Sources, **options: Unpack[RunOptions]) -> pl.DataFrame | Batch:
    """The call graph: its edges, with SCC and height of both ends.

    An edge is a call, invoke or callbr of anything but an intrinsic. Its number, ``call_site``,
    is the one in `inlining_features`. Strongly connected components are those of direct calls
    among defined functions, numbered bottom-up; functions that have neither callers nor callees
    have theirs in `function_features`.

    Parameters
    ----------
    src
        One module (bitcode or textual IR as bytes, or a path), or many of them.
    **options
        How it is done; see `llvm_tools.RunOptions`.

    Returns
    -------
    polars.DataFrame or Batch
        A row a call site; the columns are those of ``llvm_tools.TABLES["call_graph"]``.

    Raises
    ------
    LlvmToolsError
        If ``src`` is one module and there is no table of it; the subclass says why.

    Examples
    --------
    >>> import llvm_tools
    >>> edges = llvm_tools.call_graph(
    ...     b"declare void @h() define void @g() { call void @h() ret void }"
    ...     b"define void @f() { call void @g() ret void }"
    ... )
    >>> edges.select("caller", "callee", "caller_height", "callee_height").rows()
    [('g', 'h', 0, None), ('f', 'g', 1, 0)]
    """
    return one_or_many("call_graph", src, {}, options)
