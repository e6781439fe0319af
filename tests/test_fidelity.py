"""A plan's capacities in the full year: the dispatch of its weeks beside the year in one piece, and what it tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import fidelity
from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import Floats
from model.outputs.fidelity import Fidelity
from model.solve import highs, ledger
from model.solve.foresight import foresee
from model.solve.operating import operating_system
from model.solve.rolling import NoDispatch, roll
from model.study import Plan, Study
from model.time.calendar import DAYS
from model.time.chronological import chronological
from model.time.steps import steps_of, weather_of
from model.time.year import year_profiles
from tests.full_years import full_year
from tests.studies import HOURS, Row, flat, only, technology

KAZAKHSTAN = Path(__file__).parents[1] / "inputs" / "kazakhstan"
OPERATING = np.isin(ledger.KINDS, fidelity.OPERATING)
WEEKS = 52
OLD, WIND = 0.95, 1.0
"""Capacities of the plant and of the wind park of the calm study, GW."""
OLD_COST, UNSERVED_COST = 20.0, 1000.0
"""USD/MWh."""

LIFE: dict[str, Any] = {"lifetime": 50, "wacc": 0.05}
WIND_PARK = technology("wind", declared={"availability": "wind_cf", "group": "wind"}, **LIFE)
FREE_EXCESS: Row = {"commodity": "electricity", "excess_price": 0}
FEW: dict[str, Any] = {
    "aggregation": "representative",
    "representative_periods": 8,
    "step_hours": 6,
    "extreme_periods": [],
    "representation": "mean",
}
"""Groups of days by their mean, none kept as it was: cold calm days are lost among others."""


def _load(month: int, hour: int) -> float:
    return (1.25 if month in (12, 1, 2) else 0.9) * (1.1 if 8 <= hour < 20 else 0.9)


def _calm(folder: Path) -> Plan:
    """A load of 1 GW in the mean, served by 0.95 GW of ``old`` and 1 GW of wind."""
    return full_year(
        folder,
        WIND_PARK,
        **FEW,
        load=_load,
        plants=[{"plant": "Old", "capacity": OLD}, {"plant": "Park", "technology": "wind", "capacity": WIND}],
        commodities=[FREE_EXCESS],
        demands=only(flat("north", 1)),
    ).solve()


def _stored(folder: Path) -> Plan:
    """Wind, a turbine whose gas is limited in the year, hydrogen from season to season and a battery."""
    gas = {"price": 15, "annual_limit": 3000}
    lossy = {"charge_efficiency": 0.8, "discharge_efficiency": 0.9, **LIFE}
    return full_year(
        folder,
        WIND_PARK,
        technology("turbine", takes={"gas": 2}, variable_cost=2, **LIFE),
        technology("hydrogen", kind="storage", declared={"cycle": "year"}, duration=500, **lossy),
        technology("battery", kind="storage", duration=6, **lossy),
        **{**FEW, "representative_periods": 12},
        load=_load,
        plants=[
            {"plant": "Old", "capacity": 0.3},
            {"plant": "Park", "technology": "wind", "capacity": 1.2},
            {"plant": "Turbine", "technology": "turbine", "capacity": 0.6},
            {"plant": "Hydrogen", "technology": "hydrogen", "capacity": 0.4},
            {"plant": "Battery", "technology": "battery", "capacity": 0.1},
        ],
        commodities=[FREE_EXCESS, {"commodity": "gas"}],
        fuels=[gas],
        demands=only(flat("north", 1)),
    ).solve()


def _in_one_piece(plan: Plan, year: int) -> float:
    """Least cost of dispatching a planning year in steps of three hours as one program, million USD."""
    inputs, accounts = plan.study.inputs, plan.accounts
    time = steps_of(inputs.tables, inputs.settings, inputs.folder, "standard")
    system = operating_system(plan.study.system, year, accounts.capacity[:, accounts.years.index(year)])
    return highs.solve(compile_lp(state_plan(system, time))).objective


def _by_hand(study: Study, profile: str) -> tuple[float, float]:
    """Unserved energy in GWh and cost in million USD of the calm study, from its profiles alone."""
    time = study.time
    hours: Floats = (time["duration"] * time["weight"]).to_numpy()
    wind, load = (time["profile_value"].sel(profile=name).to_numpy() for name in ("wind_cf@north", profile))
    left = np.maximum(load - WIND * wind, 0)
    unserved = float(np.maximum(left - OLD, 0) @ hours)
    return unserved, (OLD_COST * float(np.minimum(left, OLD) @ hours) + UNSERVED_COST * unserved) / 1000


def test_flat_load_and_thermal_plant_have_no_error(tmp_path: Path) -> None:
    """Proves: where no hour differs from another the year costs what the plan says, 1.5 GW x 8,760 h x 20 USD/MWh, and
    nothing is unserved. Without it the check would have an error of its own."""
    plan = full_year(tmp_path, **FEW).solve()
    told: list[tuple[int, int]] = []
    found = fidelity.check(plan, 2025, resolution="standard", told=lambda *done: told.append(done))
    assert found.cost_error == pytest.approx(0, abs=1e-9)
    assert found.planned.sum() == pytest.approx(1.5 * HOURS * OLD_COST / 1000) == pytest.approx(262.8)
    assert found.demand == pytest.approx(1.5 * HOURS)
    assert (found.unserved, found.unserved_hours, found.unserved_peak, found.drift) == (0, 0, 0, 0)
    assert (found.stores, found.missed, found.weather) == ((), {}, "seed 0")
    assert told == [(week, WEEKS) for week in range(1, WEEKS + 1)]


def test_cold_calm_days_that_the_plan_did_not_see_are_told(tmp_path: Path) -> None:
    """Proves: what wind and ``old`` lack in each three hours of the year is unserved, and the error of the cost is that
    of the two sums over profiles, year over plan. Without the full year the plan's own figure would stand, which is
    less than two thirds of it."""
    plan = _calm(tmp_path)
    found = fidelity.check(plan, 2025, resolution="standard")
    planned, planned_cost = _by_hand(plan.study, "load@north")
    lived, lived_cost = _by_hand(plan.study.at("standard"), "load@north")
    assert found.planned_unserved == pytest.approx(planned)
    assert found.unserved == pytest.approx(lived)
    assert found.unserved > 1.5 * found.planned_unserved > 0
    assert found.cost_error == pytest.approx(lived_cost / planned_cost - 1)
    assert found.dispatched.sum() == pytest.approx(_in_one_piece(plan, 2025)) == pytest.approx(lived_cost)


def test_unserved_energy_is_told_by_day_and_hour(tmp_path: Path) -> None:
    """Proves: days sum to the year, the worst day is one of the cold months, and hours and peak fit the energy. Without
    it a planner could not tell which days to keep."""
    found = fidelity.check(_calm(tmp_path), 2025, resolution="standard")
    assert found.unserved_by_day.shape == (DAYS,)
    assert found.unserved_by_day.sum() == pytest.approx(found.unserved)
    assert found.worst_days(1)[0][0][:3] in ("dec", "jan", "feb")
    assert 0 < found.unserved < found.unserved_peak * found.unserved_hours
    assert found.unserved_share == pytest.approx(found.unserved / HOURS)


def test_another_seed_is_another_year(tmp_path: Path) -> None:
    """Proves: the plan is lived through the weather asked for, its own kept as it is. Without it a plan could be tried
    in one year only."""
    plan = _calm(tmp_path)
    first, second = (fidelity.check(plan, 2025, seed=seed, resolution="standard") for seed in (None, 1))
    assert (first.weather, second.weather) == ("seed 0", "seed 1")
    assert first.planned == pytest.approx(second.planned)
    assert first.unserved != pytest.approx(second.unserved, rel=0.01)


@pytest.mark.slow
def test_weeks_with_stores_and_limits_cost_little_more_than_the_year_in_one_piece(tmp_path: Path) -> None:
    """Proves: with a store of seasons and a yearly limit the 52 weeks close the year, keep the limit, and cost no less
    than the whole year as one program and at most 0.5 % more. Without it an error of the weeks would pass for one of
    the plan."""
    plan = _stored(tmp_path)
    found = fidelity.check(plan, 2025, resolution="standard")
    least, lived = _in_one_piece(plan, 2025), float(found.dispatched[OPERATING].sum())
    assert least * (1 - 1e-6) <= lived <= least * 1.005
    assert found.missed == {}
    assert found.stores == ("hydrogen@north",)
    assert found.level.shape == found.foreseen.shape == (1, WEEKS)
    assert found.size == pytest.approx([0.4 * 500])
    assert 0 < found.drift < 0.2


@pytest.mark.slow
def test_foresight_of_the_year_itself_costs_what_the_year_does(tmp_path: Path) -> None:
    """Proves: of a plan made of the same 52 weeks every level and cost is met. Without it the rolling would lose
    something where nothing was unforeseen."""
    plan = _stored(tmp_path)
    whole = plan.study.at("standard").solve()
    found = fidelity.check(whole, 2025, resolution="standard")
    assert found.cost_error == pytest.approx(0, abs=1e-6)
    assert found.drift == pytest.approx(0, abs=1e-5)
    assert found.missed == {}


def _river(folder: Path) -> Plan:
    """0.4 GW of hydro on a lake that the melt of May to July fills, 0.75 GW of ``old``, some wind and a peaker."""
    water = {"commodity": "water", "price": 0, "annual_limit": 600, "profile": "melt"}
    whole = {"charge_efficiency": 1, "discharge_efficiency": 1, **LIFE}
    return full_year(
        folder,
        WIND_PARK,
        technology("peaker", variable_cost=200, **LIFE),
        technology("dam", takes={"water": 1}, **LIFE),
        technology("lake", kind="storage", gives={"water": 1}, declared={"cycle": "year"}, duration=2000, **whole),
        **FEW,
        load=_load,
        plants=[
            {"plant": "Old", "capacity": 0.75},
            {"plant": "Park", "technology": "wind", "capacity": 0.5},
            {"plant": "Peak", "technology": "peaker"},
            {"plant": "Dam", "technology": "dam", "capacity": 0.4},
            {"plant": "Lake", "technology": "lake", "capacity": 0.4},
        ],
        commodities=[FREE_EXCESS, {"commodity": "water", "unserved_price": "", "excess_price": 0}],
        fuels=[water],
        monthly_profiles=[
            {"profile": "melt", "month": month, "value": {5: 0.4, 6: 0.4, 7: 0.2}.get(month, 0)}
            for month in range(1, 13)
        ],
        demands=only(flat("north", 1)),
    ).solve()


@pytest.mark.slow
def test_a_year_that_foresees_its_own_melt_costs_what_it_does_in_one_piece(tmp_path: Path) -> None:
    """Proves: led by its own dispatch in steps of six hours, the year week by week costs at most 0.5 % more than in one
    piece, and closes. Led by eight mean days, among which the melt of three months is spread, it costs 10 % more.
    Without ``foresee`` that would pass for an error of the capacities."""
    plan = _river(tmp_path)
    inputs, capacity = plan.study.inputs, plan.accounts.capacity[:, 0]
    year = year_profiles(inputs.tables, weather_of(inputs.tables, inputs.settings, inputs.folder))
    system, time = operating_system(plan.study.system, 2025, capacity), chronological(year, 3)
    program, ahead = compile_lp(state_plan(system, time)), foresee(system, chronological(year, 6))
    known = ahead.known(program, time, dict(zip(plan.accounts.assets, capacity, strict=True)))
    weeks = range(1, len(program.blocks))
    found = roll(program, weeks, known, ahead.shared(program, time, known), ahead.links(program, time))
    least = highs.solve(program).objective
    assert least * (1 - 1e-6) <= float(program.cost @ np.nan_to_num(found.primal)) <= least * 1.005
    assert found.unclosed == {}


def test_a_year_that_is_none_of_the_plan_is_refused(tmp_path: Path) -> None:
    """Proves: 2031 is no planning year. Without it the check of another year would be shown for it."""
    plan = full_year(tmp_path, **FEW).solve()
    with pytest.raises(KeyError, match="2031"):
        fidelity.check(plan, 2031, resolution="standard")


def _strict(folder: Path) -> Plan:
    """The calm study with 1.2 GW of ``old``, enough for the few days that it sees, and nothing that may be unserved."""
    return full_year(
        folder,
        WIND_PARK,
        **FEW,
        load=_load,
        plants=[{"plant": "Old", "capacity": 1.2}, {"plant": "Park", "technology": "wind", "capacity": WIND}],
        commodities=[{**FREE_EXCESS, "unserved_price": ""}],
        demands=only(flat("north", 1)),
    ).solve()


def test_a_year_that_cannot_be_served_is_named(tmp_path: Path) -> None:
    """Proves: where nothing may be unserved a year that lacks power stops the check, by name. Without it the user would
    see a solver's word for it."""
    with pytest.raises(NoDispatch, match=r"2025.*infeasible"):
        fidelity.check(_strict(tmp_path), 2025, resolution="standard")


@pytest.fixture(scope="module")
def kazakhstan() -> Fidelity:
    """A coarse Kazakh plan of 2025 and 2035, of which 2035 is looked at in steps of three hours."""
    few: dict[str, object] = {
        "study.years": "[2025, 2035]",
        "study.representative_periods": 6,
        "study.kept_days": "[]",
        "study.segments": 4,
    }
    plan = Study.read(KAZAKHSTAN).override(few).solve()
    return fidelity.check(plan, 2035, resolution="standard")


@pytest.mark.slow
def test_kazakhstan_is_dispatched_through_every_week(kazakhstan: Fidelity) -> None:
    """Proves: every week of the real study has a dispatch, its figures are finite, and its stores stay between empty
    and full. Without it only made-up studies would be known to work."""
    assert kazakhstan.level.shape == (len(kazakhstan.stores), WEEKS)
    assert len(kazakhstan.stores) >= 3
    for figure in (kazakhstan.cost_error, kazakhstan.drift, kazakhstan.unserved, kazakhstan.unserved_share):
        assert np.isfinite(figure)
    assert 0 <= kazakhstan.unserved_share < 0.1
    held = kazakhstan.level / kazakhstan.size[:, None]
    assert held.min() >= -1e-6
    assert held.max() <= 1 + 1e-6


@pytest.mark.slow
def test_kazakh_costs_add_up(kazakhstan: Fidelity) -> None:
    """Proves: building and keeping cost what the plan says, unserved energy its price, goals nothing, and the error is
    that of the sums. Without it a kind of cost could be lost or counted twice."""
    planned, lived = (dict(zip(ledger.KINDS, c, strict=True)) for c in (kazakhstan.planned, kazakhstan.dispatched))
    assert [lived[kind] for kind in ("investment", "works", "fixed")] == [
        planned[kind] for kind in ("investment", "works", "fixed")
    ]
    assert planned["targets"] == lived["targets"] == 0
    assert lived["fuel"] > 0 > lived["export"]
    assert lived["unserved"] >= kazakhstan.unserved / 1000
    spent = sum(cost for cost in planned.values() if cost > 0)
    assert kazakhstan.cost_error == pytest.approx((sum(lived.values()) - sum(planned.values())) / spent)
