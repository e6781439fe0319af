"""What the network must survive, worked out by hand: the loss of a line, of a part of it, or of a unit.

Demand is 1 GW in the north and 0.5 GW in the south, ``Old`` in the north costs 20 USD/MWh and, unless a test says
otherwise, cannot respond within minutes. A goal has a GW of load that is shed after the worst contingency cost a
penalty in million USD a year.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.solve import highs
from model.study import Plan
from model.system.network_state import NetworkState
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.reserves import SOUTH, battery, dear, dual, old
from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved, study, value
from tests.studies import Row, Rows, flat, only, technology

PLAIN = YEAR * 1.5 * 20
"""A year in which ``Old`` makes everything."""


def lost(link: str, share: float | str = 1, **more: Any) -> Row:
    """The loss of a link, or of a share of it."""
    return {"contingency": f"loss of {link}", "link": link, "share": share, **more}


def unit(node: str, gigawatt: float) -> Row:
    """The loss of a unit."""
    return {"contingency": f"unit in the {node}", "node": node, "lost": gigawatt}


def secured(penalty: float, *contingencies: Row, year: int = 2025, **more: Any) -> dict[str, Any]:
    """N-1 for these contingencies, and a goal that nothing is shed after any of them."""
    return {
        "security": "n-1",
        "contingencies": list(contingencies),
        "targets": [{"target": "secure", "sense": "max", "value": 0, "year": year, "penalty": penalty}],
        "target_terms": [{"target": "secure", "measure": "insecure", "select": "all"}],
        **more,
    }


def parallel(*capacities: float, **more: Any) -> list[Row]:
    """Lines from north to south, named ``north_south``, ``line_1`` and so on."""
    names = ["north_south", *(f"line_{i}" for i in range(1, len(capacities)))]
    return [{"link": name, "capacity": capacity, **more} for name, capacity in zip(names, capacities, strict=True)]


def insecurity(plan: Plan, year: int = 2025) -> float:
    """GW shed after the worst contingency."""
    assert plan.passes[-1].settled
    return value(plan, "insecurity", year)


def line(**values: Any) -> Rows:
    """A line of 5 million USD per GW and year for 100 km."""
    return technology("line", kind="link", length_cost=1, lifetime=20, wacc=0, **values)


def ring(penalty: float, **more: Any) -> dict[str, Any]:
    """Half a GW of load in the south and in the east, each on a line of its own from the north, in 2025 and 2030.

    Both lines can be widened, and a third can join south and east; from 2030 on each is lost in turn.
    """
    links: list[Row] = [
        {"link": "north_south", "capacity": 0.5, "expansion": 1},
        {"link": "north_east", "to_node": "east", "capacity": 0.5, "expansion": 1},
        {"link": "south_east", "from_node": "south", "to_node": "east", "status": "candidate", "length": 40},
    ]
    return {
        "years": (2025, 2030),
        "nodes": [{"node": "east"}],
        "links": [{"first_year": 2030, **row} if row["link"] == "south_east" else row for row in links],
        "demands": only(flat("north", 0.5), flat("south", 0.5), flat("east", 0.5)),
        "weather": [{"node": "east", "month": month} for month in range(1, 13)],
        **secured(penalty, *(lost(row["link"], first_year=2030) for row in links), year=2030),
        **more,
    }


def test_a_ring_is_closed_and_widened_until_any_line_can_be_lost(tmp_path: Path) -> None:
    """Proves: when either northern line is lost, the other must carry 1 GW, half of it on through a line of 0.5 GW
    between south and east: (0.5 + 0.5) x 5 + 0.5 x 2 = 6 million a year; every GW less to shed costs 12, the price of
    the goal. Without what is left after a loss, or the balance after it, nothing would be built."""
    plan = solved(tmp_path, line(), **ring(13))
    built = {link: value(plan, "build", link, 2030) for link in ("north_south", "north_east", "south_east")}
    assert built == pytest.approx(dict.fromkeys(built, 0.5))
    assert cost(plan) == pytest.approx(10 * PLAIN + 5 * 6)
    assert insecurity(plan, 2030) == pytest.approx(0)
    hard = ring(13)
    hard["targets"][0] |= {"hard": 1, "penalty": ""}
    certain = solved(tmp_path / "hard", line(), **hard)
    assert cost(certain) == pytest.approx(10 * PLAIN + 5 * 6)
    assert abs(dual(certain, "target_ceiling", 2030)) == pytest.approx(12)


def test_load_is_shed_as_long_as_that_is_cheaper(tmp_path: Path) -> None:
    """Proves: at 11 million a GW 0.5 GW are shed after the worst contingency, 5.5 a year, rather than 6 spent. Without
    the limit that makes insecurity the worst of all contingencies, shedding would cost nothing; as their sum it would
    cost twice as much, and all would be built."""
    plan = solved(tmp_path, line(), **ring(11))
    assert insecurity(plan, 2030) == pytest.approx(0.5)
    assert cost(plan) == pytest.approx(10 * PLAIN + 5 * 5.5)
    assert cost_of(plan, "targets") == pytest.approx(5 * 5.5)
    assert abs(dual(plan, "target_ceiling", 2030)) == pytest.approx(11)


def test_security_is_a_choice_of_the_study(tmp_path: Path) -> None:
    """Proves: without `security: n-1` nothing is built and nothing paid. Without the choice every study with a list of
    contingencies would take passes."""
    plan = solved(tmp_path, line(), **ring(13, security="none", targets=[], target_terms=[]))
    assert cost(plan) == pytest.approx(10 * PLAIN)
    assert plan.passes == ()


@pytest.mark.parametrize(
    ("links", "contingency", "short"),
    [
        (parallel(0.4, 0.3), lost("line_1"), 0.1),
        (parallel(0.4, 0.3, emergency=1.15), lost("line_1"), 0.04),
        (parallel(0.6, availability=0.9, emergency=1.2), lost("north_south", 0.5), 0.176),
        (
            parallel(0.5, voltage="500+220", circuits="1+1", emergency=1.2),
            lost("north_south", ""),
            0.5 - 0.6 / 6.165289,
        ),
    ],
    ids=["rating", "emergency rating", "half of a corridor", "largest circuit"],
)
def test_what_is_left_carries_its_emergency_rating(
    tmp_path: Path, links: list[Row], contingency: Row, short: float
) -> None:
    """Proves: of 0.5 GW to the south, 0.4 find room on the line that is left, 0.46 where it may carry 1.15 of its
    rating for a short time; half of a corridor of 0.6 GW of which 0.9 can be used carries 0.27, and 1.2 of that 0.324;
    without its circuit of 500 kV, one of 220 kV keeps 1 / (1 + (500 / 220)^2) = 1 / 6.165289 of 0.5 x 1.2. Without the
    limit nothing is shed."""
    plan = solved(tmp_path, links=links, **secured(50, contingency))
    assert insecurity(plan) == pytest.approx(short)
    assert cost(plan) == pytest.approx(PLAIN + 50 * short)


@pytest.mark.parametrize(("penalty", "runs", "short"), [(300, 0, 0.3), (350, 0.375, 0)])
def test_what_responds_is_what_stands_idle(tmp_path: Path, penalty: float, runs: float, short: float) -> None:
    """Proves: of an idle GW in the south a fifth comes in within minutes: 0.3 of 0.5 GW are shed. A GW that runs before
    the loss (262.8 a year) sheds 0.8 less, for 328.5 each: at 300 all is shed, at 350 0.375 GW run and the fifth of
    0.625 that stand idle comes in. Without the limit all would come in: 262.8."""
    plan = solved(tmp_path, dear(response=0.2), plants=[SOUTH], **secured(penalty, lost("north_south")))
    assert insecurity(plan) == pytest.approx(short)
    assert cost(plan) == pytest.approx(PLAIN + runs * YEAR * 30 + penalty * short)


def test_a_unit_is_lost(tmp_path: Path) -> None:
    """Proves: of 0.4 GW lost in the north, a tenth of the 0.5 GW of Old that stand idle and 0.1 GW in the south come
    in: 0.25 are shed. Without the balance after the loss nothing is; without the limit on what comes in neither."""
    case = {"plants": [SOUTH | {"capacity": 0.1}], **secured(50, unit("north", 0.4))}
    plan = solved(tmp_path, old(0.1), dear(response=1), **case)
    assert insecurity(plan) == pytest.approx(0.25)
    assert cost(plan) == pytest.approx(PLAIN + 50 * 0.25)


def test_a_store_responds_by_what_it_charges_and_could_give(tmp_path: Path) -> None:
    """Proves: a store of 0.2 GW that stands still gives 0.2 of the 0.5 GW in the south. Without it 0.5 are shed."""
    store = {"plant": "Store", "node": "south", "technology": "battery", "capacity": 0.2}
    plan = solved(tmp_path, battery(response=1), plants=[store], **secured(50, lost("north_south")))
    assert insecurity(plan) == pytest.approx(0.3)


def test_the_worst_contingency_counts(tmp_path: Path) -> None:
    """Proves: 0.5 GW are shed when the line is lost and 0.2 when a unit is: 0.5 count, not the sum and not the last.
    Without the limit nothing counts."""
    plan = solved(tmp_path, **secured(50, lost("north_south"), unit("north", 0.2)))
    assert insecurity(plan) == pytest.approx(0.5)
    assert cost_of(plan, "targets") == pytest.approx(25)


def test_what_cannot_leave_must_be_taken_back(tmp_path: Path) -> None:
    """Proves: imports at 10 USD/MWh flow on after a loss, so that no more is bought than the north uses itself: 1 GW,
    and Old makes 0.5 GW for the south, which can be taken back: 8.76 x (10 + 10) = 175.2 and 50 x 0.5 for load shed.
    Without the limit 1.5 GW are bought: 131.4."""
    plan = solved(
        tmp_path,
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad", "to_node": "north", "capacity": 2}],
        markets=[{"market": "seller", "price": 10, "capacity": 2, "annual_limit": 20000}],
        **secured(50, lost("north_south")),
    )
    assert cost(plan) == pytest.approx(YEAR * 20 + 25)


def by_day(day: float, night: float) -> dict[str, Any]:
    """Load in the south alone, so many GW in the two halves of a day."""
    mean = (day + night) / 2
    return {
        "step_hours": 12,
        "load": lambda month, hour: (day if hour < 12 else night) / mean,
        "demands": only(flat("south", mean)),
    }


def test_what_stores_give_can_be_taken_back(tmp_path: Path) -> None:
    """Proves: Old of 0.25 GW runs day and night, and a store in the north gives 0.25 GW by day, all of which can be
    taken back when the line is lost: 8.76 x 0.25 x 20 = 43.8, and 10 x 0.5 for load shed. Without what stores give only
    0.25 GW could be sent, and half of the load of the day were not served at all."""
    plan = solved(
        tmp_path,
        battery(duration=12),
        plants=[{"plant": "Old", "capacity": 0.25}, {"plant": "Store", "technology": "battery", "capacity": 0.25}],
        **by_day(0.5, 0),
        **secured(10, lost("north_south")),
    )
    assert cost(plan) == pytest.approx(43.8 + 5)


def joint(limit: float, *members: Row, **more: Any) -> dict[str, Any]:
    """A joint limit on what goes south over ``north_south`` and other links."""
    return {
        "interfaces": [{"interface": "southward", "limit": limit, **more}],
        "interface_members": [{"link": "north_south"}, *members],
    }


@pytest.mark.parametrize(("emergency", "short"), [(1, 0.2), (1.25, 0.1)])
def test_a_joint_limit_holds_at_its_emergency_value(tmp_path: Path, emergency: float, short: float) -> None:
    """Proves: 0.4 GW may go south and 0.1 are made there; when 0.2 GW are lost in the south, the north has them, but
    only 0.4 GW may come, or 0.4 x 1.25 = 0.5, 0.1 more than before. Without the limit nothing is shed."""
    case = {**joint(0.4, emergency=emergency), **secured(50, unit("south", 0.2))}
    plan = solved(tmp_path, old(1), dear(), plants=[SOUTH], **case)
    assert insecurity(plan) == pytest.approx(short)
    assert cost(plan) == pytest.approx(YEAR * (1.4 * 20 + 0.1 * 50) + 50 * short)


def second(**more: Any) -> Row:
    """A line that can be built for 2030."""
    return {"link": "second", "status": "candidate", "first_year": 2030, "capacity": 0.5, **more}


def test_a_lost_line_takes_what_it_added_to_a_joint_limit(tmp_path: Path) -> None:
    """Proves: a second line of 0.5 GW adds 0.2 GW to a limit of 0.3 and is built for the 0.5 GW of 2030; when it is
    lost, the first, with room for 1 GW, may carry 0.3 x 1.1 = 0.33; when half of it is, 1.1 x 0.4. Without the limit
    nothing is shed, without what the line had added to it neither: 0.5 x 1.1 = 0.55 GW fit."""
    for share, short in ((1, 0.17), (0.5, 0.06)):
        plan = solved(
            tmp_path / str(share),
            line(),
            years=(2025, 2030),
            links=[second()],
            demands=only(flat("north", 1), flat("south", 0.3), flat("south", 0.5, 2030)),
            **joint(0.3, {"link": "second", "uplift": 0.2}, emergency=1.1),
            **secured(50, lost("second", share, first_year=2030), year=2030),
        )
        assert insecurity(plan, 2030) == pytest.approx(short)


def test_borders_keep_their_share_of_a_joint_limit(tmp_path: Path) -> None:
    """Proves: 0.2 GW of a limit of 0.5 come from abroad and stay; when 0.2 GW are lost in the south, the line may carry
    0.5 x 1.2 - 0.2 = 0.4 GW, 0.1 more than before. Without what stays nothing is shed."""
    plan = solved(
        tmp_path,
        old(1),
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad", "capacity": 0.2}],
        markets=[{"market": "seller", "price": 10}],
        **joint(0.5, {"link": "border"}, emergency=1.2),
        **secured(50, unit("south", 0.2)),
    )
    assert insecurity(plan) == pytest.approx(0.1)
    assert cost(plan) == pytest.approx(YEAR * (1.3 * 20 + 0.2 * 10) + 5)


def wired(*rows: tuple[float, float], **more: Any) -> dict[str, Any]:
    """Power flow over lines of 500 kV from north to south, each with its ohms and capacity."""
    lines = parallel(*(capacity for _, capacity in rows), voltage="500")
    links = [{**row, "reactance": ohm} for row, (ohm, _) in zip(lines, rows, strict=True)]
    return {"network": "dc", "links": links, **more}


@pytest.mark.parametrize(("first", "share", "short"), [(0.3, 1, 0.1), (0.24, 0.5, 0.06)], ids=["whole", "half"])
def test_flows_split_by_what_is_left(tmp_path: Path, first: float, share: float, short: float) -> None:
    """Proves: lines of 25, 25 and 75 ohm carry 3/7, 3/7 and 1/7 of 0.5 GW. When the second is lost, the first takes 3/4
    and fills its 0.3 GW with 0.4 GW in all; when half of the second is, its ohms double, the first takes 6/11 and fills
    0.24 GW with 0.44 in all. Without the equation the third, which has room, would take the rest."""
    case = {**wired((25, first), (25, 1), (75, 1)), **secured(50, lost("line_1", share))}
    plan = solved(tmp_path, **case)
    assert insecurity(plan) == pytest.approx(short)
    assert cost(plan) == pytest.approx(PLAIN + 50 * short)


def test_the_loss_of_a_unit_leaves_every_loop(tmp_path: Path) -> None:
    """Proves: lines of 25 and 75 ohm share 0.5 GW as 3 to 1; the first, of 0.39 GW, fits 0.52 in all. When 0.2 GW are
    lost in the south, 0.02 more come and 0.18 are shed. Without the equation the second would bring all."""
    case = {**wired((25, 0.39), (75, 1)), **secured(50, unit("south", 0.2))}
    plan = solved(tmp_path, old(1), **case)
    assert insecurity(plan) == pytest.approx(0.18)


def test_only_moments_that_are_stated_count(tmp_path: Path) -> None:
    """Proves: load of 0.5 GW by day and 0.1 by night is shed as the stated moments say: 0.1 if only the night is, 0.5
    if both are, nothing if none is; no more can be shed at a node than its load. Without the choice of moments every
    step of every contingency would have its rows."""
    own = study(tmp_path, **by_day(0.5, 0.1), **secured(50, lost("north_south")))
    day, night = own.time["step"].to_numpy()
    size = own.system["link_size"].to_pandas().set_axis(own.system["link"].to_numpy()).to_frame(2025)
    for steps, loads in (((night,), [0, 0.1]), ((day, night), [0, 0.5, 0, 0.1]), ((), [])):
        moments = tuple(("loss of north_south", 2025, str(step)) for step in steps)
        program = replace(own, network_state=NetworkState(size, moments)).program()
        assert program.column_upper[program.column_family("shed").span] == pytest.approx(loads)
        found = highs.solve(program, gap=1e-6)
        assert found.primal @ program.cost + program.offset == pytest.approx(YEAR * 6 + 50 * max(loads, default=0))


def test_the_worst_moment_is_found(tmp_path: Path) -> None:
    """Proves: load is highest in winter, when wind in the south has no need of the line; in summer there is none,
    and 0.5 x 0.8 GW (over the mean of 1.2 for 181 and 0.8 for 184 days) are shed. The first pass looks at winter alone,
    the second at both. Without it nothing would be shed, and the plan would say so."""
    calm = [{"node": "south", "month": month, "wind_cf": 0.9 if month < 7 else 0.0} for month in range(1, 13)]
    plan = solved(
        tmp_path,
        technology("wind", declared={"availability": "wind_cf", "group": "wind"}, lifetime=100),
        plants=[{"plant": "South", "node": "south", "technology": "wind"}],
        periods={"winter": range(1, 7), "summer": range(7, 13)},
        weather=calm,
        load=lambda month, hour: 1.2 if month < 7 else 0.8,
        **secured(50, lost("north_south")),
    )
    assert insecurity(plan) == pytest.approx(0.5 * 0.8 * 365 / (1.2 * 181 + 0.8 * 184))
    assert [(p.critical, p.violated) for p in plan.passes] == [(1, 1), (2, 0)]


def test_security_is_the_same_as_pyomos(tmp_path: Path) -> None:
    """Proves: moments after the loss of lines, of half a line and of a unit compile to Pyomo's own matrix, with rows of
    every equation. Without it the compiler could turn a right equation into a wrong matrix."""
    contingencies = (lost("second"), lost("line_1", 0.5), unit("south", 0.2))
    case = wired((25, 0.3), (25, 1), (75, 1))
    case["links"] += [second(technology="cable")]
    case |= {
        **joint(0.4, {"link": "second", "uplift": 0.2}, emergency=1.2),
        **secured(50, *(row | {"first_year": 2030} for row in contingencies), year=2030),
    }
    store = {"plant": "Store", "technology": "battery"}
    own = study(
        tmp_path,
        technology("cable", kind="link", length_cost=1, lifetime=20, wacc=0),
        old(0.3),
        dear(response=0.5),
        battery(response=1),
        years=(2025, 2030),
        plants=[SOUTH, store],
        **case,
    )
    program = assert_same_as_pyomo(own.solve().study.statement())
    assert program.fallbacks == ()
    assert {name: program.row_family(name).size for name in PROOFS} == {
        "after_balance": 6,
        "after_limit": 12,
        "after_interface": 3,
        "after_loop": 3 * 2,
        "redispatch_up_limit": 6,
        "redispatch_down_limit": 6,
        "insecurity_limit": 3,
    }


PROOFS: Proofs = {
    "after_balance": (test_a_ring_is_closed_and_widened_until_any_line_can_be_lost, test_a_unit_is_lost),
    "after_limit": (test_a_ring_is_closed_and_widened_until_any_line_can_be_lost,),
    "after_interface": (
        test_a_lost_line_takes_what_it_added_to_a_joint_limit,
        test_borders_keep_their_share_of_a_joint_limit,
    ),
    "after_loop": (test_the_loss_of_a_unit_leaves_every_loop,),
    "redispatch_up_limit": (test_a_unit_is_lost, test_a_store_responds_by_what_it_charges_and_could_give),
    "redispatch_down_limit": (test_what_cannot_leave_must_be_taken_back,),
    "insecurity_limit": (test_load_is_shed_as_long_as_that_is_cheaper, test_the_worst_contingency_counts),
}
