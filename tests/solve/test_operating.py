"""A plan's capacities in one year, nothing open but dispatch: the same dispatch, and nothing to build."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import LinearProgram
from model.solve import highs, ledger
from model.solve.accounts import Accounts
from model.solve.columns import columns_of
from model.solve.operating import operating_system
from model.study import Plan
from tests.lp import everything as whole
from tests.lp.solved import solved
from tests.studies import HOURS, flat, only, technology

BUILDING = ("investment", "works", "fixed", "margins")
"""Kinds of cost that are settled once capacities are."""


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan in which every equation has rows but those after a contingency, which bind dispatch in the plan alone.

    Its cap of 2040 leaves no gain in wasting gas made without carbon.
    """
    caps = [{"year": 2025, "price": 4}, {"year": 2030, "price": 12, "cap": 9.5}, {"year": 2040, "price": 22, "cap": 8}]
    return whole.everything(tmp_path_factory.mktemp("everything"), emissions=caps, security="none").solve()


def growing(folder: Path) -> Plan:
    """1 GW grows to 2 in 2030; ``new`` at 10 USD/MWh is built for it beside 1 GW of ``old`` at 20."""
    return solved(
        folder,
        technology("new", variable_cost=10, capital_cost=1000, fixed_cost=15, lifetime=20, wacc=0.05),
        years=(2025, 2030),
        social_discount_rate=0.05,
        plants=[{"plant": "Old", "capacity": 1}],
        candidates=[{"technology": "new", "node": "north"}],
        demands=only(flat("north", 1), flat("north", 2, 2030)),
    )


def operated(plan: Plan, year: int) -> tuple[xr.Dataset, LinearProgram]:
    """The year's System with the plan's usable capacity, and its program with the plan's own steps."""
    accounts = plan.accounts
    usable = (accounts.capacity - accounts.standstill)[:, accounts.years.index(year)]
    system = operating_system(plan.study.system, year, np.where(usable > 1e-6, usable, 0))
    return system, compile_lp(state_plan(system, plan.study.time))


def test_dispatch_of_one_year_costs_what_it_costs_in_that_year(tmp_path: Path) -> None:
    """Proves: in 2030 a GW of ``new`` at 10 USD/MWh and one of ``old`` at 20 run all year: 262.8 million USD, counted
    once and not discounted, without annuities. Without it a check would compare a year with its present value, or pay
    for the fleet twice."""
    _, program = operated(growing(tmp_path), 2030)
    assert highs.solve(program).objective == pytest.approx((10 + 20) * HOURS / 1000) == pytest.approx(262.8)


def test_capacities_are_those_given_and_nothing_can_be_built(tmp_path: Path) -> None:
    """Proves: half of what was planned is all there is: no build, closure or work has a column. Without it a year that
    lacks power would build what it lacks."""
    plan = growing(tmp_path)
    given = plan.accounts.capacity[:, 1] / 2
    system = operating_system(plan.study.system, 2030, given)
    program = compile_lp(state_plan(system, plan.study.time))
    found = Accounts(system, plan.study.time, columns_of(program, highs.solve(program).primal))
    assert found.capacity[:, 0] == pytest.approx(given)
    assert [program.column_family(name).size for name in ("build", "retire", "convert", "standstill")] == [0] * 4


@pytest.mark.parametrize("year", [2025, 2030, 2040])
def test_every_construct_is_dispatched_as_in_the_plan(everything: Plan, year: int) -> None:
    """Proves: commitment, stores, works that stand still, caps and goals: each year's dispatch by itself costs what the
    plan pays for it, to 1e-6. Without it a capacity, limit or goal lost on the way would show as an error of the plan's
    few steps."""
    system, program = operated(everything, year)
    found = highs.solve(program)
    dispatch = ~np.isin(ledger.KINDS, BUILDING)
    planned = ledger.costs(everything.accounts)[dispatch, everything.accounts.years.index(year)]
    lived = Accounts(system, everything.study.time, columns_of(program, found.primal))
    assert found.objective == pytest.approx(planned.sum(), rel=1e-6)
    assert ledger.costs(lived)[dispatch, 0] == pytest.approx(planned, rel=1e-6, abs=1e-6)
    assert ledger.costs(lived)[~dispatch, 0] == pytest.approx(0)


def test_only_goals_that_count_energy_are_kept(everything: Plan) -> None:
    """Proves: goals of delivered energy bind dispatch and stay, those of works and of security are the plan's alone and
    go. Without it a year would pay for works that it cannot do."""
    system, _ = operated(everything, 2030)
    assert set(everything.study.system["target"].to_numpy()) == {"green", "less_coal", "renewal", "secure"}
    assert set(system["target"].to_numpy()) == {"green", "less_coal"}
    assert "renewal" not in system["target_term_target"].to_numpy()


def test_a_goal_of_use_alone_binds_dispatch(tmp_path: Path) -> None:
    """Proves: 4,380 GWh of coal have to be used though ``old`` is cheaper: 0.5 GW at 30 USD/MWh and 0.5 at 20, 219
    million USD in the year alone as in the plan, and no rule of projects is left. Without it the year would run on
    ``old`` alone, 175.2, as if the goal had been given up."""
    plan = solved(
        tmp_path,
        technology("burner", takes={"coal": 1}, variable_cost=30, lifetime=100),
        technology("new", variable_cost=50, capital_cost=1000, lifetime=20, wacc=0.05),
        commodities=[{"commodity": "coal", "resolution": "year"}],
        fuels=[{"commodity": "coal", "price": 0}],
        plants=[
            {"plant": "Burner", "technology": "burner"},
            *({"plant": p, "technology": "new", "status": "candidate", "start_year": 2030} for p in ("Next", "Other")),
        ],
        project_rules=[{"project": "Next", "other": "Other"}],
        targets=[{"unit": "GWh", "value": 4380, "penalty": 1}],
        target_terms=only({"measure": "used", "select": "burner", "commodity": "coal"}),
        demands=only(flat("north", 1)),
    )
    system, program = operated(plan, 2025)
    assert highs.solve(program).objective == pytest.approx(4.38 * (30 + 20)) == pytest.approx(219)
    assert system.sizes["project_rule"] == 0


def test_the_system_given_is_not_changed(tmp_path: Path) -> None:
    """Proves: the plan's System is as it was. Without it a second check would start from the first one's."""
    plan = growing(tmp_path)
    before = plan.study.system.copy(deep=True)
    operating_system(plan.study.system, 2030, plan.accounts.capacity[:, 1])
    xr.testing.assert_identical(plan.study.system, before)
