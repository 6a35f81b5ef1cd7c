"""What a kept measurement depends on: everything that changes it, and nothing else."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

from fastir_train.benchmark.evaluate import (
    model_configuration,
    plugin_configuration,
    stock_configuration,
)
from fastir_train.corpus import fingerprint as fingerprints
from fastir_train.corpus.fingerprint import fingerprint
from fastir_train.corpus.manifest import Project, load_project

LUA = load_project(ROOT / "corpus" / "lua.toml")
RUST = replace(LUA, language="rust")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Versions are asked for once a process."""
    caches = (fingerprints._clang_version, fingerprints._rustc_version)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one model that is shipped."""
    path = tmp_path / "shipped.onnx"
    path.write_text("first")
    monkeypatch.setattr(fingerprints, "default_model_paths", lambda: [path])
    return path


def test_the_shipped_models_matter_to_builds_with_the_plugin_alone(shipped: Path) -> None:
    def both() -> tuple[str, ...]:
        stock, ours = stock_configuration("Oz"), plugin_configuration("ours", "Oz")
        return fingerprint([stock], LUA), fingerprint([ours], LUA), fingerprint([stock, ours], LUA)

    before = both()
    shipped.write_text("second")
    after = both()
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2] != before[2]


def test_a_stock_build_needs_no_shipped_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(fingerprints, "default_model_paths")
    assert fingerprint([stock_configuration("Oz")], LUA)


def test_a_model_that_is_named_matters(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    found = set()
    for content in ("first", "second"):
        model.write_text(content)
        found.add(fingerprint([model_configuration(model, "Oz")], LUA))
    assert len(found) == 2


def _compiler(folder: Path, name: str, version: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
    (folder / name).chmod(stat.S_IRWXU)


@pytest.mark.parametrize(
    ("name", "project", "matters"),
    [
        ("clang-22", LUA, True),
        ("rustc", LUA, False),
        ("clang-22", RUST, True),
        ("rustc", RUST, True),
        ("cargo", RUST, True),
    ],
)
def test_versions_of_the_compilers_in_use_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, project: Project, matters: bool
) -> None:
    found = set()
    for version in ("1.95.0", "1.96.0"):
        for compiler in ("clang-22", "rustc", "cargo"):
            _compiler(tmp_path / "bin", compiler, version if compiler == name else "1.0")
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        for cached in (fingerprints._clang_version, fingerprints._rustc_version):
            cached.cache_clear()
        found.add(fingerprint([stock_configuration("Oz")], project))
    assert len(found) == 1 + matters
