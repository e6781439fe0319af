"""What a plan in one cutting of the year tells of the plan of the same system in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import Floats, LinearProgram
from model.solve.decompose.carried import Known, carried, slot_starts
from model.study import Plan, Study
from model.time.chronological import chronological
from model.time.steps import weather_of
from model.time.year import year_profiles
from tests.full_years import full_year
from tests.studies import flat, only, technology

SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
WINTER, SUMMER = 181, 184
"""Days of the two seasons."""
PEAK = 0.2
"""What the load of winter is above the output of ``Old``, GW."""
WEEKS, DAYS = 52, 7
INSIDE = {"step", "period"}


@dataclass(frozen=True)
class _Case:
    """A plan of two seasons and the program of the same system in 52 weeks with a step for each day."""

    plan: Plan
    fine: LinearProgram
    known: Known
    time: xr.Dataset

    @property
    def duals(self) -> Floats:
        """Of all rows of the finer program as stated."""
        stated = np.zeros(self.fine.stated_rows())
        stated[self.fine.kept_rows] = self.known.rows
        return stated


def _load(month: int, hour: int) -> float:
    return 1 + PEAK if month <= 6 else 1 - PEAK * WINTER / SUMMER


def _case(folder: Path, duration: float) -> _Case:
    """1 GW of ``old`` at 20 USD/MWh, a peaker at 200 and a store of 0.3 GW without losses."""
    numbers: Mapping[str, Any] = {"charge_efficiency": 1, "discharge_efficiency": 1, "lifetime": 100}
    plan = full_year(
        folder,
        technology("peaker", variable_cost=200, lifetime=100),
        technology("cavern", kind="storage", declared={"cycle": "year"}, duration=duration, **numbers),
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Store", "technology": "cavern", "capacity": 0.3},
        ],
        demands=only(flat("north", 1)),
        periods=SEASONS,
        load=_load,
        step_hours=24,
        horizon_end=2030,
    ).solve()
    inputs = plan.study.inputs
    weather = weather_of(inputs.tables, inputs.settings, inputs.folder)
    time = chronological(year_profiles(inputs.tables, weather), 24)
    fine = compile_lp(state_plan(plan.study.system, time))
    starts = slot_starts(time), slot_starts(plan.study.time)
    return _Case(plan, fine, carried(fine, plan.program, plan.solution.primal, plan.solution.row_dual, *starts), time)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> _Case:
    """The store holds all that winter lacks."""
    return _case(tmp_path_factory.mktemp("large"), 5000)


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> _Case:
    """The store holds 300 GWh, and winter lacks 869."""
    return _case(tmp_path_factory.mktemp("little"), 1000)


def _itself(plan: Plan) -> Known:
    return carried(plan.program, plan.program, plan.solution.primal, plan.solution.row_dual)


def _is_itself(plan: Plan) -> None:
    program, known = plan.program, _itself(plan)
    for family in program.column_families:
        wanted = plan.solution.primal[family.span] if not INSIDE & set(family.dims) else np.full(family.size, np.nan)
        np.testing.assert_array_equal(known.columns[family.span], wanted, family.name)
    duals = np.stack([known.rows, plan.solution.row_dual])
    for family in program.row_families:
        inside = (program.kept_rows >= family.start) & (program.kept_rows < family.start + family.size)
        if not INSIDE & set(family.dims):
            np.testing.assert_array_equal(duals[0, inside], duals[1, inside], family.name)
        else:
            assert not duals[0, inside].any(), family.name


def test_a_solution_carried_to_its_own_program() -> None:
    """Proves: all that is decided for years comes back as it was, with the duals of its rows. Without the match by
    labels a capacity would be that of another asset or year."""
    plan = Study.read("inputs/small").solve()
    assert np.isfinite(_itself(plan).columns).any()
    assert _itself(plan).rows.any()
    _is_itself(plan)


def test_levels_carried_to_their_own_program(little: _Case) -> None:
    """Proves: levels between slots and the duals of their balance and limits come back as they were, too. Without it a
    level on the way to the next slot, or a limit of a slot's end, would be taken for that of its start."""
    _is_itself(little.plan)


def test_what_is_decided_once_is_matched_by_label(large: _Case) -> None:
    """Proves: capacities and what is built are those of the plan, and nothing is said of what is done in a step.
    Without it the search would start from another plan, or take a season's operation for a week's."""
    for name in ("build", "capacity"):
        found = large.fine.column_family(name).to_array(large.known.columns)
        coarse = large.plan.program.column_family(name).to_array(large.plan.solution.primal)
        xr.testing.assert_equal(found, coarse.sel({dim: found[dim] for dim in found.dims}))
    for family in large.fine.column_families:
        assert np.isnan(large.known.columns[family.span]).all() == (bool(INSIDE & set(family.dims)) or not family.size)


def test_levels_are_those_of_the_same_hour(large: _Case) -> None:
    """Proves: week w begins with what the plan held on day 7 w, on a line between the starts of the seasons: winter
    takes 0.2 GW x 168 h = 33.6 GWh a week. Without the line all weeks of a season would have the level of its start."""
    held = large.plan.results["level_in_calendar"].to_numpy().ravel()
    level = large.known.columns[large.fine.column_family("level_between").span]
    assert level == pytest.approx(held[: DAYS * WEEKS : DAYS])
    assert -np.diff(level[:26]) == pytest.approx(PEAK * 168)


@pytest.mark.parametrize("which", ["large", "little"])
def test_the_worth_of_levels_adds_up(which: str, request: pytest.FixtureRequest) -> None:
    """Proves: no level between weeks has a reduced cost, as none has in the plan, and what the limits of levels are
    worth is neither lost nor told twice. Without one place for each limit a level would look free or dear."""
    case: _Case = request.getfixturevalue(which)
    levels = case.fine.column_family("level_between")
    matrix = case.fine.matrix[:, levels.span]
    assert matrix.T @ case.known.rows == pytest.approx(np.zeros(levels.size), abs=1e-9)
    coarse = np.zeros(case.plan.program.stated_rows())
    coarse[case.plan.program.kept_rows] = case.plan.solution.row_dual
    for limit in ("floor", "ceiling"):
        parts = [case.plan.program.row_family(f"storage_{limit}{end}") for end in ("", "_last")]
        told = case.duals[case.fine.row_family(f"storage_{limit}").span].sum()
        assert told == pytest.approx(sum(coarse[part.span].sum() for part in parts), abs=1e-9)


def test_what_is_stored_is_worth_what_it_saves(little: _Case) -> None:
    """Proves: each GWh that winter has saves the peaker, 200 USD/MWh or 0.2 million USD, in each of five years while
    winter lasts; one of summer saves ``old``, 20. Without what a repeated slot saves at its last time the weeks of
    winter would have the worth of its end."""
    weight = float(little.plan.study.system["discount_weight"][0])
    worth = -little.duals[little.fine.row_family("storage_carry").span] / weight
    assert worth[:25] == pytest.approx(0.2)
    assert worth[26:51] == pytest.approx(0.02)


def test_slots_whose_starts_are_not_said(large: _Case) -> None:
    """Proves: programs whose slots differ are refused if it is not said when these begin. Without it levels would be
    matched by names that only look alike."""
    with pytest.raises(ValueError, match="when these begin"):
        carried(large.fine, large.plan.program, large.plan.solution.primal, large.plan.solution.row_dual)


def test_to_fewer_slots(large: _Case) -> None:
    """Proves: from weeks to seasons each season begins with the level of that time of the year, between those of the
    two weeks about it. Without it a plan of more slots would be of no use to one of fewer."""
    rising = np.zeros(large.fine.columns)
    levels = large.fine.column_family("level_between")
    rising[levels.span] = np.arange(WEEKS)
    starts = slot_starts(large.plan.study.time), slot_starts(large.time)
    found = carried(large.plan.program, large.fine, rising, np.zeros(large.fine.rows), *starts)
    seasons = large.plan.program.column_family("level_between")
    assert found.columns[seasons.span] == pytest.approx([0, WINTER / DAYS])
