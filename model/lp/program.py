"""A linear program as arrays: what the compiler makes, the solver takes and the certificate checks.

Nothing here knows Pyomo or HiGHS, so a program can be handed to any solver, cut into blocks or written to a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import xarray as xr

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

PLAN = ("plan",)
"""The label of the block that holds everything decided once, not per (year, period)."""


class Grid:
    """The place of every member along every dim for a product of sets, worked out when asked for and not kept.

    ``sizes`` are the numbers of members of the sets; ``along[d]`` is the set that dim d belongs to and, for each
    member of that set, its place along d. ``grid[d]`` is the array over all members of the product, in their order.
    """

    def __init__(self, sizes: tuple[int, ...], along: Sequence[tuple[int, Integers]]) -> None:
        self.sizes = sizes
        self._along = tuple(along)

    def __len__(self) -> int:
        return len(self._along)

    def __getitem__(self, dim: int) -> Integers:
        return np.broadcast_to(self.thin(dim), self.sizes).reshape(-1)

    def __iter__(self) -> Iterator[Integers]:
        return (self[dim] for dim in range(len(self)))

    def thin(self, dim: int) -> Integers:
        """The places along a dim as an array that broadcasts to ``sizes``."""
        axis, places = self._along[dim]
        shape = [1] * len(self.sizes)
        shape[axis] = places.size
        return places.reshape(shape)

    def of(self, member: int) -> tuple[int, ...]:
        """The place of one member along every dim."""
        where = np.unravel_index(member, self.sizes)
        return tuple(int(places[where[axis]]) for axis, places in self._along)


@dataclass(frozen=True)
class Family:
    """The columns of one variable, or the rows of one equation: a run of consecutive positions.

    ``positions[d]`` holds, for each member, its place in ``labels[d]``; both have one entry per name in ``dims``.
    """

    name: str
    dims: tuple[str, ...]
    labels: tuple[tuple[object, ...], ...]
    positions: tuple[Integers, ...] | Grid
    start: int
    size: int
    unit: str = "1"
    long_name: str = ""

    @property
    def span(self) -> slice:
        """Where the family stands among all columns (or rows)."""
        return slice(self.start, self.start + self.size)

    def label(self, member: int) -> str:
        """``name[a,b,c]`` of one member, as Pyomo would print it."""
        if not self.dims:
            return self.name
        grid = self.positions
        places = grid.of(member) if isinstance(grid, Grid) else [int(place[member]) for place in grid]
        inner = ",".join(str(axis[place]) for axis, place in zip(self.labels, places, strict=True))
        return f"{self.name}[{inner}]"

    def to_array(self, values: Floats, absent: float = np.nan) -> xr.DataArray:
        """The family's slice of ``values`` (one per column or row of the program) as a labelled array.

        Dims are the family's; places that are no member hold ``absent``.
        """
        own = np.asarray(values)[self.span]
        dense = np.full([len(axis) for axis in self.labels], absent)
        if self.dims:
            dense[tuple(self.positions)] = own
        else:
            dense[...] = own[0]
        coords = {dim: list(axis) for dim, axis in zip(self.dims, self.labels, strict=True)}
        return xr.DataArray(
            dense,
            coords=coords,
            dims=self.dims,
            name=self.name,
            attrs={"units": self.unit, "long_name": self.long_name or self.name.replace("_", " ")},
        )


@dataclass(frozen=True)
class BoundRows:
    """Rows with one non-zero that became bounds; kept so that their duals can be given back.

    ``row`` counts in the program as stated (before the pass), ``column`` in the program's columns. The stated row is
    ``lower <= coefficient * x[column] <= upper``; ``own_lower`` and ``own_upper`` are the bounds of that column
    without any such row.
    """

    row: Integers
    column: Integers
    coefficient: Floats
    lower: Floats
    upper: Floats
    own_lower: Floats
    own_upper: Floats

    def implied(self) -> tuple[Floats, Floats]:
        """The lower and upper bound that each row puts on its column."""
        with np.errstate(invalid="ignore"):
            below, above = self.lower / self.coefficient, self.upper / self.coefficient
        turned = self.coefficient < 0
        return np.where(turned, above, below), np.where(turned, below, above)


@dataclass(frozen=True)
class LinearProgram:
    """Minimise ``cost @ x + offset`` where ``row_lower <= matrix @ x <= row_upper`` and ``column_lower <= x <=
    column_upper``.

    ``row_families`` describe the rows as stated; ``kept_rows`` lists which of them stand in ``matrix`` (all of them
    unless single-column rows became bounds, see ``bound_rows``, or were empty and true). ``column_block`` and
    ``row_block``, one entry per column and row of the matrix, index ``blocks``, whose first entry is ``PLAN`` and
    whose others are ``(year, period)``.
    """

    matrix: sp.csc_array
    cost: Floats
    offset: float
    column_lower: Floats
    column_upper: Floats
    row_lower: Floats
    row_upper: Floats
    column_families: tuple[Family, ...]
    row_families: tuple[Family, ...]
    blocks: tuple[tuple[object, ...], ...]
    column_block: npt.NDArray[np.int32]
    row_block: npt.NDArray[np.int32]
    kept_rows: Integers
    bound_rows: BoundRows | None = None
    cost_by_kind: Mapping[str, tuple[Integers, Floats, float]] = field(default_factory=dict)
    """Per kind of cost: columns, coefficients, constant; together they sum to ``cost`` and ``offset``."""
    fallbacks: tuple[str, ...] = ()
    """Names of the equations that Pyomo's own standard form compiled because their rule is no template."""

    @property
    def rows(self) -> int:
        """How many rows stand in the matrix."""
        return int(self.matrix.shape[0])

    @property
    def columns(self) -> int:
        """How many columns the program has."""
        return int(self.matrix.shape[1])

    @property
    def nonzeros(self) -> int:
        """How many coefficients are stored."""
        return int(self.matrix.nnz)

    def column_family(self, name: str) -> Family:
        """The columns of variable ``name``; KeyError if there is none."""
        return _named(self.column_families, name)

    def row_family(self, name: str) -> Family:
        """The rows, as stated, of equation ``name``; KeyError if there is none."""
        return _named(self.row_families, name)

    def column_label(self, column: int) -> str:
        """``variable[labels]`` of one column."""
        return _label(self.column_families, column)

    def row_label(self, row: int) -> str:
        """``equation[labels]`` of one row of the matrix."""
        return _label(self.row_families, int(self.kept_rows[row]))

    def stated_rows(self) -> int:
        """How many rows the equations have before any became a bound."""
        return sum(family.size for family in self.row_families)


def _named(families: tuple[Family, ...], name: str) -> Family:
    for family in families:
        if family.name == name:
            return family
    raise KeyError(name)


def _label(families: tuple[Family, ...], position: int) -> str:
    for family in _containing(families, position):
        return family.label(position - family.start)
    raise IndexError(position)


def _containing(families: tuple[Family, ...], position: int) -> Iterator[Family]:
    return (f for f in families if f.start <= position < f.start + f.size)
