"""Costs by kind, prices of electricity and of other commodities, and emissions with what is not served."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.charts import (
    FIT_WIDTH,
    ROW,
    RULE,
    TICKS,
    Axis,
    brief,
    by_year,
    colour,
    gathered,
    heat_table,
    lines,
    of_plans,
    plain,
    spec,
    stacked_bars,
)
from model.outputs.report.colours import PLANS
from model.outputs.report.parts import WIDTH, Figure, Section, Spec, Told, Words
from model.outputs.report.prices import national_prices
from model.system.network import ELECTRICITY

COST_COLOURS = {
    "investment": "#0072B2",
    "works": "#56B4E9",
    "fixed": "#4D4D4D",
    "variable": "#999999",
    "fuel": "#D55E00",
    "starts": "#DDCC77",
    "import": "#CC79A7",
    "emissions": "#E69F00",
    "targets": "#F0E442",
    "margins": "#88CCEE",
    "reserve": "#AA4499",
    "unserved": "#E60000",
    "excess": "#661100",
    "export": "#009E73",
}
"""Kinds of cost, from the bottom of the stack; a kind that is not here takes ``OTHER_COST``."""

OTHER_COST = "#DDDDDD"

LARGE = 5000.0
"""Million a year from which costs are told in billion."""

TINY = 1e-6
"""Below this nothing is shown."""


def costs(told: Sequence[Told], words: Words) -> Section | None:
    """Cost of a year by kind, and present value by kind; None where the results hold none."""
    told = [plan for plan in told if "cost" in plan.results]
    if not told:
        return None
    yearly = of_plans(told, [_cost(plan, words) for plan in told])
    present = of_plans(told, [_present(plan, words) for plan in told])
    scale, unit = _money(told, yearly["value"], words)
    whole, present_unit = _money(told, present["value"], words)
    by_kind = yearly.assign(value=yearly["value"] * scale)
    valued = present.assign(value=present["value"] * whole)
    columns = {"plan": words("plan"), "kind": words("kind of cost")}
    total = words("total")
    figures = [
        Figure(
            "costs",
            words("Cost of a year by kind"),
            words(
                "An average year of the time that each planning year stands for. What exports earn is below zero. "
                "The number over a bar is its sum."
            )
            + f" {unit}.",
            by_year(_with_total(by_kind, ["year"], total), columns),
            _stack(by_kind, f"{words('cost')}, {unit} {words('per year')}", words),
            digits=1 if scale == 1 else 2,
        ),
        Figure(
            "present-value",
            words("Present value by kind"),
            words(
                "Costs of all years that the plan stands for, brought to the first planning year with the social "
                "discount rate. Their sum is what the plan makes least."
            )
            + f" {present_unit}.",
            _present_table(_with_total(valued, [], total), words),
            _present_chart(valued, f"{words('present value')}, {present_unit}", words),
            digits=1 if whole == 1 else 2,
        ),
    ]
    return Section("costs", words("Costs"), figures=figures)


def prices(told: Sequence[Told], words: Words) -> Section | None:
    """Price of electricity by zone and node, and mean prices of other commodities; None where the results hold none."""
    told = [plan for plan in told if "mean_price" in plan.results and plan.results["mean_price"].notnull().any()]
    if not told:
        return None
    at_nodes = of_plans(told, [node_prices(plan.results, words) for plan in told])
    unit = words(str(told[0].unit("mean_price")))
    of_zones = zone_prices(at_nodes)
    commodities = of_plans(told, [national_prices(plan.results, words) for plan in told])
    names = {"plan": words("plan"), "zone": words("zone"), "node": words("node")}
    title = f"{words('mean price paid')}, {unit}"
    figures = [
        Figure(
            "prices",
            words("Price of electricity by zone"),
            words(
                "Lines: the median of the nodes of a zone; areas: from its lowest to its highest node. The price of a "
                "node is the mean paid by its load over the year."
            ),
            _range_table(of_zones, words),
            lines(
                of_zones,
                value=Axis("median", title, ",.1f"),
                series=Axis("zone", words("zone")),
                band=("lowest", "highest"),
                plan=Axis("plan", words("plan")),
                year=Axis("year", words("year")),
            ),
        ),
        Figure(
            "node-prices",
            words("Price of electricity by node"),
            words("Mean price paid by the load of each node. The darker, the dearer."),
            by_year(at_nodes, names),
            heat_table(
                at_nodes,
                value=Axis("value", title, ",.1f"),
                row=Axis("node", words("node")),
                plan=Axis("plan", words("plan")),
                year=Axis("year", words("year")),
            ),
        ),
    ]
    if len(commodities):
        figures.append(
            Figure(
                "commodity-prices",
                words("Prices of commodities"),
                words(
                    "What one more unit costs, mean of the country: hours by what they stand for, nodes by what they "
                    "use, or by what they make where nothing is used."
                ),
                by_year(
                    commodities,
                    {"plan": words("plan"), "commodity": words("commodity"), "unit": words("unit")},
                ),
            )
        )
    return Section("prices", words("Prices"), figures=figures)


def emissions(told: Sequence[Told], words: Words) -> Section | None:
    """CO2 and what a tonne of it costs, and demand that is not served; None where the results hold no emissions."""
    told = [plan for plan in told if "emissions" in plan.results]
    if not told:
        return None
    mass = of_plans(told, [_series(plan, "emissions", words("CO2"), words) for plan in told])
    cost = of_plans(told, [_series(plan, "co2_marginal_cost", words("marginal cost of CO2"), words) for plan in told])
    index = {"plan": words("plan"), "series": words("quantity"), "unit": words("unit")}
    figures = []
    for key, title, frame, what in (
        ("emissions", "Emissions of CO2", mass, "CO2 that counts for its price and its cap, in the whole country."),
        ("co2-price", "Cost of a tonne of CO2", cost, "What one more tonne costs: its price, and the cap if it binds."),
    ):
        if len(frame) and frame["value"].abs().max() > TINY:
            figures.append(Figure(key, words(title), words(what), by_year(frame, index), _line(frame, words)))
    missing = of_plans(told, [_unserved(plan, words) for plan in told])
    columns = {"plan": "plan", "commodity": "commodity", "unit": "unit", "kind": "what"}
    figures.append(
        Figure(
            "unserved",
            words("Demand that is not served"),
            words(
                "Of electricity always, of other commodities where some is missing: the quantity, and its share of "
                "the demand in percent."
            ),
            by_year(missing, {name: words(text) for name, text in columns.items()}),
            digits=3,
            open=True,
        )
    )
    return Section("emissions", words("Emissions and unserved demand"), figures=figures)


def node_prices(results: xr.Dataset, words: Words) -> pd.DataFrame:
    """Mean price paid by the load of each node: columns zone, node (its name), year, value; by zone, then by node.

    Nodes without load are left out.
    """
    price = results["mean_price"].transpose("node", "year").to_numpy()
    labels = [str(node) for node in results["node"].to_numpy()]
    names = results["node_name"].to_numpy().astype(str) if "node_name" in results else np.array(labels)
    zones = results["node_zone"].to_numpy().astype(str) if "node_zone" in results else np.array([""] * len(labels))
    rows = [
        (
            plain(zone, words) or words("all nodes"),
            words(name) if name != label else plain(label, words),
            int(year),
            float(value),
        )
        for zone, name, label, own in zip(zones, names, labels, price, strict=True)
        if np.isfinite(own).any()
        for year, value in zip(results["year"].to_numpy(), own, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["zone", "node", "year", "value"])
    order = {zone: i for i, zone in enumerate(dict.fromkeys(frame["zone"]))}
    ranked: pd.DataFrame = frame.sort_values("zone", key=lambda zone: zone.map(order), kind="stable")
    return ranked.reset_index(drop=True)


def zone_prices(at_nodes: pd.DataFrame) -> pd.DataFrame:
    """Lowest, median and highest node of every zone: columns plan, zone, year, lowest, median, highest."""
    found: pd.DataFrame = (
        at_nodes.groupby(["plan", "zone", "year"], sort=False)["value"]
        .agg(lowest="min", median="median", highest="max")
        .reset_index()
    )
    return found


def _range_table(of_zones: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A row for the lowest, the median and the highest node of each zone, a column for each year."""
    long = of_zones.melt(["plan", "zone", "year"], ["lowest", "median", "highest"], "node", "value")
    place = long["node"].map({"lowest": 0, "median": 1, "highest": 2})
    zones = long["zone"].map({zone: i for i, zone in enumerate(dict.fromkeys(of_zones["zone"]))})
    plans = long["plan"].map({plan: i for i, plan in enumerate(dict.fromkeys(of_zones["plan"]))})
    ranked = long.assign(a=plans, b=zones, c=place).sort_values(["a", "b", "c", "year"], kind="stable")
    named = ranked.assign(node=[words(name) for name in ranked["node"]])
    return by_year(named, {"plan": words("plan"), "zone": words("zone"), "node": words("node")})


def _cost(plan: Told, words: Words) -> pd.DataFrame:
    """Cost of each kind and year, million: columns kind, year, value; kinds without any are left out."""
    cost = plan.results["cost"].transpose("cost_kind", "year")
    rows = [
        (plain(str(kind), words), year, float(value))
        for kind, own in zip(cost["cost_kind"].to_numpy(), cost.to_numpy(), strict=True)
        if np.abs(own).max() > TINY
        for year, value in zip(plan.years, own, strict=True)
    ]
    return pd.DataFrame(rows, columns=["kind", "year", "value"])


def _present(plan: Told, words: Words) -> pd.DataFrame:
    """Present value of each kind, million: columns kind, value; kinds without any are left out."""
    present = plan.results["present_cost"]
    kinds = zip(present["cost_kind"].to_numpy(), present.to_numpy(), strict=True)
    rows = [(plain(str(kind), words), float(value)) for kind, value in kinds if abs(value) > TINY]
    return pd.DataFrame(rows, columns=["kind", "value"])


def _money(told: Sequence[Told], values: pd.Series[float], words: Words) -> tuple[float, str]:
    """What million are multiplied by, and the unit in words: million, or billion where amounts are large."""
    attrs = told[0].results.attrs
    year = f" ({attrs['price_year']})" if "price_year" in attrs else ""
    money = f"{attrs.get('currency', 'USD')}{year}"
    if len(values) and values.abs().max() >= LARGE:
        return 1e-3, f"{words('billion')} {money}"
    return 1.0, f"{words('million')} {money}"


def _with_total(frame: pd.DataFrame, keys: list[str], total: str) -> pd.DataFrame:
    """The frame with a last row for each plan: the sum of the kinds."""
    parts = []
    for plan, own in frame.groupby("plan", sort=False):
        summed = (
            own.groupby(keys, sort=False)["value"].sum().reset_index() if keys else own[["value"]].sum().to_frame().T
        )
        parts += [own, summed.assign(plan=plan, kind=total)]
    return pd.concat(parts, ignore_index=True) if parts else frame


def _kinds(frame: pd.DataFrame, words: Words) -> dict[str, str]:
    """Colours of the kinds of cost, in the order of the stack."""
    known = {plain(kind, words): shade for kind, shade in COST_COLOURS.items()}
    return known | {kind: OTHER_COST for kind in dict.fromkeys(frame["kind"]) if kind not in known}


def _stack(by_kind: pd.DataFrame, title: str, words: Words) -> Spec:
    """Stacked bars of cost by kind and year; small kinds are told together."""
    shown = gathered(by_kind.rename(columns={"kind": "group"}), words("other"))
    return stacked_bars(
        shown,
        value=Axis("value", title),
        group=Axis("group", words("kind of cost")),
        plan=Axis("plan", words("plan")),
        year=Axis("year", words("year")),
        colours=_kinds(shown.rename(columns={"group": "kind"}), words),
    )


def _present_table(valued: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A row for each kind, a column for each plan."""
    plans = list(dict.fromkeys(valued["plan"]))
    kinds = pd.Index(list(dict.fromkeys(valued["kind"])), name=words("kind of cost"))
    columns = {
        plan if len(plans) > 1 else words("present value"): own.set_index("kind")["value"].reindex(kinds)
        for plan, own in ((plan, valued[valued["plan"] == plan]) for plan in plans)
    }
    return pd.DataFrame(columns).fillna(0.0).reset_index(names=words("kind of cost"))


def _present_chart(valued: pd.DataFrame, title: str, words: Words) -> Spec:
    """Bars of the kinds, one for each plan."""
    kinds, plans = (list(dict.fromkeys(valued[column])) for column in ("kind", "plan"))
    shades = {plan: PLANS[i % len(PLANS)] for i, plan in enumerate(plans)}
    legend = None if len(plans) == 1 else alt.Legend(orient="bottom")
    plan, kind, value = Axis("plan", words("plan")), Axis("kind", words("kind of cost")), Axis("value", title, ",.4~r")
    base = alt.Chart().encode(
        y=alt.Y("kind:N", sort=kinds, title=None, axis=alt.Axis(ticks=False)),
        yOffset=alt.YOffset("plan:N", sort=plans),
        tooltip=[plan.tooltip("N"), kind.tooltip("N"), value.tooltip()],
    )
    bars = base.mark_bar().encode(
        x=alt.X("value:Q", title=title, axis=alt.Axis(format=TICKS)), color=colour(plan, shades, legend)
    )
    height = ROW * len(kinds) * max(1.0, 0.6 * len(plans))
    chart = alt.LayerChart(layer=[bars, alt.Chart().mark_rule(color=RULE).encode(x=alt.XDatum(0))], data=brief(valued))
    return spec(chart.properties(width=WIDTH, height=height, autosize=FIT_WIDTH))


def _series(plan: Told, variable: str, name: str, words: Words) -> pd.DataFrame:
    """A yearly variable: columns series, unit, year, value; nothing where the results lack it."""
    columns = ["series", "unit", "year", "value"]
    if variable not in plan.results:
        return pd.DataFrame(columns=columns)
    values = plan.results[variable].to_numpy()
    unit = words(plan.unit(variable))
    rows = [(name, unit, year, float(value)) for year, value in zip(plan.years, values, strict=True)]
    return pd.DataFrame(rows, columns=columns)


def _line(frame: pd.DataFrame, words: Words) -> Spec:
    """One line over the years, for each plan."""
    title = f"{frame['series'].iloc[0]}, {frame['unit'].iloc[0]}"
    return lines(
        frame,
        value=Axis("value", title, ",.4~r"),
        series=Axis("series", words("quantity")),
        plan=Axis("plan", words("plan")),
        year=Axis("year", words("year")),
    )


def _unserved(plan: Told, words: Words) -> pd.DataFrame:
    """Demand that is not served: columns commodity, unit, kind (quantity or share), year, value."""
    results = plan.results
    missing = results["unserved"].sum("node").transpose("commodity", "year")
    asked = results["demand"].sum("node").transpose("commodity", "year").to_numpy()
    names, units = (results[f"commodity_{part}"].to_numpy() for part in ("name", "unit"))
    rows = []
    for i, commodity in enumerate(missing["commodity"].to_numpy().astype(str)):
        own = missing.to_numpy()[i]
        if commodity != ELECTRICITY and own.max() <= TINY:
            continue
        name, unit = words(str(names[i])), words(f"{units[i]} per year")
        share = 100 * np.divide(own, asked[i], out=np.zeros_like(own), where=asked[i] > 0)
        for kind, of, values in (("unserved", unit, own), ("share of the demand", "%", share)):
            rows += [(name, of, words(kind), y, float(v)) for y, v in zip(plan.years, values, strict=True)]
    return pd.DataFrame(rows, columns=["commodity", "unit", "kind", "year", "value"])
