"""The matrix side of the certificate: is this solution optimal, whoever found it?

Pure NumPy and SciPy on the arrays of the program; shares no code with the solver. See `examine` for what is proved.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.lp.program import Floats, Integers, LinearProgram

FEASIBILITY = 1e-6
"""Largest violation of rows, bounds and dual signs that a certified solution may have, in the norm of `examine`."""
CHUNK = 2_000_000
"""How many coefficients are looked at together, so that memory stays small however long the matrix is."""
SWEEPS = 60
"""How often implied bounds are passed on from row to row before the search is given up."""
WIDENING = 1e-9
"""Implied bounds are widened by this share of the terms they come from, far above what rounding can take away."""
NEGLIGIBLE = 1e-10
"""The search for implied bounds ends early when what they still take from the bound is this share of the objective."""
ROUNDING = 4e-15
"""A reduced cost below this share of its largest term cannot be told from zero in float64."""

Flags = npt.NDArray[np.bool_]
Entries = tuple[Integers, Integers, Floats]


@dataclass(frozen=True)
class Optimality:
    """What `examine` found. All but ``safe_bound`` and ``objective`` are relative, without unit.

    primal: largest violation of a row or column bound. dual: largest wrong sign of a row dual or reduced cost.
    gap: (objective - safe_bound) / max(1, abs(objective)). complementarity: what the duals pay for slack, in the same
    measure. safe_bound: no feasible solution costs less (million USD, as objective). worst_row, worst_column: labels of
    the largest violations, primal or dual; empty where there is none.
    """

    primal: float
    dual: float
    gap: float
    complementarity: float
    safe_bound: float
    objective: float
    worst_row: str
    worst_column: str

    def certified(self, gap: float) -> bool:
        """Feasible on both sides within `FEASIBILITY`, and proved to be within ``gap`` of the optimum.

        The gap counts with either sign: an objective well below the bound belongs to an infeasible solution.
        """
        return self.primal <= FEASIBILITY and self.dual <= FEASIBILITY and abs(self.gap) <= gap


def examine(program: LinearProgram, primal: Floats, row_dual: Floats) -> Optimality:
    r"""Prove how good ``primal`` (one value per column) is with the help of ``row_dual`` (one per row of the matrix).

    Primal: violation / max(1, largest abs(term) of the row), for rows and column bounds. Dual: a row dual may be
    positive only where the row has a lower side and negative only where it has an upper side, likewise the reduced
    costs :math:`d = c - A'y` and the column bounds; violation / max(1, largest abs(term) of the column).

    **Safe bound.** Any duals prove a bound, good or bad ones, so wrong signs of row duals are first set to zero. Then,
    for every feasible :math:`x`,

    .. math:: c'x = y'Ax + d'x \ge \sum_i y_i\,(\text{side it wants}) + \sum_j d_j\,(\text{bound it wants})

    Interior points leave a tiny :math:`d_j` of the wrong sign where the bound it wants is infinite. There
    `implied_bounds` gives a finite one that holds for every feasible solution at most as expensive as ``primal``. For
    those the sum is a lower bound; all others cost more than ``primal``. Hence min(sum, objective) is at or below the
    cost of every feasible solution: the proof does not need ``primal`` to be feasible. A column without implied bound
    makes the bound -inf, unless its reduced cost is zero to the last places of float64 (`ROUNDING`): then the bound is
    that of a program in which the cost of that column differs by less than the arithmetic can show. The sums themselves
    are float64: their rounding, some 1e-15 of the terms, is far below any gap that can be asked for.

    Source: Neumaier and Shcherbina, Safe bounds in linear and mixed-integer linear programming, Mathematical
    Programming 99 (2004). ValueError if a length is wrong; values that are not finite give infinite violations.
    """
    _check_lengths(program, primal, row_dual)
    if not (np.isfinite(primal).all() and np.isfinite(row_dual).all()):
        return Optimality(np.inf, np.inf, np.inf, np.inf, -np.inf, np.nan, "", "")
    objective = float(program.cost @ primal) + program.offset
    activity, row_size = _activity(program, primal)
    row_gap = _outside(activity, program.row_lower, program.row_upper) / np.maximum(1.0, row_size)
    bound_gap = _outside(primal, program.column_lower, program.column_upper) / np.maximum(1.0, _bound_size(program))
    wrong = _wrong_sign(row_dual, program.row_lower, program.row_upper)
    dual = np.where(wrong, 0.0, row_dual)
    reduced, column_size, row_sign = _reduced_cost(program, row_dual, dual, wrong)
    unbounded = _wrong_sign(reduced, program.column_lower, program.column_upper)
    column_sign = np.where(unbounded, np.abs(reduced) / np.maximum(1.0, column_size), 0.0)
    bound = _safe_bound(program, dual, reduced, unbounded, column_size, objective)
    scale = max(1.0, abs(objective))
    return Optimality(
        primal=max(_largest(row_gap), _largest(bound_gap)), dual=max(_largest(row_sign), _largest(column_sign)),
        gap=(objective - bound) / scale,
        complementarity=(_paid_slack(dual, activity, program.row_lower, program.row_upper)
                         + _paid_slack(reduced, primal, program.column_lower, program.column_upper)) / scale,
        safe_bound=bound, objective=objective,
        worst_row=_name(np.maximum(row_gap, row_sign), program.row_label),
        worst_column=_name(np.maximum(bound_gap, column_sign), program.column_label),
    )


def implied_bounds(program: LinearProgram, most: float, price: Floats) -> tuple[Floats, Floats]:
    """Column bounds that hold for every feasible solution that costs at most ``most``: lower, upper (one per column).

    In each row, and in the row "cost <= most", what one column can add is limited by what the others must at least
    take. Repeated, because limits pass from row to row, until the columns whose ``price`` (reduced cost) wants an
    infinite bound cost next to nothing, no bound moves any more, or `SWEEPS` are over. Widened by `WIDENING`, so that
    rounding does not make them false.
    """
    lower, upper = program.column_lower.copy(), program.column_upper.copy()
    wanting = np.where(_wrong_sign(price, lower, upper), price, 0.0)
    row_lower = np.append(program.row_lower, -np.inf)
    row_upper = np.append(program.row_upper, most - program.offset)
    for _ in range(SWEEPS):
        new_lower, new_upper = _sweep(program, lower, upper, row_lower, row_upper)
        moved = _moved(lower, new_lower) or _moved(-upper, -new_upper)
        lower, upper = np.maximum(lower, new_lower), np.minimum(upper, new_upper)
        if not moved or -_wanted(wanting, lower, upper) <= NEGLIGIBLE * max(1.0, abs(most)):
            break
    return lower, upper


def _moved(before: Floats, after: Floats) -> bool:
    """Whether any lower bound rises by a tenth of itself or becomes finite."""
    finite = np.isfinite(before)
    step = 0.1 * np.maximum(1e-6, np.abs(np.where(finite, before, 0.0)))
    return bool(np.where(finite, after > before + step, np.isfinite(after)).any())


def _sweep(
    program: LinearProgram, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
) -> tuple[Floats, Floats]:
    """One pass over all rows and the cost: the bounds that follow from the present ones."""
    least, most = _Reach(row_lower.size), _Reach(row_lower.size)
    for rows, columns, values in _entries(program):
        low, high = _term_range(values, lower[columns], upper[columns])
        least.add(rows, low)
        most.add(rows, high)
    new_lower, new_upper = np.full(lower.size, -np.inf), np.full(upper.size, np.inf)
    for rows, columns, values in _entries(program):
        low, high = _term_range(values, lower[columns], upper[columns])
        at_most = least.left_for(rows, low, row_upper, 1.0) / values
        at_least = most.left_for(rows, high, row_lower, -1.0) / values
        rising = values > 0
        np.minimum.at(new_upper, columns, np.where(rising, at_most, at_least))
        np.maximum.at(new_lower, columns, np.where(rising, at_least, at_most))
    return new_lower, new_upper


class _Reach:
    """The least (or the most) that the terms of each row sum to: finite part, its size, and how many are infinite."""

    def __init__(self, rows: int) -> None:
        self.total, self.size, self.infinite = np.zeros(rows), np.zeros(rows), np.zeros(rows)

    def add(self, rows: Integers, terms: Floats) -> None:
        """Take in one term per entry."""
        infinite = np.isinf(terms)
        finite = np.where(infinite, 0.0, terms)
        count = self.total.size
        self.total += np.bincount(rows, finite, minlength=count)
        self.size += np.bincount(rows, np.abs(finite), minlength=count)
        self.infinite += np.bincount(rows, infinite, minlength=count)

    def left_for(self, rows: Integers, terms: Floats, side: Floats, direction: float) -> Floats:
        """What each entry's own term may reach when all others do what suits it most; +-inf where nothing is known."""
        infinite = np.isinf(terms)
        known = (self.infinite[rows] - infinite == 0) & np.isfinite(side[rows])
        own = np.where(infinite, 0.0, terms)
        room = np.where(known, side[rows], 0.0) - self.total[rows] + own
        spare = WIDENING * (self.size[rows] + np.abs(np.where(known, side[rows], 0.0)))
        return np.where(known, room + direction * spare, direction * np.inf)


def _term_range(values: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    at_lower, at_upper = values * lower, values * upper
    return np.minimum(at_lower, at_upper), np.maximum(at_lower, at_upper)


def _matrix_entries(program: LinearProgram) -> Iterator[Entries]:
    """The non-zeros as (rows, columns, values), about `CHUNK` at a time, whole columns together."""
    matrix = program.matrix
    cuts = np.searchsorted(matrix.indptr, np.arange(CHUNK, matrix.nnz + CHUNK, CHUNK), side="right") - 1
    edges = np.unique(np.concatenate([[0], cuts, [program.columns]]))
    for first, last in itertools.pairwise(edges.tolist()):
        span = slice(matrix.indptr[first], matrix.indptr[last])
        columns = np.repeat(np.arange(first, last), np.diff(matrix.indptr[first : last + 1]))
        keep = matrix.data[span] != 0
        yield matrix.indices[span][keep].astype(np.int64), columns[keep], matrix.data[span][keep]


def _entries(program: LinearProgram) -> Iterator[Entries]:
    """The matrix and, as one more row below it, the cost."""
    yield from _matrix_entries(program)
    columns = np.flatnonzero(program.cost)
    yield np.full(columns.size, program.rows, dtype=np.int64), columns, program.cost[columns]


def _activity(program: LinearProgram, primal: Floats) -> tuple[Floats, Floats]:
    """Per row: the sum of its terms and the largest of them in size."""
    total, size = np.zeros(program.rows), np.zeros(program.rows)
    for rows, columns, values in _matrix_entries(program):
        terms = values * primal[columns]
        total += np.bincount(rows, terms, minlength=program.rows)
        np.maximum.at(size, rows, np.abs(terms))
    return total, size


def _reduced_cost(
    program: LinearProgram, given: Floats, dual: Floats, wrong: Flags
) -> tuple[Floats, Floats, Floats]:
    """Per column: cost - A'dual and its largest term; per row: what a ``wrong`` given dual weighs in its columns."""
    total, size = program.cost.copy(), np.abs(program.cost)
    for rows, columns, values in _matrix_entries(program):
        total -= np.bincount(columns, values * dual[rows], minlength=program.columns)
        np.maximum.at(size, columns, np.abs(values * given[rows]))
    weight = np.zeros(program.rows)
    if wrong.any():
        for rows, columns, values in _matrix_entries(program):
            share = np.where(wrong[rows], np.abs(values * given[rows]), 0.0) / np.maximum(1.0, size[columns])
            np.maximum.at(weight, rows, share)
    return total, size, weight


def _safe_bound(
    program: LinearProgram, dual: Floats, reduced: Floats, unbounded: Flags, column_size: Floats, objective: float
) -> float:
    """The bound of `examine`; -inf where a reduced cost of the wrong sign cannot be bounded."""
    lower, upper = program.column_lower, program.column_upper
    if unbounded.any():
        lower, upper = implied_bounds(program, objective, reduced)
        beyond = _wrong_sign(reduced, lower, upper)
        reduced = np.where(beyond & (np.abs(reduced) <= ROUNDING * column_size), 0.0, reduced)
    total = _wanted(dual, program.row_lower, program.row_upper) + _wanted(reduced, lower, upper) + program.offset
    return min(total, objective) if unbounded.any() else total


def _wanted(price: Floats, lower: Floats, upper: Floats) -> float:
    """Sum of price x the side that makes it least."""
    return float(np.sum(price * _wanted_side(price, lower, upper)))


def _wanted_side(price: Floats, lower: Floats, upper: Floats) -> Floats:
    side: Floats = np.where(price > 0, lower, np.where(price < 0, upper, 0.0))
    return side


def _paid_slack(price: Floats, value: Floats, lower: Floats, upper: Floats) -> float:
    """Sum of abs(price) x distance from the side it wants; from zero where that side is infinite."""
    side = _wanted_side(price, lower, upper)
    return float(np.sum(np.abs(price) * np.abs(value - np.where(np.isinf(side), 0.0, side))))


def _wrong_sign(price: Floats, lower: Floats, upper: Floats) -> Flags:
    return np.isinf(_wanted_side(price, lower, upper))


def _outside(value: Floats, lower: Floats, upper: Floats) -> Floats:
    return np.maximum(0.0, np.maximum(lower - value, value - upper))


def _bound_size(program: LinearProgram) -> Floats:
    """The larger finite bound of each column, in size."""
    ends = np.stack([program.column_lower, program.column_upper])
    size: Floats = np.max(np.abs(np.where(np.isinf(ends), 0.0, ends)), axis=0)
    return size


def _largest(values: Floats) -> float:
    return float(np.max(values, initial=0.0))


def _name(violations: Floats, label: Callable[[int], str]) -> str:
    return label(int(np.argmax(violations))) if _largest(violations) > 0.0 else ""


def _check_lengths(program: LinearProgram, primal: Floats, row_dual: Floats) -> None:
    if primal.shape != (program.columns,) or row_dual.shape != (program.rows,):
        raise ValueError(
            f"{primal.size} values and {row_dual.size} duals for {program.columns} columns and {program.rows} rows"
        )
