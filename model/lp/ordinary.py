"""Single rows the ordinary way: the rule called with labels, Pyomo's own standard form read back.

It compiles what is no template, and it is what every template is checked against on a few rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.errors import PyomoException
from pyomo.core.expr.relational_expr import EqualityExpression, InequalityExpression, RangedExpression
from pyomo.repn import generate_standard_repn

from model.lp.errors import CompileError
from model.lp.templates import relation, varies

AGREEMENT = 1e-9
"""How far two coefficients of a row may differ, relative to the larger one, and still be the same."""


@dataclass(frozen=True)
class Row:
    """``lower <= sum of coefficient times column <= upper``; no zero coefficients, each column once."""

    lower: float
    upper: float
    coefficients: Mapping[int, float]

    def agrees_with(self, other: Row) -> bool:
        """Whether both rows, or one and the negative of the other, say the same but for rounding."""
        if not any(self.coefficients.values()) and not any(other.coefficients.values()):
            return self.holds_empty() == other.holds_empty()
        return self.equals(other) or self.equals(other.negative())

    def negative(self) -> Row:
        """The same row with all signs turned."""
        return Row(-self.upper, -self.lower, {column: -value for column, value in self.coefficients.items()})

    def equals(self, other: Row) -> bool:
        """Whether sides and coefficients are the same but for rounding."""
        columns = self.coefficients.keys() | other.coefficients.keys()
        pairs = [(self.coefficients.get(c, 0.0), other.coefficients.get(c, 0.0)) for c in columns]
        pairs += [(self.lower, other.lower), (self.upper, other.upper)]
        return all(a == b or math.isclose(a, b, rel_tol=AGREEMENT, abs_tol=AGREEMENT) for a, b in pairs)

    def holds_empty(self) -> bool:
        """Whether zero lies between the sides."""
        return self.lower <= AGREEMENT and self.upper >= -AGREEMENT


EMPTY = Row(-math.inf, math.inf, {})
"""A row that says nothing."""


def ordinary_row(call: Callable[[], Any], first_column: Mapping[int, int], name: str) -> Row:
    """The row that ``call()`` states; CompileError naming ``name`` if it fails, is not linear or can never hold."""
    stated = called(lambda: relation(call()), name)
    if stated is pyo.Constraint.Skip or stated is pyo.Constraint.Feasible:
        return EMPTY
    if isinstance(stated, (bool, np.bool_)) or stated is pyo.Constraint.Infeasible:
        return EMPTY if stated is not pyo.Constraint.Infeasible and stated else Row(math.inf, -math.inf, {})
    body, lower, upper = _sides(stated, name)
    constant, coefficients = linear_form(body, first_column, name)
    return Row(lower - constant, upper - constant, coefficients)


def called(call: Callable[[], Any], name: str) -> Any:
    """What a rule gives for labels; CompileError naming ``name`` if it fails."""
    try:
        return call()
    except (PyomoException, LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as wrong:
        raise CompileError(f"{name}: {str(wrong).strip()}") from wrong


def linear_form(body: Any, first_column: Mapping[int, int], name: str) -> tuple[float, dict[int, float]]:
    """The constant and the coefficients by column of one expression; CompileError if it is not linear."""
    form = generate_standard_repn(body, quadratic=False)
    if form.nonlinear_expr is not None:
        raise CompileError(f"{name}: not linear.")
    coefficients: dict[int, float] = {}
    for variable, coefficient in zip(form.linear_vars, form.linear_coefs, strict=True):
        column = _column(variable, first_column)
        coefficients[column] = coefficients.get(column, 0.0) + float(coefficient)
    found = {column: coefficient for column, coefficient in coefficients.items() if coefficient != 0.0}
    numbers = np.array([form.constant, *found.values()], dtype=float)
    if not np.isfinite(numbers).all():
        raise CompileError(f"{name}: a coefficient is no finite number.")
    return float(form.constant), found


def _sides(stated: Any, name: str) -> tuple[Any, float, float]:
    if isinstance(stated, RangedExpression):
        low, body, high = stated.args
        return body, float(pyo.value(low)), float(pyo.value(high))
    if isinstance(stated, (EqualityExpression, InequalityExpression)):
        left, right = stated.args
        far = 0.0 if isinstance(stated, EqualityExpression) else math.inf
        return (left - right, -far, 0.0) if varies(left) else (right - left, 0.0, far)
    raise CompileError(f"{name}: the rule gives {type(stated).__name__}, not a relation (==, <=, >=).")


def _column(variable: Any, first_column: Mapping[int, int]) -> int:
    component = variable.parent_component()
    member = int(component.index_set().ord(variable.index())) - 1 if component.is_indexed() else 0
    return first_column[id(component)] + member
