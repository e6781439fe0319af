"""Results as a workbook for planners: where they came from first, then a sheet for each table, pivoted by year."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xarray as xr
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from model.outputs.netcdf import written
from model.outputs.planner_tables import PlannerTable, about, planner_tables
from model.version import VERSION

NARROW, WIDE, NUMBER_WIDTH = 6, 60, 13
"""Least and greatest width of a column of texts, and the width of one of numbers, in characters."""

EARLIEST = datetime.datetime(1980, 1, 1)
"""The earliest time that a zip file can tell; for results that do not say when they were made."""

_HEAD = {"font": Font(bold=True), "fill": PatternFill("solid", fgColor="FFD9E1F2")}
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write_spreadsheet(results: xr.Dataset, path: Path) -> None:
    """Write the tables of ``results`` as an xlsx workbook, whole or not at all; the same results give the same bytes.

    Numbers stand in full and are shown to four digits; texts are texts, whatever they begin with.
    """
    made = _made(results)
    book = Workbook(write_only=True)
    book.properties.creator = f"Shanyraq {VERSION}"
    book.properties.title = str(results.attrs.get("title", ""))
    book.properties.created = made
    _about(book.create_sheet("About"), results)
    for table in planner_tables(results):
        _sheet(book.create_sheet(table.name), table)

    def write(part: Path) -> None:
        raw = part.with_suffix(".raw.part")
        try:
            book.save(raw)
            _settle(raw, part, made)
        finally:
            raw.unlink(missing_ok=True)

    written(path, write)


def _made(results: xr.Dataset) -> datetime.datetime:
    """When the results were made, UTC."""
    told = str(results.attrs.get("date_created", ""))
    if not told:
        return EARLIEST
    found = datetime.datetime.fromisoformat(told)
    return max(found.astimezone(datetime.UTC).replace(tzinfo=None) if found.tzinfo else found, EARLIEST)


def _about(sheet: WriteOnlyWorksheet, results: xr.Dataset) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 42, 90
    for word, said in about(results):
        value = _text(sheet, said, wrap=True) if isinstance(said, str) else _number(sheet, said)
        sheet.append([_text(sheet, word, **_HEAD), value])


def _sheet(sheet: WriteOnlyWorksheet, table: PlannerTable) -> None:
    """A title, the heads, and the rows; heads and labels stay in sight."""
    rows = table.frame.to_numpy().tolist()
    heads = [str(column) for column in table.frame.columns]
    for place, head in enumerate(heads):
        texts = [head, *(row[place] for row in rows)] if place < table.labels else []
        width = max((len(str(text)) for text in texts), default=NUMBER_WIDTH) + 1
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(max(width, NARROW), WIDE)
    sheet.freeze_panes = f"{get_column_letter(2)}3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(heads))}{len(rows) + 2}"
    sheet.append([_text(sheet, table.title, font=Font(bold=True, size=13))])
    sheet.append([_text(sheet, head, **_HEAD) for head in heads])
    for row in rows:
        sheet.append(_cells(sheet, row, table.labels))


def _cells(sheet: WriteOnlyWorksheet, row: Sequence[Any], labels: int) -> Iterable[Any]:
    for place, value in enumerate(row):
        if place < labels:
            yield _text(sheet, value) if value else None
        else:
            yield None if value is None else _number(sheet, value)


def _text(sheet: WriteOnlyWorksheet, text: str, *, wrap: bool = False, **styles: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub(" ", text))
    # openpyxl takes what begins with = for a formula; the quote prefix keeps it a text when the cell is edited
    cell.data_type = "s"
    if text[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for name, style in styles.items():
        setattr(cell, name, style)
    return cell


def _number(sheet: WriteOnlyWorksheet, value: float) -> WriteOnlyCell:
    """A number with as many digits as its size asks for; years, which are whole, plainly."""
    cell = WriteOnlyCell(sheet, value=value)
    size = abs(value)
    if isinstance(value, int):
        cell.number_format = "0"
    elif size and (size < 1e-3 or size >= 1e12):
        cell.number_format = "0.00E+00"
    else:
        cell.number_format = "#,##0" if size >= 1000 else "#,##0.0" if size >= 100 else "#,##0.000"
    return cell


def _settle(raw: Path, part: Path, made: datetime.datetime) -> None:
    """Copy a workbook with one time in place of the time of writing, so that its bytes can be repeated."""
    stamp = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, made.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", old.read(name)))
