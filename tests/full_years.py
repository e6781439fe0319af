"""Small studies whose nodes have weather by the hour, so that a plan can be looked at in the full year."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from model.study import Study
from model.time.chronological import chronological
from model.time.steps import weather_of
from model.time.year import year_profiles
from tests.lp.solved import study
from tests.studies import Row, Rows
from tests.time.weather_years import MADE_UP_MONTHS

NODES = ("north", "south")
PLACE = {"lon": 70, "lat": 50}
SITE: Row = {
    **{f"{kind}_{axis}": place for kind in ("wind", "sun", "city") for axis, place in PLACE.items()},
    "weibull_k": 2.1,
    "wind_diurnal_summer": 0.1,
    "altitude": 300,
}


def full_year(folder: Path, *parts: Rows, **options: Any) -> Study:
    """The study of ``tests.studies`` with the statistics of a steppe at both nodes."""
    months = [
        {"node": node, "month": month, **{name: values[month - 1] for name, values in MADE_UP_MONTHS.items()}}
        for node in NODES
        for month in range(1, 13)
    ]
    sites = [{"node": node, **SITE} for node in NODES]
    return study(folder, *parts, **{"weather": months, "weather_sites": sites, **options})


def in_weeks(study: Study, weeks: int) -> Study:
    """The study in a year of so many weeks by days, of which the last takes what is left."""
    inputs = study.inputs
    weather = year_profiles(inputs.tables, weather_of(inputs.tables, inputs.settings, inputs.folder))
    return replace(study.at("standard"), thin_time=chronological(weather, 24, weeks=weeks))
