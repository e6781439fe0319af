"""Rounds of blocks and master until the plan found costs no more than what is proved to be needed.

In every round all blocks are run at one plan; what they cost gives an upper bound, and their duals cuts. The next plan
is a point well inside those that, as far as the cuts know, may cost half-way between the bounds or less (the level set
of Pecci and Jenkins, IEEE Transactions on Power Systems 40(4), 2025). Where a plan to start from is known, rounds stay
near the best plan until it cannot be improved there, and look everywhere only then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

import numpy as np

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Answer, BlockUnbounded, Cut
from model.solve.decompose.block import Block
from model.solve.decompose.box import finite_bounds
from model.solve.decompose.master import Master, MasterInfeasible, Proof, gathered
from model.solve.decompose.memory import Memory, begin_at, digests_of, recalled
from model.solve.decompose.neighbourhood import Neighbourhood, Start
from model.solve.decompose.repair import Movable, Repair
from model.solve.decompose.sharing import Sharing
from model.solve.decompose.structure import Structure

NEAR_ENOUGH = 2.0
"""What is near grows once no plan in it is better by so many times the gap asked for."""
ENDS_COUNT = 0.2
"""The ends of what is near matter if they add more than this share of the gap asked for to the least cost there."""
GROWTHS = 40
"""How often what is near grows at most before the next round; beyond, plans are looked for everywhere."""
FINE = 1e-5
"""A gap below which every other plan is the cheapest that the master knows."""

T = TypeVar("T")


@dataclass(frozen=True)
class Choices:
    """How rounds are made. Measured: docs/decisions/decomposition.md.

    groups: sums of block costs of a year; 0: one for each block. level: where between the bounds the next plan may lie.
    near: share of a column, or of its range, by which plans may differ at first from one that is known; near_unknown:
    the same for columns that were not known. slack_price: what a unit of slack costs at first, million USD. forget:
    proofs after which an idle cut is dropped. far: a bound in place of one that nothing gives. rounds: at most.
    repairs: how often a plan that some blocks cannot run is mended.
    """

    groups: int = 0
    level: float = 0.5
    near: float = 0.1
    near_unknown: float = 0.05
    slack_price: float = 100.0
    forget: int = 12
    far: float = 1e6
    rounds: int = 400
    repairs: int = 10


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

    def line(self) -> str:
        """One line for a log."""
        return (
            f"round {self.number + 1}: bound {self.bound:.6f} (near {self.near:.6f}), best {self.best:.6f}, "
            f"here {self.cost:.6f} with slack {self.slack:.3g}, gap {self.gap:.2e}; blocks {self.block_seconds:.1f} s, "
            f"master {self.master_seconds:.1f} s, in all {self.seconds:.1f} s"
        )


@dataclass(frozen=True)
class Found:
    """The best plan, or the least bad if blocks failed at all of them, what each block does in it, and the proof of
    the bound; no answers without a plan that all blocks can run."""

    status: Literal["optimal", "time_limit", "failed"]
    best: float
    bound: float
    plan: Floats
    answers: tuple[Answer, ...]
    proof: Proof | None
    rounds: tuple[Round, ...]


class Run(Protocol):
    """Asks all blocks; answers come in the order of the blocks."""

    def answers(self, point: Floats, which: Integers | None = None) -> Sequence[Answer]:
        """What every block, or which of them, says at a point."""

    def choices(self, start: Start) -> Sequence[tuple[Answer, Floats]]:
        """What every block decides by itself near a start; see `Block.choice`."""


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
        start: Start | None = None,
        known: Memory | None = None,
    ) -> None:
        self._structure, self._known, self._core, self._box, self._group = structure, known, structure.core, box, group
        self._run, self._choices, self._offset, self._start = run, choices, offset, start
        groups = int(group.max(initial=-1)) + 1
        self._master = Master(self._core, box, groups, offset, choices.far)
        for block in blocks:
            self._master.add(gathered(int(group[block.number]), block.certain()))
        self._links = [block.links for block in blocks]
        self._sharing, self._movable = Sharing(structure), Movable(structure)
        self._master.mind(self._sharing.rows, False)
        if start is not None:
            self._mind(self._sharing.priced(start))
        self._certain = len(self._master.cuts)
        if known is not None:
            self._recall(known, blocks)
        self._near: Neighbourhood | None = None
        self._best, self._bound, self._merit = np.inf, -np.inf, np.inf
        self._plan: Floats = np.zeros(0)
        self._answers: tuple[Answer, ...] = ()
        self._proof: Proof | None = None
        self._rounds: list[Round] = []

    def go(self, gap: float, told: Callable[[Round], None] | None = None, time_limit: float | None = None) -> Found:
        """Rounds until the gap is reached. MasterInfeasible if there is no plan."""
        begun = time.perf_counter()
        in_blocks = in_master = 0.0
        point = self._first()
        for number in range(self._choices.rounds):
            stage = time.perf_counter()
            cost, slack = self._ask(point)
            in_blocks += time.perf_counter() - stage
            stage = time.perf_counter()
            low, point = self._next(gap)
            in_master += time.perf_counter() - stage
            seconds = time.perf_counter() - begun
            made = Round(number, self._bound, low, self._best, cost, slack, in_blocks, in_master, seconds)
            self._rounds.append(made)
            if told is not None:
                told(made)
            if relative(self._best, self._bound) <= gap and self._settled():
                return self._found("optimal")
            if time_limit is not None and seconds > time_limit:
                return self._found("time_limit")
        return self._found("failed")

    def _recall(self, known: Memory, blocks: Sequence[Block]) -> None:
        """Tell the master what another search has learnt of blocks that are the same."""
        if not known.fits(self._structure):
            self._known = None
            return
        self._mind(np.intersect1d(self._sharing.rows, known.rows(self._structure)))
        self._master.add(recalled(known.fitting(self._structure, blocks), self._group))

    def memory(self) -> Memory:
        """What is known now, for another search."""
        core = self._core
        cuts = tuple(cut for row in self._master.cuts[self._certain :] for cut in row.members)
        digests, minded = digests_of(self._structure), self._sharing.minded()
        return Memory(digests, core.plan.size, core.columns, cuts, minded, self._plan)

    def _mind(self, rows: Integers) -> None:
        """Share these rows out from now on."""
        if rows.size:
            self._sharing.add(rows)
            self._master.mind(rows, True)

    def _first(self) -> Floats:
        """A plan to begin with: near the start if there is one, else well inside of what the core allows."""
        point = None if self._known is None else begin_at(self._master, self._known.plan)
        if point is not None:
            if self._known is not None and self._known.nearby:
                self._near = Neighbourhood(point, self._box, np.full(point.size, self._choices.near))
            return point
        if self._start is not None:
            chosen = self._chosen(self._start)
            self._learn([answer for answer, _ in chosen])
            centre = self._start.completed(self._master, self._links, [decided for _, decided in chosen], self._box)
            reach = np.where(np.isnan(self._start.point), self._choices.near_unknown, self._choices.near)
            self._near = None if centre is None else Neighbourhood(centre, self._box, reach)
            if centre is not None:
                return centre
        if point is None:
            point = self._master.inside(None)
        return self._master.anything() if point is None else point

    def _ask(self, point: Floats) -> tuple[float, float]:
        """Run all blocks at a point, or where some have no solution at the nearest where they have; cost and slack."""
        answers = self._asked(point)
        cost = self._take(point, answers)
        repair: Repair | None = None
        known = len(self._master.cuts)
        for _ in range(self._choices.repairs):
            slack = sum(answer.slack for answer in answers)
            if not slack or not np.isfinite(cost):
                break
            if repair is None:
                repair = Repair(self._master, self._movable, point)
            else:
                repair.add([cut for cut in self._master.cuts[known:] if cut.feasibility])
            known = len(self._master.cuts)
            nearest = repair.nearest()
            if nearest is None:
                break
            blocks = self._movable.moved(point, nearest)
            if not blocks.size:
                break
            point = nearest
            for answer in self._asked(point, blocks):
                answers[answer.part] = answer
            cost = self._take(point, answers, blocks)
        return cost, sum(answer.slack for answer in answers)

    def _asked(self, point: Floats, which: Integers | None = None) -> list[Answer]:
        """What blocks say, all or some, at a point."""
        return list(self._with_an_end(lambda: self._run.answers(self._sharing.asked(point), which)))

    def _chosen(self, start: Start) -> Sequence[tuple[Answer, Floats]]:
        """What blocks decide by themselves near a start."""
        return self._with_an_end(lambda: self._run.choices(replace(start, point=self._sharing.asked(start.point))))

    def _with_an_end(self, ask: Callable[[], T]) -> T:
        """What blocks say, with shares of all limits where one of them has no least cost without."""
        try:
            return ask()
        except BlockUnbounded:
            if not self._sharing.rows.size:
                raise
            self._mind(self._sharing.rows)
            return ask()

    def _take(self, point: Floats, answers: Sequence[Answer], fresh: Integers | None = None) -> float:
        """Learn from the answers at a point, those of ``fresh`` blocks if not all; what it costs without slack."""
        cost = float(self._core.cost @ point) + self._offset + sum(answer.cost for answer in answers)
        merit = cost + sum(answer.penalty for answer in answers)
        more, missed = self._sharing.missed(point, answers)
        self._mind(more)
        feasible = not missed and not any(answer.slack > 0 for answer in answers)
        better = cost < self._best if feasible else not missed and not np.isfinite(self._best) and merit < self._merit
        if better:
            self._plan = point
        if better and self._near is not None:
            self._near.move(point)
        if better and feasible:
            self._best, self._answers = cost, tuple(answers)
        self._merit = min(self._merit, merit)
        new = answers if fresh is None else [answers[part] for part in fresh]
        self._learn(self._whole_groups(answers, new))
        return cost

    def _whole_groups(self, answers: Sequence[Answer], new: Sequence[Answer]) -> Sequence[Answer]:
        """New answers, and what others of their groups said of their costs: sums that lack a block would prove wrong
        where a block earns."""
        fresh = {answer.part for answer in new}
        touched = {int(self._group[part]) for part in fresh}
        others = [answer for answer in answers if answer.part not in fresh and int(self._group[answer.part]) in touched]
        return [*new, *(replace(a, cuts=tuple(cut for cut in a.cuts if not cut.feasibility)) for a in others)]

    def _learn(self, answers: Sequence[Answer]) -> None:
        """Tell the master the cuts of all blocks."""
        of_group: dict[int, list[Cut]] = {}
        for answer in answers:
            of_group.setdefault(int(self._group[answer.part]), []).extend(answer.cuts)
        self._master.add([one for group, cuts in sorted(of_group.items()) for one in gathered(group, cuts)])

    def _next(self, gap: float) -> tuple[float, Floats]:
        """The least cost that the master sees where it looks, and the next point to look at."""
        proof = self._proved(gap)
        self._keep(proof, gap)
        if proof.implied and relative(self._best, self._bound) <= gap:
            alone = self._master.prove_alone()
            if alone is not None:
                self._keep(alone, gap)
        self._master.forget(self._choices.forget, self._certain)
        low = proof.model
        away = relative(self._best, low)
        # near the end a vertex of what is known is better than a point inside, which is never quite optimal
        if away <= gap or (away < FINE and len(self._rounds) % 2 == 1):
            inside = None
        else:
            top = self._best if np.isfinite(self._best) else self._merit
            inside = self._master.inside(low + self._choices.level * (max(top, low) - low))
        return low, np.clip(proof.point, self._core.lower, self._core.upper) if inside is None else inside

    def _proved(self, gap: float) -> Proof:
        """The least cost near the best plan, or, if no plan near it is much better, what is proved of plans everywhere.

        What is near grows until either is the case.
        """
        for _ in range(GROWTHS):
            proof = None if self._near is None else self._prove_near(self._near)
            if proof is None or self._near is None:
                break
            if relative(self._best, proof.model) > NEAR_ENOUGH * gap:
                return proof
            if relative(proof.model, proof.bound) <= ENDS_COUNT * gap:
                return proof
            if not self._near.grow(proof.reduced, self._master):
                return proof
        self._master.release()
        self._near = None
        return self._master.prove()

    def _keep(self, proof: Proof, gap: float) -> None:
        """Remember a proof that is better, or as good as was asked for and needs no bounds but the program's own."""
        higher = self._proof is None or proof.bound > self._bound
        clean = self._proof is not None and self._proof.implied and not proof.implied
        if higher or (clean and relative(self._best, proof.bound) <= gap):
            self._bound, self._proof = proof.bound, proof

    def _prove_near(self, near: Neighbourhood) -> Proof | None:
        """The least cost near the best plan; None if there is no plan near it."""
        while True:
            near.confine(self._master)
            try:
                return self._master.prove()
            except MasterInfeasible:
                if not near.widen():
                    return None

    def _settled(self) -> bool:
        """Whether the proof rests on the program's own bounds, or on bounds far out that no round can replace."""
        proof = self._proof
        return proof is None or not proof.implied or proof.open

    def _found(self, status: Literal["optimal", "time_limit", "failed"]) -> Found:
        return Found(status, self._best, self._bound, self._plan, self._answers, self._proof, tuple(self._rounds))


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
        own = slice(first, first + low.size)
        lower[own], upper[own] = np.maximum(lower[own], low), np.minimum(upper[own], high)
        first += low.size
    return lower, upper
