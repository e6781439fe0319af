"""Hours, days and months of the model year: 365 days, local time UTC+5, no leap day."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.system import units
from model.system.settings import DAY_NAMES

DAYS_IN_MONTH = np.array(units.DAYS_IN_MONTH)
"""Days of each month of the model year."""

HOURS_PER_DAY = 24

DAYS = 365
"""Days of the model year."""

HOURS = DAYS * HOURS_PER_DAY
"""Hours of the model year."""

DAYS_PER_WEEK = 7

WEEKS = 52
"""Weeks of the model year; the last has eight days."""

UTC_OFFSET_HOURS = 5
"""Kazakhstan has one time zone since March 2024."""

MID_MONTH_DAY = np.cumsum(DAYS_IN_MONTH) - DAYS_IN_MONTH / 2
"""Day of the year in the middle of each month."""

MONTH_OF_DAY = np.repeat(np.arange(12), DAYS_IN_MONTH)
"""Month, from 0, of every day of the year."""

MONTH_OF_HOUR = np.repeat(MONTH_OF_DAY, HOURS_PER_DAY)
"""Month, from 0, of every hour of the year."""


def day_name(day: int) -> str:
    """A day of the year, counted from 0, as ``jan-15``."""
    return DAY_NAMES[day]


def hour_name(hour: int) -> str:
    """An hour of the year, counted from 0, as ``jan-15/18``."""
    return f"{day_name(hour // HOURS_PER_DAY)}/{hour % HOURS_PER_DAY:02d}"


def local_hours(year: int) -> pd.DatetimeIndex:
    """Starts of the 8,760 hours of a year in local time; 29 February is left out."""
    hours = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    return hours[~((hours.month == 2) & (hours.day == 29))]


def knots(at: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Weights (place, month) that interpolate monthly values straight between mid-months, round the year.

    ``at``: days of the year, with fractions, counted from 0.
    """
    middle = np.concatenate([[MID_MONTH_DAY[-1] - DAYS], MID_MONTH_DAY, [MID_MONTH_DAY[0] + DAYS]])
    hats = np.eye(len(DAYS_IN_MONTH))[[-1, *range(len(DAYS_IN_MONTH)), 0]]
    return np.stack([np.interp(at, middle, hat) for hat in hats.T], axis=1)


HOUR_KNOTS = knots((np.arange(HOURS) + 0.5) / HOURS_PER_DAY)
"""Interpolation of monthly values to the middle of every hour, (hour, month)."""

DAY_KNOTS = knots(np.arange(DAYS) + 0.5)
"""Interpolation of monthly values to the middle of every day, (day, month)."""

MONTHS_OF_HOURS = (MONTH_OF_HOUR[:, None] == np.arange(len(DAYS_IN_MONTH))) / (DAYS_IN_MONTH * HOURS_PER_DAY)
"""What makes monthly means of hourly values, (hour, month)."""


def monthly_means(hourly: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Means of each month: (..., hour) -> (..., month)."""
    means: npt.NDArray[np.float64] = hourly @ MONTHS_OF_HOURS
    return means
