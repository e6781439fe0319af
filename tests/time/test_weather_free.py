"""Free-running years: each is its own, and together they are the climate of the tables."""

from __future__ import annotations

import numpy as np
import pytest

from model.time.calendar import monthly_means
from tests.time.weather_years import Floats, free_year, irradiance_wanted, kazakh_statistics, of_the_year, values

pytestmark = pytest.mark.slow

YEARS = range(20)


def yearly(name: str, wanted: Floats) -> Floats:
    """Means of 20 years against those wanted, (seed, node)."""
    reached = np.array([of_the_year(monthly_means(values(free_year(seed), name))) for seed in YEARS])
    found: Floats = reached / of_the_year(wanted)
    return found


def test_twenty_free_years_have_the_wind_of_the_tables() -> None:
    """Proves: the mean of 20 years is within 3 % of the table at every node, though no year was fitted to it. Without
    it a study over many years would plan for a climate with more or less wind than there is."""
    assert yearly("wind_cf", values(kazakh_statistics(), "wind_cf")).mean(axis=0) == pytest.approx(1, abs=0.03)


def test_free_years_differ_as_real_years_do() -> None:
    """Proves: from year to year wind power of a node varies by 4-7 % and that of all nodes by 2-4 %. Without it a run
    of years would be the same year with other hours."""
    years = yearly("wind_cf", values(kazakh_statistics(), "wind_cf"))
    assert 0.04 <= years.std(axis=0).mean() <= 0.07
    assert 0.02 <= years.mean(axis=1).std() <= 0.04


def test_free_years_have_the_sun_of_the_tables_and_differ_less() -> None:
    """Proves: irradiation of 20 years is within 2 % of the table at every node; years vary by 1.5-3 % at a node and by
    0.5-2 % over all. Without it dull years, which size what stands behind the panels, would not come."""
    years = yearly("ghi", irradiance_wanted(kazakh_statistics()))
    assert years.mean(axis=0) == pytest.approx(1, abs=0.02)
    assert 0.015 <= years.std(axis=0).mean() <= 0.03
    assert 0.005 <= years.mean(axis=1).std() <= 0.02


def test_no_free_year_is_fitted() -> None:
    """Proves: a free year says so, and how far its worst month is from the table. Without it a free year could be taken
    for a calibrated one."""
    weather = free_year(0)
    assert weather.attrs["calibration"] == "free"
    assert weather.attrs["calibration_error"] > 0.1
