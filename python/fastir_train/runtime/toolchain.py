"""Where the plugin, the models and LLVM's tools are, and the flags that switch Fastir on."""

import shutil
import sysconfig
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Literal

from fastir_train.problem.inlining import INLINING, Place
from fastir_train.runtime.errors import FastirError

Host = Literal["clang", "opt", "lld", "rustc"]
HOSTS: tuple[Host, ...] = ("clang", "opt", "lld", "rustc")

LLVM_MAJOR = 22

# A plugin of this name looks for settings beside it: fastir_train.cli.pinned.
PINNED_PLUGIN = "libFastirInline-pinned.so"


def plugin_path() -> Path:
    """Path of ``libFastirInline.so``.

    Raises
    ------
    FastirError
        If the package was installed without it.
    """
    return _installed("lib", "libFastirInline.so")


def default_model_path(level: str = INLINING.default_level, place: Place = "compile") -> Path:
    """Path of the model that the plugin uses at a level by default."""
    return _installed("models", INLINING.model_file(level, place))


def default_model_paths() -> list[Path]:
    """Paths of all models that the plugin uses by default."""
    return [default_model_path(*shipped) for shipped in INLINING.shipped]


def runtime_path() -> Path | None:
    """ONNX Runtime's library in the Python environment of the plugin, as the plugin finds it."""
    for folder in plugin_path().resolve().parents:
        if found := sorted(folder.glob("onnxruntime/capi/libonnxruntime.so*")):
            return found[-1]
    return None


def _installed(folder: str, name: str) -> Path:
    # An editable install spreads the package over the checkout and site-packages.
    for root in _package_roots():
        path = root / folder / name
        if path.is_file():
            return path
    raise FastirError(f"{name} is not installed; run 'make build' or 'pip install .'")


def _package_roots() -> list[Path]:
    package = resources.files("fastir_train")
    roots = [Path(str(part)) for part in getattr(package, "_paths", [package])]
    return [*roots, Path(sysconfig.get_path("platlib")) / "fastir_train"]


def flags(host: Host, *, extra: Sequence[str] = (), plugin: Path | None = None) -> list[str]:
    """The flags that make a stock compiler inline as the shipped model says.

    With the installed plugin, which obeys ``FASTIR_*``, and which compiler caches do not see into:
    `fastir_train.cli.pinned` is for those.

    Parameters
    ----------
    host
        Which program the flags are for. For rustc, ``RUSTC_BOOTSTRAP=1`` must be set too.
    extra
        Options of the plugin, such as ``-fastir-policy=never``, in the form that the host takes
        them. lld and rustc take none on their command lines: set the environment twins.
    plugin
        In place of the installed one.
    """
    plugin = plugin or plugin_path()
    match host:
        case "clang":
            # As one argument: libtool takes two apart when it links.
            return [f"-fpass-plugin={plugin}", *(f"-mllvm={option}" for option in extra)]
        case "opt":
            return [f"-load-pass-plugin={plugin}", *extra]
        case "lld":
            return [f"--load-pass-plugin={plugin}"]
        case "rustc":
            return [f"-Zllvm-plugins={plugin}"]


def link_flags() -> tuple[str, ...]:
    """The flags by which clang, where it links with LTO, has lld load the installed plugin."""
    return tuple(f"-Wl,{flag}" for flag in flags("lld"))


def driver_override(added: Sequence[str]) -> str:
    """``CCC_OVERRIDE_OPTIONS`` by which clang's driver adds flags, whatever a build passes.

    Where they load a plugin, it takes the place of one that the build itself has from ``fastir
    flags``: a process cannot have two.
    """
    edits = [
        rf"s/^-fpass-plugin=.*{PINNED_PLUGIN}$/{flag}/"
        for flag in added
        if flag.startswith("-fpass-plugin=")
    ]
    return " ".join(["#", *edits, *(f"+{flag}" for flag in added)])


def tool(name: str) -> str:
    """LLVM's tool ``name`` of the right version, such as ``clang-22``.

    Raises
    ------
    FastirError
        If it is not on the PATH.
    """
    versioned = f"{name}-{LLVM_MAJOR}"
    if shutil.which(versioned) is None:
        raise FastirError(
            f"{versioned} is not installed; 'make build' lists the packages that it needs"
        )
    return versioned
