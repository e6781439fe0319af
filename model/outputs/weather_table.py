"""How hourly weather compares with the statistics of its study: plain numbers, and a table of them to read."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr
from rich.table import Table

Numbers = Mapping[str, Mapping[str, float]]
"""Numbers of one node, by profile or ``temperature``."""

SHORT_NAMES = {"wind_cf": "wind", "pv_fixed_cf": "sun"}
"""Profiles in the titles of tables and charts."""


def node_numbers(compare: xr.Dataset) -> dict[str, Numbers]:
    """The numbers of every node from what ``time.compare.compared`` gives: means and deviations of unit 1, degC."""
    return {str(node): _of_node(compare.sel(node=node)) for node in compare["node"].to_numpy()}


def _of_node(compare: xr.Dataset) -> Numbers:
    found: dict[str, dict[str, float]] = {}
    for name in map(str, compare["profile"].to_numpy()):
        own = compare.sel(profile=name)
        worst = own.isel(month=int(abs(own["deviation"]).argmax("month")))
        found[name] = {
            "mean": round(float(own["year_mean"].sel(origin="hours")), 5),
            "statistics": round(float(own["year_mean"].sel(origin="statistics")), 5),
            "worst_month": int(worst["month"]),
            "worst_deviation": round(float(worst["deviation"]), 5),
        }
    if "lowest" in compare:
        found["temperature"] = {name: round(float(compare[name]), 1) for name in ("lowest", "highest")}
    return found


def comparison_table(nodes: Mapping[str, Numbers], title: str) -> Table:
    """One row per node: mean of the year and statistics, the month that is furthest away, coldest and warmest hour."""
    table = Table(title=title, title_justify="left")
    table.add_column("node")
    first = next(iter(nodes.values()))
    names = [name for name in SHORT_NAMES if name in first]
    for name in names:
        for column in (f"{SHORT_NAMES[name]}: year", "statistics", "worst month"):
            table.add_column(column, justify="right")
    if "temperature" in first:
        table.add_column("temperature, °C", justify="right")
    for node, numbers in nodes.items():
        cells = [cell for name in names for cell in _cells(numbers[name])]
        if "temperature" in numbers:
            extremes = numbers["temperature"]
            cells.append(f"{extremes['lowest']:.0f} to {extremes['highest']:.0f}")
        table.add_row(node, *cells)
    return table


def _cells(numbers: Mapping[str, float]) -> tuple[str, str, str]:
    """Capacity factors, and the furthest month with its number."""
    deviation = round(numbers["worst_deviation"], 3) + 0.0
    furthest = f"{deviation:+.1%} ({numbers['worst_month']:.0f})"
    return f"{numbers['mean']:.3f}", f"{numbers['statistics']:.3f}", furthest
