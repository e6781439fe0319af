"""Stores inside a period: efficiencies, losses over time, power, size and the way round the day, worked out by hand.

The day has two halves of 12 hours with loads of 1.5 and 0.5 GW. ``Old`` gives 1 GW at 20 USD/MWh, the peaker costs 200:
without a store a year costs 8.76 x (0.75 x 20 + 0.25 x 200) = 569.4 million USD.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.solved import YEAR, Proofs, cost, solved, value
from tests.studies import flat, only, technology

HALF = YEAR / 2
"""Million USD for a year of 1 GW at 1 USD/MWh in half of all hours."""


def _with_store(folder: Path, capacity: float = 0.5, **values: Any) -> Plan:
    battery = {"duration": 20, "charge_efficiency": 0.8, "discharge_efficiency": 0.5, "lifetime": 100, **values}
    return solved(
        folder,
        technology("battery", kind="storage", **battery),
        technology("peaker", variable_cost=200, lifetime=100),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Store", "technology": "battery", "capacity": capacity},
        ],
        demands=only(flat("north", 1)),
        load=lambda month, hour: 1.5 if hour < 12 else 0.5,
        step_hours=12,
    )


def _yearly(old_cheap_half: float, peak: float) -> float:
    """Cost with so much of ``Old`` in the half with little load and so much of the peaker in the other."""
    return HALF * (20 * (1 + old_cheap_half) + 200 * peak)


def test_losses_are_paid_on_charging_and_on_giving_back(tmp_path: Path) -> None:
    """Proves: 0.5 GW over 12 hours are 6 GWh, 4.8 stored, 2.4 given back: 0.2 GW less of the peaker. 175.2 + 262.8 =
    438. Without losses the store would replace all of the peaker, 175.2; without the balance it would give for
    nothing. As the night follows the day, the store carries over the end of the day: without that the cost would be
    569.4."""
    plan = _with_store(tmp_path)
    assert cost(plan) == pytest.approx(438)
    assert cost(plan) == pytest.approx(_yearly(1, 0.3))
    assert value(plan, "level", "battery@north", 2025, "all/12") == pytest.approx(4.8)
    assert value(plan, "level", "battery@north", 2025, "all/00") == pytest.approx(0)


def test_what_is_stored_fades(tmp_path: Path) -> None:
    """Proves: a store that loses half in 12 hours has 2.4 of 4.8 GWh left in the morning and gives 0.1 GW: 525.6.
    Without standing losses: 438; with the loss of one hour in place of twelve: 443."""
    plan = _with_store(tmp_path, standing_loss=1 - 0.5 ** (1 / 12))
    assert cost(plan) == pytest.approx(525.6)


def test_a_store_is_full_at_its_duration(tmp_path: Path) -> None:
    """Proves: 4 hours of 0.5 GW are 2 GWh: 2.5 GWh are taken, 1 GWh comes back, 1/12 GW: 4.38 x (20 x (1 + 17/24) +
    200 x 5/12) = 514.65. Without the limit: 438."""
    plan = _with_store(tmp_path, duration=4)
    assert cost(plan) == pytest.approx(_yearly(0.5 + 2.5 / 12, 5 / 12))
    assert cost(plan) == pytest.approx(514.65)


def test_a_store_has_one_machine(tmp_path: Path) -> None:
    """Proves: 0.25 GW take in 3 GWh and give 0.1 GW: 4.38 x (20 x 1.75 + 200 x 0.4) = 503.7. Without the limit on
    power: 438."""
    plan = _with_store(tmp_path, capacity=0.25, duration=24)
    assert cost(plan) == pytest.approx(503.7)


def test_a_store_that_stands_still_for_works_does_not_charge(tmp_path: Path) -> None:
    """Proves: a store of 0.5 GW whose works take two of five years has 0.3 GW in 2030: 3.6 GWh in, 0.12 GW out: 4.38 x
    (20 x 1.8 + 200 x 0.38) = 490.56 a year and 1 for the works, five times; with five times 438 in 2025 that is
    4,647.8. Without the standstill: 2 x 2,190 + 5 = 4,385."""
    battery: dict[str, Any] = {
        "duration": 24,
        "charge_efficiency": 0.8,
        "discharge_efficiency": 0.5,
        "lifetime": 100,
        "wacc": 0,
    }
    plan = solved(
        tmp_path,
        technology("battery", kind="storage", **battery),
        technology("renewed", kind="storage", **battery),
        technology("peaker", variable_cost=200, lifetime=100),
        years=(2025, 2030),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Store", "technology": "battery", "capacity": 0.5, "closing_year": 2031},
        ],
        options=[
            {
                "option": "modernise",
                "from_technology": "battery",
                "to_technology": "renewed",
                "capital_cost": 40,
                "outage_years": 2,
            }
        ],
        target_terms=[{"measure": "modernised", "select": "renewed"}],
        targets=[{"year": 2030, "value": 0.5, "hard": 1}],
        demands=only(flat("north", 1)),
        load=lambda month, hour: 1.5 if hour < 12 else 0.5,
        step_hours=12,
    )
    assert cost(plan) == pytest.approx(5 * 438 + 5 * (_yearly(0.8, 0.38) + 1))
    assert cost(plan) == pytest.approx(4647.8)


PROOFS: Proofs = {
    "storage_balance": (test_losses_are_paid_on_charging_and_on_giving_back, test_what_is_stored_fades),
    "storage_power_limit": (test_a_store_has_one_machine, test_a_store_that_stands_still_for_works_does_not_charge),
    "storage_energy_limit": (test_a_store_is_full_at_its_duration,),
}
