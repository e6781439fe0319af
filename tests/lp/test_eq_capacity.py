"""What stands when: accounts, potentials and pace of building, with optima worked out by hand.

Unless a test says otherwise planning years are five years apart, there is no discounting, ``Old`` costs 20 USD/MWh and
demand is 1 GW in the north: a year of ``Old`` costs 175.2 million USD. ``new`` costs 1,000 USD/kW over 20 years without
interest: 50 million USD per GW and year.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.solved import Proofs, cost, cost_of, solved, value
from tests.studies import Rows, flat, only, technology

LATER = {"years": (2025, 2030), "demands": only(flat("north", 1))}
LONGER = {**LATER, "years": (2025, 2030, 2035)}
HERE = [{"technology": "new", "node": "north"}]


def new(**values: Any) -> Rows:
    """The technology ``new``; it runs for nothing unless ``variable_cost`` says otherwise."""
    return technology("new", **{"capital_cost": 1000, "lifetime": 20, "wacc": 0, **values})


def built(plan: Plan, year: int, asset: str = "new@north") -> float:
    """New capacity in GW."""
    return value(plan, "build", asset, year)


def test_what_runs_was_built_and_paid(tmp_path: Path) -> None:
    """Proves: capacity comes from builds, never in the first year, and the annuity is paid: 5 x 175.2 + 5 x 50 =
    1,126. Without the account of vintages, or without the sum over them, capacity would be free: 876."""
    plan = solved(tmp_path, new(), candidates=HERE, **LATER)
    assert cost(plan) == pytest.approx(1126)
    assert cost_of(plan, "investment") == pytest.approx(250)
    assert built(plan, 2030) == pytest.approx(1)
    assert not any(label.startswith("build[new@north,2025") for label in map(plan.program.column_label, range(9)))


def test_a_potential_holds_for_all_assets_of_a_place(tmp_path: Path) -> None:
    """Proves: what stands of a technology at a node, committed projects included, stays within 0.4 GW. A year then
    costs 0.4 x 50 + 0.6 x 175.2 = 125.12. Without the limit 0.4 GW more could be built in every planning year: 0.7 GW
    in 2030 and 1 GW in 2035 would cost 876 + 5 x 87.56 + 5 x 50 = 1,563.8, not 2,127.2."""
    plan = solved(
        tmp_path,
        new(),
        plants=[{"plant": "Sure", "technology": "new", "status": "committed", "start_year": 2030, "capacity": 0.3}],
        candidates=[{**HERE[0], "potential": 0.4}],
        **LONGER,
    )
    assert cost(plan) == pytest.approx(876 + 10 * 125.12)
    assert built(plan, 2030) == pytest.approx(0.1)
    assert built(plan, 2035) == pytest.approx(0)


def test_pace_is_the_yearly_rate_times_the_years_since_the_previous_planning_year(tmp_path: Path) -> None:
    """Proves: 0.05 GW a year allow 0.25 GW by 2030 and 0.5 GW more by 2040. With weights 5, 10 and 5 years the cost is
    876 + 10 x (12.5 + 131.4) + 5 x (37.5 + 43.8) = 2,721.5. Without the limit: 1,626; with the years that follow
    instead of those before, 0.5 GW could stand in 2030."""
    plan = solved(
        tmp_path,
        new(),
        candidates=HERE,
        build_limits=[{"select": "new", "rate": 0.05}],
        **{**LATER, "years": (2025, 2030, 2040), "horizon_end": 2045},
    )
    assert cost(plan) == pytest.approx(2721.5)
    assert built(plan, 2030) == pytest.approx(0.25)
    assert built(plan, 2040) == pytest.approx(0.5)


def test_a_zone_has_its_own_pace(tmp_path: Path) -> None:
    """Proves: a limit of one zone leaves the others alone. Without the choice by zone nothing could be built in the
    north: the cost would be 1,752, not 1,126."""
    nodes = [{"node": "north", "zone": "n"}, {"node": "south", "zone": "s"}]
    plan = solved(
        tmp_path, new(), candidates=HERE, nodes=nodes, build_limits=[{"select": "new", "zone": "s", "rate": 0}], **LATER
    )
    assert cost(plan) == pytest.approx(1126)


def test_committed_projects_come_whether_they_pay_or_not(tmp_path: Path) -> None:
    """Proves: a committed plant of 0.5 GW at 30 USD/MWh is built and paid, and stands idle: 1,752 + 5 x 25 = 1,877.
    Without the lower bound nobody would build it: 1,752."""
    plan = solved(
        tmp_path,
        new(variable_cost=30),
        plants=[{"plant": "Sure", "technology": "new", "status": "committed", "start_year": 2028, "capacity": 0.5}],
        **LATER,
    )
    assert cost(plan) == pytest.approx(1877)
    assert built(plan, 2030, "Sure") == pytest.approx(0.5)


def test_what_is_spent_is_spent_but_fixed_cost_ends_with_the_plant(tmp_path: Path) -> None:
    """Proves: 1 GW built for 2030 and closed in 2035 is still paid for (50) but costs nothing to keep (30): 5 x 175.2
    + 5 x (175.2 + 219 + 50 + 30) + 5 x (175.2 + 50) = 4,373. If closing ended the annuity: 4,123; if fixed cost were
    paid on what was built: 4,523. Without a fixed cost of capacity: 4,223."""
    plan = solved(
        tmp_path,
        new(variable_cost=25, fixed_cost=30),
        plants=[{"plant": "Old", "capacity": 1}],
        candidates=HERE,
        **{**LONGER, "demands": only(*(flat("north", g, y) for g, y in ((1, 2025), (2, 2030), (1, 2035))))},
    )
    assert cost(plan) == pytest.approx(4373)
    assert value(plan, "retire", "new@north", "2030-2050", 2035) == pytest.approx(1)
    assert cost_of(plan, "fixed") == pytest.approx(150)


def test_annuities_end_with_the_life_of_what_was_built(tmp_path: Path) -> None:
    """Proves: with a life of 5 years (250 USD/kW, 50 a year) the plant of 2030 is gone in 2035 and built again: 876 +
    5 x 50 + 5 x 50 = 1,376. Without its end it would be built once; were it paid on as well: 1,626."""
    plan = solved(tmp_path, new(capital_cost=250, lifetime=5), candidates=HERE, **LONGER)
    assert cost(plan) == pytest.approx(1376)
    assert built(plan, 2035) == pytest.approx(1)


def test_annuities_end_with_the_horizon(tmp_path: Path) -> None:
    """Proves: of 20 annuities only those of the ten years up to the horizon count: 876 + 10 x 50 = 1,376. Without the
    cut the plant would cost 1,000 and the plan 1,876."""
    plan = solved(tmp_path, new(), candidates=HERE, **LONGER)
    assert cost(plan) == pytest.approx(1376)
    assert built(plan, 2035) == pytest.approx(0)


def test_interest_makes_the_annuity(tmp_path: Path) -> None:
    """Proves: at 10 % over 2 years 1,000 USD/kW are paid back by 1,000 x 0.1 / (1 - 1.1^-2) = 576.19 a year; with a
    peaker at 100 USD/MWh (876 a year) as the only other choice it pays. Without interest: 500 a year."""
    plan = solved(
        tmp_path,
        new(lifetime=2, wacc=0.1),
        technology("peaker", variable_cost=100, lifetime=100),
        plants=only({"plant": "Peak", "technology": "peaker", "capacity": 2}),
        candidates=HERE,
        **{**LATER, "years": (2025, 2027)},
    )
    assert cost(plan) == pytest.approx(2 * 876 + 2 * 576.190476)


def test_costs_of_later_years_weigh_less(tmp_path: Path) -> None:
    """Proves: at 10 % the two years from 2025 weigh 1 + 1.1^-1 and the three from 2027 1.1^-2 + 1.1^-3 + 1.1^-4.
    Without discounting the cost would be 5 x 175.2 = 876, not 730.56."""
    plan = solved(
        tmp_path, years=(2025, 2027), horizon_end=2030, social_discount_rate=0.1, demands=only(flat("north", 1))
    )
    assert cost(plan) == pytest.approx(175.2 * (1 + 1 / 1.1 + 1.1**-2 + 1.1**-3 + 1.1**-4))
    assert cost(plan) == pytest.approx(730.56, abs=0.01)


def test_a_project_is_built_no_further_than_the_one_it_needs(tmp_path: Path) -> None:
    """Proves: all of 1 GW of ``new`` needs all of 2 GW of a road that costs 40 a year and GW and moves nothing: 876 + 5
    x (50 + 80) = 1,526. Without the rule: 1,126; were it by GW and not by share: 1,326; were the road nobody's cost,
    or not built at all, 1,752 at most."""
    road = technology("road", variable_cost=100, capital_cost=800, lifetime=20, wacc=0)
    plan = solved(
        tmp_path,
        new(),
        road,
        plants=[{"plant": "Road", "technology": "road", "status": "candidate", "start_year": 2030, "capacity": 2}],
        candidates=[{**HERE[0], "potential": 1}],
        project_rules=[{"project": "new@north", "rule": "requires", "other": "Road"}],
        **LATER,
    )
    assert cost(plan) == pytest.approx(1526)
    assert built(plan, 2030, "Road") == pytest.approx(2)


def test_what_cannot_be_built_holds_back_what_needs_it(tmp_path: Path) -> None:
    """Proves: where a scenario sets the potential of the other to zero nothing is built: 1,752. Without that case the
    share of the other would be nought by nought."""
    plan = solved(
        tmp_path,
        new(),
        technology("road", variable_cost=100, capital_cost=800, lifetime=20, wacc=0),
        candidates=[{**HERE[0], "potential": 1}, {"technology": "road", "potential": 0}],
        project_rules=[{"project": "new@north", "rule": "requires", "other": "road@north"}],
        **LATER,
    )
    assert cost(plan) == pytest.approx(1752)


def test_of_two_projects_in_place_of_each_other_one_is_built(tmp_path: Path) -> None:
    """Proves: of 0.6 GW at 50 a year and 0.8 GW at 60 the second alone saves more: 876 + 5 x (0.8 x 60 + 0.2 x 175.2) =
    1,291.2. Without the rule 0.6 and 0.4 GW are built: 1,146."""
    coming: dict[str, Any] = {"status": "candidate", "start_year": 2030}
    plan = solved(
        tmp_path,
        new(),
        technology("other", capital_cost=1200, lifetime=20, wacc=0),
        plants=[
            {"plant": "First", "technology": "new", "capacity": 0.6, **coming},
            {"plant": "Second", "technology": "other", "capacity": 0.8, **coming},
        ],
        project_rules=[{"project": "First", "rule": "excludes", "other": "Second"}],
        **LATER,
    )
    assert cost(plan) == pytest.approx(1291.2)
    assert built(plan, 2030, "First") == pytest.approx(0)


PROOFS: Proofs = {
    "capacity_account": (test_what_runs_was_built_and_paid,),
    "installed_capacity": (test_what_runs_was_built_and_paid,),
    "potential_limit": (test_a_potential_holds_for_all_assets_of_a_place,),
    "project_requires": (test_a_project_is_built_no_further_than_the_one_it_needs,),
    "project_excludes": (test_of_two_projects_in_place_of_each_other_one_is_built,),
    "build_pace": (test_pace_is_the_yearly_rate_times_the_years_since_the_previous_planning_year,),
    "investment": (test_what_runs_was_built_and_paid, test_annuities_end_with_the_horizon),
    "fixed": (test_what_is_spent_is_spent_but_fixed_cost_ends_with_the_plant,),
}
