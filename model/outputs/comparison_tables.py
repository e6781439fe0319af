"""What a person reads after all scenarios: what each costs and does beside base, and what the programme costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from rich.console import Console
from rich.table import Table

from model.outputs.comparison import BASE, NO_GOALS

BILLION = 1e-3
"""Million USD in billions."""
MOST_COLUMNS = 10
"""Families of technology that are told; those that differ most, where there are more."""
SEEN = 0.005
"""What two digits after the point still show."""


def print_comparison(whole: xr.Dataset, console: Console) -> None:
    """Cost, capacity, CO2, unserved demand and goals of every scenario, the cost of the programme, reasons for no plan.

    ``whole`` is what ``outputs.comparison.compared`` gives; scenarios without a plan stand in the first table only.
    """
    console.print(overview_table(whole))
    if "objective" in whole:
        _print_planned(whole, console)
    for name, reason in zip(whole["scenario"].to_numpy(), whole["scenario_reason"].to_numpy(), strict=True):
        if reason:
            console.print(f"{name}: {reason}", markup=False)


def _print_planned(whole: xr.Dataset, console: Console) -> None:
    planned = whole.isel(scenario=np.flatnonzero(whole["objective"].notnull().to_numpy()))
    last = int(planned["year"].to_numpy()[-1])
    kinds = planned["present_cost"].transpose("scenario", "cost_kind") * BILLION
    console.print(_beside_base(f"Present cost by kind, billion USD{_less_base(planned)}", kinds))
    capacity = planned["capacity"].sel(year=last).transpose("scenario", "family")
    power = np.array([str(family).endswith(", GW") for family in capacity["family"].to_numpy()])
    for name, own in (("Capacity", power), ("Capacity of other kinds", ~power)):
        if own.any():
            shown = _most_different(capacity.isel(family=np.flatnonzero(own)))
            console.print(_beside_base(f"{name} in {last}{_less_base(planned)}", shown))
    emissions = planned["emissions"].transpose("scenario", "year")
    console.print(_beside_base(f"CO2, Mt a year{_less_base(planned)}", emissions, digits=1))
    unserved = planned["unserved"].max("year").transpose("scenario", "commodity")
    missing = unserved.isel(commodity=np.flatnonzero((unserved > SEEN).any("scenario").to_numpy()))
    if missing.size:
        unit = planned["commodity_unit"].sel(commodity=missing["commodity"]).to_numpy()
        units = [f"{c}, {u}" for c, u in zip(missing["commodity"].to_numpy(), unit, strict=True)]
        console.print(_rows("Unserved demand of the worst year", units, missing, digits=2))
    if "target_missed" in planned:
        console.print(goals_table(planned))
    for line in programme_lines(whole):
        console.print(line, markup=False)


def overview_table(whole: xr.Dataset) -> Table:
    """Status of every scenario, present value, difference to base and goals missed."""
    year = whole.attrs.get("price_year", "")
    table = Table(title=f"Scenarios, present value in billion USD of {year}".strip(), title_justify="left")
    for name in ("scenario", "status", "present value", "less base", "without penalties", "goals missed"):
        table.add_column(name, justify="left" if name in ("scenario", "status") else "right")
    for name in whole["scenario"].to_numpy():
        row = whole.sel(scenario=name)
        told = [
            _number(float(row[of]) * BILLION, sign=of == "objective_difference") if of in row else ""
            for of in ("objective", "objective_difference", "objective_without_penalties")
        ]
        missed = f"{float(row['goals_missed']):.0f}" if "goals_missed" in row and row["goals_missed"].notnull() else ""
        table.add_row(str(name), str(row["scenario_status"].item()), *told, missed)
    return table


def goals_table(planned: xr.Dataset) -> Table:
    """Every goal with its marginal cost in base, in the year in which that is highest, and which scenarios miss it."""
    table = Table(title="Goals", title_justify="left")
    for name in ("goal", "unit", "marginal cost in base, million USD per unit", "missed in"):
        table.add_column(name, justify="right" if name.startswith("marginal") else "left")
    names = planned["scenario"].to_numpy()
    for target in planned["target"].to_numpy():
        row = planned.sel(target=target)
        has, missed = (
            kept.any("year").to_numpy() for kept in (row["target_missed"].notnull(), row["target_missed"] == 1)
        )
        price = float(row["target_price"].sel(scenario=BASE).max()) if BASE in names else np.nan
        table.add_row(
            str(row["target_name"].item()),
            str(row["target_unit"].item()),
            _number(price, digits=3),
            "all" if missed.any() and (missed == has).all() else ", ".join(names[missed]),
        )
    return table


def programme_lines(whole: xr.Dataset) -> list[str]:
    """What the goals of the programme cost, in words; empty without base or the plan without goals."""
    if "programme_cost" not in whole:
        return []
    cost, without = (float(whole[f"programme_cost{end}"]) * BILLION for end in ("", "_without_penalties"))
    return [
        f"Cost of the programme ({BASE} less {NO_GOALS}): {_number(cost)} billion USD in present value; "
        f"without the penalties of missed goals {_number(without)}."
    ]


def _less_base(planned: xr.Dataset) -> str:
    return f"; below {BASE} the difference to it" if BASE in planned["scenario"].to_numpy() else ""


def _most_different(values: xr.DataArray) -> xr.DataArray:
    """The columns that differ most between scenarios, against their size, in their order; all where there are few."""
    dim = str(values.dims[1])
    present = np.flatnonzero((abs(values) >= SEEN).any("scenario").to_numpy())
    largest, least = values.max("scenario"), values.min("scenario")
    spread = ((largest - least) / abs(largest)).to_numpy()[present]
    kept = np.sort(present[np.argsort(-spread, kind="stable")[:MOST_COLUMNS]])
    return values.isel({dim: kept})


def _beside_base(title: str, values: xr.DataArray, *, digits: int = 2) -> Table:
    """A row per scenario: base as it is, others as the difference to it."""
    dim = str(values.dims[1])
    shown = values.isel({dim: np.flatnonzero((abs(values) >= SEEN).any("scenario").to_numpy())})
    if BASE not in shown["scenario"].to_numpy():
        return _rows(title, list(shown[dim].values), shown, digits=digits)
    base = shown.sel(scenario=BASE, drop=True)
    beside = (shown - base).where(shown["scenario"] != BASE, shown).transpose("scenario", dim)
    return _rows(title, list(shown[dim].values), beside, digits=digits, sign=True)


def _rows(title: str, columns: Sequence[object], values: xr.DataArray, *, digits: int, sign: bool = False) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("scenario")
    for column in columns:
        table.add_column(str(column).replace("_", " "), justify="right")
    for name, row in zip(values["scenario"].to_numpy(), values.to_numpy(), strict=True):
        told = (_number(value, digits=digits, sign=sign and name != BASE) for value in row)
        table.add_row(str(name), *told)
    return table


def _number(value: float, *, digits: int = 2, sign: bool = False) -> str:
    return "" if np.isnan(value) else f"{round(value, digits) + 0.0:{'+' if sign else ''},.{digits}f}"
