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
from model.solve.decompose.carried import Known
from model.solve.decompose.master import MasterInfeasible
from model.solve.decompose.memory import Checkpoint, Memory, resumed
from model.solve.decompose.neighbourhood import Start
from model.solve.decompose.prices import row_duals
from model.solve.decompose.rounds import Choices, Found, Round, Run, Search, core_box, with_budgets
from model.solve.decompose.structure import Structure, split
from model.solve.decompose.workers import Workers, hired
from model.solve.progress import Progress, Report
from model.solve.worker import check_numbers, terminate_as_interrupt

METHOD = "blocks"
"""What the result calls this way of solving."""
WIDEST = 1e10
"""A least cost that leans on a bound of this size is taken to have none."""
WIDER = 1e3
"""By how much such a bound is moved before the least cost is looked for again."""


def solve_blocks(
    program: LinearProgram,
    *,
    structure: Structure | None = None,
    gap: float = 1e-4,
    start: Known | None = None,
    time_limit: float | None = None,
    accept: highs.Accept | None = None,
    progress: Progress | None = None,
    log_path: Path | None = None,
    choices: Choices | None = None,
    threads: int | None = None,
    workers: int | str | None = None,
    known: Memory | None = None,
    keep: Callable[[Memory], None] | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
) -> highs.Solution:
    """Least-cost solution of ``program`` within a relative ``gap``, with duals that prove it.

    structure: the program as `split` has it, if that is known. start: near which a plan is looked for first. accept: as
    in `highs.solve`; a solution that is refused has the status "failed". log_path: one line for each round. threads:
    how many blocks run side by side; as many as there are cores if None. workers: so many processes of this machine run
    the blocks instead, or those of the scheduler at an address; see `workers.hired`. A program without blocks is solved
    as a whole.

    known: what another search has learnt; cuts of blocks that are the same are used, and its best plan is looked at
    first. keep: is given what this search has learnt when it ends. checkpoint: a file in which that is written now and
    then; resume: begin with what is in it. UnusableMemory if it is damaged.

    The status is "optimal", "infeasible", "unbounded", "time_limit" or "failed". SolverError if HiGHS refuses arrays.
    """
    begun = time.perf_counter()
    check_numbers(program)
    structure = structure or split(program)
    if not structure.parts:
        return highs.solve(
            program, gap=min(gap, 1e-6), time_limit=time_limit, accept=accept, progress=progress, log_path=log_path,
            threads=threads,
        )  # fmt: skip
    choices, log = choices or Choices(), _Log(log_path)
    if resume and checkpoint is not None:
        known = _resumed(checkpoint, structure, log) or known
    with ExitStack() as stack:
        if progress is not None:
            stack.callback(progress.close)
        stack.enter_context(terminate_as_interrupt())
        told, kept = _teller(progress, log), _keeper(checkpoint, log)
        try:
            searching = _searching(stack, program, structure, choices, threads, workers)
            found, memory = searching.go(program.offset, gap, start, time_limit, told, kept, choices, known)
        except MasterInfeasible:
            return _nothing("infeasible", begun)
        except BlockUnbounded:
            found = None
    if found is None:
        return _nothing(_unbounded_or_infeasible(program, choices, threads), begun)
    if keep is not None:
        keep(memory())
    return _accepted(_solution(program, structure, found, tuple(log.lines), begun), accept, begun)


class _Log:
    """Lines of a log, in a file too if there is one."""

    def __init__(self, path: Path | None) -> None:
        self.lines: list[str] = []
        self._path = path

    def note(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def _resumed(checkpoint: Path, structure: Structure, log: _Log) -> Memory | None:
    """What a file remembers of a program, if anything; the log says so."""
    memory, said = resumed(checkpoint, structure)
    log.note(said)
    return memory


def _teller(progress: Progress | None, log: _Log) -> Callable[[Round], None]:
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
        log.note(made.line())

    return told


def _keeper(path: Path | None, log: _Log) -> Callable[[Search], None]:
    """What to do with a search after each round: write what it has learnt, if it is to be written."""
    checkpoint = None if path is None else Checkpoint(path)

    def kept(search: Search) -> None:
        wrong = None if checkpoint is None else checkpoint.after_round(search.memory)
        if wrong:
            log.note(wrong)

    return kept


def _blocks(
    structure: Structure, pool: ThreadPoolExecutor, choices: Choices
) -> tuple[list[Block], tuple[Floats, Floats]]:
    """The blocks of a program, as they are to run, and the bounds of the master's columns."""
    box, links = core_box(structure), structure.links()
    blocks = [
        Block(part, number, box, choices.slack_price, links[number]) for number, part in enumerate(structure.parts)
    ]
    list(pool.map(lambda block: block.finite, blocks))
    box = with_budgets(structure, box, blocks)
    for block in blocks:
        block.box = box
    return blocks, box


def _searching(
    stack: ExitStack,
    program: LinearProgram,
    structure: Structure,
    choices: Choices,
    threads: int | None,
    workers: int | str | None,
) -> _Searching:
    """The blocks of a program, and who runs them until the stack is closed."""
    client = None if workers is None else stack.enter_context(hired(workers))
    pool = stack.enter_context(ThreadPoolExecutor(threads or os.cpu_count() or 1))
    blocks, box = _blocks(structure, pool, choices)
    run = Threads(pool, blocks) if client is None else stack.enter_context(Workers(client, blocks))
    return _Searching(structure, box, blocks, run, _groups(program, structure, choices.groups))


@dataclass(frozen=True)
class _Searching:
    """What searches for one program have in common; arguments as of `Search`."""

    structure: Structure
    box: tuple[Floats, Floats]
    blocks: Sequence[Block]
    run: Run
    group: Integers

    def go(
        self,
        offset: float,
        gap: float,
        start: Known | None,
        time_limit: float | None,
        told: Callable[[Round], None],
        kept: Callable[[Search], None],
        choices: Choices,
        known: Memory | None,
    ) -> tuple[Found | None, Callable[[], Memory]]:
        """The search, with bounds that stand in for missing ones moved out until none matters, and how to ask what it
        has learnt.

        None if a bound always matters.
        """
        first = None if start is None else near(self.structure, start)
        while True:
            search = Search(
                self.structure, self.box, self.blocks, self.group, offset, self.run, choices, first, known,
            )  # fmt: skip

            def after(made: Round, search: Search = search) -> None:
                told(made)
                kept(search)

            found = search.go(gap, after, time_limit)
            if found.proof is None or not found.proof.open:
                return found, search.memory
            choices = replace(choices, far=choices.far * WIDER)
            if choices.far > WIDEST:
                return None, search.memory


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


def _solution(
    program: LinearProgram, structure: Structure, found: Found, log: tuple[str, ...], begun: float
) -> highs.Solution:
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
        iterations=len(found.rounds), log=log,
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
