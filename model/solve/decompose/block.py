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
MISSED = 5e-7
"""A row that its slack has to mend by more than this is not kept."""
NEGLIGIBLE = 1e-7
"""A reduced cost that wants an infinite bound counts as zero below this share of its largest term."""
DEARER = 4.0
"""Slack that is used costs so many times as much from then on."""
DEAREST = 1e7
"""What a unit of slack costs at most, in million USD."""
ENDS = ("kOptimal", "kInfeasible", "kUnbounded")
"""Statuses that need no second try."""
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
    _basis: highspy.HighsBasis | None = None
    _fresh: int = 0
    _soft: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        part, own = self.part, np.diff(self.part.matrix.indptr)
        self._linked = part.plan[:, self.links]
        elsewhere = np.ones(part.plan.shape[1])
        elsewhere[self.links] = 0.0
        self._plan = sp.csr_array(part.plan @ sp.diags_array(elsewhere))
        self._plan.eliminate_zeros()
        single = (own == 1) & (np.diff(self._linked.indptr) == 0)
        # what keeps within a budget stays a row, which slack can mend unless the budget is a link
        single[part.size :] = False
        budgets = part.size + np.flatnonzero(np.diff(self._linked.indptr)[part.size :] == 0)
        self._spent = np.isin(self.links, part.plan[part.size :].indices)
        self._sort_rows(np.flatnonzero(single), np.flatnonzero((own > 0) & ~single), budgets)

    def _sort_rows(self, single: Integers, kept: Integers, soft: Integers) -> None:
        """Which rows become bounds, which stay, and which of these may be missed at a price, as links may."""
        matrix = self.part.matrix
        entries = matrix.indptr[single]
        self._single, self._kept = single, kept
        self._column, self._coefficient = matrix.indices[entries], matrix.data[entries]
        self._soft = np.union1d(self._soft, np.intersect1d(soft, kept))
        linked = self._linked[kept]
        places = np.searchsorted(kept, self._soft)
        mend = sp.csr_array((np.ones(places.size), (places, np.arange(places.size))), shape=(kept.size, places.size))
        apart = sp.csc_array(sp.hstack([linked, mend]))
        both = sp.csc_array(sp.hstack([apart, -apart]))[:, np.arange(2 * apart.shape[1]).reshape(2, -1).T.ravel()]
        self._matrix = sp.csr_array(sp.hstack([matrix[kept], linked, both], format="csr"))
        self._price = np.full(apart.shape[1], self.price)
        self._basis = None

    def answer(self, point: Floats) -> Answer:
        """The least cost at a point, with the cut there; where there is no solution, the least with slack at a price.

        BlockUnbounded if there is no least. SolverError if the solver does not get through.
        """
        return self._answer(point, self._given(point))[0]

    def choice(self, point: Floats, slope: Floats) -> tuple[Answer, Floats]:
        """The answer where the block itself decides its links if ``point`` does not know them (nan), and what they are.

        ``slope``: what the block's cost is to gain by a unit of such a column. The cut holds everywhere as any other.
        """
        free, given = np.isnan(point[self.links]), self._given(point)
        low, high = (end[self.links] for end in self.box)
        low = np.where(free, np.where(np.isinf(low), -FAR, low), given.lower)
        high = np.where(free, np.where(np.isinf(high), FAR, high), given.upper)
        nearest_zero = np.clip(0.0, *self.box)
        known = np.where(np.isnan(point), np.where(np.isfinite(nearest_zero), nearest_zero, 0.0), point)
        return self._answer(known, Links(low, high, np.where(free, -slope[self.links], 0.0), True))

    def _given(self, point: Floats) -> Links:
        """Links as a point has them; a budget without end is free."""
        own = point[self.links]
        endless = np.isinf(own)
        return Links(np.where(endless, -np.inf, own), np.where(endless, np.inf, own), np.zeros(own.size))

    def _answer(self, point: Floats, links: Links) -> tuple[Answer, Floats]:
        sides = self._sides(point, links)
        crossed = np.flatnonzero(sides.lower > sides.upper)
        if crossed.size:
            # such columns keep their rows as rows, which slack can mend
            stays = ~np.isin(self._column, crossed)
            more = self._single[~stays]
            self._sort_rows(self._single[stays], np.sort(np.concatenate([self._kept, more])), more)
            sides = self._sides(point, links)
        status = self._run(sides)
        if status == "kInfeasible":
            status = self._run_soft(sides)
        if status == "kInfeasible":
            self._sort_rows(self._single, self._kept, self._kept)
            self._run(sides)
            status = self._run_soft(sides)
        if status in ("kUnbounded", "kUnboundedOrInfeasible"):
            raise BlockUnbounded(f"block {self.part.block}")
        if status != "kOptimal":
            raise SolverError(f"block {self.part.block} ended {status}")
        return self._told(sides, point)

    def _told(self, sides: Sides, point: Floats) -> tuple[Answer, Floats]:
        """What the solver has found, as an answer, and the links."""
        highs, n = own_solver(), self.part.columns.size
        width = n + self.links.size
        solution = highs.getSolution()
        values, dual = np.array(solution.col_value), np.array(solution.row_dual)
        self._basis = highs.getBasis()
        own, here = values[:n], values[n:width]
        used = np.abs(values[width:]).reshape(-1, 2).sum(axis=1)
        used = np.where(used > MISSED, used, 0.0)
        found = [self._cut(sides, self._kept, dual, self.part.cost)]
        counts = np.concatenate([~self._spent, self._soft < self.part.size]).astype(float)
        slack, penalty = float(used @ counts), float(used @ (counts * self._price))
        self._price = np.where(used > 0, np.minimum(DEAREST, DEARER * self._price), self._price)
        if used.any() and not sides.links.chosen:
            found += self._least_missed(sides, point)
        return Answer(self.number, float(self.part.cost @ own), own, slack, penalty, tuple(found)), here

    def _run(self, sides: Sides) -> str:
        """Solve at a point from where the block ended last, without slack; the status that HiGHS gives."""
        highs, part, links = own_solver(), self.part, sides.links
        ends = np.zeros(2 * self._price.size)
        hand_over(
            highs, self._matrix, np.concatenate([part.cost, links.cost, np.repeat(self._price, 2)]),
            np.concatenate([sides.lower, links.lower, ends]), np.concatenate([sides.upper, links.upper, ends]),
            sides.row_lower, sides.row_upper,
        )  # fmt: skip
        return self._run_from_here()

    def _run_from_here(self) -> str:
        """Solve what the solver has been given from the basis of the block, or from nothing."""
        highs = own_solver()
        if self._basis is not None:
            highs.setBasis(self._basis)
            # from far away presolve and a fresh start are quicker
            set_option(highs, "simplex_iteration_limit", max(FEWEST, self._fresh))
            highs.run()
            status = str(highs.getModelStatus().name)
            set_option(highs, "simplex_iteration_limit", MOST)
            if status in ENDS:
                return status
            highs.clearSolver()
        highs.run()
        self._fresh = int(highs.getInfo().simplex_iteration_count)
        status = str(highs.getModelStatus().name)
        if status in ENDS:
            return status
        for option, value, usual in (("presolve", "off", "choose"), ("solver", "ipx", "simplex")):
            highs.clearSolver()
            set_option(highs, option, value)
            highs.run()
            set_option(highs, option, usual)
            status = str(highs.getModelStatus().name)
            if status in ENDS:
                break
        return status

    def _run_soft(self, sides: Sides) -> str:
        """The same with slack, from where the run without it ended."""
        highs, first = own_solver(), self.part.columns.size + sides.links.cost.size
        count = 2 * self._price.size
        columns = np.arange(first, first + count, dtype=np.int32)
        highs.changeColsBounds(count, columns, np.zeros(count), np.full(count, np.inf))
        return self._run_from_here()

    def _least_missed(self, sides: Sides, point: Floats) -> list[Cut]:
        """Cuts that say why a point has no solution, from the least slack in all; begins where a run with slack ended.

        Leaves the solver with these costs.
        """
        highs, first = own_solver(), self.part.columns.size + sides.links.cost.size
        count = 2 * self._price.size
        columns = np.arange(first + count, dtype=np.int32)
        highs.changeColsCost(columns.size, columns, np.concatenate([np.zeros(first), np.ones(count)]))
        set_option(highs, "simplex_iteration_limit", max(FEWEST, self._fresh // 4))
        highs.run()
        set_option(highs, "simplex_iteration_limit", MOST)
        if highs.getModelStatus().name != "kOptimal":
            # presolve takes most of a block that costs nothing
            highs.clearSolver()
            highs.run()
        if highs.getModelStatus().name != "kOptimal":
            return []
        return self._apart(sides, np.array(highs.getSolution().row_dual), point)

    def _apart(self, sides: Sides, dual: Floats, point: Floats) -> list[Cut]:
        """What the duals of a point without solution say, for each set of rows that shares no column with others."""
        used = np.flatnonzero(dual)
        matrix = self.part.matrix[self._kept[used]]
        _, label = connected_components(sp.block_array([[None, matrix], [matrix.T, None]]), directed=False)
        label = label[: used.size]
        zero = np.zeros(self.part.columns.size)
        found = []
        for component in np.unique(label):
            own = used[label == component]
            cut = self._cut(sides, self._kept[own], dual[own], zero, feasibility=True)
            if cut.at(point) > 0.5 * MISSED:
                found.append(cut)
        return found

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

    def _sides(self, point: Floats, links: Links | None = None) -> Sides:
        part = self.part
        links = links or self._given(point)
        shift = self._plan @ point
        # a budget without end leaves its row open
        low, high = (np.where(np.isinf(end), end, end - shift) for end in (part.row_lower, part.row_upper))
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
        return more, price, paid + self.paid_by_bounds(rows, dual, left, reduced[left])

    def paid_by_bounds(self, rows: Integers, dual: Floats, columns: Integers, price: Floats) -> float:
        """What bounds of columns are paid for reduced costs that duals of rows leave them; -inf where none is found."""
        part = self.part
        wanted = np.where(price > 0, part.lower[columns], part.upper[columns])
        infinite = np.isinf(wanted)
        if infinite.any():
            low, high = self.finite
            at = columns[infinite]
            limit = np.where(price[infinite] > 0, low[at], high[at])
            size = np.maximum(1.0, abs(part.matrix[rows][:, at]).T @ np.abs(dual))
            small = np.abs(price[infinite]) <= NEGLIGIBLE * size
            wanted[infinite] = np.where(np.isinf(limit) & small, 0.0, limit)
        return float(price @ wanted)

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
