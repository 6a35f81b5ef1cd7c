"""The command, as a shell runs it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fastir_train.runtime.toolchain import HOSTS, plugin_path

FASTIR = Path(sys.executable).with_name("fastir")


@pytest.fixture(autouse=True)
def _own_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))


def _run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(FASTIR), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.mark.parametrize("host", HOSTS)
def test_flags_name_a_copy_of_the_installed_plugin(host: str) -> None:
    result = _run("flags", "--for", host)
    assert result.returncode == 0
    assert result.stdout.count("\n") == 1
    assert " " not in result.stdout
    named = Path(re.split("[=@]", result.stdout.strip())[-1])
    if host == "lld":
        named = Path(shlex.split(named.read_text())[0].split("=")[1])
    assert named.read_bytes() == plugin_path().read_bytes()


def test_flags_are_all_there_is_to_it(tmp_path: Path) -> None:
    source = tmp_path / "x.c"
    source.write_text("static int f(int x) { return x + 1; } int main(void) { return f(-1); }")
    command = f"clang-22 -Oz $({FASTIR} flags) {source} -o {tmp_path / 'x'} && {tmp_path / 'x'}"
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_errors_are_one_line_and_exit_status_1(tmp_path: Path) -> None:
    result = _run("corpus", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "fastir: no manifests in corpus; name the folder with --corpus\n"


def test_wrong_usage_is_exit_status_2() -> None:
    assert _run("flags", "--for", "gcc").returncode == 2
    assert _run("no-such-command").returncode == 2


def test_help_lists_the_commands() -> None:
    result = _run("--help")
    assert result.returncode == 0
    for command in ("flags", "collect", "corpus", "label", "train", "evaluate", "demo"):
        assert f"\n    {command} " in result.stdout
