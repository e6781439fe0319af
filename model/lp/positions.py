"""Labels as numbers: every label of a statement has one code, and a set turns arrays of codes into arrays of positions.

An elementary set is a table from code to position, a product of sets a mixed-radix number, a sparse set of tuples a key
looked up in a dense table (small) or by binary search. Text is met once per set, never once per row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from model.lp.components import values_in_order
from model.lp.program import Floats, Integers

ABSENT = -1
"""The position of a label that is no member."""

DENSE_KEYS = 4_000_000
"""Sparse sets whose box of possible tuples is not larger than this are looked up in a dense table."""


class NotAMember(Exception):
    """Some codes are in no set; ``place`` is the first such place of the (broadcast) arrays."""

    def __init__(self, place: tuple[int, ...]) -> None:
        super().__init__(place)
        self.place = place


class Labels:
    """Every label of a statement and its code; equal labels share one code, as in a Python dict."""

    def __init__(self) -> None:
        self._code: dict[Any, int] = {}
        self._label: list[Any] = []
        self._numbers: Floats = np.empty(0)

    def __len__(self) -> int:
        return len(self._label)

    def label(self, code: int) -> Any:
        """The label with this code."""
        return self._label[code]

    def code(self, label: Any) -> int:
        """The code of a label, a new one if it was never seen."""
        found = self._code.get(label)
        if found is None:
            found = self._code[label] = len(self._label)
            self._label.append(label)
        return found

    def codes(self, labels: Iterable[Any]) -> Integers:
        """The codes of labels, in their order."""
        return np.fromiter((self.code(label) for label in labels), dtype=np.int64)

    def numbers(self) -> Floats:
        """What every label is worth as a number; NaN for text."""
        known = self._numbers.size
        if known < len(self._label):
            more = [float(v) if isinstance(v, (int, float)) else math.nan for v in self._label[known:]]
            self._numbers = np.concatenate([self._numbers, more])
        return self._numbers

    def of_numbers(self, values: Floats) -> Integers:
        """The codes of labels given as numbers, as index arithmetic makes them."""
        different, place = np.unique(values, return_inverse=True)
        codes = self.codes(int(v) if float(v).is_integer() else float(v) for v in different)
        return codes[place].reshape(values.shape)


class Factor:
    """One elementary set, or one sparse set of tuples: ``columns[d]`` holds the codes of index d of every member."""

    def __init__(self, columns: Sequence[Integers], labels: Labels) -> None:
        self.columns = tuple(columns)
        self.size = int(self.columns[0].size)
        self._labels = labels
        self._tables = [_table(column, len(labels)) for column in self.columns]
        self._radix = [int(table.max(initial=ABSENT)) + 1 for table in self._tables]
        if len(self.columns) > 1:
            self._index_keys()

    @cached_property
    def labels(self) -> tuple[Any, ...]:
        """The labels of the members of an elementary set, in their order."""
        return tuple(self._labels.label(code) for code in self.columns[0].tolist())

    def _index_keys(self) -> None:
        keys = self._keys(self.columns)
        box = math.prod(self._radix)
        self._dense: Integers | None = None
        if box <= max(DENSE_KEYS, 2 * self.size):
            self._dense = np.full(box, ABSENT, dtype=np.int64)
            self._dense[keys] = np.arange(self.size)
        else:
            self._order = np.argsort(keys)
            self._sorted = keys[self._order]

    def _local(self, column: int, codes: Integers) -> Integers:
        table = self._tables[column]
        if table.size < len(self._labels):
            table = np.concatenate([table, np.full(len(self._labels) - table.size, ABSENT)])
            self._tables[column] = table
        return table[codes]

    def _keys(self, codes: Sequence[Integers]) -> Integers:
        """The place of each tuple in the box of possible tuples; ABSENT where an index is in no member."""
        keys: Integers = np.zeros((), dtype=np.int64)
        missing: npt.NDArray[np.bool_] = np.zeros((), dtype=bool)
        for column, radix in enumerate(self._radix):
            local = self._local(column, codes[column])
            missing = missing | (local < 0)
            keys = keys * radix + local
        return np.where(missing, ABSENT, keys)

    def locate(self, codes: Sequence[Integers]) -> Integers:
        """Positions of members given by codes, one (broadcastable) array per index; NotAMember if one is none."""
        alone = len(self.columns) == 1
        positions = self._local(0, codes[0]) if alone else self._find(self._keys(codes))
        if positions.size and positions.min() < 0:
            raise NotAMember(tuple(int(i) for i in np.argwhere(positions < 0)[0]))
        return positions

    def _find(self, keys: Integers) -> Integers:
        if self.size == 0:
            return np.full_like(keys, ABSENT)
        if self._dense is not None:
            return np.where(keys < 0, ABSENT, self._dense[keys])
        place = np.minimum(np.searchsorted(self._sorted, keys), self.size - 1)
        return np.where(self._sorted[place] == keys, self._order[place], ABSENT)


class SetIndex:
    """A set as a product of factors; a member's position is its mixed-radix number."""

    def __init__(self, factors: Sequence[Factor], labels: Labels) -> None:
        self.factors = tuple(factors)
        self.labels = labels
        self.size = math.prod(factor.size for factor in self.factors)
        self.dimen = sum(len(factor.columns) for factor in self.factors)
        sizes = [factor.size for factor in self.factors]
        self.strides = tuple(math.prod(sizes[place + 1 :]) for place in range(len(sizes)))

    def parts(self, codes: Sequence[Integers]) -> list[Integers]:
        """Arrays that sum (broadcast) to the positions, one per factor. Raises NotAMember."""
        found, first = [], 0
        for factor, stride in zip(self.factors, self.strides, strict=True):
            width = len(factor.columns)
            positions = factor.locate(codes[first : first + width])
            found.append(positions if stride == 1 else positions * stride)
            first += width
        return found

    def locate(self, codes: Sequence[Integers]) -> Integers:
        """Positions in the whole set. Raises NotAMember."""
        first, *others = self.parts(codes)
        for other in others:
            first = first + other
        return first

    def codes_at(self, positions: Integers) -> list[Integers]:
        """The codes of each index of the members at these positions."""
        places = np.unravel_index(positions, [factor.size for factor in self.factors])
        return [column[place] for factor, place in zip(self.factors, places, strict=True) for column in factor.columns]

    def labels_at(self, position: int) -> tuple[Any, ...]:
        """The labels of one member."""
        return tuple(self.labels.label(int(codes)) for codes in self.codes_at(np.asarray(position)))


class LookupIndex:
    """A set-valued look-up: members of key k are ``columns[d][start[k]:start[k + 1]]``."""

    def __init__(self, keys: SetIndex, start: Integers, columns: Sequence[Integers]) -> None:
        self.keys = keys
        self.start = start
        self.columns = tuple(columns)


class Positions:
    """The indexes of all sets, look-ups and parameters of a statement, each made once when first asked for."""

    def __init__(self) -> None:
        self.labels = Labels()
        self._sets: dict[int, tuple[Any, SetIndex]] = {}
        self._factors: dict[int, tuple[Any, Factor]] = {}
        self._lookups: dict[int, tuple[Any, LookupIndex]] = {}
        self._values: dict[int, tuple[Any, npt.NDArray[Any]]] = {}

    def of_set(self, over: Any) -> SetIndex:
        """The index of a Set or a product of Sets."""
        kept = self._sets.get(id(over))
        if kept is None:
            factors = [self._factor(part) for part in over.subsets(expand_all_set_operators=True)]
            kept = self._sets[id(over)] = (over, SetIndex(factors, self.labels))
        return kept[1]

    def of_lookup(self, lookup: Any) -> LookupIndex:
        """The index of a set-valued look-up."""
        kept = self._lookups.get(id(lookup))
        if kept is None:
            groups = [list(lookup[key].ordered_data()) for key in lookup.index_set()]
            start = np.concatenate([[0], np.cumsum([len(group) for group in groups], dtype=np.int64)])
            members = [member for group in groups for member in group]
            columns = self._columns(members, int(lookup.member_dimen))
            index = LookupIndex(self.of_set(lookup.index_set()), start, columns)
            kept = self._lookups[id(lookup)] = (lookup, index)
        return kept[1]

    def values(self, parameter: Any) -> npt.NDArray[Any]:
        """A parameter's numbers in the order of its set, or the codes (dtype int64) of its labels."""
        kept = self._values.get(id(parameter))
        if kept is None:
            array = values_in_order(parameter)
            if array.dtype == object:
                array = self.labels.codes(array.tolist())
            kept = self._values[id(parameter)] = (parameter, array)
        return kept[1]

    def _factor(self, elementary: Any) -> Factor:
        kept = self._factors.get(id(elementary))
        if kept is None:
            columns = self._columns(list(elementary), int(elementary.dimen))
            kept = self._factors[id(elementary)] = (elementary, Factor(columns, self.labels))
        return kept[1]

    def _columns(self, members: Sequence[Any], dimen: int) -> list[Integers]:
        if dimen == 1:
            return [self.labels.codes(members)]
        return [self.labels.codes(member[column] for member in members) for column in range(dimen)]


def _table(column: Integers, size: int) -> Integers:
    """From code to place among the different codes of a column, in order of first appearance."""
    table = np.full(size, ABSENT, dtype=np.int64)
    different, first = np.unique(column, return_index=True)
    table[column[np.sort(first)]] = np.arange(different.size)
    return table
