"""The network within the country and what a plan does with it: inner links, joint limits, loops, and room to move.

Recomputed from the System and the decisions alone, for the certificate and for what happens after a contingency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.solve.accounts import Accounts, Floats, Port
from model.system.network import ELECTRICITY, WHOLE_COUNTRY, nodes_of_zone


def power_ports(accounts: Accounts) -> list[Port]:
    """What modes give and take of electricity, those of stores left out."""
    return [p for p in accounts.ports if p.commodity == ELECTRICITY and p.kind != "storage"]


def carriers(accounts: Accounts) -> list[str]:
    """Links that deliver electricity, in the order of the links."""
    giving = {p.asset for p in power_ports(accounts) if p.kind == "link" and p.per_hour > 0}
    return [link for link in accounts.links if link in giving]


def power_sizes(accounts: Accounts) -> Floats:
    """GW that a unit of capacity of each (asset) gives at best: plants by their best mode, and stores of power."""
    best: Floats = np.zeros(len(accounts.assets))
    for port in accounts.ports:
        i = accounts.place[port.asset]
        if port.commodity == ELECTRICITY and port.kind == "conversion":
            best[i] = max(best[i], port.per_hour)
        elif port.commodity == ELECTRICITY and port.kind == "storage":
            best[i] = 1 / accounts.of_asset("hours")[i]
    return best


def raised_limits(accounts: Accounts, lost: Mapping[str, float]) -> Floats:
    """Joint limits with what links add to them, (interface, year), when shares of links are ``lost``."""
    system = accounts.system
    names = list(system["interface"].to_numpy())
    limit = system["interface_limit"].to_numpy().astype(float)
    raised: Floats = np.repeat(limit[:, None], len(accounts.years), axis=1)
    columns = (system[f"interface_member_{c}"].to_numpy() for c in ("name", "link", "uplift_rate"))
    for name, link, rate in zip(*columns, strict=True):
        raised[names.index(name)] += rate * (1 - lost.get(link, 0.0)) * accounts.capacity[accounts.place[link]]
    return raised


def by_place(accounts: Accounts, places: list[list[str]], per_asset: Floats) -> Floats:
    """Values by (asset, ...) summed over the plants and stores of power at each of ``places``, groups of nodes."""
    giving = ("conversion", "storage")
    at = {(p.asset, p.node) for p in accounts.ports if p.commodity == ELECTRICITY and p.kind in giving}
    member = np.zeros((len(places), len(accounts.assets)))
    for asset, node in at:
        for i, nodes in enumerate(places):
            if node in nodes:
                member[i, accounts.place[asset]] = 1.0
    summed: Floats = np.tensordot(member, per_asset, axes=1)
    return summed


def headroom(accounts: Accounts) -> Floats:
    """GW that each (asset, year, step) could bring in within minutes: its response of what stands idle.

    Of what is committed only what is online counts; a store can also stop charging.
    """
    usable = (accounts.capacity - accounts.standstill)[:, :, None] * accounts.available
    online = accounts.columns.get("online")
    if online is not None and online.values.size:
        on = accounts.dense("online", "asset", "year", "step")
        committed = np.zeros(accounts.capacity.shape, dtype=bool)
        committed[online.on("asset", accounts.assets), online.on("year", accounts.years)] = True
        usable = np.where(committed[:, :, None], on, usable)
    charge, discharge = accounts.store_rates
    idle = usable - accounts.activity - discharge + charge
    response = accounts.of_asset("response").astype(float) * power_sizes(accounts)
    room: Floats = response[:, None, None] * idle
    return room


@dataclass(frozen=True)
class Grid:
    """The network within the country and what a plan does with it; axes: node, link, flow (link and mode), year, step.

    Inner links are those that carry electricity and end at inside nodes only.
    """

    accounts: Accounts

    @cached_property
    def nodes(self) -> list[str]:
        """Nodes within the country."""
        return nodes_of_zone(self.accounts.system, WHOLE_COUNTRY)

    @cached_property
    def links(self) -> list[str]:
        """Inner links."""
        inside = set(self.nodes)
        outer = {p.asset for p in power_ports(self.accounts) if p.node not in inside}
        return [link for link in carriers(self.accounts) if link not in outer]

    @cached_property
    def ports(self) -> list[Port]:
        """Ports of inner links."""
        inner = set(self.links)
        return [p for p in power_ports(self.accounts) if p.asset in inner]

    @cached_property
    def flows(self) -> list[tuple[str, str]]:
        """Link and mode of what can run over inner links."""
        return list(dict.fromkeys((p.asset, p.mode) for p in self.ports))

    @cached_property
    def incidence(self) -> Floats:
        """What a GW of each flow brings to each node, (node, flow); its losses are those before the contingency."""
        found: Floats = np.zeros((len(self.nodes), len(self.flows)))
        for port in self.ports:
            found[self.nodes.index(port.node), self.flows.index((port.asset, port.mode))] += np.sign(port.per_hour)
        return found

    @cached_property
    def over(self) -> Floats:
        """Which flows run over which link, (link, flow)."""
        return np.array([[float(link == own) for own, _ in self.flows] for link in self.links]).reshape(
            len(self.links), len(self.flows)
        )

    @cached_property
    def sense(self) -> Floats:
        """1 for flows that deliver at the link's far end, else -1, (flow)."""
        ends = dict(zip(self.accounts.links, self.accounts.system["link_to_node"].to_numpy(), strict=True))
        far = {(p.asset, p.mode) for p in self.ports if p.per_hour > 0 and p.node == ends[p.asset]}
        return np.array([1.0 if flow in far else -1.0 for flow in self.flows])

    @cached_property
    def before(self) -> Floats:
        """Flows of the plan, (flow, year, step)."""
        shape = (len(self.flows), len(self.accounts.years), len(self.accounts.steps))
        return np.array([self.accounts.per_step(*flow) for flow in self.flows]).reshape(shape)

    @cached_property
    def rating(self) -> Floats:
        """What a link carries for a short time, (link, year)."""
        rows = [self.accounts.place[link] for link in self.links]
        emergency = dict(zip(self.accounts.links, self.accounts.system["link_emergency"].to_numpy(), strict=True))
        factor = self.accounts.system["availability_factor"].transpose("asset", "year").to_numpy()
        share = np.array([emergency[link] for link in self.links], dtype=float)
        found: Floats = share[:, None] * factor[rows] * self.accounts.capacity[rows]
        return found

    @cached_property
    def joint(self) -> Floats:
        """How flows count in every joint limit that an inner link is part of, (limit, flow)."""
        rows = [
            [sum(s for link, s in members if link == own) * (1.0 if gross else sense)
             for (own, _), sense in zip(self.flows, self.sense, strict=True)]
            for _, gross, members in self._joint_limits
        ]  # fmt: skip
        return np.array(rows, dtype=float).reshape(len(rows), len(self.flows))

    @cached_property
    def joint_kept(self) -> Floats:
        """What other links, whose flows stay, take up of the joint limits, (limit, year, step)."""
        forward, backward = self.accounts.link_flows
        kept: Floats = np.zeros((len(self._joint_limits), *forward.shape[1:]))
        for i, (_, gross, members) in enumerate(self._joint_limits):
            for link, sign in members:
                if link not in self.links:
                    row = self.accounts.links.index(link)
                    kept[i] += sign * (forward[row] + (backward[row] if gross else -backward[row]))
        return kept

    @cached_property
    def _joint_limits(self) -> list[tuple[str, bool, list[tuple[str, float]]]]:
        """Name, whether both directions count, and members with their direction."""
        system = self.accounts.system
        columns = (system[f"interface_member_{c}"].to_numpy() for c in ("name", "link", "direction"))
        members = list(zip(*columns, strict=True))
        inner = set(self.links)
        found = []
        for name, counts in zip(*(system[n].to_numpy() for n in ("interface", "interface_flow")), strict=True):
            own = [(str(link), float(sign)) for interface, link, sign in members if interface == name]
            if any(link in inner for link, _ in own):
                found.append((str(name), bool(counts == "gross"), own))
        return found

    def joint_limit(self, year: int, lost: Mapping[str, float]) -> Floats:
        """Joint limits at their emergency value when shares of links are lost, (limit)."""
        system = self.accounts.system
        names = list(system["interface"].to_numpy())
        most = raised_limits(self.accounts, lost)[:, year] * system["interface_emergency"].to_numpy().astype(float)
        return np.array([most[names.index(name)] for name, _, _ in self._joint_limits])

    def drops(self, contingency: str, year: int) -> Floats:
        """How the voltage angle drops with every flow round each loop of what is left of the network, (loop, flow).

        No rows in a transport network; a loop over a link whose flow stays is left out.
        """
        system = self.accounts.system
        columns = (system[f"loop_member_{c}"].to_numpy() for c in ("loop", "year", "contingency", "link", "drop"))
        loops: dict[str, dict[str, float]] = {}
        for loop, when, after, link, drop in zip(*columns, strict=True):
            if int(when) == self.accounts.years[year] and after == contingency:
                loops.setdefault(loop, {})[link] = float(drop)
        inner = [members for members in loops.values() if set(members) <= set(self.links)]
        rows = [[own.get(link, 0.0) for link, _ in self.flows] for own in inner]
        found: Floats = np.array(rows, dtype=float).reshape(len(rows), len(self.flows)) * self.sense
        return found

    @cached_property
    def up(self) -> Floats:
        """What can be brought in, (node, year, step)."""
        room = by_place(self.accounts, [[node] for node in self.nodes], headroom(self.accounts))
        found: Floats = np.maximum(room, 0.0)
        return found

    @cached_property
    def down(self) -> Floats:
        """What can be taken back: all that plants and stores give, (node, year, step)."""
        given: Floats = np.zeros(self.up.shape)
        for port in power_ports(self.accounts):
            if port.kind == "conversion" and port.per_hour > 0 and port.node in self.nodes:
                given[self.nodes.index(port.node)] += self.accounts.flow(port)
        discharge = self.accounts.dense("discharge", "asset", "year", "step")
        stores = discharge * power_sizes(self.accounts)[:, None, None]
        found: Floats = np.maximum(given + by_place(self.accounts, [[node] for node in self.nodes], stores), 0.0)
        return found

    @cached_property
    def load(self) -> Floats:
        """What users draw and can be shed, (node, year, step)."""
        rows = [self.accounts.nodes.index(node) for node in self.nodes]
        found: Floats = self.accounts.demand[rows, self.accounts.commodities.index(ELECTRICITY)]
        return found
