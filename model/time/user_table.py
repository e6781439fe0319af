"""Hourly weather from the user's own tables: CSV by hour and node, CSV with a column for each node, NetCDF.

Hours are local standard time (UTC+5) and labelled by their start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.cells import Cells, read_cells
from model.time.dataset import FACTORS, UTC_OFFSET, VARIABLES, check_weather, weather_dataset, without_leap_day
from model.time.reading import Places, check_clock, check_noon, check_units, loaded, opened

Floats = npt.NDArray[np.float64]

TIME, NODE = "time", "node"

LOCAL_OFFSETS = ("", UTC_OFFSET, "+0500", "+05")
"""What may stand behind a local time."""

SPELLINGS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(FACTORS, ("1", "", "p.u.", "pu", "kW kW-1", "MW MW-1")),
    "wind_speed": ("m s-1",),
    "ghi": ("W m-2",),
    "temperature": ("degC", "celsius", "degrees_Celsius", "°C", "C"),
}
"""Units in which each variable may be given; all those of a variable mean the same."""


def from_table(
    path: str | Path, *, places: Places | None = None, variable: str = "", nodes: Sequence[str] = ()
) -> xr.Dataset:
    """Hourly weather of a year, schema of ``time.dataset``, from a table.

    NetCDF: dims (node, time). CSV: the columns time, node and at least ``wind_cf`` or ``pv_fixed_cf``; or, if
    ``variable`` says of what, time and one column per node. ``places``: longitude and latitude of the nodes, where the
    file has none. ``nodes`` must be in the file. InvalidStudy names everything that is wrong with it.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        cells = read_cells(path)
        found = _dataset(*(_wide(cells, variable) if variable else _long(cells)), places or {}, path.name)
    else:
        with opened(path) as file:
            if problems := _check_netcdf(file, path.name):
                raise InvalidStudy(problems)
            found = _completed(loaded(file, path), places or {}, path.name)
    problems = check_weather(found, nodes, path.name)
    if variable:
        # A file of one variable may leave wind and sun to other files: that fault alone names no column.
        problems = [problem for problem in problems if problem.column]
    if problems := problems or check_sun(found, path.name):
        raise InvalidStudy(problems)
    return without_leap_day(found)


def check_sun(weather: xr.Dataset, file: str) -> list[Problem]:
    """Whether light, or else solar power, is strongest round noon, where the places of the nodes are known."""
    light = next((name for name in ("ghi", "pv_fixed_cf") if name in weather), None)
    if light is None or "lon" not in weather.coords or not np.isfinite(weather["lon"]).all():
        return []
    lon = weather["lon"].to_numpy()
    places = {str(node): (float(east), 0.0) for node, east in zip(weather["node"].to_numpy(), lon, strict=True)}
    return check_noon(weather[light].transpose(NODE, TIME).to_numpy(), places, file, light)


def _dataset(
    values: Mapping[str, npt.ArrayLike], nodes: Sequence[str], hours: pd.DatetimeIndex, places: Places, file: str
) -> xr.Dataset:
    """The schema round values (node, time); without places it has no longitude and latitude."""
    where = {node: places.get(node, (np.nan, np.nan)) for node in nodes}
    found = weather_dataset(values, where, hours, title="Weather from a table", source=file)
    return found if places else found.drop_vars(["lon", "lat"])


def _times(cells: Cells) -> tuple[pd.DatetimeIndex, list[Problem]]:
    return cells.times(TIME, f"local standard time, {UTC_OFFSET}", LOCAL_OFFSETS)


def _long(cells: Cells) -> tuple[dict[str, npt.ArrayLike], list[str], pd.DatetimeIndex]:
    """Variables (node, time), nodes and hours of a table with a row for every hour and node."""
    header = cells.first - 1
    problems = [
        Problem(cells.file, header, name, "", "the column is missing", f"The columns are {TIME}, {NODE} and variables.")
        for name in (TIME, NODE)
        if name not in cells.columns
    ]
    problems += [
        Problem(cells.file, header, name, "", "there is no such variable", f"Known are {', '.join(VARIABLES)}.")
        for name in cells.columns
        if name not in (TIME, NODE, *VARIABLES)
    ]
    if problems:
        raise InvalidStudy(problems)
    hours, problems = _times(cells)
    columns = {name: cells.numbers(name, name) for name in cells.columns if name in VARIABLES}
    problems += [problem for _, wrong in columns.values() for problem in wrong]
    problems += _check_units(cells, {name: name for name in columns})
    problems += cells.empty(NODE)
    blocks = {str(node): np.asarray(places) for node, places in cells.table.groupby(NODE, sort=False).indices.items()}
    if not any(problem.column == TIME for problem in problems):
        for node, block in blocks.items():
            lines = [cells.rows[place] for place in block]
            problems += check_clock(hours[block], cells.file, lines, f"{TIME} of {node}")
    first = next(iter(blocks))
    problems = problems or [
        Problem(
            cells.file,
            cells.rows[block[0]],
            NODE,
            node,
            f"its hours are not those of {first}",
            "Give all the same hours.",
        )
        for node, block in blocks.items()
        if not hours[block].equals(hours[blocks[first]])
    ]
    if problems:
        raise InvalidStudy(problems)
    stacked = np.stack(list(blocks.values()))
    return {name: values[stacked] for name, (values, _) in columns.items()}, list(blocks), hours[blocks[first]]


def _wide(cells: Cells, variable: str) -> tuple[dict[str, npt.ArrayLike], list[str], pd.DatetimeIndex]:
    """One variable (node, time), nodes and hours of a table with a column for every node."""
    if variable not in VARIABLES:
        raise ValueError(f"variable must be one of {', '.join(VARIABLES)}, not '{variable}'")
    if TIME not in cells.columns:
        advice = f"The columns are {TIME} and one for each node."
        raise InvalidStudy([Problem(cells.file, cells.first - 1, TIME, "", "the column is missing", advice)])
    nodes = [name for name in cells.columns if name != TIME]
    hours, problems = _times(cells)
    columns = {node: cells.numbers(node, variable) for node in nodes}
    problems += [problem for _, wrong in columns.values() for problem in wrong]
    problems += _check_units(cells, dict.fromkeys(nodes, variable))
    if not any(problem.column == TIME for problem in problems):
        problems += check_clock(hours, cells.file, cells.rows)
    if problems:
        raise InvalidStudy(problems)
    return {variable: np.array([values for values, _ in columns.values()])}, nodes, hours


def _check_units(cells: Cells, variables: Mapping[str, str]) -> list[Problem]:
    return [
        problem
        for column, variable in variables.items()
        for problem in check_units(cells.units.get(column), SPELLINGS[variable], cells.file, column)
    ]


def _check_netcdf(file: xr.Dataset, name: str) -> list[Problem]:
    """Dims, units and hours of a NetCDF file."""
    dims = "Weather has the dims node and time."
    problems = [
        Problem(name, None, dim, "", "the file lacks this dimension", dims)
        for dim in (NODE, TIME)
        if dim not in file.coords
    ]
    for variable in VARIABLES:
        if variable not in file:
            continue
        problems += check_units(file[variable].attrs.get("units"), SPELLINGS[variable], name, variable)
        if set(file[variable].dims) != {NODE, TIME}:
            shown = ", ".join(str(dim) for dim in file[variable].dims)
            problems.append(Problem(name, None, variable, shown, "the dims must be node and time", dims))
    if problems:
        return problems
    if file[TIME].dtype.kind != "M":
        return [
            Problem(name, None, TIME, "", "the hours have no calendar", "Its units must be such as hours since a date.")
        ]
    nodes = pd.Index(file[NODE].to_numpy())
    twice = [str(node) for node in nodes[nodes.duplicated()]]
    problems = [Problem(name, None, NODE, node, "the node comes twice", "Give every node once.") for node in twice]
    return problems + check_clock(pd.DatetimeIndex(file[TIME].to_numpy()), name)


def _completed(file: xr.Dataset, places: Places, name: str) -> xr.Dataset:
    """The schema round what a NetCDF file holds; its own attributes and coordinates stand."""
    nodes = [str(node) for node in file[NODE].to_numpy()]
    if {"lon", "lat"} <= set(file.variables):
        places = {
            node: (float(lon), float(lat))
            for node, lon, lat in zip(nodes, file["lon"].to_numpy(), file["lat"].to_numpy(), strict=True)
        }
    values = {variable: file[variable].transpose(NODE, TIME).to_numpy() for variable in VARIABLES if variable in file}
    found = _dataset(values, nodes, pd.DatetimeIndex(file[TIME].to_numpy()), places, name)
    return found.assign_attrs({**found.attrs, **file.attrs})
