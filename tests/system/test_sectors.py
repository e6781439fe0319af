"""Tables spread over folders: sectors of a study, and a study that stands on another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.system.problems import InvalidStudy, Problem
from model.system.read import Inputs
from tests.studies import write_study
from tests.system.rich import content, setting
from tests.system.test_wrong_inputs import problems_of

MADE_UP = "source,quality"
GIVEN = "made up,assumption"
PLANTS = f"plant,node,technology,status,capacity [MW],start_year,{MADE_UP}\n"
SECOND = f"Second,south,old,operating,300,2010,{GIVEN}\n"


def with_sector(folder: Path, **tables: str) -> Path:
    """The default study with tables in the sector folder ``gas``."""
    write_study(folder, sectors=["gas"])
    (folder / "gas").mkdir()
    for name, text in tables.items():
        (folder / "gas" / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def based(folder: Path, **settings: object) -> Path:
    """A study without tables of its own beside ``folder``, on which it stands."""
    own = folder.parent / "daughter"
    own.mkdir()
    (own / "study.yaml").write_bytes((folder / "study.yaml").read_bytes())
    setting(base=folder.name, **settings)(own)
    return own


def capacities(inputs: Inputs) -> dict[str, float]:
    """GW by plant."""
    plants = inputs.tables["plants"]
    return dict(zip(plants["plant"], plants["capacity"], strict=True))


def told(problems: list[Problem]) -> list[tuple[str, int | None, str, str]]:
    """Where each problem stands and what it is."""
    return [(p.file, p.row, p.column, p.rule) for p in problems]


def test_rows_of_a_sector_come_below_those_of_the_study(tmp_path: Path) -> None:
    """Proves: 300 MW of the sector's file stand beside the study's 2 GW, each by the unit of its own header, and both
    files are among the digests. Without it a sector could only be added by editing the files of the others."""
    inputs = Inputs.read(with_sector(tmp_path, plants=PLANTS + SECOND))
    assert inputs.check() == []
    assert capacities(inputs) == {"Old": 2, "Second": pytest.approx(0.3)}
    assert float(inputs.system["vintage_capacity"].sum()) == pytest.approx(2.3 + 1)
    assert {"plants.csv", "gas/plants.csv"} <= set(inputs.digests)


def test_a_table_may_stand_in_a_sector_only(tmp_path: Path) -> None:
    """Proves: a table that the study's own folder lacks is read from the sector. Without it each sector's table would
    need an empty one beside study.yaml."""
    emissions = f"year,price [USD/t],cap [Mt],price_year,{MADE_UP}\n2025,5,,2025,{GIVEN}\n"
    folder = with_sector(tmp_path, emissions=emissions)
    (folder / "emissions.csv").unlink(missing_ok=True)
    assert Inputs.read(folder).system["co2_price"].to_numpy().tolist() == [5]


def test_a_mistake_in_a_sector_is_told_with_its_folder(tmp_path: Path) -> None:
    """Proves: file and row are those of the sector, for a cell, a name and a header. Without the folder a planner would
    look for row 3 of the wrong plants.csv."""
    wrong = f"Third,nowhere,old,operating,x,2010,{GIVEN}\n"
    cells = told(problems_of(with_sector(tmp_path / "cell", plants=PLANTS + SECOND + wrong)))
    assert cells == [("gas/plants.csv", 3, "capacity", "must be a finite number")]
    named = with_sector(tmp_path / "name", plants=PLANTS + SECOND + wrong.replace(",x,", ",1,"))
    assert told(problems_of(named)) == [("gas/plants.csv", 3, "node", "must be a node of nodes.csv")]
    bare = with_sector(tmp_path / "header", plants=PLANTS.replace(" [MW]", "") + SECOND)
    assert told(problems_of(bare)) == [("gas/plants.csv", 1, "capacity", "the header must say the unit")]
    lacking = with_sector(tmp_path / "column", plants=PLANTS.replace(",status", "") + SECOND.replace(",operating", ""))
    assert told(problems_of(lacking)) == [("gas/plants.csv", 1, "status", "the column is missing")]


def test_the_same_name_in_two_files_is_told_with_both(tmp_path: Path) -> None:
    """Proves: a plant of the study that a sector names again is told with the row and file of the first. Without it the
    message would send the reader to a row of the wrong file."""
    folder = with_sector(tmp_path, plants=PLANTS + SECOND.replace("Second", "Old"))
    (problem,) = problems_of(folder)
    assert (problem.file, problem.row, problem.value) == ("gas/plants.csv", 2, "Old")
    assert problem.rule == "the same key stands in row 2 of plants.csv"


def test_a_scenario_changes_rows_of_a_sector(tmp_path: Path) -> None:
    """Proves: a path meets rows of every folder, and the diff says which. Without it what a sector adds could not be
    varied."""
    inputs = Inputs.read(with_sector(tmp_path, plants=PLANTS + SECOND))
    changed = inputs.override({"plants.Second.capacity": "*2"})
    assert capacities(changed) == {"Old": 2, "Second": pytest.approx(0.6)}
    assert [str(change) for change in changed.changes] == ["gas/plants.csv row 2: capacity 300 -> 600.0"]
    everywhere = inputs.override({"plants[technology=old].start_year": "2012"})
    assert [change.file for change in everywhere.changes] == ["plants.csv", "gas/plants.csv"]


@pytest.mark.parametrize("name", ["sectors", "base"])
def test_a_scenario_cannot_change_which_files_are_read(name: str, tmp_path: Path) -> None:
    """Proves: sectors and base are refused as changes. Without it such a change would be shown and do nothing."""
    with pytest.raises(InvalidStudy, match="says which files are read"):
        Inputs.read(write_study(tmp_path)).override({f"study.{name}": "gas"})


def test_a_study_stands_on_another(tmp_path: Path) -> None:
    """Proves: a study with a base has the tables of the base, sectors too, and a file of its own in place of the
    base's of the same name and folder. Without it a second year or country would be a copy that drifts."""
    base = with_sector(tmp_path / "mother", plants=PLANTS + SECOND)
    own = based(base, name="daughter", years=[2026], horizon_end=2027)
    assert capacities(Inputs.read(own)) == {"Old": 2, "Second": pytest.approx(0.3)}
    assert {"../mother/plants.csv", "../mother/gas/plants.csv", "study.yaml"} <= set(Inputs.read(own).digests)
    (own / "plants.csv").write_text(PLANTS + SECOND.replace("Second", "First"), encoding="utf-8")
    assert capacities(Inputs.read(own)) == {"First": pytest.approx(0.3), "Second": pytest.approx(0.3)}
    (own / "gas").mkdir()
    (own / "gas" / "plants.csv").write_text(PLANTS, encoding="utf-8")
    found = Inputs.read(own)
    assert found.check() == []
    assert capacities(found) == {"First": pytest.approx(0.3)}
    assert found.settings.years == (2026,)


def test_a_mistake_in_a_base_is_told_with_its_folder(tmp_path: Path) -> None:
    """Proves: the path from the study that is read leads to the file. Without it one would look in the wrong study."""
    base = write_study(tmp_path / "mother")
    content("plants.csv", (PLANTS + SECOND.replace("300", "-3")).encode())(base)
    assert told(problems_of(based(base))) == [("../mother/plants.csv", 2, "capacity", "must be > 0")]
