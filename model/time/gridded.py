"""Weather on a grid, in UTC, brought to the sites of the nodes: interpolation, local hours, capacity factors."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.dataset import FACTORS, check_weather, weather_dataset, without_leap_day
from model.time.reading import check_clock, check_noon, loaded, local_year
from model.time.sun import pv_capacity_factors, sky_of
from model.time.wind import TURBINE, power_curve, wind_capacity_factor

Floats = npt.NDArray[np.float64]

SITES = ("wind", "sun", "city")
"""The places of a node: where the wind blows, where the sun shines, whose temperature drives load and heat."""

SITE_OF: Mapping[str, str] = {
    "speed": "wind",
    "roughness": "wind",
    "pressure": "wind",
    "ghi": "sun",
    "direct": "sun",
    "wind_cf": "wind",
    "pv_fixed_cf": "sun",
    "pv_tracking_cf": "sun",
}
"""Where a variable is used; temperature everywhere."""

SUMS = ("ghi", "direct", "pv_fixed_cf", "pv_tracking_cf")
"""Variables that are given as means over the hour that ends at the stamp; the others are momentary values."""

REFERENCE_HEIGHT = 100.0
"""m above ground at which the sources give the wind."""

SEA_LEVEL_PRESSURE, PRESSURE_LAPSE, PRESSURE_EXPONENT = 101325.0, 2.25577e-5, 5.25588
"""Standard atmosphere: Pa, 1/m, 1."""

LIMITS: Mapping[str, tuple[float, float, str]] = {
    "speed": (0, 100, "m/s"),
    "roughness": (1e-6, 20, "m"),
    "pressure": (4e4, 1.1e5, "Pa"),
    "temperature": (-90, 65, "degC"),
    "ghi": (-1, 1500, "W/m2"),
    "direct": (-1, 1500, "W/m2"),
}
"""What no weather passes; irradiance a little below zero is rounding of packed files."""

BLOCK_HOURS = 744
"""Hours read at a time, so that a large grid never stands in memory as a whole."""


def points(grid: xr.Dataset, sites: pd.DataFrame, path: Path) -> xr.Dataset:
    """Values of a grid (time, latitude, longitude) at the sites, linear between grid points: dims (time, site, node).

    ``sites`` has the columns of weather_sites.csv. InvalidStudy names every site outside the grid, and a file that
    breaks off.
    """
    lon, lat = (
        xr.DataArray(
            [[float(row[f"{site}_{axis}"]) for row in sites.to_dict("records")] for site in SITES],
            dims=("site", "node"),
            coords={"site": list(SITES), "node": sites["node"].astype(str).tolist()},
        )
        for axis in ("lon", "lat")
    )
    if problems := _outside(grid, lon, lat, path.name):
        raise InvalidStudy(problems)
    near = grid.isel(longitude=_around(grid["longitude"], lon), latitude=_around(grid["latitude"], lat))
    hours = grid.sizes["time"]

    def values(name: Hashable) -> xr.Dataset:
        parts = (near[[name]].isel(time=slice(start, start + BLOCK_HOURS)) for start in range(0, hours, BLOCK_HOURS))
        return xr.concat([loaded(part, path).interp(longitude=lon, latitude=lat) for part in parts], "time")

    return xr.merge([values(name) for name in near.data_vars]).drop_vars(["longitude", "latitude"])


def _outside(grid: xr.Dataset, lon: xr.DataArray, lat: xr.DataArray, file: str) -> list[Problem]:
    """Sites that the grid does not reach, and axes with fewer than two points."""
    found = []
    for axis, wanted in (("longitude", lon), ("latitude", lat)):
        low, high = float(grid[axis].min()), float(grid[axis].max())
        away = (wanted < low) | (wanted > high)
        for site, node in np.argwhere(away.to_numpy()):
            name = f"{wanted['node'].to_numpy()[node]} ({wanted['site'].to_numpy()[site]} site)"
            place = f"{float(wanted[site, node]):g}"
            rule = f"the grid reaches from {low:g} to {high:g}, not to {name}"
            found.append(Problem(file, None, axis, place, rule, "Download a larger box, or move the site."))
    return found


def _around(axis: xr.DataArray, wanted: xr.DataArray) -> slice:
    """The stretch of an axis that holds both grid points next to every site."""
    values = axis.to_numpy()
    below, above = values[values <= float(wanted.min())].max(), values[values >= float(wanted.max())].min()
    places = np.flatnonzero((values >= below) & (values <= above))
    return slice(int(places.min()), int(places.max()) + 1)


def joined(parts: Sequence[tuple[str, xr.Dataset]]) -> xr.Dataset:
    """Files with other hours or other variables as one Dataset. InvalidStudy if their hours do not fit together.

    ``parts`` are names of files and what ``points`` gives.
    """
    names = list(dict.fromkeys(str(name) for _, part in parts for name in part.data_vars))
    whole: dict[str, xr.DataArray] = {}
    problems: list[Problem] = []
    for name in names:
        own = sorted(
            ((file, part[name]) for file, part in parts if name in part), key=lambda pair: pair[1]["time"].to_numpy()[0]
        )
        whole[name] = xr.concat([values for _, values in own], "time") if len(own) > 1 else own[0][1]
        file = named([file for file, _ in own])
        problems += check_clock(pd.DatetimeIndex(whole[name]["time"].to_numpy()), file)
    first = next(iter(whole.values()))
    rule, advice = f"its hours are not those of {first.name}", "Give the same hours of both."
    problems = problems or [
        Problem(named([file for file, _ in parts]), None, f"time of {name}", "", rule, advice)
        for name, values in whole.items()
        if not values["time"].equals(first["time"])
    ]
    if problems:
        raise InvalidStudy(problems)
    return xr.Dataset(whole)


def named(files: Sequence[str]) -> str:
    """How several files are called in a message."""
    every = list(dict.fromkeys(files)) or ["no file"]
    return every[0] if len(every) == 1 else f"{every[0]} to {every[-1]}"


def hourly_means(values: xr.Dataset, file: str) -> xr.Dataset:
    """Means over the hours of a local year, labelled by their start, from stamps in UTC.

    The mean of momentary values over an hour is that of its two ends. InvalidStudy if the year is not whole.
    """
    year, problems = local_year(values, file)
    if problems:
        raise InvalidStudy(problems)
    start, end = year.isel(time=slice(None, -1)), year.isel(time=slice(1, None)).drop_vars("time")
    sums = [name for name in year.data_vars if name in SUMS]
    momentary = [name for name in year.data_vars if name not in SUMS]
    means = (start[momentary].drop_vars("time") + end[momentary]) / 2
    return means.merge(end[sums]).assign_coords(time=start["time"]).assign_attrs(year.attrs)


def weather_at(
    means: xr.Dataset,
    sites: pd.DataFrame,
    file: str,
    *,
    title: str,
    source: str,
    turbine: str = TURBINE,
    hub_height: float = REFERENCE_HEIGHT,
    bias: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """The Dataset of weather from hourly means at the sites, schema of ``time.dataset``.

    ``means`` has the dims (time, site, node) and the variables ``speed`` (m/s at 100 m), ``temperature`` (degrees
    Celsius), ``ghi`` (W/m2), and maybe ``roughness`` (m), ``pressure`` (Pa) and ``direct`` (W/m2 on the level). Where
    it has capacity factors, found otherwise, these stand. ``bias`` multiplies the speed of a node. InvalidStudy if a
    value is impossible, or the turbine unknown.
    """
    nodes = [str(node) for node in means["node"].to_numpy()]
    own = {name: _of(means, name, SITE_OF[name]) for name in FACTORS if name in means}
    problems = [*_check_bias(bias or {}, nodes), *_check_means(means, file)]
    if problems := problems if own else [*_check_turbine(turbine), *problems]:
        raise InvalidStudy(problems)
    scale = np.array([(bias or {}).get(node, 1.0) for node in nodes])[:, None]
    speed = _of(means, "speed", "wind") * scale
    ghi = np.maximum(_of(means, "ghi", "sun"), 0)
    attrs = {"turbine": turbine} if own else {"turbine": turbine, "hub_height": hub_height}
    if not own:
        fixed, tracking = _sun(means, sites, ghi)
        wind = _wind(means, sites, speed, turbine, hub_height)
        own = {"wind_cf": wind, "pv_fixed_cf": fixed, "pv_tracking_cf": tracking}
    found = weather_dataset(
        {**own, "wind_speed": speed, "ghi": ghi, "temperature": _of(means, "temperature", "city")},
        places(sites),
        pd.DatetimeIndex(means["time"].to_numpy()),
        title=title,
        source=source,
        **attrs,
        wind_speed_bias=", ".join(f"{node} {factor:g}" for node, factor in (bias or {}).items()) or "none",
        wrapped_hours=int(means.attrs.get("wrapped_hours", 0)),
    )
    suns = {str(row["node"]): (float(row["sun_lon"]), float(row["sun_lat"])) for row in sites.to_dict("records")}
    if problems := check_weather(found, nodes, file) + check_noon(ghi, suns, file, "ghi"):
        raise InvalidStudy(problems)
    return without_leap_day(found)


def places(sites: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of each node: its own if ``sites`` has columns lon and lat, else those of its city."""
    own = ("lon", "lat") if {"lon", "lat"} <= set(sites.columns) else ("city_lon", "city_lat")
    return {str(row["node"]): (float(row[own[0]]), float(row[own[1]])) for row in sites.to_dict("records")}


def _of(means: xr.Dataset, name: str, site: str) -> Floats:
    """A variable at one kind of site, (node, time)."""
    values: Floats = means[name].sel(site=site).transpose("node", "time").to_numpy().astype(np.float64)
    return values


def _check_means(means: xr.Dataset, file: str) -> list[Problem]:
    """Values that no weather has, at the sites that use them."""
    found: list[Problem] = []
    for name in map(str, means.data_vars):
        low, high, unit = LIMITS.get(name, (0, 1, ""))
        sums = "Sums of light are over each hour, in J m-2, not since midnight."
        advice = sums if name in SUMS else "Correct the values or their unit."
        for site in (SITE_OF[name],) if name in SITE_OF else SITES:
            values = _of(means, name, site)
            gap = ~np.isfinite(values)
            found += _told(means, gap, name, site, file, "must be a number", "Fill the gap, or move the site to land.")
            rule = f"must lie between {low:g} and {high:g} {unit}".strip()
            found += _told(means, ~gap & ((values < low) | (values > high)), name, site, file, rule, advice)
    return found


def _told(
    means: xr.Dataset, wrong: npt.NDArray[np.bool_], name: str, site: str, file: str, rule: str, advice: str
) -> Iterable[Problem]:
    """One fault for each node that has wrong values (node, time), with the first hour of them."""
    for node in np.flatnonzero(wrong.any(axis=1)):
        hour = means["time"].to_numpy()[np.argmax(wrong[node])]
        where = f"{means['node'].to_numpy()[node]} ({site} site) at {hour:.16}"
        yield Problem(file, None, name, "", f"{where} ({int(wrong[node].sum())} hours): {rule}", advice)


def _check_turbine(turbine: str) -> list[Problem]:
    try:
        power_curve(turbine)
    except ValueError:
        rule = "windpowerlib has no power curve of this turbine"
        return [Problem("weather", None, "turbine", turbine, rule, "Choose one of windpowerlib's types.")]
    return []


def _check_bias(bias: Mapping[str, float], nodes: Sequence[str]) -> list[Problem]:
    strangers = [node for node in bias if node not in nodes]
    found = [Problem("weather", None, "bias", node, "there is no such node", "Correct its name.") for node in strangers]
    low = {node: factor for node, factor in bias.items() if not (np.isfinite(factor) and factor > 0)}
    return found + [
        Problem("weather", None, "bias", f"{node} {factor:g}", "must be > 0", "Give a factor on wind speed.")
        for node, factor in low.items()
    ]


def _wind(means: xr.Dataset, sites: pd.DataFrame, speed: Floats, turbine: str, hub_height: float) -> Floats:
    """Capacity factor of wind at hub height: logarithmic profile over the roughness of the ground."""
    if hub_height != REFERENCE_HEIGHT:
        rough = _of(means, "roughness", "wind")
        speed = speed * np.log(hub_height / rough) / np.log(REFERENCE_HEIGHT / rough)
    altitude = sites["altitude"].to_numpy(dtype=float)[:, None]
    if "pressure" in means:
        relative = _of(means, "pressure", "wind") / SEA_LEVEL_PRESSURE
        altitude = (1 - relative ** (1 / PRESSURE_EXPONENT)) / PRESSURE_LAPSE
    return wind_capacity_factor(speed, _of(means, "temperature", "wind"), altitude, turbine)


def _sun(means: xr.Dataset, sites: pd.DataFrame, ghi: Floats) -> tuple[Floats, Floats]:
    """Capacity factors of fixed and tracking solar power, (node, time)."""
    hours, warm = pd.DatetimeIndex(means["time"].to_numpy()), _of(means, "temperature", "sun")
    diffuse = np.maximum(ghi - _of(means, "direct", "sun"), 0) if "direct" in means else [None] * len(ghi)
    output = []
    for row, *values in zip(sites.to_dict("records"), ghi, warm, diffuse, strict=True):
        sky = sky_of(hours, float(row["sun_lat"]), float(row["sun_lon"]), float(row["altitude"]))
        output.append(pv_capacity_factors(sky, *values))
    fixed, tracking = (np.array(rows) for rows in zip(*output, strict=True))
    return fixed, tracking
