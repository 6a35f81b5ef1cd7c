"""The in-process engine, against stock clang's object files."""

import json
import re
import subprocess
from pathlib import Path

import polars as pl
import pytest
from conftest import in_parallel

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from llvm_tools.engine import Level

TWO_CALLEES = Path(__file__).parents[1] / "lit" / "Inputs" / "two-callees.ll"
# Sections of functions that are in no comdat.
NO_COMDAT = (".text", ".text.startup", ".text.unlikely.")
KINDS = {"text": ".text", "except_table": ".gcc_except_table"}


def _clang_object(module: Path, level: str, output: Path) -> dict[str, int]:
    command = ["clang-22", f"-{level}", "-fPIC", "-x", "ir", "-c", str(module), "-o", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    return read_sections(output)


@pytest.mark.parametrize("level", ["O2", "Os", "Oz"])
def test_section_sizes_equal_those_of_clangs_object(
    level: Level, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def differs(module: Path) -> str | None:
        sections = _clang_object(module, level, tmp_path / f"{module.stem}.o")
        pieces = llvm_tools.compile_module(module, level=level).pieces()
        for kind, prefix in KINDS.items():
            ours = pieces.filter(pl.col("kind") == kind)["bytes"].sum()
            theirs = sum(size for name, size in sections.items() if name.startswith(prefix))
            if ours != theirs:
                return f"{module.name}: {kind} {ours}, clang's {theirs}"
        return None

    assert in_parallel(differs, real_modules[level][::3]) == []


EXCEPTIONS = """
struct Held { Held(); ~Held(); int value; };
struct Base { virtual int get(int) = 0; };
struct Derived : Base { int get(int) override; };
int outside(int);
inline int twice(int a) { Held h; return outside(a) + outside(h.value); }
int Derived::get(int a) { Held h; if (a > 3) throw a; return twice(a) + h.value; }
int catches(Base &b) { try { return b.get(twice(1)); } catch (int i) { return i; } }
"""


@pytest.mark.parametrize(
    "triple",
    [
        "aarch64-linux-gnu",
        "riscv64-linux-gnu",
        "thumbv7-linux-gnueabihf",
        "riscv32-unknown-elf",
        "i686-linux-gnu",
    ],
)
def test_section_sizes_of_other_machines_equal_those_of_clangs_object(
    triple: str, tmp_path: Path
) -> None:
    (tmp_path / "m.cpp").write_text(EXCEPTIONS)
    compile_for = ["clang++-22", f"--target={triple}", "-Oz", "-fPIC"]
    sections_apart = ["-ffunction-sections", "-fdata-sections"]
    to_bitcode = ["-Xclang", "-disable-llvm-passes", "-emit-llvm"]
    for options, output in ((sections_apart, "m.o"), (to_bitcode, "m.bc")):
        command = [*compile_for, *options, "-c", "m.cpp", "-o", output]
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    theirs = read_sections(tmp_path / "m.o")
    pieces = llvm_tools.compile_module(tmp_path / "m.bc").pieces()
    ours = dict(pieces.group_by("kind").agg(pl.col("bytes").sum()).iter_rows())
    is_arm = triple.startswith("thumb")
    kinds = {
        "text": ".text",
        "except_table": ".ARM.extab" if is_arm else ".gcc_except_table",
        **({"eh_frame": ".ARM.exidx"} if is_arm else {}),
    }
    for kind, prefix in kinds.items():
        assert ours[kind] == sum(size for name, size in theirs.items() if name.startswith(prefix))
        assert ours[kind] > 0
    if not is_arm:
        # Four entries and what they share; linkers round entries up.
        assert 0 < ours["eh_frame"] < theirs[".eh_frame"] + 4 * 4
    listing = subprocess.run(
        ["llvm-readelf-22", "-rW", tmp_path / "m.o"], check=True, capture_output=True, text=True
    ).stdout
    # Of data that is written by the loader: tables of virtual functions, type information.
    tables = re.findall(r"'\.rel(a?)\.data\S*' .* contains (\d+) entr", listing)
    bits = 32 if is_arm or re.match("i686|riscv32", triple) else 64
    entry = {("", 32): 8, ("a", 32): 12, ("a", 64): 24}
    assert ours["relocations"] == sum(int(count) * entry[kind, bits] for kind, count in tables)
    assert ours["relocations"] > 0
    assert "_Z5twicei" in set(pieces["comdat"])


WITHOUT_EXCEPTIONS = """
struct Base { virtual int get(int) = 0; };
struct Derived : Base { int get(int) override; };
int outside(int);
inline int twice(int a) { return outside(a) + outside(a + 1); }
int Derived::get(int a) { return twice(a) + outside(2); }
"""
DATA = 'const char *name() { return "a name"; } int counts[4] = {1, 2, 3, 4}; int zeros[9];'


@pytest.mark.parametrize(
    ("options", "source"),
    [
        (["-fno-exceptions"], WITHOUT_EXCEPTIONS),
        (["-fno-exceptions", "-fPIC"], WITHOUT_EXCEPTIONS),
        (["-fwasm-exceptions"], EXCEPTIONS),
    ],
)
def test_sizes_of_webassembly_equal_those_of_clangs_object(
    options: list[str], source: str, tmp_path: Path
) -> None:
    def run(*command: str) -> str:
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path)
        return done.stdout

    (tmp_path / "m.cpp").write_text(source + DATA)
    compile_for = ["clang++-22", "--target=wasm32-unknown-unknown", "-Oz", *options, "-c", "m.cpp"]
    run(*compile_for, "-o", "m.o")
    run(*compile_for, "-Xclang", "-disable-llvm-passes", "-emit-llvm", "-o", "m.bc")
    code = re.search(r" CODE +([0-9a-f]+)", run("llvm-objdump-22", "--section-headers", "m.o"))
    assert code
    # "name kind offset size" for each symbol.
    listing = run("llvm-nm-22", "--print-size", "--defined-only", "--format=posix", "m.o")
    theirs = {
        name: int(size, 16)
        for name, kind, _, size in map(str.split, listing.splitlines())
        if kind not in "Tt" and name not in ("zeros", "_Z5twicei")
    }
    pieces = llvm_tools.compile_module(tmp_path / "m.bc").pieces()
    ours = dict(pieces.group_by("kind").agg(pl.col("bytes").sum()).iter_rows())
    # What precedes the functions is their number, in one byte.
    assert ours.pop("text") == int(code[1], 16) - 1
    assert ours.get("except_table") == theirs.get("GCC_except_table2")
    assert sum(ours.values()) == sum(theirs.values())
    assert "_Z5twicei" in set(pieces["comdat"])


def test_modules_of_other_machines_leave_no_trace() -> None:
    # Lowering for these targets changes an option of the whole process: from how many cases on a
    # switch becomes a table, 2 and 5 where others have 4.
    def switch(cases: int) -> str:
        labels = " ".join(f"i32 {n}, label %l{n}" for n in range(cases))
        blocks = "".join(f"l{n}: call void @g{n}()\nret void\n" for n in range(cases))
        body = f"switch i32 %x, label %l [{labels}]\n{blocks}l: ret void"
        return f"define void @f{cases}(i32 %x) {{ {body} }}\n"

    callees = "".join(f"declare void @g{n}()\n" for n in range(4))
    functions = callees + switch(3) + switch(4)

    def sizes(triple: str) -> list[int]:
        source = f'target triple = "{triple}"\n{functions}'.encode()
        return llvm_tools.compile_module(source, level="O2").pieces()["bytes"].to_list()

    machines = ["x86_64-linux-gnu", "wasm32-unknown-unknown", "riscv64-linux-gnu"]
    first = {machine: sizes(machine) for machine in machines}
    for before in machines:
        for machine in machines:
            sizes(before)
            assert sizes(machine) == first[machine], (before, machine)


def _unwind_entries(path: Path) -> dict[str, int]:
    """Bytes of .eh_frame's entries by the section of the function that each describes."""
    dump = subprocess.run(
        ["llvm-dwarfdump-22", "--eh-frame", str(path)], check=True, capture_output=True, text=True
    ).stdout
    # "00000018 00000014 0000001c FDE cie=...": the offset, the length without its own field; then
    # what the entry says, line by line. Each entry is padded to four bytes, and an object's last to
    # eight: a whole word of no-ops more, which is not its function's.
    entries = [
        (offset, int(length, 16) + 4 - (4 if text.count("DW_CFA_nop") >= 4 else 0))
        for offset, length, text in re.findall(
            r"^([0-9a-f]{8}) ([0-9a-f]{8,16}) [0-9a-f]+ FDE(.*?)(?=^[0-9a-f]{8} |\Z)",
            dump,
            re.MULTILINE | re.DOTALL,
        )
    ]
    listing = subprocess.run(
        ["llvm-readelf-22", "-rW", str(path)], check=True, capture_output=True, text=True
    ).stdout
    table = listing.split("'.rela.eh_frame'")[1].split("Relocation section")[0]
    target = {
        int(fields[0], 16): fields[4]
        for fields in map(str.split, table.splitlines())
        if len(fields) > 4 and re.fullmatch("[0-9a-f]{16}", fields[0])
    }
    sizes: dict[str, int] = {}
    for offset, length in entries:
        section = target[int(offset, 16) + 8]
        # Linkers round entries up to the size of an address.
        sizes[section] = sizes.get(section, 0) + (length + 7) // 8 * 8
    return sizes


def test_unwind_entries_belong_to_the_functions_that_they_describe(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    modules = sorted(real_modules["Oz"], key=lambda path: path.stat().st_size)[-3:]
    compared = 0
    for module in modules:
        _clang_object(module, "Oz", tmp_path / "m.o")
        expected = _unwind_entries(tmp_path / "m.o")
        pieces = llvm_tools.compile_module(module).pieces().filter(pl.col("kind") == "eh_frame")
        ours = dict(pieces.select("comdat", "bytes").iter_rows())
        outside = [expected.pop(name, 0) for name in NO_COMDAT]
        assert ours.pop("", 0) == sum(outside)
        # Some constructors and destructors lie in a comdat of another name: compare the sums, and
        # one by one where the names agree.
        theirs = {name.removeprefix(".text."): size for name, size in expected.items()}
        assert sum(ours.values()) == sum(theirs.values())
        alike = set(ours) & set(theirs)
        assert {name: ours[name] for name in alike} == {name: theirs[name] for name in alike}
        compared += len(alike)
    assert compared > 50


def test_symbol_sizes_equal_those_of_llvm_readobj(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    module = max(real_modules["Oz"], key=lambda path: path.stat().st_size)
    _clang_object(module, "Oz", tmp_path / "m.o")
    command = ["llvm-readobj-22", "--symbols", "--elf-output-style=JSON", str(tmp_path / "m.o")]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    symbols = [entry["Symbol"] for entry in json.loads(output)[0]["Symbols"]]
    expected = {
        symbol["Name"]["Name"]: symbol["Size"]
        for symbol in symbols
        if symbol["Type"]["Name"] == "Function" and symbol["Section"]["Name"] != "Undefined"
    }
    ours = llvm_tools.compile_module(module).symbols().filter(pl.col("kind") == "text")
    assert dict(ours.select("symbol", "bytes").iter_rows()) == expected
    assert len(expected) > 20


def test_records_the_decisions_of_stock_opts_remarks() -> None:
    command = ["opt-22", "-passes=default<Oz>", "-disable-output", str(TWO_CALLEES)]
    command += ["-pass-remarks=inline", "-pass-remarks-missed=inline"]
    remarks = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    printed = [
        (caller, callee, not missed)
        for callee, missed, caller in re.findall(r"'(\w+)' (not )?inlined into '(\w+)'", remarks)
    ]
    assert [inlines for *_, inlines in printed] == [True, False]
    decisions = llvm_tools.compile_module(TWO_CALLEES).decisions()
    assert decisions["decision"].to_list() == [0, 1]
    for column in ("llvm_inlines", "inlines"):
        assert decisions.select("caller", "callee", column).rows() == printed
    assert decisions["prediction"].is_null().all()
    # small: an addition and a return. large: four calls, three operations and a return.
    assert decisions["callee_instruction_count"].to_list() == [2, 8]


def _with_attributes(attributes: dict[str, str], folder: Path) -> Path:
    """TWO_CALLEES with an attribute more for each of the named functions."""
    text = TWO_CALLEES.read_text()
    for function, attribute in attributes.items():
        text = text.replace(f"@{function}(i32 %x) minsize", f"@{function}(i32 %x) {attribute}")
    (folder / "m.ll").write_text(text)
    return folder / "m.ll"


# LLVM's cost model obeys these once it has counted to the end; alwaysinline would inline earlier.
INLINED, KEPT = (f'"function-inline-threshold"="{n}" minsize' for n in (1000, -1000))


@pytest.mark.parametrize(
    ("overrides", "attributes", "inlines"),
    [
        ({"overrides": {0: False, 1: True}}, {"small": KEPT, "large": INLINED}, [False, True]),
        ({"callee_overrides": {"large": True}}, {"large": INLINED}, [True, True]),
        ({}, {}, [True, False]),
    ],
    ids=["by number", "by callee", "none"],
)
def test_overrides_give_the_code_of_stock_llvm_with_attributes(
    overrides: dict, attributes: dict[str, str], inlines: list[bool], tmp_path: Path
) -> None:
    module = _with_attributes(attributes, tmp_path)
    optimised, code = tmp_path / "m.bc", tmp_path / "m.o"
    # Not clang, which has another processor in mind where a module names none.
    opt = ["opt-22", "-passes=default<Oz>", "-inline-cost-full", str(module), "-o", str(optimised)]
    llc = ["llc-22", "-O2", "-relocation-model=pic", "-function-sections", "-filetype=obj"]
    subprocess.run(opt, check=True)
    subprocess.run([*llc, str(optimised), "-o", str(code)], check=True)
    sections = read_sections(code)
    names = ("small", "large", "caller")
    compilation = llvm_tools.compile_module(TWO_CALLEES, **overrides)
    assert compilation.decisions()["inlines"].to_list() == inlines
    symbols = compilation.symbols().filter(pl.col("kind") == "text")
    assert dict(symbols.select("symbol", "bytes").rows()) == {
        name: sections[f".text.{name}"] for name in names
    }


def test_comdats_count_by_their_weight(tmp_path: Path) -> None:
    source = b"""
target triple = "x86_64-pc-linux-gnu"
$shared = comdat any
define linkonce_odr i32 @shared(i32 %x) noinline comdat { ret i32 %x }
define i32 @own(i32 %x) noinline { %y = call i32 @shared(i32 %x) ret i32 %y }
"""
    (tmp_path / "m.ll").write_bytes(source)
    sections = _clang_object(tmp_path / "m.ll", "Oz", tmp_path / "m.o")
    shared = sections[".text.shared"]
    unwind = _unwind_entries(tmp_path / "m.o")
    compilation = llvm_tools.compile_module(source)
    for weight in (0, 0.25, 0.5, 1):
        text, loadable = compilation.weighted_bytes({"shared": weight})
        assert text == sections[".text"] + weight * shared
        assert loadable == text + unwind.get(".text", 0) + weight * unwind.get(".text.shared", 0)
    assert compilation.weighted_bytes({}) == compilation.weighted_bytes({"shared": 1})


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(llvm_tools.EngineError, match=r"none\.bc: No such file or directory$"):
        llvm_tools.compile_module(tmp_path / "none.bc")


def test_what_is_not_bitcode_is_one_clear_error() -> None:
    with pytest.raises(llvm_tools.EngineError, match=r"^junk: line 1: expected top-level entity$"):
        llvm_tools.compile_module(b"not bitcode", name="junk")


def test_truncated_bitcode_is_one_clear_error(real_modules: dict[str, list[Path]]) -> None:
    content = real_modules["Oz"][0].read_bytes()
    for length in (8, 200, len(content) // 2, len(content) - 4):
        with pytest.raises(llvm_tools.EngineError) as error:
            llvm_tools.compile_module(content[:length], name="cut")
        assert str(error.value).startswith("cut: ")
        assert "\n" not in str(error.value)


def test_bitcode_of_a_newer_llvm_is_one_clear_error(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    """A newer epoch, made by changing bits until stock llvm-dis says that it is one."""
    content = real_modules["Oz"][0].read_bytes()
    for bit in range(8 * 16, 8 * 64):
        newer = bytearray(content)
        newer[bit // 8] ^= 1 << (bit % 8)
        (tmp_path / "newer.bc").write_bytes(newer)
        command = ["llvm-dis-22", str(tmp_path / "newer.bc"), "-o", "/dev/null"]
        message = subprocess.run(command, capture_output=True, text=True, check=False).stderr
        if "Incompatible epoch" in message:
            break
    else:
        pytest.fail("no bit changes the epoch")
    with pytest.raises(llvm_tools.EngineError, match=r"^newer: .*Incompatible epoch"):
        llvm_tools.compile_module(bytes(newer), name="newer")


def test_other_object_formats_are_refused() -> None:
    source = b'target triple = "arm64-apple-macosx"\ndefine void @f() { ret void }'
    with pytest.raises(llvm_tools.EngineError, match="ELF and WebAssembly only"):
        llvm_tools.compile_module(source)


def test_a_bad_level_and_a_bad_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(llvm_tools.EngineError, match="unknown optimisation level 'O9'"):
        llvm_tools.compile_module(TWO_CALLEES, level="O9")  # pyright: ignore[reportArgumentType]
    with pytest.raises(llvm_tools.EngineError, match=r"cannot use model '.*none\.onnx'"):
        llvm_tools.compile_module(TWO_CALLEES, policy="model", model=tmp_path / "none.onnx")
