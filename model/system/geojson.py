"""Borders and areas from GeoJSON: polygons as vertices in order, and everything that is wrong with a file."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.system.check_tables import guess
from model.system.problems import Problem

Floats = npt.NDArray[np.float64]

COLUMNS = ("node", "part", "ring", "lon", "lat")
"""What is kept of a vertex: whose it is, in which part and ring (0 is the exterior), and where it lies."""

LARGEST_LON, LARGEST_LAT = 180, 90

LEAST_VERTICES = 4
"""Vertices of a triangle, whose first stands again at its end."""

LONGEST_VALUE = 60
"""Characters of a value that a message shows."""


def read_polygons(file: str, path: Path, nodes: Collection[str] | None = None) -> tuple[pd.DataFrame, list[Problem]]:
    """Vertices of the polygons of a FeatureCollection, ``COLUMNS`` in degrees, and what is wrong with the file.

    file: the name under which faults are told; their row is the number of the feature. nodes: names of which each
    feature must have one as its property ``node``; None: features have no owner. Exterior rings come anticlockwise,
    holes clockwise, each with its first vertex again at its end. Parts are numbered by owner.
    """
    features, problems = _features(file, path)
    frames: list[pd.DataFrame] = []
    parts: dict[str, int] = {}
    for number, feature in enumerate(features, 1):
        node, faults = ("", []) if nodes is None else _owner(file, number, feature, nodes, parts)
        problems += faults
        for polygon in _polygons(feature):
            rings, faults = _rings(file, number, polygon)
            problems += faults
            frames += [_vertices(node, parts.get(node, 0), ring, course) for ring, course in enumerate(rings)]
            parts[node] = parts.get(node, 0) + 1
        problems += _form(file, number, feature)
        parts.setdefault(node, 0)
    return pd.concat([_vertices("", 0, 0, np.empty((0, 2))), *frames], ignore_index=True), problems


def _features(file: str, path: Path) -> tuple[list[Any], list[Problem]]:
    """The features of a file, none if it is no FeatureCollection."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        advice = "Save it as GeoJSON in UTF-8."
        return [], [Problem(file, None, "", "", f"cannot be read as JSON ({reason})", advice)]
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        found = content.get("type", "") if isinstance(content, dict) else content
        advice = "Export the layer as GeoJSON, longitude and latitude in degrees."
        return [], [Problem(file, None, "type", _shown(found), "must be FeatureCollection", advice)]
    features = content.get("features")
    if not isinstance(features, list) or not features:
        return [], [Problem(file, None, "features", "", "must be a list with at least one feature", "")]
    return features, []


def _owner(
    file: str, number: int, feature: Any, nodes: Collection[str], found: Collection[str]
) -> tuple[str, list[Problem]]:
    """The node that a feature names; ``found`` are those of earlier features."""
    said = feature.get("properties") if isinstance(feature, dict) else None
    node = said.get("node") if isinstance(said, dict) else None
    if not isinstance(node, str) or node not in nodes:
        advice = guess(node, set(nodes)) if isinstance(node, str) else "Give the property `node` of the feature."
        return "", [Problem(file, number, "node", _shown(node), "must be a node of nodes.csv", advice)]
    if node in found:
        advice = "Join its polygons to one MultiPolygon."
        return node, [Problem(file, number, "node", node, "an earlier feature is of the same node", advice)]
    return node, []


def _form(file: str, number: int, feature: Any) -> list[Problem]:
    """Whether a feature has polygons at all."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        found = feature.get("type", "") if isinstance(feature, dict) else feature
        return [Problem(file, number, "type", _shown(found), "must be Feature", "")]
    geometry = feature.get("geometry")
    kind = geometry.get("type", "") if isinstance(geometry, dict) else geometry
    if kind not in ("Polygon", "MultiPolygon"):
        return [Problem(file, number, "geometry", _shown(kind), "must be a Polygon or MultiPolygon", "")]
    if not _polygons(feature):
        return [Problem(file, number, "coordinates", "", "must be a list with at least one polygon", "")]
    return []


def _polygons(feature: Any) -> list[Any]:
    """The coordinates of each polygon of a feature; none if it has no form in which they could be found."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return []
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        return []
    return {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(str(geometry.get("type")), [])


def _rings(file: str, number: int, polygon: Any) -> tuple[list[Floats], list[Problem]]:
    """The rings of a polygon that can be used, and what is wrong with the others."""
    if not isinstance(polygon, list) or not polygon:
        rule = "must be a list of rings, the exterior first"
        return [], [Problem(file, number, "coordinates", _shown(polygon), rule, "")]
    courses, problems = [], []
    for place, ring in enumerate(polygon):
        faults = list(_ring_faults(file, number, ring))
        problems += faults
        if not faults:
            course = np.array([position[:2] for position in ring], dtype=float)
            anticlockwise = _area(course) > 0
            courses.append(course if anticlockwise == (place == 0) else course[::-1])
    return courses, problems


def _ring_faults(file: str, number: int, ring: Any) -> Iterator[Problem]:
    """What is wrong with a ring: its positions, or else that it is short or open."""
    if not isinstance(ring, list):
        yield Problem(file, number, "coordinates", _shown(ring), "a ring must be a list of positions", "")
        return
    wrong = [(place, position) for place, position in enumerate(ring, 1) if not _is_position(position)]
    if wrong:
        place, position = wrong[0]
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        rule = f"position {place} of a ring{more}, must be a longitude (-180 to 180) and a latitude (-90 to 90)"
        advice = "GeoJSON has longitude and latitude in degrees, WGS 84, in this order."
        yield Problem(file, number, "coordinates", _shown(position), rule, advice)
    elif len(ring) < LEAST_VERTICES:
        rule = f"a ring must have at least {LEAST_VERTICES} positions, the last equal to the first"
        yield Problem(file, number, "coordinates", _shown(ring), rule, "")
    elif ring[0] != ring[-1]:
        rule = "a ring must end where it begins"
        yield Problem(file, number, "coordinates", _shown(ring[-1]), rule, f"Add {_shown(ring[0])} at its end.")


def _is_position(position: Any) -> bool:
    if not isinstance(position, list) or len(position) < 2:
        return False
    return _within(position[0], LARGEST_LON) and _within(position[1], LARGEST_LAT)


def _within(value: Any, largest: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= largest


def _area(course: Floats) -> float:
    """Twice the signed area of a closed ring, positive if it runs anticlockwise."""
    lon, lat = course[:, 0] - course[0, 0], course[:, 1] - course[0, 1]
    return math.fsum(lon[:-1] * lat[1:] - lon[1:] * lat[:-1])


def _vertices(node: str, part: int, ring: int, course: Floats) -> pd.DataFrame:
    found = pd.DataFrame({"node": [node] * len(course), "part": part, "ring": ring}, columns=COLUMNS[:3])
    found = found.astype({"node": object, "part": int, "ring": int})
    return found.assign(lon=course[:, 0], lat=course[:, 1])


def _shown(value: Any) -> str:
    """A value as the file says it, cut where it is long."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
