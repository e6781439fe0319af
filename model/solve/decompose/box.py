"""Finite bounds that follow from rows, where a column has none of its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.program import Floats

SWEEPS = 12
"""How often bounds are passed on from row to row at most."""
WIDENING = 1e-9
"""Bounds found are widened by this share of the terms they come from, far above what rounding can take away."""


def finite_bounds(
    matrix: sp.csr_array, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
) -> tuple[Floats, Floats]:
    """Bounds that every solution keeps, finite where rows allow it; bounds that are finite already stay as they are.

    In each row what one column can add is limited by the least that all others take.
    """
    low, high = lower.copy(), upper.copy()
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    for _ in range(SWEEPS):
        open_low, open_high = np.isinf(low), np.isinf(high)
        if not (open_low | open_high).any():
            break
        new_low, new_high = _sweep(matrix, row, low, high, row_lower, row_upper)
        if not ((open_low & np.isfinite(new_low)) | (open_high & np.isfinite(new_high))).any():
            break
        low[open_low], high[open_high] = new_low[open_low], new_high[open_high]
    return low, high


def _sweep(
    matrix: sp.csr_array,
    row: npt.NDArray[np.integer],
    low: Floats,
    high: Floats,
    row_lower: Floats,
    row_upper: Floats,
) -> tuple[Floats, Floats]:
    value, column, rows = matrix.data, matrix.indices, matrix.shape[0]
    with np.errstate(invalid="ignore"):
        ends = np.stack([value * low[column], value * high[column]])
    least, most = ends.min(axis=0), ends.max(axis=0)
    new_low, new_high = np.full(low.size, -np.inf), np.full(high.size, np.inf)
    for term, side, sign in ((least, row_upper, 1.0), (most, row_lower, -1.0)):
        infinite = np.isinf(term)
        finite = np.where(infinite, 0.0, term)
        total = np.bincount(row, finite, minlength=rows)
        size = np.bincount(row, np.abs(finite), minlength=rows)
        count = np.bincount(row, infinite, minlength=rows)
        known = (count[row] - infinite == 0) & np.isfinite(side[row]) & (value != 0)
        at = np.flatnonzero(known)
        own, where = column[at], row[at]
        spare = WIDENING * (size[where] + np.abs(side[where]) + 1.0)
        reach = (side[where] - total[where] + finite[at] + sign * spare) / value[at]
        above = (value[at] > 0) == (sign > 0)
        np.minimum.at(new_high, own[above], reach[above])
        np.maximum.at(new_low, own[~above], reach[~above])
    return new_low, new_high
