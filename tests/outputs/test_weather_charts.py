"""The page of charts: its numbers, that it needs no network, and that no name in it can become markup."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import vl_convert
import xarray as xr

from model.outputs.weather_charts import duration_frame, month_frame, weather_page, week_frame
from model.outputs.weather_table import comparison_table, node_numbers
from model.time.calendar import local_hours
from model.time.compare import compared
from model.time.dataset import weather_dataset

HOURS = 8760
NODES = ("akmola", "<b>west</b>")
SIZE = 3_000_000
"""Bytes that a page may have."""

RAMP = np.arange(HOURS) / HOURS
TABLE = pd.DataFrame(
    [
        {"node": node, "month": month, "wind_cf": 0.5, "pv_fixed_cf": 0.0 if month == 12 else 0.25}
        for node in NODES
        for month in range(1, 13)
    ]
)


@lru_cache
def weather(title: str = "Made up") -> xr.Dataset:
    """Wind that rises over the year at one node and is half at the other; sun at a quarter."""
    return weather_dataset(
        {
            "wind_cf": np.array([RAMP, np.full(HOURS, 0.5)]),
            "pv_fixed_cf": np.full((2, HOURS), 0.25),
            "temperature": np.array([40 * RAMP - 20, np.zeros(HOURS)]),
        },
        dict.fromkeys(NODES, (70.0, 50.0)),
        local_hours(2023),
        title=title,
        source="<script>alert(1)</script>",
    )


def compare() -> xr.Dataset:
    """The weather beside its table."""
    return compared(weather(), TABLE, NODES)


@lru_cache
def page() -> str:
    """The page, with a load that follows the hour of the day."""
    load = 1 + 0.1 * np.sin(2 * np.pi * np.arange(HOURS) / 24)
    return weather_page(weather(), compare(), load, "Steppe & <i>sea</i>")


def specifications() -> Mapping[str, Any]:
    """What the page draws, by the name of the figure."""
    found = re.search(r"Object\.entries\((\{.*\})\)\) vegaEmbed", page(), re.DOTALL)
    assert found is not None
    charts: Mapping[str, Any] = json.loads(found[1])
    return charts


def test_months_are_compared() -> None:
    """Proves: means and deviations are those a person works out. Without it a table could praise wrong weather."""
    found = compare()
    wind = found["month_mean"].sel(profile="wind_cf", node="akmola")
    assert float(wind.sel(origin="hours", month=1)) == pytest.approx(371.5 / HOURS, rel=1e-5)
    assert float(found["deviation"].sel(profile="wind_cf", node="akmola", month=1)) == pytest.approx(
        371.5 / HOURS / 0.5 - 1, rel=1e-5
    )
    np.testing.assert_allclose(found["deviation"].sel(profile="wind_cf", node=NODES[1]), 0, atol=1e-9)
    # December has no sun in the table: 0.25 against the least mean of 0.01 is 25 times as much
    assert float(found["deviation"].sel(profile="pv_fixed_cf", node="akmola", month=12)) == pytest.approx(25)


def test_numbers_and_table_tell_the_worst_month() -> None:
    """Proves: year, statistics, worst month and temperatures of a node. Without it a reader would see only means."""
    numbers = node_numbers(compare())
    assert numbers["akmola"]["wind_cf"] == {
        "mean": 0.49994,
        "statistics": 0.5,
        "worst_month": 1,
        "worst_deviation": -0.91518,
    }
    assert numbers["akmola"]["temperature"] == {"lowest": -20.0, "highest": 20.0}
    shown = comparison_table(numbers, "title")
    cells = [list(column.cells) for column in shown.columns]
    assert [column[0] for column in cells] == [
        *("akmola", "0.500", "0.500", "-91.5% (1)", "0.250", "0.229", "+2500.0% (12)", "-20 to 20")
    ]
    assert str(cells[3][1]).startswith("+0.0% (")


def test_weather_without_sun_and_temperature() -> None:
    """Proves: a file of wind alone is compared and drawn. Without it half of renewables.ninja would be refused."""
    wind = compared(weather()[["wind_cf"]], TABLE, NODES)
    assert wind["profile"].to_numpy().tolist() == ["wind_cf"]
    assert len(comparison_table(node_numbers(wind), "title").columns) == 4
    assert "sun" not in set(duration_frame(weather(), wind)["kind"])


def test_duration_curves_fall() -> None:
    """Proves: a ramp of a year has the curve 1 - share. Without it a curve could be upside down."""
    frame = duration_frame(weather(), compare())
    ramp = frame[(frame["node"] == "akmola") & (frame["kind"] == "wind")]
    np.testing.assert_allclose(ramp["capacity_factor"], 1 - ramp["share"], atol=2e-4)
    assert set(month_frame(compare())["origin"]) == {"hours", "statistics"}


@pytest.mark.parametrize("year", [2023, 2024])
def test_weeks_begin_on_monday(year: int) -> None:
    """Proves: the weeks are the third ones of January and July, from Monday. Without it weekends would be misread."""
    time = local_hours(year)
    frame = week_frame(np.arange(HOURS, dtype=float), time)
    for name, month in (("winter", 1), ("summer", 7)):
        week = frame[frame["week"] == name]
        assert len(week) == 168
        assert list(week["day"].unique()) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        start = time[int(week["load"].iloc[0])]
        assert (start.month, start.hour) == (month, 0)
        assert 15 <= start.day <= 21


def test_page_needs_no_network() -> None:
    """Proves: the page loads nothing, and stays small. Without it it would be blank on a plane."""
    bare = re.sub(r"<script>.*?</script>", "", page(), flags=re.DOTALL)
    assert re.findall(r"\b(?:src|href)\s*=|@import|url\(|<link|https?:", bare) == []
    assert page().count("<script>") == 2
    assert "vegaEmbed" in page()
    assert len(page().encode()) < SIZE


def test_names_stay_text() -> None:
    """Proves: titles, sources and nodes are escaped everywhere. Without it a stranger's file could run a script."""
    assert "Steppe &amp; &lt;i&gt;sea&lt;/i&gt;" in page()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page()
    assert "&lt;b&gt;west&lt;/b&gt;" in page()
    for raw in ("<i>sea", "<script>alert", "<b>west"):
        assert raw not in page()


def test_every_chart_has_its_numbers() -> None:
    """Proves: each figure has a description and a table. Without it a reader who cannot see it would get nothing."""
    figures = re.findall(r'<figure id="(\w+)" role="img" aria-label="[^"]{20,}">', page())
    assert figures == list(specifications()) == ["durations", "months", "load"]
    assert page().count("<details>") == page().count('<table class="dataframe">') == 3
    assert "<th>95%</th>" in page()


@pytest.mark.parametrize("name", ["durations", "months", "load"])
def test_charts_can_be_drawn(name: str) -> None:
    """Proves: Vega-Lite makes a picture of each chart, lines in it. Without it a wrong field would show empty axes."""
    svg = vl_convert.vegalite_to_svg(specifications()[name])
    assert svg.count('aria-roledescription="line mark"') >= 2
    if name == "months":
        assert 'aria-roledescription="point"' in svg
