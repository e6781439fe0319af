"""Blocks on worker processes: the same answers as in this process, and none lost with a worker."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.lp.program import Floats, LinearProgram
from model.solve import highs
from model.solve.decompose.answer import Answer, BlockUnbounded
from model.solve.decompose.block import Block
from model.solve.decompose.carried import Known
from model.solve.decompose.rounds import Choices, Found, Round, Run, Search, core_box, with_budgets
from model.solve.decompose.solve import Threads, near
from model.solve.decompose.structure import Structure, split
from model.solve.decompose.workers import Workers, WorkersError, hired
from tests.solve.block_programs import program_of, random_program

GAP = 1e-8


@dataclass
class Fatal(Block):
    """A block that ends its worker, as the system does when memory is short, if there is no file ``spared``."""

    spared: str = ""
    once: bool = True

    def answer(self, point: Floats) -> Answer:
        """As any block, in a worker that is spared."""
        if not Path(self.spared).exists():
            if self.once:
                Path(self.spared).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().answer(point)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two workers of this machine."""
    with hired(2) as client:
        yield client


def blocks_of(structure: Structure, fatal: Path | None = None, once: bool = True) -> list[Block]:
    """The blocks of a program, the first of which ends its worker."""
    box, links = core_box(structure), structure.links()
    own = [(part, number, box, 100.0, links[number]) for number, part in enumerate(structure.parts)]
    blocks = [Block(*made_of) for made_of in own]
    if fatal is not None:
        blocks[0] = Fatal(*own[0], spared=str(fatal), once=once)
    box = with_budgets(structure, box, blocks)
    for block in blocks:
        block.box = box
    return blocks


def searched(structure: Structure, blocks: Sequence[Block], run: Run, told: Any = None, offset: float = 5.0) -> Found:
    """The end of a search with each block as a group of its own."""
    group = np.arange(len(blocks))
    return Search(structure, blocks[0].box, blocks, group, offset, run, Choices()).go(GAP, told)


def by_threads(structure: Structure) -> Found:
    """The end of a search in this process."""
    blocks = blocks_of(structure)
    with ThreadPoolExecutor(1) as pool:
        return searched(structure, blocks, Threads(pool, blocks))


def whole(program: LinearProgram) -> float:
    """The least cost of the program as a whole."""
    return highs.solve(program, "simplex").objective


@pytest.mark.parametrize("seed", [4, 5, 6, 7])
def test_workers_answer_as_threads_do(client: Any, seed: int) -> None:
    """Proves: on two workers the search ends at the least cost of the whole program, and at the plan of the search in
    this process. Without blocks that travel whole, or answers in their order, one of them would differ."""
    program = random_program(seed)
    structure = split(program)
    blocks = blocks_of(structure)
    with Workers(client, blocks) as workers:
        found = searched(structure, blocks, workers)
    assert found.status == "optimal"
    assert found.best == pytest.approx(whole(program), rel=1e-6, abs=1e-6)
    assert [answer.part for answer in found.answers] == list(range(len(blocks)))
    np.testing.assert_array_equal(found.plan, by_threads(structure).plan)


def test_choices_are_those_of_threads(client: Any) -> None:
    """Proves: near a start blocks on workers decide what they decide in this process. Without it a coarse plan could
    not lead a fine one on workers."""
    program = random_program(7)
    structure = split(program)
    solved = highs.solve(program, "simplex")
    known = np.where(program.column_block == 0, solved.primal, np.nan)
    start = near(structure, Known(known, solved.row_dual))
    blocks = blocks_of(structure)
    with Workers(client, blocks) as workers, ThreadPoolExecutor(1) as pool:
        found, own = workers.choices(start), Threads(pool, blocks).choices(start)
    assert len(found) == len(blocks) > 1
    for (answer, decided), (expected, chosen) in zip(found, own, strict=True):
        assert answer.part == expected.part
        np.testing.assert_array_equal(decided, chosen)


def six_weeks(**changes: Any) -> LinearProgram:
    """One plant, built for 10 a GW, serves 1 to 6 GW in six weeks at 1 a GW; what it lacks costs 30. All 6 GW are built
    for the last week alone, as 29 are more than 10: 60 + 21 = 81.

    Columns: capacity, then output and unserved of each week.
    """
    matrix = np.zeros((12, 13))
    for week in range(6):
        matrix[2 * week, [0, 1 + 2 * week]] = -1, 1
        matrix[2 * week + 1, [1 + 2 * week, 2 + 2 * week]] = 1
    demand = np.ravel([[-np.inf, week] for week in range(1, 7)])
    given = {
        "cost": [10, *[1, 30] * 6], "columns": (np.zeros(13), np.full(13, np.inf)),
        "rows": (demand, np.tile([0, np.inf], 6)), "column_block": [0, *np.repeat(np.arange(1, 7), 2)],
        "row_block": np.repeat(np.arange(1, 7), 2),
    } | changes  # fmt: skip
    return program_of(matrix, **given)


def test_some_blocks_are_asked(client: Any, tmp_path: Path) -> None:
    """Proves: three blocks of six are asked, in an order of their own, and answer as in this process though one of them
    ends its worker; asked for none there are none. Without it a plan that is mended would ask all, or mix them up."""
    structure = split(six_weeks())
    which = np.array([4, 0, 3])
    blocks, own = blocks_of(structure, tmp_path / "spared"), blocks_of(structure)
    with Workers(client, blocks) as workers, ThreadPoolExecutor(1) as pool:
        found, expected = workers.answers(np.ones(1), which), Threads(pool, own).answers(np.ones(1), which)
        assert workers.answers(np.ones(1), which[:0]) == []
    assert workers.lost >= 1
    assert [answer.part for answer in found] == [4, 0, 3]
    for one, other in zip(found, expected, strict=True):
        assert one.cost == other.cost
        np.testing.assert_array_equal(one.values, other.values)


def processes(client: Any) -> set[int]:
    """The processes of the workers."""
    return set(client.run(os.getpid).values())


def test_a_worker_killed_in_a_round(client: Any, tmp_path: Path) -> None:
    """Proves: one of two workers is killed while it runs a block, and one between rounds; the search ends at 81 all the
    same. Without lots that are made again it would wait for ever."""
    structure = split(six_weeks())
    blocks = blocks_of(structure, tmp_path / "spared")
    before, killed = processes(client), []

    def told(made: Round) -> None:
        if made.number == 1:
            killed.append(min(processes(client)))
            os.kill(killed[0], signal.SIGKILL)

    with Workers(client, blocks) as workers:
        found = searched(structure, blocks, workers, told, offset=0.0)
    assert (tmp_path / "spared").exists()
    assert killed
    assert found.status == "optimal"
    assert found.best == pytest.approx(81)
    assert workers.lost >= 2
    assert not before <= processes(client)


def test_a_block_that_ends_every_worker(client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a block that ends each worker that runs it ends the search, and where to look is told. Without a limit
    workers would be started for it for ever."""
    monkeypatch.setattr("model.solve.decompose.workers.LOSSES", 1)
    structure = split(six_weeks())
    blocks = blocks_of(structure, tmp_path / "never", once=False)
    with Workers(client, blocks) as workers, pytest.raises(WorkersError, match=r"2 workers were lost .* blocks \d"):
        searched(structure, blocks, workers)


def test_errors_of_blocks_come_home(client: Any) -> None:
    """Proves: a block without end is told as in this process, and the workers go on. Without it the program would not
    be told from one that failed."""
    structure = split(six_weeks(cost=[10, *[-1, 30] * 6], rows=(np.full(12, -np.inf), np.full(12, np.inf))))
    blocks = blocks_of(structure)
    with Workers(client, blocks) as workers:
        with pytest.raises(BlockUnbounded):
            workers.answers(np.zeros(1))
        with pytest.raises(BlockUnbounded):
            workers.answers(np.zeros(1))


def test_no_worker_is_left(client: Any) -> None:
    """Proves: when all workers of a scheduler are gone and none comes, that is said. Without it a plan would never
    end."""
    structure = split(six_weeks())
    blocks = blocks_of(structure)

    def told(made: Round) -> None:
        client.cluster.scale(0)

    try:
        with (
            hired(client.cluster.scheduler_address) as other,
            Workers(other, blocks, patience=1.0) as workers,
            pytest.raises(WorkersError, match="No worker is left"),
        ):
            searched(structure, blocks, workers, told)
    finally:
        client.cluster.scale(2)


def test_no_workers_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: an address where nobody answers and a package that is not installed are told as such. Without it the user
    would see a traceback of a library."""
    monkeypatch.setattr("model.solve.decompose.workers.CONNECT", 0.5)
    with pytest.raises(WorkersError, match="no scheduler answers at tcp://"), hired("tcp://127.0.0.1:9"):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkersError, match=r"pip install 'shanyraq\[cluster\]'"), hired(2):
        pass
