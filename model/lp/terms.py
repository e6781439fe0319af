"""Reads one templated expression and writes its terms for all rows at once.

Values go down the expression as a factor and come out as blocks of terms that still broadcast (see ``blocks``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.core.expr.numeric_expr as numeric
import pyomo.environ as pyo

from model.lp.blocks import Block, Terms
from model.lp.errors import CompileError, bracketed
from model.lp.positions import NotAMember, Positions, SetIndex
from model.lp.program import Floats, Integers
from model.lp.spaces import Space, Step, Value, join, spread
from model.lp.templates import IndexTemplate, is_item, sum_body, sum_groups, varies

Node = Any
"""A Pyomo expression node, a number or a label."""


class Unsupported(Exception):
    """An expression that this module does not read; ordinary Pyomo compiles it instead."""


@dataclass(frozen=True)
class Scope:
    """Where an expression stands: its name for messages, the set of its rows, and the first column of each variable."""

    name: str
    positions: Positions
    first_column: dict[int, int]
    rows: SetIndex | None = None
    thin: bool = False


class Evaluator:
    """Evaluates one expression; raises CompileError for what is wrong in it and Unsupported for what is not read."""

    def __init__(self, scope: Scope, space: Space) -> None:
        self.scope = scope
        self.terms = Terms(space.shape)
        self.constants: Floats = np.broadcast_to(0.0, space.size)

    def linear(self, node: Node, space: Space, factor: Value) -> None:
        """Add ``factor`` times the expression to the terms."""
        if not varies(node):
            self._constant(self.number(node, space), space, factor)
        elif is_item(node) or not node.is_expression_type():
            self._variable(node, space, factor)
        elif isinstance(node, numeric.SumExpression):
            for part in node.args:
                self.linear(part, space, factor)
        elif isinstance(node, numeric.NegationExpression):
            self.linear(node.arg(0), space, -factor)
        elif isinstance(node, numeric.ProductExpression):
            self._product(node, space, factor)
        elif isinstance(node, numeric.DivisionExpression):
            self._quotient(node, space, factor)
        elif (body := sum_body(node)) is not None:
            for step in self._steps(node, space):
                space, factor = step.inner, step.lift_value(factor)
            self.linear(body, space, factor)
        else:
            raise Unsupported(type(node).__name__)

    def number(self, node: Node, space: Space) -> Value:
        """The value of an expression without variables, at every place of the space."""
        if isinstance(node, (int, float, np.number)):
            return float(node)
        if isinstance(node, IndexTemplate):
            return self._label_value(node, space)
        if is_item(node):
            values = self._parameter_values(node, space)
            if values.dtype.kind != "f":
                values = self.scope.positions.labels.numbers()[values]
            return values
        if not hasattr(node, "is_expression_type") or not node.is_expression_type():
            return _leaf_value(node)
        if (body := sum_body(node)) is not None:
            return self._sum(node, body, space)
        with np.errstate(all="ignore"):
            return _arithmetic(node, [self.number(part, space) for part in node.args])

    def codes(self, node: Node, space: Space) -> Integers:
        """The label codes of an index, at every place of the space."""
        if isinstance(node, IndexTemplate):
            return self._template(node, space)
        if isinstance(node, (str, int, np.integer)):
            return space.filled(self.scope.positions.labels.code(node))
        if is_item(node):
            values = self._parameter_values(node, space)
            if values.dtype.kind != "f":
                return values
        numbers = self.number(node, space)
        array = np.full((1,) * len(space.shape), numbers) if isinstance(numbers, float) else numbers
        if np.isnan(array).any():
            raise CompileError(f"{self.scope.name}: an index is computed from a label that is no number.")
        return self.scope.positions.labels.of_numbers(array)

    def _sum(self, node: Node, body: Node, space: Space) -> Value:
        steps = list(self._steps(node, space))
        inner = steps[-1].inner
        value = self.number(body, inner)
        total = np.full((1,) * len(inner.shape), value) if isinstance(value, float) else value
        for step in reversed(steps):
            total = step.fold(total)
        return total

    def _steps(self, node: Node, space: Space) -> Sequence[Step]:
        steps: list[Step] = []
        for over, templates in sum_groups(node):
            ids = [id(template) for template in templates]
            if is_item(over):
                lookup = self.scope.positions.of_lookup(over.arg(0))
                key = self._locate(lookup.keys, over, space)
                step = join(space, lookup, key, ids, self.scope.thin)
            else:
                step = spread(space, self.scope.positions.of_set(over), ids, self.scope.thin)
            steps.append(step)
            space = step.inner
        return steps

    def _product(self, node: Node, space: Space, factor: Value) -> None:
        left, right = node.args
        if varies(left) and varies(right):
            raise CompileError(f"{self.scope.name}: not linear, it multiplies variables.")
        fixed, moving = (right, left) if varies(left) else (left, right)
        self.linear(moving, space, factor * self.number(fixed, space))

    def _quotient(self, node: Node, space: Space, factor: Value) -> None:
        above, below = node.args
        if varies(below):
            raise CompileError(f"{self.scope.name}: not linear, it divides by a variable.")
        with np.errstate(all="ignore"):
            self.linear(above, space, factor / _array(self.number(below, space)))

    def _constant(self, value: Value, space: Space, factor: Value) -> None:
        amount = np.asarray(factor * value)
        self._check_finite(amount, "a constant", space)
        if space.size == 0 or not amount.any():
            return
        rows = np.zeros(space.shape, dtype=np.int64)
        for part in space.rows:
            rows += part
        weights = np.broadcast_to(amount, space.shape)
        self.constants = self.constants + np.bincount(rows.reshape(-1), weights.reshape(-1), self.constants.size)

    def _variable(self, node: Node, space: Space, factor: Value) -> None:
        if is_item(node):
            component = node.arg(0)
            if component.ctype is not pyo.Var:
                raise Unsupported(f"an indexed {component.ctype.__name__}")
            parts = self._parts(self.scope.positions.of_set(component.index_set()), node, space)
        else:
            if node.ctype is not pyo.Var:
                raise Unsupported(f"a {node.ctype.__name__}")
            component = node.parent_component()
            parts = [space.filled(self._literal_position(node))]
        self._check_finite(np.asarray(factor), component.name, space)
        start = self.scope.first_column[id(component)]
        columns = (parts[0] + start, *parts[1:])
        if space.size:
            self.terms.blocks.append(Block(space, columns, factor))

    def _literal_position(self, data: Any) -> int:
        component = data.parent_component()
        return int(component.index_set().ord(data.index())) - 1 if component.is_indexed() else 0

    def _parameter_values(self, node: Node, space: Space) -> npt.NDArray[Any]:
        parameter = node.arg(0)
        if parameter.ctype is not pyo.Param:
            raise Unsupported(f"an indexed {parameter.ctype.__name__}")
        values = self.scope.positions.values(parameter)
        place = self._locate(self.scope.positions.of_set(parameter.index_set()), node, space)
        return np.asarray(values[place])

    def _template(self, template: Any, space: Space) -> Integers:
        if id(template) not in space.codes:
            raise Unsupported("an index from outside the sum")
        return space.codes[id(template)]

    def _label_value(self, template: Any, space: Space) -> Floats:
        values: Floats = self.scope.positions.labels.numbers()[self._template(template, space)]
        if np.isnan(values).any():
            raise CompileError(f"{self.scope.name}: a label that is no number is used as one.")
        return values

    def _locate(self, index: SetIndex, node: Node, space: Space) -> Integers:
        first, *others = self._parts(index, node, space)
        for other in others:
            first = first + other
        return first

    def _parts(self, index: SetIndex, node: Node, space: Space) -> list[Integers]:
        codes = [self.codes(argument, space) for argument in list(node.args)[1:]]
        if len(codes) != index.dimen:
            raise CompileError(f"{self.scope.name}: {node.arg(0).name} has {index.dimen} indices, not {len(codes)}.")
        try:
            return index.parts(codes)
        except NotAMember as missing:
            label = bracketed(self.scope.positions.labels.label(int(at(array, missing.place))) for array in codes)
            name = node.arg(0).name
            raise CompileError(
                f"{self._at(space, missing.place)}: {name}{label} does not exist; no such label in the set of '{name}'."
            ) from None

    def _check_finite(self, values: Floats, what: str, space: Space) -> None:
        wrong = ~np.isfinite(values)
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            raise CompileError(f"{self._at(space, place)}: the coefficient of {what} is no finite number.")

    def _at(self, space: Space, place: tuple[int, ...]) -> str:
        if self.scope.rows is None or self.scope.thin:
            return self.scope.name
        row = sum(int(at(part, place)) for part in space.rows)
        return f"{self.scope.name} at {bracketed(self.scope.rows.labels_at(row))}"


def at(array: npt.NDArray[Any], place: tuple[int, ...]) -> Any:
    """The entry of a broadcastable array at a place of the broadcast one."""
    if not place:
        place = (0,) * array.ndim
    return array[tuple(min(i, size - 1) for i, size in zip(place, array.shape, strict=True))]


def _leaf_value(node: Node) -> float:
    if getattr(node, "ctype", None) is not pyo.Param:
        raise Unsupported(type(node).__name__)
    return float(pyo.value(node))


def _arithmetic(node: Node, values: Sequence[Value]) -> Value:
    if isinstance(node, numeric.SumExpression):
        return _total(values)
    if isinstance(node, numeric.NegationExpression):
        return -values[0]
    if isinstance(node, numeric.ProductExpression):
        return values[0] * values[1]
    if isinstance(node, numeric.DivisionExpression):
        return _array(values[0]) / _array(values[1])
    if isinstance(node, numeric.PowExpression):
        return np.power(_array(values[0]), _array(values[1]))
    raise Unsupported(type(node).__name__)


def _array(value: Value) -> Floats:
    """Arrays divide and take powers without raising; what is no finite number is refused where it is used."""
    return np.asarray(value, dtype=float)


def _total(values: Sequence[Value]) -> Value:
    total: Value = 0.0
    for value in values:
        total = total + value
    return total
