"""The published statistics of a study's weather, by node and month, as the synthesiser takes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

Tables = Mapping[str, pd.DataFrame]

MONTHLY = {
    "wind_cf": "1",
    "ghi": "kWh m-2",
    "clear_sky_index": "1",
    "temperature": "degC",
    "temperature_spread": "K",
    "temperature_swing": "K",
}
"""Columns of weather.csv, with the units of the Dataset."""

SITES = {
    "wind_lon": "degrees_east",
    "wind_lat": "degrees_north",
    "weibull_k": "1",
    "wind_diurnal_summer": "1",
    "sun_lon": "degrees_east",
    "sun_lat": "degrees_north",
    "altitude": "m",
    "city_lon": "degrees_east",
    "city_lat": "degrees_north",
}
"""Columns of weather_sites.csv, with the units of the Dataset."""


def weather_statistics(tables: Tables) -> xr.Dataset:
    """Statistics of every node that has sites: dims (node, month) and (node), month from 1.

    Variables: those of ``MONTHLY`` and ``SITES``, and longitude and latitude of the node itself. Assumes that the
    checks of the inputs have passed.
    """
    sites = tables["weather_sites"].set_index("node")
    nodes = tables["nodes"].set_index("node").loc[list(sites.index)]
    rows = tables["weather"][tables["weather"]["node"].isin(sites.index)].set_index(["node", "month"])
    months = np.arange(1, 13)
    monthly = {
        name: (
            ("node", "month"),
            rows[name].unstack("month").loc[sites.index, months].to_numpy(dtype=float),
            {"units": unit},
        )
        for name, unit in MONTHLY.items()
    }
    single = {name: ("node", sites[name].to_numpy(dtype=float), {"units": unit}) for name, unit in SITES.items()}
    return xr.Dataset(
        {**monthly, **single},
        coords={
            "node": list(sites.index),
            "month": months,
            "lon": ("node", nodes["lon"].to_numpy(dtype=float)),
            "lat": ("node", nodes["lat"].to_numpy(dtype=float)),
        },
    )
