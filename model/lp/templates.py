"""The only place that touches Pyomo's templates: a rule called once, with placeholders instead of labels.

While a rule is templated, an index that is printed raises instead of becoming a text, because ``str(index)`` or an
f-string would silently freeze into a literal. ``thinned_sets`` lets a rule run in the ordinary way with sums over a few
members, cheap enough to check every template against its rule.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyomo.environ as pyo
from pyomo.common.errors import TemplateExpressionError
from pyomo.core.base.set import _FiniteSetMixin
from pyomo.core.expr.relational_expr import tuple_to_relational_expr
from pyomo.core.expr.template_expr import GetItemExpression, IndexTemplate, TemplateSumExpression, templatize_rule

from model.lp.spaces import picks

__all__ = ["IndexTemplate", "is_item", "relation", "sum_body", "sum_groups", "template", "thinned_sets", "varies"]


def template(model: Any, rule: Any, over: Any) -> tuple[Any, tuple[Any, ...]]:
    """What ``rule`` returns for placeholders, and the placeholders; any exception means that it is no template."""
    with _unprintable_indices(), _quiet():
        expression, indices = templatize_rule(model, lambda block, labels: rule(block, *labels), over)
    return relation(expression), tuple(indices)


def relation(expression: Any) -> Any:
    """A row given as a tuple, (left, right) or (lower, body, upper), as the relation that it means."""
    return tuple_to_relational_expr(expression) if isinstance(expression, tuple) else expression


def varies(node: Any) -> bool:
    """Whether a variable may stand in the expression.

    Seen from its parts: Pyomo takes every templated sum for what the first one in the process was, so that a parameter
    times a sum of variables may call itself free of variables.
    """
    if is_item(node):
        return node.arg(0).ctype is not pyo.Param
    if (body := sum_body(node)) is not None:
        return varies(body)
    if hasattr(node, "is_expression_type") and node.is_expression_type():
        return any(varies(part) for part in node.args)
    return hasattr(node, "is_potentially_variable") and bool(node.is_potentially_variable())


def is_item(node: Any) -> bool:
    """Whether the node is ``component[indices]``."""
    return isinstance(node, GetItemExpression)


def sum_body(node: Any) -> Any:
    """What a templated sum sums; None if the node is no such sum."""
    return node.template_args()[0] if isinstance(node, TemplateSumExpression) else None


def sum_groups(node: Any) -> Iterator[tuple[Any, Sequence[Any]]]:
    """The sets that a templated sum runs over, outermost first, with the placeholders of each."""
    for group in node.template_iters():
        yield group[0]._set, group


@contextmanager
def thinned_sets() -> Iterator[None]:
    """While active, a loop over a set meets only the members that ``spaces.picks`` chooses."""
    usual = _FiniteSetMixin.__iter__

    def few(self: Any) -> Iterator[Any]:
        return iter([self.at(int(place) + 1) for place in picks(len(self))])

    _FiniteSetMixin.__iter__ = few
    try:
        yield
    finally:
        _FiniteSetMixin.__iter__ = usual


@contextmanager
def _unprintable_indices() -> Iterator[None]:
    """While active, an index cannot be turned into text."""
    usual = IndexTemplate.__str__, IndexTemplate.__repr__

    def refuse(self: Any) -> str:
        raise TemplateExpressionError(self, "an index is used as a text")

    IndexTemplate.__str__ = IndexTemplate.__repr__ = refuse
    try:
        yield
    finally:
        IndexTemplate.__str__, IndexTemplate.__repr__ = usual


@contextmanager
def _quiet() -> Iterator[None]:
    """Pyomo logs an error where a rule is no template; here that is a case like any other."""
    logger = logging.getLogger(templatize_rule.__module__)
    usual = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(usual)
