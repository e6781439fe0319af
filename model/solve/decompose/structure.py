"""A program split along its block labels: what is decided once, and each block as a program that depends on it.

Columns of the plan, and columns that rows of two blocks share (the level of a reservoir between weeks), are decided by
the master. A row with columns of one block belongs to that block, whatever else stands in it. A row over several blocks
(a limit or a goal of the year) is shared out: every block gets a budget, a further column of the master, and keeps
within it; the master sees to it that the budgets together keep the row. So each block depends on the master through
the sides of its rows alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.program import Floats, Integers, LinearProgram

PLAN_BLOCK = 0
"""The number of the block of the plan among the blocks of a program."""


@dataclass(frozen=True)
class Part:
    """One block: minimise ``cost @ y`` where ``row_lower <= matrix @ y + plan @ x <= row_upper`` and ``y`` is within
    bounds; ``x`` are the columns of the master.

    block: its number in the program. columns, rows: positions in the program of ``y`` and of the rows; the last rows,
    one per budget, are positions of shared rows. size: how many rows are the block's own.
    """

    block: int
    columns: Integers
    rows: Integers
    size: int
    matrix: sp.csr_array
    plan: sp.csr_array
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats

    @cached_property
    def digest(self) -> str:
        """Of all that cuts of the block rest on."""
        found = hashlib.sha256(repr((self.size, self.matrix.shape, self.plan.shape)).encode())
        for matrix in (self.matrix, self.plan):
            for index in (matrix.indptr, matrix.indices):
                found.update(index.astype("<i8").tobytes())
            found.update(matrix.data.astype("<f8").tobytes())
        for values in (self.cost, self.lower, self.upper, self.row_lower, self.row_upper):
            found.update(values.astype("<f8").tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Core:
    """What the master knows for certain: ``row_lower <= matrix @ x <= row_upper``, bounds and cost of ``x``.

    plan: positions in the program of the first columns; the others are budgets. rows: positions in the program.
    """

    plan: Integers
    rows: Integers
    matrix: sp.csr_array
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats

    @property
    def columns(self) -> int:
        """How many columns the master has."""
        return int(self.cost.size)

    @cached_property
    def budget_rows(self) -> Integers:
        """The row in which each budget stands; every budget stands in one."""
        rows: Integers = self.matrix[:, self.plan.size :].tocsc().indices.astype(np.int64)
        return rows


@dataclass(frozen=True)
class Structure:
    """A program as a core and its parts, in the order of the blocks; blocks without columns and rows have no part."""

    core: Core
    parts: tuple[Part, ...]

    @cached_property
    def seen(self) -> tuple[Integers, ...]:
        """Of each part: the columns of the master that it sees."""
        return tuple(np.unique(part.plan.indices).astype(np.int64) for part in self.parts)

    @cached_property
    def watchers(self) -> Integers:
        """How many parts see each column of the master."""
        every = np.concatenate([np.empty(0, dtype=np.int64), *self.seen])
        return np.bincount(every, minlength=self.core.columns)

    def links(self) -> tuple[Integers, ...]:
        """Of each part: the columns of the master that no other part sees."""
        return tuple(columns[self.watchers[columns] == 1] for columns in self.seen)


def split(program: LinearProgram) -> Structure:
    """The program split along its labels."""
    matrix = program.matrix.tocsr()
    matrix.sort_indices()
    column_block = _column_blocks(program, matrix)
    for found in (_linking(program, matrix, column_block), _alone(matrix, column_block)):
        column_block[found] = PLAN_BLOCK
    first, last = _reach(matrix, column_block)
    shared = np.flatnonzero(last > first)
    row_block = np.where(last > first, PLAN_BLOCK, np.maximum(last, PLAN_BLOCK))
    plan = np.flatnonzero(column_block == PLAN_BLOCK)
    own_rows = _members(row_block, len(program.blocks))
    own_columns = _members(column_block, len(program.blocks))
    place = np.zeros(program.columns, dtype=np.int32)
    for columns in own_columns:
        place[columns] = np.arange(columns.size, dtype=np.int32)
    across = matrix[shared].tocsc()
    blocks = [b for b in range(1, len(program.blocks)) if own_rows[b].size or own_columns[b].size]
    budgets = _Budgets(program, shared, across, [own_columns[b] for b in blocks], plan.size)
    parts = tuple(
        _part(program, matrix, block, own_rows[block], own_columns[block], place, column_block, budgets, number)
        for number, block in enumerate(blocks)
    )
    return Structure(_core(program, matrix, plan, own_rows[PLAN_BLOCK], place, column_block, budgets), parts)


def _column_blocks(program: LinearProgram, matrix: sp.csr_array) -> npt.NDArray[np.int32]:
    """The block of every column; columns that stand in a row of another block are the plan's."""
    block = program.column_block.copy()
    row_block = np.repeat(program.row_block, np.diff(matrix.indptr))
    own = block[matrix.indices]
    elsewhere = (row_block != PLAN_BLOCK) & (own != PLAN_BLOCK) & (own != row_block)
    block[matrix.indices[elsewhere]] = PLAN_BLOCK
    return block


def _linking(program: LinearProgram, matrix: sp.csr_array, column_block: npt.NDArray[np.int32]) -> Integers:
    """Columns of blocks that carry something from block to block beside a column of the plan.

    A column of the plan in rows of two blocks at most, tied to another such column by an equation with one or two
    columns of a block, is a level: what a store holds between weeks. What the week adds to it, and how far it rises and
    falls within, are better known to the master: then the balance of the level through the year and its limits are rows
    that it keeps, and not something that each week has to be told and may fail at.
    """
    of_row = _rows_of(matrix)
    of_plan = column_block[matrix.indices] == PLAN_BLOCK
    own = np.bincount(of_row, ~of_plan, minlength=matrix.shape[0])
    first, last = _reach(matrix, column_block)
    thin = _in_two_blocks(program) & (column_block == PLAN_BLOCK)
    few = (own >= 1) & (own <= 2) & (first == last)
    ties = few & (program.row_lower == program.row_upper)
    ties &= np.bincount(of_row, of_plan & thin[matrix.indices], minlength=matrix.shape[0]) >= 2
    level = np.zeros(matrix.shape[1], dtype=bool)
    level[matrix.indices[ties[of_row] & of_plan & thin[matrix.indices]]] = True
    beside = few & (np.bincount(of_row, level[matrix.indices], minlength=matrix.shape[0]) >= 1)
    found: Integers = np.unique(matrix.indices[beside[of_row] & ~of_plan])
    return found


def _in_two_blocks(program: LinearProgram) -> npt.NDArray[np.bool_]:
    """Columns that stand in rows of one or two blocks, those of the plan aside."""
    none = np.iinfo(np.int32).max
    start = program.matrix.indptr
    block = program.row_block[program.matrix.indices]
    last = _by_row(np.maximum, block, start, PLAN_BLOCK)
    block[block == PLAN_BLOCK] = none
    first = _by_row(np.minimum, block, start, none)
    of_column = np.repeat(np.arange(program.columns, dtype=np.int32), np.diff(start))
    known = (block == none) | (block == first[of_column]) | (block == last[of_column])
    others = _by_row(np.minimum, known.astype(np.int32), start, 1)
    found: npt.NDArray[np.bool_] = (first != none) & (others == 1)
    return found


def _rows_of(matrix: sp.csr_array) -> npt.NDArray[np.int32]:
    """The row of every entry."""
    return np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))


def _alone(matrix: sp.csr_array, column_block: npt.NDArray[np.int32]) -> Integers:
    """Columns of blocks that stand in shared rows and, in rows of their block, never beside another of the block.

    The plan alone decides what they are, so that it needs no budget for them: what a goal counts in a year, spread over
    the year.
    """
    of_row = _rows_of(matrix)
    first, last = _reach(matrix, column_block)
    beside = np.bincount(of_row, column_block[matrix.indices] != PLAN_BLOCK, minlength=matrix.shape[0])
    shared = np.zeros(matrix.shape[1], dtype=bool)
    shared[matrix.indices[(last > first)[of_row]]] = True
    crowded = np.zeros(matrix.shape[1], dtype=bool)
    crowded[matrix.indices[((last == first) & (beside > 1))[of_row]]] = True
    found: Integers = np.flatnonzero(shared & ~crowded & (column_block != PLAN_BLOCK))
    return found


def _reach(matrix: sp.csr_array, column_block: npt.NDArray[np.int32]) -> tuple[Integers, Integers]:
    """The first and the last block that each row has columns of; first is beyond last where there is none."""
    none = np.iinfo(np.int32).max
    block = column_block[matrix.indices]
    first = _by_row(np.minimum, np.where(block == PLAN_BLOCK, none, block), matrix.indptr, none)
    last = _by_row(np.maximum, block, matrix.indptr, PLAN_BLOCK)
    last[first == none] = PLAN_BLOCK
    return first.astype(np.int64), last.astype(np.int64)


def _by_row(
    function: np.ufunc, values: npt.NDArray[np.int32], start: npt.NDArray[np.integer], empty: int
) -> npt.NDArray[np.int32]:
    """``function`` reduced over the entries of each row; ``empty`` for rows without."""
    found = np.full(start.size - 1, empty, dtype=np.int32)
    filled = np.flatnonzero(np.diff(start))
    if filled.size:
        found[filled] = function.reduceat(values, start[filled])
    return found


def _members(block: npt.NDArray[np.integer], count: int) -> list[Integers]:
    """The positions of the members of every block, in their order."""
    order = np.argsort(block, kind="stable")
    return np.split(order, np.cumsum(np.bincount(block, minlength=count))[:-1])


class _Budgets:
    """The budgets of all parts for the shared rows, as further columns of the master after those of the plan."""

    def __init__(
        self, program: LinearProgram, shared: Integers, across: sp.csc_array, columns: list[Integers], first: int
    ) -> None:
        self.shared, self.first = shared, first
        self.own = [across[:, own].tocsr() for own in columns]
        """Of each part: shared rows by its columns."""
        self.touched = [np.flatnonzero(np.diff(own.indptr)) for own in self.own]
        """Of each part: which shared rows it has columns of."""
        counts = [touched.size for touched in self.touched]
        self.start = first + np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.row = np.concatenate([np.empty(0, dtype=np.int64), *self.touched]).astype(np.int64)
        low, high = [np.empty(0)], [np.empty(0)]
        for own, touched, part in zip(columns, self.touched, self.own, strict=True):
            least, most = activity_range(part[touched], program.column_lower[own], program.column_upper[own])
            low.append(least)
            high.append(most)
        self.lower, self.upper = np.concatenate(low), np.concatenate(high)
        sides = program.row_lower[shared], program.row_upper[shared]
        # a row with one side asks of each block to stay on the right side of its budget, with two to meet it
        self.row_lower = np.where(np.isfinite(sides[0]), 0.0, -np.inf)
        self.row_upper = np.where(np.isfinite(sides[1]), 0.0, np.inf)


def activity_range(matrix: sp.csr_array, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """The least and the most that each row can come to within the bounds of the columns."""
    up, down = matrix.copy(), matrix.copy()
    up.data, down.data = np.maximum(matrix.data, 0.0), np.minimum(matrix.data, 0.0)
    return _times(up, lower) + _times(down, upper), _times(up, upper) + _times(down, lower)


def _times(matrix: sp.csr_array, values: Floats) -> Floats:
    """``matrix @ values`` where a coefficient of zero times infinity is zero."""
    terms = np.where(matrix.data == 0, 0.0, values[matrix.indices]) * matrix.data
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return np.bincount(rows, terms, minlength=matrix.shape[0]).astype(np.float64)


def _part(
    program: LinearProgram,
    matrix: sp.csr_array,
    block: int,
    rows: Integers,
    columns: Integers,
    place: npt.NDArray[np.int32],
    column_block: npt.NDArray[np.int32],
    budgets: _Budgets,
    number: int,
) -> Part:
    touched = budgets.touched[number]
    width = budgets.first + budgets.row.size
    own, plan = _sides(matrix[rows], place, column_block, (columns.size, width))
    if touched.size:
        at = budgets.start[number] + np.arange(touched.size)
        minus = sp.csr_array((-np.ones(touched.size), (np.arange(touched.size), at)), shape=(touched.size, width))
        own = sp.csr_array(sp.vstack([own, budgets.own[number][touched]], format="csr"))
        plan = sp.csr_array(sp.vstack([plan, minus], format="csr"))
    return Part(
        block=block,
        columns=columns,
        rows=np.concatenate([rows, budgets.shared[touched]]),
        size=rows.size,
        matrix=own,
        plan=plan,
        cost=program.cost[columns],
        lower=program.column_lower[columns],
        upper=program.column_upper[columns],
        row_lower=np.concatenate([program.row_lower[rows], budgets.row_lower[touched]]),
        row_upper=np.concatenate([program.row_upper[rows], budgets.row_upper[touched]]),
    )


def _sides(
    rows: sp.csr_array, place: npt.NDArray[np.int32], column_block: npt.NDArray[np.int32], widths: tuple[int, int]
) -> tuple[sp.csr_array, sp.csr_array]:
    """The rows over a block's own columns, and over those of the plan."""
    of_plan = column_block[rows.indices] == PLAN_BLOCK
    found = []
    for chosen, width in ((~of_plan, widths[0]), (of_plan, widths[1])):
        start = np.concatenate([[0], np.cumsum(chosen)])[rows.indptr]
        found.append(
            sp.csr_array((rows.data[chosen], place[rows.indices[chosen]], start), shape=(rows.shape[0], width))
        )
    return found[0], found[1]


def _core(
    program: LinearProgram,
    matrix: sp.csr_array,
    plan: Integers,
    rows: Integers,
    place: npt.NDArray[np.int32],
    column_block: npt.NDArray[np.int32],
    budgets: _Budgets,
) -> Core:
    """Rows of the plan alone and shared rows, in their order, over the plan's columns and the budgets."""
    width = budgets.row.size
    _, known = _sides(matrix[rows], place, column_block, (0, plan.size))
    where = np.searchsorted(rows, budgets.shared)[budgets.row]
    shares = sp.csr_array((np.ones(width), (where, np.arange(width))), shape=(rows.size, width))
    return Core(
        plan=plan,
        rows=rows,
        matrix=sp.csr_array(sp.hstack([known, shares], format="csr")),
        cost=np.concatenate([program.cost[plan], np.zeros(width)]),
        lower=np.concatenate([program.column_lower[plan], budgets.lower]),
        upper=np.concatenate([program.column_upper[plan], budgets.upper]),
        row_lower=program.row_lower[rows],
        row_upper=program.row_upper[rows],
    )
