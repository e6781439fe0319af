"""From a statement to a linear program in one pass: rows, costs, bounds, families and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.blocks import stacked
from model.lp.bounds import (
    TOLERANCE,
    crossing,
    give_back_duals,
    row_that_crosses,
    single_rows,
    tightened,
    without_rows,
)
from model.lp.errors import CompileError
from model.lp.families import block_labels, column_families, row_families
from model.lp.positions import Positions
from model.lp.program import BoundRows, Family, Floats, Integers, LinearProgram
from model.lp.rows import Columns, cost_terms, equation_rows
from model.lp.statement import Statement

__all__ = ["CompileError", "compile_lp", "give_back_duals"]


def compile_lp(statement: Statement, bounds: bool = True) -> LinearProgram:
    """The linear program that ``statement`` states.

    Columns stand in the order of the variables, rows in the order of the equations and of their sets; duplicates are
    summed, zeros dropped, constants moved to the sides. Rows without coefficients are dropped if true. With ``bounds``,
    rows with one coefficient become bounds of their column (see ``LinearProgram.bound_rows`` and ``give_back_duals``).

    A row keeps the side that has variables: ``supply >= need`` and ``need <= supply`` are both the row ``supply`` with
    the lower side ``need``, so its dual is what one more unit of ``need`` costs. With variables on both sides it is
    ``left - right`` for ``left == right`` and ``left <= right`` (``left >= right`` is ``right <= left``).

    Raises CompileError, naming equation, component and label, for a label outside a set, a product of variables, an
    empty row that is false, a coefficient that is no finite number and bounds that contradict each other.
    """
    positions = Positions()
    column_names, row_names = column_families(statement, positions), row_families(statement, positions)
    columns = _columns(statement, positions)
    rows = _stated_rows(statement, columns)
    total = np.zeros(columns.count)
    costs = {cost.kind: cost_terms(cost, columns, total) for cost in statement.costs}
    low, high = _own_bounds(statement)
    bound_rows = None
    if bounds:
        bound_rows = single_rows(rows.matrix, rows.counts == 1, rows.lower, rows.upper, low, high)
        low, high = tightened(bound_rows, low, high)
    _check_empty(rows, row_names)
    _check_bounds(bound_rows, low, high, column_names, row_names)
    kept = rows.without(rows.counts <= 1 if bounds else rows.counts == 0)
    labels, column_block, row_block = block_labels(column_names, row_names, statement.block_names)
    return LinearProgram(
        matrix=kept.matrix,
        cost=total,
        offset=float(sum(terms.constant for terms in costs.values())),
        column_lower=low, column_upper=high,
        row_lower=kept.lower, row_upper=kept.upper,
        column_families=column_names, row_families=row_names,
        blocks=labels, column_block=column_block, row_block=row_block if kept is rows else row_block[kept.stated],
        kept_rows=kept.stated, bound_rows=bound_rows,
        cost_by_kind={kind: (terms.columns, terms.values, terms.constant) for kind, terms in costs.items()},
        fallbacks=(*rows.fallbacks, *(kind for kind, terms in costs.items() if terms.fallback)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Rows:
    """Rows as a matrix by columns, with the number of coefficients, the sides and the stated position of each."""

    matrix: sp.csc_array
    counts: npt.NDArray[np.integer]
    lower: Floats
    upper: Floats
    stated: Integers
    fallbacks: tuple[str, ...]

    def without(self, dropped: npt.NDArray[np.bool_]) -> _Rows:
        """The other rows, in their order."""
        if not dropped.any():
            return self
        stay = np.flatnonzero(~dropped)
        return _Rows(
            without_rows(self.matrix, ~dropped), self.counts[stay], self.lower[stay], self.upper[stay],
            self.stated[stay], self.fallbacks,
        )  # fmt: skip


def _stated_rows(statement: Statement, columns: Columns) -> _Rows:
    parts = [equation_rows(equation, columns) for equation in statement.equations]
    names = tuple(e.name for e, part in zip(statement.equations, parts, strict=True) if part.fallback)
    lower = np.concatenate([np.empty(0), *(part.lower for part in parts)])
    upper = np.concatenate([np.empty(0), *(part.upper for part in parts)])
    matrix, counts = stacked([part.terms for part in parts], columns.count)
    return _Rows(matrix, counts, lower, upper, np.arange(lower.size), names)


def _columns(statement: Statement, positions: Positions) -> Columns:
    first, start = {}, 0
    for variable in statement.variables:
        first[id(variable.component)] = start
        start += variable.lower.size
    if start > np.iinfo(np.int32).max:
        raise CompileError(f"{start} columns are more than a 32-bit index can count.")
    return Columns(statement.model, positions, first, start)


def _own_bounds(statement: Statement) -> tuple[Floats, Floats]:
    lower = np.concatenate([np.empty(0), *(variable.lower for variable in statement.variables)])
    upper = np.concatenate([np.empty(0), *(variable.upper for variable in statement.variables)])
    return lower, upper


def _check_empty(rows: _Rows, families: Sequence[Family]) -> None:
    empty = np.flatnonzero(rows.counts == 0)
    false = empty[(rows.lower[empty] > TOLERANCE) | (rows.upper[empty] < -TOLERANCE)]
    if false.size:
        row = int(false[0])
        sides = f"{rows.lower[row]:g} <= 0 <= {rows.upper[row]:g}"
        raise CompileError(f"equation {_label(families, row)} has no variable and is false: {sides}.")


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
