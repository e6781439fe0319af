"""Operating reserve, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south; ``Old`` in the north, 2 GW unless a test says otherwise, costs 20
USD/MWh: 262.8 million USD a year. Missing reserve costs 300 USD/MWh.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.lp.compile import compile_lp
from model.study import Plan
from tests.lp.compare import assert_same_as_pyomo, named
from tests.lp.reserves import BACK, JOINT, SOUTH, ZONES, battery, dear, dual, margin, old, reserve
from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved, study
from tests.studies import Rows, flat, only, technology

BASE = 262.8
"""Million USD for a year without any reserve."""


def _ready(folder: Path, *parts: Rows, plants: Any = (), needs: Any = (), **options: Any) -> Plan:
    """The plan with ``South``, which costs 50 USD/MWh and does not respond, and the reserves that are asked for."""
    case = {"operating_reserve": True, "operating_reserves": list(needs), "plants": [SOUTH, *plants], **options}
    return solved(folder, dear(), *parts, **case)


def test_the_largest_unit_is_covered_by_what_stands_idle(tmp_path: Path) -> None:
    """Proves: half of the 0.5 GW that stand idle can respond; for the 0.3 GW of the largest unit ``South`` gives 0.1 in
    place of ``Old``: 262.8 + 8.76 x 0.1 x 30 = 289.08, and 1 MW of reserve costs 30 / 0.5 = 60 USD/MWh. Without the
    reserve 262.8; without the response nothing would have to change either."""
    plan = _ready(tmp_path, old(0.5), needs=[reserve(0.3, penalty="")])
    assert cost(plan) == pytest.approx(289.08)
    assert dual(plan, "operating_reserve", 2025) == pytest.approx(YEAR * 60)


def test_reserve_that_is_missing_is_paid_for(tmp_path: Path) -> None:
    """Proves: at 30 USD/MWh 0.05 GW are missing all year: 8.76 x 0.05 x 30 = 13.14. Without the cost 262.8; without the
    hours 0.0015."""
    plan = _ready(tmp_path, old(0.5), needs=[reserve(0.3, penalty=30)])
    assert cost(plan) == pytest.approx(BASE + 13.14)
    assert cost_of(plan, "reserve") == pytest.approx(13.14)


def test_reserve_is_a_choice_of_the_study(tmp_path: Path) -> None:
    """Proves: with `operating_reserve` off nothing is kept. Without the choice 289.08."""
    plan = _ready(tmp_path, old(0.5), needs=[reserve(0.3, penalty="")], operating_reserve=False)
    assert cost(plan) == pytest.approx(BASE)


def test_load_wind_and_sun_ask_for_reserve(tmp_path: Path) -> None:
    """Proves: 0.1 of 1.5 GW of load, half of 0.2 GW of wind and a quarter of 0.1 GW of sun are 0.275 GW. ``Old`` gives
    the other 1.2 of its 1.6 GW, and half of what is left, 0.2, responds: ``South`` gives 0.15: 8.76 x (1.2 x 20 + 0.15
    x 30) = 249.66. Without the load, the wind or the sun it gives 0, 0 or 0.1."""
    weather = {"wind": "wind_cf", "solar": "pv_fixed_cf"}
    plan = _ready(
        tmp_path,
        old(0.5),
        *(technology(g, declared={"availability": a, "group": g}, lifetime=100) for g, a in weather.items()),
        plants=[
            {"plant": "Old", "capacity": 1.6},
            *({"plant": f"New {name}", "technology": name, "capacity": 0.4} for name in weather),
        ],
        needs=[reserve(0, load_share=0.1, wind_share=0.5, solar_share=0.25)],
    )
    assert cost(plan) == pytest.approx(249.66)


def test_water_that_is_kept_back_responds(tmp_path: Path) -> None:
    """Proves: a dam of 0.3 GW with water for half of the year and a battery of 0.1 GW are ready with 0.8 x 0.15 + 0.1 =
    0.22 GW; for 0.25 the dam runs at 0.1125: 8.76 x 1.3875 x 20 = 243.09. Without the reserve it runs at 0.15: 236.52;
    without the battery ``Old`` would give 1.425."""
    plan = _ready(
        tmp_path,
        technology("dam", response=0.8, lifetime=100),
        battery(response=1),
        plants=[
            {"plant": "Dam", "technology": "dam", "capacity": 0.3},
            {"plant": "Store", "technology": "battery", "capacity": 0.1},
        ],
        energy_limits=[{"technology": "dam"}],
        needs=[reserve(0.25)],
    )
    assert cost(plan) == pytest.approx(243.09)


def test_a_store_that_gives_power_is_not_ready_with_it(tmp_path: Path) -> None:
    """Proves: of a battery of 0.2 GW 0.15 must stand ready, so that it brings 0.05 GW from the half with 0.5 GW of load
    to that with 1.5, where ``Old`` has 1.3: 4.38 x (26 + 0.15 x 50 + 0.55 x 20) = 194.91. Without the reserve 175.2."""
    plan = _ready(
        tmp_path,
        battery(duration=12, response=1),
        plants=[{"plant": "Old", "capacity": 1.3}, {"plant": "Store", "technology": "battery", "capacity": 0.2}],
        needs=[reserve(0.15)],
        demands=only(flat("north", 1)),
        load=lambda month, hour: 1.5 if hour < 12 else 0.5,
        step_hours=12,
    )
    assert cost(plan) == pytest.approx(194.91)


@pytest.mark.parametrize("kind", ["conversion", "storage"])
def test_what_stands_still_for_works_is_not_ready(tmp_path: Path, kind: str) -> None:
    """Proves: 0.5 GW whose works take two of five years are ready with 0.3 GW, and 0.1 of the 0.4 GW asked for are
    missing: 5 x 8.76 x 0.1 x 300 = 1,314. Without the standstill nothing is missing."""
    stored = {"duration": 4, "charge_efficiency": 1, "discharge_efficiency": 1} if kind == "storage" else {}
    spare: dict[str, Any] = {"kind": kind, "response": 1, "variable_cost": 100, "lifetime": 100, "wacc": 0, **stored}
    works = {"from_technology": "spare", "to_technology": "renewed", "outage_years": 2, "capital_cost": 40}
    plan = _ready(
        tmp_path,
        *(technology(name, **spare) for name in ("spare", "renewed")),
        years=(2025, 2030),
        plants=[{"plant": "Spare", "technology": "spare", "capacity": 0.5, "closing_year": 2031}],
        options=[{"option": "modernise", **works}],
        target_terms=[{"measure": "modernised", "select": "renewed"}],
        targets=[{"year": 2030, "value": 0.5, "hard": 1}],
        needs=[reserve(0.4, year=2030)],
    )
    assert cost_of(plan, "reserve") == pytest.approx(1314)


def test_units_that_are_committed_respond_while_they_run(tmp_path: Path) -> None:
    """Proves: 0.5 GW of reserve from units that run at half load or more need 1 GW online and 0.5 of output, so that
    ``Cheap`` gives 0.1 of its 0.4 GW: 8.76 x (0.5 x 20 + 0.1 x 10) = 96.36. Without commitment
    idle units respond too: 70.08."""
    case: dict[str, Any] = {
        "plants": [{"plant": "Cheap", "technology": "cheap", "capacity": 0.4}],
        "demands": only(flat("north", 0.6)),
        "needs": [reserve(0.5)],
    }
    parts = (old(1, minimum_load=0.5), technology("cheap", variable_cost=10, lifetime=100))
    assert cost(_ready(tmp_path / "relaxed", *parts, commitment="relaxed", **case)) == pytest.approx(96.36)
    assert cost(_ready(tmp_path / "none", *parts, **case)) == pytest.approx(70.08)


def _from_the_north(folder: Path, *zones: str, **options: Any) -> float:
    """Cost where half of what stands idle in the north responds, and the south must have 0.2 GW."""
    needs = [reserve(0.2 if zone == "s" else 0, zone) for zone in zones]
    return cost(_ready(folder, old(0.5), nodes=ZONES, needs=needs, **options))


def test_a_link_keeps_room_for_reserve(tmp_path: Path) -> None:
    """Proves: a link of 0.8 GW of which 0.75 can be used keeps 0.2 free and carries 0.4; ``South`` gives 0.1: 262.8 +
    26.28. Without the room 262.8. From a zone of which nothing is asked no reserve comes: 0.2 x 300 x 8.76 more."""
    links = [{"link": "north_south", "capacity": 0.8, "availability": 0.75}]
    assert _from_the_north(tmp_path / "lent", "n", "s", links=links) == pytest.approx(289.08)
    assert _from_the_north(tmp_path / "alone", "s", links=links) == pytest.approx(BASE + 525.6)


def test_a_flow_the_other_way_leaves_more_room(tmp_path: Path) -> None:
    """Proves: a link that brings 0.3 GW north can turn round by 0.6: 0.5 GW of reserve come for the south, and 0.8 GW
    at 10 USD/MWh and 0.7 at 20 cost 192.72. Without the flow 0.3 would be the most, and 0.2 be missing."""
    plan = _ready(
        tmp_path,
        old(0.5),
        technology("cheap", variable_cost=10, lifetime=100),
        nodes=ZONES,
        plants=[{"plant": "Cheap", "node": "south", "technology": "cheap", "capacity": 0.8}],
        links=[{"link": "north_south", "capacity": 0.3}],
        needs=[reserve(0, "n"), reserve(0.5, "s")],
    )
    assert cost(plan) == pytest.approx(192.72)


def test_an_interface_keeps_room_for_reserve(tmp_path: Path) -> None:
    """Proves: two links of 1 GW in an interface of 0.6 keep 0.2 of it free: 289.08. Without it 262.8."""
    limit = {"interface": "southward", "limit": 0.6}
    assert _from_the_north(tmp_path, "n", "s", links=[BACK], interfaces=[limit], **JOINT) == pytest.approx(289.08)


def test_margins_and_reserves_are_the_same_as_pyomos(tmp_path: Path) -> None:
    """Proves: with zones and the country, links, an interface that grows, commitment and works the matrix of these
    equations is Pyomo's. Without it the compiler could turn a right equation into a wrong row."""
    life: dict[str, Any] = {"lifetime": 20, "wacc": 0}
    statement = study(
        tmp_path,
        old(0.5, minimum_load=0.4),
        dear(response=0.3, capital_cost=500, wacc=0),
        technology("heated", gives={"electricity": 0.6, "heat": 1}, lifetime=50, response=0.1),
        technology("pump", gives={"heat": 3}, takes={"electricity": 1}, lifetime=50),
        technology("wind", declared={"availability": "wind_cf", "group": "wind"}, capital_cost=900, **life),
        battery(response=0.9, capital_cost=300, **life),
        technology("line", kind="link", loss=0.05, loss_length=100, length_cost=1, **life),
        nodes=ZONES,
        years=(2025, 2030),
        commodities=[{"commodity": "heat"}],
        plants=[SOUTH, {"plant": "Heated", "technology": "heated"}, {"plant": "Pump", "technology": "pump"}],
        options=[{"option": "modernise", "to_technology": "dear", "outage_years": 1}],
        candidates=[{"technology": name, "node": "south"} for name in ("dear", "wind", "battery")],
        links=[BACK, {"link": "new", "status": "candidate", "first_year": 2030}],
        interfaces=[{"interface": "southward", "limit": 0.6}],
        interface_members=[*JOINT["interface_members"], {"link": "new", "uplift": 0.5}],
        demands=[flat("north", 0.4, commodity="heat")],
        reserve_margins=[margin(zone="n"), margin(zone="s", penalty=""), margin(year=2030)],
        operating_reserves=[reserve(0.2, z, load_share=0.02, wind_share=0.1) for z in ("n", "s", "all")],
        operating_reserve=True,
        commitment="relaxed",
        step_hours=12,
    ).statement()
    program = assert_same_as_pyomo(statement)
    assert program.fallbacks == ()
    names = ("reserve_margin", "firm_exchange_limit", "interface_firm", *PROOFS)
    assert [name for name in names if name != "reserve" and program.row_family(name).size == 0] == []


def test_what_charges_can_stop(tmp_path: Path) -> None:
    """Proves: in the row of a reserve a store of 0.9 response counts with 0.9 of its power, 0.9 of what it charges and
    -0.9 of what it gives. Without the charge a store that is filled would seem to be ready with less than it is."""
    statement = study(
        tmp_path,
        battery(response=0.9),
        plants=[{"plant": "Store", "technology": "battery"}],
        operating_reserves=[reserve(0.2)],
        operating_reserve=True,
    ).statement()
    row = named(compile_lp(statement, bounds=False)).rows["operating_reserve", ("all", 2025, "all/00")]
    found = {name: coefficient for (name, labels), coefficient in row.coefficients.items() if "battery@north" in labels}
    assert found == pytest.approx({"capacity": 0.9, "charge": 0.9, "discharge": -0.9})


PROOFS: Proofs = {
    "operating_reserve": (
        test_the_largest_unit_is_covered_by_what_stands_idle,
        test_load_wind_and_sun_ask_for_reserve,
        test_water_that_is_kept_back_responds,
        test_a_store_that_gives_power_is_not_ready_with_it,
        test_units_that_are_committed_respond_while_they_run,
    ),
    "reserve_exchange_limit": (test_a_link_keeps_room_for_reserve,),
    "interface_reserve": (test_an_interface_keeps_room_for_reserve,),
    "reserve": (test_reserve_that_is_missing_is_paid_for,),
}
