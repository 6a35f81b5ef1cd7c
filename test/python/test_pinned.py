"""The folder that ``fastir flags`` pins a plugin in, and what the plugin refuses there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import write_linear_model

from fastir_train.cli import pinned
from fastir_train.cli.pinned import Choice, pin, pinned_flags
from fastir_train.corpus.collect import collect
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import flags, plugin_path, runtime_path
from llvm_tools.engine import Policy

FASTIR = Path(sys.executable).with_name("fastir")
PLUGIN = "libFastirInline-pinned.so"
SOURCE = """
int other(int);
static int helper(int x) { return x * other(x) + x; }
int caller(int x) { return helper(x) + helper(x + 1); }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "pinned"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_linear_model(tmp_path / "m.onnx", {"callee_instruction_count": -1.0})


def _fastir_flags(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [str(FASTIR), "flags", *map(str, arguments)]
    added = {**os.environ, **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=added)


def _compile(
    plugin: Path, tmp_path: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    source = tmp_path / "x.c"
    source.write_text(SOURCE)
    return subprocess.run(
        ["clang-22", "-Oz", f"-fpass-plugin={plugin}", *options, "-c", source, "-o", "x.o"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, **environment},
    )


def _only_error(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if line != "1 error generated."]
    assert len(lines) == 1, result.stderr
    return lines[0].removeprefix("error: ")


def test_same_settings_are_one_folder_made_once(root: Path) -> None:
    folder = pin(Choice(), root)
    made = folder.stat().st_mtime_ns
    assert pin(Choice(), root) == folder
    assert folder.stat().st_mtime_ns == made
    assert (folder / PLUGIN).read_bytes() == plugin_path().read_bytes()
    assert list(root.iterdir()) == [folder]


def test_whatever_decides_is_in_the_fingerprint(root: Path, model: Path, tmp_path: Path) -> None:
    runtime = runtime_path()
    assert runtime is not None
    other_runtime = tmp_path / "libonnxruntime.so"
    shutil.copy(runtime, other_runtime)
    other_plugin = tmp_path / "plugin.so"
    other_plugin.write_bytes(plugin_path().read_bytes() + b"\0")
    folders = [
        pin(Choice(), root),
        pin(Choice(), root, plugin=other_plugin),
        pin(Choice("never"), root),
        pin(Choice("llvm"), root),
        pin(Choice(model=model), root),
        pin(Choice(onnxruntime=other_runtime), root),
        pin(Choice(runtime="native"), root),
        pin(Choice(runtime="onnxruntime"), root),
    ]
    write_linear_model(model, {"callee_instruction_count": 1.0})
    folders.append(pin(Choice(model=model), root))
    assert len(set(folders)) == len(folders)


def test_a_model_counts_by_its_contents_not_its_name(root: Path, model: Path) -> None:
    folder = pin(Choice(model=model), root)
    elsewhere = model.with_name("elsewhere.onnx")
    model.rename(elsewhere)
    assert pin(Choice(model=elsewhere), root) == folder


def test_processes_that_pin_at_once_agree(root: Path) -> None:
    command = [str(FASTIR), "flags", "--out", str(root)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    printed = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * 4
    assert len(set(printed)) == 1
    assert [str(path / PLUGIN) for path in root.iterdir()] == [printed[0].strip().split("=")[1]]


@pytest.mark.parametrize(
    ("options", "environment", "error"),
    [
        ((), {"FASTIR_POLICY": "never"}, "FASTIR_POLICY is set, which"),
        ((), {"FASTIR_MODEL": "m.onnx"}, "FASTIR_MODEL is set, which"),
        ((), {"FASTIR_ONNXRUNTIME": "o.so"}, "FASTIR_ONNXRUNTIME is set, which"),
        ((), {"FASTIR_RUNTIME": "native"}, "FASTIR_RUNTIME is set, which"),
        ((), {"FASTIR_REPLAY": "."}, "FASTIR_REPLAY is set, which"),
        (("-mllvm=-fastir-model=m.onnx",), {}, "-fastir-model= names what"),
        (("-mllvm=-fastir-onnxruntime=o.so",), {}, "-fastir-onnxruntime= names what"),
        (("-mllvm=-fastir-runtime=native",), {}, "-fastir-runtime= names what"),
        (("-mllvm=-fastir-replay=.",), {}, "-fastir-replay= names what"),
    ],
)
def test_refuses_what_no_cache_sees(
    options: tuple[str, ...],
    environment: dict[str, str],
    error: str,
    root: Path,
    tmp_path: Path,
) -> None:
    plugin = pin(Choice(), root) / PLUGIN
    assert _compile(plugin, tmp_path).returncode == 0
    result = _compile(plugin, tmp_path, *options, **environment)
    assert _only_error(result).startswith(f"fastir: {error}")
    assert "use 'fastir flags --" in result.stderr


def test_takes_a_policy_that_caches_see(root: Path, tmp_path: Path) -> None:
    plugin = pin(Choice(), root) / PLUGIN
    result = _compile(plugin, tmp_path, "-mllvm=-fastir-policy=never", FASTIR_POLICY="always")
    assert (result.returncode, result.stderr) == (0, "")
    ours = (tmp_path / "x.o").read_bytes()
    assert _compile(plugin_path(), tmp_path, FASTIR_POLICY="never").returncode == 0
    assert (tmp_path / "x.o").read_bytes() == ours


def test_a_policy_without_models_cannot_become_model(root: Path, tmp_path: Path) -> None:
    plugin = pin(Choice("never"), root) / PLUGIN
    result = _compile(plugin, tmp_path, "-mllvm=-fastir-policy=model")
    assert _only_error(result) == (
        "fastir: the flags were made for the policy 'never' and have no model; "
        "use 'fastir flags --policy model'"
    )


def _append(path: Path) -> None:
    _overwrite(path, path.read_bytes() + b"\0")


def _flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    _overwrite(path, data)


def _overwrite(path: Path, data: bytes | bytearray) -> None:
    # This process may have the old file loaded.
    path.unlink()
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (PLUGIN, _append),
        ("inline-oz.onnx", _flip_a_byte),
        ("inline-os.onnx", Path.unlink),
        ("settings.json", _append),
        ("settings.json", Path.unlink),
    ],
)
def test_refuses_a_folder_that_was_changed(
    name: str, change: Callable[[Path], None], root: Path, tmp_path: Path
) -> None:
    folder = pin(Choice(), root)
    change(folder / name)
    assert _only_error(_compile(folder / PLUGIN, tmp_path)) == (
        f"fastir: '{folder / name}' is not as it was when 'fastir flags' pinned it; "
        f"remove {folder} and run 'fastir flags' again"
    )
    assert _only_error(_fastir_flags("--out", root)) == (
        f"fastir: {folder / name} is not as it was made; remove the folder {folder}"
    )
    shutil.rmtree(folder)
    assert pin(Choice(), root) == folder
    assert _compile(folder / PLUGIN, tmp_path).returncode == 0


def test_a_copy_of_the_folder_works_under_its_name_alone(root: Path, tmp_path: Path) -> None:
    folder = pin(Choice(), root)
    copy = tmp_path / "elsewhere" / folder.name
    # Without modification times.
    shutil.copytree(folder, copy, copy_function=shutil.copyfile)
    assert _compile(copy / PLUGIN, tmp_path).returncode == 0
    _flip_a_byte(copy / "inline-oz.onnx")
    assert "is not as it was" in _only_error(_compile(copy / PLUGIN, tmp_path))
    renamed = folder.rename(tmp_path / "0123456789abcdef")
    assert "is not as it was" in _only_error(_compile(renamed / PLUGIN, tmp_path))


def test_refuses_another_onnx_runtime(root: Path, tmp_path: Path) -> None:
    found = runtime_path()
    assert found is not None
    runtime = tmp_path / "libonnxruntime.so"
    shutil.copy(found, runtime)
    plugin = pin(Choice(onnxruntime=runtime), root) / PLUGIN
    assert _compile(plugin, tmp_path).returncode == 0
    _append(runtime)
    assert _only_error(_compile(plugin, tmp_path)) == (
        f"fastir: ONNX Runtime '{runtime}' is not the one that 'fastir flags' found; "
        "run 'fastir flags' again"
    )


@pytest.mark.parametrize("policy", ["never", "always"])
def test_refuses_another_copy_of_the_plugin(policy: Policy, root: Path, tmp_path: Path) -> None:
    one = f"-fpass-plugin={pin(Choice('never'), root) / PLUGIN}"
    plugin = pin(Choice(policy), root) / PLUGIN
    result = _compile(plugin, tmp_path, one)
    if policy == "never":
        assert (result.returncode, result.stderr) == (0, "")
    else:
        assert _only_error(result) == (
            "fastir: two copies of the plugin are loaded; use the flags of one 'fastir flags' alone"
        )


def test_finds_the_runtime_of_the_system(tmp_path: Path) -> None:
    found = runtime_path()
    assert found is not None
    (tmp_path / "libonnxruntime.so.1").symlink_to(found)
    code = (
        "from pathlib import Path\n"
        "from fastir_train.cli import pinned\n"
        "pinned.runtime_path = lambda: None\n"
        "print(pinned.pin(pinned.Choice(runtime='onnxruntime'), Path('p')))"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    settings = json.loads((Path(result.stdout.strip()) / "settings.json").read_text())
    assert settings["onnxruntime"] == {"file": str(found), "size": found.stat().st_size}


def test_says_that_there_is_no_runtime(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "runtime_path", lambda: None)
    monkeypatch.setattr(pinned, "_system_runtime", lambda: None)
    with pytest.raises(FastirError, match="cannot find ONNX Runtime; install it with 'pip"):
        pin(Choice(runtime="onnxruntime"), root)


def test_trees_need_no_runtime(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_one = pin(Choice(), root)
    monkeypatch.setattr(pinned, "runtime_path", lambda: None)
    monkeypatch.setattr(pinned, "_system_runtime", lambda: None)
    for choice in (Choice(), Choice(runtime="native")):
        folder = pin(choice, root)
        assert json.loads((folder / "settings.json").read_text())["onnxruntime"] is None
        result = _compile(folder / PLUGIN, tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
    assert pin(Choice(), root) == with_one


def test_logs_from_a_pinned_plugin(root: Path, tmp_path: Path) -> None:
    plugin = pin(Choice(), root) / PLUGIN
    log = tmp_path / "log"
    assert _compile(plugin, tmp_path).returncode == 0
    ours = (tmp_path / "x.o").read_bytes()
    assert _compile(plugin, tmp_path, FASTIR_LOG=str(log)).returncode == 0
    assert log.stat().st_size > 0
    assert (tmp_path / "x.o").read_bytes() == ours


def test_flags_refuse_what_cannot_be_used(root: Path, tmp_path: Path) -> None:
    network = write_linear_model(tmp_path / "m.onnx", {"callee_instruction_count": 1.0})
    text = tmp_path / "text"
    text.write_text("not a model\n")
    out = ("--out", root)
    for arguments, error in (
        (("--model", "none.onnx"), "cannot use model 'none.onnx': No such file or directory"),
        (("--model", text), f"cannot use model '{text}': it is truncated or not an ONNX model"),
        (("--onnxruntime", "o.so"), "cannot use ONNX Runtime 'o.so': there is no such file"),
        (("--onnxruntime", text), f"cannot use ONNX Runtime '{text}': "),
        (
            ("--runtime", "native", "--onnxruntime", text),
            "the runtime 'native' is not ONNX Runtime; leave out --onnxruntime",
        ),
        (
            ("--runtime", "native", "--model", network),
            f"cannot use model '{network}': the native runtime cannot evaluate it: ",
        ),
        (
            ("--policy", "never", "--model", text),
            "the policy 'never' asks no model; leave out what names one",
        ),
        (("--unpinned", "--policy", "never"), "--unpinned takes its settings from FASTIR_* alone"),
    ):
        assert _only_error(_fastir_flags(*arguments, *out)).startswith(f"fastir: {error}")
    assert not list(root.glob("*"))
    assert _only_error(_fastir_flags("--out", text)) == (
        f"fastir: cannot write to {text}: File exists; name another folder with --out"
    )
    assert _fastir_flags("--policy", "sometimes").returncode == 2


def test_unpinned_flags_obey_the_environment(tmp_path: Path) -> None:
    for host in ("clang", "opt", "lld", "rustc"):
        result = _fastir_flags("--unpinned", "--for", host)
        assert result.stdout.split() == flags(host)
    never = _compile(plugin_path(), tmp_path, FASTIR_POLICY="never")
    assert (never.returncode, never.stderr) == (0, "")


def test_collects_from_builds_that_have_pinned_flags(
    program: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = pinned_flags("clang", Choice(), root)
    monkeypatch.setenv("RUSTFLAGS", pinned_flags("rustc", Choice(), root)[0])
    rust = "rustc $$RUSTFLAGS --crate-type=lib lib.rs"
    (program / "lib.rs").write_text("pub fn f(x: u32) -> u32 { x * 3 }\n")
    (program / "Makefile").write_text(f"all:\n\t$(CC) -O2 {given[0]} main.c\n\t{rust}\n")
    assert collect(tmp_path / "modules", ["make", "-C", str(program)]) == 2


def test_pins_in_the_users_cache_folder_by_default(tmp_path: Path) -> None:
    unset = {"XDG_CACHE_HOME": "", "HOME": str(tmp_path)}
    result = _fastir_flags("--policy", "llvm", environment=unset)
    assert result.stdout.startswith(f"-fpass-plugin={tmp_path}/.cache/fastir/")
    given = {"XDG_CACHE_HOME": str(tmp_path / "caches")}
    result = _fastir_flags("--policy", "llvm", environment=given)
    assert result.stdout.startswith(f"-fpass-plugin={tmp_path}/caches/fastir/")
