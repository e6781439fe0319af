"""One statement, two roads: the compiled arrays against Pyomo's own standard form, coefficient by coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from model.lp.compile import compile_lp
from model.lp.program import Family, LinearProgram
from model.lp.statement import Statement

Name = tuple[str, tuple[Any, ...]]
"""A component and the labels of one member."""

TOLERANCE = 1e-9


@dataclass
class NamedRow:
    """One row by name: its sides and its coefficients by variable; zeros are left out."""

    coefficients: dict[Name, float]
    lower: float = -math.inf
    upper: float = math.inf

    def signed(self) -> NamedRow:
        """The row with its first coefficient (by name) positive: a row and its negative mean the same."""
        if not self.coefficients or self.coefficients[min(self.coefficients, key=repr)] > 0:
            return self
        return NamedRow({name: -value for name, value in self.coefficients.items()}, -self.upper, -self.lower)


@dataclass
class NamedProgram:
    """A linear program by name, whoever made it."""

    rows: dict[Name, NamedRow]
    cost: dict[Name, float]
    offset: float
    bounds: dict[Name, tuple[float, float]]


def assert_same_as_pyomo(statement: Statement) -> LinearProgram:
    """The statement compiled without the bounds pass, if it equals Pyomo's standard form; else AssertionError.

    Compares rows that have coefficients (both drop the others), their sides, the objective with its constant, and the
    bounds of every variable that Pyomo meets. Columns and rows are matched by name.
    """
    program = compile_lp(statement, bounds=False)
    ours, theirs = named(program), _from_pyomo(statement)
    assert ours.rows.keys() == theirs.rows.keys(), f"rows differ: {sorted(ours.rows.keys() ^ theirs.rows.keys())[:5]}"
    assert list(ours.rows) == list(theirs.rows), "rows stand in another order"
    for name, stated in theirs.rows.items():
        mine, other = ours.rows[name].signed(), stated.signed()
        _assert_same(mine.coefficients, other.coefficients, f"row {name}")
        _assert_same(_sides(mine), _sides(other), f"sides of row {name}")
    _assert_same(ours.cost, theirs.cost, "cost")
    _assert_same({"offset": ours.offset}, {"offset": theirs.offset}, "cost")
    for name, (lower, upper) in theirs.bounds.items():
        assert ours.bounds[name] == (lower, upper), f"bounds of {name}: {ours.bounds[name]}, not {(lower, upper)}"
    return program


def named(program: LinearProgram) -> NamedProgram:
    """A compiled program by name."""
    columns = _names(program.column_families)
    stated = _names(program.row_families)
    rows = {
        stated[int(member)]: NamedRow({}, float(program.row_lower[row]), float(program.row_upper[row]))
        for row, member in enumerate(program.kept_rows)
    }
    listed = program.matrix.tocoo()
    kept = list(rows.values())
    for row, column, value in zip(listed.row, listed.col, listed.data, strict=True):
        assert columns[column] not in kept[row].coefficients, "a coefficient is stored twice"
        assert value != 0.0, "a zero is stored"
        kept[row].coefficients[columns[column]] = float(value)
    cost = {columns[column]: float(program.cost[column]) for column in np.flatnonzero(program.cost)}
    sides = zip(program.column_lower.tolist(), program.column_upper.tolist(), strict=True)
    return NamedProgram(rows, cost, program.offset, dict(zip(columns, sides, strict=True)))


def _from_pyomo(statement: Statement) -> NamedProgram:
    form = LinearStandardFormCompiler().write(statement.to_pyomo(), mixed_form=True)
    columns = [_name(variable) for variable in form.columns]
    matrix = form.A.tocsr()
    rows: dict[Name, NamedRow] = {}
    for position, (constraint, side) in enumerate(form.rows):
        span = slice(matrix.indptr[position], matrix.indptr[position + 1])
        coefficients: dict[Name, float] = {}
        for column, value in zip(matrix.indices[span], matrix.data[span], strict=True):
            coefficients[columns[column]] = coefficients.get(columns[column], 0.0) + float(value)
        found = {name: value for name, value in coefficients.items() if value != 0.0}
        if not found:
            continue
        row = rows.setdefault(_name(constraint), NamedRow(found))
        if side <= 0:
            row.lower = float(form.rhs[position])
        if side >= 0:
            row.upper = float(form.rhs[position])
    costs = form.c.tocoo()
    cost: dict[Name, float] = {}
    for column, value in zip(costs.col, costs.data, strict=True):
        cost[columns[column]] = cost.get(columns[column], 0.0) + float(value)
    bounds = {_name(variable): _bounds(variable) for variable in form.columns}
    return NamedProgram(rows, {k: v for k, v in cost.items() if v != 0.0}, float(form.c_offset[0]), bounds)


def _names(families: tuple[Family, ...]) -> list[Name]:
    names: list[Name] = []
    for family in families:
        for member in range(family.size):
            places = range(len(family.dims))
            names.append((family.name, tuple(family.labels[d][family.positions[d][member]] for d in places)))
    return names


def _name(data: Any) -> Name:
    index = data.index()
    labels = () if index is None else index if isinstance(index, tuple) else (index,)
    return data.parent_component().name, labels


def _sides(row: NamedRow) -> dict[str, float]:
    return {"lower": row.lower, "upper": row.upper}


def _bounds(variable: Any) -> tuple[float, float]:
    lower, upper = variable.bounds
    return -math.inf if lower is None else float(lower), math.inf if upper is None else float(upper)


def _assert_same(ours: dict[Any, float], theirs: dict[Any, float], what: str) -> None:
    for key in ours.keys() | theirs.keys():
        mine, other = ours.get(key, 0.0), theirs.get(key, 0.0)
        close = mine == other or math.isclose(mine, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        assert close, f"{what}, {key}: {mine}, Pyomo has {other}"
