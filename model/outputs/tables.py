"""What a person reads after a run: the target ledger first, then the plan in a few tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

from model.outputs.arrays import ELECTRICITY
from model.outputs.fidelity import Fidelity

NAME_WIDTH, YEAR_WIDTH = 26, 9
"""Characters that names and numbers take at least, so that titles stay on one line and tables line up."""


def print_plan(results: xr.Dataset, console: Console) -> None:
    """The target ledger, capacity by group, works, costs and emissions by planning year."""
    if "target_value" in results:
        console.print(target_table(results))
    years = [str(year) for year in results["year"].to_numpy()]
    groups = results["technology_group"].to_numpy()
    electric = np.isin(results["technology_keeps"].to_numpy(), ("", ELECTRICITY))
    capacity = results["capacity"].sum("node").isel(technology=electric)
    console.print(_by_group("Capacity in operation, GW", capacity, groups[electric], years))
    console.print(_by_group("Electricity, TWh a year", results["generation"].sum("node"), groups, years))
    works = results["works_capacity"].sum(["technology", "node"])
    console.print(
        _table(
            "Works finished on old plants, GW",
            years,
            [(str(option), works.sel(option=option).to_numpy()) for option in works["option"].to_numpy()],
        )
    )
    cost = results["cost"]
    rows = [(str(kind), cost.sel(cost_kind=kind).to_numpy()) for kind in cost["cost_kind"].to_numpy()]
    rows.append(("total", cost.sum("cost_kind").to_numpy()))
    console.print(
        _table(
            f"Cost of a year, million USD of {results.attrs['price_year']}",
            years,
            [r for r in rows if np.any(np.abs(r[1]) >= 0.5)],
            digits=0,
        )
    )
    unserved = (
        results["unserved"].sel(commodity="electricity").sum("node") if "electricity" in results["commodity"] else None
    )
    console.print(
        _table(
            "Emissions and reliability",
            years,
            [
                ("CO2, Mt", results["emissions"].to_numpy()),
                *([("unserved electricity, GWh", unserved.to_numpy())] if unserved is not None else []),
            ],
            digits=1,
        )
    )


def target_table(results: xr.Dataset) -> Table:
    """One row per goal and planning year in which it binds: asked, reached, slack, met, marginal cost."""
    table = Table(title="Targets", title_justify="left")
    for name in (
        "goal",
        "set for",
        "unit",
        "year",
        "asked",
        "reached",
        "slack",
        "met in",
        "marginal cost, million USD per unit",
    ):
        table.add_column(name, justify="left" if name in ("goal", "unit") else "right")
    for target in results["target"].to_numpy():
        row = results.sel(target=target)
        required = row["target_required"].to_numpy()
        binding = np.flatnonzero(~np.isnan(required))
        for order, j in enumerate(binding[:1] if len(binding) else []):
            met = int(row["target_year_met"])
            table.add_row(
                str(row["target_name"].item()) if order == 0 else "",
                str(int(row["target_goal_year"])),
                str(row["target_unit"].item()),
                str(int(results["year"].to_numpy()[j])),
                _number(required[j]),
                _number(row["target_value"].to_numpy()[j]),
                _number(row["target_slack"].to_numpy()[j]),
                str(met) if met else "never",
                _number(row["target_price"].to_numpy()[j]),
            )
    return table


def fidelity_table(checks: Sequence[Fidelity]) -> Table:
    """One column per check: what a year of the plan costs and leaves unserved when every hour is dispatched."""
    table = Table(title="Fidelity: a year of the plan, dispatched week by week", title_justify="left")
    table.add_column("", min_width=NAME_WIDTH)
    for check in checks:
        table.add_column(f"{check.year}\n{check.weather}\n{check.resolution}", justify="right", min_width=YEAR_WIDTH)
    rows: list[tuple[str, Callable[[Fidelity], str]]] = [
        ("cost planned, million USD", lambda c: f"{c.planned.sum():,.0f}"),
        ("cost dispatched, million USD", lambda c: f"{c.dispatched.sum():,.0f}"),
        ("difference", lambda c: f"{c.cost_error:+.2%}"),
        ("unserved, GWh", lambda c: f"{c.unserved:,.1f}"),
        ("unserved as planned, GWh", lambda c: f"{c.planned_unserved:,.1f}"),
        ("unserved, share of demand", lambda c: f"{c.unserved_share:.4%}"),
        ("hours with unserved demand", lambda c: f"{c.unserved_hours:,.0f}"),
        ("unserved at worst, GW", lambda c: f"{c.unserved_peak:,.2f}"),
        ("worst days, GWh", lambda c: "\n".join(f"{day} {energy:,.1f}" for day, energy in c.worst_days()) or "none"),
        ("drift of stores", lambda c: f"{c.drift:.0%}"),
        ("limits missed", lambda c: "\n".join(f"{name} {v:,.2f}" for name, v in c.missed.items()) or "none"),
    ]
    for name, told in rows:
        table.add_row(name, *(told(check) for check in checks))
    return table


def _by_group(title: str, values: xr.DataArray, groups: np.ndarray, years: list[str]) -> Table:
    rows = []
    for group in dict.fromkeys(groups):
        rows.append((str(group), values.to_numpy()[groups == group].sum(axis=0)))
    rows.append(("total", values.to_numpy().sum(axis=0)))
    return _table(title, years, [row for row in rows if np.any(np.abs(row[1]) >= 0.005)])


def _table(title: str, years: list[str], rows: list[tuple[str, Any]], digits: int = 2) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", min_width=NAME_WIDTH)
    for year in years:
        table.add_column(year, justify="right", min_width=YEAR_WIDTH)
    for name, values in rows:
        table.add_row(name, *(f"{value:,.{digits}f}" for value in values))
    return table


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value + 0.0:,.3f}"
