"""How a study cuts its year: the one place that chooses weather and steps by settings and resolution."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd
import xarray as xr

from model.system.check_weather import SYNTHETIC, check_weather
from model.system.problems import InvalidStudy, Problem
from model.system.settings import Settings
from model.time.dataset import FACTORS
from model.time.statistics import weather_statistics
from model.time.typical import typical_days
from model.time.year import year_profiles

Tables = Mapping[str, pd.DataFrame]

Resolution = Literal["coarse", "standard", "hourly"]
"""Representative periods or typical days; 52 weeks in steps of three hours; every hour."""

STEP_HOURS: Mapping[str, int] = {"standard": 3, "hourly": 1}


def weather_of(tables: Tables, settings: Settings, folder: Path) -> xr.Dataset:
    """The hourly weather of a study: drawn from its statistics, or read from the file that study.yaml names.

    InvalidStudy if the statistics are not there or the file cannot be used.
    """
    if settings.weather != SYNTHETIC:
        from model.time.sources import read_weather

        nodes = tables["nodes"]
        given = read_weather(folder / settings.weather, list(nodes.loc[nodes["kind"] == "inside", "node"]))
        if problems := _check_factors(tables, given, settings.weather):
            raise InvalidStudy(problems)
        return given
    if problems := check_weather(tables, settings.model_copy(update={"aggregation": "representative"})):
        raise InvalidStudy(problems)
    from model.time.weather import synthesise

    return synthesise(
        weather_statistics(tables),
        year=settings.weather_year,
        seed=settings.weather_seed,
        calibrate=settings.weather_mode,
    )


def _check_factors(tables: Tables, weather: xr.Dataset, file: str) -> list[Problem]:
    """Every capacity factor that technologies follow is in the file of weather."""
    lacking = [name for name in FACTORS if name not in weather]
    followed = tables["technologies"].drop_duplicates("availability").set_index("availability")["technology"]
    advice = "Add it to the file, or leave those technologies out."
    return [
        Problem(file, None, name, "", f"the file lacks what {followed[name]} and its like follow", advice)
        for name in lacking
        if name in followed
    ]


def steps_of(tables: Tables, settings: Settings, folder: Path, resolution: Resolution = "coarse") -> xr.Dataset:
    """The steps in which the year of a study is looked at; dims as ``time.periods`` says.

    ``folder`` holds the file of weather, if the study has one. InvalidStudy if hourly weather is needed and cannot be
    had.
    """
    if resolution == "coarse" and settings.aggregation == "typical":
        return typical_days(tables, settings)
    year = year_profiles(tables, weather_of(tables, settings, folder))
    if resolution == "coarse":
        from model.time.aggregate import representative

        return representative(year, settings)
    from model.time.chronological import chronological

    return chronological(year, STEP_HOURS[resolution], period=settings.year_in)
