"""What stores hold, step by step through the calendar, and the certificate that follows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.lp.program import Floats
from model.solve.accounts import Accounts
from model.solve.certificate import physical_checks
from model.solve.columns import columns_of
from model.solve.optimality import FEASIBILITY
from model.solve.stores import Store, between_slots, by_slot, inside, stores
from model.study import Plan
from tests.lp.solved import solved
from tests.studies import flat, only, technology

SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
WINTER_DAYS, SUMMER_DAYS = 181, 184
LACKING = 0.2
"""What winter evenings lack, GW, for 12 hours of each of its days."""
STORE = "cavern@north"


def _load(month: int, hour: int) -> float:
    """GW: winter mornings as much as ``Old`` gives, winter evenings more, summer as much less as makes a mean of 1."""
    return 1 - LACKING / 2 * WINTER_DAYS / SUMMER_DAYS if month > 6 else 1 + LACKING * (hour >= 12)


def _plan(folder: Path, cycle: str = "year", efficiency: float = 1.0) -> Plan:
    """A year of mornings and evenings in which a store of 0.3 GW brings summer's spare energy to winter's evenings."""
    return solved(
        folder,
        technology(
            "cavern",
            kind="storage",
            declared={"cycle": cycle},
            duration=5000,
            charge_efficiency=efficiency,
            discharge_efficiency=1,
            lifetime=100,
        ),
        technology("peaker", variable_cost=200, lifetime=100),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Store", "technology": "cavern", "capacity": 0.3},
        ],
        demands=only(flat("north", 1)),
        periods=SEASONS,
        load=_load,
        step_hours=12,
    )


def _accounts(plan: Plan, changed: Floats) -> Accounts:
    return Accounts(plan.study.system, plan.study.time, columns_of(plan.program, changed))


def _moved(plan: Plan, variable: str, by: float, member: int | slice = slice(None)) -> Floats:
    """The plan's values with ``by`` added to some columns of a variable."""
    values = plan.solution.primal.copy()
    values[plan.program.column_family(variable).span][member] += by
    return values


def _followed(accounts: Accounts) -> tuple[Store, list[Floats], Floats]:
    """The store, what it holds at the end of each step slot by slot, and the levels at the start of slots."""
    (store,) = stores(accounts)
    level = inside(accounts, store)
    between = between_slots(accounts, store, level)
    return store, list(by_slot(accounts, store, level, between)), between[0]


def test_levels_are_followed_through_the_calendar(tmp_path: Path) -> None:
    """Proves: a winter evening takes 0.2 GW x 12 h = 2.4 GWh, its morning nothing; each of 365 days begins where the
    last one ended, the last one where the first begins. Without it a result would show days that do not join."""
    plan = _plan(tmp_path)
    store, days, between = _followed(plan.accounts)
    assert (store.name, store.seasonal, store.duration) == (STORE, True, 5000)
    assert len(days) == len(between) == WINTER_DAYS + SUMMER_DAYS
    ends = [float(day[0, -1]) for day in days]
    assert ends == pytest.approx(np.roll(between, -1), abs=1e-6)
    assert days[0][0] == pytest.approx(between[0] + np.array([0, -LACKING * 12]))
    assert ends[-1] - ends[WINTER_DAYS - 1] == pytest.approx(LACKING * 12 * WINTER_DAYS)


def test_losses_of_standing_fade_within_a_slot() -> None:
    """Proves: 100 GWh that lose 1 % an hour are 88.6 after 12 hours and 78.6 after 24, a period's gain of 5 counts on
    top. Without it what is held inside a long slot would be read too high."""
    one = Store("cavern", 0, inward=1, outward=1, loss=0.01, duration=1000, per_hour=1, seasonal=True)
    time = xr.Dataset(
        {
            "duration": ("step", [12, 12]),
            "step_period": ("step", ["day", "day"]),
            "slot_period": ("slot", ["day"]),
        },
        coords={"step": ["am", "pm"], "period": ["day"]},
    )
    (held,) = by_slot(Accounts(xr.Dataset(), time, {}), one, np.array([[0.0, 5.0]]), np.array([[100.0]]))
    assert held[0] == pytest.approx([100 * 0.99**12, 100 * 0.99**24 + 5])
    assert held[0] == pytest.approx([88.64, 83.57], abs=0.01)


@pytest.mark.parametrize("slot", [0, 1])
def test_a_level_falsified_in_one_slot_is_caught(tmp_path: Path, slot: int) -> None:
    """Proves: 1 GWh too much at the start of a season, first or last, breaks the account of stores and no other.
    Without it energy could appear between two days of the calendar."""
    plan = _plan(tmp_path)
    assert plan.certificate.physics["stores"] < FEASIBILITY
    found = physical_checks(_accounts(plan, _moved(plan, "level_between", 1.0, slot)))
    assert found["stores"] > 1e-4
    assert max(value for name, value in found.items() if name != "stores") <= FEASIBILITY


def test_a_store_below_empty_within_a_slot_is_caught(tmp_path: Path) -> None:
    """Proves: levels that join but lie 1 GWh lower all year are below empty when winter ends. Without it a store would
    lend what it never had."""
    plan = _plan(tmp_path)
    lowest = plan.solution.primal[plan.program.column_family("level_between").span].min()
    lower = _moved(plan, "level_between", -1.0 - lowest)
    assert physical_checks(_accounts(plan, lower))["stores"] > 1e-4


def test_what_a_lossless_store_takes_in_and_gives_back_at_once_is_netted(tmp_path: Path) -> None:
    """Proves: 0.05 GW in and out at once of a store without losses is nothing: rates, levels and every account are as
    before. Without it a harmless tie of the solver would fail a plan."""
    plan = _plan(tmp_path)
    both = _moved(plan, "charge", 0.05)
    both[plan.program.column_family("discharge").span] += 0.05
    found = _accounts(plan, both)
    for rate, planned in zip(found.store_rates, plan.accounts.store_rates, strict=True):
        assert rate == pytest.approx(planned)
    assert np.minimum(*found.store_rates).max() == 0
    assert max(physical_checks(found).values()) <= FEASIBILITY


def test_a_store_with_losses_may_not_run_both_ways_at_once(tmp_path: Path) -> None:
    """Proves: the same in a store that loses 10 % is 438 GWh run both ways, of the 8,760 that are used and the 43.44
    that are made for the store to lose, and is refused. Without it losses would serve to get rid of energy."""
    plan = _plan(tmp_path, efficiency=0.9)
    both = _moved(plan, "charge", 0.05)
    both[plan.program.column_family("discharge").span] += 0.05
    assert physical_checks(_accounts(plan, both))["both ways at once"] == pytest.approx(438 / 8803.44)
