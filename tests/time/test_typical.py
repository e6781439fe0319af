"""Typical days: they keep energy and peak, follow the weather of their months, and close on themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.system.problems import InvalidStudy
from model.system.read import Inputs
from model.time.calendar import DAYS_IN_MONTH
from model.time.typical import sun_shape, typical_days
from tests.studies import Load, Row, small_study, technology

HALVES = {"winter": range(1, 7), "summer": range(7, 13)}
MONTHS = tuple(range(1, 13))


def time_of(inputs: Inputs) -> xr.Dataset:
    """The typical days of a study."""
    return typical_days(inputs.tables, inputs.settings)


def yearly(time: xr.Dataset, profile: str) -> xr.DataArray:
    """Mean of a profile over the hours of each period."""
    hours = time["duration"] * time["weight"]
    value = time["profile_value"].sel(profile=profile) * hours
    periods = time["step_period"].to_numpy()
    return xr.DataArray(
        [float(value[periods == name].sum() / hours[periods == name].sum()) for name in time["period"].to_numpy()],
        coords={"period": time["period"]},
    )


def evening(month: int, hour: int) -> float:
    """A load that is higher in the evening and in the first half of the year."""
    return (1.2 if month <= 6 else 0.8) * (1.5 if hour >= 12 else 0.5)


def with_peak(tmp_path: Path, load: Load = evening, **more: object) -> xr.Dataset:
    """Winter with a peak of ten days, and summer."""
    months = [";".join(str(month) for month in half) for half in HALVES.values()]
    periods: list[Row] = [
        {"period": "winter", "months": months[0], "days": 171},
        {"period": "peak", "months": months[0], "days": 10, "peak": 1},
        {"period": "summer", "months": months[1], "days": 184},
    ]
    return time_of(small_study(tmp_path, periods=periods, load=load, step_hours=12, load_factor=0.5, **more))


def test_steps_fill_the_year(tmp_path: Path) -> None:
    """Proves: duration x weight of all steps is 8,760 hours. Without it costs and energy of a year would be off."""
    time = time_of(small_study(tmp_path, periods=HALVES, step_hours=6))
    assert time["step"].to_numpy().tolist()[:4] == ["winter/00", "winter/06", "winter/12", "winter/18"]
    assert float((time["duration"] * time["weight"]).sum()) == 8760
    assert time["period_hours"].to_numpy().tolist() == [181 * 24, 184 * 24]


def test_the_step_before_the_first_is_the_last_of_the_same_day(tmp_path: Path) -> None:
    """Proves: a day closes on itself. Without it a store could be filled for nothing before the day begins."""
    time = time_of(small_study(tmp_path, periods=HALVES, step_hours=12))
    before = dict(zip(time["step"].to_numpy(), time["previous"].to_numpy(), strict=True))
    assert before == {
        "winter/00": "winter/12",
        "winter/12": "winter/00",
        "summer/00": "summer/12",
        "summer/12": "summer/00",
    }


def test_load_keeps_the_energy_of_the_year_and_its_seasons(tmp_path: Path) -> None:
    """Proves: profiles average to 1, and winter uses 1.2 parts for summer's 0.8. Without it energy would get lost."""
    time = time_of(small_study(tmp_path, periods=HALVES, load=evening, step_hours=12))
    mean = yearly(time, "load@north")
    assert float((mean * time["period_hours"]).sum() / 8760) == pytest.approx(1)
    assert float(mean.sel(period="winter") / mean.sel(period="summer")) == pytest.approx(1.5)
    winter = time["profile_value"].sel(profile="load@north", step=["winter/00", "winter/12"]).to_numpy()
    assert winter[1] / winter[0] == pytest.approx(3)


def test_the_peak_is_the_mean_over_the_load_factor(tmp_path: Path) -> None:
    """Proves: with a load factor of 0.5 the highest step is 2. Without it a typical day would flatten the peak."""
    time = with_peak(tmp_path)
    load = time["profile_value"].sel(profile="load@north")
    assert float(load.max()) == pytest.approx(2)
    assert load["step"].to_numpy()[np.argmax(load.to_numpy())] == "peak/12"


def test_ordinary_days_use_what_the_peak_leaves(tmp_path: Path) -> None:
    """Proves: peak and ordinary days of winter use its energy together. Without it the peak would be extra demand."""
    flat = time_of(small_study(tmp_path / "a", periods=HALVES, load=evening, step_hours=12))
    peak = with_peak(tmp_path / "b")
    days = peak["period_hours"] / 24
    together = (yearly(peak, "load@north") * days).sel(period=["winter", "peak"]).sum()
    assert float(together) == pytest.approx(float(yearly(flat, "load@north").sel(period="winter")) * 181)


def test_a_peak_that_uses_more_than_its_season_is_told(tmp_path: Path) -> None:
    """Proves: a load factor that leaves nothing for other days is an error. Without it their load would be negative."""
    months = ";".join(map(str, MONTHS))
    rows: list[Row] = [
        {"period": "a", "months": months, "days": 165},
        {"period": "b", "months": months, "days": 200, "peak": 1},
    ]
    inputs = small_study(tmp_path, periods=rows, load_factor=0.3)
    with pytest.raises(InvalidStudy, match="the days of the peak use more than their season has"):
        time_of(inputs)


def test_wind_and_sun_keep_the_mean_of_their_months(tmp_path: Path) -> None:
    """Proves: a period's mean output is that of its months, by days. Without it a season's wind would be wrong."""
    weather: list[Row] = [
        {"node": "north", "month": m, "wind_cf": 0.1 + 0.02 * m, "pv_fixed_cf": 0.02 * m, "wind_diurnal": 0.2}
        for m in MONTHS
    ]
    time = time_of(small_study(tmp_path, periods=HALVES, weather=weather, step_hours=3))
    days = DAYS_IN_MONTH[:6]
    month = float((days * np.arange(1, 7)).sum() / days.sum())
    assert float(yearly(time, "wind_cf@north").sel(period="winter")) == pytest.approx(0.1 + 0.02 * month)
    assert float(yearly(time, "pv_fixed_cf@north").sel(period="winter")) == pytest.approx(0.02 * month)


def test_the_factor_of_a_period_scales_wind_and_sun(tmp_path: Path) -> None:
    """Proves: a calm period has its share of the mean wind. Without it windy and calm days would be the same."""
    months = ";".join(map(str, MONTHS))
    rows: list[Row] = [
        {"period": "windy", "months": months, "days": 165, "wind": 1.4, "sun": 0.9},
        {"period": "calm", "months": months, "days": 200, "wind": 0.6, "sun": 1.1},
    ]
    time = time_of(small_study(tmp_path, periods=rows))
    assert yearly(time, "wind_cf@north").to_numpy().tolist() == pytest.approx([0.7, 0.3])
    assert yearly(time, "pv_fixed_cf@north").to_numpy().tolist() == pytest.approx([0.225, 0.275])


def test_the_sun_is_up_by_day_and_longer_in_summer() -> None:
    """Proves: no output at night, the most at noon. Without it solar power would serve the evening peak."""
    shape = sun_shape(50.0)
    assert shape.mean(axis=1) == pytest.approx(np.ones(12))
    assert (shape[:, [0, 1, 22, 23]] == 0).all()
    assert set(shape.argmax(axis=1)) <= {11, 12}
    assert (shape[5] > 0).sum() > (shape[11] > 0).sum() + 6


def test_monthly_shares_fall_to_periods_by_days(tmp_path: Path) -> None:
    """Proves: shares sum to 1 and split by days. Without it a year's water would not be the sum of its periods."""
    months = ";".join(map(str, MONTHS))
    split: list[Row] = [{"period": "a", "months": months, "days": 73}, {"period": "b", "months": months, "days": 292}]
    time = time_of(small_study(tmp_path / "a", periods=split))
    assert time["monthly_share"].sel(monthly_profile="even@").to_numpy().tolist() == pytest.approx([0.2, 0.8])
    halves = time_of(small_study(tmp_path / "b", periods=HALVES))
    assert halves["monthly_share"].sel(monthly_profile="even@").to_numpy().tolist() == pytest.approx(
        [181 / 365, 184 / 365]
    )


def test_forced_output_follows_the_months_of_the_node(tmp_path: Path) -> None:
    """Proves: a node's own profile stands before the general one. Without it all towns would heat alike."""
    heat: list[Row] = [{"profile": "cold", "month": m, "value": 0.4 if m <= 6 else 0.1} for m in MONTHS]
    heat += [{"profile": "cold", "node": "south", "month": m, "value": 0.2} for m in MONTHS]
    time = time_of(small_study(tmp_path, periods=HALVES, monthly_profiles=heat))
    assert time["profile_value"].sel(profile="cold@north").to_numpy().tolist() == pytest.approx([0.4, 0.1])
    assert time["profile_value"].sel(profile="cold@south").to_numpy().tolist() == pytest.approx([0.2, 0.2])


def test_maintenance_takes_the_planned_outage_in_its_season(tmp_path: Path) -> None:
    """Proves: 1 - 0.1 x 0 in winter, 1 - 0.1 x 2 in summer. Without it overhauls would fall into the peak."""
    season: list[Row] = [{"profile": "maintenance", "month": m, "value": 0 if m <= 6 else 2} for m in MONTHS]
    coal = technology("coal", declared={"availability": "maintenance"}, planned_outage=0.1)
    time = time_of(small_study(tmp_path, coal, periods=HALVES, monthly_profiles=season))
    assert time["profile_value"].sel(profile="maintenance@coal").to_numpy().tolist() == pytest.approx([1.0, 0.8])
    assert time["profile_value"].sel(profile="maintenance@old").to_numpy().tolist() == pytest.approx([1.0, 1.0])


def test_the_kazakh_year_keeps_energy_and_peak() -> None:
    """Proves: nine typical days keep load, peak and the wind of a season. Without it a plan would be off."""
    inputs = Inputs.read(Path(__file__).parents[2] / "inputs" / "kazakhstan")
    time = typical_days(inputs.tables, inputs.settings.model_copy(update={"load_factor": 0.783}))
    mean = yearly(time, "load@akmola")
    assert float((mean * time["period_hours"]).sum() / 8760) == pytest.approx(1)
    assert float(time["profile_value"].sel(profile="load@akmola").max()) == pytest.approx(1 / 0.783)
    wind = yearly(time, "wind_cf@akmola") * time["period_hours"]
    winter = [name for name in time["period"].to_numpy() if name.startswith("winter")]
    weather = inputs.tables["weather"].query("node == 'akmola'").set_index("month")["wind_cf"]
    expected = sum(weather[m] * DAYS_IN_MONTH[m - 1] for m in (12, 1, 2)) * 24
    assert float(wind.sel(period=winter).sum()) == pytest.approx(float(expected), rel=2e-3)
