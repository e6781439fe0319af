"""When goals are met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MET = 1e-6
"""Share of what is asked that may be missing of a goal that is met."""


def years_met(years: Sequence[int], value: np.ndarray, required: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """The first planning year from which each goal holds to the end, 0 if it does not; (target).

    ``value`` and ``required`` (target, year), nan where nothing is asked yet; ``sign`` (target, 1) is -1 for ceilings.
    Before a goal is asked for, it holds if what will be asked first is there already.
    """
    later = pd.DataFrame(required).bfill(axis=1).to_numpy()
    holds = sign * (value - later) >= -MET * np.maximum(1.0, np.abs(later))
    from_then_on = np.logical_and.accumulate(holds[:, ::-1], axis=1)[:, ::-1]
    return np.where(from_then_on.any(axis=1), np.array(years)[from_then_on.argmax(axis=1)], 0)
