"""The map as a Vega-Lite specification: marks over data that are already in pixels, a year and a subject to choose.

Coordinates are pixels, so channels of place have no scale; geometry stands once in the data, and what changes with the
year is looked up by ``subject|year``. The projection is made before, in ``map_shapes``: Vega-Lite cannot fit one to a
part of what it draws, and links that run beside each other need pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from model.outputs.report.map_data import POWER
from model.outputs.report.map_legend import legend_marks
from model.outputs.report.map_marks import ARROW, FAINT, HALO, INK, LOADING, NUMBER, PLACE, Json, pixel
from model.outputs.report.parts import Words


def map_spec(
    data: Mapping[str, Sequence[Json]],
    years: Sequence[int],
    themes: Sequence[str],
    of_nodes: Mapping[str, str],
    say: Words,
) -> Json:
    """The specification. ``data`` holds the rows of ``map_rows``; ``themes`` are those that the plan has, ``of_nodes``
    what is told of nodes: the title of a number by its field in the rows of states."""
    size, groups = data["picture"][0], data["groups"]
    names = {theme: say(theme) for theme in themes}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": size["width"],
        "height": size["height"] + size["below"],
        "padding": 2,
        "config": {"view": {"stroke": None}, "legend": {"orient": "bottom", "titleLimit": 300, "labelLimit": 300}},
        "params": [_year(years, say), _shown(names, say)],
        "datasets": {name: rows for name, rows in data.items() if name not in ("land", "groups")},
        "layer": [
            *_backdrop(data["land"]),
            _links(say),
            _arrows(),
            _told_links(say),
            *_nodes(groups, say),
            *_texts(names),
            *legend_marks(),
            _told_nodes(of_nodes, say),
        ],
    }


def _year(years: Sequence[int], say: Words) -> Json:
    """The planning year that is shown, the last at first: a slider where years are evenly spaced, else a list."""
    parameter: Json = {"name": "year", "value": years[-1]}
    spacing = {b - a for a, b in pairwise(years)}
    label = f"{say('planning year')}: "
    if len(spacing) == 1:
        low, high, step = years[0], years[-1], spacing.pop()
        parameter["bind"] = {"input": "range", "min": low, "max": high, "step": step, "name": label}
    elif spacing:
        parameter["bind"] = {"input": "select", "options": list(years), "name": label}
    return parameter


def _shown(names: Mapping[str, str], say: Words) -> Json:
    """What is shown, the first at first."""
    parameter: Json = {"name": "shown", "value": next(iter(names))}
    if len(names) > 1:
        parameter["bind"] = {
            "input": "select",
            "options": list(names),
            "labels": list(names.values()),
            "name": f"{say('shown')}: ",
        }
    return parameter


def _look_up(field: str, table: str, fields: Sequence[str]) -> Json:
    """``fields`` of the row of ``table`` whose key is ``field``."""
    return {"lookup": field, "from": {"data": {"name": table}, "key": "key", "fields": list(fields)}}


def _backdrop(land: Sequence[Json]) -> list[Json]:
    """The frame, the country, and areas of nodes where a study has them; already in pixels, so not projected."""
    return [
        {
            "data": {"values": [row["shape"]]},
            "projection": {"type": "identity", "scale": 1, "translate": [0, 0]},
            "mark": {"type": "geoshape", "fill": row["fill"], "stroke": row["stroke"], "strokeWidth": row["width"]},
        }
        for row in land
    ]


OF_COURSE = [
    _look_up("course", "courses", ["name", "start", "end", "theme", "unit", "flow_unit"]),
    {"filter": "datum.theme == shown"},
    {"calculate": "datum.course + '|' + year", "as": "state"},
    _look_up("state", "loads", ["capacity", "added", "flow", "loading", "full", "width"]),
    {"filter": "datum.capacity > 0"},
]
"""What a course carries in the year that is shown; courses of other subjects, and those that do not stand, are out."""


ALONG: Json = {
    **PLACE,
    "detail": {"field": "course", "type": "nominal"},
    "order": {"field": "order", "type": "quantitative"},
}

LINE: Json = {"type": "line", "strokeJoin": "round", "strokeCap": "round"}


def _links(say: Words) -> Json:
    """Links along their courses, with a halo around what is new."""
    loading = {
        "field": "loading",
        "type": "quantitative",
        "scale": {"type": "threshold", **LOADING},
        "legend": {"title": say("mean loading of links, %")},
    }
    return {
        "data": {"name": "vertices"},
        "transform": OF_COURSE,
        "layer": [
            {
                "transform": [{"filter": "datum.added > 0"}, {"calculate": "datum.width + 6", "as": "halo"}],
                "mark": {**LINE, "stroke": HALO},
                "encoding": {**ALONG, "strokeWidth": pixel("halo")},
            },
            {"mark": LINE, "encoding": {**ALONG, "stroke": loading, "strokeWidth": pixel("width")}},
        ],
    }


def _told_links(say: Words) -> Json:
    """Broad unseen stretches over the links, to point at: what each carries, in its own unit.

    They are rules from vertex to vertex, as Vega tells what a line says near its vertices only.
    """
    next_vertex = {
        "window": [{"op": "lead", "field": axis, "as": f"{axis}2"} for axis in ("x", "y")],
        "groupby": ["course"],
        "sort": [{"field": "order", "order": "ascending"}],
    }
    way = "datum.flow < 0 ? datum.end + ' → ' + datum.start : datum.start + ' → ' + datum.end"
    texts = {
        "capacity_text": f"format(datum.capacity, '{NUMBER}') + ' ' + datum.unit",
        "added_text": f"format(datum.added, '{NUMBER}') + ' ' + datum.unit",
        "flow_text": f"format(abs(datum.flow), '{NUMBER}') + ' ' + datum.flow_unit",
        "way": way,
        "reach": "datum.width + 8",
    }
    tooltip = [
        {"field": "name", "type": "nominal", "title": say("link")},
        {"field": "capacity_text", "type": "nominal", "title": say("capacity")},
        {"field": "added_text", "type": "nominal", "title": say("new since the year before")},
        {"field": "flow_text", "type": "nominal", "title": say("net flow")},
        {"field": "way", "type": "nominal", "title": say("direction")},
        {"field": "loading", "type": "quantitative", "format": ".0f", "title": say("mean loading, %")},
        {"field": "full", "type": "quantitative", "format": ",.0f", "title": say("hours at the limit")},
    ]
    return {
        "data": {"name": "vertices"},
        "transform": [
            *OF_COURSE,
            next_vertex,
            {"filter": "isValid(datum.x2)"},
            *({"calculate": text, "as": name} for name, text in texts.items()),
        ],
        "mark": {"type": "rule", "stroke": INK, "opacity": 0.001, "strokeCap": "round"},
        "encoding": {
            **PLACE,
            "x2": {"field": "x2"},
            "y2": {"field": "y2"},
            "strokeWidth": pixel("reach"),
            "tooltip": tooltip,
        },
    }


def _arrows() -> Json:
    """The way of the net flow, halfway along each course."""
    return {
        "data": {"name": "middles"},
        "transform": [
            *OF_COURSE,
            {"filter": "abs(datum.flow) > 0.001"},
            {"calculate": "datum.flow < 0 ? datum.angle + 180 : datum.angle", "as": "way"},
            {"calculate": "pow(datum.width + 6, 2)", "as": "area"},
        ],
        "mark": {"type": "point", "shape": ARROW, "filled": True, "fill": INK, "stroke": "white"},
        "encoding": {
            **PLACE,
            "angle": pixel("way"),
            "size": pixel("area"),
            "opacity": {"value": 1},
            "strokeWidth": {"value": 0.8},
        },
    }


def _nodes(groups: Sequence[Json], say: Words) -> list[Json]:
    """Markers of nodes, and pies of capacity where power is shown."""
    colour = {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": [g["name"] for g in groups], "range": [g["colour"] for g in groups]},
        "legend": {"title": say("capacity of power plants"), "symbolType": "circle", "symbolStrokeWidth": 0}
        | {f"{part}Opacity": {"expr": f"shown == '{POWER}' ? 1 : 0"} for part in ("title", "label", "symbol")},
    }
    return [
        {
            "data": {"name": "nodes"},
            "transform": [{"filter": "!datum.outside"}],
            "mark": {"type": "circle", "size": 42, "fill": INK, "stroke": "white", "opacity": 1},
            "encoding": PLACE,
        },
        {
            "data": {"name": "nodes"},
            "transform": [{"filter": "datum.outside && indexof(datum.themes, shown) >= 0"}],
            "mark": {"type": "point", "filled": True, "fill": "white", "stroke": FAINT, "opacity": 1},
            "encoding": {
                **PLACE,
                "shape": {"field": "shape", "type": "nominal", "scale": None},
                "angle": pixel("angle"),
                "size": {"value": 70},
                "strokeWidth": {"value": 1.4},
            },
        },
        {
            "data": {"name": "pies"},
            "transform": [{"filter": f"datum.year == year && shown == '{POWER}'"}],
            "mark": {"type": "arc", "stroke": "white", "strokeWidth": 0.6, "opacity": 1},
            "encoding": {
                **PLACE,
                "theta": pixel("begin", stack=None),
                "theta2": {"field": "end"},
                "radius": pixel("radius", stack=None),
                "color": colour,
            },
        },
    ]


def _told_nodes(of_nodes: Mapping[str, str], say: Words) -> Json:
    """An unseen disc over every node, to point at: its capacity by group, generation, demand and price."""
    numbers = [
        {"field": field, "type": "quantitative", "format": NUMBER, "title": title} for field, title in of_nodes.items()
    ]
    return {
        "data": {"name": "nodes"},
        "transform": [
            {"filter": "!datum.outside"},
            {"calculate": "datum.node + '|' + year", "as": "state"},
            _look_up("state", "states", ["radius", *of_nodes]),
            {"calculate": f"pow(max(shown == '{POWER}' ? datum.radius : 0, 6), 2) * PI", "as": "area"},
        ],
        "mark": {"type": "circle", "fill": INK, "opacity": 0.001},
        "encoding": {
            **PLACE,
            "size": pixel("area"),
            "tooltip": [{"field": "full_name", "type": "nominal", "title": say("node")}, *numbers],
        },
    }


def _texts(names: Mapping[str, str]) -> list[Json]:
    """Names of nodes, on a white rim so that they can be read over lines, and what is shown."""
    rim: Json = {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round", "opacity": 0.85}
    colour = {"condition": {"test": "datum.outside", "value": FAINT}, "value": INK}
    sides = ("left", "center", "right")
    subjects = ", ".join(f"{quoted(theme)}: {quoted(name)}" for theme, name in names.items())
    heading = {
        "data": {"name": "picture"},
        "mark": {
            "type": "text",
            "align": "left",
            "baseline": "top",
            "fontSize": 17,
            "fontWeight": "bold",
            "fill": INK,
            "text": {"expr": f"year + ', ' + ({{{subjects}}})[shown]"},
        },
        "encoding": {"x": {"value": 12}, "y": {"value": 12}},
    }
    rims = [_names(align, rim, {}) for align in sides]
    return [*rims, *(_names(align, {}, {"color": colour}) for align in sides), heading]


def _names(align: str, look: Json, channels: Json) -> Json:
    """Names that stand on one side of their nodes."""
    return {
        "data": {"name": "names"},
        "transform": [
            {"filter": f"datum.align == '{align}' && datum.power == (shown == '{POWER}')"},
            {"filter": "!datum.outside || indexof(datum.themes, shown) >= 0"},
        ],
        "mark": {"type": "text", "baseline": "middle", "align": align, "fontSize": 11.5, **look},
        "encoding": {**PLACE, "text": {"field": "name", "type": "nominal"}, **channels},
    }


def quoted(text: str) -> str:
    """A text as Vega's expressions write it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
