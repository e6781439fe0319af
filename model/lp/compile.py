"""From a statement to a linear program in one pass: rows, costs, bounds, families and blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from model.lp.blocks import stacked
from model.lp.bounds import (
    crossing,
    row_counts,
    give_back_duals,
    row_that_crosses,
    single_rows,
    tightened,
    without_rows,
)
from model.lp.errors import CompileError
from model.lp.families import block_labels, column_families, row_families
from model.lp.ordinary import AGREEMENT
from model.lp.positions import Positions
from model.lp.program import BoundRows, Family, Floats, Integers, LinearProgram
from model.lp.rows import Columns, CostTerms, EquationRows, cost_terms, equation_rows
from model.lp.statement import Statement

__all__ = ["CompileError", "compile_lp", "give_back_duals"]


def compile_lp(statement: Statement, bounds: bool = True) -> LinearProgram:
    """The linear program that ``statement`` states.

    Columns stand in the order of the variables, rows in the order of the equations and of their sets; duplicates are
    summed, zeros dropped, constants moved to the sides. Rows without coefficients are dropped if true. With ``bounds``,
    rows with one coefficient become bounds of their column (see ``LinearProgram.bound_rows`` and ``give_back_duals``).

    ``left == right`` is the row ``left - right``, so its dual is what one more unit on the right costs. ``left <= right`` is
    ``left - right`` with an upper side only, and ``left >= right`` is the same as ``right <= left``: the dual of an inequality
    is never above zero, and its negative is what tightening it by one unit costs. A ranged row stands as it was written.

    Raises CompileError, naming equation, component and label, for a label outside a set, a product of variables, an
    empty row that is false, a coefficient that is no finite number and bounds that contradict each other.
    """
    positions = Positions()
    column_names, row_names = column_families(statement, positions), row_families(statement, positions)
    columns = _columns(statement, positions)
    matrix, lower, upper, fallbacks = _stacked(statement, columns)
    low, high = _own_bounds(statement)
    keep = np.ones(lower.size, dtype=bool)
    counts = row_counts(matrix)
    empty = np.flatnonzero(counts == 0)
    _check_empty(empty, lower, upper, row_names)
    keep[empty] = False
    bound_rows = None
    if bounds:
        bound_rows = single_rows(matrix, counts == 1, lower, upper, low, high)
        keep[bound_rows.row] = False
        low, high = tightened(bound_rows, low, high)
    _check_bounds(bound_rows, low, high, column_names, row_names)
    kept = np.flatnonzero(keep)
    costs = {cost.kind: cost_terms(cost, columns) for cost in statement.costs}
    labels, column_block, row_block = block_labels(column_names, row_names, statement.block_names)
    return LinearProgram(
        matrix=matrix if keep.all() else without_rows(matrix, keep),
        cost=_total_cost(list(costs.values()), columns.count),
        offset=sum(terms.constant for terms in costs.values()),
        column_lower=low, column_upper=high,
        row_lower=lower[kept], row_upper=upper[kept],
        column_families=column_names, row_families=row_names,
        blocks=labels, column_block=column_block, row_block=row_block[kept],
        kept_rows=kept, bound_rows=bound_rows,
        cost_by_kind={kind: (terms.columns, terms.values, terms.constant) for kind, terms in costs.items()},
        fallbacks=(*fallbacks, *(kind for kind, terms in costs.items() if terms.fallback)),
    )  # fmt: skip


def _columns(statement: Statement, positions: Positions) -> Columns:
    first, start = {}, 0
    for variable in statement.variables:
        first[id(variable.component)] = start
        start += variable.lower.size
    if start > np.iinfo(np.int32).max:
        raise CompileError(f"{start} columns are more than a 32-bit index can count.")
    return Columns(statement.model, positions, first, start)


def _stacked(statement: Statement, columns: Columns) -> tuple[sp.csc_array, Floats, Floats, tuple[str, ...]]:
    """All rows as one matrix by columns, with their sides and the names of the equations that were no templates."""
    parts: list[EquationRows] = [equation_rows(equation, columns) for equation in statement.equations]
    names = tuple(e.name for e, part in zip(statement.equations, parts, strict=True) if part.fallback)
    lower = np.concatenate([np.empty(0), *(part.lower for part in parts)])
    upper = np.concatenate([np.empty(0), *(part.upper for part in parts)])
    return stacked([part.terms for part in parts], columns.count), lower, upper, names


def _own_bounds(statement: Statement) -> tuple[Floats, Floats]:
    lower = np.concatenate([np.empty(0), *(variable.lower for variable in statement.variables)])
    upper = np.concatenate([np.empty(0), *(variable.upper for variable in statement.variables)])
    return lower, upper


def _total_cost(costs: Sequence[CostTerms], columns: int) -> Floats:
    total = np.zeros(columns)
    for terms in costs:
        total[terms.columns] += terms.values
    return total


def _check_empty(empty: Integers, lower: Floats, upper: Floats, families: Sequence[Family]) -> None:
    false = empty[(lower[empty] > AGREEMENT) | (upper[empty] < -AGREEMENT)]
    if false.size:
        row = int(false[0])
        raise CompileError(f"equation {_label(families, row)} has no variable and is false: "
                           f"{lower[row]:g} <= 0 <= {upper[row]:g}.")  # fmt: skip


def _check_bounds(
    rows: BoundRows | None, lower: Floats, upper: Floats, columns: Sequence[Family], stated: Sequence[Family]
) -> None:
    wrong = crossing(lower, upper)
    if not wrong.size:
        return
    column = int(wrong[0])
    row = None if rows is None else row_that_crosses(rows, column, lower, upper)
    cause = "its own bounds" if row is None else f"equation {_label(stated, row)}"
    raise CompileError(f"{_label(columns, column)} has no value left: {cause} asks for at least {lower[column]:g} "
                       f"and at most {upper[column]:g}.")  # fmt: skip


def _label(families: Sequence[Family], position: int) -> str:
    family = next(f for f in families if f.start <= position < f.start + f.size)
    return family.label(position - family.start)
