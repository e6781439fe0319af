"""Drawing a year: seeds, calendar, what the file says of itself, and statistics that no weather can have."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.problems import InvalidStudy
from model.time.calendar import HOURS, HOURS_PER_DAY, local_hours, monthly_means
from model.time.dataset import VARIABLES
from model.time.weather import Params, parameters, synthesise
from tests.time.weather_years import made_up_statistics, values


def drawn(**options: object) -> xr.Dataset:
    """A year of the two made-up nodes."""
    return synthesise(made_up_statistics(), **options)  # type: ignore[arg-type]


def test_a_seed_is_a_year() -> None:
    """Proves: the same seed gives the same arrays bit by bit, and another seed other ones. Without it nobody could
    repeat a result."""
    first, again, other = drawn(seed=3), drawn(seed=3), drawn(seed=4)
    xr.testing.assert_identical(first, again)
    for name in VARIABLES:
        assert not np.array_equal(values(first, name), values(other, name))


def test_every_machine_draws_the_same_year() -> None:
    """Proves: means, spreads and single hours of a seed are those written here, to one in a million. Without it results
    of two machines, or of two versions of a library, could drift apart unseen."""
    weather = drawn(seed=7)
    found = {
        name: [array.mean(), array.std(), array[0, 3012], array[1, 6492]]
        for name, array in ((name, values(weather, name)) for name in VARIABLES)
    }
    assert found.keys() == GOLDEN.keys()
    for name, figures in GOLDEN.items():
        assert found[name] == pytest.approx(figures, rel=1e-6), name


def test_a_year_has_its_own_dates_and_no_leap_day() -> None:
    """Proves: 2024 has 8,760 hours from 00:00 on 1 January in local time, without 29 February, each one hour long.
    Without it weekdays of the load would not fit the weather, and March would come a day late."""
    weather = drawn(year=2024)
    time = pd.DatetimeIndex(weather["time"].to_numpy())
    assert len(time) == HOURS
    assert (time == local_hours(2024)).all()
    assert not ((time.month == 2) & (time.day == 29)).any()
    assert weather.attrs["year"] == 2024
    bounds = weather["time_bnds"].to_numpy()
    assert (bounds[:, 0] == time.to_numpy()).all()
    assert (bounds[:, 1] - bounds[:, 0] == np.timedelta64(1, "h")).all()
    assert values(weather, "wind_cf")[:, -1] == pytest.approx(values(drawn(year=2023), "wind_cf")[:, -1], rel=1e-4)


def test_the_file_says_where_it_comes_from() -> None:
    """Proves: seed, mode and worst error of a month stand in the attributes. Without it a year could not be drawn
    again from its file."""
    weather = drawn(seed=3)
    assert weather.attrs["seed"] == 3
    assert weather.attrs["calibration"] == "exact"
    assert 0 <= weather.attrs["calibration_error"] <= 0.01
    assert weather["node"].to_numpy().tolist() == ["west", "east"]
    assert weather["lon"].to_numpy().tolist() == [61.0, 65.0]


def test_a_free_year_is_not_fitted() -> None:
    """Proves: a free year says so, and how far its worst month is from the table, which is no fault. Without it a free
    year could be taken for a calibrated one."""
    weather = drawn(calibrate="free")
    assert weather.attrs["calibration"] == "free"
    assert weather.attrs["calibration_error"] > 0.05


def test_days_follow_the_sun_of_their_place() -> None:
    """Proves: mean wind of July peaks at 23 h and mean temperature at 15 h solar time, 48 minutes
    behind the clock at 63 degrees east, between both nodes. Without it wind and load would meet at the wrong hours."""
    weather = drawn(seed=1)
    july = pd.DatetimeIndex(weather["time"].to_numpy()).month == 7
    hours = np.arange(HOURS_PER_DAY)
    for name, peak in (("wind_speed", 23.0), ("temperature", 15.0)):
        day = values(weather, name)[:, july].reshape(2, -1, HOURS_PER_DAY).mean(axis=(0, 1))
        angle = np.angle((day * np.exp(2j * np.pi * (hours + 0.5) / HOURS_PER_DAY)).sum())
        clock = angle * HOURS_PER_DAY / (2 * np.pi) % HOURS_PER_DAY
        # The clock keeps the solar time of 75 degrees east; 12 degrees are 0.8 hours.
        late = (clock - peak - 0.8 + HOURS_PER_DAY / 2) % HOURS_PER_DAY - HOURS_PER_DAY / 2
        assert abs(late) < 0.75


@pytest.mark.parametrize(("name", "month", "value"), [("wind_cf", 4, 0.8), ("ghi", 7, 400.0), ("ghi", 7, 10.0)])
def test_what_no_weather_gives_is_refused(name: str, month: int, value: float) -> None:
    """Proves: a capacity factor above all speeds, and irradiation beyond a clear or below an overcast sky, are faults
    of weather.csv, with node and month. Without it endless speeds, 2,300 W/m2 or negative light would be written."""
    statistics = made_up_statistics()
    statistics[name].loc[{"node": "east", "month": month}] = value
    with pytest.raises(InvalidStudy, match=f"{name} is '{value:g}': no weather gives this at east in month {month}"):
        synthesise(statistics)


def test_all_that_no_weather_gives_is_told_at_once() -> None:
    """Proves: faults of wind and of sun come together. Without it one would be mended only to find the next."""
    statistics = made_up_statistics()
    statistics["wind_cf"].loc[{"node": "east", "month": 4}] = 0.8
    statistics["ghi"].loc[{"node": "west", "month": 7}] = 400.0
    with pytest.raises(InvalidStudy) as error:
        synthesise(statistics)
    assert {problem.column for problem in error.value.problems} == {"wind_cf", "ghi"}


def test_a_node_may_have_no_wind_at_all() -> None:
    """Proves: a capacity factor of 0 in every month gives still air. Without it a node in a basin would end in a
    division by zero."""
    statistics = made_up_statistics()
    statistics["wind_cf"].loc[{"node": "east"}] = 0.0
    weather = synthesise(statistics)
    assert values(weather, "wind_cf")[1].mean() < 0.001
    assert monthly_means(values(weather, "wind_cf"))[0] == pytest.approx(values(statistics, "wind_cf")[0], rel=0.01)


def test_the_numbers_of_the_method_are_listed_and_fixed() -> None:
    """Proves: every number has a name, can be replaced and cannot be changed in place. Without it two runs with the
    same parameters could differ."""
    assert parameters()["wind_length_slow"] == 500.0
    with pytest.raises(FrozenInstanceError):
        Params().wind_length_slow = 1.0  # type: ignore[misc]
    calm = synthesise(made_up_statistics(), params=Params(cloud_hourly_spread=0.0))
    assert not np.array_equal(values(calm, "ghi"), values(drawn(), "ghi"))


GOLDEN = {
    "wind_cf": [0.358922346, 0.251250182, 0.618231356, 0.557516932],
    "pv_fixed_cf": [0.170790676, 0.2524231, 0.770611048, 0.568792045],
    "pv_tracking_cf": [0.186203539, 0.263666749, 0.715711832, 0.46179378],
    "wind_speed": [7.16077813, 3.07455751, 9.54428196, 9.10621262],
    "ghi": [154.794521, 226.173832, 711.673462, 465.185333],
    "temperature": [3.6739726, 14.2662097, 6.62499952, 11.0547981],
}
"""Seed 7: mean, standard deviation, and two hours of the year."""
