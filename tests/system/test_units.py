"""Units: every number is converted once, at the border."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.system.read import Inputs
from model.system.units import UnitProblem, activity_unit, factor, hours_per_unit, is_known, rate_unit
from tests.studies import Row, flat, small_study, technology
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
    assert [rate_unit(unit) for unit in ("GWh", "bcm", "kTEU")] == ["GW", "bcm/year", "kTEU/year"]


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


GAS: Row = {"commodity": "gas", "unit": "bcm", "resolution": "period", "heat_content": 9300000}
MEASURED: Row = {"unserved_price": "", "excess_price": ""}


def test_what_holds_heat_may_be_given_in_energy(tmp_path: Path) -> None:
    """Proves: at 9.3 TWh/bcm a plant that takes 2 MWh of gas for each of power takes 2 / 9,300 bcm per GWh, 10 USD/MWh
    are 93 million USD/bcm, 18.6 TWh are 2 bcm, and a market of 1 GW is 8.76 / 9.3 bcm a year. Without it each number
    would have to be worked out by hand before it is written down."""
    tables = small_study(
        tmp_path,
        technology("plant", takes={"gas": 2}, lifetime=50),
        commodities=[GAS],
        nodes=[{"node": "abroad", "kind": "outside"}],
        plants=[{"plant": "Plant", "technology": "plant"}],
        fuels=[{"annual_limit": 18600}],
        markets=[{"market": "seller", "commodity": "gas", "price": 93, "unit": "million_USD/bcm"}],
        demands=[{**flat("north", 0, commodity="gas"), "value": 930}],
    ).tables
    taken = tables["ports"].query("technology == 'plant' and commodity == 'gas'")["yield"]
    assert taken.tolist() == pytest.approx([-2 / 9300])
    assert tables["fuels"][["price", "annual_limit"]].to_numpy().tolist() == [pytest.approx([93, 2])]
    assert tables["markets"]["price"].tolist() == pytest.approx([93])
    assert tables["markets"]["capacity"].tolist() == pytest.approx([8.76 / 9.3])
    assert tables["demands"].query("commodity == 'gas'")["value"].tolist() == pytest.approx([0.1])
    assert tables["commodities"].query("commodity == 'gas'")["unserved_price"].tolist() == pytest.approx([9300])


def test_what_holds_no_heat_may_not(tmp_path: Path) -> None:
    """Proves: without a heat content a price per MWh of what is measured in bcm is a mistake that is told. Without it
    gas would be priced at nothing, or as if a bcm were a MWh."""
    without: Row = {**GAS, **MEASURED, "heat_content": ""}
    inputs = small_study(tmp_path, commodities=[without], fuels=[{"price": 10}])
    (problem,) = [p for p in inputs.check() if p.file == "fuels.csv"]
    assert (problem.column, problem.value) == ("unit", "USD/MWh")
    assert "cannot be converted" in problem.rule


def test_sizes_are_in_the_unit_of_their_technology(tmp_path: Path) -> None:
    """Proves: `{capacity}` in a header is GW for a line, bcm a year for a pipe. Without it one file could not hold
    both."""
    pipe = technology("pipe", kind="link", gives={"gas": 1}, lifetime=50, declared={"capacity_unit": "bcm/year"})
    folder = small_study(
        tmp_path,
        pipe,
        commodities=[GAS],
        ports=[{**row, "unit": "bcm/bcm"} for row in pipe["ports"]],
        modes=[{**row, "unit": "million_USD/bcm"} for row in pipe["modes"]],
        links=[{"link": "pipe", "technology": "pipe", "capacity": 3}],
        drop={"links": ["variable_cost"]},
    ).folder
    column("links", "capacity", "capacity [{capacity}]")(folder)
    inputs = Inputs.read(folder)
    assert inputs.check() == []
    assert dict(zip(inputs.tables["links"]["link"], inputs.tables["links"]["capacity"], strict=True)) == {
        "north_south": 1,
        "pipe": 3,
    }
    assert inputs.system["asset_hours"].sel(asset=["north_south", "pipe"]).to_numpy().tolist() == [1, 8760]
