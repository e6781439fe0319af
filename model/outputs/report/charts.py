"""Charts that look alike: stacked bars, lines and heat tables by planning year, plans side by side on one scale.

Frames are long and small (a row per mark) and have a column ``plan``; one plan makes one chart, several make one small
chart for each. Titles come in the language of the report already. Needs altair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from model.outputs.report.colours import GROUPS, PLANS, group_colours
from model.outputs.report.parts import HEIGHT, WIDTH, Spec, Told, Words

IN_A_ROW = 4
"""Plans that stand side by side before the next row begins."""

AXIS, LEGEND, GAP = 70, 150, 14
"""Pixels that an axis with its title, a legend, and the gap between two small charts take."""

DIGITS = 5
"""Significant digits of numbers in charts: more cannot be seen, and make the report large."""

OTHER = "other"
"""What small families are told as together."""

ADDED = {OTHER: "#DDDDDD", "imports": GROUPS["imports"], "exports": "#777777", "unserved": GROUPS["unserved"]}
"""Families that are no plants."""

INK, RULE = "#222222", "#888888"
"""Colours of numbers and of lines that guide the eye."""

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [10, 4])
"""Strokes that tell lines apart without colour."""

TICKS = ",.10~g"
"""Numbers at axes: in full, without letters for thousands."""

ROW = 18
"""Pixels of a row of a heat table, or of a chart with a name in every row."""

NAMES, LETTER = 220, 7
"""Pixels that names of rows take at most, and those of a letter."""

DARK = 0.55
"""Share of the range of a heat table from which numbers are white."""


@dataclass(frozen=True)
class Axis:
    """A column of a frame, what it is called in axes and tooltips (with its unit), and the format of its numbers."""

    field: str
    title: str
    format: str = ",.3~f"

    def tooltip(self, kind: str = "Q") -> alt.Tooltip:
        """The column as a line of a tooltip; ``kind`` "N" tells texts, "O" years."""
        shape = self.format if kind == "Q" else alt.Undefined
        return alt.Tooltip(f"{self.field}:{kind}", title=self.title, format=shape)


def plain(name: str, words: Words) -> str:
    """The name of a family or kind as a person reads it: ``demand_side`` is "demand side"."""
    return words(name.replace("_", " "))


def family_colours(families: Iterable[str], words: Words) -> dict[str, str]:
    """The colour of every family by the name that readers see, in the order in which stacks show them.

    Families that charts add (trade, what is missing, small ones together) stand at the end.
    """
    unknown = [name for name in dict.fromkeys(families) if name not in GROUPS]
    plants = [name for name in GROUPS if name not in ADDED]
    colours = group_colours([*plants, *unknown]) | ADDED
    return {plain(name, words): shade for name, shade in colours.items()}


def of_plans(told: Sequence[Told], frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frames of several plans as one, with a first column ``plan``."""
    named = [frame.assign(plan=plan.name) for plan, frame in zip(told, frames, strict=True)]
    whole: pd.DataFrame = pd.concat(named, ignore_index=True)
    return whole[["plan", *(column for column in whole.columns if column != "plan")]]


def table_of(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The columns in ``names`` under the headings that readers see; ``plan`` only where there are several plans."""
    columns = [name for name in names if name != "plan" or frame["plan"].nunique() > 1]
    table: pd.DataFrame = frame[columns].rename(columns=dict(names)).reset_index(drop=True)
    return table


def by_year(frame: pd.DataFrame, index: Mapping[str, str], *, value: str = "value", year: str = "year") -> pd.DataFrame:
    """A table with a column for every year: rows are the columns in ``index``, under the headings given there.

    Rows keep the order in which they come, and rows of one name stay apart; a plan column is left out where there is
    one plan.
    """
    names = {key: text for key, text in index.items() if key != "plan" or frame["plan"].nunique() > 1}
    nth = frame.groupby([*names, year], sort=False).cumcount().rename(None)
    keyed = frame.assign(nth=nth)
    wide = keyed.set_index([*names, "nth", year])[value].unstack(year)
    order = pd.MultiIndex.from_frame(keyed[[*names, "nth"]].drop_duplicates())
    table: pd.DataFrame = wide.reindex(order).rename(columns=str).reset_index().drop(columns="nth")
    return table.rename(columns=names).rename_axis(columns=None)


def brief(frame: pd.DataFrame, digits: int = DIGITS) -> pd.DataFrame:
    """The frame with its numbers cut to significant digits; what is not finite is left empty."""
    short = frame.copy()
    for column in short.select_dtypes("floating").columns:
        values = short[column].to_numpy(dtype=float)
        finite = np.isfinite(values)
        short[column] = [float(f"{v:.{digits}g}") + 0.0 if ok else None for v, ok in zip(values, finite, strict=True)]
    return short


def gathered(frame: pd.DataFrame, other: str, *, share: float = 0.004) -> pd.DataFrame:
    """Groups that are never ``share`` of what stands in their year are told together, as ``other``.

    Columns ``plan, year, group, value`` and others that tell rows apart; groups that are empty are left out.
    """
    size = frame["value"].abs()
    whole = size.groupby([frame["plan"], frame["year"]]).transform("sum")
    part = (size / whole.where(whole > 0)).fillna(0.0).groupby(frame["group"]).max()
    shown = frame[frame["group"].map(part) > 0]
    small = shown["group"].map(part) < share
    named = shown.assign(group=shown["group"].where(~small, other))
    keys = [column for column in frame.columns if column != "value"]
    summed: pd.DataFrame = named.groupby(keys, sort=False, as_index=False)["value"].sum()
    return summed


def stacked_bars(
    frame: pd.DataFrame,
    *,
    value: Axis,
    group: Axis,
    plan: Axis,
    year: Axis,
    colours: Mapping[str, str],
    totals: bool = True,
    height: int = HEIGHT,
) -> Spec:
    """Bars by planning year, stacked by group; what is negative hangs below zero.

    Columns of ``frame``: those of the four axes. ``colours`` gives the order of the stack, from the bottom, and the
    colour of every group; ``totals`` writes the sum of the year, negative parts taken off, over each bar.
    """
    groups = [name for name in colours if name in set(frame[group.field])]
    ranked = brief(frame).assign(rank=frame[group.field].map({name: i for i, name in enumerate(groups)}))
    chosen = alt.selection_point(name="chosen", fields=[group.field], bind="legend")
    base = alt.Chart().encode(x=_years(year, gap=0.3))
    bars = (
        base.mark_bar(stroke="white", strokeWidth=0.6)
        .encode(
            y=alt.Y(f"{value.field}:Q", title=value.title, stack="zero", axis=alt.Axis(format=TICKS, tickCount=6)),
            color=colour(group, {name: colours[name] for name in reversed(groups)}),
            order=alt.Order("rank:Q"),
            opacity=alt.when(chosen).then(alt.value(1)).otherwise(alt.value(0.15)),
            tooltip=[plan.tooltip("N"), year.tooltip("O"), group.tooltip("N"), value.tooltip()],
        )
        .add_params(chosen)
    )
    layers: list[alt.Chart] = [bars, _zero()] if (ranked[value.field] < 0).any() else [bars]
    if totals:
        layers.append(_totals(base, value, plan, year))
    return side_by_side(alt.LayerChart(layer=layers), ranked, plan, height=height)


def _totals(base: alt.Chart, value: Axis, plan: Axis, year: Axis) -> alt.Chart:
    """The sum of a year, written over its bar."""
    chart: alt.Chart = (
        base.transform_calculate(above=f"max(0, datum['{value.field}'])")
        .transform_aggregate(top="sum(above)", total=f"sum({value.field})", groupby=[plan.field, year.field])
        .transform_filter("datum.top > 0")
        .mark_text(dy=-6, fontSize=10, color=INK)
        .encode(y=alt.Y("top:Q"), text=alt.Text("total:Q", format=",.3r"), tooltip=[alt.Tooltip("total:Q")])
    )
    return chart


def lines(
    frame: pd.DataFrame,
    *,
    value: Axis,
    series: Axis,
    plan: Axis,
    year: Axis,
    colours: Mapping[str, str] | None = None,
    band: tuple[str, str] | None = None,
    zero: bool = True,
    height: int = HEIGHT,
) -> Spec:
    """Lines with points over the planning years; ``zero`` begins the axis at zero.

    One line of several plans is told in one chart, a colour and a stroke for each plan; several lines are told in a
    chart for each plan. ``band`` are the columns of the ends of a range, a faint area behind its line.
    """
    names = list(dict.fromkeys(frame[series.field]))
    plans = list(dict.fromkeys(frame[plan.field]))
    by_plan = len(names) == 1 and len(plans) > 1
    told, kinds = (plan, plans) if by_plan else (series, names)
    given = {} if by_plan or colours is None else colours
    shown = {name: given.get(name) or PLANS[i % len(PLANS)] for i, name in enumerate(kinds)}
    strokes = alt.Scale(domain=kinds, range=[DASHES[i % len(DASHES)] for i in range(len(kinds))])
    stroke = alt.Legend(symbolType="stroke", symbolOpacity=1, symbolSize=350, labelLimit=LEGEND - 40)
    legend = None if len(kinds) == 1 else stroke
    base = alt.Chart().encode(x=_years(year), color=colour(told, shown, legend=legend))
    scale, axis = alt.Scale(zero=zero), alt.Axis(format=TICKS, tickCount=6)
    line = base.mark_line(point=True, strokeWidth=2).encode(
        y=alt.Y(f"{value.field}:Q", title=value.title, scale=scale, axis=axis),
        strokeDash=alt.StrokeDash(f"{told.field}:N", title=told.title, scale=strokes, legend=legend),
        tooltip=[plan.tooltip("N"), year.tooltip("O"), series.tooltip("N"), value.tooltip()],
    )
    layers = [line]
    if band:
        low, high = band
        area = base.mark_area(opacity=0.15).encode(y=alt.Y(f"{low}:Q", title=value.title), y2=f"{high}:Q")
        layers = [area, line]
    drawn = alt.LayerChart(layer=layers)
    return side_by_side(drawn, brief(frame), plan, height=height, whole=by_plan, legend=legend is not None)


def heat_table(frame: pd.DataFrame, *, value: Axis, row: Axis, plan: Axis, year: Axis, number: str = ".0f") -> Spec:
    """A cell for every row and planning year, the darker the larger, with its number written in it."""
    rows = list(dict.fromkeys(frame[row.field]))
    low, high = float(frame[value.field].min()), float(frame[value.field].max())
    dark = alt.datum[value.field] > low + DARK * (high - low)
    base = alt.Chart().encode(
        x=_years(year),
        y=alt.Y(f"{row.field}:N", title=None, sort=rows, axis=alt.Axis(ticks=False, domain=False, labelLimit=NAMES)),
    )
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color(f"{value.field}:Q", title=value.title, scale=alt.Scale(scheme="blues"), legend=None),
        tooltip=[plan.tooltip("N"), row.tooltip("N"), year.tooltip("O"), value.tooltip()],
    )
    numbers = base.mark_text(fontSize=10).encode(
        text=alt.Text(f"{value.field}:Q", format=number),
        color=alt.when(dark).then(alt.value("white")).otherwise(alt.value(INK)),
    )
    chart, height = alt.LayerChart(layer=[cells, numbers]), ROW * len(rows)
    names = min(NAMES, LETTER * max(len(name) for name in rows)) + GAP
    return side_by_side(chart, brief(frame), plan, height=height, legend=False, axis=names, fit=FIT_WIDTH)


def side_by_side(
    chart: alt.Chart | alt.LayerChart,
    frame: pd.DataFrame,
    plan: Axis,
    *,
    height: int = HEIGHT,
    whole: bool = False,
    legend: bool = True,
    axis: int = AXIS,
    fit: alt.AutoSizeParams | None = None,
) -> Spec:
    """The chart over ``frame``, once for each plan and on one scale; ``whole`` keeps all plans in one chart.

    ``chart`` has no data of its own. ``legend`` and ``axis`` say how much of the width they need, ``fit`` what is
    within the width and the height of a single chart.
    """
    plans = list(dict.fromkeys(frame[plan.field]))
    if whole or len(plans) < 2:
        return spec(chart.properties(width=WIDTH, height=height, data=frame, autosize=fit or FIT))
    columns = min(IN_A_ROW, len(plans))
    room = WIDTH - axis - LEGEND * legend - GAP * (columns - 1)
    header = alt.Header(title=None, labelFontWeight="bold", labelLimit=max(90, room // columns))
    facet = alt.Facet(f"{plan.field}:N", sort=plans, header=header, title=None)
    small = chart.properties(width=max(80, room // columns), height=height)
    return spec(small.facet(facet=facet, columns=columns, data=frame, spacing=GAP))


FIT = alt.AutoSizeParams(type="fit", contains="padding")
"""Axes and legends are within the width and the height of a chart."""

FIT_WIDTH = alt.AutoSizeParams(type="fit-x", contains="padding")
"""Axes and legends are within the width; the height is that of the rows."""


def colour(told: Axis, colours: Mapping[str, str], legend: Any = alt.Undefined) -> alt.Color:
    """Fixed colours, the legend in the order of ``colours``."""
    if legend is alt.Undefined:
        legend = alt.Legend(labelLimit=LEGEND - 10)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{told.field}:N", title=told.title, scale=scale, sort=list(colours), legend=legend)


def spec(chart: Any) -> Spec:
    """The chart as Vega-Lite.

    It is not checked against the schema, which would take longer than all else; tests check every chart.
    """
    told: dict[str, Any] = chart.to_dict(validate=False)
    for rows in told.get("datasets", {}).values():
        for row in rows:  # altair leaves some texts that lack as NaN, for which JSON has no word
            row.update({name: None for name, value in row.items() if value != value})
    return told


def _years(year: Axis, gap: float = 0.0) -> alt.X:
    scale = alt.Scale(paddingInner=gap, paddingOuter=gap / 2) if gap else alt.Undefined
    return alt.X(f"{year.field}:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True), scale=scale)


def _zero() -> alt.Chart:
    """A line at zero, where bars go both ways."""
    chart: alt.Chart = alt.Chart().mark_rule(color=RULE).encode(y=alt.YDatum(0))
    return chart
