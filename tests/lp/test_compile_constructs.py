"""Every construct that a rule may use, against Pyomo's own standard form, and never by the fallback."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
import pytest

from model.lp import blocks
from model.lp.compile import compile_lp
from model.lp.statement import Statement
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.small import small_statement


def product_of_sets(m: Any, asset: Any, mode: Any, year: Any, step: Any) -> Any:
    return m.operation[asset, mode, year, step] <= m.availability[asset, mode, year, step] * m.capacity[asset, year]


def sum_over_sparse_set(m: Any, year: Any, step: Any) -> Any:
    return sum(m.operation[a, k, year, step] for a, k in m.mode) >= 3


def sum_over_lookup_of_pairs(m: Any, node: Any, commodity: Any, step: Any) -> Any:
    return sum(m.operation[a, k, 2030, step] for a, k in m.modes_at[node, commodity]) + m.level[node, step] == 1


def sum_over_lookup_in_another_order(m: Any, step: Any, commodity: Any, year: Any, node: Any) -> Any:
    made = sum(m.availability[a, k, year, step] * m.operation[a, k, year, step] for a, k in m.modes_at[node, commodity])
    return made + m.level[node, step] >= m.demand[node, step] * year


def nested_sums(m: Any, year: Any) -> Any:
    return m.total >= sum(
        m.weight[p] * sum(m.duration[t] * sum(m.operation[a, k, year, t] for a, k in m.mode) for t in m.steps_in[p])
        for p in m.period
    )


def chained_sum(m: Any, year: Any) -> Any:
    return m.total >= sum(
        m.operation[a, k, year, t] for a in m.asset for k in m.modes_of[a] for p in m.period for t in m.steps_in[p]
    )


def factor_outside_a_sum(m: Any, node: Any, year: Any, step: Any) -> Any:
    return (
        m.duration[step] * sum(m.operation[a, k, year, step] for a, k in m.modes_at[node, "electricity"])
        >= m.level[node, step]
    )


def sum_of_parameters(m: Any, node: Any, period: Any) -> Any:
    hours = sum(m.duration[t] for t in m.steps_in[period])
    return m.level[node, 0] * hours >= sum(m.demand[node, t] * m.duration[t] for t in m.step) / hours


def sum_of_parameters_over_lookup(m: Any, node: Any, commodity: Any, year: Any) -> Any:
    best = sum(m.availability[a, k, year, t] for a, k in m.modes_at[node, commodity] for t in m.step)
    return m.capacity["chp", year] >= best + sum(m.rate for a, k in m.modes_at[node, commodity])


def sum_of_ones(m: Any, asset: Any, year: Any) -> Any:
    return m.capacity[asset, year] >= sum(1 for k in m.modes_of[asset]) + sum(2 for t in m.step)


def constant_inside_a_sum_of_variables(m: Any, node: Any) -> Any:
    return sum(m.duration[t] * (m.level[node, t] - m.demand[node, t] - 1) for t in m.step) <= 2


def constant_inside_a_sum_over_lookup(m: Any, node: Any, commodity: Any) -> Any:
    inner = sum(m.operation[a, k, 2025, 1] + m.availability[a, k, 2025, 2] for a, k in m.modes_at[node, commodity])
    return m.total - inner >= 0


def map_as_index(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] == m.level[m.opposite[node], m.previous[step]] * m.weight[m.period_of[step]]


def map_of_a_map(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= m.level[node, m.previous[m.previous[step]]]


def index_arithmetic(m: Any, node: Any, later_step: Any) -> Any:
    return m.level[node, later_step] - m.level[node, later_step - 1] <= m.demand[node, 2 * later_step - later_step]


def index_as_a_number(m: Any, asset: Any, year: Any) -> Any:
    return m.capacity[asset, year] <= (year - 2020) * 3


def negation_division_power(m: Any, asset: Any, year: Any) -> Any:
    return (
        -(m.capacity[asset, year] / m.efficiency[asset]) - m.rate * m.efficiency[asset] ** 2
        >= -m.total / 4 - 1 / m.efficiency[asset]
    )


def ranged(m: Any, node: Any, step: Any) -> Any:
    return pyo.inequality(-m.demand[node, step], m.level[node, step] - m.total + 3, m.demand[node, step])


def triple(m: Any, node: Any, step: Any) -> Any:
    return (1, m.level[node, step] + m.total, m.demand[node, step] + 9)


def pair(m: Any, node: Any) -> Any:
    return (m.level[node, 0] + m.total, m.demand[node, 0])


def duplicates(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] + 2 * m.level[node, step] - m.total == m.level[node, step] + m.level["north", 0]


def cancelling(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] - m.level["north", step] + m.total >= 0


def literal_labels(m: Any, year: Any) -> Any:
    return m.capacity["chp", year] + m.capacity["wind", 2025] >= m.operation["chp", "condensing", year, 0]


def sum_over_nothing(m: Any, node: Any, step: Any) -> Any:
    empty = sum(m.capacity[a, y] for a in m.nothing for y in m.year) + sum(m.total for a, k in m.no_pair)
    return m.level[node, step] - m.total >= empty + sum(m.total for n in m.nothing for a, k in m.of_nothing[n])


def sum_over_empty_lookups(m: Any, asset: Any, year: Any) -> Any:
    return m.capacity[asset, year] + m.total >= sum(m.operation[asset, k, year, 0] for k in m.never[asset])


def sum_over_a_product_made_in_the_rule(m: Any, node: Any) -> Any:
    return m.total >= sum(m.level[node, t] * y for t, y in m.step * m.year)


def helper_function(m: Any, node: Any, step: Any) -> Any:
    return _net(m, node, step) <= 5


def _net(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] - sum(m.rate * m.level[n, step] for n in m.node)


def several_indices(m: Any, node: Any, other: Any, step: Any) -> Any:
    return m.level[node, step] + m.level[other, step] >= m.demand[node, step] - m.demand[other, step]


def scalar_row(m: Any) -> Any:
    return m.total == sum(m.level[n, t] for n in m.node for t in m.step) + m.rate


CASES = {
    product_of_sets: "mode year step", sum_over_sparse_set: "year step",
    sum_over_lookup_of_pairs: "node commodity step",
    sum_over_lookup_in_another_order: "step commodity year node", nested_sums: "year", chained_sum: "year",
    factor_outside_a_sum: "node year step", sum_of_parameters: "node period",
    sum_of_parameters_over_lookup: "node commodity year", sum_of_ones: "asset year",
    constant_inside_a_sum_of_variables: "node", constant_inside_a_sum_over_lookup: "node commodity",
    map_as_index: "node step", map_of_a_map: "node step", index_arithmetic: "node later_step",
    index_as_a_number: "asset year", negation_division_power: "asset year", ranged: "node step", triple: "node step",
    pair: "node", duplicates: "node step", cancelling: "node step", literal_labels: "year",
    sum_over_nothing: "node step",
    sum_over_empty_lookups: "asset year", sum_over_a_product_made_in_the_rule: "node", helper_function: "node step",
    several_indices: "node node step", scalar_row: "",
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES, ids=lambda rule: rule.__name__)
def test_construct_gives_the_rows_of_pyomo(rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: the template road and Pyomo's own road state the same rows, also where they are written group by group.
    Without it a construct could be read wrong."""
    s = small_statement()
    sets = [getattr(s.model, name) for name in CASES[rule].split()]
    over = None
    for part in sets:
        over = part if over is None else over * part
    s.equation(rule, over)
    s.cost("all", lambda m: m.total)
    program = assert_same_as_pyomo(s)
    assert program.fallbacks == ()
    monkeypatch.setattr(blocks, "ROWS_PER_GROUP", 1)
    assert_same_as_pyomo(s)


def supply_cost(m: Any) -> Any:
    return sum(m.weight[p] * m.duration[t] * m.rate * m.operation[a, k, y, t]
               for p in m.period for t in m.steps_in[p] for a, k in m.mode for y in m.year) - 4 + m.total  # fmt: skip


def capacity_cost(m: Any) -> Any:
    return sum(m.efficiency[a] * sum(m.capacity[a, y] / (y - 2020) for y in m.year) for a in m.asset) + sum(
        m.duration[t] for t in m.step
    )


def test_costs_are_summed_and_kept_by_kind() -> None:
    """Proves: the objective and its constant equal Pyomo's and the kinds add up to it. Without it one could be lost."""
    s = small_statement()
    s.equation(scalar_row, None)
    s.cost("supply", supply_cost)
    s.cost("capacity", capacity_cost)
    s.cost("constant", lambda m: 2.5)
    program = assert_same_as_pyomo(s)
    assert program.fallbacks == ()
    total = sum(constant for _, _, constant in program.cost_by_kind.values())
    assert total == program.offset == -4 + 17 + 2.5
    dense = 0 * program.cost
    for columns, values, _ in program.cost_by_kind.values():
        dense[columns] += values
    assert dense.tolist() == program.cost.tolist()


def test_hand_solved_rows() -> None:
    """Proves: one row has the coefficients a person computes. Without it both roads could share a mistake."""
    s = small_statement()
    s.equation(map_as_index, s.model.node * s.model.step)
    program = compile_lp(s)
    row = program.matrix.toarray()[0]
    found = {program.column_label(int(c)): row[c] for c in row.nonzero()[0]}
    assert found == {"level[north,0]": 1.0, "level[south,3]": -11.0}


def test_rows_and_columns_stand_as_stated() -> None:
    """Proves: order is order of statement. Without it results would be read at other labels."""
    s = small_statement()
    s.equation(ranged, s.model.node * s.model.step)
    s.equation(scalar_row, None)
    program = compile_lp(s)
    assert [f.name for f in program.column_families] == ["operation", "capacity", "level", "total"]
    assert [program.row_label(r) for r in (0, 7, 8)] == ["ranged[north,0]", "ranged[south,3]", "scalar_row"]
    assert program.column_label(24) == "capacity[chp,2025]"


def test_equation_over_an_empty_set_has_no_rows() -> None:
    """Proves: a statement without members compiles. Without it a study without storage would fail."""
    s = small_statement()

    def impossible(m: Any, nothing: Any, step: Any) -> Any:
        return m.level[nothing, step] <= 0

    s.equation(impossible, s.model.nothing * s.model.step)
    s.equation(scalar_row, None)
    program = assert_same_as_pyomo(s)
    assert (program.rows, program.stated_rows(), program.fallbacks) == (1, 1, ())


def test_statement_without_rows_or_columns() -> None:
    """Proves: the empty program is a program. Without it a first step of a tutorial would fail."""
    program = compile_lp(Statement())
    assert (program.rows, program.columns, program.nonzeros, program.offset) == (0, 0, 0, 0)
