"""Mean prices of commodities over the country, in units of the trade."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.parts import Words
from model.system.network import ELECTRICITY

PRICE_UNITS = {
    "GWh": ("per MWh", 1000.0),
    "TWh": ("per MWh", 1.0),
    "bcm": ("per 1000 m³", 1.0),
    "Mt": ("per t", 1.0),
    "kTEU": ("per TEU", 1000.0),
}
"""By the unit of a quantity: for what a price is told, and what million per unit are multiplied by."""

ASKED = ("demand", "imports", "exports")
"""Items of the balance that make a price worth telling."""

THOUSAND = 1000.0
"""``price`` is in money per thousandth of a unit (USD per MWh where the unit is GWh), others in million per unit."""


def national_prices(results: xr.Dataset, words: Words) -> pd.DataFrame:
    """Mean price of every commodity that is asked for, traded or burnt in power plants.

    Columns commodity (its name), unit, year, value. Steps and periods weigh by their hours, nodes by what they use, or
    what they make where nothing is used; a commodity without a price is left out.
    """
    price = _yearly(results)
    balance = results["balance"]
    items = balance["balance_item"].to_numpy().astype(str)
    used = -balance.sel(balance_item=[i for i in ("use", "demand") if i in items]).sum("balance_item")
    made = balance.sel(balance_item=[i for i in ("supply", "production", "imports") if i in items]).sum("balance_item")
    rows = []
    for commodity in _told(results):
        own = price.sel(commodity=commodity).transpose("year", "node").to_numpy()
        weights = [w.sel(commodity=commodity).transpose("year", "node").to_numpy() for w in (used, made)]
        values = [_mean(own[i], weights[0][i], weights[1][i]) for i in range(len(own))]
        if not np.isfinite(values).any():
            continue
        told = results.sel(commodity=commodity)
        quantity, currency = str(told["commodity_unit"].item()), str(results.attrs.get("currency", "USD"))
        per, scale = PRICE_UNITS.get(quantity, (f"per {quantity}", 1.0))
        unit = words(f"{currency} {per}" if quantity in PRICE_UNITS else f"million {currency} {per}")
        name = words(str(told["commodity_name"].item()))
        rows += [(name, unit, int(y), v * scale) for y, v in zip(results["year"].to_numpy(), values, strict=True)]
    return pd.DataFrame(rows, columns=["commodity", "unit", "year", "value"])


def _yearly(results: xr.Dataset) -> xr.DataArray:
    """Mean price over the year, million per unit, (commodity, node, year); empty where there is none."""
    hours = results["step_hours"]
    found: xr.DataArray | None = None
    if "price" in results:
        found = _weighted(results["price"], hours) / THOUSAND
    if "price_by_period" in results:
        of_period = hours.groupby(results["step_period"].rename("period")).sum()
        of_period = of_period.reindex(period=results["period"].to_numpy(), fill_value=0.0)
        mean = _weighted(results["price_by_period"], of_period)
        found = mean if found is None else found.fillna(mean)
    if "price_by_year" in results:
        found = results["price_by_year"] if found is None else found.fillna(results["price_by_year"])
    if found is None:
        return xr.full_like(results["demand"], np.nan)
    return found


def _weighted(price: xr.DataArray, weights: xr.DataArray) -> xr.DataArray:
    """Mean over the dim of ``weights``; empty where no price is told."""
    whole = xr.dot(price.notnull(), weights, dim=weights.dims)
    mean: xr.DataArray = xr.dot(price.fillna(0.0), weights, dim=weights.dims) / whole.where(whole > 0)
    return mean


def _mean(price: np.ndarray, used: np.ndarray, made: np.ndarray) -> float:
    """Mean over nodes that have a price, by what they use, else by what they make, else plain."""
    there = np.isfinite(price)
    if not there.any():
        return float("nan")
    for weight in (used, made):
        own = np.clip(weight[there], 0.0, None)
        if own.sum() > 0:
            return float(price[there] @ own / own.sum())
    return float(price[there].mean())


def _told(results: xr.Dataset) -> list[str]:
    """Commodities that somebody asks for or trades, and fuels of what makes electricity."""
    size = abs(results["balance"]).sum(["node", "year"])
    asked = size.sel(balance_item=[i for i in ASKED if i in size["balance_item"].to_numpy()]).sum("balance_item") > 0
    product = dict(zip(results["technology"].to_numpy(), results["technology_product"].to_numpy(), strict=True))
    rows = zip(
        results["balance_row_commodity"].to_numpy(),
        results["balance_row_item"].to_numpy(),
        results["balance_row_technology"].to_numpy(),
        strict=True,
    )
    burnt = {str(commodity) for commodity, item, t in rows if item == "use" and product.get(t) == ELECTRICITY}
    return [str(c) for c in results["commodity"].to_numpy() if bool(asked.sel(commodity=c)) or str(c) in burnt]
