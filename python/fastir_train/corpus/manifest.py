"""Projects: where their sources come from, how they are built and tested, in which split."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from fastir_train.runtime.errors import FastirError

T = TypeVar("T")
Split = Literal["train", "valid", "test"]
Language = Literal["c", "c++", "rust"]
Registry = Literal["debian", "pypi", "crates", "local"]
"""``local`` is a folder of this machine, which no manifest names."""
_REGISTRIES = ("debian", "pypi", "crates")
SPLITS: tuple[Split, ...] = get_args(Split)
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Source:
    """A pinned archive of a package registry."""

    registry: Registry
    package: str
    version: str
    archive: str
    sha256: str


@dataclass(frozen=True)
class Project:
    """One project of the corpus, as its file in ``corpus/`` describes it."""

    name: str
    language: Language | Literal[""]
    """Empty for the user's own program, where it is not known."""
    licence: str
    split: Split
    source: Source
    directory: str
    """Folder inside the archive where commands run."""
    build: tuple[str, ...]
    """Shell commands; they obey CC, CXX, AR, RANLIB, CFLAGS, CXXFLAGS, LDFLAGS and JOBS."""
    outputs: tuple[str, ...]
    """Globs of the linked files that are measured; without any, all that the build left."""
    test: tuple[str, ...]
    """Shell commands that fail if what was built does not work."""
    workload: tuple[str, ...]
    """Shell commands, after the tests, in which ``$RUN`` precedes each program whose
    executed instructions are counted."""

    def release(self) -> str:
        """Names the project and its archive: what is kept of another archive is not this one's."""
        return f"{self.name}-{self.source.sha256[:8]}"


def local_project(
    folder: Path,
    name: str,
    build: str,
    outputs: tuple[str, ...],
    test: str,
    workload: tuple[str, ...] = (),
) -> Project:
    """The program in a folder, which a shell command builds and another, unless empty, tests.

    Parameters
    ----------
    workload
        Shell commands that use the program as it is used, as in a manifest.

    Raises
    ------
    FastirError
        If there is no such folder.
    """
    if not folder.is_dir():
        raise FastirError(f"there is no folder {folder}")
    source = Source("local", str(folder.resolve()), "", "", "")
    commands = (test,) if test else ()
    return Project(name, "", "", "test", source, ".", (build,), outputs, commands, workload)


def load_project(path: Path) -> Project:
    """Read one manifest.

    Raises
    ------
    FastirError
        If the file cannot be read, or lacks or misspells something.
    """
    return read_toml(path, "manifest", _project)


def read_toml(path: Path, what: str, make: Callable[[dict[str, Any]], T]) -> T:
    """What ``make`` makes of a TOML file, which is called ``what`` in errors.

    Raises
    ------
    FastirError
        If the file cannot be read, or lacks or misspells something.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise FastirError(f"cannot read {what} {path}: {error}") from None
    try:
        return make(data)
    except (KeyError, TypeError, ValueError) as error:
        raise FastirError(f"{what} {path}: {_reason(error)}") from None


def load_projects(directory: Path, splits: Iterable[Split] = SPLITS) -> list[Project]:
    """All projects of ``directory/*.toml`` in the given splits, by name."""
    wanted = set(splits)
    projects = [load_project(path) for path in sorted(directory.glob("*.toml"))]
    if not projects:
        raise FastirError(f"no manifests in {directory}; name the folder with --corpus")
    return [project for project in projects if project.split in wanted]


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _project(data: dict[str, Any]) -> Project:
    source = data["source"]
    return Project(
        name=data["name"],
        language=_one_of(data["language"], LANGUAGES),
        licence=data["licence"],
        split=_one_of(data["split"], SPLITS),
        source=Source(
            registry=_one_of(source["registry"], _REGISTRIES),
            package=source["package"],
            version=source["version"],
            archive=source["archive"],
            sha256=source["sha256"],
        ),
        directory=data["build"]["directory"],
        build=tuple(data["build"]["commands"]),
        outputs=tuple(data["build"]["outputs"]),
        test=tuple(data.get("test", {}).get("commands", ())),
        workload=tuple(data.get("workload", {}).get("commands", ())),
    )


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r} is not one of {', '.join(map(repr, allowed))}")
    return value
