"""How QGIS draws the layers of a GeoPackage when it opens them: sizes and widths by capacity, colours by what is asked.

Classes are the same for all planning years, so that maps of different years can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.outputs import qml
from model.outputs.maps import Layer
from model.outputs.report.colours import group_colours

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""What a step between classes may begin with."""

CLASSES = 5

FINEST = 1e-6
"""Width of a class at least, as a number and as a share of the numbers that it parts."""

BLUES = ("#C7E9B4", "#7FCDBB", "#41B6C4", "#2C7FB8", "#253494")
"""Few to many: a price or a capacity."""

WARNING = ("#4575B4", "#91BFDB", "#FEE090", "#FC8D59", "#D73027")
"""At rest to full: the loading of a link."""

LOADING = (0.0, 25.0, 50.0, 75.0, 90.0, 100.0)
"""Bounds of classes of loading, percent."""

GREY, EDGE, LAND, BORDER = "#BFBFBF", "#666666", "#F4F1E8", "#8C8C8C"

DOTS = (1.2, 1.6, 2.0, 2.4, 2.8)
"""Diameters of nodes by class of capacity, mm."""

PIE, WIDE, THIN, BUBBLE, DOT = 16.0, 3.0, 0.3, 9.0, 3.4
"""Diameter of the largest pie, width of the largest and of the smallest link, the largest bubble, a node by price."""


@dataclass(frozen=True)
class Style:
    """How a layer of a file is drawn; of several styles of a layer one is the default."""

    layer: str
    name: str
    qml: str
    default: bool


def layer_styles(layer: Layer, years: Sequence[int], groups: Sequence[tuple[str, str]]) -> list[Style]:
    """The styles of a layer, for each planning year one; that of the last planning year is the default.

    ``groups`` of technologies, each with its name in the layer's columns.
    """
    if layer.name == "country_outline":
        land = qml.symbol("polygon", _filled(LAND, BORDER))
        return [Style(layer.name, "country", qml.document(qml.single(land)), True)]
    if layer.geometry == "line":
        drawn = {"loading": {year: _links(layer, year, years) for year in years}}
    else:
        drawn = {"price": {year: _prices(layer, year, years) for year in years if f"mean_price_{year}" in layer.table}}
        capacity = _pies if layer.geometry == "point" else _capacities
        made = {"capacity": {year: capacity(layer, year, years, groups) for year in years}}
        drawn = made | drawn if layer.geometry == "point" or not drawn["price"] else drawn | made
    styles = [(f"{kind} {year}", text) for kind, by_year in drawn.items() for year, text in by_year.items()]
    default = f"{next(iter(drawn))} {years[-1]}"
    return [Style(layer.name, name, text, name == default) for name, text in styles]


def node_view(view: str, largest: float, years: Sequence[int]) -> Style:
    """Nodes by planning year for the temporal controller: a bubble by electric capacity, up to ``largest`` MW."""
    bounds = class_bounds([0.0, largest])
    sizes = np.linspace(BUBBLE / len(bounds), BUBBLE, len(bounds) - 1)
    classes = _classes(bounds, [qml.symbol("point", _dot(BLUES[3], size)) for size in sizes], "MW")
    return _temporal(view, "capacity", years, qml.graduated(qml.quoted("capacity"), classes, by_size=True))


def technology_view(view: str, largest: float, groups: Sequence[str], years: Sequence[int]) -> Style:
    """Capacity by technology, node and planning year: a bubble by capacity, in the colour of the group."""
    sized = {"size": _scaled("capacity_mw", largest, BUBBLE)}
    classes = [
        qml.Class(group, qml.symbol("point", _dot(code, DOT), sized)) for group, code in group_colours(groups).items()
    ]
    return _temporal(
        view, "technology", years, qml.categorised(qml.quoted("technology_group"), classes, '"capacity_mw"')
    )


def link_view(view: str, largest: float, loading: float, years: Sequence[int]) -> Style:
    """Links of one layer by planning year: width by capacity, colour by loading."""
    return _temporal(view, "loading", years, _loaded("capacity", "loading", largest, loading))


def _temporal(view: str, name: str, years: Sequence[int], renderer: qml.Element) -> Style:
    """A style with ``year_start`` as the moment of each feature."""
    between = [int(step) for step in np.diff(years)]
    moments = qml.moments("year_start", min(between, default=1))
    return Style(view, name, qml.document(moments, renderer, temporal=True), True)


def _links(layer: Layer, year: int, years: Sequence[int]) -> str:
    largest = _largest(layer.table, "capacity", years)
    loading = _largest(layer.table, "loading", years)
    return qml.document(_loaded(f"capacity_{year}", f"loading_{year}", largest, loading))


def _loaded(capacity: str, loading: str, largest: float, most: float) -> qml.Element:
    """Links that stand: width by capacity, colour by loading."""
    wide = {"outlineWidth": f"coalesce({THIN} + {WIDE - THIN} * {qml.quoted(capacity)} / {largest:g}, 0)"}
    bounds = [*LOADING[:-1], max(LOADING[-1], math.ceil(most))]
    lines = [{"line_color": qml.colour(code), "line_width": "1", "line_width_unit": "MM"} for code in WARNING]
    classes = _classes(bounds, [qml.symbol("line", line | {"capstyle": "round"}, wide) for line in lines], "%")
    return qml.graduated(f"if({qml.quoted(capacity)} > 0, {qml.quoted(loading)}, NULL)", classes)


def _scaled(column: str, largest: float, size: float) -> str:
    """An expression for the size of a circle whose area grows with a column: ``size`` at ``largest``."""
    return f"coalesce({size:g} * sqrt({qml.quoted(column)} / {largest:g}), 0)"


def _pies(layer: Layer, year: int, years: Sequence[int], groups: Sequence[tuple[str, str]]) -> str:
    """Nodes as dots by capacity, and on them pies of capacity by group."""
    bounds = class_bounds(_values(layer.table, "capacity_total", years))
    dots = _classes(bounds, [qml.symbol("point", _dot(GREY, size)) for size in DOTS[: len(bounds) - 1]], "MW")
    codes = group_colours(group for group, _ in groups)
    slices = [(f"capacity_{name}_{year}", group.replace("_", " "), codes[group]) for group, name in groups]
    total = f"capacity_total_{year}"
    beside = qml.labels(_label("node_name" in layer.table), f"{_scaled(total, bounds[-1], PIE / 2)} + 0.5")
    parts = [qml.graduated(qml.quoted(total), dots, by_size=True), beside]
    return qml.document(*parts, *qml.pies(total, bounds[-1], PIE, slices), labels=True, diagrams=True)


def _prices(layer: Layer, year: int, years: Sequence[int]) -> str:
    return _coloured(layer, "mean_price", year, years)


def _capacities(layer: Layer, year: int, years: Sequence[int], groups: Sequence[tuple[str, str]]) -> str:
    return _coloured(layer, "capacity_total", year, years)


def _coloured(layer: Layer, quantity: str, year: int, years: Sequence[int]) -> str:
    """Nodes or their areas in a colour by a quantity."""
    bounds = class_bounds(_values(layer.table, quantity, years))
    point = layer.geometry == "point"
    symbols = [qml.symbol(layer.geometry, _dot(code, DOT) if point else _filled(code, EDGE)) for code in BLUES]
    unit = str(layer.table[f"{quantity}_{year}"].attrs["units"])
    graduated = qml.graduated(qml.quoted(f"{quantity}_{year}"), _classes(bounds, symbols, unit))
    return qml.document(graduated, qml.labels(_label("node_name" in layer.table)), labels=True)


def _label(named: bool) -> str:
    return 'coalesce("node_name", "node")' if named else '"node"'


def _dot(code: str, size: float) -> dict[str, str]:
    edge = {"outline_color": qml.colour(EDGE), "outline_width": "0.1", "outline_style": "solid"}
    return {"name": "circle", "color": qml.colour(code), "size": f"{size:g}", "size_unit": "MM"} | edge


def _filled(code: str, edge: str) -> dict[str, str]:
    return {"color": qml.colour(code), "style": "solid", "outline_color": qml.colour(edge), "outline_width": "0.2"}


def _classes(bounds: Sequence[float], symbols: Sequence[qml.Element], unit: str) -> list[qml.Class]:
    pairs = zip(bounds[:-1], bounds[1:], symbols, strict=False)
    return [qml.Class(f"{a:,g} to {b:,g} {unit}", own, a, b) for a, b, own in pairs]


def _values(table: xr.Dataset, quantity: str, years: Iterable[int]) -> npt.NDArray[np.float64]:
    return np.concatenate([table[f"{quantity}_{year}"].to_numpy() for year in years])


def _largest(table: xr.Dataset, quantity: str, years: Iterable[int]) -> float:
    """The largest value of all planning years, 1 if there is nothing above zero."""
    values = _values(table, quantity, years)
    return float(np.nanmax(values, initial=0.0)) or 1.0


def class_bounds(values: npt.ArrayLike) -> list[float]:
    """Round bounds of at most five classes of one width that hold every value: the ends are rounded outwards.

    From zero if all values lie above it by less than they differ; missing values do not count.
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if 0 <= low <= high - low:
        low = 0.0
    width = max((high - low) / CLASSES, FINEST * max(abs(low), abs(high)), FINEST)
    power = 10.0 ** math.floor(math.log10(width))
    for step in (power * scale for scale in (*STEPS, *(10 * each for each in STEPS))):
        first, last = math.floor(low / step), math.ceil(high / step)
        if step >= width * (1 - 1e-9) and last - first <= CLASSES:
            break
    return [round(i * step, 12) for i in range(first, max(last, first + 1) + 1)]
