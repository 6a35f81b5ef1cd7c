"""Building a project from a fresh copy of its source, and running its own tests."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from fastir_train.corpus.fetch import fetch, unpack
from fastir_train.corpus.manifest import Project
from fastir_train.runtime import rustc
from fastir_train.runtime.callgrind import read_total
from fastir_train.runtime.compiler_caches import WITHOUT_CACHES
from fastir_train.runtime.errors import BuildError, FastirError
from fastir_train.runtime.supervised import run
from fastir_train.runtime.toolchain import driver_override, tool
from fastir_train.runtime.wasm import is_wasm

LINKER = "-fuse-ld=lld"
Lto = Literal["thin", "full"]
Panic = Literal["unwind", "abort"]
_PLACE_LENGTH = 20


@dataclass(frozen=True)
class Configuration:
    """How a project is compiled: compiler flags and what is added to the environment."""

    name: str
    flags: tuple[str, ...]
    environment: Mapping[str, str]
    lto: Lto | None = None
    """Which link-time optimisation lld does, or rustc (there, full is called fat)."""
    link_flags: tuple[str, ...] = ()
    """What clang is given besides where it links."""
    panic: Panic = "unwind"
    """What a panic does in Rust."""

    @property
    def has_plugin(self) -> bool:
        """Whether anything loads a plugin: clang, opt, lld or rustc."""
        given = [*self.flags, *self.link_flags, *self.environment.values()]
        loads = ("pass-plugin=", "llvm-plugins=")
        return any(option in text for text in given for option in loads)


@dataclass(frozen=True)
class Build:
    """A finished build."""

    project: Project
    place: Path
    """Everything of it, logs included."""
    root: Path
    """Where the commands ran."""
    outputs: tuple[Path, ...]
    seconds: float
    """User and system time of the build's processes."""


def build(project: Project, configuration: Configuration, work: Path, jobs: int) -> Build:
    """Build a project in ``work/builds/PROJECT/CONFIGURATION``, anew.

    The folder's name is filled up to a length that is the same for all: programs have the paths of
    their sources in them, and should differ by their code alone.

    Raises
    ------
    SourceUnavailableError
        If the source cannot be had.
    BuildError
        If a command fails or an output is missing.
    """
    archive = fetch(project.source, work / "sources")
    place = work / "builds" / project.name / f"{configuration.name:_<{_PLACE_LENGTH}}"
    shutil.rmtree(place, ignore_errors=True)
    unpack(archive, place)
    root = place / project.directory
    if not root.is_dir():
        found = ", ".join(sorted(path.name for path in place.iterdir()))
        raise BuildError(
            f"{project.name}: {archive.name} has no folder {project.directory}; it has {found}"
        )
    seconds = _run_all(project, project.build, root, configuration, jobs, place / "build.log")
    return Build(project, place, root, _outputs(project, root), seconds)


def discard(built: Build) -> None:
    """Remove everything of a build."""
    shutil.rmtree(built.place, ignore_errors=True)


def run_tests(result: Build, configuration: Configuration, jobs: int) -> float:
    """Run the project's own tests against a build; returns their seconds.

    Raises
    ------
    BuildError
        If a test fails.
    """
    start = time.monotonic()
    log = result.place / "test.log"
    _run_all(result.project, result.project.test, result.root, configuration, jobs, log)
    return time.monotonic() - start


def time_runs(result: Build, configuration: Configuration, jobs: int) -> float:
    """User and system seconds of the project's workload, or of its tests where it has none.

    Raises
    ------
    BuildError
        If a program fails.
    """
    project = result.project
    return run_plainly(result, project.workload or project.test, configuration, jobs)


def run_plainly(
    result: Build, commands: Sequence[str], configuration: Configuration, jobs: int
) -> float:
    """Run shell commands against a build, with nothing for ``$RUN``; returns their CPU seconds.

    Raises
    ------
    BuildError
        If one fails.
    """
    plain = replace(configuration, environment={**configuration.environment, "RUN": ""})
    log = result.place / "run.log"
    return _run_all(result.project, commands, result.root, plain, jobs, log)


def check_counter(projects: Sequence[Project]) -> None:
    """See that the projects' instructions can be counted, before anything is built for it.

    Raises
    ------
    FastirError
        If they cannot.
    """
    if any(project.workload for project in projects) and shutil.which("valgrind") is None:
        raise FastirError("instructions are to be counted, and valgrind is not installed")


def count_instructions(result: Build, configuration: Configuration, jobs: int) -> int | None:
    """Instructions that the project's workload executes, by valgrind's callgrind.

    Returns
    -------
    int or None
        The sum over all programs of the workload; None if the project has none.

    Raises
    ------
    BuildError
        If a program fails.
    """
    if not result.project.workload:
        return None
    reports = run_under_callgrind(result, result.project.workload, configuration, jobs)
    found = [read_total(report) for report in reports]
    if not found or None in found:
        log = result.place / "workload.log"
        raise BuildError(f"{result.project.name}: nothing was counted; see {log}")
    return sum(total for total in found if total)


def run_under_callgrind(
    result: Build,
    commands: Sequence[str],
    configuration: Configuration,
    jobs: int,
    options: Sequence[str] = (),
) -> list[Path]:
    """Run shell commands against a build, in which ``$RUN`` begins what is counted.

    Parameters
    ----------
    options
        Of callgrind, besides.

    Returns
    -------
    list of Path
        Callgrind's reports, one a process.

    Raises
    ------
    BuildError
        If a command fails.
    """
    counts = result.place / "callgrind"
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir()
    tool_options = ["--quiet", "--tool=callgrind", f"--callgrind-out-file={counts}/%p.out"]
    run = " ".join(["valgrind", *tool_options, *options])
    counted = replace(configuration, environment={**configuration.environment, "RUN": run})
    log = result.place / "workload.log"
    _run_all(result.project, commands, result.root, counted, jobs, log)
    return sorted(counts.glob("*.out"))


def _environment(project: Project, configuration: Configuration, jobs: int) -> dict[str, str]:
    lto = [f"-flto={configuration.lto}"] if configuration.lto else []
    flags = " ".join([*configuration.flags, *lto])
    # What the caller has set for builds of his own must not get into ours.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FASTIR_") and name != "CCC_OVERRIDE_OPTIONS"
    }
    # Without flags to add, a local build keeps those of the caller's environment.
    named = {"CFLAGS": flags, "CXXFLAGS": flags} if flags else {}
    return {
        **kept,
        **WITHOUT_CACHES,
        "CC": tool("clang"),
        "CXX": tool("clang++"),
        "AR": tool("llvm-ar"),
        "RANLIB": tool("llvm-ranlib"),
        **named,
        "LDFLAGS": " ".join([LINKER, *lto, *configuration.link_flags]),
        "JOBS": str(jobs),
        **configuration.environment,
        **(_cargo_environment(configuration) if project.language == "rust" else {}),
        **(_local_environment(configuration, lto) if project.source.registry == "local" else {}),
    }


def _local_environment(configuration: Configuration, lto: Sequence[str]) -> dict[str, str]:
    """Flags for a build that we do not know: clang's, which it may not obey, and rustc's."""
    cargo = {"CARGO_PROFILE_RELEASE_LTO": _CARGO_LTO[configuration.lto]} if lto else {}
    in_rust = []
    for flag in configuration.flags:
        if flag.startswith("-O"):
            # In RUSTFLAGS it would be the level of build scripts and macros as well.
            cargo["CARGO_PROFILE_RELEASE_OPT_LEVEL"] = flag.removeprefix("-O")
        elif (word := _in_rust(flag)) is not None:
            in_rust.append(word)
    return {**_driver_environment(configuration, lto), **rustc.environment(in_rust), **cargo}


def _driver_environment(configuration: Configuration, lto: Sequence[str]) -> dict[str, str]:
    """Flags that clang's driver itself adds: a build that we do not know may obey none."""
    added = [*configuration.flags, *lto]
    if lto:
        # Where it does not link, it has no use for the linker's.
        quiet = "-Wno-unused-command-line-argument"
        added += [LINKER, *configuration.link_flags, quiet]
    return {"CCC_OVERRIDE_OPTIONS": driver_override(added)}


_CARGO_LTO: Mapping[Lto | None, str] = {None: "off", "thin": "thin", "full": "fat"}


def _cargo_environment(configuration: Configuration) -> dict[str, str]:
    """What lets stable rustc load a plugin that sees each crate as cargo compiles it."""
    return {
        "RUSTC_BOOTSTRAP": "1",
        "CARGO_PROFILE_RELEASE_LTO": _CARGO_LTO[configuration.lto],
        "CARGO_PROFILE_RELEASE_PANIC": configuration.panic,
        "RUSTFLAGS": " ".join(_rust_flags(configuration)),
    }


def _rust_flags(configuration: Configuration) -> list[str]:
    """Clang's flags in the words of rustc, and what the configuration adds to them."""
    found = [f"-Clinker={tool('clang')}", f"-Clink-arg={LINKER}"]
    for flag in configuration.flags:
        word = _in_rust(flag)
        if word is None:
            raise BuildError(f"rustc has no flag like '{flag}'")
        found.append(word)
    return [*found, configuration.environment.get("RUSTFLAGS", "")]


def _in_rust(flag: str) -> str | None:
    """What rustc calls a flag of clang's; None if it has none like it."""
    words = {
        "-O": "-Copt-level=",
        "-fpass-plugin=": "-Zllvm-plugins=",
        "-mllvm=": "-Cllvm-args=",
    }
    for prefix, word in words.items():
        if flag.startswith(prefix):
            return word + flag.removeprefix(prefix)
    return None


def _run_all(
    project: Project,
    commands: Sequence[str],
    root: Path,
    configuration: Configuration,
    jobs: int,
    log: Path,
) -> float:
    """Run the commands one after another; returns the user and system seconds of all."""
    environment = _environment(project, configuration, jobs)
    seconds = 0.0
    with log.open("w", encoding="utf-8") as stream:
        for command in commands:
            print(f"$ {command}", file=stream, flush=True)
            ended = run(
                ["sh", "-e", "-c", command],
                cwd=root,
                environment=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
            if ended.status:
                first = command.strip().splitlines()[0]
                raise BuildError(
                    f"{project.name} ({configuration.name}): '{first}' failed; see {log}"
                )
            seconds += ended.seconds
    return seconds


def _outputs(project: Project, root: Path) -> tuple[Path, ...]:
    found = {
        path
        for pattern in project.outputs or ("**/*",)
        for path in root.glob(pattern)
        if path.is_file()
        and not path.is_symlink()
        and (project.outputs or (_is_linked(path) and not _is_cargos_own(path)))
    }
    if not found:
        wanted = ", ".join(project.outputs) or "programs or shared libraries"
        raise BuildError(f"{project.name}: the build left none of {wanted}")
    return tuple(sorted(found))


def _is_cargos_own(path: Path) -> bool:
    """Whether a file is one that cargo links on its way: a build script, a macro, a second name."""
    return any(
        folder.name in ("build", "deps") and (folder.parent / ".cargo-lock").is_file()
        for folder in path.parents
    )


def _is_linked(path: Path) -> bool:
    """Whether a file is an executable or shared library."""
    if is_wasm(path):  # an object begins likewise, and is not executable
        return os.access(path, os.X_OK)
    with path.open("rb") as stream:
        head = stream.read(18)
    return head[:4] == b"\x7fELF" and int.from_bytes(head[16:18], "little") in (2, 3)
