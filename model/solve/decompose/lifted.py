"""What a search in longer steps tells of the same year in shorter ones.

A step of twelve hours is the mean of what can happen in its hours: whatever runs hour by hour runs on the average too,
at the same cost, while peaks and lulls within the step are not seen. So blocks in longer steps cost less for the same
plan, and what their duals prove holds in shorter steps: each row gets its share of the dual of the step it lies in.
Where that is not quite so, a cut is merely weaker, because its value is found again from the duals and the rows of the
block that it is then a cut of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.lp.program import Family, Floats, Integers, LinearProgram
from model.solve.decompose.alike import NONE, members, pairs
from model.solve.decompose.answer import Cut
from model.solve.decompose.memory import Memory, digests_of
from model.solve.decompose.structure import Structure

STEP = "step"


@dataclass(frozen=True)
class Steps:
    """How steps lie in longer ones: by label, the longer step, the share of its hours, and whether it ends with it."""

    within: Mapping[object, object]
    share: Mapping[object, float]
    last: frozenset[object]


def steps_within(time: xr.Dataset, longer: xr.Dataset) -> Steps | None:
    """How the steps of a time lie in those of another; None if some lie across them, or in another period."""
    start, end = _hours(time)
    begin, until = _hours(longer)
    at = np.clip(np.searchsorted(begin, start, side="right") - 1, 0, begin.size - 1)
    apart = (start < begin[at]) | (end > until[at])
    apart |= time["step_period"].to_numpy() != longer["step_period"].to_numpy()[at]
    if apart.any() or (np.diff(start) <= 0).any():
        return None
    labels, names = time[STEP].to_numpy().tolist(), longer[STEP].to_numpy()[at].tolist()
    share = ((end - start) / (until - begin)[at]).tolist()
    last = frozenset(label for label, ends in zip(labels, end == until[at], strict=True) if ends)
    return Steps(dict(zip(labels, names, strict=True)), dict(zip(labels, share, strict=True)), last)


def _hours(time: xr.Dataset) -> tuple[Floats, Floats]:
    start = time["step_start"].to_numpy().astype(np.float64)
    return start, start + time["duration"].to_numpy()


def lifted(
    memory: Memory, program: LinearProgram, structure: Structure, other: LinearProgram, longer: Structure, steps: Steps
) -> Memory:
    """What a search for ``other``, the same system in longer steps, has learnt, as it holds for ``program``.

    structure, longer: both programs as they are split.
    """
    rows, weight = _rows(program, other, steps)
    parts = _parts(program, structure, other, longer)
    of_part: dict[int, list[Cut]] = {}
    for cut in memory.cuts:
        of_part.setdefault(cut.part, []).append(cut)
    cuts: list[Cut] = []
    for number, part in enumerate(structure.parts):
        own = of_part.get(int(parts[number]), [])
        if own:
            there = longer.parts[parts[number]].rows
            local = np.full(other.rows + 1, NONE)
            local[there] = np.arange(there.size)
            cuts += [_lifted(cut, number, local[rows[part.rows]], weight[part.rows], there.size) for cut in own]
    columns = _columns(program, structure, other, longer, parts, rows, steps)
    minded = np.zeros(longer.core.columns + 1, dtype=bool)
    minded[memory.minded] = True
    plan = np.append(memory.plan, np.nan)[columns] if memory.plan.size else memory.plan
    if np.isnan(plan).any():
        plan = np.empty(0)
    core, now = structure.core, np.flatnonzero(minded[columns])
    return Memory(digests_of(structure), core.plan.size, core.columns, tuple(cuts), now, plan, nearby=True)


def _lifted(cut: Cut, part: int, place: Integers, weight: Floats, size: int) -> Cut:
    """A cut of a part from the duals of another's.

    place: of each row of the part, in which of the other's ``size`` rows it lies.
    """
    dual = np.zeros(size + 1)
    dual[cut.rows] = cut.dual
    return Cut.of_duals(part, dual[place] * weight, cut.feasibility)


def _parts(program: LinearProgram, structure: Structure, other: LinearProgram, longer: Structure) -> Integers:
    """For each part the number of the other's part that has the same label; -1 if there is none."""
    number = {other.blocks[part.block]: at for at, part in enumerate(longer.parts)}
    return np.array([number.get(program.blocks[part.block], NONE) for part in structure.parts], dtype=np.int64)


def _rows(program: LinearProgram, other: LinearProgram, steps: Steps) -> tuple[Integers, Floats]:
    """For each row the row of the other program in which it lies, -1 if there is none, and its share of the dual."""
    stated, kept = np.full(program.stated_rows(), NONE), np.full(other.stated_rows() + 1, NONE)
    kept[other.kept_rows] = np.arange(other.rows)
    share, ends = np.ones(program.stated_rows()), np.ones(program.stated_rows(), dtype=bool)
    for own, its in pairs(program.row_families, other.row_families):
        member = members(own, its, {STEP: steps.within})
        stated[own.span] = np.where(member != NONE, member + its.start, NONE)
        share[own.span], ends[own.span] = _place_in_step(own, steps)
    rows = kept[stated[program.kept_rows]]
    own_flow, its_flow = _flows(program), np.append(_flows(other), 0.0)[rows]
    # a row over what flows in a step has as much of the dual as it has of the flow; one over levels alone has all of it
    # if it stands at the end of the longer step
    both = (own_flow > 0) & (its_flow > 0)
    ratio = np.divide(its_flow, own_flow, out=np.ones(program.rows), where=both)
    return rows, np.where(both, share[program.kept_rows] * ratio, ends[program.kept_rows].astype(np.float64))


def _place_in_step(own: Family, steps: Steps) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What share of the longer step each member has, and whether it stands at its end."""
    if STEP not in own.dims:
        return np.ones(own.size), np.ones(own.size, dtype=bool)
    place = own.dims.index(STEP)
    share = np.array([steps.share[label] for label in own.labels[place]])
    ends = np.array([label in steps.last for label in own.labels[place]], dtype=bool)
    return share[own.positions[place]], ends[own.positions[place]]


def _flows(program: LinearProgram) -> Floats:
    """The sum of the sizes of the coefficients of each row, without what equations carry from step to step."""
    matrix = program.matrix.tocsr()
    of_row = np.repeat(np.arange(program.rows, dtype=np.int32), np.diff(matrix.indptr))
    step = _steps_of_rows(program)[of_row]
    equation = (program.row_lower == program.row_upper)[of_row] & (step != NONE)
    family = np.zeros(program.columns, dtype=np.int64)
    flows = np.zeros(len(program.column_families), dtype=bool)
    for number, one in enumerate(program.column_families):
        family[one.span] = number
        flows[number] = STEP in one.dims
    first, last = np.full(program.columns, np.iinfo(np.int32).max), np.full(program.columns, NONE)
    np.minimum.at(first, matrix.indices[equation], step[equation])
    np.maximum.at(last, matrix.indices[equation], step[equation])
    carried = np.bincount(family, last > first, minlength=flows.size) > 0.5 * np.bincount(family, minlength=flows.size)
    flows &= ~carried
    counts = flows[family]
    flow = np.abs(matrix.data) * counts[matrix.indices]
    return np.bincount(of_row, flow, minlength=program.rows).astype(np.float64)


def _steps_of_rows(program: LinearProgram) -> npt.NDArray[np.int32]:
    """A number for the step of each row; -1 without a step."""
    found = np.full(program.stated_rows(), NONE, dtype=np.int32)
    number: dict[object, int] = {}
    for family in program.row_families:
        if STEP in family.dims and family.size:
            place = family.dims.index(STEP)
            own = np.array([number.setdefault(label, len(number)) for label in family.labels[place]], dtype=np.int32)
            found[family.span] = own[family.positions[place]]
    return found[program.kept_rows]


def _columns(
    program: LinearProgram,
    structure: Structure,
    other: LinearProgram,
    longer: Structure,
    parts: Integers,
    rows: Integers,
    steps: Steps,
) -> Integers:
    """For each column of the master that of the other's; -1, its last place, if there is none."""
    core, there = structure.core, longer.core
    column = np.full(program.columns, NONE)
    for own, its in pairs(program.column_families, other.column_families):
        member = members(own, its, {STEP: steps.within})
        column[own.span] = np.where(member != NONE, member + its.start, NONE)
    place = np.full(other.columns + 1, NONE)
    place[there.plan] = np.arange(there.plan.size)
    budget = {key: there.plan.size + at for at, key in enumerate(_budgets(longer))}
    budgets = [budget.get((int(parts[number]), int(rows[row])), NONE) for number, row in _budgets(structure)]
    found: Integers = np.concatenate([place[column[core.plan]], np.array(budgets, dtype=np.int64)]).astype(np.int64)
    return found


def _budgets(structure: Structure) -> list[tuple[int, int]]:
    """Of each budget, in their order: the number of its part, and its row in the program."""
    return [(number, int(row)) for number, part in enumerate(structure.parts) for row in part.rows[part.size :]]
