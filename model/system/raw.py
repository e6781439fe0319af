"""CSV files to typed tables in the product's units; every cell that cannot be read becomes a Problem."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from model.system import units
from model.system.problems import Problem
from model.system.schema import Column, Table

ROW = "_row"
"""Column that keeps the line of the file a row came from."""

_HEADER = re.compile(r"^(?P<name>[a-z0-9_]+)\s*(?:\[(?P<unit>[^\]]*)\])?$")
_NO_UNIT_NEEDED = {"1", "degree"}


@dataclass(frozen=True)
class RawTable:
    """A table as text: cells as written, by column, with the unit each header names."""

    table: Table
    cells: pd.DataFrame
    header_units: Mapping[str, str]


def read_table(table: Table, path: Path) -> tuple[RawTable | None, list[Problem]]:
    """The cells of ``path``; None if the file cannot be used at all."""
    if not path.exists():
        missing = [Problem(table.file, None, "", "", "the file is missing", f"It holds: {table.doc}")]
        return (None, missing) if table.required else (_empty(table), [])
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.reader(stream, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        return None, [Problem(table.file, None, "", "", f"not a readable CSV file ({error})", "Save it as UTF-8, commas.")]
    if not lines:
        return None, [Problem(table.file, None, "", "", "the file is empty", "Give at least the header line.")]
    names, header_units, problems = _header(table, lines[0])
    body, row_problems = _body(table, lines)
    cells = pd.DataFrame([row for _, row in body], columns=names, dtype=str)
    cells[ROW] = np.array([line for line, _ in body], dtype=np.int64)
    problems += row_problems
    for column in table.columns:
        if column.name not in names:
            if not column.may_be_absent:
                problems.append(Problem(table.file, 1, column.name, "", "the column is missing", f"It means: {column.doc}."))
            cells[column.name] = ""
    return RawTable(table, cells.map(lambda v: v.strip() if isinstance(v, str) else v), header_units), problems


def _empty(table: Table) -> RawTable:
    return RawTable(table, pd.DataFrame({**{name: pd.Series(dtype=str) for name in table.names()},
                                         ROW: pd.Series(dtype=np.int64)}), {})


def _header(table: Table, cells: list[str]) -> tuple[list[str], dict[str, str], list[Problem]]:
    names: list[str] = []
    header_units: dict[str, str] = {}
    problems: list[Problem] = []
    for cell in cells:
        match = _HEADER.match(cell.strip())
        name = match["name"] if match else cell.strip()
        if match is None or name not in table.names():
            guess = difflib.get_close_matches(name, table.names(), n=1)
            advice = f"Did you mean '{guess[0]}'?" if guess else "Known columns: " + ", ".join(table.names()) + "."
            problems.append(Problem(table.file, 1, name, cell, "the column is not known", advice))
        elif name in names:
            problems.append(Problem(table.file, 1, name, cell, "the column stands twice", "Keep one of them."))
            name = f"{name} again"
        elif match["unit"] is not None:
            header_units[name] = match["unit"].strip()
        names.append(name)
    return names, header_units, problems


def _body(table: Table, lines: list[list[str]]) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    width = len(lines[0])
    body, problems = [], []
    for line, row in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != width:
            problems.append(Problem(table.file, line, "", ",".join(row)[:60], f"the row has {len(row)} cells, the header {width}",
                                    "A text with a comma must stand in quotes."))
        body.append((line, (row + [""] * width)[:width]))
    return body, problems


class Context:
    """What units of a row depend on: its technology, its commodity, its quantity."""

    def __init__(self, raw: Mapping[str, RawTable]) -> None:
        self.capacity = _lookup(raw, "technologies", "technology", "capacity_unit", "GW")
        self.commodity = _lookup(raw, "commodities", "commodity", "unit", "")

    def targets(self, table: Table, cells: pd.DataFrame, template: str) -> pd.Series:
        """The unit each row's number is wanted in, after filling the template; empty where it cannot be told."""
        wanted = pd.Series(template, index=cells.index, dtype=object)
        if "{quantity}" in template:
            known = {quantity.name: quantity.unit for quantity in table.quantities}
            wanted = cells["quantity"].map(known).fillna("")
        if "technology" in cells:
            capacity = cells["technology"].map(self.capacity).fillna("GW")
            wanted = _fill(wanted, "{capacity}", capacity)
            wanted = _fill(wanted, "{activity}", capacity.map(units.activity_unit))
        if "commodity" in cells:
            wanted = _fill(wanted, "{commodity}", cells["commodity"].map(self.commodity).fillna(""))
        if "unit" in cells:
            wanted = _fill(wanted, "{unit}", cells["unit"])
        return wanted


def _fill(wanted: pd.Series, mark: str, values: pd.Series) -> pd.Series:
    return pd.Series([w.replace(mark, str(v)) for w, v in zip(wanted, values, strict=True)], index=wanted.index, dtype=object)


def _lookup(raw: Mapping[str, RawTable], table: str, key: str, value: str, default: str) -> dict[str, str]:
    if table not in raw:
        return {}
    cells = raw[table].cells
    return {k: v or default for k, v in zip(cells[key], cells[value], strict=True)}


def typed(raw: RawTable, context: Context, price_index: Mapping[int, float], price_year: int) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with numbers as floats in the product's units and money of ``price_year``.

    Absent numbers are NaN, absent texts are empty. Problems name cells that are no number, out of bounds, not among the
    choices, or whose unit or price year cannot be converted.
    """
    table, cells = raw.table, raw.cells
    frame = pd.DataFrame({ROW: cells[ROW]})
    problems: list[Problem] = []
    deflator = _deflators(table, cells, price_index, price_year, problems)
    for column in table.columns:
        values = cells[column.name].astype(object)
        filled = values.where(values != "", "" if column.default is None else str(column.default))
        if column.required and column.default is None:
            problems += _listed(table, cells, column, values == "", "a value is required", f"It means: {column.doc}.")
        if column.kind == "text":
            frame[column.name] = filled
            if column.choices:
                wrong = ~filled.isin(column.choices) & ((filled != "") | ("" not in column.choices)) & (filled != "")
                problems += _listed(table, cells, column, wrong, column.rule(), "")
        else:
            given = filled != ""
            plain = values == ""
            numbers = _numbers(raw, column, filled, given, problems)
            numbers = numbers * np.where(plain, 1.0, _unit_factors(raw, column, context, given & ~plain, problems))
            frame[column.name] = numbers = numbers * np.where(_is_money(table, cells, column), deflator, 1.0)
            problems += _out_of_bounds(raw, column, numbers)
    return frame, problems


def _is_money(table: Table, cells: pd.DataFrame, column: Column) -> np.ndarray:
    if "{quantity}" in column.unit:
        money = {quantity.name for quantity in table.quantities if "USD" in quantity.unit}
        return cells["quantity"].isin(money).to_numpy()
    return np.full(len(cells), "USD" in column.unit)


def _numbers(raw: RawTable, column: Column, filled: pd.Series, given: pd.Series, problems: list[Problem]) -> np.ndarray:
    numbers = pd.to_numeric(filled.where(given, np.nan), errors="coerce").astype(float).to_numpy()
    wrong = given.to_numpy() & ~np.isfinite(numbers)
    advice = "Use a point for decimals, no blanks and no thousands separator."
    problems += _listed(raw.table, raw.cells, column, pd.Series(wrong, index=filled.index), "must be a finite number", advice)
    if column.kind == "year" or column.kind == "flag":
        whole = given.to_numpy() & np.isfinite(numbers) & (numbers != np.round(numbers))
        problems += _listed(raw.table, raw.cells, column, pd.Series(whole, index=filled.index), "must be a whole number", "")
    if column.kind == "flag":
        odd = given.to_numpy() & np.isfinite(numbers) & ~np.isin(numbers, (0.0, 1.0))
        problems += _listed(raw.table, raw.cells, column, pd.Series(odd, index=filled.index), "must be 0 or 1", "")
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _unit_factors(raw: RawTable, column: Column, context: Context, given: pd.Series, problems: list[Problem]) -> np.ndarray:
    """By what each row's number is multiplied; problems where a unit is missing, unknown or of another kind."""
    table, cells = raw.table, raw.cells
    factors = np.ones(len(cells))
    if column.kind != "number":
        return factors
    if column.row_unit:
        said = cells["unit"].where(cells["unit"] != "", str(table.column("unit").default or ""))
        where = "unit"
    elif column.name in raw.header_units:
        said = context.targets(table, cells, raw.header_units[column.name])
        where = column.name
    else:
        if column.unit not in _NO_UNIT_NEEDED and given.any():
            problems.append(Problem(table.file, 1, column.name, "", "the header must say the unit",
                                    f"Write '{column.name} [unit]', for example [{column.unit}]."))
        return factors
    targets = context.targets(table, cells, column.unit)
    for (unit, target), rows in cells.groupby([said[given], targets[given]]).groups.items():
        if not target or "{" in target:
            continue
        try:
            factors[cells.index.get_indexer(rows)] = units.factor(unit, target)
        except units.UnitProblem as error:
            lines = cells.loc[rows, ROW]
            for line in lines if column.row_unit else [1]:
                problems.append(Problem(table.file, int(line), where, unit, str(error), f"A unit of [{target}] is wanted."))
    return factors


def _out_of_bounds(raw: RawTable, column: Column, numbers: np.ndarray) -> list[Problem]:
    table, cells = raw.table, raw.cells
    problems: list[Problem] = []
    bounds = [(column, np.ones(len(cells), dtype=bool))]
    if "{quantity}" in column.unit:
        bounds = [
            (replace(column, minimum=quantity.minimum, maximum=quantity.maximum, above=quantity.above),
             (cells["quantity"] == quantity.name).to_numpy())
            for quantity in table.quantities
        ]
    for rules, rows in bounds:
        wrong = np.zeros(len(cells), dtype=bool)
        with np.errstate(invalid="ignore"):
            if rules.minimum is not None:
                wrong |= numbers < rules.minimum
            if rules.maximum is not None:
                wrong |= numbers > rules.maximum
            if rules.above is not None:
                wrong |= numbers <= rules.above
        problems += _listed(table, cells, column, pd.Series(wrong & rows, index=cells.index), rules.rule(), f"It means: {column.doc}.")
    return problems


def _deflators(table: Table, cells: pd.DataFrame, index: Mapping[int, float], year: int, problems: list[Problem]) -> np.ndarray:
    """What brings each row's money to the study's price year; 1 where the row holds none."""
    if not table.holds_money:
        return np.ones(len(cells))
    said = pd.to_numeric(cells["price_year"], errors="coerce")
    known = {**index, year: index.get(year, 1.0)}
    unknown = said.notna() & ~said.isin(list(known))
    problems += _listed(table, cells, table.column("price_year"), unknown, f"no price index leads from this year to {year}",
                        "Add the year to price_index in study.yaml.")
    factors: pd.Series = known[year] / said.map(known)
    return factors.fillna(1.0).to_numpy(dtype=float)


def _listed(table: Table, cells: pd.DataFrame, column: Column, wrong: pd.Series, rule: str, advice: str) -> list[Problem]:
    rows = cells.loc[np.asarray(wrong, dtype=bool), [ROW, column.name]]
    return [Problem(table.file, int(line), column.name, str(value), rule, advice) for line, value in rows.itertuples(index=False)]
