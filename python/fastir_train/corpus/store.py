"""Building the corpus: every project's modules as they are before optimisation."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from fastir_train.corpus import build as builds
from fastir_train.corpus import collect
from fastir_train.corpus.manifest import Project
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import BuildError, FastirError, SourceUnavailableError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import link_flags
from llvm_tools.engine import Phase

LEVEL = INLINING.default_level
_LTO: Mapping[Phase, builds.Lto | None] = {
    "compile": None,
    "thin-link": "thin",
    "full-link": "full",
}
_COLLECTED: Mapping[Phase, Phase] = {"thin-pre-link": "compile", "full-pre-link": "compile"}
"""A compile before a link begins with what a compile without LTO begins with."""
# Small row groups let `llvm_tools.stream` read a shard piece by piece.
ROW_GROUP = 64


def build_corpus(
    projects: Sequence[Project],
    work: Path,
    jobs: int,
    console: Console,
    phase: Phase = "compile",
) -> None:
    """Collect the modules of all projects into ``work/corpus``, one Parquet file for each.

    Its columns are those of `collect.SCHEMA` but for ``directory`` and ``phase``, and ``project``
    and ``language``. In phases at the link, projects are built with LTO, and their modules are what
    the linker's back ends compile.

    What is there already is kept, so that an interrupted run goes on where it stopped. A project
    whose source or build fails is reported, and the rest goes on.
    """
    phase = _COLLECTED.get(phase, phase)
    for number, project in enumerate(projects, start=1):
        path = _path(work, project, phase)
        if not path.is_file():
            try:
                modules = _collect_project(project, work, jobs, phase)
            except (SourceUnavailableError, BuildError) as error:
                console.say(f"left out: {error}")
                continue
            with replacing(path) as temporary:
                modules.write_parquet(temporary, row_group_size=ROW_GROUP)
            console.say(f"{project.name}: {modules.height} modules")
        console.step("corpus", number, len(projects))


def _path(work: Path, project: Project, phase: Phase) -> Path:
    return phase_folder(work / "corpus", phase) / f"{project.release()}.parquet"


def phase_folder(folder: Path, phase: Phase) -> Path:
    """Where in a folder the files of a phase are: those of compiles lie in the folder itself."""
    return folder if phase == "compile" else folder / phase


def load_modules(
    work: Path, projects: Sequence[Project], phase: Phase = "compile"
) -> Iterator[pl.DataFrame]:
    """The collected modules of each of the given projects that has any, one after another."""
    for project in projects:
        path = _path(work, project, _COLLECTED.get(phase, phase))
        if path.is_file():
            yield pl.read_parquet(path).sort("module")


def load_corpus(work: Path, projects: Sequence[Project], phase: Phase = "compile") -> pl.DataFrame:
    """The collected modules of the given projects, sorted by project and module.

    Raises
    ------
    FastirError
        If there are none yet.
    """
    frames = list(load_modules(work, projects, phase))
    if not frames:
        raise FastirError(f"no corpus in {work}; 'fastir corpus' makes it")
    return pl.concat(frames).sort("project", "module")


def _collect_project(project: Project, work: Path, jobs: int, phase: Phase) -> pl.DataFrame:
    directory = work / "collected" / project.name
    shutil.rmtree(directory, ignore_errors=True)
    lto = _LTO[phase]
    configuration = builds.Configuration(
        name="collect" if lto is None else f"collect-{lto}",
        flags=(f"-{LEVEL}",),
        environment=collect.environment(directory),
        lto=lto,
        link_flags=link_flags() if lto else (),
        panic="abort" if lto else "unwind",
    )
    result = builds.build(project, configuration, work, jobs)
    modules = collect.read_collected(directory)
    builds.discard(result)
    shutil.rmtree(directory, ignore_errors=True)
    modules = modules.filter(phase=phase).drop("phase", "directory")
    if lto is None:
        modules = modules.filter(level=LEVEL)
    if modules.is_empty():
        raise BuildError(f"{project.name}: its build compiled nothing with our clang at -{LEVEL}")
    # The same unit may be built twice, for a static and a shared library, and linked often. What
    # full LTO merges is all called the same.
    known_by = "content" if phase == "full-link" else "source"
    return modules.unique(known_by, keep="first", maintain_order=True).with_columns(
        project=pl.lit(project.name), language=pl.lit(project.language)
    )
