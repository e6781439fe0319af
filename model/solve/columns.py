"""The columns of a solution by variable, as codes and values: sparse, so that full years fit in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.lp.program import Family, Floats, Integers, LinearProgram


@dataclass(frozen=True)
class Column:
    """One variable: for each of its columns, the position on every dim's labels, and the value."""

    dims: tuple[str, ...]
    labels: Mapping[str, tuple[object, ...]]
    codes: Mapping[str, Integers]
    values: Floats

    def on(self, dim: str, labels: Sequence[object]) -> Integers:
        """Positions along ``dim`` counted on other labels; KeyError for a column whose label is not among them."""
        place = {label: i for i, label in enumerate(labels)}
        translate = np.array([place.get(label, -1) for label in self.labels[dim]], dtype=np.int64)
        found = translate[self.codes[dim]] if translate.size else self.codes[dim]
        if found.size and found.min() < 0:
            raise KeyError(self.labels[dim][int(self.codes[dim][np.argmin(found)])])
        return found

    def names(self, dim: str) -> np.ndarray:
        """The label of every column along ``dim``."""
        return (
            np.array(self.labels[dim], dtype=object)[self.codes[dim]]
            if len(self.labels[dim])
            else np.empty(0, dtype=object)
        )

    def sum_to(self, shape: Sequence[tuple[str, Sequence[object]]]) -> Floats:
        """Values summed into a dense array over the given dims and labels."""
        dense = np.zeros([len(labels) for _, labels in shape])
        if self.values.size:
            np.add.at(dense, tuple(self.on(dim, labels) for dim, labels in shape), self.values)
        return dense


def columns_of(program: LinearProgram, values: Floats) -> dict[str, Column]:
    """Every variable of the program with its slice of ``values`` (one per column)."""
    return {family.name: _column(family, values) for family in program.column_families}


def _column(family: Family, values: Floats) -> Column:
    return Column(
        family.dims,
        dict(zip(family.dims, family.labels, strict=True)),
        dict(zip(family.dims, family.positions, strict=True)),
        np.asarray(values)[family.span],
    )
