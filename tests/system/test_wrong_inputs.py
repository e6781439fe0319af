"""Every kind of mistake in a study is told with file, row, column, value, rule and advice, never with a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from model.system.problems import InvalidStudy, Problem
from model.system.read import Inputs
from tests.system.rich import (
    Damage,
    both,
    cell,
    column,
    content,
    made,
    missing,
    rich_study,
    row,
    setting,
    without_column,
    without_row,
)


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


FILES = [
    Wrong(
        "column missing",
        without_column("plants", "capacity"),
        "plants.csv",
        1,
        "capacity",
        "",
        "the column is missing",
        "net electrical",
    ),
    Wrong(
        "column unknown",
        column("plants", "capacity", "capasity [GW]"),
        "plants.csv",
        1,
        "capasity",
        "capasity [GW]",
        "the column is not known",
        "Did you mean 'capacity'?",
    ),
    Wrong(
        "column twice", column("plants", "notes", "node"), "plants.csv", 1, "node", "node", "the column stands twice"
    ),
    Wrong("column without a name", column("plants", "notes", ""), "plants.csv", 1, "", "", "column 17 has no name"),
    Wrong(
        "row too long",
        row("candidates", *"abcdefghijk"),
        "candidates.csv",
        4,
        "",
        "a,b,c,d,e,f,g,h,i,j,k",
        "11 cells, the header 7",
        "in quotes",
    ),
    Wrong("file missing", missing("nodes.csv"), "nodes.csv", None, "", "", "the file is missing", "A place where"),
    Wrong("file empty", content("nodes.csv", b"\n \n"), "nodes.csv", None, "", "", "the file is empty"),
    Wrong(
        "file without rows",
        content("demands.csv", b"node,commodity,year,value,source,quality\n"),
        "demands.csv",
        None,
        "",
        "",
        "the table has no rows",
    ),
    Wrong(
        "file not UTF-8",
        content("nodes.csv", "node,name\nsüd,Süd\n".encode("cp1252")),
        "nodes.csv",
        None,
        "",
        "",
        "not text in UTF-8",
    ),
    Wrong(
        "quote not closed",
        content("nodes.csv", b'node,name\nnorth,"North\n'),
        "nodes.csv",
        2,
        "",
        "",
        "cannot be read as CSV",
        "quote",
    ),
    Wrong("settings missing", missing("study.yaml"), "study.yaml", None, "", "", "the file is missing"),
    Wrong(
        "bad YAML",
        content("study.yaml", b"name: small\nyears: [2025, 2030\n"),
        "study.yaml",
        3,
        "",
        "",
        "not readable YAML",
    ),
    Wrong(
        "YAML without names",
        content("study.yaml", b"- 2025\n"),
        "study.yaml",
        1,
        "",
        "",
        "must hold `name: value` lines",
    ),
    Wrong(
        "setting twice", content("study.yaml", b"name: a\nname: b\n"), "study.yaml", 2, "", "", "'name' stands twice"
    ),
    Wrong(
        "date that does not exist",
        content("study.yaml", b"title: 2025-13-45\n"),
        "study.yaml",
        None,
        "",
        "",
        "not readable YAML",
    ),
]


def listed() -> list[Wrong]:
    """The mistakes of wrong_inputs.yaml."""
    cases = yaml.safe_load((Path(__file__).parent / "wrong_inputs.yaml").read_text(encoding="utf-8"))
    found = []
    for case in cases:
        file, line, name, value = case["told"]
        damage = both(*(made(*step) for step in case["by"]))
        found.append(Wrong(case["mistake"], damage, file, line, name, value, case["rule"], case.get("advice", "")))
    return found


CASES = [*FILES, *listed()]


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
    """Proves: each problem below comes from its damage. Without it a test could pass on a fault from before."""
    assert problems_of(study) == []


@pytest.mark.parametrize("wrong", CASES, ids=[case.what for case in CASES])
def test_a_mistake_is_told_where_it_stands(wrong: Wrong, study: Path, tmp_path: Path) -> None:
    """Proves: file, row, column, value, rule and advice are named. Without it a planner would search 24 files."""
    found = damaged(study, tmp_path / "copy", wrong.damage)
    place = (wrong.file, wrong.row, wrong.column, wrong.value)
    here = [p for p in found if (p.file, p.row, p.column, p.value) == place and wrong.rule in p.rule]
    assert here, [str(problem) for problem in found]
    assert any(wrong.advice in problem.advice for problem in here), here


def test_errors_of_several_files_come_together(study: Path, tmp_path: Path) -> None:
    """Proves: one run tells every fault. Without it a planner would mend one, run again and meet the next."""
    damage = both(
        cell("plants", 2, "capacity", "two"),
        cell("fuels", 3, "unit", "USD/t"),
        cell("links", 2, "to_node", "north"),
        cell("targets", 3, "penalty", ""),
        without_row("weather", 2),
    )
    found = damaged(study, tmp_path / "copy", damage)
    assert [(p.file, p.row) for p in found] == [
        ("fuels.csv", 3),
        ("links.csv", 2),
        ("plants.csv", 2),
        ("targets.csv", 3),
        ("weather.csv", None),
    ]


def test_a_file_that_cannot_be_used_does_not_hide_the_cells_of_others(study: Path, tmp_path: Path) -> None:
    """Proves: wrong cells are told beside a missing file. Without it they would come to light one by one."""
    damage = both(
        missing("nodes.csv"),
        without_column("links", "technology"),
        cell("plants", 2, "capacity", "two"),
        setting(step_hours=5),
    )
    found = damaged(study, tmp_path / "copy", damage)
    assert [(p.file, p.row) for p in found] == [
        ("links.csv", 1),
        ("nodes.csv", None),
        ("plants.csv", 2),
        ("study.yaml", None),
    ]


def test_rows_count_as_in_an_editor(study: Path, tmp_path: Path) -> None:
    """Proves: blank lines and line breaks in quotes count. Without it a message would lead to the wrong line."""
    folder = tmp_path / "copy"
    shutil.copytree(study, folder)
    lines = (folder / "candidates.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].removesuffix(",") + ',"first\nsecond"'
    lines[2] = lines[2].replace("south", "suoth")
    (folder / "candidates.csv").write_text("\n".join([lines[0], "", lines[1], lines[2]]), encoding="utf-8")
    found = [(p.row, p.value) for p in problems_of(folder) if p.file == "candidates.csv"]
    assert found == [(5, "suoth")]


def test_a_problem_reads_as_a_sentence(study: Path, tmp_path: Path) -> None:
    """Proves: place, value, rule and advice in one line. Without it the fields alone would not tell what to do."""
    (problem,) = damaged(study, tmp_path / "copy", cell("plants", 2, "node", "nroth"))
    assert (
        str(problem) == "plants.csv row 2, column node is 'nroth': must be a node of nodes.csv. Did you mean 'north'?"
    )


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Proves: a wrong path is an input error. Without it the first thing a new user sees would be a traceback."""
    assert [p.rule for p in problems_of(tmp_path / "nowhere")] == ["there is no such study folder"]


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("drier", None, "there is no such scenario"),
        ("../study", None, "there is no such scenario"),
        ("dry\n", "", "there is no such scenario"),
        ("dry", "set: [1]\n", "must hold `path: value` lines"),
        ("dry", "without: targets\n", "must be a list of tables"),
        ("dry", "sets: {}\n", "the setting is not known"),
        ("dry", "set: {links.third.capacity: 2}\n", "meets no row"),
        ("dry", "set: {links.second.size: 2}\n", "links.csv has no column 'size'"),
        ("dry", "set: {link.second.capacity: 2}\n", "names no table"),
        ("dry", "set: {'links[kind].capacity': 2}\n", "which is no column=value"),
        ("dry", "set: {links.second.capacity: '*x'}\n", "cannot multiply"),
        ("dry", "set: {links.second.emergency: '*2'}\n", "multiplies empty cells only"),
        ("dry", "set: {links.second.link: '*2'}\n", "cannot multiply"),
        ("dry", "set: {study.years: '[2025'}\n", "cannot be read"),
        ("dry", "set: {links.second.capacity: [1]}\n", "must be one value"),
        ("dry", "without: [nodes]\n", "is no table that can be left out"),
        ("dry", "set: {a: 1\n", "not readable YAML"),
    ],
)
def test_a_wrong_scenario_is_told(name: str, text: str | None, rule: str, tmp_path: Path) -> None:
    """Proves: a scenario that changes nothing is an error. Without it base results would bear its name."""
    folder = rich_study(tmp_path)
    (folder / "scenarios").mkdir()
    if text is not None:
        (folder / "scenarios" / f"{name.strip()}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidStudy) as caught:
        Inputs.read(folder).scenario_named(name)
    (problem,) = caught.value.problems
    assert rule in problem.rule
    assert problem.file == ("scenarios" if "no such" in rule else f"scenarios/{name}.yaml")
