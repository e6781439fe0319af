"""What maps show of a plan: one layer for nodes, one for every kind of link, and polygons where a study has them.

A layer is a table with one row per feature, wide in the planning years as maps and attribute tables want it, and the
shapes of its features. The NetCDF file, the GeoPackage and the map of the report all draw these layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.system.network import ELECTRICITY
from model.system.units import activity_unit, hours_per_unit

Floats = npt.NDArray[np.float64]

Rings = list[Floats]
"""The rings of a part, the exterior first, each (vertex, 2) of longitude and latitude; of a line its one course."""

Shapes = list[list[Rings]]
"""For every feature its parts."""

MW_PER_GW, GWH_PER_TWH, PERCENT = 1000.0, 1000.0, 100.0

DIGITS = 9
"""Decimals of a loading in percent: a full link is at 100, not a rest of a sum above it."""

LINK_LAYERS = {
    "line": "line_route",
    "pipeline": "pipeline_route",
    "oil_route": "oil_route",
    "rail_corridor": "rail_corridor",
    "road_corridor": "road_corridor",
    "sea_corridor": "sea_corridor",
    "other_route": "other_route",
}
"""Layer of a link, as technologies.csv names it, and the name of the layer in files."""

DIMS = {
    "line_route": "line",
    "pipeline_route": "pipeline",
    "oil_route": "oil",
    "rail_corridor": "rail",
    "road_corridor": "road",
    "sea_corridor": "sea",
    "other_route": "other",
}
"""Dim of every layer of links."""

TOTAL = "total"
"""What columns of sums over groups are called."""

LINK_TEXTS = ("name", "from", "to", "technology", "status", "unit")
"""What is said of a link in words."""


@dataclass(frozen=True)
class Layer:
    """Features of one kind: ``table`` holds variables over ``dim``, with their labels; ``shapes`` where they lie.

    ``geometry`` is point, line or polygon. Power is in MW, energy in GWh per year, shares in percent, other quantities
    in the unit of the link; each variable says its unit.
    """

    name: str
    dim: str
    geometry: str
    table: xr.Dataset
    shapes: Shapes


def layers(results: xr.Dataset) -> dict[str, Layer]:
    """The layers of a plan by name, without those that have no feature."""
    found = [_nodes(results), *_links(results), _areas(results), _outline(results)]
    return {layer.name: layer for layer in found if layer is not None}


def _nodes(results: xr.Dataset) -> Layer:
    points = np.column_stack([results["lon"].to_numpy(), results["lat"].to_numpy()]).astype(float)
    return Layer("node_point", "node", "point", node_table(results), [[[point[None, :]]] for point in points])


def node_table(results: xr.Dataset) -> xr.Dataset:
    """What maps say of every node: its name and place, and its power system by planning year; dim ``node``."""
    told = ("node_name", "node_kind", "node_zone", "lon", "lat")
    table = {name: results[name].variable for name in told if name in results}
    electric = makes_power(results)
    capacity = results["capacity"].isel(technology=electric).transpose("technology", "node", "year") * MW_PER_GW
    groups = results["technology_group"].to_numpy()[electric]
    generation = results["generation"].sum("technology") * GWH_PER_TWH
    names = variable_names(groups)
    for year in results["year"].to_numpy():
        here = capacity.sel(year=year)
        table[f"capacity_{TOTAL}_{year}"] = _of_node(
            here.sum("technology"), "MW", f"capacity of what gives electricity, {year}"
        )
        for group, name in names.items():
            own = here.isel(technology=groups == group).sum("technology")
            table[f"capacity_{name}_{year}"] = _of_node(own, "MW", f"capacity, {group}, {year}")
        table[f"generation_{year}"] = _of_node(generation.sel(year=year), "GWh per year", f"electricity given, {year}")
        for quantity, text in (("demand", "demand of electricity"), ("unserved", "electricity that is not served")):
            if ELECTRICITY in results["commodity"].to_numpy():
                own = results[quantity].sel(commodity=ELECTRICITY, year=year)
                table[f"{quantity}_{year}"] = _of_node(own, "GWh per year", f"{text}, {year}")
        if "mean_price" in results:
            price = results["mean_price"].sel(year=year).reindex(node=results["node"])
            unit = str(results["mean_price"].attrs["units"])
            table[f"mean_price_{year}"] = _of_node(price, unit, f"mean price paid by the load, {year}")
    return xr.Dataset(table, coords={"node": results["node"].to_numpy()})


def makes_power(results: xr.Dataset) -> npt.NDArray[np.bool_]:
    """Whether a technology gives electricity and is sized in GW; what is sized in tonnes or cubic metres has no MW."""
    electric = results["technology_product"].to_numpy() == ELECTRICITY
    found: npt.NDArray[np.bool_] = electric & (results["technology_unit"].to_numpy() == "GW")
    return found


def variable_names(labels: Iterable[str]) -> dict[str, str]:
    """A name for each label that files and databases take: letters, digits and underscores.

    No two are alike, whatever the case, and none is that of the sum of all.
    """
    found: dict[str, str] = {}
    for label in dict.fromkeys(str(label) for label in labels):
        name = plain = re.sub(r"[^0-9A-Za-z]+", "_", label).strip("_") or "unnamed"
        number = 2
        while name.lower() in {TOTAL, *(taken.lower() for taken in found.values())}:
            name, number = f"{plain}_{number}", number + 1
        found[label] = name
    return found


def _of_node(values: xr.DataArray, unit: str, text: str) -> xr.Variable:
    return _over("node", values.to_numpy(), unit, text)


def _over(dim: str, values: npt.ArrayLike, unit: str, text: str) -> xr.Variable:
    return xr.Variable(dim, np.asarray(values), {"units": unit, "long_name": text})


def _links(results: xr.Dataset) -> list[Layer]:
    """One layer for every kind of link that the study has."""
    drawn, routes = layer_of_links(results), link_routes(results)
    of_links = [name for name, variable in results.data_vars.items() if "link" in variable.dims]
    told = results[[*of_links, "step_hours"]]
    found = []
    for kind, name in LINK_LAYERS.items():
        own = np.flatnonzero(drawn == kind)
        if own.size:
            shapes: Shapes = [[[routes[i]]] for i in own]
            found.append(Layer(name, DIMS[name], "line", _link_table(told.isel(link=own), DIMS[name]), shapes))
    return found


def layer_of_links(results: xr.Dataset) -> npt.NDArray[np.str_]:
    """The layer in which each link is drawn, a key of ``LINK_LAYERS``; anything else is not drawn."""
    if "link_layer" in results:
        return results["link_layer"].to_numpy().astype(str)
    return np.where(results["link_commodity"].to_numpy() == ELECTRICITY, "line", "other_route").astype(str)


def link_routes(results: xr.Dataset) -> list[Floats]:
    """The course of every link, (vertex, 2) of longitude and latitude from its first node to its second."""
    if "route_link" in results:
        owner = results["route_link"].to_numpy().astype(str)
        course = np.column_stack([results["route_lon"].to_numpy(), results["route_lat"].to_numpy()]).astype(float)
        return [course[owner == link] for link in results["link"].to_numpy().astype(str)]
    place = results[["lon", "lat"]].to_array().to_numpy().T.astype(float)
    at = {node: i for i, node in enumerate(results["node"].to_numpy())}
    ends = zip(results["link_from"].to_numpy(), results["link_to"].to_numpy(), strict=True)
    return [place[[at[start], at[end]]] for start, end in ends]


def _link_table(results: xr.Dataset, dim: str) -> xr.Dataset:
    """What maps say of links of one layer by planning year; in megawatts where they carry power."""
    unit = results["link_unit"].to_numpy().astype(str)
    power = np.where(unit == "GW", MW_PER_GW, 1.0)
    rate = one_of(np.where(unit == "GW", "MW", unit), "link unit")
    mixed = "link unit, or GWh per year for MW" if "GW" in unit else rate
    amount = one_of([f"{activity_unit(each)} per year" for each in unit], mixed)
    told = {f"link_{text}": results[f"link_{text}"] for text in LINK_TEXTS if f"link_{text}" in results}
    table = {name: _over(dim, a.to_numpy(), str(a.attrs["units"]), a.attrs["long_name"]) for name, a in told.items()}
    table["link_unit"] = _over(dim, np.where(unit == "GW", "MW", unit), "1", "unit of the capacity")
    if "link_length" in results:
        table["link_length"] = _over(dim, results["link_length"].to_numpy(), "km", "length of the link")
    per_unit = np.array([hours_per_unit(each) for each in unit])
    hours = results["step_hours"].to_numpy()
    flow = results["flow"].transpose("link", "year", "step").to_numpy() @ hours / per_unit[:, None]
    loading = np.round(results["loading_mean"].transpose("link", "year").to_numpy() * PERCENT, DIGITS)
    for i, year in enumerate(results["year"].to_numpy()):
        here = results.isel(year=i)
        numbers = [
            ("capacity", here["link_capacity"].to_numpy() * power, rate, "capacity"),
            ("new_capacity", here["link_new_capacity"].to_numpy() * power, rate, "new capacity"),
            ("flow", flow[:, i], amount, "net flow from the first to the second node"),
            ("loading", loading[:, i], "percent", "mean flow as a share of capacity"),
            ("hours_at_limit", here["hours_at_limit"].to_numpy(), "h per year", "hours in which the link is full"),
        ]
        if dim == "line":
            rent = here["congestion_rent"]
            numbers += [
                ("loss", here["link_loss_energy"].to_numpy(), "GWh per year", "electricity lost on the way"),
                ("congestion_rent", rent.to_numpy(), str(rent.attrs["units"]), "congestion rent"),
            ]
        for name, values, unit_of, text in numbers:
            table[f"{name}_{year}"] = _over(dim, values, unit_of, f"{text}, {year}")
    return xr.Dataset(table, coords={dim: results["link"].to_numpy()})


def one_of(units: Sequence[str] | npt.NDArray[np.str_], otherwise: str) -> str:
    """The unit that all have, or else ``otherwise``."""
    found = {str(unit) for unit in units}
    return found.pop() if len(found) == 1 else otherwise


def _areas(results: xr.Dataset) -> Layer | None:
    """Polygons of nodes, with what the points of the same nodes say."""
    if "area_node" not in results:
        return None
    owner = results["area_node"].to_numpy().astype(str)
    names = list(dict.fromkeys(owner))
    table = node_table(results).sel(node=names).rename(node="area").drop_vars(["lon", "lat"], errors="ignore")
    return Layer("node_area", "area", "polygon", table, [_parts(results, "area", owner == name) for name in names])


def _outline(results: xr.Dataset) -> Layer | None:
    """The country, as a background."""
    if "outline_lon" not in results:
        return None
    name = str(results.attrs.get("title", "")).partition(",")[0] or "country"
    said = _over("country", np.array([name]), "1", "name of the country")
    table = xr.Dataset({"country_name": said}, coords={"country": np.array(["outline"])})
    everywhere = np.full(results.sizes["outline_vertex"], True)
    return Layer("country_outline", "country", "polygon", table, [_parts(results, "outline", everywhere)])


def _parts(results: xr.Dataset, prefix: str, own: npt.NDArray[np.bool_]) -> list[Rings]:
    """The parts of a polygon whose vertices are ``own``."""
    part, ring = (results[f"{prefix}_{name}"].to_numpy() for name in ("part", "ring"))
    course = np.column_stack([results[f"{prefix}_{axis}"].to_numpy() for axis in ("lon", "lat")]).astype(float)
    return [
        [course[own & (part == p) & (ring == r)] for r in np.unique(ring[own & (part == p)])]
        for p in np.unique(part[own])
    ]
