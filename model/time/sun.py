"""From irradiance to the capacity factor of solar power, by pvlib: split, plane of the panels, cells, inverter."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.time.calendar import UTC_OFFSET_HOURS

Floats = npt.NDArray[np.float64]

LIBRARY = r"pvlib\."
"""Whose own warnings, of pandas features to come and of the night, are no user's business."""

TEMPERATURE_COEFFICIENT = -0.0035
"""Change of output per K of the cell above 25 degrees."""

LOSSES = 0.14
"""Soiling, mismatch, wiring, age, outages."""

SNOW = ((-5.0, 0.08, 0.55), (0.0, 0.04, 0.35))
"""Below a monthly mean temperature: share lost to snow on the panels, and albedo of the ground."""
BARE_ALBEDO = 0.20
ROUNDING = 1e-6
"""A month that is fitted to a mean of exactly one of these temperatures is not below it, whatever the last digit."""

INVERTER = 0.96
"""Efficiency of the inverter at full power."""

DIFFUSE_TRANSMISSION = 0.95
"""What of diffuse light passes the glass."""

DC_FIXED, DC_TRACKING = 1.2, 1.25
"""Panel power over inverter power."""

MAXIMUM_TILT, TILT_BELOW_LATITUDE = 40.0, 12.0
"""Panels of fixed tilt stand so many degrees flatter than the latitude, at most at the first angle; south."""

TRACKING_ANGLE, GROUND_COVER = 55.0, 0.35
"""Greatest rotation of a tracker, and panel width over the distance of rows."""

LINKE_FACTOR = 0.80
"""On the Linke turbidity that pvlib brings; with 1 a clear sky leaves no room for what is measured."""


@dataclass(frozen=True)
class Sky:
    """Where the sun stands at a place in the middle of every hour; arrays over hours, degrees and W/m2."""

    middle: pd.DatetimeIndex
    apparent_zenith: Floats
    zenith: Floats
    azimuth: Floats
    extra: Floats
    latitude: float
    longitude: float
    altitude: float


def sky_of(hours: pd.DatetimeIndex, latitude: float, longitude: float, altitude: float) -> Sky:
    """The sun over a place; ``hours`` are starts of hours in local standard time (UTC+5)."""
    import pvlib

    middle = (hours - pd.Timedelta(hours=UTC_OFFSET_HOURS) + pd.Timedelta(minutes=30)).tz_localize("UTC")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=LIBRARY)
        position = pvlib.solarposition.get_solarposition(middle, latitude, longitude, altitude=altitude)
        outside = np.asarray(pvlib.irradiance.get_extra_radiation(middle), dtype=float)
    apparent, zenith, azimuth = (
        position[name].to_numpy(dtype=float) for name in ("apparent_zenith", "zenith", "azimuth")
    )
    return Sky(middle, apparent, zenith, azimuth, outside, latitude, longitude, altitude)


def clear_sky(sky: Sky) -> Floats:
    """Global horizontal irradiance of a clear sky, W/m2: Ineichen and Perez with pvlib's turbidity."""
    import pvlib

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=LIBRARY)
        turbidity = LINKE_FACTOR * pvlib.clearsky.lookup_linke_turbidity(sky.middle, sky.latitude, sky.longitude)
        airmass = pvlib.atmosphere.get_absolute_airmass(
            pvlib.atmosphere.get_relative_airmass(sky.apparent_zenith), pvlib.atmosphere.alt2pres(sky.altitude)
        )
        clear: Any = pvlib.clearsky.ineichen(
            sky.apparent_zenith, airmass, turbidity.to_numpy(), altitude=sky.altitude, dni_extra=sky.extra
        )
    irradiance: Floats = np.nan_to_num(np.asarray(clear["ghi"], dtype=float))
    return irradiance


def pv_capacity_factors(
    sky: Sky, ghi: Floats, temperature: Floats, diffuse: Floats | None = None
) -> tuple[Floats, Floats]:
    """Capacity factors (AC) of fixed-tilt and of single-axis tracking solar power, arrays over hours.

    ``ghi`` and ``diffuse`` in W/m2; without ``diffuse`` the split of Erbs et al. (1982) is used. ``temperature`` in
    degrees Celsius. Zero where the sun is below the horizon. Transposition: Hay and Davies; cells: Faiman; inverter:
    PVWatts.
    """
    import pvlib

    up = sky.zenith < 90
    light = np.where(up, ghi, 0.0)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=LIBRARY)
        if diffuse is None:
            split: Any = pvlib.irradiance.erbs(light, sky.zenith, sky.middle)
            scattered, beam = np.asarray(split["dhi"], dtype=float), np.asarray(split["dni"], dtype=float)
        else:
            scattered = np.where(up, np.minimum(diffuse, light), 0.0)
            height = np.cos(np.radians(sky.zenith))
            beam = np.where(height > np.cos(np.radians(87)), (light - scattered) / np.maximum(height, 1e-3), 0.0)
            beam = np.minimum(beam, sky.extra)
        tilt = float(np.clip(sky.latitude - TILT_BELOW_LATITUDE, 0, MAXIMUM_TILT))
        track: Any = pvlib.tracking.singleaxis(
            sky.apparent_zenith, sky.azimuth, max_angle=TRACKING_ANGLE, backtrack=True, gcr=GROUND_COVER
        )
        panels = (
            (np.full(len(light), tilt), np.full(len(light), 180.0), DC_FIXED),
            (
                np.nan_to_num(np.asarray(track["surface_tilt"], dtype=float)),
                np.nan_to_num(np.asarray(track["surface_azimuth"], dtype=float), nan=180.0),
                DC_TRACKING,
            ),
        )
        fixed, tracking = (_output(sky, light, beam, scattered, temperature, *panel) for panel in panels)
    return np.where(up, fixed, 0.0), np.where(up, tracking, 0.0)


def _output(
    sky: Sky,
    ghi: Floats,
    beam: Floats,
    scattered: Floats,
    temperature: Floats,
    tilt: Floats,
    azimuth: Floats,
    dc: float,
) -> Floats:
    """AC output over inverter power of panels with a tilt and azimuth in every hour."""
    import pvlib

    snow, albedo = _ground(sky.middle, temperature)
    facing = pvlib.irradiance.aoi(tilt, azimuth, sky.apparent_zenith, sky.azimuth)
    plane: Any = pvlib.irradiance.get_total_irradiance(
        tilt,
        azimuth,
        sky.apparent_zenith,
        sky.azimuth,
        beam,
        ghi,
        scattered,
        dni_extra=sky.extra,
        albedo=albedo,
        model="haydavies",
    )
    direct, other, total = (
        np.nan_to_num(np.asarray(plane[name], dtype=float)) for name in ("poa_direct", "poa_diffuse", "poa_global")
    )
    used = direct * pvlib.iam.physical(facing) + DIFFUSE_TRANSMISSION * other
    cell = pvlib.temperature.faiman(total, temperature)
    power = dc * used / 1000 * (1 + TEMPERATURE_COEFFICIENT * (cell - 25)) * (1 - LOSSES) * (1 - snow)
    output: Floats = np.clip(np.nan_to_num(pvlib.inverter.pvwatts(power, 1 / INVERTER, INVERTER)), 0, 1)
    return output


def _ground(middle: pd.DatetimeIndex, temperature: Floats) -> tuple[Floats, Floats]:
    """Share lost to snow, and albedo, in every hour, by the mean temperature of its month."""
    month = (middle + pd.Timedelta(hours=UTC_OFFSET_HOURS)).month.to_numpy() - 1
    mean = (np.bincount(month, temperature, 12) / np.maximum(np.bincount(month, minlength=12), 1))[month]
    (hard, much, white_), (frost, some, grey) = SNOW
    cold = [mean < hard - ROUNDING, mean < frost - ROUNDING]
    return np.select(cold, [much, some], 0.0), np.select(cold, [white_, grey], BARE_ALBEDO)
