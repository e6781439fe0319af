"""What the marks of the map have in common: colours, symbols, and channels whose numbers are pixels."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

LOADING: Json = {
    "domain": [20, 40, 60, 80],
    "range": ["#F2A65A", "#E8655B", "#BE3A77", "#75237F", "#26104F"],
}
"""Classes of mean loading in percent; from light to dark, so that they can be told apart without colour."""

LAND, BORDER, HALO, INK, FAINT = "#F4F1EA", "#A79F8F", "#3FD0C9", "#222222", "#6B6B6B"
"""Colours of the country, its border, what is new, texts, and what is abroad."""

ARROW, BEYOND = "M-1,-0.75L1,0L-1,0.75L-0.45,0Z", "M-0.8,-0.75L1,0L-0.8,0.75Z"
"""Symbols that point to the right: the way of a flow, and a node beyond the frame."""

NUMBER = ",.2~f"


def pixel(field: str, **more: Any) -> Json:
    """A channel whose numbers are drawn as they are."""
    return {"field": field, "type": "quantitative", "scale": None, **more}


PLACE: Json = {"x": pixel("x"), "y": pixel("y")}
