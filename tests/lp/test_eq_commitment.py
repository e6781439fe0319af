"""Relaxed commitment: minimum load, starts and ramps of thermal capacity, worked out by hand.

The day has two halves of 12 hours with loads of 1 and 0.2 GW. ``unit`` (1 GW) costs 10 USD/MWh: 8.76 x 0.6 x 10 = 52.56
million USD a year; a peaker at 100 USD/MWh stands by. A start of 1 GW a day at 1 USD/kW costs 365 million USD a year.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lp.solved import Proofs, cost, cost_of, solved
from tests.studies import flat, only, technology

RUNNING = 52.56
DAYS = 365


def _day(folder: Path, commitment: str = "relaxed", **values: Any) -> Any:
    return solved(
        folder,
        technology("unit", variable_cost=10, lifetime=100, **values),
        technology("peaker", variable_cost=100, lifetime=100),
        commitment=commitment,
        step_hours=12,
        plants=only({"plant": "Unit", "technology": "unit"}, {"plant": "Peak", "technology": "peaker"}),
        demands=only(flat("north", 0.6)),
        load=lambda month, hour: 5 / 3 if hour < 12 else 1 / 3,
    )


def test_minimum_load_leads_to_starts(tmp_path: Path) -> None:
    """Proves: with a minimum load of 0.5 only 0.4 GW may stay online at night; 0.6 GW start every morning (the night
    goes over into the morning of the same typical day) at 0.5 USD/kW: 52.56 + 365 x 0.3 = 162.06. Without minimum
    load, what is online behind the output, or starts: 52.56; without the way round the day nothing would start."""
    plan = _day(tmp_path, minimum_load=0.5, start_cost=500)
    assert cost(plan) == pytest.approx(RUNNING + DAYS * 0.3)
    assert cost_of(plan, "starts") == pytest.approx(109.5)


def test_commitment_is_a_choice_of_the_study(tmp_path: Path) -> None:
    """Proves: without commitment the same plant has no starts: 52.56. Without the choice every study would pay for the
    additional columns."""
    assert cost(_day(tmp_path, "none", minimum_load=0.5, start_cost=500)) == pytest.approx(RUNNING)


def test_ramps_are_limited_by_what_is_online(tmp_path: Path) -> None:
    """Proves: output may move by 0.6 of what is online from one half of the day to the next; 0.8 GW are asked for, up
    and down, so 0.2 GW start for each way, at 0.3 USD/kW: 52.56 + 365 x 0.4 x 0.3 = 96.36. Without the limit upward or
    downward: 74.46; without the limit on what is online, 1.34 GW would run idle for nothing: 52.56."""
    plan = _day(tmp_path, minimum_load=0.1, ramp_rate=0.05, start_cost=300)
    assert cost(plan) == pytest.approx(RUNNING + DAYS * 0.12)


def test_a_ramp_counts_the_hours_of_a_step(tmp_path: Path) -> None:
    """Proves: 0.1 an hour are more than all in 12 hours, so nothing limits: 52.56. Without the length of the step 0.1
    of what is online could move, and starts would be needed."""
    assert cost(_day(tmp_path, minimum_load=0.1, ramp_rate=0.1, start_cost=300)) == pytest.approx(RUNNING)


PROOFS: Proofs = {
    "online_limit": (test_ramps_are_limited_by_what_is_online,),
    "output_of_online": (test_minimum_load_leads_to_starts,),
    "minimum_output": (test_minimum_load_leads_to_starts,),
    "start_up": (test_minimum_load_leads_to_starts,),
    "ramp_up": (test_ramps_are_limited_by_what_is_online,),
    "ramp_down": (test_ramps_are_limited_by_what_is_online,),
    "starts": (test_minimum_load_leads_to_starts,),
}
