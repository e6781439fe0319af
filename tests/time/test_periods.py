"""From periods and a calendar to steps: weights, closing days, and what falls to a period by months."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from model.time.calendar import DAYS_IN_MONTH, HOURS, HOURS_PER_DAY
from model.time.periods import Period, Slot, steps_dataset
from tests.time.cut_years import LOAD, SUN, WIND, hours_of, made_up_year

JANUARY = int(DAYS_IN_MONTH[0]) * HOURS_PER_DAY
REST = HOURS - JANUARY

FROST = Period("frost", np.array([0, 6, 18]), np.array([6, 12, 6]), np.array([[0.1, 0.2, 0.3]] * 3))
MILD = Period("mild", np.array([4800]), np.array([24]), np.array([[0.5]] * 3))


def flat_year() -> xr.Dataset:
    """A year in which nothing changes."""
    return made_up_year(*np.ones((3, HOURS)))


def calendar(days: int = 365) -> list[Slot]:
    """A year of days: frost in January, mild after."""
    return [
        Slot(f"day{day + 1:03d}", day * HOURS_PER_DAY, HOURS_PER_DAY, "frost" if day < 31 else "mild")
        for day in range(days)
    ]


def cut() -> xr.Dataset:
    """A year of two days: one of three steps, one of a single step."""
    return steps_dataset(flat_year(), [FROST, MILD], calendar(), "made up", "two days")


def test_a_step_weighs_as_often_as_its_period_stands_in_the_calendar() -> None:
    """Proves: 31 days of frost, 334 mild ones, 8,760 h. Without it a year would have more or less than its hours."""
    steps = cut()
    assert steps["weight"].to_numpy().tolist() == [31, 31, 31, 334]
    assert steps["duration"].to_numpy().tolist() == [6, 12, 6, 24]
    assert steps["period_hours"].to_numpy().tolist() == [JANUARY, REST]
    assert hours_of(steps).sum() == HOURS


def test_steps_are_named_by_the_hour_that_they_show() -> None:
    """Proves: the third step shows 1 January from 18 h on. Without it nobody could find it in the weather year."""
    steps = cut()
    assert steps["step"].to_numpy().tolist() == ["jan-01/00", "jan-01/06", "jan-01/18", "jul-20/00"]
    assert steps["step_start"].to_numpy().tolist() == [0, 6, 18, 4800]
    assert steps["profile"].to_numpy().tolist() == [WIND, SUN, LOAD]
    assert steps["profile_value"].sel(profile=SUN).to_numpy().tolist() == [0.1, 0.2, 0.3, 0.5]


def test_the_step_before_the_first_is_the_last_of_the_period() -> None:
    """Proves: periods close on themselves, also one of a single step. Without it days would lend to each other."""
    assert cut()["previous"].to_numpy().tolist() == ["jan-01/18", "jan-01/00", "jan-01/06", "jul-20/00"]


def test_months_fall_to_periods_by_their_hours() -> None:
    """Proves: January's 31/365 to frost, the rest to mild. Without it water of the spring could run in winter."""
    share = cut()["monthly_share"].sel(monthly_profile="even@")
    assert share.to_numpy().tolist() == pytest.approx([31 / 365, 334 / 365])


def test_a_month_is_split_where_the_calendar_splits_it() -> None:
    """Proves: a period of 36 days holds January and 5 days of February. Without it shares would follow the label."""
    slots = [
        Slot("early", 0, 36 * HOURS_PER_DAY, "frost"),
        Slot("late", 36 * HOURS_PER_DAY, 329 * HOURS_PER_DAY, "mild"),
    ]
    year = flat_year().assign(month_value=(("monthly_profile", "month"), np.eye(12)[1:2]))
    share = steps_dataset(year, [FROST, MILD], slots, "made up", "two parts")["monthly_share"].to_numpy()
    assert share[0].tolist() == pytest.approx([5 / 28, 23 / 28])


@pytest.mark.parametrize("days", [364, 366])
def test_a_calendar_that_does_not_fill_the_year_is_refused(days: int) -> None:
    """Proves: a day too few or too many is an error. Without it demand of a year would be wrong and nobody told."""
    with pytest.raises(ValueError, match="do not fill the year"):
        steps_dataset(flat_year(), [FROST, MILD], calendar(days), "made up", "two days")
