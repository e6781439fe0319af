"""What a contingency comes to: the least load that must be shed after it, in any step, given a plan.

Recomputed from the System and the decisions alone. Flows over borders and all that plants, stores and users do stay as
planned; inner links, redispatch and shedding are free. Where the flows of the plan already fit what is left, nothing is
shed; every other case is a small linear program, and each starts from the basis of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
import pandas as pd
import scipy.sparse as sp

from model.lp.program import PLAN, LinearProgram
from model.solve.accounts import Accounts, Floats, Port
from model.solve.worker import SolverError, pass_program, quiet_highs, set_option
from model.system.network import ELECTRICITY, WHOLE_COUNTRY, nodes_of_zone

COLUMNS = ["contingency", "year", "step", "shed", "stuck"]
LEAST_SHED = 1e-9
"""GW from which shedding counts."""
FITS = 1e-9
"""GW by which the flows of a plan may be beyond what is left and still be taken to fit."""
LAST_RESORT = 1e3
"""What a GW counts that not even shedding balances, against one that is shed."""

Moment = tuple[str, int, str]
"""Contingency, planning year and step."""


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


def by_place(accounts: Accounts, places: list[list[str]], per_asset: Floats) -> Floats:
    """Values by (asset, ...) summed over the plants and stores of power at each of ``places``, groups of nodes."""
    at = {
        (p.asset, p.node) for p in accounts.ports if p.commodity == ELECTRICITY and p.kind in ("conversion", "storage")
    }
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
    idle = usable - accounts.activity
    stores = [accounts.place[store] for store in accounts.store_assets]
    charge, discharge = accounts.store_rates
    factor = accounts.system["availability_factor"].transpose("asset", "year").to_numpy()
    idle[stores] = (factor * accounts.capacity)[stores][:, :, None] - discharge[stores] + charge[stores]
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
        """What a GW of each flow brings to each node, (node, flow)."""
        found: Floats = np.zeros((len(self.nodes), len(self.flows)))
        for port in self.ports:
            found[self.nodes.index(port.node), self.flows.index((port.asset, port.mode))] += port.per_hour
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

    def joint_limit(self, year: int, lost: dict[str, float]) -> Floats:
        """Joint limits at their emergency value when shares of links are lost, (limit)."""
        system, accounts = self.accounts.system, self.accounts
        names = list(system["interface"].to_numpy())
        raised = system["interface_limit"].to_numpy().astype(float).copy()
        columns = (system[f"interface_member_{c}"].to_numpy() for c in ("name", "link", "uplift_rate"))
        for name, link, rate in zip(*columns, strict=True):
            raised[names.index(name)] += (
                rate * (1 - lost.get(link, 0.0)) * accounts.capacity[accounts.place[link], year]
            )
        raised *= system["interface_emergency"].to_numpy().astype(float)
        return np.array([raised[names.index(name)] for name, _, _ in self._joint_limits])

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
        return np.maximum(room, 0.0)

    @cached_property
    def down(self) -> Floats:
        """What can be taken back: all that plants and stores give, (node, year, step)."""
        given: Floats = np.zeros(self.up.shape)
        for port in power_ports(self.accounts):
            if port.kind == "conversion" and port.per_hour > 0 and port.node in self.nodes:
                given[self.nodes.index(port.node)] += self.accounts.flow(port)
        discharge = (
            self.accounts.dense("discharge", "asset", "year", "step") * power_sizes(self.accounts)[:, None, None]
        )
        stores = [self.accounts.place[store] for store in self.accounts.store_assets]
        of_stores = np.zeros(discharge.shape)
        of_stores[stores] = discharge[stores]
        return np.maximum(given + by_place(self.accounts, [[node] for node in self.nodes], of_stores), 0.0)

    @cached_property
    def load(self) -> Floats:
        """What users draw and can be shed, (node, year, step)."""
        rows = [self.accounts.nodes.index(node) for node in self.nodes]
        found: Floats = self.accounts.demand[rows, self.accounts.commodities.index(ELECTRICITY)]
        return found


@dataclass(frozen=True)
class Case:
    """A contingency in a planning year: what is left, and what is lost, of ``grid``."""

    grid: Grid
    year: int
    limits: Floats
    joint_limits: Floats
    drops: Floats
    lost: Floats

    def fit(self, steps: np.ndarray) -> np.ndarray:
        """In which of ``steps`` the plan's flows already fit and the node of a lost unit helps itself."""
        grid, j = self.grid, self.year
        flows = grid.before[:, j, steps]
        over = grid.over @ flows - self.limits[:, None]
        joint = grid.joint @ flows + grid.joint_kept[:, j, steps] - self.joint_limits[:, None]
        beyond = [over, joint, np.abs(self.drops @ flows), self.lost[:, None] - grid.up[:, j, steps]]
        fits: np.ndarray = np.all(np.concatenate(beyond) <= FITS, axis=0)
        return fits

    def upper(self, step: int) -> Floats:
        """Upper bounds of the columns of `Program` in a step."""
        grid, j = self.grid, self.year
        bounds = (grid.up[:, j, step], grid.down[:, j, step], grid.load[:, j, step])
        free = len(grid.flows), 2 * len(grid.nodes) + len(self.joint_limits)
        return np.concatenate([np.full(free[0], np.inf), *bounds, np.full(free[1], np.inf)])

    def sides(self, step: int) -> tuple[Floats, Floats]:
        """Lower and upper sides of the rows of `Program` in a step."""
        grid, j = self.grid, self.year
        balance = grid.incidence @ grid.before[:, j, step] + self.lost
        most = np.concatenate([self.limits, self.joint_limits - grid.joint_kept[:, j, step]])
        closed = np.zeros(len(self.drops))
        return np.concatenate([balance, np.full(len(most), -np.inf), closed]), np.concatenate([balance, most, closed])


class Program:
    """One HiGHS object for all cases with the same loops; only bounds and sides differ.

    Columns: flows, redispatch up and down, shedding, and what not even that can balance: too little or too much at each
    node, too much on each joint limit. Rows: balance of each node, links, joint limits, loops.
    """

    def __init__(self, grid: Grid, drops: Floats) -> None:
        nodes, limits = len(grid.nodes), len(grid.joint)
        one, joint = sp.eye_array(nodes), sp.eye_array(limits)
        matrix = sp.block_array(
            [
                [sp.csr_array(grid.incidence), one, -one, one, one, -one, None],
                [sp.csr_array(grid.over), None, None, None, None, None, None],
                [sp.csr_array(grid.joint), None, None, None, None, None, -joint],
                [sp.csr_array(drops), None, None, None, None, None, None],
            ],
            format="csc",
        )
        self._shed = slice(len(grid.flows) + 2 * nodes, len(grid.flows) + 3 * nodes)
        rows, columns = matrix.shape
        cost = np.zeros(columns)
        cost[self._shed] = 1.0
        cost[self._shed.stop :] = LAST_RESORT
        program = LinearProgram(
            matrix=sp.csc_array(matrix), cost=cost, offset=0.0, column_lower=np.zeros(columns),
            column_upper=np.full(columns, np.inf), row_lower=np.zeros(rows), row_upper=np.zeros(rows),
            column_families=(), row_families=(), blocks=(PLAN,), column_block=np.zeros(columns, dtype=np.int32),
            row_block=np.zeros(rows, dtype=np.int32), kept_rows=np.arange(rows, dtype=np.int64),
        )  # fmt: skip
        self._highs = quiet_highs()
        # presolve would throw away the basis of the case before, from which a few iterations are enough
        for name, value in (("presolve", "off"), ("solver", "simplex"), ("threads", 1)):
            set_option(self._highs, name, value)
        pass_program(self._highs, program)
        self._every = np.arange(max(rows, columns), dtype=np.int32)

    def least(self, case: Case, step: int) -> tuple[float, float]:
        """GW that are shed at least in a step, and those that not even shedding balances; SolverError if it fails."""
        upper, (low, high) = case.upper(step), case.sides(step)
        self._highs.changeColsBounds(upper.size, self._every[: upper.size], np.zeros(upper.size), upper)
        self._highs.changeRowsBounds(low.size, self._every[: low.size], low, high)
        for _ in range(2):
            self._highs.run()
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                values = np.array(self._highs.getSolution().col_value)
                return float(values[self._shed].sum()), float(values[self._shed.stop :].sum())
            self._highs.clearSolver()
        raise SolverError("HiGHS could not tell the least load to be shed after a contingency.")


def after_contingencies(accounts: Accounts, moments: Iterable[Moment] | None = None) -> pd.DataFrame:
    """``contingency, year, step, shed, stuck``: moments after which load must be shed, in GW; others have no row.

    Looks at every step of every planning year from a contingency's first on, or at ``moments`` alone. ``stuck`` is the
    part of ``shed`` that no load is there for: power that cannot leave or reach a node, or a joint limit that stays
    broken. SolverError if HiGHS fails.
    """
    grid = Grid(accounts)
    programs: dict[bytes, Program] = {}
    rows: list[tuple[str, int, str, float, float]] = []
    for (contingency, year), steps in _by_case(accounts, moments).items():
        case = _case(grid, contingency, accounts.years.index(year))
        state = case.drops.tobytes()
        for step in steps[~case.fit(steps)]:
            if state not in programs:
                programs[state] = Program(grid, case.drops)
            shed, stuck = programs[state].least(case, int(step))
            if shed + stuck > LEAST_SHED:
                rows.append((contingency, year, accounts.steps[step], shed + stuck, stuck))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"year": int, "shed": float, "stuck": float})


def secure_violations(accounts: Accounts, tolerance: float) -> pd.DataFrame:
    """Rows of `after_contingencies` beyond what the plan says of its year by more than ``tolerance``, worst first."""
    found = after_contingencies(accounts)
    return (
        found[_beyond(accounts, found) > tolerance]
        .assign(beyond=lambda rows: _beyond(accounts, rows))
        .sort_values("beyond", ascending=False, kind="stable")
        .drop(columns="beyond")
        .reset_index(drop=True)
    )


def _beyond(accounts: Accounts, rows: pd.DataFrame) -> Floats:
    """GW by which shedding is more than the insecurity of its year; what is stuck always counts."""
    said = dict(zip(accounts.years, accounts.dense("insecurity", "year"), strict=True))
    allowed = rows["year"].map(said).to_numpy(dtype=float)
    found: Floats = np.maximum(rows["shed"].to_numpy() - allowed, rows["stuck"].to_numpy())
    return found


def critical_moments(accounts: Accounts) -> list[Moment]:
    """Moments at which the plan states that it survives a contingency."""
    columns = (accounts.system[f"critical_{c}"].to_numpy() for c in ("contingency", "year", "step"))
    return [(str(c), int(y), str(t)) for c, y, t in zip(*columns, strict=True)]


def _by_case(accounts: Accounts, moments: Iterable[Moment] | None) -> dict[tuple[str, int], np.ndarray]:
    """Positions of the steps to look at by (contingency, year)."""
    if moments is None:
        system, every = accounts.system, np.arange(len(accounts.steps))
        first = system["contingency_first_year"].to_numpy().astype(float)
        names = system["contingency"].to_numpy()
        return {
            (str(c), y): every for c, since in zip(names, first, strict=True) for y in accounts.years if not y < since
        }
    place = {step: i for i, step in enumerate(accounts.steps)}
    found: dict[tuple[str, int], list[int]] = {}
    for contingency, year, step in moments:
        found.setdefault((contingency, year), []).append(place[step])
    return {case: np.array(steps, dtype=int) for case, steps in found.items()}


def _case(grid: Grid, contingency: str, year: int) -> Case:
    """What ``contingency`` leaves of the network; the loops after the loss of a unit are those before it."""
    system = grid.accounts.system
    row = list(system["contingency"].to_numpy()).index(contingency)
    link, share, node, lost = (system[f"contingency_{c}"].to_numpy()[row] for c in ("link", "share", "node", "lost"))
    shares = {str(link): float(share)} if link else {}
    left = np.array([1 - shares.get(own, 0.0) for own in grid.links])
    return Case(
        grid,
        year,
        left * grid.rating[:, year],
        grid.joint_limit(year, shares),
        grid.drops(contingency if link else "", year),
        np.array([float(lost) if node == own else 0.0 for own in grid.nodes]),
    )
