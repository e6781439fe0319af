"""Which labels the columns and rows of a program carry: their families and their blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from model.lp.errors import CompileError
from model.lp.positions import Factor, Positions
from model.lp.program import PLAN, Family, Grid, Integers
from model.lp.statement import BlockNames, Statement

Blocks = npt.NDArray[np.int32]


def column_families(statement: Statement, positions: Positions) -> tuple[Family, ...]:
    """The columns of every variable, in the order in which the variables were stated."""
    families, start = [], 0
    for variable in statement.variables:
        over = variable.component.index_set() if variable.dims else None
        where = _grid(over, variable.dims, statement, positions)
        family = Family(
            variable.name, variable.dims, *where, start, variable.lower.size, variable.unit, variable.long_name
        )
        families.append(family)
        start += family.size
    return tuple(families)


def row_families(statement: Statement, positions: Positions) -> tuple[Family, ...]:
    """The rows of every equation as stated, in the order in which the equations were stated."""
    families, start = [], 0
    for equation in statement.equations:
        where = _grid(equation.over, equation.dims, statement, positions)
        size = 1 if equation.over is None else positions.of_set(equation.over).size
        families.append(
            Family(equation.name, equation.dims, *where, start, size, equation.unit, _sentence(equation.doc))
        )
        start += size
    return tuple(families)


def block_labels(
    columns: Sequence[Family], rows: Sequence[Family], names: BlockNames | None
) -> tuple[tuple[tuple[object, ...], ...], Blocks, Blocks]:
    """The blocks, and the block of every column and of every row as stated; block 0 is the plan."""
    split = sum(family.size for family in columns)
    families = [*columns, *rows]
    if names is None:
        everything = np.zeros(sum(family.size for family in families), dtype=np.int32)
        return (PLAN,), everything[:split], everything[split:]
    years, periods = _Numbered(), _Numbered()
    for period in names.period_of.values():
        periods.number(period)
    link = replace(names, slot="")
    pairs = [
        *(_year_and_period(family, link, years, periods) for family in columns),
        *(_year_and_period(family, names, years, periods) for family in rows),
    ]
    numbers = np.concatenate([_numbers(f, pair, len(periods.labels)) for f, pair in zip(families, pairs, strict=True)])
    used = np.bincount(numbers, minlength=1) > 0
    used[0] = True
    blocks: list[tuple[object, ...]] = [PLAN]
    for number in np.flatnonzero(used)[1:]:
        year, period = divmod(int(number) - 1, len(periods.labels))
        blocks.append((years.labels[year], periods.labels[period]))
    block = (np.cumsum(used) - 1).astype(np.int32)[numbers]
    return tuple(blocks), block[:split], block[split:]


def _numbers(family: Family, pair: tuple[Integers, Integers] | None, periods: int) -> Blocks:
    """One number per member: 0 for the plan, else one per (year, period)."""
    if pair is None:
        return np.zeros(family.size, dtype=np.int32)
    grid = family.positions
    numbers = (pair[0] * periods + pair[1] + 1).astype(np.int32)
    return np.broadcast_to(numbers, grid.sizes).reshape(-1) if isinstance(grid, Grid) else numbers


class _Numbered:
    """Labels in the order in which they were first seen."""

    def __init__(self) -> None:
        self.labels: list[Any] = []
        self._place: dict[Any, int] = {}

    def number(self, label: Any) -> int:
        if label not in self._place:
            self._place[label] = len(self.labels)
            self.labels.append(label)
        return self._place[label]


def _year_and_period(
    family: Family, names: BlockNames, years: _Numbered, periods: _Numbered
) -> tuple[Integers, Integers] | None:
    """The number of the year and of the period of every member (they broadcast); None for a family of the plan."""
    timed = next((dim for dim in (names.step, names.period, names.slot) if dim in family.dims), None)
    if names.year not in family.dims or timed is None:
        return None
    in_years, in_time = family.dims.index(names.year), family.dims.index(timed)
    year_of = np.array([years.number(label) for label in family.labels[in_years]], dtype=np.int64)
    period_of = np.array(
        [periods.number(_period(label, timed, family, names)) for label in family.labels[in_time]], dtype=np.int64
    )
    grid = family.positions
    if isinstance(grid, Grid):
        return year_of[grid.thin(in_years)], period_of[grid.thin(in_time)]
    return year_of[grid[in_years]], period_of[grid[in_time]]


def _period(label: Any, dim: str, family: Family, names: BlockNames) -> Any:
    if dim == names.period:
        return label
    kind, known = ("slot", names.period_of_slot) if dim == names.slot else ("step", names.period_of)
    if label not in known:
        raise CompileError(
            f"'{family.name}': {kind} {label!r} has no period; blocks() names the period of every {kind}."
        )
    return known[label]


def _grid(
    over: Any, dims: Sequence[str], statement: Statement, positions: Positions
) -> tuple[tuple[tuple[object, ...], ...], Grid]:
    """The labels along each dim, and the place of every member along it."""
    if over is None:
        return (), Grid((), ())
    labels: list[tuple[object, ...]] = []
    along: list[tuple[int, Integers]] = []
    names = iter(dims)
    factors = positions.of_set(over).factors
    for axis, factor in enumerate(factors):
        for column in factor.columns:
            found, places = _axis(next(names), factor, column, statement, positions)
            labels.append(found)
            along.append((axis, places))
    return tuple(labels), Grid(tuple(factor.size for factor in factors), along)


def _axis(
    dim: str, factor: Factor, column: Integers, statement: Statement, positions: Positions
) -> tuple[tuple[object, ...], Integers]:
    names = positions.labels
    if len(factor.columns) == 1:
        return factor.labels, np.arange(column.size)
    if dim in statement.axes:
        whole = positions.of_set(statement.axes[dim])
        axis = whole.codes_at(np.arange(whole.size))[0]
    else:
        axis = column[np.sort(np.unique(column, return_index=True)[1])]
    labels = tuple(names.label(int(code)) for code in axis)
    place = np.full(len(names), -1, dtype=np.int64)
    place[axis] = np.arange(axis.size)
    found = place[column]
    if found.size and found.min() < 0:
        stranger = names.label(int(column[int(np.argmin(found))]))
        raise CompileError(f"axis '{dim}': label {stranger!r} of a member is not in the set given for the axis.")
    return labels, found


def _sentence(doc: str) -> str:
    """The first sentence of a description, without line breaks."""
    return " ".join(doc.split("\n\n")[0].split()).split(". ")[0].rstrip(".")
