"""Sizes of linked files: what they load, section by section."""

import json
from pathlib import Path

from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.programs import run_tool

# lld pads the end of the read-only-after-relocation segment by up to a page.
_PADDING = {".relro_padding"}


def read_sections(path: Path) -> dict[str, int]:
    """Bytes of each loadable section by name.

    These are the allocated sections that take space in the file (so neither .bss nor .tbss),
    without lld's padding.

    Raises
    ------
    FastirError
        If the file is not one ELF file.
    """
    printed = run_tool("llvm-readobj", "--sections", "--elf-output-style=JSON", str(path))
    try:
        (file,) = json.loads(printed)
        entries = file["Sections"]
    except (ValueError, KeyError, TypeError):
        raise FastirError(f"{path}: its sections cannot be read: is it one ELF file?") from None
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
