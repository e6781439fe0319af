"""Closing balances: everything that gives or takes a commodity in a year, by node and by what does it, sums to zero.

What gives counts positive, what takes negative. A link's mode that moves a commodity takes from one node (transfers)
what it gives to the other, less what is lost on the way or burnt to drive it (transport losses); losses that grow with
the square of the flow are told half at each end. What a link takes without moving it, such as the power of an electric
railway, is use. Over all nodes transfers come to zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from model.outputs.arrays import TINY, Shape, labelled
from model.solve.accounts import Accounts, Floats
from model.system.network import ELECTRICITY
from model.system.units import HOURS_PER_YEAR

ITEMS = (
    "supply",
    "production",
    "imports",
    "discharge",
    "transfers",
    "unserved",
    "use",
    "charge",
    "transport_losses",
    "demand",
    "exports",
    "excess",
)
"""What gives or takes, in the order in which balances show it; supply is what fuels.csv sells or lets flow."""

TOLERANCE = 1e-6
"""Largest rest of a balance, as a share of what comes to the node in the year."""

PER_YEAR = "commodity unit per year"


class OpenBalance(Exception):
    """A closing balance of a certified plan leaves a rest: something gives or takes that the balance does not know."""


class Entry(NamedTuple):
    """Something that gives or takes: ``by`` is a technology, a market, a single user or empty; a quantity per year."""

    commodity: str
    node: str
    item: str
    by: str
    group: str
    quantity: Floats


def balances(accounts: Accounts) -> xr.Dataset:
    """Closing balances of every commodity, in its own unit a year.

    ``balance`` (commodity, node, balance_item, year) sums to zero over the items; ``balance_detail`` (balance_row,
    year) is the same as a long table, with commodity, node, item, technology (or market, or single user) and group of
    each row in ``balance_row_<name>``. ``refuse_open`` tells whether they close.
    """
    found = summed(entries(accounts), accounts.commodities)
    dense = np.zeros((len(accounts.commodities), len(accounts.nodes), len(ITEMS), len(accounts.years)))
    commodity, node = ({x: i for i, x in enumerate(labels)} for labels in (accounts.commodities, accounts.nodes))
    for entry in found:
        dense[commodity[entry.commodity], node[entry.node], ITEMS.index(entry.item)] += entry.quantity
    rows: Shape = [("balance_row", list(range(1, len(found) + 1)))]
    shape: Shape = [("commodity", accounts.commodities), ("node", accounts.nodes), ("balance_item", ITEMS)]
    told = list(zip(*(entry[:5] for entry in found), strict=True)) if found else [()] * 5
    texts = {
        f"balance_row_{name}": labelled(np.array(values, dtype=str), rows, "1", f"{meaning} of the row")
        for name, values, meaning in zip(
            ("commodity", "node", "item", "technology", "group"),
            told,
            ("commodity", "node", "item of the balance", "technology, market or single user", "family"),
            strict=True,
        )
    }
    year = ("year", accounts.years)
    detail = np.array([entry.quantity for entry in found]).reshape(len(found), len(accounts.years))
    return xr.Dataset(
        {
            **_named(accounts),
            "balance": labelled(dense, [*shape, year], PER_YEAR, "what gives (positive) and takes (negative)"),
            **texts,
            "balance_detail": labelled(detail, [*rows, year], PER_YEAR, "the same by technology, market and user"),
        }
    )


def entries(accounts: Accounts) -> Iterator[Entry]:
    """Everything that gives or takes a commodity anywhere; several entries may be of one kind."""
    yield from _conversions_and_trade(accounts)
    yield from _links(accounts)
    yield from _stores(accounts)
    yield from _demands(accounts)
    for item, rate in (("unserved", accounts.unserved), ("excess", -accounts.excess)):
        annual = rate @ accounts.step_hours
        for n, c in zip(*np.nonzero(annual.any(axis=-1)), strict=True):
            yield Entry(accounts.commodities[c], accounts.nodes[n], item, "", "", annual[n, c])


def summed(found: Iterable[Entry], commodities: Sequence[str]) -> list[Entry]:
    """One entry of each kind, without those that are zero in every year, by commodity, item, technology, node."""
    sums: dict[tuple[str, str, str, str, str], Floats] = {}
    for entry in found:
        key = entry[:5]
        sums[key] = sums[key] + entry.quantity if key in sums else entry.quantity
    kept = [Entry(*key, quantity) for key, quantity in sums.items() if np.abs(quantity).max(initial=0.0) >= TINY]
    order = {commodity: i for i, commodity in enumerate(commodities)}
    return sorted(kept, key=lambda e: (order[e.commodity], ITEMS.index(e.item), e.group, e.by, e.node))


def _conversions_and_trade(accounts: Accounts) -> Iterator[Entry]:
    """What modes of plants give and take, what markets bring and take, and what is supplied."""
    annual = accounts.mode_activity @ accounts.step_hours
    technology, group = accounts.of_asset("technology"), accounts.of_asset("group")
    for port in accounts.ports:
        if port.kind in ("storage", "link"):
            continue
        quantity = port.per_hour * annual[accounts.mode_place[port.asset, port.mode]]
        i = accounts.place[port.asset]
        if port.kind == "market":
            item = "imports" if port.per_hour > 0 else "exports"
            yield Entry(port.commodity, port.node, item, port.asset, str(group[i]), quantity)
        else:
            item = "supply" if port.kind == "supply" else "production" if port.per_hour > 0 else "use"
            yield Entry(port.commodity, port.node, item, str(technology[i]), str(group[i]), quantity)


def _links(accounts: Accounts) -> Iterator[Entry]:
    """What links move from node to node, lose on the way, and take or give besides."""
    annual = accounts.mode_activity @ accounts.step_hours
    technology, group = accounts.of_asset("technology"), accounts.of_asset("group")
    ends: dict[tuple[str, str, str], list[tuple[str, float]]] = {}
    for port in accounts.ports:
        if port.kind == "link":
            ends.setdefault((port.asset, port.mode, port.commodity), []).append((port.node, port.per_hour))
    for (asset, mode, commodity), ports in ends.items():
        activity, i = annual[accounts.mode_place[asset, mode]], accounts.place[asset]
        by = str(technology[i]), str(group[i])
        sent, received = (sum(abs(rate) for _, rate in ports if rate * sign > 0) for sign in (-1, 1))
        for node, rate in ports:
            if not (sent and received):
                yield Entry(commodity, node, "production" if rate > 0 else "use", *by, rate * activity)
                continue
            moved = rate if rate < 0 else sent * rate / received
            yield Entry(commodity, node, "transfers", *by, moved * activity)
            yield Entry(commodity, node, "transport_losses", *by, (rate - moved) * activity)
    ends_of = (accounts.system[f"link_{end}"].to_numpy() for end in ("from_node", "to_node"))
    for link, loss, *nodes in zip(accounts.links, accounts.link_losses @ accounts.step_hours, *ends_of, strict=True):
        i = accounts.place[link]
        for node in nodes if loss.any() else ():
            by = str(technology[i]), str(group[i])
            yield Entry(ELECTRICITY, str(node), "transport_losses", *by, -loss / 2)


def _stores(accounts: Accounts) -> Iterator[Entry]:
    """What stores take in and give back; the difference over the year is what they lose."""
    technology, group = accounts.of_asset("technology"), accounts.of_asset("group")
    hours = accounts.of_asset("hours").astype(float)
    charge, discharge = (rates @ accounts.step_hours for rates in accounts.store_rates)
    for port in accounts.ports:
        if port.kind == "storage":
            i = accounts.place[port.asset]
            by = str(technology[i]), str(group[i])
            yield Entry(port.commodity, port.node, "charge", *by, -charge[i] / hours[i])
            yield Entry(port.commodity, port.node, "discharge", *by, discharge[i] / hours[i])


def _demands(accounts: Accounts) -> Iterator[Entry]:
    """What is asked for, by single users where they have a name."""
    system = accounts.system
    annual = system["annual_demand"].transpose("demand", "year").to_numpy()
    rows = (system[f"demand_{c}"].to_numpy() for c in ("node", "commodity", "profile", "load"))
    for quantity, node, commodity, profile, user in zip(annual, *rows, strict=True):
        hours = float(accounts.profiles[profile] @ accounts.step_hours)
        yield Entry(str(commodity), str(node), "demand", str(user), "", -quantity * hours / HOURS_PER_YEAR)


def _named(accounts: Accounts) -> dict[str, xr.DataArray]:
    """Name, unit and family of every commodity; a family is what names share up to their first comma."""
    dim = [("commodity", accounts.commodities)]
    names, units = (accounts.system[f"commodity_{c}"].to_numpy().astype(str) for c in ("name", "unit"))
    family = np.array([name.partition(", ")[0] for name in names])
    return {
        "commodity_name": labelled(names, dim, "1", "name of the commodity"),
        "commodity_unit": labelled(units, dim, "1", "unit of a quantity"),
        "commodity_family": labelled(family, dim, "1", "commodities whose balances are told together"),
    }


def rests(accounts: Accounts, balance: Floats) -> Floats:
    """What each balance (commodity, node, balance_item, year) leaves, as a share of what comes to the node.

    Dims: commodity, node, year. A rest is judged as in the certificate: against one unit in every step, period or year
    where less than that comes.
    """
    least = {"step": HOURS_PER_YEAR, "period": float(len(accounts.periods)), "year": 1.0}
    floor = np.array([least[r] for r in accounts.system["commodity_resolution"].to_numpy()])
    shares: Floats = np.abs(balance.sum(axis=2)) / (floor[:, None, None] + balance.clip(min=0).sum(axis=2))
    return shares


def refuse_open(accounts: Accounts, balance: Floats) -> None:
    """OpenBalance if a balance (commodity, node, balance_item, year) leaves more than a millionth of what comes."""
    shares = rests(accounts, balance)
    if shares.size and shares.max() > TOLERANCE:
        c, n, y = np.unravel_index(int(shares.argmax()), shares.shape)
        raise OpenBalance(
            f"the closing balance of {accounts.commodities[c]} at {accounts.nodes[n]} in {accounts.years[y]} "
            f"leaves {balance[c, n, :, y].sum():.6g} a year"
        )
