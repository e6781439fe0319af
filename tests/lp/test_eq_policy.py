"""Emissions and goals, worked out by hand.

Demand is 1 GW in the north; ``Old`` costs 20 USD/MWh and releases nothing; a year of it costs 175.2 million USD.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lp.solved import Proofs, cost, cost_of, solved, value
from tests.studies import HOURS, flat, only, technology

ONE: dict[str, Any] = {"demands": only(flat("north", 1))}
RESOLUTIONS = ("step", "period", "year")
SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
COAL: dict[str, Any] = {
    "commodities": [{"commodity": "coal", "resolution": "period", "co2_factor": 0.5}],
    "fuels": [{"commodity": "coal", "price": 1}],
    "plants": [{"plant": "Coal", "technology": "coal"}],
    "periods": SEASONS,
}


def coal() -> Any:
    """A plant that takes 2 coal at 1 USD/MWh and 0.5 t/MWh: 2 USD and 1 t for each MWh."""
    return technology("coal", takes={"coal": 2}, lifetime=100)


def test_carbon_costs_its_price(tmp_path: Path) -> None:
    """Proves: coal at 2 USD and 1 t per MWh costs 12 where CO2 costs 10 USD/t: 105.12, of which 87.6 for CO2. Without
    the account of emissions, or their price: 17.52."""
    plan = solved(tmp_path, coal(), emissions=[{"price": 10}], **COAL, **ONE)
    assert cost(plan) == pytest.approx(105.12)
    assert cost_of(plan, "emissions") == pytest.approx(87.6)
    assert plan.results["emissions"].item() == pytest.approx(8.76)


def test_what_is_outside_of_any_scheme_pays_nothing_for_its_carbon(tmp_path: Path) -> None:
    """Proves: coal of a technology outside of price and cap costs its fuel, 17.52, though no CO2 is allowed at all.
    Without it: 175.2, all from ``old``."""
    part = technology("coal", takes={"coal": 2}, lifetime=100, declared={"co2": "outside"})
    plan = solved(tmp_path, part, emissions=[{"price": 10, "cap": 0}], **COAL, **ONE)
    assert cost(plan) == pytest.approx(17.52)
    assert plan.results["emissions"].item() == pytest.approx(0)


def test_a_cap_holds_for_the_year(tmp_path: Path) -> None:
    """Proves: 4.38 Mt allow half of the year's coal: 8.76 x (0.5 x 2 + 0.5 x 20) = 96.36. Without the cap: 17.52."""
    plan = solved(tmp_path, coal(), emissions=[{"cap": 4.38}], **COAL, **ONE)
    assert cost(plan) == pytest.approx(96.36)


def test_carbon_that_is_passed_on_is_not_released(tmp_path: Path) -> None:
    """Proves: a gasifier takes 0.5 t in coal and passes 0.2 t on in gas; 8,760 GWh release 2.628 Mt, however finely
    gas balances and the gasifier is decided: 8.76 + 26.28 = 35.04. Without what is passed on: 52.56; were supplies
    counted too, more."""
    for resolution in RESOLUTIONS:
        plan = solved(
            tmp_path / resolution,
            technology("gasifier", gives={"gas": 1}, takes={"coal": 1}, lifetime=100),
            periods=SEASONS,
            commodities=[
                {"commodity": "coal", "resolution": resolution, "co2_factor": 0.5},
                {"commodity": "gas", "resolution": resolution, "co2_factor": 0.2},
            ],
            fuels=[{"commodity": "coal", "price": 1}],
            emissions=[{"price": 10}],
            plants=only({"plant": "Gasifier", "technology": "gasifier"}),
            demands=only(flat("north", 1, commodity="gas")),
        )
        assert cost(plan) == pytest.approx(35.04), resolution


NEW: dict[str, Any] = {"years": (2025, 2030), "candidates": [{"technology": "new", "node": "north"}], **ONE}


def dear() -> Any:
    """``new`` costs 50 a GW and year, and 30 USD/MWh: nobody builds it but for a goal."""
    return technology("new", variable_cost=30, capital_cost=1000, lifetime=20, wacc=0)


def test_a_hard_goal_is_reached_from_its_year_on(tmp_path: Path) -> None:
    """Proves: 0.5 GW of ``new`` by 2029 stand in planning year 2030, the first one not before: 876 + 5 x 200.2 =
    1,877. Without the goal: 1,752. The penalty of a hard goal is not an alternative."""
    plan = solved(
        tmp_path,
        dear(),
        targets=[{"year": 2029, "value": 0.5, "hard": 1, "penalty": 1}],
        target_terms=[{"select": "new"}],
        **NEW,
    )
    assert cost(plan) == pytest.approx(1877)


def test_a_soft_goal_is_missed_at_its_penalty(tmp_path: Path) -> None:
    """Proves: at 30 million USD per GW and year it is cheaper to miss the goal than to build for 50: 1,752 + 5 x 15 =
    1,827. Without the penalty: 1,752; without the softness: 1,877."""
    plan = solved(
        tmp_path, dear(), targets=[{"year": 2030, "value": 0.5, "penalty": 30}], target_terms=[{"select": "new"}], **NEW
    )
    assert cost(plan) == pytest.approx(1827)
    assert cost_of(plan, "targets") == pytest.approx(75)
    assert value(plan, "shortfall", "goal", 2030) == pytest.approx(0.5)


def test_a_ceiling_is_kept_or_exceeded_at_its_penalty(tmp_path: Path) -> None:
    """Proves: at most 4,380 GWh of ``old`` cost 8.76 x (10 + 25) = 306.6 with a plant at 50 USD/MWh for the rest; at a
    penalty of 10 USD/MWh the ceiling is exceeded by 4,380 GWh: 175.2 + 43.8 = 219. Without it: 175.2."""
    case: dict[str, Any] = {
        "plants": [{"plant": "Dear", "technology": "dear"}],
        "target_terms": [{"measure": "delivered", "select": "old"}],
        **ONE,
    }
    goal = {"sense": "max", "value": HOURS / 2, "unit": "GWh"}
    part = technology("dear", variable_cost=50, lifetime=100)
    assert cost(solved(tmp_path / "hard", part, targets=[{**goal, "hard": 1}], **case)) == pytest.approx(306.6)
    soft = solved(tmp_path / "soft", part, targets=[{**goal, "penalty": 0.01}], **case)
    assert cost(soft) == pytest.approx(219)
    assert value(soft, "shortfall", "goal", 2025) == pytest.approx(HOURS / 2)


def test_what_is_left_over_is_no_delivery(tmp_path: Path) -> None:
    """Proves: a goal of 0.75 GW of ``old`` all year where the load is 0.5 stays short by 2,190 GWh at 100 USD/MWh, for
    power that balances by step, period or year: 87.6 + 219 = 306.6. Without taking off what is left over (at 5
    USD/MWh) the goal would be met by power that nobody uses: 142.35."""
    for resolution in RESOLUTIONS:
        plan = solved(
            tmp_path / resolution,
            commodities=[{"commodity": "electricity", "resolution": resolution, "excess_price": 5}],
            targets=[{"value": 0.75 * HOURS, "unit": "GWh", "penalty": 0.1}],
            periods=SEASONS,
            target_terms=[{"measure": "delivered"}],
            demands=only(flat("north", 0.5)),
        )
        assert cost(plan) == pytest.approx(306.6), resolution


def test_two_commodities_of_one_goal_keep_their_own_weights(tmp_path: Path) -> None:
    """Proves: a goal counts heat at 1 and power at 2, and power that is left over comes off at 2: with loads of 0.5
    and a value of 3 x 4,380 GWh + 2 x 876 the goal is short by 1,752 GWh: 175.2 + 175.2 = 350.4. Without a weight of
    its own for each, power taken off at the weight of heat would be made and thrown away: less."""
    commodities = [{"commodity": "heat", "excess_price": 5}, {"commodity": "electricity", "excess_price": 5}]
    parts = technology("boiler", gives={"heat": 1}, variable_cost=20, lifetime=100)
    plan = solved(
        tmp_path,
        parts,
        commodities=commodities,
        plants=[{"plant": "Boiler", "technology": "boiler", "capacity": 0.5}],
        targets=[{"value": 3 * HOURS / 2 + 0.2 * HOURS, "unit": "GWh", "penalty": 0.1}],
        target_terms=[
            {"measure": "delivered", "select": "old", "coefficient": 2},
            {"measure": "delivered", "select": "boiler", "commodity": "heat"},
        ],
        demands=only(flat("north", 0.5), flat("north", 0.5, commodity="heat")),
    )
    assert cost(plan) == pytest.approx(350.4)


def test_a_goal_of_use_counts_what_is_taken_in(tmp_path: Path) -> None:
    """Proves: 4,380 GWh of gas to be used make 2,190 GWh of power at 2 x 15 USD/MWh: 8.76 x (0.75 x 20 + 0.25 x 30) =
    197.1. Without the goal: 175.2; counting what is delivered instead: 219."""
    plan = solved(
        tmp_path,
        technology("burner", takes={"gas": 2}, lifetime=100),
        commodities=[{"commodity": "gas", "resolution": "period"}],
        fuels=[{"price": 15}],
        plants=[{"plant": "Burner", "technology": "burner"}],
        targets=[{"value": HOURS / 2, "unit": "GWh", "hard": 1}],
        target_terms=[{"measure": "used", "select": "burner", "commodity": "gas"}],
        **ONE,
    )
    assert cost(plan) == pytest.approx(197.1)
    assert plan.results["target_value"].item() == pytest.approx(HOURS / 2)


def test_additions_count_from_their_first_year_and_what_was_added_before(tmp_path: Path) -> None:
    """Proves: of 0.5 GW to be added, 0.1 came before the plan (plants.csv), and 0.2 GW committed for 2025 do not count
    for a goal that counts from 2026: 0.4 GW are built for 2030: 5 x 185.2 + 5 x 205.2 = 1,952. Without the first year:
    1,902; without the plants' own additions: 1,977."""
    plants = [
        {"plant": "Recent", "technology": "new", "start_year": 2023, "capacity": 0.1, "added_capacity": 0.1},
        {"plant": "Sure", "technology": "new", "status": "committed", "start_year": 2025, "capacity": 0.2},
    ]
    plan = solved(
        tmp_path,
        dear(),
        plants=plants,
        target_terms=[{"measure": "added", "select": "new"}],
        targets=[{"year": 2030, "value": 0.5, "hard": 1, "counts_from": 2026}],
        **NEW,
    )
    assert cost(plan) == pytest.approx(1952)
    assert plan.results["target_value"].sel(year=2030).item() == pytest.approx(0.5)


def test_what_was_reached_before_counts(tmp_path: Path) -> None:
    """Proves: 0.2 of 0.5 GW were reached before: 0.3 GW are built: 876 + 5 x 190.2 = 1,827. Without it: 1,877."""
    plan = solved(
        tmp_path,
        dear(),
        targets=[{"year": 2030, "value": 0.5, "hard": 1, "reached": 0.2}],
        target_terms=[{"select": "new"}],
        **NEW,
    )
    assert cost(plan) == pytest.approx(1827)


def test_a_share_is_measured_against_demand(tmp_path: Path) -> None:
    """Proves: a quarter of demand from ``green`` at 30 USD/MWh: 8.76 x (0.25 x 30 + 0.75 x 20) = 197.1. Without the
    goal: 175.2."""
    plan = solved(
        tmp_path,
        technology("green", variable_cost=30, lifetime=100),
        plants=[{"plant": "Green", "technology": "green"}],
        targets=[{"value": 0, "unit": "GWh", "hard": 1}],
        target_terms=[
            {"measure": "delivered", "select": "green"},
            {"measure": "demand", "select": "electricity", "coefficient": -0.25},
        ],
        **ONE,
    )
    assert cost(plan) == pytest.approx(197.1)


PROOFS: Proofs = {
    "emission_account": (test_carbon_costs_its_price, test_carbon_that_is_passed_on_is_not_released),
    "emission_cap": (test_a_cap_holds_for_the_year,),
    "emissions": (test_carbon_costs_its_price,),
    "target_floor": (test_a_hard_goal_is_reached_from_its_year_on,),
    "target_ceiling": (test_a_ceiling_is_kept_or_exceeded_at_its_penalty,),
    "target_delivery": (
        test_what_is_left_over_is_no_delivery,
        test_a_share_is_measured_against_demand,
        test_a_goal_of_use_counts_what_is_taken_in,
    ),
    "targets": (test_a_soft_goal_is_missed_at_its_penalty,),
}
