"""The water of a river hour by hour, from what its months bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from model.time.calendar import DAYS_IN_MONTH, HOURS, HOURS_PER_DAY

Floats = npt.NDArray[np.float64]

YEARS_AROUND = 3
"""The year between two of its like, so that it closes on itself."""


def inflow_by_hour(level: npt.ArrayLike) -> Floats:
    """Inflow of every hour against the yearly mean, (8760), unit 1, from that of every month, (12).

    The mean of every month is kept exactly. The inflow is never negative and passes into the next month, and from
    December into January, without a step. ValueError if there are not 12 levels or one is negative.

    Method: what has come from the start of the year to the end of each month is known; the monotone cubic curve through
    it (Fritsch and Butland 1984, doi 10.1137/0905021) never falls, so that its slope, the inflow, is never negative.
    """
    from scipy.interpolate import PchipInterpolator

    monthly = np.asarray(level, dtype=float)
    if monthly.shape != DAYS_IN_MONTH.shape or not (monthly >= 0).all():
        raise ValueError("inflow is given by 12 levels of at least 0")
    hours = np.tile(DAYS_IN_MONTH * HOURS_PER_DAY, YEARS_AROUND)
    ends = np.concatenate([[0], np.cumsum(hours)])
    come = np.concatenate([[0], np.cumsum(hours * np.tile(monthly, YEARS_AROUND))])
    middle = np.arange(HOURS, 2 * HOURS + 1)
    hourly: Floats = np.maximum(np.diff(PchipInterpolator(ends, come)(middle)), 0)
    return hourly
