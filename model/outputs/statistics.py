"""What energy planners ask of a plan: use of capacity, curtailment, what power earns and costs, rents of links.

Every function takes the results of a plan, as ``plan.results`` or ``read_results`` give them, and gives arrays with
``units`` and ``long_name``. Nothing here needs the plan itself. Where a question has no answer, as for the use of a
plant that does not stand, the value is nan.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from model.outputs.maps import makes_power
from model.system.network import ELECTRICITY
from model.system.units import HOURS_PER_YEAR

THOUSAND = 1000.0
"""GW h to TWh, TWh to GWh, thousand USD to million USD."""

LEAST = 1e-6
"""GW, or TWh a year, from which something stands or runs: ratios of less are ratios of the solver's noise."""

RUNNING = ("variable", "fuel", "import", "export")
"""Kinds of cost that come with every unit moved."""

PER_YEAR = "million USD per year"


def statistics(results: xr.Dataset) -> xr.Dataset:
    """All statistics of a plan but the balances of single commodities, which ``nodal_balance`` gives.

    Dims: ``technology, node, year, store, link, commodity, asset``, and ``layer`` where links are drawn. What is told
    of electricity is left out if the study has none.
    """
    arrays = [net_value(results), asset_net_value(results), storage_cycles(results)]
    if "mean_price" in results:
        arrays += [
            capacity_factor(results),
            full_load_hours(results),
            market_value(results),
            value_factor(results),
            lcoe(results),
        ]
    parts = [dataset(arrays), curtailment(results), link_rents(results)]
    found = xr.merge(parts, join="exact", compat="equals", combine_attrs="override")
    return found.assign_attrs({name: results.attrs[name] for name in ("title", "scenario") if name in results.attrs})


def capacity_factor(results: xr.Dataset) -> xr.DataArray:
    """Electricity given as a share of what full output all year would give, (technology, node, year)."""
    capacity = results["capacity"].where(_plants_of_power(results)).astype(float)
    factor = results["generation"] * THOUSAND / (capacity.where(capacity > LEAST) * HOURS_PER_YEAR)
    return told(factor, "capacity_factor", "1", "electricity given as a share of full output all year")


def full_load_hours(results: xr.Dataset) -> xr.DataArray:
    """Hours of full output that give what was given in the year, (technology, node, year)."""
    hours = capacity_factor(results) * HOURS_PER_YEAR
    return told(hours, "full_load_hours", "h per year", "hours of full output that give what was given")


def curtailment(results: xr.Dataset) -> xr.Dataset:
    """What wind and sun offer and nobody takes: ``curtailment``, ``curtailed_share`` (technology, node, year)."""
    follows = results["technology_variable"] == 1
    offered = results["available_energy"].where(follows)
    left = (offered - results["generation"]).clip(min=0.0)
    text = "electricity that wind and sun offer and that is not given"
    share = left / offered.where(offered > LEAST)
    return dataset(
        (
            told(left * THOUSAND, "curtailment", "GWh per year", text),
            told(share, "curtailed_share", "1", f"{text}, as a share of what they offer"),
        )
    )


def electricity_value(results: xr.Dataset) -> xr.DataArray:
    """Electricity given times its price in every step, (technology, node, year), million USD per year."""
    price = results["price"].sel(commodity=ELECTRICITY, drop=True).reindex(node=results["node"])
    # a node without a price has no electricity, so nothing is given there
    paid = price.fillna(0.0).astype(float) * results["step_hours"] / THOUSAND
    worth = xr.dot(results["output"], paid, dim="step")
    return told(worth, "electricity_value", PER_YEAR, "electricity given times its price")


def market_value(results: xr.Dataset) -> xr.DataArray:
    """What the electricity given by a technology is worth, mean of the year, (technology, node, year), USD per MWh."""
    text = "price of electricity, weighted by what the technology gives"
    return told(_each(results, electricity_value(results)), "market_value", "USD per MWh", text)


def value_factor(results: xr.Dataset) -> xr.DataArray:
    """The market value of a technology against the mean price that the load of its node pays, (technology, node, year).

    Below 1: it gives when power is cheap. nan where no load is.
    """
    mean = results["mean_price"].reindex(node=results["node"])
    factor = market_value(results) / mean.where(mean > 0)
    return told(factor, "value_factor", "1", "market value against the mean price paid by the load of the node")


def lcoe(results: xr.Dataset) -> xr.DataArray:
    """What electricity costs, (technology, node, year), USD per MWh: levelised cost of the stock that stands.

    All costs of an average year, annuities of what the plan has built, what is paid for other commodities at nodal
    prices and for CO2, less what other products earn (heat), by electricity given. It is of the stock standing in that
    year: what plants of before the plan have cost is behind them, so their cost is what keeping and running them costs.
    The cost of what is built equals its market value where nothing but its own capacity holds it back.
    """
    text = "cost of electricity from the stock that stands, other products deducted"
    return told(market_value(results) - _each(results, net_value(results)), "lcoe", "USD per MWh", text)


def asset_net_value(results: xr.Dataset) -> xr.DataArray:
    """What an asset earns with all commodities at nodal prices, less its costs and CO2, (asset, year).

    What limits, margins, reserve and goals pay for is not in it: an asset that is built for these shows a loss.
    """
    net = results["asset_value"].astype(float).sum("commodity") - results["asset_cost"].astype(float).sum("cost_kind")
    text = "value at nodal prices, less costs and CO2"
    return told(net - results["asset_co2_cost"], "asset_net_value", PER_YEAR, text)


def net_value(results: xr.Dataset) -> xr.DataArray:
    """What plants and stores earn with all commodities, less costs and CO2, (technology, node, year)."""
    summed = by_technology(results, asset_net_value(results))
    return told(summed, "net_value", PER_YEAR, "value at nodal prices, less costs and CO2")


def storage_cycles(results: xr.Dataset) -> xr.DataArray:
    """How often a store gives back what it holds when full, (store, year)."""
    given = xr.dot(results["discharge"].astype(float), results["step_hours"], dim="step")
    capacity = results["asset_capacity"].sel(asset=results["store"].to_numpy()).rename(asset="store")
    held = capacity.where(capacity > LEAST) * results["store_duration"]
    text = "times that the store gives back what it holds when full"
    return told(given / held.where(held > 0), "storage_cycles", "1 per year", text)


def link_rents(results: xr.Dataset) -> xr.Dataset:
    """What links earn by the differences of prices: ``link_rent`` (link, year), and summed by commodity and layer.

    Value of what a link delivers, less what it takes (also to drive it), its tariffs and its CO2. Its fixed costs and
    annuities have to be paid from that. What joint limits earn is in ``interface_rent`` of the results.
    """
    own = results[["asset_value", "asset_cost", "asset_co2_cost"]].sel(asset=results["link"].to_numpy())
    paid = own["asset_cost"].astype(float).sel(cost_kind=list(RUNNING)).sum("cost_kind") + own["asset_co2_cost"]
    rent = (own["asset_value"].astype(float).sum("commodity") - paid).rename(asset="link")
    text = "value of what links deliver, less what they take, tariffs and CO2"
    found = [told(rent, "link_rent", PER_YEAR, text)]
    for dim, label in (("commodity", "link_commodity"), ("layer", "link_layer")):
        if label in results and (results[label] != "").any():
            summed = _summed(rent, results[label].to_numpy().astype(str), "link", dim)
            found.append(told(summed, f"link_rent_by_{dim}", PER_YEAR, f"{text}, by {dim}"))
    return dataset(found)


def nodal_balance(results: xr.Dataset, commodity: str) -> xr.DataArray:
    """What gives (positive) and takes (negative) a commodity, (node, balance_item, year), in its own unit a year.

    It sums to zero over the items. KeyError if the study has no such commodity.
    """
    own = results["balance"].sel(commodity=commodity, drop=True)
    unit = str(results["commodity_unit"].sel(commodity=commodity).item())
    name = str(results["commodity_name"].sel(commodity=commodity).item())
    return told(own, "nodal_balance", f"{unit} per year", f"what gives and takes: {name}")


def by_technology(results: xr.Dataset, of_asset: xr.DataArray) -> xr.DataArray:
    """Plants and stores summed by technology and node: (asset, ...) to (technology, node, ...)."""
    values = of_asset.transpose("asset", ...)
    places = [{label: i for i, label in enumerate(results[dim].to_numpy())} for dim in ("technology", "node")]
    labels = [results[name].to_numpy() for name in ("asset_technology", "asset_node")]
    inside = np.isin(results["asset_kind"].to_numpy(), ("conversion", "storage"))
    at = [[place[label] for label in own[inside]] for place, own in zip(places, labels, strict=True)]
    dense = np.zeros((*(len(place) for place in places), *values.shape[1:]))
    np.add.at(dense, tuple(at), values.to_numpy()[inside])
    rest = values.dims[1:]
    coords = {dim: results[dim].to_numpy() for dim in ("technology", "node")}
    coords |= {str(dim): values[dim].to_numpy() for dim in rest}
    return xr.DataArray(dense, coords=coords, dims=("technology", "node", *rest))


def _summed(values: xr.DataArray, labels: np.ndarray, dim: str, to: str) -> xr.DataArray:
    """Sums of ``values`` over those along ``dim`` that have the same label, along a new dim ``to``."""
    kept = [label for label in dict.fromkeys(labels) if label]
    parts = [values.isel({dim: labels == label}).sum(dim) for label in kept]
    coords = {to: kept, "year": values["year"].to_numpy()}
    return xr.DataArray(np.stack([part.to_numpy() for part in parts]), coords=coords, dims=(to, "year"))


def _plants_of_power(results: xr.Dataset) -> xr.DataArray:
    """Whether each technology makes electricity and is sized by power; stores give back what others made."""
    return (results["technology_keeps"] == "") & makes_power(results)


def _each(results: xr.Dataset, money: xr.DataArray) -> xr.DataArray:
    """Million USD a year over TWh a year, which is USD per MWh; nan where no electricity is given."""
    given = results["generation"].astype(float)
    return money / given.where(given > LEAST)


def told(array: xr.DataArray, name: str, unit: str, long_name: str) -> xr.DataArray:
    """The array under a name, with its unit and meaning, without labels of what was selected."""
    found = array.reset_coords(drop=True).rename(name)
    found.attrs = {"units": unit, "long_name": long_name}
    return found


def dataset(arrays: Iterable[xr.DataArray]) -> xr.Dataset:
    """The arrays under their names."""
    return xr.Dataset({str(array.name): array for array in arrays})
