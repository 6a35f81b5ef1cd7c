"""How fast llvm_tools extracts features, beside what else there is; `make bench-features`.

Over the modules of the whole corpus, built where they are not there yet: modules and megabytes of
bitcode a second, peak memory, and where the time goes, for each table; then three rivals in the
same session. Each runs in a process of its own, on all cores; ours three times, of which the
median counts, the rivals, which take minutes, once:

- llvmlite's Python objects, counting opcodes as InstCount does, in one process a core;
- stock ``opt -passes=print<func-properties>``, a process a module;
- stock ``llvm-ir2vec embeddings`` of functions, a process a module; LLVM's packages have no trained
  vocabulary, so that one of arbitrary numbers takes its place.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console as RichConsole
from rich.table import Table

import llvm_tools
from fastir_train.corpus.manifest import load_projects
from fastir_train.corpus.store import build_corpus, load_corpus
from fastir_train.runtime.console import Console
from fastir_train.runtime.files import replacing
from fastir_train.runtime.toolchain import tool
from fastir_train.runtime.workers import cpu_count

TABLES = (
    "instcount",
    "autophase",
    "module_features",
    "function_features",
    "block_features",
    "call_graph",
    "inlining_features",
)
RIVALS = ("llvmlite", "opt", "llvm-ir2vec")
_PRINT_PROPERTIES = (
    "-passes=print<func-properties>",
    "-enable-detailed-function-properties",
    "-disable-output",
)
MINIMUM = 1000
RUNS = 3
Row = dict[str, Any]


def main() -> None:
    """Run the benchmark, or, with --only, one part of it in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".cache"), metavar="DIR")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), metavar="DIR")
    parser.add_argument("--only", choices=[*TABLES, *RIVALS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    work = options.work.resolve()
    if options.only:
        print(json.dumps(_measure(options.only, work / "bench-modules")))
        return
    count, megabytes = _prepare(options.corpus, work)
    rows = []
    for name in (*TABLES, *RIVALS):
        print(f"{name} ...", file=sys.stderr, flush=True)
        runs = [_run_alone(name, work) for _ in range(RUNS if name in TABLES else 1)]
        runs.sort(key=lambda row: row["seconds"])
        rows.append(runs[len(runs) // 2] | {"name": name})
    results = {
        "modules": count,
        "megabytes": megabytes,
        "cores": cpu_count(),
        "machine": platform.machine(),
        "llvm": llvm_tools.LLVM_VERSION,
        "rows": rows,
    }
    with replacing(work / "bench-features.json") as temporary:
        temporary.write_text(json.dumps(results, indent=2) + "\n")
    _print(results)


def _run_alone(name: str, work: Path) -> Row:
    command = [sys.executable, __file__, "--work", str(work), "--only", name]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def _prepare(manifests: Path, work: Path) -> tuple[int, float]:
    """Puts every module into a file of its own; how many, and their megabytes."""
    projects = load_projects(manifests)
    with Console() as console:
        build_corpus(projects, work, cpu_count(), console)
    modules = load_corpus(work, projects)
    if modules.height < MINIMUM:
        sys.exit(f"the corpus holds {modules.height} modules only, not {MINIMUM}")
    directory = work / "bench-modules"
    directory.mkdir(exist_ok=True)
    for project, module, content in modules.select("project", "module", "content").iter_rows():
        path = directory / f"{project}-{module}.bc"
        if not path.is_file():
            path.write_bytes(content)
    return modules.height, int(modules["content"].bin.size().sum()) / 1e6


def _measure(name: str, directory: Path) -> Row:
    paths = sorted(directory.glob("*.bc"))
    commands = {
        "opt": [tool("opt"), *_PRINT_PROPERTIES],
        "llvm-ir2vec": _ir2vec(directory.parent / "ir2vec-vocabulary.json"),
    }
    rivals: dict[str, Callable[[list[Path]], Row]] = {
        "llvmlite": _llvmlite,
        **{rival: partial(_processes, command) for rival, command in commands.items()},
    }
    work = rivals[name] if name in rivals else partial(_table, name)
    if name not in rivals:
        llvm_tools.instcount([b""] * cpu_count())  # the workers start
    start = time.monotonic()
    row = work(paths)
    row |= {"seconds": time.monotonic() - start, "own_peak": _own_peak()}
    if name in commands:
        row["worker_peak"] = _peak(commands[name], paths)
    return row


def _ir2vec(vocabulary: Path) -> list[str]:
    """The command; writes the vocabulary, 75 numbers an entity as the trained ones have."""
    command = [tool("llvm-ir2vec"), "entities"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names = [line.split("\t")[0] for line in listed.splitlines()[1:]]
    vectors = {
        name: [(31 * row + 17 * column) % 97 / 97 - 0.5 for column in range(75)]
        for row, name in enumerate(names)
    }
    types, arguments = names.index("FloatTy"), names.index("Function")
    sections = {
        "Opcodes": names[:types],
        "Types": names[types:arguments],
        "Arguments": names[arguments:],
    }
    content = {key: {name: vectors[name] for name in part} for key, part in sections.items()}
    with replacing(vocabulary) as temporary:
        temporary.write_text(json.dumps(content))
    return [
        tool("llvm-ir2vec"),
        "embeddings",
        "--level=func",
        f"--ir2vec-vocab-path={vocabulary}",
    ]


def _own_peak() -> int:
    """The largest resident memory of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) * 1024


def _table(name: str, paths: list[Path]) -> Row:
    batch = getattr(llvm_tools, name)(paths)
    if batch.errors.height:
        sys.exit(f"{name}: {batch.errors.height} modules failed")
    split = batch.timings.select(pl.col("read", "parse", "verify", "work", "encode").sum())
    return {
        "rows": batch.frame.height,
        "split": split.row(0, named=True),
        "worker_peak": batch.timings["peak_bytes"].max(),
    }


def _llvmlite(paths: list[Path]) -> Row:
    cores = cpu_count()
    with ProcessPoolExecutor(cores) as pool:
        counts = list(pool.map(_count_with_llvmlite, [paths[i::cores] for i in range(cores)]))
    return {"rows": sum(rows for rows, _ in counts), "worker_peak": max(p for _, p in counts)}


def _count_with_llvmlite(paths: list[Path]) -> tuple[int, int]:
    import llvmlite.binding as llvmlite  # noqa: PLC0415

    for path in paths:
        module = llvmlite.parse_bitcode(path.read_bytes())
        counts: dict[str, int] = {}
        for function in module.functions:
            for block in function.blocks:
                for instruction in block.instructions:
                    opcode = str(instruction.opcode)
                    counts[opcode] = counts.get(opcode, 0) + 1
        module.close()
    return len(paths), _own_peak()


def _processes(command: list[str], paths: list[Path]) -> Row:
    """A process a module, one a core at a time; what it prints is read."""

    def run(path: Path) -> None:
        subprocess.run([*command, str(path)], check=True, capture_output=True)

    with ThreadPoolExecutor(cpu_count()) as pool:
        list(pool.map(run, paths))
    return {"rows": len(paths)}


# A process is charged with its parent's memory until it has become another program: this parent
# is a small one.
_LAUNCHER = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
)


def _peak(command: list[str], paths: list[Path]) -> int:
    """The largest resident memory of the command on the largest module, in bytes."""
    largest = max(paths, key=lambda path: path.stat().st_size)
    launched = [sys.executable, "-S", "-c", _LAUNCHER, *command, str(largest)]
    return int(subprocess.run(launched, check=True, capture_output=True, text=True).stdout)


def _print(results: Row) -> None:
    console = RichConsole(width=max(110, int(os.environ.get("COLUMNS", "0"))))
    title = f"{results['modules']:,} modules, {results['megabytes']:.0f} MB of bitcode, "
    table = Table(title=title + f"{results['cores']} cores, LLVM {results['llvm']}")
    table.add_column("")
    for heading in ("seconds", "modules/s", "MB/s", "parse", "verify", "table", "rest"):
        table.add_column(heading, justify="right")
    table.add_column("worker", justify="right")
    table.add_column("parent", justify="right")
    for row in results["rows"]:
        if row["name"] == RIVALS[0]:
            table.add_section()
        table.add_row(*_cells(row, results))
    console.print(table)
    seconds = {row["name"]: row["seconds"] for row in results["rows"]}
    for rival, ours in zip(RIVALS, ("instcount", "function_features", "instcount"), strict=True):
        console.print(f"{ours} takes 1/{seconds[rival] / seconds[ours]:.1f} of {rival}'s time")


def _cells(row: Row, results: Row) -> list[str]:
    seconds = row["seconds"]
    shares = [""] * 4
    if split := row.get("split"):
        whole = seconds * results["cores"]
        parts = [split["parse"], split["verify"], split["work"]]
        shares = [f"{part / whole:.0%}" for part in (*parts, whole - sum(parts))]
    return [
        row["name"],
        f"{seconds:.1f}",
        f"{results['modules'] / seconds:,.0f}",
        f"{results['megabytes'] / seconds:.1f}",
        *shares,
        f"{row['worker_peak'] / 1e6:,.0f} MB",
        f"{row['own_peak'] / 1e6:,.0f} MB",
    ]


if __name__ == "__main__":
    main()
