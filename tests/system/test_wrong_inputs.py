"""Every kind of mistake in a study is told with file, row, column, value, rule and advice, and never with a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from model.system.problems import InvalidStudy, Problem
from model.system.read import Inputs
from tests.system.rich import (
    Damage, again, both, cell, column, content, missing, rich_study, row, setting, without_column, without_row,
)

FINITE = "must be a finite number"


class Wrong(NamedTuple):
    """A damage, and the problem that it must show: parts of rule and advice suffice."""

    what: str
    damage: Damage
    file: str
    row: int | None
    column: str
    value: str
    rule: str
    advice: str = ""


CELLS = [
    Wrong("number is text", cell("plants", 2, "capacity", "two"), "plants.csv", 2, "capacity", "two", FINITE, "point for decimals"),
    Wrong("number is nan", cell("plants", 2, "capacity", "nan"), "plants.csv", 2, "capacity", "nan", FINITE),
    Wrong("number is infinite", cell("fuels", 2, "price", "inf"), "fuels.csv", 2, "price", "inf", FINITE),
    Wrong("decimal comma", cell("fuels", 2, "price", "10,5"), "fuels.csv", 2, "price", "10,5", FINITE, "point for decimals"),
    Wrong("number beyond reason", cell("plants", 2, "capacity", "1e300"), "plants.csv", 2, "capacity", "1e300", "too large"),
    Wrong("required cell empty", cell("plants", 3, "node", ""), "plants.csv", 3, "node", "", "a value is required", "where it stands"),
    Wrong("negative cost", cell("technology_values", 7, "value", "-20"), "technology_values.csv", 7, "value", "-20", "fixed_cost must be >= 0"),
    Wrong("lifetime of zero", cell("technology_values", 6, "value", "0"), "technology_values.csv", 6, "value", "0",
          "lifetime must be >= 1", "years of service"),
    Wrong("share above one", cell("options", 3, "share", "1.5"), "options.csv", 3, "share", "1.5", "must be <= 1"),
    Wrong("year is no year", cell("plants", 2, "start_year", "20"), "plants.csv", 2, "start_year", "20", "must be >= 1900"),
    Wrong("year with decimals", cell("plants", 2, "start_year", "2000.5"), "plants.csv", 2, "start_year", "2000.5", "whole number"),
    Wrong("month with decimals", cell("weather", 2, "month", "1.5"), "weather.csv", 2, "month", "1.5", "whole number"),
    Wrong("flag is no flag", cell("targets", 2, "hard", "2"), "targets.csv", 2, "hard", "2", "must be 0 or 1"),
    Wrong("word that is no choice", cell("plants", 2, "status", "planned"), "plants.csv", 2, "status", "planned",
          "must be one of operating, committed, candidate"),
    Wrong("no such unit", cell("fuels", 2, "unit", "USD/XWh"), "fuels.csv", 2, "unit", "USD/XWh", "is not a known unit"),
    Wrong("unit of another dimension", cell("fuels", 2, "unit", "USD/t"), "fuels.csv", 2, "unit", "USD/t", "cannot be converted",
          "million_USD/(TWh)"),
    Wrong("unit with milli for mega", column("plants", "capacity", "capacity [mW]"), "plants.csv", 1, "capacity", "mW",
          "is not a known unit"),
    Wrong("header unit of another dimension", column("links", "length", "length [MW]"), "links.csv", 1, "length", "MW",
          "cannot be converted to 'km'"),
    Wrong("header without a unit", column("plants", "capacity", "capacity"), "plants.csv", 1, "capacity", "", "header must say the unit",
          "[GW]"),
    Wrong("size in no unit of size", cell("technologies", 2, "capacity_unit", "MW"), "technologies.csv", 2, "capacity_unit", "MW",
          "must be GW or a quantity a year"),
    Wrong("price year without an index", cell("fuels", 2, "price_year", "2015"), "fuels.csv", 2, "price_year", "2015", "no price index",
          "price_index in study.yaml"),
    Wrong("name with path parts", cell("plants", 2, "plant", "../Old"), "plants.csv", 2, "plant", "../Old", "may not have", "Leave out"),
    Wrong("name with brackets", cell("plants", 2, "plant", "Old [1]"), "plants.csv", 2, "plant", "Old [1]", "may not have"),
]

FILES = [
    Wrong("column missing", without_column("plants", "capacity"), "plants.csv", 1, "capacity", "", "the column is missing", "net electrical"),
    Wrong("column unknown", column("plants", "capacity", "capasity [GW]"), "plants.csv", 1, "capasity", "capasity [GW]",
          "the column is not known", "Did you mean 'capacity'?"),
    Wrong("column twice", column("plants", "notes", "node"), "plants.csv", 1, "node", "node", "the column stands twice"),
    Wrong("column without a name", column("plants", "notes", ""), "plants.csv", 1, "", "", "column 17 has no name"),
    Wrong("row too long", row("candidates", *"abcdefghijk"), "candidates.csv", 4, "", "a,b,c,d,e,f,g,h,i,j,k", "11 cells, the header 7",
          "in quotes"),
    Wrong("file missing", missing("nodes.csv"), "nodes.csv", None, "", "", "the file is missing", "A place where"),
    Wrong("file empty", content("nodes.csv", b"\n \n"), "nodes.csv", None, "", "", "the file is empty"),
    Wrong("file without rows", content("demands.csv", b"node,commodity,year,value,source,quality\n"), "demands.csv", None, "", "",
          "the table has no rows"),
    Wrong("file not UTF-8", content("nodes.csv", "node,name\nsüd,Süd\n".encode("cp1252")), "nodes.csv", None, "", "", "not text in UTF-8"),
    Wrong("quote not closed", content("nodes.csv", b'node,name\nnorth,"North\n'), "nodes.csv", 2, "", "", "cannot be read as CSV", "quote"),
    Wrong("settings missing", missing("study.yaml"), "study.yaml", None, "", "", "the file is missing"),
    Wrong("bad YAML", content("study.yaml", b"name: small\nyears: [2025, 2030\n"), "study.yaml", 3, "", "", "not readable YAML"),
    Wrong("YAML without names", content("study.yaml", b"- 2025\n"), "study.yaml", 1, "", "", "must hold `name: value` lines"),
    Wrong("setting twice", content("study.yaml", b"name: a\nname: b\n"), "study.yaml", 2, "", "", "'name' stands twice"),
    Wrong("date that does not exist", content("study.yaml", b"title: 2025-13-45\n"), "study.yaml", None, "", "", "not readable YAML"),
]

SETTINGS = [
    Wrong("unknown setting", setting(stephours=3), "study.yaml", None, "stephours", "3", "is not known", "Did you mean 'step_hours'?"),
    Wrong("setting missing", setting(price_year=None), "study.yaml", None, "price_year", "", "is missing", "money"),
    Wrong("price year is text", setting(price_year="soon"), "study.yaml", None, "price_year", "soon", "integer"),
    Wrong("years not rising", setting(years=[2030, 2025]), "study.yaml", None, "years", "[2030, 2025]", "years must rise", "planning years"),
    Wrong("horizon too early", setting(horizon_end=2030), "study.yaml", None, "horizon_end", "2030", "later than the last planning year"),
    Wrong("rate is infinite", setting(social_discount_rate=float("inf")), "study.yaml", None, "social_discount_rate", "inf", "finite"),
    Wrong("steps that do not fill the day", setting(step_hours=5), "study.yaml", None, "step_hours", "5", "must divide the day"),
    Wrong("index without the price year", setting(price_index={2015: 80}), "study.yaml", None, "price_index", "", "price_year 2025"),
]

TECHNOLOGIES = [
    Wrong("unknown technology", cell("plants", 3, "technology", "steem"), "plants.csv", 3, "technology", "steem",
          "must be a technology of technologies.csv", "Did you mean 'steam'?"),
    Wrong("unknown commodity", cell("ports", 8, "commodity", "gaz"), "ports.csv", 8, "commodity", "gaz", "commodities.csv", "'gas'"),
    Wrong("unknown quantity", cell("technology_values", 2, "quantity", "life"), "technology_values.csv", 2, "quantity", "life",
          "not a known quantity", "'lifetime'"),
    Wrong("the same quantity for every year and by year", again("technology_values", 6, year="2025"), "technology_values.csv", 24, "year",
          "2025", "another row gives the same quantity for every year"),
    Wrong("unknown mode", cell("ports", 7, "mode", "go"), "ports.csv", 7, "mode", "go", "has no such mode", "Add the mode"),
    Wrong("mode without ports", again("modes", 2, mode="idle"), "modes.csv", 9, "mode", "idle", "takes and gives nothing", "ports.csv"),
    Wrong("technology without modes", without_row("modes", 5), "technologies.csv", 4, "technology", "steam", "has no mode"),
    Wrong("place of a link at a plant", cell("ports", 2, "place", "to"), "ports.csv", 2, "place", "to", "only a link has two places"),
    Wrong("place of a plant at a link", cell("ports", 3, "place", "here"), "ports.csv", 3, "place", "here", "places from and to"),
    Wrong("storage without duration", without_row("technology_values", 18), "technologies.csv", 7, "technology", "battery",
          "has no duration"),
    Wrong("buildable without capital cost", without_row("technology_values", 12), "technologies.csv", 6, "technology", "wind",
          "has no capital_cost", "Add a row"),
    Wrong("link to be built without cost", without_row("technology_values", 21),
          "technologies.csv", 3, "technology", "line", "has no length_cost"),
    Wrong("store of what balances by period", cell("ports", 12, "commodity", "gas"), "ports.csv", 12, "commodity", "gas", "by step"),
    Wrong("store of two commodities", again("ports", 12, commodity="gas"), "ports.csv", 12, "commodity", "electricity",
          "a store keeps one commodity"),
]

PROFILES = [
    Wrong("unknown profile", cell("technologies", 6, "availability", "wind"), "technologies.csv", 6, "availability", "wind",
          "no such profile", "wind_cf"),
    Wrong("unknown profile of a demand", cell("demands", 2, "profile", "lod"), "demands.csv", 2, "profile", "lod", "no such profile"),
    Wrong("profile not given at the node", cell("plants", 5, "node", "abroad"), "technologies.csv", 6, "availability", "wind_cf",
          "not given for abroad"),
    Wrong("profile of eleven months", without_row("monthly_profiles", 2), "monthly_profiles.csv", 2, "month", "2", "needs the months 1 to 12"),
    Wrong("shares that do not sum to one", cell("monthly_profiles", 2, "value", "0.5"), "monthly_profiles.csv", 2, "value", "0.5",
          "sum to 1.4151, not 1"),
    Wrong("demand profile whose mean is not one", cell("demands", 2, "profile", "even"), "monthly_profiles.csv", 2, "value", "0.0849315",
          "mean is 0.083, not 1"),
    Wrong("plant forced by a constant", cell("technologies", 4, "must_run", "constant"), "technologies.csv", 4, "must_run", "constant",
          "no such profile", "even"),
    Wrong("link limited by weather", cell("technologies", 3, "availability", "wind_cf"), "technologies.csv", 3, "availability", "wind_cf",
          "a link stands at no node"),
]

PLANTS = [
    Wrong("unknown node", cell("plants", 2, "node", "nroth"), "plants.csv", 2, "node", "nroth", "must be a node of nodes.csv", "'north'"),
    Wrong("plant twice", again("plants", 3), "plants.csv", 6, "plant", "Steam", "the same key stands in row 3", "Keep one"),
    Wrong("name of a plant and a link", cell("plants", 4, "plant", "second"), "links.csv", 4, "link", "second",
          "a row of plants.csv has the same name"),
    Wrong("plant closing before opening", cell("plants", 2, "closing_year", "1999"), "plants.csv", 2, "closing_year", "1999",
          "must be later than start_year"),
    Wrong("operating plant in the future", cell("plants", 2, "start_year", "2027"), "plants.csv", 2, "start_year", "2027",
          "must have started by 2025", "Make it committed"),
    Wrong("operating plant that has ended", cell("plants", 3, "start_year", "1980"), "plants.csv", 3, "status", "operating",
          "has ended by 2025", "run_on_until"),
    Wrong("committed after the horizon", cell("plants", 4, "start_year", "2034"), "plants.csv", 4, "start_year", "2034",
          "after the last planning year 2030"),
    Wrong("modernised more than there is", cell("plants", 2, "modernised_capacity", "3"), "plants.csv", 2, "modernised_capacity", "3",
          "more than the capacity"),
    Wrong("fuel not supplied at the node", cell("plants", 3, "node", "south"), "plants.csv", 3, "node", "south",
          "steam takes gas, which nothing gives at south", "fuels.csv"),
    Wrong("works to a fuel that is not there", both(cell("options", 3, "from_technology", "old"), without_row("plants", 4),
                                                  without_row("plants", 3), cell("fuels", 2, "node", "south"), cell("fuels", 3, "node", "south")),
          "options.csv", 3, "to_technology", "turbine", "takes gas, which nothing gives at north"),
    Wrong("conversions in a loop", again("options", 3, from_technology="turbine", to_technology="steam"), "options.csv", 3, "to_technology",
          "turbine", "run in a circle"),
    Wrong("works on a plant of another technology", cell("options", 4, "plant", "Old"), "options.csv", 4, "plant", "Old",
          "another technology"),
    Wrong("extension to another technology", cell("options", 2, "to_technology", "turbine"), "options.csv", 2, "to_technology", "turbine",
          "keeps its technology"),
    Wrong("works that make a store of a plant", cell("options", 3, "to_technology", "battery"), "options.csv", 3, "to_technology",
          "battery", "works in another way"),
    Wrong("potential below what is committed", again("candidates", 2, technology="turbine", node="north", potential="0.4"),
          "candidates.csv", 4, "potential", "0.4", "below the 0.5 GW", "Raise"),
    Wrong("committed faster than the pace", cell("build_limits", 3, "rate", "0.05"), "build_limits.csv", 3, "rate", "0.05",
          "0.5 GW are committed by 2030, more than 0.05 GW a year"),
    Wrong("link technology as a candidate", again("candidates", 2, technology="line"), "candidates.csv", 4, "technology", "line",
          "stands at no node"),
    Wrong("limit that selects nothing", cell("build_limits", 2, "select", "wnd"), "build_limits.csv", 2, "select", "wnd", "meets no",
          "'wind'"),
    Wrong("limit in no zone", cell("build_limits", 2, "zone", "west"), "build_limits.csv", 2, "zone", "west", "no such zone", "all"),
    Wrong("limit that counts two things", again("build_limits", 2, year="2030", counts="works"), "build_limits.csv", 4, "counts", "works",
          "says something else"),
    Wrong("least energy above the most", again("energy_limits", 2, sense="min", full_load_hours="8100"), "energy_limits.csv", 3,
          "full_load_hours", "8100", "more than the max"),
]

NETWORK = [
    Wrong("link from a node to itself", cell("links", 2, "to_node", "north"), "links.csv", 2, "to_node", "north", "two nodes"),
    Wrong("candidate link without first year", cell("links", 4, "first_year", ""), "links.csv", 4, "first_year", "", "needs a first year"),
    Wrong("committed link after the horizon", both(cell("links", 4, "status", "committed"), cell("links", 4, "first_year", "2040")),
          "links.csv", 4, "first_year", "2040", "after the last planning year"),
    Wrong("plant technology for a link", cell("links", 3, "technology", "wind"), "links.csv", 3, "technology", "wind", "not a link"),
    Wrong("interface without members", again("interfaces", 2, interface="empty"), "interfaces.csv", 3, "interface", "empty", "no members"),
    Wrong("interface member without direction", cell("interface_members", 2, "direction", "0"), "interface_members.csv", 2, "direction",
          "0", "must be 1 or -1"),
    Wrong("uplift of a standing link", cell("interface_members", 2, "uplift", "0.2"), "interface_members.csv", 2, "uplift", "0.2",
          "stands already", "Raise the limit"),
    Wrong("market inside", cell("markets", 2, "node", "north"), "markets.csv", 2, "node", "north", "outside node"),
    Wrong("market that turns round", cell("markets", 3, "direction", "export"), "markets.csv", 3, "direction", "export",
          "something else"),
    Wrong("demand outside", cell("demands", 3, "node", "abroad"), "demands.csv", 3, "node", "abroad", "no demand", "export market"),
    Wrong("demand starting too late", cell("demands", 2, "year", "2027"), "demands.csv", 2, "year", "2027", "starts after 2025", "2025"),
    Wrong("demand with two profiles", cell("demands", 4, "profile", "constant"), "demands.csv", 4, "profile", "constant",
          "something else"),
    Wrong("demand that nothing serves", again("demands", 2, commodity="gas", node="south"), "demands.csv", 6, "commodity", "gas",
          "nothing gives it at this node", "unserved_price"),
    Wrong("fuel limit in one year only", cell("fuels", 2, "annual_limit", "5"), "fuels.csv", 3, "annual_limit", "", "have a limit"),
]

GOALS = [
    Wrong("target without terms", without_row("target_terms", 2), "targets.csv", 2, "target", "goal", "nothing counts", "target_terms.csv"),
    Wrong("term selecting nothing", cell("target_terms", 2, "select", "winds"), "target_terms.csv", 2, "select", "winds", "meets no",
          "Did you mean 'wind'?"),
    Wrong("soft target without penalty", cell("targets", 2, "penalty", "0"), "targets.csv", 2, "penalty", "0", "needs a penalty", "hard"),
    Wrong("target in no unit", cell("targets", 2, "unit", "GWW"), "targets.csv", 2, "unit", "GWW", "is not a known unit", "TWh"),
    Wrong("energy against capacity", cell("target_terms", 2, "measure", "delivered"), "target_terms.csv", 2, "measure", "delivered",
          "cannot be converted to GW"),
    Wrong("target that turns round", again("targets", 2, year="2035", sense="max"), "targets.csv", 4, "sense", "max", "something else"),
]

TIME = [
    Wrong("periods not 365 days", cell("periods", 2, "days", "180"), "periods.csv", 3, "days", "184", "364 days, not 365"),
    Wrong("season with wrong days", both(cell("periods", 2, "days", "100"), cell("periods", 3, "days", "265")), "periods.csv", 2, "days",
          "100", "1;2;3;4;5;6 have 100 days, not 181"),
    Wrong("month 13", cell("periods", 2, "months", "1;2;3;4;5;6;13"), "periods.csv", 2, "months", "1;2;3;4;5;6;13", "numbers from 1 to 12"),
    Wrong("month without a period", cell("periods", 2, "months", "1;2;3;4;5"), "periods.csv", 3, "months", "7;8;9;10;11;12", "no period"),
    Wrong("peak in every period", both(cell("periods", 2, "peak", "1"), cell("periods", 3, "peak", "1")), "periods.csv", 3, "peak", "1",
          "every period holds the yearly peak"),
    Wrong("weather missing a month", without_row("weather", 4), "weather.csv", None, "month", "north", "lacks months", "12 rows"),
    Wrong("load missing an hour", without_row("load_shape", 2), "load_shape.csv", None, "hour", "", "month 1, hour 0, workday"),
]

CASES = [*CELLS, *FILES, *SETTINGS, *TECHNOLOGIES, *PROFILES, *PLANTS, *NETWORK, *GOALS, *TIME]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study without faults, written once."""
    return rich_study(tmp_path_factory.mktemp("rich"))


def problems_of(folder: Path) -> list[Problem]:
    """Everything that is wrong with a study folder."""
    try:
        return Inputs.read(folder).check()
    except InvalidStudy as error:
        return list(error.problems)


def damaged(study: Path, folder: Path, damage: Damage) -> list[Problem]:
    """The problems of a copy of ``study`` after the damage."""
    shutil.copytree(study, folder)
    damage(folder)
    return problems_of(folder)


def test_the_study_to_be_damaged_is_sound(study: Path) -> None:
    """Proves: every problem below comes from its damage. Without it a test could pass on a fault that was there before."""
    assert problems_of(study) == []


@pytest.mark.parametrize("wrong", CASES, ids=[case.what for case in CASES])
def test_a_mistake_is_told_where_it_stands(wrong: Wrong, study: Path, tmp_path: Path) -> None:
    """Proves: the message names file, row, column, value, rule and advice. Without it a planner would search 24 files."""
    found = damaged(study, tmp_path / "copy", wrong.damage)
    place = (wrong.file, wrong.row, wrong.column, wrong.value)
    here = [p for p in found if (p.file, p.row, p.column, p.value) == place and wrong.rule in p.rule]
    assert here, [str(problem) for problem in found]
    assert any(wrong.advice in problem.advice for problem in here), here


def test_errors_of_several_files_come_together(study: Path, tmp_path: Path) -> None:
    """Proves: one run tells every fault. Without it a planner would mend one, run again and meet the next."""
    damage = both(cell("plants", 2, "capacity", "two"), cell("fuels", 3, "unit", "USD/t"), cell("links", 2, "to_node", "north"),
                  cell("targets", 3, "penalty", ""), without_row("weather", 2))
    found = damaged(study, tmp_path / "copy", damage)
    assert [(p.file, p.row) for p in found] == [("fuels.csv", 3), ("links.csv", 2), ("plants.csv", 2), ("targets.csv", 3),
                                                ("weather.csv", None)]


def test_a_file_that_cannot_be_used_does_not_hide_the_cells_of_others(study: Path, tmp_path: Path) -> None:
    """Proves: wrong cells are told beside a missing file and wrong settings. Without it they would come to light one by one."""
    damage = both(missing("nodes.csv"), without_column("links", "technology"), cell("plants", 2, "capacity", "two"),
                  setting(step_hours=5))
    found = damaged(study, tmp_path / "copy", damage)
    assert [(p.file, p.row) for p in found] == [("links.csv", 1), ("nodes.csv", None), ("plants.csv", 2), ("study.yaml", None)]


def test_rows_count_as_in_an_editor(study: Path, tmp_path: Path) -> None:
    """Proves: blank lines and line breaks inside quotes count. Without it the row of a message would lead to the wrong line."""
    folder = tmp_path / "copy"
    shutil.copytree(study, folder)
    lines = (folder / "candidates.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].removesuffix(",") + ',"first\nsecond"'
    lines[2] = lines[2].replace("south", "suoth")
    (folder / "candidates.csv").write_text("\n".join([lines[0], "", lines[1], lines[2]]), encoding="utf-8")
    assert [(p.row, p.value) for p in problems_of(folder)] == [(5, "suoth")]


def test_a_problem_reads_as_a_sentence(study: Path, tmp_path: Path) -> None:
    """Proves: place, value, rule and advice in one line. Without it the fields alone would not tell what to do."""
    (problem,) = damaged(study, tmp_path / "copy", cell("plants", 2, "node", "nroth"))
    assert str(problem) == "plants.csv row 2, column node is 'nroth': must be a node of nodes.csv. Did you mean 'north'?"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Proves: a wrong path is an input error. Without it the first thing a new user sees would be a traceback."""
    assert [p.rule for p in problems_of(tmp_path / "nowhere")] == ["there is no such study folder"]


@pytest.mark.parametrize(("name", "text", "rule"), [
    ("drier", None, "there is no such scenario"), ("../study", None, "there is no such scenario"), ("dry\n", "", "there is no such scenario"),
    ("dry", "set: [1]\n", "must hold `path: value` lines"), ("dry", "without: targets\n", "must be a list of tables"),
    ("dry", "sets: {}\n", "the setting is not known"), ("dry", "set: {links.third.capacity: 2}\n", "meets no row"),
    ("dry", "set: {links.second.size: 2}\n", "links.csv has no column 'size'"), ("dry", "set: {link.second.capacity: 2}\n", "names no table"),
    ("dry", "set: {'links[kind].capacity': 2}\n", "which is no column=value"), ("dry", "set: {links.second.capacity: '*x'}\n", "cannot multiply"),
    ("dry", "set: {links.second.voltage: '*2'}\n", "multiplies empty cells only"), ("dry", "set: {links.second.link: '*2'}\n", "cannot multiply"),
    ("dry", "set: {study.years: '[2025'}\n", "cannot be read"), ("dry", "set: {links.second.capacity: [1]}\n", "must be one value"),
    ("dry", "without: [nodes]\n", "is no table that can be left out"), ("dry", "set: {a: 1\n", "not readable YAML"),
])
def test_a_wrong_scenario_is_told(name: str, text: str | None, rule: str, tmp_path: Path) -> None:
    """Proves: a scenario that changes nothing or cannot be read is an error. Without it base results would bear its name."""
    folder = rich_study(tmp_path)
    (folder / "scenarios").mkdir()
    if text is not None:
        (folder / "scenarios" / f"{name.strip()}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidStudy) as caught:
        Inputs.read(folder).scenario_named(name)
    (problem,) = caught.value.problems
    assert rule in problem.rule
    assert problem.file == ("scenarios" if "no such" in rule else f"scenarios/{name}.yaml")
