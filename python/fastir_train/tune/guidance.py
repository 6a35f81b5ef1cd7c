"""What LLVM's profile-guided inliner decides, and how often each call runs.

An instrumented build runs the workload; the modules of the plain build are then compiled with the
profile. Their calls are those of the plain compile, as LLVM's own inlining before instrumentation
is left out in both.
"""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fastir_train.corpus.build import Configuration, build, discard, run_plainly, run_tests
from fastir_train.corpus.manifest import Project
from fastir_train.label.decision_log import call_sites, read_log
from fastir_train.label.replay import Site, sites_of
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.programs import first_line, run_tool
from fastir_train.runtime.toolchain import flags, tool
from fastir_train.tune.profile import ModuleKey
from fastir_train.tune.program import Found
from llvm_tools.engine import Level

_PLAIN_CALLS = "-disable-preinline"


@dataclass(frozen=True)
class Guided:
    """What a profile says of one call."""

    count: int
    """How often it ran."""
    inlines: bool
    """Whether LLVM inlines it, as it knows that."""


def record_profile(
    project: Project, commands: Sequence[str], level: Level, work: Path, jobs: int, path: Path
) -> None:
    """Build a program with LLVM's instrumentation, run its workload, and write the profile.

    Raises
    ------
    FastirError
        If it cannot be built or run, or nothing that is instrumented runs.
    """
    with tempfile.TemporaryDirectory(dir=work) as raw:
        instrument = f"-fprofile-generate={raw}"
        configuration = Configuration(
            "instrumented",
            (f"-{level}", instrument, f"-mllvm={_PLAIN_CALLS}"),
            {},
            link_flags=(instrument,),
        )
        built = build(project, configuration, work, jobs)
        run_tests(built, configuration, jobs)
        # Tests may make what the workload needs; what they execute is not asked for.
        for written in _raw_profiles(Path(raw)):
            written.unlink()
        run_plainly(built, commands, configuration, jobs)
        written = _raw_profiles(Path(raw))
        if not written:
            raise FastirError("the workload runs nothing that the build compiled")
        run_tool("llvm-profdata", "merge", "-o", str(path), *map(str, written))
        discard(built)


def _raw_profiles(folder: Path) -> list[Path]:
    """The files that instrumented programs wrote."""
    return sorted(folder.glob("*.profraw"))


def guide(
    modules: Sequence[Found], level: Level, profile: Path, jobs: int
) -> dict[ModuleKey, dict[Site, Guided]]:
    """What each module's compile with the profile decides.

    Raises
    ------
    FastirError
        If one cannot be compiled.
    """
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:

        def one(numbered: tuple[int, Found]) -> Mapping[Site, Guided]:
            number, found = numbered
            return _guided(found, level, profile, Path(folder) / f"{number}")

        guided = pool.map(one, enumerate(modules))
        return {found.key: dict(each) for found, each in zip(modules, guided, strict=True)}


def _guided(found: Found, level: Level, profile: Path, path: Path) -> Mapping[Site, Guided]:
    log = path.with_suffix(".fastirlog")
    path.write_bytes(found.content)
    options = ["-fastir-policy=llvm", f"-fastir-log={log}"]
    command = [
        tool("opt"),
        *flags("opt", extra=options),
        f"-passes=default<{level}>",
        "-pgo-kind=pgo-instr-use-pipeline",
        f"-profile-file={profile}",
        _PLAIN_CALLS,
        "-disable-output",
        str(path),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        why = first_line(ran.stderr, "opt failed")
        raise FastirError(f"{found.key[0]} cannot be compiled with its profile: {why}")
    if not log.is_file():
        return {}
    decisions = read_log(log)
    sites = sites_of(call_sites(decisions))
    inlined = decisions["inlining_decision"] != 0
    counts = decisions["profile_count"]
    return {
        site: Guided(count, inlines)
        for site, count, inlines in zip(sites, counts, inlined, strict=True)
    }
