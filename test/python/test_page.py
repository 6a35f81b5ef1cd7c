"""The page of a benchmark's results, as Chromium shows it."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from matplotlib import image

from fastir_train.benchmark.results import Results
from fastir_train.benchmark.runner import SCHEMA
from fastir_train.report.charts import Bar, bars
from fastir_train.report.html import page

CHROMIUM = shutil.which("chromium")
PROVENANCE = {
    "suite": "s <1>",
    "date": "2026-01-01",
    "versions": {"clang": "22"},
    "configurations": {"a": {"flags": ["-Oz"], "environment": {}, "baseline": None}},
}


SITE = {
    "caller": "f()",
    "callee": "g<1>",
    "llvm_cost": -1_234,
    "llvm_inlines": True,
    "prediction": 12.34,
    "inlined": False,
    "times": 3,
}


def _result(project: str, name: str, text: int, **facts: object) -> dict:
    row = dict.fromkeys(SCHEMA) | {
        "project": project,
        "language": "c",
        "configuration": name,
        "baseline": "a" if name == "b" else None,
        "status": "pass",
        "text": text,
        "loadable": 3 * text,
        "file": 4 * text,
        "instructions": 1000 * text,
        "seconds": [1.0],
        "run_seconds": [1.0, 1.0, 1.0],
        "sites": [],
        "sections": [{"name": ".text", "bytes": text}],
        "symbols": [{"name": "_ZN1a1bEi", "bytes": text}, {"name": "same", "bytes": 5}],
    }
    return row | facts


ROWS = [
    _result("x", "a", 12_345, seconds=[1.0, 2.0, 4.0]),
    _result(
        "x",
        "b",
        9_876,
        seconds=[1.5, 3.0, 6.0],
        run_seconds=[2.0, 2.0, 2.0],
        decisions=1200,
        changed_decisions=34,
        sites=[SITE, SITE | {"callee": "other", "inlined": True, "prediction": None}] * 6,
    ),
    _result("y<", "a", 500),
    _result("y<", "b", 600),
    _result("z", "a", 1)
    | {"status": "build failed", "log": "see <log>", "symbols": []}
    | dict.fromkeys(("text", "loadable", "file", "instructions")),
]


@pytest.fixture
def results() -> Results:
    return Results(pl.DataFrame(ROWS, schema=SCHEMA), PROVENANCE)


class _Tables(HTMLParser):
    """The cells of each table, by its caption."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._caption = self._into = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "caption":
            self._caption = ""
        if tag == "tr" and self._into != "thead":
            self.tables[self._caption].append([])
        if tag == "td":
            self.tables[self._caption][-1].append("")
        if tag == "tbody":
            self.tables[self._caption] = []
        if tag in ("caption", "td", "thead", "tbody"):
            self._into = tag

    def handle_data(self, data: str) -> None:
        if self._into == "caption":
            self._caption += data
        elif self._into == "td":
            self.tables[self._caption][-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("caption", "td", "thead"):
            self._into = ""


def _chromium(html: str, folder: Path) -> tuple[dict[str, list[list[str]]], str]:
    """The tables as they are once all scripts have run, and what the console says."""
    shown, console = _dump(html, folder)
    tables = _Tables()
    tables.feed(shown)
    return tables.tables, console


def _dump(html: str, folder: Path) -> tuple[str, str]:
    (folder / "page.html").write_text(html)
    result = _run_chromium(folder, "--dump-dom")
    said = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return result.stdout, "\n".join(said)


def _run_chromium(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu"),
        *("--enable-logging=stderr", f"--user-data-dir={folder / 'profile'}"),
        *(*options, (folder / "page.html").as_uri()),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


# Of what `make build` installs nothing needs it: it is used where a machine has it.
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")


@needs_chromium
def test_figures_are_those_of_the_results(results: Results, tmp_path: Path) -> None:
    tables, console = _chromium(page(results), tmp_path)
    assert console == ""
    shown = {(row[0], row[1]): row for row in tables["Bytes unless said otherwise"]}
    assert len(shown) == len(ROWS)
    for row in ROWS:
        cells = shown[row["project"], row["configuration"]]
        for cell, what in zip(
            cells[2:6], ("text", "loadable", "file", "instructions"), strict=True
        ):
            assert cell == ("" if row[what] is None else f"{row[what]:,}")
        assert cells[-1] == row["status"]
    changes = ["-20.00%", "-20.00%", "-20.00%", "+50.00%", "+100.00%", "34 of 1,200"]
    assert shown["x", "b"][7:13] == changes
    assert shown["y<", "b"][10] == ""
    assert tables["Relative changes over programs"][0][:3] == [
        "b",
        ".text",
        "-2.02%",  # the square root of 0.8 * 1.2, less 1
    ]
    symbols = tables["Bytes of each symbol that is in one of the two files"]
    assert symbols[0] == ["x", "b", "a::b(int)", "12,345", "9,876", "-2,469"]
    assert len(symbols) == 2
    sections = tables["Bytes of each loadable section that differs"]
    assert sections[0] == ["x", "b", ".text", "12,345", "9,876", "-2,469"]
    sites = next(cells for caption, cells in tables.items() if caption.startswith("The strongest"))
    expected = ["x", "b", "f()", "g<1>", "-1,234", "inlined", "+12.3", "a call", "3"]
    assert sites[0] == expected
    assert len(sites) == 12


@needs_chromium
def test_a_search_hides_other_rows(results: Results, tmp_path: Path) -> None:
    script = (
        "const field = document.querySelector('.search input'); field.value = 'OTHER';"
        "field.dispatchEvent(new Event('input'));"
        "const all = [...document.querySelectorAll('tbody')];"
        "const rows = all.find((body) => body.rows.length == 12).rows;"
        "document.title = [...rows].filter((row) => !row.hidden).length + ' of ' + rows.length;"
    )
    html = page(results).replace("</body>", f"<script>{script}</script></body>")
    shown, console = _dump(html, tmp_path)
    assert console == ""
    assert "<title>6 of 12</title>" in shown


@needs_chromium
def test_a_screenshot_shows_the_page_at_once(results: Results, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(results))
    picture = tmp_path / "page.png"
    _run_chromium(tmp_path, f"--screenshot={picture}", "--window-size=400,900")
    pixels = np.round(image.imread(picture)[..., :3] * 255).astype(int)
    assert pixels.shape[:2] == (900, 400)
    # As page.css names them: a failure in the summary, and text in its table.
    assert _share(pixels, "#fde7e5") > 0.01
    assert _share(pixels, "#1b1f24") > 0.002
    assert 0.5 < _share(pixels, "#ffffff") < 0.97


def _share(pixels: np.ndarray, colour: str) -> float:
    """How many of the pixels have a colour, of 1."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((pixels == wanted).all(axis=-1).mean())


@needs_chromium
def test_a_heading_sorts_its_column(results: Results, tmp_path: Path) -> None:
    press = "document.querySelectorAll('table')[1].querySelectorAll('button')[2].click();"
    orders = []
    for times in (1, 2):
        html = page(results).replace("</body>", f"<script>{press * times}</script></body>")
        tables, console = _chromium(html, tmp_path)
        assert console == ""
        orders.append([row[2] for row in tables["Bytes unless said otherwise"] if row[2]])
    assert orders[0] == ["500", "600", "9,876", "12,345"]
    assert orders[1] == orders[0][::-1]


def test_the_page_needs_nothing_from_elsewhere(results: Results) -> None:
    html = page(results)
    assert not re.search(r"https?:|<link[^>]*stylesheet|<script src|@import|url\(", html)
    assert "<log>" not in html
    assert "1 failed" in html
    for chart in re.findall("<svg[^>]*>", html):
        assert 'role="img"' in chart
        assert "aria-label=" in chart


def test_bars_are_as_long_as_their_values() -> None:
    drawn = bars("t", [Bar("a", -0.2), Bar("b", 0.1)])
    widths = [float(width) for width in re.findall(r'<rect[^>]* width="([0-9.]+)"', drawn)]
    assert widths[0] == pytest.approx(2 * widths[1], rel=1e-3)
