"""Small studies whose nodes have weather by the hour, so that a plan can be looked at in the full year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.study import Study
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
