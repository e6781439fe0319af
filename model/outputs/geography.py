"""Where things are: nodes, the courses of links, the border of the country and the areas of nodes."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.outputs.arrays import Groups, Shape, labelled
from model.outputs.network import link_rows
from model.solve.accounts import Accounts

MEANINGS = {
    "link": "link that the vertex belongs to",
    "node": "node that the vertex belongs to",
    "part": "part of the polygon that the vertex belongs to",
    "ring": "ring of the part that the vertex belongs to; 0: its exterior, else a hole",
    "lon": "longitude of the vertex",
    "lat": "latitude of the vertex",
}
"""What is said of a vertex."""

UNITS = {"lon": "degrees_east", "lat": "degrees_north"}


def geography(accounts: Accounts) -> xr.Dataset:
    """Names and places of nodes, names of technologies, ends and courses of links, and polygons where a study has them.

    Dims: ``node, link, technology``; ``route_vertex``, the vertices of every link from its first to its second node;
    ``outline_vertex`` and ``area_vertex``, the vertices of closed rings, exteriors anticlockwise. Degrees and km.
    """
    parts = [
        _nodes(accounts),
        _technologies(accounts),
        _links(accounts),
        _vertices(accounts, "route", ("link", "lon", "lat")),
        _vertices(accounts, "outline", ("part", "ring", "lon", "lat")),
        _vertices(accounts, "area", ("node", "part", "ring", "lon", "lat")),
    ]
    return xr.merge(parts, join="exact", combine_attrs="override")


def _nodes(accounts: Accounts) -> xr.Dataset:
    system, shape = accounts.system, [("node", accounts.nodes)]
    texts = {
        f"node_{column}": labelled(system[f"node_{column}"].to_numpy().astype(str), shape, "1", text)
        for column, text in (
            ("name", "full name of the node"),
            ("kind", "inside the country or outside"),
            ("zone", "zone of the node"),
        )
    }
    return xr.Dataset(
        {
            "lon": labelled(system["node_lon"].to_numpy(), shape, "degrees_east", "longitude of the node"),
            "lat": labelled(system["node_lat"].to_numpy(), shape, "degrees_north", "latitude of the node"),
            **texts,
        }
    )


def _technologies(accounts: Accounts) -> xr.Dataset:
    technologies = Groups(accounts).technologies
    name = dict(zip(accounts.of_asset("technology"), accounts.of_asset("technology_name"), strict=True))
    shape: Shape = [("technology", technologies)]
    names = labelled(np.array([name[t] for t in technologies], dtype=str), shape, "1", "full name of the technology")
    return xr.Dataset({"technology_name": names})


def _links(accounts: Accounts) -> xr.Dataset:
    """Ends, technology and build of links."""
    system, shape, rows = accounts.system, [("link", accounts.links)], link_rows(accounts)
    texts = {
        "link_from": (system["link_from_node"].to_numpy(), "from node of the link"),
        "link_to": (system["link_to_node"].to_numpy(), "to node of the link"),
        "link_technology": (accounts.of_asset("technology")[rows], "technology of the link"),
        "link_technology_name": (accounts.of_asset("technology_name")[rows], "full name of the link's technology"),
        "link_status": (system["link_status"].to_numpy(), "existing, committed or candidate"),
        "link_voltage": (system["link_voltage"].to_numpy(), "voltage in kV, as text"),
        "link_circuits": (system["link_circuits"].to_numpy(), "number of circuits, as text"),
        "link_layer": (system["link_layer"].to_numpy(), "layer of the map on which the link is drawn; empty: none"),
    }
    found = {name: labelled(values.astype(str), shape, "1", text) for name, (values, text) in texts.items()}
    length = labelled(system["link_length"].to_numpy(), shape, "km", "length of the link")
    return xr.Dataset({**found, "link_length": length})


def _vertices(accounts: Accounts, prefix: str, columns: tuple[str, ...]) -> xr.Dataset:
    """The vertices of routes or of one kind of polygon; an empty Dataset if the System has none."""
    system, dim = accounts.system, f"{prefix}_vertex"
    if f"{prefix}_lon" not in system:
        return xr.Dataset()
    found = {}
    for column in columns:
        values = system[f"{prefix}_{column}"].to_numpy()
        values = values.astype(str) if values.dtype.kind == "O" else values
        shape: Shape = [(dim, range(len(values)))]
        found[f"{prefix}_{column}"] = labelled(values, shape, UNITS.get(column, "1"), MEANINGS[column])
    return xr.Dataset(found)
