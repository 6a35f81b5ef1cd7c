"""The plugin and its models alone, on a machine that has neither Python nor ONNX Runtime."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from fastir_train.runtime.toolchain import default_model_paths, plugin_path

SOURCE = """
int other(int);
static int helper(int x) { return x * other(x) + x; }
int caller(int x) { return helper(x) + helper(x + 1); }
"""


def _libraries(binary: Path) -> set[Path]:
    """What the dynamic loader maps for a program or library, the loader itself among it."""
    result = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True)
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", result.stdout)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root folder with clang, what it loads, and ``lib/`` and ``models/`` of the package."""
    clang = Path(shutil.which("clang-22") or "").resolve()
    root = tmp_path / "root"
    for path in {clang} | _libraries(clang) | _libraries(plugin_path()):
        there = root / path.relative_to("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    (root / "clang").symlink_to(clang)
    for folder, files in {
        "lib": [plugin_path()],
        "models": default_model_paths(),
    }.items():
        (root / "fastir" / folder).mkdir(parents=True)
        for path in files:
            shutil.copy(path, root / "fastir" / folder)
    (root / "x.c").write_text(SOURCE)
    return root


def _in(root: Path, command: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    # As root of a namespace of its own, which needs no root outside.
    enter = ["unshare", "--user", "--map-root-user", f"--root={root}"]
    # There is no cache of the loader's.
    folders = {f"/{path.parent.relative_to(root)}" for path in root.rglob("*.so*")}
    given = {"LD_LIBRARY_PATH": ":".join(sorted(folders - {"/fastir/lib"})), **environment}
    return subprocess.run(
        [*enter, *command], capture_output=True, text=True, check=False, env=given
    )


@pytest.mark.parametrize("level", ["Oz", "Os"])
def test_lib_and_models_are_all_that_a_build_machine_needs(root: Path, level: str) -> None:
    compiler = ["/clang", "-cc1", "-triple", "x86_64-pc-linux-gnu", f"-{level}", "-emit-obj"]
    probe = _in(root, ["/clang", "--version"])
    if "unshare" in probe.stderr:
        pytest.skip(f"this machine has no user namespaces: {probe.stderr.strip()}")
    assert probe.returncode == 0, probe.stderr
    assert not list(root.rglob("*python*"))
    assert not list(root.rglob("*onnxruntime*"))
    plugin = "-fpass-plugin=/fastir/lib/libFastirInline.so"
    stock = _in(root, [*compiler, "/x.c", "-o", "/stock.o"])
    assert (stock.returncode, stock.stderr) == (0, "")
    for runtime in ("auto", "native"):
        settings = {"FASTIR_RUNTIME": runtime, "FASTIR_LOG": f"/{runtime}.log"}
        ours = _in(root, [*compiler, plugin, "/x.c", "-o", "/ours.o"], **settings)
        assert (ours.returncode, ours.stderr) == (0, "")
        assert b'"runtime":"native"' in (root / f"{runtime}.log").read_bytes()
    settings = {"FASTIR_RUNTIME": "onnxruntime"}
    refused = _in(root, [*compiler, plugin, "/x.c", "-o", "/none.o"], **settings)
    assert refused.returncode != 0
    assert "cannot find ONNX Runtime; install it with 'pip install onnxruntime'" in refused.stderr
