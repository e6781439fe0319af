"""Supply meets demand, as finely as a commodity balances: three resolutions, and what is missing or left over.

``Old`` costs 20 USD/MWh; a year of 1 GW at 1 USD/MWh is ``YEAR`` = 8.76 million USD.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved, total
from tests.studies import flat, only, technology

RESOLUTIONS = ("step", "period", "year")
SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
SUFFIX = {"step": "", "period": "_by_period", "year": "_by_year"}


def _three_makers(folder: Path, resolution: str) -> Plan:
    """Demand of 1 for ``good``, made by three technologies: one decided by step, one by period, one by year.

    0.5 at 10 USD/MWh, 0.3 at 20, and as much as is wanted at 30; the dearest is decided most finely."""
    parts = [
        technology(f"by_{runs}", gives={"good": 1}, variable_cost=price, lifetime=100)
        for runs, price in (("year", 10), ("period", 20), ("step", 30))
    ]
    sizes = {"by_year": 0.5, "by_period": 0.3, "by_step": 1}
    return solved(
        folder / resolution,
        *parts,
        periods=SEASONS,
        step_hours=12,
        commodities=[{"commodity": "good", "resolution": resolution}],
        modes=[{"technology": name, "runs": name.removeprefix("by_")} for name in sizes],
        plants=only(*({"plant": name, "technology": name, "capacity": size} for name, size in sizes.items())),
        demands=only(flat("north", 1, commodity="good")),
    )


def _in_merit_order(folder: Path, resolution: str) -> None:
    plan = _three_makers(folder, resolution)
    assert cost(plan) == pytest.approx(YEAR * (0.5 * 10 + 0.3 * 20 + 0.2 * 30))
    assert total(plan, "operation_by_year") == pytest.approx(0.5)


def test_a_step_balance_takes_modes_of_every_resolution(tmp_path: Path) -> None:
    """Proves: what is decided by year and by period gives its power in every step: 8.76 x (5 + 6 + 6) = 148.92.
    Without the balance nothing would be made: 0; without the coarser modes in it: 262.8."""
    _in_merit_order(tmp_path, "step")


def test_a_period_balance_sums_steps_and_years(tmp_path: Path) -> None:
    """Proves: a period takes the hours of its steps and its share of the year: 148.92. Without the balance 0; without
    the sum over steps the last fifth would be missing at 1,000 USD/MWh."""
    _in_merit_order(tmp_path, "period")


def test_a_year_balance_sums_steps_and_periods(tmp_path: Path) -> None:
    """Proves: the year takes all hours of steps and periods: 148.92. Without the balance 0."""
    _in_merit_order(tmp_path, "year")


def test_a_commodity_by_period_does_not_care_about_hours(tmp_path: Path) -> None:
    """Proves: gas demand of 1.5 and 0.5 in the halves of the day is met by a flat 1 where gas balances by period; by
    step half of it is missing for half of the time. Cost 8.76 x 30 = 262.8, and 8.76 x (0.75 x 30 + 0.25 x 1,000) =
    2,387.1. Without the resolution both would cost the same."""
    for resolution, expected in (("period", YEAR * 30), ("step", YEAR * (0.75 * 30 + 0.25 * 1000))):
        plan = solved(
            tmp_path / resolution,
            technology("well", gives={"gas": 1}, variable_cost=30, lifetime=100),
            step_hours=12,
            commodities=[{"commodity": "gas", "resolution": resolution}],
            load=lambda month, hour: 1.5 if hour < 12 else 0.5,
            plants=only({"plant": "Well", "technology": "well", "capacity": 1}),
            demands=only(flat("north", 1, commodity="gas")),
        )
        assert cost(plan) == pytest.approx(expected), resolution


def test_a_commodity_by_year_does_not_care_about_seasons(tmp_path: Path) -> None:
    """Proves: a well that runs only in winter (4,344 of 8,760 hours, 3 GW) fills a yearly demand of 1: 262.8. Where
    gas balances by period the summer (4,416 hours) goes without: 4.344 x 30 + 4.416 x 1,000 = 4,546.32. Without the
    resolution both would cost the same."""
    cold = [{"profile": "cold", "month": month, "value": 1 if month < 7 else 0} for month in range(1, 13)]
    for resolution, expected in (("year", YEAR * 30), ("period", 4.344 * 30 + 4.416 * 1000)):
        well = technology("well", gives={"gas": 1}, variable_cost=30, lifetime=100, declared={"availability": "cold"})
        plan = solved(
            tmp_path / resolution,
            well,
            periods=SEASONS,
            commodities=[{"commodity": "gas", "resolution": resolution}],
            modes=[{"technology": "well", "runs": "period"}],
            monthly_profiles=cold,
            plants=only({"plant": "Well", "technology": "well", "capacity": 3}),
            demands=only(flat("north", 1, commodity="gas")),
        )
        assert cost(plan) == pytest.approx(expected), resolution


def test_what_is_missing_is_paid_at_the_value_of_lost_load(tmp_path: Path) -> None:
    """Proves: 2.1 GW asked of 2 GW leave 0.1 unserved at 1,000: 8.76 x (40 + 100) = 1,226.4, for power that balances
    by step, period or year. Without the price of what is missing: 350.4 or less."""
    for resolution in RESOLUTIONS:
        plan = solved(
            tmp_path / resolution,
            commodities=[{"commodity": "electricity", "resolution": resolution}],
            periods=SEASONS,
            demands=only(flat("north", 2.1)),
        )
        assert cost(plan) == pytest.approx(1226.4), resolution
        assert cost_of(plan, "unserved") == pytest.approx(876)


def test_what_is_left_over_has_to_be_got_rid_of(tmp_path: Path) -> None:
    """Proves: 1.1 GW forced by heat for a load of 1 leave 0.1 over at 5 USD/MWh: 8.76 x (22 + 0.5) = 197.1, for power
    that balances by step, period or year. Without the price of excess: 192.72."""
    for resolution in RESOLUTIONS:
        plan = solved(
            tmp_path / resolution,
            technology("chp", variable_cost=20, lifetime=100, declared={"must_run": "cold"}),
            periods=SEASONS,
            commodities=[{"commodity": "electricity", "resolution": resolution, "excess_price": 5}],
            plants=only({"plant": "Chp", "technology": "chp", "capacity": 1.1}),
            demands=only(flat("north", 1)),
            monthly_profiles=[{"profile": "cold", "month": month, "value": 1} for month in range(1, 13)],
        )
        assert cost(plan) == pytest.approx(197.1), resolution
        assert cost_of(plan, "excess") == pytest.approx(YEAR * 0.5)


def test_one_mode_meets_two_balances(tmp_path: Path) -> None:
    """Proves: a plant that gives 0.5 heat with each unit of power at 10 USD/MWh must run at 0.8 for a heat demand of
    0.4; the other 0.2 GW come from ``Old``: 8.76 x (0.8 x 10 + 0.2 x 20) = 105.12. Without its heat port 0.4 of heat
    would be missing at 1,000 USD/MWh: 3,504 more."""
    case: dict[str, Any] = {
        "commodities": [{"commodity": "heat"}],
        "plants": [{"plant": "Chp", "technology": "chp", "capacity": 0.8}],
        "demands": only(flat("north", 1), flat("north", 0.4, commodity="heat")),
    }
    plan = solved(
        tmp_path, technology("chp", gives={"electricity": 1, "heat": 0.5}, variable_cost=10, lifetime=100), **case
    )
    assert cost(plan) == pytest.approx(105.12)


def test_a_node_has_loads_of_several_names_and_profiles(tmp_path: Path) -> None:
    """Proves: 0.2 GW of a park, and 0.1 GW of the node in general that follow another profile, come on top of 1 GW:
    8.76 x 1.3 x 20 = 227.76. Without a name and profile of its own a row would stand in place of another: 175.2."""
    demands = only(
        flat("north", 1), flat("north", 0.2, load="Park", lon=70, lat=51), flat("north", 0.1, profile="constant")
    )
    plan = solved(tmp_path, demands=demands)
    assert cost(plan) == pytest.approx(227.76)


PROOFS: Proofs = {
    "balance": (test_a_step_balance_takes_modes_of_every_resolution, test_one_mode_meets_two_balances),
    "balance_by_period": (
        test_a_period_balance_sums_steps_and_years,
        test_a_commodity_by_period_does_not_care_about_hours,
    ),
    "balance_by_year": (test_a_year_balance_sums_steps_and_periods,),
    "unserved": (test_what_is_missing_is_paid_at_the_value_of_lost_load,),
    "excess": (test_what_is_left_over_has_to_be_got_rid_of,),
}
