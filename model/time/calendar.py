"""Hours, days and months of the model year: 365 days, local time UTC+5, no leap day."""

from __future__ import annotations

import numpy as np

from model.system import units

DAYS_IN_MONTH = np.array(units.DAYS_IN_MONTH)
"""Days of each month of the model year."""

HOURS_PER_DAY = 24

UTC_OFFSET_HOURS = 5
"""Kazakhstan has one time zone since March 2024."""

MID_MONTH_DAY = np.cumsum(DAYS_IN_MONTH) - DAYS_IN_MONTH / 2
"""Day of the year in the middle of each month."""
