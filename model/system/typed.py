"""Tables of text to typed tables in the product's units; every cell that cannot be used becomes a Problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.system import units
from model.system.problems import Problem
from model.system.raw import FILE, ROW, RawTable
from model.system.schema import Column, Table

Floats = npt.NDArray[np.float64]

LARGEST = 1e12
"""Beyond this a number is a slip of the hand, and no solver can use it."""

_NO_UNIT_NEEDED = ("1", "degree")


class Context:
    """What units of a row depend on: its technology, its commodity, its quantity."""

    def __init__(self, raw: Mapping[str, RawTable]) -> None:
        self._capacity = _units_of(raw, "technologies", "technology", "capacity_unit")
        self._commodity = _units_of(raw, "commodities", "commodity", "unit")
        self._link = (
            dict(zip(raw["links"].texts("link"), raw["links"].texts("technology"), strict=True))
            if "links" in raw
            else {}
        )
        self._heat = _heat_contents(raw, self._commodity)

    def factor(self, raw: RawTable, place: int, unit: str, target: str) -> float:
        """By what the number of a row is multiplied; energy counts as the commodity that holds it.

        A commodity with a heat content may be given in units of energy wherever its own unit is wanted. UnitProblem if
        the units measure different things.
        """
        try:
            return units.factor(unit, target)
        except units.UnitProblem:
            name = raw.texts("commodity")[place] if "commodity" in raw.table.names() else ""
            if name not in self._heat:
                raise
            own = self._commodity[name]
            for energy, amount in (
                (f"({unit})*TWh/({own})", self._heat[name]),
                (f"({unit})*({own})/TWh", 1 / self._heat[name]),
            ):
                try:
                    return units.factor(energy, target) * amount
                except units.UnitProblem:
                    continue
            raise

    def targets(self, raw: RawTable, templates: Sequence[str]) -> list[str]:
        """The unit each row's number is wanted in, its template filled; a ``{`` is left where it cannot be told."""
        wanted = list(templates)
        if not any("{" in template for template in templates):
            return wanted
        if any("{quantity}" in template for template in templates):
            known = {quantity.name: quantity.unit for quantity in raw.table.quantities}
            wanted = [
                known.get(quantity, text) if "{quantity}" in text else text
                for quantity, text in zip(raw.texts("quantity"), wanted, strict=True)
            ]
        names = raw.table.names()
        key = next((name for name in ("technology", "to_technology", "link") if name in names), None)
        if key:
            technology = [self._link.get(text, text) for text in raw.texts(key)] if key == "link" else raw.texts(key)
            capacity = [self._capacity.get(name) for name in technology]
            wanted = _filled(wanted, "{capacity}", capacity)
            wanted = _filled(
                wanted, "{activity}", [None if unit is None else units.activity_unit(unit) for unit in capacity]
            )
        if "commodity" in names:
            unit = [self._commodity.get(commodity) for commodity in raw.texts("commodity")]
            wanted = _filled(wanted, "{commodity}", unit)
            wanted = _filled(wanted, "{rate}", [None if own is None else units.rate_unit(own) for own in unit])
        if "unit" in names:
            wanted = _filled(wanted, "{unit}", [unit if units.is_known(unit) else None for unit in _said_units(raw)])
        return wanted


def _filled(wanted: Iterable[str], mark: str, values: Iterable[str | None]) -> list[str]:
    return [
        text if value is None or mark not in text else text.replace(mark, value)
        for text, value in zip(wanted, values, strict=True)
    ]


def _units_of(raw: Mapping[str, RawTable], table: str, key: str, column: str) -> dict[str, str]:
    """The unit of each key, where it is one that can be read."""
    if table not in raw:
        return {}
    found = raw[table]
    default = str(found.table.column(column).default or "")
    given = {name: unit or default for name, unit in zip(found.texts(key), found.texts(column), strict=True)}
    return {name: unit for name, unit in given.items() if unit and units.is_known(unit)}


def _heat_contents(raw: Mapping[str, RawTable], commodity: Mapping[str, str]) -> dict[str, float]:
    """TWh in one unit of each commodity that says so, where its number and unit can be read."""
    if "commodities" not in raw:
        return {}
    table = raw["commodities"]
    found = {}
    for name, text, file in zip(table.texts("commodity"), table.texts("heat_content"), table.files, strict=True):
        own, said = commodity.get(name), table.header_units[file].get("heat_content", "")
        try:
            number = _number(text) * units.factor(said.replace("{unit}", own or ""), f"TWh/({own})")
        except units.UnitProblem:
            continue
        if number > 0:
            found[name] = number
    return found


def _said_units(raw: RawTable, column: str = "unit") -> list[str]:
    """The unit that each row names, else the header of the row's file, else the default of the unit column."""
    default = str(raw.table.column("unit").default or "")
    header = {file: said.get(column, default) for file, said in raw.header_units.items()}
    return [unit or header[file] for unit, file in zip(raw.texts("unit"), raw.files, strict=True)]


@dataclass(frozen=True)
class _Reading:
    """A table on its way from text to numbers, with the problems found so far."""

    raw: RawTable
    context: Context
    problems: list[Problem]

    def tell(self, column: str, wrong: npt.NDArray[np.bool_], rule: str, advice: str = "") -> None:
        """A Problem for each row of ``wrong``."""
        places = np.flatnonzero(wrong)
        if places.size:
            files, lines, texts = self.raw.files, self.raw.lines, self.raw.texts(column)
            self.problems.extend(Problem(files[i], lines[i], column, texts[i], rule, advice) for i in places.tolist())


def typed(
    raw: RawTable, context: Context, price_index: Mapping[int, float], price_year: int
) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with numbers as floats in the product's units and money of ``price_year``.

    Absent numbers are NaN, absent texts are empty. Problems name cells that are no number, out of bounds, not among the
    choices, or whose unit or price year cannot be converted.
    """
    reading = _Reading(raw, context, [])
    deflator = _deflators(reading, price_index, price_year)
    columns: dict[str, object] = {name: raw.cells[name].to_numpy() for name in (ROW, FILE)}
    for column in raw.table.columns:
        texts = np.array(raw.texts(column.name), dtype=object)
        blank = np.array([text == "" for text in texts], dtype=bool)
        if column.required and column.default is None:
            reading.tell(column.name, blank, "a value is required", f"It means: {column.doc}.")
        if column.kind == "text":
            columns[column.name] = _words(reading, column, texts, blank)
        else:
            columns[column.name] = _amounts(reading, column, texts, blank, deflator)
    _check_own_units(reading)
    return pd.DataFrame(columns), reading.problems


def _words(
    reading: _Reading, column: Column, texts: npt.NDArray[np.object_], blank: npt.NDArray[np.bool_]
) -> pd.Series:
    if column.choices:
        reading.tell(column.name, ~blank & ~np.isin(texts.astype(str), column.choices), column.rule())
    return pd.Series(np.where(blank, "" if column.default is None else str(column.default), texts), dtype=object)


def _amounts(
    reading: _Reading, column: Column, texts: npt.NDArray[np.object_], blank: npt.NDArray[np.bool_], deflator: Floats
) -> Floats:
    numbers = np.array([_number(text) for text in texts], dtype=float)
    reading.tell(
        column.name,
        ~blank & np.isnan(numbers),
        "must be a finite number",
        "Use a point for decimals, no blanks and no thousands separator.",
    )
    if column.whole:
        reading.tell(column.name, np.isfinite(numbers) & (numbers != np.round(numbers)), "must be a whole number")
    if column.kind == "flag":
        reading.tell(column.name, np.isfinite(numbers) & ~np.isin(numbers, (0.0, 1.0)), "must be 0 or 1")
    numbers = numbers * _factors(reading, column, ~blank)
    numbers = np.where(_is_money(reading.raw, column), numbers * deflator, numbers)
    _check_bounds(reading, column, numbers)
    default = np.nan if column.default is None else float(column.default)
    return np.where(blank, default, numbers)


def _number(text: str) -> float:
    """The number written in ``text``; NaN if it is none, not finite, or written as only Python would."""
    try:
        number = float(text)
    except ValueError:
        return np.nan
    return number if np.isfinite(number) and text.isascii() and "_" not in text else np.nan


def _is_money(raw: RawTable, column: Column) -> npt.NDArray[np.bool_]:
    if "{quantity}" in column.unit:
        money = {quantity.name for quantity in raw.table.quantities if "USD" in quantity.unit}
        return np.array([quantity in money for quantity in raw.texts("quantity")], dtype=bool)
    return np.full(len(raw.cells), "USD" in column.unit)


def _factors(reading: _Reading, column: Column, given: npt.NDArray[np.bool_]) -> Floats:
    """By what each row's number is multiplied; problems where a unit is missing, unknown or of another kind."""
    raw = reading.raw
    factors = np.ones(len(raw.cells))
    if column.kind != "number" or not given.any():
        return factors
    said, where = (
        (_said_units(raw, column.name), "unit") if column.row_unit else (_header_units(reading, column), column.name)
    )
    wanted = reading.context.targets(raw, [column.unit] * len(factors))
    for place in np.flatnonzero(given).tolist():
        unit, target = said[place], wanted[place]
        if "{" in target or "{" in unit or unit == target:
            continue
        try:
            factors[place] = reading.context.factor(raw, place, unit, target)
        except units.UnitProblem as error:
            advice = f"A unit that can become {target} is wanted."
            line = raw.lines[place] if column.row_unit else 1
            reading.problems.append(Problem(raw.files[place], line, where, unit, str(error), advice))
    return factors


def _header_units(reading: _Reading, column: Column) -> list[str]:
    """The unit each row's file names in its header; a Problem for a file that names none but should."""
    raw = reading.raw
    bare = [file for file in dict.fromkeys(raw.files) if column.name not in raw.header_units[file]]
    if column.unit not in _NO_UNIT_NEEDED:
        reading.problems.extend(
            Problem(
                file,
                1,
                column.name,
                "",
                "the header must say the unit",
                f"Write '{column.name} [unit]', for example [{column.unit}].",
            )
            for file in bare
            if any(text for text, own in zip(raw.texts(column.name), raw.files, strict=True) if own == file)
        )
    said = [raw.header_units[file].get(column.name, "{}" if file in bare else "") for file in raw.files]
    return reading.context.targets(raw, said)


def _check_own_units(reading: _Reading) -> None:
    """A unit that stands for itself, as in goals, must be one that exists."""
    table = reading.raw.table
    if any("{unit}" in column.unit for column in table.columns):
        unknown = np.array([not units.is_known(unit) for unit in _said_units(reading.raw)], dtype=bool)
        reading.tell(
            "unit",
            unknown & (np.array(reading.raw.texts("unit"), dtype=object) != ""),
            "is not a known unit",
            "For example GW, GWh, TWh, bcm, Mt or kTEU.",
        )


def _check_bounds(reading: _Reading, column: Column, numbers: Floats) -> None:
    """Numbers in the product's units against the bounds of the column, or of the quantity each row holds."""
    advice = f"It means: {column.doc}."
    reading.tell(column.name, np.abs(np.nan_to_num(numbers)) > LARGEST, "is too large to be true", advice)
    if "{quantity}" not in column.unit:
        _check_range(reading, column, numbers, column.rule(), advice)
        return
    quantities = np.array(reading.raw.texts("quantity"), dtype=object)
    for quantity in reading.raw.table.quantities:
        rules = replace(column, minimum=quantity.minimum, maximum=quantity.maximum, above=quantity.above)
        own = np.where(quantities == quantity.name, numbers, np.nan)
        _check_range(reading, rules, own, f"{quantity.name} {rules.rule()}", f"It means: {quantity.doc}.")


def _check_range(reading: _Reading, rules: Column, numbers: Floats, rule: str, advice: str) -> None:
    wrong = np.zeros(len(numbers), dtype=bool)
    if rules.minimum is not None:
        wrong |= numbers < rules.minimum
    if rules.maximum is not None:
        wrong |= numbers > rules.maximum
    if rules.above is not None:
        wrong |= numbers <= rules.above
    reading.tell(rules.name, wrong, rule, advice)


def _deflators(reading: _Reading, index: Mapping[int, float], year: int) -> Floats:
    """What brings each row's money to the study's price year; 1 where the row holds none."""
    table: Table = reading.raw.table
    if not table.holds_money:
        return np.ones(len(reading.raw.cells))
    known = {**index, year: index.get(year, 1.0)}
    said = [_number(text) for text in reading.raw.texts("price_year")]
    unknown = np.array([np.isfinite(number) and number not in known for number in said], dtype=bool)
    reading.tell(
        "price_year",
        unknown,
        f"no price index leads from this year to {year}",
        "Add the year to price_index in study.yaml.",
    )
    return np.array([known[year] / known[int(number)] if number in known else 1.0 for number in _finite(said)])


def _finite(numbers: Sequence[float]) -> list[float]:
    return [number if np.isfinite(number) else 0.0 for number in numbers]
