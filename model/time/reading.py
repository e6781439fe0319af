"""What every reader of hourly files shares: opening them, units, the clock, and naming what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.calendar import HOURS, HOURS_PER_DAY, UTC_OFFSET_HOURS
from model.time.dataset import LEAP_HOURS

Places = Mapping[str, tuple[float, float]]
"""Longitude and latitude of nodes."""

DEGREES_PER_HOUR = 15.0

HOUR = pd.Timedelta(hours=1)

NOT_NETCDF = {
    b"PK": ("a zip archive", "Unpack it and give the NetCDF files inside."),
    b"GRIB": ("a GRIB file", "Download it again as NetCDF."),
}
"""How files begin that are taken for NetCDF, what they are, and what to do."""

NOON_TOLERANCE = 2.5
"""Hours by which the middle of a year's light may be away from solar noon."""

SUNLIKE = 0.3
"""How much of its light a profile must have on one side of the day to have a middle; sunlight has about 0.7."""

SPANS_YEARS = "the files hold more than one whole year"


def opened(path: Path) -> xr.Dataset:
    """A NetCDF file, values read when they are used. InvalidStudy if it cannot be read."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
    except OSError as error:
        raise unreadable(path, error.strerror or "cannot be opened", "Check its name and its rights.") from error
    for magic, (kind, advice) in NOT_NETCDF.items():
        if start.startswith(magic):
            raise unreadable(path, f"is {kind}, not NetCDF", advice)
    try:
        return xr.open_dataset(path, engine="netcdf4", cache=False)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        raise unreadable(path, "cannot be read as NetCDF", "It is damaged or cut short: make it again.") from error


def loaded(values: xr.Dataset, path: Path) -> xr.Dataset:
    """The values themselves. InvalidStudy if the file breaks off on the way."""
    try:
        return values.load()
    except (OSError, RuntimeError, ValueError) as error:
        raise unreadable(path, "breaks off while it is read", "It is damaged or cut short: make it again.") from error


def unreadable(path: Path, what: str, advice: str) -> InvalidStudy:
    """The error of a file that cannot be used at all."""
    return InvalidStudy([Problem(path.name, None, "", "", f"the file {what}", advice)])


def spelled(unit: str) -> str:
    """One spelling for units: ``m/s``, ``m s**-1`` and ``m s^-1`` become ``m s-1``."""
    flat = re.sub(r"\*\*|\^", "", unit.strip())
    powers = re.sub(r"\s*/\s*([A-Za-z]+)(\d*)", lambda found: f" {found[1]}-{found[2] or 1}", flat)
    return " ".join(re.sub(r"[*.·]", " ", powers).split())


def check_units(given: str | None, allowed: Sequence[str], file: str, column: str) -> list[Problem]:
    """Whether a unit, if one is given, is among those allowed; the first of these is the usual one."""
    if given is None or spelled(given) in allowed:
        return []
    return [
        Problem(file, None, column, given, f"the unit must be {allowed[0]}", f"Convert the values to {allowed[0]}.")
    ]


def check_clock(
    stamps: pd.DatetimeIndex, file: str, rows: Sequence[int] | None = None, column: str = "time"
) -> list[Problem]:
    """Whether hours follow each other: what is not a time, comes twice, runs back or is skipped; ``rows`` are lines."""
    hours = stamps.as_unit("ns")

    def told(places: Iterable[int], rule: str, advice: str) -> list[Problem]:
        where = list(places)
        if not where:
            return []
        first, more = where[0], f" ({len(where)} hours)" if len(where) > 1 else ""
        row = None if rows is None else rows[first]
        return [Problem(file, row, column, f"{hours[first]:%Y-%m-%d %H:%M}", rule + more, advice)]

    if hours.hasnans:
        first = int(np.flatnonzero(hours.isna())[0])
        row = None if rows is None else rows[first]
        return [Problem(file, row, column, "", "must be a time such as 2023-01-31 17:00", "Correct the cell.")]
    odd = hours != hours.floor("h")
    found = told(np.flatnonzero(odd), "must be a full hour", "Give hourly means, labelled by the start of the hour.")
    twice = hours.duplicated()
    found += told(np.flatnonzero(twice), "the hour comes twice", "Give every hour once.")
    steps = np.diff(hours.to_numpy())
    back = np.flatnonzero((steps < np.timedelta64(0, "h")) & ~twice[1:]) + 1
    found += told(back, "the hour is earlier than the one before it", "Sort the file by time.")
    order = hours.unique().sort_values()
    steps, later = np.diff(order.to_numpy()), order[1:]
    march = (later.month == 3) & (later.day == 1) & (later.hour == 0) & later.is_leap_year
    after = np.flatnonzero((steps > np.timedelta64(1, "h")) & ~(march & (steps == np.timedelta64(25, "h")))) + 1
    if after.size:
        first_lacking = order[int(after[0]) - 1] + HOUR
        more = f" ({after.size} gaps)" if after.size > 1 else ""
        shown = f"{first_lacking:%Y-%m-%d %H:%M}"
        found.append(Problem(file, None, column, shown, f"the hour is missing{more}", "Fill the gap."))
    return found


def local_year(values: xr.Dataset, file: str) -> tuple[xr.Dataset, list[Problem]]:
    """The local year that hours in UTC (dim ``time``) cover, and the stamp that closes it: 8,761 or 8,785 stamps.

    A calendar year of UTC begins at 05:00 local time: the hours before, and the closing stamp, are then taken from the
    other end of the year; the attribute ``wrapped_hours`` counts them.
    """
    local = pd.DatetimeIndex(values["time"].to_numpy()).as_unit("ns") + pd.Timedelta(hours=UTC_OFFSET_HOURS)
    if problems := check_clock(local - pd.Timedelta(hours=UTC_OFFSET_HOURS), file):
        return values, problems
    counted = pd.Series(1, index=local).groupby(local.year).sum()
    if (counted >= HOURS - UTC_OFFSET_HOURS).sum() > 1:
        shown = ", ".join(str(year) for year in counted.index[counted >= HOURS - UTC_OFFSET_HOURS])
        return values, [Problem(file, None, "time", shown, SPANS_YEARS, "Give the files of one year.")]
    year = int(counted.idxmax())
    wanted = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", unit="ns")
    there = wanted.isin(local)
    edge = np.zeros(len(wanted), dtype=bool)
    edge[:UTC_OFFSET_HOURS] = edge[-1] = True
    a_year_on = np.where(np.arange(len(wanted)) < UTC_OFFSET_HOURS, 1, -1) * (len(wanted) - 1)
    taken = wanted.where(there | ~edge, wanted + pd.to_timedelta(a_year_on, unit="h"))
    place = local.get_indexer(taken)
    if lacking := int((place < 0).sum()):
        return values, [_short(wanted[place < 0][0], lacking, year, file)]
    wrapped = int((~there[:-1]).sum())
    return values.isel(time=place).assign_coords(time=wanted).assign_attrs(wrapped_hours=wrapped), []


def _short(first: pd.Timestamp, lacking: int, year: int, file: str) -> Problem:
    """The fault of a file that does not cover its year."""
    return Problem(
        file,
        None,
        "time",
        f"{first:%Y-%m-%d %H:%M}",
        f"{lacking} of the {LEAP_HOURS if pd.Timestamp(year, 1, 1).is_leap_year else HOURS} hours of {year} are "
        "missing, the first at this local time",
        f"Give all hours in UTC from {year - 1}-12-31 19:00 to {year}-12-31 19:00 (or the whole of {year}).",
    )


def check_noon(light: npt.NDArray[np.floating[Any]], places: Places, file: str, column: str) -> list[Problem]:
    """Whether the sun of a year (node, local hour) stands highest round noon: if not, hours are of another zone."""
    lon = np.array([place[0] for place in places.values()])
    hour = np.arange(light.shape[1]) % HOURS_PER_DAY + 0.5 - UTC_OFFSET_HOURS + lon[:, None] / DEGREES_PER_HOUR
    turn = 2 * np.pi / HOURS_PER_DAY
    mean = (light * np.exp(1j * turn * hour)).sum(axis=1) / np.maximum(light.sum(axis=1), 1e-9)
    middle = np.angle(mean) / turn % HOURS_PER_DAY
    wrong = (np.abs(mean) > SUNLIKE) & (np.abs(middle - HOURS_PER_DAY / 2) > NOON_TOLERANCE)
    advice = "Hours are of another time zone, or the places are wrong: correct them."
    return [
        Problem(
            file, None, column, f"{middle[n]:.1f}", f"solar hour of the middle of the light at {node}: not noon", advice
        )
        for n, node in enumerate(places)
        if wrong[n]
    ]
