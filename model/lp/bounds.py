"""Rows with one coefficient as bounds of their column, and the way back for their duals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.errors import CompileError
from model.lp.program import BoundRows, Floats, Integers, LinearProgram

TOLERANCE = 1e-9
"""By how much an empty row, or a lower above an upper bound, may miss and still count as true."""


def single_rows(
    matrix: sp.csc_array,
    single: npt.NDArray[np.bool_],
    lower: Floats,
    upper: Floats,
    column_lower: Floats,
    column_upper: Floats,
) -> BoundRows:
    """The ``single`` rows of ``matrix``, those with exactly one coefficient."""
    entries = np.flatnonzero(single[matrix.indices]) if single.any() else np.empty(0, dtype=np.int64)
    row = matrix.indices[entries].astype(np.int64)
    column = np.searchsorted(matrix.indptr, entries, side="right") - 1
    order = np.argsort(row)
    row, column = row[order], column[order].astype(np.int64)
    coefficient = matrix.data[entries[order]]
    return BoundRows(row, column, coefficient, lower[row], upper[row], column_lower[column], column_upper[column])


def tightened(bounds: BoundRows, column_lower: Floats, column_upper: Floats) -> tuple[Floats, Floats]:
    """The column bounds with those of the rows, the tightest of all. Neither argument is changed."""
    if bounds.row.size == 0:
        return column_lower, column_upper
    low, high = bounds.implied()
    lower, upper = column_lower.copy(), column_upper.copy()
    np.maximum.at(lower, bounds.column, low)
    np.minimum.at(upper, bounds.column, high)
    touching = (lower > upper) & (lower <= upper + TOLERANCE)
    upper[touching] = lower[touching]
    return lower, upper


def crossing(lower: Floats, upper: Floats) -> Integers:
    """Where a lower bound exceeds its upper bound."""
    crossed = np.flatnonzero(lower > upper)
    return crossed[lower[crossed] > upper[crossed] + TOLERANCE]


def row_that_crosses(bounds: BoundRows, column: int, lower: Floats, upper: Floats) -> int | None:
    """A stated row that sets a crossing bound of the column; None if the column's own bounds cross."""
    low, high = bounds.implied()
    own = bounds.column == column
    sets = own & (
        ((low == lower[column]) & (low > bounds.own_lower)) | ((high == upper[column]) & (high < bounds.own_upper))
    )
    rows = bounds.row[sets]
    return int(rows[0]) if rows.size else None


def without_rows(matrix: sp.csc_array, keep: npt.NDArray[np.bool_]) -> sp.csc_array:
    """The matrix with only the rows to keep, in their order."""
    number = (np.cumsum(keep) - 1).astype(matrix.indices.dtype)
    stays = keep[matrix.indices]
    before = np.concatenate([[0], np.cumsum(stays)]).astype(matrix.indptr.dtype)
    parts = (matrix.data[stays], number[matrix.indices[stays]], before[matrix.indptr])
    return sp.csc_array(parts, shape=(int(keep.sum()), matrix.shape[1]))


def give_back_duals(program: LinearProgram, row_dual: Floats, reduced_cost: Floats) -> tuple[Floats, Floats]:
    """The duals of all rows as stated, and what is left of the reduced costs.

    ``row_dual`` has one entry per row of the matrix, ``reduced_cost`` one per column. Where a row that became a bound
    is the strictly tightest bound on the side that the sign of the reduced cost points at, the row takes it (divided
    by its coefficient) and the column keeps none; a bound of the column itself that is as tight keeps it. Raises
    CompileError if a length does not fit.
    """
    if row_dual.size != program.rows or reduced_cost.size != program.columns:
        raise CompileError(f"{row_dual.size} duals and {reduced_cost.size} reduced costs for {program.rows} rows and "
                           f"{program.columns} columns.")  # fmt: skip
    stated = np.zeros(program.stated_rows())
    stated[program.kept_rows] = row_dual
    left = reduced_cost.copy()
    bounds = program.bound_rows
    if bounds is None or bounds.row.size == 0:
        return stated, left
    low, high = bounds.implied()
    pulls = reduced_cost[bounds.column]
    for side, own, sign in ((low, bounds.own_lower, 1.0), (-high, -bounds.own_upper, -1.0)):
        tightest = np.full(program.columns, -np.inf)
        np.maximum.at(tightest, bounds.column, side)
        binds = (sign * pulls > 0) & (side == tightest[bounds.column]) & (side > own)
        entries = np.flatnonzero(binds)
        _, first = np.unique(bounds.column[entries], return_index=True)
        taken = entries[first]
        column = bounds.column[taken]
        stated[bounds.row[taken]] = reduced_cost[column] / bounds.coefficient[taken]
        left[column] = 0.0
    return stated, left
