"""Files as their makers write them, with weather that a formula gives: ERA5, atlite, renewables.ninja, tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

Floats = npt.NDArray[np.float64]

LATITUDES = np.array([58.0, 52.0, 46.0, 40.0])
LONGITUDES = np.array([60.0, 66.0, 72.0, 78.0, 84.0])
"""A coarse grid over the country, north to south as ERA5 has it."""

UTC_YEAR = pd.date_range("2023-01-01", "2023-12-31 23:00", freq="h")
LOCAL_YEAR = pd.date_range("2022-12-31 19:00", "2023-12-31 19:00", freq="h")
"""The hours in UTC that a local year needs: 8,761 stamps."""

SITES = pd.DataFrame(
    [
        {"node": "north", "wind_lon": 70.5, "wind_lat": 53.5, "sun_lon": 69.0, "sun_lat": 52.0, "altitude": 300.0}
        | {"city_lon": 71.0, "city_lat": 51.0},
        {"node": "south", "wind_lon": 78.0, "wind_lat": 44.5, "sun_lon": 77.0, "sun_lat": 43.0, "altitude": 700.0}
        | {"city_lon": 76.5, "city_lat": 43.0},
    ]
)
"""Sites of two nodes, as rows of weather_sites.csv."""


def at(
    name: str, hours: pd.DatetimeIndex, latitude: npt.ArrayLike, longitude: npt.ArrayLike, noon: float = 7.5
) -> Floats:
    """The made-up weather: a variable of ERA5 at stamps in UTC; straight in latitude and longitude, as arrays go.

    Hours count from 2023-01-01 00:00 UTC, so that any stretch of any year has its own values. ``noon`` in UTC.
    """
    hour = ((hours - pd.Timestamp("2023-01-01")) / pd.Timedelta(hours=1)).to_numpy(dtype=float)
    north, east = np.asarray(latitude, dtype=float) - 48, np.asarray(longitude, dtype=float) - 66
    shape = (-1, *[1] * np.ndim(north + east))
    hour = hour.reshape(shape)
    day, year = 2 * np.pi * hour / 24, 2 * np.pi * hour / 8760
    sun = np.maximum(np.cos(day - 2 * np.pi * noon / 24), 0) * (1 - 0.5 * np.cos(year))
    values = {
        "u100": 6 + 3 * np.sin(hour / 17) + 0.2 * north + 0.1 * east,
        "v100": 2 + 2 * np.cos(hour / 11) + 0.05 * north * np.sin(hour / 5) + 0.02 * east,
        "ssrd": 3600 * sun * (500 - 10 * north + east),
        "fdir": 3600 * sun * (300 - 8 * north + east),
        "t2m": 281 - 14 * np.cos(year) + 5 * np.sin(day) - 0.6 * north + 0.1 * east,
        "fsr": 0.1 + 0.004 * north + 0.001 * east + 0 * hour,
        "sp": 96000 + 100 * north - 50 * east + 300 * np.sin(hour / 50),
    }
    found: Floats = np.asarray(values[name] + np.zeros(np.broadcast_shapes(hour.shape, (1, *np.shape(north + east)))))
    return found


UNITS = {"u100": "m s**-1", "v100": "m s**-1", "ssrd": "J m**-2", "fdir": "J m**-2", "t2m": "K", "fsr": "m", "sp": "Pa"}
USUAL = ("u100", "v100", "ssrd", "t2m", "fsr")


def grid(
    hours: pd.DatetimeIndex = LOCAL_YEAR,
    variables: tuple[str, ...] = USUAL,
    longitudes: Floats = LONGITUDES,
    noon: float = 7.5,
) -> xr.Dataset:
    """A Dataset as ERA5's old layout has it: time, latitude (north to south), longitude."""
    north, east = np.meshgrid(LATITUDES, (longitudes + 180) % 360 - 180, indexing="ij")
    return xr.Dataset(
        {
            name: (
                ("time", "latitude", "longitude"),
                at(name, hours, north, east, noon).astype(np.float32),
                {"units": UNITS[name]},
            )
            for name in variables
        },
        coords={"time": hours, "latitude": LATITUDES, "longitude": longitudes},
    )


def new_layout(old: xr.Dataset) -> xr.Dataset:
    """The layout since 2024: valid_time, a number and a text for the version of every hour."""
    version = np.where(np.arange(old.sizes["time"]) < old.sizes["time"] - 500, "0001", "0005")
    return (
        old.rename(time="valid_time")
        .assign_coords(number=0, expver=("valid_time", version))
        .transpose("valid_time", ...)
    )


def old_expver(old: xr.Dataset) -> xr.Dataset:
    """The old layout of recent months: final and preliminary hours on an axis, each with gaps."""
    final = np.arange(old.sizes["time"]) < old.sizes["time"] - 500
    mask = xr.DataArray(final, dims="time", coords={"time": old["time"]})
    both = xr.concat([old.where(mask), old.where(~mask)], pd.Index([1, 5], name="expver"))
    return both.transpose("time", "expver", ...)


def packed(old: xr.Dataset) -> Mapping[str, Mapping[str, Any]]:
    """The encoding of old files: whole numbers of 16 bits with a scale and an offset."""
    found = {}
    for name, values in old.data_vars.items():
        low, high = float(values.min()), float(values.max())
        scale = (high - low) / 65000 or 1.0
        found[str(name)] = {
            "dtype": "int16",
            "scale_factor": scale,
            "add_offset": (low + high) / 2,
            "_FillValue": np.int16(-32767),
        }
    return found


def written(dataset: xr.Dataset, path: Path, **options: Any) -> Path:
    """The Dataset as a NetCDF file, and its path."""
    dataset.to_netcdf(path, engine="netcdf4", **options)
    return path


def cutout(hours: pd.DatetimeIndex = LOCAL_YEAR) -> xr.Dataset:
    """A Dataset as atlite prepares it from ERA5: time, y (south to north), x; irradiance in W/m2, split in two."""
    old = grid(hours, ("u100", "v100", "ssrd", "fdir", "t2m", "fsr")).sortby("latitude")
    irradiance = {"units": "W m**-2"}
    direct, total = old["fdir"] / 3600, old["ssrd"] / 3600
    found = xr.Dataset(
        {
            "wnd100m": ((old["u100"] ** 2 + old["v100"] ** 2) ** 0.5).assign_attrs(units="m s**-1"),
            "roughness": old["fsr"].assign_attrs(units="m"),
            "influx_direct": direct.assign_attrs(irradiance),
            "influx_diffuse": (total - direct).assign_attrs(irradiance),
            "influx_toa": (2 * total).assign_attrs(irradiance),
            "albedo": xr.full_like(total, 0.2).assign_attrs(units="(0 - 1)"),
            "temperature": old["t2m"].assign_attrs(units="K"),
            "height": (("latitude", "longitude"), np.full((4, 5), 400.0, dtype=np.float32)),
        }
    ).rename(longitude="x", latitude="y")
    found = found.assign_coords(lon=found["x"], lat=found["y"])
    features = ["wind", "influx", "temperature", "height"]
    for name, feature in (("wnd100m", "wind"), ("roughness", "wind"), ("temperature", "temperature")):
        found[name].attrs |= {"module": "era5", "feature": feature}
    for name in ("influx_direct", "influx_diffuse", "influx_toa", "albedo"):
        found[name].attrs |= {"module": "era5", "feature": "influx"}
    found["height"].attrs |= {"module": "era5", "feature": "height"}
    return found.assign_attrs(module="era5", prepared_features=features, dx=6.0, dy=6.0)


def factor(node: int, hours: int = 8760) -> Floats:
    """Made-up capacity factors of wind, which differ from node to node."""
    values: Floats = 0.4 + 0.3 * np.sin(np.arange(hours) / (9 + node)) + 0.001 * node
    return np.round(values, 6)


def sunny(node: int, hours: int = 8760, noon: float = 12.5) -> Floats:
    """Made-up capacity factors of the sun, which stands highest at a local hour."""
    values: Floats = np.maximum(np.cos(2 * np.pi * (np.arange(hours) + 0.5 - noon) / 24), 0) * (0.6 + 0.01 * node)
    return np.round(values, 6)


def ninja(path: Path, values: Floats, *, local: bool = True, hours: pd.DatetimeIndex = UTC_YEAR) -> Path:
    """A file as renewables.ninja gives it for one place: comment lines, then hours in UTC."""
    own = pd.DataFrame({"time": hours.strftime("%Y-%m-%d %H:%M")})
    if local:
        own["local_time"] = (hours + pd.Timedelta(hours=5)).strftime("%Y-%m-%d %H:%M")
    own["electricity"] = values
    comment = "# Renewables.ninja Wind (Point API)\n# Units: time in UTC, local_time, electricity in kW\n# {}\n"
    path.write_text(comment + own.to_csv(index=False), encoding="utf-8")
    return path


def long_table(hours: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    """A table with a row for every hour and node: time, node, wind_cf, pv_fixed_cf, temperature."""
    local = pd.date_range("2023-01-01", periods=8760, freq="h") if hours is None else hours
    parts = [
        pd.DataFrame(
            {
                "time": local.strftime("%Y-%m-%d %H:%M"),
                "node": node,
                "wind_cf": factor(number, len(local)),
                "pv_fixed_cf": sunny(number, len(local)),
                "temperature": np.round(40 * factor(number, len(local)) - 16, 4),
            }
        )
        for number, node in enumerate(SITES["node"])
    ]
    return pd.concat(parts, ignore_index=True)


def wide_table() -> pd.DataFrame:
    """A table with a row for every hour and a column for every node."""
    local = pd.date_range("2023-01-01", periods=8760, freq="h").strftime("%Y-%m-%d %H:%M")
    return pd.DataFrame({"time": local} | {node: factor(number) for number, node in enumerate(SITES["node"])})
