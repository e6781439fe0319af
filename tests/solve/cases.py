"""Linear programs for the tests of the solve layer: small ones from dense arrays, and a realistic expansion study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.program import PLAN, Family, Floats, Integers, LinearProgram

INF = float("inf")
HOURS = 24
"""Steps of one day of the expansion study, one hour each."""


def small(
    cost: Sequence[float],
    matrix: Sequence[Sequence[float]],
    row_lower: Sequence[float],
    row_upper: Sequence[float],
    column_lower: Sequence[float] | None = None,
    column_upper: Sequence[float] | None = None,
    offset: float = 0.0,
) -> LinearProgram:
    """A program from dense lists: columns ``x[0]..``, rows ``row[0]..``; columns are >= 0 unless bounds are given."""
    columns, rows = len(cost), len(row_lower)
    dense = np.asarray(matrix, dtype=np.float64).reshape(rows, columns)
    return LinearProgram(
        matrix=sp.csc_array(dense), cost=np.asarray(cost, dtype=np.float64), offset=offset,
        column_lower=np.asarray(column_lower if column_lower is not None else [0.0] * columns, dtype=np.float64),
        column_upper=np.asarray(column_upper if column_upper is not None else [INF] * columns, dtype=np.float64),
        row_lower=np.asarray(row_lower, dtype=np.float64), row_upper=np.asarray(row_upper, dtype=np.float64),
        column_families=(_family("x", (columns,), 0),), row_families=(_family("row", (rows,), 0),),
        blocks=(PLAN,), column_block=np.zeros(columns, dtype=np.int32), row_block=np.zeros(rows, dtype=np.int32),
        kept_rows=np.arange(rows, dtype=np.int64),
    )


def _family(name: str, shape: tuple[int, ...], start: int) -> Family:
    size = int(np.prod(shape))
    places = np.unravel_index(np.arange(size), shape)
    return Family(
        name, tuple(f"axis_{k}" for k in range(len(shape))), tuple(tuple(range(n)) for n in shape),
        tuple(p.astype(np.int64) for p in places), start, size,
    )


@dataclass
class Builder:
    """Collects families of columns and rows and the coefficients between them."""

    column_parts: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    row_parts: list[tuple[Floats, Floats]] = field(default_factory=list)
    column_families: list[Family] = field(default_factory=list)
    row_families: list[Family] = field(default_factory=list)
    entries: list[tuple[Integers, Integers, Floats]] = field(default_factory=list)

    def columns(
        self, name: str, shape: tuple[int, ...], cost: npt.ArrayLike = 0.0, lower: npt.ArrayLike = 0.0,
        upper: npt.ArrayLike = INF,
    ) -> Integers:
        """Add a family of columns; gives their positions in ``shape``."""
        start = sum(f.size for f in self.column_families)
        self.column_families.append(_family(name, shape, start))
        self.column_parts.append((_spread(cost, shape), _spread(lower, shape), _spread(upper, shape)))
        return start + np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)

    def rows(self, name: str, shape: tuple[int, ...], lower: npt.ArrayLike, upper: npt.ArrayLike) -> Integers:
        """Add a family of rows; gives their positions in ``shape``."""
        start = sum(f.size for f in self.row_families)
        self.row_families.append(_family(name, shape, start))
        self.row_parts.append((_spread(lower, shape), _spread(upper, shape)))
        return start + np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)

    def add(self, rows: Integers, columns: Integers, values: npt.ArrayLike) -> None:
        """Put ``values`` at (rows, columns); all three are broadcast against each other."""
        r, c, v = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=np.float64))
        self.entries.append((r.ravel(), c.ravel(), v.ravel()))

    def program(self) -> LinearProgram:
        """The collected program, all in the plan block."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self.entries, strict=True))
        cost, lower, upper = (np.concatenate(part) for part in zip(*self.column_parts, strict=True))
        row_lower, row_upper = (np.concatenate(part) for part in zip(*self.row_parts, strict=True))
        matrix = sp.coo_array((values, (rows, columns)), shape=(row_lower.size, cost.size)).tocsc()
        return LinearProgram(
            matrix=matrix, cost=cost, offset=0.0, column_lower=lower, column_upper=upper,
            row_lower=row_lower, row_upper=row_upper,
            column_families=tuple(self.column_families), row_families=tuple(self.row_families), blocks=(PLAN,),
            column_block=np.zeros(cost.size, dtype=np.int32), row_block=np.zeros(row_lower.size, dtype=np.int32),
            kept_rows=np.arange(row_lower.size, dtype=np.int64),
        )


def _spread(value: npt.ArrayLike, shape: tuple[int, ...]) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), shape).ravel().copy()


@dataclass(frozen=True)
class Weather:
    """Availability (node, technology, step) and demand in GW (node, year, step) of the expansion study."""

    availability: Floats
    demand: Floats


CAPITAL_COST = np.array([600.0, 2400.0, 1000.0, 700.0, 2500.0, 1300.0, 750.0, 6000.0]) * 0.1 + 30.0
"""Annuity with fixed cost, million USD per GW and year: coal, coal CCS, gas CC, gas GT, hydro, wind, sun, nuclear."""
FUEL_COST = np.array([0.016, 0.014, 0.045, 0.065, 0.001, 0.0001, 0.00001, 0.009])
"""Million USD per GWh."""
EMISSIONS = np.array([1.05, 0.3, 0.38, 0.55, 0.0, 0.0, 0.0, 0.0]) / 1000.0
"""Mt CO2 per GWh."""
POTENTIAL = np.array([0.0, 15.0, 15.0, 15.0, 0.2, 15.0, 15.0, 5.0])
"""What may be built per node and year, GW."""


def weather(nodes: int, years: int, days: int, seed: int) -> Weather:
    """Correlated random wind and cloud, seasons and growing demand; steps are ``days`` x 24 hours."""
    random = np.random.default_rng(seed)
    steps = days * HOURS
    hour = np.arange(steps) % HOURS
    season = np.cos(2 * np.pi * (np.repeat(np.linspace(0, 365, days, endpoint=False), HOURS) - 15) / 365)
    near = np.linalg.cholesky(np.exp(-np.abs(np.subtract.outer(np.arange(nodes), np.arange(nodes))) / 4.0))
    noise = np.cumsum(near @ random.normal(size=(nodes, steps)), axis=1) * 0.3
    noise -= noise.mean(axis=1, keepdims=True)
    wind = np.clip(1.05 / (1 + np.exp(0.7 - 0.2 * season - noise)) - 0.03, 0, 1)
    sun = np.clip(np.maximum(0, np.sin(np.pi * (hour - 6) / 12)) * (1 - 0.45 * season) * 0.6, 0, 1)
    availability = np.full((nodes, len(FUEL_COST), steps), 0.85)
    availability[:, 4] = 0.45 - 0.2 * season
    availability[:, 5] = wind
    availability[:, 6] = sun * np.clip(0.8 + 0.1 * noise, 0.2, 1.0)
    base = random.uniform(0.2, 1.8, nodes)
    base *= 14.0 / 17.0 * nodes / base.sum()
    shape = (1 + 0.12 * season) * (0.88 + 0.14 * np.sin(2 * np.pi * (hour - 9) / 24))
    availability[availability < 1e-3] = 0.0
    growth = np.linspace(1.0, 1.6, years)
    return Weather(availability, base[:, None, None] * growth[:, None] * shape)


def expansion(
    nodes: int = 17, years: int = 3, days: int = 6, seed: int = 0, bounded: bool = True, carbon: bool = True
) -> LinearProgram:
    """A multi-year expansion study: capacity, dispatch, lines, storage, carbon caps; GW, GWh, million USD, Mt.

    About ``years x days x 24 x nodes x 17`` rows. ``bounded`` False leaves building without a potential.
    """
    made = Builder()
    air = weather(nodes, years, days, seed)
    weight = 8760.0 / (days * HOURS)
    discount = _discount(years)
    steps = (nodes, years, days * HOURS)
    balance = made.rows("balance", steps, air.demand, air.demand)
    hourly = discount[:, None] * weight
    operation = _plants(made, air, balance, hourly, seed, bounded)
    _lines(made, balance, hourly)
    _stores(made, balance, hourly)
    made.add(balance, made.columns("unserved", steps, 3.0 * hourly), 1.0)
    made.add(balance, made.columns("excess", steps, 0.0), -1.0)
    if carbon:
        demand = float(air.demand[:, 0].sum()) * weight
        cap = made.rows("carbon_cap", (years,), -INF, demand / 1000.0 * 0.7 * np.linspace(1.0, 0.5, years))
        made.add(cap[:, None], operation, EMISSIONS[None, :, None, None] * weight)
    return made.program()


def _discount(years: int) -> Floats:
    """What a yearly cost weighs in each planning year, five years apart at 7 %."""
    return np.asarray(5.0 * 1.07 ** (-5.0 * np.arange(years)), dtype=np.float64)


def _plants(
    made: Builder, air: Weather, balance: Integers, hourly: Floats, seed: int, bounded: bool
) -> Integers:
    nodes, years, steps = balance.shape
    kinds = len(FUEL_COST)
    old = np.random.default_rng(seed + 1).uniform(0.0, 1.0, (nodes, kinds)) * (POTENTIAL < 15.0)
    upper = np.where(POTENTIAL > 0, POTENTIAL if bounded else np.where(POTENTIAL > 1, INF, POTENTIAL), 0.0)
    capacity = _built(made, "plant", (nodes, kinds, years), CAPITAL_COST[None, :, None], upper[None, :, None], old)
    operation = made.columns("operation", (nodes, kinds, years, steps), FUEL_COST[None, :, None, None] * hourly)
    limit = made.rows("capacity_limit", operation.shape, -INF, 0.0)
    made.add(limit, operation, 1.0)
    made.add(limit, capacity[..., None], -air.availability[:, :, None, :])
    made.add(balance[:, None], operation, 1.0)
    return operation


def _built(
    made: Builder, name: str, shape: tuple[int, ...], cost: npt.ArrayLike, upper: npt.ArrayLike, old: Floats
) -> Integers:
    """Capacity of each year = what stands, declining, + all that was built up to that year."""
    years = shape[-1]
    discount = _discount(years)
    build = made.columns(f"{name}_build", shape, np.asarray(cost) * discount, 0.0, upper)
    capacity = made.columns(f"{name}_capacity", shape, np.asarray(cost) * 0.0 + 0.001)
    stock = old[..., None] * np.linspace(1.0, 0.3, years)
    step = np.diff(stock, axis=-1, prepend=0.0)
    account = made.rows(f"{name}_account", shape, step, step)
    made.add(account, capacity, 1.0)
    made.add(account, build, -1.0)
    made.add(account[..., 1:], capacity[..., :-1], -1.0)
    return capacity


def _lines(made: Builder, balance: Integers, hourly: Floats) -> None:
    nodes, years, steps = balance.shape
    start = np.concatenate([np.arange(nodes), np.arange(0, nodes, 3)])
    end = (start + np.where(np.arange(start.size) < nodes, 1, 5)) % nodes
    capacity = _built(made, "line", (start.size, years), 20.0, 10.0, np.full(start.size, 0.8))
    for name, origin, target in (("forward", start, end), ("backward", end, start)):
        flow = made.columns(name, (start.size, years, steps), 1e-5 * hourly)
        limit = made.rows(f"{name}_limit", flow.shape, -INF, 0.0)
        made.add(limit, flow, 1.0)
        made.add(limit, capacity[..., None], -1.0)
        made.add(balance[origin], flow, -1.0)
        made.add(balance[target], flow, 0.97)


def _stores(made: Builder, balance: Integers, hourly: Floats) -> None:
    nodes, years, steps = balance.shape
    capacity = _built(made, "store", (nodes, years), 90.0, 10.0, np.zeros(nodes))
    charge, discharge, level = (
        made.columns(name, balance.shape, cost) for name, cost in
        (("charge", 0.0), ("discharge", 0.0005 * hourly), ("level", 0.0))
    )
    for name, column, hours in (("charge", charge, 1.0), ("discharge", discharge, 1.0), ("level", level, 4.0)):
        limit = made.rows(f"{name}_limit", balance.shape, -INF, 0.0)
        made.add(limit, column, 1.0)
        made.add(limit, capacity[..., None], -hours)
    inside = made.rows("storage_balance", balance.shape, 0.0, 0.0)
    before = np.roll(level.reshape(nodes, years, steps // HOURS, HOURS), 1, axis=-1).reshape(balance.shape)
    made.add(inside, level, 1.0)
    made.add(inside, before, -0.999)
    made.add(inside, charge, -0.93)
    made.add(inside, discharge, 1.0 / 0.93)
    made.add(balance, charge, -1.0)
    made.add(balance, discharge, 1.0)
