"""The ledger of goals: what is asked, what the plan reaches, whether the goal is met, and what one more unit costs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.goals import MET
from model.outputs.report.charts import FIT_WIDTH, INK, ROW, RULE, Axis, brief, colour, of_plans, spec, table_of
from model.outputs.report.colours import PLANS
from model.outputs.report.parts import WIDTH, Figure, Section, Spec, Told, Words

MET_WORD, LATE_WORD, LOST_WORD, MISSED_WORD = "met", "met later", "met, then lost", "missed"
LATER_PLAN, NOT_ASKED = "not asked in these years", ""
"""How a goal fares, in plain words."""

BOUNDS = {"min": "at least", "max": "at most"}
"""What a goal asks for, by its sense."""

MARKS = {
    MET_WORD: ("#0072B2", "circle"),
    LATE_WORD: ("#56B4E9", "triangle-up"),
    LOST_WORD: ("#E69F00", "square"),
    MISSED_WORD: ("#D55E00", "cross"),
}
"""Colour and shape of a goal that fares so."""

MOST, END = 200.0, 390.0
"""Percent of what is asked at which marks end, what reaches more stands there; and at which the texts end."""

BELOW = alt.Legend(orient="bottom", columns=2)
"""The legend in two columns, so that it stays within the width in any language."""

BORDER, FAINT = 12.0, "#E4E4E4"
"""Percent between the last marks and the texts; colour of the line along a row."""

SHORT = ",.4~r"
"""Format of numbers at goals: four significant digits, never an exponent."""

NAMES = 280
"""Pixels of the names of the goals."""


def targets(told: Sequence[Told], words: Words) -> Section | None:
    """The ledger of goals as a table and a chart of what is reached against what is asked; None without goals."""
    asked = [plan for plan in told if "target_value" in plan.results and plan.results.sizes.get("target", 0)]
    if not asked:
        return None
    table = of_plans(asked, [ledger(plan.results, words) for plan in asked])
    prices = [name for name in ("price", "point_price") if table[name].notna().any()]
    headings = {
        "plan": "plan",
        "goal": "goal",
        "goal_year": "set for",
        "unit": "unit",
        "year": "year",
        "bound": "asks for",
        "asked": "asked",
        "reached": "reached",
        "slack": "slack",
        "status": "met or missed",
        "met_in": "met in",
        "price": f"marginal cost, million {_currency(asked)} per unit and year",
        "point_price": f"marginal cost, million {_currency(asked)} per percentage point and year",
    }
    shown = {name: words(text) for name, text in headings.items() if "price" not in name or name in prices}
    figure = Figure(
        "targets",
        words("Goals of the plan"),
        words(
            "Each goal in the first planning year that asks for it. Slack is what is to spare; negative: what is "
            "missing. A goal is met in the first planning year from which it holds on. The marginal cost is what one "
            "more unit of the goal would cost a year; zero where the goal does not bind. In the chart the line at 100 "
            "percent is what is asked; goals that are kept by a difference, or that set no positive number, have no "
            "share and tell the difference instead."
        ),
        table_of(table, shown),
        _chart(table, words),
        digits=2,
        open=True,
    )
    return Section("targets", words("Goals"), _summary(table, words), (figure,))


def _currency(told: Sequence[Told]) -> str:
    return str(told[0].results.attrs.get("currency", "USD"))


def _summary(table: pd.DataFrame, words: Words) -> str:
    """How many goals are met in the year that asks for them, and in every later year too, for each plan."""
    texts = []
    for plan, own in table.groupby("plan", sort=False):
        asked = own[own["first"].notna()]
        counts = {
            "goals met in the year that asks for them": int(asked["first"].sum()),
            "goals met in every year that asks for them": int((asked["status"] == words(MET_WORD)).sum()),
        }
        told = "; ".join(f"{words(text)}: {count} / {len(asked)}" for text, count in counts.items())
        texts.append(f"{told}." if table["plan"].nunique() == 1 else f"{plan}: {told}.")
    return " ".join(text[0].upper() + text[1:] for text in texts)


def ledger(results: xr.Dataset, words: Words) -> pd.DataFrame:
    """One row per goal, as the first planning year that asks for it shows it.

    Columns: target, goal, sense, bound (its word), goal_year, unit, year, asked, reached, slack, first (1.0: met in
    that year), status (a word), met_in (a year as text, empty if never), price (million per unit and year), point_price
    (million per percentage point and year, of shares). Numbers are empty for goals set for later than the plan reaches.
    """
    goals = results[[name for name, variable in results.data_vars.items() if "target" in variable.dims]]
    rows = [_row(goals.isel(target=i), words) for i in range(goals.sizes["target"])]
    return pd.DataFrame(rows).astype({"year": "Int64"})


def _row(goal: xr.Dataset, words: Words) -> dict[str, object]:
    """A goal of the ledger."""
    row: dict[str, object] = {
        "target": str(goal["target"].item()),
        "goal": words(str(goal["target_name"].item())),
        "sense": (sense := str(goal["target_sense"].item())),
        "bound": words(BOUNDS[sense]),
        "goal_year": int(goal["target_goal_year"]),
        "unit": words(str(goal["target_unit"].item())),
    }
    required = goal["target_required"].to_numpy().astype(float)
    asked = np.flatnonzero(~np.isnan(required))
    if not asked.size:
        empty = dict.fromkeys(("year", "asked", "reached", "slack", "first", "price", "point_price"), np.nan)
        return row | empty | {"status": words(LATER_PLAN), "met_in": ""}
    missing = goal["target_shortfall"].to_numpy().astype(float)
    held = ~(missing > MET * np.maximum(1.0, np.abs(required)))[asked]
    at = goal.isel(year=int(asked[0]))
    names = {"asked": "required", "reached": "value", "slack": "slack", "price": "price", "point_price": "point_price"}
    met_year = int(goal["target_year_met"])
    held_years = goal["year"].to_numpy()[asked][held]
    return (
        row
        | {"year": int(at["year"])}
        | {name: float(at[f"target_{variable}"]) for name, variable in names.items()}
        | {"first": float(held[0]), "status": words(_status(held)), "met_in": _met_in(met_year, held_years)}
    )


def _status(held: np.ndarray) -> str:
    """How a goal fares over the years that ask for it."""
    if held.all():
        return MET_WORD
    if held[0]:
        return LOST_WORD
    return LATE_WORD if held.any() else MISSED_WORD


def _met_in(met_year: int, held: np.ndarray) -> str:
    """The year from which a goal holds on; of one that is lost again, the years in which it holds."""
    if met_year:
        return str(met_year)
    if not held.size:
        return ""
    return f"{held[0]}" if held.size == 1 else f"{held[0]}–{held[-1]}"


def _chart(table: pd.DataFrame, words: Words) -> Spec | None:
    """What is reached against what is asked, percent, one row per goal; None where nothing is asked.

    Of several plans only goals that have a share are drawn.
    """
    asked = table[table["asked"].notna()]
    if table["plan"].nunique() > 1:
        asked = asked[asked["asked"] > 0]
    if asked.empty:
        return None
    share = (100 * asked["reached"] / asked["asked"]).where(asked["asked"] > 0)
    drawn = asked.assign(share=share.clip(0.0, MOST))
    columns = ["plan", "goal", "unit", "year", "asked", "reached", "slack", "status", "sense", "share"]
    own = brief(drawn[columns].reset_index(drop=True), digits=4)
    goals = list(dict.fromkeys(own["goal"]))
    plans = list(dict.fromkeys(own["plan"]))
    base = alt.Chart().encode(
        y=alt.Y("goal:N", sort=goals, title=None, axis=alt.Axis(labelLimit=NAMES, ticks=False)),
        tooltip=[
            Axis("plan", words("plan")).tooltip("N"),
            Axis("goal", words("goal")).tooltip("N"),
            Axis("year", words("year")).tooltip("O"),
            Axis("asked", words("asked"), SHORT).tooltip(),
            Axis("reached", words("reached"), SHORT).tooltip(),
            Axis("unit", words("unit")).tooltip("N"),
            Axis("status", words("met or missed")).tooltip("N"),
        ],
    )
    if len(plans) > 1:
        base = base.encode(yOffset=alt.YOffset("plan:N", sort=plans))
    layers = [*_lines(base), _points(base, plans, words), *([_texts(base, words)] if len(plans) == 1 else [])]
    step = ROW if len(plans) == 1 else max(ROW, 9 * len(plans))
    height = step * len(goals)
    return spec(alt.LayerChart(layer=layers, data=own).properties(width=WIDTH, height=height, autosize=FIT_WIDTH))


def _points(base: alt.Chart, plans: list[str], words: Words) -> alt.Chart:
    """A mark for every goal that has a share: its shape says how the goal fares, its colour too, or the plan."""
    fares = {words(name): mark for name, mark in MARKS.items()}
    shapes = alt.Scale(domain=list(fares), range=[shape for _, shape in fares.values()])
    status = Axis("status", words("the goal is"))
    if len(plans) > 1:
        shades = {name: PLANS[i % len(PLANS)] for i, name in enumerate(plans)}
        told = colour(Axis("plan", words("plan")), shades, alt.Legend(orient="top"))
    else:
        told = colour(status, {name: shade for name, (shade, _) in fares.items()}, BELOW)
    chart: alt.Chart = base.mark_point(filled=True, size=55, opacity=1).encode(
        x=_percent(words("reached, percent of what is asked"), texts=len(plans) == 1),
        shape=alt.Shape("status:N", title=status.title, scale=shapes, legend=BELOW),
        color=told,
    )
    return chart


def _percent(title: str, texts: bool) -> alt.X:
    """Percent of what is asked, with room for ``texts`` at the right."""
    scale = alt.Scale(domain=[0, END if texts else MOST + BORDER], nice=False)
    return alt.X("share:Q", title=title, scale=scale, axis=alt.Axis(values=[0, 50, 100, 150, 200], grid=False))


def _lines(base: alt.Chart) -> list[alt.Chart]:
    """A faint line along every row, and a line at what is asked."""
    row = base.mark_rule(color=FAINT).encode(x=alt.XDatum(0), x2=alt.X2Datum(MOST))
    return [row, alt.Chart().mark_rule(color=RULE, strokeWidth=1.5).encode(x=alt.XDatum(100))]


def _texts(base: alt.Chart, words: Words) -> alt.Chart:
    """What is reached and asked with the unit, at the right of each row, as the language writes numbers.

    A goal that has no share tells how it fares, and what is to spare or missing.
    """
    share = f"{_number('reached')} + ' / ' + (datum.sense == 'max' ? '≤ ' : '') + {_number('asked')}"
    kinds = ", ".join(json.dumps(words(text)) for text in ("missing", "to spare"))
    kind = f"[{kinds}][datum.slack < 0 ? 0 : 1]"
    difference = f"datum.status + (datum.slack ? ', ' + {kind} + ': ' + {_number('abs(datum.slack)')} : '')"
    unit = "(datum.asked > 0 || datum.slack ? ' ' + datum.unit : '')"
    chart: alt.Chart = (
        base.transform_calculate(label=f"(datum.asked > 0 ? {share} : {difference}) + {unit}")
        .mark_text(align="left", fontSize=10, color=INK)
        .encode(x=alt.XDatum(MOST + BORDER), text=alt.Text("label:N"))
    )
    return chart


def _number(value: str) -> str:
    """A Vega expression that writes a number with few digits and without an exponent."""
    told = value if "(" in value else f"datum.{value}"
    return f"format({told}, '{SHORT}')"
