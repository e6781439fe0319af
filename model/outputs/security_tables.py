"""What a person reads of the network and of security: new lines, adequacy, reserve, and what N-1 comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from rich.table import Table

from model.system.network import ELECTRICITY

SHOWN = 0.005
"""GW from which a number is worth a row: less prints as 0.00."""

MOST_CONTINGENCIES = 12
"""Contingencies told at most; results.nc has all."""

DRIVEN = 2
"""Reinforcements told at most of one contingency."""

WORTH = 0.05
"""USD per kW and year from which a price is told."""


def security_tables(results: xr.Dataset) -> Iterator[Table]:
    """Those tables for which the study has something to tell."""
    makers = (
        (line_table, "link_first_year"),
        (adequacy_table, "margin_asked"),
        (reserve_table, "reserve_need"),
        (shared_table, "direction"),
        (contingency_table, "contingency_shed"),
    )
    for make, needed in makers:
        if needed in results.variables and (table := make(results)).row_count:
            yield table


def line_table(results: xr.Dataset) -> Table:
    """New power lines: name, the first planning year in which they stand, and what has been added by each year."""
    years = _years(results)
    table = _table("New lines, GW", ["line", "ring", "in operation", *years], words=1)
    added = results["link_new_capacity"].transpose("link", "year").cumsum("year").to_numpy()
    first, name, ring = (results[f"link_{c}"].to_numpy() for c in ("first_year", "name", "ring"))
    power = results["link_commodity"].to_numpy() == ELECTRICITY
    for i in sorted(np.flatnonzero(power & (first > 0) & (added.max(axis=1) >= SHOWN)), key=lambda i: int(first[i])):
        table.add_row(str(name[i]), "ring" if ring[i] else "", str(int(first[i])), *map(_told, added[i]))
    return table


def adequacy_table(results: xr.Dataset) -> Table:
    """Load and firm capacity of each zone and year of which a margin is asked."""
    columns = ["zone", "year", "peak load", "firm", "lent in", "imports", "asked", "reached", "missing", "USD/kW/year"]
    table = _table("Adequacy, GW at the peak", columns, words=1)
    firm = results["firm_capacity"].sum("technology", skipna=False)
    for zone, year in _asked(results["margin_asked"]):
        row = results.sel(zone=zone, year=year)
        power = row["peak_load"], firm.sel(zone=zone, year=year), row["firm_exchange_in"], row["firm_imports"]
        shares = (f"{row[name].item():.1%}" for name in ("margin_asked", "margin_reached"))
        missing, price = (row[f"margin_{name}"].item() for name in ("shortfall", "price"))
        table.add_row(zone, str(year), *(_told(v.item()) for v in power), *shares, _told(missing), _told(price, 1))
    return table


def reserve_table(results: xr.Dataset) -> Table:
    """Operating reserve of each zone and year, means of the year."""
    columns = ["zone", "year", "need", "held", "from others", "missing, GWh", "USD/MWh"]
    table = _table("Operating reserve, GW on average", columns, words=1)
    names = [f"reserve_{name}" for name in ("need", "held", "exchange_in", "shortfall", "price")]
    for zone, year in _asked(results["reserve_need"]):
        row = results[names].sel(zone=zone, year=year)
        table.add_row(zone, str(year), *(_told(row[name].item()) for name in names))
    return table


def shared_table(results: xr.Dataset) -> Table:
    """What zones lend each other over links, from zone to zone: firm capacity, and operating reserve on average."""
    table = _table("Reserve shared between zones, GW", ["", *_years(results)], words=1)
    zone = dict(zip(results["node"].to_numpy(), results["node_zone"].to_numpy(), strict=True))
    for name, text in (("firm_exchange", "firm capacity"), ("reserve_exchange", "operating reserve, mean")):
        if name not in results:
            continue
        sums: dict[tuple[str, str], np.ndarray] = {}
        lent = results[name].transpose("link", "direction", "year").to_numpy()
        ends = (results[f"link_{c}"].to_numpy() for c in ("from", "to"))
        for own, start, end in zip(lent, *ends, strict=True):
            for values, pair in zip(own, ((zone[start], zone[end]), (zone[end], zone[start])), strict=True):
                sums[pair] = sums.get(pair, np.zeros(len(values))) + values
        for (giver, taker), values in sums.items():
            if values.max() >= SHOWN:
                table.add_row(f"{text}: {giver} to {taker}", *map(_told, values))
    return table


def contingency_table(results: xr.Dataset) -> Table:
    """Contingencies that matter, the worst first.

    Load shed in each year, and the reinforcements that the contingency drives: what a kW of each is worth because of
    it, in the year in which that is most. A line that is not built is none, whatever its price.
    """
    table = _table("N-1: load shed after contingencies, GW", ["contingency", *_years(results), "drives"], words=1)
    shed = results["contingency_shed"].transpose("contingency", "year").to_numpy()
    built = results["link_new_capacity"].transpose("link", "year").cumsum("year").to_numpy() >= SHOWN
    prices = results["contingency_capacity_price"].transpose("contingency", "link", "year").to_numpy()
    driven = (prices * built).max(axis=2)
    matters = (shed.max(axis=1) >= SHOWN) | (driven.max(axis=1, initial=0.0) >= WORTH)
    order = np.lexsort((-driven.sum(axis=1), -shed.max(axis=1)))
    names, links = results["contingency"].to_numpy(), results["link_name"].to_numpy()
    for i in [i for i in order if matters[i]][:MOST_CONTINGENCIES]:
        best = [j for j in np.argsort(-driven[i], kind="stable")[:DRIVEN] if driven[i, j] >= WORTH]
        told = "; ".join(f"{links[j]} ({driven[i, j]:,.1f} USD/kW/year)" for j in best)
        table.add_row(str(names[i]), *map(_told, shed[i]), told)
    return table


def _asked(values: xr.DataArray) -> list[tuple[str, int]]:
    told = values.transpose("zone", "year")
    zones, years = (told[dim].to_numpy() for dim in told.dims)
    return [(str(zones[z]), int(years[y])) for z, y in zip(*np.nonzero(np.isfinite(told.to_numpy())), strict=True)]


def _told(value: float, digits: int = 2) -> str:
    """A number without a sign before zero."""
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def _years(results: xr.Dataset) -> list[str]:
    return [str(year) for year in results["year"].to_numpy()]


def _table(title: str, columns: Sequence[str], *, words: int) -> Table:
    """A table whose first ``words`` columns, and those of texts, are told to the left."""
    table = Table(title=title, title_justify="left")
    for i, name in enumerate(columns):
        table.add_column(name, justify="left" if i < words or name in ("drives", "ring") else "right")
    return table
