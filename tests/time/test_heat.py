"""Heat by hour: it follows the cold, stops with the season, and hot water runs all year."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.problems import InvalidStudy
from model.system.read import Inputs
from model.time.calendar import DAYS, HOURS_PER_DAY, local_hours, monthly_means
from model.time.demand import Tables, heat_shapes, mean_year
from model.time.statistics import weather_statistics
from model.time.weather import synthesise

KAZAKHSTAN = Path(__file__).parents[2] / "inputs" / "kazakhstan"
HOT_WATER = 0.2
SHORT = 0.01
"""Days over which the temperature is evened out, so few that each day stands for itself."""


@pytest.fixture(scope="module")
def kazakhstan() -> Tables:
    """The tables of the study as shipped."""
    return Inputs.read(KAZAKHSTAN).tables


def heat_of(daily: np.ndarray, **changes: float) -> np.ndarray:
    """Heat of each day against the yearly mean at a node that heats to 20 degrees at or below a limit of 8."""
    row = {
        "node": "north",
        "heating_limit": 8.0,
        "indoor_temperature": 20.0,
        "smoothing": SHORT,
        "hot_water_share": HOT_WATER,
        "daily_amplitude": 0.04,
        "peak_hour": 7,
        **changes,
    }
    hourly = np.repeat(daily, HOURS_PER_DAY)[None, :]
    temperature = xr.DataArray(hourly, coords={"node": ["north"], "time": local_hours(2023)}, dims=("node", "time"))
    heat = heat_shapes({"heat_shape": pd.DataFrame([row])}, temperature)
    assert heat.dims == ("node", "time")
    days: np.ndarray = heat.to_numpy().reshape(DAYS, HOURS_PER_DAY).mean(axis=1)
    return days


def year_with(start: int, stop: int, cold: float) -> np.ndarray:
    """20 degrees, and so many on the days from ``start`` to before ``stop``."""
    daily = np.full(DAYS, 20.0)
    daily[start:stop] = cold
    return daily


def test_heating_begins_when_five_days_are_cold_and_ends_when_they_are_not() -> None:
    """Proves: from 20 to 0 degrees the mean of five days is 8 on the third cold day (3 x 20 would be 12 on the second):
    heating is on from it to the second day after the cold, when it is 12. Without the rule one cold night in June
    would heat."""
    heat = heat_of(year_with(100, 200, 0))
    heated = heat > HOT_WATER + 1e-9
    assert np.flatnonzero(heated).tolist() == list(range(102, 200))
    after = heat_of(np.where(np.isin(np.arange(DAYS), (200, 201)), 8.0, year_with(100, 200, 0)))
    assert np.flatnonzero(after > HOT_WATER + 1e-9).tolist() == list(range(102, 202))


def test_a_short_cold_spell_does_not_turn_heating_on() -> None:
    """Proves: two days at 0 degrees leave the mean of five at 12. Without the rule they would be heated."""
    assert heat_of(year_with(100, 102, 0)) == pytest.approx(np.ones(DAYS))


def test_the_limit_itself_is_cold_enough() -> None:
    """Proves: at 8 degrees heating is on, just above it is off. Without it a year at the limit would have no season."""
    daily = np.full(DAYS, 8.0)
    daily[:100] = 8.5
    assert np.flatnonzero(heat_of(daily) > HOT_WATER + 1e-9)[0] == 104


def test_heat_is_in_proportion_to_the_cold() -> None:
    """Proves: 40 K below 20 degrees need twice the space heat of 20 K. Without it a frost would be like a mild day."""
    daily = np.where(np.arange(DAYS) < 100, -20.0, 0.0)
    space = heat_of(daily) - HOT_WATER
    assert space[50] / space[200] == pytest.approx(2)
    assert space.mean() == pytest.approx(1 - HOT_WATER)


def test_hot_water_is_used_all_year() -> None:
    """Proves: of a year's heat hot water is a fifth, evenly, 0.2 of the mean on every day without heating. Without it
    heating plants would stand still in summer."""
    heat = heat_of(year_with(0, 150, -5.0))
    assert heat[250] == pytest.approx(HOT_WATER)
    assert heat.mean() == pytest.approx(1)


def test_buildings_keep_their_warmth() -> None:
    """Proves: on the first day at 0 after days at -20 degrees, evened out over 1.5 days, the house feels
    -20 x exp(-1/1.5) = -10.3, and needs 30.3 of 40 K. Without it a peak would follow the coldest day at once."""
    daily = np.where(np.arange(DAYS) < 200, -20.0, 0.0)
    space = heat_of(daily, smoothing=1.5) - HOT_WATER
    assert space[200] / space[150] == pytest.approx((20 + 20 * np.exp(-1 / 1.5)) / 40)


def test_mornings_use_more() -> None:
    """Proves: at 7 h heat is 4 % above the day's mean, at 19 h 4 % below. Without it the day would be flat."""
    temperature = xr.DataArray(
        np.zeros((1, DAYS * HOURS_PER_DAY)),
        coords={"node": ["north"], "time": local_hours(2023)},
        dims=("node", "time"),
    )
    row = dict.fromkeys(("heating_limit", "indoor_temperature"), 10.0) | {"smoothing": 1.5, "hot_water_share": 0.2}
    table = pd.DataFrame([{"node": "north", **row, "daily_amplitude": 0.04, "peak_hour": 7}])
    day = heat_shapes({"heat_shape": table}, temperature).to_numpy()[0, :HOURS_PER_DAY]
    assert day[[7, 19]] == pytest.approx([1.04, 0.96])
    assert day.mean() == pytest.approx(1)


def test_where_it_is_never_cold_heat_is_even() -> None:
    """Proves: a year at 25 degrees has the same heat every day. Without it the space heat of the year would be lost."""
    assert heat_of(np.full(DAYS, 25.0)) == pytest.approx(np.ones(DAYS))


def test_a_year_without_weather_keeps_the_months(kazakhstan: Tables) -> None:
    """Proves: the smooth year has the monthly means of weather.csv at every node, no day differs from the next by more
    than 0.6 K, 31 December included, and a study without hourly temperature heats by it. Without it months would meet
    in steps of up to 12 K."""
    weather = kazakhstan["weather"]
    nodes = kazakhstan["heat_shape"]["node"].tolist()
    year = mean_year(weather, nodes)
    table = weather.pivot(index="node", columns="month", values="temperature").loc[nodes]
    assert monthly_means(year.to_numpy()) == pytest.approx(table.to_numpy(), abs=1e-9)
    daily = year.to_numpy().reshape(len(nodes), DAYS, HOURS_PER_DAY).mean(axis=2)
    assert np.abs(daily - np.roll(daily, 1, axis=1)).max() < 0.6
    assert heat_shapes(kazakhstan, None).to_numpy() == pytest.approx(heat_shapes(kazakhstan, year).to_numpy())


def test_heat_without_any_temperature_is_told(kazakhstan: Tables) -> None:
    """Proves: a node whose months lack the temperature is named, with what to do. Without it its heat would be NaN."""
    weather = kazakhstan["weather"]
    bare = weather.assign(temperature=weather["temperature"].where(weather["node"] != "abai"))
    with pytest.raises(InvalidStudy, match=r"weather\.csv, column temperature is 'abai': the heat demand of the node"):
        heat_shapes({**kazakhstan, "weather": bare}, None)


def test_seasons_last_about_as_long_as_building_norms_say(kazakhstan: Tables) -> None:
    """Proves: in a year without weather Astana heats 227 days (at or below 10 degrees), Aktobe 200 and Almaty 168 (at
    or below 8), as the norms of 2001 say of a colder climate, less up to 8 %. Without it fuel would be off by weeks."""
    heat = heat_shapes(kazakhstan, None)
    for node, norm in {"akmola": 227, "aktobe": 200, "almaty": 168}.items():
        daily = heat.sel(node=node).to_numpy().reshape(DAYS, HOURS_PER_DAY).mean(axis=1)
        heated = int((daily > daily.min() + 1e-9).sum())
        assert 0.92 * norm <= heated <= norm, node


@pytest.mark.slow
def test_the_heat_of_a_year_with_weather_is_kazakh(kazakhstan: Tables) -> None:
    """Proves: in two weather years heat has mean 1 at every node, hot water is 0.18 of it in July, the coldest day
    needs 2.3 to 4.5 times the mean, and Astana heats 195 to 240 days. Without it boilers would suit a mild winter."""
    nodes = kazakhstan["heat_shape"]["node"].tolist()
    for seed in range(2):
        heat = heat_shapes(kazakhstan, synthesise(weather_statistics(kazakhstan), seed=seed)["temperature"])
        daily = heat.to_numpy().reshape(len(nodes), DAYS, HOURS_PER_DAY).mean(axis=2)
        assert daily.mean(axis=1) == pytest.approx(np.ones(len(nodes)))
        assert daily[:, 181:212] == pytest.approx(np.full((len(nodes), 31), 0.18))
        assert daily.max(axis=1).min() > 2.3
        assert daily.max(axis=1).max() < 4.5
        assert 195 <= (daily[nodes.index("akmola")] > 0.18 + 1e-9).sum() <= 240
