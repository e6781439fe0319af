"""What the map of the report says: links and nodes by planning year, and which links are drawn as one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.maps import LINK_LAYERS, Layer, layers, variable_names
from model.system.units import activity_unit

THEMES = {
    "power": ("line",),
    "gas": ("pipeline",),
    "oil": ("oil_route",),
    "rail, road and sea": ("rail_corridor", "road_corridor", "sea_corridor"),
    "other routes": ("other_route",),
}
"""What the map shows one at a time, and the layers of links that belong to it."""

POWER = "power"

CORRIDORS = ("rail_corridor", "road_corridor", "sea_corridor")
"""Layers whose links between two nodes are one way on the ground: upgrades of a track are links of their own in the
plan, which does not tell which of them a train uses; so they are drawn, and loaded, together."""

TEXTS = ("link", "name", "start", "end", "layer", "commodity", "unit", "flow_unit")
NUMBERS = ("year", "capacity", "new_capacity", "flow", "loading", "hours_at_limit")
LINK_COLUMNS = (*TEXTS, *NUMBERS, "theme")
"""Columns of a table of links."""

LEAST = 1e-6
"""Capacity below which nothing is drawn, in the unit of the link."""

SHOWN = {"MW": ("GW", 1e-3), "GWh per year": ("TWh per year", 1e-3)}
"""Units of the layers that a reader of the report sees in larger ones, and what turns one into the other."""

INSIDE = "inside"

NODE_QUANTITIES = ("capacity", "generation", "demand", "unserved", "price")
"""Columns of a node beside those of groups."""


def link_table(results: xr.Dataset, found: dict[str, Layer]) -> pd.DataFrame:
    """A row for every link that is drawn and planning year.

    Columns: link, name, start, end, layer, commodity, theme, unit, flow_unit, year, capacity and new_capacity in
    ``unit``, flow (net, from start to end) in ``flow_unit``, loading in percent, hours_at_limit in h per year.
    ``found`` is what ``outputs.maps.layers`` gives of the results.
    """
    carries = dict(zip(results["link"].to_numpy(), results["link_commodity"].to_numpy(), strict=True))
    frames = [_of_layer(kind, found[name], carries) for kind, name in LINK_LAYERS.items() if name in found]
    if not frames:
        return pd.DataFrame(columns=list(LINK_COLUMNS))
    links = pd.concat(frames, ignore_index=True)
    theme = {kind: theme for theme, kinds in THEMES.items() for kind in kinds}
    piped = links[links["layer"].isin(["pipeline", "oil_route"])]
    goes_with = {c: theme[kind] for c, kind in zip(piped["commodity"], piped["layer"], strict=True)}
    links["theme"] = [
        goes_with.get(commodity, theme[kind]) if kind in CORRIDORS else theme[kind]
        for kind, commodity in zip(links["layer"], links["commodity"], strict=True)
    ]
    return links


def _of_layer(kind: str, layer: Layer, carries: dict[str, str]) -> pd.DataFrame:
    """The links of one layer, long in the planning years."""
    table, labels = layer.table, layer.table[layer.dim].to_numpy()
    unit = table["link_unit"].to_numpy().astype(str)
    flow_unit = ["GWh per year" if u == "MW" else f"{activity_unit(u)} per year" for u in unit]
    about = pd.DataFrame(
        {
            "link": labels,
            "name": table["link_name"].to_numpy(),
            "start": table["link_from"].to_numpy(),
            "end": table["link_to"].to_numpy(),
            "layer": kind,
            "commodity": [carries[link] for link in labels],
            "unit": [larger(u)[0].replace("/year", " per year") for u in unit],
            "flow_unit": [larger(u)[0] for u in flow_unit],
        }
    )
    scale, flow_scale = (np.array([larger(u)[1] for u in units]) for units in (unit, flow_unit))
    frames = []
    for year in planning_years(table, "capacity"):
        numbers = {
            "year": year,
            "capacity": table[f"capacity_{year}"].to_numpy() * scale,
            "new_capacity": table[f"new_capacity_{year}"].to_numpy() * scale,
            "flow": table[f"flow_{year}"].to_numpy() * flow_scale,
            "loading": np.nan_to_num(table[f"loading_{year}"].to_numpy()),
            "hours_at_limit": np.nan_to_num(table[f"hours_at_limit_{year}"].to_numpy()),
        }
        frames.append(about.assign(**numbers))
    return pd.concat(frames, ignore_index=True)


def larger(unit: str) -> tuple[str, float]:
    """The unit in which the report tells what a layer tells in ``unit``, and how much of it one is."""
    return SHOWN.get(unit, (unit, 1.0))


def planning_years(table: xr.Dataset, quantity: str) -> list[int]:
    """Years for which a table wide in years has the quantity."""
    ends = [str(name).removeprefix(f"{quantity}_") for name in table if str(name).startswith(f"{quantity}_")]
    return sorted(int(end) for end in ends if end.isdigit())


def node_table(layer: Layer, groups: Iterable[str]) -> pd.DataFrame:
    """A row for every node and planning year.

    Columns: node, name, outside, year; each group's capacity and their total ``capacity`` in GW; generation, demand and
    unserved in TWh per year; price in the unit of money per MWh of the results. NaN where the study has none.
    ``layer`` is the layer ``node_point``, ``groups`` the groups of technologies that make electricity.
    """
    table = layer.table
    nodes = table["node"].to_numpy().astype(str)
    about = {
        "node": nodes,
        "name": table["node_name"].to_numpy().astype(str) if "node_name" in table else nodes,
        "outside": table["node_kind"].to_numpy() != INSIDE if "node_kind" in table else np.full(len(nodes), False),
    }
    quantities = {"generation": "generation", "demand": "demand", "unserved": "unserved", "price": "mean_price"}
    names = variable_names(groups)
    frames = []
    for year in planning_years(table, "capacity_total"):
        numbers = {group: _number(table, f"capacity_{name}_{year}") for group, name in names.items()}
        numbers["capacity"] = _number(table, f"capacity_total_{year}")
        numbers |= {column: _number(table, f"{name}_{year}") for column, name in quantities.items()}
        frames.append(pd.DataFrame({**about, "year": year, **numbers}))
    return pd.concat(frames, ignore_index=True)


def _number(table: xr.Dataset, name: str) -> np.ndarray:
    """A variable in the unit that readers of the report see; NaN where it is missing."""
    if name not in table:
        return np.full(table.sizes["node"], np.nan)
    values: np.ndarray = table[name].to_numpy() * larger(str(table[name].attrs["units"]))[1]
    return values


def electric_groups(results: xr.Dataset, electric: np.ndarray) -> list[str]:
    """Groups of technologies that make electricity and stand anywhere in any year, in the order of the tables."""
    stands = results["capacity"].transpose("technology", "node", "year").to_numpy()[electric] > LEAST
    groups = results["technology_group"].to_numpy()[electric].astype(str)
    return list(dict.fromkeys(groups[stands.any(axis=(1, 2))]))


def drawn_table(links: pd.DataFrame) -> pd.DataFrame:
    """A row for every line of the map and planning year in which it stands: links of a corridor are added up.

    Columns: course (its first link), name, more (further links in it), start, end, theme, unit, flow_unit, year,
    capacity, new_capacity, flow, loading (of the whole, percent), hours_at_limit (of the link that is full longest).
    """
    if links.empty:
        return links.assign(course="", more=0, used=0.0)
    work = links.assign(key=[_way(*row) for row in links[["layer", "commodity", "start", "end", "link"]].to_numpy()])
    stands = work[work.groupby("link")["capacity"].transform("max") > LEAST]
    first = stands.drop_duplicates("key").set_index("key")[["link", "name", "start", "end"]]
    stands = stands.assign(
        course=stands["key"].map(first["link"]),
        name=stands["key"].map(first["name"]),
        more=stands.groupby("key")["link"].transform("nunique") - 1,
        flow=stands["flow"].where(stands["start"] == stands["key"].map(first["start"]), -stands["flow"]),
        start=stands["key"].map(first["start"]),
        end=stands["key"].map(first["end"]),
        used=stands["loading"] * stands["capacity"],
    )
    by = ["course", "name", "more", "start", "end", "theme", "unit", "flow_unit", "year"]
    sums = dict.fromkeys(("capacity", "new_capacity", "flow", "used"), "sum")
    drawn = stands.groupby(by, sort=False, as_index=False).agg({**sums, "hours_at_limit": "max"})
    drawn = drawn[drawn["capacity"] > LEAST].reset_index(drop=True)
    drawn["loading"] = drawn.pop("used") / drawn["capacity"]
    return drawn


def _way(layer: str, commodity: str, start: str, end: str, link: str) -> str:
    """What links that are drawn as one have in common: layer, commodity and ends in a corridor, else the link."""
    return " ".join((layer, commodity, *sorted((start, end)))) if layer in CORRIDORS else link


def courses_of(found: dict[str, Layer]) -> dict[str, np.ndarray]:
    """The course of every link that is drawn, (vertex, 2) of longitude and latitude, by the label of the link."""
    return {
        str(link): shape[0][0]
        for name in LINK_LAYERS.values()
        if name in found
        for link, shape in zip(found[name].table[found[name].dim].to_numpy(), found[name].shapes, strict=True)
    }


def told_layers(results: xr.Dataset) -> dict[str, Layer]:
    """The layers of the map; none where the study has no coordinates."""
    return layers(results) if "lon" in results else {}
