"""Links, their losses, and limits on what they carry together, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south, ``Old`` in the north costs 20 USD/MWh; a plant in the south costs
50.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lp.solved import YEAR, Proofs, cost, solved, value
from tests.studies import flat, only, technology

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
        "markets": [{"market": "seller", "capacity": 0.1}],
        **SOUTHERN,
    }
    outside = {"node": "abroad", "kind": "outside"}
    assert cost(solved(tmp_path / "market", dear(), nodes=[outside], **case)) == pytest.approx(324.12)
    junction = solved(tmp_path / "junction", dear(), nodes=[{**outside, "transit": "all"}], **case)
    assert cost(junction) == pytest.approx(262.8)


PROOFS: Proofs = {
    "no_transit": (test_an_outside_node_is_a_market_and_no_junction,),
    "interface_limit": (test_an_interface_limits_the_net_flow,),
    "capacity_limit": (test_a_link_carries_its_capacity_and_no_more,),
}
