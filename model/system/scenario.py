"""Scenarios: named changes of a study, applied to its tables before anything is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from model.system import settings as study_settings
from model.system.problems import InvalidStudy, Problem
from model.system.raw import ROW, RawTable
from model.system.tables import BY_NAME

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
_PATH = re.compile(r"^(?P<table>[a-z_]+)(?:\[(?P<where>[^\]]*)\])?(?:\.(?P<key>[^.\[\]]+))?\.(?P<column>[a-z0-9_]+)$")
_FACTOR = re.compile(r"^\*\s*(?P<by>[-+0-9.eE]+)$")


@dataclass(frozen=True)
class Scenario:
    """A named set of changes: cells set to a value or multiplied, and tables left out."""

    name: str = "base"
    title: str = "as the tables say"
    changes: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """One cell that a scenario changed."""

    file: str
    row: int
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file} row {self.row}: {self.column} {self.before} -> {self.after}"


def read_scenario(folder: Path, name: str) -> Scenario:
    """``scenarios/<name>.yaml`` of a study; ``base`` needs no file. InvalidStudy if it is not there or not readable."""
    path = folder / "scenarios" / f"{name}.yaml"
    if not _NAME.match(name) or (name != "base" and not path.is_file()):
        known = ", ".join(["base", *sorted(p.stem for p in (folder / "scenarios").glob("*.yaml"))])
        raise InvalidStudy([Problem("scenarios", None, "", name, "there is no such scenario", f"Known: {known}.")])
    if not path.is_file():
        return Scenario()
    content = study_settings.read_mapping(path)
    unknown = set(content) - {"title", "description", "set", "without"}
    if unknown:
        raise InvalidStudy([Problem(f"scenarios/{name}.yaml", None, key, "", "the setting is not known",
                                    "Known: title, description, set, without.") for key in sorted(unknown)])
    changes = tuple((str(path), _text(value)) for path, value in (content.get("set") or {}).items())
    return Scenario(name, str(content.get("title", name)), changes, tuple(content.get("without") or ()))


def parse_setting(text: str) -> tuple[str, str]:
    """``path=value`` of the command line; InvalidStudy if there is no ``=`` outside brackets."""
    match = re.match(r"^((?:[^=\[]|\[[^\]]*\])+)=(.*)$", text)
    if match is None:
        raise InvalidStudy([Problem("--set", None, "", text, "must read path=value", "For example study.social_discount_rate=0.08.")])
    return match[1].strip(), match[2].strip()


def apply(
    scenario: Scenario, content: Mapping[str, Any], raw: Mapping[str, RawTable]
) -> tuple[dict[str, Any], dict[str, RawTable], list[Change]]:
    """The settings and tables after the scenario, and what it changed; the arguments stay as they are.

    A path reads ``study.<setting>`` or ``<table>[column=value,...].<column>``; ``<table>.<key>.<column>`` is short for the
    rows whose first key column has that value. A value ``*1.1`` multiplies. InvalidStudy lists paths that meet nothing.
    """
    settings, tables = dict(content), dict(raw)
    changes: list[Change] = []
    problems: list[Problem] = []
    for name in scenario.without:
        if name in BY_NAME and not BY_NAME[name].required and name in tables:
            tables[name] = RawTable(tables[name].table, tables[name].cells.iloc[0:0], tables[name].header_units)
        else:
            problems.append(Problem(scenario.name, None, "without", name, "is no table that can be left out", ""))
    for path, value in scenario.changes:
        match = _PATH.match(path)
        if path.startswith("study."):
            setting = path.removeprefix("study.")
            changes.append(Change(study_settings.FILE, 0, setting, str(settings.get(setting, "")), value))
            settings[setting] = yaml.safe_load(value)
        elif match is None or match["table"] not in tables or match["column"] not in BY_NAME[match["table"]].names():
            problems.append(Problem(scenario.name, None, "set", path, "names no table and column",
                                    "Write table[column=value].column or study.setting."))
        else:
            table, made, faults = _changed(tables[match["table"]], match, value, path)
            tables[match["table"]] = table
            changes += made
            problems += faults
    if problems:
        raise InvalidStudy(problems)
    return settings, tables, changes


def _changed(raw: RawTable, match: re.Match[str], value: str, path: str) -> tuple[RawTable, list[Change], list[Problem]]:
    cells, column = raw.cells.copy(), match["column"]
    chosen = pd.Series(True, index=cells.index)
    conditions = [part.split("=", 1) for part in (match["where"] or "").split(",") if part.strip()]
    if match["key"]:
        conditions.append([raw.table.key[0], match["key"]])
    for condition in conditions:
        if len(condition) != 2 or condition[0].strip() not in cells:
            return raw, [], [Problem("--set", None, "", path, "has a condition that is no column=value", "")]
        chosen &= cells[condition[0].strip()] == condition[1].strip()
    if not chosen.any():
        return raw, [], [Problem("--set", None, "", path, "meets no row", f"Look at the keys of {raw.table.file}.")]
    before = cells.loc[chosen, column]
    factor = _FACTOR.match(value)
    if factor:
        numbers = pd.to_numeric(before, errors="coerce")
        after = pd.Series([_text(n * float(factor["by"])) if pd.notna(n) else b for n, b in zip(numbers, before, strict=True)],
                          index=before.index, dtype=object)
    else:
        after = pd.Series(value, index=before.index, dtype=object)
    cells.loc[chosen, column] = after
    changes = [Change(raw.table.file, int(line), column, str(b), str(a))
               for line, b, a in zip(cells.loc[chosen, ROW], before, after, strict=True)]
    return RawTable(raw.table, cells, raw.header_units), changes, []


def _text(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)
