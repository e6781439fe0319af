"""Units at the border: every number is converted once, when it is read; nothing downstream converts."""

from __future__ import annotations

from functools import lru_cache

import pint

_DEFINITIONS = (
    "USD = [currency]",
    "million_USD = 1e6 * USD",
    "person = [population]",
    "TEU = [container]",
    "kTEU = 1000 * TEU",
    "bcm = 1e9 * meter ** 3",
)


class UnitProblem(ValueError):
    """A unit that does not exist or does not measure what it should."""


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry:
    """The unit registry: pint's own and the energy trade's money, containers and gas volumes."""
    units: pint.UnitRegistry = pint.UnitRegistry()
    for definition in _DEFINITIONS:
        units.define(definition)
    return units


@lru_cache(maxsize=4096)
def factor(unit: str, target: str) -> float:
    """By what a number in ``unit`` is multiplied to be in ``target``; UnitProblem if they measure different things."""
    units = registry()
    try:
        return float(units.Quantity(1.0, units.parse_units(_spelled(unit))).to(units.parse_units(_spelled(target))).magnitude)
    except pint.DimensionalityError as error:
        raise UnitProblem(f"'{unit}' cannot be converted to '{target}'") from error
    except (pint.UndefinedUnitError, pint.errors.DefinitionSyntaxError, ValueError, AssertionError, TypeError) as error:
        raise UnitProblem(f"'{unit}' is not a known unit") from error


def hours_per_unit(capacity_unit: str) -> float:
    """Hours in which an asset of size 1 gives one activity unit: 1 for GW (GWh), 8760 for bcm/year (bcm)."""
    return HOURS_PER_YEAR if "/year" in capacity_unit.replace(" ", "") else 1.0


def activity_unit(capacity_unit: str) -> str:
    """The unit of what an asset of that size does: GWh for GW, bcm for bcm/year."""
    plain = capacity_unit.replace(" ", "")
    return plain.removesuffix("/year") if plain.endswith("/year") else plain + "h"


HOURS_PER_YEAR = 8760.0
"""Hours of the model year; leap days are left out."""


def _spelled(unit: str) -> str:
    """Pint's spelling: 1 is dimensionless, and a percentage is a hundredth."""
    return {"": "dimensionless", "1": "dimensionless", "%": "percent"}.get(unit.strip(), unit.strip())
