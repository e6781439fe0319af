"""A program solved block by block, in the shape in which every solver answers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from model.lp.program import Floats, Integers, LinearProgram
from model.solve import highs
from model.solve.decompose.block import Answer, Block, BlockUnbounded
from model.solve.decompose.master import MasterInfeasible
from model.solve.decompose.prices import row_duals
from model.solve.decompose.rounds import Choices, Found, Round, Search, core_box, with_budgets
from model.solve.decompose.structure import Structure, split

METHOD = "blocks"
"""What the result calls this way of solving."""
WIDEST = 1e10
"""A least cost that leans on a bound of this size is taken to have none."""
WIDER = 1e3
"""By how much such a bound is moved before the least cost is looked for again."""


def solve_blocks(
    program: LinearProgram,
    *,
    gap: float = 1e-4,
    start: Floats | None = None,
    time_limit: float | None = None,
    told: Callable[[Round], None] | None = None,
    choices: Choices | None = None,
    threads: int | None = None,
) -> highs.Solution:
    """Least-cost solution of ``program`` within a relative ``gap``, with duals that prove it.

    start: one value per column, near which a plan is looked for first. told: is called after each round. threads: how
    many blocks run side by side; as many as there are cores if None. A program without blocks is solved as a whole.

    The status is "optimal", "infeasible", "unbounded", "time_limit" or "failed". SolverError if HiGHS refuses arrays.
    """
    begun = time.perf_counter()
    choices = choices or Choices()
    structure = split(program)
    if not structure.parts:
        return highs.solve(program, gap=gap, time_limit=time_limit)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        try:
            found, structure = _searched(program, structure, pool, gap, start, time_limit, told, choices)
        except MasterInfeasible:
            return _nothing("infeasible", begun)
        except BlockUnbounded:
            return _nothing(_unbounded_or_infeasible(program, choices, threads), begun)
    if found is None:
        return _nothing(_unbounded_or_infeasible(program, choices, threads), begun)
    return _solution(program, structure, found, begun)


def _searched(
    program: LinearProgram,
    structure: Structure,
    pool: ThreadPoolExecutor,
    gap: float,
    start: Floats | None,
    time_limit: float | None,
    told: Callable[[Round], None] | None,
    choices: Choices,
) -> tuple[Found | None, Structure]:
    """The search, with bounds that stand in for missing ones moved out until none matters; None if one always does."""
    box = core_box(structure)
    blocks = [Block(part, number, box, choices.slack_price) for number, part in enumerate(structure.parts)]
    list(pool.map(lambda block: block.finite, blocks))
    box = with_budgets(structure, box, blocks)
    for block in blocks:
        block.box = box

    def run(point: Floats) -> Sequence[Answer]:
        return list(pool.map(lambda block: block.answer(point), blocks))

    first = None if start is None else master_values(program, structure, start)
    group = _groups(program, structure, choices.groups)
    while True:
        search = Search(structure, box, blocks, group, program.offset, run, choices, first)
        found = search.go(gap, told, time_limit)
        if found.proof is None or not found.proof.open:
            return found, structure
        choices = replace(choices, far=choices.far * WIDER)
        if choices.far > WIDEST:
            return None, structure


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


def master_values(program: LinearProgram, structure: Structure, values: Floats) -> Floats:
    """The columns of the master at values of the program's columns; budgets are what the blocks use."""
    parts = [part.matrix[part.size :] @ values[part.columns] for part in structure.parts]
    return np.concatenate([values[structure.core.plan], *parts])


def _unbounded_or_infeasible(program: LinearProgram, choices: Choices, threads: int | None) -> highs.Status:
    """A program that has no least cost is unbounded if it has a solution at all."""
    free = replace(program, cost=np.zeros(program.columns), offset=0.0)
    found = solve_blocks(free, gap=1e-6, choices=choices, threads=threads)
    return "unbounded" if found.status == "optimal" else found.status


def _solution(program: LinearProgram, structure: Structure, found: Found, begun: float) -> highs.Solution:
    seconds = time.perf_counter() - begun
    if found.proof is None or not found.answers:
        return _nothing("time_limit" if found.status == "time_limit" else "failed", begun)
    primal = np.zeros(program.columns)
    primal[structure.core.plan] = found.plan[: structure.core.plan.size]
    for part, answer in zip(structure.parts, found.answers, strict=True):
        primal[part.columns] = answer.values
    primal = np.clip(primal, program.column_lower, program.column_upper)
    dual = row_duals(program, structure, found.proof)
    status: highs.Status = "optimal" if found.status == "optimal" else "time_limit"
    return highs.Solution(
        status=status, solver=METHOD, objective=float(program.cost @ primal) + program.offset, primal=primal,
        row_dual=dual, reduced_cost=program.cost - program.matrix.T @ dual, seconds=seconds, handover_seconds=0.0,
        iterations=len(found.rounds), log=(), attempts=(highs.Attempt(METHOD, status, seconds),),
    )  # fmt: skip


def _nothing(status: highs.Status, begun: float) -> highs.Solution:
    empty, seconds = np.empty(0), time.perf_counter() - begun
    return highs.Solution(
        status, METHOD, float("nan"), empty, empty, empty, seconds, 0.0, 0, (), (highs.Attempt(METHOD, status, seconds),)
    )
