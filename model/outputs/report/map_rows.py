"""The rows that the map draws, in pixels: courses of links, pies of nodes, texts and what explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from model.outputs.maps import Layer
from model.outputs.report.charts import plain
from model.outputs.report.colours import group_colours
from model.outputs.report.map_data import LEAST, NODE_QUANTITIES, POWER
from model.outputs.report.map_legend import legend_rows
from model.outputs.report.map_marks import BEYOND, BORDER, LAND
from model.outputs.report.map_scales import GAP, Scales, pie_radius, widths
from model.outputs.report.map_shapes import Floats, View, beside, halfway, labels, thinned, turned
from model.outputs.report.parts import Words

Row = dict[str, Any]

PAPER, FRAME = "#FCFCFC", "#CCCCCC"
"""Colours of the picture beyond the country, and of its frame."""


def map_rows(
    nodes: pd.DataFrame,
    drawn: pd.DataFrame,
    courses: Mapping[str, Floats],
    found: Mapping[str, Layer],
    groups: Sequence[str],
    scale: Scales,
    say: Words,
) -> dict[str, list[Row]]:
    """The rows of one plan's map by name of the data set, as ``map_spec`` reads them."""
    drawn = drawn.assign(width=widths(drawn, scale)) if len(drawn) else drawn
    names = dict(zip(nodes["node"], nodes["label"], strict=True))
    lines = placed(drawn, courses, scale.view)
    keys = group_keys(groups)
    explained, below = legend_rows(drawn, scale, bool(nodes["outside"].any()), say)
    return {
        "picture": [{"width": scale.view.width, "height": scale.view.height, "below": below}],
        "land": land_rows(found, scale.view),
        "groups": [
            {"name": plain(group, say), "key": keys[group], "colour": colour}
            for group, colour in group_colours(groups).items()
        ],
        **link_rows(drawn, lines, names, say),
        **node_rows(nodes, drawn, lines, found["node_point"], scale),
        **pie_rows(nodes, keys, found["node_point"], scale, say),
        "legend": explained,
    }


def group_keys(groups: Sequence[str]) -> dict[str, str]:
    """The field that holds the capacity of each group in the rows of states."""
    return {group: f"group{i}" for i, group in enumerate(groups)}


def placed(drawn: pd.DataFrame, courses: Mapping[str, Floats], view: View) -> dict[str, Floats]:
    """The course of every line in pixels; lines of one subject on one course lie beside each other."""
    lines: dict[str, Floats] = {}
    if drawn.empty:
        return lines
    broad = drawn.groupby("course")["width"].max()
    together: dict[tuple[Any, ...], list[tuple[str, Floats, bool]]] = {}
    for course, theme in drawn.drop_duplicates("course")[["course", "theme"]].itertuples(index=False):
        line = thinned(view.course(courses[course]))
        ahead = tuple(line[0]) <= tuple(line[-1])
        key = (theme, *np.round(line if ahead else line[::-1], 1).ravel())
        together.setdefault(key, []).append((course, line, ahead))
    for members in together.values():
        room = sum(float(broad[course]) for course, _, _ in members) + GAP * (len(members) - 1)
        at = -room / 2
        for course, line, ahead in members:
            middle = at + float(broad[course]) / 2
            lines[course] = beside(line, middle if ahead else -middle)
            at += float(broad[course]) + GAP
    return lines


def link_rows(
    drawn: pd.DataFrame, lines: Mapping[str, Floats], names: Mapping[str, str], say: Words
) -> dict[str, list[Row]]:
    """Rows of courses, of their vertices and middles, and of what they carry by year; courses go by numbers."""
    number = {course: i for i, course in enumerate(lines)}
    rows: dict[str, list[Row]] = {"courses": [], "vertices": [], "middles": [], "loads": []}
    if drawn.empty:
        return rows
    for about in drawn.drop_duplicates("course").to_dict("records"):
        more = say("and {number} more").format(number=about["more"])
        rows["courses"].append(
            {
                "key": number[about["course"]],
                "name": f"{say(about['name'])} {more}" if about["more"] else say(about["name"]),
                "start": names[about["start"]],
                "end": names[about["end"]],
                "theme": about["theme"],
                "unit": say(about["unit"]),
                "flow_unit": say(about["flow_unit"]),
            }
        )
    for course, line in lines.items():
        for order, (x, y) in enumerate(line):
            rows["vertices"].append({"course": number[course], "order": order, "x": round(x, 1), "y": round(y, 1)})
        x, y, angle = halfway(line)
        rows["middles"].append({"course": number[course], "x": round(x, 1), "y": round(y, 1), "angle": round(angle, 1)})
    for row in drawn.to_dict("records"):
        rows["loads"].append(
            {
                "key": f"{number[row['course']]}|{row['year']}",
                "capacity": digits(row["capacity"]),
                "added": digits(row["new_capacity"]) if row["new_capacity"] > LEAST else 0.0,
                "flow": digits(row["flow"]),
                "loading": round(row["loading"], 1),
                "full": round(row["hours_at_limit"]),
                "width": round(row["width"], 2),
            }
        )
    return rows


def digits(value: float, significant: int = 5) -> float | None:
    """The number to so many significant digits; None for what is no number."""
    return float(f"{value:.{significant}g}") if np.isfinite(value) else None


def pie_rows(
    nodes: pd.DataFrame, keys: Mapping[str, str], layer: Layer, scale: Scales, say: Words
) -> dict[str, list[Row]]:
    """Slices of pies clockwise from the top, and what is told of every node by year."""
    at = dict(zip(layer.table["node"].to_numpy(), scale.view.held(_points(layer)), strict=True))
    pies, states = [], []
    for row in nodes.to_dict("records"):
        radius, angle = pie_radius(row["capacity"], scale), 0.0
        total = sum(max(row[group], 0.0) for group in keys)
        for group in keys:
            if row[group] > LEAST:
                end = angle + 2 * np.pi * row[group] / total
                x, y = at[row["node"]]
                slice_ = {"year": row["year"], "group": plain(group, say), "x": round(x, 1), "y": round(y, 1)}
                pies.append(slice_ | {"begin": round(angle, 4), "end": round(end, 4), "radius": round(radius, 1)})
                angle = end
        told = {key: digits(row[group]) for group, key in keys.items()}
        told |= {name: digits(row[name]) for name in NODE_QUANTITIES}
        if not row["outside"]:
            states.append({"key": f"{row['node']}|{row['year']}", "radius": round(radius, 1), **told})
    return {"pies": sorted(pies, key=lambda row: -float(row["radius"])), "states": states}


def _points(layer: Layer) -> Floats:
    return np.vstack([shape[0][0] for shape in layer.shapes])


def node_rows(
    nodes: pd.DataFrame, drawn: pd.DataFrame, lines: Mapping[str, Floats], layer: Layer, scale: Scales
) -> dict[str, list[Row]]:
    """Markers of nodes and their names. Nodes abroad that no link reaches are left out; those beyond the frame lie at
    its edge and point outward. Names have one place beside pies and one beside the markers that stand without them."""
    ends = [(node, theme) for way in ("start", "end") for node, theme in zip(drawn[way], drawn["theme"], strict=True)]
    themes = {str(node): sorted({theme for end, theme in ends if end == node}) for node in nodes["node"].unique()}
    first = nodes.drop_duplicates("node").set_index("node")
    kept = [node for node in first.index if themes[node] or not first.loc[node, "outside"]]
    order = [list(layer.table["node"].to_numpy()).index(node) for node in kept]
    free, held = (place(_points(layer)[order]) for place in (scale.view.pixels, scale.view.held))
    beyond = free - held
    rows = [
        {
            "node": node,
            "full_name": str(first.loc[node, "name"]),
            "outside": bool(first.loc[node, "outside"]),
            "themes": themes[node],
            "x": round(float(held[i, 0]), 1),
            "y": round(float(held[i, 1]), 1),
            "shape": BEYOND if beyond[i].any() else "circle",
            "angle": round(float(np.degrees(np.arctan2(beyond[i, 1], beyond[i, 0]))), 1),
        }
        for i, node in enumerate(kept)
    ]
    most = nodes.groupby("node")["capacity"].max()
    power = set(drawn.loc[drawn["theme"] == POWER, "course"])
    names = []
    for with_pies in (True, False):
        radii = [max(pie_radius(float(most[node]), scale) if with_pies else 0.0, 5.0) for node in kept]
        courses = [line for course, line in lines.items() if (course in power) == with_pies]
        texts = [str(first.loc[node, "label"]) for node in kept]
        places = labels(held, radii, texts, courses, (scale.view.width, scale.view.height))
        for row, text, place in zip(rows, texts, places, strict=True):
            about = {"power": with_pies, "name": text, "outside": row["outside"], "themes": row["themes"]}
            at = {"x": round(row["x"] + place.dx, 1), "y": round(row["y"] + place.dy, 1), "align": place.align}
            names.append(about | at)
    return {"nodes": rows, "names": names}


def land_rows(found: Mapping[str, Layer], view: View) -> list[Row]:
    """The frame, the country and the areas of nodes as GeoJSON in pixels, exteriors clockwise as d3 wants them."""
    right, below = view.width, view.height
    frame = np.array([[0, 0], [right, 0], [right, below], [0, below], [0, 0]])
    rows = [{"shape": _feature([[frame]]), "fill": PAPER, "stroke": FRAME, "width": 1.0}]
    for name, fill, width in (("country_outline", LAND, 1.2), ("node_area", None, 0.6)):
        if name in found:
            parts = [part for shape in found[name].shapes for part in shape]
            pixels = [[thinned(view.pixels(ring)) for ring in part] for part in parts]
            rows.append({"shape": _feature(pixels), "fill": fill, "stroke": BORDER, "width": width})
    return rows


def _feature(parts: Sequence[Sequence[Floats]]) -> Row:
    rings = [[np.round(turned(ring, clockwise=i == 0), 1).tolist() for i, ring in enumerate(part)] for part in parts]
    return {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": rings}}
