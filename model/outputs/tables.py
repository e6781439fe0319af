"""What a person reads after a run: the target ledger first, then the plan in a few tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

from model.outputs.balance_tables import balance_table
from model.outputs.fidelity import Fidelity
from model.outputs.goals import MET
from model.outputs.security_tables import security_tables
from model.system.network import ELECTRICITY

NAME_WIDTH, YEAR_WIDTH = 26, 9
"""Characters that names and numbers take at least, so that titles stay on one line and tables line up."""


def print_plan(results: xr.Dataset, console: Console, *, balances: bool = False) -> None:
    """The target ledger, capacity and electricity by group, works, closing balances, costs, emissions by planning year.

    New lines, adequacy, reserve and N-1 as far as the study has them.
    ``balances`` tells the balance of every commodity, by technology.
    """
    if "target_value" in results:
        console.print(target_table(results))
    years = [str(year) for year in results["year"].to_numpy()]
    groups = results["technology_group"].to_numpy()
    electric = results["technology_product"].to_numpy() == ELECTRICITY
    capacity = results["capacity"].sum("node")
    console.print(_by_group("Capacity in operation, GW", capacity[electric], groups[electric], years))
    console.print(_by_group("Electricity, TWh a year", results["generation"].sum("node"), groups, years))
    if not electric.all():
        named = [f"{g}, {u}" for g, u in zip(groups, results["technology_unit"].to_numpy(), strict=True)]
        other = capacity[~electric], np.array(named)[~electric]
        console.print(_by_group("Capacity of what makes no electricity", *other, years, total=False))
    works = results["works_capacity"].isel(technology=electric).sum(["technology", "node"])
    console.print(
        _table(
            "Works finished on old plants, GW",
            years,
            [(str(option), works.sel(option=option).to_numpy()) for option in works["option"].to_numpy()],
        )
    )
    for table in security_tables(results):
        console.print(table)
    console.print(balance_table(results, detail=balances))
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
    reliability = [("CO2, Mt", results["emissions"].to_numpy()), *_unserved(results)]
    console.print(_table("Emissions and reliability", years, reliability, digits=1))


def _unserved(results: xr.Dataset) -> list[tuple[str, np.ndarray]]:
    """Demand that is not met in the whole country: always of electricity, of other commodities where there is some."""
    national = results["unserved"].sum("node").transpose("commodity", "year")
    units = results["commodity_unit"].to_numpy()
    return [
        (f"unserved {commodity}, {unit}", values)
        for commodity, unit, values in zip(national["commodity"].to_numpy(), units, national.to_numpy(), strict=True)
        if commodity == ELECTRICITY or np.any(values >= 0.05)
    ]


def target_table(results: xr.Dataset) -> Table:
    """One row per goal, as the first planning year in which it is asked for shows it.

    Asked, reached, to spare (negative: missing), the first planning year from which it holds on (also if that is
    earlier than asked), and what one more unit costs; a goal that is a share also tells what a percentage point costs.
    """
    shares = bool(np.isfinite(results["target_point_price"].to_numpy()).any())
    table = Table(title="Targets", title_justify="left")
    columns = ["goal", "set for", "unit", "year", "asked", "reached", "slack", "met in"]
    columns += ["marginal cost, million USD per unit", *["per percentage point"] * shares]
    for name in columns:
        table.add_column(name, justify="left" if name in ("goal", "unit") else "right")
    for target in results["target"].to_numpy():
        table.add_row(*_target_cells(results.sel(target=target))[: len(columns)])
    return table


def _target_cells(row: xr.Dataset) -> list[str]:
    """The cells of one goal; those of the year stay empty for a goal that is set for later than the plan reaches."""
    said = [str(row["target_name"].item()), str(int(row["target_goal_year"])), str(row["target_unit"].item())]
    asked = np.flatnonzero(~np.isnan(row["target_required"].to_numpy()))
    if not asked.size:
        return [*said, *[""] * 7]
    first = row.isel(year=int(asked[0]))
    numbers = {name: _number(float(first[f"target_{name}"])) for name in ("required", "value", "slack")}
    prices = [_number(float(first[f"target_{name}"])) for name in ("price", "point_price")]
    return [*said, str(int(first["year"])), *numbers.values(), _met(row), *prices]


def _met(row: xr.Dataset) -> str:
    """The year from which a goal holds, or, of one that is lost again, the years in which it holds."""
    if int(row["target_year_met"]):
        return str(int(row["target_year_met"]))
    missing = row["target_shortfall"].to_numpy()
    asked = ~np.isnan(row["target_required"].to_numpy())
    held = row["year"].to_numpy()[asked & ~(missing > MET * np.maximum(1.0, np.abs(row["target_required"].to_numpy())))]
    if not held.size:
        return "never"
    return f"{held[0]}" if held.size == 1 else f"{held[0]}-{held[-1]}"


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
        ("unserved, share of demand, worst commodity", lambda c: f"{c.unserved_share:.4%}"),
        ("hours with unserved demand", lambda c: f"{c.unserved_hours:,.0f}"),
        ("unserved at worst, GW", lambda c: f"{c.unserved_peak:,.2f}"),
        ("worst days, GWh", lambda c: "\n".join(f"{day} {energy:,.1f}" for day, energy in c.worst_days()) or "none"),
        ("drift of stores", lambda c: f"{c.drift:.0%}"),
        ("limits missed", lambda c: "\n".join(f"{name} {v:,.2f}" for name, v in c.missed.items()) or "none"),
    ]
    for name, told in rows:
        table.add_row(name, *(told(check) for check in checks))
    return table


def _by_group(title: str, values: xr.DataArray, groups: np.ndarray, years: list[str], *, total: bool = True) -> Table:
    rows = []
    for group in dict.fromkeys(groups):
        rows.append((str(group), values.to_numpy()[groups == group].sum(axis=0)))
    if total:
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
