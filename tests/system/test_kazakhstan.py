"""The study of Kazakhstan as shipped: sound, complete, traceable, and what it adds up to."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from model.system.raw import FILE
from model.system.read import Inputs
from model.system.schema import QUALITIES
from model.system.tables import TABLES
from tests.system.rich import cell
from tests.system.test_wrong_inputs import damaged

FOLDER = Path(__file__).parents[2] / "inputs" / "kazakhstan"
SCENARIOS = sorted(path.stem for path in (FOLDER / "scenarios").glob("*.yaml"))


LAKES = ("reservoir", "pond_ust")
"""Technologies that keep water."""


PASSED = {"hydro_bukhtarma": "release_bukhtarma", "hydro_ust": "release_ust"}
"""What a dam on the Irtysh lets go to the next."""


@pytest.fixture(scope="module")
def study() -> Inputs:
    """The study, read once."""
    return Inputs.read(FOLDER)


def test_the_study_is_sound(study: Inputs) -> None:
    """Proves: the shipped study passes every check. Without it the first command of a new user would fail."""
    assert study.check() == []


def _power_plants(study: Inputs) -> pd.DataFrame:
    """Operating plants of the power system: those of the study's own folder but for reaches of rivers."""
    plants, technologies = study.tables["plants"], study.tables["technologies"]
    river = set(technologies.loc[technologies["group"] == "river", "technology"])
    own = plants[(plants["status"] == "operating") & (plants[FILE] == "plants.csv")]
    return own[~own["technology"].isin(river)]


def test_the_country_is_complete(study: Inputs) -> None:
    """Proves: 17 nodes inside, 130 operating power plants and 5 reservoirs; electricity, heat and
    fuels are used at every node. Without it a region or a station could vanish."""
    nodes, operating = study.tables["nodes"], _power_plants(study)["technology"]
    assert int((nodes["kind"] == "inside").sum()) == 17
    assert int((~operating.isin(LAKES)).sum()) == 130
    assert int(operating.isin(LAKES).sum()) == 5
    inside = set(nodes.loc[nodes["kind"] == "inside", "node"])
    wanted = study.tables["demands"].groupby("commodity")["node"].agg(set)
    assert wanted["electricity"] == wanted["heat"] == wanted["gasoline"] == wanted["diesel"] == inside


def test_the_sums_are_those_of_the_sources(study: Inputs) -> None:
    """Proves: the power fleet is about 26.4 GW; electricity 115.068 TWh and heat 102.3 TWh in
    2023, and from 2025 on 1.055 TWh less than the projections, which refineries of the oil sector take by themselves.
    Without it a wrong unit would pass."""
    plants, demands = _power_plants(study), study.tables["demands"]
    assert plants.loc[~plants["technology"].isin(LAKES), "capacity"].sum() == pytest.approx(26.438, abs=0.01)
    general = demands[demands["load"] == ""]
    electricity = general[general["commodity"] == "electricity"].groupby("year")["value"].sum() / 1000
    assert electricity[2023] == pytest.approx(115.068, abs=0.01)
    assert electricity[2025] == pytest.approx(125 - 1.055, abs=0.1)
    assert electricity[2030] == pytest.approx(150 - 1.055, abs=0.5)
    heat = demands[demands["commodity"] == "heat"].groupby("year")["value"].sum() / 1000
    assert heat[2023] == pytest.approx(102.3, abs=0.1)


def test_every_sector_has_its_tables(study: Inputs) -> None:
    """Proves: each sector brings technologies and how they run, and all but heat and the demand side trade abroad.
    Without it a folder could be left out unseen."""
    files = set(study.digests)
    assert study.settings.sectors == ("heat", "gas", "oil", "freight", "border", "demand_side")
    for sector in study.settings.sectors:
        assert {f"{sector}/{table}.csv" for table in ("technologies", "modes", "ports")} <= files
    for sector in ("gas", "oil", "freight"):
        assert {f"{sector}/{table}.csv" for table in ("links", "markets", "targets", "commodities")} <= files


def test_a_mean_year_of_hydro_is_that_of_the_statistics(study: Inputs) -> None:
    """Proves: 5.93 TWh of water come to large hydro, and 9.06 TWh are used, as Bukhtarma passes its own on to two more
    dams; reservoirs keep 2.59 TWh; small hydro has 0.94 TWh by full-load hours, and no plant has both. Without it water
    would be counted twice, or a river would run dry unseen."""
    plants, fuels, limits = (study.tables[name] for name in ("plants", "fuels", "energy_limits"))
    operating = plants[plants["status"] == "operating"]
    water = fuels[fuels["commodity"] == "water"]
    assert water["annual_limit"].sum() / 1000 == pytest.approx(5.933, abs=0.001)
    ports = study.tables["ports"]
    passed = {t: ports.query("technology == @t and commodity == @c")["yield"].iloc[0] for t, c in PASSED.items()}
    ust = passed["hydro_bukhtarma"] * water.set_index("node")["annual_limit"]["east_kazakhstan"]
    shulba = passed["hydro_ust"] * ust
    assert (water["annual_limit"].sum() + ust + shulba) / 1000 == pytest.approx(9.061, abs=0.001)
    dams = ("hydro_reservoir", "hydro_bukhtarma")
    assert set(water["node"]) == set(operating.loc[operating["technology"].isin(dams), "node"])
    duration = study.tables["technology_values"].query("technology == 'reservoir' and quantity == 'duration'")["value"]
    lakes = operating.loc[operating["technology"] == "reservoir", "capacity"].sum() * duration.iloc[0]
    assert lakes == pytest.approx(2587.5)
    assert not set(limits["technology"]) & {"hydro_reservoir", "hydro_modernised", "hydro_bukhtarma", "hydro_ust"}
    small = operating[operating["technology"] == "hydro_ror"].merge(limits, on=["technology", "node"])
    assert (small["capacity"] * small["full_load_hours"]).sum() / 1000 == pytest.approx(0.944, abs=0.005)


def test_every_row_says_where_it_comes_from(study: Inputs) -> None:
    """Proves: source and quality stand in every row. Without it no number could be traced."""
    declared = {table.name for table in TABLES if "source" in table.names()}
    assert {table.name for table in TABLES} - declared == {"technologies", "target_terms"}
    for name in declared:
        frame = study.tables[name]
        assert (frame["source"] != "").all(), name
        assert frame["quality"].isin(QUALITIES).all(), name


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_sound_and_changes_something(name: str, study: Inputs) -> None:
    """Proves: each scenario meets rows and passes every check. Without it a renamed row would break it in silence."""
    changed = study.scenario_named(name)
    assert changed.check() == []
    assert changed.changes or changed.scenario.without
    assert changed.scenario.title != name


def test_the_sources_name_every_table() -> None:
    """Proves: SOURCES.md tells of each table. Without it a table could be added that nobody explains."""
    listed = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z_, ]+) \|", listed, re.MULTILINE)
    named = {name.strip() for row in rows for name in row.split(",")}
    assert {table.name for table in TABLES} - named == set()


def test_a_slip_in_the_real_study_is_told(tmp_path: Path) -> None:
    """Proves: the checks work on the real tables too. Without it they might only fit the small study."""
    (problem,) = damaged(FOLDER, tmp_path / "copy", cell("plants", 2, "node", "pavlodr"))
    assert str(problem) == (
        "plants.csv row 2, column node is 'pavlodr': must be a node of nodes.csv. Did you mean 'pavlodar'?"
    )
