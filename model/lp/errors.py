"""What can be wrong with a statement of a linear program, by equation, component and label."""

from __future__ import annotations

from collections.abc import Iterable


class StatementError(ValueError):
    """A set, parameter, variable or equation is declared in a way that cannot be meant."""


class CompileError(ValueError):
    """An equation or a cost cannot be compiled: an unknown label, variables multiplied, a row that never holds."""


def bracketed(labels: Iterable[object]) -> str:
    """``[a,b,c]``, or nothing where there are no labels."""
    inner = ",".join(str(label) for label in labels)
    return f"[{inner}]" if inner else ""
