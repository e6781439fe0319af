"""What is as wide or as large in the maps of all plans of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.outputs.maps import Layer
from model.outputs.report.map_data import LEAST, POWER
from model.outputs.report.map_shapes import Floats, View, fitted

WIDTH = 940.0
"""Pixels of the picture."""

WIDEST, THINNEST = 9.0, 1.2
"""Pixels of the line that carries most, and of the thinnest."""

LARGEST = 27.0
"""Radius in pixels of the largest pie."""

GAP = 1.5
"""Pixels between links that run beside each other."""


@dataclass(frozen=True)
class Scales:
    """What is as wide or as large in the maps of all plans: the view, most capacity of a node (GW), and the most that
    a line shows, by subject and unit."""

    view: View
    most: float
    widest: Mapping[tuple[str, str], float]


def shown_quantity(drawn: pd.DataFrame) -> pd.Series:
    """What the width of a line shows: the capacity of power lines, the flow of all else."""
    shown: pd.Series = drawn["capacity"].where(drawn["theme"] == POWER, drawn["flow"].abs())
    return shown


def width_unit(drawn: pd.DataFrame) -> pd.Series:
    """The unit of it."""
    unit: pd.Series = drawn["unit"].where(drawn["theme"] == POWER, drawn["flow_unit"])
    return unit


def scales(
    nodes: Sequence[pd.DataFrame], drawn: Sequence[pd.DataFrame], found: Sequence[Mapping[str, Layer]]
) -> Scales:
    """Scales that hold every plan; ``nodes``, ``drawn`` and ``found`` have an entry for each."""
    points: list[Floats] = []
    near: list[Floats] = []
    for frame, layers in zip(nodes, found, strict=True):
        inside = set(frame.loc[~frame["outside"], "node"]) or set(frame["node"])
        places = layers["node_point"]
        for node, shape in zip(places.table["node"].to_numpy(), places.shapes, strict=True):
            (points if node in inside else near).append(shape[0][0])
        for name in ("country_outline", "node_area"):
            points += [part[0] for shape in (layers[name].shapes if name in layers else []) for part in shape]
    lines = pd.concat(drawn, ignore_index=True)
    lines = lines.assign(shown=shown_quantity(lines), of=width_unit(lines)) if len(lines) else lines
    most = lines.groupby(["theme", "of"])["shown"].max() if len(lines) else pd.Series(dtype=float)
    widest = {(str(theme), str(unit)): max(float(value), LEAST) for (theme, unit), value in most.items()}
    largest = max(float(frame["capacity"].max()) for frame in nodes)
    view = fitted(np.vstack(points), np.vstack([*near, np.zeros((0, 2))]), WIDTH)
    return Scales(view, max(largest, LEAST), widest)


def widths(drawn: pd.DataFrame, scale: Scales) -> pd.Series:
    """Pixels of every line in every year."""
    most = [scale.widest[key] for key in zip(drawn["theme"], width_unit(drawn), strict=True)]
    shown: pd.Series = (WIDEST * shown_quantity(drawn) / most).clip(lower=THINNEST)
    return shown


def pie_radius(capacity: float, scale: Scales) -> float:
    """Pixels: the area of a pie shows the capacity."""
    return float(LARGEST * np.sqrt(max(capacity, 0) / scale.most))
