"""One schema of hourly weather, and every way in which a file of it can be unusable."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.problems import Problem
from model.time.calendar import HOURS, local_hours
from model.time.dataset import LEAP_HOURS, VARIABLES, check_weather, weather_dataset, without_leap_day
from model.version import VERSION

PLACES = {"west": (61.0, 50.0), "east": (65.0, 51.0)}
NODES = tuple(PLACES)
LEAP_YEAR = pd.date_range("2024-01-01", periods=LEAP_HOURS, freq="h")


def weather(hours: pd.DatetimeIndex | None = None, **attrs: object) -> xr.Dataset:
    """Weather in which nothing happens."""
    time = local_hours(2023) if hours is None else hours
    even = {name: np.full((len(PLACES), len(time)), 0.5) for name in VARIABLES}
    return weather_dataset(even, PLACES, time, title="Even weather", source="a formula", **attrs)


def wrong(found: xr.Dataset, nodes: tuple[str, ...] = NODES) -> list[Problem]:
    """The faults of a file."""
    return check_weather(found, nodes, "weather.nc")


def the_fault(found: xr.Dataset, nodes: tuple[str, ...] = NODES) -> Problem:
    """The only fault of a file."""
    (problem,) = wrong(found, nodes)
    assert problem.file == "weather.nc"
    assert problem.advice
    return problem


def test_what_is_written_says_what_it_is() -> None:
    """Proves: dims, float32, units, standard names, bounds of an hour, place of every node, year, zone and version.
    Without it a reader would have to guess hours, units and zone."""
    found = weather(seed=5)
    assert found["wind_cf"].dims == ("node", "time")
    assert {str(found[name].dtype) for name in VARIABLES} == {"float32"}
    for name, about in VARIABLES.items():
        assert found[name].attrs == {**about, "cell_methods": "time: mean"}
    assert (found["lon"].to_numpy().tolist(), found["lat"].to_numpy().tolist()) == ([61.0, 65.0], [50.0, 51.0])
    assert found["time"].attrs["bounds"] == "time_bnds"
    assert (found["time_bnds"][:, 0] == found["time"]).all()
    assert (found["time_bnds"].diff("bnds") == np.timedelta64(1, "h")).all()
    assert found.attrs == {
        "Conventions": "CF-1.8",
        "title": "Even weather",
        "source": "a formula",
        "year": 2023,
        "version": VERSION,
        "utc_offset": "+05:00",
        "seed": 5,
    }


def test_a_variable_of_another_name_is_refused() -> None:
    """Proves: a misspelt name raises. Without it wind_cp would lie in the file and nobody would read it."""
    with pytest.raises(KeyError, match="wind_cp"):
        weather_dataset({"wind_cp": np.zeros((2, HOURS))}, PLACES, local_hours(2023), title="t", source="s")


@pytest.mark.parametrize("hours", [local_hours(2023), local_hours(2024), LEAP_YEAR])
def test_a_whole_year_is_right(hours: pd.DatetimeIndex) -> None:
    """Proves: a usual year, a leap year and one without 29 February pass, and 8,760 hours are left of each. Without it
    good files would be sent back."""
    found = weather(hours)
    assert wrong(found) == []
    left = pd.DatetimeIndex(without_leap_day(found)["time"].to_numpy())
    assert (left == local_hours(hours[0].year)).all()


@pytest.mark.parametrize(
    ("hours", "rule"),
    [
        (local_hours(2023)[:-1], "a year has 8760 hours"),
        (pd.date_range("2024-01-01", periods=HOURS, freq="h"), "2024 has 8784 hours"),
        (pd.date_range("2023-01-01", periods=LEAP_HOURS, freq="h"), "2023 has 8760 hours"),
        (local_hours(2023) - pd.Timedelta(hours=5), "must begin at 00:00 on 1 January"),
        (local_hours(2023).delete(100).append(pd.DatetimeIndex(["2024-01-01"])), "1 hours do not follow"),
        (local_hours(2023).delete(100).insert(0, pd.Timestamp("2023-01-01")), "2 hours do not follow"),
        (local_hours(2023)[::-1], "8759 hours do not follow"),
        (pd.date_range("2023-01-01", "2024-01-01 23:00", freq="h").delete(range(1392, 1416)), "1 hours do not follow"),
    ],
    ids=["short", "leap year cut", "too long", "utc", "gap", "double", "backwards", "28 February lacks"],
)
def test_hours_that_are_no_year_are_refused(hours: pd.DatetimeIndex, rule: str) -> None:
    """Proves: too few or too many hours, gaps, doubles, a wrong order or a wrong start are named. Without it the load
    of one hour would meet the weather of another."""
    problem = the_fault(weather(hours))
    assert problem.column == "time"
    assert rule in problem.rule


def test_a_wrong_zone_is_refused() -> None:
    """Proves: a file in UTC is sent back. Without it the sun would rise five hours late."""
    problem = the_fault(weather(utc_offset="+00:00"))
    assert (problem.column, problem.value) == ("utc_offset", "+00:00")


def test_a_missing_node_is_named() -> None:
    """Proves: each node that the plan needs and the file lacks is named. Without it the plan would stop on a label."""
    assert [problem.value for problem in wrong(weather(), ("west", "south", "north"))] == ["south", "north"]


def test_a_node_that_comes_twice_is_named() -> None:
    """Proves: two rows of one node are refused. Without it one of them would be taken at random."""
    problem = the_fault(weather().isel(node=[0, 1, 0]))
    assert (problem.column, problem.value) == ("node", "west")


@pytest.mark.parametrize("dim", ["node", "time"])
def test_a_missing_dimension_is_named(dim: str) -> None:
    """Proves: a file without nodes or hours is refused with what it lacks. Without it a traceback would come."""
    assert the_fault(weather().isel({dim: 0}, drop=True).drop_vars("time_bnds", errors="ignore")).column == dim


def test_a_variable_for_the_whole_country_is_refused() -> None:
    """Proves: one that has no nodes, beside others that have them, is named. Without it a traceback would come."""
    found = weather()
    found["ghi"] = found["ghi"].isel(node=0, drop=True)
    problem = the_fault(found)
    assert (problem.column, problem.value) == ("ghi", "time")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("wind_cf", np.nan, "must be a finite number"),
        ("temperature", np.inf, "must be a finite number"),
        ("wind_cf", 1.01, "must lie between 0 and 1"),
        ("pv_fixed_cf", -0.01, "must lie between 0 and 1"),
        ("pv_tracking_cf", 52.0, "must lie between 0 and 1"),
        ("wind_speed", -1.0, "must be >= 0"),
        ("ghi", -2.0, "must be >= 0"),
    ],
)
def test_impossible_values_are_named_with_node_and_hour(name: str, value: float, rule: str) -> None:
    """Proves: a gap, a factor outside [0, 1] or negative wind and light are told with node and hour. Without it percent
    would be read as shares, and a gap would stop the solver."""
    found = weather()
    found[name][1, 8] = value
    problem = the_fault(found)
    assert problem.column == name
    assert rule in problem.rule
    assert "east at 2023-01-01T08:00" in problem.rule


def test_frost_is_no_fault() -> None:
    """Proves: temperatures below zero pass. Without it no Kazakh winter would."""
    found = weather()
    found["temperature"][:] = -40.0
    assert wrong(found) == []


def test_many_faults_of_a_kind_are_one_line_and_all_kinds_are_told() -> None:
    """Proves: 24 gaps are told once with their number, beside a missing node and a wrong zone. Without it a bad file
    would print thousands of lines, or take three attempts."""
    found = weather(utc_offset="+06:00")
    found["wind_cf"][0, :24] = np.nan
    problems = wrong(found, ("west", "north"))
    assert [problem.column for problem in problems] == ["utc_offset", "node", "wind_cf"]
    assert "(24 values)" in problems[-1].rule


def test_something_must_turn_weather_into_power() -> None:
    """Proves: a file with neither wind_cf nor pv_fixed_cf is refused, one of them is enough. Without it a plan would
    run without wind or sun."""
    assert "neither wind_cf nor pv_fixed_cf" in the_fault(weather()[["ghi", "temperature"]]).rule
    assert wrong(weather()[["wind_cf"]]) == []
    assert wrong(weather()[["pv_fixed_cf"]]) == []
