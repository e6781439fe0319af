"""A page of charts of hourly weather: one HTML file that needs no network, with the numbers behind every chart.

Needs the optional extra ``report`` (altair and vl-convert).
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.outputs.vega import libraries, script_json
from model.outputs.weather_table import SHORT_NAMES
from model.time.calendar import DAYS_PER_WEEK, HOURS_PER_DAY

Floats = npt.NDArray[np.float64]

COLOURS = {"wind": "#0072B2", "sun": "#E69F00", "winter": "#0072B2", "summer": "#E69F00"}
"""Blue and orange of Okabe and Ito, which the colour-blind tell apart."""

DASHES = {"wind": [1, 0], "sun": [5, 2], "winter": [1, 0], "summer": [5, 2]}
"""Strokes that tell lines apart without colour."""

SHARES = np.linspace(0, 1, 101)
"""Shares of the year at which duration curves are drawn."""

TOLD = 5
"""Per cent of the year between two columns of their table."""

WEEKS = {"winter": (1, 15), "summer": (7, 15)}
"""Month and day on or after which a week begins, on a Monday."""

WIDTH, SMALL_WIDTH, SMALL_HEIGHT, COLUMNS = 900, 190, 110, 4
"""Pixels of a chart, of a small one of many, and how many of these stand side by side."""

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 64rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; } figure { margin: 1rem 0; overflow-x: auto; }
details div { overflow: auto; max-height: 24rem; } summary { cursor: pointer; }
table { border-collapse: collapse; font-size: 12px; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.5rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
thead th { position: sticky; top: 0; background: #fff; }
"""


def weather_page(weather: xr.Dataset, compare: xr.Dataset, national_load: Floats, study: str) -> str:
    """The page as HTML.

    ``weather`` has the schema of ``time.dataset`` and 8,760 hours, ``compare`` is what ``time.compare.compared`` gives
    of it, and chooses nodes and profiles; ``national_load`` (hour) is the load of all nodes against its yearly mean,
    ``study`` the title of the study.
    """
    durations, months = duration_frame(weather, compare), month_frame(compare)
    load = week_frame(national_load, pd.DatetimeIndex(weather["time"].to_numpy()))
    sections = (
        _section(
            "durations",
            "How long output is above a level",
            "Duration curves: capacity factor of wind and sun at each node, hours of the year sorted from the highest.",
            duration_chart(durations),
            _told(durations),
        ),
        _section(
            "months",
            "Monthly means and the statistics",
            "Lines: monthly mean of the hours. Rings: the statistics of weather.csv.",
            month_chart(months),
            months.pivot_table("capacity_factor", ["node", "kind", "origin"], "month", sort=False),
        ),
        _section(
            "load",
            "Load of a winter and a summer week",
            "Electricity load of all nodes against its yearly mean, Monday to Sunday, as this weather makes it.",
            load_chart(load),
            load.pivot_table("load", ["day", "hour"], "week", sort=False),
        ),
    )
    title = f"Hourly weather: {study}"
    about = ", ".join(str(weather.attrs[name]) for name in ("title", "source") if weather.attrs.get(name))
    year = int(weather["time"].dt.year[0])
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>',
            f'<meta name="viewport" content="width=device-width">\n<style>{STYLE}</style>\n</head>\n<body>',
            f"<h1>{escape(title)}</h1>\n<p>{escape(about)}. Hours of {year}, local standard time.</p>",
            "<noscript><p>The charts need JavaScript; the numbers below them do not.</p></noscript>",
            *(html for html, _ in sections),
            f"<script>{libraries()}</script>",
            f"<script>{_drawing({name: chart for _, (name, chart) in sections})}</script>\n</body>\n</html>\n",
        ]
    )


def duration_frame(weather: xr.Dataset, compare: xr.Dataset) -> pd.DataFrame:
    """Points of the duration curves: columns node, kind, share of the year, capacity_factor."""
    nodes = compare["node"].to_numpy()
    parts = []
    for name in map(str, compare["profile"].to_numpy()):
        hourly = weather[name].sel(node=nodes).transpose("node", "time").to_numpy().astype(float)
        levels = np.quantile(hourly, 1 - SHARES, axis=1).T.round(4)
        parts.append(
            pd.DataFrame(
                {
                    "node": np.repeat(nodes, len(SHARES)),
                    "kind": SHORT_NAMES[name],
                    "share": np.tile(SHARES.round(2), len(nodes)),
                    "capacity_factor": levels.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def month_frame(compare: xr.Dataset) -> pd.DataFrame:
    """Monthly means of the hours and of the statistics: columns node, kind, origin, month, capacity_factor."""
    frame: pd.DataFrame = compare["month_mean"].rename("capacity_factor").round(4).to_dataframe().reset_index()
    return frame.assign(kind=frame["profile"].map(SHORT_NAMES)).drop(columns="profile")


def week_frame(national_load: Floats, time: pd.DatetimeIndex) -> pd.DataFrame:
    """The load of whole weeks: columns week, day, hour (of the week), load."""
    parts = []
    for name, (month, day) in WEEKS.items():
        late = (time.month == month) & (time.day >= day) & (time.day_of_week == 0)
        first = int(np.argmax(late))
        span = slice(first, first + DAYS_PER_WEEK * HOURS_PER_DAY)
        parts.append(
            pd.DataFrame(
                {
                    "week": name,
                    "day": time[span].strftime("%a"),
                    "hour": np.arange(DAYS_PER_WEEK * HOURS_PER_DAY),
                    "load": national_load[span].round(4),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def duration_chart(frame: pd.DataFrame) -> alt.FacetChart:
    """A small chart of duration curves for every node."""
    line = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("share:Q", title="share of the year", axis=alt.Axis(format="%", tickCount=4)),
            y=_level(),
            color=_colour(frame["kind"]),
            strokeDash=_dash(frame["kind"]),
            tooltip=["node:N", "kind:N", alt.Tooltip("share:Q", format=".0%"), alt.Tooltip("capacity_factor:Q")],
        )
    )
    return _by_node(line, frame)


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    """Every few points of the duration curves: a row per node and kind, a column per share of the year."""
    every = frame[(100 * frame["share"]).round() % TOLD == 0]
    table: pd.DataFrame = every.pivot_table("capacity_factor", ["node", "kind"], "share", sort=False)
    return table.rename(columns="{:.0%}".format)


def month_chart(frame: pd.DataFrame) -> alt.FacetChart:
    """A small chart for every node: monthly means as lines, the statistics as rings."""
    base = alt.Chart(frame).encode(
        x=alt.X("month:O", title="month", axis=alt.Axis(labelAngle=0)),
        y=_level(),
        color=_colour(frame["kind"]),
        tooltip=["node:N", "kind:N", "origin:N", "month:O", alt.Tooltip("capacity_factor:Q")],
    )
    line = base.mark_line().encode(strokeDash=_dash(frame["kind"])).transform_filter("datum.origin == 'hours'")
    rings = base.mark_point(filled=False, size=28).transform_filter("datum.origin == 'statistics'")
    return _by_node(alt.LayerChart(layer=[line, rings]), frame)


def load_chart(frame: pd.DataFrame) -> alt.Chart:
    """The weeks of the load, one over the other."""
    end = DAYS_PER_WEEK * HOURS_PER_DAY
    days = alt.Axis(values=list(range(0, end + 1, HOURS_PER_DAY)))
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("hour:Q", title="hour of the week, from Monday 0:00", axis=days, scale=alt.Scale(domain=[0, end])),
            y=alt.Y("load:Q", title="load against the yearly mean, 1", scale=alt.Scale(zero=False)),
            color=_colour(frame["week"], "week"),
            strokeDash=_dash(frame["week"], "week"),
            tooltip=["week:N", "day:N", "hour:Q", alt.Tooltip("load:Q", format=".3f")],
        )
        .properties(width=WIDTH, height=2 * SMALL_HEIGHT)
    )
    return chart


def _level() -> alt.Y:
    return alt.Y("capacity_factor:Q", title="capacity factor, 1", axis=alt.Axis(tickCount=4))


def _colour(kinds: pd.Series[Any], field: str = "kind") -> alt.Color:
    names = list(dict.fromkeys(kinds))
    return alt.Color(f"{field}:N", title=None, scale=alt.Scale(domain=names, range=[COLOURS[name] for name in names]))


def _dash(kinds: pd.Series[Any], field: str = "kind") -> alt.StrokeDash:
    names = list(dict.fromkeys(kinds))
    return alt.StrokeDash(
        f"{field}:N", title=None, scale=alt.Scale(domain=names, range=[DASHES[name] for name in names])
    )


def _by_node(chart: alt.Chart | alt.LayerChart, frame: pd.DataFrame) -> alt.FacetChart:
    """One small chart per node, in the order of ``frame``, on one scale."""
    small, order = chart.properties(width=SMALL_WIDTH, height=SMALL_HEIGHT), list(dict.fromkeys(frame["node"]))
    return small.facet(facet=alt.Facet("node:N", title=None, sort=order), columns=COLUMNS)


def _section(
    name: str, title: str, words: str, chart: alt.Chart | alt.FacetChart, table: pd.DataFrame
) -> tuple[str, tuple[str, dict[str, Any]]]:
    """A chart with its title, what it shows and its numbers, as HTML; and its name and specification."""
    flat = table.reset_index().rename_axis(columns=None)
    numbers = flat.to_html(index=False, border=0, float_format=lambda value: f"{value:.3f}", escape=True)
    html = (
        f"<section>\n<h2>{escape(title)}</h2>\n<p>{escape(words)}</p>\n"
        f'<figure id="{name}" role="img" aria-label="{escape(words)}"></figure>\n'
        f"<details><summary>The numbers</summary><div>{numbers}</div></details>\n</section>"
    )
    return html, (name, chart.to_dict())


def _drawing(charts: Mapping[str, Mapping[str, Any]]) -> str:
    """The script that draws the charts; no text in it can end the script."""
    return (
        f"for (const [name, chart] of Object.entries({script_json(charts)})) "
        'vegaEmbed("#" + name, chart, {actions: false, renderer: "svg"});'
    )
