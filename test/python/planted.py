"""A program with faults that flags switch on, and suites that measure it."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from fastir_train.benchmark.results import Results, provenance, write_results
from fastir_train.benchmark.runner import run_suite
from fastir_train.benchmark.suite import Suite, load_suite
from fastir_train.corpus.manifest import local_project
from fastir_train.runtime.console import Console

PROGRAM = """
#ifdef ERROR
#error planted
#endif
#include <stdio.h>
static int twice(int x) { return x + x; }
#ifdef GROWN
const char table[5000] = {1};
#endif
int main(int argc, char **argv) {
#ifdef WRONG
  return 1;
#endif
#ifdef GROWN
  argc += table[argc];
#endif
  printf("%d %d", twice(argc), twice(argc + 1));
  return 0;
}
"""
SUITE = """
name = "planted"
projects = []
decisions = true
[[configuration]]
name = "stock"
flags = ["-Oz"]
"""


def with_configuration(name: str, *flags: str, more: str = "") -> str:
    given = ", ".join(f'"{flag}"' for flag in ("-Oz", *flags))
    return f'[[configuration]]\nname = "{name}"\nflags = [{given}]\nbaseline = "stock"\n{more}\n'


def read_suite(folder: Path, text: str) -> Suite:
    path = folder / "suite.toml"
    path.write_text(text)
    return load_suite(path, [])


def run_program(program: Path, text: str, *, test: str = "./program") -> pl.DataFrame:
    read = read_suite(program.parent, text)
    project = local_project(program, "program", "make", (), test)
    suite = replace(read, projects=(project,))
    rows = run_suite(suite, program.parent / "work", 1, Console())
    write_results(Results(rows, provenance(suite)), program.parent / "out")
    return rows


def many_calls(functions: int) -> str:
    """Functions of up to thirteen calls each."""
    lines = ["extern int a, b, c;"]
    for n in range(functions):
        lines += [
            f"static int leaf{n}(int x) {{ a = x; b = x * {n + 3}; c ^= b; return x / {n + 7}; }}",
            f"int caller{n}(int x) {{ int s = 0; for (int i = 0; i < x; ++i) {{",
            *(f"s += leaf{m}(s + {m}) * leaf{n}(i);" for m in range(max(0, n - 12), n + 1)),
            "} return s; }",
        ]
    return "\n".join(lines)
