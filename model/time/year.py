"""The full weather year of a study: every profile that an asset, a demand or a supply follows, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.time.calendar import HOURS, MONTH_OF_HOUR
from model.time.dataset import FACTORS, without_leap_day
from model.time.demand import heat_shapes, load_shapes, load_weights
from model.time.hydro import inflow_by_hour
from model.time.typical import inflow_levels, monthly_levels

Floats = npt.NDArray[np.float64]
TINY = 1e-4
"""Capacity factor below which there is none: a millionth of a year's energy, and coefficients that trouble solvers."""

Tables = Mapping[str, pd.DataFrame]


def year_profiles(tables: Tables, weather: xr.Dataset) -> xr.Dataset:
    """Every profile over the 8,760 hours of the year.

    Dims ``profile`` (names as in ``typical_days``), ``hour`` (of the year, from 0), ``monthly_profile``, ``month``.
    Variables: ``profile_value`` (profile, hour), ``national_load`` (hour): the load of all nodes against its mean, and
    ``month_value`` (monthly_profile, month), the shares and factors of monthly_profiles.csv. ``weather`` has the schema
    of ``time.dataset``. Monthly profiles hold their value through each month; inflows run smoothly.
    """
    weather = without_leap_day(weather)
    temperature = weather.get("temperature")
    loads = load_shapes(tables, temperature, int(weather["time"].dt.year[0]))
    found: dict[str, Floats] = {"constant": np.ones(HOURS)}
    for name in FACTORS:
        if name in weather:
            found |= _by_node(name, weather[name].where(weather[name] >= TINY, 0.0))
    found |= {name: level[MONTH_OF_HOUR] for name, level in monthly_levels(tables).items()}
    found |= {name: inflow_by_hour(level) for name, level in inflow_levels(tables).items()}
    for shape, values in loads.items():
        found |= _by_node(str(shape), values)
    if len(tables["heat_shape"]):
        found |= _by_node("heat", heat_shapes(tables, temperature))
    months = _months(tables)
    national = xr.dot(loads["load"], load_weights(tables["demands"]), dim="node").to_numpy()
    return xr.Dataset(
        {
            "profile_value": (("profile", "hour"), np.array(list(found.values())), {"units": "1"}),
            "national_load": ("hour", national / national.mean(), {"units": "1", "long_name": "load of all nodes"}),
            "month_value": (("monthly_profile", "month"), np.array(list(months.values())).reshape(len(months), 12)),
        },
        coords={"profile": list(found), "hour": np.arange(HOURS), "monthly_profile": list(months)},
        attrs={name: str(weather.attrs.get(name, "")) for name in ("title", "source", "seed")},
    )


def _by_node(name: str, values: xr.DataArray) -> dict[str, Floats]:
    """Rows of a (node, time) array by ``<name>@<node>``."""
    rows = values.transpose("node", "time").to_numpy().astype(float)
    return {f"{name}@{node}": row for node, row in zip(values["node"].to_numpy(), rows, strict=True)}


def _months(tables: Tables) -> dict[str, Floats]:
    """The months of every row of monthly_profiles.csv by ``<profile>@<node>``."""
    monthly = tables["monthly_profiles"].sort_values(["profile", "node", "month"])
    return {
        f"{profile}@{node}": rows["value"].to_numpy(dtype=float)
        for (profile, node), rows in monthly.groupby(["profile", "node"])
    }
