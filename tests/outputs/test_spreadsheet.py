"""Results as a workbook: figures of the results under the planning years, texts that stay texts, the same bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
import xarray as xr

from model.outputs.planner_tables import PlannerTable, planner_tables
from model.outputs.spreadsheet import write_spreadsheet
from model.study import Study
from tests.lp import everything as whole

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """The results of a study in which every equation has rows, as if read from a file."""
    found = whole.everything(tmp_path_factory.mktemp("study")).solve().results
    return found.assign_attrs(date_created="2026-11-29T09:14:36+00:00")


@pytest.fixture(scope="module")
def path(results: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook."""
    path = tmp_path_factory.mktemp("book") / "results.xlsx"
    write_spreadsheet(results, path)
    return path


def tables(results: xr.Dataset) -> dict[str, PlannerTable]:
    """The tables by name."""
    return {table.name: table for table in planner_tables(results)}


def test_the_book_says_what_it_is(path: Path, results: xr.Dataset) -> None:
    """Proves: the first sheet tells study, scenario, present value, gap and the digest of each input file. Without it
    a sheet that is passed on would have no source."""
    book = openpyxl.load_workbook(path)
    said = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert book.sheetnames[0] == "About"
    assert said["title"] == "Small study"
    assert said["present value of all costs, USD of 2025"] == pytest.approx(results.attrs["objective"])
    assert said["certificate gap"] <= 1e-6
    assert re.fullmatch(r"[0-9a-f]{64}", said["sha256 of plants.csv"])
    needed = {"Targets", "Capacity", "Generation", "Balances", "Costs", "Prices", "Lines", "Plants", "Security"}
    assert needed <= set(book.sheetnames)


def test_figures_are_those_of_the_results(path: Path, results: xr.Dataset) -> None:
    """Proves: wind in operation, what a goal asks for and the sum of costs stand under their years with their units.
    Without it a pivot could put a figure under another year."""
    book = openpyxl.load_workbook(path)
    rows = [[cell.value for cell in row] for row in book["Capacity"].iter_rows(min_row=2)]
    heads, wind = rows[0], next(row for row in rows if row[0] == "wind" and row[3] == "in operation")
    assert heads == ["technology", "technology name", "group", "what", "unit", "2025", "2030", "2040"]
    expected = results["capacity"].sel(technology="wind").sum("node").to_numpy()
    assert wind[3:5] == ["in operation", "GW"]
    assert wind[5:] == pytest.approx(expected)
    assert expected.max() > 0.1
    last = [cell.value for cell in list(book["Costs"].iter_rows())[-1]]
    assert last[0] == "all"
    assert last[2] == pytest.approx(results["present_cost"].sum().item())
    assert last[3:] == pytest.approx(results["cost"].sum("cost_kind").to_numpy())
    ledger = tables(results)["Targets"].frame
    asked = ledger[(ledger["target"] == "green") & (ledger["what"] == "asked")].iloc[0]
    assert asked["2025"] is None
    assert asked["2040"] == pytest.approx(results["target_required"].sel(target="green", year=2040).item())


def test_sums_over_nodes_are_the_country(results: xr.Dataset) -> None:
    """Proves: generation by node adds up to generation by technology, and that to the row of all. Without it a node
    could be missing on its sheet."""
    found = tables(results)
    years = ["2025", "2030", "2040"]
    national = found["Generation"].frame
    by_node = found["Generation by node"].frame[years].sum()
    assert by_node.to_numpy(float) == pytest.approx(national[years].iloc[:-1].sum().to_numpy(float))
    assert by_node.to_numpy(float) == pytest.approx(national[years].iloc[-1].to_numpy(float))


def test_rests_of_digits_are_no_rows(results: xr.Dataset) -> None:
    """Proves: transfers, which cancel over the nodes, have no row, though a file with seven digits leaves a rest; what
    is used has one. Without it every balance would show a few kWh that nobody moved."""
    single = results.assign(balance=results["balance"].astype("float32").assign_attrs(results["balance"].attrs))
    single["balance"].loc[{"commodity": "electricity", "balance_item": "transfers", "node": "north"}] += 1e-6
    items = tables(single)["Balances"].frame.query("commodity == 'electricity'")["item"]
    assert "transfers" not in set(items)
    assert {"production", "demand"} <= set(items)


def test_every_row_has_a_unit_and_every_head_is_one() -> None:
    """Proves: in the small study too, each row says its unit, heads differ, and no step stands anywhere. Without it
    shares and hours of one sheet could be taken for GW."""
    for table in planner_tables(Study.read("inputs/small").solve().results):
        heads = list(table.frame.columns)
        assert len(set(heads)) == len(heads)
        assert (table.frame["unit"] != "").all(), table.name
        assert "unit" in heads[: table.labels]
        assert heads[-2:] == ["2025", "2030"]


def test_goals_that_come_to_nothing_are_shown(results: xr.Dataset) -> None:
    """Proves: a goal of which nothing is reached keeps its row, a technology that is never there has none. Without the
    first a planner would not see the goal that was missed."""
    nothing = results.copy(deep=True)
    nothing["target_value"].loc[{"target": "green"}] = 0.0
    ledger = tables(nothing)["Targets"].frame
    assert len(ledger[(ledger["target"] == "green") & (ledger["what"] == "reached")]) == 1
    nothing["capacity"].loc[{"technology": "hydro"}] = 0.0
    assert "hydro" not in set(tables(nothing)["Capacity by node"].frame["technology"])


def test_texts_are_no_formulas(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: a plant by the name of =1+1 is a text that stays one when it is edited, and control characters are gone.
    Without it names of a study could run in a spreadsheet."""
    named = results.assign_coords(plant=["=1+1", "bad\x07bell", *results["plant"].to_numpy()[2:]])
    write_spreadsheet(named, tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Plants"]
    cell = next(row[0] for row in sheet.iter_rows() if row[0].value == "=1+1")
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert any(row[0].value == "bad bell" for row in sheet.iter_rows())
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert not any(b"<f>" in text or b"<f " in text for text in sheets)


def test_the_same_results_give_the_same_bytes(results: xr.Dataset, path: Path, tmp_path: Path) -> None:
    """Proves: two books of one result are equal byte for byte, told to be of the time of the result; one that does not
    tell its time has the earliest that the format knows. Without it no digest could tell whether figures changed."""
    write_spreadsheet(results, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["again.xlsx"]
    with zipfile.ZipFile(path) as book:
        assert {entry.date_time for entry in book.infolist()} == {(2026, 11, 29, 9, 14, 36)}
    properties = openpyxl.load_workbook(path).properties
    assert str(properties.created) == str(properties.modified) == "2026-11-29 09:14:36"
    undated = results.copy()
    del undated.attrs["date_created"]
    write_spreadsheet(undated, tmp_path / "undated.xlsx")
    assert openpyxl.load_workbook(tmp_path / "undated.xlsx").properties.modified.year == 1980


def test_heads_stay_in_sight(path: Path) -> None:
    """Proves: below the title each sheet freezes its heads, filters by them, and has columns wide enough for labels.
    Without it a reader of row 200 would not know the year."""
    for sheet in openpyxl.load_workbook(path).worksheets[1:]:
        assert sheet.freeze_panes == "B3"
        assert sheet.auto_filter.ref.startswith("A2:")
        longest = max(len(str(row[0].value)) for row in sheet.iter_rows(min_row=2))
        assert sheet.column_dimensions["A"].width >= min(longest, 60)
        assert {c.number_format for row in sheet.iter_rows(min_row=3) for c in row if c.data_type == "n"} - {"General"}
