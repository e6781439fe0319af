"""How the year's electricity and heat spread over its hours: by month, day of the week, hour and temperature.

A sector's load is the table of load_shape.csv, moved by how much warmer or colder the country is than usual; a node's
load is the mix of its sectors. Heat follows the temperature of the node's city. Nothing here is drawn by chance, and
every shape has mean 1 over the year, so that energy is decided by demands.csv alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from scipy.interpolate import CubicSpline

from model.time.calendar import DAYS, DAYS_IN_MONTH, DAYS_PER_WEEK, HOURS, HOURS_PER_DAY, MONTH_OF_HOUR, monthly_means

Floats = npt.NDArray[np.float64]

ALL = "all"
"""The sector of a load that is not told apart."""

DAYS_OF_TYPE = {"workday": 5, "weekend": 2}
"""Days of a week of each type; the weekend is Saturday and Sunday."""

COLD, WARM = -0.0045, 0.0027
"""Change of the load per K above the usual temperature of the month, of its mean: electric heating, then cooling."""

SENSITIVITY = np.array([COLD] * 4 + [WARM] * 5 + [COLD] * 3)
"""That change by month: cooling from May to September."""

SEASON_DAYS = 5
"""Days whose mean temperature turns heating on or off."""


def load_table(load_shape: pd.DataFrame) -> xr.DataArray:
    """The load of every sector against its yearly mean, as the table says: (sector, month, daytype, hour)."""
    keys = ["sector", "month", "daytype", "hour"]
    table: xr.DataArray = load_shape.set_index(keys)["value"].to_xarray().astype(float)
    return table


def yearly_use(demands: pd.DataFrame) -> xr.DataArray:
    """What each node uses of what follows the load, mean over the years of the table: (node), in the table's unit.

    It only weighs nodes against each other; where nothing follows the load, they weigh the same.
    """
    rows = demands[demands["profile"].str.startswith("load")]
    if not rows["value"].sum() > 0:
        rows = demands.assign(value=1.0)
    use: xr.DataArray = rows.groupby(["node", "year"])["value"].sum().groupby("node", sort=False).mean().to_xarray()
    return use


def node_shares(load_shares: pd.DataFrame, nodes: Sequence[str], sectors: Sequence[str]) -> xr.DataArray:
    """Share of each sector in a node's load, (node, sector), 1 together; a node without rows has the sector `all`.

    ValueError if such a node stands in a study without that sector.
    """
    shares = np.zeros((len(nodes), len(sectors)))
    rows = load_shares[load_shares["node"].isin(nodes)]
    shares[pd.Index(nodes).get_indexer(rows["node"]), pd.Index(sectors).get_indexer(rows["sector"])] = rows["share"]
    bare = shares.sum(axis=1) == 0
    if bare.any():
        shares[bare, list(sectors).index(ALL)] = 1
    together = shares / shares.sum(axis=1, keepdims=True)
    return xr.DataArray(together, coords={"node": list(nodes), "sector": list(sectors)}, dims=("node", "sector"))


def national_table(table: xr.DataArray, load_shares: pd.DataFrame, use: xr.DataArray) -> xr.DataArray:
    """The load of all users together: the sectors of ``load_table`` by their share of the national use.

    Dims (month, daytype, hour); ``use`` as of ``yearly_use``.
    """
    shares = node_shares(load_shares, use["node"].to_numpy().tolist(), table["sector"].to_numpy().tolist())
    return xr.dot(table, xr.dot(shares, use / use.sum(), dim="node"), dim="sector")


def sector_shapes(
    load_shape: pd.DataFrame, time: pd.DatetimeIndex, use: xr.DataArray, temperature: xr.DataArray | None = None
) -> xr.DataArray:
    """Load of every sector against its yearly mean, hour by hour: (sector, time), unit 1.

    ``time``: starts of the 8,760 hours, local; their weekdays decide which are weekends. ``temperature``: (node, time),
    degC; None where a study has none, and the load then keeps to its table. ``use`` weighs the nodes in the national
    temperature. The mean of every month is the table's own, with five workdays to two days of weekend, whatever the
    weekdays and the temperature of the year. ValueError if the hours of ``temperature`` are others.
    """
    table = load_table(load_shape)
    place = {
        "month": xr.DataArray(MONTH_OF_HOUR, dims="time"),
        "hour": xr.DataArray(np.tile(np.arange(HOURS_PER_DAY), DAYS), dims="time"),
    }
    kind = xr.DataArray(np.where(time.day_of_week < DAYS_OF_TYPE["workday"], "workday", "weekend"), dims="time")
    hourly: Floats = table.isel(place).sel(daytype=kind).transpose("sector", "time").to_numpy()
    if temperature is not None:
        hourly = hourly * _temperature_effect(temperature, time, use)
    level = monthly_levels(table)
    shape = hourly * (level / monthly_means(hourly))[:, MONTH_OF_HOUR]
    return xr.DataArray(
        shape,
        coords={"sector": table["sector"].to_numpy(), "time": time},
        dims=("sector", "time"),
        attrs={"units": "1", "long_name": "load against its yearly mean"},
    )


def load_shapes(sectors: xr.DataArray, load_shares: pd.DataFrame, nodes: Sequence[str]) -> xr.DataArray:
    """Load of every node against its yearly mean, (node, time), unit 1: the mix of its sectors (``sector_shapes``)."""
    shares = node_shares(load_shares, nodes, sectors["sector"].to_numpy().tolist())
    return xr.dot(shares, sectors, dim="sector").assign_attrs(sectors.attrs)


def monthly_levels(table: xr.DataArray) -> Floats:
    """Mean load of every month against that of the year, (sector, month)."""
    days = xr.DataArray(list(DAYS_OF_TYPE.values()), coords={"daytype": list(DAYS_OF_TYPE)}, dims="daytype")
    means = table.mean("hour").weighted(days / DAYS_PER_WEEK).mean("daytype").transpose("sector", "month").to_numpy()
    level: Floats = means / (means @ DAYS_IN_MONTH / DAYS)[:, None]
    return level


def _temperature_effect(temperature: xr.DataArray, time: pd.DatetimeIndex, use: xr.DataArray) -> Floats:
    """By what the load of every hour is multiplied: the day's national temperature against its month's, (time)."""
    if not pd.DatetimeIndex(temperature["time"].to_numpy()).equals(time):
        raise ValueError("the hours of the temperature are not those of the load")
    here = temperature.sel(node=use["node"].to_numpy()).astype(float)
    national: Floats = xr.dot(here, use / use.sum(), dim="node").to_numpy()
    daily = np.repeat(_daily(national), HOURS_PER_DAY)
    effect: Floats = 1 + SENSITIVITY[MONTH_OF_HOUR] * (daily - monthly_means(national)[MONTH_OF_HOUR])
    return effect


def heat_shapes(heat_shape: pd.DataFrame, temperature: xr.DataArray) -> xr.DataArray:
    """Heat demand of every node of ``heat_shape`` against its yearly mean, hour by hour: (node, time), unit 1.

    ``temperature``: (node, time), degC, 8,760 local hours; that of ``mean_year`` where a study has no hourly one. Space
    is heated while the mean of the last five days is at or below the node's limit, in proportion to how far the
    temperature, evened out by the buildings, is below the indoor one; hot water takes its share of the year evenly.
    A little more is used in the morning. Where it is never cold enough all heat is spread evenly. KeyError if
    ``temperature`` lacks a node.
    """
    rows = heat_shape.set_index("node")
    limit, indoor, smoothing, hot_water, amplitude, peak = (
        rows[name].to_numpy(dtype=float)[:, None]
        for name in (
            "heating_limit",
            "indoor_temperature",
            "smoothing",
            "hot_water_share",
            "daily_amplitude",
            "peak_hour",
        )
    )
    here = temperature.sel(node=list(rows.index)).transpose("node", "time")
    daily = _daily(here.to_numpy().astype(float))
    need = np.where(_last_days(daily) <= limit, np.maximum(indoor - _evened(daily, smoothing), 0), 0)
    usual = need.mean(axis=1, keepdims=True)
    space = np.divide(need, usual, out=np.ones_like(need), where=usual > 0)
    cycle = 1 + amplitude * np.cos(2 * np.pi * (np.arange(HOURS_PER_DAY) - peak) / HOURS_PER_DAY)
    hourly = (hot_water + (1 - hot_water) * space)[:, :, None] * cycle[:, None, :]
    return xr.DataArray(
        hourly.reshape(len(rows), HOURS),
        coords={"node": list(rows.index), "time": here["time"].to_numpy()},
        dims=("node", "time"),
        attrs={"units": "1", "long_name": "heat demand against its yearly mean"},
    )


def mean_year(weather: pd.DataFrame, time: pd.DatetimeIndex) -> xr.DataArray:
    """Air temperature of a year without weather, (node, time), degC: smooth, with the monthly means of weather.csv.

    ``time``: the 8,760 hours. Days differ by the season alone, hours of a day little. Method: the periodic cubic
    spline through the sums from the start of the year to the end of each month, differentiated.
    """
    rows = weather.sort_values(["node", "month"])
    nodes = rows["node"].drop_duplicates().tolist()
    means = rows["temperature"].to_numpy(dtype=float).reshape(len(nodes), len(DAYS_IN_MONTH))
    year = (means @ DAYS_IN_MONTH / DAYS)[:, None]
    ends = np.concatenate([[0], np.cumsum(DAYS_IN_MONTH)])
    sums = np.concatenate([np.zeros((len(nodes), 1)), np.cumsum((means - year) * DAYS_IN_MONTH, axis=1)], axis=1)
    sums[:, -1] = 0
    spline = CubicSpline(ends, sums, axis=1, bc_type="periodic")
    hourly = np.diff(spline(np.arange(HOURS + 1) / HOURS_PER_DAY), axis=1) * HOURS_PER_DAY
    return xr.DataArray(
        year + hourly,
        coords={"node": nodes, "time": time},
        dims=("node", "time"),
        attrs={"units": "degC", "long_name": "air temperature of a mean year", "standard_name": "air_temperature"},
    )


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
