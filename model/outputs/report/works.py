"""Works on old plants: how the fleet goes from the first planning year to the last."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd
import xarray as xr

from model.outputs.report.charts import (
    FIT_WIDTH,
    GAP,
    IN_A_ROW,
    INK,
    ROW,
    RULE,
    TICKS,
    Axis,
    brief,
    colour,
    of_plans,
    plain,
    spec,
    table_of,
)
from model.outputs.report.fleet import CLOSED, ENDED, INTO, NEW, TINY
from model.outputs.report.parts import WIDTH, Figure, Section, Spec, Told, Words

STARTED, FINAL = "started with", "ends with"
"""Ends of the account of capacity."""

CAME, WENT, STOOD = "comes", "goes", "stands"
"""What a bar of the account is: added, taken off, or there."""

ACCOUNT_COLOURS = {STOOD: "#4D4D4D", CAME: "#56B4E9", WENT: "#D55E00"}

ALL = "all"
"""The whole fleet, in the account of capacity."""

MOST, COLUMNS = 4, 2
"""Families that have a chart of their own, and how many stand side by side."""

QUIET = 0.005
"""Share of what happens in the busiest family below which a family has no chart of its own."""

SHOWN = 0.005
"""GW from which a number stands at a bar."""

PRECISE = 7
"""Significant digits of bars, so that the numbers at them are rounded once."""

NAMES, NUMBERS = 175, 30
"""Pixels of the names and the numbers at the bars."""

BELOW = alt.Legend(orient="bottom", title=None)


def works(told: Sequence[Told], words: Words) -> Section | None:
    """How the fleet goes from the first planning year to the last, with works on old plants; None for a single year."""
    told = [plan for plan in told if plan.electric.any() and len(plan.years) > 1]
    if not told:
        return None
    accounts = [capacity_account(plan.results.isel(technology=plan.electric)) for plan in told]
    table = of_plans(told, accounts)
    drawn = of_plans(told, bars(accounts, words))
    heading = {"plan": words("plan"), "group": words("family"), "from": words("from"), "to": words("to")}
    names = {name: words(name) for name in accounts[0].columns if name not in heading}
    table = table.assign(group=[plain(group, words) for group in table["group"]])
    whole = drawn["group"] == ALL
    families = _largest(drawn[~whole], words)
    figures = [
        Figure(
            "works",
            words("Modernisation of the fleet"),
            words(
                "From the capacity of the first planning year to that of the last: what is new, what went into works "
                "and came out of them, what was closed early and what reached its end."
            ),
            table_of(table[table["group"] == plain(ALL, words)], heading | names),
            waterfall(drawn[whole], words),
            digits=2,
        ),
        Figure(
            "works-by-family",
            words("Modernisation by family of plants"),
            words(
                "The same for the families with most works and closures; a plant that burns another fuel after its "
                "works leaves one family and comes to another."
            ),
            table_of(table[table["group"] != plain(ALL, words)], heading | names),
            waterfall(families, words) if len(families) else None,
            digits=2,
        ),
    ]
    return Section("works", words("Works on old plants"), figures=figures)


def capacity_account(results: xr.Dataset) -> pd.DataFrame:
    """The account of capacity by family and interval between planning years, GW; ``all`` families come first.

    Columns: group, from, to, started with, new, one for each option of works, into works, closed early, reached its
    end (negative where capacity leaves), ends with. Every row closes: what stands at the end is the sum before it.
    """
    years = [int(year) for year in results["year"].to_numpy()]
    groups = results["technology_group"].to_numpy().astype(str)
    options = [str(option) for option in results["option"].to_numpy()]
    national = results[
        ["capacity", "new_capacity", "works_capacity", "capacity_into_works", "retired_capacity", "ended_capacity"]
    ].sum("node")
    rows = []
    for group in [ALL, *dict.fromkeys(groups)]:
        own = national.isel(technology=groups == group if group != ALL else slice(None)).sum("technology")
        for begin, end in pairwise(years):
            at = own.sel(year=end)
            row = {"group": group, "from": begin, "to": end, STARTED: float(own["capacity"].sel(year=begin))}
            row[NEW] = float(at["new_capacity"])
            row |= {option: float(at["works_capacity"].sel(option=option)) for option in options}
            leaves = {INTO: "capacity_into_works", CLOSED: "retired_capacity", ENDED: "ended_capacity"}
            row |= {name: -float(at[variable]) for name, variable in leaves.items()}
            rows.append(row | {FINAL: float(at["capacity"])})
    columns = ["group", "from", "to", STARTED, NEW, *options, INTO, CLOSED, ENDED, FINAL]
    return pd.DataFrame(rows, columns=columns)


def bars(accounts: Sequence[pd.DataFrame], words: Words) -> list[pd.DataFrame]:
    """The accounts of plans, first year to last, as bars: columns group, step, low, high, value, kind, level.

    Every bar begins where the one before ends, ``level`` is where it ends. Steps are those in which something happens
    in any plan; the ends are called by their years where all plans have the same.
    """
    moves = [name for name in accounts[0].columns if name not in ("group", "from", "to", STARTED, FINAL)]
    happens = [name for name in moves if any(account[name].abs().max() > TINY for account in accounts)]
    spans = {(int(account["from"].min()), int(account["to"].max())) for account in accounts}
    first, last = (str(year) for year in min(spans)) if len(spans) == 1 else (words("first year"), words("last year"))
    found = []
    for account in accounts:
        rows = [
            row for group, own in account.groupby("group", sort=False) for row in _steps(group, own, happens, words)
        ]
        frame = pd.DataFrame(rows, columns=["group", "step", "low", "high", "value", "kind", "level"])
        found.append(frame.replace({"step": {STARTED: first, FINAL: last}}))
    return found


def _steps(group: str, own: pd.DataFrame, happens: Sequence[str], words: Words) -> list[tuple[Any, ...]]:
    """The bars of one family: what it starts with, what happens, what it ends with."""
    start, final = float(own[STARTED].iloc[0]), float(own[FINAL].iloc[-1])
    rows: list[tuple[Any, ...]] = [(group, STARTED, 0.0, start, start, words(STOOD), start)]
    level = start
    for name in happens:
        change = float(own[name].sum())
        low, high = sorted((level, level + change))
        level += change
        rows.append((group, _step(name, words), low, high, change, words(CAME if change >= 0 else WENT), level))
    return [*rows, (group, FINAL, 0.0, final, final, words(STOOD), final)]


def _step(name: str, words: Words) -> str:
    """What readers see at a bar; options of works say that they are works."""
    return words(name) if name in (NEW, INTO, CLOSED, ENDED) else words("works") + ": " + plain(name, words)


def _largest(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The bars of the families with most works and early closures, most first; others and quiet ones are left out."""
    quiet = [words(NEW), words(ENDED)]
    busy = frame[(frame["kind"] != words(STOOD)) & ~frame["step"].isin(quiet)]
    size = busy["value"].abs().groupby(busy["group"]).sum().sort_values(ascending=False, kind="stable")
    chosen = list(size[size > max(TINY, QUIET * size.max())].index[:MOST]) if len(size) else []
    parts = [frame[frame["group"] == group] for group in chosen]
    return pd.concat(parts, ignore_index=True) if parts else frame.iloc[:0]


def waterfall(frame: pd.DataFrame, words: Words) -> Spec:
    """Bars that begin where the one above ends, from the first planning year down to the last.

    ``frame`` as ``bars`` gives it, with a column ``plan``; every family has a row of charts, one for each plan, or two
    families stand side by side where there is one plan.
    """
    steps = list(dict.fromkeys(frame["step"]))
    own = brief(frame, PRECISE).assign(stands=frame["kind"] == words(STOOD), cell=_cells(frame, words))
    following = {name: steps[min(i + 1, len(steps) - 1)] for i, name in enumerate(steps)}
    own = own.assign(following=own["step"].map(following))
    value, kind = Axis("value", words("capacity, GW"), ",.3f"), Axis("kind", words("capacity that"))
    names = alt.Axis(ticks=False, domain=False, labelLimit=NAMES, labelPadding=6)
    base = alt.Chart().encode(y=alt.Y("step:N", sort=steps, title=None, axis=names))
    told = (("plan", "plan"), ("group", "family"), ("step", "what happens"))
    bar = base.mark_bar(height=ROW - 5).encode(
        x=alt.X("low:Q", title=value.title, axis=alt.Axis(tickCount=5, format=TICKS)),
        x2="high:Q",
        color=colour(kind, {words(name): shade for name, shade in ACCOUNT_COLOURS.items()}, legend=BELOW),
        tooltip=[*(Axis(field, words(title)).tooltip("N") for field, title in told), value.tooltip()],
    )
    link = alt.Chart().mark_rule(color=RULE, strokeDash=[2, 2])
    link = link.encode(y=alt.Y("step:N", sort=steps), y2="following:N", x="level:Q")
    number = base.mark_text(align="left", dx=4, fontSize=10, color=INK).encode(x="high:Q")
    stands = number.transform_filter("datum.stands").encode(text=alt.Text("value:Q", format=",.2f"))
    moves = number.transform_filter(f"!datum.stands && abs(datum.value) >= {SHOWN}")
    moves = moves.encode(text=alt.Text("value:Q", format="+,.2f"))
    return _arranged(alt.LayerChart(layer=[link, bar, stands, moves]), own)


def _arranged(chart: alt.LayerChart, own: pd.DataFrame) -> Spec:
    """The chart for every cell of ``own``: all plans of a family in a row on one scale, families apart."""
    groups, plans = (list(dict.fromkeys(own[column])) for column in ("group", "plan"))
    height = ROW * own["step"].nunique()
    if len(groups) * len(plans) == 1:
        return spec(chart.properties(data=own, width=WIDTH, height=height, autosize=FIT_WIDTH))
    columns = min(len(plans), IN_A_ROW) if len(plans) > 1 else COLUMNS
    gap = GAP + NUMBERS
    small = chart.properties(width=max(60, (WIDTH - NAMES - gap * columns) // columns), height=height)
    header = alt.Header(title=None, labelFontWeight="bold")
    rows = []
    for part in [own[own["group"] == group] for group in groups] if len(plans) > 1 else [own]:
        facet = alt.Facet("cell:N", sort=list(dict.fromkeys(part["cell"])), header=header)
        row = small.facet(facet=facet, columns=columns, data=part, spacing=alt.RowColnumber(row=GAP, column=gap))
        rows.append(row.resolve_scale(x="shared" if len(plans) > 1 else "independent"))
    return spec(rows[0] if len(rows) == 1 else alt.VConcatChart(vconcat=rows))


def _cells(frame: pd.DataFrame, words: Words) -> list[str]:
    """The chart in which each bar stands: of its family, of its plan, or of both where there are several of both."""
    groups = [plain(group, words) for group in frame["group"]]
    if frame["plan"].nunique() == 1:
        return groups
    if frame["group"].nunique() == 1:
        return list(frame["plan"])
    return [f"{group}: {plan}" for group, plan in zip(groups, frame["plan"], strict=True)]
