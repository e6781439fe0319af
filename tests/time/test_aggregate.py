"""Representative periods of the Kazakh year: energy, peak, extreme days and calendar are those of the full year."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import xarray as xr

from model.study import Study
from model.system.settings import DAY_NAMES
from model.time.aggregate import representative
from model.time.calendar import DAYS, HOURS, HOURS_PER_DAY, day_name
from model.time.dataset import FACTORS
from model.time.demand import load_weights
from model.time.periods import Floats
from tests.time.cut_years import (
    hours_of,
    kazakh_cut,
    kazakh_year,
    kazakhstan,
    means,
    profiles,
    settings,
    slot_hours,
    standing,
    values,
)
from tests.time.weather_years import KAZAKHSTAN

KEPT = ("mar-03", "jul-15")
SEGMENTS = {1: 8, 7: 24}

VARIANTS = [
    pytest.param(
        {"period_days": days, "segments": segments, "representation": standing_in, "kept_days": KEPT},
        id=f"{days}-days-{segments}-segments-{standing_in}",
    )
    for days, standing_in in product((1, 7), ("medoid", "mean"))
    for segments in (0, SEGMENTS[days])
]
"""Days and weeks, in steps of three hours and in segments, shown by their most typical one and by their mean."""

each = pytest.mark.parametrize("changes", VARIANTS)


def national(steps: xr.Dataset) -> Floats:
    """Load of the country against its mean, by step or hour."""
    weights = load_weights(kazakhstan().tables["demands"])
    load = values(steps, [f"load@{node}" for node in weights["node"].to_numpy()])
    together: Floats = weights.to_numpy() @ load
    return together


def of_day(steps: xr.Dataset, day: int, names: list[str], period_days: int = 1) -> Floats:
    """Profiles of the period that stands at a day of the year, (profile, step)."""
    period = standing(steps)[day // period_days]
    chosen = steps["profile_value"].sel(profile=names)
    found: Floats = chosen.to_numpy()[:, steps["step_period"].to_numpy() == period]
    return found


def peak_day() -> int:
    """The day of the year with the highest load."""
    return int(np.argmax(national(kazakh_year()))) // HOURS_PER_DAY


def calm_day() -> int:
    """The day of the year with the least wind and sun."""
    renewable = values(kazakh_year(), profiles(kazakh_year(), "wind_cf", "pv_fixed_cf")).mean(axis=0)
    return int(renewable.reshape(DAYS, HOURS_PER_DAY).mean(axis=1).argmin())


@each
def test_every_profile_keeps_its_energy(changes: dict[str, object]) -> None:
    """Proves: load, wind, sun and inflow of each node are those of the full year, 0.1 % asked. Without it demand or
    wind would grow or shrink with the number of days.
    """
    wanted, found = values(kazakh_year()).mean(axis=1), means(kazakh_cut(**changes))
    assert (wanted > 0).all()
    assert (np.abs(found / wanted - 1) < 1e-9).all()
    named = {str(name).split("@")[0] for name in kazakh_cut(**changes)["profile"].to_numpy()}
    assert {"load", *FACTORS, "inflow of inflow_irtysh", "inflow of inflow_ili"} <= named


@each
def test_the_peak_is_kept(changes: dict[str, object]) -> None:
    """Proves: the highest national load is the year's, in the step of its hour. Without it a plan would lack capacity
    in the coldest evening.
    """
    year, steps = national(kazakh_year()), kazakh_cut(**changes)
    found = national(steps)
    assert found.max() == pytest.approx(year.max(), rel=1e-12)
    step = int(found.argmax())
    begins, lasts = float(steps["step_start"][step]), float(steps["duration"][step])
    assert begins <= year.argmax() < begins + lasts


@each
def test_weights_are_whole_numbers_that_fill_the_year(changes: dict[str, object]) -> None:
    """Proves: periods stand a whole number of times in 8,760 h, and slots fill the year. Without it a store could not
    be followed through the calendar.
    """
    steps = kazakh_cut(**changes)
    weights, days = steps["weight"].to_numpy(), steps["slot"].size
    assert np.array_equal(weights, np.round(weights))
    assert (weights >= 1).all()
    assert hours_of(steps).sum() == HOURS
    assert slot_hours(steps).sum() == HOURS
    assert days == (DAYS if changes["period_days"] == 1 else 53)
    count = dict(zip(*np.unique(standing(steps), return_counts=True), strict=True))
    assert weights.tolist() == [count[period] for period in steps["step_period"].to_numpy()]


@each
def test_there_are_as_many_periods_as_asked_for(changes: dict[str, object]) -> None:
    """Proves: 12 periods, extreme and kept ones among them, and the day beyond the last week. Without it extreme days
    that are like no other would take the place of ordinary ones.
    """
    steps = kazakh_cut(**changes)
    weeks = changes["period_days"] == 7
    assert steps.sizes["period"] == 12 + weeks
    assert steps.attrs["title"] == ("12 representative weeks and the last day" if weeks else "12 representative days")
    rest = steps["step_period"].to_numpy() == "dec-31-rest"
    assert steps["duration"].to_numpy()[rest].sum() == weeks * HOURS_PER_DAY


@each
def test_extreme_and_kept_days_stand_at_their_own_date(changes: dict[str, object]) -> None:
    """Proves: the peak, the dark calm and kept days are their own period at their date, once. Without it a store would
    meet them in the wrong season.
    """
    steps, days = kazakh_cut(**changes), int(str(changes["period_days"]))
    wanted = [*(DAY_NAMES.index(day) for day in KEPT), peak_day()]
    for day in wanted if days == 7 else [*wanted, calm_day()]:
        period = day_name(day // days * days)
        assert standing(steps)[day // days] == period
        assert standing(steps).count(period) == 1


@each
def test_profiles_stay_within_their_range(changes: dict[str, object]) -> None:
    """Proves: capacity factors in [0, 1], loads above 0 and not above their peak. Without it wind farms could give
    more than they have.
    """
    steps = kazakh_cut(**changes)
    factors = values(steps, profiles(steps, *FACTORS))
    assert factors.min() >= 0
    assert factors.max() <= 1
    assert values(steps).min() >= 0
    assert (values(steps).max(axis=1) <= values(kazakh_year()).max(axis=1) + 1e-12).all()
    assert values(steps, profiles(steps, "load")).min() > 0


@each
def test_periods_close_on_themselves(changes: dict[str, object]) -> None:
    """Proves: each step has one before it in its own period, the first its last. Without it energy could be carried
    between days that do not follow each other.
    """
    steps = kazakh_cut(**changes)
    of = dict(zip(steps["step"].to_numpy(), steps["step_period"].to_numpy(), strict=True))
    before = steps["previous"].to_numpy()
    assert len(of) == len(set(before)) == steps.sizes["step"]
    assert [of[step] for step in before] == steps["step_period"].to_numpy().tolist()
    first = np.flatnonzero(steps["step_period"].to_numpy() != np.roll(steps["step_period"].to_numpy(), 1))
    last = steps["step"].to_numpy()[np.append(first[1:], len(before)) - 1]
    assert before[first].tolist() == last.tolist()


@each
def test_months_fall_to_periods_whole(changes: dict[str, object]) -> None:
    """Proves: what periods have of a monthly profile is the months' sum. Without it water of a year would be lost."""
    total = kazakh_cut(**changes)["monthly_share"].sum("period").to_numpy()
    assert total == pytest.approx(kazakh_year()["month_value"].sum("month").to_numpy())


def test_kept_days_are_as_they_were() -> None:
    """Proves: load, wind and sun of a kept day are its own, not scaled. Without it the day that the fidelity check
    found short of power would be made milder.
    """
    steps = kazakh_cut(kept_days=KEPT, segments=0, step_hours=1)
    for name in KEPT:
        day = DAY_NAMES.index(name)
        kinds = profiles(steps, "load", *FACTORS)
        own = values(kazakh_year(), kinds)[:, day * HOURS_PER_DAY : (day + 1) * HOURS_PER_DAY]
        assert of_day(steps, day, kinds) == pytest.approx(own, abs=1e-12)


@pytest.mark.parametrize(("day", "kinds"), [(peak_day, ("load",)), (calm_day, FACTORS)], ids=["peak", "calm"])
def test_extreme_days_keep_what_makes_them_extreme(day: object, kinds: tuple[str, ...]) -> None:
    """Proves: the load of the peak day and the wind and sun of the dark calm are as they were. Without it scaling
    for the energy of the year would lift the calm.
    """
    assert callable(day)
    steps, number = kazakh_cut(segments=0, step_hours=1), day()
    names = profiles(steps, *kinds)
    own = values(kazakh_year(), names)[:, number * HOURS_PER_DAY : (number + 1) * HOURS_PER_DAY]
    assert of_day(steps, number, names) == pytest.approx(own, abs=1e-12)


def test_more_periods_are_nearer_to_the_year() -> None:
    """Proves: the error of the sorted hours falls from 6 to 24 to 96 days. Without it more days would cost time and
    bring nothing.
    """
    error = [float(kazakh_cut(representative_periods=n)["profile_error"].mean()) for n in (6, 24, 96)]
    assert error[0] > error[1] > error[2]


def test_the_same_settings_give_the_same_steps() -> None:
    """Proves: the study's own steps, drawn and cut anew, are identical. Without it no plan could be repeated."""
    own = kazakhstan().settings
    chosen = {name: getattr(own, name) for name in ("representative_periods", "segments", "kept_days")}
    assert Study.read(KAZAKHSTAN).time.identical(kazakh_cut(**chosen))
    again = representative(kazakh_year(), settings(own, **{**chosen, "kept_days": KEPT}))
    assert again.identical(kazakh_cut(**{**chosen, "kept_days": KEPT}))
