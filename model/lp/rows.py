"""From one equation to its rows: by template where the rule is one, row by row where it is not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.core.expr.relational_expr import EqualityExpression, InequalityExpression, RangedExpression

from model.lp.blocks import Coordinates, Listed, Terms
from model.lp.errors import CompileError, bracketed
from model.lp.ordinary import Row, called, linear_form, ordinary_row
from model.lp.positions import Positions, SetIndex
from model.lp.program import Floats, Integers
from model.lp.spaces import Space, chosen, root
from model.lp.statement import Cost, Equation
from model.lp.templates import template, thinned_sets, varies
from model.lp.terms import Evaluator, Scope, Unsupported

CHECKED_ROWS = 5
"""How many rows of every equation are compared with the ordinary rule."""


@dataclass(frozen=True)
class EquationRows:
    """The rows of one equation: their terms and their sides."""

    terms: Terms | Listed
    lower: Floats
    upper: Floats
    fallback: bool = False


@dataclass(frozen=True)
class CostTerms:
    """The coefficients by column of one kind of cost, and its constant."""

    columns: Integers
    values: Floats
    constant: float
    fallback: bool


@dataclass(frozen=True)
class Columns:
    """The model, its label positions, and where the columns of each variable begin."""

    model: Any
    positions: Positions
    first: dict[int, int]
    count: int


def equation_rows(equation: Equation, columns: Columns) -> EquationRows:
    """The rows of ``equation`` in the order of its set. Raises CompileError with equation, component and label."""
    index = None if equation.over is None else columns.positions.of_set(equation.over)
    size = 1 if index is None else index.size
    if size == 0:
        return EquationRows(Terms((0,)), np.empty(0), np.empty(0))
    try:
        return _by_template(equation, index, columns)
    except Unsupported:
        return _row_by_row(equation, size, columns)


def cost_terms(cost: Cost, columns: Columns, total: Floats) -> CostTerms:
    """The coefficients of one kind of cost, which are added to ``total``.

    Raises CompileError with the kind, component and label.
    """
    name = f"cost '{cost.kind}'"
    try:
        expression, _ = _templated(columns.model, cost.rule, None)
        constant, found = _cost_by_template(expression, name, columns)
        with thinned_sets():
            ordinary = _cost_row(cost, name, columns)
        thin_constant, thin = _cost_by_template(expression, name, columns, thin=True)
        if not Row(thin_constant, thin_constant, _by_column(thin)).equals(ordinary):
            raise Unsupported("the template differs from the rule")
    except Unsupported:
        row = _cost_row(cost, name, columns)
        where = np.array(sorted(row.coefficients), dtype=np.int64)
        values = np.array([row.coefficients[int(column)] for column in where])
        total[where] += values
        return CostTerms(where, values, row.lower, fallback=True)
    dense: Floats = np.bincount(found.columns, found.values, columns.count).astype(float, copy=False)
    total += dense
    used = np.flatnonzero(dense)
    return CostTerms(used, dense[used], constant, fallback=False)


def _by_template(equation: Equation, index: SetIndex | None, columns: Columns) -> EquationRows:
    expression, placeholders = _templated(columns.model, equation.rule, equation.over)
    ids = [id(placeholder) for placeholder in placeholders]
    scope = Scope(_named(equation), columns.positions, columns.first, index)
    rows = _evaluated(expression, root(index, ids), scope)
    members = np.unique(np.linspace(0, rows.lower.size - 1, CHECKED_ROWS).astype(np.int64))
    space = root(None, ()) if index is None else chosen(index, ids, members)
    few = _evaluated(expression, space, Scope(scope.name, columns.positions, columns.first, index, thin=True))
    for templated, member in zip(_as_rows(few.lower, few.upper, few.terms.coordinates()), members, strict=True):
        if not templated.agrees_with(_thin_row(equation, int(member), columns)):
            raise Unsupported("the template differs from the rule")
    return rows


def _templated(model: Any, rule: Callable[..., Any], over: Any) -> tuple[Any, tuple[Any, ...]]:
    """A rule that fails on placeholders is no template; whether it is wrong shows when it meets labels."""
    try:
        return template(model, rule, over)
    except Exception as wrong:
        raise Unsupported(str(wrong)) from wrong


def _evaluated(expression: Any, space: Space, scope: Scope) -> EquationRows:
    evaluator = Evaluator(scope, space)
    low: Any = 0.0
    high: Any = 0.0
    if isinstance(expression, RangedExpression):
        first, body, last = expression.args
        low, high = evaluator.number(first, space), evaluator.number(last, space)
        evaluator.linear(body, space, 1.0)
    elif isinstance(expression, (EqualityExpression, InequalityExpression)):
        left, right = expression.args
        turned = not varies(left)
        if isinstance(expression, InequalityExpression):
            low, high = (0.0, math.inf) if turned else (-math.inf, 0.0)
        evaluator.linear(left, space, -1.0 if turned else 1.0)
        evaluator.linear(right, space, 1.0 if turned else -1.0)
    else:
        raise Unsupported(type(expression).__name__)
    lower, upper = (_side(side, space, evaluator.constants) for side in (low, high))
    if np.isnan(lower).any() or np.isnan(upper).any():
        raise CompileError(f"{scope.name}: a side of the relation is no number.")
    return EquationRows(evaluator.terms, lower, upper)


def _side(value: Any, space: Space, constants: Floats) -> Floats:
    """One side of the rows, with the body's constants moved to it; one value for all rows takes no memory."""
    moved = constants.strides != (0,)
    if isinstance(value, float) and (np.isinf(value) or not moved):
        return np.broadcast_to(value, space.size)
    whole = np.broadcast_to(np.asarray(value), space.shape).reshape(-1)
    return whole - constants if moved else whole


def _as_rows(lower: Floats, upper: Floats, terms: Coordinates) -> list[Row]:
    found: list[dict[int, float]] = [{} for _ in lower]
    for row, column, value in zip(terms.rows, terms.columns, terms.values, strict=True):
        found[row][int(column)] = found[row].get(int(column), 0.0) + float(value)
    return [Row(float(low), float(up), row) for low, up, row in zip(lower, upper, found, strict=True)]


def _thin_row(equation: Equation, member: int, columns: Columns) -> Row:
    with thinned_sets():
        try:
            return _row(equation, member, columns)
        except CompileError as wrong:
            raise Unsupported(str(wrong)) from wrong


def _row(equation: Equation, member: int, columns: Columns) -> Row:
    labels: tuple[Any, ...] = ()
    if equation.over is not None:
        label = equation.over.at(member + 1)
        labels = label if isinstance(label, tuple) else (label,)
    name = f"{_named(equation)} at {bracketed(labels)}" if labels else _named(equation)
    return ordinary_row(lambda: equation.rule(columns.model, *labels), columns.first, name)


def _row_by_row(equation: Equation, size: int, columns: Columns) -> EquationRows:
    rows = [_row(equation, member, columns) for member in range(size)]
    listed = Coordinates(
        np.repeat(np.arange(size, dtype=np.int32), [len(row.coefficients) for row in rows]),
        np.array([column for row in rows for column in row.coefficients], dtype=np.int32),
        np.array([value for row in rows for value in row.coefficients.values()], dtype=float),
    )
    lower, upper = np.array([row.lower for row in rows]), np.array([row.upper for row in rows])
    return EquationRows(Listed(size, listed), lower, upper, fallback=True)


def _cost_row(cost: Cost, name: str, columns: Columns) -> Row:
    """A cost as if it were a row; its constant stands on both sides."""
    stated = called(lambda: cost.rule(columns.model), name)
    constant, coefficients = linear_form(stated, columns.first, name)
    return Row(constant, constant, coefficients)


def _cost_by_template(expression: Any, name: str, columns: Columns, thin: bool = False) -> tuple[float, Coordinates]:
    space = root(None, ())
    evaluator = Evaluator(Scope(name, columns.positions, columns.first, thin=thin), space)
    evaluator.linear(expression, space, 1.0)
    return float(evaluator.constants[0]), evaluator.terms.coordinates()


def _by_column(coordinates: Coordinates) -> Mapping[int, float]:
    return _as_rows(np.zeros(1), np.zeros(1), coordinates)[0].coefficients


def _named(equation: Equation) -> str:
    return f"equation '{equation.name}'"
