"""The fleet and its output: capacity, additions and closures, and electricity by planning year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.charts import (
    OTHER,
    Axis,
    by_year,
    family_colours,
    gathered,
    heat_table,
    of_plans,
    plain,
    stacked_bars,
)
from model.outputs.report.parts import Figure, Section, Spec, Told, Words
from model.system.network import ELECTRICITY

TINY = 1e-6
"""GW or TWh below which nothing is shown."""

NEW, OUT, INTO, CLOSED, ENDED = "new", "out of works", "into works", "closed early", "reached its end"
"""What happens to capacity between planning years."""


def capacity(told: Sequence[Told], words: Words) -> Section | None:
    """Capacity of what makes electricity by family and year, and what is added and closed; None without any."""
    told = [plan for plan in told if plan.electric.any()]
    if not told:
        return None
    stands = of_plans(told, [_by_group(plan, plan.results["capacity"], words) for plan in told])
    moves = of_plans(told, [_moves(plan, words) for plan in told])
    figures = [
        Figure(
            "capacity",
            words("Capacity in operation"),
            words("What makes or keeps electricity, by family and planning year. The number over a bar is its sum."),
            _technologies(told, words),
            _stack(told, stands, words("capacity, GW"), words),
            digits=2,
        ),
        Figure(
            "additions",
            words("Additions and closures"),
            words(
                "Over zero: new capacity and what came out of works, since the previous planning year. "
                "Below zero: what went into works, was closed early or reached its end. The number is the difference."
            ),
            by_year(moves, {"plan": words("plan"), "move": words("what happens"), "group": words("family")}),
            _stack(told, _summed(moves), words("change of capacity, GW"), words),
            digits=2,
        ),
    ]
    return Section("capacity", words("Capacity"), figures=figures)


def generation(told: Sequence[Told], words: Words) -> Section | None:
    """Electricity by family and year with trade, and how far plants are used; None without any."""
    told = [plan for plan in told if (plan.results["generation"] > TINY).any()]
    if not told:
        return None
    accounts = of_plans(told, [electricity_account(plan, words) for plan in told])
    shown = accounts[accounts["shown"]]
    factors = of_plans(told, [capacity_factors(plan, words) for plan in told])
    figures = [
        Figure(
            "generation",
            words("Electricity by source"),
            words(
                "What plants give in a year by family, with imports, and below zero exports. Stores give back what was "
                "generated before and are in the numbers only. The table closes: its rows add up to the demand."
            ),
            by_year(accounts, {"plan": words("plan"), "group": words("source or use")}),
            _stack(told, shown, words("electricity, TWh per year"), words, totals=False),
            digits=2,
        ),
        Figure(
            "capacity-factors",
            words("Capacity factors"),
            words("Electricity given in the year against what the capacity would give in full operation, percent."),
            by_year(factors, {"plan": words("plan"), "group": words("family"), "technology": words("technology")}),
            heat_table(
                factors.dropna(),
                value=Axis("value", words("capacity factor, percent"), ",.1f"),
                row=Axis("technology", words("technology")),
                plan=Axis("plan", words("plan")),
                year=Axis("year", words("year")),
            ),
        ),
    ]
    return Section("generation", words("Electricity"), figures=figures)


def electricity_account(plan: Told, words: Words) -> pd.DataFrame:
    """Where the electricity of the whole country comes from and goes, TWh a year: columns group, year, value, shown.

    Families of plants, then trade, stores, own use, losses, what is missing or left over; the rows of a year add up to
    the last, the demand. ``shown`` are those that stand in the chart.
    """
    results = plan.results
    given = _by_group(plan, results["generation"], words)
    balance = results["balance"].sel(commodity=ELECTRICITY).sum("node") / 1000
    items = {str(item): balance.sel(balance_item=item).to_numpy() for item in balance["balance_item"].to_numpy()}
    other = items["supply"] + items["production"] - results["generation"].sum(["technology", "node"]).to_numpy()
    rest = {
        "other production": other,
        "imports": items["imports"],
        "exports": items["exports"],
        "unserved": items["unserved"],
        "stores, given less taken": items["charge"] + items["discharge"],
        "use of plants and works": items["use"],
        "losses of lines": items["transport_losses"] + items["transfers"],
        "left over": items["excess"],
    }
    drawn = ("imports", "exports", "unserved")
    rows = [
        (words(name), year, float(value), name in drawn)
        for name, values in rest.items()
        if np.abs(values).max() > TINY
        for year, value in zip(plan.years, values, strict=True)
    ]
    rows += [(words("demand"), y, -float(v), False) for y, v in zip(plan.years, items["demand"], strict=True)]
    added = pd.DataFrame(rows, columns=["group", "year", "value", "shown"])
    return pd.concat([given.assign(shown=True), added], ignore_index=True)


def _by_group(plan: Told, values: xr.DataArray, words: Words) -> pd.DataFrame:
    """Sums over the country by family of what makes electricity: columns group, year, value; empty families left out.

    ``values`` has the dims technology, node, year.
    """
    groups = plan.results["technology_group"].to_numpy().astype(str)[plan.electric]
    national = values.isel(technology=plan.electric).sum("node").transpose("technology", "year").to_numpy()
    rows = []
    for group in dict.fromkeys(groups):
        own = national[groups == group].sum(axis=0)
        if np.abs(own).max() > TINY:
            rows += [(plain(group, words), year, value) for year, value in zip(plan.years, own, strict=True)]
    return pd.DataFrame(rows, columns=["group", "year", "value"])


def _moves(plan: Told, words: Words) -> pd.DataFrame:
    """What comes to the fleet and leaves it by year: columns move, group, year, value (negative where it leaves)."""
    results = plan.results
    moves = {
        NEW: results["new_capacity"],
        OUT: results["works_capacity"].sum("option"),
        INTO: -results["capacity_into_works"],
        CLOSED: -results["retired_capacity"],
        ENDED: -results["ended_capacity"],
    }
    parts = [_by_group(plan, values, words).assign(move=words(name)) for name, values in moves.items()]
    return pd.concat(parts, ignore_index=True)


def _summed(moves: pd.DataFrame) -> pd.DataFrame:
    """Additions of each family together, and what leaves it together: columns plan, group, year, value."""
    signed = moves.assign(leaves=moves["value"] < 0)
    keys = ["plan", "group", "year", "leaves"]
    summed: pd.DataFrame = signed.groupby(keys, sort=False, as_index=False)["value"].sum()
    return summed


def _stack(told: Sequence[Told], frame: pd.DataFrame, title: str, words: Words, *, totals: bool = True) -> Spec:
    """Stacked bars by family, small families told together."""
    families = (str(group) for plan in told for group in plan.results["technology_group"].to_numpy()[plan.electric])
    return stacked_bars(
        gathered(frame, words(OTHER)),
        value=Axis("value", title),
        group=Axis("group", words("family")),
        plan=Axis("plan", words("plan")),
        year=Axis("year", words("year")),
        colours=family_colours(families, words),
        totals=totals,
    )


def _technologies(told: Sequence[Told], words: Words) -> pd.DataFrame:
    """Capacity of the whole country by technology and year, GW; technologies without any are left out."""
    parts = [_by_technology(plan, plan.results["capacity"].sum("node"), words) for plan in told]
    names = {"plan": words("plan"), "group": words("family"), "technology": words("technology")}
    return by_year(of_plans(told, parts), names)


def capacity_factors(plan: Told, words: Words) -> pd.DataFrame:
    """Electricity given against full operation, percent: columns group, technology, year, value; stores left out.

    Empty where nothing stands in the year.
    """
    results = plan.results
    hours = float(results["step_hours"].sum())
    stands = results["capacity"].sum("node")
    whole = stands.where(stands > TINY) * hours / 1000
    given = results["generation"].sum("node").where(results["technology_keeps"] == "")
    return _by_technology(plan, 100 * given / whole, words)


def _by_technology(plan: Told, values: xr.DataArray, words: Words) -> pd.DataFrame:
    """Values (technology, year) of what makes electricity: columns group, technology, year, value; empty ones left out.

    Those of a family stand together. Technologies of one name are told apart by their labels.
    """
    results = plan.results.isel(technology=plan.electric)
    labels = [str(label) for label in results["technology"].to_numpy()]
    names = technology_names(results, words)
    table = values.isel(technology=plan.electric).transpose("technology", "year").to_numpy()
    rows = []
    for label, group, own in zip(labels, results["technology_group"].to_numpy(), table, strict=True):
        if np.any(np.abs(np.nan_to_num(own)) > TINY):
            rows += [
                (plain(str(group), words), names[label], year, float(value))
                for year, value in zip(plan.years, own, strict=True)
            ]
    frame = pd.DataFrame(rows, columns=["group", "technology", "year", "value"])
    place = {group: i for i, group in enumerate(dict.fromkeys(frame["group"]))}
    ranked: pd.DataFrame = frame.sort_values("group", key=lambda group: group.map(place), kind="stable")
    return ranked.reset_index(drop=True)


def technology_names(results: xr.Dataset, words: Words) -> dict[str, str]:
    """The name of every technology by its label; the label itself where there is no name or two have the same."""
    labels = [str(label) for label in results["technology"].to_numpy()]
    if "technology_name" not in results:
        return {label: plain(label, words) for label in labels}
    names = [str(name) for name in results["technology_name"].to_numpy()]
    return {
        label: words(name) if name and names.count(name) == 1 else words(name or label) + f" ({label})" * bool(name)
        for label, name in zip(labels, names, strict=True)
    }
