"""CSV files of hourly values: cells as text with their lines, times and numbers with what is wrong in them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.system.problems import InvalidStudy, Problem
from model.time.dataset import FACTORS
from model.time.reading import unreadable

Floats = npt.NDArray[np.float64]

_HEADER = re.compile(r"(?P<name>.*?)\s*(?:\[(?P<unit>[^\]]*)\])?")
_OFFSET = re.compile(r":\d\d(?:\.\d+)?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)$")
_PLAIN_TIME = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+-]\d\d(?::?\d\d)?)?$"


@dataclass(frozen=True)
class Cells:
    """A CSV file as text: comment lines are left out, ``first`` is the line of the first row."""

    file: str
    first: int
    table: pd.DataFrame
    units: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        """Names of the columns, without units."""
        return [str(name) for name in self.table.columns]

    @property
    def rows(self) -> range:
        """The line of every row."""
        return range(self.first, self.first + len(self.table))

    def times(self, column: str, zone: str, offsets: Sequence[str]) -> tuple[pd.DatetimeIndex, list[Problem]]:
        """A column of times, and those that are none or are given in another zone than ``zone``."""
        text = self.table[column].str.strip()
        plain = text.str.replace(_PLAIN_TIME, r"\1 \2", regex=True)
        hours = pd.DatetimeIndex(pd.to_datetime(plain, format="ISO8601", errors="coerce"))
        given = text.str.extract(_OFFSET, expand=False).fillna("")
        strange = np.flatnonzero(~given.isin(offsets))
        if strange.size:
            return hours, [self._told(strange, column, f"hours must be in {zone}", f"Shift them to {zone}.")]
        wrong = np.flatnonzero(hours.isna())
        if wrong.size:
            return hours, [self._told(wrong, column, "must be a time such as 2023-01-31 17:00", "Correct the cell.")]
        return hours, []

    def numbers(self, column: str, variable: str) -> tuple[Floats, list[Problem]]:
        """A column of numbers, and those that are none or impossible for the variable."""
        values: Floats = pd.to_numeric(self.table[column].str.strip(), errors="coerce").to_numpy(dtype=np.float64)
        rules = [(~np.isfinite(values), "must be a number", "Fill the gap from a neighbouring hour or year.")]
        if variable in FACTORS:
            rules.append(((values < 0) | (values > 1), "must lie between 0 and 1", "Give output over capacity."))
        elif variable in ("wind_speed", "ghi"):
            rules.append((values < 0, "must be >= 0", "Correct the values."))
        return values, [
            self._told(np.flatnonzero(wrong), column, rule, advice) for wrong, rule, advice in rules if wrong.any()
        ]

    def empty(self, column: str) -> list[Problem]:
        """Cells of a column that hold nothing."""
        places = np.flatnonzero(self.table[column].str.strip() == "")
        return [self._told(places, column, "must not be empty", "Fill the cell.")] if places.size else []

    def _told(self, places: npt.NDArray[np.intp], column: str, rule: str, advice: str) -> Problem:
        more = f" ({len(places)} rows)" if len(places) > 1 else ""
        cell = self.table[column].iloc[int(places[0])]
        return Problem(self.file, self.rows[int(places[0])], column, str(cell), rule + more, advice)


def read_cells(path: Path) -> Cells:
    """A CSV file as text; lines that begin with # are comments. InvalidStudy if it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, "cannot be read as CSV in UTF-8", "Check its name, and save it again.") from error
    while lines and not lines[-1].strip():
        lines.pop()
    start = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if start + 1 >= len(lines):
        raise unreadable(path, "holds no rows", "It is damaged or cut short: make it again.")
    header = next(csv.reader([lines[start]]))
    body = StringIO("\n".join(lines[start + 1 :]))
    options = {"header": None, "names": range(len(header)), "dtype": str, "keep_default_na": False}
    try:
        table = pd.read_csv(body, skip_blank_lines=False, **options)
    except ValueError as error:
        raise _uneven(path, len(header)) from error
    if not isinstance(table.index, pd.RangeIndex):
        raise _uneven(path, len(header))
    found = [_HEADER.fullmatch(cell.strip()) for cell in header]
    named = {match["name"]: match["unit"] for match in found if match}
    if len(named) < len(header):
        advice = "Give every column a name of its own."
        raise InvalidStudy([Problem(path.name, start + 1, "", ", ".join(header), "two columns have one name", advice)])
    units = {name: unit for name, unit in named.items() if unit is not None}
    return Cells(path.name, start + 2, table.set_axis(list(named), axis=1).fillna(""), units)


def _uneven(path: Path, width: int) -> InvalidStudy:
    return unreadable(path, "has rows of different lengths", f"Every row has {width} cells, as the header.")
