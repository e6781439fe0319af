"""Inflow by hour: every month keeps what it brings, nothing runs backwards, and nothing jumps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.system.read import Inputs
from model.time.calendar import HOURS, MONTH_OF_HOUR, monthly_means
from model.time.hydro import inflow_by_hour
from model.time.typical import inflow_levels

KAZAKHSTAN = Path(__file__).parents[2] / "inputs" / "kazakhstan"
LEVELS = st.lists(st.just(0.0) | st.floats(1e-6, 10), min_size=12, max_size=12)


@given(LEVELS)
def test_every_month_brings_its_share_and_never_less_than_nothing(levels: list[float]) -> None:
    """Proves: for any twelve levels the months keep their means and no hour is negative. Without it water would be
    made or lost between the table and the reservoir."""
    hourly = inflow_by_hour(levels)
    assert hourly.shape == (HOURS,)
    assert (hourly >= 0).all()
    assert monthly_means(hourly) == pytest.approx(levels, rel=1e-9, abs=1e-9)


@given(LEVELS)
def test_nothing_jumps_from_hour_to_hour(levels: list[float]) -> None:
    """Proves: round the year, 31 December included, an hour differs from the next by at most 1 % of the highest month:
    six times its level at most, on a parabola a month long. Without it a month would end in a step of the whole
    difference."""
    hourly = inflow_by_hour(levels)
    step = np.abs(hourly - np.roll(hourly, 1))
    assert step.max() <= 0.01 * max(levels) + 1e-9


def test_a_month_ends_where_the_next_begins() -> None:
    """Proves: between a month of 1 and one of 3 the water rises through 1.5, their harmonic mean, and does not step.
    Without it the last hour of June would bring 1 and the first of July 3."""
    hourly = inflow_by_hour([1] * 6 + [3] * 6)
    first_of_july = int(np.flatnonzero(MONTH_OF_HOUR == 6)[0])
    assert hourly[first_of_july - 1 : first_of_july + 1] == pytest.approx(1.5, abs=0.02)
    assert hourly[-1] == pytest.approx(hourly[0], abs=0.02)


def test_an_even_year_stays_even() -> None:
    """Proves: twelve equal months give the same water in every hour. Without it the curve itself would make waves."""
    assert inflow_by_hour(np.ones(12)) == pytest.approx(np.ones(HOURS))


def test_a_dry_month_is_dry() -> None:
    """Proves: a month without water has none in any hour. Without it a frozen river would run."""
    levels = np.array([0.0] * 3 + [2.0] * 9)
    assert (inflow_by_hour(levels)[MONTH_OF_HOUR < 3] <= 1e-9).all()


@pytest.mark.parametrize("levels", [[1.0] * 11, [1.0] * 11 + [-0.1], [1.0] * 11 + [float("nan")]])
def test_what_is_no_year_of_water_is_refused(levels: list[float]) -> None:
    """Proves: eleven months, negative water or a gap raise. Without it they would become wrong hours in silence."""
    with pytest.raises(ValueError, match="12 levels of at least 0"):
        inflow_by_hour(levels)


def test_the_kazakh_rivers_fill_the_year() -> None:
    """Proves: the four supplies of water have mean 1 and 5.93 TWh together, before the Irtysh passes any on; the
    Irtysh brings half its year between May and July. Without it the mean year of the plan would not be that of the
    statistics."""
    inputs = Inputs.read(KAZAKHSTAN)
    levels = inflow_levels(inputs.tables)
    fuels = inputs.tables["fuels"]
    assert len(levels) == 4
    for level in levels.values():
        assert inflow_by_hour(level).mean() == pytest.approx(1)
    assert fuels.loc[fuels["commodity"] == "water", "annual_limit"].sum() == pytest.approx(5933, abs=1)
    irtysh = inflow_by_hour(levels["inflow of inflow_irtysh@east_kazakhstan"])
    assert irtysh[(MONTH_OF_HOUR >= 4) & (MONTH_OF_HOUR <= 6)].sum() / HOURS == pytest.approx(0.479, abs=0.001)
