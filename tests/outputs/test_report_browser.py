"""The report as a reader sees it, in Chromium: all is drawn, nothing is asked for, tables and map tell the plan."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from model.outputs.report.page import write_report
from model.study import Study
from tests.browser import Browser, Page
from tests.sources import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]

PHONE = 390
"""Pixels that a phone is wide."""

DRAWN = """
const charts = [...document.querySelectorAll(".chart")];
for (let turn = 0; turn < 600 && charts.some((chart) => !chart.dataset.drawn); turn++)
  await new Promise((done) => setTimeout(done, 50));
return charts.map((chart) => [chart.id, chart.dataset.drawn || "", chart.querySelectorAll(
  ".mark-rect path, .mark-line path, .mark-area path, .mark-arc path, .mark-symbol path, .mark-shape path, " +
  ".mark-rule line, .mark-trail path, .mark-text text").length]);
"""
"""Waits until all charts are drawn; gives name, whether it is, and marks of each."""

MOVE = """
const slider = document.querySelector("input[type=range]"), svg = () => document.querySelector("CHART svg").outerHTML;
const before = svg();
slider.value = slider.value === slider.max ? slider.min : slider.max;
slider.dispatchEvent(new Event("input", {bubbles: true}));
for (let turn = 0; turn < 100 && svg() === before; turn++) await new Promise((done) => setTimeout(done, 50));
return [before, svg()];
"""

WIDTHS = """
return [innerWidth, document.documentElement.scrollWidth, document.body.scrollWidth];
"""

TABLE = """
const table = document.querySelector("#figure-KEY table");
return [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent));
"""


@dataclass(frozen=True)
class Shown:
    """The report of the small study: what it tells, its file, and a browser to look at it."""

    results: xr.Dataset
    file: Path
    browser: Browser

    def open(self, width: int = 1200) -> Page:
        """The report in a window of its own, drawn."""
        page = self.browser.open(self.file, width=width)
        page.run(DRAWN)
        return page


@pytest.fixture(scope="module", params=["small", "kazakhstan"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The report of the small study, and that of the default study at reduced size."""
    folder = tmp_path_factory.mktemp("report")
    small = request.param == "small"
    plan = Study.read(ROOT / "inputs" / "small").solve() if small else request.getfixturevalue("kazakhstan")
    results = plan.results
    file = write_report([results], folder / "report.html")
    with Browser(folder / "browser") as browser:
        yield Shown(results, file, browser)


def number(text: str) -> float:
    """A number as the report writes it in English."""
    return float(text.replace(",", "").replace("\u2212", "-").replace("–", "nan"))


def table(page: Page, key: str) -> list[list[str]]:
    """Cells of the table of a figure, headings first."""
    rows: list[list[str]] = page.run(TABLE.replace("KEY", key))
    return rows


def test_every_chart_is_drawn(shown: Shown) -> None:
    """Proves: each chart has marks, no script complains, and the page asks for nothing but itself. Without it a reader
    could find an empty frame, on a plane or at all."""
    page = shown.browser.open(shown.file)
    charts: list[list[Any]] = page.run(DRAWN)
    assert len(charts) >= 5
    assert [name for name, drawn, marks in charts if drawn != "1" or not marks] == []
    assert page.complaints == []
    assert page.requests == [shown.file.resolve().as_uri()]


def test_page_may_not_ask_the_network(shown: Shown) -> None:
    """Proves: the policy in the page stops a script that asks for something, and the watch above would see it. Without
    it a test could pass because it looks in the wrong place."""
    page = shown.open()
    page.run('await fetch("https://example.org/data.json").catch(() => null);')
    assert any("Content Security Policy" in complaint for complaint in page.complaints)


def test_slider_changes_the_map(shown: Shown) -> None:
    """Proves: another year draws another map. Without it the slider could move and nothing else."""
    page = shown.open()
    before, after = page.run(MOVE.replace("CHART", "[id^=chart-map]"))
    assert before != after
    assert page.complaints == []


def test_table_tells_the_capacity_of_the_plan(shown: Shown) -> None:
    """Proves: GW by group and year in the page are those of the plan. Without it the page could tell another one."""
    rows = table(shown.open(), "capacity")
    results = shown.results
    electric = results["capacity"].sum("node").sel(technology=results["technology_product"] == "electricity")
    expected = electric.groupby(results["technology_group"].sel(technology=electric["technology"])).sum()
    for year in map(str, results["year"].to_numpy()):
        column = rows[0].index(year)
        told: dict[str, float] = defaultdict(float)
        for row in rows[1:]:
            told[row[0]] += number(row[column])
        planned = {str(each): float(size) for each, size in expected.sel(year=int(year)).to_series().items()}
        assert dict(told) == pytest.approx({group.replace("_", " "): size for group, size in planned.items()}, abs=0.2)


def test_fits_a_phone(shown: Shown) -> None:
    """Proves: on a phone nothing sticks out of the page: wide tables and charts scroll by themselves. Without it a
    reader would have to push the page to and fro."""
    page = shown.open(PHONE)
    assert page.run(WIDTHS) == [PHONE, PHONE, PHONE]
    assert page.complaints == []


def test_prints_on_paper(shown: Shown) -> None:
    """Proves: the page can be printed, with the charts. Without it an office could not put it on a table."""
    paper = shown.open().paper()
    assert paper.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) >= 2
