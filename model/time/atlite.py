"""Weather from cutouts of atlite (Hofmann et al., 2021, doi 10.21105/joss.03294) that were prepared from ERA5.

A cutout is a NetCDF file and read without atlite. The optional extra, ``pip install '.[atlite]'``, brings atlite's own
turbines and panels.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from model.system.problems import InvalidStudy, Problem
from model.time.dataset import FACTORS
from model.time.gridded import REFERENCE_HEIGHT, hourly_means, points, weather_at
from model.time.reading import check_clock, check_units, opened
from model.time.sun import MAXIMUM_TILT, TILT_BELOW_LATITUDE
from model.time.wind import TURBINE, ZERO_CELSIUS

UNITS: Mapping[str, str] = {
    "wnd100m": "m s-1",
    "influx_direct": "W m-2",
    "influx_diffuse": "W m-2",
    "temperature": "K",
    "roughness": "m",
}
"""Variables of a cutout that are used, with their units."""

NEEDED = ("wnd100m", "influx_direct", "influx_diffuse", "temperature")
FOR_ATLITE = ("roughness", "influx_toa", "albedo", "solar_altitude", "solar_azimuth")
"""What atlite's own conversion needs besides."""

SOUTH = 180.0
"""Degrees from north."""


def from_atlite(
    cutout: str | Path,
    sites: pd.DataFrame,
    *,
    turbine: str = TURBINE,
    panel: str = "",
    hub_height: float = REFERENCE_HEIGHT,
    bias: Mapping[str, float] | None = None,
) -> xr.Dataset:
    """Hourly weather of a year, schema of ``time.dataset``, from a cutout that atlite has prepared from ERA5.

    ``sites``, ``hub_height`` (m) and ``bias`` as in ``from_era5``. Without ``panel`` wind and sun become capacity
    factors as everywhere here. With one, such as ``CSi``, atlite makes them from its own panel and ``turbine`` of these
    names: without losses of wakes, outages, cold and snow. InvalidStudy names all that is wrong with the file, and
    atlite if it is needed and not installed.
    """
    path = Path(cutout)
    needed = [*NEEDED, *(["roughness"] if hub_height != REFERENCE_HEIGHT else []), *(FOR_ATLITE if panel else [])]
    with opened(path) as whole:
        if problems := _check(whole, list(dict.fromkeys(needed)), path.name) + _check_own(panel, bias):
            raise InvalidStudy(problems)
        grid = whole[[name for name in UNITS if name in whole]].rename(x="longitude", y="latitude")
        if panel:
            grid = grid.assign(_own_factors(path, turbine, panel))
        grid = grid.drop_vars([name for name in grid.coords if name not in grid.dims])
        raw = points(grid, sites, path)
    return weather_at(
        hourly_means(_in_model_units(raw), path.name),
        sites,
        path.name,
        title="Weather from a cutout of atlite",
        source=f"cutout of atlite, prepared from ERA5{f'; converted by atlite, panel {panel}' if panel else ''}",
        turbine=turbine,
        hub_height=hub_height,
        bias=bias,
    )


def _check(whole: xr.Dataset, needed: list[str], file: str) -> list[Problem]:
    """Variables, axes, units, origin and hours of a cutout."""
    feature = "Prepare the cutout with the features wind, influx and temperature."
    found = [
        Problem(file, None, name, "", "the cutout lacks this variable", feature) for name in needed if name not in whole
    ]
    found += [
        Problem(file, None, axis, "", "the cutout lacks this axis", "Give a file that atlite has prepared.")
        for axis in ("time", "y", "x")
        if axis not in whole.coords
    ]
    for name, unit in UNITS.items():
        if name in whole:
            found += check_units(whole[name].attrs.get("units"), [unit], file, name)
    modules = {str(whole[name].attrs.get("module", "era5")) for name in needed if name in whole}
    found += [
        Problem(file, None, "module", module, "only cutouts from ERA5 can be read", "Prepare it with module='era5'.")
        for module in sorted(modules - {"era5"})
    ]
    return found or check_clock(pd.DatetimeIndex(whole["time"].to_numpy()), file)


def _check_own(panel: str, bias: Mapping[str, float] | None) -> list[Problem]:
    """What atlite's own conversion asks for."""
    found = []
    if panel and find_spec("atlite") is None:
        advice = "Install it: pip install '.[atlite]'; or leave the panel out."
        found.append(Problem("weather", None, "panel", panel, "atlite's own panels need atlite", advice))
    if panel and bias:
        rule = "a factor on wind speed does not go with atlite's own turbines"
        found.append(Problem("weather", None, "bias", ", ".join(bias), rule, "Leave out the panel or the factor."))
    return found


def _in_model_units(raw: xr.Dataset) -> xr.Dataset:
    """Speed (m/s), temperature (degrees Celsius) and irradiance (W/m2) under the names of ``gridded``."""
    found = {
        "speed": raw["wnd100m"],
        "temperature": raw["temperature"] - ZERO_CELSIUS,
        "direct": raw["influx_direct"],
        "ghi": raw["influx_direct"] + raw["influx_diffuse"],
    }
    found |= {name: raw[name] for name in ("roughness", *FACTORS) if name in raw}
    return xr.Dataset(found)


def _own_factors(path: Path, turbine: str, panel: str) -> dict[str, xr.DataArray]:
    """Capacity factors by atlite's own turbine and panel, on the cutout's grid; momentary wind, sun by hour."""
    from atlite import Cutout

    def slope(lon: xr.DataArray, lat: xr.DataArray, position: xr.Dataset) -> dict[str, Any]:
        tilt = np.clip(lat - np.radians(TILT_BELOW_LATITUDE), 0, np.radians(MAXIMUM_TILT))
        return {"slope": tilt, "azimuth": xr.full_like(tilt, np.radians(SOUTH))}

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = Cutout(path=path)
            every = {"aggregate_time": None, "show_progress": False}
            found = {
                "wind_cf": source.wind(turbine, **every),
                "pv_fixed_cf": source.pv(panel, orientation=slope, **every),
                "pv_tracking_cf": source.pv(
                    panel, orientation={"slope": 0.0, "azimuth": SOUTH}, tracking="horizontal", **every
                ),
            }
        except (ValueError, KeyError, OSError) as error:
            name, rule = f"{turbine}, {panel}", f"atlite cannot convert the cutout ({error})"
            advice = "Choose a turbine and a panel that atlite brings."
            raise InvalidStudy([Problem(path.name, None, "panel", name, rule, advice)]) from error
    return {name: values.rename(x="longitude", y="latitude").clip(0, 1) for name, values in found.items()}
