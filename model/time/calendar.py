"""Hours, days and months of the model year: 365 days, local time UTC+5, no leap day."""

from __future__ import annotations

import numpy as np

from model.system import units

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

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def day_name(day: int) -> str:
    """A day of the year, counted from 0, as ``jan-15``."""
    month = int(MONTH_OF_DAY[day])
    return f"{_NAMES[month]}-{day - int(DAYS_IN_MONTH[:month].sum()) + 1:02d}"


def hour_name(hour: int) -> str:
    """An hour of the year, counted from 0, as ``jan-15/18``."""
    return f"{day_name(hour // HOURS_PER_DAY)}/{hour % HOURS_PER_DAY:02d}"
