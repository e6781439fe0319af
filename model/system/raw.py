"""CSV files to tables of text: cells as written, with the line each row came from and the unit each header names."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from model.system.problems import Problem
from model.system.schema import Table

ROW = "_row"
"""Column that keeps the line of the file a row came from."""

FILE = "_file"
"""Column that keeps the file a row came from: a table may be spread over the folders of sectors."""

_HEADER = re.compile(r"(?P<name>[a-z0-9_]+)\s*(?:\[(?P<unit>[^\]]*)\])?")

Record = tuple[int, list[str]]
"""The line on which a row begins, as an editor counts, and its cells."""


@dataclass(frozen=True)
class RawTable:
    """A table as text: every declared column, ``ROW`` and ``FILE``, with the unit that each file's header names."""

    table: Table
    cells: pd.DataFrame
    header_units: Mapping[str, Mapping[str, str]]
    """The units in the header of each file, by column."""

    @property
    def lines(self) -> Sequence[int]:
        """The line of the file each row came from."""
        lines: list[int] = self.cells[ROW].tolist()
        return lines

    @property
    def files(self) -> Sequence[str]:
        """The file each row came from."""
        files: list[str] = self.cells[FILE].tolist()
        return files

    def texts(self, column: str) -> list[str]:
        """The cells of a column."""
        texts: list[str] = self.cells[column].tolist()
        return texts


def read_table(table: Table, paths: Mapping[str, Path]) -> tuple[RawTable | None, list[Problem]]:
    """The cells of every file of a table, one below the other; None if a file cannot be used at all.

    ``paths`` holds the files that exist, by the name under which faults are told.
    """
    if not paths:
        missing = [Problem(table.file, None, "", "", "the file is missing", f"It holds: {table.doc}")]
        return (None, missing) if table.required else (_raw(table, table.file, [], [], {}), [])
    parts: list[RawTable] = []
    problems: list[Problem] = []
    for file, path in paths.items():
        records = _records(file, path)
        if isinstance(records, Problem):
            return None, [*problems, records]
        part, faults = _part(table, file, records)
        parts.append(part)
        problems += faults
    cells = pd.concat([part.cells for part in parts], ignore_index=True)
    return RawTable(
        table, cells, {file: units for part in parts for file, units in part.header_units.items()}
    ), problems


def _part(table: Table, file: str, records: list[Record]) -> tuple[RawTable, list[Problem]]:
    """One file of a table, and what is wrong with its form."""
    (line, header), *body = records
    names, header_units, problems = _header(table, file, line, header)
    problems += _widths(file, len(header), body)
    problems += [
        Problem(file, line, column.name, "", "the column is missing", f"It means: {column.doc}.")
        for column in table.columns
        if column.name not in names and not column.may_be_absent
    ]
    return _raw(table, file, names, body, header_units), problems


def _records(file: str, path: Path) -> list[Record] | Problem:
    """The rows that are not blank; a Problem if there are none or the file cannot be read."""
    found, line = [], 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    found.append((line, [cell.strip() for cell in cells]))
                line = reader.line_num + 1
    except UnicodeDecodeError:
        return Problem(file, None, "", "", "the file is not text in UTF-8", "Save it as CSV UTF-8, with commas.")
    except (csv.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Problem(file, line, "", "", f"cannot be read as CSV ({reason})", "Look for a quote that is not closed.")
    return found or Problem(file, None, "", "", "the file is empty", "Give at least the header line.")


def _raw(
    table: Table, file: str, names: Sequence[str], body: Iterable[Record], header_units: Mapping[str, str]
) -> RawTable:
    """The declared columns only; a column that the file lacks is blank, a short row ends in blanks."""
    records = list(body)
    place = {name: names.index(name) for name in table.names() if name in names}
    cells = {
        name: pd.Series(
            [row[place[name]] if name in place and place[name] < len(row) else "" for _, row in records], dtype=object
        )
        for name in table.names()
    }
    lines = np.array([line for line, _ in records], dtype=np.int64)
    origin = pd.Series([file] * len(records), dtype=object)
    return RawTable(table, pd.DataFrame({**cells, ROW: lines, FILE: origin}), {file: header_units})


def _header(
    table: Table, file: str, line: int, cells: Sequence[str]
) -> tuple[list[str], dict[str, str], list[Problem]]:
    names: list[str] = []
    header_units: dict[str, str] = {}
    problems: list[Problem] = []
    for place, cell in enumerate(cells, start=1):
        match = _HEADER.fullmatch(cell)
        name = match["name"] if match else cell
        if not cell:
            problems.append(Problem(file, line, "", "", f"column {place} has no name", "Name it or take it out."))
        elif match is None or name not in table.names():
            guess = difflib.get_close_matches(name.lower(), table.names(), n=1)
            advice = f"Did you mean '{guess[0]}'?" if guess else "Known columns: " + ", ".join(table.names()) + "."
            problems.append(Problem(file, line, name, cell, "the column is not known", advice))
        elif name in names:
            problems.append(Problem(file, line, name, cell, "the column stands twice", "Keep one of them."))
        elif match["unit"] is not None:
            header_units[name] = match["unit"].strip()
        names.append(name)
    return names, header_units, problems


def _widths(file: str, width: int, body: Iterable[Record]) -> list[Problem]:
    return [
        Problem(
            file,
            line,
            "",
            ",".join(row)[:60],
            f"the row has {len(row)} cells, the header {width}",
            "A text with a comma must stand in quotes.",
        )
        for line, row in body
        if len(row) != width
    ]
