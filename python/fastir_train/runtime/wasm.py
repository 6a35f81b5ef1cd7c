"""What a WebAssembly file is known by."""

from pathlib import Path

MAGIC = b"\x00asm"


def is_wasm(path: Path) -> bool:
    """Whether a file is a WebAssembly module or object; one that cannot be read is not."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
