"""What results say of the network and of security, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south; ``Old`` in the north, 2 GW, costs 20 USD/MWh.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from rich.console import Console

from model.outputs.tables import print_plan
from model.study import Plan
from tests.commands import answer, call
from tests.lp.reserves import SOUTH, ZONES, battery, dear, margin, old, reserve
from tests.lp.solved import YEAR, solved
from tests.studies import HOURS, Row, Rows, flat, only, technology, write_study

LOST: tuple[str, ...] = ("north_south", "north_east", "south_east")


def line(**values: Any) -> Rows:
    """A line of 5 million USD per GW and year for 100 km."""
    return technology("line", kind="link", length_cost=1, lifetime=20, wacc=0, **values)


def ring(penalty: float) -> dict[str, Any]:
    """Half a GW of load in the south and in the east, each on a line of its own from the north.

    Both lines can be widened, and from 2030 on a third can join south and east and close a ring; each can be lost then.
    """
    third = {"status": "candidate", "length": 40, "first_year": 2030, "ring": 1, "name": "South - East"}
    links: list[Row] = [
        {"link": "north_south", "capacity": 0.5, "expansion": 1},
        {"link": "north_east", "to_node": "east", "capacity": 0.5, "expansion": 1},
        {"link": "south_east", "from_node": "south", "to_node": "east", **third},
    ]
    goal = {"target": "secure", "sense": "max", "value": 0, "year": 2030, "penalty": penalty}
    return {
        "years": (2025, 2030),
        "nodes": [{"node": "east"}],
        "links": links,
        "demands": only(flat("north", 0.5), flat("south", 0.5), flat("east", 0.5)),
        "weather": [{"node": "east", "month": month} for month in range(1, 13)],
        "security": "n-1",
        "contingencies": [{"contingency": f"loss of {n}", "link": n, "share": 1, "first_year": 2030} for n in LOST],
        "targets": [goal],
        "target_terms": [{"target": "secure", "measure": "insecure", "select": "all"}],
    }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The ring, closed, because shedding would cost more."""
    return solved(
        tmp_path_factory.mktemp("ring"), line(), technology("old", variable_cost=20, lifetime=100), **ring(13)
    )


def printed(results: xr.Dataset) -> str:
    """What a person reads, blanks and frames taken out."""
    out = io.StringIO()
    print_plan(results, Console(file=out, width=250))
    return " ".join(out.getvalue().replace("│", " ").split())


def at(results: xr.Dataset, name: str, **labels: Any) -> float:
    """One number of the results."""
    return float(results[name].sel(labels).item())


def test_a_plain_study_says_nothing_of_security(tmp_path: Path) -> None:
    """Proves: no zones, contingencies, reserves or reactances where none are asked for. Without it every small study
    would carry empty dims."""
    results = solved(tmp_path).results
    assert {"zone", "direction", "contingency"}.isdisjoint(results.sizes)
    assert {"insecurity", "reactance_used", "firm_capacity", "reserve_need"}.isdisjoint(results.variables)


def test_new_lines_by_name(secured: Plan) -> None:
    """Proves: three lines of 0.5 GW come in 2030, one of them closes the ring, and plan prints them. Without it a
    reader would have to find them among all capacities."""
    results = secured.results
    assert results["link_first_year"].to_numpy().tolist() == [2030] * 3
    assert results["link_ring"].to_numpy().tolist() == [0, 0, 1]
    assert results["link_name"].to_numpy().tolist() == ["north_south", "north_east", "South - East"]
    assert "South - East ring 2030 0.00 0.50" in printed(results)
    assert set(results["link_commodity"].to_numpy()) == {"electricity"}


def test_how_full_lines_are(secured: Plan) -> None:
    """Proves: a line of 0.5 GW that carries 0.5 is full all year; one of 1 GW is half full and never at its limit.
    Without it a planner would not see where the network binds."""
    results = secured.results
    for year, share, hours in ((2025, 1.0, HOURS), (2030, 0.5, 0)):
        for name in ("loading_mean", "loading_max"):
            assert at(results, name, link="north_south", year=year) == pytest.approx(share)
        assert at(results, "hours_at_limit", link="north_south", year=year) == pytest.approx(hours)
    assert results["loading_max"].sel(link="south_east", year=2025).isnull().item()


def test_which_contingency_drives_which_reinforcement(secured: Plan) -> None:
    """Proves: the northern lines are widened for 5 million a GW and year each because the other can be lost, and the
    third line, at 40 km for 2, because either can; its own loss is worth nothing. Without it the worth of capacity
    would not tell what it is for."""
    results = secured.results
    driven = results["contingency_capacity_price"].sel(year=2030)
    assert driven.sum("contingency").to_numpy() == pytest.approx([5, 5, 2])
    assert at(driven.to_dataset(name="x"), "x", contingency="loss of north_east", link="north_south") == pytest.approx(
        5
    )
    assert at(driven.to_dataset(name="x"), "x", contingency="loss of north_south", link="north_east") == pytest.approx(
        5
    )
    assert driven.sel(contingency="loss of south_east").sum().item() == pytest.approx(0)
    assert results["contingency_capacity_price"].sel(year=2025).sum().item() == 0
    assert "loss of north_east 0.00 0.00 north_south (5.0 USD/kW/year)" in printed(results)
    assert results["contingency_shed"].max().item() == pytest.approx(0)
    assert results["contingency_moments"].sel(year=2030).to_numpy().tolist() == [1, 1, 1]


def test_what_is_shed_after_a_contingency(tmp_path: Path) -> None:
    """Proves: at 11 million a GW nothing is built, the loss of a northern line sheds 0.5 GW, which is the insecurity of
    the year, and the prices of contingencies sum to that of the goal. Without it the goal would be a number without a
    cause."""
    results = solved(tmp_path, line(), technology("old", variable_cost=20, lifetime=100), **ring(11)).results
    shed = [at(results, "contingency_shed", contingency=f"loss of {name}", year=2030) for name in LOST]
    assert shed == pytest.approx([0.5, 0.5, 0])
    assert results["insecurity"].to_numpy() == pytest.approx([0, 0.5])
    assert results["contingency_price"].sel(year=2030).sum().item() == pytest.approx(11)
    assert at(results, "target_price", target="secure", year=2030) == pytest.approx(11)


def test_passes_are_told(tmp_path: Path) -> None:
    """Proves: plan says on a line and as JSON what its passes left, and the file keeps it. Without it a reader could
    take an unsettled plan for a settled one."""
    study = write_study(tmp_path / "study", line(), technology("old", variable_cost=20, lifetime=100), **ring(13))
    found = call("plan", study, "--out", tmp_path / "out", "--no-report")
    assert "1 pass; no contingency of 3 violated in any of 1 steps x 2 years." in found.stdout
    told = answer(call("plan", study, "--out", tmp_path / "out", "--no-report", "--json"))
    assert told["settled"] is True
    assert [one["violated"] for one in told["passes"]] == [0]
    with xr.open_dataset(tmp_path / "out" / "results.nc") as results:
        assert results.attrs["settled"] == "true"


def test_margins_and_what_makes_them_up(tmp_path: Path) -> None:
    """Proves: of 1.8 GW that 1.5 GW of load ask for, 1.53 are Old x 0.9, 0.05 a battery of 4 of 8 hours, 0.2 missing
    and paid with 24 USD/kW a year, less 0.02 of firm imports; the margin reached is 1.6 / 1.5 - 1. Nothing is asked in
    2025. Without the parts a planner would see only that something lacks."""
    results = solved(
        tmp_path,
        technology("old", variable_cost=20, lifetime=100, forced_outage=0.1),
        battery(),
        years=(2025, 2030),
        plants=[
            {"plant": "Old", "capacity": 1.7},
            {"plant": "Store", "technology": "battery", "capacity": 0.1, "start_year": 2024},
        ],
        reserve_margins=[margin(0.2, penalty=24, year=2030, firm_imports=0.02)],
    ).results
    wanted = {
        "peak_load": 1.5, "firm_imports": 0.02, "firm_exchange_in": 0, "margin_asked": 0.2, "margin_shortfall": 0.2,
        "margin_reached": 1.6 / 1.5 - 1, "margin_price": 24,
    }  # fmt: skip
    assert {name: at(results, name, zone="all", year=2030) for name in wanted} == pytest.approx(wanted)
    assert results["firm_capacity"].sel(zone="all", year=2030).to_series().to_dict() == pytest.approx(
        {"old": 1.53, "battery": 0.05}
    )
    assert all(results[name].sel(year=2025).isnull().all() for name in (*wanted, "firm_capacity"))
    assert "all 2030 1.50 1.58 0.00 0.02 20.0% 6.7% 0.20 24.0" in printed(results)


def test_what_zones_lend_each_other(tmp_path: Path) -> None:
    """Proves: the south has no plant and asks for 1.1 x 0.5 = 0.55 GW, which the line brings, and for 0.1 GW of
    reserve; the north counts what it lends as gone. Without it reserve shared between zones would not show."""
    results = solved(
        tmp_path,
        old(0.5, capacity_credit=1),
        nodes=ZONES,
        operating_reserve=True,
        reserve_margins=[margin(0.1, "n"), margin(0.1, "s")],
        operating_reserves=[reserve(0.1, "n"), reserve(0.1, "s")],
    ).results
    for zone, sign in (("n", -1), ("s", 1)):
        assert at(results, "firm_exchange_in", zone=zone, year=2025) * sign >= 0.55 - 1e-6
        assert at(results, "reserve_exchange_in", zone=zone, year=2025) * sign >= 0.1 - 1e-6
    assert at(results, "firm_exchange", link="north_south", direction="forward", year=2025) >= 0.55 - 1e-6
    assert results["firm_exchange_in"].sum().item() == pytest.approx(0)
    told = printed(results)
    assert "firm capacity: n to s" in told
    assert "operating reserve, mean: n to s" in told


def test_reserve_that_is_missing(tmp_path: Path) -> None:
    """Proves: 0.5 GW of Old stand idle; of 0.7 GW that are needed, a unit of 0.625 and 5 % of 1.5 GW, 0.2 lack in every
    hour and cost 300 USD/MWh. Without the hours the shortfall would be no energy."""
    results = solved(
        tmp_path, old(1), operating_reserve=True, operating_reserves=[reserve(0.625, load_share=0.05)]
    ).results
    wanted = {"reserve_need": 0.7, "reserve_held": 0.5, "reserve_shortfall": 0.2 * HOURS, "reserve_price": 300}
    assert {name: at(results, name, zone="all", year=2025) for name in wanted} == pytest.approx(wanted)
    assert "all 2025 0.70 0.50 0.00 1,752.00 300.00" in printed(results)


def test_the_price_of_reserve_weighs_by_what_is_needed(tmp_path: Path) -> None:
    """Proves: by day 1.8 GW of load need 0.72 GW, of which Old has 0.2 once a dear plant takes that of its load: 0.52
    lack, at 300; by night 0.48 are needed and 0.6 stand idle, at no price. 0.72 x 300 / 1.2 = 180. Without the weights
    the price would be 150."""
    results = solved(
        tmp_path,
        old(1),
        dear(),
        step_hours=12,
        load=lambda month, hour: 1.2 if hour < 12 else 0.8,
        plants=[{"plant": "Old", "capacity": 1.8}, {**SOUTH, "capacity": 0.2}],
        operating_reserve=True,
        operating_reserves=[reserve(0, load_share=0.4)],
    ).results
    wanted = {"reserve_need": 0.6, "reserve_held": 0.4, "reserve_shortfall": 0.52 * HOURS / 2, "reserve_price": 180}
    assert {name: at(results, name, zone="all", year=2025) for name in wanted} == pytest.approx(wanted)


def test_what_a_line_earns_and_loses(tmp_path: Path) -> None:
    """Proves: a full line of 0.3 GW takes power at 20 and delivers nine tenths of it at 50 USD/MWh: 0.03 GW are lost,
    and 0.27 x 50 - 0.3 x 20 a year are its rent. Without losses the rent would be 0.3 x 30."""
    results = solved(
        tmp_path,
        technology("line", kind="link", loss=0.1, loss_length=100),
        dear(),
        links=[{"link": "north_south", "capacity": 0.3}],
        plants=[{**SOUTH, "capacity": 1}],
    ).results
    labels = {"link": "north_south", "year": 2025}
    assert at(results, "link_loss_energy", **labels) == pytest.approx(0.03 * HOURS)
    assert at(results, "congestion_rent", **labels) == pytest.approx((0.27 * 50 - 0.3 * 20) * YEAR)
    assert at(results, "hours_at_limit", **labels) == pytest.approx(HOURS)


def test_reactances_that_power_flow_used(tmp_path: Path) -> None:
    """Proves: 50 ohm at 500 kV are 0.2 rad per GW; a second line of 100 ohm is 0.4. Two thirds of the power go over the
    first. Without it a reader could not repeat the flows."""
    links = [
        {"link": "north_south", "reactance": 50, "voltage": "500"},
        {"link": "second", "reactance": 100, "voltage": "500"},
    ]
    results = solved(tmp_path, network="dc", links=links).results
    assert results["reactance_used"].sel(year=2025).to_numpy() == pytest.approx([0.2, 0.4])
    assert results["flow"].sel(year=2025).isel(step=0).to_numpy() == pytest.approx([1 / 3, 1 / 6])
