"""How power plants, stores and neighbours meet the load: the hours of the peak, and a week of winter and of summer.

Needs the optional extra ``report`` (altair).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.charts import AXIS, GAP, INK, Axis, brief, colour, plain, spec, table_of
from model.outputs.report.colours import GROUPS, group_colours
from model.outputs.report.parts import WIDTH, Figure, Section, Told, Words
from model.outputs.report.power import (
    CHARGE,
    DISCHARGE,
    EXPORTS,
    IMPORTS,
    LOAD,
    OTHER,
    TAKES,
    UNSERVED,
    Stretch,
    areas,
    peak_period,
    power,
    shown_steps,
    typical_weeks,
)
from model.system.network import WHOLE_COUNTRY
from model.time.calendar import HOURS_PER_DAY

COLOURS = {
    IMPORTS: GROUPS["imports"],
    UNSERVED: GROUPS["unserved"],
    CHARGE: "#7B6FB0",
    EXPORTS: "#8C8C8C",
    OTHER: "#E2DCCB",
}
"""What is no group of technologies."""

BASE = ("nuclear", "coal", "gas", "oil", "bio", "hydro", "wind", "solar")
"""Groups at the bottom of the stack, from below; others follow, then stores, neighbours and what is missing."""

SMALL = "other plants"
"""Groups that are never worth a colour of their own, in the chart."""

SHARE = 0.004
"""Share of the highest load from which a group is worth one."""

NAMES = {DISCHARGE: "storage, discharging", CHARGE: "storage, charging", WHOLE_COUNTRY: "whole country"}
"""How items and areas are called where their label does not say it."""

TITLES = {
    "peak": "The hours of the highest load",
    "winter": "A typical week of winter",
    "summer": "A typical week of summer",
    "typical": "Typical days",
}

SAID = {
    "peak": "The period with the highest load, in the first, a middle and the last planning year. Above zero what "
    "gives; below what is taken for storage, by neighbours and by other sectors, and what is lost. The black line is "
    "the load.",
    "week": "Of all weeks of the season the one with the median load. Each day is shown by the period that stands for "
    "it in the plan.",
    "typical": "The periods that stand for most of the year, one after another.",
}

HEIGHT = 230
"""Pixels of one panel."""

MOST_ROWS = 800
"""Steps up to which zones can be chosen as well as the country."""

MOST_TOLD = 300
"""Rows up to which tables tell every step; beyond, they tell means of days."""

DIGITS = 4
"""Significant digits of what is drawn."""

Given = Mapping[str, Mapping[str, xr.DataArray]]
"""What ``power`` tells, by plan and area."""

Panels = list[tuple[Told, int, Stretch]]
"""A plan, a planning year and what is shown of it."""


def dispatch(told: Sequence[Told], words: Words) -> Section | None:
    """Power by step at the peak and in typical weeks; None where no plan has a load."""
    told = [plan for plan in told if "output" in plan.results and float(plan.results["load"].sum()) > 0]
    if not told:
        return None
    given = {
        plan.name: {area: power(plan.results, nodes) for area, nodes in shown_areas(plan.results).items()}
        for plan in told
    }
    figures = [figure(kind, panels, given, words) for kind, panels in stretches(told, given).items()]
    text = "What plants, stores and neighbours give in every step of chosen days, and where it goes."
    return Section("dispatch", words("How the power system runs"), words(text), figures)


def shown_areas(results: xr.Dataset) -> dict[str, list[str]]:
    """The areas of which power is told: of a year in many steps the country alone."""
    found = areas(results)
    return found if results.sizes["step"] <= MOST_ROWS else {WHOLE_COUNTRY: found[WHOLE_COUNTRY]}


def shown_years(years: Sequence[int]) -> list[int]:
    """The first, a middle and the last planning year."""
    return list(dict.fromkeys((years[0], years[len(years) // 2], years[-1])))


def stretches(told: Sequence[Told], given: Given) -> dict[str, Panels]:
    """What is shown: of every plan and shown year the peak, and the same week of each season in all years."""
    found: dict[str, Panels] = {"peak": []}
    for plan in told:
        years = shown_years(plan.years)
        load = given[plan.name][WHOLE_COUNTRY].sel(item=LOAD)
        for year in years:
            period = peak_period(plan.results, load.sel(year=year))
            found["peak"].append((plan, year, Stretch((period,), (period,))))
        for season, stretch in typical_weeks(plan.results, load.sel(year=years[len(years) // 2])).items():
            found.setdefault(season, []).extend((plan, year, stretch) for year in years)
    return found


def figure(kind: str, panels: Panels, given: Given, words: Words) -> Figure:
    """The figure of one kind of stretch; ``kind`` as in ``TITLES``."""
    frame = power_frame(panels, given)
    items = stacked_items(frame)
    said = SAID.get(kind, SAID["week"])
    chart = power_chart(frame, items, words)
    country = frame[frame["area"] == WHOLE_COUNTRY]
    table = told_table(country, stacked_items(country), words)
    return Figure(f"dispatch-{kind}", words(TITLES[kind]), words(said), table, spec(chart), digits=2)


def power_frame(panels: Panels, given: Given) -> pd.DataFrame:
    """A row for every plan, area, year and step: where it lies, ``load`` and each item in GW.

    Zones are told beside the country as long as the rows stay few.
    """
    stretches_of = {(plan.name, stretch): plan.results for plan, _, stretch in panels}
    steps_of = {(name, stretch): shown_steps(results, stretch) for (name, stretch), results in stretches_of.items()}
    where = [steps_of[plan.name, stretch] for plan, _, stretch in panels]
    most = max(len(of_area) for of_area in given.values())
    few = sum(len(steps) for steps in where) * most <= MOST_ROWS
    parts = []
    for (plan, year, _), steps in zip(panels, where, strict=True):
        for area, told in given[plan.name].items():
            if few or area == WHOLE_COUNTRY:
                own = told.sel(year=year, step=steps["step"].to_numpy()).transpose("step", "item")
                values = pd.DataFrame(own.to_numpy(), columns=own["item"].to_numpy())
                parts.append(steps.assign(plan=plan.name, area=area, year=year).join(values))
    items = dict.fromkeys(name for part in parts for name in part.columns)
    return pd.concat(parts, ignore_index=True)[list(items)].fillna(0.0)


def stacked_items(frame: pd.DataFrame) -> list[str]:
    """The items that are told anywhere, in the order of the stack from below."""
    places = ("step", "place", "begin", "end", "plan", "area", "year", LOAD)
    own = [name for name in frame.columns if name not in places and frame[name].abs().max() > 0]
    last = (DISCHARGE, IMPORTS, UNSERVED, *TAKES)
    groups = [name for name in own if name not in last]
    ordered = [name for name in BASE if name in groups] + [name for name in groups if name not in BASE]
    return ordered + [name for name in last if name in own]


def power_chart(frame: pd.DataFrame, items: Sequence[str], words: Words) -> alt.FacetChart:
    """Steps as bars as wide as they last, stacked by item, with the load as a line; a panel for each plan and year."""
    own, stacked = drawn(frame, items)
    own["area"] = [words(NAMES.get(area, area)) for area in own["area"]]
    labels = {f"i{place}": label(item, words) for place, item in enumerate(stacked)}
    own = own.rename(columns=dict(zip(stacked, labels, strict=True))).drop(columns="place")
    plans = list(dict.fromkeys(own["plan"]))
    column = alt.Column("year:O", title=None, header=alt.Header(labelFontWeight="bold"))
    row = alt.Row("plan:N", title=None, sort=plans) if len(plans) > 1 else alt.Undefined
    bars = _bars(labels, stacked, float(own["end"].max()), words)
    width = (WIDTH - AXIS) // own["year"].nunique() - GAP
    chart = alt.layer(bars, _load(words)).properties(width=width, height=HEIGHT)
    facets = chart.facet(column=column, row=row, data=brief(own, DIGITS), spacing=GAP)
    if len(area := list(dict.fromkeys(own["area"]))) > 1:
        chosen = alt.binding_select(options=area, name=words("area") + ": ")
        facets = facets.add_params(alt.param(name="area", value=area[0], bind=chosen))
        facets = facets.transform_filter("datum.area == area")
    return facets


def drawn(frame: pd.DataFrame, items: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """The frame with groups too small to be seen told together as ``SMALL``, and the items in their order."""
    least = SHARE * frame[LOAD].max()
    small = [name for name in items if name not in (*COLOURS, DISCHARGE) and frame[name].max() < least]
    if not small:
        return frame.copy(), list(items)
    told = frame.drop(columns=small).assign(**{SMALL: frame[small].sum(axis=1)})
    kept = [name for name in items if name not in small]
    first = next((place for place, name in enumerate(kept) if name in (*COLOURS, DISCHARGE)), len(kept))
    return told, [*kept[:first], SMALL, *kept[first:]]


def _bars(labels: Mapping[str, str], items: Sequence[str], last: float, words: Words) -> alt.Chart:
    """What gives and takes, until hour ``last``; ``labels`` by the name of the column in the data."""
    colours = group_colours(item for item in items if item not in COLOURS) | COLOURS
    shown = {name: colours[item] for name, item in zip(labels.values(), items, strict=True)}
    every = HOURS_PER_DAY if last > 2 * HOURS_PER_DAY else HOURS_PER_DAY / 4
    hours = alt.Axis(values=list(np.arange(0, last + 1, every)), grid=False)
    scale = alt.Scale(domain=[0, last], nice=False)
    names = json.dumps(list(labels.values()), ensure_ascii=False)
    power_axis = Axis("power", words("GW"), ",.2f")
    chart: alt.Chart = (
        alt.Chart()
        .transform_fold(list(labels), as_=["key", "power"])
        .transform_calculate(rank="toNumber(slice(datum.key, 1))")
        .transform_calculate(item=f"{names}[datum.rank]")
        .mark_bar(strokeWidth=0, binSpacing=0)
        .encode(
            x=alt.X("begin:Q", bin="binned", axis=hours, title=words("hour"), scale=scale),
            x2="end:Q",
            y=alt.Y("power:Q", stack="zero", title=words("GW")),
            color=colour(Axis("item", ""), shown, legend=alt.Legend(title=None, orient="bottom", columns=4)),
            order=alt.Order("rank:Q"),
            tooltip=[Axis("item", " ").tooltip("N"), power_axis.tooltip(), Axis("step", words("step")).tooltip("N")],
        )
    )
    return chart


def _load(words: Words) -> alt.Chart:
    """The load, a line over each step."""
    chart: alt.Chart = (
        alt.Chart()
        .mark_rule(strokeWidth=2.5, color=INK, orient="horizontal")
        .encode(
            x="begin:Q",
            x2="end:Q",
            y=f"{LOAD}:Q",
            tooltip=[Axis(LOAD, f"{words(LOAD)}, {words('GW')}", ",.2f").tooltip()],
        )
    )
    return chart


def label(item: str, words: Words) -> str:
    """How an item of the stack is called."""
    return plain(NAMES.get(item, item), words)


def told_table(frame: pd.DataFrame, items: Sequence[str], words: Words) -> pd.DataFrame:
    """The numbers behind the chart, a row for every step, or means of days where steps are many; GW."""
    values = [LOAD, *items]
    keys = ["plan", "year", "day", "step"]
    told = frame.rename(columns={"place": "day"})
    if len(frame) > MOST_TOLD:
        keys.remove("step")
        told = daily(told, values)
    names = {key: words(key) for key in keys} | {item: f"{label(item, words)}, {words('GW')}" for item in values}
    return table_of(told, names)


def daily(frame: pd.DataFrame, values: Sequence[str]) -> pd.DataFrame:
    """Means of ``values`` by plan, year and day, a day of a longer period with its number after the period's name."""
    hours = frame["end"] - frame["begin"]
    number = (frame["begin"] // HOURS_PER_DAY).astype(int) + 1
    keys = ["plan", "year", "day"]
    long = frame.assign(hours=hours).groupby(keys)["hours"].transform("sum") > HOURS_PER_DAY
    day = frame["day"].where(~long, frame["day"] + ", " + number.astype(str))
    weighed = frame[values].mul(hours, axis=0).assign(plan=frame["plan"], year=frame["year"], day=day, hours=hours)
    summed = weighed.groupby(keys, sort=False).sum()
    return summed[values].div(summed["hours"], axis=0).reset_index()
