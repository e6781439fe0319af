"""The export command: every format from one file of results, defaults beside it, and what it says when it cannot."""

from __future__ import annotations

import importlib.util
import json
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
import xarray as xr
from click.testing import CliRunner, Result

from model.cli_export import FORMATS, export
from model.outputs.files import write_plan
from model.outputs.netcdf import read_results
from model.study import Study


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the small study in their folder."""
    return write_plan(Study.read("inputs/small").solve(), tmp_path_factory.mktemp("small"))


def call(*arguments: str | Path) -> Result:
    """Run the command in this process; an exception that is no exit fails the test."""
    result = CliRunner().invoke(export, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_beside_the_results(results: Path, form: str) -> None:
    """Proves: without --out each format lands beside the results under its own name, and the command tells where.
    Without it a planner would have to name four files."""
    for package in FORMATS[form].needs:
        pytest.importorskip(package)
    before = results.read_bytes()
    told = call(results, "--to", form, "--json")
    assert told.exit_code == 0, told.output
    path = results.parent / {"gpkg": "results.gpkg", "csv": "results-csv", "xlsx": "results.xlsx"}.get(
        form, "results-iamc.csv"
    )
    assert path.exists()
    assert json.loads(told.stdout) == {"status": "exported", "exit": 0, "format": form, "path": str(path)}
    assert results.read_bytes() == before
    assert not list(results.parent.glob(".*.part"))


def test_from_the_file_as_from_memory(results: Path, tmp_path: Path) -> None:
    """Proves: figures that were written and read again are those of the plan to single precision. Without it the round
    by way of the file could change a unit or lose a variable."""
    assert call(results, "--to", "csv", "--out", tmp_path / "out").exit_code == 0
    rows = (tmp_path / "out" / "cost_kind_year.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "cost_kind,year,cost"
    found = sum(float(row.split(",")[2]) for row in rows[1:])
    assert found == pytest.approx(read_results(results)["cost"].sum().item(), rel=1e-6)
    told = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert told["created"] == told["provenance"]["date_created"]
    assert told["provenance"]["study"] == "small"


@pytest.mark.parametrize(("content", "form"), [("no netcdf", "csv"), ("other", "iamc")])
def test_what_is_no_result(tmp_path: Path, content: str, form: str) -> None:
    """Proves: a text file and a NetCDF file of another program end with exit 2 and one reason, and nothing is written.
    Without it the reader would see a traceback."""
    path = tmp_path / "some.nc"
    if content == "other":
        xr.Dataset({"t2m": ("time", [1.0])}).to_netcdf(path, engine="netcdf4")
    else:
        path.write_text("no netcdf", encoding="utf-8")
    told = call(path, "--to", form, "--out", tmp_path / "out")
    assert told.exit_code == 2
    assert "some.nc" in told.stderr
    assert len(told.stderr.splitlines()) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["some.nc"]
    answer = json.loads(call(path, "--to", form, "--json").stdout)
    assert (answer["status"], answer["exit"], len(answer["problems"])) == ("unusable file", 2, 1)


@pytest.mark.parametrize(("form", "extra"), [("gpkg", "gis"), ("xlsx", "tables")])
def test_a_format_whose_packages_are_absent(
    results: Path, form: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: the message names the packages and the line that installs them. Without it a planner would have to find
    the extra in the sources."""
    find = importlib.util.find_spec

    def absent(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in FORMATS[form].needs else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", absent)
    told = call(results, "--to", form)
    assert told.exit_code == 2
    assert f"pip install '.[{extra}]'" in told.stderr.replace("\n", " ")
    assert FORMATS[form].needs[0] in told.stderr


def test_other_files_are_not_overwritten_by_folders(results: Path, tmp_path: Path) -> None:
    """Proves: --out may be neither the result itself nor, for tables, a folder of something else. Without it a slip
    would destroy the result or a study."""
    before = results.read_bytes()
    assert call(results, "--to", "iamc", "--out", results).exit_code == 2
    (tmp_path / "study.yaml").write_text("mine", encoding="utf-8")
    told = call(results, "--to", "csv", "--out", tmp_path)
    assert told.exit_code == 2
    assert "no package" in told.stderr
    assert results.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["study.yaml"]


def test_a_table_that_cannot_be(results: Path, tmp_path: Path) -> None:
    """Proves: results that would break the IAMC's format end with exit 1 and the reason. Without it the command would
    end with a traceback or write a file that a database refuses."""
    with xr.open_dataset(results, engine="netcdf4", decode_times=False, decode_coords=False) as opened:
        broken = opened.load()
    broken["emissions"].values[:] = float("inf")
    broken.to_netcdf(tmp_path / "broken.nc", engine="netcdf4")
    told = call(tmp_path / "broken.nc", "--to", "iamc", "--out", tmp_path / "out.csv")
    assert told.exit_code == 1
    assert "Emissions|CO2" in told.stderr
    assert not (tmp_path / "out.csv").exists()
