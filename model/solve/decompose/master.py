"""The master: the plan, its own rows, and what the cuts so far say that running the blocks costs at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Cut
from model.solve.decompose.solver import hand_over
from model.solve.decompose.structure import Core
from model.solve.worker import SolverError, quiet_highs, set_option

OPEN = 1e-7
"""A reduced cost that leans on such a bound counts above this share of the column's own cost."""
STEPS = 150
"""Steps after which interior points have lost their way."""
KEPT = 3e-7
"""A row of the core is kept if it is missed by no more than this share of its terms."""
IDLE = 1e-9
"""A cut whose multiplier is smaller says nothing at the moment."""


@dataclass(frozen=True)
class MasterCut:
    """Cuts of a group of blocks added up, as one row of the master; ``members`` are those cuts.

    A feasibility cut stands alone; ``scale`` brings its largest slope to one.
    """

    group: int
    columns: Integers
    slope: Floats
    value: float
    members: tuple[Cut, ...]
    feasibility: bool = False
    scale: float = 1.0


@dataclass(frozen=True)
class Proof:
    """A lower bound and what proves it: duals of the core's rows, and a weight for every cut.

    model: the least cost that the master sees where it looks. point: where. reduced: reduced costs of the columns.
    implied: the bound leans on a bound that only follows from rows, so that the duals alone do not prove it. open: it
    leans on a bound that nothing gives.
    """

    bound: float
    model: float
    rows: Floats
    cuts: tuple[tuple[MasterCut, float], ...]
    point: Floats
    reduced: Floats
    implied: bool
    open: bool


class MasterInfeasible(Exception):
    """No plan keeps the rows of the core and the cuts that say where blocks have a solution."""


class Master:
    """Two solvers for one set of rows: the simplex method for the bound, interior points for a point well inside.

    core, box: rows and columns, with bounds that are finite where rows allow it. groups: how many sums of block costs.
    far: a bound that stands in for one that nothing gives.
    """

    def __init__(self, core: Core, box: tuple[Floats, Floats], groups: int, offset: float, far: float) -> None:
        self.core, self.groups, self.box, self._offset = core, groups, box, offset
        self.cuts: list[MasterCut] = []
        self._idle: list[int] = []
        # bounds that follow from rows stand a little away, so that rows bind and not they
        wide = np.where(np.isfinite(box[1] - box[0]), 1.0 + 0.1 * np.abs(box[1] - box[0]), 1.0)
        low, high = np.maximum(box[0] - wide, core.lower), np.minimum(box[1] + wide, core.upper)
        self._lower = np.where(np.isfinite(box[0]), low, -far)
        self._upper = np.where(np.isfinite(box[1]), high, far)
        self._row_lower, self._row_upper = core.row_lower.copy(), core.row_upper.copy()
        self._cost = np.concatenate([core.cost, np.ones(groups)])
        self._bound, self._inside = quiet_highs(), quiet_highs()
        set_option(self._bound, "solver", "simplex")
        set_option(self._inside, "solver", "ipx")
        set_option(self._inside, "run_crossover", "off")
        set_option(self._inside, "ipm_iteration_limit", STEPS)
        self._pass(self._bound, self._cost, ())
        used = np.flatnonzero(self._cost)
        self._pass(self._inside, np.zeros(self._cost.size), ((used, self._cost[used]),))
        self._columns = np.arange(core.columns, dtype=np.int32)

    def _pass(self, highs: highspy.Highs, cost: Floats, first: tuple[tuple[Integers, Floats], ...]) -> None:
        """Hand over the core; ``first`` are rows that stand before it, open on both sides."""
        core, groups, count = self.core, self.groups, len(first)
        width = core.columns + groups
        own = sp.csr_array(sp.hstack([core.matrix, sp.csr_array((core.rows.size, groups))], format="csr"))
        for columns, values in first:
            row = sp.csr_array((values, (np.zeros(columns.size, dtype=int), columns)), shape=(1, width))
            own = sp.csr_array(sp.vstack([row, own], format="csr"))
        hand_over(
            highs, own, cost, np.concatenate([self._lower, np.full(groups, -np.inf)]),
            np.concatenate([self._upper, np.full(groups, np.inf)]),
            np.concatenate([np.full(count, -np.inf), self._row_lower]),
            np.concatenate([np.full(count, np.inf), self._row_upper]),
        )  # fmt: skip

    def add(self, cuts: Sequence[MasterCut]) -> None:
        """Add cuts: the group costs at least what the cut says, or the cut is at most zero."""
        if not cuts:
            return
        theta = self.core.columns
        index, value, start, lower = [], [], [0], []
        for cut in cuts:
            columns, slope = cut.columns, -cut.slope * cut.scale
            if not cut.feasibility:
                columns, slope = np.append(columns, theta + cut.group), np.append(slope, 1.0)
            index.append(columns)
            value.append(slope)
            start.append(start[-1] + columns.size)
            lower.append(cut.value * cut.scale)
        for highs in (self._bound, self._inside):
            status = highs.addRows(
                len(cuts), np.array(lower), np.full(len(cuts), np.inf), start[-1],
                np.array(start[:-1], dtype=np.int32), np.concatenate(index).astype(np.int32), np.concatenate(value),
            )  # fmt: skip
            if status == highspy.HighsStatus.kError:
                raise SolverError("HiGHS refused cuts.")
        self.cuts += cuts
        self._idle += [0] * len(cuts)

    def forget(self, rounds: int, first: int) -> None:
        """Drop cuts that were idle in so many proofs in a row, but none of the ``first``."""
        idle = np.array(self._idle)
        idle[:first] = 0
        idle[[cut.feasibility for cut in self.cuts]] = 0
        gone = np.flatnonzero(idle >= rounds).astype(np.int32)
        if gone.size:
            self._bound.deleteRows(gone.size, gone + np.int32(self.core.rows.size))
            self._inside.deleteRows(gone.size, gone + np.int32(self.core.rows.size + 1))
            left = sorted(set(range(len(self.cuts))) - set(gone.tolist()))
            self.cuts, self._idle = [self.cuts[i] for i in left], [self._idle[i] for i in left]

    def mind(self, rows: Integers, yes: bool) -> None:
        """Whether rows of the core have to be kept; none has cuts that know of budgets unless it was minded before."""
        core = self.core
        self._row_lower[rows] = core.row_lower[rows] if yes else -np.inf
        self._row_upper[rows] = core.row_upper[rows] if yes else np.inf
        for highs, first in ((self._bound, 0), (self._inside, 1)):
            where = (rows + first).astype(np.int32)
            highs.changeRowsBounds(  # type: ignore[attr-defined]
                where.size, where, self._row_lower[rows], self._row_upper[rows]
            )

    def sides(self) -> tuple[Floats, Floats]:
        """The sides of the core's rows, without end for those that are not minded."""
        return self._row_lower, self._row_upper

    def bounds(self) -> tuple[Floats, Floats]:
        """Bounds of the columns everywhere."""
        return self._lower, self._upper

    def confine(self, lower: Floats, upper: Floats) -> None:
        """Look for plans between these only; `release` undoes it."""
        low, high = np.maximum(lower, self._lower), np.minimum(upper, self._upper)
        for highs in (self._bound, self._inside):
            highs.changeColsBounds(self._columns.size, self._columns, low, np.maximum(low, high))

    def release(self) -> None:
        """Look for plans everywhere."""
        for highs in (self._bound, self._inside):
            highs.changeColsBounds(self._columns.size, self._columns, self._lower, self._upper)

    def prove_alone(self) -> Proof | None:
        """The least cost that core and cuts allow, wherever, proved by no bounds but the program's own.

        None if those leave the cuts so far without a least cost.
        """
        core, highs = self.core, self._bound
        highs.changeColsBounds(self._columns.size, self._columns, core.lower, core.upper)
        try:
            return self.prove()
        except SolverError:
            return None
        finally:
            self.release()

    def prove(self) -> Proof:
        """The least cost that core and cuts allow, and its proof, which holds wherever `confine` looks.

        MasterInfeasible if they allow nothing.
        """
        highs = self._bound
        self._solved(highs)
        solution = highs.getSolution()
        point = np.array(solution.col_value)[: self.core.columns]
        model = float(highs.getInfo().objective_function_value) + self._offset
        return self._proof(np.array(solution.row_dual), point, model)

    def _solved(self, highs: highspy.Highs) -> None:
        """Run the simplex method, or what else gets through. MasterInfeasible if there is no solution."""
        highs.run()
        status = highs.getModelStatus().name
        for solver, presolve in (("simplex", "on"), ("ipx", "on"), ("simplex", "off")):
            if status in ("kOptimal", "kInfeasible"):
                break
            highs.clearSolver()
            set_option(highs, "solver", solver)
            set_option(highs, "presolve", presolve)
            highs.run()
            status = highs.getModelStatus().name
        set_option(highs, "solver", "simplex")
        set_option(highs, "presolve", "choose")
        if status == "kInfeasible":
            raise MasterInfeasible
        # duals prove a bound whatever they are, also where the point misses a row by a little
        if status != "kOptimal" and not (status == "kUnknown" and highs.getSolution().dual_valid):
            raise SolverError(f"the master ended {status}")

    def anything(self) -> Floats:
        """A plan that keeps core and cuts, whatever it costs. MasterInfeasible if there is none."""
        highs = self._bound
        columns = np.arange(self._cost.size, dtype=np.int32)
        highs.changeColsCost(columns.size, columns, np.zeros(columns.size))
        try:
            self._solved(highs)
            return self._point(highs)
        finally:
            highs.changeColsCost(columns.size, columns, self._cost)

    def nearest(self, target: Floats, weight: Floats) -> Floats | None:
        """The plan that differs least from ``target``, weighted; nan there counts nothing. None if there is no plan.

        Only rows of the core count, no cuts.
        """
        core = self.core
        known = np.flatnonzero(~np.isnan(target) & (weight > 0))
        n, k = core.columns, known.size
        picks = sp.csr_array((np.ones(k), (np.arange(k), known)), shape=(k, n))
        eye = sp.eye_array(k, format="csr")
        rows = sp.vstack(
            [sp.hstack([core.matrix, sp.csr_array((core.rows.size, 2 * k))]), sp.hstack([picks, -eye, eye])],
            format="csr",
        )
        highs = quiet_highs()
        set_option(highs, "solver", "ipx")
        set_option(highs, "run_crossover", "off")
        price = np.tile(weight[known], 2)
        hand_over(
            highs, rows, np.concatenate([np.zeros(n), price]), np.concatenate([self._lower, np.zeros(2 * k)]),
            np.concatenate([self._upper, np.full(2 * k, np.inf)]), np.concatenate([core.row_lower, target[known]]),
            np.concatenate([core.row_upper, target[known]]),
        )  # fmt: skip
        highs.run()
        if not highs.getSolution().value_valid:
            return None
        return self._point(highs)

    def inside(self, level: float | None) -> Floats | None:
        """A point well inside the plans that may cost no more than ``level``; None if none was found."""
        highs = self._inside
        highs.changeRowBounds(0, -np.inf, np.inf if level is None else level - self._offset)
        highs.clearSolver()
        highs.run()
        if highs.getModelStatus().name not in ("kOptimal", "kUnknown") or not highs.getSolution().value_valid:
            return None
        found = self._point(highs)
        return found if np.isfinite(found).all() and self.keeps(found) else None

    def _point(self, highs: highspy.Highs) -> Floats:
        """The columns of the core that a solver found, within their bounds."""
        found: Floats = np.array(highs.getSolution().col_value)[: self.core.columns]
        return np.clip(found, self.core.lower, self.core.upper)

    def keeps(self, point: Floats) -> bool:
        """Whether a point keeps the rows of the core, which interior points need not do to the last digit."""
        core = self.core
        activity, size = core.matrix @ point, abs(core.matrix) @ np.abs(point)
        beyond = np.maximum(self._row_lower - activity, activity - self._row_upper)
        return bool((beyond <= KEPT * np.maximum(1.0, size)).all())

    def _proof(self, dual: Floats, point: Floats, model: float) -> Proof:
        """The bound that these duals prove whatever their quality, with nothing but bounds that hold everywhere."""
        core = self.core
        given = dual[: core.rows.size]
        wrong = ((given > 0) & np.isinf(core.row_lower)) | ((given < 0) & np.isinf(core.row_upper))
        rows = np.where(wrong, 0.0, given)
        weights = self._weights(np.maximum(dual[core.rows.size :], 0.0))
        reduced = core.cost - core.matrix.T @ rows
        bound = self._offset + float(rows @ np.where(rows > 0, core.row_lower, np.where(rows < 0, core.row_upper, 0.0)))
        used = []
        for place, (cut, weight) in enumerate(zip(self.cuts, weights, strict=True)):
            self._idle[place] = 0 if weight > IDLE else self._idle[place] + 1
            if weight:
                reduced[cut.columns] += weight * cut.slope
                bound += weight * cut.value
                used.append((cut, float(weight)))
        own = np.where(reduced > 0, core.lower, np.where(reduced < 0, core.upper, 0.0))
        used_bound = np.where(reduced > 0, self._lower, np.where(reduced < 0, self._upper, 0.0))
        lacking = np.isinf(own)
        leans = lacking & (np.abs(reduced) > OPEN * np.maximum(1.0, np.abs(core.cost)))
        far = leans & np.isinf(np.where(reduced > 0, self.box[0], self.box[1]))
        bound += float(reduced @ np.where(lacking & ~leans, 0.0, np.where(lacking, used_bound, own)))
        return Proof(bound, model, rows, tuple(used), point, reduced, bool(leans.any()), bool(far.any()))

    def _weights(self, dual: Floats) -> Floats:
        """Weights of the cuts: those of a group sum to one."""
        group = np.array([cut.group for cut in self.cuts], dtype=np.int64)
        plain = np.array([not cut.feasibility for cut in self.cuts], dtype=bool)
        scale = np.array([cut.scale for cut in self.cuts])
        total = np.bincount(group[plain], dual[plain], minlength=self.groups)
        if (total <= IDLE).any():
            raise SolverError("a group of blocks has no cut in the proof.")
        return np.where(plain, dual / np.where(plain, total[group], 1.0), dual * scale)


def gathered(group: int, cuts: Sequence[Cut]) -> list[MasterCut]:
    """One row for the cost of the blocks of a group, and one for each block without a solution."""
    found, members = [], []
    for cut in cuts:
        if cut.feasibility:
            largest = float(np.abs(cut.slope).max(initial=0.0))
            scale = 1.0 / largest if largest > 0 else 1.0
            found.append(MasterCut(group, cut.columns, cut.slope, cut.value, (cut,), True, scale))
        else:
            members.append(cut)
    value = sum(cut.value for cut in members)
    if members and np.isfinite(value):
        every = np.concatenate([cut.columns for cut in members])
        columns, place = np.unique(every, return_inverse=True)
        slope = np.bincount(place, np.concatenate([cut.slope for cut in members]), minlength=columns.size)
        kept = slope != 0
        found.append(MasterCut(group, columns[kept], slope[kept], value, tuple(members)))
    return found
