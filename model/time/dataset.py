"""Hourly weather by node: one schema, whatever the source, and what makes a file of it unusable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.problems import Problem
from model.time.calendar import HOURS, UTC_OFFSET_HOURS
from model.version import VERSION

UTC_OFFSET = f"+{UTC_OFFSET_HOURS:02d}:00"

FACTORS = ("wind_cf", "pv_fixed_cf", "pv_tracking_cf")
"""Capacity factors, between 0 and 1."""

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "wind_cf": {"units": "1", "long_name": "capacity factor of wind power"},
    "pv_fixed_cf": {"units": "1", "long_name": "capacity factor of fixed-tilt solar power, AC"},
    "pv_tracking_cf": {"units": "1", "long_name": "capacity factor of single-axis tracking solar power, AC"},
    "wind_speed": {"units": "m s-1", "long_name": "wind speed at 100 m", "standard_name": "wind_speed"},
    "ghi": {
        "units": "W m-2",
        "long_name": "global horizontal irradiance",
        "standard_name": "surface_downwelling_shortwave_flux_in_air",
    },
    "temperature": {"units": "degC", "long_name": "air temperature at 2 m", "standard_name": "air_temperature"},
}
"""What a weather Dataset may hold, with its attributes."""

LEAP_HOURS = HOURS + 24


def weather_dataset(
    variables: Mapping[str, npt.ArrayLike],
    places: Mapping[str, tuple[float, float]],
    time: pd.DatetimeIndex,
    *,
    title: str,
    source: str,
    **attrs: object,
) -> xr.Dataset:
    """The Dataset of hourly weather: dims (node, time), float32.

    ``variables`` are arrays (node, time) under the names of ``VARIABLES``, ``places`` longitude and latitude of each
    node, ``time`` the starts of the hours in local standard time. ``attrs`` are added to those of the file.
    """
    known = {name: VARIABLES[name] for name in variables}
    lon, lat = (np.array([place[axis] for place in places.values()]) for axis in (0, 1))
    naive = pd.DatetimeIndex(time).as_unit("ns")
    found = xr.Dataset(
        {
            name: (
                ("node", "time"),
                np.asarray(variables[name], dtype=np.float32),
                {**about, "cell_methods": "time: mean"},
            )
            for name, about in known.items()
        },
        coords={
            "node": list(places),
            "time": ("time", naive, {"standard_name": "time", "long_name": "start of the hour", "bounds": "time_bnds"}),
            "lon": ("node", lon, {"units": "degrees_east", "standard_name": "longitude"}),
            "lat": ("node", lat, {"units": "degrees_north", "standard_name": "latitude"}),
        },
        attrs={
            "Conventions": "CF-1.8",
            "title": title,
            "source": source,
            "year": int(naive[0].year),
            "version": VERSION,
            "utc_offset": UTC_OFFSET,
            **attrs,
        },
    )
    bounds = np.stack([naive.to_numpy(), (naive + pd.Timedelta(hours=1)).to_numpy()], axis=1)
    return found.assign(time_bnds=(("time", "bnds"), bounds))


def check_weather(weather: xr.Dataset, nodes: Sequence[str], file: str) -> list[Problem]:
    """What is wrong with hourly weather that must serve ``nodes``; empty if nothing is."""
    if lacking := [dim for dim in ("node", "time") if dim not in weather.dims]:
        return [
            Problem(file, None, lacking[0], "", "the file lacks this dimension", "Weather has the dims node and time.")
        ]
    found = _check_hours(weather, file)
    if str(weather.attrs.get("utc_offset", UTC_OFFSET)) != UTC_OFFSET:
        found.append(
            Problem(
                file,
                None,
                "utc_offset",
                str(weather.attrs["utc_offset"]),
                f"hours must be local standard time, {UTC_OFFSET}",
                "Shift the hours, or build the file with `run.py weather`.",
            )
        )
    twice = pd.Index(weather["node"].to_numpy()).duplicated()
    found += [
        Problem(file, None, "node", str(node), "the node comes twice", "Give every node once.")
        for node in dict.fromkeys(weather["node"].to_numpy()[twice])
    ]
    absent = [node for node in nodes if node not in weather["node"].to_numpy()]
    found += [
        Problem(file, None, "node", node, "the file has no weather of the node", "Give every node inside the country.")
        for node in absent
    ]
    if not {"wind_cf", "pv_fixed_cf"} & set(weather.data_vars):
        found.append(
            Problem(file, None, "", "", "there is neither wind_cf nor pv_fixed_cf", "Give at least one of them.")
        )
    return found + [problem for name in VARIABLES if name in weather for problem in _check_values(weather[name], file)]


def _check_hours(weather: xr.Dataset, file: str) -> list[Problem]:
    """Hours follow each other without gap and fill a year."""
    time = pd.DatetimeIndex(weather["time"].to_numpy())
    if len(time) not in (HOURS, LEAP_HOURS):
        return [
            Problem(
                file,
                None,
                "time",
                str(len(time)),
                f"a year has {HOURS} hours, or {LEAP_HOURS} with 29 February",
                "Give one whole year.",
            )
        ]
    steps = np.diff(time.to_numpy()) / np.timedelta64(1, "h")
    march = (time[1:].month == 3) & (time[1:].day == 1) & (time[1:].hour == 0)
    skipped = march & time[1:].is_leap_year & (steps == 25)
    wrong = np.flatnonzero((steps != 1) & ~skipped)
    if wrong.size:
        place = time[int(wrong[0]) + 1]
        return [
            Problem(
                file,
                None,
                "time",
                str(place),
                f"{wrong.size} hours do not follow the hour before",
                "Close the gaps; hours rise, each once.",
            )
        ]
    if (time[0].month, time[0].day, time[0].hour) != (1, 1, 0):
        return [
            Problem(
                file,
                None,
                "time",
                str(time[0]),
                "the year must begin at 00:00 on 1 January, local standard time",
                f"Shift UTC by {UTC_OFFSET_HOURS} hours.",
            )
        ]
    whole = LEAP_HOURS if time[0].is_leap_year and not skipped.any() else HOURS
    if len(time) != whole:
        advice = "Give one whole year; 29 February may be left out."
        return [Problem(file, None, "time", str(len(time)), f"{time[0].year} has {whole} hours", advice)]
    return []


def _check_values(values: xr.DataArray, file: str) -> list[Problem]:
    """Values are there for every node and hour, finite and possible."""
    if set(values.dims) != {"node", "time"}:
        shown, advice = ", ".join(map(str, values.dims)), "Give a value for every node and hour."
        return [Problem(file, None, str(values.name), shown, "must have the dimensions node and time", advice)]
    name, array = str(values.name), values.transpose("node", "time").to_numpy()
    rules = [(~np.isfinite(array), "must be a finite number", "Fill the gap from a neighbouring hour or year.")]
    if name in FACTORS:
        rules.append(((array < 0) | (array > 1), "must lie between 0 and 1", "Give output over capacity."))
    elif name in ("wind_speed", "ghi"):
        rules.append((array < 0, "must be >= 0", "Correct the values."))
    found = []
    for wrong, rule, advice in rules:
        places = np.argwhere(wrong)
        if len(places):
            node, hour = places[0]
            where = f"{values['node'].to_numpy()[node]} at {values['time'].to_numpy()[hour]:.16}"
            more = f" ({len(places)} values)" if len(places) > 1 else ""
            found.append(Problem(file, None, name, f"{array[node, hour]:g}", f"{where}{more}: {rule}", advice))
    return found


def without_leap_day(weather: xr.Dataset) -> xr.Dataset:
    """The 8,760 hours of the model year: 29 February is left out."""
    time = pd.DatetimeIndex(weather["time"].to_numpy())
    return weather.isel(time=np.flatnonzero(~((time.month == 2) & (time.day == 29))))
