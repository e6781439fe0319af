"""When power is short: the load of zones, its highest steps, and what wind and sun give when they are needed most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.system.network import ELECTRICITY, nodes_of_zone
from model.system.units import HOURS_PER_YEAR

Floats = npt.NDArray[np.float64]

NET_PEAK_SHARE = 0.01
"""Share of the hours of a year, those of the highest load less wind and sun, by which `net_peak` credits are told."""


def zone_load(system: xr.Dataset, time: xr.Dataset, zone: str) -> Floats:
    """Electricity that users of a zone (or ``all``) draw without any decision, (year, step), GW."""
    nodes = set(nodes_of_zone(system, zone))
    here = (system["demand_commodity"].to_numpy() == ELECTRICITY) & np.isin(
        system["demand_node"].to_numpy(), list(nodes)
    )
    profiles = dict(zip(time["profile"].to_numpy(), time["profile_value"].to_numpy(), strict=True))
    load = np.zeros((system.sizes["year"], time.sizes["step"]))
    annual = system["annual_demand"].transpose("demand", "year").to_numpy()
    for hourly, profile in zip(annual[here] / HOURS_PER_YEAR, system["demand_profile"].to_numpy()[here], strict=True):
        load += hourly[:, None] * profiles[profile][None, :]
    return load


def peak_moments(system: xr.Dataset, time: xr.Dataset, zone: str) -> list[list[str]]:
    """The steps of highest load of a zone in each year, at most one of each period, highest first."""
    steps, periods = time["step"].to_numpy(), time["step_period"].to_numpy()
    found = []
    for load in zone_load(system, time, zone):
        order = np.argsort(-load, kind="stable")
        first = np.sort(np.unique(periods[order], return_index=True)[1])
        found.append([str(step) for step in steps[order[first]][: int(system.attrs["peak_steps"])]])
    return found


def capacity_credits(system: xr.Dataset, time: xr.Dataset) -> Floats:
    """Share of capacity that counts at the peak, (asset, year): what the System says, or by net peak.

    By net peak, what follows the weather counts with its mean availability in the hours in which the load less the
    wind and sun of the standing fleet is highest: its marginal contribution where power is short.
    """
    credit: Floats = system["capacity_credit"].transpose("asset", "year").to_numpy().copy()
    if system.attrs["capacity_credits"] != "net_peak":
        return credit
    profile = dict(zip(time["profile"].to_numpy(), time["profile_value"].to_numpy(), strict=True))
    availability, group = system["asset_availability"].to_numpy(), system["asset_group"].to_numpy()
    weathered = np.flatnonzero(np.isin(group, ("wind", "solar")))
    values = np.array([profile[availability[i]] for i in weathered]).reshape(len(weathered), time.sizes["step"])
    standing = _standing(system)[weathered]
    hours = (time["duration"] * time["weight"]).to_numpy()
    for j, load in enumerate(zone_load(system, time, "all")):
        weights = _scarce(load - standing[:, j] @ values, hours)
        credit[weathered, j] = values @ weights
    return credit


def _standing(system: xr.Dataset) -> Floats:
    """Capacity of what stands at first and is not yet at its end, and of what is committed, (asset, year)."""
    assets, years = list(system["asset"].to_numpy()), system["year"].to_numpy()
    place = {asset: i for i, asset in enumerate(assets)}
    there = np.cumsum(system["build_lower"].transpose("asset", "year").to_numpy(), axis=1)
    for asset, end, size in zip(
        *(system[f"vintage_{name}"].to_numpy() for name in ("asset", "end_year", "capacity")), strict=True
    ):
        there[place[asset]] += size * (years < end)
    return there


def _scarce(net_load: Floats, hours: Floats) -> Sequence[float] | Floats:
    """Weights, together 1, of the steps of highest net load that make up `NET_PEAK_SHARE` of the year."""
    order = np.argsort(-net_load, kind="stable")
    wanted = NET_PEAK_SHARE * hours.sum()
    taken = np.clip(wanted - (np.cumsum(hours[order]) - hours[order]), 0.0, hours[order])
    weights = np.zeros(len(hours))
    weights[order] = taken / wanted
    return weights
