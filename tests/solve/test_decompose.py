"""Block by block: the same least cost as the whole program, with duals that prove it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.lp.program import Floats, LinearProgram
from model.solve import highs
from model.solve.decompose import solve_blocks
from model.solve.decompose.answer import Answer
from model.solve.decompose.block import Block
from model.solve.decompose.carried import Known
from model.solve.decompose.rounds import Choices, core_box
from model.solve.decompose.structure import split
from model.solve.optimality import examine
from model.study import Study
from tests.solve.block_programs import program_of, random_program

INF = np.inf


def two_weeks(**changes: object) -> LinearProgram:
    """One plant, built for 10 a GW, serves 3 GW in one week and 5 in the other at 1 a GW; what it lacks costs 30.

    Columns: capacity, then output and unserved of each week.
    """
    program = program_of(
        [
            [-1, 1, 0, 0, 0],
            [0, 1, 1, 0, 0],
            [-1, 0, 0, 1, 0],
            [0, 0, 0, 1, 1],
        ],
        [10, 1, 30, 1, 30],
        (np.zeros(5), np.full(5, INF)),
        ([-INF, 3, -INF, 5], [0, INF, 0, INF]),
        [0, 1, 1, 2, 2],
        [1, 1, 2, 2],
    )  # fmt: skip
    return replace(program, **changes)  # type: ignore[arg-type]


def agrees(program: LinearProgram, gap: float = 1e-8) -> highs.Solution:
    """Solve both ways; the same status, and where there is a least cost the same, proved."""
    whole, found = highs.solve(program, "simplex"), solve_blocks(program, gap=gap)
    assert found.status == whole.status
    if whole.status == "optimal":
        assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
        assert examine(program, found.primal, found.row_dual).certified(max(gap, 1e-6))
    return found


def test_capacity_of_two_weeks() -> None:
    """Proves: capacity is worth 29 in each week that lacks it and costs 10, so 5 GW are built: 50 + 3 + 5 = 58. The
    price of the busy week carries the plant, 1 + 10; that of the other is 1. Without the cuts of both weeks 3 GW
    would do, or none."""
    found = agrees(two_weeks())
    assert found.objective == pytest.approx(58)
    assert found.primal[0] == pytest.approx(5)
    np.testing.assert_allclose(found.row_dual[[1, 3]], [1, 11], atol=1e-6)


def test_a_block_that_earns() -> None:
    """Proves: a block may have negative cost. 4 GW at most are built, each sells at 20 in the first week, and lack of
    the second is free: 40 - 80 = -40. Without free sums of block costs the bound would stop at what is built."""
    program = two_weeks(cost=np.array([10.0, -20.0, 30.0, 1.0, 0.0]), column_upper=np.array([4.0, INF, INF, INF, INF]))
    assert agrees(program).objective == pytest.approx(-40)


def test_a_limit_over_blocks_has_one_price() -> None:
    """Proves: 6 GW in both weeks together are allowed where 8 are wanted; one more saves 29, for the capacity of the
    second week is there or not worth it: unserved are 2 at 30. Without budgets that add up each week would take 6."""
    stated = two_weeks()
    program = program_of(
        np.vstack([stated.matrix.toarray(), [0, 1, 0, 1, 0]]), stated.cost, (stated.column_lower, stated.column_upper),
        ([*stated.row_lower, -INF], [*stated.row_upper, 6]), stated.column_block, [*stated.row_block, 0],
    )  # fmt: skip
    found = agrees(program)
    assert found.primal[[1, 3]].sum() == pytest.approx(6)
    assert found.objective == pytest.approx(30 + 6 + 60)
    assert -29 - 1e-6 <= found.row_dual[4] <= -19 + 1e-6


def test_levels_between_weeks_are_the_masters() -> None:
    """Proves: a store filled in a cheap week empties in a dear one, through a level that belongs to neither. Columns:
    level at the start of each week, then purchase and change of level of each. Without linking the dear week would
    buy 5 at 9."""
    program = program_of(
        [
            [-1, 1, 0, -1, 0, 0],
            [0, 0, 1, -1, 0, 0],
            [1, -1, 0, 0, 0, -1],
            [0, 0, 0, 0, 1, -1],
        ],
        [0, 0, 2, 0, 9, 0],
        ([0, 0, 0, -INF, 0, -INF], [4, 4, INF, INF, INF, INF]),
        ([0, 1, 0, 5], [0, 1, 0, 5]),
        [0, 0, 1, 1, 2, 2],
        [1, 1, 2, 2],
    )  # fmt: skip
    structure = split(program)
    assert {int(c) for c in structure.core.plan} == {0, 1, 3, 5}
    assert agrees(program).objective == pytest.approx(2 * 5 + 9 * 1)


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_random_programs(seed: int) -> None:
    """Proves: shared rows of every sense, linking, free and fixed columns, equations, ranges and empty blocks have the
    least cost of the whole program, certified. Without one of them some seed differs."""
    agrees(random_program(seed))


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_random_programs_without_solution(seed: int) -> None:
    """Proves: what has no solution is told as such. Without cuts of feasibility slack would pass for a plan."""
    agrees(random_program(seed, feasible=False))


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_random_programs_without_end(seed: int) -> None:
    """Proves: what costs ever less is told as such. Without it a bound that nothing gives would pass for a cost."""
    agrees(random_program(seed, bounded=False))


def apart(block: Block, point: Floats) -> Answer:
    """What a block says at a point, in a thread of its own as HiGHS wants it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(block.answer, point).result()


def failed(answer: Answer) -> bool:
    """Whether a block has no solution at the point, be it for a budget alone."""
    return bool(answer.slack) or any(cut.feasibility for cut in answer.cuts)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_value_of_a_block_has_the_slope_of_its_cut(seed: int) -> None:
    """Proves: a cut touches the cost of its block at the point and is nowhere above it; where the cost has one slope
    it has the same. Without the right source of a bound the slope of a capacity would be missing."""
    program = random_program(seed)
    structure = split(program)
    whole = highs.solve(program, "simplex")
    point = np.concatenate(
        [whole.primal[structure.core.plan]]
        + [part.matrix[part.size :] @ whole.primal[part.columns] for part in structure.parts]
    )
    r = np.random.default_rng(seed)
    for number, part in enumerate(structure.parts):
        block = Block(part, number, core_box(structure), 1e3)

        def cost(at: Floats, block: Block = block) -> float:
            answer = apart(block, at)
            return INF if failed(answer) else answer.cost

        here = apart(block, point)
        cut = here.cuts[0]
        if failed(here) or not np.isfinite(cut.value):
            continue
        assert cut.at(point) == pytest.approx(here.cost, rel=1e-6, abs=1e-6)
        for column in cut.columns:
            step = np.zeros(point.size)
            step[column] = 1e-3 * r.uniform(0.5, 1)
            up, down = cost(point + step), cost(point - step)
            slope = float(cut.slope[list(cut.columns).index(column)])
            assert up >= here.cost + slope * step[column] - 1e-6
            assert down >= here.cost - slope * step[column] - 1e-6
            if np.isfinite(up) and np.isfinite(down) and abs(up + down - 2 * here.cost) < 1e-9:
                assert (up - down) / (2 * step[column]) == pytest.approx(slope, rel=1e-4, abs=1e-5)


def test_duals_are_worth_the_bound() -> None:
    """Proves: the duals of the whole, averaged over cuts, prove what the master's bound says, to 1e-8. Without the
    weights of the proof they would prove less."""
    program = random_program(11)
    found = solve_blocks(program, gap=1e-9)
    proved = examine(program, found.primal, found.row_dual)
    assert proved.safe_bound == pytest.approx(found.objective, rel=1e-8, abs=1e-8)


def test_a_start_is_where_it_ends() -> None:
    """Proves: a start near the optimum needs no more rounds than none, and changes nothing. Without it a coarse plan
    could not lead a fine one."""
    program = two_weeks()
    cold = solve_blocks(program, gap=1e-6)
    known = Known(np.where(program.column_block == 0, cold.primal, np.nan), cold.row_dual)
    warm = solve_blocks(program, gap=1e-6, start=known)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-6)
    assert warm.iterations <= cold.iterations


def test_threads_and_groups_change_nothing() -> None:
    """Proves: one thread or two, one sum of costs a year or one for each block: the same least cost, and the same
    numbers whenever it is run. Without an order of cuts two runs would differ."""
    program = random_program(5)
    one = solve_blocks(program, gap=1e-8, threads=1)
    again = solve_blocks(program, gap=1e-8, threads=2)
    grouped = solve_blocks(program, gap=1e-8, choices=Choices(groups=1))
    np.testing.assert_array_equal(one.primal, again.primal)
    assert grouped.objective == pytest.approx(one.objective, rel=1e-6)


@pytest.mark.parametrize(("seed", "groups"), [(55, 1), (165, 1), (198, 2)])
def test_sums_of_block_costs_lack_no_block(seed: int, groups: int) -> None:
    """Proves: where a plan is mended and only some blocks are asked again, the sum of their group still counts the
    others. Without them a block that earns would be left out, and a plan that is too dear be called the best."""
    program = random_program(seed)
    found = solve_blocks(program, gap=1e-8, choices=Choices(groups=groups))
    assert found.objective == pytest.approx(highs.solve(program, "simplex").objective, rel=1e-6)


@pytest.mark.parametrize("seed", [82, 124, 279])
def test_a_limit_that_gives_a_block_an_end(seed: int) -> None:
    """Proves: a block that earns without end but for a limit over several blocks gets its share of that. Without it the
    program would be told to have no least cost."""
    agrees(random_program(seed))


def test_small_study_block_by_block() -> None:
    """Proves: the shipped small study planned block by block costs what it costs as a whole, within the gap, certified.
    Without the labels of real equations only made-up blocks would be known to work."""
    study = Study.read("inputs/small")
    whole, blocks = study.solve(), study.solve("blocks", gap=1e-5)
    assert blocks.solution.solver == "blocks"
    assert blocks.certificate.passed
    assert blocks.objective == pytest.approx(whole.objective, rel=1e-5)
