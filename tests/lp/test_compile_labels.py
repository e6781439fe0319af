"""What columns and rows are called: families as labelled arrays, and the block of each column and row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.lp.compile import CompileError, compile_lp
from model.lp.program import PLAN
from model.lp.statement import Statement
from tests.lp.small import MODES, small_statement


def level_limit(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= m.total


def run_limit(m: Any, asset: Any, mode: Any, year: Any, step: Any) -> Any:
    """What runs fits in the capacity. A second sentence.

    .. math:: x \\le y
    """
    return m.operation[asset, mode, year, step] <= m.capacity[asset, year]


def period_limit(m: Any, period: Any, year: Any) -> Any:
    return sum(m.operation["wind", "run", year, t] for t in m.steps_in[period]) <= m.capacity["wind", year]


def test_dense_family_is_an_array_with_labels() -> None:
    """Proves: values land at their labels, in the order of the set. Without it results would be shifted."""
    s = small_statement()
    program = compile_lp(s)
    family = program.column_family("capacity")
    values = np.arange(program.columns, dtype=float)
    array = family.to_array(values)
    assert array.dims == ("asset", "year")
    assert array["asset"].values.tolist() == ["chp", "wind", "grid"]
    assert float(array.sel(asset="wind", year=2030)) == family.start + 3
    assert array.attrs["units"] == "GW"


def test_sparse_family_holds_absent_where_there_is_no_member() -> None:
    """Proves: pairs that do not exist stay absent. Without it they would read as zero or as another's value."""
    program = compile_lp(small_statement())
    array = program.column_family("operation").to_array(np.arange(float(program.columns)), absent=-9.0)
    assert array["asset"].values.tolist() == ["chp", "wind"]
    assert array["mode"].values.tolist() == ["condensing", "backpressure", "run"]
    assert float(array.sel(asset="wind", mode="condensing", year=2025, step=0)) == -9.0
    assert float(array.sel(asset="wind", mode="run", year=2025, step=1)) == 17.0
    assert array.attrs["long_name"] == "operation of a mode"


def test_declared_axis_gives_the_labels_of_a_sparse_dim() -> None:
    """Proves: arrays over sparse sets share one axis. Without it they would not align with the others."""
    s = small_statement()
    s.axis("asset", s.model.asset)
    array = compile_lp(s).column_family("operation").to_array(np.zeros(100))
    assert array["asset"].values.tolist() == ["chp", "wind", "grid"]
    assert bool(np.isnan(array.sel(asset="grid")).all())


def test_axis_without_a_label_is_refused() -> None:
    """Proves: an axis that misses a member raises. Without it the member would vanish from results."""
    s = small_statement()
    s.axis("asset", s.set("few", ["chp"]))
    with pytest.raises(CompileError, match="axis 'asset': label 'wind'"):
        compile_lp(s)


def test_rows_have_labels_and_the_sentence_of_their_rule() -> None:
    """Proves: rows are named by the rule's arguments. Without it duals would have no dims."""
    s = small_statement()
    s.equation(run_limit, s.model.mode * s.model.year * s.model.step, unit="GW")
    program = compile_lp(s)
    family = program.row_family("run_limit")
    assert family.dims == ("asset", "mode", "year", "step")
    assert (family.unit, family.long_name) == ("GW", "What runs fits in the capacity")
    assert program.row_label(13) == "run_limit[chp,backpressure,2030,1]"
    assert family.label(13) == "run_limit[chp,backpressure,2030,1]"
    assert s.equations[0].doc.startswith("What runs")


def test_blocks_are_year_and_period() -> None:
    """Proves: a column belongs to the period of its step in its year, else to the plan. Without it decomposition would
    cut through a period."""
    s = small_statement()
    m = s.model
    s.blocks("year", "step", "period", {0: "winter", 1: "summer", 2: "summer", 3: "winter"})
    s.equation(run_limit, m.mode * m.year * m.step)
    s.equation(level_limit, m.node * m.step)
    s.equation(period_limit, m.period * m.year)
    program = compile_lp(s)
    assert program.blocks == (PLAN, (2025, "winter"), (2025, "summer"), (2030, "winter"), (2030, "summer"))
    assert program.column_block[:8].tolist() == [1, 2, 2, 1, 3, 4, 4, 3]
    assert not program.column_block[24:].any()
    rows = {program.row_label(r): program.blocks[b] for r, b in enumerate(program.row_block)}
    assert rows["run_limit[wind,run,2030,2]"] == (2030, "summer")
    assert rows["level_limit[north,0]"] == PLAN
    assert rows["period_limit[winter,2030]"] == (2030, "winter")
    assert program.column_block.dtype == program.row_block.dtype == np.dtype(np.int32)


def test_row_blocks_follow_the_rows_that_stay() -> None:
    """Proves: blocks have one entry per row of the matrix. Without it rows that became bounds would shift them."""
    s = small_statement()
    s.blocks("year", "step", "period", dict.fromkeys(range(4), "winter"))

    def first(m: Any, year: Any) -> Any:
        return m.capacity["chp", year] >= 1

    s.equation(first, s.model.year)
    s.equation(run_limit, s.model.mode * s.model.year * s.model.step)
    program = compile_lp(s)
    assert program.row_block.size == program.rows == 24
    assert set(program.row_block.tolist()) == {1, 2}


def test_step_without_a_period_is_refused() -> None:
    """Proves: every step has a period. Without it a column would silently join the plan."""
    s = small_statement()
    s.blocks("year", "step", "period", {0: "winter"})
    with pytest.raises(CompileError, match="'operation': step 1 has no period"):
        compile_lp(s)


def test_without_blocks_everything_is_plan() -> None:
    """Proves: labels are optional. Without it a tutorial would have to declare them."""
    program = compile_lp(small_statement())
    assert program.blocks == (PLAN,)
    assert not program.column_block.any()


def test_scalar_family() -> None:
    """Proves: a scalar variable is an array without dims. Without it totals could not be read."""
    program = compile_lp(small_statement())
    array = program.column_family("total").to_array(np.arange(float(program.columns)))
    assert (array.dims, float(array)) == ((), program.columns - 1)


def test_large_sparse_sets_are_found_by_search() -> None:
    """Proves: sets too large for a table are looked up by search, strangers refused. Without it memory is lost."""
    s = Statement()
    labels = range(2500)
    pair = s.set("pair", [(i, (7 * i) % 2500) for i in labels], dimen=2)
    s.parameter("value", pair, np.arange(2500.0))
    s.variable("x", pair, ("i", "j"))

    def row(m: Any, i: Any, j: Any) -> Any:
        return m.x[i, j] + m.x[2499 - i, (2499 - j)] >= m.value[i, j]

    s.equation(row, pair)
    with pytest.raises(CompileError, match=r"'row' at \[0,0\]: x\[2499,2499\] does not exist"):
        compile_lp(s)
    assert MODES  # the shared example is untouched
