"""Which members of the families of one program have the labels of members of another's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from model.lp.program import Family, Integers

NONE = -1
"""The place of what has no counterpart."""


def pairs(own: Sequence[Family], its: Sequence[Family]) -> Iterator[tuple[Family, Family]]:
    """Families of one name and the same dims that have members: one of ``own``, one of ``its``."""
    named = {family.name: family for family in its if family.size}
    for family in own:
        found = named.get(family.name)
        if found is not None and family.dims == found.dims and family.size:
            yield family, found


def members(own: Family, its: Family, same: Mapping[str, Mapping[object, object]] | None = None) -> Integers:
    """For each member of one family, the member of the other with the same labels; `NONE` if there is none.

    same: by dim, for each label of the one that of the other which counts as the same.
    """
    wanted, there = np.zeros(own.size, dtype=np.int64), np.zeros(its.size, dtype=np.int64)
    known = np.ones(own.size, dtype=bool)
    for place, dim in enumerate(own.dims):
        number = {label: at for at, label in enumerate(its.labels[place])}
        labels = own.labels[place]
        if same is not None and dim in same:
            labels = tuple(same[dim].get(label) for label in labels)
        found = np.array([number.get(label, NONE) for label in labels], dtype=np.int64)[own.positions[place]]
        known &= found >= 0
        wanted = wanted * len(number) + found
        there = there * len(number) + its.positions[place]
    order = np.argsort(there)
    at = np.minimum(np.searchsorted(there, wanted, sorter=order), its.size - 1)
    found_members: Integers = np.where(known & (there[order[at]] == wanted), order[at], NONE)
    return found_members
