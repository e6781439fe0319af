"""From irradiance to solar power: where the sun stands, one hour by hand, snow, inverter and trackers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib
import pytest

from model.time.calendar import HOURS, HOURS_PER_DAY, local_hours
from model.time.sun import Sky, clear_sky, pv_capacity_factors, sky_of

Floats = npt.NDArray[np.float64]

LATITUDE = 45.0
ZONE_MERIDIAN = 75.0
"""Degrees east, where the sun is highest at noon of UTC+5."""

TILT = 45.0 - 12.0
ALL_HOURS = local_hours(2023)


@pytest.fixture(scope="module")
def sky() -> Sky:
    """The sky over a place on the meridian of the zone, at sea level."""
    return sky_of(ALL_HOURS, LATITUDE, ZONE_MERIDIAN, 0.0)


def hour(date: str, of_day: int) -> int:
    """Place of an hour in the year."""
    return (int(pd.Timestamp(f"2023-{date}").day_of_year) - 1) * HOURS_PER_DAY + of_day


def steady(sky: Sky, ghi: float, temperature: float, *, overcast: bool = False) -> Floats:
    """Fixed-tilt capacity factors of a year in which nothing changes but the sun's place."""
    light = np.full(HOURS, ghi)
    return pv_capacity_factors(sky, light, np.full(HOURS, temperature), light if overcast else None)[0]


def test_noon_lies_between_two_hours(sky: Sky) -> None:
    """Proves: in mid-April, when sundials agree with clocks, the sun stands as high at 11:30 as at 12:30, east and west
    of south. Without it labels, the middle of the hour or the zone would be an hour or a half off."""
    before, after = hour("04-15", 11), hour("04-15", 12)
    assert sky.zenith[before] == pytest.approx(sky.zenith[after], abs=0.1)
    assert sky.azimuth[before] - 180 == pytest.approx(180 - sky.azimuth[after], abs=0.3)


@pytest.mark.parametrize(("date", "declination"), [("06-21", 23.44), ("12-21", -23.44)])
def test_the_sun_is_as_high_as_the_season_says(sky: Sky, date: str, declination: float) -> None:
    """Proves: half an hour from noon the cosine of the zenith angle is sin 45 sin d + cos 45 cos d cos 7.5, d the
    declination of the solstice. Without it summer and winter could change places."""
    d, north, half_hour = np.radians([declination, LATITUDE, 7.5])
    height = np.sin(north) * np.sin(d) + np.cos(north) * np.cos(d) * np.cos(half_hour)
    assert np.cos(np.radians(sky.zenith[hour(date, 12)])) == pytest.approx(height, abs=0.01)


def test_dates_of_a_leap_year_keep_their_sun() -> None:
    """Proves: noon of 1 March 2024 is that of 1 March 2023, though a day was left out before it. Without it the sun of
    a leap year would run a day late."""
    leap = sky_of(local_hours(2024), LATITUDE, ZONE_MERIDIAN, 0.0)
    usual = sky_of(ALL_HOURS, LATITUDE, ZONE_MERIDIAN, 0.0)
    noon = hour("03-01", 12)
    assert leap.zenith[noon] == pytest.approx(usual.zenith[noon], abs=0.35)
    assert leap.middle[noon].month == 3


def test_a_clear_sky_is_dark_at_night_and_within_what_the_sun_sends(sky: Sky) -> None:
    """Proves: no light when the sun is down, at noon of midsummer three quarters of what reaches the air from outside,
    1,700-2,100 kWh/m2 a year. Without it the ceiling of all irradiance would be wrong."""
    clear = clear_sky(sky)
    assert (clear[sky.zenith > 91] == 0).all()
    noon = hour("06-21", 12)
    outside = sky.extra[noon] * np.cos(np.radians(sky.zenith[noon]))
    assert clear[noon] / outside == pytest.approx(0.76, abs=0.02)
    assert 1700 < clear.sum() / 1000 < 2100


def test_one_overcast_hour_by_hand(sky: Sky) -> None:
    """Proves: under 200 W/m2 of diffuse light, panels tilted by 33 degrees see 200 (1 + cos 33) / 2 of the sky and
    0.2 x 200 (1 - cos 33) / 2 of the ground; glass passes 95 %; cells are 187 / (25 + 6.84) = 5.88 K above the air, so
    at 25 degrees; 1.2 x 0.86 of that reaches the inverter, of efficiency 0.946 there. Without it a step of the chain
    could be left out or taken twice."""
    c = np.cos(np.radians(TILT))
    plane = 200 * (1 + c) / 2 + 0.2 * 200 * (1 - c) / 2
    air = 25 - plane / (25 + 6.84)
    dc = 1.2 * 0.95 * plane / 1000 * (1 - 0.14)
    load = dc * 0.96
    efficiency = 0.96 / 0.9637 * (-0.0162 * load - 0.0059 / load + 0.9858)
    assert plane == pytest.approx(187.1, abs=0.1)
    assert efficiency == pytest.approx(0.946, abs=0.001)
    found = steady(sky, 200, air, overcast=True)[hour("06-21", 12)]
    assert found == pytest.approx(dc * efficiency, rel=1e-6)


def test_cells_lose_by_warmth(sky: Sky) -> None:
    """Proves: 20 K more take 20 x 0.35 % = 7 % of direct current. Without it the hot south would yield too much."""
    noon = hour("06-21", 12)
    cool, hot = (steady(sky, 200, temperature, overcast=True)[noon] for temperature in (19.12, 39.12))
    assert hot / cool == pytest.approx(0.93, abs=0.004)


@pytest.mark.parametrize(
    ("warmer", "colder", "lost", "albedo"),
    [(0.1, -0.1, (0.0, 0.04), (0.20, 0.35)), (-4.9, -5.1, (0.04, 0.08), (0.35, 0.55))],
)
def test_snow_covers_panels_and_brightens_the_ground(
    sky: Sky, warmer: float, colder: float, lost: tuple[float, float], albedo: tuple[float, float]
) -> None:
    """Proves: a month below 0 degrees loses 4 %, one below -5 loses 8 %, and ground of albedo 0.35 and 0.55 gives some
    back. Without it winter, when power is scarce, would have the panels of summer."""
    noon = hour("06-21", 12)
    before, after = (steady(sky, 200, temperature, overcast=True)[noon] for temperature in (warmer, colder))
    c = np.cos(np.radians(TILT))
    seen = [(1 - share) * ((1 + c) / 2 + ground * (1 - c) / 2) for share, ground in zip(lost, albedo, strict=True)]
    assert after / before == pytest.approx(seen[1] / seen[0], abs=0.003)


def test_the_inverter_caps_what_panels_give(sky: Sky) -> None:
    """Proves: in strong light on cold panels output is 1 and not more. Without it a park would feed in more than its
    connection carries."""
    fixed, tracking = pv_capacity_factors(sky, np.full(HOURS, 1000.0), np.full(HOURS, 0.5))
    assert fixed.max() == tracking.max() == 1.0


def test_panels_rest_at_night(sky: Sky) -> None:
    """Proves: light that a file has while the sun is down gives nothing, from the split and from a given one. Without
    it an offset of a sensor would become power at midnight."""
    night = sky.zenith >= 90
    assert night.any()
    for overcast in (False, True):
        assert (steady(sky, 50, 10, overcast=overcast)[night] == 0).all()


def test_a_given_split_is_the_one_used(sky: Sky) -> None:
    """Proves: diffuse light as Erbs splits it gives what no given diffuse light gives, and more of it gives less from
    a tracker under a clear sky. Without it measured diffuse light would be ignored."""
    clear, mild = clear_sky(sky), np.full(HOURS, 25.0)
    erbs = np.asarray(pvlib.irradiance.erbs(clear, sky.zenith, sky.middle)["dhi"])
    own = pv_capacity_factors(sky, clear, mild)
    given = pv_capacity_factors(sky, clear, mild, erbs)
    for one, other in zip(own, given, strict=True):
        assert other == pytest.approx(one, abs=1e-9)
    hazy = pv_capacity_factors(sky, clear, mild, np.minimum(2 * erbs, clear))
    assert hazy[1].mean() < own[1].mean()


def test_trackers_are_broad_and_panels_peak_at_noon(sky: Sky) -> None:
    """Proves: on a clear day of June a tracker gives twice what fixed panels give at 7:30, alike in the morning and the
    evening, and over the year 10-20 % more. Without it one could stand for the other."""
    fixed, tracking = pv_capacity_factors(sky, clear_sky(sky), np.full(HOURS, 25.0))
    seven, sixteen = hour("06-21", 7), hour("06-21", 16)
    assert tracking[seven] > 2 * fixed[seven]
    assert tracking[seven] == pytest.approx(tracking[sixteen], abs=0.03)
    assert fixed[hour("06-21", 0) : hour("06-21", 23)].argmax() in (11, 12)
    assert 1.10 < tracking.mean() / fixed.mean() < 1.20
