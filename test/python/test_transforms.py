"""to_ir, to_bitcode, verify, run_passes, optimize and object_size, against stock tools."""

import re
import subprocess
from pathlib import Path

import polars as pl
import pytest
from conftest import in_parallel, run_opt

import llvm_tools
from fastir_train.benchmark.sections import read_sections
from fastir_train.runtime.toolchain import default_model_path, plugin_path
from llvm_tools.engine import Level


def test_run_passes_gives_stock_opts_bitcode(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def differs(module: Path) -> str | None:
        for number, passes in enumerate(("default<Oz>", "function(sroa,early-cse)", "inline")):
            output = tmp_path / f"{module.stem}.{number}.bc"
            run_opt(f"-passes={passes}", module, "-o", output, plugin=False).check_returncode()
            if llvm_tools.run_passes(module, passes, workers=1) != output.read_bytes():
                return f"{module.name}: {passes}"
        return None

    assert in_parallel(differs, real_modules["Oz"][::4]) == []


def _clang(module: Path, level: str, output: Path, *flags: str) -> bytes:
    command = ["clang-22", f"-{level}", *flags, "-x", "ir", "-emit-llvm", "-c", str(module)]
    subprocess.run([*command, "-o", str(output)], check=True, capture_output=True)
    return output.read_bytes()


@pytest.mark.parametrize("level", ["O1", "O2", "O3", "Os", "Oz"])
def test_optimize_gives_what_clang_gives(
    level: Level, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def differs(module: Path) -> str | None:
        clangs = _clang(module, level, tmp_path / f"{module.stem}.bc")
        ours = llvm_tools.optimize(module, level, workers=1)
        same = llvm_tools.to_ir(ours, name="m") == llvm_tools.to_ir(clangs, name="m")
        return None if same else module.name

    assert in_parallel(differs, real_modules[level][::4]) == []


@pytest.mark.parametrize("level", ["Os", "Oz"])
def test_optimize_with_a_model_gives_what_clang_with_the_plugin_gives(
    level: Level, real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    flags = (f"-fpass-plugin={plugin_path()}",)
    model = default_model_path(level)
    # In the largest modules there is something to decide otherwise than LLVM does.
    largest = sorted(real_modules[level], key=lambda path: path.stat().st_size)[-10:]
    other = []

    def differs(module: Path) -> str | None:
        clangs = _clang(module, level, tmp_path / f"{module.stem}.bc", *flags)
        ours = llvm_tools.optimize(module, level, model=model, workers=1)
        other.append(ours != llvm_tools.optimize(module, level, workers=1))
        same = llvm_tools.to_ir(ours, name="m") == llvm_tools.to_ir(clangs, name="m")
        return None if same else module.name

    assert in_parallel(differs, largest) == []
    assert any(other)


def test_text_is_what_llvm_dis_prints(real_modules: dict[str, list[Path]]) -> None:
    for module in real_modules["O2"][::10]:
        command = ["llvm-dis-22", str(module), "-o", "-"]
        expected = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert llvm_tools.to_ir(module) == expected
        assert llvm_tools.to_ir(llvm_tools.to_bitcode(expected.encode()), name=str(module)) == (
            expected
        )


def test_text_keeps_the_names_of_values() -> None:
    source = b"define i32 @f(i32 %argument) {\nstart:\n  ret i32 %argument\n}"
    bitcode = llvm_tools.to_bitcode(source)
    assert "%argument" in llvm_tools.to_ir(bitcode)
    assert "start:" in llvm_tools.to_ir(bitcode)


def test_verify_reports_what_stock_opt_reports(tmp_path: Path) -> None:
    source = b"define i32 @f(i1 %c) {\n  %x = add i32 %y, 1\n  %y = add i32 1, 1\n  ret i32 %x\n}"
    module = tmp_path / "m.ll"
    module.write_bytes(source)
    printed = run_opt("-passes=verify", module, "-disable-output", plugin=False)
    assert printed.returncode != 0
    message = llvm_tools.verify(module)["message"].item()
    assert message.split("; ")[0] == "Instruction does not dominate all uses!"
    assert all(line.strip() in printed.stderr for line in message.split("; "))
    assert llvm_tools.verify(b"define void @f() { ret void }").row(0) == ("<bytes>", True, None)
    with pytest.raises(llvm_tools.InvalidModuleError, match="does not dominate all uses"):
        llvm_tools.instcount(module)


def test_an_unknown_pass_is_one_clear_error() -> None:
    with pytest.raises(llvm_tools.EngineError, match=r"^m: unknown pass name 'no-such-pass'$"):
        llvm_tools.run_passes(b"define void @f() { ret void }", "no-such-pass", name="m")


def test_an_unknown_level_is_one_clear_error() -> None:
    with pytest.raises(llvm_tools.EngineError, match="unknown optimisation level 'O9'"):
        llvm_tools.optimize(
            b"define void @f() { ret void }",
            "O9",  # pyright: ignore[reportArgumentType, reportCallIssue]
        )


def test_a_model_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    source = b'target triple = "x86_64-pc-linux-gnu" define void @f() { ret void }'
    with pytest.raises(llvm_tools.EngineError, match=r"cannot use model '.*none\.onnx'"):
        llvm_tools.optimize(source, model=tmp_path / "none.onnx")


def _llc(module: Path, output: Path) -> Path:
    command = ["llc-22", "-O2", "-relocation-model=pic", "-filetype=obj", str(module)]
    subprocess.run([*command, "-o", str(output)], check=True, capture_output=True)
    return output


def test_section_sizes_equal_those_of_llcs_object(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    def differs(module: Path) -> str | None:
        sections = read_sections(_llc(module, tmp_path / f"{module.stem}.o"))
        ours = llvm_tools.object_size(module, workers=1)
        ours = dict(ours.group_by("section").agg(pl.col("bytes").sum()).rows())
        # Empty sections have no row.
        theirs = {name: size for name, size in sections.items() if size}
        return None if ours == theirs else f"{module.name}: {ours}, llc's {theirs}"

    assert in_parallel(differs, real_modules["Oz"][::3]) == []


def test_symbol_sizes_equal_those_of_llvm_nm(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    aliases = []
    for module in real_modules["Oz"][::5]:
        path = _llc(module, tmp_path / "m.o")
        command = ["llvm-nm-22", "-S", "--defined-only", str(path)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        sized = re.findall(r"^[0-9a-f]{16} ([0-9a-f]{16}) [^bBC] (\S+)$", text, re.M)
        ours = llvm_tools.object_size(module).filter(pl.col("symbol").is_not_null())
        assert sorted(ours.select("symbol", "size").rows()) == sorted(
            (name, int(size, 16)) for size, name in sized if int(size, 16)
        )
        aliases.append(ours.filter(pl.col("bytes") < pl.col("size")).height)
    assert sum(aliases) > 0


def test_thread_local_variables_are_symbols_too() -> None:
    source = b'target triple = "x86_64-pc-linux-gnu" @x = thread_local global i32 5'
    frame = llvm_tools.object_size(source)
    assert ("x", ".tdata", 4) in frame.select("symbol", "section", "bytes").rows()


def test_object_size_optimises_first_if_asked(
    real_modules: dict[str, list[Path]], tmp_path: Path
) -> None:
    """A module made for -Oz, so that llc sees the attributes of that level."""
    module = real_modules["Oz"][0]
    _clang(module, "Oz", tmp_path / "optimised.bc")
    sections = {}
    for name, path in (("as it is", module), ("optimised", tmp_path / "optimised.bc")):
        sections[name] = read_sections(_llc(path, tmp_path / "m.o"))
    for name, frame in (
        ("as it is", llvm_tools.object_size(module)),
        ("optimised", llvm_tools.object_size(module, level="Oz")),
    ):
        ours = dict(frame.group_by("section").agg(pl.col("bytes").sum()).rows())
        assert ours == {section: size for section, size in sections[name].items() if size}
    assert sum(sections["optimised"].values()) < sum(sections["as it is"].values())
