"""Reports of callgrind, as valgrind's manual describes their format."""

from pathlib import Path

import pytest

from fastir_train.runtime.callgrind import read_inclusive, read_total

REPORT = """\
version: 1
creator: callgrind-3.19.0
positions: line
events: Ir

fl=(1) main.c
fn=(1) main
3 10
cfn=(2) work(int)
calls=2 8
4 700
cfn=(3) rest
calls=1 9
+1 50

fn=(2)
8 100
cfn=(3)
calls=1 9
* 600

fn=(3)
9 650
totals: 760
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "callgrind.out"
    path.write_text(REPORT)
    return path


def test_inclusive_costs_are_those_of_all_calls(report: Path) -> None:
    found = read_inclusive(report, ["work(", "rest", "absent"])
    assert found == {"work(": 700, "rest": 650, "absent": 0}


def test_the_total_is_the_summary(report: Path) -> None:
    assert read_total(report) == 760
