"""Units at the border: every number is converted once, when it is read; nothing downstream converts."""

from __future__ import annotations

import re
from functools import lru_cache
from tokenize import TokenError
from typing import Any

import pint

_DEFINITIONS = (
    "kilo- = 1e3 = k-",
    "mega- = 1e6 = M-",
    "giga- = 1e9 = G-",
    "tera- = 1e12 = T-",
    "peta- = 1e15 = P-",
    "second = [time] = s",
    "minute = 60 * second = min",
    "hour = 3600 * second = h",
    "day = 24 * hour",
    "year = 365 * day",
    "meter = [length] = m",
    "gram = [mass] = g",
    "tonne = 1e6 * gram = t",
    "degree = [angle]",
    "kelvin = [temperature] = K",
    "celsius = [celsius_scale] = degC",
    "watt = [power] = W",
    "joule = watt * second = J",
    "watt_hour = watt * hour = Wh",
    "calorie = 4.1868 * joule = cal",
    "volt = [voltage] = V",
    "ampere = watt / volt = A",
    "ohm = volt / ampere",
    "bcm = 1e9 * meter ** 3",
    "barrel = 0.158987294928 * meter ** 3",
    "USD = [currency]",
    "million_USD = 1e6 * USD",
    "billion_USD = 1e9 * USD",
    "person = [population]",
    "TEU = [container]",
    "percent = 0.01",
)
"""The trade's own units and no others, so that a slip such as mW is an error; the year is the model's, 8,760 hours.

Degrees Celsius are a measure of their own: what is a number on that scale is never multiplied into another."""

_WRITTEN = re.compile(r"(?:[A-Za-z_]+|1|\(|\)|[*/ ]|\*\*-?[1-9](?!\d|\s*\*\*))*")
"""What a unit may be written with: names, 1, brackets, products, quotients and small powers."""

_UNREADABLE = (
    pint.PintError,
    ValueError,
    TypeError,
    AssertionError,
    ArithmeticError,
    SyntaxError,
    AttributeError,
    KeyError,
    IndexError,
    RecursionError,
    TokenError,
)


class UnitProblem(ValueError):
    """A unit that does not exist or does not measure what it should."""


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[Any]:
    """The unit registry of the energy trade: power, energy, money, lengths, masses, volumes, containers."""
    units: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    for definition in _DEFINITIONS:
        units.define(definition)
    return units


@lru_cache(maxsize=4096)
def factor(unit: str, target: str) -> float:
    """By what a number in ``unit`` is multiplied to be in ``target``; UnitProblem if they measure different things."""
    given, wanted = _parsed(unit), _parsed(target)
    try:
        return float(registry().Quantity(1.0, given).to(wanted).magnitude)
    except pint.DimensionalityError as error:
        raise UnitProblem(f"'{unit}' cannot be converted to '{target}'") from error


@lru_cache(maxsize=4096)
def is_known(unit: str) -> bool:
    """Whether ``unit`` can be read."""
    try:
        _parsed(unit)
    except UnitProblem:
        return False
    return True


def hours_per_unit(capacity_unit: str) -> float:
    """Hours in which an asset of size 1 gives one activity unit: 1 for GW (GWh), 8760 for bcm/year (bcm)."""
    return HOURS_PER_YEAR if "/year" in capacity_unit.replace(" ", "") else 1.0


def activity_unit(capacity_unit: str) -> str:
    """The unit of what an asset of that size does: GWh for GW, bcm for bcm/year."""
    plain = capacity_unit.replace(" ", "")
    return plain.removesuffix("/year") if plain.endswith("/year") else plain + "h"


def rate_unit(unit: str) -> str:
    """The unit of a flow of a commodity counted in ``unit``: GW for GWh, else so much a year."""
    return "GW" if unit == "GWh" else f"{unit}/year"


HOURS_PER_YEAR = 8760.0
"""Hours of the model year; leap days are left out."""

DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month of the model year."""


def _parsed(unit: str) -> Any:
    """Pint's unit; ``1`` and nothing are dimensionless, ``%`` is a hundredth."""
    text = unit.strip().replace("%", "percent")
    if not _WRITTEN.fullmatch(text):
        raise UnitProblem(f"'{unit}' is not a known unit")
    try:
        return registry().parse_units("dimensionless" if text in ("", "1") else text)
    except _UNREADABLE as error:
        raise UnitProblem(f"'{unit}' is not a known unit") from error
