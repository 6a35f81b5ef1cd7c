"""Reports of callgrind, as valgrind's manual describes their format."""

from pathlib import Path

import pytest

from fastir_train.runtime.callgrind import Executed, read_executed, read_inclusive, read_total

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


OBJECTS = """\
positions: line
events: Ir

ob=(1) /lib/libc.so.6
fl=(1) ???
fn=(1) qsort
0 70
cob=(2) /home/me/build/program
cfi=(2)
cfn=(2) compare
calls=5 0
0 40

ob=(2)
fn=(2)
0 40

fn=(3) walk
0 30
cfn=(4) walk'2
calls=1 0
0 20
cob=(1)
cfn=(1)
calls=1 0
0 110

fn=(4)
0 20
cfn=(2)
calls=2 0
0 16
totals: 160
"""


def test_a_programs_own_functions_are_told_from_its_libraries(tmp_path: Path) -> None:
    report = tmp_path / "callgrind.out"
    report.write_text(OBJECTS)
    found = read_executed(report, Path("/home/me/build"))
    assert found.own == {"compare": 40, "walk": 50}
    calls = {("qsort", "compare"): 5, ("walk", "walk"): 1, ("walk", "compare"): 2}
    assert found.calls == calls
    assert read_executed(report, Path("/home/me/other")) == Executed()
