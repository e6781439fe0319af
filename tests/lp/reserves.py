"""What the tests of margins and reserves share: their rows, two zones with links between them, and plants to choose."""

from __future__ import annotations

from typing import Any

from model.outputs.prices import Prices
from model.study import Plan
from tests.studies import Row, Rows, technology

ZONES: list[Row] = [{"node": "north", "zone": "n"}, {"node": "south", "zone": "s"}]
SOUTH: Row = {"plant": "South", "node": "south", "technology": "dear"}
BACK: Row = {"link": "back", "from_node": "south", "to_node": "north"}
JOINT: dict[str, Any] = {"interface_members": [{"link": "north_south"}, {"link": "back", "direction": -1}]}
"""Two links that are defined in opposite directions and count together in the flow to the south."""


def margin(share: float = 0.2, zone: str = "all", penalty: float | str = 50, **more: Any) -> Row:
    """A row of reserve_margins.csv."""
    return {"zone": zone, "margin": share, "penalty": penalty, **more}


def reserve(largest_unit: float, zone: str = "all", penalty: float | str = 300, **more: Any) -> Row:
    """A row of operating_reserves.csv."""
    return {"zone": zone, "largest_unit": largest_unit, "penalty": penalty, **more}


def battery(**values: Any) -> Rows:
    """A store without losses, of 4 hours and for 100 years unless ``values`` say otherwise."""
    usual = {"duration": 4, "charge_efficiency": 1, "discharge_efficiency": 1, "lifetime": 100}
    return technology("battery", kind="storage", **{**usual, **values})


def dear(**values: Any) -> Rows:
    """A plant of 50 USD/MWh, which neither counts as firm nor responds unless ``values`` say so."""
    return technology("dear", **{"variable_cost": 50, "lifetime": 100, "capacity_credit": 0, **values})


def old(response: float, **values: Any) -> Rows:
    """``Old`` with a response."""
    return technology("old", variable_cost=20, lifetime=100, response=response, **values)


def dual(plan: Plan, equation: str, year: int) -> float:
    """The present value of tightening an equation by one GW in all of its rows of a year, per year."""
    prices = Prices(plan.program, plan.solution.row_dual, plan.accounts)
    own = plan.program.row_family(equation).to_array(prices.duals).sel(year=year)
    return float(own.sum() / prices.weight.sel(year=year))
