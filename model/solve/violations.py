"""How far a recomputed quantity is beyond its limit, and how finely it is compared."""

from __future__ import annotations

import numpy as np

from model.solve.accounts import Accounts, Floats


def as_finely(accounts: Accounts, rate: Floats, resolution: str) -> Floats:
    """A rate by (..., step) as it is, or as a quantity by period or of the year, by what the resolution is."""
    if resolution == "step":
        return rate
    quantity = accounts.over_periods(rate)
    return quantity.sum(axis=-1) if resolution == "year" else quantity


def excess(value: Floats, limit: Floats) -> float:
    """How far ``value`` is above ``limit``, relative."""
    if np.size(value) == 0:
        return 0.0
    return float(
        np.max(
            (value - limit)
            / np.maximum(1.0, np.maximum(np.abs(value), np.abs(np.where(np.isfinite(limit), limit, 0.0))))
        ).clip(0)
    )
