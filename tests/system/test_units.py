"""Units: every number is converted once, at the border."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.system.read import Inputs
from model.system.units import UnitProblem, activity_unit, factor, hours_per_unit, is_known
from tests.studies import small_study
from tests.system.rich import column


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        ("MW", "GW", 1e-3),
        ("TWh", "GWh", 1e3),
        ("USD/MWh", "million_USD/(GWh)", 1e-3),
        ("USD/kW", "million_USD/(GW)", 1.0),
        ("USD/kW/year", "million_USD/year/(GW)", 1.0),
        ("t/MWh", "Mt/(TWh)", 1.0),
        ("USD/t", "million_USD/Mt", 1.0),
        ("kTEU", "TEU", 1e3),
        ("Gcal", "MWh", 1.163),
        ("%", "1", 0.01),
        ("TWh/year", "GW", 1000 / 8760),
    ],
)
def test_units_of_the_trade_convert(unit: str, target: str, expected: float) -> None:
    """Proves: numbers come to the product's unit, a year has 8,760 hours. Without it MW would be read as GW."""
    assert factor(unit, target) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "unit", ["mW", "GWW", "USD/XWh", "2", "1000 USD", "m**9**9", "((", "/GW", "lambda", "os.system", "GW;"]
)
def test_a_unit_that_does_not_exist_is_told(unit: str) -> None:
    """Proves: a slip such as mW for MW is an error. Without it a plant would have a billionth of its capacity."""
    assert not is_known(unit)
    with pytest.raises(UnitProblem, match="is not a known unit"):
        factor(unit, "GW")


def test_a_unit_of_another_dimension_is_told() -> None:
    """Proves: energy is not taken for power. Without it GWh of a year would become GW."""
    with pytest.raises(UnitProblem, match="'GWh' cannot be converted to 'GW'"):
        factor("GWh", "GW")


def test_size_and_activity_belong_together() -> None:
    """Proves: 1 GW makes 1 GWh an hour, 1 bcm/year 1 bcm in 8,760 hours. Without it gas would flow far too fast."""
    assert [activity_unit(size) for size in ("GW", "bcm/year")] == ["GWh", "bcm"]
    assert [hours_per_unit(size) for size in ("GW", "bcm/year")] == [1.0, 8760.0]


def test_a_header_in_megawatts_is_converted(tmp_path: Path) -> None:
    """Proves: the header's unit counts. Without it the plant of 2 MW would have 2 GW."""
    folder = small_study(tmp_path).folder
    column("plants", "capacity", "capacity [MW]")(folder)
    assert Inputs.read(folder).tables["plants"]["capacity"].tolist() == pytest.approx([0.002])


def test_money_of_another_year_is_brought_to_the_price_year(tmp_path: Path) -> None:
    """Proves: 10 USD of 2015 are 12.5 of 2025 if prices rose by a quarter. Without it old sources look cheap."""
    inputs = small_study(
        tmp_path,
        price_index={2015: 80, 2025: 100},
        modes=[{"technology": "old", "variable_cost": 10, "price_year": 2015}],
    )
    cost = inputs.tables["modes"].set_index("technology")["variable_cost"]
    assert cost["old"] == pytest.approx(0.0125)
