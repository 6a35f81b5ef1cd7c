"""Copies of the plugin whose path says all that decides, so that compiler caches see it.

ccache and sccache hash the path of a plugin, not what is in it, nor its models, nor ``FASTIR_*``.
A pinned plugin lies in a folder that is named by the SHA-256 of ``settings.json``, which names the
policy and the contents of the plugin, its models and ONNX Runtime. The plugin reads it from there,
and fails the compile if anything does not fit (``plugin/host/PinnedSettings.cpp``).
"""

import ctypes
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import llvm_tools
from fastir_train.runtime.errors import FastirError
from fastir_train.runtime.toolchain import (
    PINNED_PLUGIN,
    Host,
    default_model_paths,
    flags,
    plugin_path,
    runtime_path,
)
from llvm_tools.engine import Policy
from llvm_tools.prediction import Runtime

_FORMAT = 3
_SETTINGS = "settings.json"
_LLD = "lld.rsp"
_PROFILE = "fastir.profile"


@dataclass(frozen=True)
class Choice:
    """What decides on inlining."""

    policy: Policy = "model"
    model: Path | None = None
    """An ONNX file in place of the shipped models; for the policy ``model`` alone."""
    onnxruntime: Path | None = None
    """ONNX Runtime's library in place of the one that is found; for the policy ``model`` alone."""
    runtime: Runtime = "auto"
    """What evaluates the models; for the policy ``model`` alone."""
    profile: Path | None = None
    """Decisions that ``fastir tune`` wrote down, which go before the policy's."""
    strict: bool = False
    """Whether the profile must fit: a function that has changed since fails its compile."""


def cache_folder() -> Path:
    """Where pinned plugins go by default: ``fastir`` in the user's cache folder.

    Raises
    ------
    FastirError
        If the user has no home folder.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if given.is_absolute():
        return given / "fastir"
    try:
        return Path.home() / ".cache" / "fastir"
    except RuntimeError:
        raise FastirError("there is no home folder; name a folder with --out") from None


def pin(choice: Choice, root: Path, *, plugin: Path | None = None) -> Path:
    """Make the folder of a pinned plugin, unless it is there.

    Parameters
    ----------
    choice
        What decides.
    root
        Where the folder is made; its name is the fingerprint.
    plugin
        The plugin to copy; by default the installed one.

    Returns
    -------
    pathlib.Path
        The folder, absolute.

    Raises
    ------
    FastirError
        If a model or ONNX Runtime cannot be used, the folder cannot be written, or one of that
        name holds something else.
    """
    files = {PINNED_PLUGIN: _read(plugin or plugin_path(), "plugin")}
    models: dict[str, Path] = {}
    runtime = None
    if choice.policy == "model":
        models = _models(choice)
        files |= {name: _read(path, "model") for name, path in models.items()}
        if _needs_onnx_runtime(models, choice):
            runtime = _runtime(choice)
    elif choice.model or choice.onnxruntime or choice.runtime != "auto":
        raise FastirError(f"the policy '{choice.policy}' asks no model; leave out what names one")
    if choice.profile:
        files[_PROFILE] = _read(choice.profile, "profile")
    settings = _settings(choice, list(models), files, runtime)
    fingerprint = hashlib.sha256(settings).hexdigest()[:16]
    folder = root.resolve() / fingerprint
    files[_SETTINGS] = settings
    files[_LLD] = _lld_arguments(folder)
    if not folder.is_dir():
        _try_models(models, choice.runtime, runtime)
        _make(folder, files)
    _check(folder, files)
    return folder


def pinned_flags(host: Host, choice: Choice, root: Path) -> list[str]:
    """`fastir_train.runtime.toolchain.flags` with a pinned plugin; for lld, one response file.

    That is one word for ``ld.lld`` and, behind ``-Wl,``, for a compiler that links.
    """
    folder = pin(choice, root)
    if host == "lld":
        return [f"@{folder / _LLD}"]
    return flags(host, plugin=folder / PINNED_PLUGIN)


def _models(choice: Choice) -> dict[str, Path]:
    if choice.model:
        return {"model.onnx": choice.model}
    return {path.name: path for path in default_model_paths()}


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FastirError(f"cannot use {what} '{path}': {error.strerror}") from None


def _runtime(choice: Choice) -> Path:
    """ONNX Runtime's library, absolute: the plugin must find it from anywhere."""
    path = choice.onnxruntime or runtime_path() or _system_runtime()
    if path is None:
        raise FastirError(
            "cannot find ONNX Runtime; install it with 'pip install onnxruntime' or name its "
            "library with --onnxruntime"
        )
    if not path.is_file():
        raise FastirError(f"cannot use ONNX Runtime '{path}': there is no such file")
    return path.resolve()


def _system_runtime() -> Path | None:
    """The library that the plugin would find by its name alone."""
    for name in ("libonnxruntime.so.1", "libonnxruntime.so"):
        with suppress(OSError):
            ctypes.CDLL(name)
            maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
            return next(Path(line.split()[-1]) for line in maps if "/libonnxruntime.so" in line)
    return None


def _settings(
    choice: Choice, models: list[str], files: dict[str, bytes], runtime: Path | None
) -> bytes:
    """The text that the fingerprint is made of; nothing in it says when or where it was made."""
    contents = [
        {
            "file": name,
            "size": len(data),
            "crc32": zlib.crc32(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        for name, data in files.items()
    ]
    settings = {
        "format": _FORMAT,
        "policy": choice.policy,
        "runtime": choice.runtime,
        "files": contents,
        "models": models,
        "profile": _PROFILE if choice.profile else "",
        "strict": choice.strict,
        "onnxruntime": {"file": str(runtime), "size": runtime.stat().st_size} if runtime else None,
    }
    return json.dumps(settings, indent=1).encode()


def _lld_arguments(folder: Path) -> bytes:
    """What lld reads in place of ``@FILE``.

    The key of its ThinLTO cache knows no plugins, but knows every option of LLVM. This one picks
    functions for options that print, and may be given several times.
    """
    plugin = str(folder / PINNED_PLUGIN).replace("\\", "\\\\").replace('"', '\\"')
    key = f"-mllvm\n-filter-print-funcs=fastir-{folder.name}"
    return f'"--load-pass-plugin={plugin}"\n{key}\n'.encode()


def _load(path: Path, runtime: Runtime, onnxruntime: Path | None = None) -> None:
    """Let the plugin's code load a model.

    Raises
    ------
    llvm_tools.EngineError
        If it cannot.
    """
    llvm_tools.predict(path, np.empty((0, 1)), runtime=runtime, onnxruntime=onnxruntime)


def _needs_onnx_runtime(models: dict[str, Path], choice: Choice) -> bool:
    if choice.runtime == "native" and choice.onnxruntime:
        raise FastirError("the runtime 'native' is not ONNX Runtime; leave out --onnxruntime")
    if choice.runtime != "auto" or choice.onnxruntime:
        return choice.runtime != "native"
    try:
        for path in models.values():
            _load(path, "native")
    except llvm_tools.EngineError:
        return True
    return False


def _try_models(models: dict[str, Path], runtime: Runtime, onnxruntime: Path | None) -> None:
    """Load each model: what is wrong is said now, not at each compile."""
    try:
        for path in models.values():
            _load(path, "onnxruntime" if onnxruntime else runtime, onnxruntime)
    except llvm_tools.EngineError as error:
        raise FastirError(str(error)) from None


def _make(folder: Path, files: dict[str, bytes]) -> None:
    """Write all files beside the folder's place, then move them there at once."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        where = folder.parent
        raise FastirError(
            f"cannot write to {where}: {error.strerror}; name another folder with --out"
        ) from None
    try:
        for name, data in files.items():
            (made / name).write_bytes(data)
            (made / name).chmod(0o444)
            os.utime(made / name, (_time_stamp(data), _time_stamp(data)))
        made.chmod(0o755)
        made.rename(folder)
    except OSError as error:
        # Another process may have been first, with the same contents.
        if not folder.is_dir():
            raise FastirError(f"cannot write {folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _time_stamp(data: bytes) -> int:
    """A modification time that says what the contents are.

    The plugin believes it, and reads a file of another time: checking all contents at each compile
    would be 16 % more instructions for clang on a file of two lines.
    """
    return zlib.crc32(data) % 2**31


def _check(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            raise FastirError(f"{path} is not as it was made; remove the folder {folder}")
