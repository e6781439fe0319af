"""Rounds of blocks and master until the plan found costs no more than what is proved to be needed.

In every round all blocks are run at one plan; what they cost gives an upper bound, and their duals cuts. The next plan
is a point well inside those that, as far as the cuts know, may cost half-way between the bounds or less (the level set
of Pecci and Jenkins, IEEE Transactions on Power Systems 40(4), 2025). Where a plan to start from is known, rounds stay
near the best plan until it cannot be improved there, and look everywhere only then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.lp.program import Floats, Integers
from model.solve.decompose.block import Answer, Block, Cut
from model.solve.decompose.box import finite_bounds
from model.solve.decompose.master import Master, MasterInfeasible, Proof, gathered
from model.solve.decompose.structure import Structure


FINE = 1e-5
"""A gap below which every other plan is the cheapest that the master knows."""


@dataclass(frozen=True)
class Choices:
    """How rounds are made. Measured: docs/decisions/decomposition.md.

    groups: sums of block costs of a year; 0: one for each block. level: where between the bounds the next plan may lie.
    near: share of a column, or of its range, by which plans may differ from the best at first where one is known.
    slack_price: what a unit of slack costs at first, million USD. forget: proofs after which an idle cut is dropped. far: a bound in place of one
    that nothing gives.
    """

    groups: int = 0
    level: float = 0.5
    near: float = 0.1
    slack_price: float = 100.0
    forget: int = 12
    far: float = 1e6
    first: float = 0.1
    rounds: int = 400
    threads: int = 2


@dataclass(frozen=True)
class Round:
    """Where the search stands: bounds so far, the cost of the plan looked at, and seconds in blocks and in the master.

    bound: -inf until plans everywhere were looked at; near: the least cost near the best plan as far as cuts know.
    """

    number: int
    bound: float
    near: float
    best: float
    cost: float
    slack: float
    block_seconds: float
    master_seconds: float
    seconds: float

    @property
    def gap(self) -> float:
        """Relative distance of the bounds."""
        return relative(self.best, self.bound)


@dataclass(frozen=True)
class Found:
    """The best plan, what each block does in it, and the proof of the bound."""

    status: str
    best: float
    bound: float
    plan: Floats
    answers: tuple[Answer, ...]
    proof: Proof | None
    rounds: tuple[Round, ...]


Run = Callable[[Floats], Sequence[Answer]]
"""Runs all blocks at a point; answers come in the order of the blocks."""


def relative(best: float, bound: float) -> float:
    """The gap as a share of what the best plan costs."""
    return float("inf") if not np.isfinite(best) else (best - bound) / max(1.0, abs(best))


class Search:
    """The state of a search; `go` makes rounds until the gap is reached."""

    def __init__(
        self,
        structure: Structure,
        box: tuple[Floats, Floats],
        blocks: Sequence[Block],
        group: Integers,
        offset: float,
        run: Run,
        choices: Choices,
        start: Floats | None = None,
    ) -> None:
        self._core, self._box = structure.core, box
        self._run, self._choices, self._group = run, choices, group
        self._offset = offset
        self.master = Master(self._core, self._box, int(group.max(initial=-1)) + 1, offset, choices.threads, choices.far)
        self._start = start
        shapes = [block.part.matrix.shape for block in blocks]
        self._siblings = [
            [other for other, alike in zip(blocks, shapes, strict=True) if alike == shape and other is not block]
            for block, shape in zip(blocks, shapes, strict=True)
        ]
        self._merit = np.inf
        for block in blocks:
            self.master.add(gathered(int(group[block.number]), block.certain(), self._core.columns))
        self._certain = len(self.master.cuts)
        self._centre, self._radius = start, choices.near
        self.best, self.bound = np.inf, -np.inf
        self._plan: Floats = np.zeros(0)
        self._answers: tuple[Answer, ...] = ()
        self._proof: Proof | None = None
        self.rounds: list[Round] = []

    def go(self, gap: float, told: Callable[[Round], None] | None = None, time_limit: float | None = None) -> Found:
        """Rounds until the gap is reached. MasterInfeasible if there is no plan."""
        begun = time.perf_counter()
        in_blocks = in_master = 0.0
        point = self._first()
        for number in range(self._choices.rounds):
            stage = time.perf_counter()
            answers = self._run(point)
            in_blocks += time.perf_counter() - stage
            stage = time.perf_counter()
            cost = self._take(point, answers)
            low, point = self._next(gap)
            in_master += time.perf_counter() - stage
            self.rounds.append(
                Round(
                    number, self.bound, low, self.best, cost, sum(a.slack for a in answers), in_blocks, in_master,
                    time.perf_counter() - begun,
                )
            )  # fmt: skip
            if told is not None:
                told(self.rounds[-1])
            if relative(self.best, self.bound) <= gap and self._settled():
                return self._found("optimal")
            if time_limit is not None and time.perf_counter() - begun > time_limit:
                return self._found("time_limit")
        return self._found("failed")

    def _first(self) -> Floats:
        """A plan to begin with: near the start if there is one, else well inside of what the core allows."""
        point = None
        while self._centre is not None and point is None and self._radius <= 1:
            self._confine(self._choices.first * self._radius)
            point = self.master.inside(None)
            if point is None:
                self._radius *= 2
        if point is None:
            self.master.release()
            self._centre = None
            point = self.master.inside(None)
        if point is None:
            point = self.master.anything()
        return point

    def _take(self, point: Floats, answers: Sequence[Answer]) -> float:
        """Learn from the answers at a point; what it costs without slack."""
        cost = float(self._core.cost @ point) + self._offset + sum(answer.cost for answer in answers)
        if cost < self.best and not any(answer.slack > 0 for answer in answers):
            self.best, self._plan, self._answers = cost, point, tuple(answers)
            if self._centre is not None:
                self._centre = np.where(np.isnan(self._centre), np.nan, point)
        merit = cost + sum(answer.penalty for answer in answers)
        if not np.isfinite(self.best) and self._centre is not None and merit < self._merit:
            self._centre = np.where(np.isnan(self._centre), np.nan, point)
        self._merit = min(self._merit, merit)
        for group in range(self.master.groups):
            cuts = [cut for i in np.flatnonzero(self._group == group) for cut in answers[i].cuts]
            self.master.add(gathered(group, cuts, self._core.columns))
        self._share([cut for answer in answers for cut in answer.cuts if cut.feasibility], point)
        return cost

    def _share(self, cuts: Sequence[Cut], point: Floats) -> None:
        """What one block cannot do at a point others like it cannot do either."""
        found = []
        for cut in cuts:
            for block in self._siblings[cut.part]:
                like = block.alike(cut, point)
                if like is not None:
                    found += gathered(int(self._group[block.number]), [like], self._core.columns)
        self.shared = len(found)
        self.master.add(found)

    def _next(self, gap: float) -> tuple[float, Floats]:
        """The least cost that the master sees where it looks, and the next point to look at."""
        low = -np.inf
        if self._centre is not None:
            near = self._look_near()
            if near is not None and relative(self.best, near) > 0.5 * gap:
                low = near
            else:
                self.master.release()
                self._centre = None
        if self._centre is None:
            self._last = proof = self.master.prove()
            better = self._proof is None or proof.bound > self.bound or (self._proof.implied and not proof.implied)
            if better and relative(self.best, proof.bound) <= max(gap, relative(self.best, self.bound)):
                self.bound, self._proof = proof.bound, proof
            low = self.bound
        self.master.forget(self._choices.forget, self._certain)
        top = self.best if np.isfinite(self.best) else self._merit
        found = self.master.inside(low + self._choices.level * (max(top, low) - low))
        # near the end a vertex of what is known is better than a point inside, which is never quite optimal
        vertex = found is None or relative(self.best, low) <= gap or (relative(self.best, low) < FINE and len(self.rounds) % 2 == 1)
        return low, np.clip(self._last.point, self._core.lower, self._core.upper) if vertex else found

    def _settled(self) -> bool:
        """Whether the proof rests on the program's own bounds, or on bounds far out that no round can replace."""
        proof = self._proof
        return proof is None or not proof.implied or proof.open

    def _look_near(self) -> float | None:
        """The least cost near the best plan; None if there is no plan near it."""
        self._confine(self._radius)
        try:
            self._last = self.master.prove()
        except MasterInfeasible:
            self._radius *= 2
            return None if self._radius > 1 else self._look_near()
        return self._last.model

    def _confine(self, radius: float) -> None:
        """Let the master look near the best plan only; what is not known of it may be anything."""
        centre = self._centre
        assert centre is not None
        span = self._box[1] - self._box[0]
        away = radius * np.maximum(np.abs(centre), 0.2 * np.where(np.isfinite(span), span, np.abs(centre)))
        away, at = np.where(np.isnan(centre), np.inf, away), np.nan_to_num(centre)
        self.master.confine(at - away, at + away)

    def _found(self, status: str) -> Found:
        return Found(status, self.best, self.bound, self._plan, self._answers, self._proof, tuple(self.rounds))


def core_box(structure: Structure) -> tuple[Floats, Floats]:
    """Bounds of the master's columns that follow from their own rows."""
    core = structure.core
    return finite_bounds(core.matrix, core.lower, core.upper, core.row_lower, core.row_upper)


def with_budgets(structure: Structure, box: tuple[Floats, Floats], blocks: Sequence[Block]) -> tuple[Floats, Floats]:
    """The box with every budget bounded by what its block can make of it."""
    lower, upper = box[0].copy(), box[1].copy()
    first = structure.core.plan.size
    for block in blocks:
        low, high = block.budget_range()
        lower[first : first + low.size] = np.maximum(lower[first : first + low.size], low)
        upper[first : first + low.size] = np.minimum(upper[first : first + low.size], high)
        first += low.size
    return lower, upper
