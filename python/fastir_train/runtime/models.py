"""Which model file a command works with, and how it is named so that no two are mixed up."""

import hashlib
from pathlib import Path

from fastir_train.problem.inlining import INLINING, Place
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import default_model_path
from llvm_tools.engine import Level

SHORT = 12
"""So many digits of a SHA-256 are shown to people."""


def made_model(level: Level, place: Place = "compile") -> Path:
    """Where ``fastir train`` writes a level's model by default."""
    return Path("models") / INLINING.model_file(level, place)


def chosen_model(named: Path | None, level: Level, place: Place = "compile") -> Path:
    """The model that was named; else the one that ``fastir train`` makes here, or the installed.

    Raises
    ------
    FastirError
        If there is none.
    """
    if named is None:
        made = made_model(level, place)
        named = made if made.is_file() else default_model_path(level, place)
    if not named.is_file():
        raise FastirError(f"there is no model {named}")
    return named


def file_digest(path: Path) -> str:
    """SHA-256 of a file, of a model for one."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def described(path: Path) -> str:
    """A model's path and the beginning of its SHA-256."""
    return f"{path} (SHA-256 {file_digest(path)[:SHORT]})"


def compared_with_installed(path: Path, level: Level, place: Place = "compile") -> str:
    """A remark where the model is not the one that compilers use by default; else empty."""
    try:
        installed = default_model_path(level, place)
    except FastirError:
        return ""
    if file_digest(installed) == file_digest(path):
        return ""
    return f"compilers use another by default, {described(installed)}"
