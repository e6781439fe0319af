"""Whether a plan made with few steps holds in the full year: its capacities, dispatched through all 8,760 hours."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import Floats
from model.outputs.fidelity import Fidelity
from model.solve import ledger
from model.solve.accounts import Accounts
from model.solve.certificate import physical_checks
from model.solve.columns import columns_of
from model.solve.foresight import Foresight, foresee, kept_by_store
from model.solve.operating import operating_system
from model.solve.optimality import FEASIBILITY
from model.solve.rolling import Links, Rolled, Told, roll
from model.solve.stores import stores
from model.system.check_weather import SYNTHETIC
from model.time.calendar import DAYS
from model.time.chronological import chronological
from model.time.steps import STEP_HOURS, weather_of
from model.time.year import year_profiles

if TYPE_CHECKING:
    from model.study import Plan

OPERATING = ("variable", "fuel", "import", "export", "starts", "emissions", "unserved", "excess")
"""Kinds of cost that dispatch decides; building and keeping cost as planned, penalties of goals are left out."""

NOT_OF_DISPATCH = (
    "both ways at once",
    "goals",
    "emissions",
    "annual limits",
    "capacity accounts",
    "potentials and pace",
)
"""Accounts that say nothing of dispatch, or that may be missed and are then told by amount."""

FORESEEN_HOURS = 12
"""Steps in which the year is dispatched in one piece first, so that the weeks know when water comes."""

TOLERANCE = 1e-5
"""Largest relative violation of a physical account; every week is solved by itself, so that errors add up."""


def check(
    plan: Plan,
    year: int,
    *,
    seed: int | None = None,
    resolution: Literal["standard", "hourly"] = "hourly",
    told: Told | None = None,
) -> Fidelity:
    """Dispatch the capacities of ``plan`` in a planning year through every hour of a weather year, week by week.

    The year is first dispatched in one piece in longer steps, unless the plan went through the same year itself; that
    tells the weeks what stores and yearly limits are to do. The weather is the study's own, or the synthetic year of
    another ``seed``. KeyError for a year that is none of the plan's; NoDispatch for a week without a solution;
    RuntimeError if the dispatch breaks a physical account.
    """
    begun = clock.perf_counter()
    inputs, accounts = plan.study.inputs, plan.accounts
    if year not in accounts.years:
        raise KeyError(year)
    at = accounts.years.index(year)
    settings = inputs.settings if seed is None else inputs.settings.model_copy(update={"weather_seed": seed})
    hours = year_profiles(inputs.tables, weather_of(inputs.tables, settings, inputs.folder))
    knows_the_year = plan.study.resolution != "coarse" and settings == inputs.settings
    time = chronological(hours, STEP_HOURS[resolution])
    done = _dispatch(plan, at, time, None if knows_the_year else chronological(hours, FORESEEN_HOURS), told)
    lived, unserved = done.lived, _unserved(done.lived, 0)
    planned, dispatched = _costs(accounts, at, lived)
    seasonal = [s for s in stores(lived) if s.seasonal and lived.capacity[s.place, 0] > 0]
    places = [s.place for s in seasonal]
    return Fidelity(
        year=year,
        weather=f"seed {settings.weather_seed}" if settings.weather == SYNTHETIC else settings.weather,
        resolution=resolution,
        planned=planned,
        dispatched=dispatched,
        demand=float(_by_step(lived, lived.demand, 0) @ lived.step_hours),
        planned_unserved=float(_unserved(accounts, at) @ accounts.step_hours),
        unserved_share=_worst_share(lived),
        unserved_by_day=(unserved * lived.step_hours).reshape(DAYS, -1).sum(axis=1),
        unserved_hours=float((unserved > FEASIBILITY) @ lived.step_hours),
        unserved_peak=float(unserved.max(initial=0.0)),
        stores=tuple(s.name for s in seasonal),
        level=lived.dense("level_between", "asset", "year", "slot")[places, 0],
        foreseen=_foreseen(lived, done.foreseen)[places],
        size=np.array([s.duration * s.per_hour * lived.capacity[s.place, 0] for s in seasonal]),
        missed={name: amount for name, amount in done.missed.items() if abs(amount) > TOLERANCE},
        seconds=clock.perf_counter() - begun,
    )


@dataclass(frozen=True)
class _Dispatched:
    """A year as lived, the levels that the plan foresaw of it, and limits of the year that were missed, by name."""

    lived: Accounts
    foreseen: Links
    missed: dict[str, float]


def _dispatch(plan: Plan, at: int, time: xr.Dataset, long_steps: xr.Dataset | None, told: Told | None) -> _Dispatched:
    """The weeks of a planning year with the plan's capacities, led by a dispatch in ``long_steps``, or by the plan."""
    accounts, year = plan.accounts, plan.accounts.years[at]
    usable = (accounts.capacity - accounts.standstill)[:, at]
    usable = np.where(usable > FEASIBILITY, usable, 0.0)
    system = operating_system(plan.study.system, year, usable)
    program = compile_lp(state_plan(system, time))
    weight = float(accounts.system["discount_weight"].to_numpy()[at])
    kept = kept_by_store(system)
    planned = Foresight(plan.program, plan.solution.primal, plan.solution.row_dual, accounts.time, year, weight, kept)
    ahead = planned if long_steps is None else foresee(system, long_steps)
    known = ahead.known(program, time, dict(zip(accounts.assets, usable, strict=True)))
    shared, links = ahead.shared(program, time, known), ahead.links(program, time)
    blocks = [program.blocks.index((year, period)) for period in time["slot_period"].to_numpy()]
    rolled = roll(program, blocks, known, shared, links, told)
    lived = Accounts(system, time, columns_of(program, np.nan_to_num(rolled.primal)))
    _refuse_unphysical(lived, rolled)
    missed = {program.row_label(int(row)): float(v) for row, v in zip(shared.rows, rolled.missed, strict=True)}
    missed |= {program.row_label(row): amount for row, amount in rolled.unclosed.items()}
    return _Dispatched(lived, planned.links(program, time), missed)


def checked(plan: Plan, years: Sequence[int], seeds: Sequence[int | None] = (None,), told: Told | None = None) -> Plan:
    """The plan with the checks of some planning years, each through its weather and that of every seed, among its
    results."""
    found = tuple(check(plan, year, seed=seed, told=told) for year in years for seed in seeds)
    return replace(plan, checks=(*plan.checks, *found))


def _refuse_unphysical(lived: Accounts, rolled: Rolled) -> None:
    unclosed = any(abs(amount) > TOLERANCE for amount in rolled.unclosed.values())
    left_out = {*NOT_OF_DISPATCH, *(("stores",) if unclosed else ())}
    found = {name: value for name, value in physical_checks(lived).items() if name not in left_out}
    worst = max(found, key=lambda name: found[name])
    if found[worst] > TOLERANCE:
        raise RuntimeError(f"the dispatch breaks an account: {worst} by {found[worst]:.1e}")


def _costs(accounts: Accounts, at: int, lived: Accounts) -> tuple[Floats, Floats]:
    """Cost by kind as planned and as dispatched, million USD in the year."""
    planned, running = ledger.costs(accounts)[:, at], ledger.costs(lived)[:, 0]
    operating, counted = np.isin(ledger.KINDS, OPERATING), np.array(ledger.KINDS) != "targets"
    return planned * counted, np.where(operating, running, planned) * counted


def _by_step(accounts: Accounts, quantity: Floats, at: int) -> Floats:
    """Sum over nodes of (node, commodity, year, step) in a year, of what balances by step and is demanded."""
    wanted = (accounts.system["commodity_resolution"].to_numpy() == "step") & accounts.demand.any(axis=(0, 2, 3))
    total: Floats = quantity[:, wanted, at].sum(axis=(0, 1))
    return total


def _worst_share(lived: Accounts) -> float:
    """Share of demand that is not served, of the commodity by step that fares worst."""
    by_step = lived.system["commodity_resolution"].to_numpy() == "step"
    demand, unserved = (q[:, by_step, 0].sum(axis=0) @ lived.step_hours for q in (lived.demand, lived.unserved))
    return float(np.divide(unserved, demand, out=np.zeros_like(unserved), where=demand > 0).max(initial=0.0))


def _unserved(accounts: Accounts, at: int) -> Floats:
    return _by_step(accounts, accounts.unserved, at)


def _foreseen(lived: Accounts, links: Links) -> Floats:
    """Levels that the plan foresaw, (asset, slot)."""
    column = lived.columns["level_between"]
    foreseen: Floats = np.zeros((len(lived.assets), lived.time.sizes["slot"]))
    if len(links.columns):
        slots = column.on("slot", list(lived.time["slot"].to_numpy()))
        foreseen[column.on("asset", lived.assets), slots] = links.foreseen
    return foreseen
