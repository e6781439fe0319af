"""Scenarios: named changes of a study, applied to its tables before anything is checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from model.system import settings as study_settings
from model.system.problems import InvalidStudy, Problem
from model.system.raw import FILE, ROW, RawTable
from model.system.tables import BY_NAME

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
_PATH = re.compile(r"^(?P<table>[a-z_]+)(?:\[(?P<where>[^\]]*)\])?(?:\.(?P<key>[^.\[\]]+))?\.(?P<column>[a-z0-9_]+)$")


@dataclass(frozen=True)
class Scenario:
    """A named set of changes: cells set to a value or multiplied, and tables left out."""

    name: str = "base"
    title: str = "as the tables say"
    changes: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Where a fault of the scenario is to be mended: its file, or the command line."""
        return self.name if self.name.startswith("--") else f"scenarios/{self.name}.yaml"


BASE = Scenario()
"""The study as its tables say."""


@dataclass(frozen=True)
class Change:
    """One cell that a scenario changed, or one setting (row 0)."""

    file: str
    row: int
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" if self.row else self.file
        return f"{place}: {self.column} {self.before or '(empty)'} -> {self.after or '(empty)'}"


def read_scenario(folder: Path, name: str) -> Scenario:
    """``scenarios/<name>.yaml`` of a study; ``base`` needs no file. InvalidStudy if it is not there or not readable."""
    path = folder / "scenarios" / f"{name}.yaml"
    if not _NAME.fullmatch(name) or (name != "base" and not path.is_file()):
        known = ", ".join(["base", *sorted(p.stem for p in (folder / "scenarios").glob("*.yaml"))])
        raise InvalidStudy([Problem("scenarios", None, "", name, "there is no such scenario", f"Known: {known}.")])
    if not path.is_file():
        return Scenario()
    content = study_settings.read_mapping(path)
    problems = _faults(f"scenarios/{name}.yaml", content)
    if problems:
        raise InvalidStudy(problems)
    changes = tuple((str(path), _text(value)) for path, value in (content.get("set") or {}).items())
    return Scenario(
        name, str(content.get("title", name)), changes, tuple(str(table) for table in content.get("without") or ())
    )


def _faults(file: str, content: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the form of a scenario file."""
    problems = [
        Problem(file, None, key, "", "the setting is not known", "Known: title, description, set, without.")
        for key in sorted(set(content) - {"title", "description", "set", "without"})
    ]
    changes, without = content.get("set") or {}, content.get("without") or []
    if not isinstance(changes, dict):
        problems.append(
            Problem(
                file, None, "set", "", "must hold `path: value` lines", 'For example "links.cable.status": committed.'
            )
        )
    else:
        problems += [
            Problem(file, None, "set", str(path), "must be one value", "Write a number, a text or *factor.")
            for path, value in changes.items()
            if isinstance(value, (dict, list)) and not str(path).startswith("study.")
        ]
    if not isinstance(without, list):
        problems.append(
            Problem(
                file, None, "without", str(without), "must be a list of tables", "For example [targets, target_terms]."
            )
        )
    return problems


def parse_setting(text: str) -> tuple[str, str]:
    """``path=value`` of the command line; InvalidStudy if there is no ``=`` outside brackets."""
    match = re.match(r"^((?:[^=\[]|\[[^\]]*\])+)=(.*)$", text)
    if match is None:
        raise InvalidStudy(
            [Problem("--set", None, "", text, "must read path=value", "For example study.social_discount_rate=0.08.")]
        )
    return match[1].strip(), match[2].strip()


def apply(
    scenario: Scenario, content: Mapping[str, Any], raw: Mapping[str, RawTable]
) -> tuple[dict[str, Any], dict[str, RawTable], list[Change]]:
    """The settings and tables after the scenario, and what it changed; the arguments stay as they are.

    A path reads ``study.<setting>`` or ``<table>[column=value,...].<column>``; ``<table>.<key>.<column>`` is short for
    the rows whose first key column has that value. A value ``*1.1`` multiplies. InvalidStudy lists paths that meet
    nothing.
    """
    settings, tables = dict(content), dict(raw)
    changes: list[Change] = []
    problems: list[Problem] = []
    for name in scenario.without:
        if name in BY_NAME and not BY_NAME[name].required and name in tables:
            tables[name] = RawTable(tables[name].table, tables[name].cells.iloc[0:0], tables[name].header_units)
        else:
            known = ", ".join(table.name for table in BY_NAME.values() if not table.required)
            problems.append(
                Problem(
                    scenario.file, None, "without", name, "is no table that can be left out", f"These can: {known}."
                )
            )
    for path, value in scenario.changes:
        try:
            if path.startswith("study."):
                changes.append(_set(settings, path.removeprefix("study."), value))
            else:
                name, table, made = _changed(tables, path, value)
                tables[name] = table
                changes += made
        except _NoChange as reason:
            problems.append(
                Problem(
                    scenario.file, None, "" if scenario.file == "--set" else "set", path, reason.rule, reason.advice
                )
            )
    if problems:
        raise InvalidStudy(problems)
    return settings, tables, changes


class _NoChange(Exception):
    """Why a path and its value change nothing."""

    def __init__(self, rule: str, advice: str = "") -> None:
        self.rule, self.advice = rule, advice
        super().__init__(rule)


def _set(settings: dict[str, Any], setting: str, value: str) -> Change:
    if setting in ("base", "sectors"):
        raise _NoChange("says which files are read, before any change", "Change it in study.yaml, or copy the study.")
    before = str(settings.get(setting, ""))
    try:
        settings[setting] = yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _NoChange(f"the value '{value}' cannot be read", "Write it as in study.yaml.") from None
    return Change(study_settings.FILE, 0, setting, before, value)


def _changed(tables: Mapping[str, RawTable], path: str, value: str) -> tuple[str, RawTable, list[Change]]:
    """The table that ``path`` names, with the cells it meets set to ``value``, and what changed."""
    match = _PATH.match(path)
    if match is None or match["table"] not in tables:
        raise _NoChange("names no table and column", "Write table[column=value].column or study.setting.")
    raw, column = tables[match["table"]], match["column"]
    if column not in raw.table.names():
        near = difflib.get_close_matches(column, raw.table.names(), n=1)
        raise _NoChange(f"{raw.table.file} has no column '{column}'", f"Did you mean '{near[0]}'?" if near else "")
    chosen = _rows_met(raw, match)
    cells = raw.cells.copy()
    before = cells.loc[chosen, column].tolist()
    after = _after(before, value)
    cells.loc[chosen, column] = np.array(after, dtype=object)
    places = zip(cells.loc[chosen, FILE], cells.loc[chosen, ROW], strict=True)
    changes = [
        Change(file, int(line), column, old, new) for (file, line), old, new in zip(places, before, after, strict=True)
    ]
    return raw.table.name, RawTable(raw.table, cells, raw.header_units), changes


def _rows_met(raw: RawTable, match: re.Match[str]) -> npt.NDArray[np.bool_]:
    """Which rows meet every condition of a path."""
    conditions = [part.partition("=") for part in (match["where"] or "").split(",") if part.strip()]
    if match["key"]:
        conditions.append((raw.table.key[0], "=", match["key"]))
    chosen = np.ones(len(raw.cells), dtype=bool)
    for column, sign, wanted in conditions:
        if not sign or column.strip() not in raw.table.names():
            raise _NoChange(
                f"has the condition '{column}{sign}{wanted}', which is no column=value",
                f"Columns: {', '.join(raw.table.names())}.",
            )
        chosen &= np.array([text == wanted.strip() for text in raw.texts(column.strip())], dtype=bool)
    if not chosen.any():
        raise _NoChange("meets no row", f"Look at the keys of {raw.table.file}.")
    return chosen


def _after(before: Sequence[str], value: str) -> list[str]:
    """The new cells: ``value``, or with ``*factor`` each number times it (empty cells stay empty)."""
    if not value.startswith("*"):
        return [value.strip()] * len(before)
    try:
        factor = float(value[1:])
        after = [repr(float(text) * factor) if text else text for text in before]
    except ValueError:
        raise _NoChange(
            f"cannot multiply by '{value[1:].strip()}'", "Write *factor, for cells that hold numbers."
        ) from None
    if after == [""] * len(after):
        raise _NoChange("multiplies empty cells only", "Set a value.")
    return after


def _text(value: object) -> str:
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)
