"""What explains the map, under it: samples of widths and areas, and what markers mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.outputs.report.map_data import POWER
from model.outputs.report.map_marks import ARROW, FAINT, HALO, INK, LOADING, NUMBER, Json, pixel
from model.outputs.report.map_scales import LARGEST, WIDEST, Scales, pie_radius
from model.outputs.report.parts import Words

ROW, SAMPLE = 24.0, 30.0
"""Pixels of a row of what explains the map, and of a sample of a line."""


def legend_rows(drawn: pd.DataFrame, scale: Scales, abroad: bool, say: Words) -> tuple[list[Json], float]:
    """What explains the map under it, by subject, and the pixels that it takes."""
    present = list(dict.fromkeys(drawn["theme"])) if len(drawn) else []
    rows: list[Json] = []
    lines = 1
    for theme in dict.fromkeys([POWER, *present]):
        items = _explained(theme, scale, theme in present, abroad, say)
        x, line = 8.0, 0
        for item in items:
            long = SAMPLE + 6 + 6.0 * len(item["text"]) + (24 if "number" in item else 0) + 12
            if x + long > scale.view.width and x > 8:
                x, line = 8.0, line + 1
            y = scale.view.height + ROW * (line + 0.5) + 4
            rows.append({"theme": theme, "x": x, "x2": x + SAMPLE, "y": y, **item})
            x += long
        lines = max(lines, line + 1)
    return rows, ROW * lines + 4


def _explained(theme: str, scale: Scales, links: bool, abroad: bool, say: Words) -> list[Json]:
    items: list[Json] = []
    if theme == POWER:
        fits = min(1.0, ((ROW - 2) / 2 / LARGEST) ** 2)
        value = _samples(scale.most * fits)[-1]
        area = np.pi * pie_radius(value, scale) ** 2
        items.append({"kind": "pie", "size": round(area), "number": value, "text": say("GW of power plants")})
    if not links:
        return items
    subject = say("capacity") if theme == POWER else say("flow")
    units = {unit: most for (of, unit), most in scale.widest.items() if of == theme}
    for unit, most in units.items():
        for value in _samples(most)[-1 if len(units) > 1 else 0 :]:
            about = {"size": round(WIDEST * value / most, 2), "number": value, "text": f"{subject}, {say(unit)}"}
            items.append({"kind": "width", **about})
    items.append({"kind": "new", "size": 4.0, "text": say("new since the year before")})
    items.append({"kind": "way", "size": 90.0, "text": say("net flow")})
    if abroad:
        items.append({"kind": "abroad", "size": 70.0, "text": say("abroad")})
    return items


def _samples(most: float) -> list[float]:
    """The largest round number within ``most``, and one about a third of it before."""
    power = 10.0 ** np.floor(np.log10(most))
    rounds = [factor * power for factor in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if factor * power <= most * (1 + 1e-9)]
    return [float(f"{value:.3g}") for value in (rounds[-3:][0], rounds[-1])]


def legend_marks() -> list[Json]:
    """Under the map, what widths, areas and markers mean; numbers in the way of the reader's language."""
    return [
        _stroke("new", HALO, 6.0),
        _stroke("new", LOADING["range"][2], 0.0),
        _stroke("width", FAINT, 0.0),
        _symbol("pie", "circle", {"fill": "#DDDDDD", "stroke": FAINT}),
        _symbol("way", ARROW, {"fill": INK}),
        _symbol("abroad", "circle", {"fill": "white", "stroke": FAINT}),
        _words(),
    ]


OF_SUBJECT: Json = {"filter": "datum.theme == shown"}


def _stroke(kind: str, colour: str, more: float) -> Json:
    """Samples of lines of a kind, broader by ``more`` pixels than their rows say."""
    broad = {"calculate": f"datum.size + {more}", "as": "broad"}
    return {
        "data": {"name": "legend"},
        "transform": [OF_SUBJECT, {"filter": f"datum.kind == '{kind}'"}, broad],
        "mark": {"type": "rule", "stroke": colour, "strokeCap": "butt"},
        "encoding": {"x": pixel("x"), "y": pixel("y"), "x2": {"field": "x2"}, "strokeWidth": pixel("broad")},
    }


def _symbol(kind: str, shape: str, look: Json) -> Json:
    """Samples of markers of a kind, in the middle of their place."""
    centre = {"calculate": "(datum.x + datum.x2) / 2", "as": "centre"}
    return {
        "data": {"name": "legend"},
        "transform": [OF_SUBJECT, {"filter": f"datum.kind == '{kind}'"}, centre],
        "mark": {"type": "point", "shape": shape, "filled": True, "opacity": 1, **look},
        "encoding": {"x": pixel("centre"), "y": pixel("y"), "size": pixel("size")},
    }


def _words() -> Json:
    number = f"format(datum.number, '{NUMBER}')"
    said = f"datum.kind == 'width' ? datum.text + ': ' + {number} : {number} + ' ' + datum.text"
    return {
        "data": {"name": "legend"},
        "transform": [
            OF_SUBJECT,
            {"calculate": f"isValid(datum.number) ? ({said}) : datum.text", "as": "said"},
            {"calculate": "datum.x2 + 6", "as": "right"},
        ],
        "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 11, "fill": INK},
        "encoding": {"x": pixel("right"), "y": pixel("y"), "text": {"field": "said", "type": "nominal"}},
    }
