"""A block that may decide by itself what is not known of the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Answer
from model.solve.decompose.block import Block
from model.solve.decompose.structure import Part

FAR = 1e6
"""A bound in place of one that nothing gives."""


def choose(block: Block, point: Floats, slope: Floats) -> tuple[Answer, Integers, Floats]:
    """The answer where the block itself decides the columns of the master that ``point`` does not know (nan).

    ``slope``: what the block's cost is to gain by a unit of such a column; it becomes the slope of the cut, which holds
    everywhere as any other. Also tells which columns were decided, and what they are.
    """
    part = block.part
    columns = np.unique(part.plan.indices)
    columns = columns[np.isnan(point[columns])]
    gain, n = slope[columns], part.columns.size
    low, high = (end[columns] for end in block.box)
    known = np.ones(point.size)
    known[columns] = 0.0
    plan = sp.csr_array(part.plan @ sp.diags_array(known))
    plan.eliminate_zeros()
    wider = Part(
        block=part.block,
        columns=np.arange(n + columns.size),
        rows=part.rows,
        size=part.size,
        matrix=sp.csr_array(sp.hstack([part.matrix, part.plan[:, columns]], format="csr")),
        plan=plan,
        cost=np.concatenate([part.cost, -gain]),
        lower=np.concatenate([part.lower, np.where(np.isfinite(low), low, -FAR)]),
        upper=np.concatenate([part.upper, np.where(np.isfinite(high), high, FAR)]),
        row_lower=part.row_lower,
        row_upper=part.row_upper,
    )
    found = Block(wider, block.number, block.box, block.price).answer(np.nan_to_num(point))
    cuts = tuple(
        cut
        if cut.feasibility
        else replace(cut, columns=np.concatenate([cut.columns, columns]), slope=np.concatenate([cut.slope, gain]))
        for cut in found.cuts
    )
    return replace(found, values=found.values[:n], cuts=cuts), columns, found.values[n:]
