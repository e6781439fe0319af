"""Adequacy, operating reserve and N-1: what is asked, what the plan has, and what it would shed.

Needs the optional extra ``report`` (altair).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.charts import (
    AXIS,
    GAP,
    INK,
    Axis,
    brief,
    by_year,
    colour,
    heat_table,
    of_plans,
    plain,
    spec,
    table_of,
)
from model.outputs.report.colours import GROUPS, group_colours
from model.outputs.report.parts import WIDTH, Figure, Section, Spec, Told, Words
from model.outputs.security_tables import DRIVEN, MOST_CONTINGENCIES, SHOWN, WORTH
from model.system.network import WHOLE_COUNTRY

IMPORTS, LENT = "imports", "from other zones"
"""What counts at the peak and stands elsewhere."""

HELD = "own plants"

COLUMNS, PANEL_HEIGHT = 2, 150
"""Small charts in a row, and pixels of their height."""

MARKS = {"peak load": ("diamond", "#FFFFFF"), "asked": ("stroke", INK), "needed": ("stroke", INK)}
"""Shape and filling of what is marked on bars."""

MARGINS, RESERVE, CONTINGENCIES, PASSES = "margin_asked", "reserve_need", "contingency_shed", "passes"
"""What a plan has if it asks for margins, for reserve, for N-1, and if it was solved in passes."""

PERCENT = 100.0


def security(told: Sequence[Told], words: Words) -> Section | None:
    """Margins, reserve, contingencies and passes as far as the plans have them; None where none has any."""
    figures = []
    for needed, make in ((MARGINS, margins), (RESERVE, reserve), (CONTINGENCIES, contingencies)):
        if having := [plan for plan in told if asks(plan.results, needed)]:
            figures.append(_only(make(having, words), having, told, words))
    if solved := [plan for plan in told if PASSES in plan.results.attrs]:
        figures.append(_only(passes(solved, words), solved, told, words))
    text = "Whether there is enough on the worst day, in the next minutes, and after the loss of a line or unit."
    return Section("security", words("Security of supply"), words(text), figures) if figures else None


def asks(results: xr.Dataset, needed: str) -> bool:
    """Whether a plan has the variable, with a number in some year."""
    return needed in results and bool(results[needed].notnull().any())


def _only(figure: Figure, having: Sequence[Told], told: Sequence[Told], words: Words) -> Figure:
    """The figure, with the names of the plans that have its subject if others lack it."""
    if len(having) == len(told):
        return figure
    return replace(figure, words=f"{figure.words} {words('Only in:')} {', '.join(plan.name for plan in having)}.")


def margin_frame(results: xr.Dataset) -> pd.DataFrame:
    """What counts at the peak of each zone and year of which a margin is asked: ``zone, year, group, value`` in GW.

    Groups of technologies, imports from abroad, and what other zones lend; what is lent to them is negative.
    """
    by = dict(zip(results["technology"].to_numpy(), results["technology_group"].to_numpy(), strict=True))
    firm = results["firm_capacity"].transpose("technology", "zone", "year").to_series().rename("value").reset_index()
    own = firm.assign(group=firm["technology"].map(by)).drop(columns="technology")
    parts = [own]
    for group, name in ((IMPORTS, "firm_imports"), (LENT, "firm_exchange_in")):
        parts.append(
            results[name].transpose("zone", "year").to_series().rename("value").reset_index().assign(group=group)
        )
    frame = pd.concat(parts).dropna(subset=["value"])
    summed = frame.groupby(["zone", "year", "group"], sort=False, as_index=False)["value"].sum()
    kept: pd.DataFrame = summed[summed.groupby("group")["value"].transform(lambda v: v.abs().max()) >= SHOWN]
    return kept.reset_index(drop=True)


def margins(told: Sequence[Told], words: Words) -> Figure:
    """Firm capacity by group against peak load and what is asked, by zone and year."""
    frame = of_plans(told, [margin_frame(plan.results) for plan in told])
    numbers = of_plans(told, [_asked(plan.results, _margin_columns(plan.results)) for plan in told])
    marks = [
        numbers.assign(mark=words("peak load"), at=numbers["peak_load"]),
        numbers.assign(mark=words("asked"), at=numbers["peak_load"] * (1 + numbers["margin_asked"])),
    ]
    groups = list(dict.fromkeys(frame["group"]))
    shades = group_colours(g for g in groups if g not in (IMPORTS, LENT)) | {
        IMPORTS: GROUPS["imports"],
        LENT: "#E2DCCB",
    }
    drawn = _bars_with_marks(frame, pd.concat(marks), shades, words("GW at the peak"), words)
    for share in ("margin_asked", "margin_reached"):
        numbers[share] = numbers[share] * PERCENT
    heads = {
        "peak_load": "peak load, GW",
        "firm": "firm capacity, GW",
        "firm_exchange_in": "lent by other zones, GW",
        "firm_imports": "imports, GW",
        "margin_asked": "margin asked, %",
        "margin_reached": "margin reached, %",
        "margin_shortfall": "missing, GW",
        "margin_price": "worth of a kW, USD a year",
    }
    text = (
        "What can be relied on at the peak of each zone. The diamond is the load at the peak, the line what is asked: "
        "the load and a margin on top."
    )
    return Figure("margins", words("Capacity at the peak"), words(text), _told(numbers, heads, words), drawn)


def _margin_columns(results: xr.Dataset) -> dict[str, xr.DataArray]:
    names = ("peak_load", "firm_exchange_in", "firm_imports", "margin_asked", "margin_reached", "margin_shortfall")
    firm = results["firm_capacity"].sum("technology", skipna=False)
    return {"firm": firm} | {name: results[name] for name in (*names, "margin_price")}


def reserve(told: Sequence[Told], words: Words) -> Figure:
    """Operating reserve that zones need and hold, means of the year."""
    names = ("need", "held", "exchange_in", "shortfall", "price")
    columns = [{f"reserve_{name}": plan.results[f"reserve_{name}"] for name in names} for plan in told]
    numbers = of_plans(told, [_asked(plan.results, own) for plan, own in zip(told, columns, strict=True)])
    parts = [
        numbers.assign(group=group, value=numbers[name])
        for group, name in ((HELD, "reserve_held"), (LENT, "reserve_exchange_in"))
    ]
    marks = numbers.assign(mark=words("needed"), at=numbers["reserve_need"])
    drawn = _bars_with_marks(
        pd.concat(parts), marks, {HELD: "#0072B2", LENT: "#E69F00"}, words("GW, mean of the year"), words
    )
    heads = {
        "reserve_need": "needed, GW",
        "reserve_held": "held, GW",
        "reserve_exchange_in": "from other zones, GW",
        "reserve_shortfall": "missing, GWh a year",
        "reserve_price": "worth, USD per MWh",
    }
    text = "Reserve that plants and stores keep ready for the loss of the largest unit and for errors of forecasts."
    return Figure("reserve", words("Operating reserve"), words(text), _told(numbers, heads, words), drawn, digits=2)


def _asked(results: xr.Dataset, columns: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Zones and years of which something is asked: ``zone, year`` and a column for each number."""
    table = pd.DataFrame({name: values.transpose("zone", "year").to_series() for name, values in columns.items()})
    return table.dropna(how="all").reset_index()


def _told(numbers: pd.DataFrame, heads: Mapping[str, str], words: Words) -> pd.DataFrame:
    own = numbers.assign(zone=[zone_name(zone, words) for zone in numbers["zone"]])
    names = {"plan": words("plan"), "zone": words("zone"), "year": words("year")}
    return table_of(own, names | {name: words(text) for name, text in heads.items()})


def zone_name(zone: str, words: Words) -> str:
    """How a zone is called."""
    return words("whole country") if zone == WHOLE_COUNTRY else zone


def _bars_with_marks(
    frame: pd.DataFrame, marks: pd.DataFrame, colours: Mapping[str, str], title: str, words: Words
) -> Spec:
    """A small chart for each zone (and plan) on a scale of its own: stacked bars by year, and marks on them.

    ``frame``: ``plan, zone, year, group, value``; ``marks``: ``plan, zone, year, mark, at``, in the report's language.
    """
    several = frame["plan"].nunique() > 1
    shown = {plain(name, words): shade for name, shade in colours.items() if name in set(frame["group"])}
    rank = {name: i for i, name in enumerate(shown)}
    bars = frame.assign(group=[plain(name, words) for name in frame["group"]])
    bars = bars.assign(rank=bars["group"].map(rank))[["plan", "zone", "year", "group", "value", "rank"]]
    whole = pd.concat([bars, marks[["plan", "zone", "year", "mark", "at"]]], ignore_index=True)
    zones = [zone_name(zone, words) for zone in whole["zone"]]
    whole["panel"] = [f"{z}: {p}" if several else z for z, p in zip(zones, whole["plan"], strict=True)]
    panels = list(dict.fromkeys(whole["panel"]))
    columns = min(COLUMNS, len(panels))
    width = (WIDTH - columns * AXIS) // columns - GAP
    layers = [_stack(shown, title, words), _marks(list(dict.fromkeys(marks["mark"])), title, words)]
    facet = alt.Facet("panel:N", sort=panels, title=None, header=alt.Header(title=None, labelFontWeight="bold"))
    chart = alt.LayerChart(layer=layers).properties(width=width, height=PANEL_HEIGHT)
    facets = chart.facet(facet=facet, columns=columns, data=brief(whole.drop(columns=["plan", "zone"])), spacing=GAP)
    return spec(facets.resolve_scale(y="independent"))


def _stack(colours: Mapping[str, str], title: str, words: Words) -> alt.Chart:
    value = Axis("value", title)
    legend = alt.Legend(title=None, orient="bottom", columns=5)
    chart: alt.Chart = (
        alt.Chart()
        .transform_filter("isValid(datum.value)")
        .mark_bar(stroke="white", strokeWidth=0.6)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("value:Q", title=title, stack="zero", axis=alt.Axis(tickCount=5)),
            color=colour(Axis("group", ""), colours, legend=legend),
            order=alt.Order("rank:Q"),
            tooltip=[_year(words), Axis("group", " ").tooltip("N"), value.tooltip()],
        )
    )
    return chart


def _marks(names: Sequence[str], title: str, words: Words) -> alt.Chart:
    known = {words(name): look for name, look in MARKS.items()}
    shape = alt.Scale(domain=list(names), range=[known[name][0] for name in names])
    fill = alt.Scale(domain=list(names), range=[known[name][1] for name in names])
    legend = alt.Legend(title=None, orient="bottom")
    chart: alt.Chart = (
        alt.Chart()
        .transform_filter("isValid(datum.at)")
        .mark_point(size=110, stroke=INK, strokeWidth=2, opacity=1)
        .encode(
            x="year:O",
            y=alt.Y("at:Q", title=title),
            shape=alt.Shape("mark:N", scale=shape, legend=legend),
            fill=alt.Fill("mark:N", scale=fill, legend=legend),
            tooltip=[_year(words), Axis("mark", " ").tooltip("N"), Axis("at", title).tooltip()],
        )
    )
    return chart


def _year(words: Words) -> alt.Tooltip:
    return Axis("year", words("year")).tooltip("O")


def contingency_frame(results: xr.Dataset) -> pd.DataFrame:
    """Contingencies that matter, the worst first: ``contingency, moments, drives, year, shed``; GW.

    ``moments``: how often the plan states that it survives, over all years; ``drives``: what is built because of it.
    """
    shed = results["contingency_shed"].transpose("contingency", "year").to_numpy()
    moments = results["contingency_moments"].sum("year").to_numpy().astype(int)
    prices = results["contingency_capacity_price"].transpose("contingency", "link", "year").to_numpy()
    built = results["link_new_capacity"].transpose("link", "year").cumsum("year").to_numpy() >= SHOWN
    driven = (prices * built).max(axis=2)
    links = results["link_name"].to_numpy()
    rows = []
    for i in np.lexsort((-moments, -driven.sum(axis=1), -shed.max(axis=1)))[:MOST_CONTINGENCIES]:
        best = [j for j in np.argsort(-driven[i], kind="stable")[:DRIVEN] if driven[i, j] >= WORTH]
        drives = "; ".join(str(links[j]) for j in best)
        name = str(results["contingency"].to_numpy()[i])
        rows += [
            (name, int(moments[i]), drives, int(year), float(value))
            for year, value in zip(results["year"].to_numpy(), shed[i], strict=True)
        ]
    return pd.DataFrame(rows, columns=["contingency", "moments", "drives", "year", "shed"])


def contingencies(told: Sequence[Told], words: Words) -> Figure:
    """Load shed after contingencies, the worst first, and the reinforcements that they drive."""
    frame = of_plans(told, [contingency_frame(plan.results) for plan in told])
    heads = {"plan": "plan", "contingency": "contingency", "moments": "moments", "drives": "what it drives"}
    table = by_year(frame, {name: words(text) for name, text in heads.items()}, value="shed")
    worst = max(float(plan.results["insecurity"].max()) for plan in told)
    counts = "; ".join(f"{plan.name}: {plan.results.sizes['contingency']}" for plan in told)
    text = "Load in GW that must be shed after the loss, at the worst moment of each planning year. Contingencies:"
    said = f"{words(text)} {counts}. " + words("Nothing is shed after any of them." if worst < SHOWN else "")
    drawn = None
    if worst >= SHOWN:
        drawn = heat_table(
            frame,
            value=Axis("shed", words("GW shed")),
            row=Axis("contingency", words("contingency")),
            plan=Axis("plan", words("plan")),
            year=Axis("year", words("year")),
            number=".2f",
        )
    title = words("After the loss of a line or unit (N-1)")
    return Figure("contingencies", title, said.strip(), table, drawn, digits=2, open=drawn is None)


def passes(told: Sequence[Told], words: Words) -> Figure:
    """The passes in which a plan was solved: each adds the moments that the one before did not survive."""
    names = {
        "number": "pass",
        "critical": "moments after a loss",
        "violated": "not survived yet",
        "change": "change of reactances",
        "rows": "rows",
        "columns": "columns",
        "objective": "objective, million USD",
        "seconds": "seconds",
    }
    parts = []
    for plan in told:
        own = pd.DataFrame(json.loads(plan.results.attrs[PASSES])).assign(number=lambda f: range(1, len(f) + 1))
        parts.append(own.assign(objective=own["objective"] / 1e6).reindex(columns=list(names)))
    table = table_of(of_plans(told, parts), {"plan": words("plan")} | {k: words(text) for k, text in names.items()})
    settled = all(str(plan.results.attrs.get("settled", "")).lower() in ("true", "1") for plan in told)
    end = "The last pass found nothing new." if settled else "The passes ended before nothing new was found."
    text = (
        "The plan was solved several times: each pass adds moments after a loss, or reactances of new lines, that the "
        "one before did not hold."
    )
    return Figure("passes", words("Passes"), f"{words(text)} {words(end)}", table, digits=3)
