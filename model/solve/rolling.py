"""A year too large for one program, run block after block: what links the blocks is carried over or shared out.

Works from the labels of the compiled program alone. The plan's columns are known, but for those that link blocks (what
seasonal stores hold at the start of each slot of the calendar): each is decided in the block before it, near the level
that the plan foresaw and at the plan's own price of what is stored. Rows over several blocks (caps and limits of the
year, goals) give each block what the plan used in it and a part of what the plan left; what a block does not use is
carried over. Both may be missed, at a price, so that every block has a solution; what was missed is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.bounds import single_rows, tightened
from model.lp.program import PLAN, Floats, Integers, LinearProgram
from model.solve import highs

BEYOND = 100.0
"""Times the price of a shared row, and million USD per unit at least, that going beyond it in the whole year costs."""

MISS = 10.0
"""Times the highest price of what is stored that a miss of the year's closing level costs."""

Told = Callable[[int, int], None]
"""Is told how many blocks of how many are done."""


@dataclass(frozen=True)
class Shared:
    """Rows over several blocks: the program's ``rows``, what they may come to, and what each block was to use.

    ``planned``: (row, block); ``lower`` and ``upper`` (row) without what the plan's own columns add; ``price`` (row) of
    missing them by one unit.
    """

    rows: Integers
    lower: Floats
    upper: Floats
    planned: Floats
    price: Floats


@dataclass(frozen=True)
class Links:
    """Columns that link blocks: ``columns`` of the program, the level foreseen, and the price of a unit of it.

    ``leeway``: share of the price, and at least so much per unit, that a unit away from the level foreseen costs.
    """

    columns: Integers
    foreseen: Floats
    price: Floats
    leeway: float
    least: float


@dataclass(frozen=True)
class Rolled:
    """The columns of the whole year, and what was missed of shared rows (row) and of closing the year (row: amount)."""

    primal: Floats
    missed: Floats
    unclosed: dict[int, float]


class NoDispatch(Exception):
    """A block without a solution: its number and what the solver said."""


def roll(
    program: LinearProgram,
    blocks: Sequence[int],
    known: Floats,
    shared: Shared,
    links: Links,
    told: Told | None = None,
) -> Rolled:
    """Run ``blocks`` (numbers of ``program.blocks``, in the order of time) one after the other.

    ``known``: one value per column of the plan's block; those of ``links`` hold a value only where the year begins with
    it, else nan. NoDispatch if a block has no solution.
    """
    program = _within_size(program, known, links)
    values = known.copy()
    rows = program.matrix.tocsr()
    by_rows, by_columns = _members(program.row_block), _members(program.column_block)
    spent = np.zeros(len(shared.rows))
    across = rows[shared.rows].tocsc()
    unclosed: dict[int, float] = {}
    for place, block in enumerate(blocks):
        own = by_columns[block]
        room = _room(shared, place, len(blocks), spent)
        piece = _piece(program, rows[by_rows[block]], by_rows[block], own, values, across[:, own], room, shared, links)
        found = highs.solve(piece.program, "auto", gap=1e-6)
        if found.status != "optimal":
            raise NoDispatch(f"block {program.blocks[block]}: {found.status}")
        x = found.primal
        values[own] = x[: len(own)]
        values[piece.decided] = x[len(own) : len(own) + len(piece.decided)]
        spent += across[:, own] @ values[own]
        unclosed |= {int(r): float(v) for r, v in zip(piece.closing, piece.missed(x), strict=True) if abs(v) > 1e-6}
        if told is not None:
            told(place + 1, len(blocks))
    missed = np.maximum(spent - shared.upper, 0) - np.maximum(shared.lower - spent, 0)
    return Rolled(values, missed, unclosed)


def _within_size(program: LinearProgram, known: Floats, links: Links) -> LinearProgram:
    """The program with links bounded by the rows in which all else is known, such as the size of a store.

    Such a row stands in the block that begins with the link; the block before, which decides it, must know it too.
    """
    touched = np.unique(program.matrix[:, links.columns].indices)
    rows, still = program.matrix.tocsr()[touched], np.isnan(known)
    side, rest = rows[:, ~still] @ known[~still], rows[:, still].tocsc()
    alone = np.bincount(rest.indices, minlength=len(touched)) == 1
    sides = program.row_lower[touched] - side, program.row_upper[touched] - side
    bounds = program.column_lower, program.column_upper
    limits = tightened(single_rows(rest, alone, *sides, *(b[still] for b in bounds)), *(b[still] for b in bounds))
    own = np.isin(np.flatnonzero(still), links.columns)
    lower, upper = (bound.copy() for bound in bounds)
    lower[still], upper[still] = (
        np.where(own, limit, bound[still]) for limit, bound in zip(limits, bounds, strict=True)
    )
    return replace(program, column_lower=lower, column_upper=upper)


def _members(block: npt.NDArray[np.int32]) -> list[Integers]:
    order = np.argsort(block, kind="stable")
    return np.split(order, np.cumsum(np.bincount(block))[:-1])


@dataclass(frozen=True)
class _Room:
    """What shared rows may come to in a block, and what later blocks were to have, which it may take at a price."""

    lower: Floats
    upper: Floats
    ahead: Floats


def _room(shared: Shared, place: int, blocks: int, spent: Floats) -> _Room:
    """Planned so far and a part of what the plan left, less what was used."""
    planned, part = shared.planned[:, : place + 1].sum(axis=1), (place + 1) / blocks
    total = shared.planned.sum(axis=1)
    below, above = (np.where(np.isfinite(end), end - total, end) for end in (shared.lower, shared.upper))
    with np.errstate(invalid="ignore"):
        lower, upper = planned + np.minimum(below, 0) * part - spent, planned + np.maximum(above, 0) * part - spent
        ahead = np.maximum(shared.upper - spent - np.maximum(upper, 0), 0)
    return _Room(lower, upper, np.where(np.isfinite(shared.upper), ahead, 0.0))


@dataclass(frozen=True)
class _Piece:
    """One block as a program of its own; ``decided`` are the links that it decides, ``closing`` rows that may miss."""

    program: LinearProgram
    decided: Integers
    closing: Integers
    first_miss: int

    def missed(self, x: Floats) -> Floats:
        """By how much each closing row is missed."""
        n = len(self.closing)
        part = x[self.first_miss : self.first_miss + 2 * n]
        missed: Floats = part[:n] - part[n:]
        return missed


def _piece(
    program: LinearProgram,
    matrix: sp.csr_array,
    rows: Integers,
    own: Integers,
    values: Floats,
    across: sp.csc_array,
    room: _Room,
    shared: Shared,
    links: Links,
) -> _Piece:
    """Columns: the block's, the links it decides, those links' ways up and down, misses of closing and shared rows."""
    touched = np.unique(matrix.indices)
    plan = np.setdiff1d(touched, own, assume_unique=True)
    decided = plan[np.isnan(values[plan])]
    fixed = np.setdiff1d(plan, decided, assume_unique=True)
    side = matrix[:, fixed] @ values[fixed]
    linking = np.isin(plan, links.columns)
    closing = np.flatnonzero((matrix[:, plan[linking]] != 0).sum(axis=1) >= 2)
    closing = closing[(matrix[:, decided] != 0).sum(axis=1)[closing] == 0] if len(decided) else closing
    place = {int(column): i for i, column in enumerate(links.columns)}
    at = np.array([place[int(column)] for column in decided], dtype=int)
    price = np.maximum(links.price[at], 0)
    astray = np.maximum(links.leeway * price, links.least)
    miss = np.full(len(closing), MISS * max(links.price.max(initial=0.0), links.least))
    nothing, shares = np.zeros(0), len(shared.rows)
    groups = (
        # (matrix of the block's rows, of the foreseen levels, of the shared rows; cost; lower bound; upper bound)
        (matrix[:, own], None, across, program.cost[own], program.column_lower[own], program.column_upper[own]),
        (matrix[:, decided], 1, None, -price, program.column_lower[decided], program.column_upper[decided]),
        (None, -1, None, astray, nothing, nothing),
        (None, 1, None, astray, nothing, nothing),
        (_picks(closing, len(rows)), None, None, miss, nothing, nothing),
        (-_picks(closing, len(rows)), None, None, miss, nothing, nothing),
        (None, None, -1, shared.price, np.zeros(shares), room.ahead),
        (None, None, -1, np.maximum(BEYOND, BEYOND * shared.price), nothing, nothing),
        (None, None, 1, shared.price, nothing, nothing),
    )
    sizes = (len(rows), len(decided), len(shared.rows))
    parts = [[_part(group[i], sizes[i], len(group[3])) for group in groups] for i in range(len(sizes))]
    lower = [group[4] if len(group[4]) else np.zeros(len(group[3])) for group in groups]
    upper = [group[5] if len(group[5]) else np.full(len(group[3]), np.inf) for group in groups]
    foreseen = links.foreseen[at]
    piece = LinearProgram(
        matrix=sp.csc_array(sp.vstack([sp.hstack(row, format="csr") for row in parts], format="csc")),
        cost=np.concatenate([group[3] for group in groups]),
        offset=0.0,
        column_lower=np.concatenate(lower),
        column_upper=np.concatenate(upper),
        row_lower=np.concatenate([program.row_lower[rows] - side, foreseen, room.lower]),
        row_upper=np.concatenate([program.row_upper[rows] - side, foreseen, room.upper]),
        column_families=(),
        row_families=(),
        blocks=(PLAN,),
        column_block=np.zeros(sum(len(group[3]) for group in groups), dtype=np.int32),
        row_block=np.zeros(sum(sizes), dtype=np.int32),
        kept_rows=np.arange(sum(sizes)),
    )
    return _Piece(piece, decided, rows[closing], len(own) + 3 * len(decided))


def _picks(rows: Integers, count: int) -> sp.csr_array:
    """One column per row of ``rows`` that touches it alone, (count, len(rows))."""
    return sp.csr_array((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=(count, len(rows)))


def _part(given: sp.csr_array | int | None, rows: int, columns: int) -> sp.csr_array:
    """A part of the matrix: as given, a multiple of the identity, or nothing."""
    if given is None:
        return sp.csr_array((rows, columns))
    return given * sp.eye_array(rows, columns, format="csr") if isinstance(given, int) else given
