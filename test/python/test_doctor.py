"""What `fastir doctor` says of a machine on which something is missing."""

import os
import shutil
from pathlib import Path

import pytest

from fastir_train.cli.main import main
from fastir_train.inspect.doctor import Finding, examine


def _by_name() -> dict[str, Finding]:
    return {finding.what: finding for finding in examine()}


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_the_model_is_asked_in_each_driver_that_is_there() -> None:
    found = _by_name()
    for host in ("clang", "opt"):
        finding = found[f"the plugin in {host}"]
        assert finding.advice == ""
        assert "asked the model" in finding.found
    assert found["the plugin in lld"].found == "it loads; the shipped models leave the link to LLVM"
    # As is that of rustc, if it carries LLVM 22.
    assert (found["rustc"].advice == "") == (found["the plugin in rustc"].advice == "")


def test_a_missing_clang_fails_with_advice(
    empty_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 1
    output = capsys.readouterr()
    assert "apt-get install clang-22" in output.out
    assert "does not work without: clang-22, clang++-22, the plugin in clang" in output.err
    assert output.err.count("\n") == 1


def test_a_missing_opt_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("clang-22", "clang++-22"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["doctor"]) == 0
    assert "opt-22 is not installed" in " ".join(capsys.readouterr().out.split())


def test_a_policy_in_the_environment_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTIR_POLICY", "never")
    assert "does not ask the model" in _by_name()["the plugin in clang"].found
    monkeypatch.setenv("FASTIR_POLICY", "")
    monkeypatch.setenv("FASTIR_MODEL", os.devnull)
    assert "cannot use model" in _by_name()["the plugin in clang"].found
