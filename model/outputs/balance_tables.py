"""The closing balance of the country as a person reads it: for every commodity what comes in and where it goes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from rich.table import Table

from model.outputs.balances import ITEMS

NAME_WIDTH, YEAR_WIDTH = 34, 9
"""Characters that names and numbers take at least."""

BY_TECHNOLOGY = ("production", "use")
"""Items that the short table tells by family of technology."""

STORES = ("charge", "discharge")
TRADE = ("imports", "exports")
WORDS = {"transport_losses": "losses and fuel of transport"}
FEW_NODES = 4
"""Nodes up to which supply is told by node."""
LOST_IN_STORES = "losses of stores"

LARGER = {"GWh": ("TWh", 1e-3)}
"""Units in which a country is told, and what a quantity is multiplied by."""


def balance_table(results: xr.Dataset, *, detail: bool = False) -> Table:
    """Sources and uses of each commodity over the whole country, by planning year; both sums are alike.

    The short table leaves out commodities that one family of technologies only passes on and that nobody asks for or
    trades, tells commodities of one family together (raw gas of all fields), and technologies by family; ``detail``
    tells each by its own name.
    """
    years = [str(year) for year in results["year"].to_numpy()]
    table = Table(title="Closing balances, quantities a year", title_justify="left")
    table.add_column("", min_width=NAME_WIDTH)
    for year in years:
        table.add_column(year, justify="right", min_width=YEAR_WIDTH)
    for name, rows in national(results, detail=detail).items():
        digits = _digits(rows)
        shown = rows[(rows.abs() >= 0.5 * 10**-digits).any(axis=1)]
        if shown.empty:
            continue
        table.add_section()
        table.add_row(name, style="bold")
        for label, values in shown.iterrows():
            table.add_row(f"  {label}", *(f"{value + 0.0:,.{digits}f}" for value in values.round(digits)))
    return table


def national(results: xr.Dataset, *, detail: bool = False) -> dict[str, pd.DataFrame]:
    """The tables behind ``balance_table`` by name and unit: sources, their sum, uses, their sum.

    Columns are planning years. What comes is positive, what goes negative; transfers between nodes cancel out.
    """
    rows = _rows(results)
    told = results[f"commodity_{'name' if detail else 'family'}"].to_series()
    units = results["commodity_unit"].to_series()
    found = {}
    for (name, unit), own in rows.groupby([rows["commodity"].map(of) for of in (told, units)], sort=False):
        if not (detail or _matters(own)):
            continue
        unit, scale = LARGER.get(unit, (unit, 1.0))
        found[f"{name}, {unit}"] = _sources_and_uses(own, list(results["year"].to_numpy()), detail) * scale
    return found


def _rows(results: xr.Dataset) -> pd.DataFrame:
    """The long table of ``outputs.balances``, a column for each year; transfers are left out."""
    names = ("commodity", "node", "item", "technology", "group")
    texts = {name: results[f"balance_row_{name}"].to_numpy().astype(str) for name in names}
    values = results["balance_detail"].transpose("balance_row", "year").to_numpy()
    frame = pd.DataFrame(texts).join(pd.DataFrame(values, columns=list(results["year"].to_numpy())))
    return frame[frame["item"] != "transfers"].reset_index(drop=True)


def _matters(own: pd.DataFrame) -> bool:
    """Somebody asks for it or trades it, or more than one family of technologies makes or takes it."""
    items = set(own["item"])
    made = own.loc[own["item"].isin((*BY_TECHNOLOGY, *STORES)), "group"]
    return bool(items & {"demand", *TRADE}) or made.nunique() > 1


def _sources_and_uses(own: pd.DataFrame, years: list[int], detail: bool) -> pd.DataFrame:
    few = own.loc[own["item"] == "supply", "node"].nunique() <= FEW_NODES
    rows = zip(own["item"], own["node"], own["technology"], own["group"], strict=True)
    own = own.assign(label=[_label(*row, detail=detail, few=few) for row in rows])
    own["order"] = [ITEMS.index(item) if detail or item not in STORES else len(ITEMS) for item in own["item"]]
    sums = own.groupby(["order", "label"], sort=True)[years].sum().droplevel("order")
    gives = sums.sum(axis=1) > 0
    parts = []
    for name, side in (("all sources", sums[gives]), ("all uses", sums[~gives])):
        parts += [side, pd.DataFrame([side.sum()], index=[name])]
    return pd.concat(parts)


def _label(item: str, node: str, technology: str, group: str, *, detail: bool, few: bool) -> str:
    """How a row is called; ``few``: whether what is supplied comes from so few nodes that they are named."""
    word = WORDS.get(item, item)
    if item in TRADE:
        return f"{word}: {technology if detail else node}"
    if item == "supply":
        return f"{word}: {node}" if few else word
    if detail:
        return f"{word}: {technology}" if technology else word
    if item in STORES:
        return LOST_IN_STORES
    if item in BY_TECHNOLOGY:
        return f"{word}: {group.replace('_', ' ')}"
    return f"{word}: single users" if item == "demand" and technology else word


def _digits(rows: pd.DataFrame) -> int:
    """Digits after the point, fewer for larger numbers."""
    largest = float(np.abs(rows.to_numpy()).max(initial=0.0))
    return 1 if largest >= 1000 else 2 if largest >= 1 else 3
