"""What the plugin costs a compile, in executed instructions; ``make bench-compile``.

Clang's instructions are counted by callgrind as it compiles a program of two lines, generated
programs of several shapes and sizes, and ten modules in C and ten in C++ of the valid split, three
times each: stock, with the plugin and LLVM's own policy, and with the shipped model. The model's
counts include what follows from its decisions: more or less code to compile. What deciding itself
takes, and loading the plugin, is in a column of its own, less what LLVM's own decisions take. Peak
memory is that of a run without callgrind. Counts are kept: an interrupted benchmark goes on, and
only what has changed is counted again.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import compile_shapes
import numpy as np
from relevel import relevel
from rich.console import Console as RichConsole
from rich.table import Table

from fastir_train.benchmark.statistics import geomean
from fastir_train.corpus.manifest import load_projects
from fastir_train.corpus.store import build_corpus, load_corpus
from fastir_train.problem.inlining import INLINING
from fastir_train.runtime.callgrind import read_inclusive, read_total
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import default_model_path, flags, plugin_path, tool
from llvm_tools.engine import Level

PROJECTS = (
    *("lua", "lz4", "jansson", "cmark", "nettle"),
    *("muparser", "cadical", "jsoncpp", "re2", "ninja"),
)
"""Of the valid split, and small to build; two modules of each are compiled."""
LARGEST = 1_000_000
"""Modules of more bytes take too long."""


@dataclass(frozen=True)
class Subject:
    """One file to compile."""

    name: str
    size: int | None
    """Of a generated program; None for a module of the corpus."""
    suffix: str
    content: bytes


_TWO_LINES = b"""static int add(int a, int b) { return a + b; }
int f(int a) { return add(a, 1) + add(a, 2); }
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--level", choices=INLINING.levels, default="Oz")
    parser.add_argument("--sizes", type=int, nargs="*", default=[500, 2000])
    parser.add_argument("--shapes", nargs="*", choices=list(compile_shapes.SHAPES))
    parser.add_argument("--no-files", action="store_true", help="generated shapes alone")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("bench-compile: instructions are to be counted: install valgrind")
    kept = options.work / "bench-compile.json"
    subjects = [Subject("two lines", None, ".c", _TWO_LINES)]
    subjects += _generated(options.shapes or list(compile_shapes.SHAPES), options.sizes)
    with Console() as console:
        if not options.no_files:
            subjects += _files(options, console)
        count = Counter(options.level, options.jobs, kept, console)
        _show(subjects, count.all(subjects), options.level)


def _generated(shapes: list[str], sizes: list[int]) -> Iterator[Subject]:
    for shape in shapes:
        suffix, write = compile_shapes.SHAPES[shape]
        for size in sizes:
            yield Subject(shape, size, suffix, "\n".join(write(size)).encode())


def _files(options: argparse.Namespace, console: Console) -> Iterator[Subject]:
    """The largest modules of some projects that can be counted in reasonable time."""
    projects = [one for one in load_projects(options.corpus) if one.name in PROJECTS]
    build_corpus(projects, options.work, options.jobs, console)
    for project in projects:
        modules = load_corpus(options.work, [project]).iter_rows(named=True)
        fitting = [row for row in modules if len(row["content"]) <= LARGEST]
        for row in sorted(fitting, key=lambda row: (len(row["content"]), row["module"]))[-2:]:
            name = row["module"].rsplit("-", 1)[0]
            yield Subject(f"{project.name}: {name}", None, ".bc", row["content"])


CONFIGURATIONS = ("stock", "llvm", "model")


DECIDING = (
    "llvm::InlineAdvisor::getAdvice(",
    "fastir::LeanInlineAdvisor::onPassEntry(",
    "fastir::InlineSession::recordInlining(",
    "fastir::(anonymous namespace)::createAdvisor(",
    "llvm::PassPlugin::Load(",
)
"""The functions in which the plugin's work is done; the first is stock clang's, too."""
_IN_EACH_COMPILE = DECIDING[-2:]
"""Where none of its calls is decided on, either."""
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A process inherits the peak of the one that starts it: this one is small."""


@dataclass(frozen=True)
class Cost:
    """What one compile took."""

    instructions: int
    deciding: int
    """Of these, in the functions `DECIDING`."""
    peak: int
    """Resident memory, KiB."""


@dataclass(frozen=True)
class Counter:
    """Counts compiles, and keeps the counts in a file."""

    level: Level
    jobs: int
    kept: Path
    console: Console

    def all(self, subjects: list[Subject]) -> dict[tuple[Subject, str], Cost]:
        """The cost of each subject in each configuration."""
        known = json.loads(self.kept.read_text()) if self.kept.is_file() else {}
        version = subprocess.run(
            [tool("clang"), "--version"], check=True, capture_output=True, text=True
        ).stdout
        wanted = [(subject, name) for subject in subjects for name in CONFIGURATIONS]
        keys = {one: self._key(*one, version) for one in wanted}
        missing = [one for one in wanted if keys[one] not in known]
        with ThreadPoolExecutor(self.jobs) as pool:
            found = pool.map(lambda one: self._count(*one), missing)
            for number, (one, cost) in enumerate(zip(missing, found, strict=True), start=1):
                known[keys[one]] = [cost.instructions, cost.deciding, cost.peak]
                with replacing(self.kept) as temporary:
                    temporary.write_text(json.dumps(known), encoding="utf-8")
                self.console.step("compiles", number, len(missing))
        return {one: Cost(*known[keys[one]]) for one in wanted}

    def _command(self, configuration: str) -> list[str]:
        command = [tool("clang"), f"-{self.level}", "-w"]
        match configuration:
            case "stock":
                return command
            case "llvm":
                return [*command, *flags("clang", extra=["-fastir-policy=llvm"])]
            case _:
                return [*command, *flags("clang")]

    def _key(self, subject: Subject, configuration: str, version: str) -> str:
        how = ("callgrind", version, configuration, self.level)
        parts = [subject.content, *(one.encode() for one in how)]
        if configuration != "stock":
            parts.append(plugin_path().read_bytes())
        if configuration == "model":
            parts.append(default_model_path(self.level).read_bytes())
        digests = [hashlib.sha256(part).digest() for part in parts]
        return hashlib.sha256(b"".join(digests)).hexdigest()

    def _count(self, subject: Subject, configuration: str) -> Cost:
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch) / f"input{subject.suffix}"
            source.write_bytes(subject.content)
            if subject.suffix == ".bc":
                relevel(source, self.level)
            report = Path(scratch) / "callgrind.out"
            output = source.with_suffix(".o")
            command = [*self._command(configuration), "-c", str(source), "-o", str(output)]
            counting = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={report}"]
            result = subprocess.run(
                [*counting, *command], capture_output=True, text=True, check=False
            )
            total = read_total(report) if report.is_file() else None
            if result.returncode or total is None:
                raise FastirError(f"{subject.name}, {configuration}: {result.stderr.strip()}")
            deciding = read_inclusive(report, DECIDING)
            if configuration == "model" and not all(deciding[name] for name in _IN_EACH_COMPILE):
                raise FastirError(f"the plugin's functions are not called as before: {deciding}")
            measured = [sys.executable, "-c", _PEAK, *command]
            peak = subprocess.run(measured, capture_output=True, text=True, check=True).stdout
            return Cost(total, sum(deciding.values()), int(peak))


def _show(subjects: list[Subject], costs: dict[tuple[Subject, str], Cost], level: str) -> None:
    table = Table(title=f"instructions of clang -{level}")
    table.add_column("program", max_width=40)
    for name in ("size", "stock, M", "llvm / stock", "deciding", "model / stock", "MB more"):
        table.add_column(name, justify="right")
    files: list[float] = []
    deciding: list[float] = []
    for subject in subjects:
        stock, llvm, model = (costs[subject, name] for name in CONFIGURATIONS)
        ratio = model.instructions / stock.instructions
        own = (model.deciding - stock.deciding) / stock.instructions
        if subject.suffix == ".bc":
            files.append(ratio)
            deciding.append(own)
        table.add_row(
            subject.name,
            str(subject.size or ""),
            f"{stock.instructions / 1e6:,.0f}",
            f"{llvm.instructions / stock.instructions:.4f}",
            f"{own:+.2%}",
            f"{ratio:.4f}",
            f"{(model.peak - stock.peak) / 1024:+.1f}",
        )
    RichConsole().print(table)
    if files:
        print(
            f"{len(files)} files: geomean {1 + geomean(np.array(files) - 1):.4f}, worst "
            f"{max(files):.4f}; deciding: {geomean(np.array(deciding)):+.2%}, worst "
            f"{max(deciding):+.2%}"
        )


if __name__ == "__main__":
    main()
