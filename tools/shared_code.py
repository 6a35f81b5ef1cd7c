"""Which code projects share with those of other splits: `tools/shared_code.py [NAME ...]`.

The projects are those named, or else the whole test split. Of C and C++, they are built by stock
clang with debug information, which names the sources that the measured files are made of. Each run
of `RUN` lines in these is looked for in the whole archives of the other splits' projects, without
comments and white space. Of Rust, the crates that are linked into the programs are compared by
name. Prints what is shared; exits with status 1 if anything is.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from fastir_train.corpus.build import Configuration, build
from fastir_train.corpus.fetch import fetch, unpack
from fastir_train.corpus.manifest import Project, load_projects
from fastir_train.runtime.toolchain import tool

RUN = 8
"""Lines. Fewer are often shared by unrelated projects: option loops, tables of zeros."""
LETTERS = 160
"""What a run has at least; shorter ones are braces and lists of small numbers."""
SOURCES = re.compile(r"\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inc|inl|ipp|tcc|def|y|l)$", re.IGNORECASE)
COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
NUMBERS = re.compile(r"0[xX][0-9a-fA-F]+|'[^']'")
TARGET = "x86_64-unknown-linux-gnu"


def runs(path: Path) -> Iterator[int]:
    """The hash of each run of lines in a file."""
    text = COMMENTS.sub("", path.read_text(encoding="latin-1"))
    lines = ["".join(line.split()) for line in text.splitlines()]
    # Lines of a brace or less are where formatters differ.
    lines = [line for line in lines if len(line) > 2]
    for start in range(len(lines) - RUN + 1):
        run = "".join(lines[start : start + RUN])
        if sum(map(str.isalpha, NUMBERS.sub("", run))) >= LETTERS:
            yield hash(run)


def source_files(folder: Path) -> list[Path]:
    """The C and C++ sources in a folder."""
    found = (path for path in folder.rglob("*") if SOURCES.search(path.name))
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def crates(project: Project, folder: Path) -> set[str]:
    """Names of the crates that are linked into a Rust program, its own among them."""
    options = ["--locked", "--edges=normal,no-proc-macro", f"--target={TARGET}", "--prefix=none"]
    root = folder / project.directory
    # As the manifests do: a workspace of its own, wherever the folder is.
    with (root / "Cargo.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[workspace]\n")
    command = ["cargo", "tree", "--quiet", *options]
    tree = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in tree.splitlines() if line}


class Sources:
    """Sources of projects, unpacked or built one at a time."""

    def __init__(self, work: Path) -> None:
        self.work = work

    def whole(self, project: Project) -> Iterator[tuple[int, Path]]:
        """All runs of a project's archive."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = self._unpack(project, Path(scratch))
            for path in source_files(folder):
                for run in runs(path):
                    yield run, path.relative_to(folder)

    def measured(self, project: Project) -> Iterator[tuple[int, Path]]:
        """The runs of those sources that a project's measured files are made of."""
        if project.language == "rust":
            return
        result = build(project, Configuration("sources", ("-Oz", "-g"), {}), self.work, 1)
        command = [tool("llvm-dwarfdump"), "--show-sources", *map(str, result.outputs)]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        place = result.place.resolve()
        paths = {Path(line).resolve() for line in listed.splitlines()}
        own = sorted(path for path in paths if path.is_relative_to(place) and path.is_file())
        if not own:
            sys.exit(f"{project.name}: its files name no sources; do its commands obey CFLAGS?")
        print(f"{project.name}: {len(own)} sources", flush=True)
        for path in own:
            for run in runs(path):
                yield run, path.relative_to(place)

    def crates(self, project: Project) -> set[str]:
        """The crates of a Rust project; none of another."""
        if project.language != "rust":
            return set()
        with tempfile.TemporaryDirectory() as scratch:
            return crates(project, self._unpack(project, Path(scratch)))

    def _unpack(self, project: Project, scratch: Path) -> Path:
        unpack(fetch(project.source, self.work / "sources"), scratch / "source")
        return scratch / "source"


def shared_runs(
    sources: Sources, chosen: Sequence[Project], others: Sequence[Project]
) -> dict[tuple[str, str], list[str]]:
    """For two projects, the pairs of files that have a run in common."""
    known: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for project in chosen:
        for run, path in sources.measured(project):
            known[run].append((project.name, path))
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for other in others:
        for run, path in sources.whole(other):
            for name, own in known.get(run, ()):
                found[name, other.name].append(f"{own} {path}")
    return found


def shared_crates(
    sources: Sources, chosen: Sequence[Project], others: Sequence[Project]
) -> dict[tuple[str, str], list[str]]:
    """For two projects, the crates that both are made of."""
    linked = {project.name: sources.crates(project) for project in (*chosen, *others)}
    both = {(a.name, b.name): linked[a.name] & linked[b.name] for a in chosen for b in others}
    return {names: sorted(crates) for names, crates in both.items() if crates}


def main() -> int:
    """Print what is shared; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("projects", nargs="*", metavar="NAME")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    parser.add_argument("--work", type=Path, default=Path(".cache"))
    options = parser.parse_args()
    projects = load_projects(options.corpus)
    chosen = [
        project
        for project in projects
        if (project.name in options.projects if options.projects else project.split == "test")
    ]
    if missing := set(options.projects) - {project.name for project in chosen}:
        sys.exit(f"no manifest names {', '.join(sorted(missing))}")
    splits = {project.split for project in chosen}
    others = [project for project in projects if project.split not in splits]
    sources = Sources(options.work)
    found = shared_runs(sources, chosen, others)
    for (name, other), places in sorted(found.items()):
        print(f"{name} and {other}: {len(places)} runs of {RUN} lines, the first in {places[0]}")
    common = shared_crates(sources, chosen, others)
    for (name, other), both in sorted(common.items()):
        print(f"{name} and {other}: the crates {', '.join(both)}")
    pairs = len(found) + len(common)
    print(f"{len(chosen)} projects, {len(others)} of other splits; {pairs} pairs share code")
    return 1 if pairs else 0


if __name__ == "__main__":
    sys.exit(main())
