"""What `fastir bench` measures: projects, configurations, and what of them, from a TOML file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from fastir_train.corpus.build import Configuration, Lto, Panic
from fastir_train.corpus.manifest import SPLITS, Project, read_toml
from fastir_train.corpus.targets import Target
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import flags, link_flags

OPTIONS = ("policy", "model", "runtime", "onnxruntime", "replay")
"""Of the plugin, as a suite may name them: ``policy`` is ``FASTIR_POLICY``."""


_PLACES = ("compile", "link", "both")
"""Where the plugin is in a build with LTO; rustc has it in both wherever it is."""

_OF_CONFIGURATION = {"name", "flags", "plugin", "baseline", "lto", "panic"}
_KEYS = {
    *("name", "split", "projects", "runs", "run_times", "instructions", "decisions"),
    "configuration",
}


@dataclass(frozen=True)
class Suite:
    """A benchmark."""

    name: str
    projects: tuple[Project, ...]
    configurations: tuple[Configuration, ...]
    baselines: Mapping[str, str]
    """By configuration, the one that it is compared with; some have none."""
    runs: int
    """Builds of each, interleaved, whose time is compared; 1 compares sizes alone."""
    run_times: int
    """Runs of each one's workload or tests, interleaved, whose time is compared."""
    instructions: bool
    """Whether the projects' workloads are counted."""
    decisions: bool
    """Whether the plugin's decisions are counted, in a build of their own."""


def suite_path(name: str) -> Path:
    """The file that ``name`` means: itself, or a suite that comes with Fastir.

    Raises
    ------
    FastirError
        If there is neither.
    """
    path = Path(name)
    if path.suffix == ".toml":
        return path
    folder = resources.files("fastir_train.benchmark") / "suites"
    shipped = {Path(str(entry)).stem: Path(str(entry)) for entry in folder.iterdir()}
    if name not in shipped:
        known = ", ".join(sorted(shipped))
        raise FastirError(f"no suite '{name}'; there are {known}, or name a .toml file")
    return shipped[name]


def load_suite(path: Path, projects: Sequence[Project] | None) -> Suite:
    """Read a suite.

    Parameters
    ----------
    projects
        Those that it may choose from; None for a suite of none, whatever it names.

    Raises
    ------
    FastirError
        If the file cannot be read, or lacks or misspells something.
    """
    return read_toml(path, "suite", lambda data: _suite(data, path, projects))


def for_target(suite: Suite, target: Target) -> Suite:
    """The suite on another machine: without Rust, whose library is there for this one alone.

    An emulator's instructions and time are not the machine's: neither is counted.
    """
    return replace(
        suite,
        name=f"{suite.name}-{target.triple}",
        projects=tuple(project for project in suite.projects if project.language != "rust"),
        configurations=tuple(map(target.configured, suite.configurations)),
        run_times=0,
        instructions=False,
    )


def _suite(data: dict[str, Any], path: Path, projects: Sequence[Project] | None) -> Suite:
    _only(data, _KEYS, "the suite")
    _check_name(data["name"], "a suite")
    entries = data["configuration"]
    configurations = tuple(_configuration(entry, path.parent) for entry in entries)
    names = [configuration.name for configuration in configurations]
    if len(set(names)) < len(names):
        raise ValueError("two configurations have the same name")
    baselines = {entry["name"]: entry["baseline"] for entry in entries if "baseline" in entry}
    for name, baseline in baselines.items():
        if baseline not in names:
            raise ValueError(f"the baseline '{baseline}' of '{name}' is unknown")
    return Suite(
        name=data["name"],
        projects=() if projects is None else _chosen(data, projects),
        configurations=configurations,
        baselines=baselines,
        runs=int(data.get("runs", 1)),
        run_times=int(data.get("run_times", 0)),
        instructions=bool(data.get("instructions", False)),
        decisions=bool(data.get("decisions", False)),
    )


def _chosen(data: dict[str, Any], projects: Sequence[Project]) -> tuple[Project, ...]:
    if "split" in data:
        if data["split"] not in SPLITS:
            raise ValueError(f"'{data['split']}' is not one of {', '.join(SPLITS)}")
        return tuple(project for project in projects if project.split == data["split"])
    known = {project.name: project for project in projects}
    if unknown := [name for name in data["projects"] if name not in known]:
        raise ValueError(f"no manifest names {', '.join(unknown)}")
    return tuple(known[name] for name in data["projects"])


def _configuration(entry: dict[str, Any], folder: Path) -> Configuration:
    _only(entry, _OF_CONFIGURATION, "a configuration")
    _check_name(entry["name"], "a configuration")
    given = tuple(entry["flags"])
    if any(flag.startswith("-flto") for flag in given):
        raise ValueError('the flag -flto is written lto = "thin" or lto = "full"')
    lto = _one_of(entry, "lto", get_args(Lto))
    made = Configuration(
        entry["name"],
        given,
        {},
        lto=lto,
        panic=_one_of(entry, "panic", get_args(Panic)) or "unwind",
    )
    options = entry.get("plugin")
    if options is None:
        return made
    _only(options, {*OPTIONS, "at"}, "the plugin's table")
    place = _one_of(options, "at", _PLACES) or "both"
    if place == "link" and lto is None:
        raise ValueError('the plugin is at the link where lto = "thin" or lto = "full" alone')
    at_link = lto is not None and place != "compile"
    return replace(
        made,
        flags=given if place == "link" else (*given, *flags("clang")),
        link_flags=link_flags() if at_link else (),
        environment={
            f"FASTIR_{key.upper()}": _value(key, options[key], folder)
            for key in options
            if key != "at"
        },
    )


def _one_of(table: Mapping[str, Any], key: str, known: Sequence[str]) -> Any:
    """One of the values that a key may have; None where it is left out."""
    if key in table and table[key] not in known:
        raise ValueError(f"{key} = '{table[key]}' is none of {', '.join(known)}")
    return table.get(key)


def _value(key: str, text: str, folder: Path) -> str:
    """Paths are relative to the suite's own place."""
    return text if key == "policy" else str((folder / text).resolve())


def _check_name(name: str, what: str) -> None:
    """Names become folders."""
    if not re.fullmatch(r"[\w.+-]+", name):
        raise ValueError(f"'{name}' is no name for {what}: letters, digits, _.+-")


def _only(table: Mapping[str, Any], known: set[str], what: str) -> None:
    if unknown := sorted(set(table) - known):
        raise ValueError(f"{what} has no '{unknown[0]}'; it has {', '.join(sorted(known))}")
