"""Passes: reactances and critical moments are found one after the other, and a plan says whether anything is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import model.passes as passes_module
from model.outputs.files import summary
from model.passes import REACTANCE_PASSES, SETTLED, first_state, needs_passes
from model.study import Plan, Study
from model.system.loops import LEAST
from model.system.network_state import NetworkState, changed, state_of
from tests.lp.solved import YEAR, cost, solved, study, value
from tests.studies import Row, Rows, only, technology

YEARS = (2025, 2030)


def technologies() -> list[Rows]:
    """A dear plant, and lines that cost 5 million USD a year and GW."""
    return [
        technology("dear", variable_cost=50, lifetime=100),
        technology("line", kind="link", length_cost=1, lifetime=20, wacc=0),
    ]


def ring(*links: Row, **more: Any) -> dict[str, Any]:
    """A ring of 500 kV: straight 25 ohm and 0.3 GW, round 75 ohm; Old in the north, a dear plant in the south."""
    own: dict[str, Row] = {
        "north_south": {"reactance": 25, "capacity": 0.3},
        "north_east": {"to_node": "east", "reactance": 25},
        "east_south": {"from_node": "east", "reactance": 50},
    }
    own |= {str(row["link"]): row for row in links}
    return {
        "network": "dc",
        "nodes": [{"node": "east"}],
        "links": only(*({"link": link, "voltage": "500", **row} for link, row in own.items())),
        "plants": [{"plant": "South", "node": "south", "technology": "dear"}],
        "weather": [{"node": "east", "month": month} for month in range(1, 13)],
        **more,
    }


CANDIDATE: Row = {
    "link": "second",
    "status": "candidate",
    "capacity": 0.3,
    "first_year": 2030,
    "reactance": 25,
    "capital_cost": 100,
}
"""A line beside the straight one, as good as it: 100 USD/kW over 20 years are 5 million USD a year and GW."""
WIDER: Row = {"link": "north_south", "reactance": 25, "capacity": 0.3, "expansion": 1}
"""The straight line, which can be widened."""


WITH_TENTH = 5 * YEAR * 33 + 5 * (262.8 + 0.5)
"""0.1 GW made in the south in 2025 (289.08), and 0.1 GW of line instead of it from 2030 on."""


def built(plan: Plan, link: str) -> float:
    """GW of a link in 2030."""
    return value(plan, "capacity", link, 2030)


def test_a_transport_model_takes_one_pass(tmp_path: Path) -> None:
    """Proves: where nothing has to be found there is no pass to tell of, and no state in the results. Without it every
    plan would be solved twice."""
    plan = solved(tmp_path, *technologies(), **ring(network="transport"))
    assert not needs_passes(plan.study.system)
    assert plan.passes == ()
    assert state_of(plan.results) is None
    assert "passes" not in summary(plan)


def test_passes_settle_with_a_candidate(tmp_path: Path) -> None:
    """Proves: the first pass builds 0.1 GW of a candidate as if its flow could be set; the second gives it a reactance,
    by which it is loaded as the line beside it, and agrees: 5 x 289.08 + 5 x (262.8 + 0.1 x 5). The plan says that it
    is settled, and the result keeps the capacities of the last pass. Without the second pass nobody would know."""
    plan = solved(tmp_path, *technologies(), years=YEARS, **ring(CANDIDATE))
    assert [(one.change, one.settled) for one in plan.passes] == [(1, False), (pytest.approx(0, abs=1e-9), True)]
    assert plan.passes[1].rows == plan.passes[0].rows + 1
    assert built(plan, "second") == pytest.approx(0.1)
    assert cost(plan) == pytest.approx(WITH_TENTH)
    state = state_of(plan.results)
    assert state is not None
    assert state.capacity.loc["second", 2030] == pytest.approx(0.1)


def test_passes_settle_where_a_line_is_widened(tmp_path: Path) -> None:
    """Proves: with the reactance of 0.3 GW the straight way takes 3/4 of 0.5 GW, with that of 0.375 GW 0.395, and so on
    to 0.4 GW: passes come there, and tell what each came to. Without passes 0.025 GW would be missing."""
    plan = solved(tmp_path, *technologies(), years=YEARS, **ring(WIDER))
    assert plan.passes[0].change == pytest.approx(0.075 / 0.375)
    assert 2 < len(plan.passes) <= 5
    assert [one.settled for one in plan.passes] == [False] * (len(plan.passes) - 1) + [True]
    assert plan.passes[-1].change <= SETTLED
    assert built(plan, "north_south") == pytest.approx(0.4, abs=5e-4)
    assert cost(plan) == pytest.approx(WITH_TENTH, abs=0.02)
    told = summary(plan)
    assert told["settled"] is True
    assert [one["objective"] for one in told["passes"]] == [one.objective for one in plan.passes]


def test_passes_go_on_from_the_basis_of_the_one_before(tmp_path: Path) -> None:
    """Proves: every pass but the first starts from a basis. Without it each would cost as much as the first."""
    plan = solved(tmp_path, *technologies(), years=YEARS, **ring(WIDER))
    assert [one.solver for one in plan.passes] == ["simplex", *["simplex from a basis"] * (len(plan.passes) - 1)]


def test_a_settled_plan_is_repeated_in_one_pass(tmp_path: Path) -> None:
    """Proves: from the state that a result keeps, the same plan comes out at once. Without it a result could not be
    checked without all passes before it."""
    plan = solved(tmp_path, *technologies(), years=YEARS, **ring(WIDER))
    again = Study(plan.study.inputs, network_state=state_of(plan.results)).solve()
    assert len(again.passes) == 1
    assert again.passes[0].settled
    assert again.objective == pytest.approx(plan.objective, rel=1e-9)


def test_a_plan_that_is_not_settled_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where passes end before reactances agree with what is built, the plan is certified for the reactances of
    its last pass and says that it is not settled, and by how much. Without it the reader would take it as it is."""
    monkeypatch.setattr(passes_module, "REACTANCE_PASSES", 2)
    plan = solved(tmp_path, *technologies(), years=YEARS, **ring(WIDER))
    assert len(plan.passes) == 2
    assert not plan.passes[-1].settled
    assert plan.passes[-1].change > SETTLED
    assert plan.certificate.passed
    assert summary(plan)["settled"] is False


def test_a_network_of_two_states_is_left_where_it_is(tmp_path: Path) -> None:
    """Proves: a candidate of twice the reactance is worth 0.1 GW while its flow can be set, and half as much as it was
    in each pass that gives it a reactance, until it is gone and its flow can be set again: passes end at the limit and
    the plan says that it is not settled. Without a limit they would go on for ever."""
    plan = solved(tmp_path, *technologies(), years=YEARS, **ring({**CANDIDATE, "reactance": 50}))
    assert len(plan.passes) == REACTANCE_PASSES
    assert not any(one.settled for one in plan.passes)
    assert plan.passes[-1].change >= 0.5
    assert summary(plan)["settled"] is False


def frame(*rows: list[float]) -> pd.DataFrame:
    """Capacities of links ``a``, ``b`` and so on in 2030."""
    return pd.DataFrame({2030: rows[0]}, index=list("abcdef")[: len(rows[0])])


def test_the_next_capacities_by_hand() -> None:
    """Proves: at first what is wanted is tried. After that a straight line through two passes: of a = 1 comes 3, of 3
    comes 4, so half of a change comes back and 5 stays 5; a swing of b = 1 to 3 and back would stay at 2. Links without
    a reactance, here one in another unit, have no say. Without it passes creep or swing."""
    wired = np.array([True, False])
    first, second = (frame([1, 900]), frame([3, 100])), (frame([3, 100]), frame([4, 700]))
    assert passes_module._nearer([first], wired)[2030].tolist() == [3, 100]
    assert passes_module._nearer([first, second], wired)[2030].tolist() == pytest.approx([5, 700])
    swing = [(frame([1, 900]), frame([3, 100])), (frame([3, 100]), frame([1, 900]))]
    assert passes_module._nearer(swing, wired)[2030].tolist() == pytest.approx([2, 900])


def test_no_capacity_of_a_next_pass_is_below_zero() -> None:
    """Proves: a line of which 1 becomes 0.6 and 0.6 becomes 0.27 is on its way to less than none: -1.3 by the straight
    line, so it goes. Without it a reactance could be negative."""
    tried = [(frame([1]), frame([0.6])), (frame([0.6]), frame([0.27]))]
    assert passes_module._nearer(tried, np.array([True]))[2030].tolist() == [0]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([1.0, 5.0], [1.1, 9.0], 0.1 / 1.1),
        ([0.0, 0.0], [0.0005, 0.0], 0.0),
        ([0.0, 0.0], [0.3, 0.0], 1.0),
        ([0.3, 1.0], [0.0, 1.0], 1.0),
    ],
)
def test_change_by_hand(before: list[float], after: list[float], found: float) -> None:
    """Proves: the largest change counts relative to the larger of both, of wired links of 1 MW or more. Without it a
    line that comes or goes could count as nothing, or a pipeline as a line."""
    counted = np.array([True, False])
    assert changed(frame(before), frame(after), counted, LEAST) == pytest.approx(found)


def test_the_first_pass_states_what_stands_and_what_is_due(tmp_path: Path) -> None:
    """Proves: the first reactances are those of lines that stand, and of committed ones from their year on; what is
    only a candidate has none yet. Without it the first pass would split flows over lines that nobody has decided on."""
    due = {**CANDIDATE, "link": "due", "status": "committed"}
    first = study(tmp_path, *technologies(), years=YEARS, **ring(CANDIDATE, due))
    state = first_state(first.system, first.time)
    assert state.critical == ()
    assert state.capacity.loc["north_south"].tolist() == [0.3, 0.3]
    assert state.capacity.loc["due"].tolist() == [0, 0.3]
    assert state.capacity.loc["second"].tolist() == [0, 0]
    loops = state.applied(first.system)
    assert set(loops["loop_member_link"].to_numpy()) == {"north_south", "north_east", "east_south", "due"}


def secure(**more: Any) -> dict[str, Any]:
    """Two lines of 0.3 GW to the south, each of which may be lost, and a goal that no load is shed then.

    The south draws 0.6 GW in winter and 0.4 in summer; no plant can answer within minutes.
    """
    lines = ("north_south", "other")
    return {
        "periods": {"winter": range(1, 7), "summer": range(7, 13)},
        "load": lambda month, hour: 1.2 if month < 7 else 1 - 0.2 * 181 / 184,
        "links": [{"link": line, "capacity": 0.3} for line in lines],
        "plants": [{"plant": "South", "node": "south", "technology": "dear"}],
        "security": "n-1",
        "contingencies": [{"contingency": f"loss of {line}", "link": line, "share": 1} for line in lines],
        "targets": [{"target": "secure", "sense": "max", "value": 0, "penalty": 1000}],
        "target_terms": [{"target": "secure", "measure": "insecure", "select": "all"}],
        **more,
    }


def slow_plants() -> list[Rows]:
    """Plants that do not answer within minutes."""
    return [
        technology("old", variable_cost=20, lifetime=100, response=0),
        technology("dear", variable_cost=50, lifetime=100, response=0),
    ]


SECURE_ALL_YEAR = YEAR * (1.3 * 20 + 0.2 * 50)
"""315.36: one line is never needed, so 0.2 GW in the mean are made in the south."""


def test_moments_that_bind_are_found(tmp_path: Path) -> None:
    """Proves: the first pass looks at the winter only and sends 0.4 GW in summer, of which 0.1 would be lost with
    either line; the second states that too, and the plan is secure all year: 315.36. Without passes the summer would
    be left out, and half of the year's dear power with it."""
    plan = solved(tmp_path, *slow_plants(), **secure())
    assert [(one.critical, one.violated) for one in plan.passes] == [(2, 2), (4, 0)]
    assert plan.passes[-1].settled
    assert plan.passes[0].objective / 1e6 == pytest.approx(YEAR * 30 + 0.3 * 24 * 181 * 30 / 1000)
    assert cost(plan) == pytest.approx(SECURE_ALL_YEAR)
    assert value(plan, "insecurity", 2025) == pytest.approx(0)
    state = state_of(plan.results)
    assert state is not None
    assert len(state.critical) == len(set(state.critical)) == 4


def test_a_plan_that_is_not_secure_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: passes that end too soon leave two moments that are not survived, and say so. Without it a plan could be
    called secure of which nobody has looked at the summer."""
    monkeypatch.setattr(passes_module, "MOST_PASSES", 1)
    plan = solved(tmp_path, *slow_plants(), **secure())
    assert [(one.violated, one.settled) for one in plan.passes] == [(2, False)]
    assert summary(plan)["settled"] is False


def test_what_is_stated_and_still_violated_ends_the_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where only moments are violated that are stated already, another pass would find the same plan: there is
    none, and the plan is not settled. Without it the same program would be solved up to the limit of passes."""
    first = study(tmp_path, *slow_plants(), **secure())
    known = pd.DataFrame(list(first_state(first.system, first.time).critical), columns=["contingency", "year", "step"])
    monkeypatch.setattr(passes_module, "secure_violations", lambda accounts, tolerance: known.assign(shed=0.1))
    plan = first.solve()
    assert [(one.violated, one.settled) for one in plan.passes] == [(2, False)]


def test_contingencies_are_first_looked_at_when_load_is_highest(tmp_path: Path) -> None:
    """Proves: each contingency starts at the winter's step, and only from its first year on. Without it the first pass
    would know of none, or of one that need not be survived yet."""
    later = {"contingency": "loss of other", "link": "other", "share": 1, "first_year": 2030}
    case = {**secure(), "years": YEARS, "contingencies": [secure()["contingencies"][0], later]}
    first = study(tmp_path, *slow_plants(), **case)
    found = first_state(first.system, first.time).critical
    winter = str(first.time["step"].to_numpy()[0])
    assert found == (
        ("loss of north_south", 2025, winter),
        ("loss of north_south", 2030, winter),
        ("loss of other", 2030, winter),
    )


def test_power_flow_and_security_settle_together(tmp_path: Path) -> None:
    """Proves: a ring of which the straight way may be lost whole sends 0.2 GW round by a line of 0.2 GW, in winter and
    in summer, and is widened for neither: a GW of line is dearer than nothing but cheaper than 30 USD/MWh, so the way
    round grows to the 0.6 GW of the winter. Without loops of what is left a flow could go over a line that is lost;
    without both in one state a pass would forget what another has found."""
    wide = [
        {"link": "north_south", "reactance": 25, "capacity": 1, "voltage": "500"},
        {"link": "north_east", "to_node": "east", "reactance": 25, "capacity": 0.2, "voltage": "500", "expansion": 1},
        {"link": "east_south", "from_node": "east", "reactance": 50, "capacity": 1, "voltage": "500"},
    ]
    case = secure(
        network="dc",
        years=YEARS,
        nodes=[{"node": "east"}],
        links=only(*wide),
        weather=[{"node": "east", "month": month} for month in range(1, 13)],
        contingencies=[{"contingency": "loss of the straight way", "link": "north_south", "share": 1}],
    )
    plan = solved(tmp_path, *slow_plants(), technology("line", kind="link", length_cost=1, lifetime=20, wacc=0), **case)
    assert plan.passes[-1].settled
    assert built(plan, "north_east") == pytest.approx(0.6)
    assert cost(plan) == pytest.approx(5 * YEAR * (1.2 * 20 + 0.3 * 50) + 5 * (YEAR * 30 + 0.4 * 5))


def test_state_survives_the_file(tmp_path: Path) -> None:
    """Proves: a state, with or without critical moments, is the same after it was kept in a result. Without it verify
    would recompile another program."""
    capacity = pd.DataFrame({2025: [1.0, 0.0], 2030: [1.5, 0.25]}, index=["a", "b"])
    for moments in ((), (("loss of a", 2030, "t1"), ("loss of b", 2025, "t2"))):
        found = state_of(NetworkState(capacity, moments).as_variables())
        assert found is not None
        assert found.critical == moments
        assert found.capacity.to_numpy().tolist() == capacity.to_numpy().tolist()
        assert [list(found.capacity.index), list(found.capacity.columns)] == [["a", "b"], [2025, 2030]]
