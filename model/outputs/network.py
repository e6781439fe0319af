"""What flows over links and markets: loading, congestion, losses and what is new, and the reactances of power flow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from model.outputs.arrays import Shape, labelled
from model.solve.accounts import Accounts, Floats, Port
from model.system.loops import LEAST
from model.system.network import ELECTRICITY
from model.system.units import HOURS_PER_YEAR

FULL = 1 - 1e-6
"""Share of what is available from which a link counts as full."""


def network(accounts: Accounts, earned: Floats) -> xr.Dataset:
    """Links and markets by name, year and step; ``earned`` is what ``value.earnings`` gives."""
    return xr.merge(
        [_named(accounts), _flows(accounts), _loading(accounts), _worth(accounts, earned), _traded(accounts)],
        join="exact",
        combine_attrs="override",
    )


def link_rows(accounts: Accounts) -> list[int]:
    """Position of every link among the assets."""
    return [accounts.place[link] for link in accounts.links]


def _named(accounts: Accounts) -> xr.Dataset:
    """What a link is called and carries, whether it closes the ring, and when what is new of it stands."""
    system, shape = accounts.system, [("link", accounts.links)]
    carried = dict.fromkeys(accounts.links, "")
    for port in accounts.ports:
        if port.kind == "link" and port.per_hour > 0:
            carried[port.asset] = carried[port.asset] or port.commodity
    unit = accounts.of_asset("capacity_unit")[link_rows(accounts)].astype(str)
    text = "unit of the flow and the capacity of the link"
    found = {
        "link_name": labelled(system["link_name"].to_numpy().astype(str), shape, "1", "name of the link"),
        "link_unit": labelled(unit, shape, "1", text),
        "link_commodity": labelled(list(carried.values()), shape, "1", "what the link carries"),
        "link_ring": labelled(system["link_ring"].to_numpy().astype(int), shape, "1", "1: the link closes the ring"),
        "link_first_year": labelled(
            _first_years(accounts), shape, "1", "first planning year in which new capacity of the link stands; 0: never"
        ),
    }
    if system.attrs["network"] == "dc":
        found["reactance_used"] = _reactances(accounts)
    return xr.Dataset(found)


def _first_years(accounts: Accounts) -> np.ndarray:
    built = accounts.built[link_rows(accounts)].reshape(len(accounts.links), len(accounts.years))
    new = np.cumsum(built, axis=1) >= LEAST
    years = np.array(accounts.years)
    return np.where(new.any(axis=1), years[new.argmax(axis=1)], 0)


def _reactances(accounts: Accounts) -> xr.DataArray:
    """By how much the voltage angle drops per GW over each link that is part of a loop, (link, year)."""
    drops = np.full((len(accounts.links), len(accounts.years)), np.nan)
    columns = (accounts.system[f"loop_member_{c}"].to_numpy() for c in ("year", "contingency", "link", "drop"))
    for year, contingency, link, drop in zip(*columns, strict=True):
        if not contingency:
            drops[accounts.links.index(link), accounts.years.index(int(year))] = abs(drop)
    text = "drop of the voltage angle over the link, as power flow was stated; empty: in no loop"
    return labelled(drops, [("link", accounts.links), ("year", accounts.years)], "rad per GW", text)


def _flows(accounts: Accounts) -> xr.Dataset:
    """Flows over links, and their capacity."""
    links, years, steps = ("link", accounts.links), ("year", accounts.years), ("step", accounts.steps)
    forward, backward = accounts.link_flows
    both = np.minimum(forward, backward) @ accounts.step_hours / HOURS_PER_YEAR
    rows, shape = link_rows(accounts), (len(accounts.links), len(accounts.years))
    capacity, built = (values[rows].reshape(shape) for values in (accounts.capacity, accounts.built))
    text = "net flow from the first to the second node"
    return xr.Dataset(
        {
            "flow": labelled(forward - backward, [links, years, steps], "link unit", text),
            "flow_both_ways": labelled(
                both, [links, years], "link unit", "what runs both ways at once, mean of the year"
            ),
            "link_capacity": labelled(capacity, [links, years], "link unit", "capacity"),
            "link_new_capacity": labelled(built, [links, years], "link unit", "new capacity"),
        }
    )


def _loading(accounts: Accounts) -> xr.Dataset:
    """How full links are: the flow as a share of capacity, and the hours in which no more would fit."""
    shape: Shape = [("link", accounts.links), ("year", accounts.years)]
    forward, backward = accounts.link_flows
    rows = link_rows(accounts)
    capacity = accounts.capacity[rows].reshape(len(accounts.links), len(accounts.years))
    there = capacity >= LEAST
    share = np.full(forward.shape, np.nan)
    share[there] = np.abs(forward - backward)[there] / capacity[there][:, None]
    usable = accounts.available[rows].reshape(forward.shape) * capacity[:, :, None]
    full = (forward + backward >= FULL * usable) & (usable >= LEAST)
    return xr.Dataset(
        {
            "loading_mean": labelled(
                share @ accounts.step_hours / HOURS_PER_YEAR, shape, "1", "mean flow as a share of capacity"
            ),
            "loading_max": labelled(
                share.max(axis=2, initial=-np.inf), shape, "1", "largest flow as a share of capacity"
            ),
            "hours_at_limit": labelled(
                full @ accounts.step_hours, shape, "h per year", "hours in which the link is full"
            ),
        }
    )


def _worth(accounts: Accounts, earned: Floats) -> xr.Dataset:
    """What links lose of electricity, and what they earn by the difference between the prices of their ends."""
    shape: Shape = [("link", accounts.links), ("year", accounts.years)]
    lost, rent = (np.zeros((len(accounts.links), len(accounts.years))) for _ in range(2))
    row = {link: i for i, link in enumerate(accounts.links)}
    carriers = {p.asset for p in link_ports(accounts) if p.per_hour > 0}
    for port in link_ports(accounts):
        if port.asset in carriers:
            lost[row[port.asset]] -= accounts.flow(port) @ accounts.step_hours
    for link in carriers:
        lost[row[link]] += accounts.link_losses[row[link]] @ accounts.step_hours
        rent[row[link]] = earned[accounts.place[link], accounts.commodities.index(ELECTRICITY)]
    text = "what the link earns by the difference between the prices of electricity at its ends"
    return xr.Dataset(
        {
            "link_loss_energy": labelled(lost, shape, "GWh per year", "electricity lost on the way"),
            "congestion_rent": labelled(rent, shape, "million USD per year", text),
        }
    )


def _traded(accounts: Accounts) -> xr.Dataset:
    """What is bought and sold at markets."""
    hours = accounts.of_asset("hours").astype(float)
    commodity = {port.asset: port.commodity for port in accounts.ports}
    unit = dict(zip(accounts.commodities, accounts.system["commodity_unit"].to_numpy(), strict=True))
    markets = [a for a, k in zip(accounts.assets, accounts.of_asset("kind"), strict=True) if k == "market"]
    rows = [accounts.place[market] for market in markets]
    traded = [accounts.activity[i] @ accounts.step_hours / hours[i] for i in rows]
    units = np.array([unit[commodity[market]] for market in markets], dtype=str)
    shape: Shape = [("market", markets), ("year", accounts.years)]
    return xr.Dataset(
        {
            "trade": labelled(
                np.array(traded).reshape(len(markets), len(accounts.years)),
                shape,
                "market unit per year",
                "quantity bought or sold at the market",
            ),
            "market_unit": labelled(units, shape[:1], "1", "unit of what is traded"),
        }
    )


def exchanged(accounts: Accounts, variable: str) -> Floats:
    """``firm_exchange`` or ``reserve_exchange`` by (link, mode: forward, backward; year), mean of the year, GW."""
    column, ends = accounts.columns[variable], forward_modes(accounts)
    found: Floats = np.zeros((len(accounts.links), 2, len(accounts.years)))
    if column.values.size:
        hours = accounts.step_hours[column.on("step", accounts.steps)] if "step" in column.dims else HOURS_PER_YEAR
        pairs = zip(column.names("link"), column.names("mode"), strict=True)
        way = np.array([0 if pair in ends else 1 for pair in pairs])
        places = column.on("link", accounts.links), way, column.on("year", accounts.years)
        np.add.at(found, places, column.values * hours / HOURS_PER_YEAR)
    return found


def forward_modes(accounts: Accounts) -> set[tuple[str, str]]:
    """(link, mode) of what delivers at the link's second node."""
    ends = dict(zip(accounts.links, accounts.system["link_to_node"].to_numpy(), strict=True))
    return {(p.asset, p.mode) for p in link_ports(accounts) if p.per_hour > 0 and p.node == ends[p.asset]}


def link_ports(accounts: Accounts) -> Sequence[Port]:
    """Where links take and give electricity."""
    return [port for port in accounts.ports if port.kind == "link" and port.commodity == ELECTRICITY]
