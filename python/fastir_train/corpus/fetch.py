"""Getting pinned sources from package registries, each through its ordinary client."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from fastir_train.corpus.manifest import Source
from fastir_train.runtime.errors import SourceUnavailableError
from fastir_train.runtime.files import replacing
from fastir_train.runtime.supervised import run


def fetch(source: Source, cache: Path) -> Path:
    """The source's archive, downloaded into ``cache`` unless it is there, and checked.

    Raises
    ------
    SourceUnavailableError
        If the registry does not have it, or the checksum differs.
    """
    if source.registry == "local":
        return Path(source.package)
    path = cache / source.archive
    if not path.is_file():
        with tempfile.TemporaryDirectory() as scratch, replacing(path) as temporary:
            shutil.copyfile(_download(source, Path(scratch), cache), temporary)
    _check(path, source)
    return path


def unpack(archive: Path, destination: Path) -> None:
    """Unpack a tar archive, whatever its compression, into an empty folder; a folder is copied."""
    if archive.is_dir():
        _copy(archive, destination, destination)
        return
    destination.mkdir(parents=True)
    with tarfile.open(archive) as tar:
        # Debian 12's own Python has no filters yet.
        filters = {"filter": "tar"} if hasattr(tarfile, "tar_filter") else {}
        tar.extractall(destination, **filters)  # pyright: ignore[reportArgumentType]


def _copy(folder: Path, destination: Path, made: Path) -> None:
    """Copy a folder; of a Git checkout only what Git would keep, so that builds start clean.

    What of it holds ``made``, a folder that we make, is left out.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    # Nothing is listed of a folder that the checkout around it ignores.
    if listed.returncode or not listed.stdout:
        shutil.copytree(
            folder,
            destination,
            symlinks=True,
            ignore=lambda where, names: [n for n in names if made.is_relative_to(Path(where) / n)],
        )
        return
    ours = made.relative_to(folder).parts[0] if made.is_relative_to(folder) else None
    for name in filter(None, listed.stdout.split("\0")):
        if Path(name).parts[0] == ours:
            continue
        # A file may be listed and deleted; a submodule is a folder.
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            _copy(folder / name, destination / name, made)
        elif os.path.lexists(folder / name):
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / name, destination / name, follow_symlinks=False)


def _check(path: Path, source: Source) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != source.sha256:
        path.unlink()
        raise SourceUnavailableError(
            f"{source.archive}: its SHA-256 is {digest}, not {source.sha256}"
        )


def _download(source: Source, scratch: Path, cache: Path) -> Path:
    match source.registry:
        case "debian":
            return _from_debian(source, scratch, cache)
        case "crates":
            return _from_crates(source, scratch)
        case "pypi":
            return _from_pypi(source, scratch)
        case "local":
            return Path(source.package)


def _run(source: Source, command: list[str], cwd: Path) -> None:
    try:
        with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
            status = run(command, cwd=cwd, stdout=stdout, stderr=stderr).status
            printed = _written(stderr) or _written(stdout)
    except OSError as error:
        raise SourceUnavailableError(f"{source.archive}: {command[0]}: {error.strerror}") from None
    if status:
        lines = printed.strip().splitlines()
        last = lines[-1] if lines else f"{command[0]} failed"
        raise SourceUnavailableError(f"{source.archive}: {last}")


def _written(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()


def _found(source: Source, path: Path) -> Path:
    if not path.is_file():
        raise SourceUnavailableError(f"{source.archive}: the registry gave other files")
    return path


def _from_debian(source: Source, scratch: Path, cache: Path) -> Path:
    options = _apt_options(cache / "apt")
    if not (cache / "apt" / "updated").is_file():
        _run(source, ["apt-get", *options, "update"], scratch)
        (cache / "apt" / "updated").touch()
    name = f"{source.package}={source.version}"
    _run(source, ["apt-get", *options, "source", "--download-only", "--tar-only", name], scratch)
    return _found(source, scratch / source.archive)


def _apt_options(state: Path) -> list[str]:
    """An apt of our own: the machine's Debian entries as source entries, and no root needed."""
    state = state.resolve()
    parts = state / "sources.list.d"
    for folder in (parts, state / "lists" / "partial", state / "cache"):
        folder.mkdir(parents=True, exist_ok=True)
    entries = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    for entry in entries:
        if entry.suffix in (".list", ".sources") and entry.is_file():
            (parts / entry.name).write_text(_as_source_entries(entry.read_text(encoding="utf-8")))
    return [
        *("-o", "Dir::Etc::SourceList=/dev/null"),
        *("-o", f"Dir::Etc::SourceParts={parts}"),
        *("-o", f"Dir::State::Lists={state / 'lists'}"),
        *("-o", f"Dir::Cache={state / 'cache'}"),
        *("-o", "APT::Sandbox::User="),
    ]


def _as_source_entries(text: str) -> str:
    stanzas = [stanza for stanza in re.split(r"\n\s*\n", text) if "debian" in stanza]
    lines = "\n\n".join(stanzas).splitlines()
    kept = [line for line in lines if not re.match(r"deb(-src)?\s", line) or "debian" in line]
    swapped = [re.sub(r"^(Types:\s*)deb\b.*", r"\1deb-src", line) for line in kept]
    return "\n".join(re.sub(r"^deb\s", "deb-src ", line) for line in swapped) + "\n"


def _from_crates(source: Source, scratch: Path) -> Path:
    (scratch / "src").mkdir()
    (scratch / "src" / "lib.rs").touch()
    (scratch / "Cargo.toml").write_text(
        f'[package]\nname = "fetch"\nedition = "2021"\n\n[workspace]\n\n'
        f'[dependencies]\n{source.package} = "={source.version}"\n'
    )
    _run(source, ["cargo", "fetch"], scratch)
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    found = sorted(home.glob(f"registry/cache/*/{source.archive}"))
    if not found:
        raise SourceUnavailableError(f"{source.archive}: cargo fetched it to an unknown place")
    return found[0]


def _from_pypi(source: Source, scratch: Path) -> Path:
    wanted = f"{source.package}=={source.version}"
    options = ["--no-deps", "--no-binary", ":all:", "--dest", str(scratch)]
    _run(source, [sys.executable, "-m", "pip", "download", "--quiet", *options, wanted], scratch)
    return _found(source, scratch / source.archive)
