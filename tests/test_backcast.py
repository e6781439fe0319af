"""Results beside observed figures and beside each other; the back-cast of 2023 and what it must meet."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.outputs.compare_tables import figure, share, verdict
from model.outputs.differences import differences
from model.outputs.observed import OBSERVED, all_within, compared, read_observed
from model.study import Study
from model.system.problems import InvalidStudy
from tests.commands import RESULTS, answer, call, copied, planned
from tests.sources import ROOT

BACKCAST = ROOT / "inputs" / "kazakhstan-2023"
OBSERVED_2023 = BACKCAST / "observed.csv"

FEW_DAYS = {
    "study.representative_periods": "6",
    "study.step_hours": "3",
    "study.kept_days": "[dec-07]",
}
"""The year in six days of eight steps, the day of the highest load among them."""


def result() -> xr.Dataset:
    """A made-up result that a person can add up: two nodes, two technologies, two steps, one year."""
    steps, nodes = ["night", "day"], ["hill", "lake"]
    return xr.Dataset(
        {
            "generation": (
                ("technology", "node", "year"),
                np.array([[[3.0], [1.0]], [[0.5], [0.0]]]),
                {"units": "TWh per year"},
            ),
            "output": (
                ("technology", "node", "year", "step"),
                np.array([[[[0.4, 0.5]], [[0.1, 0.2]]], [[[0.3, 0.0]], [[0.0, 0.0]]]]),
                {"units": "GW"},
            ),
            "flow": (("link", "year", "step"), np.array([[[0.3, -0.1]]]), {"units": "GW"}),
            "step_hours": ("step", [3760.0, 5000.0], {"units": "h per year"}),
            "balance": (
                ("commodity", "node", "year"),
                np.array([[[2000.0], [1000.0]], [[5.0], [2.0]]]),
                {"units": "commodity unit per year"},
            ),
            "balance_detail": (("balance_row", "year"), np.array([[7.0], [1.5]]), {"units": "commodity unit per year"}),
            "balance_row_commodity": ("balance_row", ["gas", "gas"]),
            "balance_row_technology": ("balance_row", ["plant", "boiler"]),
            "commodity_unit": ("commodity", ["GWh", "bcm"]),
            "technology_group": ("technology", ["coal", "wind"]),
            "node_zone": ("node", ["north", "south"]),
            "note": ((), "text"),
        },
        coords={
            **{"technology": ["old_coal", "wind"], "node": nodes, "year": [2023], "step": steps},
            **{"link": ["hill_lake"], "commodity": ["electricity", "gas"], "balance_row": [1, 2]},
        },
    )


def table(folder: Path, *rows: dict[str, Any]) -> Path:
    """An observed.csv whose rows say what differs from a figure of 1 TWh of generation with a band of 5 %."""
    usual = {"item": "Item", "kind": "made up", "measure": "generation", "statistic": "sum", "year": 2023}
    usual |= {"value": 1, "unit": "TWh", "band": 0.05, "source": "made up", "quality": "assumption"}
    path = folder / "observed.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, OBSERVED.names(), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({**usual, **row} for row in rows)
    return path


def model_value(folder: Path, *rows: dict[str, Any]) -> float:
    """What the made-up result says to the one item of ``rows``."""
    (value,) = compared(result(), read_observed(table(folder, *rows)))["model"]
    return float(value)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, 4.5),
        ({"unit": "GWh"}, 4500),
        ({"select": "technology_group=coal"}, 4),
        ({"select": "technology=old_*; node_zone=south"}, 1),
        ({"select": "node=hill|lake; technology=wind"}, 0.5),
        ({"coefficient": -2, "select": "technology=wind"}, -1),
        ({"measure": "flow"}, 0.3 * 3.76 - 0.1 * 5),
        ({"measure": "flow", "statistic": "peak", "unit": "MW"}, 300),
        ({"measure": "output", "statistic": "peak", "unit": "GW"}, 0.8),
        ({"measure": "balance", "select": "commodity=electricity"}, 3),
        ({"measure": "balance", "select": "commodity=gas", "unit": "bcm"}, 7),
        ({"measure": "balance_detail", "select": "balance_row_technology=boiler", "unit": "bcm"}, 1.5),
        ({"measure": "balance_detail", "select": "balance_row_technology=nothing", "unit": "bcm"}, 0),
    ],
)
def test_a_row_names_its_value(tmp_path: Path, row: dict[str, Any], expected: float) -> None:
    """Proves: dims, text variables, patterns, units, weights, sums and peaks are read as they are meant. Without it a
    figure would stand beside another number than the one its row names."""
    assert model_value(tmp_path, row) == pytest.approx(expected)


def test_terms_of_an_item_add_up_step_by_step(tmp_path: Path) -> None:
    """Proves: output less what flows out is 0.8 - 0.3 at night and 0.7 + 0.1 by day, so the peak is 0.8 by day. Without
    it the peaks of the terms, 0.8 at night and 0.1 by day, would be added to 0.9."""
    peak = {"statistic": "peak", "unit": "GW"}
    rest = {"value": "", "band": "", "source": "", "quality": ""}
    terms = {**peak, "measure": "output"}, {**peak, **rest, "measure": "flow", "coefficient": -1}
    assert model_value(tmp_path, *terms) == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("value", "band", "within", "deviation"),
    [(4.5, 0.01, "yes", 0), (5, 0.1, "yes", -0.1), (5, 0.09, "no", -0.1), (3, "", "", 0.5), ("", "", "", np.nan)],
)
def test_the_band_decides(tmp_path: Path, value: float, band: float, within: str, deviation: float) -> None:
    """Proves: 4.5 against 5 is 10 % too low, inside a band of 10 % and outside one of 9 %; without a band or a figure
    there is no verdict. Without it a wrong model could pass, or a figure that is only shown could fail it."""
    known = {} if value else {"source": "", "quality": ""}
    found = compared(result(), read_observed(table(tmp_path, {"value": value, "band": band, **known})))
    assert found["within"].tolist() == [within]
    assert found["deviation"].to_numpy() == pytest.approx([deviation], nan_ok=True)
    assert all_within(found) == (within != "no")


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"measure": "heat"}, "measure", "no number of that name"),
        ({"measure": "note"}, "measure", "no number of that name"),
        ({"select": "technology=solar"}, "select", "no technology is 'solar'"),
        ({"select": "link=hill_lake"}, "select", "says nothing about 'generation'"),
        ({"select": "technology"}, "select", "must be name=label"),
        ({"year": 2030}, "year", "is no planning year"),
        ({"statistic": "peak"}, "statistic", "does not differ from step to step"),
        ({"unit": "bcm"}, "unit", "cannot be converted"),
        ({"measure": "balance"}, "unit", "GWh and bcm"),
    ],
)
def test_a_row_that_names_nothing_is_told(tmp_path: Path, row: dict[str, Any], column: str, words: str) -> None:
    """Proves: a slip in a row is told with its line and column. Without it a figure would be compared with zero."""
    observed = read_observed(table(tmp_path, {"item": "Fine"}, row))
    with pytest.raises(InvalidStudy) as error:
        compared(result(), observed)
    (problem,) = error.value.problems
    assert (problem.row, problem.column) == (3, column)
    assert words in problem.rule


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        ([{"value": "", "source": "", "quality": ""}], "value", "a band needs a figure"),
        ([{"source": ""}], "source", "a figure needs its source"),
        ([{}, {"select": "node=hill"}], "value", "row 2 is the one with the figure"),
        ([{}, {"value": "", "band": "", "unit": "GWh"}], "unit", "differs from row 2"),
        ([{"statistic": "mean"}], "statistic", "must be one of sum, peak"),
        ([{"unit": "TWhh"}], "unit", "is not a known unit"),
    ],
)
def test_a_table_that_disagrees_is_told(tmp_path: Path, rows: list[dict[str, Any]], column: str, words: str) -> None:
    """Proves: a table of figures is checked as inputs are. Without it half a row would be taken for a whole one."""
    with pytest.raises(InvalidStudy) as error:
        read_observed(table(tmp_path, *rows))
    assert [p for p in error.value.problems if p.column == column and words in p.rule]


def test_numbers_are_short() -> None:
    """Proves: tables show about four digits, and nothing for nothing. Without it they would be hard to read."""
    assert [figure(x) for x in (12345.6, 123.45, 12.345, -1.23456, np.nan)] == [
        "12,346",
        "123.5",
        "12.35",
        "-1.235",
        "",
    ]
    assert [share(0.0123, sign=True), share(0.02), share(np.nan)] == ["+1.2%", "2.0%", ""]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small study and the result of planning it there; not to be changed."""
    return planned(tmp_path_factory.mktemp("home"))


@pytest.fixture
def own(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``home`` to change, and to be in."""
    return copied(home, tmp_path / "own", monkeypatch)


def test_the_command_tells_figures_and_exit_code(own: Path) -> None:
    """Proves: exit 0 inside every band, 1 outside one, and compare.csv beside the result either way. Without it a
    script could not tell a good back-cast from a bad one."""
    with xr.open_dataset(own / RESULTS) as opened:
        year, made = int(opened["year"][0]), float(opened["generation"].isel(year=0).sum())
    good = table(own, {"year": year, "value": made})
    inside = call("compare", RESULTS, "--observed", good)
    assert inside.exit_code == 0, inside.output
    assert "1 of 1 figures with a band lie within it" in inside.stdout
    written = pd.read_csv((own / RESULTS).parent / "compare.csv")
    assert written["model"].tolist() == pytest.approx([made], rel=1e-5)
    bad = table(own, {"year": year, "value": 2 * made, "item": "Twice"})
    outside = call("compare", RESULTS, "--observed", bad, "--json", "--out", own / "table.csv")
    assert outside.exit_code == 1
    told = answer(outside)
    assert (told["status"], told["figures"][0]["within"]) == ("outside", "no")
    assert pd.read_csv(own / "table.csv")["deviation"].tolist() == pytest.approx([-0.5], rel=1e-5)


def test_the_command_refuses_half_a_question(own: Path) -> None:
    """Proves: neither or both of a table and a second result is a mistake, and so is a file that is no result. Without
    it the user would get no answer, or that to another question."""
    observed = table(own, {})
    assert call("compare", RESULTS).exit_code == 2
    assert call("compare", RESULTS, RESULTS, "--observed", observed).exit_code == 2
    wrong = call("compare", observed, "--observed", observed)
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.output
    xr.Dataset(attrs={"title": "another"}).to_netcdf(own / "other.nc")
    assert "no result of this program" in call("compare", own / "other.nc", RESULTS).stderr


def test_two_results_side_by_side(own: Path) -> None:
    """Proves: a fuel twice as dear shows as a difference in cost, and a result does not differ from itself. Without it
    a user could not see what a scenario changes."""
    assert "The results do not differ." in call("compare", RESULTS, RESULTS).stdout
    dear = call("plan", "study", "--set", "fuels.price=*2", "--out", own / "dear", "--no-report", "--json")
    assert dear.exit_code == 0, dear.stderr
    told = answer(call("compare", RESULTS, own / "dear" / "results.nc", "--json", "--out", own / "moved.csv"))
    total = next(r for r in told["differences"] if (r["quantity"], r["label"]) == ("present value of cost", "total"))
    gap = answer(dear)["objective"] / 1e6 - total["first"]
    assert total["difference"] == pytest.approx(gap, rel=1e-6)
    assert total["difference"] > 0
    assert len(pd.read_csv(own / "moved.csv")) == len(told["differences"])


def test_results_that_cannot_be_compared(home: Path) -> None:
    """Proves: results without a common year, or in money of different years, are refused. Without it numbers of
    different meaning would be subtracted."""
    with xr.open_dataset(home / RESULTS) as opened:
        found = opened.load()
    with pytest.raises(ValueError, match="share no planning year"):
        differences(found, found.assign_coords(year=found["year"] + 1))
    with pytest.raises(ValueError, match="money of different years"):
        differences(found, found.assign_attrs(price_year=1990))
    lacking = found.isel(technology=slice(1, None))
    rows = differences(found, lacking)
    assert (rows.loc[rows["quantity"] == "emissions", "difference"] == 0).all()


@pytest.fixture(scope="module")
def backcast() -> xr.Dataset:
    """The result of the back-cast study over a few days of its year."""
    return Study.read(BACKCAST).override(FEW_DAYS).solve(gap=1e-5).results


@pytest.mark.slow
def test_the_backcast_lies_within_its_bands(backcast: xr.Dataset) -> None:
    """Proves: consumption by zone, the peak, hydropower, marketable gas and refining of 2023 come out of the model
    inside their bands. Without it a change of inputs or equations could leave the country that the figures describe."""
    found = compared(backcast, read_observed(OBSERVED_2023))
    assert all_within(found), verdict(found)
    assert (found["within"] == "yes").sum() >= 6


@pytest.mark.slow
def test_nothing_is_built_in_the_backcast(backcast: xr.Dataset) -> None:
    """Proves: the fleet of 2023 is fixed, only its dispatch is decided. Without it a shortage would be built away."""
    assert float(backcast["new_capacity"].sum()) == 0
    assert float(backcast["link_new_capacity"].sum()) == 0
    assert float(backcast["works_capacity"].sum()) == 0


def test_a_backcast_stands_on_its_base(tmp_path: Path) -> None:
    """Proves: tables that the back-cast lacks are those of the default study, so that one correction serves both.
    Without it the two would drift apart."""
    for name in ("kazakhstan", "kazakhstan-2023"):
        shutil.copytree(ROOT / "inputs" / name, tmp_path / name)
    before = Study.read(tmp_path / "kazakhstan-2023").inputs.digests
    ports = tmp_path / "kazakhstan" / "ports.csv"
    ports.write_text(ports.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = Study.read(tmp_path / "kazakhstan-2023").inputs.digests
    assert {name for name in after if after[name] != before[name]} == {"../kazakhstan/ports.csv"}
