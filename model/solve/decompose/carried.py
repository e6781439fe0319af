"""What the solution of a system in one cutting of its time tells of the same system in another.

What is decided for whole years is the same thing in both and is matched by its labels. What seasonal stores hold, and
what it is worth, is matched by the time of the year. What belongs to a step or a period has no counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.lp.bounds import give_back_duals
from model.lp.program import Family, Floats, Integers, LinearProgram
from model.lp.sets_time import slot_hours
from model.solve.decompose.alike import members, pairs
from model.time.calendar import HOURS

SLOT = "slot"
INSIDE = frozenset({"step", "period"})
"""Dims of what has no counterpart in another cutting of the time."""
LAST = {"storage_floor_last": "storage_floor", "storage_ceiling_last": "storage_ceiling"}
"""Limits of the level at the end of a slot that is repeated, and what is the same where it is not."""

Starts = Mapping[str, float]
"""Hours from the start of the year to that of each slot."""


@dataclass(frozen=True)
class Known:
    """What is known of the solution of a program: values of columns, nan if unknown, and duals of rows, zero if so."""

    columns: Floats
    rows: Floats


def slot_starts(time: xr.Dataset) -> dict[str, float]:
    """Hours from the start of the year to that of each slot of the calendar; ``time`` as `time.periods` says."""
    hours = slot_hours(time)
    starts = np.cumsum(hours) - hours
    return {str(label): float(start) for label, start in zip(time[SLOT].to_numpy(), starts, strict=True)}


def carried(
    program: LinearProgram,
    other: LinearProgram,
    primal: Floats,
    row_dual: Floats,
    starts: Starts | None = None,
    other_starts: Starts | None = None,
) -> Known:
    """The solution of ``other``, the same system in another cutting of its time, as far as it tells of ``program``.

    ``primal`` has one entry per column of ``other``, ``row_dual`` one per row of its matrix. Levels between slots are
    interpolated. The balance of a slot has as its dual what a level is worth in ``other`` when the slot ends: there is
    such a worth at every time. A limit of a slot has the sum of the duals of limits that ``other`` meets in it: each
    changes that worth once. What fades of a level between two slots of ``other`` is left out.

    starts, other_starts: as `slot_starts` gives them; not needed if both programs have the same slots. ValueError if
    they are needed and not given.
    """
    stated, _ = give_back_duals(other, row_dual, other.cost - other.matrix.T @ row_dual)
    slots = _slots(program, other, starts, other_starts)
    columns = np.full(program.columns, np.nan)
    for own, its in _pairs(program.column_families, other.column_families):
        columns[own.span] = _level(own, its, primal, slots) if SLOT in own.dims else _same(own, its, primal, np.nan)
    rows, balance = np.zeros(program.stated_rows()), _equations(other)
    for own, its in _pairs(program.row_families, other.row_families):
        if SLOT not in own.dims:
            rows[own.span] = _same(own, its, stated, 0.0)
        elif balance[its.span].any():
            rows[own.span] = _worth(own, its, other, stated, slots)
    for its in other.row_families:
        if _matters(its) and SLOT in its.dims and not balance[its.span].any():
            _limit(rows, program, its, stated[its.span], slots)
    return Known(columns, rows[program.kept_rows])


@dataclass(frozen=True)
class _Slots:
    """How slots of a program and of another stand to each other.

    By slot of the program: the other's that covers its start, the one after that, and what share of the way from one to
    the other lies before; the other's in which it ends, and the same if that goes on. By slot of the other: the
    program's in which it begins, and in which it ends.
    """

    covering: Mapping[object, object]
    after: Mapping[object, object]
    share: Mapping[object, float]
    ending: Mapping[object, object]
    going_on: Mapping[object, object]
    begins_in: Mapping[object, object]
    ends_in: Mapping[object, object]


def _slots(program: LinearProgram, other: LinearProgram, starts: Starts | None, other_starts: Starts | None) -> _Slots:
    own, its = _labels(program), _labels(other)
    if not own or not its or set(own) == set(its):
        same = {label: label for label in own}
        return _Slots(same, same, dict.fromkeys(own, 0.0), same, {}, same, same)
    if starts is None or other_starts is None:
        raise ValueError("the programs have different slots, and it is not said when these begin")
    own, begin = _in_order(own, starts)
    its, begins = _in_order(its, other_starts)
    end, ends = np.roll(begin, -1), np.roll(begins, -1)
    at, until = _covering(begins, begin), _before(begins, end)
    length = (ends - begins)[at] % HOURS
    share = np.divide((begin - begins[at]) % HOURS, length, out=np.zeros(len(own)), where=length > 0)
    ending = {label: its[place] for label, place in zip(own, until, strict=True)}
    ended = {label for label, place, hour in zip(own, until, end, strict=True) if ends[place] == hour}
    return _Slots(
        {label: its[place] for label, place in zip(own, at, strict=True)},
        {label: its[(place + 1) % len(its)] for label, place in zip(own, at, strict=True)},
        {label: float(part) for label, part in zip(own, share, strict=True)},
        ending,
        {label: slot for label, slot in ending.items() if label not in ended},
        {label: own[place] for label, place in zip(its, _covering(begin, begins), strict=True)},
        {label: own[place] for label, place in zip(its, _before(begin, ends), strict=True)},
    )


def _covering(begins: Floats, hours: Floats) -> Integers:
    """The slot that begins at each hour of the year or holds it, round the year."""
    found: Integers = (np.searchsorted(begins, hours, side="right") - 1) % begins.size
    return found


def _before(begins: Floats, hours: Floats) -> Integers:
    """The slot that ends at each hour of the year or holds it, round the year."""
    found: Integers = (np.searchsorted(begins, hours, side="left") - 1) % begins.size
    return found


def _labels(program: LinearProgram) -> list[object]:
    """All slots that families of the program have."""
    families = [f for f in (*program.column_families, *program.row_families) if SLOT in f.dims and f.size]
    return list(dict.fromkeys(label for family in families for label in family.labels[family.dims.index(SLOT)]))


def _in_order(labels: Sequence[object], starts: Starts) -> tuple[list[object], Floats]:
    """The slots as they follow each other, and when each begins."""
    placed = sorted(labels, key=lambda label: starts[str(label)])
    return placed, np.array([starts[str(label)] for label in placed], dtype=np.float64)


def _matters(family: Family) -> bool:
    return family.size > 0 and not INSIDE & set(family.dims)


def _pairs(own: Sequence[Family], its: Sequence[Family]) -> Iterator[tuple[Family, Family]]:
    """Families that have a counterpart: one of the program, one of the other."""
    return pairs(own, [family for family in its if _matters(family)])


def _picked(values: Floats, members: Integers, absent: float) -> Floats:
    """The values at the members, ``absent`` where there is none."""
    picked: Floats = np.where(members >= 0, values[members], absent)
    return picked


def _same(own: Family, its: Family, values: Floats, absent: float) -> Floats:
    """The values of the other family by label; ``values`` are those of all of its columns or rows."""
    return _picked(values[its.span], members(own, its), absent)


def _level(own: Family, its: Family, values: Floats, slots: _Slots) -> Floats:
    """The level at the start of each slot, straight between those of the other; where only one is known, that one."""
    before = _picked(values[its.span], members(own, its, {SLOT: slots.covering}), np.nan)
    after = _picked(values[its.span], members(own, its, {SLOT: slots.after}), np.nan)
    place = own.dims.index(SLOT)
    share = np.array([slots.share.get(label, 0.0) for label in own.labels[place]])[own.positions[place]]
    mixed = (1 - share) * before + share * after
    level: Floats = np.where(np.isnan(before), after, np.where(np.isnan(after), before, mixed))
    return level


def _equations(program: LinearProgram) -> npt.NDArray[np.bool_]:
    """Which of the rows as stated are equations."""
    equation = np.zeros(program.stated_rows(), dtype=bool)
    equation[program.kept_rows] = program.row_lower == program.row_upper
    if program.bound_rows is not None:
        equation[program.bound_rows.row] = program.bound_rows.lower == program.bound_rows.upper
    return equation


def _worth(own: Family, its: Family, other: LinearProgram, stated: Floats, slots: _Slots) -> Floats:
    """The dual of the balance of each slot, which is less what the level is worth at the end of the slot.

    While a slot is repeated, a level is worth in addition what it saves at the last time.
    """
    worth = _picked(stated[its.span], members(own, its, {SLOT: slots.ending}), 0.0)
    for last in other.row_families:
        if last.name in LAST and last.size and last.dims == own.dims:
            worth -= _picked(stated[last.span], members(own, last, {SLOT: slots.going_on}), 0.0)
    return worth


def _limit(rows: Floats, program: LinearProgram, its: Family, duals: Floats, slots: _Slots) -> None:
    """Add each dual of a limit to the row, as stated, of the slot in which it is met."""
    left, met = np.ones(its.size, dtype=bool), slots.ends_in if its.name in LAST else slots.begins_in
    for name in (its.name, LAST.get(its.name)):
        for own in program.row_families:
            if own.name == name and own.dims == its.dims and own.size:
                member = members(its, own, {SLOT: met})
                found = left & (member >= 0)
                np.add.at(rows, own.start + member[found], duals[found])
                left &= ~found
