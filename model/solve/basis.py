"""A simplex basis, and how it is carried from one program to another that shares most of its labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.lp.program import Family, Integers, LinearProgram

Statuses = npt.NDArray[np.int8]

AT_LOWER, BASIC = 0, 1
"""HiGHS's numbers for a member at its lower bound and for one in the basis."""


@dataclass(frozen=True)
class Basis:
    """Where every column and every row of a program stands: in the basis, or at which bound."""

    columns: Statuses
    rows: Statuses


def carried_over(basis: Basis, old: LinearProgram, new: LinearProgram) -> Basis:
    """The basis of ``old`` for ``new``: members of the same label keep their status.

    New columns stand at their lower bound and new rows are slack, so that an optimal basis stays dual feasible where
    only rows and columns without gain were added.
    """
    columns = np.full(new.columns, AT_LOWER, dtype=np.int8)
    for there, here in _pairs(old.column_families, new.column_families):
        columns[here] = basis.columns[there]
    stated = np.full(old.stated_rows(), BASIC, dtype=np.int8)
    stated[old.kept_rows] = basis.rows
    rows = np.full(new.stated_rows(), BASIC, dtype=np.int8)
    for there, here in _pairs(old.row_families, new.row_families):
        rows[here] = stated[there]
    return Basis(columns, rows[new.kept_rows])


def _pairs(old: tuple[Family, ...], new: tuple[Family, ...]) -> Iterator[tuple[Integers, Integers]]:
    """Positions of the members that both have, family by family."""
    known = {family.name: family for family in old}
    for family in new:
        before = known.get(family.name)
        if before is not None and before.dims == family.dims and before.size and family.size:
            there, here = _members(before, family)
            yield before.start + there, family.start + here


def _members(old: Family, new: Family) -> tuple[Integers, Integers]:
    if not new.dims:
        return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    sizes = [len(labels) for labels in new.labels]
    here = np.zeros(new.size, dtype=np.int64)
    there = np.zeros(old.size, dtype=np.int64)
    known = np.ones(old.size, dtype=bool)
    for dim, size in enumerate(sizes):
        place = {label: i for i, label in enumerate(new.labels[dim])}
        moved = np.array([place.get(label, -1) for label in old.labels[dim]], dtype=np.int64)
        codes = moved[old.positions[dim]]
        known &= codes >= 0
        here = here * size + new.positions[dim]
        there = there * size + codes
    _, in_old, in_new = np.intersect1d(np.where(known, there, -1), here, assume_unique=False, return_indices=True)
    return in_old, in_new
