"""A study folder: its tables, checked, and the System they make."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from model.system import check as checks
from model.system import scenario as scenarios
from model.system import settings as study_settings
from model.system.assemble import assemble
from model.system.geojson import read_polygons
from model.system.problems import InvalidStudy, Problem
from model.system.raw import RawTable, read_table
from model.system.schema import Table
from model.system.settings import Settings
from model.system.tables import TABLES
from model.system.typed import Context, typed

SHAPES = ("outline", "areas")
"""Settings that name a file of polygons."""


@dataclass(frozen=True)
class Inputs:
    """A study as read: settings and tables as text, before units and checks, and the digest of every file."""

    folder: Path
    content: Mapping[str, Any]
    raw: Mapping[str, RawTable]
    digests: Mapping[str, str]
    scenario: scenarios.Scenario = scenarios.BASE
    changes: tuple[scenarios.Change, ...] = ()
    overrides: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, folder: str | Path) -> Inputs:
        """The files of ``folder``; InvalidStudy lists every file that cannot be used."""
        place = Path(folder)
        if not place.is_dir():
            raise InvalidStudy(
                [
                    Problem(
                        str(folder), None, "", "", "there is no such study folder", "Give the folder with study.yaml."
                    )
                ]
            )
        raw: dict[str, RawTable] = {}
        problems: list[Problem] = []
        try:
            content = study_settings.read_mapping(place / study_settings.FILE)
        except InvalidStudy as error:
            content = {}
            problems += error.problems
        folders, faults = _folders(place, content)
        problems += faults
        paths = {table.name: _files_of(table, folders) for table in TABLES}
        for table in TABLES:
            found, faults = read_table(table, paths[table.name])
            problems += faults
            if found is not None:
                raw[table.name] = found
        if problems:
            unusable = {problem.file for problem in problems}
            usable = {name: table for name, table in raw.items() if not unusable & set(table.header_units)}
            raise InvalidStudy(
                [*problems, *(_setting_problems(content) if content else []), *_frames(content, usable)[1]]
            )
        files = {study_settings.FILE: place / study_settings.FILE}
        files |= {name: path for of_table in paths.values() for name, path in of_table.items()}
        files |= dict(_shape_files(place, content).values())
        return cls(place, content, raw, {name: _digest(path) for name, path in files.items() if path.exists()})

    def scenario_named(self, name: str) -> Inputs:
        """The study with the changes of ``scenarios/<name>.yaml``."""
        scenario = scenarios.read_scenario(self.folder, name)
        path = self.folder / "scenarios" / f"{name}.yaml"
        changed = self._changed(scenario)
        own = {f"scenarios/{name}.yaml": _digest(path)} if path.exists() else {}
        return replace(changed, scenario=scenario, digests={**changed.digests, **own})

    def override(self, settings: Mapping[str, str] | Iterable[tuple[str, str]]) -> Inputs:
        """The study with single cells set, as ``--set path=value`` does."""
        pairs = tuple(
            (path, str(value)) for path, value in (settings.items() if isinstance(settings, Mapping) else settings)
        )
        return replace(self._changed(scenarios.Scenario("--set", "", pairs)), overrides=(*self.overrides, *pairs))

    def _changed(self, scenario: scenarios.Scenario) -> Inputs:
        content, raw, changes = scenarios.apply(scenario, self.content, self.raw)
        before, now = (dict(_shape_files(self.folder, said).values()) for said in (self.content, content))
        digests = {name: digest for name, digest in self.digests.items() if name not in before}
        digests |= {name: _digest(path) for name, path in now.items()}
        return replace(self, content=content, raw=raw, digests=digests, changes=(*self.changes, *changes))

    @cached_property
    def settings(self) -> Settings:
        """The checked settings; InvalidStudy if they are wrong."""
        return study_settings.settings_from(dict(self.content))

    def check(self) -> list[Problem]:
        """Everything that is wrong with the study, sorted by file and row; empty if nothing is."""
        try:
            self.tables  # noqa: B018 - read for its problems
        except InvalidStudy as error:
            return list(error.problems)
        return []

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables with numbers in the product's units; InvalidStudy lists every fault of cells and across tables."""
        problems = _setting_problems(self.content)
        frames, faults = _frames(self.content, self.raw)
        if not problems:
            bad = {(fault.file, fault.row) for fault in faults}
            problems += [p for p in checks.run_checks(frames, self.settings) if (p.file, p.row) not in bad]
        problems += faults
        problems += self._polygons[1]
        if problems:
            raise InvalidStudy(problems)
        return frames

    @property
    def shapes(self) -> dict[str, pd.DataFrame]:
        """Vertices of the polygons that settings name, by setting; only of files that can be used."""
        return self._polygons[0]

    @cached_property
    def _polygons(self) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
        files, problems = _shape_files(self.folder, self.content), []
        shapes = {}
        for setting in SHAPES:
            name = self.content.get(setting)
            if setting in files:
                nodes = set(self.raw["nodes"].texts("node")) if setting == "areas" else None
                shapes[setting], faults = read_polygons(*files[setting], nodes)
                problems += faults
            elif isinstance(name, str) and study_settings.is_geojson_name(name):
                advice = "Put it beside study.yaml or leave the setting out."
                rule = "there is no such file that can be read"
                problems.append(Problem(study_settings.FILE, None, setting, name, rule, advice))
        return shapes, problems

    @cached_property
    def system(self) -> xr.Dataset:
        """The System; InvalidStudy if the study is wrong."""
        return assemble(self.tables, self.settings, self.shapes)

    def assumptions(self) -> dict[str, int]:
        """How many rows of each table are assumptions."""
        return dict(checks.assumptions(self.tables))


def _folders(place: Path, content: Mapping[str, Any]) -> tuple[list[list[tuple[str, Path]]], list[Problem]]:
    """Where tables may lie: for the study and each of its sectors, the own folder and that of the base study."""
    base, sectors = content.get("base"), content.get("sectors") or []
    roots = [("", place)]
    problems = []
    if isinstance(base, str) and study_settings.is_folder_name(base):
        roots.append((f"../{base}/", place.absolute().parent / base))
        if not (roots[1][1] / study_settings.FILE).is_file():
            advice = f"There is no study {base} beside it."
            problems.append(Problem(study_settings.FILE, None, "base", base, "there is no such study", advice))
    folders = [roots]
    for sector in sectors if isinstance(sectors, list) else []:
        if isinstance(sector, str) and study_settings.is_folder_name(sector):
            own = [(f"{name}{sector}/", path / sector) for name, path in roots]
            folders.append(own)
            if not any(path.is_dir() for _, path in own):
                rule = "there is no such folder of tables"
                problems.append(Problem(study_settings.FILE, None, "sectors", sector, rule, "Make it or leave it out."))
    return folders, problems


def _files_of(table: Table, folders: list[list[tuple[str, Path]]]) -> dict[str, Path]:
    """The files of a table that exist, by the name they are told by; a study's own file stands for that of its base."""
    found = {}
    for roots in folders:
        files = [(f"{name}{table.file}", path / table.file) for name, path in roots]
        found.update(dict([file for file in files if file[1].exists()][:1]))
    return found


def _shape_files(place: Path, content: Mapping[str, Any]) -> dict[str, tuple[str, Path]]:
    """The files of polygons that can be read, by setting: the name to tell it by, and its path; a base's count too."""
    found: dict[str, tuple[str, Path]] = {}
    for setting in SHAPES:
        name = content.get(setting)
        if isinstance(name, str) and study_settings.is_geojson_name(name):
            roots = _folders(place, content)[0][0]
            files = [(f"{root}{name}", path / name) for root, path in roots]
            readable = [file for file in files if file[1].is_file() and os.access(file[1], os.R_OK)]
            found.update([(setting, file) for file in readable[:1]])
    return found


def _setting_problems(content: Mapping[str, Any]) -> list[Problem]:
    try:
        study_settings.settings_from(dict(content))
    except InvalidStudy as error:
        return list(error.problems)
    return []


def _frames(content: Mapping[str, Any], raw: Mapping[str, RawTable]) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """The tables with numbers, and what is wrong with their cells; price years only where the settings are right."""
    try:
        settings = study_settings.settings_from(dict(content))
        index, year = settings.price_index, settings.price_year
    except InvalidStudy:
        index, year = dict.fromkeys(range(1900, 2201), 1.0), study_settings.FIRST_YEAR
    context = Context(raw)
    frames, problems = {}, []
    for name, table in raw.items():
        frames[name], faults = typed(table, context, index, year)
        problems += faults
    return frames, problems


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
