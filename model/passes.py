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
from model.time.thin import thinned

if TYPE_CHECKING:
    from model.study import Plan, Study

MOST_PASSES = 20
"""Passes after which a plan is taken as it is; it says then what is not settled."""
REACTANCE_PASSES = 8
"""Passes in which reactances are brought up to date."""
REMEMBERED = 3
"""Passes from which the next capacities are told."""
NOISE = 1e-4
"""Share of the largest difference between passes below which others tell nothing."""
SETTLED = 1e-3
"""Relative change of capacity below which reactances are settled."""
ROUGH = 2e-2
"""The same for a scout, whose reactances are only to start from."""
SHED = 1e-4
"""Load in GW that may have to be shed beyond what the plan pays for before a moment is called critical."""
ADDED = 3
"""Moments added at most in a pass for each contingency and year."""
SCOUTED_FROM = 12
"""Periods of a year beyond which a few of them are looked at first."""
SCOUTED_PERIODS = 4
"""How many."""

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


def scouted(study: Study, state: NetworkState, once: Once) -> NetworkState:
    """What passes over a few periods of the year find out, where the whole year is long: a better state to start from.

    The first plan of the scout lets power take any way, so that reactances are at first those of lines that are worth
    their cost wherever flows could be steered: from what stands alone no pass would find that widening a line draws
    flow to it. Nothing of it is taken for granted: the passes over the whole year look again.
    """
    time = study.time
    if time.sizes["period"] <= SCOUTED_FROM:
        return state
    peak = peak_moments(study.system, time, WHOLE_COUNTRY)[0][0]
    scout = replace(study, network_state=state, thin_time=thinned(time, SCOUTED_PERIODS, peak))
    steered = None
    if study.system.attrs["network"] == "dc":
        steered = once(replace(scout, network_state=replace(state, capacity=0.0 * state.capacity)), None)
        scout = replace(scout, network_state=replace(state, capacity=_capacities(steered.accounts)))
    plan = solve_in_passes(scout, once, steered, ROUGH)
    found = plan.study.network_state
    return NetworkState(_capacities(plan.accounts), found.critical if found else ())


def solve_in_passes(study: Study, once: Once, before: Plan | None = None, settled: float = SETTLED) -> Plan:
    """The plan after as many passes as it takes, from where ``before`` ended; ``passes`` tell whether it is settled.

    settled: change of reactances from which they stay as they are.
    """
    plan = once(study, before)
    state = study.network_state
    if state is None:
        return plan
    passes: list[Pass] = []
    tried: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    while True:
        wanted = _capacities(plan.accounts)
        change = _change(plan.accounts, state, wanted)
        violated = secure_violations(plan.accounts, SHED)
        passes.append(_told(plan, state, change, len(violated)))
        plan = replace(plan, passes=tuple(passes))
        if passes[-1].settled or len(passes) == MOST_PASSES:
            return plan
        tried.append((state.capacity, wanted))
        moving = change > settled and len(passes) < REACTANCE_PASSES
        fresh = _worst(violated, state.critical)
        if not moving and not fresh:
            return plan
        capacity = _nearer(tried[-REMEMBERED:], _wired(plan.accounts)) if moving else state.capacity
        if fresh:
            # what is wanted of a capacity is another from now on
            tried.clear()
        state = NetworkState(capacity, (*state.critical, *fresh))
        plan = once(replace(plan.study, network_state=state), plan)


def _nearer(tried: Sequence[tuple[pd.DataFrame, pd.DataFrame]], wired: np.ndarray) -> pd.DataFrame:
    """Capacities nearer to those that come back unchanged, from what was tried and then wanted, latest last.

    What was wanted at first; then, year by year, the mix of the last passes whose change is least (Anderson 1965), as
    plain repetition creeps or swings. ``wired``: links whose capacity tells a reactance.
    """
    _, latest = tried[-1]
    found = latest.copy()
    for year in latest.columns if len(tried) > 1 else []:
        wanted = np.array([after.loc[wired, year] for _, after in tried])
        change = wanted - [before.loc[wired, year] for before, _ in tried]
        mix = np.linalg.lstsq(np.diff(change, axis=0).T, change[-1], rcond=NOISE)[0]
        found.loc[wired, year] = np.maximum(wanted[-1] - mix @ np.diff(wanted, axis=0), 0.0)
    return found


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
    return changed(state.capacity, wanted, _wired(accounts), LEAST)


def _wired(accounts: Accounts) -> np.ndarray:
    """Which links have a reactance."""
    found: np.ndarray = np.isfinite(accounts.system["link_drop"].to_numpy().astype(float))
    return found


def _worst(violated: pd.DataFrame, known: Sequence[Moment]) -> list[Moment]:
    """The worst moments of each contingency and year that are not stated yet."""
    moments = list(zip(violated["contingency"], violated["year"].astype(int), violated["step"], strict=True))
    fresh = violated[[moment not in set(known) for moment in moments]] if moments else violated
    chosen = fresh.groupby(["contingency", "year"], sort=False).head(ADDED)
    return list(zip(chosen["contingency"], chosen["year"].astype(int), chosen["step"], strict=True))
