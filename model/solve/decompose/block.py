"""One block as the solver sees it: what it costs to run for a given plan, and how that changes with the plan.

A row with a single column of the block is a bound of that column, so that capacities move bounds and the rows that are
left are few. Between two answers a block keeps the basis it ended with and no solver, so that memory stays small and a
block can be answered by any thread or machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import highspy
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Answer, BlockUnbounded, Cut
from model.solve.decompose.box import finite_bounds
from model.solve.decompose.sides import Links, Sides
from model.solve.decompose.solver import hand_over, own_solver
from model.solve.decompose.structure import Part, activity_range
from model.solve.worker import SolverError, set_option

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
RAY = 1e-9
"""Entries of a ray below this share of its largest are noise."""
PATIENCE = 6
"""How often rows are softened where a block has no solution before all of them are."""
NEARBY = 0.02
"""A cut found at one block is told of another if it is missed by less than this share of its terms."""
FAR = 1e6
"""A bound in place of one that nothing gives, where a block chooses."""
NONE = -1
FEWEST, MOST = 500, 2**31 - 1
"""Iterations after which a block that began where it ended last begins afresh, at least, and no limit."""


@dataclass
class Block:
    """A part, where it ended last, and the rows that have slack: a place among kept rows, and what a unit costs.

    number: its place among the parts. box: bounds of the master's columns. price: what slack costs at first. links:
    columns of the master that no other part sees; the block has them as columns of its own, fixed at what the master
    says, so that it can also be asked what it would choose.
    """

    part: Part
    number: int
    box: tuple[Floats, Floats]
    price: float
    links: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    _slack: dict[int, float] = field(default_factory=dict)
    _basis: highspy.HighsBasis | None = None
    _fresh: int = 0
    _warm: bool = False

    def __post_init__(self) -> None:
        part, own = self.part, np.diff(self.part.matrix.indptr)
        self._linked = part.plan[:, self.links]
        elsewhere = np.ones(part.plan.shape[1])
        elsewhere[self.links] = 0.0
        self._plan = sp.csr_array(part.plan @ sp.diags_array(elsewhere))
        self._plan.eliminate_zeros()
        single = (own == 1) & (np.diff(self._linked.indptr) == 0)
        self._sort_rows(np.flatnonzero(single), np.flatnonzero((own > 0) & ~single))

    def _sort_rows(self, single: Integers, kept: Integers) -> None:
        """Which rows become bounds, and which stay."""
        matrix = self.part.matrix
        entries = matrix.indptr[single]
        self._single, self._kept = single, kept
        self._column, self._coefficient = matrix.indices[entries], matrix.data[entries]
        self._rows = sp.csr_array(sp.hstack([matrix[kept], self._linked[kept]], format="csr"))
        self._slack, self._basis = {}, None

    def answer(self, point: Floats) -> Answer:
        """The least cost at a point, with the cut there; where there is no solution, the least with slack at a price.

        BlockUnbounded if there is no least. SolverError if the solver does not get through.
        """
        return self._answer(point, Links(point[self.links], point[self.links], np.zeros(self.links.size)))[0]

    def choice(self, point: Floats, slope: Floats) -> tuple[Answer, Floats]:
        """The answer where the block itself decides its links if ``point`` does not know them (nan), and what they are.

        ``slope``: what the block's cost is to gain by a unit of such a column. The cut holds everywhere as any other.
        """
        free, own = np.isnan(point[self.links]), point[self.links]
        low, high = (np.where(free, end[self.links], own) for end in self.box)
        low, high = np.where(np.isinf(low), -FAR, low), np.where(np.isinf(high), FAR, high)
        nearest_zero = np.clip(0.0, *self.box)
        known = np.where(np.isnan(point), np.where(np.isfinite(nearest_zero), nearest_zero, 0.0), point)
        return self._answer(known, Links(low, high, np.where(free, -slope[self.links], 0.0)))

    def _answer(self, point: Floats, links: Links) -> tuple[Answer, Floats]:
        sides = self._sides(point, links)
        crossed = np.flatnonzero(sides.lower > sides.upper)
        if crossed.size:
            # such columns keep their rows as rows, which slack can mend
            stays = ~np.isin(self._column, crossed)
            self._sort_rows(self._single[stays], np.sort(np.concatenate([self._kept, self._single[~stays]])))
            sides = self._sides(point, links)
        cuts: list[Cut] = []
        status = self._run(sides, soft=False)
        for _ in range(PATIENCE):
            if status != "kInfeasible":
                break
            cuts += self._not_here(sides, point)
            status = self._run(sides, soft=True)
        if status == "kInfeasible":
            self._soften(np.arange(self._kept.size))
            status = self._run(sides, soft=True)
        if status in ("kUnbounded", "kUnboundedOrInfeasible"):
            raise BlockUnbounded(f"block {self.part.block}")
        if status != "kOptimal":
            raise SolverError(f"block {self.part.block} ended {status}")
        return self._told(sides, point, cuts)

    def _told(self, sides: Sides, point: Floats, cuts: list[Cut]) -> tuple[Answer, Floats]:
        """What the solver has found, as an answer, and the links."""
        highs, n = own_solver(), self.part.columns.size
        width = n + self.links.size
        solution = highs.getSolution()
        values, dual = np.array(solution.col_value), np.array(solution.row_dual)
        self._basis = highs.getBasis()
        own, used = values[:n], np.abs(values[width:]).reshape(-1, 2).sum(axis=1)
        prices = np.array(list(self._slack.values()))
        used = np.where(used > MISSED, used, 0.0)
        slack, penalty = float(used.sum()), float(used @ prices)
        found = [self._cut(sides, self._kept, dual, self.part.cost), *cuts]
        for row, amount in zip(list(self._slack), used, strict=True):
            if amount > 0:
                self._slack[row] = min(DEAREST, DEARER * self._slack[row])
        here = values[n:width]
        if slack > 0 and not cuts and not sides.links.free:
            found += self._least_missed(sides, point)
        cost = float(self.part.cost @ own)
        return Answer(self.number, cost, own, slack, penalty, tuple(found)), here

    def _not_here(self, sides: Sides, point: Floats) -> list[Cut]:
        """Cuts that say why a point has no solution; the rows that they rest on are softened."""
        highs = own_solver()
        known, ray = False, np.empty(0)
        if self._warm:
            # after presolve HiGHS would have to solve once more without it
            _, known, ray = highs.getDualRay()  # type: ignore[attr-defined]
        if known:
            for sign in (1.0, -1.0):
                dual = sign * np.where(np.abs(ray) > RAY * np.abs(ray).max(initial=0.0), ray, 0.0)
                cuts = self._apart(sides, dual, np.flatnonzero(dual), point)
                if cuts:
                    self._soften(np.flatnonzero(dual))
                    return cuts
        return self._least_missed(sides, point)

    def _least_missed(self, sides: Sides, point: Floats) -> list[Cut]:
        """The same from the least amount by which rows have to be missed in all."""
        found = self._feasibility(sides)
        if found is None:
            self._soften(np.arange(self._kept.size))
            return []
        self._soften(found[1])
        return self._apart(sides, *found, point)

    def _run(self, sides: Sides, soft: bool) -> str:
        """Solve at a point from where the block ended last, with slack or without; the status that HiGHS gives."""
        highs, part, count = own_solver(), self.part, len(self._slack)
        rows = np.repeat(np.array(list(self._slack), dtype=np.int32), 2)
        signs = np.tile([1.0, -1.0], count)
        more = sp.csr_array((signs, (rows, np.arange(2 * count))), shape=(self._kept.size, 2 * count))
        matrix = sp.csr_array(sp.hstack([self._rows, more], format="csr")) if count else self._rows
        prices, links = np.repeat(np.array(list(self._slack.values())), 2), sides.links
        ends = np.zeros(2 * count), np.full(2 * count, np.inf if soft else 0.0)
        hand_over(
            highs, matrix, np.concatenate([part.cost, links.cost, prices]),
            np.concatenate([sides.lower, links.lower, ends[0]]), np.concatenate([sides.upper, links.upper, ends[1]]),
            sides.row_lower, sides.row_upper,
        )  # fmt: skip
        if self._basis is not None:
            highs.setBasis(self._basis)
            # from far away presolve and a fresh start are quicker
            set_option(highs, "simplex_iteration_limit", max(FEWEST, self._fresh // 4))
            highs.run()
            status = str(highs.getModelStatus().name)
            set_option(highs, "simplex_iteration_limit", MOST)
            self._warm = status in ("kOptimal", "kInfeasible", "kUnbounded")
            if self._warm:
                return status
            highs.clearSolver()
        self._warm = False
        highs.run()
        self._fresh = int(highs.getInfo().simplex_iteration_count)
        status = str(highs.getModelStatus().name)
        if status in ("kOptimal", "kInfeasible", "kUnbounded"):
            return status
        highs.clearSolver()
        set_option(highs, "presolve", "off")
        highs.run()
        set_option(highs, "presolve", "choose")
        return str(highs.getModelStatus().name)

    def _apart(self, sides: Sides, dual: Floats, missed: Integers, point: Floats) -> list[Cut]:
        """What the duals of a point without solution say, for each set of rows that shares no column with others."""
        used = np.flatnonzero(dual)
        matrix = self.part.matrix[self._kept[used]]
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
            self._sides(point),
            cut.rows[stay].astype(np.int64),
            cut.dual[stay],
            np.zeros(self.part.columns.size),
            feasibility=True,
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

    def _feasibility(self, sides: Sides) -> tuple[Floats, Integers] | None:
        """Duals of kept rows where they are missed by as little as can be, and which are; None if none need be."""
        part, rows = self.part, self._kept.size
        eye, links = sp.eye_array(rows, format="csr"), sides.links
        matrix = sp.csr_array(sp.hstack([self._rows, eye, -eye], format="csr"))
        zeros, ones = np.zeros(part.columns.size + links.cost.size), np.ones(2 * rows)
        highs = own_solver()
        hand_over(
            highs, matrix, np.concatenate([zeros, ones]), np.concatenate([sides.lower, links.lower, 0 * ones]),
            np.concatenate([sides.upper, links.upper, np.inf * ones]), sides.row_lower, sides.row_upper,
        )  # fmt: skip
        highs.run()
        if highs.getModelStatus().name != "kOptimal":
            return None
        solution = highs.getSolution()
        slack = np.abs(np.array(solution.col_value)[zeros.size :])
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

    def _sides(self, point: Floats, links: Links | None = None) -> Sides:
        part = self.part
        links = links or Links(point[self.links], point[self.links], np.zeros(self.links.size))
        shift = self._plan @ point
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
        return Sides(lower, upper, low[self._kept], high[self._kept], low_row, high_row, links)

    def _cut(self, sides: Sides, rows: Integers, dual: Floats, cost: Floats, feasibility: bool = False) -> Cut:
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
        self, sides: Sides, rows: Integers, dual: Floats, reduced: Floats
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
        low, high = (np.concatenate([own, box]) for own, box in zip((part.lower, part.upper), self.box, strict=True))
        low, high = finite_bounds(both, low, high, part.row_lower, part.row_upper)
        return low[: part.columns.size], high[: part.columns.size]

    def budget_range(self) -> tuple[Floats, Floats]:
        """The least and the most that each budget of the block can be worth."""
        shared = self.part.matrix[self.part.size :]
        return activity_range(shared, *self.finite) if shared.shape[0] else (np.empty(0), np.empty(0))
