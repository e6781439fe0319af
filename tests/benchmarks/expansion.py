"""One expansion LP for the benchmark of the compiler, stated for this package and for linopy with the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.statement import Statement

RETENTION = 0.99
EFFICIENCY = 0.9
HOURS = 6.0
CAP = 9.0
STORAGE_COST = 32.0
LOST_LOAD = 2000.0


MODES = {
    "coal": ["run"], "gas": ["run"], "hydro": ["run"], "wind": ["run"], "solar": ["run"],
    "chp": ["condensing", "backpressure"], "boiler": ["run"],
}  # fmt: skip
"""The modes of each technology; every node has one asset of each."""

HEATING = ("chp", "boiler")
ROWS_PER_NODE = len(MODES) + 7


@dataclass(frozen=True)
class Size:
    """How many members each set has."""

    nodes: int = 20
    years: int = 3
    steps: int = 1000

    @staticmethod
    def with_rows(rows: int) -> Size:
        """The smallest size of the usual shape that has at least so many rows."""
        shape = Size()
        return Size(steps=-(-rows // (shape.nodes * ROWS_PER_NODE * shape.years)))

    def labels(self) -> dict[str, list[Any]]:
        """The labels along every dim; ``mode`` holds the pairs (asset, mode)."""
        nodes = [f"node {n}" for n in range(self.nodes)]
        return {
            "node": nodes,
            "asset": [f"{technology} at {node}" for node in nodes for technology in MODES],
            "mode": [
                (f"{technology} at {node}", k) for node in nodes for technology in MODES for k in MODES[technology]
            ],
            "year": [2025 + 5 * y for y in range(self.years)],
            "step": list(range(self.steps)),
        }

    def data(self) -> dict[str, xr.DataArray]:
        """Numbers that differ everywhere, the same at every call."""
        random = np.random.default_rng(7)
        sizes = {dim: len(labels) for dim, labels in self.labels().items()}

        def made(low: float, high: float, *dims: str) -> xr.DataArray:
            return xr.DataArray(random.uniform(low, high, [sizes[dim] for dim in dims]), dims=dims)

        return {
            "availability": made(0.2, 1.0, "asset", "step"),
            "electricity": made(1.0, 3.0, "node", "year", "step"),
            "heat": made(0.2, 0.9, "node", "year", "step"),
            "fuel": made(1.0, 30.0, "mode"),
            "capital": made(50.0, 90.0, "asset"),
            "emission": made(0.1, 1.0, "mode"),
            "power_yield": made(0.7, 1.0, "mode"),
            "heat_yield": made(0.7, 1.0, "mode"),
            "duration": made(1.0, 3.0, "step"),
            "discount": made(0.4, 1.0, "year"),
        }


def makes_power(mode: tuple[str, str]) -> bool:
    """Whether a mode gives electricity."""
    return not mode[0].startswith("boiler")


def makes_heat(mode: tuple[str, str]) -> bool:
    """Whether a mode gives heat."""
    return mode[0].startswith(HEATING) and mode[1] != "condensing"


def node_of(asset: str) -> str:
    """The node at which an asset stands."""
    return asset.split(" at ")[1]


def state(size: Size) -> Statement:
    """The LP in plain Pyomo rules."""
    labels, data = size.labels(), size.data()
    s = Statement("benchmark")
    sets = {dim: s.set(dim, labels[dim], dimen=2 if dim == "mode" else 1) for dim in labels}
    node, asset, mode, year, step = sets.values()
    ring = labels["node"]
    line = s.set("line", list(zip(ring, ring[1:] + ring[:1], strict=True)), dimen=2)
    s.lookup("lines_to", node, {b: [(a, b)] for a, b in line}, dimen=2)
    s.lookup("lines_from", node, {a: [(a, b)] for a, b in line}, dimen=2)
    pairs = labels["mode"]
    s.lookup("modes_of", asset, {a: [k for b, k in pairs if b == a] for a in asset})
    for name, makes in (("power_modes", makes_power), ("heat_modes", makes_heat)):
        s.lookup(name, node, {n: [p for p in pairs if node_of(p[0]) == n and makes(p)] for n in ring}, dimen=2)
    s.map("previous", step, labels["step"][-1:] + labels["step"][:-1])
    for name, values in data.items():
        first, *others = [sets[str(dim)] for dim in values.dims]
        over = first
        for other in others:
            over = over * other
        s.parameter(name, over, values.to_numpy())
    s.variable("capacity", asset * year, ("asset", "year"), upper=500.0)
    s.variable("storage", node * year, ("node", "year"), upper=50.0)
    s.variable("operation", mode * year * step, ("asset", "mode", "year", "step"))
    s.variable("flow", line * year * step, ("from_node", "to_node", "year", "step"), lower=-1.0, upper=1.0)
    for name in ("charge", "discharge", "level", "unserved", "unheated"):
        s.variable(name, node * year * step, ("node", "year", "step"))
    s.equation(capacity_limit, asset * year * step)
    for rule in (
        power_balance,
        heat_balance,
        storage_balance,
        charge_limit,
        discharge_limit,
        level_limit,
        unserved_limit,
    ):
        s.equation(rule, node * year * step)
    s.equation(emission_limit, year)
    s.cost("capital", capital_cost)
    s.cost("operation", operation_cost)
    return s


def capacity_limit(m: Any, asset: Any, year: Any, step: Any) -> Any:
    """What runs is at most what is available of the capacity."""
    running = sum(m.operation[asset, k, year, step] for k in m.modes_of[asset])
    return running <= m.availability[asset, step] * m.capacity[asset, year]


def power_balance(m: Any, node: Any, year: Any, step: Any) -> Any:
    """Every unit of electricity that arrives at a node is used there."""
    return (
        sum(m.power_yield[a, k] * m.operation[a, k, year, step] for a, k in m.power_modes[node])
        + sum(m.flow[a, b, year, step] for a, b in m.lines_to[node])
        - sum(m.flow[a, b, year, step] for a, b in m.lines_from[node])
        + m.discharge[node, year, step] - m.charge[node, year, step] + m.unserved[node, year, step]
        == m.electricity[node, year, step]
    )  # fmt: skip


def heat_balance(m: Any, node: Any, year: Any, step: Any) -> Any:
    """Heat is made where it is used."""
    made = sum(m.heat_yield[a, k] * m.operation[a, k, year, step] for a, k in m.heat_modes[node])
    return made + m.unheated[node, year, step] == m.heat[node, year, step]


def storage_balance(m: Any, node: Any, year: Any, step: Any) -> Any:
    """The level is the one before, less losses, plus charge, less discharge."""
    return m.level[node, year, step] == RETENTION * m.level[node, year, m.previous[step]] + m.duration[step] * (
        EFFICIENCY * m.charge[node, year, step] - m.discharge[node, year, step] / EFFICIENCY
    )


def charge_limit(m: Any, node: Any, year: Any, step: Any) -> Any:
    """Charge is at most the power of the storage."""
    return m.charge[node, year, step] <= m.storage[node, year]


def discharge_limit(m: Any, node: Any, year: Any, step: Any) -> Any:
    """Discharge is at most the power of the storage."""
    return m.discharge[node, year, step] <= m.storage[node, year]


def level_limit(m: Any, node: Any, year: Any, step: Any) -> Any:
    """The level is at most the energy of the storage."""
    return m.level[node, year, step] <= HOURS * m.storage[node, year]


def unserved_limit(m: Any, node: Any, year: Any, step: Any) -> Any:
    """No more is unserved than is asked for, charging included."""
    return m.unserved[node, year, step] + m.charge[node, year, step] <= m.electricity[node, year, step]


def emission_limit(m: Any, year: Any) -> Any:
    """Emissions of a year are capped."""
    hours = sum(m.duration[t] for t in m.step)
    emitted = sum(m.emission[a, k] * m.duration[t] * m.operation[a, k, year, t] for a, k in m.mode for t in m.step)
    return emitted <= CAP * hours


def capital_cost(m: Any) -> Any:
    """Annuities of capacity and storage."""
    plants = sum(m.discount[y] * m.capital[a] * m.capacity[a, y] for a in m.asset for y in m.year)
    return plants + sum(STORAGE_COST * m.discount[y] * m.storage[n, y] for n in m.node for y in m.year)


def operation_cost(m: Any) -> Any:
    """Fuel, and what is not served."""
    fuel = sum(
        m.discount[y] * m.duration[t] * m.fuel[a, k] * m.operation[a, k, y, t]
        for a, k in m.mode for y in m.year for t in m.step
    )  # fmt: skip
    missing = sum(
        m.discount[y] * m.duration[t] * (m.unserved[n, y, t] + m.unheated[n, y, t])
        for n in m.node for y in m.year for t in m.step
    )  # fmt: skip
    return fuel + LOST_LOAD * missing


def state_linopy(size: Size) -> Any:
    """The same LP in linopy, one vectorised call per equation; sparse pairs are one dim, grouped by node or asset."""
    import linopy

    labels = size.labels()
    pairs = labels["mode"]
    coords = {dim: pd.Index(labels[dim], name=dim) for dim in ("node", "asset", "year", "step")}
    coords["mode"] = pd.Index(["|".join(pair) for pair in pairs], name="mode")
    coords["line"] = pd.RangeIndex(size.nodes, name="line")
    n, a, k, y, t = (coords[dim] for dim in ("node", "asset", "mode", "year", "step"))
    d = {
        name: values.assign_coords({str(dim): coords[str(dim)] for dim in values.dims})
        for name, values in size.data().items()
    }

    def group(values: list[str], along: str, name: str, keep: pd.Index | None = None) -> xr.DataArray:
        index = coords[along] if keep is None else keep
        return xr.DataArray(values, {along: index}, [along], name=name)

    m = linopy.Model()
    capacity = m.add_variables(lower=0, upper=500, coords=[a, y], name="capacity")
    storage = m.add_variables(lower=0, upper=50, coords=[n, y], name="storage")
    operation = m.add_variables(lower=0, coords=[k, y, t], name="operation")
    flow = m.add_variables(lower=-1, upper=1, coords=[coords["line"], y, t], name="flow")
    charge, discharge, level, unserved, unheated = (
        m.add_variables(lower=0, coords=[n, y, t], name=name)
        for name in ("charge", "discharge", "level", "unserved", "unheated")
    )
    running = (1 * operation).groupby(group([pair[0] for pair in pairs], "mode", "asset")).sum().sel(asset=a)
    m.add_constraints(running - d["availability"] * capacity <= 0, name="capacity_limit")

    def made(yields: str, makes: Callable[[tuple[str, str]], bool]) -> Any:
        chosen = [makes(pair) for pair in pairs]
        nodes = group([node_of(pair[0]) for pair in pairs if makes(pair)], "mode", "node", k[chosen])
        return (d[yields] * operation).sel(mode=k[chosen]).groupby(nodes).sum().sel(node=n)

    to_node = group(labels["node"][1:] + labels["node"][:1], "line", "node")
    arriving = (1 * flow).groupby(to_node).sum() - (1 * flow).groupby(group(labels["node"], "line", "node")).sum()
    power = made("power_yield", makes_power) + arriving.sel(node=n)
    m.add_constraints(power + discharge - charge + unserved == d["electricity"], name="power_balance")
    m.add_constraints(made("heat_yield", makes_heat) + unheated == d["heat"], name="heat_balance")
    stored = d["duration"] * EFFICIENCY * charge - (d["duration"] / EFFICIENCY) * discharge
    m.add_constraints(level - RETENTION * level.roll(step=1) - stored == 0, name="storage_balance")
    m.add_constraints(charge - storage <= 0, name="charge_limit")
    m.add_constraints(discharge - storage <= 0, name="discharge_limit")
    m.add_constraints(level - HOURS * storage <= 0, name="level_limit")
    m.add_constraints(unserved + charge <= d["electricity"], name="unserved_limit")
    emitted = (d["emission"] * d["duration"] * operation).sum(["mode", "step"])
    m.add_constraints(emitted <= CAP * float(d["duration"].sum()), name="emission_limit")
    m.add_objective(
        (d["discount"] * d["capital"] * capacity).sum()
        + (STORAGE_COST * d["discount"] * storage).sum()
        + (d["discount"] * d["duration"] * d["fuel"] * operation).sum()
        + (LOST_LOAD * d["discount"] * d["duration"] * unserved).sum()
        + (LOST_LOAD * d["discount"] * d["duration"] * unheated).sum()
    )
    return m
