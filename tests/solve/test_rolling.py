"""Block after block comes to what the whole year would: cases that a person can work out on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.lp.program import PLAN, Floats, LinearProgram
from model.solve import highs
from model.solve.rolling import Links, NoDispatch, Rolled, Shared, roll
from tests.solve.cases import INF, small

YEAR = 2025
PLANNED = (40.0, 30.0, 20.0, 10.0)
"""What the plan used of a yearly limit in each of four blocks."""

NO_LINKS = Links(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), 0.25, 0.001)
NO_LIMITS = Shared(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), np.empty((0, 4)), np.empty(0))


def in_blocks(program: LinearProgram, columns: npt.ArrayLike, rows: npt.ArrayLike) -> LinearProgram:
    """The program with the block of every column and row, 0 for the plan."""
    count = int(np.max(columns))
    labels = (PLAN, *((YEAR, f"week{number}") for number in range(1, count + 1)))
    return replace(
        program,
        blocks=labels,
        column_block=np.asarray(columns, dtype=np.int32),
        row_block=np.asarray(rows, dtype=np.int32),
    )


def cost(program: LinearProgram, found: Rolled) -> float:
    """What the columns of all blocks cost."""
    return float(program.cost @ found.primal)


def open_columns(program: LinearProgram) -> Floats:
    """Nothing known."""
    return np.full(program.columns, np.nan)


def blocks(program: LinearProgram) -> range:
    """All blocks in order."""
    return range(1, len(program.blocks))


# Fuel and a yearly limit on it


def fuels(
    demand: Sequence[float],
    coal_most: Sequence[float] = (INF,) * 4,
    gas_cost: float = 1.0,
    coal_cost: float = 3.0,
    limit: tuple[float, float] = (-INF, 100.0),
) -> LinearProgram:
    """Each block is served by gas and coal; gas of all blocks is within the limit, the last row."""
    count = len(demand)
    serve = np.repeat(np.eye(count), 2, axis=1)
    program = small(
        cost=[gas_cost, coal_cost] * count,
        matrix=[*serve.tolist(), [1.0, 0.0] * count],
        row_lower=[*demand, limit[0]],
        row_upper=[*demand, limit[1]],
        column_upper=[most for coal in coal_most for most in (INF, coal)],
    )
    return in_blocks(program, np.repeat(np.arange(1, count + 1), 2), [*range(1, count + 1), 0])


def rolled(program: LinearProgram, planned: Sequence[float] = PLANNED, price: float = 6.0) -> Rolled:
    """The year block after block, the plan having used ``planned`` of the limit."""
    row = program.rows - 1
    shared = Shared(
        np.array([row]), program.row_lower[[row]], program.row_upper[[row]], np.array([planned]), np.array([price])
    )
    return roll(program, blocks(program), open_columns(program), shared, NO_LINKS)


def gas(found: Rolled) -> list[float]:
    """Gas of each block."""
    return [float(value) for value in found.primal[::2]]


def test_blocks_without_links_are_the_whole_year() -> None:
    """Proves: blocks that share nothing cost what the year in one piece does: cheap serves 1, 2 and 2 of 1, 2 and 4,
    dear the other 2 at 5: 15. Without it cutting the year would have a price of its own."""
    program = in_blocks(
        small(
            cost=[1, 5] * 3,
            matrix=np.repeat(np.eye(3), 2, axis=1).tolist(),
            row_lower=[1, 2, 4],
            row_upper=[1, 2, 4],
            column_upper=[2, INF] * 3,
        ),
        [1, 1, 2, 2, 3, 3],
        [1, 2, 3],
    )
    told: list[tuple[int, int]] = []
    found = roll(program, blocks(program), open_columns(program), NO_LIMITS, NO_LINKS, lambda *done: told.append(done))
    assert cost(program, found) == pytest.approx(highs.solve(program).objective) == pytest.approx(15)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_yearly_limit_is_used_as_planned() -> None:
    """Proves: gas of 100 units for 200 of demand goes where the plan used it, 400 in all like the whole year. Without
    the plan's shares the first two blocks would burn all of it."""
    program = fuels([50, 50, 50, 50])
    found = rolled(program)
    assert gas(found) == pytest.approx(PLANNED)
    assert cost(program, found) == pytest.approx(highs.solve(program).objective) == pytest.approx(400)
    assert found.missed == pytest.approx([0])


def test_what_a_block_leaves_is_carried_over() -> None:
    """Proves: the first block needs 25 of its 40, the second takes its 30 and the 15 left. Without it they are lost."""
    found = rolled(fuels([25, 50, 50, 50]))
    assert gas(found) == pytest.approx([25, 45, 20, 10])


def test_what_the_plan_left_is_shared_out() -> None:
    """Proves: the plan used 100 of 120; each block may take 5 more. Without it a plan of few steps would forbid a cold
    week what the year has left."""
    found = rolled(fuels([50, 50, 50, 50], limit=(-INF, 120)))
    assert gas(found) == pytest.approx([45, 35, 25, 15])


def test_a_limit_that_the_plan_does_not_know_is_shared_out_evenly() -> None:
    """Proves: without a plan each block has a quarter of 100. Without it the first two would burn all of it."""
    assert gas(rolled(fuels([50, 50, 50, 50]), planned=[0, 0, 0, 0])) == pytest.approx([25, 25, 25, 25])


def test_a_block_in_need_takes_from_later_ones_within_the_year() -> None:
    """Proves: the second block has no coal and takes 20 that the third was to have; the year stays within 100. Without
    it that block would have no solution, or the year would go beyond its limit."""
    found = rolled(fuels([50, 50, 50, 50], coal_most=(INF, 0, INF, INF)))
    assert gas(found) == pytest.approx([40, 50, 0, 10])
    assert found.missed == pytest.approx([0])


@pytest.mark.parametrize(("coal_cost", "used"), [(6.9, [40, 30, 20, 10]), (7.1, [50, 50, 0, 0])])
def test_taking_from_later_blocks_has_the_price_of_the_limit(coal_cost: float, used: list[float]) -> None:
    """Proves: gas at 1 and 6 for its scarcity is taken early only in place of coal above 7. Without the price a block
    would take what others need, at any price it would take nothing."""
    assert gas(rolled(fuels([50, 50, 50, 50], coal_cost=coal_cost))) == pytest.approx(used)


def test_a_limit_that_cannot_be_kept_is_missed_and_told() -> None:
    """Proves: the last block has no coal and 10 left for 50 of demand: 40 beyond the limit, told, no more than that.
    Without it the year would have no answer at all, or one that hides what it lacks."""
    found = rolled(fuels([50, 50, 50, 50], coal_most=(INF, INF, INF, 0)))
    assert gas(found) == pytest.approx([40, 30, 20, 50])
    assert found.missed == pytest.approx([40])


def test_a_floor_of_the_year_is_made_up_for_later() -> None:
    """Proves: at least 100 of dear gas: a first block that takes 25 instead of 40 leaves 15 to the second. Without it
    the year would end below its goal."""
    found = rolled(fuels([25, 50, 50, 50], gas_cost=5, limit=(100, INF)))
    assert gas(found) == pytest.approx([25, 45, 20, 10])
    assert found.missed == pytest.approx([0])


def test_a_floor_out_of_reach_is_told() -> None:
    """Proves: the last block can take 4 of its 10, the year is 6 below its goal. Without it nobody would know."""
    found = rolled(fuels([50, 50, 50, 4], gas_cost=5, limit=(100, INF)))
    assert gas(found) == pytest.approx([40, 30, 20, 4])
    assert found.missed == pytest.approx([-6])


def test_a_block_without_a_solution_is_named() -> None:
    """Proves: a demand of 50 that nothing can serve stops the year and names the block. Without it the search would be
    for a week among 52."""
    program = fuels([50, 50, 50, 50], coal_most=(INF, 0, INF, INF))
    cut = replace(program, column_upper=np.where(np.arange(8) == 2, 30.0, program.column_upper))
    with pytest.raises(NoDispatch, match=r"block \(2025, 'week2'\): infeasible"):
        rolled(cut)


# A store


def store(demand: Sequence[float], peak_most: float = INF, kept: float = 1.0, size: float = INF) -> LinearProgram:
    """Blocks of ``old`` (10 at 20), a peaker (200), charge, discharge and spill, and the level at the start of each.

    Rows: each block's balance, its end of the level, and last, in the block that it begins, the most a level may be:
    ``size`` x a capacity that the plan decides, the last column. ``kept`` of what is charged is stored.
    """
    count = len(demand)
    width = 5
    columns = count * (width + 1) + 1
    matrix = np.zeros((3 * count, columns))
    for i in range(count):
        own = count + width * i + np.arange(width)
        matrix[i, own] = 1, 1, -1, 1, -1
        matrix[count + i, own[[2, 3]]] = -kept, 1
        matrix[count + i, [i, (i + 1) % count]] = -1, 1
        matrix[2 * count + i, [i, -1]] = 1, -1
    sides = [*demand, *[0.0] * count]
    program = small(
        cost=[*[0.0] * count, *[20, 200, 0, 0, 0] * count, 0],
        matrix=matrix.tolist(),
        row_lower=[*sides, *[-INF] * count],
        row_upper=[*sides, *[0.0] * count],
        column_upper=[*[INF] * count, *[10, peak_most, INF, INF, INF] * count, min(size, 1e6)],
    )
    own_block = np.arange(1, count + 1)
    return in_blocks(program, [*[0] * count, *np.repeat(own_block, width), 0], np.tile(own_block, 3))


def carried(program: LinearProgram, level: Sequence[float], price: Sequence[float]) -> Rolled:
    """The year block after block with the levels and prices that were foreseen."""
    known = open_columns(program)
    known[0], known[-1] = level[0], program.column_upper[-1]
    links = Links(np.arange(len(level)), np.array(level, dtype=float), np.array(price, dtype=float), 0.25, 0.001)
    return roll(program, blocks(program), known, NO_LIMITS, links)


def levels(found: Rolled, count: int) -> list[float]:
    """Level at the start of each block."""
    return [float(value) for value in found.primal[:count]]


def test_a_store_carries_over_what_was_foreseen() -> None:
    """Proves: summer has 4 left, winter lacks 2, which the plan foresaw: all 18 come from ``old``, 360, as in the whole
    year. Without the link winter would buy 2 at 200: 720."""
    program = store([6, 12])
    found = carried(program, [0, 2], [20, 20])
    assert levels(found, 2) == pytest.approx([0, 2])
    assert cost(program, found) == pytest.approx(highs.solve(program).objective) == pytest.approx(360)
    assert found.unclosed == {}


@pytest.mark.parametrize(("price", "stored"), [(26, 0), (27, 4)])
def test_a_store_leaves_the_foreseen_level_where_its_price_is_worth_it(price: float, stored: float) -> None:
    """Proves: what costs 20 to store is stored beyond the level foreseen, 0, where the plan's price less the quarter
    that going astray costs pays for it. Without the leeway a mild week would leave a store as empty as foreseen."""
    found = carried(store([6, 12]), [0, 0], [price, price])
    assert levels(found, 2) == pytest.approx([0, stored])


def test_a_year_that_does_not_close_is_told() -> None:
    """Proves: winter takes 3 of the 5 that the year began with and nothing can refill them: the row that closes the
    year is 3 short. Without it stores would be emptied for good to make a year look cheap."""
    program = store([10, 15], peak_most=2)
    found = carried(program, [5, 5], [30, 30])
    assert found.unclosed == {3: pytest.approx(-3)}
    assert levels(found, 2) == pytest.approx([5, 5])


def test_a_store_is_not_filled_beyond_what_the_next_block_can_begin_with() -> None:
    """Proves: 3 fit into a store that the price would fill with 4; the limit stands among the rows of the block that
    begins with the level. Without it that block has no solution."""
    found = carried(store([6, 12], size=3), [0, 2], [200, 200])
    assert levels(found, 2) == pytest.approx([0, 3])


@given(
    demand=st.lists(st.floats(0, 14).map(lambda value: round(value, 2)), min_size=2, max_size=6),
    kept=st.sampled_from([1.0, 0.8]),
    size=st.sampled_from([2.0, 8.0, INF]),
)
def test_with_true_foresight_the_year_costs_what_it_does_in_one_piece(
    demand: list[float], kept: float, size: float
) -> None:
    """Proves: given the levels and prices of the whole year, any demand, loss and size cost the same block by block.
    Without a fitting price or sign the rolled year would be dearer in some of them."""
    program, count = store(demand, kept=kept, size=size), len(demand)
    whole = highs.solve(program)
    price = -np.roll(whole.row_dual[count : 2 * count], 1)
    found = carried(program, list(whole.primal[:count]), list(price))
    assert cost(program, found) == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
    assert found.unclosed == {}
