"""The certificate of the matrix: it accepts what is optimal, nothing else, and its bound is never above the optimum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.lp.program import Floats, LinearProgram
from model.solve import optimality
from model.solve.optimality import examine, implied_bounds
from tests.solve.cases import INF, expansion, small
from tests.solve.test_highs import by_linprog, random_program, two_plants

pytestmark = pytest.mark.filterwarnings("error")


def array(*values: float) -> Floats:
    """The values as the certificate wants them."""
    return np.array(values, dtype=np.float64)


def test_optimum_is_certified() -> None:
    """Proves: 60 from the plant at 20 and 40 from the one at 50 cost 3,200, and prices 50 and -30 prove it:
    100 x 50 - 60 x 30 = 3,200. Without the bound "optimal" would be the solver's word."""
    found = examine(two_plants(), array(60, 40), array(50, -30))
    assert (found.primal, found.dual, found.gap, found.complementarity) == (0.0, 0.0, 0.0, 0.0)
    assert (found.objective, found.safe_bound) == (3200.0, 3200.0)
    assert (found.worst_row, found.worst_column) == ("", "")
    assert found.certified(1e-9)


def test_infeasible_point_is_refused() -> None:
    """Proves: 0.1 too little of 100 is a violation of 0.1 / 60, in the balance, though its cost is below the bound.
    Without the primal part the cheaper point would pass for better than optimal."""
    found = examine(two_plants(), array(60, 39.9), array(50, -30))
    assert found.primal == pytest.approx(0.1 / 60)
    assert found.worst_row == "row[0]"
    assert found.gap == pytest.approx(-5.0 / 3195.0)
    assert not found.certified(1e-2)


def test_column_bound_is_checked() -> None:
    """Proves: less than nothing is no generation. Without the column bounds -1 would pass in every row."""
    found = examine(two_plants(), array(101, -1), array(50, -30))
    assert found.worst_column == "x[1]"
    assert found.primal == pytest.approx(1.0)


def test_feasible_but_dear_point_is_refused() -> None:
    """Proves: 50 and 50 serve demand for 3,500, 300 too much. Without the gap any feasible point would pass."""
    found = examine(two_plants(), array(50, 50), array(50, -30))
    assert (found.primal, found.dual) == (0.0, 0.0)
    assert found.gap == pytest.approx(300 / 3500)
    assert found.complementarity == pytest.approx(300 / 3500)
    assert not found.certified(1e-2)


def test_wrong_prices_prove_less_but_never_too_much() -> None:
    """Proves: a price of 45 makes the dear plant's reduced cost 5 and the bound 100 x 45 - 60 x 25 = 3,000; a price of
    51 has a reduced cost of -1 on a column without bound; no more than 3,200 may come out. Without the repair the sum
    51 x 100 - 31 x 60 = 3,240 would be called a bound."""
    low = examine(two_plants(), array(60, 40), array(45, -25))
    assert low.safe_bound == pytest.approx(3000.0)
    assert low.dual == 0.0
    high = examine(two_plants(), array(60, 40), array(51, -31))
    assert high.safe_bound <= 3200.0
    assert high.dual == pytest.approx(1 / 51)
    assert high.worst_column == "x[1]"
    assert not high.certified(1e-3)


def test_row_dual_of_the_wrong_sign() -> None:
    """Proves: a limit cannot be paid for being kept: a dual of +30 on an upper side counts as 0 in the bound and as a
    violation of 30 / 50 in its column. Without the projection the bound would be +inf."""
    found = examine(two_plants(), array(60, 40), array(50, 30))
    assert found.dual == pytest.approx(30 / 50)
    assert found.worst_row == "row[1]"
    assert found.safe_bound <= 3200.0


def test_bound_is_repaired_by_limits_passed_on() -> None:
    """Proves: operation <= 2 x capacity and capacity = build <= 3 bound operation by 6. Without it one reduced cost of
    -1e-9 on operation would make the bound -inf and refuse every interior solution."""
    program = small(
        [-1.0, 0.0, 0.1], [[1.0, -2.0, 0.0], [0.0, 1.0, -1.0]], [-INF, 0.0], [0.0, 0.0], column_upper=[INF, INF, 3.0]
    )
    lower, upper = implied_bounds(program, 0.0, array(-1e-9, 0, 0))
    np.testing.assert_allclose(lower, [0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(upper, [6, 3, 3], rtol=1e-6)
    assert np.all(upper >= [6, 3, 3])
    found = examine(program, array(6, 3, 3), array(-1.0 + 1e-9, -2.0))
    assert found.safe_bound == pytest.approx(-5.7, abs=1e-7)
    assert found.certified(1e-6)


def test_bound_is_repaired_by_the_cost_itself() -> None:
    """Proves: who costs 5 each cannot be more than 20 where all may cost 100. Without it unserved demand, which has no
    limit, would need one."""
    program = small([5.0, 1.0], [[1.0, 1.0]], [1.0], [INF])
    _, upper = implied_bounds(program, 100.0, array(-1e-9, -1e-9))
    np.testing.assert_allclose(upper, [20.0, 100.0], rtol=1e-6)


def test_no_bound_where_none_can_be_had() -> None:
    """Proves: a reduced cost of -0.001 on a column that nothing limits proves nothing at all. Without the refusal the
    gap would hide an unbounded direction."""
    program = small([1.0, -1.0], [[1.0, -1.0]], [1.0], [1.0])
    found = examine(program, array(1, 0), array(1.001))
    assert found.safe_bound == -INF
    assert not found.certified(1.0)


def test_rounding_of_a_reduced_cost_is_not_a_sign() -> None:
    """Proves: 0.3 - (0.1 + 0.2) is -5.6e-17 in float64 and means zero. Without it exact answers with an unlimited
    optimal direction could not be certified."""
    program = small([0.3, -0.3], [[1.0, -1.0], [1.0, -1.0]], [1.0, 1.0], [1.0, 1.0])
    found = examine(program, array(1, 0), array(0.1, 0.2))
    assert found.safe_bound == pytest.approx(0.3)
    assert found.certified(1e-12)


def test_free_column_needs_a_zero_reduced_cost_or_a_limit() -> None:
    """Proves: both directions of a free column are bounded by rows. Without the lower one a positive reduced cost would
    make the bound -inf."""
    program = small([1.0], [[1.0]], [-3.0], [5.0], column_lower=[-INF])
    found = examine(program, array(-3), array(1 - 1e-9))
    assert found.safe_bound == pytest.approx(-3.0)
    assert found.certified(1e-6)


def test_values_that_are_none() -> None:
    """Proves: nan is refused, and a wrong number of values is an error. Without it comparisons with nan could pass."""
    assert not examine(two_plants(), array(np.nan, 40), array(50, -30)).certified(1e9)
    with pytest.raises(ValueError, match="3 values and 2 duals for 2 columns and 2 rows"):
        examine(two_plants(), array(1, 2, 3), array(0, 0))


def test_pieces_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: looking at a few coefficients at a time changes nothing. Without it long matrices could lose entries at
    the seams."""
    program = expansion(2, 2, 1)
    random = np.random.default_rng(0)
    point, prices = random.random(program.columns), random.normal(size=program.rows)
    whole = examine(program, point, prices)
    for chunk in (1, 7, 1000):
        monkeypatch.setattr(optimality, "CHUNK", chunk)
        part = examine(program, point, prices)
        assert part.safe_bound == pytest.approx(whole.safe_bound, rel=1e-9)
        assert (part.primal, part.dual) == pytest.approx((whole.primal, whole.dual), rel=1e-9)
        assert (part.worst_row, part.worst_column) == (whole.worst_row, whole.worst_column)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 100_000), scale=st.sampled_from([1e-9, 1e-3, 1.0]))
def test_no_prices_prove_more_than_the_optimum(seed: int, scale: float) -> None:
    """Proves: whatever point and prices come in, near the optimum or nowhere, the bound stays at or below the optimum.
    Without the right projection some prices would "prove" a plan better than the best."""
    program = random_program(seed)
    best = by_linprog(program)
    if best is None:
        return
    random = np.random.default_rng(seed)
    point = scale * random.normal(size=program.columns) + random.integers(0, 4, program.columns)
    prices = scale * random.normal(size=program.rows) + random.integers(-2, 3, program.rows)
    assert examine(program, point, prices).safe_bound <= best + 1e-7 * max(1.0, abs(best))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_implied_bounds_lose_no_solution(seed: int) -> None:
    """Proves: the optimum survives its own implied bounds. Without the widening, rounding could cut it off."""
    program = random_program(seed)
    best = by_linprog(program)
    if best is None:
        return
    lower, upper = implied_bounds(program, best, program.cost)
    tightened = LinearProgram(**(vars(program) | {"column_lower": lower - 1e-9, "column_upper": upper + 1e-9}))
    assert by_linprog(tightened) == pytest.approx(best, abs=1e-6, rel=1e-6)
