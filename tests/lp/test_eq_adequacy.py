"""Reserve margins and operating reserve, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south; ``Old`` in the north, 2 GW unless a test says otherwise, costs 20
USD/MWh: 262.8 million USD a year. Missing firm capacity costs 50 USD/kW a year, missing reserve 300 USD/MWh.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.outputs.prices import Prices
from model.study import Plan
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved, study, value
from tests.studies import Row, Rows, flat, only, technology

BASE = 262.8
"""Million USD for a year without any margin or reserve."""

ZONES: list[Row] = [{"node": "north", "zone": "n"}, {"node": "south", "zone": "s"}]
SOUTH: Row = {"plant": "South", "node": "south", "technology": "dear"}
BACK: Row = {"link": "back", "from_node": "south", "to_node": "north"}
JOINT: dict[str, Any] = {"interface_members": [{"link": "north_south"}, {"link": "back", "direction": -1}]}
"""Two links that are defined in opposite directions and count together in the flow to the south."""


def margin(share: float = 0.2, zone: str = "all", penalty: float | str = 50, **more: Any) -> Row:
    """A row of reserve_margins.csv."""
    return {"zone": zone, "margin": share, "penalty": penalty, **more}


def reserve(largest_unit: float, zone: str = "all", penalty: float | str = 300, **more: Any) -> Row:
    """A row of operating_reserves.csv."""
    return {"zone": zone, "largest_unit": largest_unit, "penalty": penalty, **more}


def dear(**values: Any) -> Rows:
    """A plant of 50 USD/MWh, which neither counts as firm nor responds unless ``values`` say so."""
    return technology("dear", **{"variable_cost": 50, "lifetime": 100, "capacity_credit": 0, **values})


def old(response: float, **values: Any) -> Rows:
    """``Old`` with a response."""
    return technology("old", variable_cost=20, lifetime=100, response=response, **values)


def dual(plan: Plan, equation: str, year: int) -> float:
    """The present value of tightening an equation by one GW in all of its rows of a year, per year."""
    prices = Prices(plan.program, plan.solution.row_dual, plan.accounts)
    own = plan.program.row_family(equation).to_array(prices.duals).sel(year=year)
    return float(own.sum() / prices.weight.sel(year=year))


# Reserve margins


def _with_credits(folder: Path, penalty: float | str = "", **options: Any) -> Plan:
    """Old with failures, wind, a battery, and two things to build, for 1.5 GW of load in 2025 and 2030."""
    wind: dict[str, Any] = {"declared": {"availability": "wind_cf", "group": "wind"}, "lifetime": 100}
    return solved(
        folder,
        technology("old", variable_cost=20, lifetime=100, forced_outage=0.1),
        technology("wind", capacity_credit=0.15, **wind),
        technology("battery", kind="storage", duration=4, capital_cost=300, lifetime=20, wacc=0),
        technology("turbine", variable_cost=100, capacity_credit=0.8, capital_cost=400, lifetime=20, wacc=0),
        years=(2025, 2030),
        plants=[
            {"plant": "Old", "capacity": 1.7},
            {"plant": "Wind", "technology": "wind", "capacity": 0.4},
            {"plant": "Store", "technology": "battery", "capacity": 0.1},
        ],
        candidates=[{"technology": name} for name in ("battery", "turbine")],
        reserve_margins=[margin(penalty=penalty, year=2030)],
        **options,
    )


RUNNING = 10 * YEAR * 1.3 * 20
"""Ten years of 1.3 GW of Old beside 0.2 GW of wind."""


def test_a_margin_is_met_by_what_is_firm(tmp_path: Path) -> None:
    """Proves: 1.2 x 1.5 = 1.8 GW are asked for; 1.7 GW x 0.9, 0.4 of wind x 0.15 and a battery of 4 of 8 hours, 0.1 x
    0.5, are 1.64. The 0.16 that lack are 0.2 GW of turbines with a credit of 0.8, at 400 / 20 = 20 USD/kW a year: 5 x
    4 = 20 million. A firm kW costs 25, less than the 15 / 0.5 = 30 of a battery, and that is the price of adequacy.
    Without the margin nothing is built; without credits neither; with all of the battery 0.1375 GW would do."""
    plan = _with_credits(tmp_path)
    assert value(plan, "build", "turbine@north", 2030) == pytest.approx(0.2)
    assert cost(plan) == pytest.approx(RUNNING + 20)
    assert dual(plan, "reserve_margin", 2030) == pytest.approx(25)


def test_a_soft_margin_is_worth_its_penalty(tmp_path: Path) -> None:
    """Proves: at 24 USD/kW a year a margin is missed by 0.16 GW, 5 x 0.16 x 24 = 19.2; at 26 it is built: 20. Without
    the cost of what is missing nothing would be built at any penalty, and nothing paid."""
    missed = _with_credits(tmp_path / "missed", 24)
    assert value(missed, "margin_shortfall", "all", 2030) == pytest.approx(0.16)
    assert cost_of(missed, "margins") == pytest.approx(19.2)
    assert dual(missed, "reserve_margin", 2030) == pytest.approx(24)
    assert cost(_with_credits(tmp_path / "built", 26)) == pytest.approx(RUNNING + 20)


def test_adequacy_is_a_choice_of_the_study(tmp_path: Path) -> None:
    """Proves: with `adequacy` off nothing is built. Without the choice 20 million."""
    assert cost(_with_credits(tmp_path, adequacy=False)) == pytest.approx(RUNNING)


def test_wind_counts_with_what_it_gives_at_the_net_peak(tmp_path: Path) -> None:
    """Proves: wind that gives 0.5 at the net peak is 0.2 GW firm, 0.14 more than the table has it: 0.02 GW lack, 0.025
    of turbines. Without the net peak 0.2 GW are built."""
    plan = _with_credits(tmp_path, capacity_credits="net_peak")
    assert value(plan, "build", "turbine@north", 2030) == pytest.approx(0.025)


def _missing(folder: Path, *parts: Rows, zone: str = "all", **options: Any) -> float:
    """GW that a zone lacks in 2025."""
    return value(solved(folder, *parts, **options), "margin_shortfall", zone, 2025)


@pytest.mark.parametrize(
    ("corner", "spare", "short"),
    [({"electricity": 0.75, "heat": 1.25}, 0.1, 0.1), ({"heat": 2.0}, 0.3, 0.05)],
    ids=["backpressure", "no power at all"],
)
def test_heat_lessens_what_a_station_can_give(
    tmp_path: Path, corner: dict[str, float], spare: float, short: float
) -> None:
    """Proves: a station of 1 GW gives 0.5 GW of heat from 0.4 of its capacity at a loss of 0.25 each, 0.1 GW, or from
    0.25 of it with no power at all, 0.25 GW. With 0.1 or 0.3 GW beside it 1 or 1.05 GW are firm, of the 1.1 that 1 GW
    of load asks for. Without the loss to heat nothing would lack."""
    ports = [{"technology": "chp", "mode": "heated", "commodity": c, "yield": y} for c, y in corner.items()]
    station = technology("chp", lifetime=100)
    station = {
        **station,
        "modes": [*station["modes"], {"technology": "chp", "mode": "heated"}],
        "ports": [*station["ports"], *ports],
        "commodities": [{"commodity": "heat"}],
    }
    short_of = _missing(
        tmp_path,
        station,
        plants=[{"plant": "Old", "capacity": spare}, {"plant": "Chp", "technology": "chp"}],
        demands=only(flat("north", 1), flat("north", 0.5, commodity="heat")),
        reserve_margins=[margin(0.1)],
    )
    assert short_of == pytest.approx(short)


@pytest.mark.parametrize("resolution", ["step", "period", "year"])
def test_what_plants_take_counts_with_the_margin(tmp_path: Path, resolution: str) -> None:
    """Proves: 0.2 GW of a product made with 0.5 of power each take 0.1 GW, whether they are decided by step, period or
    year: 1.2 x 1.6 = 1.92 GW are asked for, and 1.8 stand. Without what plants take 1.8 are enough; without the margin
    on it 0.1 would lack."""
    short_of = _missing(
        tmp_path,
        technology("pump", gives={"product": 1}, takes={"electricity": 0.5}, lifetime=100),
        commodities=[{"commodity": "product", "resolution": resolution}],
        plants=[{"plant": "Old", "capacity": 1.8}, {"plant": "Pump", "technology": "pump"}],
        demands=[flat("north", 0.2, commodity="product")],
        reserve_margins=[margin()],
    )
    assert short_of == pytest.approx(0.12)


def test_traction_takes_its_power_where_it_runs(tmp_path: Path) -> None:
    """Proves: a railway that takes 0.1 of power at its start and 0.3 at its end asks 0.05 GW of the north and 0.15 of
    the south for 0.5 of freight: 1.2 x 1.05 and 1.2 x 0.65 GW, none of it firm. Without the place each zone would
    count all of it: 1.44 and 0.84."""
    train = technology("train", kind="link", gives={"freight": 1}, lifetime=100)
    taken = {"from": -0.1, "to": -0.3}
    ports = [{"technology": "train", "mode": "forward", "place": p, "yield": y} for p, y in taken.items()]
    plan = solved(
        tmp_path,
        technology("old", variable_cost=20, capacity_credit=0, lifetime=100),
        {**train, "ports": [*train["ports"], *ports]},
        nodes=ZONES,
        commodities=[{"commodity": "freight", "resolution": "year"}],
        links=[{"link": "rails", "technology": "train"}],
        fuels=[{"commodity": "freight", "price": 0}],
        demands=[flat("south", 0.5, commodity="freight")],
        reserve_margins=[margin(zone="n"), margin(zone="s")],
    )
    assert value(plan, "margin_shortfall", "n", 2025) == pytest.approx(1.26)
    assert value(plan, "margin_shortfall", "s", 2025) == pytest.approx(0.78)


def test_the_country_has_its_own_plants_and_firm_imports(tmp_path: Path) -> None:
    """Proves: of the 1.8 GW asked of `all` 1.6 stand and 0.15 are firm imports: 0.05 lack, whatever stands and is used
    abroad. Without the imports 0.2; with 1 GW of plants and 0.5 of load abroad nothing."""
    short_of = _missing(
        tmp_path,
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad"}],
        plants=[{"plant": "Old", "capacity": 1.6}, {"plant": "Far", "node": "abroad"}],
        demands=[flat("abroad", 0.5)],
        reserve_margins=[margin(firm_imports=0.15)],
    )
    assert short_of == pytest.approx(0.05)


def _lent(folder: Path, *zones: str, capacity: float = 2, availability: float = 0.6) -> Plan:
    """1.2 GW asked of the north, 0.6 of the south, which has no plant; a link that loses a tenth."""
    return solved(
        folder,
        technology("line", kind="link", loss=0.05, loss_length=100),
        nodes=ZONES,
        plants=[{"plant": "Old", "capacity": capacity}],
        links=[{"link": "north_south", "length": 200, "availability": availability}],
        reserve_margins=[margin(zone=zone) for zone in zones],
    )


def test_zones_lend_each_other_what_a_link_carries(tmp_path: Path) -> None:
    """Proves: 0.6 of a link of 1 GW brings 0.54 GW of firm capacity, so that 0.06 of the 0.6 GW lack, 3 million USD.
    Without its limit nothing lacks; without the loss neither; without lending 30 million."""
    plan = _lent(tmp_path, "n", "s")
    assert value(plan, "firm_exchange", "north_south", "forward", 2025) == pytest.approx(0.6)
    assert cost_of(plan, "margins") == pytest.approx(3)
    assert cost(plan) == pytest.approx(YEAR * 20 * (1 + 0.5 / 0.9) + 3)


def test_a_zone_lends_what_it_has(tmp_path: Path) -> None:
    """Proves: of 1.6 GW 0.4 are not needed in the north and 0.36 arrive: 0.24 lack. Without the margin of the lender
    0.06. A zone of which nothing is asked lends nothing: 0.6."""
    assert cost_of(_lent(tmp_path / "both", "n", "s", capacity=1.6), "margins") == pytest.approx(12)
    assert cost_of(_lent(tmp_path / "one", "s"), "margins") == pytest.approx(30)


def test_an_interface_limits_what_zones_lend(tmp_path: Path) -> None:
    """Proves: 0.3 GW over both links bring half of the 0.6 GW: 0.3 lack, 15 million. Without the limit nothing."""
    plan = solved(
        tmp_path,
        dear(),
        nodes=ZONES,
        plants=[SOUTH],
        links=[BACK],
        interfaces=[{"interface": "southward", "limit": 0.3}],
        reserve_margins=[margin(zone="n"), margin(zone="s")],
        **JOINT,
    )
    assert cost_of(plan, "margins") == pytest.approx(15)
    assert cost(plan) == pytest.approx(YEAR * (1.3 * 20 + 0.2 * 50) + 15)


# Operating reserve


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
        technology("battery", kind="storage", duration=4, response=1, lifetime=100),
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
        technology("battery", kind="storage", duration=12, response=1, lifetime=100),
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
    spare: dict[str, Any] = {"kind": kind, "response": 1, "variable_cost": 100, "lifetime": 100, "wacc": 0}
    works = {"from_technology": "spare", "to_technology": "renewed", "outage_years": 2, "capital_cost": 40}
    plan = _ready(
        tmp_path,
        *(technology(name, **spare, **({"duration": 4} if kind == "storage" else {})) for name in ("spare", "renewed")),
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
    ``Cheap`` gives 0.1 of its 0.4 GW: 8.76 x (0.5 x 20 + 0.1 x 10) = 96.36. Where idle units respond too: 70.08."""
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


# The matrix


def test_margins_and_reserves_are_the_same_as_pyomos(tmp_path: Path) -> None:
    """Proves: with zones and the country, links, an interface that grows, commitment and works the matrix of these
    equations is Pyomo's. Without it the compiler could turn a right equation into a wrong row."""
    statement = study(
        tmp_path,
        old(0.5, minimum_load=0.4),
        dear(response=0.3, capital_cost=500),
        technology("heated", gives={"electricity": 0.6, "heat": 1}, lifetime=50, response=0.1),
        technology("pump", gives={"heat": 3}, takes={"electricity": 1}, lifetime=50),
        technology("wind", declared={"availability": "wind_cf", "group": "wind"}, capital_cost=900, lifetime=20),
        technology("battery", kind="storage", duration=4, capital_cost=300, lifetime=20, response=0.9),
        technology("line", kind="link", loss=0.05, loss_length=100, lifetime=40),
        nodes=ZONES,
        years=(2025, 2030),
        commodities=[{"commodity": "heat"}],
        plants=[SOUTH, {"plant": "Heated", "technology": "heated"}, {"plant": "Pump", "technology": "pump"}],
        options=[{"option": "renew", "to_technology": "dear", "outage_years": 1}],
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
    assert [name for name in PROOFS if name not in ("margins", "reserve") and not program.row_family(name).size] == []


PROOFS: Proofs = {
    "reserve_margin": (
        test_a_margin_is_met_by_what_is_firm,
        test_traction_takes_its_power_where_it_runs,
        test_the_country_has_its_own_plants_and_firm_imports,
        test_a_zone_lends_what_it_has,
    ),
    "firm_exchange_limit": (test_zones_lend_each_other_what_a_link_carries,),
    "interface_firm": (test_an_interface_limits_what_zones_lend,),
    "operating_reserve": (
        test_the_largest_unit_is_covered_by_what_stands_idle,
        test_load_wind_and_sun_ask_for_reserve,
        test_water_that_is_kept_back_responds,
        test_a_store_that_gives_power_is_not_ready_with_it,
        test_units_that_are_committed_respond_while_they_run,
    ),
    "reserve_exchange_limit": (test_a_link_keeps_room_for_reserve,),
    "interface_reserve": (test_an_interface_keeps_room_for_reserve,),
    "margins": (test_a_soft_margin_is_worth_its_penalty,),
    "reserve": (test_reserve_that_is_missing_is_paid_for,),
}
