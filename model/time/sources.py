"""The one front to hourly weather from files: whatever the source, the Dataset is the same."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.atlite import from_atlite
from model.time.dataset import FACTORS, VARIABLES, check_weather, weather_dataset, without_leap_day
from model.time.era5 import from_era5
from model.time.gridded import REFERENCE_HEIGHT, named
from model.time.ninja import from_ninja
from model.time.reading import Places
from model.time.user_table import check_sun, from_table
from model.time.wind import TURBINE

Tables = Mapping[str, pd.DataFrame]

Source = Literal["era5", "atlite", "ninja", "table"]
_NAMED = re.compile(r"(?P<name>\w+(?:@[\w-]+)?)=(?P<file>.+)")

SOURCES: tuple[Source, ...] = get_args(Source)


def weather_from(
    source: Source,
    files: Sequence[str],
    tables: Tables,
    *,
    turbine: str = TURBINE,
    panel: str = "",
    hub_height: float = REFERENCE_HEIGHT,
    bias: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """Hourly weather of a year for every node inside the country, schema of ``time.dataset``, from files.

    ``era5``: NetCDF files in any split; ``atlite``: one cutout; both use weather_sites.csv, ``turbine``, ``hub_height``
    (m) and ``bias`` (factor on the speed of a node), and atlite ``panel``. ``ninja``: ``wind_cf@akmola=file.csv`` for
    each node, or ``wind_cf=file.csv`` with a column per node. ``table``: ``file.csv`` or ``file.nc`` of everything, or
    ``wind_cf=file.csv`` for each variable. InvalidStudy names everything that is wrong.
    """
    nodes = tables["nodes"].loc[tables["nodes"]["kind"] == "inside"]
    inside = [str(node) for node in nodes["node"]]
    own = {str(row["node"]): (float(row["lon"]), float(row["lat"])) for row in nodes.to_dict("records")}
    if not files:
        raise InvalidStudy([Problem("weather", None, "", "", "there are no files", f"Name the files of {source}.")])
    if source in ("era5", "atlite"):
        sites = _sites(tables, nodes)
        options: dict[str, Any] = {"turbine": turbine, "hub_height": hub_height, "bias": bias}
        if source == "era5":
            return from_era5(files, sites, **options)
        if len(files) > 1:
            advice = "Merge the cutouts with atlite."
            raise InvalidStudy([Problem(files[1], None, "", "", "only one cutout can be read", advice)])
        return from_atlite(files[0], sites, panel=panel, **options)
    found = _from_ninja(_named(files), inside, own) if source == "ninja" else _from_tables(_named(files), own)
    label = named([Path(file).name for _, file in _named(files)])
    if problems := check_weather(found, inside, label) or check_sun(found, label):
        raise InvalidStudy(problems)
    return found


def read_weather(path: str | Path, nodes: Sequence[str] = ()) -> xr.Dataset:
    """Weather from a NetCDF file with the dims node and time, schema of ``time.dataset``, 8,760 hours.

    InvalidStudy names everything that makes the file unusable for ``nodes``.
    """
    return from_table(path, nodes=nodes)


def write_weather(weather: xr.Dataset, path: str | Path) -> None:
    """Write weather as NetCDF (CF-1.8, float32, compressed): beside ``path`` first, then under its name in one move.

    OSError if the folder cannot be written.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    since = f"hours since {pd.Timestamp(weather['time'].to_numpy()[0]):%Y-%m-%d %H:%M:%S}"
    encoding: dict[Any, dict[str, Any]] = {
        name: {"dtype": "float32", "zlib": True, "complevel": 4} for name in weather.data_vars if name in VARIABLES
    }
    encoding |= {
        name: {"dtype": "float64", "units": since} for name in ("time", "time_bnds") if name in weather.variables
    }
    encoding |= {name: {"_FillValue": None} for name in ("lon", "lat") if name in weather.variables}
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        weather.to_netcdf(part, engine="netcdf4", encoding=encoding)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _sites(tables: Tables, nodes: pd.DataFrame) -> pd.DataFrame:
    """weather_sites.csv with the places of the nodes; every node inside the country has its row."""
    sites = tables["weather_sites"]
    advice = "Weather on a grid is read at the sites of each node: add its row."
    if problems := [
        Problem("weather_sites.csv", None, "node", str(node), "the node has no sites", advice)
        for node in nodes["node"]
        if node not in set(sites["node"])
    ]:
        raise InvalidStudy(problems)
    found: pd.DataFrame = nodes[["node", "lon", "lat"]].merge(sites, on="node", how="left", validate="one_to_one")
    return found


def _named(files: Sequence[str]) -> list[tuple[str, str]]:
    """What stands before and behind the = of each file; nothing before it if there is none."""
    found = [_NAMED.fullmatch(text) for text in files]
    return [(match["name"], match["file"]) if match else ("", text) for text, match in zip(files, found, strict=True)]


def _from_ninja(files: Sequence[tuple[str, str]], inside: Sequence[str], places: Places) -> xr.Dataset:
    """Files of renewables.ninja under ``variable@node`` or ``variable``."""
    by_kind: dict[str, dict[str, str]] = {}
    problems = []
    for name, file in files:
        kind, _, node = name.partition("@")
        if kind not in FACTORS or (node and node not in inside):
            advice = f"Write variable@node=file.csv, with {', '.join(FACTORS)} and a node inside the country."
            problems.append(Problem(file, None, "", name, "it is not clear what the file holds", advice))
        else:
            by_kind.setdefault(kind, {}).update(dict.fromkeys([node] if node else inside, file))
    arrays: dict[str, xr.DataArray] = {}
    for kind, by_node in by_kind.items():
        problems += [
            Problem(kind, None, "node", node, "no file is given for the node", f"Add {kind}@{node}=file.csv.")
            for node in inside
            if node not in by_node
        ]
        try:
            arrays[kind] = from_ninja(by_node, kind)
        except InvalidStudy as error:
            problems += error.problems
    problems += _check_hours(arrays)
    if problems:
        raise InvalidStudy(problems)
    first = next(iter(arrays.values()))
    return without_leap_day(
        weather_dataset(
            {kind: array.sel(node=list(inside)).to_numpy() for kind, array in arrays.items()},
            {node: places[node] for node in inside},
            pd.DatetimeIndex(first["time"].to_numpy()),
            title="Capacity factors from renewables.ninja",
            source=", ".join(dict.fromkeys(Path(file).name for _, file in files)),
            wrapped_hours=int(first.attrs["wrapped_hours"]),
        )
    )


def _from_tables(files: Sequence[tuple[str, str]], places: Places) -> xr.Dataset:
    """One table of everything, or one for each variable."""
    parts: list[xr.Dataset] = []
    problems = []
    for name, file in files:
        if name and name not in VARIABLES:
            advice = f"Write variable=file.csv, with one of {', '.join(VARIABLES)}."
            problems.append(Problem(file, None, "", name, "there is no such variable", advice))
            continue
        try:
            parts.append(from_table(file, places=places, variable=name))
        except InvalidStudy as error:
            problems += error.problems
    arrays = {str(name): part[name] for part in parts for name in part.data_vars if name in VARIABLES}
    problems += _check_hours(arrays)
    if problems:
        raise InvalidStudy(problems)
    if len(parts) == 1:
        return parts[0]
    return weather_dataset(
        {name: array.to_numpy() for name, array in arrays.items()},
        {str(node): places.get(str(node), (np.nan, np.nan)) for node in parts[0]["node"].to_numpy()},
        pd.DatetimeIndex(parts[0]["time"].to_numpy()),
        title="Weather from tables",
        source=", ".join(Path(file).name for _, file in files),
    )


def _check_hours(arrays: Mapping[str, xr.DataArray]) -> list[Problem]:
    """All variables have the nodes and hours of the first."""
    first = next(iter(arrays.items()), None)
    return [
        Problem(
            name, None, axis, "", f"its {axis}s are not those of {first[0]}", f"Give all variables the same {axis}s."
        )
        for name, array in arrays.items()
        for axis in ("node", "time")
        if first and not np.array_equal(array[axis].to_numpy(), first[1][axis].to_numpy())
    ]
