"""Synthetic weather of Kazakhstan, five years: it has the statistics of the tables and the ways of measured weather."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from model.time import fields
from model.time.calendar import DAYS_IN_MONTH, HOURS_PER_DAY, MONTH_OF_DAY, MONTH_OF_HOUR, monthly_means
from model.time.dataset import FACTORS, check_weather
from model.time.sun import sky_of
from tests.time.weather_years import (
    SEEDS,
    Floats,
    clear_skies,
    daily_index,
    irradiance_wanted,
    kazakh_statistics,
    likeness,
    of_the_year,
    values,
    year,
)

pytestmark = pytest.mark.slow

FLEET = {
    "zhambyl": 251,
    "turkistan": 250,
    "almaty": 200,
    "karaganda": 190,
    "akmola": 100,
    "kyzylorda": 89,
    "abai": 30,
    "ulytau": 10,
}
"""Solar power by node, MW."""


def mean_of_years(measure: Callable[[Floats], float]) -> float:
    """A figure of hourly wind, (node, hour), over five years."""
    return float(np.mean([measure(values(year(seed), "wind_cf")) for seed in SEEDS]))


def between_sites() -> Floats:
    """Distances of all pairs of wind sites, km."""
    sites = kazakh_statistics()
    away = fields.distances(sites["wind_lon"].to_numpy(), sites["wind_lat"].to_numpy())
    pairs: Floats = away[np.triu_indices(len(away), 1)]
    return pairs


@pytest.mark.parametrize("seed", SEEDS)
def test_wind_has_the_capacity_factors_of_the_tables(seed: int) -> None:
    """Proves: every year is within 0.5 % and every month within 1 % of weather.csv, and the file says how near it came.
    Without it a lucky draw would decide how much wind power a plan builds."""
    wanted, reached = values(kazakh_statistics(), "wind_cf"), monthly_means(values(year(seed), "wind_cf"))
    assert of_the_year(reached) == pytest.approx(of_the_year(wanted), rel=0.005)
    assert reached == pytest.approx(wanted, rel=0.01)
    assert year(seed).attrs["calibration_error"] == pytest.approx(np.abs(reached / wanted - 1).max(), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_sun_and_temperature_have_the_means_of_the_tables(seed: int) -> None:
    """Proves: months have their irradiation within 0.2 % and their temperature within 0.05 K. Without it a year would
    be sunnier or colder than the climate it stands for."""
    statistics = kazakh_statistics()
    reached = monthly_means(values(year(seed), "ghi"))
    assert reached == pytest.approx(irradiance_wanted(statistics), rel=0.002)
    temperature = monthly_means(values(year(seed), "temperature"))
    assert temperature == pytest.approx(values(statistics, "temperature"), abs=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_hour_is_brighter_than_the_sky_can_be(seed: int) -> None:
    """Proves: panels rest while the sun is down, and irradiance stays within 6 % of a clear sky's. Without it a dull
    draw, scaled up to its month, would have noons of 1,360 W/m2, more than reaches the air from outside."""
    sites, weather = kazakh_statistics(), year(seed)
    hours = pd.DatetimeIndex(weather["time"].to_numpy())
    for node in range(sites.sizes["node"]):
        sky = sky_of(hours, *(float(sites[name][node]) for name in ("sun_lat", "sun_lon", "altitude")))
        down = sky.zenith >= 90
        assert 4000 < down.sum() < 4700
        assert (values(weather, "pv_fixed_cf")[node, down] == 0).all()
        assert (values(weather, "pv_tracking_cf")[node, down] == 0).all()
        assert (values(weather, "ghi")[node] <= 1.06 * clear_skies()[node] + 1e-3).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_year_is_fit_for_use(seed: int) -> None:
    """Proves: a synthetic year passes the checks that files have to pass; capacity factors lie in [0, 1]. Without it
    what is written could not be read again."""
    nodes = [str(node) for node in kazakh_statistics()["node"].to_numpy()]
    assert len(nodes) == 17
    assert check_weather(year(seed), nodes, "synthetic") == []
    for name in FACTORS:
        assert 0 <= values(year(seed), name).min() <= values(year(seed), name).max() <= 1


def test_wind_of_a_node_changes_as_slowly_as_measured_wind() -> None:
    """Proves: autocorrelation 0.980-0.992 after an hour and 0.32-0.45 after a day, steps of 0.030-0.050, between one
    site's 0.10 and Denmark's 0.03 (Holttinen 2005), 78-90 % of them within 5 %. Without it stores would have to follow
    wind that jumps as no wind does."""
    assert 0.980 <= mean_of_years(lambda wind: likeness(wind, 1)) <= 0.992
    assert 0.32 <= mean_of_years(lambda wind: likeness(wind, 24)) <= 0.45
    assert 0.030 <= mean_of_years(lambda wind: float(np.diff(wind).std(axis=1).mean())) <= 0.050
    assert 0.78 <= mean_of_years(lambda wind: float((np.abs(np.diff(wind)) <= 0.05).mean())) <= 0.90


def test_wind_of_two_nodes_is_less_alike_the_farther_they_are_apart() -> None:
    """Proves: correlation falls as exp(-distance / L), L 480-750 km, below 0.15 beyond 1,600 km (Olauson and Bergkvist
    2016). Without it lines between regions would be worth too little or too much."""
    away = between_sites()
    correlations = np.mean([np.corrcoef(values(year(seed), "wind_cf")) for seed in SEEDS], axis=0)
    alike = correlations[np.triu_indices(len(correlations), 1)]
    fit = minimize_scalar(
        lambda length: float(((np.exp(-away / length) - alike) ** 2).sum()), bounds=(100, 3000), method="bounded"
    )
    assert 480 <= fit.x <= 750
    assert alike[away > 1600].mean() < 0.15


def test_wind_of_all_nodes_is_steadier_than_that_of_one() -> None:
    """Proves: the mean of 17 nodes steps by 0.014-0.021, a twentieth of its hours lies below 0.12-0.18 and a twentieth
    above 0.52-0.61. Without it the nation would have calms or gales that its size rules out."""
    assert 0.014 <= mean_of_years(lambda wind: float(np.diff(wind.mean(axis=0)).std())) <= 0.021
    assert 0.12 <= mean_of_years(lambda wind: float(np.percentile(wind.mean(axis=0), 5))) <= 0.18
    assert 0.52 <= mean_of_years(lambda wind: float(np.percentile(wind.mean(axis=0), 95))) <= 0.61


@pytest.mark.parametrize("seed", SEEDS)
def test_months_join_without_a_step(seed: int) -> None:
    """Proves: the median step between two months is at most twice that of all hours. Without it a factor per month
    would show as a jump at midnight."""
    steps = np.abs(np.diff(values(year(seed), "wind_cf")))
    between = np.flatnonzero(np.diff(MONTH_OF_HOUR))
    assert len(between) == 11
    assert np.median(steps[:, between]) <= 2 * np.median(steps)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_solar_fleet_yields_what_it_is_known_to_yield(seed: int) -> None:
    """Proves: fixed panels where they stand today have a factor of 0.172-0.190, against 0.177 in 2024 and 0.183 in
    2022; trackers yield 5 to 25 % more at every node. Without it irradiance could be right and panels wrong."""
    weather = year(seed)
    fixed, tracking = (weather[name].mean("time", dtype=np.float64) for name in ("pv_fixed_cf", "pv_tracking_cf"))
    fleet = sum(float(fixed.sel(node=node)) * power for node, power in FLEET.items()) / sum(FLEET.values())
    assert 0.172 <= fleet <= 0.190
    assert ((tracking / fixed > 1.05) & (tracking / fixed < 1.25)).all()


def test_winter_cold_is_calm_and_persistent() -> None:
    """Proves: in January and February days of a node spread by 5-9 K and are 0.6-0.9 alike from one to the next, and
    colder ones have less wind (correlation above 0.1). Without it the coldest week, which sizes heat and reserve, would
    be windy by chance."""
    winter = MONTH_OF_HOUR < 2
    alike = []
    for seed in SEEDS:
        temperature, wind = (
            daily - daily.mean(axis=1, keepdims=True)
            for daily in (
                values(year(seed), name)[:, winter].reshape(17, -1, HOURS_PER_DAY).mean(axis=2)
                for name in ("temperature", "wind_speed")
            )
        )
        assert 5 <= temperature.std(axis=1).mean() <= 9
        assert 0.6 <= likeness(temperature, 1) <= 0.9
        alike.append((temperature * wind).mean(axis=1) / (temperature.std(axis=1) * wind.std(axis=1)))
    assert np.mean(alike) > 0.1


def test_days_are_clear_or_dull_in_turn() -> None:
    """Proves: the day's irradiance over a clear sky's spreads by 0.18-0.28 within the year, and a day is like the one
    before by 0.2-0.5. Without it every day would be the mean day, and panels would need no store."""
    for seed in SEEDS:
        assert 0.18 <= daily_index(seed).std(axis=1).mean() <= 0.28
        assert 0.2 <= likeness(daily_index(seed), 1) <= 0.5


def test_clouds_cover_regions_not_the_whole_country() -> None:
    """Proves: clearness of days inside a month is alike as exp(-distance / 450 km) within 0.06, near and far. Without
    it dull days would come to every node at once, or never to two."""
    sites = kazakh_statistics()
    above = np.triu_indices(17, 1)
    away = fields.distances(sites["sun_lon"].to_numpy(), sites["sun_lat"].to_numpy())[above]
    months = (MONTH_OF_DAY[:, None] == np.arange(12)) / DAYS_IN_MONTH
    alike = np.mean(
        [np.corrcoef(index - (index @ months)[:, MONTH_OF_DAY])[above] for index in map(daily_index, SEEDS)], axis=0
    )
    for nearest, farthest in ((0, 400), (400, 600), (600, 900), (900, 1500), (1500, 3000)):
        band = (away > nearest) & (away <= farthest)
        assert alike[band].mean() == pytest.approx(np.exp(-away[band] / 450).mean(), abs=0.06)
