"""Solve, look at what the network makes of the plan, state that and solve again, until nothing new is found.

Two things cannot be stated at once: reactances, which fall with the capacity that is built, and the few of all moments
after a contingency that bind. Both are found by passes; each starts from the basis of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from model.solve.accounts import Accounts
from model.solve.security import secure_violations
from model.system.loops import LEAST
from model.system.network import WHOLE_COUNTRY
from model.system.network_state import Moment, NetworkState, changed
from model.time.peaks import peak_moments

if TYPE_CHECKING:
    from model.study import Plan, Study

MOST_PASSES = 20
"""Passes after which a plan is taken as it is; it says then what is not settled."""
REACTANCE_PASSES = 8
"""Passes in which reactances are brought up to date."""
DAMPED_FROM = 4
"""Pass from which capacities move only half the way, should they swing."""
SETTLED = 1e-3
"""Relative change of capacity below which reactances are settled."""
SHED = 1e-4
"""Load in GW that may have to be shed beyond what the plan pays for before a moment is called critical."""
ADDED = 3
"""Moments added at most in a pass for each contingency and year."""

Once = Callable[["Study", "Plan | None"], "Plan"]
"""Solves a study, starting where another plan ended."""


@dataclass(frozen=True)
class Pass:
    """What a pass came to. ``change``: of reactances that the plan would need; ``violated``: moments not survived."""

    objective: float
    rows: int
    columns: int
    seconds: float
    critical: int
    change: float
    violated: int
    solver: str

    @property
    def settled(self) -> bool:
        """Whether nothing was left to be stated."""
        return self.change <= SETTLED and self.violated == 0


def needs_passes(system: xr.Dataset) -> bool:
    """Whether one pass may not be enough."""
    return system.attrs["network"] == "dc" or system.sizes["contingency"] > 0


def first_state(system: xr.Dataset, time: xr.Dataset) -> NetworkState:
    """Links as they stand or are due; every contingency at the step of the country's highest load."""
    due = system["build_lower"].sel(asset=system["link"].to_numpy()).to_pandas().cumsum(axis=1)
    standing = dict(zip(system["vintage_asset"].to_numpy(), system["vintage_capacity"].to_numpy(), strict=True))
    there = pd.Series([standing.get(link, 0.0) for link in due.index], index=due.index)
    peaks = peak_moments(system, time, WHOLE_COUNTRY) if system.sizes["contingency"] else []
    moments = [
        (contingency, int(year), steps[0])
        for contingency, first in zip(
            system["contingency"].to_numpy(), system["contingency_first_year"].to_numpy(), strict=True
        )
        for year, steps in zip(system["year"].to_numpy(), peaks, strict=True)
        if not year < first
    ]
    return NetworkState(due.add(there, axis=0), tuple(moments))


def solve_in_passes(study: Study, once: Once) -> Plan:
    """The plan after as many passes as it takes; its ``passes`` tell whether it is settled."""
    plan = once(study, None)
    state = study.network_state
    if state is None:
        return plan
    passes: list[Pass] = []
    while True:
        wanted = _capacities(plan.accounts)
        change = _change(plan.accounts, state, wanted)
        violated = secure_violations(plan.accounts, SHED)
        passes.append(_told(plan, state, change, len(violated)))
        plan = replace(plan, passes=tuple(passes))
        if passes[-1].settled or len(passes) == MOST_PASSES:
            return plan
        capacity = state.capacity
        if change > SETTLED and len(passes) < REACTANCE_PASSES:
            capacity = wanted if len(passes) < DAMPED_FROM else 0.5 * (capacity + wanted)
        elif violated.empty:
            return plan
        state = NetworkState(capacity, (*state.critical, *_worst(violated, state.critical)))
        plan = once(replace(plan.study, network_state=state), plan)


def _told(plan: Plan, state: NetworkState, change: float, violated: int) -> Pass:
    program, seconds = plan.program, sum(plan.seconds.values())
    return Pass(
        plan.objective, program.rows, program.columns, seconds, len(state.critical), change, violated,
        plan.solution.solver,
    )  # fmt: skip


def _capacities(accounts: Accounts) -> pd.DataFrame:
    rows = [accounts.place[link] for link in accounts.links]
    return pd.DataFrame(accounts.capacity[rows], index=accounts.links, columns=accounts.years)


def _change(accounts: Accounts, state: NetworkState, wanted: pd.DataFrame) -> float:
    """By how much the capacities behind the reactances of this pass differ from those that it built."""
    if accounts.system.attrs["network"] != "dc":
        return 0.0
    return changed(state.capacity, wanted, np.isfinite(accounts.system["link_drop"].to_numpy()), LEAST)


def _worst(violated: pd.DataFrame, known: Sequence[Moment]) -> list[Moment]:
    """The worst moments of each contingency and year that are not stated yet."""
    moments = list(zip(violated["contingency"], violated["year"].astype(int), violated["step"], strict=True))
    fresh = violated[[moment not in set(known) for moment in moments]] if moments else violated
    chosen = fresh.groupby(["contingency", "year"], sort=False).head(ADDED)
    return list(zip(chosen["contingency"], chosen["year"].astype(int), chosen["step"], strict=True))
