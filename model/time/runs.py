"""Days of the calendar that follow each other and are lived as the same period."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr


class Runs(NamedTuple):
    """Place of the first slot of each run in the calendar, and how many slots the run has."""

    first: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]


def runs_of(time: xr.Dataset) -> Runs:
    """The calendar as runs of slots for which the same period stands.

    What a store gains is the same in each slot of a run, so that its level rises or falls all the way: it is lowest and
    highest in the first slot or in the last, and levels between them need not be decided.
    """
    standing = time["slot_period"].to_numpy()
    if not len(standing):
        none = np.zeros(0, dtype=np.int64)
        return Runs(none, none)
    first = np.flatnonzero(np.append(True, standing[1:] != standing[:-1]))
    return Runs(first, np.diff(np.append(first, len(standing))))
