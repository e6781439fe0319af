"""Units in which a program is handed to the solver, so that no number that limits it is far from one.

A kilometre of track, an hour of the year's gas and a GW stand in one program. Interior points start from one distance
for all of them: where one row asks for 11,000 and most for less than ten, they need some ten iterations more, and HiPO
stops short of an optimum. Powers of two, so that nothing is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from model.lp.program import Floats, LinearProgram

TYPICAL = 10.0
"""Size beyond which a bound of a column or a side of a row is told in a larger unit."""


@dataclass(frozen=True)
class Scale:
    """Units of columns and of rows, in those of the program: a column of unit 8 counts eights."""

    columns: Floats
    rows: Floats

    @classmethod
    def of(cls, program: LinearProgram) -> Scale:
        """The units of a program: those that leave no finite bound or side much beyond `TYPICAL`."""
        return cls(_units(program.column_lower, program.column_upper), _units(program.row_lower, program.row_upper))

    def applied(self, program: LinearProgram) -> LinearProgram:
        """The program in these units; its costs stay in their own."""
        matrix = program.matrix
        of_column = np.repeat(self.columns, np.diff(matrix.indptr))
        entries = matrix.data * of_column / self.rows[matrix.indices]
        return replace(
            program,
            matrix=sp.csc_array((entries, matrix.indices, matrix.indptr), shape=matrix.shape),
            cost=program.cost * self.columns,
            column_lower=program.column_lower / self.columns,
            column_upper=program.column_upper / self.columns,
            row_lower=program.row_lower / self.rows,
            row_upper=program.row_upper / self.rows,
        )

    def undone(self, primal: Floats, row_dual: Floats) -> tuple[Floats, Floats]:
        """Values of columns and duals of rows in the units of the program."""
        return primal * self.columns, row_dual / self.rows


def _units(lower: Floats, upper: Floats) -> Floats:
    finite = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (lower, upper)]
    size = np.maximum(np.maximum(*finite), TYPICAL)
    units: Floats = np.exp2(np.round(np.log2(size / TYPICAL)))
    return units
