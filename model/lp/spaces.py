"""Index spaces in which an equation is evaluated, one NumPy axis per factor of a set.

An index that runs along one axis is an array of length one along all others, so a parameter over assets costs as much
as there are assets, not as there are rows. A sum adds axes; a sum over a look-up replaces the axes that its key
depends on by one axis over the (key, member) pairs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.lp.positions import LookupIndex, SetIndex
from model.lp.program import Floats, Integers

Value = float | Floats
"""One number for all places of a space, or an array that broadcasts to its shape."""

Lift = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


@dataclass(frozen=True)
class Regular:
    """Every row has the same number of places: the axes of the equation's set come first, ``axes`` of them."""

    axes: int


@dataclass(frozen=True)
class Grouped:
    """Rows that share their first ``leading`` indices have the same number of places, ``counts`` of them.

    The axes of the ``rest`` of the indices come first, then the axis of the places.
    """

    leading: int
    rest: int
    counts: Integers


@dataclass(frozen=True)
class Space:
    """``codes[t]`` holds the label codes of template t, ``rows`` arrays that sum to the row of each place.

    All arrays have ``len(shape)`` axes and broadcast to ``shape``. ``layout`` tells how many places each row has, where
    that is simple.
    """

    shape: tuple[int, ...]
    codes: dict[int, Integers]
    rows: tuple[Integers, ...]
    layout: Regular | Grouped | None

    @property
    def size(self) -> int:
        """How many places the space has."""
        return math.prod(self.shape)

    def counts(self, leading: int) -> Integers | None:
        """How many places a row has, per combination of the first ``leading`` indices; None if that does not tell."""
        if isinstance(self.layout, Regular):
            return np.array([math.prod(self.shape[self.layout.axes :])])
        if self.layout is None or self.layout.leading != leading:
            return None
        return np.asarray(self.layout.counts * math.prod(self.shape[self.layout.rest + 1 :]))

    def group(self, group: int, leading: tuple[int, ...], array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The part of a (broadcastable) array for the rows of one combination of the first indices."""
        if isinstance(self.layout, Grouped):
            axis, last = self.layout.rest, int(self.layout.counts[: group + 1].sum())
            own = slice(last - int(self.layout.counts[group]), last)
            return array if array.shape[axis] == 1 else array[(slice(None),) * axis + (own,)]
        index = np.unravel_index(group, leading) if leading else ()
        place = tuple(0 if size == 1 else int(i) for i, size in zip(index, array.shape, strict=False))
        return np.asarray(array[place])

    def filled(self, value: int) -> Integers:
        """One whole number for all places, as an array."""
        return np.full((1,) * len(self.shape), value, dtype=np.int64)


@dataclass(frozen=True)
class Step:
    """From a space into the one inside a sum: ``lift`` carries values in, ``fold`` sums them back out."""

    inner: Space
    lift: Lift
    fold: Callable[[Floats], Floats]

    def lift_value(self, value: Value) -> Value:
        """``lift`` for a value, which may be one number."""
        return value if isinstance(value, float) else self.lift(value)


def root(index: SetIndex | None, templates: Sequence[int]) -> Space:
    """The space of an equation over a set, one row per member; of one scalar row without a set."""
    if index is None:
        return Space((1,), {}, (np.zeros(1, dtype=np.int64),), Regular(1))
    shape = tuple(factor.size for factor in index.factors)
    codes, rows, template = {}, [], iter(templates)
    for axis, (factor, stride) in enumerate(zip(index.factors, index.strides, strict=True)):
        along = _along(axis, len(shape), factor.size)
        rows.append(np.arange(factor.size, dtype=np.int64).reshape(along) * stride)
        for column in factor.columns:
            codes[next(template)] = column.reshape(along)
    return Space(shape, codes, tuple(rows), Regular(len(shape)))


def chosen(index: SetIndex, templates: Sequence[int], members: Integers) -> Space:
    """The space of some members only, one row each, in the order given."""
    codes = dict(zip(templates, index.codes_at(members), strict=True))
    return Space((members.size,), codes, (np.arange(members.size, dtype=np.int64),), Regular(1))


def spread(space: Space, index: SetIndex, templates: Sequence[int], thin: bool = False) -> Step:
    """Into a sum over a set: new axes, one per factor (one axis over a few members if ``thin``)."""
    groups = [index.codes_at(picks(index.size))] if thin else [list(factor.columns) for factor in index.factors]
    sizes = tuple(int(group[0].size) for group in groups)
    outer, ndim = len(space.shape), len(space.shape) + len(sizes)

    def lift(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return values.reshape(values.shape + (1,) * len(sizes))

    def fold(values: Floats) -> Floats:
        for axis, size in zip(range(ndim - 1, outer - 1, -1), reversed(sizes), strict=True):
            whole = values.shape[axis] == size
            values = np.asarray(values.sum(axis=axis) if whole else values.take(0, axis=axis) * size)
        return values

    codes = {template: lift(array) for template, array in space.codes.items()}
    template = iter(templates)
    for place, group in enumerate(groups):
        for column in group:
            codes[next(template)] = column.reshape(_along(outer + place, ndim, sizes[place]))
    inner = Space(space.shape + sizes, codes, tuple(lift(part) for part in space.rows), space.layout)
    return Step(inner, lift, fold)


def join(space: Space, lookup: LookupIndex, key: Integers, templates: Sequence[int], thin: bool = False) -> Step:
    """Into a sum over the members of ``key``: one axis over (key, member) in place of the axes the key depends on."""
    along = [axis for axis in range(key.ndim) if key.shape[axis] != 1]
    rest = [axis for axis in range(key.ndim) if key.shape[axis] == 1]
    keyed = tuple(key.shape[axis] for axis in along)
    order = (*rest, *along)
    group, member, counts = _pairs(lookup, key.transpose(order).reshape(-1), thin)

    def lift(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        turned = values.transpose(order)
        outer, inner = turned.shape[: len(rest)], turned.shape[len(rest) :]
        if all(size == 1 for size in inner):
            return turned.reshape(*outer, 1)
        return np.broadcast_to(turned, outer + keyed).reshape(*outer, math.prod(keyed)).take(group, axis=-1)

    def fold(values: Floats) -> Floats:
        totals = _group_sums(values, counts) if values.shape[-1] == group.size else values * counts
        return totals.reshape(*values.shape[:-1], *keyed).transpose(np.argsort(order))

    shape = (*(space.shape[axis] for axis in rest), int(group.size))
    codes = {template: lift(array) for template, array in space.codes.items()}
    for template, column in zip(templates, lookup.columns, strict=True):
        codes[template] = column[member].reshape(_along(len(rest), len(shape), group.size))
    layout = _joined_layout(space, along, counts)
    return Step(Space(shape, codes, tuple(lift(part) for part in space.rows), layout), lift, fold)


def _joined_layout(space: Space, along: Sequence[int], counts: Integers) -> Regular | Grouped | None:
    """Simple as long as the key depends on no index, or only on the first ones and nothing was summed before."""
    leading, layout = len(along), space.layout
    if leading == 0:
        return layout
    if not isinstance(layout, Regular) or layout.axes != len(space.shape) or list(along) != list(range(leading)):
        return None
    return Grouped(leading, layout.axes - leading, counts)


def picks(size: int) -> Integers:
    """The few members of a set that a thinned sum runs over: the first two and the last."""
    return np.unique(np.array([place for place in (0, 1, size - 1) if 0 <= place < size], dtype=np.int64))


def _pairs(lookup: LookupIndex, keys: Integers, thin: bool) -> tuple[Integers, Integers, Integers]:
    """For every (key, member) pair: the place of the key and the place of the member; and the members per key."""
    first = lookup.start[keys]
    counts = lookup.start[keys + 1] - first
    if thin:
        picked = [start + picks(int(count)) for start, count in zip(first, counts, strict=True)]
        counts = np.array([part.size for part in picked], dtype=np.int64)
        member = np.concatenate([np.empty(0, dtype=np.int64), *picked])
        return np.repeat(np.arange(keys.size), counts), member, counts
    group = np.repeat(np.arange(keys.size), counts)
    before = np.cumsum(counts) - counts
    return group, np.arange(group.size) + (first - before)[group], counts


def _group_sums(values: Floats, counts: Integers) -> Floats:
    """Sums of consecutive runs along the last axis; a run of none sums to zero."""
    totals = np.zeros((*values.shape[:-1], counts.size))
    some = counts > 0
    if some.any():
        starts = (np.cumsum(counts) - counts)[some]
        totals[..., some] = np.add.reduceat(values, starts, axis=-1)
    return totals


def _along(axis: int, ndim: int, size: int) -> tuple[int, ...]:
    return (1,) * axis + (size,) + (1,) * (ndim - axis - 1)
