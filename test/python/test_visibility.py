"""Which functions a link with LTO makes internal, against what lld makes of the same modules."""

import subprocess
from pathlib import Path

import polars as pl

from fastir_train.label.visibility import internal_at_link, read_calls, read_functions
from fastir_train.runtime.toolchain import tool

MODULES = {
    "a": """
int shared(int);
inline __attribute__((noinline)) int everywhere(int x) { return x * 3 + shared(x); }
inline __attribute__((noinline)) int here(int x) { return x * 5 + shared(x); }
__attribute__((noinline)) int own(int x) { return x * 7 + shared(x); }
__attribute__((noinline)) static int local(int x) { return x * 9 + shared(x); }
int used_in_b(int x) { LARGE; return everywhere(x) + here(x) + own(x) + own(x + 1) + local(x); }
__attribute__((noinline)) int imported(int x) { return x * 11 + shared(x); }
int wraps(int x) { return imported(x) + imported(x + 1); }
""",
    "b": """
int used_in_b(int);
int wraps(int);
int state;
__attribute__((noinline)) int shared(int x) { return x + state; }
inline __attribute__((noinline)) int everywhere(int x) { return x * 3 + shared(x); }
int main() { return used_in_b(everywhere(2)) + wraps(3); }
""",
}


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _unoptimised(source: Path) -> bytes:
    module = source.with_suffix(".bc")
    _run(
        *("clang-22", "-Oz", "-Xclang", "-disable-llvm-passes", "-emit-llvm"),
        *("-c", source, "-o", module),
    )
    return module.read_bytes()


def test_what_lld_makes_internal_is_found_and_nothing_else(tmp_path: Path) -> None:
    objects = []
    for name, source in MODULES.items():
        path = tmp_path / f"{name}.cpp"
        # More than other modules import.
        path.write_text(source.replace("LARGE", 'asm volatile("nop");' * 101))
        objects.append(tmp_path / f"{name}.o")
        _run("clang++-22", "-Oz", "-flto=thin", "-c", path, "-o", objects[-1])
    _run(
        *("clang++-22", "-flto=thin", "-fuse-ld=lld", *objects, "-Wl,--save-temps"),
        *("-o", tmp_path / "program"),
    )
    expected = set()
    for name in MODULES:
        text = _run(tool("llvm-dis"), "-o", "-", tmp_path / f"{name}.o.2.internalize.bc")
        for line in text.splitlines():
            # What is internal in the source has _ZL in its name.
            if line.startswith("define internal ") and "@_ZL" not in line:
                expected.add((name, line.split("@")[1].split("(")[0]))
    assert {function for _, function in expected} == {"_Z4herei", "_Z3owni"}
    contents = [_unoptimised(tmp_path / f"{name}.cpp") for name in MODULES]
    modules = pl.DataFrame({"module": list(MODULES), "content": contents})
    found = internal_at_link(read_functions(modules), read_calls(modules))
    assert set(found.iter_rows()) == expected


def test_an_interface_that_nothing_refers_to_stays(tmp_path: Path) -> None:
    source = tmp_path / "library.c"
    source.write_text("int api(int x) { return x; } int api_too(int x) { return api(x); }")
    module = pl.DataFrame({"module": ["m"], "content": [_unoptimised(source)]})
    found = internal_at_link(read_functions(module), read_calls(module))
    assert found.rows() == [("m", "api")]
