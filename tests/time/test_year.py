"""The profiles of a full year: complete, of mean 1 where they must be, steady where months are given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.read import Inputs
from model.time.calendar import DAYS_IN_MONTH, HOURS, MONTH_OF_HOUR, MONTHS_OF_HOURS
from model.time.dataset import FACTORS, weather_dataset
from model.time.demand import load_weights
from model.time.periods import Floats
from model.time.year import TINY, year_profiles
from tests.time.cut_years import kazakh_year, kazakhstan, profiles, values
from tests.time.weather_years import KAZAKHSTAN, year


def made_up_weather(hours: pd.DatetimeIndex, wind: float | Floats) -> xr.Dataset:
    """Wind at every Kazakh node, and nothing else."""
    nodes = kazakhstan().tables["nodes"].query("kind == 'inside'")["node"]
    factors = np.broadcast_to(wind, (len(nodes), len(hours)))
    places = dict.fromkeys(nodes, (70.0, 50.0))
    return weather_dataset({"wind_cf": factors}, places, hours, title="Made up", source="made up")


def test_there_is_a_value_for_every_hour() -> None:
    """Proves: 8,760 finite values of at least 0 in every profile, each name once. Without it the program would have
    holes.
    """
    found = kazakh_year()
    assert found.sizes["hour"] == HOURS
    assert np.isfinite(values(found)).all()
    assert values(found).min() >= 0
    assert len(set(found["profile"].to_numpy())) == found.sizes["profile"]


@pytest.mark.parametrize("scenario", ["", "cable", "nuclear"])
def test_every_profile_that_the_country_names_is_there(scenario: str) -> None:
    """Proves: what assets, forced output, demands and limits follow exists. Without it a plan would
    stop for a missing name.
    """
    inputs = Inputs.read(KAZAKHSTAN)
    system = (inputs.scenario_named(scenario) if scenario else inputs).system
    named = ("asset_availability", "asset_must_run", "demand_profile")
    followed = {str(name) for variable in named for name in system[variable].to_numpy()} - {""}
    assert len(followed) > 90
    assert followed <= set(kazakh_year()["profile"].to_numpy())
    assert set(system["energy_limit_profile"].to_numpy()) <= set(kazakh_year()["monthly_profile"].to_numpy())


def test_monthly_profiles_are_steady_within_a_month() -> None:
    """Proves: every hour of a month has the month's value of monthly_profiles.csv. Without it gas of households would
    not be what the table says.
    """
    table = kazakhstan().tables["monthly_profiles"].query("profile == 'gas_households'")
    names = profiles(kazakh_year(), "gas_households")
    assert len(names) >= len(table["node"].unique()) > 1
    for node, rows in table[table["node"] != ""].groupby("node"):
        monthly = rows.sort_values("month")["value"].to_numpy(dtype=float)
        assert np.array_equal(values(kazakh_year(), [f"gas_households@{node}"])[0], monthly[MONTH_OF_HOUR])


def test_maintenance_is_steady_within_a_month() -> None:
    """Proves: availability changes only between months. Without it overhauls would jump by the hour."""
    found = values(kazakh_year(), profiles(kazakh_year(), "maintenance"))
    inside = np.diff(MONTH_OF_HOUR) == 0
    assert (np.diff(found, axis=1)[:, inside] == 0).all()
    assert found.min() < 1
    assert found.max() <= 1


def test_inflows_have_the_months_of_their_table_and_a_mean_of_one() -> None:
    """Proves: each river brings its share in each month, and 1 a year. Without it a yearly volume would be scaled."""
    names = [str(name) for name in kazakh_year()["profile"].to_numpy() if str(name).startswith("inflow of ")]
    assert len(names) >= 4
    for name in names:
        inflow = values(kazakh_year(), [name])[0]
        assert inflow.mean() == pytest.approx(1)
        profile, node = name.removeprefix("inflow of ").split("@")
        monthly = kazakhstan().tables["monthly_profiles"]
        rows = monthly[(monthly["profile"] == profile) & monthly["node"].isin((node, ""))]
        share = rows.sort_values(["node", "month"]).tail(12)["value"].to_numpy(dtype=float)
        assert inflow @ MONTHS_OF_HOURS * DAYS_IN_MONTH / 365 == pytest.approx(share / share.sum())


def test_load_and_heat_have_a_mean_of_one() -> None:
    """Proves: at every node the load of all, of each sector, and heat average to 1. Without it demands.csv would not
    decide on energy.
    """
    kinds = ("load", "load_industry", "load_residential", "load_services", "heat")
    nodes = set(kazakhstan().tables["demands"]["node"])
    for kind in kinds:
        names = profiles(kazakh_year(), kind)
        assert values(kazakh_year(), names).mean(axis=1) == pytest.approx(np.ones(len(names)))
        assert kind == "heat" or {name.split("@")[1] for name in names} == nodes


def test_the_national_load_is_that_of_the_nodes_by_their_use() -> None:
    """Proves: the national load weighs nodes by their demand, mean 1. Without it a small node could set the peak."""
    weights = load_weights(kazakhstan().tables["demands"])
    load = values(kazakh_year(), [f"load@{node}" for node in weights["node"].to_numpy()])
    national = kazakh_year()["national_load"].to_numpy()
    assert national.mean() == pytest.approx(1)
    assert np.allclose(weights.to_numpy() @ load, national)


def test_weather_is_taken_over_but_for_traces() -> None:
    """Proves: capacity factors are those of the weather, and traces below 1e-4 are none, which costs less than 1e-5
    of a node's energy. Without it dawn would bring coefficients that trouble solvers.
    """
    for name in FACTORS:
        weather = year(kazakhstan().settings.weather_seed)[name]
        own = weather.transpose("node", "time").to_numpy().astype(float)
        found = values(kazakh_year(), [f"{name}@{node}" for node in weather["node"].to_numpy()])
        assert np.array_equal(found[own >= TINY], own[own >= TINY])
        assert (found[own < TINY] == 0).all()
        assert (np.abs(found.mean(axis=1) / own.mean(axis=1) - 1) < 1e-5).all()


def test_months_are_kept_as_they_are_given() -> None:
    """Proves: month_value is the table, by profile and node. Without it yearly limits would be split wrongly."""
    table = kazakhstan().tables["monthly_profiles"].query("profile == 'hydro_small' and node == ''")
    found = kazakh_year()["month_value"].sel(monthly_profile="hydro_small@").to_numpy()
    assert found.tolist() == table.sort_values("month")["value"].tolist()


def test_a_leap_year_loses_29_february() -> None:
    """Proves: of 8,784 h those of 29 February go, and 1 March follows 28 February. Without it the second half of the
    year would be a day late.
    """
    hours = pd.date_range("2024-01-01", "2024-12-31 23:00", freq="h")
    leap = (hours.month == 2) & (hours.day == 29)
    wind = np.where(leap, 0.9, np.where(hours.month >= 3, 0.5, 0.25))
    found = year_profiles(kazakhstan().tables, made_up_weather(hours, wind))
    assert values(found, ["wind_cf@akmola"])[0].tolist() == [0.25] * 59 * 24 + [0.5] * 306 * 24


def test_weather_without_temperature_still_gives_load_and_heat() -> None:
    """Proves: with wind alone the load keeps to its table and heat to the months of weather.csv. Without it weather of
    renewables.ninja could not be used.
    """
    hours = pd.date_range("2023-01-01", "2023-12-31 23:00", freq="h")
    found = year_profiles(kazakhstan().tables, made_up_weather(hours, 0.3))
    assert profiles(found, "pv_fixed_cf", "pv_tracking_cf") == []
    for kind in ("load", "heat"):
        names = profiles(found, kind)
        assert names == profiles(kazakh_year(), kind)
        assert values(found, names).mean(axis=1) == pytest.approx(np.ones(len(names)))
    january, monday = values(found, ["load@akmola"])[0, : 31 * 24].reshape(31, 24), 1
    assert np.array_equal(january[monday], january[monday + 7])
