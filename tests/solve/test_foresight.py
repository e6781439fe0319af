"""What a plan of few steps foresaw, laid over the weeks of the full year: levels, prices and yearly limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import Floats, LinearProgram
from model.solve.foresight import DEAR, LEAST, Foresight, kept_by_store
from model.solve.operating import operating_system
from model.solve.rolling import Links, Shared
from model.study import Plan
from model.time.chronological import chronological
from model.time.steps import weather_of
from model.time.year import year_profiles
from tests.full_years import full_year
from tests.studies import HOURS, Rows, flat, only, technology

SEASONS = {"winter": range(1, 7), "summer": range(7, 13)}
WINTER, SUMMER = 181 * 24, 184 * 24
"""Hours of the two seasons."""
PEAK = 0.2
"""What the load of winter is above the output of ``Old``, GW."""
WEEKS, DAYS = 52, 7


def _load(month: int, hour: int) -> float:
    return 1 + PEAK if month <= 6 else 1 - PEAK * WINTER / SUMMER


def _plan(folder: Path, *parts: Rows, **options: Any) -> Plan:
    """1 GW of ``old`` at 20 USD/MWh and a peaker at 200 serve seasons of one typical day each, for five years."""
    case: dict[str, Any] = {
        "demands": only(flat("north", 1)),
        "periods": SEASONS,
        "load": _load,
        "step_hours": 24,
        "horizon_end": 2030,
        **options,
    }
    plants = [
        {"plant": "Old", "capacity": 1},
        {"plant": "Peak", "technology": "peaker"},
        *case.pop("plants", []),
    ]
    peaker = technology("peaker", variable_cost=200, lifetime=100)
    return full_year(folder, peaker, *parts, plants=plants, **case).solve()


@dataclass(frozen=True)
class _Ahead:
    """What was foreseen of 2025 for a program of 52 weeks with a step for each day."""

    plan: Plan
    program: LinearProgram
    time: xr.Dataset
    foresight: Foresight

    @property
    def known(self) -> Floats:
        capacity = dict(zip(self.plan.accounts.assets, self.plan.accounts.capacity[:, 0], strict=True))
        return self.foresight.known(self.program, self.time, capacity)

    @property
    def links(self) -> Links:
        return self.foresight.links(self.program, self.time)

    @property
    def shared(self) -> Shared:
        return self.foresight.shared(self.program, self.time, self.known)

    def row(self, label: str) -> int:
        """Place of a row among those shared."""
        return [self.program.row_label(int(row)) for row in self.shared.rows].index(label)


def _ahead(plan: Plan) -> _Ahead:
    inputs, accounts = plan.study.inputs, plan.accounts
    weather = weather_of(inputs.tables, inputs.settings, inputs.folder)
    time = chronological(year_profiles(inputs.tables, weather), 24)
    system = operating_system(plan.study.system, 2025, accounts.capacity[:, 0])
    weight = float(plan.study.system["discount_weight"][0])
    assert weight == 5
    program = compile_lp(state_plan(system, time))
    found, kept = plan.solution, kept_by_store(system)
    foresight = Foresight(plan.program, found.primal, found.row_dual, plan.study.time, 2025, weight, kept)
    return _Ahead(plan, program, time, foresight)


def _stored(folder: Path, **values: float) -> _Ahead:
    numbers: dict[str, Any] = {
        "duration": 5000,
        "charge_efficiency": 1,
        "discharge_efficiency": 1,
        "lifetime": 100,
        **values,
    }
    cavern = technology("cavern", kind="storage", declared={"cycle": "year"}, **numbers)
    return _ahead(_plan(folder, cavern, plants=[{"plant": "Store", "technology": "cavern", "capacity": 0.3}]))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> _Ahead:
    """A store without losses that is large enough to bring all that winter lacks from summer."""
    return _stored(tmp_path_factory.mktemp("stored"))


def test_levels_are_those_of_the_same_hour(stored: _Ahead) -> None:
    """Proves: week w begins with what the plan held on day 7 w, on a line between the levels at the start of the
    seasons: winter takes 0.2 GW x 168 h = 33.6 GWh a week. Without it a store would be led by the level of another
    season."""
    held = stored.plan.results["level_in_calendar"].to_numpy().ravel()
    assert stored.links.foreseen == pytest.approx(held[: DAYS * WEEKS : DAYS])
    assert -np.diff(stored.links.foreseen[:26]) == pytest.approx(PEAK * 168)
    assert [stored.program.column_label(int(column)) for column in stored.links.columns[:2]] == [
        "level_between[cavern@north,2025,week01]",
        "level_between[cavern@north,2025,week02]",
    ]


def test_what_is_stored_is_worth_what_it_saves(tmp_path: Path) -> None:
    """Proves: of a store of 1,000 hours, 300 GWh, each further unit that winter has saves the peaker: 200 USD/MWh, 0.2
    million USD per GWh, while winter lasts; in summer one that is stored already saves ``old`` 20. Without the discount
    weight it would be five times that; with another hour's price summer would be paid like winter."""
    price = _stored(tmp_path, duration=1000).links.price
    assert price[1:26] == pytest.approx(0.2)
    assert price[27:] == pytest.approx(0.02)


def test_what_fades_is_worth_less_the_longer_it_must_be_kept(tmp_path: Path) -> None:
    """Proves: where 0.999 is kept from day to day, a unit is worth 0.999^7 of what it is a week later, and each week
    begins with what the plan held on that day. Without it price and level would be those of another slot."""
    faded = _stored(tmp_path, standing_loss=1 - 0.999 ** (1 / 24))
    price = faded.links.price
    assert price[2:26] / price[1:25] == pytest.approx(0.999**-DAYS)
    held = faded.plan.results["level_in_calendar"].to_numpy().ravel()
    assert faded.links.foreseen == pytest.approx(held[: DAYS * WEEKS : DAYS])


def test_only_the_first_level_is_known(stored: _Ahead) -> None:
    """Proves: capacities and the level of 1 January are known, all other levels and all dispatch are open. Without it
    weeks could not be decided one after the other."""
    known = {stored.program.column_label(int(i)) for i in np.flatnonzero(~np.isnan(stored.known))}
    assert {label for label in known if label.startswith("level")} == {"level_between[cavern@north,2025,week01]"}
    assert {label.partition("[")[0] for label in known} == {"level_between", "capacity", "left"}
    assert "capacity[old@north,2025]" in known


def test_a_plan_without_seasonal_stores_links_nothing(tmp_path: Path) -> None:
    """Proves: no links, no rows over blocks. Without it the plainest study could not be checked."""
    ahead = _ahead(_plan(tmp_path))
    assert len(ahead.links.columns) == len(ahead.links.price) == 0
    assert len(ahead.shared.rows) == 0


def _gas(folder: Path) -> _Ahead:
    """Of the 868.8 GWh that winter lacks, 500 come from a plant whose gas is limited, at 30 USD/MWh."""
    return _ahead(
        _plan(
            folder,
            technology("turbine", takes={"gas": 1}, lifetime=100),
            plants=[{"plant": "Turbine", "technology": "turbine", "capacity": 0.5}],
            commodities=[{"commodity": "gas"}],
            fuels=[{"price": 30, "annual_limit": 500}],
        )
    )


def test_a_yearly_limit_is_foreseen_by_week(tmp_path: Path) -> None:
    """Proves: 500 GWh over the 181 days of winter: each of its 25 whole weeks had 7/181 of them, the 26th 6/181, those
    of summer nothing. Without it summer's weeks would share what winter needs."""
    ahead = _gas(tmp_path)
    at = ahead.row("annual_activity_limit[gas supply@north,2025]")
    assert ahead.shared.upper[at] == 500
    assert ahead.shared.planned[at, :25] == pytest.approx(500 * 7 / 181)
    assert ahead.shared.planned[at, 25] == pytest.approx(500 * 6 / 181)
    assert ahead.shared.planned[at, 26:] == pytest.approx(0)


def test_a_yearly_limit_has_the_price_that_the_plan_gave_it(tmp_path: Path) -> None:
    """Proves: a GWh more saves 200 - 30 USD/MWh, 0.17 million USD, and missing it costs three times that. Without the
    discount weight it would be 0.85."""
    ahead = _gas(tmp_path)
    assert ahead.shared.price[0] == pytest.approx(DEAR * 0.17)


def _goal(folder: Path, sense: str, value: float, **more: Any) -> _Ahead:
    """A goal for the 8,760 - 868.8 GWh that ``old`` gives, missed at 0.001 million USD per GWh."""
    goal = {"sense": sense, "value": value, "unit": "GWh", "penalty": 0.001, **more}
    return _ahead(_plan(folder, targets=[goal], target_terms=[{"measure": "delivered"}]))


@pytest.mark.parametrize(("sense", "value", "missed"), [("max", 7000.0, 891.2), ("min", 8000.0, 108.8)])
def test_what_the_plan_missed_of_a_goal_is_its_own_part(
    tmp_path: Path, sense: str, value: float, missed: float
) -> None:
    """Proves: ``old`` gives 7,891.2 GWh; 891.2 above a goal of at most 7,000 or 108.8 below one of at least 8,000 are
    paid for in the plan, so that dispatch may come to 7,891.2. Without it the year would be told to mend what the plan
    chose to miss."""
    ahead = _goal(tmp_path, sense, value)
    equation = "target_ceiling" if sense == "max" else "target_floor"
    at = ahead.row(f"{equation}[goal,2025]")
    side = ahead.shared.upper if sense == "max" else ahead.shared.lower
    assert side[at] == pytest.approx(HOURS - PEAK * WINTER) == pytest.approx(7891.2)
    assert abs(side[at] - value) == pytest.approx(missed)
    assert ahead.shared.planned[at].sum() == pytest.approx(7891.2)
    assert ahead.shared.price[at] == pytest.approx(max(LEAST, DEAR * 0.001))


def test_a_limit_that_stands_in_no_row_of_the_plan_is_still_kept(tmp_path: Path) -> None:
    """Proves: in a plan of one step a yearly limit is a bound and no row; in the full year it is one of 500, of which
    nothing was planned for any week. Without it the year would be free of it."""
    plan = _plan(
        tmp_path,
        technology("turbine", takes={"gas": 1}, lifetime=100),
        plants=[{"plant": "Turbine", "technology": "turbine", "capacity": 0.5}],
        commodities=[{"commodity": "gas"}],
        fuels=[{"price": 30, "annual_limit": 500}],
        periods={"all": range(1, 13)},
        load=lambda month, hour: 1,
        demands=only(flat("north", 1.2)),
    )
    ahead = _ahead(plan)
    at = ahead.row("annual_activity_limit[gas supply@north,2025]")
    assert ahead.shared.upper[at] == 500
    assert ahead.shared.planned[at] == pytest.approx(0)
