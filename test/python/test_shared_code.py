"""`tools/shared_code.py`: code that two projects of different splits share is found."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

MANIFEST = """
name = "{name}"
language = "c"
licence = "MIT"
split = "{split}"
[source]
registry = "debian"
package = "{name}"
version = "1"
archive = "{name}.tar"
sha256 = "{digest}"
[build]
directory = "."
commands = ["$CC $CFLAGS $LDFLAGS -fPIC -shared -o out.so main.c"]
outputs = ["out.so"]
"""


def _function(name: str) -> str:
    """A C function of twelve lines, which has its name in each."""
    sums = "\n".join(f"  {name}_sum += {name}_first * {n} - {name}_sum;" for n in range(10))
    return f"int {name}(int {name}_first, int {name}_sum) {{\n{sums}\n  return {name}_sum;\n}}\n"


def _add(folder: Path, name: str, split: str, **files: str) -> None:
    source = folder / name
    source.mkdir()
    for stem, text in files.items():
        (source / f"{stem}.c").write_text(text)
    archive = folder / "work" / "sources" / f"{name}.tar"
    archive.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-cf", archive, "-C", source, "."], check=True)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (folder / "corpus").mkdir(exist_ok=True)
    text = MANIFEST.format(name=name, split=split, digest=digest)
    (folder / "corpus" / f"{name}.toml").write_text(text)


@pytest.mark.parametrize("measured", [True, False])
def test_a_copy_in_what_is_measured_is_found(tmp_path: Path, *, measured: bool) -> None:
    copied = _function("copied")
    held_out = copied if measured else _function("other")
    _add(tmp_path, "held-out", "test", main=held_out, unused=copied)
    # The same with other blanks and comments, in a file that is not built.
    elsewhere = copied.replace("  ", "\t").replace(" += ", "+= /* ! */")
    _add(tmp_path, "trained-on", "train", main=_function("main"), vendored=elsewhere)
    command = [sys.executable, str(ROOT / "tools" / "shared_code.py")]
    folders = ["--corpus", str(tmp_path / "corpus"), "--work", str(tmp_path / "work")]
    run = subprocess.run([*command, *folders], capture_output=True, text=True, check=False)
    assert run.returncode == int(measured), run.stderr
    assert ("held-out and trained-on: " in run.stdout) == measured
