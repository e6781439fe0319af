"""Capacity factors from files of renewables.ninja.

Pfenninger and Staffell (2016), doi 10.1016/j.energy.2016.08.060; Staffell and Pfenninger (2016), doi
10.1016/j.energy.2016.08.068. The layout is that of its downloads: comment lines, then the columns ``time`` (UTC) and
``electricity`` (kW per kW), or one column per place.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.cells import Cells, read_cells
from model.time.dataset import FACTORS, VARIABLES
from model.time.reading import local_year

TIME, VALUE = "time", "electricity"

UTC_OFFSETS = ("", "Z", "+00:00", "+0000", "+00")
"""What may stand behind a time in UTC."""


def from_ninja(csv_by_node: Mapping[str, str | Path], kind: str) -> xr.DataArray:
    """Capacity factors of a year, dims (node, time), hours in local standard time, 29 February kept.

    ``csv_by_node``: the file of each node; several nodes may share one that has a column named after each. ``kind`` is
    ``wind_cf``, ``pv_fixed_cf`` or ``pv_tracking_cf``. A UTC calendar year lacks the first five local hours: they are
    taken from its end. InvalidStudy names everything that is wrong with the files.
    """
    if kind not in FACTORS:
        raise ValueError(f"kind must be one of {', '.join(FACTORS)}, not '{kind}'")
    files: dict[Path, Cells] = {}
    rows: dict[str, xr.DataArray] = {}
    problems: list[Problem] = []
    for node, given in csv_by_node.items():
        path = Path(given)
        try:
            cells = files[path] if path in files else files.setdefault(path, read_cells(path))
            shared = sum(Path(other) == path for other in csv_by_node.values()) > 1
            rows[node] = _node(cells, node, shared)
        except InvalidStudy as error:
            problems += error.problems
    years = {node: int(pd.Timestamp(row["time"].to_numpy()[0]).year) for node, row in rows.items()}
    if len(set(years.values())) > 1:
        shown = ", ".join(f"{node} {year}" for node, year in years.items())
        problems.append(Problem(kind, None, TIME, shown, "the files are of different years", "Give one year for all."))
    if problems:
        raise InvalidStudy(problems)
    nodes = xr.concat(list(rows.values()), pd.Index(list(rows), name="node")).rename(kind)
    return nodes.assign_attrs({**VARIABLES[kind], "wrapped_hours": next(iter(rows.values())).attrs["wrapped_hours"]})


def _node(cells: Cells, node: str, shared: bool) -> xr.DataArray:
    """The hours of one node, (time); a file shared by several has a column for each."""
    file = cells.file
    column = node if shared or node in cells.columns else VALUE
    if lacking := [name for name in (TIME, column) if name not in cells.columns]:
        advice = f"Give the file as renewables.ninja makes it; it has {', '.join(cells.columns)}."
        rule = "the column is missing"
        raise InvalidStudy([Problem(file, cells.first - 1, name, "", rule, advice) for name in lacking])
    hours, problems = cells.times(TIME, "UTC", UTC_OFFSETS)
    values, more = cells.numbers(column, FACTORS[0])
    if problems := [*problems, *more]:
        raise InvalidStudy(problems)
    year, problems = local_year(xr.Dataset({"value": ("time", values)}, coords={"time": hours}), file)
    if problems:
        raise InvalidStudy(problems)
    row = year["value"].isel(time=slice(None, -1)).astype(np.float32)
    return row.assign_attrs(wrapped_hours=year.attrs["wrapped_hours"])
