"""How the year's electricity and heat spread over its hours: by month, day of the week, hour and temperature.

A sector's load is its table in load_shape.csv, moved by how much warmer or colder the country is than usual; a node's
load is the mix of its sectors. Heat follows the temperature of the node's city. Nothing here is drawn by chance, and
every shape has mean 1 over the year, so that demands.csv alone decides on energy.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.calendar import (
    DAYS,
    DAYS_IN_MONTH,
    DAYS_PER_WEEK,
    HOURS,
    HOURS_PER_DAY,
    MONTH_OF_HOUR,
    local_hours,
    monthly_means,
)

Floats = npt.NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]

ALL = "all"
"""The sector of a load that is not told apart."""

DAYS_OF_TYPE = {"workday": 5, "weekend": 2}
"""Days of a week of each type; the weekend is Saturday and Sunday."""

COLD, WARM = -0.0045, 0.0027
"""Change of the load, of its mean, per K above the month's mean temperature: less heating, then more cooling."""

SENSITIVITY = np.array([COLD] * 4 + [WARM] * 5 + [COLD] * 3)
"""That change by month: cooling from May to September."""

SEASON_DAYS = 5
"""Days whose mean temperature turns heating on or off."""

HEAT_COLUMNS = (
    "heating_limit",
    "indoor_temperature",
    "smoothing",
    "hot_water_share",
    "daily_amplitude",
    "peak_hour",
)
"""What heat_shape.csv says of a node."""


def load_shapes(tables: Tables, temperature: xr.DataArray | None, year: int) -> xr.Dataset:
    """Electricity load against its yearly mean, hour by hour, at every node of demands.csv.

    Variables ``load``, the node's mix of sectors, and ``load_<sector>`` of each sector; dims (node, time), unit 1.
    ``temperature``: (node, time), degC, 8,760 local hours, of that year or another; None where there is none, and the
    load keeps to its table. The weekdays of ``year`` decide which days are weekends. Every month keeps the mean of its
    table, with five workdays to two days of weekend, whatever its weekdays and its weather. Per K of the country's
    temperature, nodes weighed by their use, a day differs from its month by ``SENSITIVITY``. KeyError if
    ``temperature`` lacks a node.
    """
    table, weights, time = load_table(tables["load_shape"]), load_weights(tables["demands"]), local_hours(year)
    sectors = _hours_of(table, time)
    if temperature is not None:
        sectors = sectors * _temperature_effect(temperature, weights)
    sectors = sectors * (_monthly_load(table) / monthly_means(sectors))[:, MONTH_OF_HOUR]
    hourly = xr.DataArray(sectors, coords={"sector": table["sector"].to_numpy(), "time": time}, dims=("sector", "time"))
    shares = sector_shares(tables["load_shares"], weights, table["sector"].to_numpy().tolist())
    shapes = {"load": xr.dot(shares, hourly, dim="sector")}
    for name in hourly["sector"].to_numpy():
        if name != ALL:
            own = hourly.sel(sector=name, drop=True)
            shapes[f"load_{name}"] = own.expand_dims(node=weights["node"].to_numpy())
    about = {"units": "1", "long_name": "load against its yearly mean"}
    return xr.Dataset({name: shape.assign_attrs(about) for name, shape in shapes.items()})


def load_table(load_shape: pd.DataFrame) -> xr.DataArray:
    """The load of every sector against its yearly mean, as load_shape.csv says: (sector, month, daytype, hour)."""
    keys = ["sector", "month", "daytype", "hour"]
    table: xr.DataArray = load_shape.set_index(keys)["value"].to_xarray().astype(float)
    return table


def load_weights(demands: pd.DataFrame) -> xr.DataArray:
    """Share of every node of demands.csv in what follows the load, mean over the years given: (node), 1 together.

    Single users are left out: they come and go. The nodes weigh alike where nothing follows the load.
    """
    following = demands[demands["profile"].str.startswith("load") & (demands["load"] == "")]
    by_year = following.groupby(["node", "year"])["value"].sum()
    mean = by_year.groupby("node").mean().reindex(pd.Index(demands["node"].unique(), name="node"), fill_value=0.0)
    use = mean if mean.sum() > 0 else mean + 1
    weights: xr.DataArray = (use / use.sum()).to_xarray()
    return weights


def sector_shares(load_shares: pd.DataFrame, weights: xr.DataArray, sectors: list[str]) -> xr.DataArray:
    """Share of each sector in the load of every node of ``weights``: (node, sector), 1 together at a node.

    A node without rows in load_shares.csv has the sector `all`; the mix of the others where there is no such sector.
    """
    nodes = weights["node"].to_numpy().tolist()
    rows = load_shares[load_shares["node"].isin(nodes)]
    shares = np.zeros((len(nodes), len(sectors)))
    shares[pd.Index(nodes).get_indexer(rows["node"]), pd.Index(sectors).get_indexer(rows["sector"])] = rows["share"]
    mix = np.array([sector == ALL for sector in sectors], dtype=float) if ALL in sectors else weights.values @ shares
    shares[shares.sum(axis=1) == 0] = mix if mix.any() else 1.0
    together = shares / shares.sum(axis=1, keepdims=True)
    return xr.DataArray(together, coords={"node": nodes, "sector": sectors}, dims=("node", "sector"))


def national_table(tables: Tables) -> xr.DataArray:
    """The load of all users together against its yearly mean, (month, daytype, hour): sectors by their national use."""
    table, weights = load_table(tables["load_shape"]), load_weights(tables["demands"])
    shares = sector_shares(tables["load_shares"], weights, table["sector"].to_numpy().tolist())
    national: xr.DataArray = xr.dot(table, xr.dot(shares, weights, dim="node"), dim="sector")
    return national


def week_mean(table: xr.DataArray) -> xr.DataArray:
    """``table`` without its dimension ``daytype``: five workdays to two days of weekend."""
    days = xr.DataArray(list(DAYS_OF_TYPE.values()), coords={"daytype": list(DAYS_OF_TYPE)}, dims="daytype")
    mean: xr.DataArray = xr.dot(table.sel(daytype=days["daytype"]), days / DAYS_PER_WEEK, dim="daytype")
    return mean


def _monthly_load(table: xr.DataArray) -> Floats:
    """Mean load of every month against that of the year, (sector, month)."""
    means: Floats = week_mean(table).mean("hour").transpose("sector", "month").to_numpy()
    level: Floats = means / (means @ DAYS_IN_MONTH / DAYS)[:, None]
    return level


def _hours_of(table: xr.DataArray, time: pd.DatetimeIndex) -> Floats:
    """The value of ``load_table`` for each hour: (sector, time)."""
    kind = np.where(time.day_of_week < DAYS_OF_TYPE["workday"], "workday", "weekend")
    values = table.transpose("sector", "month", "daytype", "hour").to_numpy()
    hourly: Floats = values[:, MONTH_OF_HOUR, table.indexes["daytype"].get_indexer(kind), time.hour]
    return hourly


def _temperature_effect(temperature: xr.DataArray, weights: xr.DataArray) -> Floats:
    """By what the load of every hour is multiplied: the day's national temperature against its month's, (hour)."""
    users = weights[weights > 0]
    here = temperature.sel(node=users["node"].to_numpy()).astype(float)
    national: Floats = xr.dot(here, users, dim="node").to_numpy()
    away = np.repeat(_daily(national), HOURS_PER_DAY) - monthly_means(national)[MONTH_OF_HOUR]
    effect: Floats = 1 + SENSITIVITY[MONTH_OF_HOUR] * away
    return effect


def heat_shapes(tables: Tables, temperature: xr.DataArray | None) -> xr.DataArray:
    """Heat demand against its yearly mean, hour by hour, at every node of heat_shape.csv: (node, time), unit 1.

    ``temperature``: (node, time), degC, 8,760 local hours; None where there is none, and ``mean_year`` stands in.
    Space is heated while the mean of the last five days is at or below the node's limit, in proportion to how far the
    temperature, evened out by the buildings, is below the indoor one; hot water takes its share of the year evenly. A
    little more is used round the peak hour. Where it is never cold enough all heat is spread evenly. KeyError if
    ``temperature`` lacks a node; InvalidStudy as ``mean_year``.
    """
    rows = tables["heat_shape"].set_index("node")
    limit, indoor, smoothing, hot_water, amplitude, peak = (
        rows[name].to_numpy(dtype=float)[:, None] for name in HEAT_COLUMNS
    )
    known = mean_year(tables["weather"], list(rows.index)) if temperature is None else temperature
    here = known.sel(node=list(rows.index)).transpose("node", "time").astype(float)
    daily = _daily(here.to_numpy())
    need = np.where(_last_days(daily) <= limit, np.maximum(indoor - _evened(daily, smoothing), 0), 0)
    usual = need.mean(axis=1, keepdims=True)
    space = np.divide(need, usual, out=np.ones_like(need), where=usual > 0)
    cycle = 1 + amplitude * np.cos(2 * np.pi * (np.arange(HOURS_PER_DAY) - peak) / HOURS_PER_DAY)
    hourly = (hot_water + (1 - hot_water) * space)[:, :, None] * cycle[:, None, :]
    shapes: xr.DataArray = here.copy(data=hourly.reshape(len(rows), HOURS)).rename("heat")
    shapes.attrs = {"units": "1", "long_name": "heat demand against its yearly mean"}
    return shapes


def mean_year(weather: pd.DataFrame, nodes: list[str]) -> xr.DataArray:
    """Air temperature of a year without weather, (node, time) for 8,760 hours, degC: smooth, with the monthly means.

    Method: the periodic cubic spline through the sums from the start of the year to the end of each month, made hourly
    by differences. InvalidStudy if a node has no temperature in weather.csv.
    """
    from scipy.interpolate import CubicSpline

    table = weather[weather["node"].isin(nodes)].pivot(index="node", columns="month", values="temperature")
    bare = sorted({*nodes} - {*table.index[table.notna().all(axis=1)]})
    if bare:
        advice = "Give its monthly means, or hourly weather with temperature."
        raise InvalidStudy(
            Problem("weather.csv", None, "temperature", node, "the heat demand of the node needs it", advice)
            for node in bare
        )
    means = table.loc[nodes].to_numpy(dtype=float)
    year = means @ DAYS_IN_MONTH / DAYS
    sums = np.zeros((len(nodes), len(DAYS_IN_MONTH) + 1))
    sums[:, 1:-1] = np.cumsum((means - year[:, None]) * DAYS_IN_MONTH * HOURS_PER_DAY, axis=1)[:, :-1]
    ends = np.concatenate([[0], np.cumsum(DAYS_IN_MONTH * HOURS_PER_DAY)])
    away = np.diff(CubicSpline(ends, sums, axis=1, bc_type="periodic")(np.arange(HOURS + 1)), axis=1)
    return xr.DataArray(year[:, None] + away, coords={"node": nodes}, dims=("node", "time"), attrs={"units": "degC"})


def _daily(hourly: Floats) -> Floats:
    """Means of each day: (..., hour) -> (..., day)."""
    means: Floats = hourly.reshape(*hourly.shape[:-1], DAYS, HOURS_PER_DAY).mean(axis=-1)
    return means


def _last_days(daily: Floats) -> Floats:
    """Mean of each day and the four before it; the year closes on itself."""
    mean: Floats = np.mean([np.roll(daily, days, axis=-1) for days in range(SEASON_DAYS)], axis=0)
    return mean


def _evened(daily: Floats, smoothing: Floats) -> Floats:
    """The temperature that buildings feel: past days count less and less, by a factor of e in ``smoothing`` days.

    (node, day) and (node, 1) -> (node, day). The year closes on itself, so that this is a circular convolution.
    """
    memory = np.exp(-np.arange(DAYS) / smoothing)
    memory /= memory.sum(axis=1, keepdims=True)
    felt: Floats = np.fft.irfft(np.fft.rfft(daily) * np.fft.rfft(memory), n=DAYS)
    return felt
