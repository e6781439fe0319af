"""One HiGHS for every thread that runs blocks, and how any solver is given its program."""

from __future__ import annotations

import threading

import highspy
import numpy as np
import scipy.sparse as sp

from model.lp.program import Floats
from model.solve.worker import SolverError, quiet_highs, set_option

STEEPEST = 2
"""HiGHS's number for steepest edges without finding the exact weights of a basis first."""
_LOCAL = threading.local()


def own_solver() -> highspy.Highs:
    """The solver of this thread."""
    found: highspy.Highs | None = getattr(_LOCAL, "highs", None)
    if found is None:
        found = _LOCAL.highs = quiet_highs()
        set_option(found, "solver", "simplex")
        set_option(found, "threads", 1)
        set_option(found, "simplex_dual_edge_weight_strategy", STEEPEST)
    return found


def hand_over(
    highs: highspy.Highs,
    matrix: sp.csr_array,
    cost: Floats,
    lower: Floats,
    upper: Floats,
    row_lower: Floats,
    row_upper: Floats,
) -> None:
    """Give a solver a program whose matrix is stored by rows; SolverError if it finds a fault in it."""
    status = highs.passModel(
        cost.size, row_lower.size, matrix.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize),
        0.0, cost, lower, upper, row_lower, row_upper, matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32), matrix.data, np.zeros(cost.size, dtype=np.int32),
    )  # fmt: skip
    if status == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused a block, or the master.")
