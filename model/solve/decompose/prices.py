"""Duals of the whole program from those of its blocks."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import lsqr

from model.lp.program import Floats, LinearProgram
from model.solve.decompose.master import Proof
from model.solve.decompose.structure import Structure

NOISE = 1e-10
"""A reduced cost below this share of its largest term is one that should be zero."""
STEPS = 100
"""Steps in which such reduced costs are brought to zero at most."""


def row_duals(program: LinearProgram, structure: Structure, proof: Proof) -> Floats:
    """One dual per row of the program: those of the master, and of every block the mean of its cuts.

    The weights are the multipliers of the proof. Feasible duals of the block at different plans stay feasible in the
    mean, so that the duals of the whole are worth the bound of the proof.
    """
    found = np.zeros(program.rows)
    found[structure.core.rows] = proof.rows
    for cut, weight in proof.cuts:
        for member in cut.members:
            part = structure.parts[member.part]
            own = member.rows < part.size
            # a row of a block stands once in its cut
            found[part.rows[member.rows[own]]] += weight * member.dual[own]
    return _without_noise(program, found)


def _without_noise(program: LinearProgram, dual: Floats) -> Floats:
    """The nearest duals with reduced costs of zero where only sums of many numbers made them differ from it.

    A column that can grow without end proves nothing unless its reduced cost is zero to the last places.
    """
    reduced = program.cost - program.matrix.T @ dual
    size = np.maximum(np.abs(program.cost), abs(program.matrix).T @ np.abs(dual))
    endless = np.isinf(program.column_lower) | np.isinf(program.column_upper)
    noisy = np.flatnonzero(endless & (size > 0) & (np.abs(reduced) <= NOISE * size))
    if not reduced[noisy].any():
        return dual
    relative = sp.diags_array(1.0 / size[noisy]) @ program.matrix[:, noisy].T
    mended: Floats = lsqr(relative, reduced[noisy] / size[noisy], atol=0.0, btol=1e-12, conlim=0.0, iter_lim=STEPS)[0]
    return dual + mended
