"""What a statement refuses, and that its components read the same to ordinary Pyomo as to the compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest

from model.lp.compile import compile_lp
from model.lp.errors import StatementError
from model.lp.statement import OBJECTIVE, Statement
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.small import small_statement


def test_array_parameter_reads_its_array_by_label() -> None:
    """Proves: item access, iteration and size follow the array. Without it the fallback would read zeros."""
    s = small_statement()
    m = s.model
    assert m.demand["south", 1] == 6.25
    assert m.availability["wind", "run", 2030, 3] == 0.5 + 23 / 16
    assert dict(m.duration.items()) == {0: 2.0, 1: 3.0, 2: 5.0, 3: 7.0}
    assert (len(m.demand), ("south", 3) in m.demand, ("west", 3) in m.demand) == (8, True, False)
    assert m.previous[0] == 3
    assert m.period_of[1] == "summer"
    assert pyo.value(m.rate) == 0.0625
    with pytest.raises(KeyError):
        m.demand["west", 0]


def test_array_parameter_in_the_fallback() -> None:
    """Proves: a rule that is no template meets the right values. Without it array parameters read as zero there."""
    s = small_statement()

    def by_hand(m: Any, node: Any) -> Any:
        return m.level[node, 0] >= max(m.demand[node, t] for t in m.step) * m.total

    s.equation(by_hand, s.model.node)
    program = compile_lp(s)
    assert program.fallbacks == ("by_hand",)
    coefficients = program.matrix.toarray()[:, program.column_family("total").start]
    assert coefficients.tolist() == [4.25, 8.25]


def test_plain_pyomo_parameters_are_read_too() -> None:
    """Proves: a Param that Pyomo made works, numbers and labels. Without it plain models would need rewriting."""
    s = small_statement()
    m = s.model
    m.plain = pyo.Param(m.node, initialize={"north": 3.0, "south": 4.0})
    m.mutable = pyo.Param(m.node, initialize={"north": 5.0, "south": 6.0}, mutable=True)
    m.single = pyo.Param(initialize=7.0, mutable=True)
    m.other = pyo.Param(m.node, initialize={"north": "south", "south": "north"}, within=pyo.Any)

    def row(m: Any, node: Any) -> Any:
        return m.plain[node] * m.level[m.other[node], 0] + m.mutable[node] * m.total <= m.single

    s.equation(row, m.node)
    assert assert_same_as_pyomo(s).fallbacks == ()


def test_values_in_every_shape() -> None:
    """Proves: flat values, values by axis and one number are the same parameter. Without it order could slip."""
    s = Statement()
    a, b = s.set("a", ["x", "y"]), s.set("b", [1, 2, 3])
    flat = s.parameter("flat", a * b, np.arange(6.0))
    shaped = s.parameter("shaped", a * b, np.arange(6.0).reshape(2, 3))
    one = s.parameter("one", a * b, 4)
    assert [flat["y", 2], shaped["y", 2], one["y", 2]] == [4.0, 4.0, 4.0]
    assert [p.name for p in s.parameters] == ["flat", "shaped", "one"]


def test_labels_of_arrays_become_plain() -> None:
    """Proves: labels from NumPy are plain text and whole numbers. Without it they would not be found again."""
    s = Statement()
    years = s.set("year", np.array([2025, 2030]))
    names = s.set("pair", [(np.str_("a"), np.int64(1))], dimen=2)
    assert [type(y) for y in years] == [int, int]
    assert [type(part) for part in next(iter(names))] == [np.str_, int] or next(iter(names)) == ("a", 1)


def _cost_twice(s: Statement) -> None:
    for _ in range(2):
        s.cost("a", _no_cost)


def _one_index(m: Any, node: Any) -> Any:
    return m.level[node, 0] <= 1


def level(m: Any, node: Any) -> Any:
    return m.level[node, 0] <= 1


def _no_cost(m: Any) -> Any:
    return 0


MISTAKES: dict[str, tuple[Callable[[Statement], Any], str]] = {
    "repeated label": (lambda s: s.set("a", ["x", "y", "x"]), r"set 'a': label 'x' is there twice"),
    "wrong tuple": (lambda s: s.set("a", [("x", 1), ("y",)], dimen=2), r"\('y',\) has 1 parts, not 2"),
    "label of another kind": (lambda s: s.set("a", [1.5]), r"1.5 is neither text nor a whole number"),
    "name twice": (lambda s: s.set("node", ["x"]), r"'node': the name is taken"),
    "key outside": (lambda s: s.lookup("a", s.model.node, {"west": [1]}), r"look-up 'a': 'west' is not in the set"),
    "member twice": (lambda s: s.lookup("a", s.model.node, {"north": [1, 1]}), r"'north': a member is there twice"),
    "map too short": (lambda s: s.map("a", s.model.step, [1, 2]), r"'a': 2 values for 4 members"),
    "map with a gap": (lambda s: s.map("a", s.model.node, {"north": "x"}), r"map 'a': no value for 'south'"),
    "too few values": (lambda s: s.parameter("a", s.model.node, [1.0]), r"'a': 1 values for 2 members"),
    "other shape": (
        lambda s: s.parameter("a", s.model.node * s.model.step, np.zeros((4, 2))),
        r"values of shape \(4, 2\) over a set of shape \(2, 4\)",
    ),
    "not a number": (
        lambda s: s.parameter("a", s.model.node * s.model.year, np.array([[1, 2], [np.nan, 4]]), unit="GW"),
        r"parameter 'a\[south,2025\]' is nan; must be a finite number \(GW\)",
    ),
    "infinite": (lambda s: s.parameter("a", None, np.inf), r"parameter 'a' is inf"),
    "dims do not fit": (lambda s: s.variable("a", s.model.node, ("node", "step")), r"2 dims .* for a set of 1 indices"),
    "bound is no number": (lambda s: s.variable("a", s.model.node, ("node",), upper=np.nan), r"a bound is NaN"),
    "rule with too few indices": (
        lambda s: s.equation(_one_index, s.model.node * s.model.step),
        r"equation '_one_index': 1 indices \('node',\) for a set of 2 indices",
    ),
    "equation named as a variable": (lambda s: s.equation(level, s.model.node), r"equation 'level': the name is taken"),
    "cost twice": (_cost_twice, r"cost 'a': the kind is taken"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_wrong_declaration_is_refused(case: str) -> None:
    """Proves: a declaration that cannot be meant raises where it is made. Without it the error comes later."""
    declare, message = MISTAKES[case]
    with pytest.raises(StatementError, match=message):
        declare(small_statement())


def test_variables_are_made_only_when_asked_for() -> None:
    """Proves: compiling makes no object per column. Without it a large program would take Pyomo's time and memory."""
    s = Statement()
    step = s.set("step", range(10_000))
    s.variable("x", step, ("step",), upper=np.arange(10_000.0))

    def row(m: Any, step: Any) -> Any:
        return m.x[step] >= 1

    s.equation(row, s.set("few", range(5000, 10_000)))
    compile_lp(s)
    assert len(s.model.x) < 10
    assert s.model.x[7].bounds == (0.0, 7.0)


def test_ordinary_model_is_complete_and_built_once() -> None:
    """Proves: ``to_pyomo`` gives constraints and one objective, twice the same. Without it no row could be printed."""
    s = small_statement()

    def row(m: Any, node: Any) -> Any:
        """Level is below the total."""
        return m.level[node, 0] <= m.total

    s.equation(row, s.model.node)
    s.cost("total", lambda m: m.total)
    s.cost("more", lambda m: 2 * m.level["north", 1])
    model = s.to_pyomo()
    assert s.to_pyomo() is model
    assert str(model.row["north"].expr) == "level[north,0]  <=  total"
    assert str(model.component(OBJECTIVE).expr) == "total + 2*level[north,1]"
    assert compile_lp(s).rows == 2
