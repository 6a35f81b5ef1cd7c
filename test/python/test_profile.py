"""Profiles: what the plugin takes from one in each compiler, and what it refuses."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import write_linear_model
from hypothesis import given
from hypothesis import strategies as st

import llvm_tools
from fastir_train.cli.main import main
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import LLVM_MAJOR, flags, link_flags
from fastir_train.tune.profile import (
    Header,
    ModuleKey,
    Profile,
    Tuned,
    TunedModule,
    read_profile,
    stable_name,
    write_profile,
)

HEADER = Header(LLVM_MAJOR, "size", "Oz", "x86_64-pc-linux-gnu", "0" * 64)
# LLVM inlines the first, and leaves the second.
SOURCE = """
extern int a, b, c, d;
static int once(int x) { a = x; b = x * 3; c = x ^ b; return x / 7; }
static int twice(int x) { a = x; b = x * 5; c = x ^ b; d += a; return x / 9; }
int f(int x) { return once(x) + twice(x); }
int g(int x) { return twice(x) * 3; }
"""
MAIN = "int a, b, c, d; int f(int), g(int); int main(int n, char **v) { return f(n) + g(n) > 99; }"
PLUGIN = (*flags("clang"), "-mllvm=-fastir-policy=llvm")
Decisions = dict[tuple[str, str], bool]
OTHERWISE: Decisions = {("f", "once"): False, ("f", "twice"): True, ("g", "twice"): True}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "m.c").write_text(SOURCE)
    (folder / "src" / "main.c").write_text(MAIN)
    return folder


def _run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def _compile(where: Path, source: str | Path, *given: str, output: str = "out.o") -> set[str]:
    """Compile a file; the functions of the module's own that are left in it."""
    done = _run("clang-22", "-Oz", *given, "-c", source, "-o", output, cwd=where)
    assert (done.returncode, done.stderr) == (0, "")
    return _left(where / output)


def _left(path: Path) -> set[str]:
    names = subprocess.run(["llvm-nm-22", path], capture_output=True, text=True, check=True).stdout
    return {stable_name(line.split()[-1]) for line in names.splitlines()} & {"once", "twice"}


def _called(path: Path) -> set[str]:
    """The functions that `main`, `f` and `g` jump to or call."""
    only = "--disassemble-symbols=main,f,g"
    code = subprocess.run(
        ["llvm-objdump-22", only, path], capture_output=True, text=True, check=True
    ).stdout
    return {stable_name(name) for name in re.findall(r"(?:call|jmp)\S*\s+\S+ <([\w.]+)>", code)}


def _hashes(where: Path, *given: str) -> dict[str, int]:
    early = ["-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm", *given]
    subprocess.run(["clang-22", *early, "-c", "src/m.c", "-o", "m.bc"], cwd=where, check=True)
    frame = llvm_tools.function_features((where / "m.bc").read_bytes())
    (where / "m.bc").unlink()
    return dict(frame.select("function", "body_hash").iter_rows())


def _profile(
    where: Path, decisions: Decisions, *given: str, key: ModuleKey = ("src/m.c", "compile")
) -> Profile:
    hashes = _hashes(where, *given)
    functions = {
        caller: Tuned(
            hashes[caller], {(e, 0): inline for (r, e), inline in decisions.items() if r == caller}
        )
        for caller, _ in decisions
    }
    return Profile(HEADER, {key: TunedModule("model", functions)})


def _written(profile: Profile, folder: Path) -> str:
    path = folder / "fastir.profile"
    write_profile(profile, path)
    return f"-mllvm=-fastir-profile={path}"


def test_its_decisions_go_before_the_policys(project: Path) -> None:
    assert _compile(project, "src/m.c", *PLUGIN) == {"twice"}
    option = _written(_profile(project, OTHERWISE), project)
    assert _compile(project, "src/m.c", *PLUGIN, option) == {"once"}


def test_it_has_the_output_of_the_same_decisions_in_a_replay(project: Path) -> None:
    option = _written(_profile(project, OTHERWISE), project)
    _compile(project, "src/m.c", *PLUGIN, option, output="ours.o")
    _compile(project, "src/m.c", *PLUGIN, "-mllvm=-fastir-collect=kept")
    (collected,) = (project / "kept").glob("*.bc")
    lines = [
        f"{caller}\t{callee}\t0\t{inline:d}\n" for (caller, callee), inline in OTHERWISE.items()
    ]
    (project / f"{collected.stem}.replay").write_text("".join(lines))
    _compile(project, "src/m.c", *PLUGIN, "-mllvm=-fastir-replay=.", output="replayed.o")
    assert (project / "ours.o").read_bytes() == (project / "replayed.o").read_bytes()


def test_a_module_is_found_by_the_end_of_its_path(project: Path) -> None:
    option = _written(_profile(project, OTHERWISE), project)
    for where, source in ((project / "src", "m.c"), (project, project / "src" / "m.c")):
        assert _compile(where, source, *PLUGIN, option) == {"once"}
    assert _compile(project / "src", "../src/./m.c", *PLUGIN, option) == {"once"}
    elsewhere = project / "other"
    elsewhere.mkdir()
    shutil.copy(project / "src" / "m.c", elsewhere)
    assert _compile(project, "other/m.c", *PLUGIN, option) == {"twice"}
    assert _compile(elsewhere, "m.c", *PLUGIN, option) == {"twice"}


def test_what_is_said_of_a_changed_function_is_left_out(project: Path) -> None:
    option = _written(_profile(project, OTHERWISE), project)
    strict = "-mllvm=-fastir-profile-strict"
    assert _compile(project, "src/m.c", *PLUGIN, option, strict) == {"once"}
    # Another function, names, comments, debug information: nothing of this changes `f` or `g`.
    source = SOURCE.replace("int x", "int /* */ y").replace("x", "y").replace("eytern", "extern")
    (project / "src" / "m.c").write_text("int h(int x) { return x; }\n" + source)
    assert _compile(project, "src/m.c", *PLUGIN, option, strict) == {"once"}
    assert _compile(project, "src/m.c", "-g", *PLUGIN, option, strict) == {"once"}
    (project / "src" / "m.c").write_text(SOURCE.replace("once(x) +", "once(x) -"))
    assert _compile(project, "src/m.c", *PLUGIN, option) == {"twice"}
    failed = _run("clang-22", "-Oz", *PLUGIN, option, strict, "-c", "src/m.c", cwd=project)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[0] == (
        f"error: fastir: the profile '{project}/fastir.profile' is stale: 2 of 3 decisions for "
        "'src/m.c' are on calls in functions that have changed"
    )


# In `f`: a line number, the place of a field, that of an element of a variable.
NUMBERS = """
struct state { int first; int used; };
extern int table[], other;
extern void note(int line);
static int twice(struct state *s) { note(3); s->used++; note(s->used); return table[2]; }
int f(struct state *s) { note(4); s->used = table[5]; return twice(s); }
int g(struct state *s) { return twice(s) * 3; }
"""
EDITS = {
    "of a number": ("note(4)", "note(77)", True),
    "of a structure": ("int first;", "int first, before;", True),
    "of an element": ("table[5]", "table[9]", True),
    "of a callee": ("note(4)", "twice(s)", False),
    "of a variable": ("= table[5]", "= other", False),
    "of an operation": ("= table[5]", "-= table[5]", False),
}


@pytest.mark.parametrize(("old", "new", "stays"), EDITS.values(), ids=EDITS.keys())
def test_a_changed_function_is_one_in_which_more_than_numbers_changed(
    project: Path, old: str, new: str, stays: bool
) -> None:
    source = project / "src" / "m.c"
    source.write_text(NUMBERS)
    before = _hashes(project)
    assert NUMBERS.count(old) == 1
    source.write_text(NUMBERS.replace(old, new))
    after = _hashes(project)
    assert (before["f"] == after["f"]) == stays
    assert before["g"] == after["g"]


@pytest.mark.parametrize("crate_hash", ["0123456789abcdef", "38be418b7142f6e"])
def test_a_module_of_rustc_is_found_in_the_next_release(project: Path, crate_hash: str) -> None:
    option = _written(_profile(project, OTHERWISE, key=("words-cgu.0", "compile")), project)
    early = ["-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm"]
    done = _run("clang-22", *early, "-S", "src/m.c", "-o", "m.ll", cwd=project)
    assert done.returncode == 0, done.stderr
    module = (project / "m.ll").read_text()
    name = f"words.{crate_hash}-cgu.0"
    (project / "m.ll").write_text(module.replace('"src/m.c"', f'"{name}"'))
    given = [*flags("opt"), "-fastir-policy=llvm", option.removeprefix("-mllvm=")]
    done = _run("opt-22", *given, "-passes=default<Oz>", "-S", "m.ll", "-o", "out.ll", cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
    left = set(re.findall(r"^define .*@(once|twice)\(", (project / "out.ll").read_text(), re.M))
    assert left == {"once"}


def test_a_module_may_be_llvms(project: Path) -> None:
    # Inlines everything.
    write_linear_model(project / "all.onnx", {"callee_instruction_count": 0.0}, bias=-1.0)
    model = f"-mllvm=-fastir-model={project}/all.onnx"
    assert _compile(project, "src/m.c", *flags("clang"), model) == set()
    profile = replace(_profile(project, {}), modules={("src/m.c", "compile"): TunedModule("llvm")})
    option = _written(profile, project)
    assert _compile(project, "src/m.c", *flags("clang"), model, option) == {"twice"}


def test_other_levels_are_none_of_its_business(project: Path) -> None:
    option = _written(_profile(project, OTHERWISE), project)
    for level in ("-Os", "-O2"):
        _compile(project, "src/m.c", *PLUGIN, level, output="stock.o")
        _compile(project, "src/m.c", *PLUGIN, level, option, output="ours.o")
        assert (project / "stock.o").read_bytes() == (project / "ours.o").read_bytes()


def test_decisions_are_logged_beside_it(project: Path) -> None:
    option = _written(_profile(project, OTHERWISE), project)
    assert _compile(project, "src/m.c", *PLUGIN, option, "-mllvm=-fastir-log=log") == {"once"}
    assert b"m.c: f -> once" in (project / "log").read_bytes()


@pytest.mark.parametrize(("lto", "phase"), [("thin", "thin-link"), ("full", "full-link")])
def test_it_decides_at_the_link(project: Path, lto: str, phase: str) -> None:
    link = ("-Oz", f"-flto={lto}", "-fuse-ld=lld", "-o", "program", "m.o", "main.o")
    for name in ("m", "main"):
        compiled = ("-c", f"src/{name}.c", "-o", f"{name}.o")
        _run("clang-22", "-Oz", f"-flto={lto}", *compiled, cwd=project)
    collected = _run(
        "clang-22", *link, *link_flags(), cwd=project, FASTIR_COLLECT="kept", FASTIR_POLICY="llvm"
    )
    assert collected.returncode == 0, collected.stderr
    # `main` has inlined `f` and `g`.
    is_called = "twice" in _called(project / "program")
    modules = {}
    for bitcode in (project / "kept").glob("*.bc"):
        name = bitcode.name.rsplit("-", 1)[0]
        table = llvm_tools.function_features(bitcode.read_bytes())
        # Those of `f` and `g` are in `main` where they are inlined there.
        calls = {("twice", occurrence): is_called for occurrence in (0, 1)}
        functions = {
            stable_name(caller): Tuned(hashed, calls)
            for caller, hashed in table.select("function", "body_hash").iter_rows()
        }
        path = f"src/{name}" if phase == "thin-link" else name
        modules[path, phase] = TunedModule("model", functions)
    _written(Profile(HEADER, modules), project)
    done = _run(
        *("clang-22", *link, *link_flags()),
        cwd=project,
        FASTIR_PROFILE="fastir.profile",
        FASTIR_POLICY="llvm",
        FASTIR_PROFILE_STRICT="1",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("twice" in _called(project / "program")) != is_called


def test_a_profile_for_another_target_is_refused(project: Path) -> None:
    profile = _profile(project, OTHERWISE)
    _written(replace(profile, header=replace(HEADER, target="riscv64")), project)
    failed = _run(
        "clang-22", "-Oz", *PLUGIN, "-c", "src/m.c", cwd=project, FASTIR_PROFILE="fastir.profile"
    )
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[0] == (
        "error: fastir: cannot use profile 'fastir.profile': it is for riscv64, and this module "
        "for x86_64-pc-linux-gnu"
    )


def _lines(*body: str, header: str = "", end: str = "end\n") -> str:
    lines = header or (
        "fastir-profile\t2\nllvm\t22\nobjective\tsize\nlevel\tOz\ntarget\tx86_64-pc-linux-gnu\n"
        f"model\t{'0' * 64}\n"
    )
    return lines + "".join(f"{line}\n" for line in body) + end


MODULE = "module\tsrc/m.c\tcompile\tmodel"
FUNCTION = "function\tf\t0123456789abcdef"
NEITHER = "it is neither a module, nor a function with its hash, nor a callee with its occurrence"
BAD = {
    "empty": ("", "it is no profile of Fastir"),
    "something else": ("int main;\n", "it is no profile of Fastir"),
    "cut": (_lines(MODULE, end=""), "its end is missing"),
    "cut in its last line": (_lines(MODULE, end="en"), "its end is missing"),
    "of another LLVM": (
        _lines().replace("llvm\t22", "llvm\t19"),
        "line 2: it was made with LLVM 19, and this is LLVM 22",
    ),
    "of another format": (
        _lines().replace("profile\t2", "profile\t9"),
        "line 1: its format is '9', and this Fastir reads 2",
    ),
    "without a level": (
        _lines().replace("level\tOz\n", ""),
        "line 4: it should begin with 'level'",
    ),
    "with a conflict": (
        _lines(MODULE, "<<<<<<< HEAD", FUNCTION, "=======", FUNCTION, ">>>>>>> theirs"),
        "line 8: a merge left a conflict here",
    ),
    "with a module twice": (_lines(MODULE, MODULE), "line 8: the module is there twice"),
    "with a policy that there is not": (
        _lines("module\tsrc/m.c\tcompile\talways"),
        f"line 7: {NEITHER}",
    ),
    "with a callee without a function": (_lines(MODULE, "inline\tg\t0"), f"line 8: {NEITHER}"),
    "with a short hash": (_lines(MODULE, "function\tf\t0123"), f"line 8: {NEITHER}"),
    "with a word that there is not": (
        _lines(MODULE, FUNCTION, "maybe\tg\t0"),
        f"line 9: {NEITHER}",
    ),
    "with a negative occurrence": (
        _lines(MODULE, FUNCTION, "leave\tg\t-1"),
        f"line 9: {NEITHER}",
    ),
    "with a signed occurrence": (
        _lines(MODULE, FUNCTION, "leave\tg\t+1"),
        f"line 9: {NEITHER}",
    ),
    "with an occurrence that no module has": (
        _lines(MODULE, FUNCTION, "leave\tg\t10000001"),
        f"line 9: {NEITHER}",
    ),
    "with a signed hash": (
        _lines(MODULE, "function\tf\t+123456789abcdef"),
        f"line 8: {NEITHER}",
    ),
    "with a bad escape": (_lines(MODULE, FUNCTION, "leave\tg\\q\t1"), f"line 9: {NEITHER}"),
}


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD.keys())
def test_a_bad_profile_is_one_line_of_error(project: Path, text: str, expected: str) -> None:
    path = project / "fastir.profile"
    path.write_text(text)
    said = f"cannot use profile '{path}': {expected}"
    failed = _run(
        "clang-22", "-Oz", *PLUGIN, "-c", "src/m.c", cwd=project, FASTIR_PROFILE=str(path)
    )
    assert failed.returncode == 1
    assert failed.stderr.splitlines() == [f"error: fastir: {said}", "1 error generated."]
    with pytest.raises(FastirError) as raised:
        read_profile(path)
    assert str(raised.value) == said


def test_a_profile_that_is_not_there_is_one_line_of_error(project: Path) -> None:
    failed = _run("clang-22", "-Oz", *PLUGIN, "-c", "src/m.c", cwd=project, FASTIR_PROFILE="none")
    said = "cannot read profile 'none': No such file or directory"
    assert failed.stderr.splitlines()[0] == f"error: fastir: {said}"
    with pytest.raises(FastirError) as raised:
        read_profile(Path("none"))
    assert str(raised.value) == said


def test_pinned_flags_have_it_and_its_contents_in_their_path(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _written(_profile(project, OTHERWISE), project)

    def pinned(*more: str) -> str:
        given = ["--profile", str(project / "fastir.profile"), "--out", str(project / "pinned")]
        assert main(["flags", "--policy", "llvm", *given, *more]) == 0
        return capsys.readouterr().out.strip()

    first = pinned()
    assert _compile(project, "src/m.c", first) == {"once"}
    assert pinned() == first
    assert pinned("--strict") != first
    decisions = {**OTHERWISE, ("f", "once"): True}
    _written(_profile(project, decisions), project)
    second = pinned()
    assert second != first
    assert _compile(project, "src/m.c", second) == set()
    assert _compile(project, "src/m.c", first) == {"once"}


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(names, names, names, st.integers(-(2**63), 2**63 - 1), st.integers(0, 9), st.booleans())
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    module: str,
    caller: str,
    callee: str,
    hashed: int,
    occurrence: int,
    inline: bool,
) -> None:
    path = tmp_path_factory.mktemp("written") / "p"
    functions = {caller: Tuned(hashed, {(callee, occurrence): inline})}
    profile = Profile(HEADER, {(module, "compile"): TunedModule("model", functions)})
    write_profile(profile, path)
    assert read_profile(path) == profile
