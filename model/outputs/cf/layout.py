"""The file that a plan is written to: its results, and beside them what GIS programs see of them.

GDAL and QGIS show variables with one value for each feature and nothing else, so that every layer of ``outputs.maps``
has variables of its own, one for each planning year. What is there for maps alone says so in ``purpose``; without it
the file is the results again.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from model.outputs.cf.attributes import discovery
from model.outputs.cf.geometry import CRS, container, grid_mapping
from model.outputs.cf.units import NONE, cf_attributes
from model.outputs.maps import Layer, layers

MAP, TIME_AXIS = "map layer", "time axis"
"""What ``purpose`` says of variables that are there for a layer of a map, or for programs that want a time axis."""

PLACES = {
    "lon": {"standard_name": "longitude", "axis": "X"},
    "lat": {"standard_name": "latitude", "axis": "Y"},
}
"""What CF wants of the longitude and latitude of nodes."""

EXACT = 1000
"""Numbers up to which an array keeps double precision."""


def cf_dataset(results: xr.Dataset) -> xr.Dataset:
    """``results`` by CF-1.8 and ACDD-1.3, with geometry containers and variables for maps; see docs/results.md."""
    money = str(results.attrs.get("currency", "USD")), int(results.attrs.get("price_year", 0))
    found: dict[str, xr.Variable] = {CRS: grid_mapping()}
    for name, variable in results.variables.items():
        found[str(name)] = _described(str(name), variable, *money)
    found |= time_axis(results)
    for layer in layers(results).values():
        found |= container(layer)
        for name, variable in layer_variables(layer).items():
            own = found.get(name)
            if own is None:
                own = _with(_described(name, variable, *money), purpose=MAP)
            found[name] = _placed(own, layer) if name not in PLACES else own
    dataset = xr.Dataset(found, attrs=results.attrs)
    return dataset.assign_attrs(discovery(dataset))


def layer_variables(layer: Layer) -> dict[str, xr.Variable]:
    """The variables of a layer as the file names them: those of links and areas begin with their dim."""
    found = {layer.dim: layer.table[layer.dim].variable.to_base_variable()}
    for name, variable in layer.table.data_vars.items():
        plain = str(name).removeprefix("link_").removeprefix("node_")
        own = str(name) if layer.dim in ("node", "country") else f"{layer.dim}_{plain}"
        found[own] = variable.variable
    return found


def time_axis(results: xr.Dataset) -> dict[str, xr.Variable]:
    """``time`` and its bounds over ``step``, hours of the model year, where every step stands at a moment of it."""
    if "step_start" not in results:
        return {}
    start, length = (results[name].to_numpy().astype(float) for name in ("step_start", "step_duration"))
    year = json.loads(results.attrs.get("settings", "{}")).get("weather_year", int(results["year"][0]))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    said = {
        "standard_name": "time",
        "long_name": "beginning of the step in the model year, local standard time",
        "units": f"hours since {year}-01-01 00:00:00",
        "calendar": "365_day" if leap else "standard",
        "bounds": "time_bnds",
        "purpose": TIME_AXIS,
    }
    bounds = np.column_stack([start, start + length])
    return {
        "time": xr.Variable("step", start, said),
        "time_bnds": xr.Variable(("step", "bnds"), bounds, {"purpose": TIME_AXIS}),
    }


def _described(name: str, variable: xr.Variable, currency: str, price_year: int) -> xr.Variable:
    """A variable of the results with attributes as CF wants them, in single precision if it is large."""
    values = variable.to_numpy()
    said: dict[str, Any] = dict(variable.attrs)
    if values.dtype.kind in "OUS":
        said.pop("units", None)
        return xr.Variable(variable.dims, values.astype(str), said or {"long_name": name.replace("_", " ")})
    said |= cf_attributes(str(said.get("units", NONE)), currency, price_year)
    said.setdefault("long_name", name.replace("_", " "))
    said["coverage_content_type"] = "coordinate" if name in PLACES else "modelResult"
    if values.dtype.kind == "f":
        kept = values.size <= EXACT or name in PLACES
        return xr.Variable(variable.dims, values if kept else values.astype(np.float32), said | PLACES.get(name, {}))
    return xr.Variable(variable.dims, values.astype(np.int32), said)


def _placed(variable: xr.Variable, layer: Layer) -> xr.Variable:
    """The variable as part of a layer: it names the container, and the coordinates of points."""
    coordinates = {"coordinates": "lon lat"} if layer.geometry == "point" else {}
    return _with(variable, geometry=layer.name, grid_mapping=CRS, **coordinates)


def _with(variable: xr.Variable, **attrs: str) -> xr.Variable:
    return xr.Variable(variable.dims, variable.to_numpy(), {**variable.attrs, **attrs})
