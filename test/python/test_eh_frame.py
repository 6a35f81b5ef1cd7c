"""Unwind entries written by hand: counted as lld takes them, refused where lld refuses them."""

import subprocess
from pathlib import Path

import pytest

import llvm_tools

# A CIE of 24 bytes with "zR", then an FDE of 24 bytes for each function.
CIE = """.Lcie:
.long 20; .long 0; .byte 1; .asciz "zR"; .uleb128 1; .sleb128 -8; .byte 16
.uleb128 1; .byte 0x1b; .byte 0x0c, 7, 8, 0x90, 1, 0, 0"""
FDE = """.long 20
.long . - .Lcie; .long {0} - .; .long 1; .byte 0; .zero 7"""
FRAME = "\n".join([CIE, FDE.format("f"), FDE.format("g")])


def _module(frame: str) -> bytes:
    lines = ['.section .eh_frame,"a",@unwind', *frame.splitlines()]
    quoted = [line.replace('"', r"\22") for line in lines]
    assembly = "".join(f'module asm "{line}"\n' for line in quoted)
    functions = "".join(
        f"define hidden void @{name}() nounwind {{ ret void }}\n" for name in ("f", "g")
    )
    return f'target triple = "x86_64-pc-linux-gnu"\n{assembly}{functions}'.encode()


def _link(module: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "m.ll").write_bytes(module)
    command = ["llc-22", "-relocation-model=pic", "-filetype=obj", "m.ll", "-o", "m.o"]
    subprocess.run(command, cwd=folder, check=True)
    command = ["ld.lld-22", "-shared", "m.o", "-o", "m.so"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("end", ["", ".long 0", ".long 0; .long 100"])
def test_entries_up_to_the_terminator_are_counted(end: str, tmp_path: Path) -> None:
    module = _module(f"{FRAME}\n{end}")
    assert _link(module, tmp_path).returncode == 0
    frame = llvm_tools.compile_module(module).pieces().filter(kind="eh_frame")
    assert frame["bytes"].sum() == 2 * 24


BROKEN = {
    ".long 100; .long 0": "CIE/FDE ends past the end of the section",
    ".long 0xffffffff; .quad 8; .quad 0": "CIE/FDE too large",
    ".byte 1": "CIE/FDE too small",
}


@pytest.mark.parametrize(("end", "words"), BROKEN.items(), ids=BROKEN.values())
def test_what_cannot_be_parsed_is_refused_as_by_lld(end: str, words: str, tmp_path: Path) -> None:
    module = _module(f"{FRAME}\n{end}")
    linked = _link(module, tmp_path)
    assert f"corrupted .eh_frame: {words}" in linked.stderr
    with pytest.raises(llvm_tools.EngineError, match=f"^m: corrupted .eh_frame: {words}, at 0x48$"):
        llvm_tools.compile_module(module, name="m")
    with pytest.raises(llvm_tools.EngineError, match=f"corrupted .eh_frame: {words}"):
        llvm_tools.object_size(module)


def test_an_entry_without_a_kind_is_refused() -> None:
    with pytest.raises(llvm_tools.EngineError, match=r"corrupted .eh_frame: CIE/FDE too small"):
        llvm_tools.compile_module(_module(f"{FRAME}\n.long 2; .byte 0, 0; .long 0"))
