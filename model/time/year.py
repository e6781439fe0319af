"""The full weather year of a study: every profile that an asset, a demand or a supply follows, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.time.calendar import DAYS_IN_MONTH, HOURS, MONTH_OF_HOUR
from model.time.dataset import FACTORS, without_leap_day
from model.time.demand import ALL, heat_shapes, load_shapes, mean_year, sector_shapes, yearly_use
from model.time.hydro import inflow
from model.time.typical import inflow_levels, monthly_levels

Floats = npt.NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]


def year_profiles(tables: Tables, weather: xr.Dataset) -> xr.Dataset:
    """Every profile over the 8,760 hours of the year.

    Dims ``profile`` (names as in ``typical_days``), ``hour`` (of the year, from 0), ``monthly_profile``, ``month``.
    Variables: ``profile_value`` (profile, hour), ``national_load`` (hour): the load of all nodes against its mean, and
    ``month_value`` (monthly_profile, month), the shares and factors of monthly_profiles.csv. ``weather`` has the schema
    of ``time.dataset``. Monthly profiles hold their value through each month; inflows run smoothly.
    """
    weather = without_leap_day(weather)
    found: dict[str, Floats] = {"constant": np.ones(HOURS)}
    for name in FACTORS:
        if name in weather:
            values = weather[name].transpose("node", "time").to_numpy().astype(float)
            found |= {f"{name}@{node}": row for node, row in zip(weather["node"].to_numpy(), values, strict=True)}
    found |= {name: level[MONTH_OF_HOUR] for name, level in monthly_levels(tables).items()}
    found |= {name: inflow(level * DAYS_IN_MONTH) for name, level in inflow_levels(tables).items()}
    load, use = _loads(tables, weather), yearly_use(tables["demands"])
    found |= load | _heat(tables, weather)
    monthly = tables["monthly_profiles"].sort_values(["profile", "node", "month"])
    months = {
        f"{profile}@{node}": rows["value"].to_numpy(dtype=float)
        for (profile, node), rows in monthly.groupby(["profile", "node"])
    }
    return xr.Dataset(
        {
            "profile_value": (("profile", "hour"), np.array(list(found.values())), {"units": "1"}),
            "national_load": ("hour", _national(load, use), {"units": "1", "long_name": "load of all nodes"}),
            "month_value": (("monthly_profile", "month"), np.array(list(months.values())).reshape(len(months), 12)),
        },
        coords={"profile": list(found), "hour": np.arange(HOURS), "monthly_profile": list(months)},
        attrs={name: str(weather.attrs.get(name, "")) for name in ("title", "source", "seed")},
    )


def _loads(tables: Tables, weather: xr.Dataset) -> dict[str, Floats]:
    """Load of every node, and of each sector at it, against its yearly mean."""
    demands = tables["demands"]
    hours = pd.DatetimeIndex(weather["time"].to_numpy())
    use = yearly_use(demands)
    sectors = sector_shapes(tables["load_shape"], hours, use, weather.get("temperature"))
    nodes = demands["node"].drop_duplicates().tolist()
    total = load_shapes(sectors, tables["load_shares"], nodes)
    found = {f"load@{node}": row for node, row in zip(nodes, total.transpose("node", "time").to_numpy(), strict=True)}
    for sector, row in zip(sectors["sector"].to_numpy(), sectors.transpose("sector", "time").to_numpy(), strict=True):
        if sector != ALL:
            found |= {f"load_{sector}@{node}": row for node in nodes}
    return found


def _heat(tables: Tables, weather: xr.Dataset) -> dict[str, Floats]:
    """Heat demand of every node of heat_shape.csv against its yearly mean."""
    if not len(tables["heat_shape"]):
        return {}
    hours = pd.DatetimeIndex(weather["time"].to_numpy())
    temperature = weather["temperature"] if "temperature" in weather else mean_year(tables["weather"], hours)
    heat = heat_shapes(tables["heat_shape"], temperature)
    return {f"heat@{n}": row for n, row in zip(heat["node"].to_numpy(), heat.to_numpy(), strict=True)}


def _national(loads: Mapping[str, Floats], use: xr.DataArray) -> Floats:
    """Load of all nodes together against its mean, by hour."""
    total: Floats = sum(
        (float(u) * loads[f"load@{node}"] for node, u in zip(use["node"].to_numpy(), use.to_numpy(), strict=True)),
        start=np.zeros(HOURS),
    )
    return total / total.mean() if total.any() else np.ones(HOURS)
