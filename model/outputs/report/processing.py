"""What gas plants give, beside the goals for it, and what markets abroad bring and take.

Needs the optional extra ``report`` (altair).
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.charts import (
    INK,
    RULE,
    Axis,
    brief,
    by_year,
    colour,
    gathered,
    of_plans,
    side_by_side,
)
from model.outputs.report.colours import SPARE
from model.outputs.report.parts import HEIGHT, WIDTH, Figure, Spec, Told, Words

SAME = 1e-6
"""Difference, as a share, up to which a goal is taken to count a sum."""

MANY = ("#0072B2", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#4D4D4D", *SPARE)
"""Colours of plants and markets, in the order in which they come."""

OTHER = "#DDDDDD"

COLUMNS = 3
"""Names side by side in a legend."""

LEGEND_ROW = 16
"""Pixels that a row of a legend takes from the chart."""

NO_GOALS = pd.DataFrame(columns=["goal", "year", "asked", "reached"])

SIGN = {"imports": -1.0, "exports": 1.0}
"""Exports are drawn upwards."""


def rows_of(results: xr.Dataset, **wanted: Sequence[str]) -> pd.DataFrame:
    """Rows of the closing balance, long: ``commodity, item, technology, group, year, value``; whole country.

    ``wanted``: labels that are kept, by column.
    """
    columns = ("commodity", "item", "technology", "group")
    frame = pd.DataFrame({name: results[f"balance_row_{name}"].to_numpy().astype(str) for name in columns})
    kept = np.all([frame[name].isin(labels) for name, labels in wanted.items()], axis=0)
    values = results["balance_detail"].transpose("balance_row", "year").to_numpy()
    wide = frame.join(pd.DataFrame(values, columns=results["year"].to_numpy()))[kept]
    long = wide.melt(list(columns), var_name="year")
    summed: pd.DataFrame = long.groupby([*columns, "year"], sort=False, as_index=False)["value"].sum()
    return summed


def names_of(results: xr.Dataset) -> dict[str, str]:
    """Names of technologies, where results tell them."""
    if "technology_name" not in results:
        return {}
    names = (results[name].to_numpy().astype(str) for name in ("technology", "technology_name"))
    return {key: name for key, name in zip(*names, strict=True) if name}


def unit_of(told: Sequence[Told], commodity: str) -> str:
    """The unit of a commodity, of the first plan that knows it."""
    knows = next(plan.results for plan in told if commodity in plan.results["commodity"].to_numpy())
    return str(knows["commodity_unit"].sel(commodity=commodity).item())


def processed(results: xr.Dataset, commodities: Sequence[str], group: str, item: str) -> pd.DataFrame:
    """What each technology of a group makes (``item`` production) or takes (use): ``year, group, value``."""
    rows = rows_of(results, commodity=commodities, item=[item], group=[group])
    names = names_of(results)
    told = rows.assign(group=[names.get(t, t.replace("_", " ")) for t in rows["technology"]], value=rows["value"].abs())
    summed: pd.DataFrame = told.groupby(["year", "group"], sort=False, as_index=False)["value"].sum()
    return summed.astype({"year": int})


def goals_for(results: xr.Dataset, total: pd.Series[float], unit: str) -> pd.DataFrame:
    """Goals in ``unit`` whose value was ``total`` (by year) in some planning year: ``goal, year, asked, reached``.

    Results do not say what a goal counts; one that had the same value to a millionth counted the same.
    """
    if "target_value" not in results:
        return NO_GOALS
    years = [int(year) for year in results["year"].to_numpy()]
    sums = total.reindex(years, fill_value=0.0).to_numpy()
    found = []
    for target in results["target"].to_numpy()[results["target_unit"].to_numpy() == unit]:
        reached, asked = (results[f"target_{c}"].sel(target=target).to_numpy() for c in ("value", "required"))
        alike = (np.abs(reached - sums) <= SAME * np.abs(sums)) & (sums > 0)
        if alike.any():
            name = str(results["target_name"].sel(target=target).item())
            found += [(name, *row) for row in zip(years, asked, reached, strict=True) if np.isfinite(row[1])]
    return pd.DataFrame(found, columns=NO_GOALS.columns)


def processing(
    told: Sequence[Told], commodities: Sequence[str], group: str, item: str, key: str, title: str, words: Words
) -> list[Figure]:
    """One figure of what plants of a group make or take, with the goals that count it; none where there is nothing.

    ``title`` is in the language of the report.
    """
    parts = [processed(plan.results, commodities, group, item) for plan in told]
    if not sum(float(part["value"].sum()) for part in parts):
        return []
    unit = unit_of(told, commodities[0])
    goals = [
        goals_for(plan.results, part.groupby("year")["value"].sum(), unit)
        for plan, part in zip(told, parts, strict=True)
    ]
    frame, asked = gathered(of_plans(told, parts), words("other"), share=0.01), of_plans(told, goals)
    table = _table(of_plans(told, parts), asked, words)
    text = words("What each kind of plant handles.")
    if len(asked):
        text = f"{text} {words('Marks show what is asked:')} {'; '.join(dict.fromkeys(asked['goal']))}."
    drawn = _chart(frame, asked, f"{words(unit)} {words('a year')}", words)
    return [Figure(key, f"{title}, {words(unit)}", text, table, drawn, digits=2)]


def _chart(frame: pd.DataFrame, asked: pd.DataFrame, title: str, words: Words) -> Spec:
    """Bars by year, the largest group at the bottom, and marks where goals ask for something."""
    largest = frame.groupby("group", sort=False)["value"].sum().sort_values(ascending=False, kind="stable").index
    groups = [str(name) for name in largest if name != words("other")]
    shown = {name: MANY[i % len(MANY)] for i, name in enumerate(groups)} | {words("other"): OTHER}
    shown = {name: shade for name, shade in shown.items() if name in set(frame["group"])}
    rank = {name: i for i, name in enumerate(shown)}
    whole = frame.assign(rank=frame["group"].map(rank))
    if len(asked):
        whole = pd.concat([whole, asked.astype({"asked": float, "reached": float})], ignore_index=True)
    plan, year, value = Axis("plan", words("plan")), Axis("year", words("year")), Axis("value", title)
    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    legend = alt.Legend(title=None, orient="bottom", columns=COLUMNS, labelLimit=WIDTH // COLUMNS - 50)
    zero = alt.Chart().mark_rule(color=RULE).encode(y=alt.YDatum(0))
    bars = (
        alt.Chart()
        .transform_filter("isValid(datum.value)")
        .mark_bar(stroke="white", strokeWidth=0.6)
        .encode(
            x=x,
            y=alt.Y("value:Q", title=title, stack="zero"),
            color=colour(Axis("group", " "), shown, legend=legend),
            order=alt.Order("rank:Q"),
            tooltip=[plan.tooltip("N"), year.tooltip("O"), Axis("group", " ").tooltip("N"), value.tooltip()],
        )
    )
    marks = (
        alt.Chart()
        .transform_filter("isValid(datum.asked)")
        .mark_tick(orient="horizontal", thickness=3, color=INK, width=46)
        .encode(
            x=x,
            y=alt.Y("asked:Q"),
            tooltip=[
                Axis("goal", words("goal")).tooltip("N"),
                year.tooltip("O"),
                Axis("asked", words("asked")).tooltip(),
                Axis("reached", words("reached")).tooltip(),
            ],
        )
    )
    layers = [bars, zero, marks] if len(asked) else [bars, zero]
    height = HEIGHT + LEGEND_ROW * -(-len(shown) // COLUMNS)
    return side_by_side(alt.LayerChart(layer=layers), brief(whole), plan, height=height, legend=False)


def _table(frame: pd.DataFrame, asked: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Plants, their sum, and what goals ask, a column for each year."""
    keys = ["plan", "year"]
    sums = frame.groupby(keys, sort=False, as_index=False)["value"].sum().assign(group=words("sum"))
    goals = [
        asked.assign(group=[f"{words(told)}: {goal}" for goal in asked["goal"]], value=asked[told])
        for told in ("asked", "reached")
    ]
    shown = frame[frame.groupby(["plan", "group"])["value"].transform("max") > 0]
    whole = pd.concat([shown, sums, *(each[[*keys, "group", "value"]] for each in goals)], ignore_index=True)
    return by_year(whole, {"plan": words("plan"), "group": words("plants")})


def trade(told: Sequence[Told], commodities: Sequence[str], key: str, title: str, words: Words) -> list[Figure]:
    """One figure of what markets abroad take, above zero, and bring, below; none where nothing is traded.

    ``title`` is in the language of the report.
    """
    parts = []
    for plan in told:
        rows = rows_of(plan.results, commodity=commodities, item=list(SIGN))
        value = 0.0 - rows["value"]
        names = [market.replace("_", " ") for market in rows["technology"]]
        parts.append(pd.DataFrame({"year": rows["year"].astype(int), "group": names, "value": value}))
    frame = of_plans(told, parts)
    frame = frame[frame.groupby("group")["value"].transform(lambda own: own.abs().max()) > 0]
    if frame.empty:
        return []
    unit = unit_of(told, commodities[0])
    drawn = _chart(frame, NO_GOALS, f"{words(unit)} {words('a year')}", words)
    table = by_year(frame, {"plan": words("plan"), "group": words("market")})
    text = words("What is sold above zero, what is bought below.")
    return [Figure(key, f"{title}, {words(unit)}", text, table, drawn, digits=2)]
