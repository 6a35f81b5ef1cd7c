"""Sizes of linked files: what they load, section by section."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.programs import run_tool
from fastir_train.runtime.wasm import is_wasm

# Sections of machine code: ELF's, WebAssembly's.
_CODE = (".text", "CODE")
# lld pads the end of the read-only-after-relocation segment by up to a page.
_PADDING = {".relro_padding"}


def code_bytes(sections: Mapping[str, int]) -> int:
    """Of the sections of a file, the bytes of machine code."""
    return sum(sections.get(name, 0) for name in _CODE)


def read_sections(path: Path) -> dict[str, int]:
    """Bytes of each loadable section by name.

    Of an ELF file these are the allocated sections that take space in the file (so neither .bss
    nor .tbss), without lld's padding; of a WebAssembly module all but the custom ones. A library
    that a link of WebAssembly has left relocatable is linked first, as a module that exports what
    the library does.

    Raises
    ------
    FastirError
        If the file is neither one ELF file nor a WebAssembly module.
    """
    return _wasm_sections(path) if is_wasm(path) else _elf_sections(path)


def _wasm_sections(path: Path) -> dict[str, int]:
    sizes = _wasm_sizes(path)
    if "linking" in sizes:
        with tempfile.TemporaryDirectory() as folder:
            module = Path(folder, "module.wasm")
            options = ("--no-entry", "--export-dynamic", "--unresolved-symbols=ignore-all")
            run_tool("wasm-ld", *options, str(path), "-o", str(module))
            sizes = _wasm_sizes(module)
    # LLVM's tools write the names of the standard sections in capitals.
    return {name: size for name, size in sizes.items() if name.isupper()}


def _wasm_sizes(path: Path) -> dict[str, int]:
    # The file's name and the header before, the sum behind.
    lines = run_tool("llvm-size", "--format=sysv", str(path)).split("\n\n")[0].splitlines()
    sizes: dict[str, int] = {}
    for line in lines[2:-1]:
        name, size, _ = line.rsplit(maxsplit=2)
        sizes[name] = sizes.get(name, 0) + int(size)
    return sizes


def _elf_sections(path: Path) -> dict[str, int]:
    printed = run_tool("llvm-readobj", "--sections", "--elf-output-style=JSON", str(path))
    try:
        (file,) = json.loads(printed)
        entries = file["Sections"]
    except (ValueError, KeyError, TypeError):
        raise FastirError(
            f"{path}: its sections cannot be read: is it one ELF file or a WebAssembly module?"
        ) from None
    sizes: dict[str, int] = {}
    for entry in entries:
        section = entry["Section"]
        flags = {flag["Name"] for flag in section["Flags"]["Flags"]}
        name = section["Name"]["Name"]
        if (
            "SHF_ALLOC" in flags
            and section["Type"]["Name"] != "SHT_NOBITS"
            and name not in _PADDING
        ):
            sizes[name] = sizes.get(name, 0) + section["Size"]
    return sizes
