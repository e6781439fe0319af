"""Whether a plan made with few steps holds in the full year: its capacities, dispatched through all 8,760 hours."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import Floats
from model.solve import ledger
from model.solve.accounts import Accounts
from model.solve.certificate import physical_checks
from model.solve.columns import columns_of
from model.solve.foresight import Foresight
from model.solve.operating import operating_system
from model.solve.optimality import FEASIBILITY
from model.solve.rolling import Links, Rolled, Told, roll
from model.solve.stores import stores
from model.time.steps import Resolution, steps_of

if TYPE_CHECKING:
    from model.study import Plan

OPERATING = ("variable", "fuel", "import", "export", "starts", "emissions", "unserved", "excess")
"""Kinds of cost that dispatch decides; building and keeping cost what the plan says, penalties of goals are left out."""

NOT_OF_DISPATCH = (
    "both ways at once",
    "goals",
    "emissions",
    "annual limits",
    "capacity accounts",
    "potentials and pace",
)
"""Accounts that say nothing of dispatch, or that may be missed and are then told by amount."""

TOLERANCE = 1e-5
"""Largest relative violation of a physical account; every week is solved by itself, so that errors add up."""


@dataclass(frozen=True)
class Fidelity:
    """The dispatch of one planning year through one weather year, beside what the plan says of that year.

    ``planned`` and ``dispatched``: cost by kind (``ledger.KINDS``), million USD. Energy in GWh, power in GW.
    ``level`` and ``foreseen``: what each seasonal store holds at the start of each week, (store, week), ``size`` what
    it can hold. ``missed``: limits of the year that were missed, by name and amount.
    """

    year: int
    weather: str
    planned: Floats
    dispatched: Floats
    demand: float
    planned_unserved: float
    unserved: float
    unserved_hours: float
    worst_hour: float
    stores: tuple[str, ...]
    level: Floats
    foreseen: Floats
    size: Floats
    missed: dict[str, float]
    seconds: float

    @property
    def cost_error(self) -> float:
        """Cost of the year as dispatched over that as planned, less 1."""
        return float(self.dispatched.sum() / self.planned.sum() - 1)

    @property
    def unserved_share(self) -> float:
        """Share of the demand that is not served."""
        return self.unserved / self.demand

    @property
    def drift(self) -> float:
        """Largest difference of a store's level from what the plan foresaw, as a share of what it can hold."""
        return float((np.abs(self.level - self.foreseen) / self.size[:, None]).max(initial=0.0))


def check(
    plan: Plan, year: int, *, seed: int | None = None, resolution: Resolution = "hourly", told: Told | None = None
) -> Fidelity:
    """Dispatch the capacities of ``plan`` in a planning year through every hour of a weather year, week by week.

    The weather is the study's own, or the synthetic year of another ``seed``. KeyError for a year that is none of the
    plan's; NoDispatch for a week without a solution; RuntimeError if the dispatch breaks a physical account.
    """
    begun = clock.perf_counter()
    inputs, accounts = plan.study.inputs, plan.accounts
    if year not in accounts.years:
        raise KeyError(year)
    at = accounts.years.index(year)
    settings = inputs.settings if seed is None else inputs.settings.model_copy(update={"weather_seed": seed})
    time = steps_of(inputs.tables, settings, inputs.folder, resolution)
    usable = (accounts.capacity - accounts.standstill)[:, at]
    usable = np.where(usable > FEASIBILITY, usable, 0.0)
    system = operating_system(plan.study.system, year, usable)
    program = compile_lp(state_plan(system, time))
    weight = float(accounts.system["discount_weight"].to_numpy()[at])
    foresight = Foresight(plan.program, plan.solution.primal, plan.solution.row_dual, accounts.time, year, weight)
    known = foresight.known(program, time, dict(zip(accounts.assets, usable, strict=True)))
    shared, links = foresight.shared(program, time, known), foresight.links(program, time)
    blocks = [program.blocks.index((year, period)) for period in time["slot_period"].to_numpy()]
    rolled = roll(program, blocks, known, shared, links, told)
    lived = Accounts(system, time, columns_of(program, np.nan_to_num(rolled.primal)))
    _refuse_unphysical(lived, rolled)
    missed = {program.row_label(int(row)): float(v) for row, v in zip(shared.rows, rolled.missed, strict=True)}
    return Fidelity(
        year=year,
        weather=f"seed {settings.weather_seed}" if settings.weather == "synthetic" else settings.weather,
        **_costs(accounts, at, lived),
        **_served(accounts, at, lived),
        **_levels(lived, links),
        missed={name: v for name, v in missed.items() if abs(v) > TOLERANCE}
        | {program.row_label(row): v for row, v in rolled.unclosed.items()},
        seconds=clock.perf_counter() - begun,
    )


def _refuse_unphysical(lived: Accounts, rolled: Rolled) -> None:
    left_out = {*NOT_OF_DISPATCH, *(("stores",) if rolled.unclosed else ())}
    found = {name: value for name, value in physical_checks(lived).items() if name not in left_out}
    worst = max(found, key=lambda name: found[name])
    if found[worst] > TOLERANCE:
        raise RuntimeError(f"the dispatch breaks an account: {worst} by {found[worst]:.1e}")


def _costs(accounts: Accounts, at: int, lived: Accounts) -> dict[str, Floats]:
    """Cost by kind as planned and as dispatched, million USD in the year."""
    planned, running = ledger.costs(accounts)[:, at], ledger.costs(lived)[:, 0]
    operating = np.isin(ledger.KINDS, OPERATING)
    counted = np.array(ledger.KINDS) != "targets"
    return {"planned": planned * counted, "dispatched": np.where(operating, running, planned) * counted}


def _served(accounts: Accounts, at: int, lived: Accounts) -> dict[str, float]:
    """Demand and what is unserved of it, of what balances by step: GWh, hours, and GW in the worst hour."""
    by_step = accounts.system["commodity_resolution"].to_numpy() == "step"
    unserved = lived.unserved[:, by_step, 0].sum(axis=(0, 1))
    return {
        "demand": float(lived.demand[:, by_step, 0].sum(axis=(0, 1)) @ lived.step_hours),
        "planned_unserved": float(accounts.unserved[:, by_step, at].sum(axis=(0, 1)) @ accounts.step_hours),
        "unserved": float(unserved @ lived.step_hours),
        "unserved_hours": float((unserved > FEASIBILITY) @ lived.step_hours),
        "worst_hour": float(unserved.max(initial=0.0)),
    }


def _levels(lived: Accounts, links: Links) -> dict[str, object]:
    """Levels of seasonal stores at the start of each week, beside those foreseen."""
    seasonal = [s for s in stores(lived) if s.seasonal and lived.capacity[s.place, 0] > 0]
    level = lived.dense("level_between", "asset", "year", "slot")[[s.place for s in seasonal], 0]
    column = lived.columns["level_between"]
    foreseen = np.zeros((len(lived.assets), lived.time.sizes["slot"]))
    foreseen[column.on("asset", lived.assets), column.on("slot", list(lived.time["slot"].to_numpy()))] = links.foreseen
    return {
        "stores": tuple(s.name for s in seasonal),
        "level": level,
        "foreseen": foreseen[[s.place for s in seasonal]],
        "size": np.array([s.duration * s.per_hour * lived.capacity[s.place, 0] for s in seasonal]),
    }


def fidelity_dataset(checks: list[Fidelity]) -> xr.Dataset:
    """Every check as results: dims ``fidelity`` (year and weather), ``cost_kind``, ``store``, ``week``."""
    raise NotImplementedError
