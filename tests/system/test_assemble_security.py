"""What the tables make of reserve margins, operating reserve and contingencies, by numbers a person can work out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.system.read import Inputs
from tests.studies import Row, Rows, small_study, technology
from tests.system.rich import SECURE, rich_study, setting

SHIPPED = Path(__file__).parents[2] / "inputs"
THREE_YEARS = (2025, 2030, 2040)
MARGINS: list[Row] = [
    {"zone": "home", "year": 2030, "margin": 0.1, "firm_imports": 0.2, "penalty": 200},
    {"zone": "home", "year": 2050, "margin": 0.3, "firm_imports": 0.6, "penalty": 200},
    {"zone": "all", "year": 2020, "margin": 0.15},
]
GOAL: dict[str, list[Row]] = {
    "targets": [{"sense": "max", "value": 0, "penalty": 400}],
    "target_terms": [{"measure": "insecure", "select": "all"}],
}


def by_label(system: xr.Dataset, variable: str) -> dict[str, Any]:
    """A variable's values by its first dim."""
    values = system[variable]
    return dict(zip(values[values.dims[0]].to_numpy().tolist(), values.to_numpy().tolist(), strict=True))


def told_credits(folder: Path, *parts: Rows, **options: Any) -> dict[str, list[float]]:
    """Capacity credits by asset, of a study in which every technology of ``parts`` has a candidate in the north."""
    names = [part["technologies"][0]["technology"] for part in parts]
    built: dict[str, Any] = {"capital_cost": 100, "lifetime": 20, "wacc": 0}
    for part, name in zip(parts, names, strict=True):
        part["technology_values"] += technology(name, **built)["technology_values"]
    system = small_study(folder, *parts, candidates=[{"technology": name} for name in names], **options).system
    return by_label(system.transpose("asset", "year", ...), "capacity_credit")


def test_a_plant_that_says_nothing_counts_as_often_as_it_runs(tmp_path: Path) -> None:
    """Proves: 10 % of failures and a condition of 0.9 leave 0.81, of planned outages nothing is taken off, and what
    follows the weather counts for nothing. Without it wind would hold up the margin on a still evening."""
    told = told_credits(
        tmp_path,
        technology("steam", forced_outage=0.1, condition=0.9, planned_outage=0.2),
        technology("seasonal", declared={"availability": "maintenance"}, forced_outage=0.05),
        technology("wind", declared={"availability": "wind_cf"}, forced_outage=0.1),
        monthly_profiles=[{"profile": "maintenance", "month": month, "value": 1} for month in range(1, 13)],
    )
    assert told["old@north"] == [1]
    assert told["steam@north"] == pytest.approx([0.81])
    assert told["seasonal@north"] == pytest.approx([0.95])
    assert told["wind@north"] == [0]


@pytest.mark.parametrize(("hours", "expected"), [(4, 0.45), (8, 0.9), (10, 0.9)])
def test_a_store_that_says_nothing_counts_by_its_hours(hours: float, expected: float, tmp_path: Path) -> None:
    """Proves: 4 of 8 hours are half, more than 8 no more than all of what failures leave (0.9). Without it an hour's
    battery would count as much as a plant."""
    stored: dict[str, Any] = {"charge_efficiency": 1, "discharge_efficiency": 1, "forced_outage": 0.1}
    told = told_credits(tmp_path, technology("battery", kind="storage", duration=hours, **stored))
    assert told["battery@north"] == pytest.approx([expected])


def test_a_told_credit_stands_before_the_usual_one(tmp_path: Path) -> None:
    """Proves: wind told at 0.2 in 2025 and 0.1 in 2035 has 0.15 in 2030 and 0.1 after; lines have none. Without it the
    table could not say that more wind counts for less."""
    wind = technology("wind", declared={"availability": "wind_cf"})
    wind["technology_values"] += [
        {"technology": "wind", "quantity": "capacity_credit", "year": year, "value": value, "unit": "1"}
        for year, value in ((2025, 0.2), (2035, 0.1))
    ]
    told = told_credits(tmp_path, wind, years=THREE_YEARS)
    assert told["wind@north"] == pytest.approx([0.2, 0.15, 0.1])
    assert told["north_south"] == [0, 0, 0]


def test_response_is_nothing_unless_it_is_told(tmp_path: Path) -> None:
    """Proves: 0.2 as told, else 0. Without it every plant would be spinning reserve."""
    steam = technology("steam", response=0.2, lifetime=40)
    system = small_study(tmp_path, steam, plants=[{"plant": "Steam", "technology": "steam"}]).system
    response = by_label(system, "asset_response")
    assert (response["steam@north"], response["old@north"], response["north_south"]) == (0.2, 0, 0)


def test_a_margin_holds_from_its_first_year_on_a_straight_line(tmp_path: Path) -> None:
    """Proves: none in 2025, 0.1 in 2030 and halfway to 0.3 of 2050 in 2040; a row from before the plan holds in all of
    it. Without it the first year could ask for what nobody can build in time."""
    system = small_study(tmp_path, years=THREE_YEARS, reserve_margins=MARGINS).system
    assert system["margin"].to_numpy().tolist() == ["home", "all"]
    margin = by_label(system, "margin_margin")
    assert np.isnan(margin["home"][0])
    assert margin["home"][1:] == pytest.approx([0.1, 0.2])
    assert margin["all"] == pytest.approx([0.15, 0.15, 0.15])
    imports = by_label(system, "margin_firm_imports")
    assert np.isnan(imports["home"][0])
    assert imports["home"][1:] == pytest.approx([0.2, 0.4])
    assert imports["all"] == [0, 0, 0]


def test_a_penalty_makes_a_margin_soft(tmp_path: Path) -> None:
    """Proves: 200 USD/kW are 200 million USD per GW in every year, none is a margin that must hold. Without it a hard
    margin would be bought off at nothing."""
    penalty = by_label(small_study(tmp_path, years=THREE_YEARS, reserve_margins=MARGINS).system, "margin_penalty")
    assert penalty["home"] == pytest.approx(200)
    assert np.isnan(penalty["all"])


def test_operating_reserve_is_asked_by_zone_and_year(tmp_path: Path) -> None:
    """Proves: 500 MW and 3 % from 2030 on, nothing before; 300 USD/MWh are 0.3 million USD per GWh. Without it reserve
    would be priced a thousandfold."""
    asked: Row = {"zone": "home", "year": 2030, "largest_unit": 0.5, "load_share": 0.03, "penalty": 300}
    system = small_study(tmp_path, years=THREE_YEARS, operating_reserve=True, operating_reserves=[asked]).system
    for column, expected in (("largest_unit", 0.5), ("load_share", 0.03), ("wind_share", 0), ("solar_share", 0)):
        (told,) = system[f"reserve_{column}"].transpose("reserve", "year").to_numpy()
        assert np.isnan(told[0])
        assert told[1:].tolist() == [expected, expected]
    assert system["reserve_penalty"].to_numpy().tolist() == pytest.approx([0.3])


LOST = [
    ("500", "1", 1),
    ("500", "2", 0.5),
    ("220", "3", 1 / 3),
    ("500+220", "1+2", 25 / (25 + 2 * 4.84)),
    ("500+220", "3+1", 25 / (3 * 25 + 4.84)),
    ("500 (bipole)", "1", 1),
    ("500", "", 1),
    ("", "", 1),
]
"""Voltage and circuits of a corridor and the share that its largest circuit is: 25 and 4.84 are (kV / 100) squared."""


@pytest.mark.parametrize(("voltage", "circuits", "expected"), LOST)
def test_a_contingency_loses_the_largest_circuit(voltage: str, circuits: str, expected: float, tmp_path: Path) -> None:
    """Proves: of 500 kV and two of 220 kV the first is 25 of 34.68 parts; a single circuit is lost whole. Without it
    every circuit would count alike, and too much would be left after the loss of the large one."""
    corridor = {"link": "north_south", "voltage": voltage, "circuits": circuits}
    lost = [{"contingency": "circuit", "link": "north_south"}]
    system = small_study(tmp_path, links=[corridor], security="n-1", contingencies=lost, **GOAL).system
    assert system["contingency_share"].to_numpy().tolist() == pytest.approx([expected])


def test_a_contingency_is_of_a_link_or_of_a_unit(tmp_path: Path) -> None:
    """Proves: a told share stands, a unit has its node and output and no link. Without it the loss of a unit would take
    a line with it."""
    lost: list[Row] = [
        {"contingency": "part", "link": "north_south", "share": 0.3},
        {"contingency": "unit", "node": "north", "lost": 0.4, "first_year": 2030},
    ]
    system = small_study(tmp_path, security="n-1", contingencies=lost, **GOAL).system
    assert system["contingency"].to_numpy().tolist() == ["part", "unit"]
    told = {name: system[f"contingency_{name}"].to_numpy().tolist() for name in ("link", "share", "node", "lost")}
    assert told == {"link": ["north_south", ""], "share": [0.3, 0], "node": ["", "north"], "lost": [0, 0.4]}
    first = system["contingency_first_year"].to_numpy()
    assert np.isnan(first[0])
    assert first[1] == 2030


def test_what_is_switched_off_has_no_rows(tmp_path: Path) -> None:
    """Proves: margins, reserve, contingencies and loops stand in the System only where the settings ask for them, and
    goals of load shed ask for nothing without N-1. Without it a table would cost in studies that left it out."""
    study = Inputs.read(rich_study(tmp_path / "off"))
    sizes = study.system.sizes
    assert [sizes[dim] for dim in ("margin", "reserve", "contingency", "loop_member", "critical")] == [2, 0, 0, 0, 0]
    assert study.override({"study.adequacy": "false"}).system.sizes["margin"] == 0
    assert np.isnan(study.system["target_required"].sel(target="secure")).all()
    folder = rich_study(tmp_path / "on")
    setting(**SECURE)(folder)
    system = Inputs.read(folder).system
    assert [system.sizes[dim] for dim in ("margin", "reserve", "contingency", "critical")] == [2, 1, 2, 0]
    required = system["target_required"].sel(target="secure").to_numpy()
    assert np.isnan(required[0])
    assert required[1] == 0


def test_loops_are_of_what_stands_and_what_is_left(tmp_path: Path) -> None:
    """Proves: two lines side by side are one loop, whose drops are 1,000 x 50 / 500^2 = 0.2 and 1,000 x 24.2 / 220^2 =
    0.5 rad/GW; half of the first lost doubles its drop, the second lost whole opens the loop. Without it power would
    flow after a loss as before it."""
    system = small_study(
        tmp_path,
        network="dc",
        security="n-1",
        links=[
            {"link": "north_south", "reactance": 50, "voltage": "500", "circuits": "2"},
            {"link": "second", "reactance": 24.2, "voltage": "220"},
        ],
        contingencies=[{"contingency": f"loss of {link}", "link": link} for link in ("north_south", "second")],
        **GOAL,
    ).system
    rows = zip(*(system[f"loop_member_{c}"].to_numpy().tolist() for c in ("contingency", "link", "drop")), strict=True)
    drops = {(contingency, link): abs(drop) for contingency, link, drop in rows}
    assert drops == {
        ("", "north_south"): pytest.approx(0.2),
        ("", "second"): pytest.approx(0.5),
        ("loss of north_south", "north_south"): pytest.approx(0.4),
        ("loss of north_south", "second"): pytest.approx(0.5),
    }


def test_scenarios_reach_the_tables_of_security(tmp_path: Path) -> None:
    """Proves: a path meets rows by zone or by a name with spaces, `*2` multiplies, `without` empties. Without it a
    scenario could not ask what a stricter margin costs."""
    folder = rich_study(tmp_path)
    (folder / "scenarios").mkdir()
    text = "set: {'reserve_margins[zone=home].margin': '*2', study.security: n-1, study.operating_reserve: true}"
    (folder / "scenarios" / "strict.yaml").write_text(text, encoding="utf-8")
    (folder / "scenarios" / "free.yaml").write_text("without: [reserve_margins]", encoding="utf-8")
    base = Inputs.read(folder)
    paths = {"contingencies.loss of a unit.lost": "0.7", "contingencies[link=north_south].share": "0.25"}
    strict = base.scenario_named("strict").override({**paths, "operating_reserves.home.largest_unit": "*3"})
    assert strict.check() == []
    assert by_label(strict.system, "margin_margin")["home"][1] == pytest.approx(0.2)
    assert by_label(strict.system, "contingency_lost")["loss of a unit"] == pytest.approx(0.7)
    assert strict.system["contingency_share"].to_numpy().tolist() == [0.25, 0]
    assert strict.system["reserve_largest_unit"].sel(reserve="home", year=2030) == pytest.approx(1.5)
    assert base.scenario_named("free").system.sizes["margin"] == 0


def test_leaving_out_the_goals_of_security_is_told(tmp_path: Path) -> None:
    """Proves: a scenario without goals cannot ask for N-1. Without it all load would be shed after a loss, for
    nothing."""
    study = small_study(tmp_path, contingencies=[{"contingency": "unit", "node": "north", "lost": 1}], **GOAL)
    term = {"target_terms.goal.measure": "capacity", "target_terms.goal.select": "old"}
    (problem,) = study.override({"study.security": "n-1", **term}).check()
    assert problem.rule.startswith("no goal counts the load shed after a contingency")


def test_a_contingency_that_comes_after_the_plan_needs_no_goal_in_time(tmp_path: Path) -> None:
    """Proves: a plan to 2030 takes contingencies from 2035 on, and a goal for 2035, as it is. Without it nobody could
    run the first years of a study alone."""
    lost = [{"contingency": "unit", "node": "north", "lost": 1, "first_year": 2035}]
    goal = {**GOAL, "targets": [{**GOAL["targets"][0], "year": 2035}]}
    options: dict[str, Any] = {"years": (2025, 2030), "security": "n-1", "contingencies": lost}
    assert small_study(tmp_path, **options, **goal).check() == []


@pytest.mark.parametrize("name", ["small", "kazakhstan", "kazakhstan-2023", "kazakhstan-power"])
def test_shipped_studies_are_sound(name: str) -> None:
    """Proves: no check of reserves, ratings and contingencies finds a fault in what is shipped, as it stands and, of
    the whole country, with all of it switched on. Without it a check could be stricter than the facts."""
    study = Inputs.read(SHIPPED / name)
    assert study.check() == []
    if name == "kazakhstan":
        secure = study.override({f"study.{name}": str(value).lower() for name, value in SECURE.items()})
        assert secure.check() == []
        assert secure.system.sizes["contingency"] == len(study.tables["contingencies"]) == 27
