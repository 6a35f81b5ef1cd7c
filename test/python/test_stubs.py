"""The stub of the native module says what the module has."""

import subprocess
import sys


def test_stubtest_finds_nothing() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "llvm_tools._native"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
