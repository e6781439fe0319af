"""What running assets can do: availability, forced output, energy and yearly limits, with optima worked out by hand.

``Old`` costs 20 USD/MWh; a year of 1 GW at 1 USD/MWh is ``YEAR`` = 8.76 million USD.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved, value
from tests.studies import HOURS, flat, only, technology

ONE = {"demands": only(flat("north", 1))}
SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
WINTER_HOURS = 181 * 24
RESOLUTIONS = ("step", "period", "year")


def only_in_winter(profile: str, level: float = 1 / 6) -> list[dict[str, Any]]:
    """Rows of a monthly profile that is ``level`` from January to June and zero afterwards."""
    return [{"profile": profile, "month": month, "value": level if month < 7 else 0} for month in range(1, 13)]


def test_output_stays_within_available_capacity(tmp_path: Path) -> None:
    """Proves: with a quarter of the time lost to outages 2 GW give 1.5; the tenth GW missing is unserved at 1,000:
    8.76 x (1.5 x 20 + 0.1 x 1,000) = 1,138.8. Without the limit: 280.3."""
    plan = solved(
        tmp_path,
        technology("old", variable_cost=20, lifetime=100, forced_outage=0.25),
        demands=only(flat("north", 1.6)),
    )
    assert cost(plan) == pytest.approx(YEAR * 130)


def test_a_profile_limits_every_step(tmp_path: Path) -> None:
    """Proves: wind at 0.5 +- 0.3 of 2 GW gives 1 +- its swing, and what exceeds 1 GW in one half of the day cannot
    help in the other. The mean of the half with more is 0.5 + 0.3 x 0.6366 x cos(7.5 deg) on average over 12 hours;
    here two steps of 12 hours. Without the profile by step the wind would meet all demand: 0."""
    plan = solved(
        tmp_path,
        technology("wind", lifetime=100, declared={"availability": "wind_cf"}),
        plants=[{"plant": "Farm", "technology": "wind", "capacity": 2}],
        step_hours=12,
        **ONE,
        weather=[{"node": "north", "month": month, "wind_diurnal": 0.6} for month in range(1, 13)],
    )
    available = plan.study.time["profile_value"].sel(profile="wind_cf@north").to_numpy()
    assert available.mean() == pytest.approx(0.5)
    assert cost(plan) == pytest.approx(YEAR * 20 * (1 - 2 * available.min()) / 2)


def _gas_works(folder: Path, resolution: str, capacity: float, demand: float, **more: Any) -> float:
    """Cost of a gas works that runs on electricity (0.1 per unit), with gas balancing by ``resolution``."""
    works = technology(
        "works", gives={"gas": 1}, takes={"electricity": 0.1}, lifetime=100, declared=more.pop("declared", {})
    )
    plan = solved(
        folder / resolution,
        works,
        commodities=[{"commodity": "gas", "resolution": resolution}],
        plants=[{"plant": "Works", "technology": "works", "capacity": capacity}],
        demands=only(flat("north", 1), flat("north", demand, commodity="gas")),
        **more,
    )
    return cost(plan)


def test_a_plant_decided_by_period_stays_within_its_mean_availability(tmp_path: Path) -> None:
    """Proves: works whose product balances by period are decided by period, limited by the mean of a profile that
    swings within the day: 1 GW x 0.5 for a demand of 0.75, so 0.25 is missing: 8.76 x (20 x 1.05 + 0.25 x 1,000) =
    2,373.96. Without the limit: 8.76 x 21.5 = 188.34."""
    windy = {
        "weather": [{"node": "north", "month": month, "wind_diurnal": 0.6} for month in range(1, 13)],
        "step_hours": 12,
    }
    found = _gas_works(tmp_path, "period", 1, 0.75, declared={"availability": "wind_cf"}, **windy)
    assert found == pytest.approx(YEAR * 271)


def test_a_plant_decided_by_year_stays_within_its_mean_availability(tmp_path: Path) -> None:
    """Proves: works whose product balances over the year run within the yearly mean of their profile, here 0.5 of 1 GW
    in winter-weighted months as in summer: 2,373.96 as by period. Without the limit 188.34; without the profile in it
    the plan would run twice what the weather allows."""
    windy = {
        "weather": [{"node": "north", "month": month, "wind_diurnal": 0.6} for month in range(1, 13)],
        "step_hours": 12,
    }
    found = _gas_works(tmp_path, "year", 1, 0.75, declared={"availability": "wind_cf"}, periods=SEASONS, **windy)
    assert found == pytest.approx(YEAR * 271)


def test_heat_supply_forces_output(tmp_path: Path) -> None:
    """Proves: in winter 0.4 of a plant at 50 USD/MWh must run for its heat: 175.2 + 0.4 x 30 x 4.344 = 227.328.
    Without the forced output it would stand still: 175.2."""
    plan = solved(
        tmp_path,
        technology("chp", variable_cost=50, lifetime=100, declared={"must_run": "cold"}),
        periods=SEASONS,
        plants=[{"plant": "Chp", "technology": "chp"}],
        monthly_profiles=only_in_winter("cold", 0.4),
        **ONE,
    )
    assert cost(plan) == pytest.approx(175.2 + 0.4 * 30 * WINTER_HOURS / 1000)


def test_water_limits_energy_month_by_month(tmp_path: Path) -> None:
    """Proves: 6,000 full hours of water that all come in winter are worth only the 4,344 hours of winter: 20 x (8,760
    - 4,344) = 88.32. Without the limit: 0; with one limit for the year 55.2."""
    plan = solved(
        tmp_path,
        technology("hydro", lifetime=100),
        plants=[{"plant": "Dam", "technology": "hydro"}],
        periods=SEASONS,
        energy_limits=[{"technology": "hydro", "full_load_hours": 6000, "profile": "flood"}],
        monthly_profiles=only_in_winter("flood"),
        **ONE,
    )
    assert cost(plan) == pytest.approx(88.32)


def test_minimum_releases_force_energy(tmp_path: Path) -> None:
    """Proves: a release of 2,172 full hours in winter runs a dam that costs 50 USD/MWh: 175.2 + 2,172 x 30 / 1,000 =
    240.36. Without it: 175.2."""
    plan = solved(
        tmp_path,
        technology("hydro", variable_cost=50, lifetime=100),
        plants=[{"plant": "Dam", "technology": "hydro"}],
        energy_limits=[{"technology": "hydro", "sense": "min", "full_load_hours": 2172, "profile": "flood"}],
        monthly_profiles=only_in_winter("flood"),
        periods=SEASONS,
        **ONE,
    )
    assert cost(plan) == pytest.approx(240.36)


def test_a_supply_has_a_yearly_limit_however_finely_it_balances(tmp_path: Path) -> None:
    """Proves: 8,760 GWh of gas at 4 USD/MWh, two for each of electricity and 1 USD/MWh to run, make half the demand:
    8.76 x (0.5 x 9 + 0.5 x 20) = 127.02, of which 35.04 fuel. Without the limit: 78.84. A supply is decided by step,
    period or year as its fuel balances; each has its own sum in the limit."""
    for resolution in RESOLUTIONS:
        plan = solved(
            tmp_path / resolution,
            technology("engine", variable_cost=1, takes={"gas": 2}, lifetime=100),
            periods=SEASONS,
            commodities=[{"commodity": "gas", "resolution": resolution}],
            fuels=[{"price": 4, "annual_limit": HOURS}],
            plants=[{"plant": "Engine", "technology": "engine"}],
            **ONE,
        )
        assert cost(plan) == pytest.approx(127.02), resolution
        assert cost_of(plan, "fuel") == pytest.approx(35.04)
        assert cost_of(plan, "variable") == pytest.approx(YEAR * 0.5 * (1 + 20))


ABROAD = {
    "nodes": [{"node": "abroad", "kind": "outside"}],
    "links": [{"link": "border", "from_node": "abroad", "to_node": "north"}],
}


def test_a_market_sells_no_more_than_its_yearly_quantity(tmp_path: Path) -> None:
    """Proves: 4,380 GWh at 5 USD/MWh come from abroad, the rest at 20: 21.9 + 87.6 = 109.5. Without the limit: 43.8."""
    plan = solved(tmp_path, markets=[{"market": "seller", "price": 5, "annual_limit": HOURS / 2}], **ABROAD, **ONE)
    assert cost(plan) == pytest.approx(109.5)
    assert cost_of(plan, "import") == pytest.approx(21.9)


def test_exports_earn_their_price_up_to_a_finite_quantity(tmp_path: Path) -> None:
    """Proves: 2,190 GWh made at 20 are sold at 30 USD/MWh: 175.2 - 21.9 = 153.3. Without the revenue: 175.2; without
    the yearly limit the whole line would be sold: 87.6."""
    plan = solved(
        tmp_path,
        markets=[{"market": "buyer", "direction": "export", "price": 30, "annual_limit": HOURS / 4}],
        **ABROAD,
        **ONE,
    )
    assert cost(plan) == pytest.approx(153.3)
    assert cost_of(plan, "export") == pytest.approx(-65.7)


def test_a_market_profile_limits_the_flow(tmp_path: Path) -> None:
    """Proves: a seller who is there only in winter saves 15 USD/MWh in 4,344 hours: 175.2 - 65.16 = 110.04. Without
    the profile: 43.8."""
    plan = solved(
        tmp_path,
        markets=[{"market": "seller", "price": 5, "profile": "cold"}],
        periods=SEASONS,
        monthly_profiles=[{**row, "node": "abroad"} for row in only_in_winter("cold", 1)],
        **ABROAD,
        **ONE,
    )
    assert cost(plan) == pytest.approx(175.2 - 15 * WINTER_HOURS / 1000)


def test_electric_intake_of_works_decided_by_period_is_flat(tmp_path: Path) -> None:
    """Proves: works that make gas (by period) take 0.1 GW in every hour, also when power is dear. Load is 1.5 and 0.5
    GW, ``Old`` gives 1.55, the rest costs 100: 8.76 x (20 x (1.55 + 0.6) / 2 + 100 x 0.05 / 2) = 210.24. Declared as
    ``runs: step`` they move into the cheap half and the peaker rests: 8.76 x 22 = 192.72. Without the resolution works
    would follow the price like a battery."""
    parts = [
        technology("works", gives={"gas": 1}, takes={"electricity": 0.1}, lifetime=100),
        technology("peaker", variable_cost=100, lifetime=100),
    ]
    plants = [
        {"plant": "Old", "capacity": 1.55},
        {"plant": "Works", "technology": "works", "capacity": 2},
        {"plant": "Peak", "technology": "peaker"},
    ]
    case: dict[str, Any] = {
        "plants": plants,
        "commodities": [{"commodity": "gas", "resolution": "period"}],
        "step_hours": 12,
        "demands": only(flat("north", 1), flat("north", 1, commodity="gas")),
        "load": lambda month, hour: 1.5 if hour < 12 else 0.5,
    }
    assert cost(solved(tmp_path / "period", *parts, **case)) == pytest.approx(210.24)
    flexible = solved(tmp_path / "step", *parts, modes=[{"technology": "works", "runs": "step"}], **case)
    assert cost(flexible) == pytest.approx(192.72)


def test_how_finely_a_mode_is_decided_by_default(tmp_path: Path) -> None:
    """Proves: what makes electricity is decided by step; what makes gas (period) from power by period; what makes
    freight (year) from gas by period, the finer of the two; from power alone by year. Without the rule a refinery
    would follow the wind hour by hour, or a power plant run flat."""
    parts = [
        technology("engine", takes={"gas": 2}, lifetime=100),
        technology("works", gives={"gas": 1}, takes={"electricity": 0.1}, lifetime=100),
        technology("lorry", gives={"freight": 1}, takes={"gas": 1}, lifetime=100),
        technology("train", gives={"freight": 1}, takes={"electricity": 1}, lifetime=100),
    ]
    names = ("engine", "works", "lorry", "train")
    plan = solved(
        tmp_path,
        *parts,
        plants=[{"plant": n, "technology": n} for n in names],
        commodities=[{"commodity": "gas", "resolution": "period"}, {"commodity": "freight", "resolution": "year"}],
        demands=only(flat("north", 1), flat("north", 0.5, commodity="freight")),
    )
    runs = dict(zip(plan.study.system["mode_asset"].to_numpy(), plan.study.system["mode_runs"].to_numpy(), strict=True))
    assert [runs[f"{name}@north"] for name in names] == ["step", "period", "period", "year"]
    assert value(plan, "operation_by_year", "train@north", "run", 2025) >= 0


PROOFS: Proofs = {
    "capacity_limit": (test_output_stays_within_available_capacity, test_a_profile_limits_every_step),
    "capacity_limit_by_period": (test_a_plant_decided_by_period_stays_within_its_mean_availability,),
    "capacity_limit_by_year": (test_a_plant_decided_by_year_stays_within_its_mean_availability,),
    "heat_led_output": (test_heat_supply_forces_output,),
    "energy_limit": (test_water_limits_energy_month_by_month,),
    "energy_release": (test_minimum_releases_force_energy,),
    "annual_activity_limit": (
        test_a_supply_has_a_yearly_limit_however_finely_it_balances,
        test_a_market_sells_no_more_than_its_yearly_quantity,
    ),
    "variable": (test_a_supply_has_a_yearly_limit_however_finely_it_balances,),
    "fuel": (test_a_supply_has_a_yearly_limit_however_finely_it_balances,),
    "import": (test_a_market_sells_no_more_than_its_yearly_quantity,),
    "export": (test_exports_earn_their_price_up_to_a_finite_quantity,),
}
