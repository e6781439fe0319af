"""The whole linear program of a study: every equation, in the order in which one would explain it."""

from __future__ import annotations

import xarray as xr

from model.lp import (
    balance,
    capacity,
    commitment,
    cost,
    network,
    operation,
    policy,
    sets,
    sets_balance,
    sets_policy,
    storage,
)
from model.lp.statement import Statement


def state_plan(system: xr.Dataset, time: xr.Dataset) -> Statement:
    """The least-cost plan of ``system`` over the steps of ``time``, stated but not yet compiled.

    ``system`` is what ``Inputs.system`` gives, ``time`` what any source of profiles gives (``typical_days`` shows the
    schema). Raises KeyError if an asset names a profile that ``time`` lacks.
    """
    statement = Statement(str(system.attrs["name"]))
    frames = sets.declare(statement, system, time)
    sets_balance.declare(statement, system, frames)
    sets_policy.declare(statement, system, time, frames)
    for chapter in (balance, capacity, operation, storage, network, policy):
        chapter.state(statement)
    if system.attrs["commitment"] == "relaxed":
        commitment.state(statement)
    cost.state(statement)
    return statement
