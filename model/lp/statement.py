"""The statement of a linear program: plain Pyomo sets, parameters and variables, and one rule per equation.

A statement declares; it builds no rows. ``compile.compile_lp`` turns it into arrays in one pass, ``Statement.to_pyomo``
into the ordinary Pyomo model, and both mean the same linear program.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo

from model.lp.components import ArrayParam, Lookup
from model.lp.errors import StatementError, bracketed
from model.lp.program import Floats

Label = str | int
Key = Label | tuple[Label, ...]
Rule = Callable[..., Any]
Over = Any
"""A Pyomo Set, a product of Sets, or None for one scalar."""

OBJECTIVE = "total_cost"
"""The name of the objective in the ordinary Pyomo model."""


@dataclass(frozen=True)
class ParameterFamily:
    """A parameter over a set, and the unit of its values."""

    name: str
    component: Any
    unit: str


@dataclass(frozen=True)
class VariableFamily:
    """A variable over a set; ``lower`` and ``upper`` have one entry per member, in the order of the set."""

    name: str
    component: Any
    dims: tuple[str, ...]
    lower: Floats
    upper: Floats
    unit: str
    long_name: str


@dataclass(frozen=True)
class Equation:
    """One rule that states one row per member of ``over``; ``dims`` are the rule's arguments after the model."""

    name: str
    rule: Rule
    over: Over
    dims: tuple[str, ...]
    unit: str
    doc: str


@dataclass(frozen=True)
class Cost:
    """One kind of cost: ``rule(m)`` is a linear expression, in the unit of the objective."""

    kind: str
    rule: Rule


@dataclass(frozen=True)
class BlockNames:
    """Which dims make the label of a block, and the period of every step and of every slot of the calendar."""

    year: str
    step: str
    period: str
    period_of: Mapping[Label, Label]
    slot: str = ""
    period_of_slot: Mapping[Label, Label] = field(default_factory=dict)


class Statement:
    """Everything a linear program states, in the order in which it was stated.

    ``model`` is a ``pyo.ConcreteModel`` that carries the sets, parameters and variables; equations and costs are kept
    aside until ``compile_lp`` or ``to_pyomo`` asks for them.
    """

    def __init__(self, name: str = "") -> None:
        self.model: Any = pyo.ConcreteModel(name=name or None)
        self.axes: dict[str, Any] = {}
        self.block_names: BlockNames | None = None
        self._parameters: list[ParameterFamily] = []
        self._variables: list[VariableFamily] = []
        self._equations: dict[str, Equation] = {}
        self._costs: dict[str, Cost] = {}
        self._ordinary = False

    @property
    def parameters(self) -> tuple[ParameterFamily, ...]:
        """The parameters in the order in which they were stated."""
        return tuple(self._parameters)

    @property
    def variables(self) -> tuple[VariableFamily, ...]:
        """The variables in the order in which they were stated, which is the order of the columns."""
        return tuple(self._variables)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The equations in the order in which they were stated, which is the order of the rows."""
        return tuple(self._equations.values())

    @property
    def costs(self) -> tuple[Cost, ...]:
        """The kinds of cost in the order in which they were stated."""
        return tuple(self._costs.values())

    def set(self, name: str, labels: Iterable[Any], dimen: int = 1) -> Any:
        """An ordered Set of unique labels (text or whole numbers; tuples of ``dimen`` of them if ``dimen`` > 1).

        The set may be empty. Raises StatementError for a repeated label or a tuple of another length.
        """
        members = [_key(name, label, dimen) for label in labels]
        if len(set(members)) != len(members):
            twice = next(label for place, label in enumerate(members) if label in members[:place])
            raise StatementError(f"set '{name}': label {twice!r} is there twice; labels of a set are unique.")
        return self._add(name, pyo.Set(initialize=members, dimen=dimen, ordered=pyo.Set.InsertionOrder))

    def lookup(self, name: str, over: Over, members: Mapping[Any, Sequence[Any]], dimen: int = 1) -> Any:
        """A set per member of ``over``, to sum over: ``sum(m.operation[a, k] for a, k in m.modes_at[n, c])``.

        Members of ``over`` that ``members`` does not name have an empty set. Raises StatementError for keys outside
        ``over`` and repeated members.
        """
        given = {key: [_key(name, label, dimen) for label in labels] for key, labels in members.items()}
        for key, labels in given.items():
            if key not in over:
                raise StatementError(f"look-up '{name}': {key!r} is not in the set it is over.")
            if len(set(labels)) != len(labels):
                raise StatementError(f"look-up '{name}' at {key!r}: a member is there twice.")
        every = {key: given.get(key, []) for key in over}
        return self._add(name, Lookup(over, members=every, dimen=dimen))

    def map(self, name: str, over: Over, values: Sequence[Label] | Mapping[Any, Label]) -> Any:
        """A label per member of ``over``, to use as an index: ``m.level[s, m.previous[t]]``.

        ``values`` is in the order of the set, or a mapping with one entry per member. Raises StatementError if one is
        missing.
        """
        if isinstance(values, Mapping):
            absent = [key for key in over if key not in values]
            if absent:
                raise StatementError(f"map '{name}': no value for {absent[0]!r}.")
            values = [values[key] for key in over]
        array = np.empty(len(values), dtype=object)
        array[:] = [_key(name, value, 1) for value in values]
        self._check_size(name, over, array)
        return self._add(name, ArrayParam(over, array=array))

    def parameter(self, name: str, over: Over, values: float | npt.ArrayLike, unit: str = "1") -> Any:
        """A number per member of ``over``, kept as an array; one number where ``over`` is None.

        ``values`` is one number for all members, or an array in the order of the set: flat, or with one axis per set
        of a product. Raises StatementError for another size and for NaN or infinity, with the first label.
        """
        array = _filled(name, over, np.asarray(values, dtype=float))
        wrong = np.flatnonzero(~np.isfinite(array))
        if wrong.size:
            where = bracketed(_labels_at(over, int(wrong[0])))
            raise StatementError(f"parameter '{name}{where}' is {array[wrong[0]]}; must be a finite number ({unit}).")
        if over is None:
            component = self._add(name, pyo.Param(initialize=float(array[0]), within=pyo.Any))
        else:
            component = self._add(name, ArrayParam(over, array=array))
        self._parameters.append(ParameterFamily(name, component, unit))
        return component

    def variable(
        self,
        name: str,
        over: Over,
        dims: tuple[str, ...],
        lower: float | npt.ArrayLike = 0.0,
        upper: float | npt.ArrayLike = math.inf,
        unit: str = "1",
        long_name: str = "",
    ) -> Any:
        """A variable per member of ``over``; ``dims`` names each index, bounds are one number or an array like a
        parameter's.

        Members are made only when ordinary Pyomo asks for them. Raises StatementError if ``dims`` and ``over`` differ
        in length or a bound is NaN.
        """
        if len(dims) != _dimen(over):
            raise StatementError(f"variable '{name}': {len(dims)} dims {dims} for a set of {_dimen(over)} indices.")
        bounds = [_filled(name, over, np.asarray(bound, dtype=float)) for bound in (lower, upper)]
        if any(np.isnan(bound).any() for bound in bounds):
            raise StatementError(f"variable '{name}': a bound is NaN; infinity means no bound.")
        low, high = bounds
        if over is None:
            component = pyo.Var(bounds=_bounds(low, high, 0))
        else:
            component = pyo.Var(over, dense=False, bounds=_bounds_rule(over, low, high))
        self._variables.append(VariableFamily(name, self._add(name, component), dims, low, high, unit, long_name))
        return component

    def equation(self, rule: Rule, over: Over, unit: str = "1") -> None:
        """State ``rule(m, *labels)`` for every member of ``over``; name, dims and description are the rule's own.

        Raises StatementError if the name is taken or the number of arguments is not the number of indices of ``over``.
        """
        name = rule.__name__
        dims = tuple(inspect.signature(rule).parameters)[1:]
        if len(dims) != _dimen(over):
            raise StatementError(f"equation '{name}': {len(dims)} indices {dims} for a set of {_dimen(over)} indices.")
        if name in self._equations or self.model.component(name) is not None:
            raise StatementError(f"equation '{name}': the name is taken.")
        self._equations[name] = Equation(name, rule, over, dims, unit, inspect.getdoc(rule) or "")

    def cost(self, kind: str, rule: Rule) -> None:
        """Add ``rule(m)`` to what is minimised, reported under ``kind``. Raises StatementError if the kind is taken."""
        if kind in self._costs:
            raise StatementError(f"cost '{kind}': the kind is taken.")
        self._costs[kind] = Cost(kind, rule)

    def axis(self, dim: str, over: Any) -> None:
        """Let results along ``dim`` carry the labels of ``over``, also where a sparse set has only some."""
        self.axes[dim] = over

    def blocks(
        self,
        year: str,
        step: str,
        period: str,
        period_of: Mapping[Label, Label],
        *,
        slot: str = "",
        period_of_slot: Mapping[Label, Label] | None = None,
    ) -> None:
        """Name the dims that make a block label (year, period); ``period_of`` gives the period of every step.

        Rows along ``slot``, a place in the calendar, belong to the period that stands there; columns along it link the
        periods and belong to the plan.
        """
        self.block_names = BlockNames(year, step, period, dict(period_of), slot, dict(period_of_slot or {}))

    def to_pyomo(self) -> Any:
        """The ordinary Pyomo model: equations as Constraints, costs as one Objective; built once, on ``model``."""
        if not self._ordinary:
            for equation in self.equations:
                rule = _ordinary_rule(equation.rule)
                scalar = equation.over is None
                row = pyo.Constraint(expr=rule(self.model)) if scalar else pyo.Constraint(equation.over, rule=rule)
                self.model.add_component(equation.name, row)
            total = sum(cost.rule(self.model) for cost in self.costs)
            self.model.add_component(OBJECTIVE, pyo.Objective(expr=total, sense=pyo.minimize))
            self._ordinary = True
        return self.model

    def _add(self, name: str, component: Any) -> Any:
        if name in self._equations or self.model.component(name) is not None:
            raise StatementError(f"'{name}': the name is taken.")
        self.model.add_component(name, component)
        return component

    def _check_size(self, name: str, over: Over, array: npt.NDArray[Any]) -> None:
        if array.size != len(over):
            raise StatementError(f"'{name}': {array.size} values for {len(over)} members.")


def _ordinary_rule(rule: Rule) -> Rule:
    """Rows without variables are plain truths to Python; Pyomo wants them by its own names."""

    def ordinary(m: Any, *labels: Any) -> Any:
        row = rule(m, *labels)
        if isinstance(row, (bool, np.bool_)):
            return pyo.Constraint.Feasible if row else pyo.Constraint.Infeasible
        return row

    return ordinary


def _bounds_rule(over: Over, lower: Floats, upper: Floats) -> Rule:
    def bounds(m: Any, *labels: Any) -> tuple[float | None, float | None]:
        return _bounds(lower, upper, over.ord(labels if len(labels) > 1 else labels[0]) - 1)

    return bounds


def _bounds(lower: Floats, upper: Floats, member: int) -> tuple[float | None, float | None]:
    low, high = float(lower[member]), float(upper[member])
    return (None if low == -math.inf else low, None if high == math.inf else high)


def _key(name: str, label: Any, dimen: int) -> Key:
    """The label as plain Python text or whole number, or a tuple of ``dimen`` of them."""
    if dimen == 1:
        plain = label.item() if isinstance(label, np.generic) else label
        if not isinstance(plain, (str, int)):
            raise StatementError(f"'{name}': label {label!r} is neither text nor a whole number.")
        return plain
    parts = tuple(label)
    if len(parts) != dimen:
        raise StatementError(f"'{name}': {label!r} has {len(parts)} parts, not {dimen}.")
    return tuple(_key(name, part, 1) for part in parts)  # type: ignore[misc]


def _dimen(over: Over) -> int:
    return 0 if over is None else int(over.dimen)


def _labels_at(over: Over, member: int) -> tuple[Any, ...]:
    if over is None:
        return ()
    label = over.at(member + 1)
    return label if isinstance(label, tuple) else (label,)


def _filled(name: str, over: Over, values: Floats) -> Floats:
    """One value per member, flat; a single number is repeated without copying it."""
    size = 1 if over is None else len(over)
    if values.ndim == 0:
        return np.broadcast_to(values, (size,))
    if values.size != size:
        raise StatementError(f"'{name}': {values.size} values for {size} members.")
    shape = tuple(len(part) for part in _subsets(over))
    if values.ndim > 1 and values.shape != shape:
        raise StatementError(f"'{name}': values of shape {values.shape} over a set of shape {shape}.")
    return np.ascontiguousarray(values.reshape(-1))


def _subsets(over: Over) -> list[Any]:
    return [] if over is None else list(over.subsets(expand_all_set_operators=True))
