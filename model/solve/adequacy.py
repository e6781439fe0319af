"""What the certificate recomputes of adequacy, reserve, power flow and security, from the System and the decisions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from model.solve.accounts import Accounts, Floats
from model.solve.grid import by_place, carriers, headroom, power_ports, power_sizes, raised_limits
from model.solve.security import after_contingencies, beyond_insecurity, critical_moments
from model.solve.violations import excess
from model.system.network import ELECTRICITY, WHOLE_COUNTRY, nodes_of_zone
from model.time.peaks import capacity_credits, peak_moments

ROUNDING = 1e-6
"""GW of shedding that a solver's tolerance on every row of a moment can come to."""


def margins(accounts: Accounts) -> float:
    """Reserve margins hold at every peak step, and links and joint limits carry what zones lend each other."""
    if not accounts.system.sizes["margin"]:
        return 0.0
    table = margin_table(accounts)
    signs = table["item"].map({"needed": 1.0, "load": 0.0, "taken": 0.0}).fillna(-1.0)
    missing = (signs * table["value"]).groupby([table["zone"], table["year"]]).sum().to_numpy()
    needed = table.loc[table["item"] == "needed"].groupby(["zone", "year"])["value"].sum().to_numpy()
    lent = _lent(accounts, "firm_exchange", "year")
    return max(
        excess(needed, needed - missing),
        excess(lent.sum(axis=0), _carried(accounts)),
        _joint(accounts, lent, np.zeros_like(lent)),
    )


def margin_table(accounts: Accounts) -> pd.DataFrame:
    """``zone, year, step, item, technology, value``: what makes up each margin in its tightest peak step, in GW.

    Items: ``load`` of users, ``taken`` by plants, pumps and railways, ``needed`` (both and the margin); ``firm`` by
    technology, less what modes that give less than the best one take away; ``exchange`` with other zones, ``imports``
    that are firm, ``shortfall`` that is paid for. ``technology`` is empty but for ``firm``.
    """
    system, years = accounts.system, accounts.years
    credit = capacity_credits(system, accounts.time) * power_sizes(accounts)[:, None] * accounts.capacity
    firm, taken = credit[:, :, None] - lessened(accounts), intakes(accounts)
    shortfall = accounts.dense("margin_shortfall", "zone", "year")
    asked, imports = (system[f"margin_{c}"].transpose("margin", "year").to_numpy() for c in ("margin", "firm_imports"))
    lent = _lent(accounts, "firm_exchange", "year")
    rows: list[tuple[str, int, str, str, str, float]] = []
    for i, zone in enumerate(system["margin"].to_numpy()):
        own = _by_technology(accounts, zone, firm)
        load, drawn = _load(accounts, zone), taken[_at(accounts, zone)].sum(axis=0)
        exchange = _into(accounts, zone, lent)
        need = (1 + asked[i][:, None]) * (load + drawn)
        spare = sum(own.values(), np.zeros_like(need)) - need
        for j, moments in enumerate(peak_moments(system, accounts.time, zone)):
            if not np.isfinite(asked[i, j]):
                continue
            peaks = [accounts.steps.index(step) for step in moments]
            t = peaks[int(np.argmin(spare[j, peaks]))]
            items = {"load": load[j, t], "taken": drawn[j, t], "needed": need[j, t], "exchange": exchange[j]}
            items |= {"imports": imports[i, j], "shortfall": shortfall[accounts.zones.index(zone), j]}
            parts = [(item, "", value) for item, value in items.items()]
            parts += [("firm", technology, value[j, t]) for technology, value in own.items()]
            rows += [(zone, years[j], accounts.steps[t], *part) for part in parts]
    return pd.DataFrame(rows, columns=["zone", "year", "step", "item", "technology", "value"])


def lessened(accounts: Accounts) -> Floats:
    """GW that modes which give less power than the best one take from their plant's output, (asset, year, step)."""
    best, given = power_sizes(accounts), dict.fromkeys(accounts.mode_place, 0.0)
    for port in power_ports(accounts):
        given[port.asset, port.mode] += port.per_hour
    plant = accounts.of_asset("kind") == "conversion"
    runs = accounts.system["mode_runs"].to_numpy()
    lost: Floats = np.zeros((len(accounts.assets), len(accounts.years), len(accounts.steps)))
    for (asset, mode), place in accounts.mode_place.items():
        i = accounts.place[asset]
        if plant[i] and best[i] > 0 and runs[place] == "step":
            lost[i] += (best[i] - max(given[asset, mode], 0.0)) * accounts.per_step(asset, mode)
    return lost


def intakes(accounts: Accounts) -> Floats:
    """GW that plants, pumps and railways take where they stand, (node, year, step); not what links carry on."""
    carrying = set(carriers(accounts))
    taken: Floats = np.zeros((len(accounts.nodes), len(accounts.years), len(accounts.steps)))
    for port in power_ports(accounts):
        if port.per_hour < 0 and port.kind in ("conversion", "link") and port.asset not in carrying:
            taken[accounts.nodes.index(port.node)] -= accounts.flow(port)
    return taken


def operating_reserve(accounts: Accounts) -> float:
    """Every zone has, or can bring in, its reserve in every step, and links and joint limits keep room for it."""
    system, zones = accounts.system, list(accounts.system["reserve"].to_numpy())
    if not zones:
        return 0.0
    asked = {
        c: system[f"reserve_{c}"].transpose("reserve", "year").to_numpy()
        for c in ("largest_unit", "load_share", "wind_share", "solar_share")
    }
    ready = by_place(accounts, [nodes_of_zone(system, zone) for zone in zones], headroom(accounts))
    missing = accounts.dense("reserve_shortfall", "zone", "year", "step")
    lent, flows = _lent(accounts, "reserve_exchange", "year", "step"), np.array(accounts.link_flows)
    worst = 0.0
    for i, zone in enumerate(zones):
        need = asked["largest_unit"][i][:, None] + asked["load_share"][i][:, None] * _load(accounts, zone)
        for group in ("wind", "solar"):
            need = need + asked[f"{group}_share"][i][:, None] * _output(accounts, zone, group)
        have = ready[i] + _into(accounts, zone, lent) + missing[accounts.zones.index(zone)]
        told = np.isfinite(asked["largest_unit"][i])
        worst = max(worst, excess(need[told], have[told]))
    lending = lent.any(axis=(0, 2, 3))
    net = flows - flows[::-1]
    used, room = lent + net, np.broadcast_to(_carried(accounts)[..., None], net.shape[1:])
    return max(worst, excess(used[:, lending], room[lending]), _joint(accounts, lent, flows))


def loops(accounts: Accounts) -> float:
    """Round every loop of the network before any contingency the voltage angle comes back to where it was."""
    system, forward_backward = accounts.system, accounts.link_flows
    net = forward_backward[0] - forward_backward[1]
    columns = (system[f"loop_member_{c}"].to_numpy() for c in ("loop", "year", "contingency", "link", "drop"))
    turned: dict[tuple[str, int], Floats] = {}
    size: dict[tuple[str, int], Floats] = {}
    for loop, year, contingency, link, drop in zip(*columns, strict=True):
        if contingency == "":
            fall = float(drop) * net[accounts.links.index(link), accounts.years.index(int(year))]
            turned[loop, int(year)] = turned.get((loop, int(year)), 0.0) + fall
            size[loop, int(year)] = size.get((loop, int(year)), 0.0) + np.abs(fall)
    return max((excess(np.abs(a) / np.maximum(1.0, size[key]), np.zeros(1)) for key, a in turned.items()), default=0.0)


def losses(accounts: Accounts) -> float:
    """No link loses less than any tangent of its losses says, and none loses that has no losses."""
    system, count = accounts.system, int(accounts.system.attrs["loss_tangents"])
    share = system["link_loss"].to_numpy().astype(float)
    lost, carried = accounts.link_losses, sum(accounts.link_flows)
    capacity = accounts.capacity[[accounts.place[link] for link in accounts.links]][:, :, None]
    worst = excess(np.abs(lost[share == 0]), np.zeros(1))
    for tangent in range(count):
        load = (tangent + 0.5) / count
        least = share[:, None, None] * (2 * load * carried - load**2 * capacity)
        worst = max(worst, excess(least, lost))
    return worst


def secure(accounts: Accounts) -> float:
    """At every moment that the plan states, no more must be shed than what it says of its year."""
    found = after_contingencies(accounts, critical_moments(accounts))
    return excess(beyond_insecurity(accounts, found), np.array(ROUNDING))


def _at(accounts: Accounts, zone: str) -> list[int]:
    """Positions of the nodes of a zone."""
    return [accounts.nodes.index(node) for node in nodes_of_zone(accounts.system, zone)]


def _load(accounts: Accounts, zone: str) -> Floats:
    """What users of a zone draw, (year, step)."""
    load: Floats = accounts.demand[_at(accounts, zone), accounts.commodities.index(ELECTRICITY)].sum(axis=0)
    return load


def _by_technology(accounts: Accounts, zone: str, per_asset: Floats) -> dict[str, Floats]:
    """Values by (asset, year, step) summed over the plants and stores of a zone by technology, where there are any."""
    technologies, nodes = accounts.of_asset("technology"), nodes_of_zone(accounts.system, zone)
    there = by_place(accounts, [nodes], np.eye(len(accounts.assets)))[0] * power_sizes(accounts) > 0
    return {
        str(name): per_asset[there & (technologies == name)].sum(axis=0) for name in dict.fromkeys(technologies[there])
    }


def _output(accounts: Accounts, zone: str, group: str) -> Floats:
    """Power that plants of a group give in a zone, (year, step)."""
    groups, nodes = accounts.of_asset("group"), set(nodes_of_zone(accounts.system, zone))
    given: Floats = np.zeros((len(accounts.years), len(accounts.steps)))
    for port in power_ports(accounts):
        own = port.kind == "conversion" and groups[accounts.place[port.asset]] == group
        if own and port.per_hour > 0 and port.node in nodes:
            given += accounts.flow(port)
    return given


def _ways(accounts: Accounts) -> dict[tuple[str, str], tuple[int, int]]:
    """Position of the link, and 0 or 1 for forward or backward, of each (link, mode): by where it delivers."""
    ends = dict(zip(accounts.links, accounts.system["link_to_node"].to_numpy(), strict=True))
    giving = [p for p in power_ports(accounts) if p.kind == "link" and p.per_hour > 0]
    return {(p.asset, p.mode): (accounts.links.index(p.asset), int(p.node != ends[p.asset])) for p in giving}


def _lent(accounts: Accounts, variable: str, *dims: str) -> Floats:
    """What links lend, (way, link, ...)."""
    column, ways = accounts.columns[variable], _ways(accounts)
    labels: dict[str, Sequence[object]] = {"year": accounts.years, "step": accounts.steps}
    lent: Floats = np.zeros([2, len(accounts.links), *(len(labels[dim]) for dim in dims)])
    if column.values.size:
        pairs = zip(column.names("link"), column.names("mode"), strict=True)
        rows, way = np.array([ways[pair] for pair in pairs]).T
        np.add.at(lent, (way, rows, *(column.on(dim, labels[dim]) for dim in dims)), column.values)
    return lent


def _into(accounts: Accounts, zone: str, lent: Floats) -> Floats:
    """What is lent to a zone less what it lends, (...); within the country nothing comes in."""
    total: Floats = np.zeros(lent.shape[2:])
    ways, nodes = _ways(accounts), set(nodes_of_zone(accounts.system, zone) if zone != WHOLE_COUNTRY else ())
    for port in power_ports(accounts):
        if port.node in nodes and (port.asset, port.mode) in ways:
            row, way = ways[port.asset, port.mode]
            total = total + port.per_hour * lent[way, row]
    return total


def _carried(accounts: Accounts) -> Floats:
    """What links can carry, (link, year)."""
    rows = [accounts.place[link] for link in accounts.links]
    factor = accounts.system["availability_factor"].transpose("asset", "year").to_numpy()
    carried: Floats = factor[rows] * accounts.capacity[rows]
    return carried


def _joint(accounts: Accounts, lent: Floats, flows: Floats) -> float:
    """Joint limits hold with what is lent in their direction on top of ``flows``, both (way, link, ...)."""
    system, limits = accounts.system, raised_limits(accounts, {})
    columns = (system[f"interface_member_{c}"].to_numpy() for c in ("name", "link", "direction"))
    members = list(zip(*columns, strict=True))
    worst = 0.0
    for i, (name, counts) in enumerate(
        zip(*(system[n].to_numpy() for n in ("interface", "interface_flow")), strict=True)
    ):
        used, asked = np.zeros(lent.shape[2:]), False
        for interface, link, direction in members:
            if interface == name:
                row = accounts.links.index(link)
                signs = direction * np.array([1.0, 1.0 if counts == "gross" else -1.0])
                used = used + np.tensordot(signs, flows[:, row], 1)
                used = used + np.tensordot(np.maximum(signs, 0.0), lent[:, row], 1)
                asked = asked or bool(lent[:, row].any())
        if asked:
            worst = max(worst, excess(used, limits[i].reshape(-1, *[1] * (used.ndim - 1))))
    return worst
