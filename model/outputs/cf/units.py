"""Units as UDUNITS spells them, from the trade's own words; money and mixed units are told by further attributes.

Sources: UDUNITS-2, CF-1.8 section 3.1. UDUNITS knows no currency, and no unit of which each row has its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SPELT = {
    "kWh": "kW h",
    "MWh": "MW h",
    "GWh": "GW h",
    "TWh": "TW h",
    "bcm": "km3",
    **{
        same: same
        for same in (
            "W", "kW", "MW", "GW", "TW", "h", "year", "t", "kt", "Mt", "km", "km2", "m", "kV", "rad", "percent", "1",
            "degrees_east", "degrees_north", "PJ", "K",
        )
    },
}  # fmt: skip
"""Units of the trade and what UDUNITS calls them; a billion cubic metres are a cubic kilometre."""

MIXED = re.compile(r"\b(technology|commodity|link|store|market|target) unit\b")
"""Units that each row has of its own, told by the variable ``<word>_unit``."""

NONE = "1"


def cf_attributes(unit: str, currency: str, price_year: int) -> dict[str, str | int]:
    """Attributes of a variable whose values are in ``unit``: ``units`` for UDUNITS, ``unit`` for people.

    Money has ``currency`` and ``price_year`` too; where rows differ ``unit_variable`` names the variable that tells
    each. Both have ``units`` 1, as what UDUNITS does not know has.
    """
    found: dict[str, str | int] = {"units": udunits(unit) or NONE, "unit": unit}
    if currency in unit:
        found |= {"currency": currency, "price_year": price_year}
    if mixed := MIXED.search(unit):
        found["unit_variable"] = f"{mixed[1]}_unit"
    return found


def udunits(unit: str, spelt: Mapping[str, str] = SPELT) -> str | None:
    """``unit`` as UDUNITS spells it, such as GW h year-1 for GWh per year; None if it knows no such unit."""
    over, *under = re.split(r" per | and |/", unit.strip())
    if not {over, *under} <= spelt.keys():
        return None
    if not under:
        return spelt[over]
    below = [f"{part}-1" for name in under for part in spelt[name].split()]
    above = [spelt[over]] if spelt[over] != NONE else []
    return " ".join([*above, *below])
