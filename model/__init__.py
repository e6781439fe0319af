"""Shanyraq: least-cost expansion plans of a national energy system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from model.version import VERSION as __version__

if TYPE_CHECKING:
    from model.outputs.netcdf import read_results
    from model.outputs.statistics import nodal_balance, statistics
    from model.outputs.statistics_national import summary
    from model.study import NoPlan, Plan, Study
    from model.system.problems import InvalidStudy, Problem

__all__ = [
    "InvalidStudy",
    "NoPlan",
    "Plan",
    "Problem",
    "Study",
    "__version__",
    "nodal_balance",
    "read_results",
    "statistics",
    "summary",
]

_HOMES = {
    "Study": "model.study",
    "Plan": "model.study",
    "NoPlan": "model.study",
    "InvalidStudy": "model.system.problems",
    "Problem": "model.system.problems",
    "read_results": "model.outputs.netcdf",
    "nodal_balance": "model.outputs.statistics",
    "statistics": "model.outputs.statistics",
    "summary": "model.outputs.statistics_national",
}


def __getattr__(name: str) -> Any:
    """Load the public names when they are first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'model' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
