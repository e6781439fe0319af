"""Fewer periods of a year that is already cut into periods: for a first look that need not be exact."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.system.units import HOURS_PER_YEAR


def thinned(time: xr.Dataset, count: int, first: str) -> xr.Dataset:
    """The year told by ``count`` of its periods: that of step ``first``, and those that stand for most of the year.

    Every other period is told by the one of those kept whose mean profiles are nearest to its own. Dims and variables
    as ``time.periods`` says; labels of what is kept stay.
    """
    periods = time["period"].to_numpy()
    of_step = time["step_period"].to_numpy()
    hours = dict(zip(periods, time["period_hours"].to_numpy(), strict=True))
    peak = str(of_step[list(time["step"].to_numpy()).index(first)])
    rest = sorted((p for p in periods if p != peak), key=lambda p: -hours[p])
    kept = [p for p in periods if p in {peak, *rest[: max(0, count - 1)]}]
    stands = _nearest(time, kept)
    told = np.array([stands[p] for p in time["slot_period"].to_numpy()], dtype=object)
    inside = np.isin(of_step, kept)
    times = {p: int((told == p).sum()) for p in kept}
    share = time["monthly_share"].transpose("monthly_profile", "period").to_numpy()
    places = {p: [i for i, own in enumerate(periods) if stands[own] == p] for p in kept}
    new = time.isel(step=np.flatnonzero(inside)).sel(period=kept)
    weight = np.array([float(times[p]) for p in of_step[inside]])
    length = new["duration"].to_series().groupby(of_step[inside]).sum()
    total = np.array([length[p] * times[p] for p in kept])
    if not np.isclose(total.sum(), HOURS_PER_YEAR):
        raise ValueError("periods of different length cannot stand for each other")
    return new.assign(
        weight=("step", weight, time["weight"].attrs),
        period_hours=("period", total, time["period_hours"].attrs),
        slot_period=("slot", told),
        monthly_share=(
            ("monthly_profile", "period"),
            np.stack([share[:, places[p]].sum(axis=1) for p in kept], axis=1),
            time["monthly_share"].attrs,
        ),
    ).assign_attrs(periods=len(kept))


def _nearest(time: xr.Dataset, kept: list[str]) -> dict[str, str]:
    """The kept period that stands for each: itself, or the one with the nearest mean profiles."""
    periods = list(time["period"].to_numpy())
    member = time["step_period"].to_numpy()[:, None] == np.array(periods, dtype=object)[None, :]
    hours = member * time["duration"].to_numpy()[:, None]
    means = time["profile_value"].transpose("profile", "step").to_numpy() @ (hours / hours.sum(axis=0))
    spread = means.std(axis=1, keepdims=True)
    scaled = np.divide(means, spread, out=np.zeros_like(means), where=spread > 0)
    rows = [periods.index(p) for p in kept]
    distance = ((scaled[:, :, None] - scaled[:, None, rows]) ** 2).sum(axis=0)
    nearest = distance.argmin(axis=1)
    return {p: p if p in kept else kept[int(nearest[i])] for i, p in enumerate(periods)}
