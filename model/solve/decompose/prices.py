"""Duals of the whole program from those of its blocks."""

from __future__ import annotations

import numpy as np

from model.lp.program import Floats, LinearProgram
from model.solve.decompose.master import Proof
from model.solve.decompose.structure import Structure


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
    return found
