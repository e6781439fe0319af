"""What can be done with an old plant, and what cannot: works, early closure and ends of life, worked out by hand.

Unless a test says otherwise: planning years 2025, 2030 and 2035 of five years each, no discounting, a load of 1 GW in
the north. ``Old`` (1 GW, 20 USD/MWh, 175.2 million USD a year) ends in 2033: it is there in 2030 and gone in 2035.
Works cost 200 USD/kW over 20 years: 10 million USD per GW and year. ``mod`` costs 10 USD/MWh (87.6 a year), the peaker
100 (876).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.solved import Proofs, cost, cost_of, solved, value
from tests.studies import Row, Rows, flat, only, technology

MODERNISE: Row = {"option": "modernise", "to_technology": "mod", "capital_cost": 200}
EXTEND: Row = {"option": "extend", "capital_cost": 100}
WORK = "modernise to mod"


def parts() -> list[Rows]:
    """The technologies of most tests."""
    return [
        technology("old", variable_cost=20, lifetime=100, wacc=0),
        technology("mod", variable_cost=10, lifetime=20, wacc=0),
        technology("peaker", variable_cost=100, lifetime=100),
    ]


def fleet(*options: Row, closing_year: int = 2033, **old: Any) -> dict[str, Any]:
    """``Old`` and the peaker, the options given, three planning years and a load of 1 GW."""
    return {
        "plants": [
            {"plant": "Old", "capacity": 1, "closing_year": closing_year, **old},
            {"plant": "Peak", "technology": "peaker", "capacity": 3},
        ],
        "options": list(options),
        "years": (2025, 2030, 2035),
        "demands": only(flat("north", 1)),
    }


def converted(plan: Plan, year: int, work: str = WORK, plant: str = "Old") -> float:
    """Old capacity that the works of a year are done on, GW."""
    return value(plan, "convert", "old@north", plant, work, year)


def test_an_old_plant_becomes_a_better_one(tmp_path: Path) -> None:
    """Proves: works that finish in 2030 replace ``Old`` by ``mod`` for 10 million USD a year: 876 + 10 x 97.6 = 1,852.
    Without the account ``mod`` would not need works at all: 1,752; without their cost too."""
    plan = solved(tmp_path, *parts(), **fleet(MODERNISE))
    assert cost(plan) == pytest.approx(1852)
    assert cost_of(plan, "works") == pytest.approx(100)
    assert converted(plan, 2030) == pytest.approx(1)


def test_plants_die_on_time(tmp_path: Path) -> None:
    """Proves: a plant is there in a planning year before its closing year, and gone in that of its closing year:
    closing in 2030 leaves 2030 to the peaker, closing in 2031 does not: 876 + 8,760 against 1,752 + 4,380. Without
    ends of life both would cost 2,628."""
    assert cost(solved(tmp_path / "2030", *parts(), **fleet(closing_year=2030))) == pytest.approx(876 + 2 * 4380)
    assert cost(solved(tmp_path / "2031", *parts(), **fleet(closing_year=2031))) == pytest.approx(1752 + 4380)


def test_works_finish_while_the_plant_lives_and_never_in_the_first_year(tmp_path: Path) -> None:
    """Proves: a plant that ends in 2030 cannot have works, in 2025 because nothing is decided there and in 2030
    because it is gone; one that ends in 2031 can in 2030 only. Without the end works of 2035 would revive a plant that
    is gone."""
    gone = solved(tmp_path / "2030", *parts(), **fleet({**MODERNISE, "first_year": 2020}, closing_year=2030))
    assert cost(gone) == pytest.approx(876 + 2 * 4380)
    assert gone.program.column_family("convert").size == 0
    there = solved(tmp_path / "2031", *parts(), **fleet({**MODERNISE, "first_year": 2020}, closing_year=2031))
    assert cost(there) == pytest.approx(1852)
    assert there.program.column_family("convert").size == 1


def test_works_do_not_finish_before_their_first_year(tmp_path: Path) -> None:
    """Proves: an option from 2031 on comes too late for planning year 2030 and, as the plant ends in 2033, altogether:
    1,752 + 4,380 = 6,132. Without its first year: 1,852."""
    assert cost(solved(tmp_path, *parts(), **fleet({**MODERNISE, "first_year": 2031}))) == pytest.approx(6132)


def test_closing_early_a_plant_that_would_end_later_never_goes_below_zero(tmp_path: Path) -> None:
    """Proves: a plant of 1 GW that costs 300 a year to keep is closed for 2030, five or ten years before its end, once
    and whole: 5 x 475.2 + 0 = 2,376, and nothing is below zero afterwards. Without early closure: 5,376."""
    keep = technology("old", variable_cost=20, fixed_cost=300, lifetime=100, wacc=0)
    case = {**fleet(closing_year=2045), "demands": only(flat("north", 1), flat("north", 0, 2030))}
    plan = solved(tmp_path, *parts(), keep, **case)
    assert cost(plan) == pytest.approx(2376)
    assert [value(plan, "left", "old@north", "Old", year) for year in (2025, 2030, 2035)] == pytest.approx([1, 0, 0])
    assert [value(plan, "retire", "old@north", "Old", year) for year in (2030, 2035)] == pytest.approx([1, 0])


def test_retired_plants_cannot_be_modernised_later(tmp_path: Path) -> None:
    """Proves: works of 2035 need a plant that was kept through 2030 (300 a year, with no load to serve): closing it
    and building anew for 200 a year is cheaper: 2,376 + 5 x 287.6 = 3,814. Without the account a closed plant could
    still be modernised, as in E4ST issue 369: 2,376 + 5 x 97.6 = 2,864."""
    keep = technology("old", variable_cost=20, fixed_cost=300, lifetime=100, wacc=0)
    case = {
        **fleet({**MODERNISE, "first_year": 2035}, closing_year=2045),
        "demands": only(*(flat("north", load, year) for year, load in ((2025, 1), (2030, 0), (2035, 1)))),
    }
    plan = solved(
        tmp_path,
        *parts(),
        keep,
        technology("new", variable_cost=10, capital_cost=4000, lifetime=20, wacc=0),
        candidates=[{"technology": "new", "node": "north"}],
        **case,
    )
    assert cost(plan) == pytest.approx(3814)
    assert converted(plan, 2035) == pytest.approx(0)


def test_all_that_is_done_to_a_plant_is_at_most_the_plant(tmp_path: Path) -> None:
    """Proves: with at most 0.6 of a plant to be modernised and 0.6 to be extended (5 a year), and a load of 2 GW in
    2035, 0.6 and 0.4 GW are done: 2030 costs 122.64 + 8, 2035 876 more: 876 + 5 x 130.64 + 5 x 1,006.64 = 6,562.4.
    Without the account 0.6 GW would be extended; without the shares the whole plant modernised: 876 + 488 + 5 x 973.6
    = 6,232."""
    case = {
        **fleet({**MODERNISE, "share": 0.6}, {**EXTEND, "share": 0.6}),
        "demands": only(*(flat("north", load, year) for year, load in ((2025, 1), (2030, 1), (2035, 2)))),
    }
    plan = solved(tmp_path, *parts(), **case)
    assert cost(plan) == pytest.approx(6562.4)
    assert converted(plan, 2030) == pytest.approx(0.6)
    assert converted(plan, 2030, "extend to old") == pytest.approx(0.4)


def test_capacity_stands_still_during_works(tmp_path: Path) -> None:
    """Proves: two of the five years of 2030 are lost for what is modernised then: 0.6 GW of ``mod`` and 0.4 of the
    peaker: 876 + 5 x (402.96 + 10) + 5 x 97.6 = 3,428.8. Without the standstill: 1,852."""
    assert cost(solved(tmp_path, *parts(), **fleet({**MODERNISE, "outage_years": 2}))) == pytest.approx(3428.8)


def test_works_can_change_the_size(tmp_path: Path) -> None:
    """Proves: at a ratio of 1.5 a GW becomes 1.5, paid for by what comes out: for a load of 1.5 GW from 2030 on 876 +
    10 x (131.4 + 15) = 2,340. Without the ratio the peaker would give 0.5: 6,232; were the old size paid for: 2,290.
    What stands still counts after the works too: with two years out 0.9 of 1.5 GW run in 2030: 5 x 8.76 x 0.6 x 90 =
    2,365.2 more."""
    demands = only(flat("north", 1), flat("north", 1.5, 2030))
    case = {**fleet({**MODERNISE, "ratio": 1.5}), "demands": demands}
    assert cost(solved(tmp_path / "on", *parts(), **case)) == pytest.approx(2340)
    case = {**fleet({**MODERNISE, "ratio": 1.5, "outage_years": 2}), "demands": demands}
    assert cost(solved(tmp_path / "out", *parts(), **case)) == pytest.approx(2340 + 2365.2)


def test_an_extension_is_a_new_life_of_the_same_asset(tmp_path: Path) -> None:
    """Proves: an extension moves capacity to a later end in the same asset: 876 + 10 x 180.2 = 2,678. Without it the
    plant would be gone in 2035: 6,132."""
    plan = solved(tmp_path, *parts(), **fleet(EXTEND))
    assert cost(plan) == pytest.approx(2678)
    assert value(plan, "left", "old@north", "Old", 2030) == pytest.approx(0)
    assert value(plan, "left", "old@north", "2030-2050", 2035) == pytest.approx(1)


def test_an_extension_ends_too(tmp_path: Path) -> None:
    """Proves: works for 5 years (100 USD/kW: 20 a year) that finish in 2030 are used up in 2035: 876 + 876 + 4,380 =
    6,132 without them; with them 100 more, so nobody does. Works for 6 years last through 2035 and are paid in both
    planning years: 876 + 10 x (175.2 + 16.667) = 2,794.7. Without an end the works for 5 years would do: 2,828."""
    assert cost(solved(tmp_path / "5", *parts(), **fleet({**EXTEND, "years": 5}))) == pytest.approx(6132)
    assert cost(solved(tmp_path / "6", *parts(), **fleet({**EXTEND, "years": 6}))) == pytest.approx(
        876 + 10 * (175.2 + 100 / 6)
    )


def test_a_coal_plant_becomes_a_gas_plant(tmp_path: Path) -> None:
    """Proves: conversion changes fuel, efficiency, emissions and end: 4 coal at 5 USD/MWh (0.35 t) before, 2 gas at 5
    (0.2 t) afterwards: 876 + 10 x (87.6 + 10) = 1,852, with 12.264 and 3.504 Mt a year. Without another asset for what
    comes out the plant would go on burning coal."""
    fuels = {
        "commodities": [
            {"commodity": "coal", "resolution": "period", "co2_factor": 0.35},
            {"commodity": "gas", "resolution": "period", "co2_factor": 0.2},
        ],
        "fuels": [{"commodity": "coal", "price": 5}, {"commodity": "gas", "price": 5}],
    }
    chps = [
        technology("coal_chp", takes={"coal": 4}, lifetime=100, wacc=0),
        technology("gas_chp", takes={"gas": 2}, lifetime=100, wacc=0),
    ]
    option = {"option": "convert", "from_technology": "coal_chp", "to_technology": "gas_chp", "capital_cost": 200}
    plan = solved(tmp_path, *parts(), *chps, **fuels, **fleet(option, technology="coal_chp"))
    assert cost(plan) == pytest.approx(1852)
    assert plan.results["emissions"].to_numpy() == pytest.approx([12.264, 3.504, 3.504])
    assert plan.results["asset_capacity"].sel(asset="gas_chp@north").to_numpy() == pytest.approx([0, 1, 1])


def test_a_row_for_one_plant_stands_in_place_of_the_general_one(tmp_path: Path) -> None:
    """Proves: of two plants of 0.5 GW one has its own row (2,000 USD/kW: 100 a year), the other the general one (10):
    876 + 10 x (87.6 + 50 + 5) = 2,302. Without its own row: 1,852."""
    case = fleet(MODERNISE, {**MODERNISE, "plant": "Old", "capital_cost": 2000})
    case["plants"] = [{"plant": name, "capacity": 0.5, "closing_year": 2033} for name in ("Old", "Other")] + case[
        "plants"
    ][1:]
    plan = solved(tmp_path, *parts(), **case)
    assert cost(plan) == pytest.approx(2302)
    assert converted(plan, 2030, plant="Other") == pytest.approx(0.5)


def test_an_extension_is_no_modernisation(tmp_path: Path) -> None:
    """Proves: of 0.4 GW to be modernised 0.1 were before the plan (plants.csv); 0.3 GW are modernised at 10 and 0.7
    extended at 5 a year, both at 20 USD/MWh: 876 + 10 x (175.2 + 3 + 3.5) = 2,693. Without the difference extensions
    would do: 2,678; without the 0.1 GW: 2,698."""
    same = technology("mod", variable_cost=20, lifetime=20, wacc=0)
    plan = solved(
        tmp_path,
        *parts(),
        same,
        **fleet(MODERNISE, EXTEND, modernised_capacity=0.1),
        targets=[{"year": 2030, "value": 0.4, "hard": 1}],
        target_terms=[{"measure": "modernised", "select": "thermal"}],
    )
    assert cost(plan) == pytest.approx(2693)
    assert converted(plan, 2030) == pytest.approx(0.3)


@pytest.mark.parametrize(("counts", "gigawatt"), [("works", 0.5), ("both", 0.5), ("new", 1.0)])
def test_works_count_in_the_pace_that_counts_them(tmp_path: Path, counts: str, gigawatt: float) -> None:
    """Proves: a pace of 0.1 GW a year lets works on 0.5 GW finish in the five years before 2030 if it counts works,
    and does not limit them if it counts new builds. Without it 1 GW would be modernised each time."""
    plan = solved(
        tmp_path, *parts(), build_limits=[{"select": "mod", "rate": 0.1, "counts": counts}], **fleet(MODERNISE)
    )
    assert converted(plan, 2030) == pytest.approx(gigawatt)


PROOFS: Proofs = {
    "capacity_account": (
        test_an_old_plant_becomes_a_better_one,
        test_retired_plants_cannot_be_modernised_later,
        test_all_that_is_done_to_a_plant_is_at_most_the_plant,
    ),
    "works_standstill": (test_capacity_stands_still_during_works, test_works_can_change_the_size),
    "workable_share": (test_all_that_is_done_to_a_plant_is_at_most_the_plant,),
    "works": (test_an_old_plant_becomes_a_better_one,),
}
