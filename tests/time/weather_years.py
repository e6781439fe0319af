"""Synthetic years of the Kazakh study and of two made-up nodes, each drawn once, and what is measured on them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.read import Inputs
from model.time.calendar import DAYS_IN_MONTH, HOURS_PER_DAY, local_hours
from model.time.statistics import SITES, weather_statistics
from model.time.sun import clear_sky, sky_of
from model.time.weather import synthesise

Floats = npt.NDArray[np.float64]

KAZAKHSTAN = Path(__file__).parents[2] / "inputs" / "kazakhstan"
SEEDS = range(5)

MADE_UP_MONTHS = {
    "wind_cf": [0.42, 0.40, 0.39, 0.36, 0.33, 0.30, 0.28, 0.29, 0.33, 0.38, 0.41, 0.42],
    "ghi": [38.0, 60.0, 110.0, 145.0, 185.0, 195.0, 190.0, 165.0, 120.0, 75.0, 42.0, 31.0],
    "clear_sky_index": [0.68, 0.71, 0.74, 0.74, 0.77, 0.78, 0.78, 0.79, 0.77, 0.72, 0.68, 0.66],
    "temperature": [-14.0, -13.0, -6.0, 5.0, 13.0, 19.0, 21.0, 18.0, 12.0, 4.0, -5.0, -11.0],
    "temperature_spread": [8.0, 7.7, 6.9, 5.8, 4.6, 3.8, 3.5, 3.8, 4.6, 5.8, 6.9, 7.7],
    "temperature_swing": [3.0, 3.2, 3.9, 4.8, 5.6, 6.3, 6.5, 6.3, 5.6, 4.8, 3.9, 3.2],
}
"""A steppe that no revision of the inputs changes."""

MADE_UP_SITES = {
    "west": [60.0, 50.0, 2.2, 0.12, 60.0, 49.0, 300.0, 60.0, 50.5],
    "east": [66.0, 50.0, 2.1, 0.10, 66.0, 49.0, 400.0, 66.0, 50.5],
}
"""In the order of ``SITES``."""


@lru_cache
def kazakh_statistics() -> xr.Dataset:
    """The statistics of the Kazakh study."""
    return weather_statistics(Inputs.read(KAZAKHSTAN).tables)


@lru_cache
def year(seed: int) -> xr.Dataset:
    """A calibrated Kazakh year."""
    return synthesise(kazakh_statistics(), seed=seed)


@lru_cache
def free_year(seed: int) -> xr.Dataset:
    """A free-running Kazakh year."""
    return synthesise(kazakh_statistics(), seed=seed, calibrate="free")


@lru_cache
def clear_skies() -> Floats:
    """Irradiance of a clear sky at every Kazakh solar site, W/m2, (node, hour)."""
    sites = kazakh_statistics()
    places = zip(*(sites[name].to_numpy() for name in ("sun_lat", "sun_lon", "altitude")), strict=True)
    return np.array([clear_sky(sky_of(local_hours(2023), *place)) for place in places])


def daily_index(seed: int) -> Floats:
    """Irradiation of each day over that of a clear day in a calibrated Kazakh year, (node, day)."""
    by_day = (len(clear_skies()), -1, HOURS_PER_DAY)
    index: Floats = values(year(seed), "ghi").reshape(by_day).sum(axis=2) / clear_skies().reshape(by_day).sum(axis=2)
    return index


def made_up_tables() -> dict[str, pd.DataFrame]:
    """The tables of two nodes and of a foreign one that has weather in no table."""
    sites = pd.DataFrame.from_dict(MADE_UP_SITES, orient="index", columns=list(SITES))
    places = {"node": [*MADE_UP_SITES, "abroad"], "lon": [61.0, 65.0, 40.0], "lat": [50.0, 51.0, 55.0]}
    return {
        "nodes": pd.DataFrame(places),
        "weather_sites": sites.rename_axis("node").reset_index(),
        "weather": pd.concat(
            [pd.DataFrame({"node": node, "month": range(1, 13), **MADE_UP_MONTHS}) for node in MADE_UP_SITES],
            ignore_index=True,
        ),
    }


def made_up_statistics() -> xr.Dataset:
    """The statistics of the two made-up nodes; a new Dataset each time, to be changed at will."""
    return weather_statistics(made_up_tables()).copy(deep=True)


def values(dataset: xr.Dataset, name: str) -> Floats:
    """A variable as float64, (node, ...)."""
    return np.asarray(dataset[name].to_numpy(), dtype=np.float64)


def of_the_year(monthly: Floats) -> Floats:
    """Means of the year from means of the months: (node, month) -> (node)."""
    mean: Floats = monthly @ DAYS_IN_MONTH / DAYS_IN_MONTH.sum()
    return mean


def irradiance_wanted(statistics: xr.Dataset) -> Floats:
    """Mean irradiance of each month, W/m2, from kWh/m2: (node, month)."""
    mean: Floats = values(statistics, "ghi") * 1000 / (DAYS_IN_MONTH * HOURS_PER_DAY)
    return mean


def likeness(hourly: Floats, lag: int) -> float:
    """Autocorrelation at a lag of some hours, mean of the nodes."""
    away = hourly - hourly.mean(axis=1, keepdims=True)
    found: Floats = (away[:, lag:] * away[:, :-lag]).mean(axis=1) / away.var(axis=1)
    return float(found.mean())
