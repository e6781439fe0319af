"""The whole linear program of a study: every equation, in the order in which one would explain it."""

from __future__ import annotations

import xarray as xr

from model.lp import (
    adequacy,
    balance,
    capacity,
    cascade,
    commitment,
    cost,
    network,
    operation,
    policy,
    security,
    sets,
    sets_adequacy,
    sets_balance,
    sets_cost,
    sets_network,
    sets_policy,
    sets_security,
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
    sets_balance.declare(statement, system, time, frames)
    sets_network.declare(statement, system, frames)
    sets_policy.declare(statement, system, time, frames)
    cascade.declare(statement, time, frames)
    sets_adequacy.declare(statement, system, time, frames)
    sets_security.declare(statement, system, time, frames)
    sets_cost.declare(statement, system, frames)
    for chapter in (balance, capacity, operation, cascade, storage, network, policy, adequacy, security):
        chapter.state(statement)
    if system.attrs["commitment"] == "relaxed":
        commitment.state(statement)
    cost.state(statement)
    return statement
