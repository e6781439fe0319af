"""A plan in a few figures for the whole country, by planning year and by family of technology."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.outputs.goals import MET
from model.outputs.maps import makes_power
from model.outputs.statistics import PER_YEAR, THOUSAND, dataset, told
from model.system.network import ELECTRICITY

TAGS = ("renewable", "low_carbon")
"""Tags of technologies whose share of generation is told."""

CAPITAL = ("investment", "works")
"""Kinds of cost that are annuities."""


def summary(results: xr.Dataset) -> xr.Dataset:
    """National figures of a plan by ``year``, those of electricity also by ``group`` of technology.

    ``present_value`` has no dim, ``cost`` is by ``cost_kind``, ``reserve_margin`` by ``zone``. What a study lacks
    (goals, margins, electricity, technologies with the tag ``renewable``) is left out.
    """
    parts = [_power_by_group(results), _power(results), _shares(results), _money(results), _goals(results)]
    found = xr.merge(parts, join="exact", compat="equals", combine_attrs="override")
    about = ("title", "scenario", "scenario_title", "currency", "price_year")
    return found.assign_attrs({name: results.attrs[name] for name in about if name in results.attrs})


def _power_by_group(results: xr.Dataset) -> xr.Dataset:
    """Capacity, additions, closures and generation by family of what makes or keeps electricity."""
    own = results.isel(technology=makes_power(results))
    labels = own["technology_group"].to_numpy().astype(str)
    groups = list(dict.fromkeys(labels))
    member = xr.DataArray(
        [(labels == group).astype(float) for group in groups] if groups else np.zeros((0, 0)),
        dims=("group", "technology"),
        coords={"group": np.array(groups, dtype=str), "technology": own["technology"].to_numpy()},
    )
    found = []
    for name, unit, text in (
        ("capacity", "GW", "capacity of what makes or keeps electricity"),
        ("new_capacity", "GW", "new capacity since the previous planning year"),
        ("retired_capacity", "GW", "capacity closed before its end"),
        ("generation", "TWh per year", "electricity given in the year"),
    ):
        national = own[name].astype(float).sum("node")
        found.append(told(xr.dot(member, national, dim="technology"), name, unit, text))
    return dataset(found)


def _power(results: xr.Dataset) -> xr.Dataset:
    """Demand, peak, trade, losses and price of electricity."""
    if ELECTRICITY not in results["commodity"].to_numpy():
        return xr.Dataset()
    own = results.sel(commodity=ELECTRICITY)
    traded = own["balance"].astype(float).sum("node")
    load = results["load"].astype(float)
    lost = results["link_loss_energy"].astype(float).sum("link") / THOUSAND
    bought, sold = (traded.sel(balance_item=item) / THOUSAND for item in ("imports", "exports"))
    found = [
        told(own["demand"].sum("node") / THOUSAND, "demand", "TWh per year", "demand of electricity"),
        told(load.sum("node").max("step"), "peak_load", "GW", "largest load of the country in a step"),
        told(own["unserved"].sum("node"), "unserved", "GWh per year", "electricity that is not served"),
        told(bought, "imports", "TWh per year", "electricity bought from abroad"),
        told(abs(sold), "exports", "TWh per year", "electricity sold abroad"),
        told(lost, "losses", "TWh per year", "electricity lost over links"),
    ]
    if "mean_price" in results:
        weight = (load * results["step_hours"]).sum("step")
        price = results["mean_price"].reindex(node=results["node"])
        total = weight.where(price.notnull()).sum("node")
        mean = (price * weight).sum("node") / total.where(total > 0)
        found.append(told(mean, "mean_price", "USD per MWh", "mean price paid by the load of the country"))
    return dataset(found)


def _shares(results: xr.Dataset) -> xr.Dataset:
    """What technologies with a tag, and those that follow the weather, give of all electricity."""
    given = results["generation"].astype(float).sum("node")
    total = given.sum("technology")
    tags = [str(words).split(";") for words in results["technology_tags"].to_numpy()]
    follows = results["technology_variable"].to_numpy() == 1
    members = [
        *((f"{tag}_share", np.array([tag in own for own in tags]), f"tagged {tag}") for tag in TAGS),
        ("variable_share", follows, "that follow wind or sun"),
    ]
    return dataset(
        told(
            given.isel(technology=np.flatnonzero(member)).sum("technology") / total.where(total > 0),
            name,
            "1",
            f"share of generation from technologies {words}",
        )
        for name, member, words in members
        if member.any()
    )


def _money(results: xr.Dataset) -> xr.Dataset:
    """Costs by kind, all together, what is paid for building, and emissions."""
    cost, present = results["cost"].astype(float), results["present_cost"].astype(float).sum("cost_kind")
    capital = cost.sel(cost_kind=list(CAPITAL)).sum("cost_kind")
    return dataset(
        (
            told(cost, "cost", PER_YEAR, "cost of an average calendar year"),
            told(cost.sum("cost_kind"), "total_cost", PER_YEAR, "all costs of an average calendar year"),
            told(capital, "capital_cost", PER_YEAR, "annuities of what the plan builds and renews"),
            told(present, "present_value", "million USD", "present value of all costs"),
            told(results["emissions"], "emissions", "Mt per year", "CO2 that counts for price and cap"),
        )
    )


def _goals(results: xr.Dataset) -> xr.Dataset:
    """Goals that are missed, and margins of capacity."""
    found = []
    if "target_slack" in results:
        slack = results["target_slack"]
        allowed = MET * np.maximum(1.0, np.abs(results["target_required"].astype(float)))
        missed, asked = (slack < -allowed).sum("target"), slack.notnull().sum("target")
        found.append(told(asked, "asked_targets", "1", "goals that are asked for in the year"))
        found.append(told(missed, "missed_targets", "1", "goals that are asked for and missed in the year"))
    if "margin_reached" in results:
        text = "firm capacity beyond peak load, as a share"
        found.append(told(results["margin_reached"], "reserve_margin", "1", text))
    return dataset(found)
