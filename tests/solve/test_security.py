"""The least load to be shed after a contingency, worked out by hand for plans that were made without security.

Demand is 1 GW in the north and 0.5 GW in the south. ``Old`` in the north, 2 GW at 20 USD/MWh, makes all of it and,
unless a test says otherwise, cannot respond within minutes; 0.5 GW go to the south.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model.solve.accounts import Accounts
from model.solve.columns import Column, columns_of
from model.solve.security import after_contingencies, beyond_insecurity, critical_moments, secure_violations
from tests.lp.solved import solved, study
from tests.studies import Row, Rows, flat, only, technology

Built = dict[str, Any]


def lost(link: str = "north_south", share: float = 1, **more: Any) -> Row:
    """The loss of a share of a link."""
    return {"contingency": f"loss of {link}", "link": link, "share": share, **more}


def unit(node: str, gigawatt: float) -> Row:
    """The loss of a unit."""
    return {"contingency": f"unit in the {node}", "node": node, "lost": gigawatt}


def lines(*capacities: float, **more: Any) -> list[Row]:
    """Lines from north to south, named ``north_south``, ``line_1`` and so on."""
    names = ["north_south", *(f"line_{i}" for i in range(1, len(capacities)))]
    return [{"link": name, "capacity": size, **more} for name, size in zip(names, capacities, strict=True)]


def dear(**values: Any) -> Rows:
    """A plant of 50 USD/MWh."""
    return technology("dear", variable_cost=50, lifetime=100, **values)


def old(response: float) -> Rows:
    """``Old`` with a response."""
    return technology("old", variable_cost=20, lifetime=100, response=response)


def goal(year: int = 2025) -> Built:
    """That nothing is shed, as far as a GW for 1,000 million USD a year is worth it."""
    return {
        "targets": [{"target": "secure", "sense": "max", "value": 0, "year": year, "penalty": 1000}],
        "target_terms": [{"target": "secure", "measure": "insecure", "select": "all"}],
    }


def insecure(folder: Path, *parts: Rows, **options: Any) -> Accounts:
    """The accounts of a plan that does not know of its contingencies, with a System that does."""
    own = study(folder, *parts, **{**goal(), **options})
    plan = own.solve()
    system = own.override({"study.security": "n-1"}).system
    return Accounts(system, plan.study.time, columns_of(plan.program, plan.solution.primal))


def shed(accounts: Accounts) -> float:
    """GW shed after the only contingency in the only step, 0 if it has no row."""
    found = after_contingencies(accounts)
    assert len(found) <= 1
    return float(found["shed"].sum())


SOUTHWARD: list[Row] = [{"link": "north_south"}, {"link": "line_1"}]
CASES: dict[str, tuple[Built, Row, float]] = {
    "one of two lines": ({"links": lines(0.3, 0.3)}, lost("line_1"), 0.2),
    "room enough": ({"links": lines(0.5, 0.3)}, lost("line_1"), 0.0),
    "emergency rating": ({"links": lines(0.3, 0.3, emergency=1.2)}, lost("line_1"), 0.14),
    "availability": ({"links": lines(0.4, 0.4, availability=0.8)}, lost("line_1"), 0.18),
    "one of two circuits": ({"links": lines(0.8)}, lost(share=0.5), 0.1),
    "joint limit": (
        {"links": lines(1, 1), "interfaces": [{"interface": "southward", "limit": 0.5, "emergency": 0.8}],
         "interface_members": SOUTHWARD}, lost("line_1"), 0.1,
    ),
    "joint limit less a line": (
        {"links": [*lines(1), {"link": "line_1", "capacity": 1, "status": "committed", "first_year": 2025,
                   "capital_cost": 1}],
         "interfaces": [{"interface": "southward", "limit": 0.3, "emergency": 1.1}],
         "interface_members": [SOUTHWARD[0], {**SOUTHWARD[1], "uplift": 0.2}]}, lost("line_1", 0.5), 0.06,
    ),
    "joint limit for both ways": (
        {"links": lines(1, 1),
         "interfaces": [{"interface": "southward", "limit": 0.5, "flow": "gross", "emergency": 0.6}],
         "interface_members": [{**row, "direction": 1} for row in SOUTHWARD]}, lost("line_1"), 0.2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_left_is_what_can_be_carried(tmp_path: Path, case: str) -> None:
    """Proves: 0.3 GW are left of 0.6; 0.36 at an emergency rating of 1.2; 0.4 x 0.8 = 0.32 of what is available; half
    of 0.8. Of a joint limit of 0.5 GW 0.8 count; of 0.3 + 0.2 GW a line keeps half of its uplift, 1.1 x
    (0.3 + 0.1) = 0.44; one for flows both ways keeps 0.6 of 0.5. Without any of these too much or too little of the
    0.5 GW would be shed, and where there is room some would be."""
    options, contingency, expected = CASES[case]
    assert shed(insecure(tmp_path, contingencies=[contingency], **options)) == pytest.approx(expected, abs=1e-9)


def test_redispatch_is_what_responds(tmp_path: Path) -> None:
    """Proves: of an idle GW in the south a tenth comes in for the 0.5 that are lost, and all of a battery of 0.2 GW.
    Without the limit nothing would be shed, without redispatch 0.5."""
    efficient: dict[str, Any] = {"charge_efficiency": 1, "discharge_efficiency": 1}
    battery = technology("battery", kind="storage", duration=4, lifetime=100, response=1, **efficient)
    plant: Row = {"plant": "South", "node": "south", "technology": "dear"}
    store: Row = {"plant": "Store", "node": "south", "technology": "battery", "capacity": 0.2}
    both = insecure(tmp_path, dear(response=0.1), battery, plants=[plant, store], contingencies=[lost()])
    assert shed(both) == pytest.approx(0.2)


def test_what_is_committed_responds_only_if_online(tmp_path: Path) -> None:
    """Proves: a unit that would have to be started brings in nothing: 0.5 GW are shed, where an uncommitted one brings
    in 0.2. Without it cold units would be counted on."""
    plant: Row = {"plant": "South", "node": "south", "technology": "dear"}
    case: Built = {"plants": [plant], "contingencies": [lost()]}
    cold = dear(response=0.2, minimum_load=0.5, start_cost=500)
    assert shed(insecure(tmp_path / "cold", cold, commitment="relaxed", **case)) == pytest.approx(0.5)
    assert shed(insecure(tmp_path / "warm", dear(response=0.2), **case)) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("response", "node", "short"), [(0.2, "south", 0.2), (0.6, "south", 0.0), (0.6, "north", 0.0), (0.2, "north", 0.2)]
)
def test_a_unit_is_lost(tmp_path: Path, response: float, node: str, short: float) -> None:
    """Proves: for 0.3 GW lost in either place the 0.5 GW of Old that stand idle bring in their share. Without the loss,
    or with what is lost at one node helped only from there, 0 or 0.3 would be shed."""
    accounts = insecure(tmp_path, old(response), contingencies=[unit(node, 0.3)])
    assert shed(accounts) == pytest.approx(short, abs=1e-9)


def parallel(*reactances: float, capacities: tuple[float, ...]) -> list[Row]:
    """Lines of 500 kV with these reactances."""
    rows = zip(lines(*capacities), reactances, strict=True)
    return [{**row, "reactance": ohm, "voltage": "500"} for row, ohm in rows]


@pytest.mark.parametrize(("network", "short"), [("dc", 0.1), ("transport", 0.0)])
def test_flows_split_over_what_is_left(tmp_path: Path, network: str, short: float) -> None:
    """Proves: after the loss of the third line, of two others of 25 and 75 ohm the first takes three quarters and is
    full at 0.3 GW when the second has 0.1: 0.1 GW are shed. Without Kirchhoff's law both are filled, and nothing is."""
    links = parallel(25, 75, 25, capacities=(0.3, 0.3, 0.3))
    accounts = insecure(tmp_path, links=links, network=network, contingencies=[lost("line_2")])
    assert shed(accounts) == pytest.approx(short, abs=1e-9)


@pytest.mark.parametrize(("network", "short"), [("dc", 0.1), ("transport", 0.0)])
def test_the_loops_after_a_unit_is_lost_are_those_before(tmp_path: Path, network: str, short: float) -> None:
    """Proves: the 0.2 GW that must come from the north as well would load a line of 0.45 GW with 0.75 x 0.7 = 0.525:
    0.6 GW can come, and 0.1 are shed. Without loops for the loss of a unit the second line takes what is too much."""
    links = parallel(25, 75, capacities=(0.45, 0.3))
    accounts = insecure(tmp_path, old(1), links=links, network=network, contingencies=[unit("south", 0.2)])
    assert shed(accounts) == pytest.approx(short, abs=1e-9)


def test_power_that_cannot_leave_is_stuck(tmp_path: Path) -> None:
    """Proves: of 1 GW that comes to the south over the border 0.5 cannot go on when the line north is lost, as there is
    no plant to take it back, and 0.5 lack in the north. Without `stuck` such a moment would have no answer at all."""
    accounts = insecure(
        tmp_path,
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad", "to_node": "south", "capacity": 1}],
        markets=[{"market": "abroad", "node": "abroad", "price": 5}],
        contingencies=[lost()],
    )
    (row,) = after_contingencies(accounts).itertuples()
    assert (row.shed, row.stuck) == pytest.approx((1.0, 0.5))
    accounts = replace(accounts, columns={**accounts.columns, "insecurity": _insecurity(2.0)})
    assert list(beyond_insecurity(accounts, after_contingencies(accounts))) == pytest.approx([0.5])


def _insecurity(gigawatt: float, year: int = 2025) -> Column:
    """What a plan says of its year."""
    return Column(("year",), {"year": (year,)}, {"year": np.array([0])}, np.array([gigawatt]))


def _two_years(folder: Path, **more: Any) -> Accounts:
    """Two steps a day, 0.75 and 0.25 GW in the south, which three lines of 0.3 GW carry; 2030 is like 2025."""
    return insecure(
        folder,
        years=(2025, 2030),
        step_hours=12,
        load=lambda month, hour: 1.5 if hour < 12 else 0.5,
        links=lines(0.3, 0.3, 0.3),
        plants=[{"plant": "Old", "capacity": 3}],
        contingencies=[lost("line_1", first_year=2030), lost("line_2", 0.5)],
        **more,
    )


def test_every_step_is_looked_at_from_the_first_year_on(tmp_path: Path) -> None:
    """Proves: at the peak 0.15 GW are shed after the loss of a line, which counts from 2030 on; half a line is not
    missed, and in the other half of the day nothing is. Without the first year 2025 would have a row as well."""
    accounts = _two_years(tmp_path)
    (row,) = after_contingencies(accounts).itertuples()
    assert (row.contingency, row.year, row.step) == ("loss of line_1", 2030, "all/00")
    assert row.shed == pytest.approx(0.15)


def test_single_moments_can_be_asked_for(tmp_path: Path) -> None:
    """Proves: of moments named one by one only these are looked at. Without it the certificate of what a plan states
    would take as long as looking for what it does not."""
    accounts = _two_years(tmp_path)
    quiet, peak = (("loss of line_1", 2030, step) for step in ("all/12", "all/00"))
    assert after_contingencies(accounts, [quiet]).empty
    assert len(after_contingencies(accounts, [quiet, peak])) == 1


def test_the_worst_violations_come_first(tmp_path: Path) -> None:
    """Proves: what the plan says of its year, 0.05 GW, is let pass, the rest in the order in which it lacks most: of
    0.5 GW 0.5, 0.3 and 0.1 are shed, and after the last of 0.04 nothing is said. Without the order a pass that adds a
    few moments might add the harmless ones."""
    shares = {"a": 0.54, "b": 0.7, "c": 1.0, "d": 0.6}
    contingencies = [{"contingency": name, "link": "north_south", "share": share} for name, share in shares.items()]
    accounts = insecure(tmp_path, links=lines(1), contingencies=contingencies)
    assert list(secure_violations(accounts, 0.0)["contingency"]) == ["c", "b", "d", "a"]
    said = replace(accounts, columns={**accounts.columns, "insecurity": _insecurity(0.05)})
    found = secure_violations(said, 1e-6)
    assert list(found["contingency"]) == ["c", "b", "d"]
    assert list(found["shed"]) == pytest.approx([0.5, 0.2, 0.1])
    assert list(secure_violations(said, 0.2)["contingency"]) == ["c"]


def test_a_study_without_contingencies_has_nothing_to_look_at(tmp_path: Path) -> None:
    """Proves: nothing is found where nothing is asked. Without it every study would have to be secure."""
    plan = solved(tmp_path)
    assert after_contingencies(plan.accounts).empty
    assert secure_violations(plan.accounts, 0.0).empty
    assert critical_moments(plan.accounts) == []


def _ring(folder: Path, penalty: float) -> Accounts:
    """Three places round a ring with loops, each line of which may be lost or widened, and a unit in the east."""
    line = technology("line", kind="link", length_cost=1, lifetime=20, wacc=0, loss=0.03)
    ends = {"north_south": ("north", "south"), "north_east": ("north", "east"), "east_south": ("east", "south")}
    links = [
        {"link": name, "from_node": a, "to_node": b, "capacity": 0.5, "expansion": 1, "reactance": 20 + 10 * i,
         "voltage": "500", "emergency": 1.1} for i, (name, (a, b)) in enumerate(ends.items())
    ]  # fmt: skip
    plan = solved(
        folder,
        line,
        old(0.2),
        dear(response=0.3),
        years=(2025, 2030),
        step_hours=12,
        load=lambda month, hour: 1.2 if hour < 12 else 0.8,
        network="dc",
        security="n-1",
        nodes=[{"node": "east"}],
        weather=[{"node": "east", "month": month} for month in range(1, 13)],
        links=links,
        plants=[{"plant": "East", "node": "east", "technology": "dear", "capacity": 0.4}],
        demands=only(flat("north", 0.5), flat("south", 0.6), flat("east", 0.4)),
        contingencies=[*(lost(name, first_year=2030) for name in ends), unit("east", 0.2)],
        targets=[{"target": "secure", "sense": "max", "value": 0, "year": 2025, "penalty": penalty}],
        target_terms=goal()["target_terms"],
    )
    assert plan.passes[-1].settled
    return plan.accounts


@pytest.mark.parametrize("penalty", [1, 4, 1000])
def test_the_screen_and_the_program_say_the_same(tmp_path: Path, penalty: float) -> None:
    """Proves: where shedding costs, the insecurity that the program decides is the most that is shed after any of all
    contingencies, recomputed without its equations. Without it one of the two would be wrong about loops, losses,
    ratings or redispatch."""
    accounts = _ring(tmp_path, penalty)
    worst = after_contingencies(accounts).groupby("year")["shed"].max()
    said = pd.Series(accounts.dense("insecurity", "year"), index=accounts.years)
    assert list(worst.reindex(said.index).fillna(0.0)) == pytest.approx(list(said), abs=1e-4)
    assert secure_violations(accounts, 1e-4).empty
