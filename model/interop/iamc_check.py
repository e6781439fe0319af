"""A check of tables in the format of the Integrated Assessment Modeling Consortium."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

COLUMNS = ["Model", "Scenario", "Region", "Variable", "Unit"]
SUMMED = (
    "Capacity|Electricity",
    "Capacity Additions|Electricity",
    "Secondary Energy|Electricity",
    "Primary Energy",
    "Cost|Energy System",
    "Annualised Investment|Energy Supply|Electricity",
)
"""Variables that are the sum of those below them, at every depth."""

NO_SUMS = ("Price|",)
"""Variables of a region that are no sum over its own regions."""

TOLERANCE = 1e-6
"""Rest of a sum that is let by, as a share of its largest part."""

_PART = re.compile(r"[^|\s](?:[^|\n]*[^|\s])?")
_UNIT = re.compile(r"GW(?:/yr)?|EJ/yr|Mt CO2/yr|(?:million )?[A-Z]{3}_\d{4}/(?:yr|MWh|t CO2)")
_YEAR = re.compile(r"[12]\d{3}")


def check_iamc(frame: pd.DataFrame) -> list[str]:
    """What breaks the format, in words; empty if nothing does.

    Checks the columns, names made of parts between pipes, units and one of them per variable, rows told twice, numbers
    that are not finite, variables that are not the sum of those below them, and countries that are not the sum of their
    regions.
    """
    heads = [str(column) for column in frame.columns]
    years = heads[len(COLUMNS) :]
    if heads[: len(COLUMNS)] != COLUMNS:
        return [f"the columns begin with {', '.join(heads[: len(COLUMNS)])} instead of {', '.join(COLUMNS)}"]
    if not years or not all(map(_YEAR.fullmatch, years)) or years != sorted(set(years)):
        return [f"the columns after {COLUMNS[-1]} are no years in order: {', '.join(years)}"]
    table = frame.set_axis(heads, axis=1)
    problems = [*_names(table), *_twice(table), *_numbers(table, years)]
    return problems or [*_below(table, years), *_regions(table, years)]


def _names(table: pd.DataFrame) -> Iterator[str]:
    for column in ("Model", "Scenario", "Region", "Variable"):
        for name in dict.fromkeys(table[column].astype(str)):
            if not all(map(_PART.fullmatch, name.split("|"))):
                yield f"{column} {name!r} has an empty part or blanks at the end of one"
    for variable, units in table.groupby("Variable", sort=False)["Unit"]:
        told = sorted(set(units.astype(str)))
        if len(told) > 1:
            yield f"{variable} has several units: {', '.join(told)}"
        yield from (f"{variable} has the unit {unit!r}, which is none" for unit in told if not _UNIT.fullmatch(unit))


def _twice(table: pd.DataFrame) -> Iterator[str]:
    again = table[table.duplicated(COLUMNS[:4])]
    yield from (f"{row.Variable} is told twice for {row.Region}" for row in again.itertuples())


def _numbers(table: pd.DataFrame, years: list[str]) -> Iterator[str]:
    values = table[years].to_numpy()
    if values.dtype.kind not in "fi":
        yield "not all columns of years are numbers"
        return
    for place in np.flatnonzero(np.isinf(values).any(axis=1) | np.isnan(values).all(axis=1)):
        row = table.iloc[place]
        yield f"{row['Variable']} of {row['Region']} has a number without end, or none"


def _below(table: pd.DataFrame, years: list[str]) -> Iterator[str]:
    """Variables that differ from the sum of those one part longer."""
    for key, rows in table.groupby(["Model", "Scenario", "Region"], sort=False):
        values = dict(zip(rows["Variable"], rows[years].to_numpy(dtype=float), strict=True))
        above: dict[str, list[np.ndarray]] = {}
        for variable, own in values.items():
            parent = str(variable).rpartition("|")[0]
            if any(parent == top or parent.startswith(f"{top}|") for top in SUMMED):
                above.setdefault(parent, []).append(own)
        for parent, parts in above.items():
            if parent not in values:
                yield f"{parent} of {key[2]} is not told, though its parts are"
            elif not _sums_to(parts, values[parent]):
                yield f"{parent} of {key[2]} is not the sum of its parts"


def _regions(table: pd.DataFrame, years: list[str]) -> Iterator[str]:
    """Variables of a region that differ from the sum over the regions one part longer."""
    for key, rows in table.groupby(["Model", "Scenario", "Variable"], sort=False):
        if str(key[2]).startswith(NO_SUMS):
            continue
        values = dict(zip(rows["Region"], rows[years].to_numpy(dtype=float), strict=True))
        parts: dict[str, list[np.ndarray]] = {}
        for region, own in values.items():
            parts.setdefault(str(region).rpartition("|")[0], []).append(own)
        for region, own in parts.items():
            if region and not _sums_to(own, values.get(region, np.zeros(len(years)))):
                yield f"{key[2]} of {region} is not the sum of its regions"


def _sums_to(parts: list[np.ndarray], whole: np.ndarray) -> bool:
    """Whether parts come to a whole, year by year; a year that is empty must be so in all of them."""
    together = np.array(parts)
    largest = np.abs(np.nan_to_num(together)).max(axis=0)
    return bool(np.isclose(together.sum(axis=0), whole, rtol=0, atol=TOLERANCE * largest.max(), equal_nan=True).all())
