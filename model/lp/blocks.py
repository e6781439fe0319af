"""Blocks of terms that still broadcast, and the one place where they become the arrays of a matrix.

Blocks of all equations are kept as they are until their number is known; then every coefficient is written once, where
it stays. Only rows with sums over look-ups, which differ in length, are counted and sorted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model.lp.errors import CompileError
from model.lp.program import Floats, Integers
from model.lp.spaces import Grouped, Space, Value

Indices = npt.NDArray[np.int32]

ROWS_PER_GROUP = 32
"""Groups of fewer rows are not worth a step of their own; their terms are sorted instead."""


@dataclass(frozen=True)
class Coordinates:
    """Coefficients by row and column; the same place may come more than once."""

    rows: Indices
    columns: Indices
    values: Floats


@dataclass(frozen=True)
class Block:
    """Terms of one variable at every place of a space: column parts that add up, and a factor."""

    space: Space
    columns: tuple[Integers, ...]
    factor: Value

    @property
    def size(self) -> int:
        """How many terms the block stands for."""
        return self.space.size

    def write(self, group: int, leading: tuple[int, ...], columns: Indices, values: Floats) -> None:
        """Write the terms of the rows of one group; the last axis of the arrays runs over the terms of a row."""
        parts = [self.space.group(group, leading, part) for part in self.columns]
        shape = self._group_shape(group, len(leading))
        _add_up(parts, columns.reshape(shape))
        factor = self.factor
        values.reshape(shape)[...] = factor if isinstance(factor, float) else self.space.group(group, leading, factor)

    def _group_shape(self, group: int, leading: int) -> tuple[int, ...]:
        layout, shape = self.space.layout, self.space.shape
        if isinstance(layout, Grouped):
            return (*shape[: layout.rest], int(layout.counts[group]), *shape[layout.rest + 1 :])
        return shape[leading:]


@dataclass
class Terms:
    """The terms of some rows; ``shape`` is that of the root space, whose places are the rows."""

    shape: tuple[int, ...]
    blocks: list[Block] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows the terms belong to."""
        return math.prod(self.shape)

    @property
    def size(self) -> int:
        """How many terms there are."""
        return sum(block.size for block in self.blocks)

    def coordinates(self) -> Coordinates:
        """All terms with the row and column of each."""
        rows, columns, values = _empty(self.size)
        first = 0
        for block in self.blocks:
            span, shape = slice(first, first + block.size), block.space.shape
            _add_up(block.space.rows, rows[span].reshape(shape))
            _add_up(block.columns, columns[span].reshape(shape))
            values[span].reshape(shape)[...] = block.factor
            first += block.size
        return Coordinates(rows, columns, values)

    def write(self, columns: Indices, values: Floats) -> Indices:
        """Write the terms row after row; returns where each row ends."""
        if self.rows == 0:
            return np.empty(0, dtype=np.int32)
        leading = max((b.space.layout.leading for b in self.blocks if isinstance(b.space.layout, Grouped)), default=0)
        counts = [count for block in self.blocks if (count := block.space.counts(leading)) is not None]
        short = leading > 0 and math.prod(self.shape[leading:]) < ROWS_PER_GROUP
        if short or len(counts) < len(self.blocks):
            return _write_sorted(self.coordinates(), self.rows, columns, values)
        each = np.zeros((len(counts), math.prod(self.shape[:leading])), dtype=np.int64)
        for place, count in enumerate(counts):
            each[place] = count
        return self._write_groups(leading, each, columns, values)

    def _write_groups(self, leading: int, each: Integers, columns: Indices, values: Floats) -> Indices:
        """Write group after group of rows that share their first indices; ``each`` counts terms by block and group."""
        first, rest = self.shape[:leading], self.shape[leading:]
        length, total = math.prod(rest), each.sum(axis=0)
        inside = np.cumsum(each, axis=0)
        starts = (np.cumsum(total) - total) * length
        for group in range(total.size):
            span = slice(int(starts[group]), int(starts[group] + total[group] * length))
            region = columns[span].reshape(*rest, int(total[group]))
            numbers = values[span].reshape(*rest, int(total[group]))
            for place, block in enumerate(self.blocks):
                own = slice(int(inside[place, group] - each[place, group]), int(inside[place, group]))
                block.write(group, first, region[..., own], numbers[..., own])
        local = np.arange(1, length + 1, dtype=np.int32)
        ends: Indices = starts.astype(np.int32)[:, None] + total.astype(np.int32)[:, None] * local
        return ends.reshape(-1)


@dataclass(frozen=True)
class Listed:
    """Terms given one by one, as ordinary Pyomo makes them."""

    rows: int
    listed: Coordinates

    @property
    def size(self) -> int:
        """How many terms there are."""
        return int(self.listed.values.size)

    def coordinates(self) -> Coordinates:
        """All terms with the row and column of each."""
        return self.listed

    def write(self, columns: Indices, values: Floats) -> Indices:
        """Write the terms row after row; returns where each row ends."""
        return _write_sorted(self.listed, self.rows, columns, values)


def _write_sorted(listed: Coordinates, rows: int, columns: Indices, values: Floats) -> Indices:
    """Write terms in any order row after row, by a counting sort; returns where each row ends."""
    width = int(listed.columns.max(initial=0)) + 1
    places = (listed.rows, listed.columns)
    matrix = sp.coo_array((listed.values, places), shape=(rows, width), copy=False)
    matrix.has_canonical_format = True  # duplicates stay for now: the turn to columns adds them up without a sort
    by_rows = matrix.tocsr()
    columns[...] = by_rows.indices
    values[...] = by_rows.data
    ends: Indices = by_rows.indptr[1:]
    return ends


def stacked(parts: Sequence[Terms | Listed], columns: int) -> tuple[sp.csc_array, npt.NDArray[np.integer]]:
    """The rows of all parts, one below the other, as a matrix by columns, and how many coefficients each row has.

    Duplicates are summed, zeros dropped.

    Raises CompileError if a 32-bit index cannot count the rows or the terms.
    """
    total, rows = sum(part.size for part in parts), sum(part.rows for part in parts)
    if max(total, rows) > np.iinfo(np.int32).max:
        raise CompileError(f"{rows} rows with {total} coefficients are more than a 32-bit index can count.")
    _, indices, values = _empty(total, with_rows=False)
    start = np.zeros(rows + 1, dtype=np.int32)
    term = row = 0
    for part in parts:
        span = slice(term, term + part.size)
        np.add(part.write(indices[span], values[span]), term, out=start[row + 1 : row + 1 + part.rows])
        term, row = span.stop, row + part.rows
    matrix = sp.csr_array((values, indices, start), shape=(rows, columns)).tocsc()
    matrix.sum_duplicates()
    if matrix.nnz < total or not values.all():
        matrix.eliminate_zeros()
        return matrix, np.bincount(matrix.indices, minlength=rows)
    return matrix, np.diff(start)


def _empty(size: int, with_rows: bool = True) -> tuple[Indices, Indices, Floats]:
    rows = np.empty(size if with_rows else 0, dtype=np.int32)
    return rows, np.empty(size, dtype=np.int32), np.empty(size)


def _add_up(parts: Sequence[Integers], out: Indices) -> None:
    """The broadcast sum of ``parts`` into ``out``; small parts first: only the last addition is of full size."""
    *small, last = sorted(parts, key=lambda part: part.size)
    total: Indices = np.zeros((), dtype=np.int32)
    for part in small:
        total = total + part.astype(np.int32)
    np.add(total, last.astype(np.int32), out=out)
