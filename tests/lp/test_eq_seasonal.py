"""Seasonal stores: what winter lacks is kept from summer, worked out by hand.

Winter is the first half of the year (181 days), summer the second (184 days). ``Old`` gives 1 GW at 20 USD/MWh, the
peaker any amount at 200. The load is 1.2 GW in winter and as much below 1 GW in summer as brings its mean to 1 GW.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from model.time.calendar import DAYS_IN_MONTH
from tests.lp.solved import Proofs, cost, solved, value
from tests.studies import HOURS, Row, flat, only, technology

Case = tuple[tuple[float, float], tuple[float, float], float]
SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
WINTER, SUMMER = 181 * 24, 184 * 24
"""Hours of the two seasons."""
PEAK = 0.2
"""What the load of winter is above the output of ``Old``, GW."""


def _load(month: int, hour: int) -> float:
    return 1 + PEAK if month <= 6 else 1 - PEAK * WINTER / SUMMER


def _seasons(
    folder: Path, capacity: float = 0.3, cycle: str = "year", load: Any = _load, step_hours: int = 24, **values: Any
) -> Plan:
    """A year with a store; it holds 5,000 hours of full output unless ``duration`` says otherwise."""
    numbers = {"duration": 5000, "charge_efficiency": 1, "discharge_efficiency": 1, "lifetime": 100, **values}
    return solved(
        folder,
        technology("cavern", kind="storage", declared={"cycle": cycle}, **numbers),
        technology("peaker", variable_cost=200, lifetime=100),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Store", "technology": "cavern", "capacity": capacity},
        ],
        demands=only(flat("north", 1)),
        periods=SEASONS,
        load=load,
        step_hours=step_hours,
    )


def _cost(old: float, peak: float) -> float:
    """Million USD for so many GWh of ``Old`` and of the peaker."""
    return (20 * old + 200 * peak) / 1000


def test_a_season_is_carried_over(tmp_path: Path) -> None:
    """Proves: what winter lacks, 0.2 GW over 4,344 hours, 868.8 GWh, is what summer has left: ``Old`` runs all year,
    8,760 GWh x 20 = 175.2 million USD. Without linking the peaker gives it: 331.6 (the next test)."""
    plan = _seasons(tmp_path)
    assert cost(plan) == pytest.approx(_cost(HOURS, 0)) == pytest.approx(175.2)
    held = plan.results["level_in_calendar"].sel(store="cavern@north", year=2025)
    assert float(held.max() - held.min()) == pytest.approx(PEAK * WINTER)
    assert float(held.isel(slot=0) - held.isel(slot=181)) == pytest.approx(PEAK * WINTER)


def test_without_linking_the_season_is_lost(tmp_path: Path) -> None:
    """Proves: the same store whose cycle is the day carries nothing over: the peaker gives 868.8 GWh, (8,760 - 868.8) x
    20 + 868.8 x 200 = 331.6 million USD. Without it a store of days would be taken for one of seasons."""
    lost = PEAK * WINTER
    plan = _seasons(tmp_path, cycle="period", duration=24)
    assert cost(plan) == pytest.approx(_cost(HOURS - lost, lost)) == pytest.approx(331.584)


def test_a_seasonal_store_is_full_at_its_duration(tmp_path: Path) -> None:
    """Proves: 1,000 hours of 0.3 GW hold 300 GWh, the peaker gives the other 568.8. Without the ceiling: 175.2."""
    lost = PEAK * WINTER - 300
    plan = _seasons(tmp_path, duration=1000)
    assert cost(plan) == pytest.approx(_cost(HOURS - lost, lost))


def test_a_seasonal_store_has_one_machine(tmp_path: Path) -> None:
    """Proves: 0.1 GW give half of what winter lacks. Without the limit on power: 175.2."""
    lost = 0.1 * WINTER
    plan = _seasons(tmp_path, capacity=0.1, duration=50000)
    assert cost(plan) == pytest.approx(_cost(HOURS - lost, lost))


def test_losses_are_paid_once_a_season(tmp_path: Path) -> None:
    """Proves: of what summer has left, 868.8 GWh, 0.8 x 0.9 come back in winter, the peaker gives the rest, 243.3.
    Without the efficiencies: 175.2."""
    lost = PEAK * WINTER * (1 - 0.8 * 0.9)
    plan = _seasons(tmp_path, charge_efficiency=0.8, discharge_efficiency=0.9)
    assert cost(plan) == pytest.approx(_cost(HOURS, lost))


def test_what_is_kept_over_the_season_fades(tmp_path: Path) -> None:
    """Proves: a store that keeps 0.999 from day to day. Summer fills in c = 0.2 GW x 4,344 h / 184 a day, which makes a
    stock of c (1 - 0.999^184) / 0.001; winter takes d a day and leaves nothing: d = c x 0.999^181 (1 - 0.999^184) /
    (1 - 0.999^181) = 4.0 of the 4.8 GWh that it lacks. Without the loss of each slot: 175.2."""
    kept = 0.999
    filled = PEAK * WINTER / 184
    given = filled * kept**181 * (1 - kept**184) / (1 - kept**181)
    plan = _seasons(tmp_path, standing_loss=1 - kept ** (1 / 24))
    assert cost(plan) == pytest.approx(_cost(HOURS, PEAK * WINTER - 181 * given))


def _days(folder: Path, hours: float) -> float:
    """Cost of a year whose nights leave 3 GWh before and 3 after a day that lacks 6, with a store of so many GWh."""
    plan = solved(
        folder,
        technology(
            "cavern",
            kind="storage",
            declared={"cycle": "year"},
            duration=hours,
            charge_efficiency=1,
            discharge_efficiency=1,
            lifetime=100,
        ),
        technology("peaker", variable_cost=200, lifetime=100),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Store", "technology": "cavern", "capacity": 1},
        ],
        demands=only(flat("north", 1)),
        periods=SEASONS,
        load=lambda month, hour: 1.5 if 6 <= hour < 18 else 0.5,
        step_hours=6,
    )
    return cost(plan)


def test_within_a_day_the_level_stays_between_empty_and_full(tmp_path: Path) -> None:
    """Proves: the level rises by 3 GWh, falls by 6 and rises by 3 every day: a store of 6 GWh serves that, one of 3
    only half of it, the peaker the rest. Without the floor or the ceiling of a slot, or the lowest or highest level of
    a period, a store of 3 GWh would do: 175.2 million USD."""
    assert _days(tmp_path / "six", 6) == pytest.approx(_cost(HOURS, 0))
    assert _days(tmp_path / "three", 3) == pytest.approx(_cost(HOURS - 3 * 365, 3 * 365))


def _halves(folder: Path, winter: tuple[float, float], summer: tuple[float, float], size: float) -> float:
    """Cost of a year with a store of so many GWh and loads of 1 GW in the mean, by season and half of the day."""

    def load(month: int, hour: int) -> float:
        return (winter if month <= 6 else summer)[hour >= 12]

    return cost(_seasons(folder, capacity=1, duration=size, load=load, step_hours=12))


def _lacks_a_little(folder: Path, winter: tuple[float, float], summer: tuple[float, float], size: float) -> None:
    assert _halves(folder / "large", winter, summer, size + 1.2) == pytest.approx(_cost(HOURS, 0), rel=1e-7)
    assert _halves(folder / "small", winter, summer, size) == pytest.approx(_cost(HOURS - 1.2, 1.2), rel=1e-7)


MILD = 1 - 0.1 * WINTER / SUMMER
"""Load of a summer that leaves 434.4 GWh."""
WARM = 1 - PEAK * WINTER / SUMMER
"""Load of a summer that leaves 868.8 GWh."""


LEAST: dict[str, Case] = {
    "last": ((1.3, 0.9), (MILD, MILD), 434.4),
    "first": ((1.2, 1.2), (1.1, 2 * WARM - 1.1), 868.8),
}
"""Loads of the halves of a day in winter and summer, and the size of a store: the level is lowest in the first or the
last day of a season."""
MOST: dict[str, Case] = {
    "last": ((1.2, 1.2), (2 * WARM - 1.1, 1.1), 868.8),
    "first": ((0.9, 1.3), (MILD, MILD), 434.4),
}
"""The same, where it is highest."""


@pytest.mark.parametrize("day", LEAST)
def test_no_day_of_a_season_is_overdrawn(tmp_path: Path, day: str) -> None:
    """Proves: where each day of winter takes 3.6 GWh and then gives 1.2 back, the last must begin with 3.6; where each
    day of summer takes 1.2 before it gives, the first must begin with 1.2. A store that holds just what winter takes,
    434.4 or 868.8 GWh, lacks 1.2. Without the floor of the last day, or of the first: 175.2 million USD."""
    _lacks_a_little(tmp_path, *LEAST[day])


@pytest.mark.parametrize("day", MOST)
def test_no_day_of_a_season_is_overfilled(tmp_path: Path, day: str) -> None:
    """Proves: where each day of summer fills in 1.2 GWh more than it leaves, the last has no room for them; where each
    day of winter gives 1.2 before it takes 3.6, nor has the first. A store that holds just what winter takes lacks 1.2.
    Without the ceiling of the last day, or of the first: 175.2 million USD."""
    _lacks_a_little(tmp_path, *MOST[day])


def _river(folder: Path, **changes: Any) -> Plan:
    """A hydro plant of 1 GW on a river whose water comes in summer, with a reservoir of ``hours`` x 1 GW."""
    hours = changes.pop("hours", 5000)
    plants: list[Row] = [
        {"plant": "Dam", "technology": "hydro", "capacity": 1},
        {"plant": "Lake", "technology": "lake", "capacity": 1},
        {"plant": "Peak", "technology": "peaker"},
    ]
    return solved(
        folder,
        technology("hydro", takes={"water": 1}, lifetime=100),
        technology(
            "lake",
            kind="storage",
            gives={"water": 1},
            declared={"cycle": "year"},
            duration=hours,
            charge_efficiency=1,
            discharge_efficiency=1,
            lifetime=100,
        ),
        technology("peaker", variable_cost=200, lifetime=100),
        commodities=[{"commodity": "water", "unserved_price": "", "excess_price": ""}],
        fuels=[{"commodity": "water", "node": "north", "price": 0, "annual_limit": 2208, "profile": "melt"}],
        monthly_profiles=[
            {"profile": "melt", "month": month, "value": 0 if month <= 6 else days / 184}
            for month, days in enumerate(DAYS_IN_MONTH.tolist(), start=1)
        ],
        plants=only(*plants),
        demands=only(flat("north", 0.25)),
        periods=SEASONS,
        step_hours=24,
        **changes,
    )


def test_water_comes_when_the_river_brings_it(tmp_path: Path) -> None:
    """Proves: 2,208 GWh of melt water come in summer, 0.5 GW; without a lake 0.25 GW of it serve summer, the rest is
    lost, and winter, 0.25 x 4,344 = 1,086 GWh, is the peaker's: 217.2 million USD. Without the limit by profile the
    water would serve winter too: 0."""
    plan = _river(tmp_path, hours=0.001)
    assert cost(plan) == pytest.approx(0.25 * WINTER * 200 / 1000, rel=1e-4)


def test_a_reservoir_keeps_the_melt_for_winter(tmp_path: Path) -> None:
    """Proves: a lake that holds 1,000 GWh serves winter but for 86 GWh: 17.2 million USD. Without it: 217.2."""
    plan = _river(tmp_path, hours=1000)
    assert cost(plan) == pytest.approx((0.25 * WINTER - 1000) * 200 / 1000)
    drawn = value(plan, "operation", "water supply@north", "supply", 2025, "summer/00")
    assert drawn == pytest.approx((0.25 * SUMMER + 1000) / SUMMER)


def _gas(folder: Path, capacity: float = 1, duration: float = 5000, profile: str = "", large: bool = False) -> Plan:
    """Gas that balances by season: 0.5 GW come all year (or by ``profile``), 0.75 GW are used in winter alone.

    It is counted in GWh and its store in GW, or if ``large`` in TWh and in TWh a year.
    """
    unit, size = ("TWh", "TWh/year") if large else ("GWh", "GW")
    return solved(
        folder,
        technology(
            "cavern",
            kind="storage",
            gives={"gas": 1},
            declared={"cycle": "year", "capacity_unit": size},
            duration=duration,
            charge_efficiency=1,
            discharge_efficiency=1,
            lifetime=100,
        ),
        commodities=[
            {"commodity": "gas", "unit": unit, "resolution": "period", "unserved_price": 1000, "excess_price": 0}
        ],
        fuels=[
            {
                "commodity": "gas",
                "node": "north",
                "price": 10,
                "annual_limit": 0.5 * HOURS,
                "profile": profile or "steady",
            }
        ],
        monthly_profiles=[
            row
            for month in range(1, 13)
            for row in (
                {"profile": "cold", "month": month, "value": HOURS / WINTER if month <= 6 else 0},
                {"profile": "steady", "month": month, "value": int(DAYS_IN_MONTH[month - 1]) / 365},
            )
        ],
        plants=only({"plant": "Cavern", "technology": "cavern", "capacity": capacity}),
        demands=only({"commodity": "gas", "value": 0.75 * WINTER, "profile": "cold"}),
        periods=SEASONS,
        step_hours=24,
    )


def test_gas_is_stored_from_season_to_season(tmp_path: Path) -> None:
    """Proves: winter uses 0.75 GW of gas, 0.5 GW come; the cavern gives 0.25 GW x 4,344 h = 1,086 GWh, which summer
    filled in. All 3,258 GWh are bought at 10 USD/MWh: 32.58 million USD. Without the store 1,086 GWh are unserved at
    1,000: 1,107.7."""
    assert cost(_gas(tmp_path)) == pytest.approx(0.75 * WINTER * 10 / 1000)


def test_a_store_tells_the_units_of_what_it_keeps(tmp_path: Path) -> None:
    """Proves: measured in TWh a year, the same cavern costs the same, gives 0.25 GW as 2.19 TWh a year in winter and
    holds 1.086 TWh then. Without it rates would be told as GW and levels as GWh, whatever they are."""
    plan = _gas(tmp_path, large=True)
    r = plan.results.sel(store="cavern@north", year=2025)
    assert cost(plan) == pytest.approx(0.75 * WINTER * 10 / 1000)
    assert float(r["discharge"].max()) == pytest.approx(0.25 * HOURS / 1000)
    assert float(r["level_in_calendar"].max() - r["level_in_calendar"].min()) == pytest.approx(0.25 * WINTER / 1000)
    assert (r["store_unit"].item(), r["store_commodity"].item()) == ("TWh/year", "gas")
    assert (r["discharge"].attrs["units"], r["level"].attrs["units"]) == ("store unit", "commodity unit")


def test_gas_without_room_or_power_is_lacking(tmp_path: Path) -> None:
    """Proves: a cavern of 400 GWh leaves 686 GWh unserved, one of 0.1 GW 651.6 GWh. Without the limits: 32.58."""
    room = _gas(tmp_path / "room", duration=400)
    power = _gas(tmp_path / "power", capacity=0.1, duration=50000)
    for plan, lacking in ((room, 0.25 * WINTER - 400), (power, 0.15 * WINTER)):
        assert cost(plan) == pytest.approx(((0.75 * WINTER - lacking) * 10 + lacking * 1000) / 1000)


def test_gas_comes_as_its_contract_says(tmp_path: Path) -> None:
    """Proves: 4,380 GWh a year that come by hours leave winter 1,086 GWh short without a store: 2,172 GWh at 10 and
    1,086 at 1,000 USD/MWh, 1,107.7 million USD. Without the profile winter takes all that it needs: 32.6."""
    plan = _gas(tmp_path, capacity=1e-9)
    assert cost(plan) == pytest.approx((0.5 * WINTER * 10 + 0.25 * WINTER * 1000) / 1000)


PROOFS: Proofs = {
    "storage_balance_inside": (test_a_season_is_carried_over, test_losses_are_paid_once_a_season),
    "storage_carry": (test_a_seasonal_store_is_full_at_its_duration, test_what_is_kept_over_the_season_fades),
    "storage_lowest": (test_within_a_day_the_level_stays_between_empty_and_full,),
    "storage_highest": (test_within_a_day_the_level_stays_between_empty_and_full,),
    "storage_floor": (partial(test_no_day_of_a_season_is_overdrawn, day="first"),),
    "storage_floor_last": (partial(test_no_day_of_a_season_is_overdrawn, day="last"),),
    "storage_ceiling": (partial(test_no_day_of_a_season_is_overfilled, day="first"),),
    "storage_ceiling_last": (partial(test_no_day_of_a_season_is_overfilled, day="last"),),
    "storage_power_limit": (test_a_seasonal_store_has_one_machine,),
    "storage_carry_by_period": (test_gas_without_room_or_power_is_lacking,),
    "storage_power_limit_by_period": (test_gas_without_room_or_power_is_lacking,),
    "storage_ceiling_by_period": (test_gas_without_room_or_power_is_lacking,),
    "supply_limit": (test_water_comes_when_the_river_brings_it,),
    "supply_limit_by_period": (test_gas_comes_as_its_contract_says,),
}
