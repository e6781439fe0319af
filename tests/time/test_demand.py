"""Load by hour: months keep their energy, sectors add up, weekdays are real, and the weather moves a day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from model.system.read import Inputs
from model.time.calendar import DAYS, DAYS_IN_MONTH, HOURS, HOURS_PER_DAY, MONTH_OF_HOUR, local_hours, monthly_means
from model.time.demand import (
    COLD,
    WARM,
    Tables,
    load_shapes,
    load_table,
    load_weights,
    national_table,
    sector_shares,
    week_mean,
)
from model.time.statistics import weather_statistics
from model.time.weather import synthesise

KAZAKHSTAN = Path(__file__).parents[2] / "inputs" / "kazakhstan"
YEAR = 2023
"""Begins on a Sunday."""

MIX = {"industry": 0.64, "residential": 0.20, "services": 0.16}
"""Shares of the sectors in the national use."""

CONSUMPTION_2018 = np.array([9868, 8833, 9062, 8105, 7956, 7607, 8151, 7882, 7743, 8663, 9263, 9996])
"""Monthly consumption of Kazakhstan, GWh (KOREM), to which the tables of the sectors add up."""


@pytest.fixture(scope="module")
def kazakhstan() -> Tables:
    """The tables of the study as shipped."""
    return Inputs.read(KAZAKHSTAN).tables


def shape_rows(sector: str = "all", night: float = 1.0, weekend: float = 1.0, summer: float = 1.0) -> pd.DataFrame:
    """A load that is `night` before noon, `weekend` on weekends and `summer` from April to September, else 1."""
    return pd.DataFrame(
        [
            {
                "sector": sector,
                "month": month,
                "hour": hour,
                "daytype": kind,
                "value": (night if hour < 12 else 1)
                * (weekend if kind == "weekend" else 1)
                * (summer if 4 <= month <= 9 else 1),
            }
            for month in range(1, 13)
            for hour in range(HOURS_PER_DAY)
            for kind in ("workday", "weekend")
        ]
    )


def tables_of(shape: pd.DataFrame, shares: dict[str, dict[str, float]] | None = None, **use: float) -> Tables:
    """Tables with the use of each node (1 at `north` where none is given) and the shares of sectors at nodes."""
    demands = [
        {"node": node, "year": 2025, "load": "", "profile": "load", "value": value}
        for node, value in (use or {"north": 1.0}).items()
    ]
    rows = [{"node": n, "sector": s, "share": v} for n, own in (shares or {}).items() for s, v in own.items()]
    return {
        "load_shape": shape,
        "load_shares": pd.DataFrame(rows, columns=["node", "sector", "share"]),
        "demands": pd.DataFrame(demands),
    }


def temperatures(**daily: np.ndarray) -> xr.DataArray:
    """The same temperature through each day: (node, time)."""
    hourly = np.array([np.repeat(values, HOURS_PER_DAY) for values in daily.values()])
    return xr.DataArray(hourly, coords={"node": list(daily), "time": local_hours(YEAR)}, dims=("node", "time"))


def one_warm_day(day: int, kelvin: float) -> np.ndarray:
    """10 degrees, and so many more on one day of the year."""
    daily = np.full(DAYS, 10.0)
    daily[day] += kelvin
    return daily


def test_weekends_are_those_of_the_calendar() -> None:
    """Proves: 1 January 2023 is a Sunday and has the weekend's load, half of Monday's; so has the Saturday after.
    Without it the peak would fall on any day of the week."""
    load = load_shapes(tables_of(shape_rows(weekend=0.5)), None, YEAR)["load"].sel(node="north").to_numpy()
    noon = load.reshape(DAYS, HOURS_PER_DAY)[:7, 12]
    assert noon / noon[1] == pytest.approx([0.5, 1, 1, 1, 1, 1, 0.5])


def test_a_leap_year_goes_without_its_29th_of_february() -> None:
    """Proves: 2024 has 8,760 hours, and 1 March, a Friday, comes after Wednesday, 28 February. Without it every
    weekday after February would be a day off."""
    load = load_shapes(tables_of(shape_rows(weekend=0.5)), None, 2024)["load"]
    assert load.sizes["time"] == HOURS
    noon = load.sel(node="north").to_numpy().reshape(DAYS, HOURS_PER_DAY)[59:62, 12]
    assert noon / noon[0] == pytest.approx([1, 0.5, 0.5])


def test_months_keep_the_energy_of_their_table_whatever_their_weekends() -> None:
    """Proves: summer months use half of what winter months use in a day, though weekends, at a tenth, are four in one
    month and five in the next. Without it the calendar of one year would change the energy of a month."""
    shape = shape_rows(weekend=0.1, night=0.3, summer=0.5)
    load = load_shapes(tables_of(shape), None, YEAR)["load"].sel(node="north").to_numpy()
    summer_days, winter_days = 183, 182
    winter = DAYS / (winter_days + 0.5 * summer_days)
    expected = [winter * (0.5 if 4 <= month <= 9 else 1) for month in range(1, 13)]
    assert monthly_means(load) == pytest.approx(expected)
    assert load.mean() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-40, 40), min_size=DAYS, max_size=DAYS))
def test_no_weather_changes_the_energy_of_a_month(daily: list[float]) -> None:
    """Proves: under any temperatures a month keeps the energy of its table. Without it a cold year would use more than
    demands.csv says."""
    tables = tables_of(shape_rows(night=0.5, weekend=0.8, summer=0.9))
    without = load_shapes(tables, None, YEAR)["load"].sel(node="north").to_numpy()
    moved = load_shapes(tables, temperatures(north=np.array(daily)), YEAR)["load"].sel(node="north").to_numpy()
    assert monthly_means(moved) == pytest.approx(monthly_means(without), rel=1e-12)


@pytest.mark.parametrize(("day", "sensitivity"), [(14, COLD), (195, WARM)])
def test_a_warm_day_uses_less_in_winter_and_more_in_summer(day: int, sensitivity: float) -> None:
    """Proves: a day of January 10 K warmer than the others uses 4.5 % less than they do, one of July 2.7 % more.
    Without it cold spells would not be the peak."""
    load = load_shapes(tables_of(shape_rows()), temperatures(north=one_warm_day(day, 10)), YEAR)["load"]
    noon = load.sel(node="north").to_numpy().reshape(DAYS, HOURS_PER_DAY)[:, 12]
    days = DAYS_IN_MONTH[MONTH_OF_HOUR[day * HOURS_PER_DAY]]
    others = 1 - sensitivity * 10 / days
    assert noon[day] / noon[day - 1] == pytest.approx((others + sensitivity * 10) / others)


def test_the_country_is_as_warm_as_where_its_users_are() -> None:
    """Proves: a node with three quarters of the use has three quarters of the say: 7.5 K of 10. Without it an empty
    region would move the load of the others."""
    warm, usual = one_warm_day(14, 10), np.full(DAYS, 10.0)
    tables = tables_of(shape_rows(), north=3, south=1)
    load = load_shapes(tables, temperatures(south=usual, north=warm), YEAR)["load"]
    alone = load_shapes(tables_of(shape_rows()), temperatures(north=one_warm_day(14, 7.5)), YEAR)["load"]
    assert load.sel(node="south").to_numpy() == pytest.approx(alone.sel(node="north").to_numpy())


def test_a_node_is_the_mix_of_its_sectors() -> None:
    """Proves: three parts of a flat sector and one that sleeps till noon give 0.75 and 1.25; each sector also has a
    shape of its own. Without it a town and a smelter would have one evening peak."""
    shape = pd.concat([shape_rows("mills"), shape_rows("homes", night=0.0)])
    shares = {"north": {"mills": 0.75, "homes": 0.25}, "south": {"mills": 1.0}}
    shapes = load_shapes(tables_of(shape, shares, north=1, south=1), None, YEAR)
    first = {
        str(name): values.to_numpy()[:, [0, 12]].tolist() for name, values in shapes.transpose("node", ...).items()
    }
    assert first["load"] == [pytest.approx([0.75, 1.25]), pytest.approx([1, 1])]
    assert first["load_homes"] == [pytest.approx([0, 2])] * 2
    assert first["load_mills"] == [pytest.approx([1, 1])] * 2
    assert {values.attrs["units"] for values in shapes.values()} == {"1"}


def test_a_node_without_shares_has_the_load_of_all() -> None:
    """Proves: `all` stands in where a node names no sectors, and is no sector of its own. Without it such a node would
    use nothing."""
    shape = pd.concat([shape_rows("all", night=0.0), shape_rows("mills")])
    shapes = load_shapes(tables_of(shape, {"south": {"mills": 1.0}}, north=1, south=1), None, YEAR)
    assert list(shapes) == ["load", "load_mills"]
    assert shapes["load"].sel(node="north").to_numpy()[[0, 12]] == pytest.approx([0, 2])
    assert shapes["load"].sel(node="south").to_numpy()[[0, 12]] == pytest.approx([1, 1])


def test_a_node_that_follows_no_load_may_go_without_shares() -> None:
    """Proves: without `all` a node that names no sectors has the mix of the others, and no use at all weighs nodes
    alike. Without it a study of freight alone could not be read."""
    shape = pd.concat([shape_rows("homes", night=0.0), shape_rows("mills")])
    tables = tables_of(shape, {"north": {"mills": 0.75, "homes": 0.25}}, north=2, south=0)
    shares = sector_shares(tables["load_shares"], load_weights(tables["demands"]), ["homes", "mills"])
    assert shares.sel(node="south").to_numpy() == pytest.approx([0.25, 0.75])
    flat = tables["demands"].assign(profile="constant")
    assert load_weights(flat).to_numpy() == pytest.approx([0.5, 0.5])
    nothing = sector_shares(tables["load_shares"].iloc[:0], load_weights(flat), ["homes", "mills"])
    assert nothing.to_numpy() == pytest.approx(np.full((2, 2), 0.5))


def test_sectors_are_the_national_load_in_every_hour(kazakhstan: Tables) -> None:
    """Proves (figure 10): use by node and sector adds to 0.64, 0.16 and 0.20 of the country (but for what refineries
    take by themselves), so that in every hour of the table their mix is the national load within 0.001, and its months
    are those of 2018 within 0.1 %. Without it the sectors would need more than there is."""
    table = load_table(kazakhstan["load_shape"])
    mix = xr.DataArray(list(MIX.values()), coords={"sector": list(MIX)}, dims="sector")
    national = national_table(kazakhstan)
    away = np.abs(national - xr.dot(table, mix, dim="sector"))
    assert float(away.max()) < 0.001
    weights = load_weights(kazakhstan["demands"])
    shares = sector_shares(kazakhstan["load_shares"], weights, list(MIX))
    assert xr.dot(shares, weights, dim="node").to_numpy() == pytest.approx(list(MIX.values()), abs=2e-4)
    energy = week_mean(national).mean("hour").to_numpy() * DAYS_IN_MONTH
    assert energy / energy.sum() == pytest.approx(CONSUMPTION_2018 / CONSUMPTION_2018.sum(), rel=1e-3)


@pytest.mark.slow
def test_the_load_of_five_years_peaks_and_rests_as_kazakhstan_does(kazakhstan: Tables) -> None:
    """Proves (figure 9): with five weather years the load factor is 0.775 to 0.805 (0.790 in 2023), the peak falls on a
    workday of November to February at 17 to 20 h, the least load from May to September at 2 to 5 h, and months keep
    their energy within 0.1 %. Without it the reserve would be planned for a day that does not come."""
    weights = load_weights(kazakhstan["demands"])
    for seed in range(5):
        weather = synthesise(weather_statistics(kazakhstan), year=YEAR, seed=seed)
        load = load_shapes(kazakhstan, weather["temperature"], YEAR)["load"]
        national = xr.dot(load, weights, dim="node").to_numpy()
        highest, lowest = (local_hours(YEAR)[int(find(national))] for find in (np.argmax, np.argmin))
        assert load.mean("time").to_numpy() == pytest.approx(np.ones(load.sizes["node"]))
        assert 0.775 <= 1 / national.max() <= 0.805, seed
        assert highest.day_of_week < 5, highest
        assert highest.month in (11, 12, 1, 2), highest
        assert highest.hour in (17, 18, 19, 20), highest
        assert lowest.month in (5, 6, 7, 8, 9), lowest
        assert lowest.hour in (2, 3, 4, 5), lowest
        energy = monthly_means(national) * DAYS_IN_MONTH
        assert energy / energy.sum() == pytest.approx(CONSUMPTION_2018 / CONSUMPTION_2018.sum(), rel=1e-3)
