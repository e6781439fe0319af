"""What a block says at a plan: its cost, and cuts that bound its cost at every other plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.lp.program import Floats, Integers
from model.solve.worker import SolverError


@dataclass(frozen=True)
class Cut:
    """``value + slope @ x`` is at most what a part costs at any ``x``; with ``feasibility`` it must be at most zero.

    columns: those of the master where the slope is not zero. rows, dual: rows of the part, and their duals if not zero.
    """

    part: int
    columns: Integers
    slope: Floats
    value: float
    rows: npt.NDArray[np.int32]
    dual: Floats
    feasibility: bool = False

    @classmethod
    def of_duals(cls, part: int, dual: Floats, feasibility: bool = False) -> Cut:
        """A cut that is known by its duals alone, one for each row of the part; `Memory.fitting` finds what it says."""
        rows = np.flatnonzero(dual)
        nothing = np.empty(0, dtype=np.int64)
        return cls(part, nothing, np.empty(0), 0.0, rows.astype(np.int32), dual[rows], feasibility)

    def at(self, point: Floats) -> float:
        """What the cut says at a point."""
        return self.value + float(self.slope @ point[self.columns])


@dataclass(frozen=True)
class Answer:
    """A block at a point: cost without slack, its columns, how much slack it needs and what that costs, and cuts.

    What goes beyond a budget is no slack: whether all blocks together keep the shared row can only be seen from all.
    """

    part: int
    cost: float
    values: Floats
    slack: float
    penalty: float
    cuts: tuple[Cut, ...]


class BlockUnbounded(SolverError):
    """A block that costs ever less: the program is unbounded, or infeasible."""
