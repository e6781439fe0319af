"""From a certified solution to one Dataset, told by node, technology, plant and link, with units on everything."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.outputs.arrays import TINY, Groups, Shape, electricity_given, labelled
from model.outputs.balances import balances
from model.outputs.fleet import fleet, plants
from model.outputs.geography import geography
from model.outputs.goals import years_met
from model.outputs.network import network
from model.outputs.prices import Prices
from model.outputs.security import security
from model.outputs.value import earnings, value
from model.solve import ledger
from model.solve.accounts import Accounts
from model.solve.stores import between_slots, by_slot, inside, stores
from model.system.network import ELECTRICITY

PERCENT = 100.0


def results_dataset(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """Everything a plan says.

    Dims: ``year, node, technology, asset, plant, link, option, commodity, step, period, slot, interface, cost_kind,
    target, build_limit, balance_item, balance_row, zone, direction, contingency``. Capacity and power in GW, energy in
    GWh or TWh a year as ``units`` says, other quantities in the unit of the technology or commodity, money in million
    USD of the price year.
    """
    earned = earnings(accounts, prices)
    parts = [
        fleet(accounts),
        plants(accounts),
        _kinds(accounts),
        _operation(accounts),
        network(accounts, earned),
        _stores(accounts),
        _balances(accounts),
        balances(accounts),
        _money(accounts),
        _targets(accounts, prices),
        security(accounts, prices),
        _priced(accounts, prices),
        geography(accounts),
        value(accounts, prices, earned),
    ]
    return xr.merge(parts, join="exact", compat="equals", combine_attrs="override")


def _kinds(accounts: Accounts) -> xr.Dataset:
    """The unit in which each technology is sized, and what it is for: electricity, else its first product."""
    groups = Groups(accounts)
    kinds = zip(accounts.of_asset("technology"), accounts.of_asset("capacity_unit"), strict=True)
    unit, product = dict(kinds), dict.fromkeys(groups.technologies, "")
    of_asset = dict(zip(accounts.assets, accounts.of_asset("technology"), strict=True))
    for port in accounts.ports:
        technology = of_asset[port.asset]
        if port.per_hour > 0 and (port.commodity == ELECTRICITY or not product.get(technology, ELECTRICITY)):
            product[technology] = port.commodity
    shape: Shape = [("technology", groups.technologies)]
    units, products = ([of[t] for t in groups.technologies] for of in (unit, product))
    return xr.Dataset(
        {
            "technology_unit": labelled(units, shape, "1", "unit in which the technology's capacity is told"),
            "technology_product": labelled(products, shape, "1", "what the technology makes or keeps"),
        }
    )


def _operation(accounts: Accounts) -> xr.Dataset:
    """Output by technology and node, in steps and over the year."""
    groups = Groups(accounts)
    output = groups.sum(electricity_given(accounts))
    years, steps = ("year", accounts.years), ("step", accounts.steps)
    usable = groups.sum((accounts.available * accounts.capacity[:, :, None]) @ accounts.step_hours)
    annual = output @ accounts.step_hours
    factor = np.divide(annual, usable * 1.0, out=np.zeros_like(annual), where=usable > TINY)
    return xr.Dataset(
        {
            "output": labelled(output, groups.shape(years, steps), "GW", "electricity given by step"),
            "generation": labelled(annual / 1000, groups.shape(years), "TWh per year", "electricity given in the year"),
            "use_of_available": labelled(factor, groups.shape(years), "1", "energy given against energy available"),
            "step_hours": labelled(
                accounts.step_hours, [steps], "h per year", "hours of the year that the step stands for"
            ),
            "step_period": labelled(
                accounts.time["step_period"].to_numpy().astype(str), [steps], "1", "period of the step"
            ),
            "step_duration": labelled(accounts.time["duration"].to_numpy(), [steps], "h", "length of the step"),
            **_step_starts(accounts),
        }
    )


def _step_starts(accounts: Accounts) -> dict[str, xr.DataArray]:
    """The hour of the year at which each step begins, where steps stand at a moment of the year."""
    if "step_start" not in accounts.time:
        return {}
    text = "hour of the year at which the step begins"
    return {"step_start": labelled(accounts.time["step_start"].to_numpy(), [("step", accounts.steps)], "h", text)}


def _stores(accounts: Accounts) -> xr.Dataset:
    """Rates and levels of stores; a seasonal store's level by step is told where every step comes once a year."""
    names, slots = accounts.store_assets, list(accounts.time["slot"].to_numpy())
    shape: Shape = [("store", names), ("year", accounts.years), ("step", accounts.steps)]
    rows = [accounts.place[store] for store in names]
    charge, discharge = (rates[rows] for rates in accounts.store_rates)
    level = accounts.dense("level", "asset", "year", "step")[rows]
    between = np.full((len(names), len(accounts.years), len(slots)), np.nan)
    once = (accounts.time["weight"].to_numpy() == 1).all()
    for i, store in enumerate(stores(accounts)):
        if store.seasonal:
            own = inside(accounts, store)
            between[i] = between_slots(accounts, store, own)
            level[i] = np.concatenate(list(by_slot(accounts, store, own, between[i])), axis=1) if once else np.nan
    kept = {port.asset: port.commodity for port in accounts.ports if port.kind == "storage"}
    hours = accounts.of_asset("hours").astype(float)[rows]
    return xr.Dataset(
        {
            "store_unit": labelled(
                accounts.of_asset("capacity_unit")[rows].astype(str), shape[:1], "1", "unit of what goes in and out"
            ),
            "store_commodity": labelled(
                np.array([kept[store] for store in names], dtype=str), shape[:1], "1", "what the store keeps"
            ),
            "charge": labelled(charge, shape, "store unit", "what is taken in"),
            "discharge": labelled(discharge, shape, "store unit", "what is given back"),
            "level": labelled(level, shape, "commodity unit", "what is stored at the end of the step"),
            "level_in_calendar": labelled(
                between,
                [*shape[:2], ("slot", slots)],
                "commodity unit",
                "what a seasonal store holds at the start of the slot",
            ),
            "slot_period": labelled(
                accounts.time["slot_period"].to_numpy().astype(str), [("slot", slots)], "1", "period that stands there"
            ),
            "charge_and_discharge": labelled(
                np.minimum(charge, discharge) @ accounts.step_hours / hours[:, None],
                shape[:2],
                "commodity unit per year",
                "what is charged and discharged at once",
            ),
        }
    )


def _balances(accounts: Accounts) -> xr.Dataset:
    """Demand, unserved and excess by node, and emissions."""
    nodes, commodities = accounts.nodes, accounts.commodities
    shape: Shape = [("node", nodes), ("commodity", commodities), ("year", accounts.years)]
    hours = accounts.step_hours
    by_step: Shape = [("node", nodes), ("year", accounts.years), ("step", accounts.steps)]
    own = [i for i, commodity in enumerate(commodities) if commodity == ELECTRICITY]
    return xr.Dataset(
        {
            "demand": labelled(accounts.demand @ hours, shape, "commodity unit per year", "demand"),
            "unserved": labelled(accounts.unserved @ hours, shape, "commodity unit per year", "demand that is not met"),
            "excess": labelled(accounts.excess @ hours, shape, "commodity unit per year", "what is left over"),
            "load": labelled(accounts.demand[:, own].sum(axis=1), by_step, "GW", "demand of electricity"),
            "unserved_load": labelled(accounts.unserved[:, own].sum(axis=1), by_step, "GW", "load that is not met"),
            "emissions": labelled(
                accounts.emissions.sum(axis=1),
                [("year", accounts.years)],
                "Mt per year",
                "CO2 that counts for price and cap",
            ),
        }
    )


def _money(accounts: Accounts) -> xr.Dataset:
    yearly = ledger.costs(accounts)
    weights = accounts.system["discount_weight"].to_numpy()
    kinds = ("cost_kind", ledger.KINDS)
    return xr.Dataset(
        {
            "cost": labelled(
                yearly, [kinds, ("year", accounts.years)], "million USD per year", "cost of an average calendar year"
            ),
            "present_cost": labelled(yearly @ weights, [kinds], "million USD", "present value of the cost"),
            "discount_weight": labelled(weights, [("year", accounts.years)], "year", "present value of one a year"),
        }
    )


def _targets(accounts: Accounts, prices: Prices) -> xr.Dataset:
    """The target ledger: what is asked and reached, missing or to spare, and what a goal costs at the margin."""
    system, targets, years = accounts.system, accounts.targets, ("year", accounts.years)
    if not targets:
        return xr.Dataset()
    value, required = ledger.target_values(accounts), system["target_required"].to_numpy()
    sign = np.where(system["target_sense"].to_numpy() == "min", 1.0, -1.0)[:, None]
    slack = sign * (value - required)
    met = years_met(accounts.years, value, required, sign)
    shape: Shape = [("target", targets), years]
    texts = {
        f"target_{c}": labelled(
            system[f"target_{c}"].to_numpy().astype(str), [("target", targets)], "1", f"{c} of the goal"
        )
        for c in ("name", "unit", "sense")
    }
    return xr.Dataset(
        {
            **texts,
            "target_goal_year": labelled(
                system["target_goal_year"].to_numpy().astype(int),
                [("target", targets)],
                "1",
                "year the goal is set for",
            ),
            "target_year_met": labelled(
                met, [("target", targets)], "1", "first planning year from which it holds on; 0: never"
            ),
            "target_value": labelled(value, shape, "target unit", "what the plan reaches"),
            "target_required": labelled(required, shape, "target unit", "what the goal asks for"),
            "target_slack": labelled(
                np.where(np.isnan(required), np.nan, slack), shape, "target unit", "what is to spare; negative: missing"
            ),
            "target_shortfall": labelled(
                ledger.shortfalls(accounts), shape, "target unit", "what is missing and paid for"
            ),
            "target_price": (price := prices.target()),
            "target_point_price": labelled(
                price.to_numpy() * system["target_denominator"].to_numpy() / PERCENT,
                shape,
                "million USD per percent and year",
                "what one more percentage point of a share goal costs",
            ),
        }
    )


def _priced(accounts: Accounts, prices: Prices) -> xr.Dataset:
    found = {
        "price": prices.nodal(),
        "price_by_period": prices.by_period(),
        "price_by_year": prices.by_year(),
        "capacity_price": prices.capacity(),
        "co2_marginal_cost": prices.co2(),
        "interface_price": prices.interface(),
        "build_pace_value": prices.pace(),
    }
    if ELECTRICITY in found["price"]["commodity"]:
        load = xr.DataArray(
            accounts.demand[:, accounts.commodities.index(ELECTRICITY)],
            dims=("node", "year", "step"),
            coords={"node": accounts.nodes, "year": accounts.years, "step": accounts.steps},
        )
        weight = load * prices.hours
        paid = (found["price"].sel(commodity=ELECTRICITY, drop=True) * weight).sum("step")
        mean = paid / weight.sum("step").where(weight.sum("step") > 0)
        mean.attrs = {"units": "USD per MWh", "long_name": "mean price paid by the load"}
        found["mean_price"] = mean
    return xr.Dataset({name: array.reset_coords(drop=True) for name, array in found.items() if array.size})
