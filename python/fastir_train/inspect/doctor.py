"""What is installed, and whether the plugin decides in each compiler that it can be loaded into."""

import importlib.metadata
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import onnx
import polars as pl

from fastir_train.label.decision_log import read_log
from fastir_train.problem.inlining import INLINING, Place
from fastir_train.runtime import rustc
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import (
    HOSTS,
    LLVM_MAJOR,
    Host,
    default_model_path,
    flags,
    link_flags,
    plugin_path,
    tool,
)
from llvm_tools.engine import Level

_LEVEL = f"-{INLINING.default_level}"
_C = """
__attribute__((noinline)) int source(void);
int helper(int x) { return x * source() + x; }
int caller(int x) { return helper(x) + helper(x + 1); }
"""
_MAIN = "int caller(int); int main(void) { return caller(3); } int source(void) { return 1; }"
_RUST = """
fn describe(x: u32) -> String { format!("{x} is {}", if x % 2 == 0 { "even" } else { "odd" }) }
fn main() { println!("{}", describe(41 + std::env::args().count() as u32)); }
"""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for."""

    what: str
    found: str
    """What is there, or what is wrong."""
    advice: str = ""
    """What to do about it; empty where nothing is wrong."""
    needed: bool = True
    """Whether Fastir is of no use without it."""


_TOOLS = (
    ("clang", True, f"apt-get install clang-{LLVM_MAJOR}"),
    ("clang++", True, f"apt-get install clang-{LLVM_MAJOR}"),
    ("ld.lld", False, f"apt-get install lld-{LLVM_MAJOR}, for evaluations and LTO"),
    ("opt", False, f"apt-get install llvm-{LLVM_MAJOR}, to run passes by hand"),
    ("llvm-readobj", False, f"apt-get install llvm-{LLVM_MAJOR}, for evaluations"),
)


def examine() -> list[Finding]:
    """Look for everything, and try the plugin in each compiler that is there."""
    findings = []
    for name, needed, advice in _TOOLS:
        findings.append(_program(f"{name}-{LLVM_MAJOR}", advice, needed=needed))
    findings.append(
        _program("valgrind", "apt-get install valgrind, to count instructions", needed=False)
    )
    findings.append(_rustc())
    findings.append(_onnx_runtime())
    findings.append(_installed("plugin", lambda: str(plugin_path())))
    for level, place in INLINING.shipped:
        what = f"model, -{level}" + ("" if place == "compile" else f" {place}")
        findings.append(_installed(what, partial(_model, level, place)))
    findings += [_driver(host) for host in HOSTS]
    return findings


def _program(name: str, advice: str, *, needed: bool) -> Finding:
    if shutil.which(name) is None:
        return Finding(name, "not on the PATH", advice, needed)
    result = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip()]
    numbered = [line for line in lines if any(letter.isdigit() for letter in line)]
    return Finding(name, numbered[0] if numbered else "no version", needed=needed)


def _rustc() -> Finding:
    advice = f"install a Rust of LLVM {LLVM_MAJOR} (1.95 is one), to compile Rust"
    found = rustc.versions()
    if found is None:
        return Finding("rustc", "not on the PATH", advice, needed=False)
    release, llvm = found
    fits = rustc.takes_plugin(llvm)
    return Finding("rustc", f"{release}, LLVM {llvm}", "" if fits else advice, needed=False)


def _onnx_runtime() -> Finding:
    try:
        return Finding("ONNX Runtime", importlib.metadata.version("onnxruntime"))
    except importlib.metadata.PackageNotFoundError:
        advice = "pip install onnxruntime, for models other than trees and to train"
        return Finding("ONNX Runtime", "not in this Python environment", advice, needed=False)


def _installed(what: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(what, find())
    except FastirError as error:
        return Finding(what, str(error), "run 'make build' or 'pip install .'")


def _model(level: Level, place: Place) -> str:
    path = default_model_path(level, place)
    properties = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    count = len(properties["fastir.features"].split(","))
    return f"{path.name}, {count} features, for functions with {properties['fastir.domain']}"


class _CompileError(Exception):
    """A compiler failed; says how."""


def _driver(host: Host) -> Finding:
    """Compile something with the plugin and see whether the model was asked.

    The shipped models decide in no link, so that lld is seen to ask another policy.
    """
    what = f"the plugin in {host}"
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        log = scratch / "log"
        try:
            _DRIVERS[host](scratch, log)
            decisions = read_log(log) if log.is_file() else pl.DataFrame({"runtime": []})
        except (FastirError, _CompileError) as error:
            return Finding(what, str(error), "see what is missing above", host == "clang")
    runtimes = decisions["runtime"].drop_nulls()
    if host == "lld" and decisions.height:
        return Finding(what, "it loads; the shipped models leave the link to LLVM", needed=False)
    if runtimes.is_empty():
        advice = "is a file named in FASTIR_MODEL or FASTIR_ONNXRUNTIME, or is FASTIR_POLICY set?"
        return Finding(what, "it loads, and does not ask the model", advice, host == "clang")
    found = f"it loads, and asked the model {len(runtimes)} times; runtime: {runtimes[0]}"
    return Finding(what, found, needed=host == "clang")


def _run(command: Sequence[str], scratch: Path, log: Path | None = None, **added: str) -> None:
    environment = {**os.environ, **added}
    if log:
        environment["FASTIR_LOG"] = str(log)
    try:
        result = subprocess.run(
            command, cwd=scratch, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise _CompileError(f"{command[0]}: {error.strerror}") from None
    if result.returncode:
        said = [line for line in result.stderr.splitlines() if "error" in line]
        raise _CompileError(said[0] if said else f"{command[0]} failed")


def _try_clang(scratch: Path, log: Path) -> None:
    (scratch / "a.c").write_text(_C)
    _run([tool("clang"), _LEVEL, *flags("clang"), "-c", "a.c"], scratch, log)


def _try_opt(scratch: Path, log: Path) -> None:
    (scratch / "a.c").write_text(_C)
    early = [_LEVEL, "-Xclang", "-disable-llvm-passes", "-emit-llvm"]
    _run([tool("clang"), *early, "-c", "a.c", "-o", "a.bc"], scratch)
    passes = [f"-passes=default<{INLINING.default_level}>", "a.bc", "-o", os.devnull]
    _run([tool("opt"), *flags("opt"), *passes], scratch, log)


def _try_lld(scratch: Path, log: Path) -> None:
    (scratch / "a.c").write_text(_C)
    (scratch / "b.c").write_text(_MAIN)
    _run([tool("clang"), _LEVEL, "-flto", "-c", "a.c", "b.c"], scratch)
    link = [_LEVEL, "-flto", "-fuse-ld=lld", *link_flags()]
    _run(
        [tool("clang"), *link, "a.o", "b.o", "-o", "program"], scratch, log, FASTIR_POLICY="always"
    )


def _try_rustc(scratch: Path, log: Path) -> None:
    (scratch / "a.rs").write_text(_RUST)
    level = f"-Copt-level={INLINING.default_level.removeprefix('O')}"
    options = ["--edition=2021", level, "-Ccodegen-units=1", *flags("rustc")]
    _run(["rustc", *options, "a.rs", "-o", "program"], scratch, log, RUSTC_BOOTSTRAP="1")


_DRIVERS: dict[Host, Callable[[Path, Path], None]] = {
    "clang": _try_clang,
    "opt": _try_opt,
    "lld": _try_lld,
    "rustc": _try_rustc,
}
