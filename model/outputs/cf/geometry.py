"""Shapes as CF geometry containers (CF-1.8, section 7.5): points, lines and polygons that GDAL and QGIS open as layers.

What real clients need beyond the text of the conventions: every container names its grid mapping, vertices have an
``axis`` but no ``standard_name``, and every variable of a layer names its container.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.outputs.maps import Floats, Layer, Shapes

CRS = "crs"
GEOMETRY = "geometry"
"""What ``purpose`` says of containers, vertices and counts."""

OF_GEOMETRY = {"purpose": GEOMETRY, "coverage_content_type": "coordinate"}

WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
"""EPSG:4326 as well-known text."""


def grid_mapping() -> xr.Variable:
    """The coordinate reference system of all longitudes and latitudes."""
    return _scalar(
        grid_mapping_name="latitude_longitude",
        long_name="longitude and latitude of WGS 84",
        longitude_of_prime_meridian=0.0,
        semi_major_axis=6378137.0,
        inverse_flattening=298.257223563,
        crs_wkt=WGS84,
    )


def container(layer: Layer) -> dict[str, xr.Variable]:
    """The container of a layer under the layer's name, with vertices and counts; of points it is the container alone.

    Points lie where the variables ``lon`` and ``lat`` of the same dim say.
    """
    name = layer.name
    said = {
        "geometry_type": layer.geometry,
        "grid_mapping": CRS,
        "variable_name": f"{name}_shape",
        "long_name": f"shapes of the layer {name}",
    }
    if layer.geometry == "point":
        return {name: _scalar(**said, node_coordinates="lon lat")}
    said |= {"node_count": f"{name}_node_count", "node_coordinates": f"{name}_lon {name}_lat"}
    features = closed(layer.shapes) if layer.geometry == "polygon" else layer.shapes
    rings = [ring for feature in features for part in feature for ring in part]
    counts = [sum(len(ring) for part in feature for ring in part) for feature in features]
    found = {said["node_count"]: _count(layer.dim, counts, "vertices of each feature")}
    if layer.geometry == "polygon":
        said |= {"part_node_count": f"{name}_part_node_count", "interior_ring": f"{name}_interior_ring"}
        inner = [int(i > 0) for feature in features for part in feature for i in range(len(part))]
        each = [len(ring) for ring in rings]
        found[said["part_node_count"]] = _count(f"{name}_part", each, "vertices of each ring")
        found[said["interior_ring"]] = _count(f"{name}_part", inner, "1: the ring is a hole")
    course = np.concatenate(rings)
    for i, (axis, unit, which) in enumerate((("X", "degrees_east", "lon"), ("Y", "degrees_north", "lat"))):
        attrs = {"units": unit, "axis": axis, "long_name": f"{which} of the vertices", **OF_GEOMETRY}
        found[f"{name}_{which}"] = xr.Variable(f"{name}_vertex", course[:, i], attrs)
    return {name: _scalar(**said), **found}


def closed(shapes: Shapes) -> Shapes:
    """The polygons with every ring closed, exteriors anticlockwise and holes clockwise."""
    return [[[_turned(ring, i > 0) for i, ring in enumerate(part)] for part in feature] for feature in shapes]


def _turned(ring: Floats, hole: bool) -> Floats:
    whole = ring if (ring[0] == ring[-1]).all() else np.concatenate([ring, ring[:1]])
    return whole if (signed_area(whole) < 0) == hole else whole[::-1]


def signed_area(ring: Floats) -> float:
    """Area inside a closed ring (vertex, 2), square degrees; negative for one that runs clockwise."""
    x, y = ring.T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _scalar(**attrs: str | float) -> xr.Variable:
    return xr.Variable((), np.int32(0), {**attrs, "purpose": GEOMETRY})


def _count(dim: str, values: list[int], text: str) -> xr.Variable:
    return xr.Variable(dim, np.array(values, dtype=np.int32), {"units": "1", "long_name": text, **OF_GEOMETRY})
