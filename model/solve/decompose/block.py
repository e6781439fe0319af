"""One block as the solver sees it: what it costs to run for a given plan, and how that changes with the plan.

A row with a single column of the block is a bound of that column, so that capacities move bounds and the rows that are
left are few. Between two answers a block keeps the basis it ended with and no solver, so that memory stays small and a
block can be answered by any thread or machine.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property

import highspy
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from model.lp.program import Floats, Integers
from model.solve.decompose.box import finite_bounds
from model.solve.decompose.structure import Part, activity_range
from model.solve.worker import SolverError, quiet_highs, set_option

CROSSING = 1e-9
"""A lower bound may be so far above its upper bound, relative to their size, and count as equal."""
MISSED = 1e-7
"""A row that its slack has to mend by more than this is not kept."""
NEGLIGIBLE = 1e-7
"""A reduced cost that wants an infinite bound counts as zero below this share of its largest term."""
DEARER = 4.0
"""Slack that is used costs so many times as much from then on."""
DEAREST = 1e7
"""What a unit of slack costs at most, in million USD."""
NEARBY = 0.02
"""A cut found at one block is told of another if it is missed by less than this share of its terms."""
NONE = -1
STEEPEST = 2
"""HiGHS's number for steepest edges without finding the exact weights of a basis first."""


@dataclass(frozen=True)
class Cut:
    """``value + slope @ x`` is at most what a part costs at any ``x``; with ``feasibility`` it must be at most zero.

    columns: those of the master where the slope is not zero. rows, dual: rows of the part, and their duals if not zero.
    """

    part: int
    columns: Integers
    slope: Floats
    value: float
    rows: Integers
    dual: Floats
    feasibility: bool = False

    def at(self, point: Floats) -> float:
        """What the cut says at a point."""
        return self.value + float(self.slope @ point[self.columns])


@dataclass(frozen=True)
class Answer:
    """A block at a point: cost without slack, its columns, how much slack it needs and what that costs, and cuts."""

    part: int
    cost: float
    values: Floats
    slack: float
    penalty: float
    cuts: tuple[Cut, ...]
    iterations: int


class BlockUnbounded(SolverError):
    """A block that costs ever less: the program is unbounded, or infeasible."""


@dataclass(frozen=True)
class _Sides:
    """Bounds and sides of kept rows at a point, and for every column the single rows that its bounds come from."""

    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    low_row: Integers
    high_row: Integers


@dataclass
class Block:
    """A part, where it ended last, and the rows that have slack: a place among kept rows, and what a unit costs.

    number: its place among the parts. box: bounds of the master's columns. price: what slack costs at first.
    """

    part: Part
    number: int
    box: tuple[Floats, Floats]
    price: float
    _slack: dict[int, float] = field(default_factory=dict)
    _basis: highspy.HighsBasis | None = None

    def __post_init__(self) -> None:
        counts = np.diff(self.part.matrix.indptr)
        self._sort_rows(np.flatnonzero(counts == 1), np.flatnonzero(counts > 1))

    def _sort_rows(self, single: Integers, kept: Integers) -> None:
        """Which rows become bounds, and which stay."""
        matrix = self.part.matrix
        entries = matrix.indptr[single]
        self._single, self._kept = single, kept
        self._column, self._coefficient = matrix.indices[entries], matrix.data[entries]
        self._rows = matrix[kept]
        self._slack, self._basis = {}, None

    def answer(self, point: Floats) -> Answer:
        """The least cost at a point, with the cut there; where there is no solution, the least with slack at a price.

        BlockUnbounded if there is no least. SolverError if the solver does not get through.
        """
        sides = self._sides(point)
        crossed = np.flatnonzero(sides.lower > sides.upper)
        if crossed.size:
            # such columns keep their rows as rows, which slack can mend
            stays = ~np.isin(self._column, crossed)
            self._sort_rows(self._single[stays], np.sort(np.concatenate([self._kept, self._single[~stays]])))
            sides = self._sides(point)
        status = self._run(sides)
        for soften in (self._missed, lambda _: np.arange(self._kept.size)):
            if status == "kOptimal":
                break
            if status == "kUnbounded":
                raise BlockUnbounded(f"block {self.part.block}")
            self._soften(soften(sides))
            status = self._run(sides)
        if status != "kOptimal":
            raise (BlockUnbounded if status == "kUnboundedOrInfeasible" else SolverError)(f"{self.part.block}: {status}")
        return self._told(sides, point)

    def _told(self, sides: _Sides, point: Floats) -> Answer:
        highs, n = _solver(), self.part.columns.size
        solution = highs.getSolution()
        values, dual = np.array(solution.col_value), np.array(solution.row_dual)
        iterations = int(highs.getInfo().simplex_iteration_count)
        self._basis = highs.getBasis()
        own, used = values[:n], np.abs(values[n:]).reshape(-1, 2).sum(axis=1)
        prices = np.array(list(self._slack.values()))
        used = np.where(used > MISSED, used, 0.0)
        slack, penalty = float(used.sum()), float(used @ prices)
        cuts: tuple[Cut, ...] = (self._cut(sides, self._kept, dual, self.part.cost),)
        if slack > 0:
            for row, amount in zip(list(self._slack), used, strict=True):
                if amount > 0:
                    self._slack[row] = min(DEAREST, DEARER * self._slack[row])
            found = self._feasibility(sides)
            cuts = (*cuts, *(() if found is None else self._apart(sides, *found, point)))
        return Answer(self.number, float(self.part.cost @ own), own, slack, penalty, cuts, iterations)

    def _run(self, sides: _Sides) -> str:
        """Solve at a point from where the block ended last; the status that HiGHS gives."""
        highs, part, count = _solver(), self.part, len(self._slack)
        rows = np.repeat(np.array(list(self._slack), dtype=np.int32), 2)
        signs = np.tile([1.0, -1.0], count)
        more = sp.csr_array((signs, (rows, np.arange(2 * count))), shape=(self._kept.size, 2 * count))
        matrix = sp.csr_array(sp.hstack([self._rows, more], format="csr")) if count else self._rows
        prices = np.repeat(np.array(list(self._slack.values())), 2)
        ends = np.zeros(2 * count), np.full(2 * count, np.inf)
        _pass(
            highs, matrix, np.concatenate([part.cost, prices]), np.concatenate([sides.lower, ends[0]]),
            np.concatenate([sides.upper, ends[1]]), sides.row_lower, sides.row_upper,
        )  # fmt: skip
        if self._basis is not None:
            highs.setBasis(self._basis)
        highs.run()
        status = str(highs.getModelStatus().name)
        if status in ("kOptimal", "kInfeasible", "kUnbounded"):
            return status
        highs.clearSolver()
        highs.run()
        return str(highs.getModelStatus().name)

    def _apart(self, sides: _Sides, dual: Floats, missed: Integers, point: Floats) -> list[Cut]:
        """What the duals of a point without solution say, for each set of rows that shares no column with others."""
        used = np.flatnonzero(dual)
        matrix = self._rows[used]
        _, label = connected_components(sp.block_array([[None, matrix], [matrix.T, None]]), directed=False)
        label = label[: used.size]
        zero = np.zeros(self.part.columns.size)
        found = []
        for component in np.unique(label[np.isin(used, missed)]):
            own = used[label == component]
            cut = self._cut(sides, self._kept[own], dual[own], zero, feasibility=True)
            if cut.at(point) > 0.5 * MISSED:
                found.append(cut)
        return found

    def alike(self, cut: Cut, point: Floats) -> Cut | None:
        """What the duals of a cut of feasibility of another block say of this one; None if nothing near the point."""
        kept = np.zeros(self.part.rows.size, dtype=bool)
        if int(cut.rows.max(initial=0)) >= kept.size:
            return None
        kept[self._kept] = True
        stay = kept[cut.rows]
        found = self._cut(
            self._sides(point), cut.rows[stay], cut.dual[stay], np.zeros(self.part.columns.size), feasibility=True
        )
        size = float(np.abs(found.slope * point[found.columns]).sum())
        return found if found.at(point) > -NEARBY * size and found.columns.size else None

    def certain(self) -> list[Cut]:
        """What plans must keep because an equation leaves a column of the block no choice: rows of that column alone.

        Only what some plan in the box would not keep.
        """
        part, found = self.part, []
        fixed = part.row_lower[self._single] == part.row_upper[self._single]
        by_column = np.full(part.columns.size, NONE)
        by_column[self._column[fixed]] = np.flatnonzero(fixed)
        given = by_column[self._column]
        # (row, its coefficient, the equation's): the row less the part of the equation that takes the column away
        others = np.flatnonzero((given != NONE) & (given != np.arange(self._single.size)))
        equal = given[others]
        ratio = self._coefficient[others] / self._coefficient[equal]
        rows, ties = self._single[others], self._single[equal]
        plan = part.plan[rows] - sp.diags_array(ratio) @ part.plan[ties]
        least, most = activity_range(sp.csr_array(plan), *self.box)
        shift = ratio * part.row_lower[ties]
        for side, sign in ((part.row_lower[rows] - shift, 1.0), (part.row_upper[rows] - shift, -1.0)):
            missed = (least < side - CROSSING) if sign > 0 else (most > side + CROSSING)
            for at in np.flatnonzero(missed & np.isfinite(side)):
                slope = -sign * plan[[at]]
                pair = np.array([rows[at], ties[at]], dtype=np.int32)
                dual = sign * np.array([1.0, -ratio[at]])
                found.append(Cut(self.number, slope.indices, slope.data, sign * float(side[at]), pair, dual, True))
        return found

    def _missed(self, sides: _Sides) -> Integers:
        """The rows that are missed when as little as possible is."""
        found = self._feasibility(sides)
        return np.arange(self._kept.size) if found is None else found[1]

    def _feasibility(self, sides: _Sides) -> tuple[Floats, Integers] | None:
        """Duals of kept rows where they are missed by as little as can be, and which are; None if none need be."""
        part, rows = self.part, self._kept.size
        eye = sp.eye_array(rows, format="csr")
        matrix = sp.csr_array(sp.hstack([self._rows, eye, -eye], format="csr"))
        zeros, ones = np.zeros(part.columns.size), np.ones(2 * rows)
        highs = _solver()
        _pass(
            highs, matrix, np.concatenate([zeros, ones]), np.concatenate([sides.lower, 0 * ones]),
            np.concatenate([sides.upper, np.inf * ones]), sides.row_lower, sides.row_upper,
        )  # fmt: skip
        highs.run()
        if highs.getModelStatus().name != "kOptimal":
            return None
        solution = highs.getSolution()
        slack = np.abs(np.array(solution.col_value)[part.columns.size :])
        missed = np.flatnonzero(slack[:rows] + slack[rows:] > MISSED)
        if not missed.size:
            return None
        return np.array(solution.row_dual), missed

    def _soften(self, rows: Integers) -> None:
        """Let kept rows be missed at a price from now on."""
        new = {int(row): self.price for row in rows if int(row) not in self._slack}
        self._slack |= new
        if self._basis is not None and new:
            at_zero = [highspy.HighsBasisStatus.kLower] * (2 * len(new))
            self._basis.col_status = [*self._basis.col_status, *at_zero]

    def _sides(self, point: Floats) -> _Sides:
        part = self.part
        shift = part.plan @ point
        low, high = part.row_lower - shift, part.row_upper - shift
        below, above = low[self._single] / self._coefficient, high[self._single] / self._coefficient
        turned = self._coefficient < 0
        single_low, single_high = np.where(turned, above, below), np.where(turned, below, above)
        lower, upper = part.lower.copy(), part.upper.copy()
        np.maximum.at(lower, self._column, single_low)
        np.minimum.at(upper, self._column, single_high)
        # what crosses by rounding alone meets at the lower bound
        touching = (lower > upper) & (lower <= upper + CROSSING * np.maximum(1.0, np.abs(upper)))
        upper[touching] = lower[touching]
        low_row, high_row = (np.full(lower.size, NONE, dtype=np.int32) for _ in range(2))
        for row, single, bound, own in (
            (low_row, single_low, lower, part.lower), (high_row, -single_high, -upper, -part.upper),
        ):  # fmt: skip
            binds = np.flatnonzero((single >= bound[self._column]) & (single > own[self._column]))
            row[self._column[binds]] = binds
        return _Sides(lower, upper, low[self._kept], high[self._kept], low_row, high_row)

    def _cut(self, sides: _Sides, rows: Integers, dual: Floats, cost: Floats, feasibility: bool = False) -> Cut:
        """The cut that duals of kept rows prove, whatever their signs: wrong ones count as zero."""
        part = self.part
        wanted = np.where(dual > 0, part.row_lower[rows], part.row_upper[rows])
        used = (dual != 0) & np.isfinite(wanted)
        rows, dual, wanted = rows[used], dual[used], wanted[used]
        value = float(dual @ wanted)
        reduced = cost - part.matrix[rows].T @ dual
        more_rows, more_dual, paid = self._give_to_rows(sides, rows, dual, reduced)
        value += paid
        rows, dual = np.concatenate([rows, more_rows]), np.concatenate([dual, more_dual])
        slope = -(part.plan[rows].T @ dual)
        columns = np.flatnonzero(slope)
        return Cut(self.number, columns, slope[columns], value, rows.astype(np.int32), dual, feasibility)

    def _give_to_rows(
        self, sides: _Sides, rows: Integers, dual: Floats, reduced: Floats
    ) -> tuple[Integers, Floats, float]:
        """Rows that bound a column take its reduced cost; with what they and the columns' own bounds are paid."""
        part = self.part
        binding = np.where(reduced > 0, sides.low_row, np.where(reduced < 0, sides.high_row, NONE))
        given = np.flatnonzero(binding != NONE)
        single = binding[given]
        more, price = self._single[single], reduced[given] / self._coefficient[single]
        paid = float(price @ np.where(price > 0, part.row_lower[more], part.row_upper[more]))
        left = np.flatnonzero((binding == NONE) & (reduced != 0))
        price_left = reduced[left]
        wanted = np.where(price_left > 0, part.lower[left], part.upper[left])
        infinite = np.isinf(wanted)
        if infinite.any():
            low, high = self.finite
            at = left[infinite]
            limit = np.where(price_left[infinite] > 0, low[at], high[at])
            size = np.maximum(1.0, abs(part.matrix[rows][:, at]).T @ np.abs(dual))
            small = np.abs(price_left[infinite]) <= NEGLIGIBLE * size
            wanted[infinite] = np.where(np.isinf(limit) & small, 0.0, limit)
        return more, price, paid + float(price_left @ wanted)

    @cached_property
    def finite(self) -> tuple[Floats, Floats]:
        """Bounds of the block's columns that hold for every plan in the box; not all need be finite."""
        part = self.part
        both = sp.csr_array(sp.hstack([part.matrix, part.plan], format="csr"))
        low, high = (
            np.concatenate([own, box]) for own, box in zip((part.lower, part.upper), self.box, strict=True)
        )
        low, high = finite_bounds(both, low, high, part.row_lower, part.row_upper)
        return low[: part.columns.size], high[: part.columns.size]

    def budget_range(self) -> tuple[Floats, Floats]:
        """The least and the most that each budget of the block can be worth."""
        shared = self.part.matrix[self.part.size :]
        return activity_range(shared, *self.finite) if shared.shape[0] else (np.empty(0), np.empty(0))


_LOCAL = threading.local()


def _solver() -> highspy.Highs:
    """The solver of this thread."""
    found: highspy.Highs | None = getattr(_LOCAL, "highs", None)
    if found is None:
        found = _LOCAL.highs = quiet_highs()
        set_option(found, "solver", "simplex")
        set_option(found, "threads", 1)
        set_option(found, "simplex_dual_edge_weight_strategy", STEEPEST)
    return found


def _pass(
    highs: highspy.Highs,
    matrix: sp.csr_array,
    cost: Floats,
    lower: Floats,
    upper: Floats,
    row_lower: Floats,
    row_upper: Floats,
) -> None:
    status = highs.passModel(
        cost.size, row_lower.size, matrix.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize),
        0.0, cost, lower, upper, row_lower, row_upper, matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32), matrix.data, np.zeros(cost.size, dtype=np.int32),
    )  # fmt: skip
    if status == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused a block.")
