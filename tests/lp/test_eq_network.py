"""Links, their losses, and limits on what they carry together, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south, ``Old`` in the north costs 20 USD/MWh; a plant in the south costs
50.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.lp.frames import Frames
from tests.lp.solved import YEAR, Proofs, cost, solved, study, value
from tests.studies import Row, flat, only, technology

SOUTHERN: dict[str, Any] = {"plants": [{"plant": "South", "node": "south", "technology": "dear"}]}


def dear() -> Any:
    """The technology of the plant in the south."""
    return technology("dear", variable_cost=50, lifetime=100)


def test_a_link_carries_its_capacity_and_no_more(tmp_path: Path) -> None:
    """Proves: a link of 0.2 GW leaves 0.3 GW to the plant in the south: 8.76 x (1.2 x 20 + 0.3 x 50) = 341.64. Without
    the limit: 262.8."""
    plan = solved(tmp_path, dear(), links=[{"link": "north_south", "capacity": 0.2}], **SOUTHERN)
    assert cost(plan) == pytest.approx(YEAR * (24 + 15))


def test_losses_are_paid_on_the_way(tmp_path: Path) -> None:
    """Proves: a line that loses 5 % on 100 km loses 10 % on 200 km: 0.5 GW must leave for 0.45 to arrive: 8.76 x 1.5 x
    20 = 262.8. Without losses: 254.04."""
    line = technology("line", kind="link", loss=0.05, loss_length=100)
    links = [{"link": "north_south", "length": 200}]
    demands = only(flat("north", 1), flat("south", 0.45))
    assert cost(solved(tmp_path / "on", line, links=links, demands=demands)) == pytest.approx(262.8)
    assert cost(solved(tmp_path / "off", line, links=links, demands=demands, link_losses=False)) == pytest.approx(
        254.04
    )


def test_losses_of_links_are_not_in_demand_a_second_time(tmp_path: Path) -> None:
    """Proves: where links lose energy, a tenth of demand that is their loss is taken off: (0.9 + 0.405 / 0.9) x 175.2
    = 236.52; where they do not, demand keeps it: 254.04. Without that losses would count twice: 262.8."""
    line = technology("line", kind="link", loss=0.1, loss_length=100)
    case: dict[str, Any] = {"demands": only(flat("north", 1), flat("south", 0.45)), "transmission_loss_share": 0.1}
    assert cost(solved(tmp_path / "on", line, **case)) == pytest.approx(236.52)
    assert cost(solved(tmp_path / "off", line, link_losses=False, **case)) == pytest.approx(254.04)


def test_an_interface_limits_the_net_flow(tmp_path: Path) -> None:
    """Proves: 0.3 GW may go south over both links: 8.76 x (1.3 x 20 + 0.2 x 50) = 315.36, also where the second link
    is defined the other way round. Without the interface: 262.8; with the wrong sign of direction the limit would not
    bind."""
    links = [
        {"link": "north_south", "capacity": 0.2},
        {"link": "back", "from_node": "south", "to_node": "north", "capacity": 0.3},
    ]
    members = [{"link": "north_south"}, {"link": "back", "direction": -1}]
    plan = solved(
        tmp_path,
        dear(),
        links=links,
        interfaces=[{"interface": "southward", "limit": 0.3}],
        interface_members=members,
        **SOUTHERN,
    )
    assert cost(plan) == pytest.approx(315.36)


def test_a_candidate_raises_the_interface_by_the_share_that_is_built(tmp_path: Path) -> None:
    """Proves: a line of 0.4 GW raises the limit of 0.3 by 0.2 when it is whole; for a load of 0.4 in 2030 half of it
    (2 million USD per GW and year) is enough: 5 x 315.36 + 5 x (8.76 x 28 + 0.4) = 2,805.2. Without the uplift 0.1 GW
    of 2030 would stay in the south: 2,934.6; were it all or nothing: 2,807.2."""
    line = technology("line", kind="link", lifetime=20, wacc=0)
    links = [{"link": "second", "status": "candidate", "capacity": 0.4, "first_year": 2030, "capital_cost": 40}]
    plan = solved(
        tmp_path,
        line,
        dear(),
        links=links,
        years=(2025, 2030),
        interfaces=[{"interface": "southward", "limit": 0.3}],
        interface_members=[{"link": "north_south"}, {"link": "second", "uplift": 0.2}],
        demands=only(flat("north", 1), flat("south", 0.5), flat("south", 0.4, 2030)),
        **SOUTHERN,
    )
    assert value(plan, "build", "second", 2030) == pytest.approx(0.2)
    assert cost(plan) == pytest.approx(5 * 315.36 + 5 * (YEAR * 28 + 0.4))


def test_a_corridor_can_be_widened(tmp_path: Path) -> None:
    """Proves: 0.2 GW of a corridor grow by 0.3 GW at 1 USD/kW/km x 100 km over 20 years (5 a year and GW): 5 x 341.64
    + 5 x (262.8 + 1.5) = 3,029.7. Without the expansion: 3,416.4."""
    line = technology("line", kind="link", length_cost=1, lifetime=20, wacc=0)
    plan = solved(
        tmp_path,
        line,
        dear(),
        links=[{"link": "north_south", "capacity": 0.2, "expansion": 1}],
        years=(2025, 2030),
        **SOUTHERN,
    )
    assert cost(plan) == pytest.approx(3029.7)


def test_an_outside_node_is_a_market_and_no_junction(tmp_path: Path) -> None:
    """Proves: of 0.5 GW in the south 0.2 come over the link, 0.1 are bought abroad at 30 USD/MWh and 0.2 made at 50:
    8.76 x (1.2 x 20 + 0.1 x 30 + 0.2 x 50) = 324.12. Without the equation northern power would go round through abroad,
    262.8, as it may where transit is allowed."""
    case: dict[str, Any] = {
        "links": [
            {"link": "north_south", "capacity": 0.2},
            {"link": "north_abroad", "to_node": "abroad"},
            {"link": "abroad_south", "from_node": "abroad"},
        ],
        "markets": [{"market": "seller", "capacity": 0.1}, {"market": "buyer", "direction": "export", "price": 1}],
        **SOUTHERN,
    }
    outside = {"node": "abroad", "kind": "outside"}
    assert cost(solved(tmp_path / "market", dear(), nodes=[outside], **case)) == pytest.approx(324.12)
    junction = solved(tmp_path / "junction", dear(), nodes=[{**outside, "transit": "all"}], **case)
    assert cost(junction) == pytest.approx(262.8)


def test_a_link_has_a_tariff_and_a_share_that_can_be_used(tmp_path: Path) -> None:
    """Proves: half of 0.6 GW can be used, at a tariff of 5 USD/MWh: 8.76 x (20 + 0.3 x 25 + 0.2 x 50) = 328.5. Without
    the tariff: 315.36; without the share 0.5 GW would be carried: 284.7."""
    links = [{"link": "north_south", "capacity": 0.6, "availability": 0.5, "variable_cost": 5}]
    assert cost(solved(tmp_path, dear(), links=links, **SOUTHERN)) == pytest.approx(328.5)


def test_what_traction_takes_grows_with_the_length(tmp_path: Path) -> None:
    """Proves: a railway takes 0.1 of power per unit at any length and 0.001 for each km: 0.3 on 200 km, so that 0.5 GW
    of freight need 0.15 GW at its start: 8.76 x 1.65 x 20 = 289.08. Without the length: 271.56; without the part at
    any length: 280.32."""
    power: Row = {"technology": "railway", "mode": "forward", "place": "from", "yield": -0.1, "length_yield": -0.001}
    plan = solved(
        tmp_path,
        technology("railway", kind="link", gives={"freight": 1}, lifetime=100),
        commodities=[{"commodity": "freight", "resolution": "year"}],
        ports=[power],
        links=[{"link": "rails", "technology": "railway", "length": 200}],
        fuels=[{"commodity": "freight", "price": 0}],
        demands=[flat("south", 0.5, commodity="freight")],
    )
    assert cost(plan) == pytest.approx(289.08)


def test_pipes_share_what_a_station_pushes(tmp_path: Path) -> None:
    """Proves: two pipes of 0.3 GW behind one station of 0.4 bring 0.4 GW of gas at 10 USD/MWh south in each season, the
    rest costs 30: 8.76 x (0.4 x 10 + 0.1 x 30) = 61.32. Without the limit: 43.8."""
    plan = solved(
        tmp_path,
        technology("pipe", kind="link", gives={"gas": 1}, lifetime=100),
        periods={"winter": range(1, 7), "summer": range(7, 13)},
        commodities=[{"commodity": "gas", "resolution": "period"}],
        links=[{"link": name, "technology": "pipe", "capacity": 0.3} for name in ("first", "second")],
        interfaces=[{"interface": "southward", "limit": 400, "unit": "MW"}],
        interface_members=[{"link": "first"}, {"link": "second"}],
        fuels=[{"price": 10}, {"node": "south", "price": 30}],
        demands=only(flat("south", 0.5, commodity="gas")),
    )
    assert cost(plan) == pytest.approx(61.32)


def test_trains_of_both_ways_share_a_track(tmp_path: Path) -> None:
    """Proves: a track of 0.4 takes 0.3 of ore south, which saves 20, and 0.1 of grain north, which saves 15: 8.76 x
    (0.3 x 10 + 0.1 x 10 + 0.2 x 25) = 78.84. Without the limit, or counting one way less the other: 52.56."""
    goods = {"ore": ("north", "south", 30), "grain": ("south", "north", 25)}
    plan = solved(
        tmp_path,
        *(technology(f"{name}_train", kind="link", gives={name: 1}, lifetime=100) for name in goods),
        commodities=[{"commodity": name, "resolution": "year"} for name in goods],
        links=[{"link": name, "technology": f"{name}_train"} for name in goods],
        interfaces=[{"interface": "southward", "limit": 0.4, "flow": "gross"}],
        interface_members=[{"link": name} for name in goods],
        fuels=[
            {"commodity": name, "node": node, "price": price}
            for name, (start, end, dear_price) in goods.items()
            for node, price in ((start, 10), (end, dear_price))
        ],
        demands=only(*(flat(end, 0.3, commodity=name) for name, (_, end, _) in goods.items())),
    )
    assert cost(plan) == pytest.approx(78.84)


def _through_abroad(folder: Path, resolution: str, transit: str = "") -> float:
    """Cost of 0.5 GW of gas in the south: 0.2 over the straight pipe, 0.1 on sale abroad, the rest made there at 50."""
    ends = {"straight": ("north", "south"), "out": ("north", "abroad"), "back": ("abroad", "south")}
    plan = solved(
        folder,
        technology("pipe", kind="link", gives={"gas": 1}, lifetime=100),
        periods={"winter": range(1, 7), "summer": range(7, 13)},
        commodities=[{"commodity": "gas", "resolution": resolution}, {"commodity": "ore"}],
        nodes=[{"node": "abroad", "kind": "outside", "transit": transit}],
        links=[
            {
                "link": name,
                "technology": "pipe",
                "from_node": a,
                "to_node": b,
                "capacity": 0.2 if name == "straight" else 1,
            }
            for name, (a, b) in ends.items()
        ],
        markets=[
            {"market": "seller", "commodity": "gas", "capacity": 0.1},
            {"market": "buyer", "commodity": "gas", "direction": "export", "price": 1},
        ],
        fuels=[{"price": 10}, {"node": "south", "price": 50}],
        demands=only(flat("south", 0.5, commodity="gas")),
    )
    return cost(plan)


def test_no_transit_over_a_period(tmp_path: Path) -> None:
    """Proves: gas that balances by period does not pass through abroad: 8.76 x (0.2 x 10 + 0.1 x 30 + 0.2 x 50) =
    131.4, also where something else may pass. Without the equation: 43.8, as where gas may pass."""
    assert _through_abroad(tmp_path / "closed", "period") == pytest.approx(131.4)
    assert _through_abroad(tmp_path / "ore", "period", "ore") == pytest.approx(131.4)
    assert _through_abroad(tmp_path / "gas", "period", "ore; gas") == pytest.approx(43.8)


def test_no_transit_over_a_year(tmp_path: Path) -> None:
    """Proves: the same holds for what balances by year: 131.4. Without the equation: 43.8, as where all may pass."""
    assert _through_abroad(tmp_path / "closed", "year") == pytest.approx(131.4)
    assert _through_abroad(tmp_path / "open", "year", "all") == pytest.approx(43.8)


def test_what_nobody_takes_abroad_has_no_mode(tmp_path: Path) -> None:
    """Proves: where only a seller stands abroad, a link has no mode that goes there, for a buyer it has one. Without it
    two rows hold that flow at zero, and their prices have no limit."""

    def modes(folder: Path, **market: object) -> set[str]:
        ends = {"out": ("north", "abroad"), "back": ("abroad", "south")}
        made = study(
            folder,
            nodes=[{"node": "abroad", "kind": "outside"}],
            links=[{"link": name, "from_node": a, "to_node": b, "capacity": 1} for name, (a, b) in ends.items()],
            markets=[{"market": "neighbour", "capacity": 0.1, **market}],
        )
        frame = Frames(made.system).modes
        return {f"{asset} {name}" for asset, name in zip(frame["asset"], frame["name"], strict=True) if asset in ends}

    assert modes(tmp_path / "seller") == {"out backward", "back forward"}
    both = {"out forward", "out backward", "back forward", "back backward"}
    assert modes(tmp_path / "buyer", direction="export", price=20) == both


PROOFS: Proofs = {
    "no_transit": (test_an_outside_node_is_a_market_and_no_junction,),
    "no_transit_by_period": (test_no_transit_over_a_period,),
    "no_transit_by_year": (test_no_transit_over_a_year,),
    "interface_limit": (test_an_interface_limits_the_net_flow,),
    "interface_limit_by_period": (test_pipes_share_what_a_station_pushes,),
    "interface_limit_by_year": (test_trains_of_both_ways_share_a_track,),
    "capacity_limit": (test_a_link_carries_its_capacity_and_no_more,),
}
