"""What a plan tells: units, sums that must agree, plants by name, and the account of capacity from year to year."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.outputs.fleet import OPTIONS
from model.study import Plan
from model.system.units import registry
from tests.lp import everything as whole
from tests.lp.solved import solved
from tests.studies import HOURS, flat, only, technology

WORDS = (
    "commodity unit",
    "technology unit",
    "link unit",
    "market unit",
    "store unit",
    "target unit",
    "degrees_east",
    "degrees_north",
    "Mt",
    "rad",
    "1",
)
"""Units, or beginnings of units, that the unit registry does not know."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan in which every equation has rows, with two small plants that share a vintage, and one that soon ends."""
    small = [
        {"plant": name, "technology": "hydro", "node": "south", "capacity": size}
        for name, size in (("Brook", 0.06), ("Rill", 0.03))
    ]
    small.append({"plant": "Brief", "capacity": 0.05, "closing_year": 2026})
    return whole.everything(tmp_path_factory.mktemp("results"), plants=[*whole.plants(), *small]).solve()


@pytest.fixture(scope="module")
def results(plan: Plan) -> xr.Dataset:
    """Its results."""
    return plan.results


def same(left: xr.DataArray, right: xr.DataArray) -> None:
    """Equal to a millionth, label by label."""
    xr.testing.assert_allclose(left.reset_coords(drop=True), right.reset_coords(drop=True), rtol=1e-6, atol=1e-6)


def test_every_variable_has_a_unit_and_a_meaning(results: xr.Dataset) -> None:
    """Proves: no number without its unit, and units that can be read. Without it a reader would have to guess."""
    for name, variable in results.data_vars.items():
        assert variable.attrs.get("long_name"), name
        unit = str(variable.attrs.get("units", ""))
        assert unit, name
        if not unit.startswith(WORDS) and not any(word in unit for word in WORDS if word.endswith(" unit")):
            for part in unit.replace("million USD", "million_USD").replace(" and ", " * ").split(" per "):
                registry().parse_units(part)


def test_costs_add_up_to_the_objective(plan: Plan, results: xr.Dataset) -> None:
    """Proves: kinds of cost by year, times the weight of the year, are the objective, and present costs are their
    sums. Without it a kind could be missing in the results."""
    weighted = results["cost"] * results["discount_weight"]
    assert weighted.sum().item() * 1e6 == pytest.approx(plan.objective, rel=1e-9)
    same(weighted.sum("year"), results["present_cost"])
    in_program = {kind: float(v @ plan.solution.primal[c]) + k for kind, (c, v, k) in plan.program.cost_by_kind.items()}
    for kind, value in in_program.items():
        assert results["present_cost"].sel(cost_kind=kind).item() == pytest.approx(value, rel=1e-6, abs=1e-6), kind


def test_power_that_is_given_is_used_lost_or_left_over(tmp_path: Path) -> None:
    """Proves: generation, imports and what stores give are demand, charging, the losses of links (10 % of what enters)
    and excess, less what is unserved. Without one of them the energy balance of the results would not close."""
    plan = solved(
        tmp_path,
        technology("line", kind="link", loss=0.1, loss_length=100),
        technology("peaker", variable_cost=200, lifetime=100),
        technology("store", kind="storage", duration=8, charge_efficiency=0.9, discharge_efficiency=0.9, lifetime=100),
        technology("sun", lifetime=100, declared={"availability": "pv_fixed_cf"}),
        step_hours=6,
        nodes=[{"node": "abroad", "kind": "outside"}],
        links=[{"link": "border", "from_node": "abroad", "capacity": 0.3, "to_node": "north"}],
        markets=[{"market": "seller", "price": 15, "capacity": 0.3, "annual_limit": 800}],
        plants=[
            {"plant": "Old", "capacity": 1.1},
            {"plant": "Peak", "technology": "peaker", "node": "south", "capacity": 0.1},
            {"plant": "Store", "technology": "store", "node": "south", "capacity": 0.2},
            {"plant": "Sun", "technology": "sun", "node": "south", "capacity": 0.2},
        ],
        demands=only(flat("north", 1), flat("south", 0.5)),
        load=lambda month, hour: 1.4 if 12 <= hour < 18 else 0.8,
    )
    r = plan.results
    hours = r["step_hours"]
    stored = ((r["discharge"] - r["charge"]) * hours).sum().item()
    lost = (abs(r["flow"]) * 0.1 * hours).sum().item()
    given = (1000 * r["generation"].sum() + r["trade"].sum()).item()
    missing, over = r["unserved"].sum().item(), r["excess"].sum().item()
    assert min(abs(amount) for amount in (stored, lost, given, missing, r["trade"].sum().item())) > 1e-3, (
        "nothing proved"
    )
    assert r["demand"].sum().item() == pytest.approx(1.5 * HOURS)
    assert given + stored - lost + missing - over == pytest.approx(1.5 * HOURS)
    assert r["flow_both_ways"].sum().item() == pytest.approx(0)


def test_output_is_electricity_only(plan: Plan, results: xr.Dataset) -> None:
    """Proves: heat, gas and freight do not count as electricity given, demanded or missing. Without it a combined heat
    and power plant would show more power than it has."""
    assert results["generation"].sel(technology=["works", "railway"]).sum().item() == 0
    chp = results["output"].sel(technology="chp", node="south")
    assert (chp <= results["asset_capacity"].sel(asset="chp@south") + 1e-9).all()
    load = (results["load"].sel(node="south") * results["step_hours"]).sum("step")
    same(load, results["demand"].sel(node="south", commodity="electricity"))


def test_generation_is_output_over_the_year(results: xr.Dataset) -> None:
    """Proves: TWh are GW times the hours that steps stand for. Without it weights could be missing in one of them."""
    same((results["output"] * results["step_hours"]).sum("step") / 1000, results["generation"])


def test_capacity_goes_from_year_to_year_without_a_rest(results: xr.Dataset) -> None:
    """Proves: for every technology and node, capacity is that of the year before, with new capacity and what came out
    of works, less what went into works, closed early or reached its end. Without it a fleet could grow out of
    nothing."""
    moves = (
        results["new_capacity"]
        + results["works_capacity"].sum("option")
        - results["capacity_into_works"]
        - results["retired_capacity"]
        - results["ended_capacity"]
    )
    years = results["year"].to_numpy()
    for before, year in itertools.pairwise(years):
        same(results["capacity"].sel(year=before) + moves.sel(year=year), results["capacity"].sel(year=year))
    for name in ("new_capacity", "capacity_into_works", "retired_capacity", "ended_capacity"):
        assert results[name].sum() > 0.01, f"{name} is zero everywhere and proves nothing"
    standing = (
        results["plant_installed"]
        .where(results["plant_status"] == "operating", 0)
        .groupby(results["plant_technology"])
        .sum()
    )
    first = results["capacity"].sel(year=years[0]).sum("node")
    for technology_name in standing["plant_technology"].to_numpy():
        added = results["new_capacity"].sel(year=years[0], technology=technology_name).sum().item()
        assert first.sel(technology=technology_name).item() == pytest.approx(
            standing.sel(plant_technology=technology_name).item() + added
        )


def test_plants_by_name_add_up_to_their_pool(plan: Plan, results: xr.Dataset) -> None:
    """Proves: what is left of the plants of a pool, told by name, is what is left of its old vintages; what is closed
    and done to them is what is closed and done to the pool. Without it a plant could be told twice."""
    system, left = plan.study.system, plan.accounts.vintage_left
    old = set(zip(system["vintage_asset"].to_numpy(), system["vintage_label"].to_numpy(), strict=True))
    kept = left[[key in old for key in zip(left["asset"], left["vintage"], strict=True)]]
    operating = results["plant_status"] == "operating"
    for asset, year in ((a, y) for a in ("old@north", "hydro@south", "chp@south") for y in results["year"].to_numpy()):
        mine = operating & (xr.DataArray(system["plant_asset"].to_numpy() == asset, dims="plant"))
        named = results["plant_capacity"].sel(year=year).where(mine, 0).sum().item()
        assert named == pytest.approx(kept[(kept["asset"] == asset) & (kept["year"] == year)]["left"].sum())
    same(results["plant_works"].sum("plant"), results["works_capacity"].sum(["technology", "node"]))
    assert results["plant_works"].sum() > 0.01


def test_small_plants_share_a_vintage_by_their_size(results: xr.Dataset) -> None:
    """Proves: two brooks of 0.06 and 0.03 GW that end alike are one vintage in the program and two plants in the
    results. Without their shares each would show the capacity of both."""
    assert results["plant_capacity"].sel(plant=["Brook", "Rill"], year=2025).to_numpy() == pytest.approx([0.06, 0.03])


def test_a_project_by_name_is_its_asset(results: xr.Dataset) -> None:
    """Proves: a committed and a candidate project show what stands of them. Without it they would show their size in
    the tables, built or not."""
    assert results["plant_capacity"].sel(plant="Sure").to_numpy() == pytest.approx([0, 0.2, 0.2])
    same(results["plant_capacity"].sel(plant="Maybe"), results["asset_capacity"].sel(asset="Maybe"))


def test_the_target_ledger(results: xr.Dataset) -> None:
    """Proves: value less requirement is the slack, with the sign of the goal; a soft goal that is missed shows its
    shortfall and its penalty as price. Without it a ledger could call a missed goal met."""
    green = results.sel(target="green", year=2030)
    assert green["target_slack"].item() == pytest.approx(-green["target_shortfall"].item())
    assert green["target_price"].item() == pytest.approx(0.2)
    assert results["target_year_met"].sel(target=["green", "renewal"]).to_numpy().tolist() == [2040, 2030]
    assert results["target_slack"].sel(target="less_coal", year=2040).item() == pytest.approx(
        9000 - results["target_value"].sel(target="less_coal", year=2040).item()
    )
    assert np.isnan(results["target_slack"].sel(target="green", year=2025).item())


def test_the_price_of_a_commodity_wherever_it_balances(plan: Plan) -> None:
    """Proves: one call gives the price by step, period or year, with its unit, and names what has none. Without it a
    reader would have to know how finely each commodity balances."""
    assert plan.price("electricity", "north").dims == ("year", "step")
    assert plan.price("coal", "north").dims == ("year", "period")
    assert plan.price("freight", "north").dims == ("year",)
    assert plan.price("electricity", "north").attrs["units"] == "USD per MWh"
    with pytest.raises(KeyError, match="nothing at north"):
        plan.price("nothing", "north")


def test_the_mean_price_is_what_the_load_pays(plan: Plan, results: xr.Dataset) -> None:
    """Proves: prices of power weigh by load and hours, and heat at the same node stays out. Without it the price of
    heat would be added to that of power."""
    weight = results["load"] * results["step_hours"]
    price = results["price"].sel(commodity="electricity", drop=True)
    same(
        (price * weight).sel(node="south").sum("step") / weight.sel(node="south").sum("step"),
        results["mean_price"].sel(node="south"),
    )


def test_works_are_told_by_option(results: xr.Dataset) -> None:
    """Proves: what comes out of works is shown by what was done. Without it a conversion could be told as an
    extension."""
    assert list(results["option"].to_numpy()) == list(OPTIONS)
    converted = results["works_capacity"].sel(option="convert", technology="gas").sum().item()
    into = results["capacity_into_works"].sel(technology="old").sum().item()
    extended = results["works_capacity"].sel(option="extend", technology="old").sum().item()
    assert converted > 0.01
    assert into == pytest.approx(converted / 1.1 + extended)
