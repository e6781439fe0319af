"""Rows with one coefficient as bounds, empty rows, contradictions, and duals on their way back to the rows."""

from __future__ import annotations

import math
from typing import Any

import highspy
import numpy as np
import pytest

from model.lp.compile import CompileError, compile_lp, give_back_duals
from model.lp.program import LinearProgram
from model.lp.statement import Statement


def plants(upper: float = 100.0) -> Statement:
    """Three plants and one demand: run the cheap ones first. ``upper`` is the variable's own bound."""
    s = Statement("plants")
    plant = s.set("plant", ["coal", "gas", "wind"])
    s.parameter("fuel", plant, [20.0, 50.0, 1.0])
    s.parameter("most", plant, [40.0, 60.0, 10.0])
    s.variable("run", plant, ("plant",), upper=upper)
    s.cost("fuel", lambda m: sum(m.fuel[p] * m.run[p] for p in m.plant))
    return s


def demand(m: Any) -> Any:
    return sum(m.run[p] for p in m.plant) == 70


def limit(m: Any, plant: Any) -> Any:
    return 2 * m.run[plant] <= 2 * m.most[plant]


def limit_turned(m: Any, plant: Any) -> Any:
    return -3 * m.run[plant] >= -3 * m.most[plant]


def looser(m: Any, plant: Any) -> Any:
    return m.run[plant] <= m.most[plant] + 5


def at_least(m: Any) -> Any:
    return m.run["gas"] / 4 >= 6


def solved(program: LinearProgram) -> tuple[Any, Any, Any, float]:
    """Values, row duals, reduced costs and the optimum, by HiGHS."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = program.columns, program.rows
    lp.col_cost_, lp.offset_ = program.cost, program.offset
    lp.col_lower_, lp.col_upper_ = program.column_lower, program.column_upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = program.matrix.indptr, program.matrix.indices
    lp.a_matrix_.value_ = program.matrix.data
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    solver.run()
    answer = solver.getSolution()
    value = float(solver.getInfo().objective_function_value)
    return np.array(answer.col_value), np.array(answer.row_dual), np.array(answer.col_dual), value


def test_rows_of_one_coefficient_become_the_tightest_bound() -> None:
    """Proves: two limits leave one row and the tighter bound. Without it the solver would carry rows for nothing."""
    s = plants()
    for rule, over in ((limit, s.model.plant), (looser, s.model.plant), (demand, None), (at_least, None)):
        s.equation(rule, over)
    program = compile_lp(s)
    assert (program.rows, program.stated_rows()) == (1, 8)
    assert program.column_upper.tolist() == [40.0, 60.0, 10.0]
    assert program.column_lower.tolist() == [0.0, 24.0, 0.0]
    assert program.kept_rows.tolist() == [6]
    assert program.row_label(0) == "demand"
    assert program.bound_rows is not None
    assert program.bound_rows.row.tolist() == [0, 1, 2, 3, 4, 5, 7]
    assert program.bound_rows.coefficient.tolist() == [2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.25]


def test_bounds_pass_can_be_left_out() -> None:
    """Proves: the statement's rows can be kept. Without it the comparison with Pyomo would miss them."""
    s = plants()
    s.equation(limit, s.model.plant)
    program = compile_lp(s, bounds=False)
    assert (program.rows, program.bound_rows, program.column_upper.tolist()) == (3, None, [100.0] * 3)


@pytest.mark.parametrize("rule", [limit, limit_turned])
def test_dual_of_the_binding_bound_goes_to_its_row(rule: Any) -> None:
    """Proves: one more unit of wind's limit saves 49, of coal's 30. Without it the row's dual would read zero.

    By hand: gas (50) is marginal; wind (1) and coal (20) run at their limits.
    """
    s = plants()
    for each, over in ((demand, None), (rule, s.model.plant), (looser, s.model.plant)):
        s.equation(each, over)
    program = compile_lp(s)
    values, row_dual, reduced, _ = solved(program)
    stated, left = give_back_duals(program, row_dual, reduced)
    factor = 2.0 if rule is limit else -3.0
    assert values.tolist() == [40.0, 20.0, 10.0]
    assert stated.tolist() == pytest.approx([50.0, -30.0 / factor, 0.0, -49.0 / factor, 0.0, 0.0, 0.0])
    assert left.tolist() == [0.0, 0.0, 0.0]


def test_duals_equal_those_of_the_program_with_all_rows() -> None:
    """Proves: the pass changes no price. Without it capacity prices would depend on the road taken."""
    s = plants()
    for each, over in ((demand, None), (limit, s.model.plant), (looser, s.model.plant), (at_least, None)):
        s.equation(each, over)
    short, whole = compile_lp(s), compile_lp(s, bounds=False)
    _, row_dual, reduced, value = solved(short)
    _, full_dual, full_reduced, full_value = solved(whole)
    stated, left = give_back_duals(short, row_dual, reduced)
    assert value == pytest.approx(full_value)
    assert stated.tolist() == pytest.approx(full_dual.tolist())
    assert left.tolist() == pytest.approx(full_reduced.tolist())


def test_own_bound_as_tight_keeps_its_reduced_cost() -> None:
    """Proves: a row no tighter than the column's own bound gets nothing. Without it the price would be paid to a row
    that could be removed without a change."""
    s = plants(upper=10.0)

    def ten(m: Any, plant: Any) -> Any:
        return m.run[plant] <= 10

    s.equation(ten, s.model.plant)
    program = compile_lp(s)
    stated, left = give_back_duals(program, np.empty(0), np.array([-3.0, 0.0, 5.0]))
    assert stated.tolist() == [0.0, 0.0, 0.0]
    assert left.tolist() == [-3.0, 0.0, 5.0]


def test_one_of_two_equal_rows_takes_the_dual() -> None:
    """Proves: equal rows share no dual twice. Without it the sum of duals would be double."""
    s = plants()
    s.equation(limit, s.model.plant)
    s.equation(limit_turned, s.model.plant)
    program = compile_lp(s)
    stated, left = give_back_duals(program, np.empty(0), np.array([-6.0, 0.0, -12.0]))
    assert stated.tolist() == [-3.0, 0.0, -6.0, 0.0, 0.0, 0.0]
    assert left.tolist() == [0.0, 0.0, 0.0]


def test_equality_of_one_column_binds_on_both_sides() -> None:
    """Proves: a fixed column's reduced cost goes to the row whichever its sign. Without it only one side would."""
    s = plants()

    def fixed(m: Any, plant: Any) -> Any:
        return 4 * m.run[plant] == 8

    s.equation(fixed, s.model.plant)
    program = compile_lp(s)
    assert program.column_lower.tolist() == program.column_upper.tolist() == [2.0, 2.0, 2.0]
    stated, left = give_back_duals(program, np.empty(0), np.array([8.0, -8.0, 0.0]))
    assert (stated.tolist(), left.tolist()) == ([2.0, -2.0, 0.0], [0.0, 0.0, 0.0])


def test_wrong_lengths_are_refused() -> None:
    """Proves: duals of another program are refused. Without it they would land on other rows."""
    program = compile_lp(plants())
    with pytest.raises(CompileError, match="1 duals and 3 reduced costs for 0 rows and 3 columns"):
        give_back_duals(program, np.zeros(1), np.zeros(3))


def test_contradicting_row_is_named() -> None:
    """Proves: a row that leaves no value is named with its column. Without it the solver would only say infeasible."""
    s = plants(upper=20.0)
    s.equation(limit, s.model.plant)
    s.equation(at_least, None)
    with pytest.raises(
        CompileError, match=r"run\[gas\] has no value left: equation at_least asks for at least 24 and at most 20"
    ):
        compile_lp(s)


def test_contradicting_own_bounds_are_named() -> None:
    """Proves: a variable whose bounds cross is named. Without it the solver would only say infeasible."""
    s = Statement()
    s.variable("x", s.set("i", ["a", "b"]), ("i",), lower=[0, 3], upper=[1, 2])
    with pytest.raises(
        CompileError, match=r"x\[b\] has no value left: its own bounds asks for at least 3 and at most 2"
    ):
        compile_lp(s)


def test_bounds_that_cross_by_rounding_meet() -> None:
    """Proves: 0.1 + 0.2 against 0.3 is no contradiction. Without it rounding would stop a run."""
    s = Statement()
    s.variable("x", s.set("i", ["a"]), ("i",), lower=0.1 + 0.2)

    def at_most(m: Any, i: Any) -> Any:
        return m.x[i] <= 0.3

    s.equation(at_most, s.model.i)
    program = compile_lp(s)
    assert program.column_lower.tolist() == program.column_upper.tolist() == [0.1 + 0.2]


def test_empty_rows_are_dropped_when_true() -> None:
    """Proves: a row without variables that holds leaves no row. Without it matrices would carry empty rows."""
    s = plants()
    s.parameter("need", s.model.plant, [0.0, 3.0, -1.0])

    def maybe(m: Any, plant: Any) -> Any:
        return m.need[plant] * m.run[plant] + 1 >= -m.need[plant]

    s.equation(maybe, s.model.plant)
    program = compile_lp(s, bounds=False)
    assert program.kept_rows.tolist() == [1, 2]
    assert program.row_lower.tolist() == [-4.0, 0.0]


def test_zero_coefficients_are_not_stored() -> None:
    """Proves: a plant that is never available is bounded to zero. Without it a zero would count as a coefficient."""
    s = plants()
    s.variable("size", s.model.plant, ("plant",))
    s.parameter("available", s.model.plant, [1.0, 0.0, 0.5])

    def availability(m: Any, plant: Any) -> Any:
        return m.run[plant] <= m.available[plant] * m.size[plant]

    s.equation(availability, s.model.plant)
    program = compile_lp(s)
    assert program.kept_rows.tolist() == [0, 2]
    assert program.column_upper.tolist() == [100.0, 0.0, 100.0, math.inf, math.inf, math.inf]
    assert np.all(program.matrix.data != 0.0)


def test_row_keeps_the_side_with_variables() -> None:
    """Proves: ``need <= supply`` and ``supply >= need`` are one row with a lower side. Without it the sign of a price
    would depend on how an equation was typed."""
    s = plants()
    s.parameter("need", None, 70.0)
    s.parameter("each", s.model.plant, [1.0, 2.0, 3.0])

    def least(m: Any, plant: Any) -> Any:
        return m.each[plant] <= m.run[plant] + m.run["coal"]

    def turned(m: Any, plant: Any) -> Any:
        return m.run[plant] + m.run["coal"] >= m.each[plant]

    def equal(m: Any, plant: Any) -> Any:
        return m.each[plant] == m.run[plant] + m.run["coal"]

    def literal(m: Any) -> Any:
        return 3 == m.run["gas"] + m.run["coal"]  # noqa: SIM300 the turned form is what is tested

    for rule, over in ((least, s.model.plant), (turned, s.model.plant), (equal, s.model.plant), (literal, None)):
        s.equation(rule, over)
    program = compile_lp(s, bounds=False)
    assert program.row_lower.tolist() == [1, 2, 3, 1, 2, 3, 1, 2, 3, 3]
    assert program.row_upper.tolist() == [math.inf] * 6 + [1, 2, 3, 3]
    assert np.all(program.matrix.data > 0)
