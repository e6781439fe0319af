"""Which limits over several blocks are shared out.

Most limits of a year do not bind, and a budget for each block would only be one more thing that a block can fail at. So
a limit is shared out once a plan has missed it; until then blocks do not hear of it. Whether a plan keeps a limit is
judged by what all blocks use together, whatever their budgets were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Answer
from model.solve.decompose.neighbourhood import Start
from model.solve.decompose.structure import Structure

MISSED = 1e-7
"""A limit is missed if it is by more than this share of its terms."""


class Sharing:
    """The rows of the core that are shared by blocks, and which of them blocks have budgets for so far.

    rows: those that are not shared out; a limit on both sides is from the first, as nothing tells beforehand on which
    side a block has room.
    """

    def __init__(self, structure: Structure) -> None:
        core = structure.core
        self._core, self._first = core, core.plan.size
        self._row = core.budget_rows
        self._use = [sp.csr_array(part.matrix[part.size :]) for part in structure.parts]
        self._shared = shared = np.unique(self._row)
        upper, lower = np.isfinite(core.row_upper[shared]), np.isfinite(core.row_lower[shared])
        self.rows: Integers = shared[upper != lower]
        self._none = np.where(np.isfinite(core.row_upper[self._row]), np.inf, -np.inf)

    def asked(self, point: Floats) -> Floats:
        """The point as blocks are to see it: without end where a budget is not minded."""
        found = point.copy()
        free = np.isin(self._row, self.rows)
        found[self._first :][free] = self._none[free]
        return found

    def add(self, rows: Integers) -> None:
        """Share these rows out from now on."""
        self.rows = np.setdiff1d(self.rows, rows)

    def minded(self) -> Integers:
        """Budgets whose rows are shared out, as columns of the master."""
        return self._first + np.flatnonzero(~np.isin(self._row, self.rows))

    def priced(self, start: Start) -> Integers:
        """Rows whose budgets have a price at the start."""
        return np.intersect1d(self.rows, self._row[start.slope[self._first :] != 0])

    def missed(self, point: Floats, answers: Sequence[Answer]) -> tuple[Integers, bool]:
        """Rows that are not shared out and that the blocks miss together, and whether they miss any at all."""
        core = self._core
        used = [own @ answer.values for own, answer in zip(self._use, answers, strict=True)]
        full = np.concatenate([point[: self._first], *used])
        shared = self._shared
        rows = core.matrix[shared]
        activity, size = rows @ full, abs(rows) @ np.abs(full)
        beyond = np.maximum(core.row_lower[shared] - activity, activity - core.row_upper[shared])
        found = shared[beyond > MISSED * np.maximum(1.0, size)]
        return np.intersect1d(found, self.rows), bool(found.size)
