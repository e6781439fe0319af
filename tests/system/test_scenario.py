"""Scenarios and single overrides: what they change, what they leave, and the diff they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.system.problems import InvalidStudy
from model.system.read import Inputs
from model.system.scenario import parse_setting
from tests.system.rich import rich_study

SCENARIO = """
title: Dear gas
description: Gas costs half as much again, the second line is committed, no goals.
set:
  "fuels[commodity=gas,node=north].price": "*1.5"
  links.second.status: committed
  study.social_discount_rate: 0.08
  study.years: [2025, 2030]
without: [targets, target_terms]
"""


@pytest.fixture
def base(tmp_path: Path) -> Inputs:
    """The rich study with one scenario file."""
    folder = rich_study(tmp_path)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "dear-gas.yaml").write_text(SCENARIO, encoding="utf-8")
    return Inputs.read(folder)


def test_a_scenario_sets_and_multiplies(base: Inputs) -> None:
    """Proves: every row that meets the conditions changes. Without it only the first year of a price would rise."""
    changed = base.scenario_named("dear-gas")
    assert changed.check() == []
    assert changed.tables["fuels"]["price"].tolist() == pytest.approx([15.0, 18.0, 0.01])
    assert changed.tables["links"].set_index("link").at["second", "status"] == "committed"
    assert changed.settings.social_discount_rate == 0.08
    assert changed.scenario.title == "Dear gas"


def test_a_scenario_can_leave_tables_out(base: Inputs) -> None:
    """Proves: `without` empties a table. Without it the cost of the goals could not be told by leaving them out."""
    changed = base.scenario_named("dear-gas")
    assert len(changed.tables["targets"]) == len(changed.tables["target_terms"]) == 0
    assert changed.system.sizes["target"] == 0


def test_nothing_is_changed_in_place(base: Inputs) -> None:
    """Proves: the base study stays as read. Without it a second scenario would start from the first one's numbers."""
    before = {name: raw.cells.copy() for name, raw in base.raw.items()}
    first = base.scenario_named("dear-gas")
    again = base.scenario_named("dear-gas")
    assert all(before[name].equals(base.raw[name].cells) for name in before)
    assert base.settings.social_discount_rate == 0.0
    assert first.tables["fuels"].equals(again.tables["fuels"])
    assert len(base.tables["targets"]) == 3


def test_the_diff_says_what_changed_where(base: Inputs) -> None:
    """Proves: each change names file, row, old and new value. Without it nobody could see what a scenario does."""
    changes = [str(change) for change in base.scenario_named("dear-gas").changes]
    assert changes == [
        "fuels.csv row 2: price 10 -> 15.0",
        "fuels.csv row 3: price 12 -> 18.0",
        "links.csv row 4: status candidate -> committed",
        "study.yaml: social_discount_rate 0.0 -> 0.08",
        "study.yaml: years [2025, 2030] -> [2025, 2030]",
    ]


def test_overrides_come_on_top_of_a_scenario(base: Inputs) -> None:
    """Proves: --set changes what the scenario left. Without it one could not vary a scenario from the command line."""
    changed = base.scenario_named("dear-gas").override({"fuels[year=2030].price": "7", "study.step_hours": "24"})
    assert changed.tables["fuels"]["price"].tolist() == pytest.approx([15.0, 7.0, 0.01])
    assert changed.settings.step_hours == 24
    assert changed.overrides == (("fuels[year=2030].price", "7"), ("study.step_hours", "24"))
    assert str(changed.changes[-2]) == "fuels.csv row 3: price 18.0 -> 7"


def test_an_empty_cell_shows_in_the_diff(base: Inputs) -> None:
    """Proves: a cell that was empty is told as such. Without it the diff would read as if something were missing."""
    (change,) = base.override({"plants.Old.closing_year": "2040"}).changes
    assert str(change) == "plants.csv row 2: closing_year (empty) -> 2040"


def test_a_wrong_value_is_told_as_if_it_stood_in_the_file(base: Inputs) -> None:
    """Proves: overrides pass the same checks. Without it a negative price could come in from the command line."""
    (problem,) = base.override({"plants.Old.capacity": "-1"}).check()
    assert (problem.file, problem.row, problem.value, problem.rule) == ("plants.csv", 2, "-1", "must be > 0")


def test_base_needs_no_file(base: Inputs) -> None:
    """Proves: the scenario `base` is the study itself. Without it every study would need an empty file."""
    assert base.scenario_named("base").changes == ()


def test_the_digest_of_a_scenario_is_kept(base: Inputs) -> None:
    """Proves: the scenario's file counts among the inputs. Without it results could not be traced to it."""
    assert set(base.scenario_named("dear-gas").digests) - set(base.digests) == {"scenarios/dear-gas.yaml"}


def test_settings_of_the_command_line_are_split_at_the_right_sign() -> None:
    """Proves: a condition in brackets keeps its `=`. Without it `fuels[year=2030].price=7` would be cut too early."""
    assert parse_setting("fuels[year=2030].price=7") == ("fuels[year=2030].price", "7")
    assert parse_setting("study.title=a=b") == ("study.title", "a=b")
    with pytest.raises(InvalidStudy, match="must read path=value"):
        parse_setting("fuels[year=2030].price")
