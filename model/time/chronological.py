"""The year as it runs: weeks in order, in steps of one or a few hours."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from model.system.settings import DAY_NAMES
from model.time.calendar import DAYS_PER_WEEK, HOURS, HOURS_PER_DAY, WEEKS
from model.time.periods import Period, Slot, steps_dataset

HOURS_PER_WEEK = DAYS_PER_WEEK * HOURS_PER_DAY


def chronological(
    year: xr.Dataset, step_hours: int, *, weeks: int = WEEKS, period: Literal["week", "day"] = "week"
) -> xr.Dataset:
    """Every hour of the year in steps of ``step_hours``, which must divide a day; dims as ``time.periods`` says.

    The periods are the weeks, of which the last takes what is left of the year: 8 days; or the days. ``weeks`` below 52
    leaves the rest of the year to the last week. Profiles are means over the hours of a step.
    """
    if period == "day":
        starts = list(range(0, HOURS, HOURS_PER_DAY))
        labels = list(DAY_NAMES)
    else:
        starts = [week * HOURS_PER_WEEK for week in range(weeks)]
        labels = [f"week{number:02d}" for number in range(1, weeks + 1)]
    hours = np.diff([*starts, HOURS])
    values = year["profile_value"].transpose("profile", "hour").to_numpy()
    periods = [
        Period(
            label,
            np.arange(start, start + length, step_hours),
            np.full(length // step_hours, step_hours),
            values[:, start : start + length].reshape(len(values), -1, step_hours).mean(axis=2),
        )
        for label, start, length in zip(labels, starts, hours, strict=True)
    ]
    slots = [Slot(label, start, int(length), label) for label, start, length in zip(labels, starts, hours, strict=True)]
    title = f"{len(labels)} {period}s in steps of {step_hours} h" if step_hours > 1 else f"{HOURS} hours"
    return steps_dataset(year, periods, slots, "chronological", title)
