"""The water of a river hour by hour, from what its months bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from model.time.calendar import DAYS_IN_MONTH, HOURS, HOURS_PER_DAY

Floats = npt.NDArray[np.float64]


def inflow(monthly_share: npt.ArrayLike) -> Floats:
    """Inflow of every hour against the yearly mean, (8760), unit 1, from the share of the year that each month brings.

    Mean 1 over the year, and every month keeps exactly its share (of the sum of all); never negative, without a step
    between hours that the curve itself does not need, and 31 December passes into 1 January. ValueError if there are
    not 12 shares, one is negative, or all are zero.

    Method: what has come from the start of the year to the end of each month is known; the monotone cubic curve through
    it (Fritsch and Butland 1984, doi 10.1137/0905021) never falls, so that its slope, the inflow, is never negative.
    """
    share = np.asarray(monthly_share, dtype=float)
    if share.shape != DAYS_IN_MONTH.shape or not (share >= 0).all() or not share.sum() > 0:
        raise ValueError("a year of inflow is 12 shares of at least 0, not all of them 0")
    three_years = np.concatenate([[0], np.cumsum(np.tile(share / share.sum(), 3))])
    ends = np.concatenate([[0], np.cumsum(np.tile(DAYS_IN_MONTH * HOURS_PER_DAY, 3))])
    come = PchipInterpolator(ends, three_years)(np.arange(HOURS, 2 * HOURS + 1))
    level: Floats = np.maximum(np.diff(come), 0) * HOURS
    return level
