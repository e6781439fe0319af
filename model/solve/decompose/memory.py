"""What a search has learnt of the blocks, kept for another search: after a stop, or of a program with other plan costs.

A cut rests on its block alone: matrices, costs, bounds and sides of rows. Whether a block is still the one that a cut
is of is decided by a digest of all of these. What the plan costs, its own rows and its bounds may differ: only where
the reduced cost of a column leans on a bound that follows from those is the value of a cut found again. The file holds
arrays and nothing that could be run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Cut
from model.solve.decompose.block import Block
from model.solve.decompose.master import Master, MasterCut, gathered
from model.solve.decompose.structure import Structure
from model.solve.worker import SolverError

FORMAT = "shanyraq cuts 1"
"""What a file of this kind says it is."""
ARRAYS = {
    "format": "U", "digests": "U", "sizes": "i", "minded": "i", "plan": "f", "part": "i", "feasibility": "b",
    "value": "f", "column_count": "i", "columns": "i", "slope": "f", "row_count": "i", "rows": "i", "dual": "f",
}  # fmt: skip
"""The arrays of a file, and of what kind each is."""
SHARE = 0.1
"""Writing may take this share of the time of a search."""
LEAST = 1e-3
"""Columns of a plan count as if they were this large at least when the nearest is looked for."""


class UnusableMemory(SolverError):
    """A file that does not hold what a search has learnt."""


@dataclass(frozen=True)
class Memory:
    """Cuts of the blocks of a program, and where its search stood.

    digests: one per part. plan_columns, columns: of the master, without budgets and with. minded: budgets, as columns
    of the master, whose rows were shared out. plan: the best one known, or the least bad if blocks failed at all of
    them; one value per column of the master, or none. nearby: the plan is of longer steps; a better one is near it.
    """

    digests: tuple[str, ...]
    plan_columns: int
    columns: int
    cuts: tuple[Cut, ...]
    minded: Integers
    plan: Floats
    nearby: bool = False

    def fits(self, structure: Structure) -> bool:
        """Whether the master has the same columns, and blocks that are the same."""
        core = structure.core
        return (self.plan_columns, self.columns) == (core.plan.size, core.columns) and bool(self.same(structure))

    def same(self, structure: Structure) -> set[int]:
        """The numbers of the parts that are what they were."""
        now = digests_of(structure)
        return {number for number, pair in enumerate(zip(self.digests, now, strict=False)) if pair[0] == pair[1]}

    def fitting(self, structure: Structure, blocks: Sequence[Block]) -> tuple[Cut, ...]:
        """The cuts of blocks that are what they were, as they hold now; none if the master has other columns."""
        if not self.fits(structure):
            return ()
        same = self.same(structure)
        again = (_again(blocks[cut.part], cut) for cut in self.cuts if cut.part in same)
        return tuple(cut for cut in again if cut is not None)

    def rows(self, structure: Structure) -> Integers:
        """Rows of the core that were shared out."""
        return np.unique(structure.core.budget_rows[self.minded - structure.core.plan.size])

    def write(self, path: Path) -> None:
        """Write it to ``path``, whole or not at all."""
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                np.savez(file, **self._arrays())
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    def _arrays(self) -> dict[str, Any]:
        cuts = self.cuts
        return {
            "format": np.array([FORMAT]),
            "digests": np.array(self.digests, dtype="U64"),
            "sizes": np.array([self.plan_columns, self.columns], dtype=np.int64),
            "minded": self.minded,
            "plan": self.plan,
            "part": np.array([cut.part for cut in cuts], dtype=np.int64),
            "feasibility": np.array([cut.feasibility for cut in cuts], dtype=bool),
            "value": np.array([cut.value for cut in cuts], dtype=np.float64),
            "column_count": np.array([cut.columns.size for cut in cuts], dtype=np.int64),
            "columns": np.concatenate([np.empty(0, dtype=np.int64), *(cut.columns for cut in cuts)]),
            "slope": np.concatenate([np.empty(0), *(cut.slope for cut in cuts)]),
            "row_count": np.array([cut.rows.size for cut in cuts], dtype=np.int64),
            "rows": np.concatenate([np.empty(0, dtype=np.int32), *(cut.rows for cut in cuts)]),
            "dual": np.concatenate([np.empty(0), *(cut.dual for cut in cuts)]),
        }

    @classmethod
    def read(cls, path: Path) -> Memory:
        """What `write` has written. UnusableMemory if the file is damaged or another; FileNotFoundError without one."""
        # without being told to, numpy runs nothing that stands in a file
        try:
            with path.open("rb") as opened, np.load(opened) as file:
                found = {name: np.asarray(file[name]) for name in ARRAYS}
            return _checked(found)
        except FileNotFoundError:
            raise
        except Exception as error:  # whatever the readers of damaged files raise
            raise UnusableMemory(
                f"{path} is damaged or was not written by a search: {type(error).__name__}: {error}"
            ) from error


def _checked(found: Mapping[str, Any]) -> Memory:
    """The memory in these arrays. ValueError unless they belong together."""
    for name, kind in ARRAYS.items():
        _require(found[name].ndim == 1 and found[name].dtype.kind == kind, f"array {name!r} is of another kind")
    _require(found["format"].tolist() == [FORMAT], "another version wrote it")
    _require(found["sizes"].size == 2, "sizes of the master are missing")
    plan_columns, columns = (int(size) for size in found["sizes"])
    digests, part, minded, plan = (found[name] for name in ("digests", "part", "minded", "plan"))
    for name in ("feasibility", "value", "column_count", "row_count"):
        _require(found[name].size == part.size, f"array {name!r} is too short or too long")
    for count, names in (("column_count", ("columns", "slope")), ("row_count", ("rows", "dual"))):
        _require(bool((found[count] >= 0).all()), "a cut has less than no entries")
        _require(all(found[name].size == found[count].sum() for name in names), "entries of cuts are missing")
    _require(_within(part, 0, digests.size), "a cut is of no block")
    _require(_within(found["columns"], 0, columns), "a cut has a column that the master has not")
    _require(_within(minded, plan_columns, columns), "a budget is no column of the master")
    _require(plan.size in (0, columns), "the plan is too short or too long")
    _require(bool((found["rows"] >= 0).all()), "a cut has a row that its block has not")
    _require(all(np.isfinite(found[name]).all() for name in ("plan", "value", "slope", "dual")), "numbers are missing")
    column_end, row_end = np.cumsum(found["column_count"])[:-1], np.cumsum(found["row_count"])[:-1]
    columns_of, slope = np.split(found["columns"], column_end), np.split(found["slope"], column_end)
    rows, dual = np.split(found["rows"].astype(np.int32), row_end), np.split(found["dual"], row_end)
    cuts = tuple(
        Cut(int(part[i]), columns_of[i], slope[i], float(found["value"][i]), rows[i], dual[i],
            bool(found["feasibility"][i]))
        for i in range(part.size)
    )  # fmt: skip
    return Memory(tuple(digests.tolist()), plan_columns, columns, cuts, minded, plan)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _within(values: Integers, low: int, high: int) -> bool:
    """Whether all are between ``low`` and below ``high``."""
    return not values.size or (int(values.min()) >= low and int(values.max()) < high)


def digests_of(structure: Structure) -> tuple[str, ...]:
    """A digest of every part."""
    return tuple(part.digest for part in structure.parts)


def _again(block: Block, cut: Cut) -> Cut | None:
    """The cut that the same duals prove now that other bounds may follow from the plan's own rows; None if none.

    Cuts are not taken at their word: value and slope are found from the duals, so that a file can be wrong, but not
    make a plan seem dearer than it is.
    """
    part, rows = block.part, cut.rows.astype(np.int64)
    if rows.size and int(rows.max()) >= part.rows.size:
        return None
    sides = np.where(cut.dual > 0, part.row_lower[rows], part.row_upper[rows])
    # duals of the wrong sign count as zero
    holds = np.isfinite(sides)
    rows, dual = rows[holds], cut.dual[holds]
    every = np.zeros(part.rows.size)
    every[rows] = dual
    reduced = (0.0 if cut.feasibility else part.cost) - part.matrix.T @ every
    left = np.flatnonzero(reduced)
    value = float(dual @ sides[holds]) + block.paid_by_bounds(rows, dual, left, reduced[left])
    slope = -(part.plan.T @ every)
    columns = np.flatnonzero(slope)
    if not np.isfinite(value):
        return None
    return replace(cut, columns=columns, slope=slope[columns], value=value, rows=rows.astype(np.int32), dual=dual)


def recalled(cuts: Sequence[Cut], group: Integers) -> list[MasterCut]:
    """Rows of the master from single cuts: of a group the last cuts of all of its blocks together, and so on."""
    found: list[MasterCut] = []
    for number in range(int(group.max(initial=-1)) + 1):
        own = [cut for cut in cuts if group[cut.part] == number]
        for cut in own:
            if cut.feasibility:
                found += gathered(number, [cut])
        by_part = [
            [cut for cut in own if cut.part == part and not cut.feasibility]
            for part in np.flatnonzero(group == number)
        ]
        count = min(map(len, by_part), default=0)
        for place in range(-count, 0):
            found += gathered(number, [of_part[place] for of_part in by_part])
    return found


def begin_at(master: Master, plan: Floats) -> Floats | None:
    """A remembered plan if it keeps the rows of the core, else the one nearest to it; None if there is neither."""
    if not plan.size:
        return None
    own = np.clip(plan, master.core.lower, master.core.upper)
    if master.keeps(own):
        return own
    return master.nearest(own, 1.0 / np.maximum(LEAST, np.abs(own)))


class Checkpoint:
    """A file with the memory of a search that goes on, written no more often than costs a share of its time."""

    def __init__(self, path: Path) -> None:
        self._path, self._took, self._done = path, 0.0, 0.0

    def after_round(self, memory: Callable[[], Memory]) -> str | None:
        """Write what the search knows if it is time; what went wrong if it could not be written."""
        begun = time.monotonic()
        if self._took > SHARE * (begun - self._done):
            return None
        try:
            memory().write(self._path)
        except OSError as error:
            return f"{self._path} could not be written: {error.strerror or error}"
        finally:
            self._done = time.monotonic()
            self._took = self._done - begun
        return None


def resumed(path: Path, structure: Structure) -> tuple[Memory | None, str]:
    """What a file remembers of a program, if anything, and what to say of it. UnusableMemory if it is damaged."""
    try:
        memory = Memory.read(path)
    except FileNotFoundError:
        return None, f"there is no {path}; the search begins afresh"
    if not memory.fits(structure):
        return None, f"{path} is of other blocks; the search begins afresh"
    same = memory.same(structure)
    count = sum(cut.part in same for cut in memory.cuts)
    return memory, f"{path}: {count} cuts of {len(same)} of {len(structure.parts)} blocks are used again"


def memory_of(structure: Structure, primal: Floats, row_dual: Floats) -> Memory:
    """What a solution of the whole program tells: its plan, and a cut for each block from its duals."""
    core, cuts, used = structure.core, [], [primal[structure.core.plan]]
    for number, part in enumerate(structure.parts):
        cuts.append(Cut.of_duals(number, row_dual[part.rows]))
        used.append(part.matrix[part.size :] @ primal[part.columns])
    priced = row_dual[core.rows][core.budget_rows] != 0
    minded = core.plan.size + np.flatnonzero(priced)
    return Memory(digests_of(structure), core.plan.size, core.columns, tuple(cuts), minded, np.concatenate(used))
