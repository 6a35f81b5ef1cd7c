"""What a measurement depends on, as a hash: the same again is not measured again."""

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fastir_train.corpus.build import Configuration
from fastir_train.corpus.manifest import Project
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.programs import run_tool
from fastir_train.runtime.toolchain import default_model_paths


def fingerprint(configurations: Iterable[Configuration], project: Project, *others: object) -> str:
    """Of a project, its compilers, options, and the files and folders that options name.

    The shipped models are part of it where a configuration has the plugin, rustc's version where
    the project is written in Rust.

    Parameters
    ----------
    others
        Whatever else matters: its ``repr`` is part of it.
    """
    chosen = list(configurations)
    files = [path for configuration in chosen for path in _named_files(configuration)]
    if any(configuration.has_plugin for configuration in chosen):
        files += default_model_paths()
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    compilers = [_clang_version()]
    if project.language == "rust":
        compilers.append(_rustc_version())
    made_of = repr((chosen, contents, compilers, project, others))
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]


def _named_files(configuration: Configuration) -> Iterator[Path]:
    given = [
        *configuration.flags,
        *configuration.link_flags,
        *configuration.environment.values(),
    ]
    for part in (Path(part) for text in given for part in text.split("=") if "/" in part):
        if part.is_dir():
            yield from sorted(path for path in part.glob("*") if path.is_file())
        elif part.is_file():
            yield part


@cache
def _clang_version() -> str:
    return run_tool("clang", "--version")


@cache
def _rustc_version() -> str:
    """With its LLVM's; that of cargo, too, which decides what rustc is given."""
    found = []
    for name in ("rustc", "cargo"):
        try:
            command = [name, "-vV"]
            found.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        except (OSError, subprocess.CalledProcessError) as error:
            raise FastirError(f"{name} -vV: {error}") from None
    return "".join(found)
