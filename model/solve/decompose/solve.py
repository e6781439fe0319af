"""A program solved block by block, in the shape in which every solver answers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.lp.program import Floats, Integers, LinearProgram
from model.solve import highs
from model.solve.decompose.answer import Answer, BlockUnbounded
from model.solve.decompose.block import Block
from model.solve.decompose.master import MasterInfeasible
from model.solve.decompose.neighbourhood import Start
from model.solve.decompose.prices import row_duals
from model.solve.decompose.rounds import Choices, Found, Round, Search, core_box, with_budgets
from model.solve.decompose.structure import Structure, split
from model.solve.progress import Progress, Report
from model.solve.worker import check_numbers, terminate_as_interrupt

METHOD = "blocks"
"""What the result calls this way of solving."""
WIDEST = 1e10
"""A least cost that leans on a bound of this size is taken to have none."""
WIDER = 1e3
"""By how much such a bound is moved before the least cost is looked for again."""


@dataclass(frozen=True)
class Known:
    """What is known of the solution of a program: values of columns, nan if unknown, and duals of rows, zero if so."""

    columns: Floats
    rows: Floats


def solve_blocks(
    program: LinearProgram,
    *,
    gap: float = 1e-4,
    start: Known | None = None,
    time_limit: float | None = None,
    accept: highs.Accept | None = None,
    progress: Progress | None = None,
    log_path: Path | None = None,
    choices: Choices | None = None,
    threads: int | None = None,
) -> highs.Solution:
    """Least-cost solution of ``program`` within a relative ``gap``, with duals that prove it.

    start: near which a plan is looked for first. accept: as in `highs.solve`; a solution that is refused has the status
    "failed". log_path: one line for each round. threads: how many blocks run side by side; as many as there are cores
    if None. A program without blocks is solved as a whole.

    The status is "optimal", "infeasible", "unbounded", "time_limit" or "failed". SolverError if HiGHS refuses arrays.
    """
    begun = time.perf_counter()
    check_numbers(program)
    structure = split(program)
    if not structure.parts:
        return highs.solve(
            program, gap=min(gap, 1e-6), time_limit=time_limit, accept=accept, progress=progress, log_path=log_path,
            threads=threads,
        )  # fmt: skip
    choices = choices or Choices()
    with ExitStack() as stack:
        if progress is not None:
            stack.callback(progress.close)
        stack.enter_context(terminate_as_interrupt())
        pool = stack.enter_context(ThreadPoolExecutor(threads or os.cpu_count() or 1))
        told = _teller(progress, log_path)
        try:
            found = _searched(program, structure, pool, gap, start, time_limit, told, choices)
        except MasterInfeasible:
            return _nothing("infeasible", begun)
        except BlockUnbounded:
            found = None
    if found is None:
        return _nothing(_unbounded_or_infeasible(program, choices, threads), begun)
    return _accepted(_solution(program, structure, found, begun), accept, begun)


def _teller(progress: Progress | None, log_path: Path | None) -> Callable[[Round], None]:
    """What to do after each round: tell who watches, and write a line."""

    def told(made: Round) -> None:
        if progress is not None:
            finite = np.isfinite(made.best)
            progress.update(
                Report(
                    METHOD, phase=f"round {made.number + 1}", gap=made.gap if np.isfinite(made.gap) else None,
                    objective=made.best if finite else None, infeasibility=made.slack or None, seconds=made.seconds,
                )
            )  # fmt: skip
        if log_path is not None:
            with log_path.open("a", encoding="utf-8") as file:
                file.write(made.line() + "\n")

    return told


def _searched(
    program: LinearProgram,
    structure: Structure,
    pool: ThreadPoolExecutor,
    gap: float,
    start: Known | None,
    time_limit: float | None,
    told: Callable[[Round], None],
    choices: Choices,
) -> Found | None:
    """The search, with bounds that stand in for missing ones moved out until none matters; None if one always does."""
    box = core_box(structure)
    links = structure.links()
    blocks = [
        Block(part, number, box, choices.slack_price, links[number]) for number, part in enumerate(structure.parts)
    ]
    list(pool.map(lambda block: block.finite, blocks))
    box = with_budgets(structure, box, blocks)
    for block in blocks:
        block.box = box
    first = None if start is None else near(structure, start)
    group = _groups(program, structure, choices.groups)
    while True:
        search = Search(structure, box, blocks, group, program.offset, Threads(pool, blocks), choices, first)
        found = search.go(gap, told, time_limit)
        if found.proof is None or not found.proof.open:
            return found
        choices = replace(choices, far=choices.far * WIDER)
        if choices.far > WIDEST:
            return None


def _groups(program: LinearProgram, structure: Structure, each: int) -> Integers:
    """The group of every part: ``each`` per year, or one for each part if 0."""
    years = [str(program.blocks[part.block][0]) for part in structure.parts]
    group, first = np.zeros(len(years), dtype=np.int64), 0
    for year in dict.fromkeys(years):
        own = [place for place, other in enumerate(years) if other == year]
        count = min(each or len(own), len(own))
        group[own] = first + np.arange(len(own)) * count // len(own)
        first += count
    return group


class Threads:
    """Blocks of this process, asked by several threads."""

    def __init__(self, pool: ThreadPoolExecutor, blocks: Sequence[Block]) -> None:
        self._pool, self._blocks = pool, blocks

    def answers(self, point: Floats, which: Integers | None = None) -> Sequence[Answer]:
        """What every block, or which of them, says at a point."""
        blocks = self._blocks if which is None else [self._blocks[number] for number in which]
        return list(self._pool.map(lambda block: block.answer(point), blocks))

    def choices(self, start: Start) -> Sequence[tuple[Answer, Floats]]:
        """What every block decides by itself near a start."""
        return list(self._pool.map(lambda block: block.choice(start.point, start.slope), self._blocks))


def near(structure: Structure, given: Known) -> Start:
    """A start in the columns of the master; what blocks use of their budgets is unknown where their columns are."""
    core = structure.core
    parts = [part.matrix[part.size :] @ given.columns[part.columns] for part in structure.parts]
    point = np.concatenate([given.columns[core.plan], *parts])
    return Start(point, core.matrix.T @ given.rows[core.rows] - core.cost)


def _unbounded_or_infeasible(program: LinearProgram, choices: Choices, threads: int | None) -> highs.Status:
    """A program that has no least cost is unbounded if it has a solution at all."""
    free = replace(program, cost=np.zeros(program.columns), offset=0.0)
    found = solve_blocks(free, gap=1e-6, choices=choices, threads=threads)
    return "unbounded" if found.status == "optimal" else found.status


def _solution(program: LinearProgram, structure: Structure, found: Found, begun: float) -> highs.Solution:
    if found.proof is None or not found.answers:
        return _nothing("time_limit" if found.status == "time_limit" else "failed", begun)
    primal = np.zeros(program.columns)
    primal[structure.core.plan] = found.plan[: structure.core.plan.size]
    for part, answer in zip(structure.parts, found.answers, strict=True):
        primal[part.columns] = answer.values
    primal = np.clip(primal, program.column_lower, program.column_upper)
    dual = row_duals(program, structure, found.proof)
    seconds = time.perf_counter() - begun
    return highs.Solution(
        status=found.status, solver=METHOD, objective=float(program.cost @ primal) + program.offset, primal=primal,
        row_dual=dual, reduced_cost=program.cost - program.matrix.T @ dual, seconds=seconds, handover_seconds=0.0,
        iterations=len(found.rounds), log=tuple(made.line() for made in found.rounds),
        attempts=(highs.Attempt(METHOD, found.status, seconds),),
    )  # fmt: skip


def _accepted(found: highs.Solution, accept: highs.Accept | None, begun: float) -> highs.Solution:
    """The solution, or the same as failed where it is refused."""
    if found.status != "optimal" or accept is None:
        return found
    said = accept(found)
    seconds = time.perf_counter() - begun
    if said is True:
        return replace(found, seconds=seconds)
    attempt = highs.Attempt(METHOD, "optimal", seconds, said or "the solution was not accepted")
    return replace(found, status="failed", seconds=seconds, attempts=(attempt,))


def _nothing(status: highs.Status, begun: float) -> highs.Solution:
    empty, seconds = np.empty(0), time.perf_counter() - begun
    return highs.Solution(
        status,
        METHOD,
        float("nan"),
        empty,
        empty,
        empty,
        seconds,
        0.0,
        0,
        (),
        (highs.Attempt(METHOD, status, seconds),),
    )
