"""Kirchhoff's law in a ring and in parallel lines, and losses that grow with the flow's square, worked out by hand.

Demand is 1 GW in the north and 0.5 GW in the south, ``Old`` in the north costs 20 USD/MWh; a plant in the south costs
50. A line of 500 kV drops 0.004 rad per GW and ohm.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.solved import YEAR, Proofs, cost, solved, study, value
from tests.studies import Row, Rows, flat, only, technology

RING: list[Row] = [
    {"link": "north_south", "reactance": 25, "capacity": 0.3},
    {"link": "north_east", "to_node": "east", "reactance": 25},
    {"link": "east_south", "from_node": "east", "reactance": 50},
]
"""Of what goes from north to south, 75 / 100 takes the straight way and 25 / 100 goes round through the east."""


def ring(*links: Row, **more: Any) -> dict[str, Any]:
    """The ring with links changed or added, a dear plant in the south, and power flow."""
    return {
        "network": "dc",
        "nodes": [{"node": "east"}],
        "links": [{"voltage": "500", **row} for row in (*RING, *links)],
        "plants": [{"plant": "South", "node": "south", "technology": "dear"}],
        "weather": [{"node": "east", "month": month} for month in range(1, 13)],
        **more,
    }


def dear() -> Rows:
    """The technology of the plant in the south."""
    return technology("dear", variable_cost=50, lifetime=100)


def net(plan: Plan, link: str, year: int = 2025) -> float:
    """GW forward over a link in the only step."""
    (step,) = plan.study.time["step"].to_numpy()
    return value(plan, "operation", link, "forward", year, step) - value(
        plan, "operation", link, "backward", year, step
    )


def test_flows_split_as_kirchhoff_says(tmp_path: Path) -> None:
    """Proves: 0.3 GW straight go with 0.1 GW round, so that 0.1 GW are made in the south: 8.76 x (1.4 x 20 + 0.1 x 50)
    = 289.08, also where a link is defined the other way round. Without the equation all comes from the north: 262.8."""
    plan = solved(tmp_path / "ring", dear(), **ring())
    assert cost(plan) == pytest.approx(YEAR * (28 + 5))
    assert [net(plan, row["link"]) for row in RING] == pytest.approx([0.3, 0.1, 0.1])
    assert plan.passes[-1].settled
    turned = ring({"link": "east_south", "from_node": "south", "to_node": "east", "reactance": 50})
    other = solved(tmp_path / "turned", dear(), **turned)
    assert cost(other) == pytest.approx(YEAR * (28 + 5))
    assert net(other, "east_south") == pytest.approx(-0.1)
    assert cost(solved(tmp_path / "free", dear(), **ring(network="transport"))) == pytest.approx(262.8)


def test_every_node_of_a_ring_has_its_own_price(tmp_path: Path) -> None:
    """Proves: a full line makes three prices. One more MWh in the east comes to 2/3 from the north (1/4 of it over the
    full line) and to 1/3 from the south (1/2 of it back over the line): 2/3 x 20 + 1/3 x 50 = 30 USD/MWh, between 20
    and 50. Without the equation no line is full and all pay 20."""
    plan = solved(tmp_path, dear(), **ring())
    prices = {node: plan.price("electricity", node).item() for node in ("north", "east", "south")}
    assert prices == pytest.approx({"north": 20, "east": 30, "south": 50})


def test_parallel_lines_share_by_reactance(tmp_path: Path) -> None:
    """Proves: of two lines the one of a third of the reactance takes three quarters: when its 0.2 GW are full the other
    has 0.2 / 3, and 0.7 / 3 are made in the south: 8.76 x (3.8 / 3 x 20 + 0.7 / 3 x 50) = 324.12. Without the equation:
    262.8, as where the second has no reactance because its flow is set by converters."""
    wide = {"link": "wide", "reactance": 75, "voltage": "500", "capacity": 1}
    case: dict[str, Any] = {"network": "dc", "plants": [{"plant": "South", "node": "south", "technology": "dear"}]}
    links = [{"link": "north_south", "reactance": 25, "voltage": "500", "capacity": 0.2}]
    plan = solved(tmp_path / "lines", dear(), links=[*links, wide], **case)
    assert cost(plan) == pytest.approx(324.12)
    assert (net(plan, "north_south"), net(plan, "wide")) == pytest.approx((0.2, 0.2 / 3))
    steered = {**wide, "reactance": "", "technology": "converters"}
    converter = technology("converters", kind="link", lifetime=40, wacc=0)
    converters = solved(tmp_path / "converters", dear(), converter, links=[*links, steered], **case)
    assert cost(converters) == pytest.approx(262.8)


def test_ohms_count_by_the_square_of_the_voltage(tmp_path: Path) -> None:
    """Proves: 25 ohm at 500 kV carry four times what 25 ohm at 250 kV do: 0.4 GW go with 0.1, all of the 0.5 GW: 262.8;
    with 0.36 GW on the first the second has 0.09 and 0.05 GW are made in the south: 8.76 x (1.45 x 20 + 0.05 x 50) =
    275.94. Without the voltage both would carry the same, and with it once the second had half: 262.8."""
    links = [
        {"link": "north_south", "reactance": 25, "voltage": "500+220", "circuits": "1+2", "capacity": 0.36},
        {"link": "lower", "reactance": 25, "voltage": "250", "capacity": 1},
    ]
    plan = solved(
        tmp_path,
        dear(),
        network="dc",
        links=links,
        plants=[{"plant": "South", "node": "south", "technology": "dear"}],
    )
    assert cost(plan) == pytest.approx(275.94)
    assert net(plan, "lower") == pytest.approx(0.09)


def test_a_line_is_widened_because_of_the_loop(tmp_path: Path) -> None:
    """Proves: 0.1 GW more on the straight way let all 0.5 GW through, as a line of 0.4 GW has 3/4 of the reactance and
    takes 4/5: 5 x 289.08 + 5 x (262.8 + 0.1 x 5). Without the equation the way round has room and nothing is built;
    with the reactance of 0.3 GW 0.075 GW would do."""
    line = technology("line", kind="link", length_cost=1, lifetime=20, wacc=0)
    wider = ring({**RING[0], "expansion": 1})
    plan = solved(tmp_path / "ring", line, dear(), years=(2025, 2030), **wider)
    assert plan.passes[-1].settled
    assert value(plan, "build", "north_south", 2030) == pytest.approx(0.1, abs=5e-4)
    assert net(plan, "east_south", 2030) == pytest.approx(0.1, abs=5e-4)
    assert cost(plan) == pytest.approx(5 * YEAR * 33 + 5 * (262.8 + 0.5), abs=0.02)
    free = solved(tmp_path / "free", line, dear(), years=(2025, 2030), **{**wider, "network": "transport"})
    assert value(free, "build", "north_south", 2030) == pytest.approx(0)


def lossy(tangents: int, load: float, **more: Any) -> dict[str, Any]:
    """A line of 1 GW, the load in the south, and power enough in the north to lose some."""
    return {
        "loss_tangents": tangents,
        "plants": [{"plant": "Old", "capacity": 3}],
        "demands": only(flat("north", 1), flat("south", load)),
        **more,
    }


def loses() -> Rows:
    """The technology of a line that loses a tenth at full load."""
    return technology("line", kind="link", loss=0.1, loss_length=100, lifetime=40, wacc=0)


def test_losses_are_exact_where_a_tangent_touches(tmp_path: Path) -> None:
    """Proves: with two tangents, at 1/4 and 3/4, 0.75 GW lose 0.1 x 0.75 x 0.75 = 0.05625 GW, half of it before the
    line is reached and half behind it: 0.721875 GW arrive and 0.778125 GW are sent, whichever way the line is defined:
    1.778125 x 175.2 = 311.5275. Without losses: 301.67; all at the far end: 312.40; a tenth of the flow: 315.72."""
    case = lossy(2, 0.75 - 0.05625 / 2)
    plan = solved(tmp_path / "forward", loses(), **case)
    assert cost(plan) == pytest.approx(311.5275)
    (step,) = plan.study.time["step"].to_numpy()
    assert value(plan, "link_loss", "north_south", 2025, step) == pytest.approx(0.05625)
    turned = only({"link": "south_north", "from_node": "south", "to_node": "north"})
    back = solved(tmp_path / "backward", loses(), links=turned, **case)
    assert cost(back) == pytest.approx(311.5275)
    assert net(back, "south_north") == pytest.approx(-0.75)


@pytest.mark.parametrize(("tangents", "load", "least"), [(2, 0.5, 0.01875), (2, 1.0, 0.09375), (5, 0.4, 0.015)])
def test_the_gap_of_tangents_is_known(tmp_path: Path, tangents: int, load: float, least: float) -> None:
    """Proves: between two touching loads, and at full load, J tangents miss 0.1 / (4 J J) of a line of 1 GW: 0.00625
    for two (0.01875 for 0.025 at half load, 0.09375 for 0.1 at full load) and 0.001 for five (0.015 for 0.016 at 0.4).
    Without the right touching loads the error would be larger somewhere, or losses more than the square says."""
    plan = solved(tmp_path, loses(), **lossy(tangents, load - least / 2))
    assert net(plan, "north_south") == pytest.approx(load)
    assert cost(plan) == pytest.approx(YEAR * 20 * (1 + load + least / 2))
    assert 0.1 * load**2 - least == pytest.approx(0.1 / (4 * tangents**2))


def test_capacity_is_built_to_lose_less(tmp_path: Path) -> None:
    """Proves: losses are of what is built. A GW more costs 5 a year and saves 0.1 x 0.75 x 0.75 x 175.2 / 0.925 = 10.7
    above half load, where the tangent at 3/4 binds, and 1.1 below: a line for 0.5 GW grows from 0.5 to 1 GW, at which
    it loses 0.1 x (2 x 0.25 x 0.5 - 0.0625) = 0.01875 GW: 5 x 175.2 + 5 x (175.2 x 1.509375 + 2.5) = 2,210.7125.
    Without the capacity in the tangents it would not grow."""
    line = technology("line", kind="link", length_cost=1, loss=0.1, loss_length=100, lifetime=20, wacc=0)
    arrives = 0.5 - 0.01875 / 2
    plan = solved(
        tmp_path,
        line,
        years=(2025, 2030),
        loss_tangents=2,
        links=[{"link": "north_south", "capacity": 0.5, "expansion": 1}],
        demands=only(flat("north", 1), flat("south", 0), flat("south", arrives, 2030)),
    )
    assert value(plan, "build", "north_south", 2030) == pytest.approx(0.5)
    assert cost(plan) == pytest.approx(2210.7125)


def test_losses_of_a_ring_are_the_same_as_pyomos(tmp_path: Path) -> None:
    """Proves: loops and tangents together compile to Pyomo's own matrix, with rows of both. Without it the compiler
    could turn a right equation into a wrong matrix."""
    program = assert_same_as_pyomo(study(tmp_path, loses(), dear(), loss_tangents=3, **ring()).statement())
    assert program.fallbacks == ()
    assert program.row_family("loop_flow").size == 1
    assert program.row_family("link_loss_tangent").size == 3 * 3


PROOFS: Proofs = {
    "loop_flow": (
        test_flows_split_as_kirchhoff_says,
        test_every_node_of_a_ring_has_its_own_price,
        test_parallel_lines_share_by_reactance,
        test_ohms_count_by_the_square_of_the_voltage,
        test_a_line_is_widened_because_of_the_loop,
    ),
    "link_loss_tangent": (test_losses_are_exact_where_a_tangent_touches, test_capacity_is_built_to_lose_less),
}
