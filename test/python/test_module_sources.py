"""Files that hold a module in another way, and files that hold none, named for what they are."""

import bz2
import gzip
import lzma
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

import llvm_tools

SOURCE = "static int a(int x) { return x * 3; } int b(int x) { return a(x) + a(x + 1); }"


def _clang(output: Path, *flags: str) -> Path:
    command = ["clang-22", "-Oz", *flags, "-x", "c", "-c", "-", "-o", str(output)]
    subprocess.run(command, input=SOURCE, text=True, check=True)
    return output


# How to compile, and the section that holds the bitcode.
HOLDERS = {
    "embedded": ("-fembed-bitcode=all", ".llvmbc"),
    "fat": ("-flto -ffat-lto-objects", ".llvm.lto"),
    "fat, thin": ("-flto=thin -ffat-lto-objects", ".llvm.lto"),
    "embedded, 32 bits": ("--target=i386-linux-gnu -fembed-bitcode=all", ".llvmbc"),
    "embedded, big-endian": ("--target=s390x-linux-gnu -fembed-bitcode=all", ".llvmbc"),
    "embedded, COFF": ("--target=x86_64-pc-windows-msvc -fembed-bitcode=all", ".llvmbc"),
    "embedded, Mach-O": ("--target=arm64-apple-macosx -fembed-bitcode=all", "__LLVM,__bitcode"),
}


@pytest.mark.parametrize(("flags", "section"), HOLDERS.values(), ids=HOLDERS)
def test_the_bitcode_in_an_object_is_read(flags: str, section: str, tmp_path: Path) -> None:
    """Oracle: the section as llvm-objcopy writes it out."""
    holder = _clang(tmp_path / "m.o", *flags.split())
    dumped = tmp_path / "dumped.bc"
    command = ["llvm-objcopy-22", f"--dump-section={section}={dumped}", str(holder), "/dev/null"]
    subprocess.run(command, check=True)
    for table in (llvm_tools.instcount, llvm_tools.inlining_features):
        assert table(holder, name="m").equals(table(dumped, name="m"))
    assert llvm_tools.to_bitcode(holder) == llvm_tools.to_bitcode(dumped)
    assert "b" in llvm_tools.function_features(holder)["function"]


def test_alternatives_and_compiles_read_it_too(tmp_path: Path) -> None:
    # What clang embeds has been optimised, unless an option says otherwise.
    flags = ("-Xclang", "-disable-llvm-passes", "-fembed-bitcode=all")
    holder = _clang(tmp_path / "m.o", *flags)
    decisions = llvm_tools.compile_module(holder).decisions()
    assert decisions.select("caller", "callee").rows() == [("b", "a"), ("b", "a")]
    measured = llvm_tools.measure_alternatives(holder, [{0: False}])
    assert measured.changes.height == 1


def _archive(folder: Path) -> bytes:
    member = _clang(folder / "member.o", "-flto")
    subprocess.run(["llvm-ar-22", "cr", folder / "m.a", member], check=True)
    return (folder / "m.a").read_bytes()


def _zip(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "m.zip", "w") as file:
        file.writestr("m.ll", "define void @f() { ret void }")
    return (folder / "m.zip").read_bytes()


def _parquet(folder: Path) -> bytes:
    pl.DataFrame({"content": [b""]}).write_parquet(folder / "m.parquet")
    return (folder / "m.parquet").read_bytes()


IR = b"define void @f() { ret void }"
OTHERS = {
    "empty": (lambda _: b"", "it is empty"),
    "blank": (lambda _: b" \n\t\n", "it is empty"),
    "object": (
        lambda folder: _clang(folder / "m.o", "--target=x86_64-linux-gnu").read_bytes(),
        "it is an object file (elf64-x86-64) without bitcode; give what clang writes with "
        "-emit-llvm, or compile with -fembed-bitcode=all or -ffat-lto-objects",
    ),
    "object with a marker only": (
        lambda folder: _clang(
            folder / "m.o", "--target=x86_64-linux-gnu", "-fembed-bitcode=marker"
        ).read_bytes(),
        "it is an object file (elf64-x86-64) without bitcode; give what clang writes with "
        "-emit-llvm, or compile with -fembed-bitcode=all or -ffat-lto-objects",
    ),
    "broken object": (
        lambda folder: _clang(folder / "m.o", "-fembed-bitcode=all").read_bytes()[:100],
        "it is an object file that cannot be read: ",
    ),
    "archive": (_archive, "it is an archive; extract its members (llvm-ar-22 x) and give those"),
    "gzip": (lambda _: gzip.compress(IR), "it is compressed with gzip; decompress it first"),
    "xz": (lambda _: lzma.compress(IR), "it is compressed with xz; decompress it first"),
    "bzip2": (lambda _: bz2.compress(IR), "it is compressed with bzip2; decompress it first"),
    "zstd": (
        lambda _: pa.compress(IR, codec="zstd", asbytes=True),
        "it is compressed with zstd; decompress it first",
    ),
    "zip": (_zip, "it is a zip archive; extract its members and give those"),
    "Parquet": (_parquet, "it is a Parquet file; llvm_tools.stream() reads those"),
    "bytes": (
        lambda _: bytes(range(1, 200)) + bytes(200),
        "it is neither bitcode nor textual IR nor an object file",
    ),
}


@pytest.mark.parametrize(("make", "words"), OTHERS.values(), ids=OTHERS)
def test_what_holds_no_module_is_named(
    make: Callable[[Path], bytes], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "given"
    path.write_bytes(make(tmp_path))
    for table in (llvm_tools.function_features, llvm_tools.object_size, llvm_tools.verify):
        with pytest.raises(llvm_tools.BitcodeError) as raised:
            table(path)
        assert str(raised.value).startswith(f"{path}: {words}")
        assert "\n" not in str(raised.value)
    with pytest.raises(llvm_tools.EngineError) as raised:
        llvm_tools.compile_module(path)
    assert str(raised.value).startswith(f"{path}: {words}")


def test_text_of_other_kinds_stays_the_parser_s() -> None:
    with pytest.raises(llvm_tools.BitcodeError, match="line 1: expected top-level entity"):
        llvm_tools.instcount(b"int f(void) { return 1; }", name="m")
