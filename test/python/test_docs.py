"""The pages in docs/ do what they show."""

import doctest
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from conftest import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the pages leave what they make; they run in a checkout."""
    monkeypatch.chdir(ROOT)
    mpl.use("svg")
    # The same figure gives the same file.
    monkeypatch.setitem(mpl.rcParams, "svg.hashsalt", "docs")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    shutil.rmtree(ROOT / "build" / "docs", ignore_errors=True)
    yield ROOT / "build" / "docs"
    plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_runs_and_draws_the_images_that_it_shows(page: Path, place: Path) -> None:
    failed, tried = doctest.testfile(str(page), module_relative=False)
    assert failed == 0
    assert tried > 10 or ">>>" not in page.read_text(encoding="utf-8")
    for image in re.findall(r"\]\((images/\S+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / image).is_file()
        assert (place / Path(image).name).read_text(encoding="utf-8").startswith("<?xml")
