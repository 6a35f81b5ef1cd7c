"""What a measurement depends on, as a hash: the same again is not measured again."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from fastir_train.build import Configuration
from fastir_train.programs import run_tool
from fastir_train.toolchain import default_model_path


def fingerprint(configurations: Iterable[Configuration], *others: object) -> str:
    """Of clang, options, the files and folders that options name, the shipped models, and others.

    Parameters
    ----------
    others
        Whatever else matters; goes by its ``repr``.
    """
    chosen = list(configurations)
    files = [path for configuration in chosen for path in _named_files(configuration)]
    files += [default_model_path(level) for level in ("Oz", "Os")]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    made_of = repr((chosen, contents, _clang_version(), others))
    return hashlib.sha256(made_of.encode()).hexdigest()[:16]


def _named_files(configuration: Configuration) -> Iterator[Path]:
    given = [*configuration.flags, *configuration.environment.values()]
    for part in (Path(part) for text in given for part in text.split("=") if "/" in part):
        if part.is_dir():
            yield from sorted(path for path in part.glob("*") if path.is_file())
        elif part.is_file():
            yield part


@cache
def _clang_version() -> str:
    return run_tool("clang", "--version")
