"""Compiler caches return what a fresh compile gives: same settings hit, any change misses."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from conftest import write_linear_model

from fastir_train.cli.pinned import Choice, pin, pinned_flags
from fastir_train.runtime.toolchain import plugin_path

# Whether the helpers are inlined shows in the object.
SOURCES = {
    "a.c": """
int other(int);
int helper(int);
static int large(int x) { return x * other(x) + other(x + 3) * other(x + 7) + other(x * 5); }
static int small(int x) { return x + 1; }
int main(int c, char **v) { return large(small(c)) + large(small(c + 1)) + helper(c); }
""",
    "b.c": """
int helper(int);
static int twice(int x) { return x < 100 ? x * helper(x + 2) + 2 * helper(x + 4) : x; }
int helper(int x) { return x > 40 ? x : twice(x + 1) + twice(x + 2); }
int other(int x) { return x - 1; }
""",
}
RUST = """
#[inline(never)]
pub fn other(x: u32) -> u32 { std::hint::black_box(x) }
fn large(x: u32) -> u32 { x * other(x) + other(x + 3) * other(x + 7) + other(x * 5) }
pub fn f(x: u32) -> u32 { large(x) + large(x + 1) }
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def choices(tmp_path: Path) -> list[tuple[Choice, dict[str, str]]]:
    """Settings, and the environment that gives the installed plugin the same ones."""
    eager = write_linear_model(tmp_path / "eager.onnx", {"callee_instruction_count": -1.0})
    shy = write_linear_model(tmp_path / "shy.onnx", {"callee_instruction_count": 1.0})
    return [
        (Choice(), {}),
        (Choice("never"), {"FASTIR_POLICY": "never"}),
        (Choice("always"), {"FASTIR_POLICY": "always"}),
        (Choice("llvm"), {"FASTIR_POLICY": "llvm"}),
        (Choice(model=eager), {"FASTIR_MODEL": str(eager)}),
        (Choice(model=shy), {"FASTIR_MODEL": str(shy)}),
    ]


def _run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


class Ccache:
    """ccache in front of clang."""

    def __init__(self, folder: Path) -> None:
        self._environment = {"CCACHE_DIR": str(folder / "ccache")}

    def compile(self, folder: Path, flags: list[str]) -> bytes:
        """The object of ``a.c``."""
        command = ["ccache", "clang-22", "-Oz", *flags, "-c", "a.c", "-o", "cached.o"]
        _run(*command, cwd=folder, environment=self._environment)
        return (folder / "cached.o").read_bytes()

    def hits_and_misses(self, folder: Path) -> tuple[int, int]:
        """Since the beginning."""
        printed = _run("ccache", "--print-stats", cwd=folder, environment=self._environment)
        counts = {name: int(count) for name, count in map(str.split, printed.splitlines())}
        return counts["direct_cache_hit"], counts["direct_cache_miss"]


class Sccache:
    """sccache in front of clang."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self._environment = {
            "SCCACHE_DIR": str(folder / "sccache"),
            "SCCACHE_SERVER_PORT": str(port),
        }

    def compile(self, folder: Path, flags: list[str]) -> bytes:
        """The object of ``a.c``."""
        command = ["sccache", "clang-22", "-Oz", *flags, "-c", "a.c", "-o", "cached.o"]
        _run(*command, cwd=folder, environment=self._environment)
        return (folder / "cached.o").read_bytes()

    def hits_and_misses(self, folder: Path) -> tuple[int, int]:
        """Since the beginning."""
        lines = self._command("--show-stats").splitlines()
        counts = {line.rpartition(" ")[0].strip(): line.rpartition(" ")[2] for line in lines}
        return int(counts["Cache hits"]), int(counts["Cache misses"])

    def compile_rust(self, folder: Path, flags: list[str]) -> bytes:
        """The object of ``r.rs``."""
        return _rustc(folder, flags, "sccache", **self._environment)

    def stop(self) -> None:
        """End the server."""
        self._command("--stop-server")

    def _command(self, option: str) -> str:
        given = {**os.environ, **self._environment}
        return subprocess.run(
            ["sccache", option], env=given, capture_output=True, text=True, check=False
        ).stdout


@pytest.fixture(params=["ccache", "sccache"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ccache | Sccache]:
    if request.param == "ccache":
        yield Ccache(tmp_path)
        return
    if shutil.which("sccache") is None:
        pytest.skip("sccache is not installed")
    sccache = Sccache(tmp_path)
    yield sccache
    sccache.stop()


def _fresh_object(folder: Path, flags: list[str], environment: dict[str, str]) -> bytes:
    command = ["clang-22", "-Oz", *flags, "-c", "a.c", "-o", "fresh.o"]
    _run(*command, cwd=folder, environment=environment)
    return (folder / "fresh.o").read_bytes()


def test_a_compiler_cache_hits_for_the_same_settings_alone(
    cache: Ccache | Sccache, sources: Path, choices: list[tuple[Choice, dict[str, str]]]
) -> None:
    installed = [f"-fpass-plugin={plugin_path()}"]
    expected = [_fresh_object(sources, [], {})]
    expected += [_fresh_object(sources, installed, variables) for _, variables in choices]
    assert len(set(expected)) >= 3
    given = [[], *(pinned_flags("clang", choice, sources / "p") for choice, _ in choices)]
    # The order in which what one has left in the cache is there for the others.
    assert [cache.compile(sources, flags) for flags in given] == expected
    assert cache.hits_and_misses(sources) == (0, len(given))
    assert [cache.compile(sources, flags) for flags in reversed(given)] == expected[::-1]
    assert cache.hits_and_misses(sources) == (len(given), len(given))


def test_a_compiler_cache_misses_for_another_plugin_or_model_in_the_same_place(
    cache: Ccache | Sccache, sources: Path
) -> None:
    plugin, model = sources / "plugin.so", sources / "m.onnx"
    plugin.write_bytes(plugin_path().read_bytes())
    write_linear_model(model, {"callee_instruction_count": -1.0})
    objects = []
    for change in ("nothing", "model", "plugin"):
        if change == "plugin":
            plugin.write_bytes(plugin.read_bytes() + b"\0")
        if change == "model":
            write_linear_model(model, {"callee_instruction_count": 1.0})
        folder = pin(Choice(model=model), sources / "p", plugin=plugin)
        flags = [f"-fpass-plugin={folder / 'libFastirInline-pinned.so'}"]
        objects.append(cache.compile(sources, flags))
    assert cache.hits_and_misses(sources) == (0, 3)
    assert objects[0] != objects[1] == objects[2]


@pytest.mark.parametrize("changed", ["-mllvm=-fastir-policy=never", "-mllvm=-inline-threshold=1"])
def test_a_compiler_cache_misses_for_another_option(
    cache: Ccache | Sccache, changed: str, sources: Path
) -> None:
    flags = pinned_flags("clang", Choice(), sources / "p")
    cache.compile(sources, flags)
    expected = _fresh_object(sources, [*flags, changed], {})
    assert cache.compile(sources, [*flags, changed]) == expected
    assert cache.hits_and_misses(sources) == (0, 2)


def test_sccache_hits_for_the_same_settings_of_rustc_alone(sources: Path) -> None:
    if shutil.which("sccache") is None:
        pytest.skip("sccache is not installed")
    (sources / "r.rs").write_text(RUST)
    sccache = Sccache(sources)
    try:
        for policy in ("never", "never", "always", "always"):
            flags = pinned_flags("rustc", Choice(policy), sources / "p")
            cached = sccache.compile_rust(sources, flags)
            installed = [f"-Zllvm-plugins={plugin_path()}"]
            fresh = _rustc(sources, installed, FASTIR_POLICY=policy)
            assert cached == fresh
        assert sccache.hits_and_misses(sources) == (2, 2)
    finally:
        sccache.stop()


def _rustc(folder: Path, flags: list[str], *before: str, **environment: str) -> bytes:
    command = [*before, "rustc", "--edition=2021", "--crate-name=r", "--crate-type=lib"]
    command += ["--emit=dep-info,metadata,link", "--out-dir=.", "-Copt-level=z", *flags, "r.rs"]
    _run(*command, cwd=folder, environment={**environment, "RUSTC_BOOTSTRAP": "1"})
    (member,) = (
        name
        for name in _run("llvm-ar-22", "t", "libr.rlib", cwd=folder).split()
        if name.endswith(".o")
    )
    _run("llvm-ar-22", "x", "libr.rlib", member, cwd=folder)
    return (folder / member).read_bytes()


def _link(folder: Path, *options: str, **environment: str) -> bytes:
    command = ["clang-22", "-Oz", "-flto=thin", "-fuse-ld=lld", *options, "a.o", "b.o", "-o", "x"]
    _run(*command, cwd=folder, environment=environment)
    return (folder / "x").read_bytes()


def _entries(cache: Path) -> set[str]:
    return {path.name for path in cache.glob("llvmcache-*")}


@pytest.fixture
def thin(sources: Path) -> Path:
    _run("clang-22", "-Oz", "-flto=thin", "-c", "a.c", "b.c", cwd=sources)
    return sources


def test_lld_cache_hits_for_the_same_settings_alone(
    thin: Path, choices: list[tuple[Choice, dict[str, str]]]
) -> None:
    installed = f"-Wl,--load-pass-plugin={plugin_path()}"
    expected = [_link(thin), *(_link(thin, installed, **variables) for _, variables in choices)]
    assert len(set(expected)) >= 3
    given = [[], *(pinned_flags("lld", choice, thin / "p") for choice, _ in choices)]
    cache = thin / "cache"
    cached = [f"-Wl,--thinlto-cache-dir={cache}"]
    for flags, linked in zip(given, expected, strict=True):
        before = _entries(cache)
        assert _link(thin, *cached, *(f"-Wl,{flag}" for flag in flags)) == linked
        assert len(_entries(cache) - before) == 2
    full = _entries(cache)
    for flags, linked in zip(given, expected, strict=True):
        assert _link(thin, *cached, *(f"-Wl,{flag}" for flag in flags)) == linked
    assert _entries(cache) == full


def test_lld_cache_misses_for_another_plugin(thin: Path) -> None:
    plugin = thin / "plugin.so"
    plugin.write_bytes(plugin_path().read_bytes())
    cache = thin / "cache"
    for entries in (2, 4):
        folder = pin(Choice("never"), thin / "p", plugin=plugin)
        _link(thin, f"-Wl,--thinlto-cache-dir={cache}", f"-Wl,@{folder / 'lld.rsp'}")
        assert len(_entries(cache)) == entries
        plugin.write_bytes(plugin.read_bytes() + b"\0")


def test_lld_takes_the_flags_by_itself_and_twice(thin: Path) -> None:
    flags = pinned_flags("lld", Choice("always"), thin / "p")
    _run("ld.lld-22", *flags, *flags, "-e", "main", "a.o", "b.o", "-o", "ours", cwd=thin)
    load = f"--load-pass-plugin={plugin_path()}"
    always = {"FASTIR_POLICY": "always"}
    link = ["ld.lld-22", "-e", "main", "a.o", "b.o", "-o", "expected"]
    _run(*link, load, cwd=thin, environment=always)
    assert (thin / "ours").read_bytes() == (thin / "expected").read_bytes()


@pytest.mark.parametrize("variable", ["FASTIR_POLICY", "FASTIR_LOG"])
def test_a_failed_link_leaves_nothing_in_the_cache_of_lld(thin: Path, variable: str) -> None:
    (flag,) = pinned_flags("lld", Choice("never"), thin / "p")
    options = [f"-Wl,{flag}", f"-Wl,--thinlto-cache-dir={thin / 'cache'}"]
    command = ["clang-22", "-flto=thin", "-fuse-ld=lld", *options, "a.o", "b.o", "-o", "x"]
    result = subprocess.run(
        command,
        cwd=thin,
        env={**os.environ, variable: "/nonexistent/log"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 2, result.stderr
    assert result.stderr.startswith("ld.lld: error: fastir: ")
    assert not (thin / "x").exists()
    assert not _entries(thin / "cache")
    assert _link(thin, *options) == _link(thin, options[0])


ANY_COMMAND = {
    "compile": "-Oz -c x.c -o x.o",
    "preprocess": "-Oz -E x.c -o x.i",
    "syntax": "-Oz -fsyntax-only x.c",
    "dependencies": "-Oz -M x.c",
    "assemble .S": "-Oz -c y.S -o y.o",
    "assemble .s": "-c z.s -o z.o",
    "link": "-Oz x.o y.o -o x",
    "link LTO": "-Oz -flto -fuse-ld=lld lto.o -o x",
    "compile and link": "-Oz -flto -fuse-ld=lld x.c -o x",
    "precompile": "-Oz -x c-header p.h -o p.pch",
    "bitcode": "-Oz -c x.bc -o x2.o",
    "assembly": "-Oz -S x.c -o x.s",
    "save-temps": "-Oz -save-temps=obj -c x.c -o s.o",
    "O0": "-O0 -c x.c -o x0.o",
    "print": "-Oz -print-libgcc-file-name",
    "commands": "-Oz -### -c x.c",
}


@pytest.mark.parametrize("choice", [Choice(), Choice("never")], ids=["model", "never"])
def test_every_command_accepts_the_flags(choice: Choice, tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text("int main(void) { return 0; }\n")
    (tmp_path / "p.h").write_text("static inline int q(int a) { return a + 1; }\n")
    (tmp_path / "y.S").write_text("#define A 42\n.globl answer\nanswer: .byte A\n")
    (tmp_path / "z.s").write_text(".globl z\nz: .byte 0\n")
    early = ["-Oz", "-emit-llvm", "-Xclang", "-disable-llvm-passes"]
    _run("clang-22", *early, "-c", "x.c", "-o", "x.bc", cwd=tmp_path)
    _run("clang-22", "-Oz", "-flto", "-c", "x.c", "-o", "lto.o", cwd=tmp_path)
    flags = pinned_flags("clang", choice, tmp_path / "p")
    for what, arguments in ANY_COMMAND.items():
        command = ["clang-22", "-Werror", *flags, *arguments.split()]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, (what, result.stderr)
        assert "fastir" not in result.stderr or what == "commands"
    assert (tmp_path / "s.o").read_bytes() == (tmp_path / "x.o").read_bytes()
