"""What a plan says of security: reserve margins, operating reserve, and what contingencies shed and pay for.

A study that asks for none of these has none of these variables.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.outputs.arrays import Groups, Shape, labelled
from model.outputs.network import exchanged, forward_modes, link_ports
from model.outputs.prices import Prices
from model.solve.accounts import Accounts, Floats
from model.solve.adequacy import margin_table
from model.solve.grid import headroom, power_ports
from model.solve.security import after_contingencies, critical_moments
from model.system.network import WHOLE_COUNTRY, nodes_of_zone
from model.system.units import HOURS_PER_YEAR
from model.time.peaks import zone_load

DIRECTIONS = ("forward", "backward")
PER_GW = "million USD per GW and year"


def security(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """Dims: ``zone, year``, also ``technology`` and ``link, direction``; ``contingency, year``, also ``link``.

    GW; shares of peak load as 1; prices of capacity in million USD per GW and year, which is USD per kW and year. A
    zone and year of which nothing is asked is nan.
    """
    parts = []
    if accounts.system.sizes["margin"]:
        parts.append(_margins(accounts, prices))
    if accounts.system.sizes["reserve"]:
        parts.append(_reserve(accounts, prices))
    if accounts.system.sizes["contingency"]:
        parts.append(_contingencies(accounts, prices))
    return xr.merge(parts, join="exact", combine_attrs="override") if parts else xr.Dataset()


class Zones:
    """Zones of which something is asked, and sums over what stands in them."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts, self.groups = accounts, Groups(accounts)
        self.names = accounts.zones
        within = [set(nodes_of_zone(accounts.system, zone)) for zone in self.names]
        self.member = np.array([[float(node in own) for node in accounts.nodes] for own in within])

    def of_assets(self, by_asset: Floats) -> Floats:
        """Plants and stores, (asset, ...) to (technology, zone, ...)."""
        summed: Floats = np.einsum("zn,tn...->tz...", self.member, self.groups.sum(by_asset))
        return summed

    def exchange(self, lent: Floats) -> Floats:
        """What comes into zones less what goes out, (link, direction, year) to (zone, year).

        Nothing for the whole country, within which it only changes place.
        """
        accounts, far = self.accounts, forward_modes(self.accounts)
        by_node = np.zeros((len(accounts.nodes), len(accounts.years)))
        for port in link_ports(accounts):
            way = 0 if (port.asset, port.mode) in far else 1
            by_node[accounts.nodes.index(port.node)] += port.per_hour * lent[accounts.links.index(port.asset), way]
        whole = np.array([zone == WHOLE_COUNTRY for zone in self.names])
        return np.where(whole[:, None], 0.0, self.member @ by_node)

    def shape(self) -> Shape:
        """(zone, year) for ``labelled``."""
        return [("zone", self.names), ("year", self.accounts.years)]

    def asked(self, dim: str, column: str) -> Floats:
        """A column of the System's margins or reserves by (zone, year); nan where nothing is asked."""
        told = self.accounts.system[f"{dim}_{column}"].transpose(dim, "year")
        values: Floats = told.reindex({dim: self.names}).to_numpy().astype(float)
        return values

    def priced(self, price: xr.DataArray) -> Floats:
        """A price by (zone, year, ...) over all zones and years; nan where it has none."""
        labels = {"zone": self.names, "year": self.accounts.years}
        steps = {"step": self.accounts.steps} if "step" in price.dims else {}
        values: Floats = price.reindex({**labels, **steps}).transpose(*labels, *steps).to_numpy()
        return values


def _margins(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """Load and firm capacity of zones in that of their peak steps in which least is left."""
    zones, table = Zones(accounts), margin_table(accounts)
    asked, technologies = zones.asked("margin", "margin"), zones.groups.technologies
    told = np.where(np.isfinite(asked), 1.0, np.nan)
    items = {item: np.zeros(asked.shape) for item in ("load", "taken", "exchange", "imports", "shortfall")}
    firm = np.zeros((len(technologies), *asked.shape))
    columns = (table[name] for name in ("zone", "year", "item", "technology", "value"))
    for zone, year, item, technology, value in zip(*columns, strict=True):
        place = zones.names.index(zone), accounts.years.index(year)
        if item in items:
            items[item][place] = value
        elif item == "firm":
            firm[technologies.index(technology)][place] = value
    peak, have = items["load"] + items["taken"], firm.sum(axis=0) + items["exchange"] + items["imports"]
    reached = np.divide(have, peak, out=np.full(peak.shape, np.nan), where=peak > 0) - 1
    shape = zones.shape()
    by_technology: Shape = [("technology", technologies), *shape]
    lending: Shape = [("link", accounts.links), ("direction", DIRECTIONS), shape[1]]
    over_zones = (
        ("peak_load", peak, "GW", "load at the peak step in which the zone has least to spare"),
        ("firm_imports", items["imports"], "GW", "imports from abroad that count at the peak"),
        ("firm_exchange_in", items["exchange"], "GW", "firm capacity of other zones, less what is lent to them"),
        ("margin_asked", asked, "1", "firm capacity beyond peak load that is asked, as a share"),
        ("margin_reached", reached, "1", "firm capacity beyond peak load, as a share"),
        ("margin_shortfall", items["shortfall"], "GW", "firm capacity that is missing and paid for"),
        ("margin_price", zones.priced(prices.margin()), PER_GW, "worth of one more GW of firm capacity in the zone"),
    )
    counted = labelled(firm * told, by_technology, "GW", "capacity that counts at the peak step of the zone")
    lent = exchanged(accounts, "firm_exchange")
    return xr.Dataset(
        {
            **{name: labelled(values * told, shape, unit, text) for name, values, unit, text in over_zones},
            "firm_capacity": counted,
            "firm_exchange": labelled(lent, lending, "GW", "firm capacity that the link brings to the other zone"),
        }
    )


def _reserve(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """Means over the year; the price weighs by what is needed."""
    zones, hours = Zones(accounts), accounts.step_hours / HOURS_PER_YEAR
    need = _needed(accounts, zones)
    told = np.where(np.isnan(need).any(axis=2), np.nan, 1.0)
    held = zones.of_assets(headroom(accounts)).sum(axis=0)
    missing = accounts.dense("reserve_shortfall", "zone", "year", "step") @ accounts.step_hours * told
    lent = exchanged(accounts, "reserve_exchange")
    weight = need @ hours
    paid = np.nan_to_num(zones.priced(prices.reserve())) * need @ hours
    price = np.divide(paid, weight, out=np.full(weight.shape, np.nan), where=weight > 0)
    shape = zones.shape()
    lending: Shape = [("link", accounts.links), ("direction", DIRECTIONS), shape[1]]
    told_of_price = "worth of one more MW of operating reserve for an hour, mean by what is needed"
    return xr.Dataset(
        {
            "reserve_need": labelled(weight, shape, "GW", "operating reserve that the zone needs, mean of the year"),
            "reserve_held": labelled(held @ hours * told, shape, "GW", "reserve of the zone's own plants, mean"),
            "reserve_exchange_in": labelled(
                zones.exchange(lent) * told, shape, "GW", "reserve of other zones, less what is kept for them, mean"
            ),
            "reserve_shortfall": labelled(missing, shape, "GWh per year", "reserve that is missing and paid for"),
            "reserve_price": labelled(price, shape, "USD per MWh", told_of_price),
            "reserve_exchange": labelled(
                lent, lending, "GW", "reserve that the link can bring to the other zone, mean"
            ),
        }
    )


def _needed(accounts: Accounts, zones: Zones) -> Floats:
    """Reserve that each (zone, year, step) must have: its largest unit, and shares of load, wind and sun."""
    asked = {
        column: zones.asked("reserve", column)[..., None]
        for column in ("largest_unit", "load_share", "wind_share", "solar_share")
    }
    given = np.zeros((len(accounts.assets), len(accounts.years), len(accounts.steps)))
    for port in power_ports(accounts):
        if port.kind == "conversion" and port.per_hour > 0:
            given[accounts.place[port.asset]] += accounts.flow(port)
    group = accounts.of_asset("group")
    output = {name: zones.of_assets(given * (group == name)[:, None, None]).sum(axis=0) for name in ("wind", "solar")}
    load = np.array([zone_load(accounts.system, accounts.time, zone) for zone in zones.names])
    need: Floats = asked["largest_unit"] + asked["load_share"] * load
    for name, swinging in output.items():
        need = need + asked[f"{name}_share"] * swinging
    return need


def _contingencies(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """What contingencies shed at least, and what surviving them is worth, at the moments that the plan states."""
    names, years = list(accounts.system["contingency"].to_numpy()), accounts.years
    moments = critical_moments(accounts)
    count, shed = (np.zeros((len(names), len(years))) for _ in range(2))
    for contingency, year, _ in moments:
        count[names.index(contingency), years.index(year)] += 1
    for row in after_contingencies(accounts, moments).itertuples():
        place = names.index(row.contingency), years.index(row.year)
        shed[place] = max(shed[place], row.shed)
    shape: Shape = [("contingency", names), ("year", years)]
    price = prices.contingency().reindex(contingency=names, year=years).fillna(0.0).transpose("contingency", "year")
    driven = prices.contingency_capacity()
    return xr.Dataset(
        {
            "contingency_link": labelled(
                accounts.system["contingency_link"].to_numpy().astype(str), shape[:1], "1", "link that loses a circuit"
            ),
            "contingency_moments": labelled(count, shape, "1", "moments at which the plan states that it survives"),
            "contingency_shed": labelled(shed, shape, "GW", "load that must be shed after it, at the worst of these"),
            "contingency_price": labelled(price, shape, PER_GW, price.attrs["long_name"]),
            "contingency_capacity_price": labelled(
                driven, [shape[0], ("link", accounts.links), shape[1]], PER_GW, driven.attrs["long_name"]
            ),
            "insecurity": labelled(
                accounts.dense("insecurity", "year"), shape[1:], "GW", "most load that is shed after any contingency"
            ),
        }
    )
