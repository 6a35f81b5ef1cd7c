"""Modules of the corpus, which is collected at -Oz, as clang would have written them at -Os."""

import subprocess
from pathlib import Path

from fastir_train.runtime.toolchain import tool


def relevel(module: Path, level: str) -> None:
    """Rewrite a module's bitcode so that its functions are of a level, Oz or Os."""
    if level == "Os":
        passes = ["-passes=forceattrs", "-force-remove-attribute=minsize"]
        subprocess.run([tool("opt"), *passes, module, "-o", module], check=True)
