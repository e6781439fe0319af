"""Where things lie on a map: the courses of links, the border of the country and the areas of nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from model.system.network import ELECTRICITY
from model.system.rows import Variables, array

Tables = Mapping[str, pd.DataFrame]

Shapes = Mapping[str, pd.DataFrame]
"""Vertices of polygons by the setting that names their file: ``outline`` and ``areas``, of those that are given."""

LAYERS = ("line", "pipeline", "oil_route", "rail_corridor", "road_corridor", "sea_corridor", "other_route")
"""Layers of a map on which links are drawn."""

NOT_DRAWN = "none"

_POSITION = re.compile(r"(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)", re.ASCII)


def way_points(text: str) -> list[tuple[float, float]]:
    """Longitude and latitude of the positions in a ``route`` cell, in order; none if it is empty.

    ValueError says which position is not two numbers of degrees.
    """
    found = []
    for part in text.split(";") if text.strip() else ():
        match = _POSITION.fullmatch(part.strip())
        lon, lat = (float(number) for number in match.groups()) if match else (999.0, 999.0)
        if abs(lon) > 180 or abs(lat) > 90:
            raise ValueError(f"'{part.strip()}' is no longitude (-180 to 180) and latitude (-90 to 90)")
        found.append((lon, lat))
    return found


def geography_variables(tables: Tables, shapes: Shapes) -> Variables:
    """``link_layer``, and vertices of the System.

    Dims: ``route_vertex`` (route_link, route_lon, route_lat: every link from its first to its second node, ends
    included); ``outline_vertex`` (outline_part, outline_ring, outline_lon, outline_lat) and ``area_vertex`` (the same,
    and area_node) if the study has them.
    """
    links = tables["links"]
    found = {"link_layer": array(("link",), {"link": list(links["link"])}, layers_of_links(tables), "1", "map layer")}
    found |= _vertices("route", _courses(tables), ("link", "lon", "lat"))
    if "outline" in shapes:
        found |= _vertices("outline", shapes["outline"], ("part", "ring", "lon", "lat"))
    if "areas" in shapes:
        found |= _vertices("area", shapes["areas"], ("node", "part", "ring", "lon", "lat"))
    return found


def layers_of_links(tables: Tables) -> list[str]:
    """The layer on which each link is drawn, of ``LAYERS``; empty if it is not drawn."""
    ports, technologies = tables["ports"], tables["technologies"]
    gives = (ports["commodity"] == ELECTRICITY) & ports["place"].isin(("from", "to")) & (ports["yield"] > 0)
    carriers = set(ports.loc[gives, "technology"])
    layer = {
        technology: said or ("line" if technology in carriers else "other_route")
        for technology, said in zip(technologies["technology"], technologies["layer"], strict=True)
    }
    return ["" if layer[t] == NOT_DRAWN else layer[t] for t in tables["links"]["technology"]]


def _courses(tables: Tables) -> pd.DataFrame:
    """``link, lon, lat`` of every vertex of every link."""
    nodes, links = tables["nodes"], tables["links"]
    place = dict(zip(nodes["node"], zip(nodes["lon"], nodes["lat"], strict=True), strict=True))
    ends = zip(links["link"], links["from_node"], links["to_node"], links["route"], strict=True)
    rows = [
        (link, *position)
        for link, start, end, route in ends
        for position in (place[start], *way_points(route), place[end])
    ]
    frame = pd.DataFrame(rows, columns=["link", "lon", "lat"])
    return frame.astype({"link": object, "lon": float, "lat": float})


def _vertices(prefix: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> Variables:
    units = {"lon": "degrees_east", "lat": "degrees_north"}
    return {
        f"{prefix}_{column}": array(
            (f"{prefix}_vertex",), {}, frame[column].to_numpy(), units.get(column, "1"), f"{column} of the vertex"
        )
        for column in columns
    }
