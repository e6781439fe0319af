"""One expansion LP for the benchmark of the compiler, stated for this package and for linopy with the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from model.lp.statement import Statement

RATE = 0.08
RETENTION = 0.99
EFFICIENCY = 0.9
HOURS = 6.0


@dataclass(frozen=True)
class Size:
    """How many members each set has."""

    nodes: int = 20
    technologies: int = 10
    years: int = 3
    steps: int = 1000

    @staticmethod
    def with_rows(rows: int) -> Size:
        """The smallest size of the usual shape that has at least so many rows."""
        shape = Size()
        each = shape.nodes * (shape.technologies + 6) * shape.years
        return Size(steps=-(-rows // each))

    def labels(self) -> dict[str, list[Any]]:
        """The labels along every dim."""
        return {
            "node": [f"node {n}" for n in range(self.nodes)],
            "technology": [f"technology {k}" for k in range(self.technologies)],
            "year": [2025 + 5 * y for y in range(self.years)],
            "step": list(range(self.steps)),
        }

    def data(self) -> dict[str, xr.DataArray]:
        """Numbers that differ everywhere, the same at every call."""
        random = np.random.default_rng(7)
        labels = self.labels()

        def made(low: float, high: float, *dims: str) -> xr.DataArray:
            coords = {dim: labels[dim] for dim in dims}
            return xr.DataArray(random.uniform(low, high, [len(labels[dim]) for dim in dims]), coords, dims)

        return {
            "availability": made(0.2, 1.0, "node", "technology", "step"),
            "demand": made(1.0, 3.0, "node", "year", "step"),
            "fuel": made(1.0, 30.0, "technology"),
            "capital": made(50.0, 90.0, "technology"),
            "emission": made(0.1, 1.0, "technology"),
            "duration": made(1.0, 3.0, "step"),
            "discount": made(0.4, 1.0, "year"),
        }


def state(size: Size) -> Statement:
    """The LP in plain Pyomo rules."""
    labels, data = size.labels(), size.data()
    s = Statement("benchmark")
    sets = {dim: s.set(dim, labels[dim]) for dim in labels}
    node, technology, year, step = sets.values()
    ring = labels["node"]
    line = s.set("line", list(zip(ring, ring[1:] + ring[:1], strict=True)), dimen=2)
    s.lookup("lines_to", node, {b: [(a, b)] for a, b in line}, dimen=2)
    s.lookup("lines_from", node, {a: [(a, b)] for a, b in line}, dimen=2)
    s.map("previous", step, labels["step"][-1:] + labels["step"][:-1])
    for name, values in data.items():
        over = None
        for dim in values.dims:
            over = sets[str(dim)] if over is None else over * sets[str(dim)]
        s.parameter(name, over, values.to_numpy())
    s.variable("capacity", node * technology * year, ("node", "technology", "year"), upper=500.0)
    s.variable("storage", node * year, ("node", "year"), upper=50.0)
    s.variable("operation", node * technology * year * step, ("node", "technology", "year", "step"))
    s.variable("flow", line * year * step, ("from_node", "to_node", "year", "step"), lower=-1.0, upper=1.0)
    for name in ("charge", "discharge", "level", "unserved"):
        s.variable(name, node * year * step, ("node", "year", "step"))
    s.equation(capacity_limit, node * technology * year * step)
    s.equation(balance, node * year * step)
    for rule in (storage_balance, charge_limit, discharge_limit, level_limit, unserved_limit):
        s.equation(rule, node * year * step)
    s.equation(emission_limit, year)
    s.cost("capital", capital_cost)
    s.cost("operation", operation_cost)
    return s


def capacity_limit(m: Any, node: Any, technology: Any, year: Any, step: Any) -> Any:
    """What runs is at most what is available of the capacity."""
    available = m.availability[node, technology, step] * m.capacity[node, technology, year]
    return m.operation[node, technology, year, step] <= available


def balance(m: Any, node: Any, year: Any, step: Any) -> Any:
    """Everything that arrives at a node is used there."""
    return (
        sum(m.operation[node, k, year, step] for k in m.technology)
        + sum(m.flow[a, b, year, step] for a, b in m.lines_to[node])
        - sum(m.flow[a, b, year, step] for a, b in m.lines_from[node])
        + m.discharge[node, year, step] - m.charge[node, year, step] + m.unserved[node, year, step]
        == m.demand[node, year, step]
    )  # fmt: skip


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
    """No more is unserved than is asked for, less what the first technology could give."""
    return m.unserved[node, year, step] + m.charge[node, year, step] <= m.demand[node, year, step]


def emission_limit(m: Any, year: Any) -> Any:
    """Emissions of a year are capped."""
    hours = sum(m.duration[t] for t in m.step)
    emitted = sum(
        m.emission[k] * m.duration[t] * m.operation[n, k, year, t] for n in m.node for k in m.technology for t in m.step
    )
    return emitted <= 9.0 * hours


def capital_cost(m: Any) -> Any:
    """Annuities of capacity and storage."""
    return sum(
        m.discount[y] * m.capital[k] * m.capacity[n, k, y] for n in m.node for k in m.technology for y in m.year
    ) + sum(RATE * m.discount[y] * 400 * m.storage[n, y] for n in m.node for y in m.year)


def operation_cost(m: Any) -> Any:
    """Fuel, and what is not served at 2000 a unit."""
    return sum(
        m.discount[y] * m.duration[t] * m.fuel[k] * m.operation[n, k, y, t]
        for n in m.node for k in m.technology for y in m.year for t in m.step
    ) + sum(m.discount[y] * m.duration[t] * 2000 * m.unserved[n, y, t] for n in m.node for y in m.year for t in m.step)  # fmt: skip


def state_linopy(size: Size) -> Any:
    """The same LP in linopy, one vectorised call per equation."""
    import linopy

    labels, d = size.labels(), size.data()
    index = {dim: xr.DataArray(labels[dim], dims=dim, coords={dim: labels[dim]}, name=dim) for dim in labels}
    n, k, y, t = (index[dim].to_index() for dim in ("node", "technology", "year", "step"))
    lines = xr.DataArray(range(size.nodes), dims="line").to_index().rename("line")
    from_node = xr.DataArray(labels["node"], {"line": lines}, ["line"], name="node")
    to_node = xr.DataArray(labels["node"][1:] + labels["node"][:1], {"line": lines}, ["line"], name="node")
    m = linopy.Model()
    capacity = m.add_variables(lower=0, upper=500, coords=[n, k, y], name="capacity")
    storage = m.add_variables(lower=0, upper=50, coords=[n, y], name="storage")
    operation = m.add_variables(lower=0, coords=[n, k, y, t], name="operation")
    flow = m.add_variables(lower=-1, upper=1, coords=[lines, y, t], name="flow")
    charge, discharge, level, unserved = (
        m.add_variables(lower=0, coords=[n, y, t], name=name) for name in ("charge", "discharge", "level", "unserved")
    )
    m.add_constraints(operation - d["availability"] * capacity <= 0, name="capacity_limit")
    arriving = (1 * flow).groupby(to_node).sum() - (1 * flow).groupby(from_node).sum()
    arriving = arriving.sel(node=n)
    m.add_constraints(
        operation.sum("technology") + arriving + discharge - charge + unserved == d["demand"], name="balance"
    )
    before = RETENTION * level.roll(step=1)
    stored = d["duration"] * EFFICIENCY * charge - (d["duration"] / EFFICIENCY) * discharge
    m.add_constraints(level - before - stored == 0, name="storage_balance")
    m.add_constraints(charge - storage <= 0, name="charge_limit")
    m.add_constraints(discharge - storage <= 0, name="discharge_limit")
    m.add_constraints(level - HOURS * storage <= 0, name="level_limit")
    m.add_constraints(unserved + charge <= d["demand"], name="unserved_limit")
    emitted = (d["emission"] * d["duration"] * operation).sum(["node", "technology", "step"])
    m.add_constraints(emitted <= 9.0 * float(d["duration"].sum()), name="emission_limit")
    m.add_objective(
        (d["discount"] * d["capital"] * capacity).sum()
        + (RATE * 400 * d["discount"] * storage).sum()
        + (d["discount"] * d["duration"] * d["fuel"] * operation).sum()
        + (2000 * d["discount"] * d["duration"] * unserved).sum()
    )
    return m
