"""Gas, oil and other commodities in the report: their tables, the goals beside them, and that charts draw them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import xarray as xr

from model.outputs.report.balance import families, gas_and_oil
from model.outputs.report.parts import Told
from tests.reports import figures, loud, marks, numbers, same

YEARS = [2025, 2030]

Rows = Sequence[tuple[str, str, str, str, str, float, float]]

FUELS: Rows = [
    ("feed", "west", "production", "field", "oil_field", 40, 50),
    ("feed", "west", "use", "plant", "gas_processing", -30, -38),
    ("feed", "west", "use", "well", "reinjection", -10, -12),
    ("gas", "west", "production", "plant", "gas_processing", 27, 34),
    ("gas", "china", "exports", "Gas to China", "", -10, -20),
    ("gas", "south", "demand", "", "", -17, -14),
    ("crude", "west", "production", "field", "oil_field", 80, 90),
    ("crude", "south", "use", "cracker", "refining", -18, -21),
    ("crude", "sea", "exports", "Crude to the sea", "", -62, -69),
    ("petrol", "south", "production", "cracker", "refining", 6, 7),
    ("petrol", "south", "demand", "", "", -6, -7),
    ("heat", "south", "production", "boiler", "heat", 900, 800),
    ("heat", "south", "demand", "", "", -900, -800),
    ("box", "east", "imports", "Boxes", "", 70, 90),
    ("box", "sea", "exports", "Boxes on", "", -70, -90),
]
"""Commodity, node, item, technology, group, and the quantities of two years."""

NAMES = {
    "feed": ("Raw gas", "bcm"),
    "gas": ("Natural gas", "bcm"),
    "crude": ("Crude oil", "Mt"),
    "petrol": ("Gasoline", "Mt"),
    "heat": ("Heat", "GWh"),
    "box": ("Containers", "kTEU"),
}


@pytest.fixture
def fuels() -> xr.Dataset:
    """Closing balances of a land of gas and oil, by hand, and two goals."""
    columns = ("commodity", "node", "item", "technology", "group")
    texts = {f"balance_row_{name}": ("balance_row", [row[i] for row in FUELS]) for i, name in enumerate(columns)}
    names = {f"commodity_{part}": ("commodity", [own[0] for own in NAMES.values()]) for part in ("name", "family")}
    goals = {"target_name": ["30 bcm of gas", "Refining"], "target_unit": ["bcm", "Mt"]}
    return xr.Dataset(
        {
            **texts,
            **names,
            "balance_detail": (("balance_row", "year"), [row[5:] for row in FUELS]),
            "commodity_unit": ("commodity", [unit for _, unit in NAMES.values()]),
            **{name: ("target", values) for name, values in goals.items()},
            "target_value": (("target", "year"), [[27, 34], [18, 20]]),
            "target_required": (("target", "year"), [[np.nan, 30], [np.nan, 21]]),
        },
        coords={
            "commodity": list(NAMES),
            "year": YEARS,
            "node": ["west", "south", "east", "china", "sea"],
            "target": ["g", "r"],
        },
    )


def test_commodities_are_told_by_what_makes_and_takes_them(fuels: xr.Dataset) -> None:
    """Proves: gas, crude, products, heat and the rest are told apart without names of the study. Without it the
    chapter would work for one country only."""
    roles = {family.name: family.role for family in families([Told("a", fuels)])}
    assert roles == {
        "Raw gas": "gas",
        "Natural gas": "gas",
        "Crude oil": "crude",
        "Gasoline": "product",
        "Heat": "heat",
        "Containers": "other",
    }


def test_balances_tell_what_the_results_say(fuels: xr.Dataset) -> None:
    """Proves: the tables hold the numbers of the closing balances, sources positive, uses negative, with their sums, in
    the order gas, oil, heat, the rest. Without it the report could tell other numbers than ``plan``."""
    found = figures(gas_and_oil([Told("a", fuels)], same))
    assert list(found) == [
        "gas-1",
        "gas-1-processing",
        "gas-1-trade",
        "raw-gas-1",
        "crude-1",
        "crude-1-refining",
        "crude-1-trade",
        "products-1",
        "heat-1",
        "commodities-other",
    ]
    gas = found["gas-1"].table.set_index("item")
    assert gas.loc["production: gas processing"].tolist() == [27, 34]
    assert gas.loc["exports: china"].tolist() == [-10, -20]
    assert gas.loc["all sources"].tolist() == (-gas.loc["all uses"]).tolist() == [27, 34]
    assert numbers(found["gas-1-trade"], market="Gas to China")[["2025", "2030"]].to_numpy().tolist() == [[10, 20]]
    heat = found["heat-1"].table.set_index("item")
    assert heat.loc["demand"].tolist() == [-0.9, -0.8], "TWh"
    boxes = found["commodities-other"].table
    assert set(boxes["commodity"]) == {"Containers, kTEU"}


def test_goals_stand_beside_what_they_count(fuels: xr.Dataset) -> None:
    """Proves: the goal for gas, which counts what plants give, is marked where it is asked; so is that for refining,
    which agrees in its first year (18 Mt) and then counts less (20 of 21); a goal that never agrees is not. Without it
    a reader would look for the 30 bcm in vain, or find it on the wrong bar."""
    found = figures(gas_and_oil([Told("a", fuels)], same))
    rows = found["gas-1-processing"].table.set_index("plants")
    assert rows.loc["sum"].tolist() == [27, 34]
    assert rows.loc["asked: 30 bcm of gas", "2030"] == 30
    assert np.isnan(rows.loc["asked: 30 bcm of gas", "2025"])
    assert found["crude-1-refining"].table["plants"].str.startswith("asked").any()
    strange = fuels.assign(target_value=fuels["target_value"] * 0.9)
    rows = figures(gas_and_oil([Told("a", strange)], same))["gas-1-processing"].table
    assert not rows["plants"].str.startswith("asked").any()


def test_balances_are_drawn_side_by_side(fuels: xr.Dataset) -> None:
    """Proves: every chart draws bars, twice as many for two plans, and words go through the language. Without it charts
    could be empty or English."""
    one = figures(gas_and_oil([Told("a", fuels)], loud))
    two = figures(gas_and_oil([Told("a", fuels), Told("b", fuels)], loud))
    for key, figure in one.items():
        if figure.spec is not None:
            assert marks(two[key].spec) == 2 * marks(figure.spec) > 0, key
    assert set(two["heat-1"].table["PLAN"]) == {"a", "b"}
    assert one["gas-1"].title == "NATURAL GAS, BCM"
    assert one["gas-1-processing"].table.columns[0] == "PLANTS"


def test_a_study_of_power_alone_has_no_balances(fuels: xr.Dataset) -> None:
    """Proves: no chapter where nothing but power is told. Without it an empty heading would stand there."""
    power_only = fuels.isel(balance_row=slice(0, 0))
    assert gas_and_oil([Told("a", power_only)], same) is None
    assert gas_and_oil([Told("a", fuels.drop_vars("balance_detail"))], same) is None


def test_a_plan_without_gas_stands_beside_one_with_it(fuels: xr.Dataset) -> None:
    """Proves: in either order the plan that knows no gas leaves the other's numbers and charts whole, goals and all.
    Without it two scenarios, one of power alone, would have no report."""
    power_only = fuels.isel(balance_row=slice(0, 0), commodity=slice(0, 0)).drop_dims("target")
    alone = figures(gas_and_oil([Told("a", fuels)], same))
    for told in ([Told("a", fuels), Told("b", power_only)], [Told("b", power_only), Told("a", fuels)]):
        found = figures(gas_and_oil(told, same))
        assert list(found) == list(alone)
        assert found["gas-1-processing"].title == "What gas plants give, bcm"
        assert marks(found["gas-1-processing"].spec) == marks(alone["gas-1-processing"].spec)
