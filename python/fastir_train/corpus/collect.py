"""Keeping the bitcode that a build compiles, and reading it back as a corpus."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from fastir_train.runtime import rustc
from fastir_train.runtime.compiler_caches import WITHOUT_CACHES
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.supervised import run
from fastir_train.runtime.toolchain import driver_override, flags, tool

SCHEMA = {
    "module": pl.String,
    "source": pl.String,
    "directory": pl.String,
    "level": pl.String,
    "target": pl.String,
    "phase": pl.String,
    "content": pl.Binary,
}
"""Columns of a collected module: its name (source and hash of its content), the source file as
the compiler was given it, the folder where the compiler ran, the level of the pipeline (``O0`` to
``Oz``; lld's is ``O2``), the target triple, the phase of the build (``compile``; at the link
``thin-link`` or ``full-link``), the bitcode."""

# Programs that configure scripts compile to find out what the compiler can do.
_PROBES = re.compile(
    r"conftest|CMakeScratch|CMakeTmp|Compiler(Id|ABI)|sanitycheck|testCCompiler|^/dev/"
)


def environment(directory: Path) -> dict[str, str]:
    """What to add to a build's environment so that stock clang and rustc keep their modules.

    Clang's driver itself adds the plugin to every compile, whatever the build system passes;
    cargo adds it for what is not a build script or a macro if the build names a target.
    """
    return {
        **WITHOUT_CACHES,
        **rustc.environment(flags("rustc")),
        "FASTIR_COLLECT": str(directory.resolve()),
        "FASTIR_POLICY": "llvm",
        "CCC_OVERRIDE_OPTIONS": driver_override(flags("clang")),
    }


def collect(directory: Path, command: Sequence[str]) -> int:
    """Run a build with collection on; returns how many modules ``directory`` now holds.

    CC and CXX are set to clang where the caller has not set them.

    Raises
    ------
    FastirError
        If the build fails or nothing was collected.
    """
    defaults: Mapping[str, str] = {"CC": tool("clang"), "CXX": tool("clang++")}
    added = environment(directory)
    try:
        status = run(command, environment={**defaults, **os.environ, **added}).status
    except OSError as error:
        raise FastirError(f"cannot run '{command[0]}': {error.strerror}") from None
    if status:
        raise FastirError(f"'{' '.join(command)}' failed with exit status {status}")
    count = len(list(_descriptions(directory)))
    if not count:
        raise FastirError(
            f"nothing was collected: '{' '.join(command)}' compiled nothing with {tool('clang')}"
        )
    return count


def read_collected(directory: Path) -> pl.DataFrame:
    """The modules collected in ``directory``, sorted by name, with the columns of `SCHEMA`."""
    rows = [
        {"module": path.stem, **facts, "content": path.with_suffix(".bc").read_bytes()}
        for path, facts in _descriptions(directory)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _descriptions(directory: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """What was collected, apart from probes: each module's file of facts, and the facts."""
    for path in sorted(directory.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        if not _PROBES.search(facts["source"]):
            yield path, facts
