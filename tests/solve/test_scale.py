"""Units of the solver: they are powers of two, change no answer and keep every limit near ten."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.lp.program import LinearProgram
from model.solve.highs import Solver, solve
from model.solve.scale import TYPICAL, Scale
from tests.solve.cases import INF, small

SIZES = st.floats(1e-3, 1e6)


def track(length: float = 9000.0) -> LinearProgram:
    """At least ``length`` km, of which a first way gives 8,000 at 2 and a second, without a limit, the rest at 3."""
    return small([2.0, 3.0], [[1.0, 1.0]], [length], [INF], column_upper=[8000.0, INF])


def test_units_by_hand() -> None:
    """Proves: a bound of 8,000 is handed over as 2^-10 of it, 7.8, a side of 9,000 as 8.8, what has no limit as it is.
    Without it interior points start a thousand times too far from the rest."""
    scale = Scale.of(track())
    np.testing.assert_array_equal(scale.columns, [1024.0, 1.0])
    np.testing.assert_array_equal(scale.rows, [1024.0])
    handed = scale.applied(track())
    np.testing.assert_array_equal(handed.column_upper, [7.8125, INF])
    np.testing.assert_array_equal(handed.row_lower, [9000 / 1024])
    np.testing.assert_array_equal(handed.matrix.toarray(), [[1.0, 1 / 1024]])
    np.testing.assert_array_equal(handed.cost, [2048.0, 3.0])


@pytest.mark.parametrize("method", ["simplex", "ipx", "hipo"])
def test_answers_are_in_the_units_of_the_program(method: Solver) -> None:
    """Proves: 8,000 km and 1,000 km, the last at 3, one more km of the limit saves 1. Without the way back the first
    would be 7.8 and the price 3,072."""
    found = solve(track(), method)
    np.testing.assert_allclose(found.primal, [8000.0, 1000.0], rtol=1e-6)
    np.testing.assert_allclose(found.row_dual, [3.0], atol=1e-6)
    np.testing.assert_allclose(found.reduced_cost, [-1.0, 0.0], atol=1e-6)
    assert found.objective == pytest.approx(19000.0)


@given(SIZES, SIZES, SIZES)
def test_no_limit_is_far_from_ten_and_nothing_is_rounded(upper: float, lower: float, side: float) -> None:
    """Proves: whatever its limits, a program handed over has none above 1.5 x 10, and multiplied by its units it is the
    same to the last bit. Without it a limit could be handed over as another one."""
    program = small([1.0], [[1.0]], [-side], [side], column_lower=[-lower], column_upper=[upper])
    scale = Scale.of(program)
    handed = scale.applied(program)
    limits = np.abs([*handed.column_lower, *handed.column_upper, *handed.row_lower, *handed.row_upper])
    assert limits.max() <= 1.5 * TYPICAL
    np.testing.assert_array_equal(handed.column_upper * scale.columns, program.column_upper)
    np.testing.assert_array_equal(handed.row_lower * scale.rows, program.row_lower)
    assert (np.frexp(scale.columns)[0] == 0.5).all()
    assert (np.frexp(scale.rows)[0] == 0.5).all()
