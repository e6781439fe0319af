"""A plan that some blocks cannot run, mended where that costs next to nothing.

What blocks pass on to one another (the level of a reservoir from week to week, their shares of a limit of the year) can
be set otherwise without any change of what is built. So where some blocks fail, the nearest such plan is looked for
that keeps all cuts of feasibility so far, and only blocks that see a difference are run again, until none fails.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from model.lp.program import Floats, Integers
from model.solve.decompose.master import Master, MasterCut
from model.solve.decompose.solver import hand_over
from model.solve.decompose.structure import Structure
from model.solve.worker import quiet_highs, set_option

AWAY = 1e-9
"""A column that differs by no more than this share of itself has not been moved."""


class Movable:
    """Columns of the master that cost nothing themselves and that no more than one block sees."""

    def __init__(self, structure: Structure) -> None:
        core = structure.core
        self.columns: Integers = np.flatnonzero((structure.watchers <= 1) & (core.cost == 0))
        own = np.zeros(core.columns, dtype=bool)
        own[self.columns] = True
        self._block = np.full(core.columns, -1)
        for number, columns in enumerate(structure.seen):
            self._block[columns[own[columns]]] = number

    def moved(self, before: Floats, after: Floats) -> Integers:
        """The numbers of the parts that see a difference between two points."""
        columns = self.columns
        differ = np.abs(after[columns] - before[columns]) > AWAY * np.maximum(1.0, np.abs(before[columns]))
        blocks = np.unique(self._block[columns[differ]])
        return blocks[blocks >= 0]


class Repair:
    """The plan nearest to ``point`` in the movable columns, all others as they are, as cuts are added."""

    def __init__(self, master: Master, movable: Movable, point: Floats) -> None:
        self._point, self._columns = point, movable.columns
        self._place = np.full(point.size, -1)
        self._place[self._columns] = np.arange(self._columns.size)
        core, n = master.core, self._columns.size
        own = sp.csr_array(core.matrix[:, self._columns])
        rows = np.flatnonzero(np.diff(own.indptr))
        shift = core.matrix[rows] @ point - own[rows] @ point[self._columns]
        lower, upper = master.sides()
        eye = sp.eye_array(n, format="csr")
        matrix = sp.csr_array(
            sp.vstack([sp.hstack([own[rows], sp.csr_array((rows.size, 2 * n))]), sp.hstack([eye, -eye, eye])])
        )
        here = point[self._columns]
        size = np.maximum(1.0, np.abs(here))
        self._highs = quiet_highs()
        set_option(self._highs, "solver", "simplex")
        hand_over(
            self._highs, matrix, np.concatenate([np.zeros(n), 1.0 / size, 1.0 / size]),
            np.concatenate([core.lower[self._columns], np.zeros(2 * n)]),
            np.concatenate([core.upper[self._columns], np.full(2 * n, np.inf)]),
            np.concatenate([lower[rows] - shift, here]), np.concatenate([upper[rows] - shift, here]),
        )  # fmt: skip
        self.add([cut for cut in master.cuts if cut.feasibility])

    def add(self, cuts: Sequence[MasterCut]) -> None:
        """Keep these cuts of feasibility too."""
        index, value, start, upper = [], [], [0], []
        for cut in cuts:
            place = self._place[cut.columns]
            own = place >= 0
            if not own.any():
                continue
            index.append(place[own])
            value.append(cut.slope[own] * cut.scale)
            start.append(start[-1] + int(own.sum()))
            upper.append(-cut.scale * (cut.value + float(cut.slope[~own] @ self._point[cut.columns[~own]])))
        if upper:
            self._highs.addRows(
                len(upper), np.full(len(upper), -np.inf), np.array(upper), start[-1],
                np.array(start[:-1], dtype=np.int32), np.concatenate(index).astype(np.int32), np.concatenate(value),
            )  # fmt: skip

    def nearest(self) -> Floats | None:
        """The plan; None if there is none."""
        self._highs.run()
        if self._highs.getModelStatus().name != "kOptimal":
            return None
        found = self._point.copy()
        found[self._columns] = np.array(self._highs.getSolution().col_value)[: self._columns.size]
        return found
