"""Suites: what their files may say, and those that come with Fastir."""

from pathlib import Path

import pytest
from planted import SUITE, read_suite

from fastir_train.benchmark.suite import load_suite, suite_path
from fastir_train.corpus.manifest import load_projects
from fastir_train.runtime.errors import FastirError


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "planted"', 'name = "a/b"', "is no name for a suite"),
        ("decisions", "decision", "the suite has no 'decision'"),
        ("projects = []", 'projects = ["none"]', "no manifest names none"),
        ('name = "stock"', 'name = "stock of"', "is no name for a configuration"),
        ('flags = ["-Oz"]', 'baseline = "x"\nflags = []', "the baseline 'x' of"),
        ('flags = ["-Oz"]', "", "'flags' is missing"),
        ('flags = ["-Oz"]', 'flags = []\nplugin = { model-path = "m" }', "has no 'model-path'"),
        ('name = "planted"', "name = ", "cannot read suite"),
        ('flags = ["-Oz"]', 'flags = ["-flto"]', "the flag -flto is written lto = "),
        ('flags = ["-Oz"]', 'flags = []\nlto = "fat"', "lto = 'fat' is none of thin, full"),
        (
            'flags = ["-Oz"]',
            'flags = []\npanic = "stop"',
            "panic = 'stop' is none of unwind, abort",
        ),
        ('flags = ["-Oz"]', 'flags = []\nplugin = { at = "start" }', "at = 'start' is none of"),
        ('flags = ["-Oz"]', 'flags = []\nplugin = { at = "link" }', "the plugin is at the link"),
    ],
)
def test_a_wrong_suite_is_one_clear_error(old: str, new: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FastirError, match=message) as error:
        read_suite(tmp_path, SUITE.replace(old, new))
    assert "\n" not in str(error.value)


def test_the_suite_speed_has_what_has_a_workload() -> None:
    held_out = load_projects(Path(__file__).parents[2] / "corpus", ["test"])
    suite = load_suite(suite_path("speed"), held_out)
    assert set(suite.projects) == {project for project in held_out if project.workload}


def test_shipped_suites_are_found_by_name() -> None:
    assert suite_path("quick").is_file()
    with pytest.raises(FastirError, match="no suite 'none'; there are quick, size, speed"):
        suite_path("none")
