"""Rust's compiler, which takes the plugin if it carries the same LLVM."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from fastir_train.runtime.toolchain import LLVM_MAJOR, PINNED_PLUGIN


def versions() -> tuple[str, str] | None:
    """Its release and that of its LLVM, each ``"unknown"`` if it does not say; None without it."""
    path = shutil.which("rustc")
    return None if path is None else _versions_of(path)


@cache
def _versions_of(path: str) -> tuple[str, str]:
    result = subprocess.run([path, "-vV"], capture_output=True, text=True, check=False)
    facts = dict(line.split(": ", 1) for line in result.stdout.splitlines() if ": " in line)
    return facts.get("release", "unknown"), facts.get("LLVM version", "unknown")


def loads_plugin() -> bool:
    """Whether there is a rustc, and it can load the plugin."""
    found = versions()
    return found is not None and takes_plugin(found[1])


def takes_plugin(llvm: str) -> bool:
    """Whether a rustc with this version of LLVM can load the plugin."""
    return llvm.split(".", maxsplit=1)[0] == str(LLVM_MAJOR)


def environment(flags: Sequence[str]) -> dict[str, str]:
    """What to add to the environment of a build so that cargo gives rustc some flags.

    They are added to the caller's own ``RUSTFLAGS``, of which a plugin from ``fastir flags`` is
    left out: a process cannot have two. Nothing is added where rustc cannot load the plugin.
    """
    if not loads_plugin():
        return {}
    own = os.environ.get("RUSTFLAGS", "").split()
    kept = [word for word in own if not word.endswith(PINNED_PLUGIN)]
    return {"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": " ".join([*flags, *kept])}
