"""What is measured once, and what is measured again."""

from dataclasses import replace
from pathlib import Path

import pytest

from fastir_train.benchmark.cache import measure_once
from fastir_train.corpus import build
from fastir_train.corpus.build import Configuration
from fastir_train.corpus.manifest import Project, local_project

STOCK = Configuration("stock", ("-Oz",), {})


def measured_twice(project: Project, program: Path) -> tuple[int | None, int | None]:
    """The size of the file before and after the program has become larger."""
    work = program.parent / "work"
    before = measure_once(project, STOCK, work, 1, instructions=False)
    larger = 'const char padding[100000] = "x";\n'
    (program / "main.c").write_text(larger + (program / "main.c").read_text())
    return before.file, measure_once(project, STOCK, work, 1, instructions=False).file


def test_a_folder_is_measured_each_time(program: Path) -> None:
    project = local_project(program, "program", "make", (), "./program")
    before, after = measured_twice(project, program)
    assert before is not None
    assert after is not None
    assert after > before + 90_000


def test_an_archive_is_measured_once(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = local_project(program, "program", "make", (), "./program")
    project = replace(folder, source=replace(folder.source, registry="debian"))
    monkeypatch.setattr(build, "fetch", lambda source, _: Path(source.package))
    before, after = measured_twice(project, program)
    assert before == after
