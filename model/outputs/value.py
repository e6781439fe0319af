"""What every asset costs and earns: costs by kind, the value of what it gives and takes, CO2, and what weather offers.

Values are quantities times the nodal prices of the plan, which are what one more unit is worth there (Schweppe et al.
1988, Spot Pricing of Electricity). Where nothing but its own capacity holds an asset back, its value covers its full
cost over its life, neither more nor less; what it earns beyond that is the worth of a limit: a potential, a pace, a
joint limit of lines, a goal, a margin.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.outputs.arrays import Groups, Shape, labelled
from model.outputs.prices import THOUSAND, Prices
from model.solve import ledger
from model.solve.accounts import Accounts, Floats
from model.solve.grid import power_sizes, raised_limits
from model.system.check_profiles import WEATHER_PROFILES
from model.system.network import ELECTRICITY

WEATHER = (*WEATHER_PROFILES, "pv_tracking_cf")
"""Profiles of what wind and sun offer."""

PER_YEAR = "million USD per year"


def value(accounts: Accounts, prices: Prices, earned: Floats) -> xr.Dataset:
    """Costs and values of every asset, and what single technologies are, as far as statistics ask for it.

    ``earned`` is what ``earnings`` gives.
    ``asset_cost`` (cost_kind, asset, year), ``asset_value`` (asset, commodity, year; earned positive, paid negative)
    and ``asset_co2_cost`` (asset, year) are in million USD per year, of an average year. ``interface_rent``
    (interface, year) is there where a study has joint limits, ``store_duration`` (store) where it has stores.
    """
    parts = [_assets(accounts, prices, earned), _technologies(accounts), _weather(accounts), _durations(accounts)]
    parts.append(_interfaces(accounts, prices))
    return xr.merge(parts, join="exact", combine_attrs="override")


def _assets(accounts: Accounts, prices: Prices, earned: Floats) -> xr.Dataset:
    """Where assets stand, what they cost, and what they earn."""
    asset, year = ("asset", accounts.assets), ("year", accounts.years)
    commodity, kind = ("commodity", accounts.commodities), ("cost_kind", ledger.KINDS)
    co2 = ledger.asset_emissions(accounts) * prices.co2().to_numpy()
    texts = {
        f"asset_{name}": labelled(accounts.of_asset(name).astype(str), [asset], "1", text)
        for name, text in (
            ("node", "node of the asset; empty for links"),
            ("kind", "how the asset works: conversion, storage, link, market or supply"),
        )
    }
    return xr.Dataset(
        {
            **texts,
            "asset_unit": labelled(
                accounts.of_asset("capacity_unit").astype(str),
                [asset],
                "1",
                "unit in which the asset's capacity is told",
            ),
            "asset_cost": labelled(
                ledger.asset_costs(accounts), [kind, asset, year], PER_YEAR, "what the asset costs in an average year"
            ),
            "asset_value": labelled(
                earned,
                [asset, commodity, year],
                PER_YEAR,
                "what the asset earns with a commodity at nodal prices; negative: what it pays for it",
            ),
            "asset_co2_cost": labelled(
                co2, [asset, year], PER_YEAR, "CO2 of the asset at what one more tonne costs, by price and cap"
            ),
        }
    )


def earnings(accounts: Accounts, prices: Prices) -> Floats:
    """What assets earn with each commodity, less what they pay for it, by (asset, commodity, year), million USD."""
    commodity = {name: i for i, name in enumerate(accounts.commodities)}
    found = np.zeros((len(accounts.assets), len(commodity), len(accounts.years)))
    market, (charge, discharge) = _Market(accounts, prices), accounts.store_rates
    hours = accounts.of_asset("hours").astype(float)
    for port in accounts.ports:
        i = accounts.place[port.asset]
        flow = (discharge[i] - charge[i]) / hours[i] if port.kind == "storage" else accounts.flow(port)
        found[i, commodity[port.commodity]] += market.worth(port.node, port.commodity, flow)
    ends = (accounts.system[f"link_{end}"].to_numpy() for end in ("from_node", "to_node"))
    for link, loss, *nodes in zip(accounts.links, accounts.link_losses, *ends, strict=True):
        for node in nodes if loss.any() else ():
            found[accounts.place[link], commodity[ELECTRICITY]] -= market.worth(str(node), ELECTRICITY, loss / 2)
    return found


class _Market:
    """Prices of commodities at nodes, as finely as each balances."""

    def __init__(self, accounts: Accounts, prices: Prices) -> None:
        self.accounts = accounts
        self.resolution = dict(
            zip(accounts.commodities, accounts.system["commodity_resolution"].to_numpy(), strict=True)
        )
        tables = {"step": prices.nodal() / THOUSAND, "period": prices.by_period(), "year": prices.by_year()}
        self.tables = {name: table.transpose("node", "commodity", "year", ...) for name, table in tables.items()}
        self.place = {
            name: tuple({label: i for i, label in enumerate(table[dim].to_numpy())} for dim in ("node", "commodity"))
            for name, table in self.tables.items()
        }
        self.price = {name: np.nan_to_num(table.to_numpy()) for name, table in self.tables.items()}

    def worth(self, node: str, commodity: str, flow: Floats) -> Floats:
        """Million USD by (year) for a ``flow`` in commodity units per hour by (year, step); nothing without a price."""
        accounts, resolution = self.accounts, self.resolution[commodity]
        nodes, commodities = self.place[resolution]
        if node not in nodes or commodity not in commodities:
            return np.zeros(len(accounts.years))
        price = self.price[resolution][nodes[node], commodities[commodity]]
        if resolution == "step":
            paid: Floats = (flow * price) @ accounts.step_hours
        elif resolution == "period":
            paid = (accounts.over_periods(flow) * price).sum(axis=-1)
        else:
            paid = flow @ accounts.step_hours * price
        return paid


def _technologies(accounts: Accounts) -> xr.Dataset:
    """What goals and limits select technologies by, and which of them follow the weather."""
    technologies = Groups(accounts).technologies
    shape: Shape = [("technology", technologies)]
    of = accounts.of_asset("technology")
    tags = dict(zip(of, accounts.of_asset("tags"), strict=True))
    variable = set(of[_follows_weather(accounts)])
    text = "words by which goals and limits select the technology, separated by ;"
    return xr.Dataset(
        {
            "technology_tags": labelled(np.array([tags[t] for t in technologies], dtype=str), shape, "1", text),
            "technology_variable": labelled(
                [int(t in variable) for t in technologies], shape, "1", "1: output follows wind or sun"
            ),
        }
    )


def _follows_weather(accounts: Accounts) -> Floats:
    """Whether the output of each asset is limited by wind or sun, (asset)."""
    profiles = [str(name).partition("@")[0] for name in accounts.of_asset("availability")]
    follows: Floats = np.isin(profiles, WEATHER) & (accounts.of_asset("kind") == "conversion")
    return follows


def _weather(accounts: Accounts) -> xr.Dataset:
    """Electricity that wind and sun offer where plants stand that could give it."""
    groups = Groups(accounts)
    usable = np.where(_follows_weather(accounts)[:, None], accounts.capacity - accounts.standstill, 0.0)
    offered = (accounts.available @ accounts.step_hours) * usable * power_sizes(accounts)[:, None] / THOUSAND
    text = "electricity that wind and sun offer to what stands; zero for other technologies"
    shape = groups.shape(("year", accounts.years))
    return xr.Dataset({"available_energy": labelled(groups.sum(offered), shape, "TWh per year", text)})


def _durations(accounts: Accounts) -> xr.Dataset:
    """How long the full store lasts at full output: what is lost as it gives back shortens it."""
    rows = [accounts.place[store] for store in accounts.store_assets]
    duration, given = (accounts.of_asset(name).astype(float)[rows] for name in ("duration", "discharge_efficiency"))
    text = "hours of full output that the full store holds"
    return xr.Dataset({"store_duration": labelled(duration * given, [("store", accounts.store_assets)], "h", text)})


def _interfaces(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """What joint limits of links that are decided by step earn, which no single link shows."""
    price = prices.interface()
    if not price.size:
        return xr.Dataset()
    names = list(accounts.system["interface"].to_numpy())
    limit = xr.DataArray(
        raised_limits(accounts, {}), coords={"interface": names, "year": accounts.years}, dims=("interface", "year")
    )
    own = limit.sel(interface=price["interface"])
    rent = (price * prices.hours).sum("step") * own / THOUSAND
    rent.attrs = {"units": PER_YEAR, "long_name": "price across the interface times its limit"}
    return xr.Dataset({"interface_rent": rent.reset_coords(drop=True)})
