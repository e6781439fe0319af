"""The year as it runs: weeks in order, every hour or mean of hours once."""

from __future__ import annotations

import numpy as np
import pytest

from model.study import Study
from model.time.calendar import HOURS, WEEKS
from model.time.chronological import HOURS_PER_WEEK, chronological
from tests.time.cut_years import (
    LOAD,
    WIND,
    hours_of,
    kazakh_year,
    made_up_year,
    means,
    slot_hours,
    standing,
    values,
)
from tests.time.weather_years import KAZAKHSTAN

COUNT = made_up_year(np.arange(HOURS) / HOURS, np.zeros(HOURS), np.ones(HOURS))
"""A year whose wind tells the hour."""

LAST_WEEK = HOURS - (WEEKS - 1) * HOURS_PER_WEEK


@pytest.mark.parametrize("hours", [1, 3])
def test_the_year_is_52_weeks_and_the_last_takes_what_is_left(hours: int) -> None:
    """Proves: 51 weeks of 168 h and one of 192 h. Without it 31 December would be lost."""
    steps = chronological(COUNT, hours)
    assert LAST_WEEK == 192
    assert steps["period_hours"].to_numpy().tolist() == [HOURS_PER_WEEK] * (WEEKS - 1) + [LAST_WEEK]
    assert steps["period"].to_numpy().tolist() == [f"week{number:02d}" for number in range(1, 53)]
    assert standing(steps) == steps["slot"].to_numpy().tolist() == steps["period"].to_numpy().tolist()
    assert slot_hours(steps).sum() == HOURS


@pytest.mark.parametrize(("hours", "count"), [(1, 8760), (3, 2920)])
def test_every_step_stands_for_itself(hours: int, count: int) -> None:
    """Proves: 8,760 or 2,920 steps of weight 1 in order. Without it dispatch would not be that of the year."""
    steps = chronological(COUNT, hours)
    assert steps.sizes["step"] == count
    assert set(steps["weight"].to_numpy()) == {1.0}
    assert set(steps["duration"].to_numpy()) == {float(hours)}
    assert np.array_equal(steps["step_start"], np.arange(0, HOURS, hours))
    assert len(set(steps["step"].to_numpy())) == count


def test_a_step_is_the_mean_of_its_hours() -> None:
    """Proves: hours 0, 1, 2 give 1 and hours 8757 to 8759 give 8758. Without it values would shift by a step."""
    wind = chronological(COUNT, 3)["profile_value"].sel(profile=WIND).to_numpy() * HOURS
    assert wind[[0, 1, -1]] == pytest.approx([1, 4, 8758])
    hourly = chronological(COUNT, 1)["profile_value"].sel(profile=WIND).to_numpy()
    assert np.array_equal(hourly, np.arange(HOURS) / HOURS)


def test_the_step_before_the_first_of_a_week_is_its_last() -> None:
    """Proves: weeks close on themselves, the last over its 8 days. Without it a week's store would fill for nothing."""
    steps = chronological(COUNT, 3)
    before = dict(zip(steps["step"].to_numpy(), steps["previous"].to_numpy(), strict=True))
    assert before["jan-01/00"] == "jan-07/21"
    assert before["jan-08/00"] == "jan-14/21"
    assert before["dec-24/00"] == "dec-31/21"
    assert before["dec-31/00"] == "dec-30/21"


def test_the_year_can_be_told_in_days() -> None:
    """Proves: with `year_in: day` every day closes on itself and the steps are those of the weeks. Without it a study
    that asks for days would still let its ponds carry water through the week."""
    days = Study.read(KAZAKHSTAN).override({"study.year_in": "day"}).at("standard").time
    before = dict(zip(days["step"].to_numpy(), days["previous"].to_numpy(), strict=True))
    assert days["period_hours"].to_numpy().tolist() == [24.0] * 365
    assert before["jan-01/00"] == "jan-01/21"
    assert before["jan-08/00"] == "jan-08/21"
    assert np.array_equal(values(days), values(chronological(kazakh_year(), 3)))
    assert slot_hours(days).tolist() == [24.0] * 365


def test_the_weeks_can_be_fewer() -> None:
    """Proves: of two weeks the second holds the rest of the year. Without it a year could not be cut coarser."""
    steps = chronological(COUNT, 24, weeks=2)
    assert steps["period_hours"].to_numpy().tolist() == [168, HOURS - 168]
    assert steps["profile_value"].sel(profile=LOAD).to_numpy().tolist() == pytest.approx([1.0] * 365)


@pytest.mark.parametrize("hours", [1, 3])
def test_the_kazakh_year_keeps_every_mean(hours: int) -> None:
    """Proves: load, wind, sun and inflow of every node have their yearly energy. Without it the check would lie."""
    steps = chronological(kazakh_year(), hours)
    assert means(steps) == pytest.approx(values(kazakh_year()).mean(axis=1), rel=1e-12)
    assert hours_of(steps).sum() == HOURS
    shares = steps["monthly_share"].sum("period")
    assert shares.to_numpy() == pytest.approx(kazakh_year()["month_value"].sum("month").to_numpy())


def test_a_study_at_standard_resolution_is_its_own_year_by_three_hours() -> None:
    """Proves: `standard` cuts the study's own weather. Without it `at` could change the weather with the steps."""
    standard = Study.read(KAZAKHSTAN).at("standard").time
    assert standard.identical(chronological(kazakh_year(), 3))
