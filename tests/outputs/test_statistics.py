"""Statistics of plans, against numbers that a person can work out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.outputs.netcdf import read_results
from model.outputs.statistics import by_technology, nodal_balance, statistics
from model.outputs.statistics_national import summary
from model.study import Plan
from tests.lp import everything as whole
from tests.lp.solved import YEAR, solved
from tests.studies import HOURS, flat, only, technology


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan with some of everything but power flow and N-1."""
    return whole.everything(tmp_path_factory.mktemp("statistics"), **{**whole.PLAIN, "adequacy": True}).solve()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The default study: 2 GW at 20 USD/MWh serve 1.5 GW."""
    return solved(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def peaks(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Load of 0.6 GW by night and 1.4 GW by day; 1 GW at 20 USD/MWh, the rest from a peaker at 50 USD/MWh."""
    return solved(
        tmp_path_factory.mktemp("peaks"),
        technology("peaker", variable_cost=50, lifetime=40),
        step_hours=12,
        load=lambda month, hour: 0.6 if hour < 12 else 1.4,
        plants=[{"plant": "Old", "capacity": 1}, {"plant": "Peak", "technology": "peaker", "capacity": 1}],
        demands=only(flat("north", 1)),
    )


def at(found: xr.Dataset, name: str, technology_name: str = "old", node: str = "north", year: int = 2025) -> float:
    """One number by technology and node."""
    return float(found[name].sel(technology=technology_name, node=node, year=year))


@pytest.mark.parametrize("told", [statistics, summary])
def test_every_statistic_has_a_unit_and_a_meaning(plan: Plan, plain: Plan, told: Any) -> None:
    """Proves: statistics of a study with everything and of one with next to nothing have units and meanings. Without it
    a study that lacks stores, goals or margins could not be told."""
    for found in (told(plan.results), told(plain.results)):
        assert len(found) > 10
        for name, variable in found.data_vars.items():
            assert variable.attrs.get("units"), name
            assert variable.attrs.get("long_name"), name
            assert set(map(str, variable.coords)) == set(map(str, variable.dims)), name


def test_use_of_capacity(plain: Plan) -> None:
    """Proves: 2 GW that give 1.5 GW all year are used at 75 %, 6,570 hours; where nothing stands there is no number.
    Without the latter a mean over nodes would count empty places."""
    assert at(plain.statistics, "capacity_factor") == pytest.approx(0.75)
    assert at(plain.statistics, "full_load_hours") == pytest.approx(6570)
    assert np.isnan(at(plain.statistics, "capacity_factor", node="south"))


def test_wind_that_nobody_takes(tmp_path: Path) -> None:
    """Proves: of 1 GW of wind that 0.8 GW of load meets, a fifth or 1,752 GWh is curtailed; a thermal plant that stands
    idle curtails nothing. Without what the weather offers idle plants would count as curtailed."""
    plan = solved(
        tmp_path,
        technology("wind", lifetime=40, declared={"availability": "wind_cf", "tags": "renewable"}),
        plants=[{"plant": "Wind", "technology": "wind", "capacity": 2}],
        demands=only(flat("north", 0.8)),
    )
    assert at(plan.statistics, "curtailment", "wind") == pytest.approx(0.2 * HOURS)
    assert at(plan.statistics, "curtailed_share", "wind") == pytest.approx(0.2)
    assert np.isnan(at(plan.statistics, "curtailment"))
    assert at(plan.statistics, "capacity_factor", "wind") == pytest.approx(0.4)
    assert plan.summary["renewable_share"].item() == pytest.approx(1)
    assert plan.summary["variable_share"].item() == pytest.approx(1)


def test_what_power_is_worth(peaks: Plan) -> None:
    """Proves: 0.6 GW at 20 and 1 GW at 50 USD/MWh are worth 38.75 USD/MWh, the peaker's only 50, and the load pays 41.
    Without weights by output every plant would be worth the mean price."""
    found = peaks.statistics
    assert at(found, "market_value") == pytest.approx((0.6 * 20 + 1.0 * 50) / 1.6)
    assert at(found, "market_value", "peaker") == pytest.approx(50)
    assert at(found, "value_factor") == pytest.approx(38.75 / 41)
    assert peaks.summary["mean_price"].item() == pytest.approx((0.6 * 20 + 1.4 * 50) / 2)
    assert at(found, "lcoe", "peaker") == pytest.approx(50)
    assert at(found, "net_value") == pytest.approx(0.5 * 30 * YEAR)


def test_new_power_costs_what_it_is_worth(tmp_path: Path) -> None:
    """Proves: a plant built below its potential costs and is worth 10 USD/MWh and 50 million USD per GW in 8,760 hours;
    the old one costs its running cost, its own building being behind it. Without annuities new power would look as
    cheap."""
    plan = solved(
        tmp_path,
        technology("new", variable_cost=10, capital_cost=1000, lifetime=20, wacc=0),
        years=(2025, 2030),
        candidates=[{"technology": "new", "node": "north"}],
    )
    found = plan.statistics
    assert at(found, "lcoe", "new", year=2030) == pytest.approx(10 + 50 / YEAR)
    assert at(found, "market_value", "new", year=2030) == pytest.approx(10 + 50 / YEAR)
    assert at(found, "net_value", "new", year=2030) == pytest.approx(0, abs=1e-6)
    assert at(found, "lcoe", year=2025) == pytest.approx(20)
    assert plan.summary["new_capacity"].sel(year=2030).sum().item() == pytest.approx(1.5)
    assert plan.summary["capital_cost"].sel(year=2030).item() == pytest.approx(75)


def test_heat_pays_for_its_part(tmp_path: Path) -> None:
    """Proves: a plant at 30 USD/MWh whose half a MWh of heat saves 40 USD/MWh in a boiler makes electricity for 10
    USD/MWh. Without it combined heat and power would look dearer than it is."""
    plan = solved(
        tmp_path,
        technology("chp", variable_cost=30, gives={"electricity": 1, "heat": 0.5}, lifetime=40),
        technology("boiler", variable_cost=40, gives={"heat": 1}, lifetime=40),
        commodities=[{"commodity": "heat"}],
        plants=[
            {"plant": "Chp", "technology": "chp", "capacity": 0.1},
            {"plant": "Boiler", "technology": "boiler", "capacity": 1},
        ],
        demands=[flat("north", 0.2, commodity="heat")],
    )
    assert at(plan.statistics, "lcoe", "chp") == pytest.approx(10)
    assert at(plan.statistics, "net_value", "chp") == pytest.approx(0.1 * 10 * YEAR)
    assert np.isnan(at(plan.statistics, "lcoe", "boiler"))


def test_a_line_earns_between_two_prices(tmp_path: Path) -> None:
    """Proves: 0.3 GW from 20 to 50 USD/MWh at a tariff of 1 USD/MWh earn 29 USD for each MWh. Without the tariff the
    line would seem to have more for its upkeep than it has."""
    plan = solved(
        tmp_path,
        technology("peaker", variable_cost=50, lifetime=40),
        technology("line", kind="link", variable_cost=1),
        plants=[{"plant": "Peak", "technology": "peaker", "node": "south", "capacity": 1}],
        links=[{"link": "north_south", "capacity": 0.3}],
    )
    found = plan.statistics
    assert found["link_rent"].sel(link="north_south", year=2025).item() == pytest.approx(0.3 * 29 * YEAR)
    assert found["link_rent_by_commodity"].sel(commodity="electricity", year=2025).item() == pytest.approx(
        0.3 * 29 * YEAR
    )


def with_store(folder: Path, discharge_efficiency: float) -> Plan:
    """A load that is low by night and high by day, and a store of 0.1 GW and 4 hours that fills at 20 USD/MWh and
    takes the place of power at 50."""
    return solved(
        folder,
        technology("peaker", variable_cost=50, lifetime=40),
        technology(
            "store",
            kind="storage",
            duration=4,
            charge_efficiency=1,
            discharge_efficiency=discharge_efficiency,
            lifetime=40,
        ),
        step_hours=12,
        load=lambda month, hour: 0.6 if hour < 12 else 1.4,
        plants=[
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker", "capacity": 1},
            {"plant": "Store", "technology": "store", "capacity": 0.1},
        ],
        demands=only(flat("north", 1)),
    )


def test_a_store_that_turns_over_once_a_day(tmp_path: Path) -> None:
    """Proves: a store of 0.1 GW and 4 hours that fills by night and empties by day turns over 365 times. Without its
    duration hours of output would be taken for cycles."""
    plan = with_store(tmp_path, discharge_efficiency=1)
    assert plan.statistics["storage_cycles"].to_numpy() == pytest.approx(np.array([[365]]))
    assert at(plan.statistics, "net_value", "store") == pytest.approx(0.4 * 365 * 30 / 1000)


def test_losses_of_a_store_are_no_cycles(tmp_path: Path) -> None:
    """Proves: a store that keeps 0.4 GWh and gives back 0.32 GWh of it every day turns over 365 times. Without its
    efficiency a store that loses a fifth would seem to stand idle every fifth day."""
    plan = with_store(tmp_path, discharge_efficiency=0.8)
    assert plan.results["store_duration"].to_numpy() == pytest.approx(np.array([4 * 0.8]))
    assert plan.statistics["storage_cycles"].to_numpy() == pytest.approx(np.array([[365]]))
    assert at(plan.statistics, "net_value", "store") == pytest.approx((0.32 * 50 - 0.4 * 20) * 365 / 1000)


def test_a_balance_closes_and_says_its_unit(plan: Plan) -> None:
    """Proves: what gives and takes gas at a node sums to zero, in GWh a year. Without its unit a balance could not be
    read."""
    found = nodal_balance(plan.results, "fuel_gas")
    assert found.attrs["units"] == "GWh per year"
    assert abs(found).max() > 1
    assert abs(found.sum("balance_item")).max().item() == pytest.approx(0, abs=1e-3)


def test_assets_add_up_to_technologies(plan: Plan) -> None:
    """Proves: costs of plants and stores by technology and node are those of their assets, without links, markets and
    fuels. Without it a plant could be told at another node."""
    results = plan.results
    cost = by_technology(results, results["asset_cost"].sum("cost_kind"))
    own = np.isin(results["asset_kind"], ["conversion", "storage"])
    assert cost.sum().item() == pytest.approx(results["asset_cost"].isel(asset=own).sum().item())
    old = results["asset_cost"].sel(asset="old@north").sum("cost_kind").to_numpy()
    assert cost.sel(technology="old", node="north").to_numpy() == pytest.approx(old)
    assert cost.sel(technology="old", node="south").to_numpy() == pytest.approx(0)


def test_the_country_in_figures(plain: Plan) -> None:
    """Proves: the default study has 2 GW and gives 13.14 TWh to a load of 1.5 GW for 262.8 million USD. Without it the
    figures of a summary could be sums over the wrong dims."""
    found = plain.summary
    assert found["capacity"].sel(group="thermal", year=2025).item() == pytest.approx(2)
    assert found["generation"].sel(group="thermal", year=2025).item() == pytest.approx(1.5 * YEAR)
    assert found["demand"].item() == pytest.approx(1.5 * YEAR)
    assert found["peak_load"].item() == pytest.approx(1.5)
    assert found["unserved"].item() == pytest.approx(0)
    assert found["mean_price"].item() == pytest.approx(20)
    assert found["total_cost"].item() == pytest.approx(262.8)
    assert found["present_value"].item() == pytest.approx(plain.objective / 1e6)
    assert "renewable_share" not in found
    assert "missed_targets" not in found


def test_goals_and_margins_are_counted(plan: Plan) -> None:
    """Proves: goals that are asked for and missed are counted by year, and margins told. Without it a plan that misses
    a goal could look like one that does not."""
    found = plan.summary
    short = (plan.results["target_shortfall"] > 1e-3).sum("target")
    assert (found["missed_targets"] >= short).all()
    assert short.sum() > 0
    assert found["asked_targets"].sel(year=[2025, 2030]).to_numpy().tolist() == [0, 3]
    assert (found["reserve_margin"].sel(zone="n") > 0.05).all()
    assert found["imports"].sum().item() > 0


def test_a_file_tells_the_same(plan: Plan, tmp_path: Path) -> None:
    """Proves: statistics of a file that was written and read are those of the plan. Without it a report from a file
    could differ from the plan."""
    found = read_results(plan.write(tmp_path))
    xr.testing.assert_allclose(statistics(found), plan.statistics, rtol=1e-4, atol=1e-3)
    xr.testing.assert_allclose(summary(found), plan.summary, rtol=1e-4, atol=1e-3)
