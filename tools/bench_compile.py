"""What the plugin costs a compile, in executed instructions; ``make bench-compile``.

Clang's instructions at -Oz are counted by cachegrind, which counts what callgrind does in half the
time, as it compiles generated programs of several shapes and sizes, and modules of the corpus,
three times each: stock, with the plugin and LLVM's own policy, and with the shipped model. What
starting ONNX Runtime takes, which is the same in each process, is measured on a program of two
lines and taken off the model's count. Counts are kept: an interrupted benchmark goes on, and only
what has changed is counted again.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import compile_shapes
from rich.console import Console as RichConsole
from rich.table import Table

from fastir_train.corpus.manifest import load_projects
from fastir_train.corpus.store import build_corpus, load_corpus
from fastir_train.runtime.callgrind import read_total
from fastir_train.runtime.console import Console
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import default_model_path, flags, plugin_path, tool

PROJECTS = ("muparser", "box2d", "cadical", "libpng", "zstd", "bash")
"""Small to build; two modules of each are compiled."""
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


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="*", default=[500, 2000])
    parser.add_argument("--shapes", nargs="*", choices=list(compile_shapes.SHAPES))
    parser.add_argument("--no-files", action="store_true", help="generated shapes alone")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        raise SystemExit("bench-compile: instructions are to be counted: install valgrind")
    kept = options.work / "bench-compile.json"
    counts: dict[str, int] = json.loads(kept.read_text()) if kept.is_file() else {}
    subjects = [
        Subject("start", None, ".c", b"int f(int x) { return x; }\nint g(int x) { return f(x); }\n")
    ]
    subjects += _generated(options.shapes or list(compile_shapes.SHAPES), options.sizes)
    with Console() as console:
        if not options.no_files:
            subjects += _files(options, console)
        _count_all(subjects, counts, kept, options.jobs, console)
    _show(subjects, counts)


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


def _flags(configuration: str) -> list[str]:
    match configuration:
        case "stock":
            return []
        case "llvm":
            return flags("clang", extra=["-fastir-policy=llvm"])
        case _:
            return flags("clang")


def _key(subject: Subject, configuration: str, version: str) -> str:
    parts = [subject.content, version.encode(), configuration.encode()]
    if configuration != "stock":
        parts.append(plugin_path().read_bytes())
    if configuration == "model":
        parts.append(default_model_path("Oz").read_bytes())
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _count_all(
    subjects: list[Subject], counts: dict[str, int], kept: Path, jobs: int, console: Console
) -> None:
    version = subprocess.run(
        [tool("clang"), "--version"], check=True, capture_output=True, text=True
    ).stdout
    wanted = [(subject, name) for subject in subjects for name in CONFIGURATIONS]
    missing = [one for one in wanted if _key(*one, version) not in counts]
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda one: _count(*one), missing)
        for number, (one, instructions) in enumerate(zip(missing, found, strict=True), start=1):
            counts[_key(*one, version)] = instructions
            with replacing(kept) as temporary:
                temporary.write_text(json.dumps(counts), encoding="utf-8")
            console.step("compiles", number, len(missing))
    for subject, name in wanted:
        counts[f"{subject.name} {subject.size} {name}"] = counts[_key(subject, name, version)]


def _count(subject: Subject, configuration: str) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / f"input{subject.suffix}"
        source.write_bytes(subject.content)
        report = Path(scratch) / "cachegrind.out"
        result = subprocess.run(
            [
                *("valgrind", "--tool=cachegrind", "--cache-sim=no"),
                f"--cachegrind-out-file={report}",
                *(tool("clang"), "-Oz", "-w", *_flags(configuration)),
                *("-c", str(source), "-o", str(source.with_suffix(".o"))),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        total = read_total(report) if report.is_file() else None
        if result.returncode or total is None:
            raise FastirError(f"{subject.name}, {configuration}: {result.stderr.strip()}")
        return total


def _show(subjects: list[Subject], counts: dict[str, int]) -> None:
    def of(subject: Subject, name: str) -> int:
        return counts[f"{subject.name} {subject.size} {name}"]

    start = of(subjects[0], "model") - of(subjects[0], "llvm")
    table = Table(title="instructions of clang -Oz; the model's without ONNX Runtime's start")
    table.add_column("program", max_width=40)
    for name in ("size", "stock, M", "llvm / stock", "model / stock"):
        table.add_column(name, justify="right")
    for subject in subjects[1:]:
        stock = of(subject, "stock")
        table.add_row(
            subject.name,
            str(subject.size or ""),
            f"{stock / 1e6:,.0f}",
            f"{of(subject, 'llvm') / stock:.3f}",
            f"{(of(subject, 'model') - start) / stock:.3f}",
        )
    RichConsole().print(table)
    print(f"ONNX Runtime's start: {start / 1e6:,.0f} M instructions")


if __name__ == "__main__":
    main()
