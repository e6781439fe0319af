"""Checks that follow from the declarations of the tables alone: rows, keys, names, references, quantities, units."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from model.system import units
from model.system.problems import Problem
from model.system.raw import FILE, ROW
from model.system.settings import Settings
from model.system.tables import BY_NAME

Tables = Mapping[str, pd.DataFrame]

NEVER_EMPTY = ("nodes", "commodities", "technologies", "modes", "ports", "demands", "periods", "weather", "load_shape")
"""Tables without which there is nothing to plan."""

_BAD_NAME = re.compile(r"[\x00-\x1f\x7f\[\]{}\"'\\@]|\.\.")


def problems_at(table: str, rows: pd.DataFrame, column: str, rule: str, advice: str = "") -> list[Problem]:
    """One Problem for each of ``rows`` (rows of the typed table, with their line numbers)."""
    if rows.empty:
        return []
    return [
        Problem(file, int(line), column, shown(value), rule, advice)
        for file, line, value in zip(rows[FILE], rows[ROW], rows[column], strict=True)
    ]


def chosen(frame: pd.DataFrame, flags: Iterable[bool]) -> pd.DataFrame:
    """The rows whose flag is true; a frame without rows stays one."""
    return frame[np.fromiter(flags, dtype=bool, count=len(frame))]


def shown(value: object) -> str:
    """A cell as its author would write it."""
    if isinstance(value, float):
        return "" if value != value else f"{value:g}"
    return str(value)


def guess(word: str, known: set[str], otherwise: str = "") -> str:
    """Advice that names what was probably meant."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"Did you mean '{near[0]}'?" if near else otherwise


def check_rows(tables: Tables, settings: Settings) -> list[Problem]:
    """Tables that every study needs have rows."""
    return [
        Problem(BY_NAME[name].file, None, "", "", "the table has no rows", f"It holds: {BY_NAME[name].doc}")
        for name in NEVER_EMPTY
        if tables[name].empty
    ]


def check_keys(tables: Tables, settings: Settings) -> list[Problem]:
    """No two rows of a table have the same key."""
    found = []
    for name, frame in tables.items():
        key = list(BY_NAME[name].key)
        if not frame.duplicated(key).any():
            continue
        first: dict[tuple[str, ...], tuple[str, int]] = {}
        for file, line, *parts in frame[[FILE, ROW, *key]].itertuples(index=False, name=None):
            label = tuple(shown(part) for part in parts)
            if label in first:
                other, row = first[label]
                place = f"row {row}" if other == file else f"row {row} of {other}"
                rule = f"the same key stands in {place}"
                found.append(Problem(file, line, ", ".join(key), ", ".join(label), rule, "Keep one of the rows."))
            first.setdefault(label, (file, line))
    return found


def check_names(tables: Tables, settings: Settings) -> list[Problem]:
    """Names hold no brackets, quotes, control characters, @ or path parts."""
    found = []
    for name, frame in tables.items():
        if name == "project_rules":
            continue  # its key names what other tables define, `technology@node` too; check_rules looks them up
        for column in BY_NAME[name].key:
            declared = BY_NAME[name].column(column)
            if declared.kind == "text" and not declared.refers and not declared.choices:
                bad = chosen(frame, (bool(_BAD_NAME.search(text)) for text in frame[column]))
                found += problems_at(
                    name,
                    bad,
                    column,
                    "holds a character that a name may not have",
                    "Leave out brackets, quotes, backslashes, @ and '..'.",
                )
    return found


def check_references(tables: Tables, settings: Settings) -> list[Problem]:
    """Every name that refers to another table stands there."""
    found = []
    for name, frame in tables.items():
        for column in BY_NAME[name].columns:
            if not column.refers:
                continue
            table, key = column.refers.split(".")
            known = set(tables[table][key])
            wrong = frame[~frame[column.name].isin(known | {""})]
            for file, line, value in zip(wrong[FILE], wrong[ROW], wrong[column.name], strict=True):
                advice = guess(value, known, f"Add it to {table}.csv.")
                found.append(Problem(file, int(line), column.name, value, column.rule(), advice))
    return found


def check_quantities(tables: Tables, settings: Settings) -> list[Problem]:
    """Long tables hold only quantities that are declared, for every year or by year but not both."""
    found = []
    for name, frame in tables.items():
        known = {quantity.name for quantity in BY_NAME[name].quantities}
        if not known:
            continue
        wrong = frame[~frame["quantity"].isin(known)]
        for file, line, value in zip(wrong[FILE], wrong[ROW], wrong["quantity"], strict=True):
            advice = guess(value, known, "Known: " + ", ".join(sorted(known)) + ".")
            found.append(Problem(file, int(line), "quantity", value, "is not a known quantity", advice))
        undated = frame["year"].isna()
        both = set(zip(frame.loc[undated, "technology"], frame.loc[undated, "quantity"], strict=True))
        dated = frame[~undated]
        mixed = chosen(dated, (key in both for key in zip(dated["technology"], dated["quantity"], strict=True)))
        found += problems_at(
            name,
            mixed,
            "year",
            "another row gives the same quantity for every year",
            "Give the year in every row, or one row without a year.",
        )
    return found


def check_units(tables: Tables, settings: Settings) -> list[Problem]:
    """Sizes of assets are GW, a quantity a year or, where nothing runs, a number of people, kilometres and the like."""
    technologies = tables["technologies"]
    runs = technologies["technology"].isin(tables["modes"]["technology"])
    wrong = chosen(
        technologies,
        (
            not units.is_known(unit) or (running and unit != "GW" and not unit.endswith("/year"))
            for unit, running in zip(technologies["capacity_unit"], runs, strict=True)
        ),
    )
    return problems_at(
        "technologies", wrong, "capacity_unit", "must be GW or a quantity a year", "For example bcm/year."
    )
