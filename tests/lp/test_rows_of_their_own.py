"""What rows of tables make of the general equations, by hand: seasons of maintenance, releases of a reservoir, a coal
yard before winter, price ladders at borders, demand that gives way to price, efficiency, and CO2 outside the scheme.

The load is 1 GW in the north in every hour. ``Old`` there costs 20 USD/MWh and the plant ``Dear`` 50. Winter is the
first half of the year (181 days, 4,344 hours), summer the second (184 days, 4,416 hours).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.solved import YEAR, cost, solved, value
from tests.studies import HOURS, Row, Rows, flat, only, technology

SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
WINTER, SUMMER = 181 * 24, 184 * 24
"""Hours of the two seasons."""
DEAR: Row = {"plant": "Dear", "technology": "dear", "capacity": 2}


def by_half_year(profile: str, winter: float, summer: float) -> list[Row]:
    """A number for the months of winter and one for those of summer."""
    return [{"profile": profile, "month": m, "value": winter if m <= 6 else summer} for m in range(1, 13)]


def shares(profile: str, winter: float) -> list[Row]:
    """Shares of a year of which ``winter`` falls into its first half."""
    return by_half_year(profile, winter / 6, (1 - winter) / 6)


def half_years(folder: Path, *parts: Rows, plants: list[Row], **options: Any) -> Plan:
    """A year of two seasons with a load of 1 GW, the technology ``dear`` and the plants given."""
    case: dict[str, Any] = {"demands": only(flat("north", 1)), "periods": SEASONS, "step_hours": 24, **options}
    return solved(
        folder, technology("dear", variable_cost=50, lifetime=100), *parts, plants=only(*plants, DEAR), **case
    )


def spent(old: float, dear: float) -> float:
    """Million USD for so many GWh of ``Old`` and of ``Dear``."""
    return (20 * old + 50 * dear) / 1000


def test_maintenance_falls_into_its_season(tmp_path: Path) -> None:
    """Proves: a quarter of the year is lost to maintenance, all of it in summer, when half of ``Old``'s 1 GW stands:
    0.5 GW x 4,416 hours come from the dear plant. Without the season a quarter would stand all year: 2,190 GWh."""
    plan = half_years(
        tmp_path,
        technology(
            "old", variable_cost=20, lifetime=100, wacc=0, planned_outage=0.25, declared={"availability": "maintenance"}
        ),
        plants=[{"plant": "Old", "capacity": 1}],
        monthly_profiles=by_half_year("maintenance", 0, 2),
    )
    assert cost(plan) == pytest.approx(spent(HOURS - SUMMER / 2, SUMMER / 2))


def _river(folder: Path, *releases: Row) -> Plan:
    """876 GWh of water a year; ``Old`` stands still in winter, so that water is worth 50 then and 20 in summer."""
    return half_years(
        folder,
        technology("turbine", lifetime=100, takes={"water": 1}),
        technology(
            "lake",
            kind="storage",
            gives={"water": 1},
            duration=5000,
            charge_efficiency=1,
            discharge_efficiency=1,
            lifetime=100,
            declared={"cycle": "year"},
        ),
        technology(
            "old", variable_cost=20, lifetime=100, wacc=0, planned_outage=0.5, declared={"availability": "maintenance"}
        ),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Turbine", "technology": "turbine"},
            {"plant": "Lake", "technology": "lake"},
        ],
        commodities=[{"commodity": "water", "unserved_price": "", "excess_price": 0}],
        fuels=[{"commodity": "water", "price": 0, "annual_limit": 876, "profile": "even"}],
        monthly_profiles=[*by_half_year("maintenance", 2, 0), *shares("irrigation", 0)],
        energy_limits=list(releases),
    )


def test_a_reservoir_gives_water_when_it_is_worth_most(tmp_path: Path) -> None:
    """Proves: without duties all 876 GWh are kept for winter. Without the lake half of them would pass in summer."""
    assert cost(_river(tmp_path)) == pytest.approx(spent(SUMMER, WINTER - 876))


def test_irrigation_takes_water_in_summer(tmp_path: Path) -> None:
    """Proves: 438 hours of full output that fields need in summer are 438 GWh which winter lacks: 30 USD/MWh dearer,
    13.14 million USD. Without the row of energy_limits the lake would keep them."""
    row: Row = {"technology": "turbine", "sense": "min", "full_load_hours": 438, "profile": "irrigation"}
    assert cost(_river(tmp_path, row)) == pytest.approx(spent(SUMMER - 438, WINTER - 438))


def test_a_minimum_release_runs_all_year(tmp_path: Path) -> None:
    """Proves: 219 hours a year for the river below, spread by days, are 110.4 GWh of summer that winter lacks. Without
    the row nothing would run in summer."""
    row: Row = {"technology": "turbine", "sense": "min", "full_load_hours": 219, "profile": "even"}
    in_summer = 219 * 184 / 365
    assert cost(_river(tmp_path, row)) == pytest.approx(spent(SUMMER - in_summer, WINTER - (876 - in_summer)))


def _yard(folder: Path, size: float) -> Plan:
    """A coal plant that only winter needs, as hydro is full in summer; coal comes in even trains, 4,380 GWh a year."""
    return half_years(
        folder,
        technology("boiler", variable_cost=10, lifetime=100, takes={"coal": 1}),
        technology(
            "yard",
            kind="storage",
            gives={"coal": 1},
            duration=500,
            charge_efficiency=1,
            discharge_efficiency=1,
            lifetime=100,
            declared={"cycle": "year"},
        ),
        technology("summer", lifetime=100, planned_outage=0.5, declared={"availability": "maintenance"}),
        plants=[
            {"plant": "Summer", "technology": "summer"},
            {"plant": "Boiler", "technology": "boiler"},
            {"plant": "Yard", "technology": "yard", "capacity": size},
        ],
        commodities=[{"commodity": "coal", "resolution": "period", "unserved_price": "", "excess_price": ""}],
        fuels=[{"commodity": "coal", "price": 0, "annual_limit": 4380, "profile": "even"}],
        monthly_profiles=by_half_year("maintenance", 2, 0),
    )


def test_the_coal_yard_limits_winter(tmp_path: Path) -> None:
    """Proves: winter burns the 2,172 GWh that come in it and a full yard of 500; the dear plant gives the rest. Twice
    the yard saves 500 GWh x 40 USD/MWh. Without the limit of the yard 4,344 of the year's 4,380 GWh would burn in
    winter, without the yard only 2,172."""
    in_winter = 4380 * 181 / 365
    for size, kept in ((1, 500), (2, 1000)):
        plan = _yard(tmp_path / str(size), size)
        burnt = in_winter + kept
        assert cost(plan) == pytest.approx((10 * burnt + 50 * (WINTER - burnt)) / 1000)


def test_a_border_sells_by_steps_of_a_ladder(tmp_path: Path) -> None:
    """Proves: of 0.5 GW that ``Old`` cannot give, the contract brings 0.1 at 30 USD/MWh, balancing 0.2 at 40, and the
    dear plant 0.2; a step for emergencies at 90 stays unused. Without steps of their own all would have one price."""
    steps = [
        {"market": "contract", "price": 30, "capacity": 0.5, "annual_limit": 0.1 * HOURS},
        {"market": "balancing", "price": 40, "capacity": 0.2, "annual_limit": HOURS},
        {"market": "emergency", "price": 90, "capacity": 0.5, "annual_limit": HOURS},
    ]
    plan = half_years(
        tmp_path,
        plants=[{"plant": "Old", "capacity": 0.5}],
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad", "to_node": "north", "capacity": 1}],
        markets=steps,
    )
    assert cost(plan) == pytest.approx(YEAR * (0.5 * 20 + 0.1 * 30 + 0.2 * 40 + 0.2 * 50))


def test_a_user_gives_way_at_the_price_it_is_willing_to_pay(tmp_path: Path) -> None:
    """Proves: where ``Old`` has 0.6 GW, a smelter that pays up to 40 USD/MWh stops its 0.3 GW before the dear plant
    runs for the rest, and a mine that pays 60 never stops. Without the first: 8.76 x (0.6 x 20 + 0.4 x 50)."""
    plan = half_years(
        tmp_path,
        technology("smelter", variable_cost=40, lifetime=100),
        technology("mine", variable_cost=60, lifetime=100),
        plants=[
            {"plant": "Old", "capacity": 0.6},
            {"plant": "Smelter", "technology": "smelter", "capacity": 0.3},
            {"plant": "Mine", "technology": "mine", "capacity": 0.3},
        ],
    )
    assert cost(plan) == pytest.approx(YEAR * (0.6 * 20 + 0.3 * 40 + 0.1 * 50))


def test_efficiency_saves_by_season_and_is_paid_once(tmp_path: Path) -> None:
    """Proves: 0.2 GW of better windows for 1,000 USD/kW over 20 years, 10 million USD a year, save all of it in winter
    and half in summer: 1,310.4 GWh x 20 USD/MWh a year from 2030 on. Without the season they would save 1,752, and at
    4,000 USD/kW nothing would be built."""
    saved = 0.2 * (WINTER + SUMMER / 2)
    for capital, built in ((1000, 0.2), (4000, 0.0)):
        plan = half_years(
            tmp_path / str(capital),
            technology(
                "windows", capital_cost=capital, lifetime=20, wacc=0, declared={"availability": "saving_season"}
            ),
            plants=[{"plant": "Old", "capacity": 2}],
            candidates=[{"technology": "windows", "potential": 0.2}],
            monthly_profiles=by_half_year("saving_season", 1, 0.5),
            years=(2025, 2030),
        )
        yearly = spent(HOURS, 0)
        later = yearly - (saved * 20 / 1000 - 10 if built else 0)
        assert value(plan, "build", "windows@north", 2030) == pytest.approx(built)
        assert cost(plan) == pytest.approx(5 * yearly + 5 * later)


def test_co2_outside_the_scheme_has_no_price(tmp_path: Path) -> None:
    """Proves: two boilers of 0.4 GW burn coal for 18 USD/MWh; at 100 USD/t the one inside the scheme pays 30 more for
    its 0.3 t, the one outside nothing, and the dear plant gives the last 0.2 GW. Without the column both would pay:
    8.76 x (0.8 x 48 + 0.2 x 50)."""
    inside, outside = (
        technology(name, variable_cost=10, lifetime=100, takes={"coal": 1}, declared={"co2": scope})
        for name, scope in (("inside", "counted"), ("outside", "outside"))
    )
    plan = half_years(
        tmp_path,
        inside,
        outside,
        plants=[
            {"plant": "Inside", "technology": "inside", "capacity": 0.4},
            {"plant": "Outside", "technology": "outside", "capacity": 0.4},
        ],
        commodities=[{"commodity": "coal", "unserved_price": "", "excess_price": "", "co2_factor": 0.3}],
        fuels=[{"commodity": "coal", "price": 8}],
        emissions=[{"year": 2025, "price": 100}],
    )
    assert cost(plan) == pytest.approx(YEAR * (0.4 * (10 + 8) + 0.4 * (10 + 8 + 30) + 0.2 * 50))
