"""What a rule must not do, or does at its own cost: each falls back by name or raises in words."""

from __future__ import annotations

import builtins
import contextlib
import subprocess
import sys
from typing import Any

import pyomo.environ as pyo
import pytest
from pyomo.core.base.set import _FiniteSetMixin
from pyomo.core.expr.template_expr import IndexTemplate

from model.lp import templates
from model.lp.compile import CompileError, compile_lp
from model.lp.statement import Statement
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.small import small_statement
from tests.sources import ROOT

HOURS = {0: 2.0, 1: 3.0, 2: 5.0, 3: 7.0}


def index_in_an_if(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if step == 1 else 9) + m.total


def index_as_a_truth(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if step else 9) + m.total


def parameter_in_an_if(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if m.demand[node, step] > 3 else 9) + m.total


def membership_in_an_if(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if step in m.later_step else 9) + m.total


def filter_by_inequality(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= sum(m.level[n, step] for n in m.node if n != node)


def filter_by_order(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= sum(m.level[node, t] for t in m.step if t <= step) - m.total


def filter_by_parameter(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= sum(m.total for t in m.step if m.duration[t] > 2)


def filter_by_identity(m: Any, node: Any, step: Any) -> Any:
    return m.total >= sum(m.level[n, step] for n in m.node if n is not node) + m.level[node, step]


def quicksum(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= pyo.quicksum(m.level[n, step] for n in m.node) - m.total


def list_comprehension(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= sum([m.level[n, step] for n in m.node]) - m.total


def explicit_loop(m: Any, node: Any, step: Any) -> Any:
    total = m.total
    for n in m.node:
        total = total + m.level[n, step]
    return m.level[node, step] >= total


def largest(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= max(m.demand[node, step], 3) + m.total


def smallest_over_a_set(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= min(m.duration[t] for t in m.step) + m.total


def a_slice(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] - m.total >= sum(m.demand[:, step])


def dictionary(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= HOURS[step] * m.total


def dictionary_with_default(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= HOURS.get(step, 0) * m.total


def text_of_an_index(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if str(step) == "1" else 9) + m.total


def text_in_an_f_string(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if f"{node}" == "north" else 9) + m.total


def representation(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if repr(step) == "1" else 9) + m.total


def type_of_an_index(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if isinstance(step, int) else 9) + m.total


def attribute_of_an_index(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= (7 if hasattr(node, "upper") else 9) + m.total


def remainder(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= step % 2 + m.total


def set_order(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= m.step.ord(step) * m.total


def skipped_rows(m: Any, node: Any, step: Any) -> Any:
    return pyo.Constraint.Skip if step == 1 else m.level[node, step] <= m.total


def exponential(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= pyo.exp(m.rate * m.duration[step]) * m.total


def value_of_a_parameter(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= pyo.value(m.demand[node, step]) * m.total


def named_expression(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= m.twice[step]


FALLBACKS = [
    index_in_an_if, index_as_a_truth, parameter_in_an_if, membership_in_an_if, filter_by_inequality, filter_by_order,
    filter_by_parameter, filter_by_identity, quicksum, list_comprehension, explicit_loop, largest, smallest_over_a_set,
    a_slice, dictionary, dictionary_with_default, text_of_an_index, text_in_an_f_string, representation,
    type_of_an_index, attribute_of_an_index, remainder, set_order, skipped_rows, exponential, value_of_a_parameter,
    named_expression,
]  # fmt: skip


@pytest.mark.parametrize("rule", FALLBACKS, ids=lambda rule: rule.__name__)
def test_trap_falls_back_by_name_and_stays_right(rule: Any) -> None:
    """Proves: a rule that is no template gives Pyomo's rows and is named. Without it some would be silently wrong."""
    s = small_statement()
    s.model.twice = pyo.Expression(s.model.step, rule=lambda m, t: 2 * m.total)
    s.equation(rule, s.model.node * s.model.step)
    s.cost("all", lambda m: m.total)
    assert assert_same_as_pyomo(s).fallbacks == (rule.__name__,)


def test_cost_that_is_no_template_falls_back_by_kind() -> None:
    """Proves: costs are guarded like equations. Without it a cost by ``quicksum`` or text would be wrong unseen."""
    s = small_statement()
    s.cost("loop", lambda m: pyo.quicksum(m.duration[t] * m.level["north", t] for t in m.step) + 3)
    s.cost("text", lambda m: sum(m.level[n, 0] * (5 if isinstance(n, str) else 1) for n in m.node))
    s.equation(lambda_free_row, None)
    assert assert_same_as_pyomo(s).fallbacks == ("loop", "text")


def lambda_free_row(m: Any) -> Any:
    return m.total >= m.level["north", 0]


def before_the_first(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= m.level[node, step - 1]


def parameter_before_the_first(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] >= m.demand[node, step - 1] - m.total


def pair_that_is_not_there(m: Any, year: Any) -> Any:
    return m.operation["wind", "condensing", year, 0] <= m.capacity["wind", year]


def pair_from_two_sums(m: Any, year: Any, step: Any) -> Any:
    return m.total >= sum(m.operation[a, k, year, step] for a in m.asset for k in m.modes_of["chp"])


def label_of_another_set(m: Any, node: Any, year: Any) -> Any:
    return m.level[node, year] <= m.total


def key_outside_a_lookup(m: Any, node: Any, step: Any) -> Any:
    return m.total >= sum(m.level[node, step] for k in m.modes_of[node])


def text_in_arithmetic(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] <= node * 2 + m.total


def text_in_an_index_sum(m: Any, node: Any, step: Any) -> Any:
    return m.level[node + 1, step] <= m.total


def product_of_variables(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] * m.total <= 1


def variable_below(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] / m.total <= 1


def division_by_zero(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] / (m.duration[step] - 5) <= m.total


def chained_comparison(m: Any, node: Any, step: Any) -> Any:
    return 0 <= m.level[node, step] <= 3


def no_relation(m: Any, node: Any, step: Any) -> Any:
    return m.level[node, step] + 1


def unknown_component(m: Any, node: Any, step: Any) -> Any:
    return m.absent[node, step] <= 1


def false_without_variables(m: Any, node: Any, step: Any) -> Any:
    return m.demand[node, step] <= 5


def too_few_indices(m: Any, node: Any, step: Any) -> Any:
    return m.level[node] <= m.total


ERRORS = {
    before_the_first: ("node step", r"equation 'before_the_first' at \[north,0\]: level\[north,-1\] does not exist"),
    parameter_before_the_first: ("node step", r"\[north,0\]: demand\[north,-1\] does not exist"),
    pair_that_is_not_there: ("year", r"wind.*condensing.*2025"),
    pair_from_two_sums: ("year step", r"\[2025,0\]: operation\[wind,condensing,2025,0\] does not exist"),
    label_of_another_set: ("node year", r"\[north,2025\]: level\[north,2025\] does not exist"),
    key_outside_a_lookup: ("node step", r"\[north,0\]: modes_of\[north\] does not exist"),
    text_in_arithmetic: ("node step", r"'text_in_arithmetic': a label that is no number"),
    text_in_an_index_sum: ("node step", r"'text_in_an_index_sum': a label that is no number"),
    product_of_variables: ("node step", r"'product_of_variables': not linear"),
    variable_below: ("node step", r"'variable_below': not linear"),
    division_by_zero: ("node step", r"'division_by_zero' at \[north,2\]: the coefficient of level is no finite number"),
    chained_comparison: ("node step", r"'chained_comparison' at \[north,0\]: .*bool"),
    no_relation: ("node step", r"'no_relation' at \[north,0\]: the rule gives .*, not a relation"),
    unknown_component: ("node step", r"'unknown_component' at \[north,0\]: .*absent"),
    false_without_variables: ("node step", r"false_without_variables\[south,0\] has no variable and is false"),
    too_few_indices: ("node step", r"'too_few_indices'.*level"),
}  # fmt: skip


@pytest.mark.parametrize("rule", ERRORS, ids=lambda rule: rule.__name__)
def test_mistake_names_equation_component_and_label(rule: Any) -> None:
    """Proves: a wrong rule is refused in words. Without it a neighbour's column would be read or a traceback shown."""
    s = small_statement()
    names, message = ERRORS[rule]
    first, *others = [getattr(s.model, name) for name in names.split()]
    over = first
    for part in others:
        over = over * part
    s.equation(rule, over)
    with pytest.raises(CompileError, match=f"(?s){message}"):
        compile_lp(s)


def test_wrong_cost_names_its_kind() -> None:
    """Proves: costs are refused like equations. Without it the message would not say which cost."""
    s = small_statement()
    s.cost("square", lambda m: m.total * m.level["north", 0])
    with pytest.raises(CompileError, match=r"cost 'square': not linear"):
        compile_lp(s)


def test_nothing_stays_patched() -> None:
    """Proves: what is swapped while a rule is templated or checked comes back, also after an error. Without it loops
    over sets elsewhere would miss members."""
    usual = (builtins.sum, _FiniteSetMixin.__iter__, IndexTemplate.__str__, IndexTemplate.__repr__)
    for rule in (product_of_variables, index_in_an_if, text_of_an_index):
        s = small_statement()
        s.equation(rule, s.model.node * s.model.step)
        with contextlib.suppress(CompileError):
            compile_lp(s)
        assert (builtins.sum, _FiniteSetMixin.__iter__, IndexTemplate.__str__, IndexTemplate.__repr__) == usual


def test_guard_meets_members_in_order_and_few() -> None:
    """Proves: the check of templates costs a handful of terms. Without it one row over a year would cost seconds."""
    s = Statement()
    hours, pairs = s.set("hour", range(8760)), s.set("pair", [(a, k) for a in "abc" for k in range(2)], dimen=2)
    with templates.thinned_sets():
        assert list(hours) == [0, 1, 8759]
        assert list(pairs) == [("a", 0), ("a", 1), ("c", 1)]
        assert list(pairs * hours) == [("a", 0, 0), ("a", 0, 1), ("c", 1, 8759)]
    assert len(list(hours)) == 8760


def test_templates_are_met_in_one_file() -> None:
    """Proves: only templates.py asks Pyomo for a template. Without it an upgrade of Pyomo could break anywhere."""
    from pathlib import Path

    folder = Path(templates.__file__).parent
    assert [p.name for p in sorted(folder.glob("*.py")) if "templatize_rule" in p.read_text("utf-8")] == [
        "templates.py"
    ]


def test_failing_cost_names_its_kind() -> None:
    """Proves: a cost rule that fails is told in words. Without it a planner would meet a traceback."""
    s = small_statement()
    s.cost("unknown", lambda m: m.absent["north"])
    with pytest.raises(CompileError, match=r"cost 'unknown': .*absent"):
        compile_lp(s)


def test_a_sum_of_numbers_met_first_does_not_hide_variables() -> None:
    """Proves: a parameter times a sum of variables is a template also where the first templated sum that Pyomo met was
    of numbers only. Without looking at the parts it would be taken for a number, by what ran before in the process."""
    code = """
from model.lp.compile import compile_lp
from model.lp.statement import Statement

s = Statement("order")
i = s.set("item", ["a", "b"])
s.parameter("q", i, [2.0, 3.0])
s.variable("x", i, ("item",))

def first(m, item):
    return m.x[item] >= m.q[item] * sum(m.q[j] for j in m.item)

def second(m, item):
    return m.q[item] * sum(m.q[j] * sum(m.x[k] for k in m.item) for j in m.item) + m.x[item] >= 1

s.equation(first, i)
s.equation(second, i)
program = compile_lp(s, bounds=False)
assert program.fallbacks == (), program.fallbacks
assert sorted(program.matrix.data) == [1.0, 1.0, 10.0, 11.0, 15.0, 16.0], sorted(program.matrix.data)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
