"""Making a table of one module or of many, in worker processes."""

from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple, TypedDict

import polars as pl
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from llvm_tools import _native
from llvm_tools.errors import BY_KIND, EngineError, SourceError, UsageError, make_error
from llvm_tools.sources import Source, Sources, name_all, name_one
from llvm_tools.worker import WORKER, absolute


class Batch(NamedTuple):
    """What came of many modules."""

    frame: pl.DataFrame
    """The table: the rows of all modules, in their order."""
    errors: pl.DataFrame
    """A row for each module of which there is no table: ``item`` (its number), ``module``,
    ``error`` (name of the exception that it would have been alone), ``message``."""
    timings: pl.DataFrame
    """A row a module: ``module``, ``bytes``, then seconds: ``read`` (the file), ``parse``,
    ``verify``, ``work`` (the table), ``encode`` (as Arrow); ``peak_bytes``, the largest resident
    memory of the worker until then. Of a module that failed, seconds may be 0."""


class RunOptions(TypedDict, total=False):
    """How the work is done; every function of llvm_tools that takes sources takes these."""

    workers: int
    """How many processes; by default one a core."""
    timeout: float
    """Seconds that one module may take; by default 600."""
    progress: bool | Callable[[int, int], object]
    """Whether to show a progress bar, or what to tell now and then how many modules are done of
    how many."""
    verify: bool
    """Whether LLVM's verifier sees bitcode before features are counted. It takes nearly as long
    as reading it, so that counting tables trust bitcode, whose reader has checks of its own.
    Textual IR is always verified, and so is what passes, code generation or `inlining_features`
    are to work on."""
    name: str
    """What rows and errors call the module; for one source that is no file."""


class Settings(TypedDict, total=False):
    """What some tables need to know beside the module."""

    passes: str
    level: str
    policy: str
    model: str
    onnxruntime: str


def one_or_many(
    table: str, src: Source | Sources, settings: Settings, options: RunOptions
) -> pl.DataFrame | Batch:
    """The table of one module, or the batch of many.

    Raises
    ------
    LlvmToolsError
        If there is one module and no table of it.
    """
    if isinstance(src, bytes | str | PathLike):
        name = options.get("name") or name_one(src)
        batch = run(table, {name: src}, settings, options)
        for _, kind, message in batch.errors:
            raise make_error(kind, name, message)
        return pl.DataFrame(batch.table)
    return _many(table, src, settings, options)


def _many(table: str, sources: Sources, settings: Settings, options: RunOptions) -> Batch:
    if "name" in options:
        raise UsageError("'name' is for one module; give many as a mapping of names to sources")
    named = name_all(sources)
    present = {name: source for name, source in named.items() if source is not None}
    batch = run(table, present, settings, options)
    names = list(present)
    errors = [
        (names[item], BY_KIND[kind].__name__, message) for item, kind, message in batch.errors
    ]
    errors += [(name, "SourceError", "null") for name in named.keys() - present.keys()]
    return Batch(pl.DataFrame(batch.table), _errors(named, errors), _timings(names, batch.stats))


def _errors(named: dict[str, Source | None], errors: list[tuple[str, str, str]]) -> pl.DataFrame:
    item = {name: number for number, name in enumerate(named)}
    rows = sorted((item[module], module, error, message) for module, error, message in errors)
    schema = {"item": pl.Int64, "module": pl.String, "error": pl.String, "message": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _timings(names: list[str], stats: list[tuple[int, ...]]) -> pl.DataFrame:
    seconds = ["read", "parse", "verify", "work", "encode"]
    columns = ["bytes", *seconds, "peak_bytes"]
    frame = pl.DataFrame(stats, schema=[(name, pl.Int64) for name in columns], orient="row")
    return frame.select(
        pl.Series("module", names, dtype=pl.String),
        "bytes",
        *(pl.col(name) / 1e9 for name in seconds),
        "peak_bytes",
    )


def run(
    table: str, sources: dict[str, Source], settings: Settings, options: RunOptions
) -> _native.Batch:
    """The native half's table of the sources.

    Raises
    ------
    UsageError
        If an option is unknown or makes no sense.
    EngineError
        If no worker can be started.
    """
    _check(options)
    with ExitStack() as stack:
        try:
            return _native.run(
                table,
                list(sources),
                [_located(source) for source in sources.values()],
                worker=WORKER,
                passes=settings.get("passes", ""),
                level=settings.get("level", ""),
                policy=settings.get("policy", "llvm"),
                model=absolute(settings.get("model", "")),
                onnxruntime=absolute(settings.get("onnxruntime", "")),
                verify=options.get("verify", False),
                workers=options.get("workers"),
                timeout=options.get("timeout", 600.0),
                progress=_reporter(table, len(sources), options, stack),
            )
        except _native.EngineError as error:
            raise EngineError(str(error)) from None


def _check(options: RunOptions) -> None:
    unknown = options.keys() - RunOptions.__annotations__.keys()
    if unknown:
        known = ", ".join(RunOptions.__annotations__)
        raise UsageError(f"unknown option '{min(unknown)}'; there are {known}")
    workers = options.get("workers")
    if workers is not None and workers < 1:
        raise UsageError(f"workers={workers}: at least 1 is needed")
    timeout = options.get("timeout", 1.0)
    if not 0 < timeout < inf:
        raise UsageError(f"timeout={timeout}: it is a number of seconds above 0")


# What these name depends on the process: a worker would open its own.
_OWN_FILES = ("/dev/stdin", "/dev/fd/", "/proc/self/")


def _located(source: Source) -> bytes | str:
    """What a worker, which has been started in another folder, can find."""
    if isinstance(source, bytes):
        return source
    path = absolute(fspath(source))
    if not path.startswith(_OWN_FILES):
        return path
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", path) from None


def _reporter(
    table: str, total: int, options: RunOptions, stack: ExitStack
) -> Callable[[int], object] | None:
    progress = options.get("progress", False)
    if callable(progress):
        return lambda done: progress(done, total)
    if not progress:
        return None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = stack.enter_context(Progress(*columns, TimeRemainingColumn(), transient=True))
    task = bar.add_task(table, total=total)
    return lambda done: bar.update(task, completed=done)
