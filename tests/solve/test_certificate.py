"""The certificate refuses what is wrong: each of its checks can fail, and each does for the fault it is there for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.lp.program import Floats
from model.solve.accounts import Accounts
from model.solve.certificate import COST_AGREEMENT, Certificate, certify, physical_checks
from model.solve.columns import columns_of
from model.solve.optimality import FEASIBILITY
from model.study import Plan
from tests.lp import everything as whole

GAP = 1e-6


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A certified plan in which every equation has rows, with a store that works from the start."""
    pumped = {"plant": "Pumped", "technology": "store", "node": "south", "capacity": 0.2, "start_year": 2024}
    return whole.everything(tmp_path_factory.mktemp("certificate"), plants=[*whole.plants(), pumped]).solve()


def accounts(plan: Plan, primal: Floats | None = None, **system: Any) -> Accounts:
    """The accounts of other values, or of the plan's values in another System."""
    values = plan.solution.primal if primal is None else primal
    return Accounts(plan.study.system.assign(system), plan.study.time, columns_of(plan.program, values))


def moved(plan: Plan, variable: str, by: float, **labels: object) -> Floats:
    """The plan's values with ``by`` added to every column of a variable that has these labels."""
    family = plan.program.column_family(variable)
    chosen = np.ones(family.size, dtype=bool)
    for dim, positions, axis in zip(family.dims, family.positions, family.labels, strict=True):
        if dim in labels:
            chosen &= positions == axis.index(labels[dim])
    assert chosen.any()
    values = plan.solution.primal.copy()
    values[np.arange(family.start, family.start + family.size)[chosen]] += by
    return values


def examined(plan: Plan, primal: Floats, dual: Floats, found: Accounts) -> Certificate:
    """The certificate of a solution."""
    return certify(plan.program, primal, dual, found, GAP)


def test_the_plan_itself_passes(plan: Plan) -> None:
    """Proves: what is refused below is refused for its fault. Without it a certificate that refuses everything would
    pass this file."""
    assert plan.certificate.passed
    assert plan.certificate.reason() == ""
    assert plan.certificate.physical_violation < FEASIBILITY / 2


@pytest.mark.parametrize(
    ("variable", "labels"),
    [
        ("capacity", {"asset": "gas@south", "year": 2040}),
        ("operation", {"asset": "old@north", "year": 2025, "step": "rest/06"}),
        ("left", {"asset": "old@north", "vintage": "Old", "year": 2030}),
        ("emission", {"year": 2030, "period": "winter"}),
    ],
)
def test_one_wrong_value_is_refused(plan: Plan, variable: str, labels: dict[str, object]) -> None:
    """Proves: 0.001 more in one column breaks a row, in the matrix and in the accounts. Without it a solver's slip
    would be published."""
    values = moved(plan, variable, 1e-3, **labels)
    found = examined(plan, values, plan.solution.row_dual, accounts(plan, values))
    assert not found.passed
    assert found.optimality.primal > FEASIBILITY
    assert "primal" in found.reason()


def test_wrong_duals_are_refused(plan: Plan) -> None:
    """Proves: duals that prove no bound near the cost, or have the wrong sign, are refused though the plan is
    feasible. Without it a plan that is feasible but dear could be called optimal."""
    right = accounts(plan)
    for duals in (plan.solution.row_dual * 0.99, -plan.solution.row_dual, np.zeros(plan.program.rows)):
        found = examined(plan, plan.solution.primal, duals, right)
        assert not found.passed
        assert found.optimality.primal <= FEASIBILITY
        assert not found.optimality.certified(GAP)


def test_a_feasible_plan_that_is_not_the_cheapest_is_refused(plan: Plan) -> None:
    """Proves: excess and unserved heat of 0.1 GW at once break no row but cost money, and the gap shows it. Without
    the gap any feasible plan would pass."""
    at = {"commodity": "heat", "node": "south", "year": 2030}
    values = moved(plan, "unserved", 0.1, **at) + moved(plan, "excess", 0.1, **at) - plan.solution.primal
    found = examined(plan, values, plan.solution.row_dual, accounts(plan, values))
    assert found.optimality.primal <= FEASIBILITY
    assert found.physical_violation <= FEASIBILITY
    assert found.optimality.gap > GAP
    assert not found.passed


DECISIONS: list[tuple[str, str, float, dict[str, object]]] = [
    ("signs of decisions", "build", -9, {"asset": "wind@north", "year": 2030}),
    ("capacity accounts", "capacity", 0.1, {"asset": "hydro@south", "year": 2030}),
    ("capacity accounts", "retire", 2, {"asset": "old@north", "vintage": "Older", "year": 2030}),
    ("capacity accounts", "convert", 2, {"asset": "old@north", "vintage": "Older", "year": 2030}),
    ("capacity accounts", "build", 9, {"asset": "Maybe", "year": 2030}),
    ("balances", "operation", 0.1, {"asset": "chp@south", "year": 2030, "step": "rest/00"}),
    ("balances", "operation_by_period", 0.1, {"asset": "works@north", "year": 2025}),
    ("balances", "operation_by_year", 0.1, {"asset": "railway@north", "year": 2025}),
    ("available capacity", "operation", 9, {"asset": "wind@north", "year": 2040, "step": "rest/00"}),
    ("available capacity", "operation_by_period", 9, {"asset": "works@north", "year": 2025}),
    ("available capacity", "operation_by_year", 9, {"asset": "railway@north", "year": 2025}),
    ("heat-led output", "operation", -0.3, {"asset": "chp@south", "year": 2025, "step": "winter/00"}),
    ("energy limits", "operation", 0.4, {"asset": "hydro@south"}),
    ("energy limits", "operation", -0.4, {"asset": "hydro@south"}),
    ("annual limits", "operation", 0.2, {"asset": "seller", "year": 2030}),
    ("stores", "level", 0.01, {"asset": "store@south", "year": 2025, "step": "rest/00"}),
    ("stores", "charge", 0.01, {"asset": "store@south", "year": 2025, "step": "rest/00"}),
    ("interfaces", "operation", 1, {"asset": "north_south", "mode": "forward", "year": 2025}),
    ("interfaces", "operation_by_period", 1, {"asset": "loop", "mode": "forward", "year": 2025}),
    ("interfaces", "operation_by_year", 1, {"asset": "rails", "mode": "backward", "year": 2025}),
    ("borders", "operation", 1, {"asset": "southern_border", "mode": "forward", "year": 2025}),
    ("arrivals", "operation", 0.1, {"asset": "reach@north", "mode": "arrive", "year": 2025, "step": "rest/00"}),
    ("borders", "operation_by_period", 1, {"asset": "pipe_south", "mode": "forward", "year": 2025}),
    ("borders", "operation_by_year", 1, {"asset": "rails_south", "mode": "forward", "year": 2025}),
    ("power flow", "operation", 0.05, {"asset": "twin", "mode": "forward", "year": 2030}),
    ("losses of links", "link_loss", -0.05, {"link": "north_south", "year": 2030}),
    ("reserve margins", "margin_shortfall", -0.1, {"year": 2040}),
    ("reserve margins", "firm_exchange", 9, {}),
    ("operating reserve", "reserve_exchange", 9, {}),
    ("operating reserve", "online", -9, {"year": 2030}),
    ("security", "operation", 0.3, {"asset": "north_south", "mode": "forward", "year": 2030}),
    ("project rules", "capacity", 9, {"asset": "Maybe", "year": 2030}),
    ("project rules", "capacity", 0.7, {"asset": "store@south", "year": 2030}),
    ("emissions", "emission", 0.01, {"year": 2030, "period": "rest"}),
    ("goals", "shortfall", -100, {"target": "green", "year": 2030}),
    ("potentials and pace", "build", 1, {"asset": "wind@north", "year": 2030}),
    ("potentials and pace", "capacity", 9, {"asset": "gas@south", "year": 2030}),
    ("both ways at once", "operation", 0.1, {"asset": "north_south"}),
    ("both ways at once", "charge", 0.1, {}),
]


@pytest.mark.parametrize(("check", "variable", "by", "labels"), DECISIONS)
def test_each_check_sees_a_wrong_decision(
    plan: Plan, check: str, variable: str, by: float, labels: dict[str, object]
) -> None:
    """Proves: a decision that breaks an account is seen by the check of that account, from the inputs alone. Without
    it the check could be blind, and a fault of the matrix would go unseen."""
    values = moved(plan, variable, by, **labels)
    if check == "both ways at once" and variable == "charge":
        values += moved(plan, "discharge", by) - plan.solution.primal
    assert physical_checks(accounts(plan, values))[check] > FEASIBILITY


def times(name: str, factor: float) -> Callable[[Any], dict[str, Any]]:
    """A System's variable multiplied."""
    return lambda system: {name: system[name] * factor}


INPUTS: list[tuple[str, Callable[[Any], dict[str, Any]]]] = [
    ("balances", times("annual_demand", 1.001)),
    ("balances", times("port_yield", 1.001)),
    ("available capacity", times("availability_factor", 0.5)),
    ("available capacity", times("work_outage_years", 3)),
    (
        "heat-led output",
        lambda system: {"asset_must_run": system["asset_must_run"].where(system["asset"] != "hydro@south", "constant")},
    ),
    (
        "energy limits",
        lambda system: {
            "energy_limit_full_load_hours": system["energy_limit_full_load_hours"].where(
                system["energy_limit_sense"] == "min", 1500.0
            )
        },
    ),
    (
        "energy limits",
        lambda system: {
            "energy_limit_full_load_hours": system["energy_limit_full_load_hours"].where(
                system["energy_limit_sense"] == "max", 4101.0
            )
        },
    ),
    ("annual limits", times("annual_limit", 0.1)),
    ("stores", times("asset_duration", 0.1)),
    ("stores", times("asset_charge_efficiency", 0.9)),
    ("stores", times("asset_discharge_efficiency", 0.9)),
    ("stores", times("asset_standing_loss", 9)),
    ("interfaces", times("interface_limit", 0.5)),
    ("interfaces", times("interface_member_uplift_rate", 0)),
    ("interfaces", lambda system: {"interface_limit": system["interface_limit"] * [1, 0.8, 1]}),
    ("interfaces", lambda system: {"interface_limit": system["interface_limit"] * [1, 1, 0.6]}),
    ("power flow", lambda system: {"loop_member_drop": system["loop_member_drop"].clip(max=0.2)}),
    ("losses of links", times("link_loss", 1.1)),
    ("reserve margins", times("margin_margin", 1.5)),
    ("reserve margins", times("capacity_credit", 0.9)),
    ("operating reserve", times("reserve_largest_unit", 9)),
    ("operating reserve", times("asset_response", 0.1)),
    ("security", times("contingency_lost", 3)),
    ("security", times("contingency_share", 2)),
    ("security", times("link_emergency", 0.5)),
    ("project rules", times("project_rule_project_size", 0.1)),
    ("project rules", times("project_rule_other_size", 0.1)),
    ("emissions", times("commodity_co2_factor", 1.01)),
    ("emissions", times("co2_cap", 0.5)),
    ("goals", times("target_required", 0.5)),
    ("goals", times("target_term_coefficient", 2)),
    (
        "goals",
        lambda system: {
            "target_counts_from": system["target_counts_from"] + 90,
            "target_required": system["target_required"] + 0.3,
        },
    ),
    ("potentials and pace", times("build_rate", 0.5)),
    ("potentials and pace", times("potential_member_limit", 0.3)),
    ("capacity accounts", times("vintage_capacity", 1.01)),
    ("capacity accounts", times("build_upper", 0.1)),
    ("capacity accounts", lambda system: {"build_lower": system["build_lower"] + 9}),
    ("capacity accounts", times("work_share", 0.1)),
    ("capacity accounts", lambda system: {"work_first_year": system["work_first_year"] + 9}),
    ("capacity accounts", times("work_ratio", 1.1)),
    (
        "capacity accounts",
        lambda system: {"vintage_end_year": system["vintage_end_year"].where(system["vintage_label"] != "Old", 2030)},
    ),
]


@pytest.mark.parametrize(("check", "change"), INPUTS)
def test_each_check_sees_another_country(plan: Plan, check: str, change: Callable[[Any], dict[str, Any]]) -> None:
    """Proves: physics are judged by the System: where an input differs the named check fails although the solution is
    optimal for its matrix. Without it a statement that misreads the inputs would certify itself."""
    found = examined(plan, plan.solution.primal, plan.solution.row_dual, accounts(plan, **change(plan.study.system)))
    assert found.optimality.certified(GAP)
    assert found.physics[check] > FEASIBILITY
    assert not found.passed
    assert "is violated by" in found.reason()


def test_every_check_was_made_to_fail(plan: Plan) -> None:
    """Proves: the lists above leave no check out. Without it a new check could come without a fault that it sees."""
    assert {check for check, *_ in DECISIONS} == set(physical_checks(accounts(plan)))


@pytest.mark.parametrize(
    "name",
    [
        "annuity",
        "fixed_cost",
        "variable_cost",
        "asset_start_cost",
        "work_annuity",
        "co2_price",
        "target_penalty",
        "discount_weight",
    ],
)
def test_costs_are_recomputed_from_the_inputs(plan: Plan, name: str) -> None:
    """Proves: where a price is one per cent higher than the objective's the costs differ, and nothing else. Without it
    a wrong coefficient in the objective would be optimal for ever."""
    found = examined(
        plan, plan.solution.primal, plan.solution.row_dual, accounts(plan, **times(name, 1.01)(plan.study.system))
    )
    assert found.cost_difference > COST_AGREEMENT
    assert found.physical_violation <= FEASIBILITY
    assert not found.passed
    assert "costs recomputed" in found.reason()


@pytest.mark.parametrize("kind", ["unserved", "excess"])
def test_prices_of_what_is_missing_or_left_over_are_recomputed(plan: Plan, kind: str) -> None:
    """Proves: where there is unserved demand or excess its price counts in the recomputed costs. The plan has none, so
    both are put in. Without it the ledger could leave them out."""
    at = {"commodity": "electricity", "node": "south", "year": 2030}
    values = moved(plan, "unserved", 0.1, **at) + moved(plan, "excess", 0.1, **at) - plan.solution.primal
    assert examined(plan, values, plan.solution.row_dual, accounts(plan, values)).cost_difference <= COST_AGREEMENT
    price = plan.study.system[f"commodity_{kind}_price"] * 1.1
    other = accounts(plan, values, **{f"commodity_{kind}_price": price})
    assert examined(plan, values, plan.solution.row_dual, other).cost_difference > COST_AGREEMENT


def test_a_wider_gap_lets_more_pass(plan: Plan) -> None:
    """Proves: the wanted gap decides, and is named in the reason. Without it a plan could be certified to a gap that
    nobody asked for."""
    duals = plan.solution.row_dual * (1 - 1e-5)
    found = examined(plan, plan.solution.primal, duals, accounts(plan))
    assert not found.passed
    assert "wanted 1e-06" in found.reason()
    assert replace(found, gap=1e-2).optimality.gap < 1e-2


def test_the_certificate_as_numbers(plan: Plan) -> None:
    """Proves: what the result file and ``--json`` carry is there, as plain numbers. Without it a reader would have to
    trust."""
    numbers = plan.certificate.as_dict()
    assert {"primal", "dual", "gap", "physical", "cost_difference", "wanted_gap"} <= set(numbers)
    assert all(isinstance(number, float) for number in numbers.values())


def test_a_plan_is_written_only_if_it_passes(plan: Plan, tmp_path: Path) -> None:
    """Proves: a folder of a certified plan holds its result and its companion. Without them nobody could verify it."""
    plan.write(tmp_path)
    assert {"results.nc", "certificate.nc"} <= {path.name for path in tmp_path.iterdir()}
