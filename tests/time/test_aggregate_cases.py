"""Representative periods of years that a person can follow, and of any year at all."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from model.system.settings import DAY_NAMES
from model.time.aggregate import representative
from model.time.calendar import DAYS, HOURS, HOURS_PER_DAY
from model.time.periods import Floats
from tests.time.cut_years import (
    LOAD,
    SETTINGS,
    SUN,
    WIND,
    hours_of,
    made_up_year,
    means,
    settings,
    slot_hours,
    standing,
    values,
)

DAY = np.sin(np.pi * np.arange(HOURS_PER_DAY) / HOURS_PER_DAY)
"""What rises by noon and is gone by midnight."""

WINTER = 181
"""Days of one kind; those after are of the other."""

EVENING = 18


def days(first: Floats | float, second: Floats | float) -> Floats:
    """A year of two kinds of days."""
    year = np.empty((DAYS, HOURS_PER_DAY))
    year[:WINTER], year[WINTER:] = first, second
    return year


def two_kinds() -> tuple[Floats, Floats, Floats]:
    """Windy, dark days of high load, then calm, bright ones of low load: wind, sun and load, (day, hour)."""
    return days(0.6, 0.2), days(0.2 * DAY, 0.8 * DAY), days(1.5 + 0.3 * DAY, 0.8 + 0.1 * DAY)


def of_period(steps: xr.Dataset, profile: str, period: str) -> list[float]:
    """A profile over the steps of a period."""
    inside = steps["step_period"].to_numpy() == period
    found: list[float] = steps["profile_value"].sel(profile=profile).to_numpy()[inside].tolist()
    return found


@pytest.mark.parametrize("standing_in", ["medoid", "mean"])
def test_a_year_of_two_kinds_of_days_is_two_days(standing_in: str) -> None:
    """Proves: 181 and 184 days, each shown as it is, with no error. Without it grouping would mix unlike days."""
    chosen = settings(representative_periods=2, extreme_periods=(), step_hours=1, representation=standing_in)
    steps = representative(made_up_year(*two_kinds()), chosen)
    assert sorted(steps["period_hours"].to_numpy() / HOURS_PER_DAY) == [WINTER, DAYS - WINTER]
    assert steps["profile_error"].to_numpy() == pytest.approx([0, 0, 0], abs=1e-12)
    assert len(set(standing(steps)[:WINTER])) == len(set(standing(steps)[WINTER:])) == 1
    assert of_period(steps, WIND, standing(steps)[0]) == pytest.approx([0.6] * HOURS_PER_DAY)
    assert of_period(steps, SUN, standing(steps)[-1]) == pytest.approx(0.8 * DAY)


def test_all_days_are_the_year() -> None:
    """Proves: 365 days give back all hours, extreme ones among them. Without it the cut would lose days by itself."""
    rng = np.random.default_rng(0)
    year = made_up_year(*rng.uniform(0.1, 0.9, (3, HOURS)))
    steps = representative(year, settings(representative_periods=DAYS, step_hours=1))
    assert steps.sizes["period"] == DAYS
    assert np.allclose(values(steps)[:, np.argsort(steps["step_start"].to_numpy())], values(year))
    assert standing(steps) == list(DAY_NAMES)


@pytest.mark.parametrize(("step_hours", "segments"), [(1, 0), (3, 0), (1, 4)])
def test_a_single_evening_of_high_load_is_kept(step_hours: int, segments: int) -> None:
    """Proves: one hour of 3 on 20 November stays 3, for one day. Without it the mean of three hours would be planned
    for, 1.9.
    """
    wind, sun, load = two_kinds()
    day = DAY_NAMES.index("nov-20")
    load[day, EVENING] = 3
    year = made_up_year(wind, sun, load)
    chosen = settings(
        representative_periods=4, extreme_periods=("peak_load",), step_hours=step_hours, segments=segments
    )
    steps = representative(year, chosen)
    assert steps["profile_value"].sel(profile=LOAD).max() == pytest.approx(3 / load.mean())
    assert standing(steps)[day] == "nov-20"
    assert float(steps["period_hours"].sel(period="nov-20")) == HOURS_PER_DAY
    assert means(steps) == pytest.approx(values(year).mean(axis=1))


def test_a_single_day_without_wind_and_sun_is_kept() -> None:
    """Proves: the dark calm of 10 March has nothing in all its hours. Without it scaling for the year's energy, or the
    mean of a group, would give it wind.
    """
    wind, sun, load = two_kinds()
    day = DAY_NAMES.index("mar-10")
    wind[day], sun[day] = 0.01, 0
    steps = representative(made_up_year(wind, sun, load), settings(representative_periods=4, step_hours=1))
    assert standing(steps)[day] == "mar-10"
    assert of_period(steps, WIND, "mar-10") == pytest.approx([0.01] * HOURS_PER_DAY)
    assert of_period(steps, SUN, "mar-10") == pytest.approx([0] * HOURS_PER_DAY)


def test_a_kept_day_in_the_middle_of_its_group_stands_alone() -> None:
    """Proves: the most typical day of winter, kept, is one day, and another stands for the rest. Without it the kept
    day would be planned for as half the year.
    """
    wind, sun, load = two_kinds()
    wind[:WINTER] += np.linspace(-0.1, 0.1, WINTER)[:, None]
    middle = DAY_NAMES[WINTER // 2]
    usual = settings(representative_periods=2, extreme_periods=(), step_hours=1)
    chosen = settings(usual, representative_periods=3, kept_days=(middle,))
    assert middle in representative(made_up_year(wind, sun, load), usual)["period"].to_numpy()
    steps = representative(made_up_year(wind, sun, load), chosen)
    assert standing(steps)[WINTER // 2] == middle
    assert float(steps["period_hours"].sel(period=middle)) == HOURS_PER_DAY
    assert sorted(steps["period_hours"].to_numpy() / HOURS_PER_DAY) == [1, WINTER - 1, DAYS - WINTER]


def test_days_like_no_other_do_not_cost_a_period() -> None:
    """Proves: with a day that is a group by itself, four periods are four. Without it the places that settings give
    would stay empty.
    """
    wind, sun, load = two_kinds()
    load[100], load[200] = 4, 5
    steps = representative(
        made_up_year(wind, sun, load),
        settings(representative_periods=4, extreme_periods=("peak_load",), kept_days=(DAY_NAMES[100],)),
    )
    assert steps.sizes["period"] == 4
    assert sorted(steps["period_hours"].to_numpy() / HOURS_PER_DAY)[:2] == [1, 1]


@pytest.mark.parametrize("segments", [0, 12])
def test_a_peak_on_the_last_day_is_kept_among_weeks(segments: int) -> None:
    """Proves: the peak of 31 December, after the last whole week, stands at its hour. Without it the peak would be
    put into a week of another load, or get lost.
    """
    wind, sun, load = two_kinds()
    load[-1, EVENING] = 3
    chosen = settings(representative_periods=4, period_days=7, segments=segments, kept_days=("dec-31",))
    steps = representative(made_up_year(wind, sun, load), chosen)
    found = values(steps, [LOAD])[0]
    assert found.max() == pytest.approx(3 / load.mean())
    assert str(steps["step"].to_numpy()[found.argmax()]) == f"dec-31/{EVENING}"
    assert steps.sizes["period"] == 4 + 1
    assert standing(steps)[-1] == "dec-31-rest"


def test_wind_that_blows_or_does_not_keeps_its_energy() -> None:
    """Proves: where days of no wind stand for all, what is missing is spread. Without it a factor on nothing would
    leave a third of the year's wind out.
    """
    wind, sun, load = two_kinds()
    wind[:] = 0
    wind[::3] = 1
    year = made_up_year(wind, sun, load)
    steps = representative(year, settings(representative_periods=2, extreme_periods=()))
    assert means(steps) == pytest.approx(values(year).mean(axis=1))
    assert 0 <= values(steps, [WIND]).min() <= values(steps, [WIND]).max() <= 1


@st.composite
def choices(draw: st.DrawFn) -> dict[str, object]:
    """Settings of how to cut: any that the checks of a study let pass."""
    period_days = draw(st.sampled_from((1, 7)))
    extremes = draw(st.lists(st.sampled_from(("peak_load", "dark_calm")), unique=True))
    kept = draw(st.lists(st.sampled_from(DAY_NAMES), unique=True, max_size=3))
    return {
        "period_days": period_days,
        "extreme_periods": tuple(extremes),
        "kept_days": tuple(kept),
        "representative_periods": len(extremes) + len(kept) + draw(st.integers(1, 8)),
        "segments": draw(st.sampled_from((0, 1, 5))),
        "step_hours": draw(st.sampled_from((1, 3, 24))),
        "representation": draw(st.sampled_from(("medoid", "mean"))),
    }


@st.composite
def years(draw: st.DrawFn) -> xr.Dataset:
    """A year of one node: wind that blows or does not, or in between, cloudy sun, a load with seasons and noise."""
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    blows = np.repeat(rng.random(DAYS) < draw(st.sampled_from((0.02, 0.3, 0.9))), HOURS_PER_DAY)
    wind = np.where(blows, 1.0 if draw(st.booleans()) else rng.random(HOURS), 0.0)
    sun = rng.random((DAYS, 1)) * np.maximum(DAY - 0.5, 0)
    season = 1 + draw(st.floats(0, 0.5)) * np.cos(2 * np.pi * np.arange(HOURS) / HOURS)
    return made_up_year(wind, sun, season * (1 + draw(st.floats(0, 1)) * rng.random(HOURS)))


@given(years(), choices())
@examples(max_examples=30)
def test_any_year_keeps_energy_bounds_and_hours(year: xr.Dataset, changes: dict[str, object]) -> None:
    """Proves: whatever year and settings, every mean is kept, nothing leaves its range, and periods fill the year.
    Without it a user's own weather could be cut wrongly where ours is not.
    """
    chosen = settings(SETTINGS, **changes)
    steps = representative(year, chosen)
    assert means(steps) == pytest.approx(values(year).mean(axis=1), rel=1e-9)
    assert (values(steps) >= 0).all()
    assert (values(steps).max(axis=1) <= values(year).max(axis=1) + 1e-12).all()
    assert steps.sizes["period"] == chosen.representative_periods + (chosen.period_days == 7)
    assert hours_of(steps).sum() == slot_hours(steps).sum() == HOURS
    assert np.array_equal(steps["weight"], np.round(steps["weight"]))
    if "peak_load" in chosen.extreme_periods:
        assert float(steps["profile_value"].sel(profile=LOAD).max()) == float(year["national_load"].max())
    for name in chosen.kept_days:
        place = min(DAY_NAMES.index(name) // chosen.period_days, steps.sizes["slot"] - 1)
        assert standing(steps).count(standing(steps)[place]) == 1
