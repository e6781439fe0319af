"""Weather from ERA5 files of the Copernicus Climate Data Store, in its old and in its new layout.

Hersbach et al. (2020), doi 10.1002/qj.3803. Needed are the hourly single-level variables u100, v100, ssrd and t2m
(and fsr for hubs that are not at 100 m); fdir and sp are used where they are given. Hours are UTC: a local year runs
from 31 December 19:00 UTC to 31 December 19:00 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.gridded import REFERENCE_HEIGHT, hourly_means, joined, named, points, weather_at
from model.time.reading import check_clock, check_units, opened
from model.time.wind import TURBINE, ZERO_CELSIUS

UNITS: Mapping[str, str] = {
    "u100": "m s-1",
    "v100": "m s-1",
    "ssrd": "J m-2",
    "t2m": "K",
    "fsr": "m",
    "fdir": "J m-2",
    "sp": "Pa",
}
"""Variables that are used, with the units ERA5 gives them in."""

NEEDED = ("u100", "v100", "ssrd", "t2m")
AXES = ("time", "latitude", "longitude")
RENAMED = {"valid_time": "time", "lat": "latitude", "lon": "longitude"}

SECONDS = 3600.0
"""Of an hour, over which ssrd and fdir are summed."""


def from_era5(
    files: Sequence[str | Path],
    sites: pd.DataFrame,
    *,
    turbine: str = TURBINE,
    hub_height: float = REFERENCE_HEIGHT,
    bias: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """Hourly weather of a year, schema of ``time.dataset``, from ERA5 files in any split by months or variables.

    ``sites`` has the rows and columns of weather_sites.csv (and maybe ``lon``, ``lat`` of the node). Momentary values
    are averaged over the hour, sums of radiation fall to the hour that ends at the stamp. Values between grid points
    are linear, of wind by component. ``hub_height`` (m): logarithmic profile with fsr. ``bias``: factor on the speed of
    a node. A file of a UTC calendar year lacks the first five local hours: they are taken from its end, and the
    attribute ``wrapped_hours`` says so. InvalidStudy names everything that is wrong with the files.
    """
    needed = (*NEEDED, *(("fsr",) if hub_height != REFERENCE_HEIGHT else ()))
    parts: list[tuple[str, xr.Dataset]] = []
    problems: list[Problem] = []
    for path in map(Path, files):
        try:
            parts.append((path.name, _points(path, sites, needed)))
        except InvalidStudy as error:
            problems += error.problems
    given = {str(name) for _, part in parts for name in part.data_vars}
    file = named([Path(path).name for path in files])
    if not problems:
        problems += [
            Problem(file, None, name, "", "the files lack this variable", "Download it for the same hours and box.")
            for name in needed
            if name not in given
        ]
    if problems:
        raise InvalidStudy(problems)
    return weather_at(
        hourly_means(_in_model_units(joined(parts)), file),
        sites,
        file,
        title="Weather from ERA5",
        source="ERA5 hourly data on single levels, Copernicus Climate Data Store",
        turbine=turbine,
        hub_height=hub_height,
        bias=bias,
    )


def _points(path: Path, sites: pd.DataFrame, needed: Sequence[str]) -> xr.Dataset:
    """What a file holds at the sites, dims (time, site, node), names and units as in the file."""
    with opened(path) as whole:
        grid, problems = one_layout(whole, path.name)
        used = [name for name in UNITS if name in grid and (name in needed or name in ("fdir", "sp"))]
        for name in used:
            problems += check_units(grid[name].attrs.get("units"), [UNITS[name]], path.name, name)
        if not used:
            advice = f"ERA5 calls them {', '.join(UNITS)}."
            problems.append(Problem(path.name, None, "", "", "the file holds none of the variables needed", advice))
        if not problems:
            problems = check_clock(pd.DatetimeIndex(grid["time"].to_numpy()), path.name)
        if problems:
            raise InvalidStudy(problems)
        return points(grid[used], sites, path)


def one_layout(whole: xr.Dataset, file: str) -> tuple[xr.Dataset, list[Problem]]:
    """The layout of any of the store's years: dims time, latitude and longitude (-180 to 180), nothing else.

    Preliminary hours (``expver`` 5) fill what the final ones (1) lack.
    """
    grid = whole.rename({old: new for old, new in RENAMED.items() if old in whole.variables or old in whole.dims})
    problems = [
        Problem(
            file, None, axis, "", "the file lacks this axis", "Give files of ERA5 on a regular grid, as downloaded."
        )
        for axis in AXES
        if axis not in grid.coords or grid[axis].ndim != 1
    ]
    members = grid.sizes.get("number", 1)
    if members > 1:
        advice = "Download the reanalysis itself, not its ensemble."
        problems.append(Problem(file, None, "number", str(members), "the file holds several members", advice))
    if not problems and grid["time"].dtype.kind != "M":
        problems.append(
            Problem(
                file, None, "time", "", "the hours have no calendar", "Its units must be such as hours since a date."
            )
        )
    if problems:
        return grid, problems
    if "number" in grid.dims:
        grid = grid.isel(number=0)
    if "expver" in grid.dims:
        versions = [grid.sel(expver=version) for version in sorted(grid["expver"].to_numpy(), key=int)]
        grid = reduce(lambda final, more: final.combine_first(more), (v.drop_vars("expver") for v in versions))
    grid = grid.drop_vars([name for name in grid.coords if name not in AXES])
    east = grid["longitude"]
    return grid.assign_coords(longitude=((east + 180) % 360) - 180), []


def _in_model_units(raw: xr.Dataset) -> xr.Dataset:
    """Speed (m/s), temperature (degrees Celsius), irradiance (W/m2) and the rest under the names of ``gridded``."""
    found = {
        "speed": np.hypot(raw["u100"], raw["v100"]),
        "temperature": raw["t2m"] - ZERO_CELSIUS,
        "ghi": raw["ssrd"] / SECONDS,
    }
    found |= {name: raw[own] for name, own in (("roughness", "fsr"), ("pressure", "sp")) if own in raw}
    if "fdir" in raw:
        found["direct"] = raw["fdir"] / SECONDS
    return xr.Dataset(found)
