"""What assets cost and earn: costs by asset are the costs of the plan, and values at nodal prices pay for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.solve import ledger
from model.study import Plan
from model.system.network import ELECTRICITY
from tests.lp import everything as whole
from tests.lp.solved import YEAR, solved
from tests.studies import HOURS, flat, only, technology

OF_ASSETS = ["investment", "works", "fixed", "variable", "fuel", "import", "export", "starts"]
"""Kinds of cost that single assets cause."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("value")).solve()


@pytest.fixture(scope="module")
def results(plan: Plan) -> xr.Dataset:
    """Its results."""
    return plan.results


def net(results: xr.Dataset, asset: str) -> float:
    """What an asset earns less what it costs, over all years."""
    own = results.sel(asset=asset)
    return float(own["asset_value"].sum() - own["asset_cost"].sum() - own["asset_co2_cost"].sum())


def test_costs_of_assets_are_costs_of_the_country(results: xr.Dataset) -> None:
    """Proves: over all assets each kind of cost is what the plan says of it, and no asset bears what the country bears.
    Without it a cost could be told twice, or of the wrong asset's year."""
    by_kind = results["asset_cost"].sum("asset")
    xr.testing.assert_allclose(by_kind.sel(cost_kind=OF_ASSETS), results["cost"].sel(cost_kind=OF_ASSETS), atol=1e-6)
    assert (by_kind.sum("year").sel(cost_kind=OF_ASSETS) != 0).all()
    assert (results["asset_cost"].drop_sel(cost_kind=OF_ASSETS) == 0).all()


def test_works_cost_the_asset_that_comes_out(plan: Plan, results: xr.Dataset) -> None:
    """Proves: the works of a conversion into gas burden the gas plant. Without it the plant that ceases would pay."""
    works = results["asset_cost"].sel(cost_kind="works").sum("year")
    done = plan.accounts.works
    made = set(done.loc[done["value"] > 1e-6, "to_asset"])
    assert set(works["asset"].to_numpy()[works.to_numpy() > 1e-6]) == made
    assert {asset.partition("@")[0] for asset in made} >= {"gas"}


def test_emissions_of_assets_are_those_of_the_country(plan: Plan) -> None:
    """Proves: CO2 by asset adds up to the CO2 of the plan in every year. Without it some would be charged to nobody."""
    found = ledger.asset_emissions(plan.accounts)
    assert found.sum(axis=0) == pytest.approx(plan.accounts.emissions.sum(axis=1))
    assert found.sum() > 1


def test_what_assets_earn_is_what_users_pay(plan: Plan, results: xr.Dataset) -> None:
    """Proves: for every commodity, balanced by step, period or year, what all assets earn is the price of what is
    served or left over. Without it a flow could miss its price, its hours or its unit, or a line its losses."""
    accounts = plan.accounts
    rate = accounts.demand - accounts.unserved + accounts.excess
    earned = results["asset_value"].sum("asset")
    for c, commodity in enumerate(accounts.commodities):
        own = rate[:, c]
        resolution = plan.study.system["commodity_resolution"].to_numpy()[c]
        if resolution == "step":
            price, quantity = results["price"] / 1000, own * accounts.step_hours
        elif resolution == "period":
            price, quantity = results["price_by_period"], accounts.over_periods(own)
        else:
            price, quantity = results["price_by_year"], own @ accounts.step_hours
        here = price.sel(commodity=commodity).reindex(node=accounts.nodes).fillna(0.0)
        paid = (here.transpose("node", "year", ...).to_numpy() * quantity).reshape(len(accounts.nodes), 3, -1)
        told = earned.sel(commodity=commodity).to_numpy()
        assert told == pytest.approx(paid.sum(axis=(0, 2)), rel=1e-6, abs=1e-3), commodity
    assert {"step", "period", "year"} <= set(plan.study.system["commodity_resolution"].to_numpy())
    assert (abs(earned.sum("year").sel(commodity=[ELECTRICITY, "fuel_gas", "freight"])) > 1).all()


def test_links_earn_their_congestion_rent(results: xr.Dataset) -> None:
    """Proves: the value of electricity at both ends of a line, half of its losses at each, is its congestion rent.
    Without it two numbers of one thing would differ."""
    lines = results["link"].to_numpy()[results["link_commodity"].to_numpy() == ELECTRICITY]
    earned = results["asset_value"].sel(commodity=ELECTRICITY, asset=lines).to_numpy()
    assert earned == pytest.approx(results["congestion_rent"].sel(link=lines).to_numpy(), abs=1e-6)
    assert abs(earned).max() > 1


def test_what_is_built_earns_its_cost(tmp_path: Path) -> None:
    """Proves: a plant built below its potential earns with electricity what it costs: 1.5 GW at an annuity of 50
    million USD per GW and 10 USD/MWh, from 2030. Without prices and annuities of one year it would show a profit."""
    plan = solved(
        tmp_path,
        technology("new", variable_cost=10, capital_cost=1000, lifetime=20, wacc=0),
        years=(2025, 2030),
        candidates=[{"technology": "new", "node": "north"}],
    )
    own = plan.results.sel(asset="new@north", year=2030)
    assert own["asset_cost"].sel(cost_kind="investment").item() == pytest.approx(1.5 * 50)
    assert own["asset_cost"].sel(cost_kind="variable").item() == pytest.approx(1.5 * 10 * YEAR)
    assert own["asset_value"].sel(commodity=ELECTRICITY).item() == pytest.approx(1.5 * (50 + 10 * YEAR))
    assert net(plan.results, "new@north") == pytest.approx(0, abs=1e-6)


def test_a_plant_at_its_limit_earns_more(tmp_path: Path) -> None:
    """Proves: at the price of 20 USD/MWh that the old plant sets, 0.2 GW at 12 USD/MWh earns 8 USD/MWh more than
    it costs, as its capacity price says, and 0.2 GW built up to its potential what is left of 10 USD after its annuity
    of 50 million USD per GW. Without the nodal price what a limit is worth could not be told."""
    plan = solved(
        tmp_path,
        technology("new", variable_cost=10, capital_cost=1000, lifetime=20, wacc=0),
        technology("cheap", variable_cost=12, lifetime=40),
        years=(2025, 2030),
        plants=[{"plant": "Cheap", "technology": "cheap", "capacity": 0.2}],
        candidates=[{"technology": "new", "node": "north", "potential": 0.2}],
    )
    own = plan.results.sel(asset="cheap@north", year=2030)
    left = own["asset_value"].sum() - own["asset_cost"].sum()
    assert left.item() == pytest.approx(0.2 * 8 * YEAR)
    assert left.item() == pytest.approx(0.2 * own["capacity_price"].item())
    assert net(plan.results, "new@north") == pytest.approx(0.2 * (10 * YEAR - 50))


def test_a_plant_pays_for_its_fuel_and_the_supplier_bears_the_cost(tmp_path: Path) -> None:
    """Proves: 1 GW that takes twice as much gas at 10 USD/MWh pays 20 USD for each MWh; the supplier earns just what
    gas costs. Without the split fuel would be counted twice, or in neither."""
    plan = solved(
        tmp_path,
        technology("turbine", takes={"gas": 2}, lifetime=40),
        commodities=[{"commodity": "gas"}],
        plants=only({"plant": "Turbine", "technology": "turbine"}),
        fuels=[{"price": 10}],
        demands=only(flat("north", 1)),
    )
    value, cost = plan.results["asset_value"].sum("year"), plan.results["asset_cost"].sum("year")
    assert value.sel(asset="turbine@north", commodity="gas").item() == pytest.approx(-20 * YEAR)
    assert value.sel(asset="turbine@north", commodity=ELECTRICITY).item() == pytest.approx(20 * YEAR)
    supply = [a for a in value["asset"].to_numpy() if a.startswith("gas supply")]
    assert value.sel(asset=supply, commodity="gas").sum().item() == pytest.approx(20 * YEAR)
    assert cost.sel(asset=supply, cost_kind="fuel").sum().item() == pytest.approx(20 * YEAR)
    assert cost.sel(asset="turbine@north").sum().item() == pytest.approx(0)


def test_carbon_is_paid_at_price_and_cap(tmp_path: Path) -> None:
    """Proves: 1.5 GW that releases 0.4 t per MWh at 10 USD a tonne pays 4 USD for each MWh. Without it a coal plant
    would look as cheap as its fuel."""
    plan = solved(
        tmp_path,
        technology("burner", takes={"coal": 1}, lifetime=40),
        commodities=[{"commodity": "coal", "co2_factor": 0.4}],
        plants=only({"plant": "Burner", "technology": "burner", "capacity": 2}),
        fuels=[{"commodity": "coal", "price": 5}],
        emissions=[{"price": 10}],
    )
    paid = plan.results["asset_co2_cost"].sel(year=2025)
    assert paid.sel(asset="burner@north").item() == pytest.approx(1.5 * 4 * YEAR)
    assert paid.sum().item() == pytest.approx(plan.results["cost"].sel(cost_kind="emissions").item())
    assert net(plan.results, "burner@north") == pytest.approx(0, abs=1e-6)


def test_a_joint_limit_earns_what_lies_between_the_prices(tmp_path: Path) -> None:
    """Proves: 0.3 GW that may pass between 20 and 50 USD/MWh is worth 30 USD for each MWh. Without it nobody would see
    that the joint limit and not the line, which has room, makes the difference of prices."""
    plan = solved(
        tmp_path,
        technology("peaker", variable_cost=50, lifetime=40),
        plants=[{"plant": "Peak", "technology": "peaker", "node": "south", "capacity": 1}],
        interfaces=[{"interface": "southward", "limit": 0.3}],
        interface_members=[{}],
    )
    assert plan.results["interface_rent"].to_numpy() == pytest.approx(np.array([[0.3 * 30 * YEAR]]))


def test_a_study_without_joint_limits_has_no_rent_of_them(tmp_path: Path) -> None:
    """Proves: the variable is left out where there is nothing to tell. Without it the plain study could not be told."""
    assert "interface_rent" not in solved(tmp_path).results


def test_what_the_wind_offers(tmp_path: Path) -> None:
    """Proves: 0.2 GW in a wind of 0.5 could give 876 GWh, and only what follows wind or sun is told. Without it what is
    curtailed could not be known where nothing is given."""
    plan = solved(
        tmp_path,
        technology("wind", lifetime=40, declared={"availability": "wind_cf", "tags": "renewable;new"}),
        plants=[{"plant": "Wind", "technology": "wind", "capacity": 0.2}],
    )
    r = plan.results
    assert r["technology_variable"].to_series().to_dict() == {"old": 0, "wind": 1}
    assert r["technology_tags"].to_series().to_dict() == {"old": "", "wind": "renewable;new"}
    offered = r["available_energy"].sel(node="north", year=2025)
    assert offered.sel(technology=["old", "wind"]).to_numpy() == pytest.approx([0, 0.2 * 0.5 * HOURS / 1000])
