"""What a contingency comes to: the least load that must be shed after it, in any step, given a plan.

Recomputed from the System and the decisions alone. Flows over borders and all that plants, stores and users do stay as
planned; inner links, redispatch and shedding are free. Where the flows of the plan already fit what is left, nothing is
shed; every other case is a small linear program, and each starts from the basis of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import highspy
import numpy as np
import pandas as pd
import scipy.sparse as sp

from model.lp.program import PLAN, LinearProgram
from model.solve.accounts import Accounts, Floats
from model.solve.grid import Grid
from model.solve.worker import SolverError, pass_program, quiet_highs, set_option

COLUMNS = ["contingency", "year", "step", "shed", "stuck"]
LEAST_SHED = 1e-9
"""GW from which shedding counts."""
FITS = 1e-9
"""GW by which the flows of a plan may be beyond what is left and still be taken to fit."""
LAST_RESORT = 1e3
"""What a GW counts that not even shedding balances, against one that is shed."""

Moment = tuple[str, int, str]
"""Contingency, planning year and step."""


@dataclass(frozen=True)
class Case:
    """A contingency in a planning year: what is left, and what is lost, of ``grid``."""

    grid: Grid
    year: int
    limits: Floats
    joint_limits: Floats
    drops: Floats
    lost: Floats

    def fit(self, steps: np.ndarray) -> np.ndarray:
        """In which of ``steps`` the plan's flows already fit and the node of a lost unit helps itself."""
        grid, j = self.grid, self.year
        flows = grid.before[:, j, steps]
        over = grid.over @ flows - self.limits[:, None]
        joint = grid.joint @ flows + grid.joint_kept[:, j, steps] - self.joint_limits[:, None]
        beyond = [over, joint, np.abs(self.drops @ flows), self.lost[:, None] - grid.up[:, j, steps]]
        fits: np.ndarray = np.all(np.concatenate(beyond) <= FITS, axis=0)
        return fits

    def upper(self, step: int) -> Floats:
        """Upper bounds of the columns of `Program` in a step."""
        grid, j = self.grid, self.year
        bounds = (grid.up[:, j, step], grid.down[:, j, step], grid.load[:, j, step])
        free = len(grid.flows), 2 * len(grid.nodes) + len(self.joint_limits)
        return np.concatenate([np.full(free[0], np.inf), *bounds, np.full(free[1], np.inf)])

    def sides(self, step: int) -> tuple[Floats, Floats]:
        """Lower and upper sides of the rows of `Program` in a step."""
        grid, j = self.grid, self.year
        balance = grid.incidence @ grid.before[:, j, step] + self.lost
        most = np.concatenate([self.limits, self.joint_limits - grid.joint_kept[:, j, step]])
        closed = np.zeros(len(self.drops))
        return np.concatenate([balance, np.full(len(most), -np.inf), closed]), np.concatenate([balance, most, closed])


class Program:
    """One HiGHS object for all cases with the same loops; only bounds and sides differ.

    Columns: flows, redispatch up and down, shedding, and what not even that can balance: too little or too much at each
    node, too much on each joint limit. Rows: balance of each node, links, joint limits, loops.
    """

    def __init__(self, grid: Grid, drops: Floats) -> None:
        nodes, limits = len(grid.nodes), len(grid.joint)
        one, joint = sp.eye_array(nodes), sp.eye_array(limits)
        matrix = sp.block_array(
            [
                [sp.csr_array(grid.incidence), one, -one, one, one, -one, None],
                [sp.csr_array(grid.over), None, None, None, None, None, None],
                [sp.csr_array(grid.joint), None, None, None, None, None, -joint],
                [sp.csr_array(drops), None, None, None, None, None, None],
            ],
            format="csc",
        )
        self._shed = slice(len(grid.flows) + 2 * nodes, len(grid.flows) + 3 * nodes)
        rows, columns = matrix.shape
        cost = np.zeros(columns)
        cost[self._shed] = 1.0
        cost[self._shed.stop :] = LAST_RESORT
        program = LinearProgram(
            matrix=sp.csc_array(matrix), cost=cost, offset=0.0, column_lower=np.zeros(columns),
            column_upper=np.full(columns, np.inf), row_lower=np.zeros(rows), row_upper=np.zeros(rows),
            column_families=(), row_families=(), blocks=(PLAN,), column_block=np.zeros(columns, dtype=np.int32),
            row_block=np.zeros(rows, dtype=np.int32), kept_rows=np.arange(rows, dtype=np.int64),
        )  # fmt: skip
        self._highs = quiet_highs()
        # presolve would throw away the basis of the case before, from which a few iterations are enough
        for name, value in (("presolve", "off"), ("solver", "simplex"), ("threads", 1)):
            set_option(self._highs, name, value)
        pass_program(self._highs, program)
        self._every = np.arange(max(rows, columns), dtype=np.int32)

    def least(self, case: Case, step: int) -> tuple[float, float]:
        """GW that are shed at least in a step, and those that not even shedding balances; SolverError if it fails."""
        upper, (low, high) = case.upper(step), case.sides(step)
        self._highs.changeColsBounds(upper.size, self._every[: upper.size], np.zeros(upper.size), upper)
        self._highs.changeRowsBounds(low.size, self._every[: low.size], low, high)  # type: ignore[attr-defined]
        for _ in range(2):
            self._highs.run()
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                values = np.array(self._highs.getSolution().col_value)
                return float(values[self._shed].sum()), float(values[self._shed.stop :].sum())
            self._highs.clearSolver()
        raise SolverError("HiGHS could not tell the least load to be shed after a contingency.")


def after_contingencies(accounts: Accounts, moments: Iterable[Moment] | None = None) -> pd.DataFrame:
    """``contingency, year, step, shed, stuck``: moments after which load must be shed, in GW; others have no row.

    Looks at every step of every planning year from a contingency's first on, or at ``moments`` alone. ``stuck`` is the
    part of ``shed`` that no load is there for: power that cannot leave or reach a node, or a joint limit that stays
    broken. SolverError if HiGHS fails.
    """
    grid = Grid(accounts)
    programs: dict[bytes, Program] = {}
    rows: list[tuple[str, int, str, float, float]] = []
    for (contingency, year), steps in _by_case(accounts, moments).items():
        case = _case(grid, contingency, accounts.years.index(year))
        state = case.drops.tobytes()
        for step in steps[~case.fit(steps)]:
            if state not in programs:
                programs[state] = Program(grid, case.drops)
            shed, stuck = programs[state].least(case, int(step))
            if shed + stuck > LEAST_SHED:
                rows.append((contingency, year, accounts.steps[step], shed + stuck, stuck))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"year": int, "shed": float, "stuck": float})


def secure_violations(accounts: Accounts, tolerance: float) -> pd.DataFrame:
    """Rows of `after_contingencies` beyond what the plan says of its year by more than ``tolerance``, worst first."""
    found = after_contingencies(accounts)
    beyond = beyond_insecurity(accounts, found)
    worst_first = np.argsort(-beyond, kind="stable")
    return found.iloc[worst_first[beyond[worst_first] > tolerance]].reset_index(drop=True)


def beyond_insecurity(accounts: Accounts, rows: pd.DataFrame) -> Floats:
    """GW by which shedding is more than the insecurity of its year; what is stuck always counts."""
    said = dict(zip(accounts.years, accounts.dense("insecurity", "year"), strict=True))
    allowed = rows["year"].map(said).to_numpy(dtype=float)
    found: Floats = np.maximum(rows["shed"].to_numpy() - allowed, rows["stuck"].to_numpy())
    return found


def critical_moments(accounts: Accounts) -> list[Moment]:
    """Moments at which the plan states that it survives a contingency."""
    columns = (accounts.system[f"critical_{c}"].to_numpy() for c in ("contingency", "year", "step"))
    return [(str(c), int(y), str(t)) for c, y, t in zip(*columns, strict=True)]


def _by_case(accounts: Accounts, moments: Iterable[Moment] | None) -> dict[tuple[str, int], np.ndarray]:
    """Positions of the steps to look at by (contingency, year)."""
    if moments is None:
        system, every = accounts.system, np.arange(len(accounts.steps))
        first = system["contingency_first_year"].to_numpy().astype(float)
        names = system["contingency"].to_numpy()
        return {
            (str(c), y): every for c, since in zip(names, first, strict=True) for y in accounts.years if not y < since
        }
    place = {step: i for i, step in enumerate(accounts.steps)}
    found: dict[tuple[str, int], list[int]] = {}
    for contingency, year, step in moments:
        found.setdefault((contingency, year), []).append(place[step])
    return {case: np.array(steps, dtype=int) for case, steps in found.items()}


def _case(grid: Grid, contingency: str, year: int) -> Case:
    """What ``contingency`` leaves of the network; the loops after the loss of a unit are those before it."""
    system = grid.accounts.system
    row = list(system["contingency"].to_numpy()).index(contingency)
    link, share, node, lost = (system[f"contingency_{c}"].to_numpy()[row] for c in ("link", "share", "node", "lost"))
    shares = {str(link): float(share)} if link else {}
    left = np.array([1 - shares.get(own, 0.0) for own in grid.links])
    return Case(
        grid,
        year,
        left * grid.rating[:, year],
        grid.joint_limit(year, shares),
        grid.drops(contingency if link else "", year),
        np.array([float(lost) if node == own else 0.0 for own in grid.nodes]),
    )
