"""Two Pyomo components that keep what the compiler needs as arrays: parameters by value, look-ups by member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo
from pyomo.core.base.param import IndexedParam
from pyomo.core.base.set import IndexedSet, InsertionOrderSetData
from pyomo.core.expr.template_expr import GetItemExpression, NPV_Structural_GetItemExpression

from model.lp.errors import bracketed


class ArrayParam(IndexedParam):  # type: ignore[misc]
    """A Param whose values are one array in the order of its index set: numbers, or labels (dtype object).

    ``m.p[label]`` reads the array, so ordinary Pyomo sees the values that the compiler sees; no dictionary is filled.
    """

    def __init__(self, over: Any, array: npt.NDArray[Any]) -> None:
        self.array = array
        super().__init__(over, within=pyo.Any)

    def __len__(self) -> int:
        return len(self._index_set)

    def __contains__(self, index: object) -> bool:
        return index in self._index_set

    def _getitem_when_not_present(self, index: Any) -> Any:
        return self.array.item(self._index_set.ord(index) - 1)


class Lookup(IndexedSet):  # type: ignore[misc]
    """A set per key whose number of indices is known without asking a member, so that it may be empty anywhere."""

    _ComponentDataClass = InsertionOrderSetData

    def __init__(self, over: Any, members: Mapping[Any, Sequence[Any]], dimen: int) -> None:
        self.member_dimen = dimen
        super().__init__(over, initialize=dict(members), dimen=dimen)

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        if isinstance(found, GetItemExpression):
            members = MembersOf(tuple(found.args))
            members.dimen = self.member_dimen
            return members
        return found


class MembersOf(NPV_Structural_GetItemExpression):  # type: ignore[misc]
    """The members of a look-up at a key that is still a template.

    Pyomo finds the number of indices of such an expression by searching the look-up for any member, which is slow and
    fails where all are empty; this one states it, and says that it is no expression so that Pyomo reads it.
    """

    __slots__ = ("dimen",)

    def is_expression_type(self, expression_system: object = None) -> bool:
        """No: see the class."""
        return False

    def to_string(self, verbose: bool | None = None, smap: object = None) -> str:
        """``modes_at[n,c]``, for printing a template."""
        return f"{self.arg(0).name}{bracketed(list(self.args)[1:])}"


def values_in_order(parameter: Any) -> npt.NDArray[Any]:
    """The values of any Param in the order of its index set: numbers, or labels where one is no number."""
    if isinstance(parameter, ArrayParam):
        return parameter.array
    listed = [pyo.value(parameter[index]) for index in parameter.index_set()]
    if all(isinstance(value, (int, float)) for value in listed):
        return np.array(listed, dtype=float)
    labels = np.empty(len(listed), dtype=object)
    labels[:] = listed
    return labels
