"""A result beside a table of observed figures: what was measured, what the model says, and how far they are apart.

A row of the table names its model value itself: a variable of the result (``measure``), the labels that count
(``select``), the year, and whether the sum over the year or the highest step is meant. Nothing here knows a country.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from model.system import units
from model.system.problems import InvalidStudy, Problem
from model.system.raw import ROW, read_table
from model.system.schema import QUALITIES, Table, number, text, year
from model.system.typed import Context, typed

SUM, PEAK = "sum", "peak"
"""What is made of a value that differs from step to step: its quantity over the year, or its highest rate."""

PER_YEAR = " per year"

OWN_UNIT = re.compile(r"\b([a-z]+) unit\b")
"""``commodity unit`` in the units of a variable stands for what ``commodity_unit`` tells of each label."""

OBSERVED = Table(
    "observed",
    "A figure that was observed, and the value of a result that stands for it; rows of the same item are added up.",
    ("item", "measure", "select"),
    (
        text("item", "what was observed, in words; further rows of the item are further terms of its model value"),
        text("kind", "heading it is shown under, such as peak, generation, flow, fuel or trade"),
        text("measure", "variable of the result"),
        text(
            "select",
            "which labels count: name=label|label, several joined by ;, * for any text; a name is a dimension of the "
            "variable or a text variable over one, such as technology_group or node_zone; empty: all",
            required=False,
            default="",
        ),
        text(
            "statistic",
            "quantity over the year, or highest rate of any step",
            choices=(SUM, PEAK),
            required=False,
            default=SUM,
        ),
        number("coefficient", "with what weight the row counts", "1", required=False, default=1),
        year("year", "the year of the result"),
        number(
            "value",
            "the figure, in the first row of an item; empty: the model's value is shown alone",
            "{unit}",
            required=False,
            row_unit=True,
        ),
        text("unit", "unit of the value, and of the comparison"),
        number(
            "band",
            "largest deviation that passes, as a share of the figure; empty: the figure is shown without a verdict",
            "1",
            required=False,
            above=0,
            maximum=1,
        ),
        text("source", "where the figure comes from; needed where there is one", required=False, default=""),
        text("quality", "how well it is known; needed where there is one", required=False, choices=QUALITIES),
        text("notes", "anything a reader should know", required=False, default=""),
    ),
)

COLUMNS = (
    *("item", "kind", "unit", "year", "observed", "model", "difference", "deviation", "band", "within"),
    *("source", "quality", "notes"),
)
"""Columns of a comparison: see ``compared``."""


def read_observed(path: Path) -> pd.DataFrame:
    """The rows of a table of observed figures, checked; columns as ``OBSERVED`` declares, and the row of the file.

    InvalidStudy lists every cell that cannot be used, and items whose rows disagree.
    """
    raw, problems = read_table(OBSERVED, {path.name: path} if path.exists() else {})
    if raw is None:
        raise InvalidStudy(problems)
    frame, faults = typed(raw, Context({}), {}, 0)
    if problems := [*problems, *faults]:
        raise InvalidStudy(problems)
    if disagreeing := list(_disagreeing(frame, path.name)):
        raise InvalidStudy(disagreeing)
    return frame.assign(file=path.name)


def _disagreeing(frame: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Faults of items: the first row holds the figure, the others are terms of the same kind, unit and year."""
    for item, rows in frame.groupby("item", sort=False):
        first, rest = rows.iloc[0], rows.iloc[1:]
        if np.isnan(first["value"]) and not np.isnan(first["band"]):
            yield Problem(
                file, int(first[ROW]), "value", "", "a band needs a figure", "Give it or leave the band empty."
            )
        for column in ("source", "quality"):
            if not np.isnan(first["value"]) and not first[column]:
                yield Problem(file, int(first[ROW]), column, "", f"a figure needs its {column}", "")
        for _, row in rest.iterrows():
            if not np.isnan(row["value"]) or not np.isnan(row["band"]):
                rule = f"row {first[ROW]} is the one with the figure and band of '{item}'"
                yield Problem(file, int(row[ROW]), "value", "", rule, "Leave both empty: the row is a further term.")
            for column in ("kind", "statistic", "year", "unit"):
                if row[column] != first[column]:
                    rule = f"differs from row {first[ROW]} of the same item"
                    yield Problem(file, int(row[ROW]), column, f"{row[column]}", rule, "One item has one of it.")


def compared(results: xr.Dataset, observed: pd.DataFrame) -> pd.DataFrame:
    """Every item of the table beside the value of the result, in the item's unit and the order of the table.

    Columns: item, kind, unit, year; ``observed`` and ``model``; ``difference`` (model - observed, in the unit);
    ``deviation`` (difference / observed; NaN where the figure is zero or not known); ``band`` (share; NaN: none);
    ``within`` (yes or no; empty without a band); source, quality, notes. ``results`` is a Dataset of results.nc,
    ``observed`` what ``read_observed`` gives. InvalidStudy lists every row that names what the result does not hold, or
    whose unit is of another kind.
    """
    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    for item, terms in observed.groupby("item", sort=False):
        try:
            value = _value(results, terms)
        except InvalidStudy as error:
            problems += error.problems
            continue
        rows.append(_row(str(item), terms.iloc[0], value))
    if problems:
        raise InvalidStudy(problems)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def all_within(comparison: pd.DataFrame) -> bool:
    """Whether every figure that has a band lies inside it."""
    return not (comparison["within"] == "no").any()


def _row(item: str, first: pd.Series, model: float) -> dict[str, object]:
    figure, band = float(first["value"]), float(first["band"])
    deviation = (model - figure) / abs(figure) if figure else np.nan
    within = "" if np.isnan(band) else "yes" if abs(model - figure) <= band * abs(figure) else "no"
    return {
        **{name: first[name] for name in ("kind", "unit", "source", "quality", "notes")},
        "item": item,
        "year": int(first["year"]),
        "observed": figure,
        "model": model,
        "difference": model - figure,
        "deviation": deviation,
        "band": band,
        "within": within,
    }


def _value(results: xr.Dataset, terms: pd.DataFrame) -> float:
    """The model's value of one item in the item's unit: its terms, each with its coefficient, added up."""
    found = [_term(results, row) for _, row in terms.iterrows()]
    total = np.sum(np.broadcast_arrays(*found), axis=0)
    return float(total.max()) if terms.iloc[0]["statistic"] == PEAK else float(total)


def _term(results: xr.Dataset, row: pd.Series) -> np.ndarray:
    """One row's value in its unit: a number, or one for each step if the highest step is wanted."""

    def refuse(column: str, rule: str, advice: str) -> InvalidStudy:
        return InvalidStudy([Problem(str(row["file"]), int(row[ROW]), column, str(row[column]), rule, advice)])

    measure, peak = str(row["measure"]), row["statistic"] == PEAK
    if measure not in results or results[measure].dtype.kind not in "fiu":
        raise refuse("measure", "the result has no number of that name", _known(results.data_vars))
    try:
        chosen = _chosen(results, measure, _conditions(str(row["select"])), int(row["year"]))
    except _NotThere as error:
        raise refuse(error.column, error.rule, error.advice) from None
    if peak and "step" not in chosen.dims:
        raise refuse("statistic", f"'{measure}' does not differ from step to step", f"Take '{SUM}'.")
    values = chosen.sum([dim for dim in chosen.dims if dim != "step"], skipna=False)
    if not chosen.size:
        return np.zeros(1 if peak else ())
    try:
        own = _unit(results, chosen)
        if "step" in values.dims and not peak:
            values, own = (values * results["step_hours"]).sum("step"), f"({own})*hour"
        return np.asarray(values * units.factor(own, str(row["unit"])) * float(row["coefficient"]))
    except units.UnitProblem as error:
        advice = f"'{measure}' is in {results[measure].attrs.get('units', 'no unit')}."
        raise refuse("unit", str(error), advice) from None


class _NotThere(Exception):
    """What a row asks of a result that does not hold it."""

    def __init__(self, column: str, rule: str, advice: str) -> None:
        self.column, self.rule, self.advice = column, rule, advice
        super().__init__(rule)


def _conditions(select: str) -> Mapping[str, list[str]]:
    """``a=x|y; b=z`` as names and their patterns."""
    found: dict[str, list[str]] = {}
    for part in filter(None, (part.strip() for part in select.split(";"))):
        name, equals, labels = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not labels or name in found:
            raise _NotThere("select", "must be name=label|label, each name once, joined by ;", "")
        found[name] = [label.strip() for label in labels.split("|")]
    return found


def _chosen(results: xr.Dataset, measure: str, conditions: Mapping[str, list[str]], wanted: int) -> xr.DataArray:
    """The part of a variable that a row selects.

    Every pattern must name something; but in a long table, whose rows are numbered, what is not there is zero.
    """
    variable = results[measure].reset_coords(drop=True)
    if "year" in variable.dims:
        if wanted not in results["year"].to_numpy():
            raise _NotThere("year", "is no planning year of the result", _known(results["year"].to_numpy()))
        variable = variable.sel(year=wanted, drop=True)
    keep: dict[str, np.ndarray] = {}
    for name, patterns in conditions.items():
        dim, labels = _labels(results, variable, name)
        counts = np.zeros(len(labels), dtype=bool)
        for pattern in patterns:
            hit = np.array([fnmatchcase(label, pattern) for label in labels], dtype=bool)
            if not hit.any() and not _numbered(results, dim):
                raise _NotThere("select", f"no {name} is '{pattern}'", _known(labels))
            counts |= hit
        keep[dim] = keep.get(dim, True) & counts
    return variable.isel({dim: np.flatnonzero(counts) for dim, counts in keep.items()})


def _numbered(results: xr.Dataset, dim: str) -> bool:
    return bool(results[dim].dtype.kind not in "UOS")


def _labels(results: xr.Dataset, variable: xr.DataArray, name: str) -> tuple[str, list[str]]:
    """The dim that ``name`` tells about, and its text for each label of the dim."""
    if name in variable.dims:
        return name, [str(label) for label in results[name].to_numpy()]
    if name in results and results[name].ndim == 1 and results[name].dims[0] in variable.dims:
        return str(results[name].dims[0]), [str(label) for label in results[name].to_numpy()]
    about = [
        n for n, v in results.data_vars.items() if v.ndim == 1 and v.dims[0] in variable.dims and v.dtype.kind in "UO"
    ]
    raise _NotThere("select", f"'{name}' says nothing about '{variable.name}'", _known([*variable.dims, *about]))


def _unit(results: xr.Dataset, chosen: xr.DataArray) -> str:
    """The unit of what was chosen, of quantities a year without the year; UnitProblem where labels differ in it."""
    said = str(chosen.attrs.get("units", "")).removesuffix(PER_YEAR).replace("million USD", "million_USD")
    said = said.replace(" per ", "/")
    if match := OWN_UNIT.search(said):
        own = set(_units_told(results, chosen, match[1]))
        if len(own) != 1:
            raise units.UnitProblem(f"what is selected is in {' and '.join(sorted(own)) or 'a unit not told'}")
        said = said.replace(match[0], own.pop())
    return said


def _units_told(results: xr.Dataset, chosen: xr.DataArray, dim: str) -> list[str]:
    """The unit of each label chosen on ``dim``, or of what the rows of a long table name on it."""
    rows = [name for d in chosen.dims if (name := f"{d}_{dim}") in results]
    if f"{dim}_unit" not in results or (dim not in chosen.dims and not rows):
        return []
    own = chosen[dim] if dim in chosen.dims else results[rows[0]].sel({d: chosen[d] for d in results[rows[0]].dims})
    return [str(unit) for unit in results[f"{dim}_unit"].sel({dim: own.to_numpy()}).to_numpy()]


def _known(names: Iterable[object], most: int = 12) -> str:
    """Names to choose from, for messages."""
    listed = [str(name) for name in names]
    shown = ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
    return f"There is: {shown}." if listed else "There is none."
