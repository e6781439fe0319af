"""Hourly weather beside the monthly statistics of its study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from model.time.calendar import DAYS, DAYS_IN_MONTH, monthly_means

COMPARED = ("wind_cf", "pv_fixed_cf")
"""Columns of weather.csv that every study has."""

ORIGINS = ("hours", "statistics")

LEAST_MEAN = 0.01
"""Capacity factor below which a deviation is taken against this one, so that dark or still months have one."""


def compared(weather: xr.Dataset, table: pd.DataFrame, nodes: Sequence[str]) -> xr.Dataset:
    """Monthly means of the hours beside those of weather.csv, for ``nodes`` and those of ``COMPARED`` that are there.

    Dims: profile (of ``COMPARED``), origin (``hours`` or ``statistics``), node, month from 1. Variables: ``month_mean``
    (profile, origin, node, month) and ``year_mean`` (profile, origin, node), unit 1; ``deviation`` (profile, node,
    month), of the hours from the statistics, relative to these or to ``LEAST_MEAN`` at least; ``lowest`` and
    ``highest`` (node), degC, if the weather has temperature. ``weather`` has the schema of ``time.dataset`` and 8,760
    hours, ``table`` is weather.csv. KeyError if either lacks a node.
    """
    names, months = [name for name in COMPARED if name in weather], np.arange(1, 13)
    here = weather.sel(node=list(nodes))
    rows = table.set_index(["node", "month"])
    means = np.stack(
        [
            np.stack(
                [
                    monthly_means(here[name].transpose("node", "time").to_numpy().astype(float)),
                    rows[name].unstack("month").loc[list(nodes), months].to_numpy(dtype=float),
                ]
            )
            for name in names
        ]
    )
    found, wanted = means[:, 0], means[:, 1]
    compare = xr.Dataset(
        {
            "month_mean": (("profile", "origin", "node", "month"), means, {"units": "1"}),
            "year_mean": (("profile", "origin", "node"), means @ DAYS_IN_MONTH / DAYS, {"units": "1"}),
            "deviation": (
                ("profile", "node", "month"),
                (found - wanted) / np.maximum(wanted, LEAST_MEAN),
                {"units": "1", "long_name": "difference of hours and statistics against the statistics"},
            ),
        },
        coords={"profile": names, "origin": list(ORIGINS), "node": list(nodes), "month": months},
    )
    if "temperature" not in here:
        return compare
    return compare.assign(lowest=here["temperature"].min("time"), highest=here["temperature"].max("time"))
