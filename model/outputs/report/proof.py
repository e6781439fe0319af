"""Why a plan can be believed, and what it was made of: certificate, fidelity checks, inputs and versions.

Needs the optional extra ``report`` (altair).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.report.charts import AXIS, GAP, Axis, brief, colour, of_plans, spec, table_of
from model.outputs.report.colours import PLANS
from model.outputs.report.parts import WIDTH, Figure, Section, Spec, Told, Words
from model.solve.optimality import FEASIBILITY
from model.time.calendar import day_name

MILLION = 1e6

SHORT_DIGEST = 12
"""Letters of a digest that are shown."""

MANY = 40
"""Rows from which a table is not shown at once."""

COLUMNS, PANEL_HEIGHT = 3, 110
"""Small charts in a row, and pixels of their height."""

CERTIFIED = (
    "Certified means that the numbers themselves prove the plan, not the word of the solver. From the matrix and the "
    "dual values a bound is computed that no feasible plan can beat; the gap is how far above it the cost of this plan "
    "lies. Every limit is checked in its own unit, and balances, limits, accounts, costs and goals are computed once "
    "more from the inputs, by code that shares nothing with the equations. A plan that fails either is not written."
)

CHECKED = (
    "One year of the plan run through every hour of a weather year, week by week, with what the plan has built. The "
    "plan is good if this costs about as much and leaves as little demand unserved as the plan says."
)

SEEN = 0.1
"""GWh a day from which a day counts as one with unserved demand."""

WORST = 5
"""Days with most unserved demand that are told."""

Row = tuple[str, Callable[[Mapping[str, Any]], Any]]
"""What a row is called, and what it says of a plan's attributes; None where they do not tell it."""


def proof(told: Sequence[Told], words: Words) -> Section | None:
    """The certificate, and fidelity checks where there are some; None for results without a certificate."""
    proved = [plan for plan in told if "certificate_gap" in plan.results.attrs]
    if not proved:
        return None
    figures = [certificate(proved, words)]
    if checked := [plan for plan in told if "fidelity_cost_error" in plan.results]:
        figures += [fidelity(checked, words), fidelity_costs(checked, words), *fidelity_stores(checked, words)]
    return Section("proof", words("Why this plan can be believed"), words(CERTIFIED), figures)


def provenance(told: Sequence[Told], words: Words) -> Section | None:
    """Study, settings, changes, files and versions; None for results that do not tell their study."""
    told = [plan for plan in told if "study" in plan.results.attrs]
    if not told:
        return None
    figures = [about(told, words)]
    for make in (changes, inputs, assumptions, versions):
        if (figure := make(told, words)) is not None:
            figures.append(figure)
    text = "What is needed to make the same plan again."
    return Section("provenance", words("Where it comes from"), words(text), figures)


def certificate(told: Sequence[Told], words: Words) -> Figure:
    """What was proved of each plan, and of how large a program."""
    rows: list[Row] = [
        ("result", lambda a: words("certified") if certified(a) else words("not certified")),
        ("objective, million USD, present value", lambda a: _divided(a, "objective", MILLION)),
        ("gap that is proved", lambda a: _small(a, "certificate_gap")),
        ("gap that was asked", lambda a: _small(a, "wanted_gap")),
        ("a plan may be cheaper by at most, USD", slack),
        ("largest violation of a row or bound", lambda a: _small(a, "certificate_primal")),
        ("largest wrong sign of a dual value", lambda a: _small(a, "certificate_dual")),
        ("largest violation as recomputed from the inputs", lambda a: _small(a, "physical_violation")),
        ("rows", lambda a: _whole(a, "rows")),
        ("columns", lambda a: _whole(a, "columns")),
        ("nonzeros", lambda a: _whole(a, "nonzeros")),
        ("solver", lambda a: a.get("solver")),
        ("iterations", lambda a: _whole(a, "solver_iterations")),
        ("passes", lambda a: len(json.loads(a["passes"])) if "passes" in a else None),
        ("seconds to build", lambda a: _divided(a, "seconds_build", 1)),
        ("seconds to solve", lambda a: _divided(a, "seconds_solve", 1)),
        ("seconds to certify", lambda a: _divided(a, "seconds_certify", 1)),
    ]
    text = "Gap and violations are relative, without unit. The verify command repeats the proof."
    table = _by_plan(told, rows, words)
    return Figure("certificate", words("The certificate"), words(text), table, digits=1, open=True)


def certified(attributes: Mapping[str, Any]) -> bool:
    """Whether what is proved is within what was asked; only certified plans are written."""
    violations = [abs(float(attributes.get(f"certificate_{side}", 0.0))) for side in ("primal", "dual")]
    within = abs(float(attributes["certificate_gap"])) <= float(attributes.get("wanted_gap", np.inf))
    return within and max(violations) <= FEASIBILITY


def slack(attributes: Mapping[str, Any]) -> float | None:
    """By how much a plan can at most be cheaper, USD of present value; None where the objective is not told."""
    if "objective" not in attributes:
        return None
    gap, objective = float(attributes["certificate_gap"]), float(attributes["objective"])
    return max(0.0, gap) * max(MILLION, abs(objective))


def _divided(attributes: Mapping[str, Any], name: str, by: float) -> float | None:
    return float(attributes[name]) / by if name in attributes else None


def _whole(attributes: Mapping[str, Any], name: str) -> int | None:
    return int(attributes[name]) if name in attributes else None


def _small(attributes: Mapping[str, Any], name: str) -> str | None:
    return f"{float(attributes[name]):.1e}" if name in attributes else None


def _by_plan(told: Sequence[Told], rows: Sequence[Row], words: Words) -> pd.DataFrame:
    """A column for every plan; rows of which no plan tells anything are left out."""
    found = {words(name): [tell(plan.results.attrs) for plan in told] for name, tell in rows}
    kept = {name: values for name, values in found.items() if any(value is not None for value in values)}
    heads = [plan.name for plan in told]
    frame = pd.DataFrame.from_dict(kept, orient="index", columns=heads, dtype=object)
    return frame.rename_axis(" ").reset_index()


def fidelity(told: Sequence[Told], words: Words) -> Figure:
    """A column for every check: cost as planned and dispatched, unserved demand, drift of stores."""
    columns = {}
    for plan, check in _checks(told):
        own = plan.results.sel(fidelity=check)
        planned, dispatched = (float(own[f"fidelity_cost_{name}"].sum()) for name in ("planned", "dispatched"))
        missed = json.loads(plan.results.attrs.get("fidelity_missed", "{}")).get(check, {})
        columns[f"{plan.name}: {check}" if len(told) > 1 else check] = {
            words("cost planned, million USD"): planned,
            words("cost dispatched, million USD"): dispatched,
            words("difference, % of spending"): float(own["fidelity_cost_error"]) * 100,
            words("unserved, GWh"): float(own["fidelity_unserved"]),
            words("unserved as planned, GWh"): float(own["fidelity_unserved_planned"]),
            words("unserved, % of demand, worst commodity"): float(own["fidelity_unserved_share"]) * 100,
            words("hours with unserved demand"): float(own["fidelity_unserved_hours"]),
            words("unserved at worst, GW"): float(own["fidelity_unserved_peak"]),
            words("worst days, GWh"): _worst_days(own["fidelity_unserved_by_day"].to_numpy()) or words("none"),
            words("largest difference of a store's level, % of its size"): float(own["fidelity_drift"]) * 100,
            words("limits missed"): "; ".join(f"{name} {value:,.2f}" for name, value in missed.items())
            or words("none"),
        }
    table = pd.DataFrame(columns, dtype=object).rename_axis(" ").reset_index()
    return Figure("fidelity", words("Every hour of a year"), words(CHECKED), table, digits=2, open=True)


def _worst_days(unserved: np.ndarray) -> str:
    """The days with most unserved demand, worst first, with GWh."""
    worst = np.argsort(-unserved, kind="stable")[:WORST]
    return "; ".join(f"{day_name(int(day))} {unserved[day]:,.1f}" for day in worst if unserved[day] > SEEN)


def _checks(told: Sequence[Told]) -> list[tuple[Told, str]]:
    return [(plan, str(check)) for plan in told for check in plan.results["fidelity"].to_numpy()]


def fidelity_costs(told: Sequence[Told], words: Words) -> Figure:
    """Cost of the year by kind, as planned and as dispatched."""
    rows = []
    for plan, check in _checks(told):
        own = plan.results.sel(fidelity=check)
        for kind in own["cost_kind"].to_numpy():
            planned, dispatched = (
                float(own[f"fidelity_cost_{name}"].sel(cost_kind=kind)) for name in ("planned", "dispatched")
            )
            if max(abs(planned), abs(dispatched)) > 0:
                rows.append((plan.name, check, words(str(kind).replace("_", " ")), planned, dispatched))
    frame = pd.DataFrame(rows, columns=["plan", "check", "kind", "planned", "dispatched"])
    frame["difference"] = frame["dispatched"] - frame["planned"]
    heads = {"plan": "plan", "check": "check", "kind": "kind of cost", "planned": "planned", "dispatched": "dispatched"}
    table = table_of(frame, {name: words(text) for name, text in (heads | {"difference": "difference"}).items()})
    text = words("Million USD of the year that was checked.")
    return Figure("fidelity-costs", words("Cost of that year by kind"), text, table)


def fidelity_stores(told: Sequence[Told], words: Words) -> list[Figure]:
    """Levels of seasonal stores through the year, and what the plan foresaw of them; none without such stores."""
    parts = [_levels(plan.results) for plan in told if "seasonal_store" in plan.results.dims]
    if not parts or all(part.empty for part in parts):
        return []
    frame = of_plans([plan for plan in told if "seasonal_store" in plan.results.dims], parts)
    heads = {"plan": "plan", "check": "check", "store": "store", "week": "week"}
    values = {"level": "as dispatched", "foreseen": "as planned"}
    table = table_of(frame, {name: words(text) for name, text in (heads | values).items()})
    text = "What seasonal stores hold as each week begins, in the unit of what they keep."
    drawn = _level_chart(frame, words)
    return [Figure("fidelity-stores", words("Levels of seasonal stores"), words(text), table, drawn, digits=2)]


def _levels(results: xr.Dataset) -> pd.DataFrame:
    """``check, store, week, level, foreseen``; stores that a check lacks are left out."""
    dims = ("fidelity", "seasonal_store", "week")
    names = {"level": "fidelity_level", "foreseen": "fidelity_level_foreseen"}
    told = {name: results[variable].transpose(*dims).to_series() for name, variable in names.items()}
    frame = pd.DataFrame(told).dropna().reset_index()
    return frame.rename(columns={"fidelity": "check", "seasonal_store": "store"})


def _level_chart(frame: pd.DataFrame, words: Words) -> Spec:
    """A small chart for every store and check, each on its own scale: two lines."""
    several = frame[["plan", "check"]].drop_duplicates().shape[0] > 1
    names = {"level": words("as dispatched"), "foreseen": words("as planned")}
    own = frame.rename(columns=names).melt(["plan", "check", "store", "week"], list(names.values()), "told", "value")
    own["panel"] = [
        f"{store}: {plan}, {check}" if several else store
        for plan, check, store in zip(own["plan"], own["check"], own["store"], strict=True)
    ]
    panels = list(dict.fromkeys(own["panel"]))
    columns = min(COLUMNS, len(panels))
    width = (WIDTH - columns * AXIS) // columns
    colours = dict(zip(names.values(), PLANS, strict=False))
    legend = alt.Legend(title=None, orient="bottom")
    dashes = alt.Scale(domain=list(names.values()), range=[[1, 0], [5, 3]])
    lines = (
        alt.Chart()
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("week:Q", title=words("week"), scale=alt.Scale(domain=[1, int(own["week"].max())], nice=False)),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4)),
            color=colour(Axis("told", ""), colours, legend=legend),
            strokeDash=alt.StrokeDash("told:N", scale=dashes, legend=legend),
            tooltip=[Axis("panel", " ").tooltip("N"), Axis("told", " ").tooltip("N"), Axis("value", " ").tooltip()],
        )
        .properties(width=width, height=PANEL_HEIGHT)
    )
    header = alt.Header(title=None, labelFontWeight="bold", labelLimit=width + AXIS)
    facet = alt.Facet("panel:N", sort=panels, title=None, header=header)
    data = brief(own[["panel", "week", "told", "value"]], 4)
    chart = lines.facet(facet=facet, columns=columns, data=data, spacing=GAP)
    return spec(chart.resolve_scale(y="independent"))


def about(told: Sequence[Told], words: Words) -> Figure:
    """Study, scenario, time and digests of each plan."""
    rows: list[Row] = [
        ("study", lambda a: a.get("study")),
        ("title", lambda a: a.get("title")),
        ("scenario", lambda a: a.get("scenario")),
        ("what the scenario is", lambda a: a.get("scenario_title")),
        ("resolution", lambda a: a.get("resolution")),
        ("time in the model", lambda a: a.get("time")),
        ("currency and price year", lambda a: f"{a['currency']}, {a['price_year']}" if "currency" in a else None),
        ("made on", lambda a: a.get("date_created")),
        (
            "digest of the equations",
            lambda a: str(a["equations_digest"])[:SHORT_DIGEST] if "equations_digest" in a else None,
        ),
        ("name of the solution", lambda a: a.get("solution_id")),
    ]
    table = _by_plan(told, rows, words)
    return Figure("about", words("Study and scenario"), "", table, open=True)


def changes(told: Sequence[Told], words: Words) -> Figure | None:
    """Cells of the tables that the scenario or the command line changed; None where nothing was."""
    rows = [
        (plan.name, f"{file}:{row}" if row else str(file), column, before, after)
        for plan in told
        for file, row, column, before, after in json.loads(plan.results.attrs.get("changes", "[]"))
    ]
    given = [
        (plan.name, f"--set {path}={value}")
        for plan in told
        for path, value in json.loads(plan.results.attrs.get("overrides", "[]"))
    ]
    if not rows and not given:
        return None
    frame = pd.DataFrame(rows, columns=["plan", "place", "column", "before", "after"])
    heads = {"place": "file and row", "column": "column", "before": "before", "after": "after"}
    shown = (["plan"] if len(told) > 1 else []) + list(heads)
    table = frame[shown].rename(columns={name: words(text) for name, text in ({"plan": "plan"} | heads).items()})
    text = words("What differs from the tables of the study.")
    if given:
        said = "; ".join(f"{name}: {setting}" if len(told) > 1 else setting for name, setting in given)
        text = f"{text} {words('Set on the command line:')} {said}."
    return Figure("changes", words("Changes to the tables"), text, table, digits=3, open=len(table) <= MANY)


def _counted(told: Sequence[Told], attribute: str, heads: str, words: Words) -> pd.DataFrame:
    """A JSON object of each plan as a table: its keys in rows, a column for every plan."""
    columns = {plan.name: json.loads(plan.results.attrs.get(attribute, "{}")) for plan in told}
    keys = dict.fromkeys(key for own in columns.values() for key in own)
    table = pd.DataFrame({name: [own.get(key) for key in keys] for name, own in columns.items()}, dtype=object)
    table.insert(0, words(heads), list(keys))
    return table


def inputs(told: Sequence[Told], words: Words) -> Figure | None:
    """Every file that was read, with the beginning of its digest (SHA-256)."""
    table = _counted(told, "input_digests", "file", words)
    if table.empty:
        return None
    for plan in told:
        table[plan.name] = [value and str(value)[:SHORT_DIGEST] for value in table[plan.name]]
    text = words("Files of the study and the beginning of their SHA-256 digests.")
    return Figure("inputs", words("Input files"), text, table, open=len(table) <= MANY)


def assumptions(told: Sequence[Told], words: Words) -> Figure | None:
    """How many rows of each table are assumptions, as their source column says."""
    table = _counted(told, "assumptions", "table", words)
    if table.empty:
        return None
    text = words("Rows of the input tables that are marked as assumptions, not as taken from a source.")
    return Figure("assumptions", words("Assumptions"), text, table, digits=0, open=len(table) <= MANY)


def versions(told: Sequence[Told], words: Words) -> Figure | None:
    """Versions of what computed the plan."""
    table = _counted(told, "versions", "library", words)
    return None if table.empty else Figure("versions", words("Versions"), "", table, open=True)
