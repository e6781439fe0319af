"""Reserve margins, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south; ``Old`` in the north, 2 GW unless a test says otherwise, costs 20
USD/MWh. Firm capacity that is missing costs 50 USD/kW a year.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.reserves import BACK, JOINT, SOUTH, ZONES, battery, dear, dual, margin
from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved, value
from tests.studies import Rows, flat, only, technology


def _with_credits(folder: Path, penalty: float | str = "", **options: Any) -> Plan:
    """Old with failures, wind, a battery, and two things to build, for 1.5 GW of load in 2025 and 2030."""
    wind: dict[str, Any] = {"declared": {"availability": "wind_cf", "group": "wind"}, "lifetime": 100}
    return solved(
        folder,
        technology("old", variable_cost=20, lifetime=100, forced_outage=0.1),
        technology("wind", capacity_credit=0.15, **wind),
        battery(capital_cost=300, lifetime=20, wacc=0),
        technology("turbine", variable_cost=100, capacity_credit=0.8, capital_cost=400, lifetime=20, wacc=0),
        years=(2025, 2030),
        plants=[
            {"plant": "Old", "capacity": 1.7},
            {"plant": "Wind", "technology": "wind", "capacity": 0.4},
            {"plant": "Store", "technology": "battery", "capacity": 0.1, "start_year": 2024},
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
    """Proves: of the 1.8 GW asked of `all` 1.6 stand and 0.15 are firm imports: 0.05 lack, whatever stands abroad.
    Without the imports 0.2; with the plant abroad nothing."""
    short_of = _missing(
        tmp_path,
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad"}],
        plants=[{"plant": "Old", "capacity": 1.6}, {"plant": "Far", "node": "abroad"}],
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


PROOFS: Proofs = {
    "reserve_margin": (
        test_a_margin_is_met_by_what_is_firm,
        test_traction_takes_its_power_where_it_runs,
        test_the_country_has_its_own_plants_and_firm_imports,
        test_a_zone_lends_what_it_has,
    ),
    "firm_exchange_limit": (test_zones_lend_each_other_what_a_link_carries,),
    "interface_firm": (test_an_interface_limits_what_zones_lend,),
    "margins": (test_a_soft_margin_is_worth_its_penalty,),
}
