"""What the certificate recomputes of the network: joint limits, borders, projects, and flows both ways at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.solve.accounts import Accounts, Floats
from model.solve.violations import as_finely, excess
from model.system.network import border_places

BOTH_WAYS = 1e-4
"""Share of what is moved that may run both ways at once before a plan is taken for an artefact."""


def interfaces(accounts: Accounts) -> float:
    """What the links of an interface carry, forward less backward or all together, stays within its raised limit."""
    system = accounts.system
    worst = 0.0
    columns = (system[f"interface_member_{c}"].to_numpy() for c in ("name", "link", "direction", "uplift_rate"))
    members = list(zip(*columns, strict=True))
    rows = (system[name].to_numpy() for name in ("interface", "interface_limit", "interface_flow"))
    for name, limit, counts in zip(*rows, strict=True):
        flow = np.zeros((len(accounts.years), len(accounts.steps)))
        most = np.full(len(accounts.years), float(limit))
        for interface, link, direction, rate in members:
            if interface == name:
                flow += direction * _through(accounts, link, counts == "gross")
                most += rate * accounts.capacity[accounts.place[link]]
        worst = max(worst, excess(flow, most[:, None]))
    return worst


def _through(accounts: Accounts, link: str, gross: bool) -> Floats:
    """What runs over a link by (year, step): all of its modes, or forward less backward."""
    signs = {"forward": 1.0, "backward": 1.0 if gross else -1.0}
    flow: Floats = np.zeros((len(accounts.years), len(accounts.steps)))
    for asset, mode in accounts.mode_place:
        if asset == link:
            flow = flow + signs.get(mode, 1.0 if gross else 0.0) * accounts.per_step(link, mode)
    return flow


def borders(accounts: Accounts) -> float:
    """What comes in from an outside node without transit is no more than what is bought or made there."""
    system = accounts.system
    nodes = pd.DataFrame(
        {name: system[f"node_{name}"].to_numpy() for name in ("kind", "transit")}, index=accounts.nodes
    )
    closed = border_places(nodes, accounts.commodities)
    resolution = dict(zip(accounts.commodities, system["commodity_resolution"].to_numpy(), strict=True))
    balance: dict[tuple[str, str], Floats] = {}
    for port in accounts.ports:
        place = port.node, port.commodity
        given = port.kind not in ("link", "storage") and port.per_hour > 0
        if place in closed and ((port.kind == "link" and port.per_hour < 0) or given):
            balance[place] = balance.get(place, 0.0) - accounts.flow(port)
    return max(
        (
            excess(as_finely(accounts, unbought, resolution[commodity]), np.zeros(1))
            for (_, commodity), unbought in balance.items()
        ),
        default=0.0,
    )


def arrivals(accounts: Accounts) -> float:
    """What has come by the end of each step is what had gone in ``delay`` hours before, in a period without end."""
    system, worst = accounts.system, 0.0
    hours = accounts.time["duration"].to_numpy().astype(float)
    rows = (system[f"mode_{c}"].to_numpy() for c in ("asset", "name", "follows", "delay"))
    for asset, mode, followed, delay in zip(*rows, strict=True):
        if not followed:
            continue
        taken, given = accounts.per_step(asset, followed), accounts.per_step(asset, mode)
        for period in range(len(accounts.periods)):
            own = np.flatnonzero(accounts.period_of_step == period)
            clock = np.concatenate([[0.0], np.cumsum(hours[own])])
            length = clock[-1]
            twice = np.concatenate([clock, clock[1:] + length])
            for year in range(len(accounts.years)):
                gone = np.concatenate([[0.0], np.cumsum(np.tile(taken[year, own] * hours[own], 2))])
                wanted = np.diff(np.interp(clock + length - delay % length, twice, gone)) / hours[own]
                worst = max(worst, excess(np.abs(given[year, own] - wanted), np.zeros(1)))
    return worst


def project_rules(accounts: Accounts) -> float:
    """A project that needs another is built no further; two that exclude each other are one together at most."""
    system = accounts.system
    worst = 0.0
    columns = ("project", "rule", "other", "project_size", "other_size")
    for project, rule, other, size, other_size in zip(
        *(system[f"project_rule_{c}"].to_numpy() for c in columns), strict=True
    ):
        own, their = (
            accounts.capacity[accounts.place[asset]] / full for asset, full in ((project, size), (other, other_size))
        )
        later = slice(1, None)
        over = own - their if rule == "requires" else own + their - 1
        worst = max(worst, excess(over[later], np.zeros(1)))
    return worst


def both_ways(accounts: Accounts) -> float:
    """What runs both ways over a link, or in and out of a store, at once, as a share of all that is moved of it."""
    at_once: dict[str, float] = {}
    for pair in (*_on_links(accounts), *_in_stores(accounts)):
        commodity, one, other = pair
        both = float((np.minimum(one, other) @ accounts.step_hours).sum())
        at_once[commodity] = at_once.get(commodity, 0.0) + both
    moved = _moved(accounts)
    share = max((amount / max(moved[commodity], 1e-9) for commodity, amount in at_once.items()), default=0.0)
    return share if share > BOTH_WAYS else 0.0


def _on_links(accounts: Accounts) -> list[tuple[str, Floats, Floats]]:
    """Commodity, and what each link delivers of it at one end and at the other by (year, step)."""
    ends: dict[tuple[str, str], dict[str, Floats]] = {}
    for port in accounts.ports:
        if port.kind == "link" and port.per_hour > 0:
            delivered = ends.setdefault((port.asset, port.commodity), {})
            delivered[port.node] = delivered.get(port.node, 0.0) + accounts.flow(port)
    both = [(commodity, list(delivered.values())) for (_, commodity), delivered in ends.items() if len(delivered) == 2]
    return [(commodity, one, other) for commodity, (one, other) in both]


def _in_stores(accounts: Accounts) -> list[tuple[str, Floats, Floats]]:
    """Commodity, and what goes into and out of each store by (year, step)."""
    charge, discharge = accounts.store_rates
    hours = accounts.of_asset("hours").astype(float)
    stored = {port.asset: port.commodity for port in accounts.ports if port.kind == "storage"}
    return [
        (stored[store], charge[place] / hours[place], discharge[place] / hours[place])
        for store, place in ((store, accounts.place[store]) for store in accounts.store_assets)
    ]


def _moved(accounts: Accounts) -> dict[str, float]:
    """All that is used or given of each commodity over the years, whichever is more."""
    used = (accounts.demand.sum(axis=(0, 2)) @ accounts.step_hours).astype(float)
    moved = dict(zip(accounts.commodities, used, strict=True))
    given: dict[str, float] = {}
    for port in accounts.ports:
        if port.per_hour > 0 and port.kind != "storage":
            amount = float((accounts.flow(port) @ accounts.step_hours).sum())
            given[port.commodity] = given.get(port.commodity, 0.0) + amount
    return {commodity: max(amount, given.get(commodity, 0.0)) for commodity, amount in moved.items()}
