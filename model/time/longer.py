"""The same year in longer steps: what happens within one is seen on the average alone."""

from __future__ import annotations

import numpy as np
import xarray as xr


def in_longer_steps(time: xr.Dataset, hours: int) -> xr.Dataset:
    """The year in steps of ``hours``, or of what is left of a period; dims and variables as ``time.periods`` says.

    Steps follow one another within each period and are put together whole; profiles are means over their hours.
    """
    length = time["duration"].to_numpy()
    period = time["step_period"].to_numpy()
    opens = np.append(True, period[1:] != period[:-1])
    first = np.flatnonzero(opens)
    past = np.cumsum(length) - length
    past -= np.repeat(past[first], np.diff([*first, length.size]))
    part = past // hours
    begins = np.flatnonzero(opens | np.append(True, part[1:] != part[:-1]))
    lasts = np.add.reduceat(length, begins)
    values = time["profile_value"].transpose("profile", "step").to_numpy()
    means = np.add.reduceat(values * length, begins, axis=1) / lasts
    labels = time["step"].to_numpy()[begins]
    before = np.roll(np.arange(begins.size), 1)
    ahead = np.flatnonzero(np.isin(begins, first))
    before[ahead] = np.append(ahead[1:], begins.size) - 1
    found = time.isel(step=begins)
    previous = found["previous"].copy(data=labels[before].astype(object))
    return found.assign(
        duration=("step", lasts, time["duration"].attrs),
        previous=previous,
        profile_value=(("profile", "step"), means, time["profile_value"].attrs),
    ).assign_attrs(title=f"{time.attrs['title']}, in steps of {hours} h")
