"""Pieces of QML, the language in which QGIS keeps how a layer is drawn; only what a reader would otherwise set by hand.

Sizes and widths are in millimetres, colours are #RRGGBB, expressions are those of QGIS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

Element = ElementTree.Element

HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"

SYMBOLS = {"point": ("marker", "SimpleMarker"), "line": ("line", "SimpleLine"), "polygon": ("fill", "SimpleFill")}
"""How QGIS calls the symbol of a geometry, and its one layer."""

SAFE = "3x:0,0,0,0,0,0"
"""What QGIS writes where map units have no limits."""


@dataclass(frozen=True)
class Class:
    """Features that look alike: those with values from ``lower`` to ``upper``, or those whose value is ``label``."""

    label: str
    symbol: Element
    lower: float = 0.0
    upper: float = 0.0


def document(*parts: Element, labels: bool = False, diagrams: bool = False, temporal: bool = False) -> str:
    """A style of these parts as text."""
    kinds = ["Symbology", *["Labeling"] * labels, *["Diagrams"] * diagrams, *["Temporal"] * temporal]
    root = Element("qgis", version="3.22", labelsEnabled=str(int(labels)), styleCategories="|".join(kinds))
    root.extend(parts)
    ElementTree.indent(root)
    return HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def quoted(column: str) -> str:
    """A column in an expression."""
    return '"' + column.replace('"', '""') + '"'


def colour(code: str) -> str:
    """``#RRGGBB`` as QGIS writes colours."""
    return ",".join(str(int(code[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def symbol(geometry: str, said: Mapping[str, str], defined: Mapping[str, str] | None = None) -> Element:
    """A symbol with fixed properties and those that an expression gives; geometry is point, line or polygon."""
    kind, layer_kind = SYMBOLS[geometry]
    found = Element("symbol", name="0", type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    layer = ElementTree.SubElement(found, "layer", {"class": layer_kind, "enabled": "1", "locked": "0", "pass": "0"})
    layer.append(_options({name: ("QString", value) for name, value in said.items()}))
    if defined:
        ElementTree.SubElement(layer, "data_defined_properties").append(_defined(defined))
    return found


def _defined(expressions: Mapping[str, str]) -> Element:
    """Properties that expressions give."""
    properties = Element("Option", name="properties", type="Map")
    for name, expression in expressions.items():
        of = {"active": ("bool", "true"), "expression": ("QString", expression), "type": ("int", "3")}
        properties.append(_options(of, name))
    found = _options({"name": ("QString", ""), "type": ("QString", "collection")})
    found.append(properties)
    return found


def _options(said: Mapping[str, tuple[str, str]], name: str | None = None) -> Element:
    found = Element("Option", {"type": "Map"} | ({} if name is None else {"name": name}))
    for key, (kind, value) in said.items():
        ElementTree.SubElement(found, "Option", name=key, type=kind, value=value)
    return found


def single(own: Element) -> Element:
    """Every feature looks alike."""
    found = _renderer("singleSymbol")
    found.append(_symbols([own]))
    return found


def graduated(expression: str, classes: Sequence[Class], *, by_size: bool = False) -> Element:
    """Features look as the class in which the expression's value lies; those without a value are not drawn."""
    method = "GraduatedSize" if by_size else "GraduatedColor"
    found = _renderer("graduatedSymbol", attr=expression, graduatedMethod=method)
    ranges = ElementTree.SubElement(found, "ranges")
    for i, own in enumerate(classes):
        bounds = {"lower": f"{own.lower:.15f}", "upper": f"{own.upper:.15f}"}
        ElementTree.SubElement(ranges, "range", bounds, symbol=str(i), label=own.label, render="true")
    found.append(_symbols([own.symbol for own in classes]))
    return found


def categorised(expression: str, classes: Sequence[Class], largest_first: str) -> Element:
    """Features look as the class whose label is the expression's value, others are not drawn.

    Those for which ``largest_first`` is large are drawn first, below the small ones.
    """
    found = _renderer("categorizedSymbol", attr=expression, enableorderby="1")
    categories = ElementTree.SubElement(found, "categories")
    for i, own in enumerate(classes):
        said = {"value": own.label, "type": "string", "label": own.label}
        ElementTree.SubElement(categories, "category", said, symbol=str(i), render="true")
    found.append(_symbols([own.symbol for own in classes]))
    order = ElementTree.SubElement(found, "orderby")
    ElementTree.SubElement(order, "orderByClause", asc="0", nullsFirst="0").text = largest_first
    return found


def _renderer(kind: str, **said: str) -> Element:
    return Element("renderer-v2", {"type": kind, "symbollevels": "0", "forceraster": "0", "enableorderby": "0"} | said)


def _symbols(own: Sequence[Element]) -> Element:
    found = Element("symbols")
    for i, each in enumerate(own):
        each.set("name", str(i))
        found.append(each)
    return found


def labels(expression: str, distance: str = "1") -> Element:
    """A text beside every point, so many mm away as an expression gives, or in the middle of every polygon."""
    found = Element("labeling", type="simple")
    settings = ElementTree.SubElement(found, "settings")
    text = {"fieldName": expression, "isExpression": "1", "fontSize": "8", "fontSizeUnit": "Point"}
    style = ElementTree.SubElement(settings, "text-style", text, textColor="40,40,40,255", textOpacity="1")
    buffer = {"bufferDraw": "1", "bufferSize": "0.7", "bufferSizeUnits": "MM", "bufferColor": "255,255,255,255"}
    ElementTree.SubElement(style, "text-buffer", buffer, bufferOpacity="0.8", bufferNoFill="1")
    placement = {"placement": "6", "predefinedPositionOrder": "TR,TL,BR,BL,R,L,TSR,BSR", "dist": "1", "distUnits": "MM"}
    ElementTree.SubElement(settings, "placement", placement, offsetType="0", priority="5")
    ElementTree.SubElement(settings, "rendering", drawLabels="1", displayAll="1", obstacle="1", scaleVisibility="0")
    ElementTree.SubElement(settings, "dd_properties").append(_defined({"LabelDistance": distance}))
    return found


def pies(total: str, largest: float, size: float, slices: Sequence[tuple[str, str, str]]) -> list[Element]:
    """A pie on every point, its area by the column ``total``: ``size`` mm at ``largest``.

    ``slices`` are columns, each with a label and a colour.
    """
    renderer = Element(
        "LinearlyInterpolatedDiagramRenderer",
        {"classificationField": total, "diagramType": "Pie", "attributeLegend": "1"}
        | {"lowerValue": "0", "lowerWidth": "0", "lowerHeight": "0"}
        | {"upperValue": f"{largest:g}", "upperWidth": f"{size:g}", "upperHeight": f"{size:g}"},
    )
    category = ElementTree.SubElement(
        renderer,
        "DiagramCategory",
        {"enabled": "1", "scaleDependency": "Area", "sizeType": "MM", "minimumSize": "0", "opacity": "1"}
        | {"penColor": "#ffffff", "penWidth": "0.1", "penAlpha": "255", "rotationOffset": "270", "direction": "1"}
        | {"backgroundColor": "#ffffff", "backgroundAlpha": "0", "sizeScale": SAFE, "scaleBasedVisibility": "0"},
    )
    ElementTree.SubElement(category, "fontProperties", description="Sans,8,-1,5,50,0,0,0,0,0", style="")
    for column, label, code in slices:
        said = {"field": quoted(column), "label": label, "color": code}
        ElementTree.SubElement(category, "attribute", said, colorOpacity="1")
    # "over the point": a pie belongs where its node is, whatever else is there.
    placed = Element(
        "DiagramLayerSettings", placement="1", showAll="1", dist="0", priority="5", zIndex="0", obstacle="0"
    )
    return [renderer, placed]


def moments(column: str, years: int) -> Element:
    """For the temporal controller: a feature is there for so many years from the moment in ``column``."""
    said = {"enabled": "1", "mode": "1", "startField": column, "fixedDuration": str(years), "durationUnit": "y"}
    return Element("temporal", said, accumulate="0", limitMode="0", endField="", durationField="")
