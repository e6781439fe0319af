"""The command line: what it prints, which exit codes it gives, and that a user's mistake never ends in a traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import highspy
import netCDF4
import numpy as np
import pytest
import xarray as xr

from model.cli import main
from model.version import VERSION
from tests.commands import RESULTS, answer, call, copied, planned
from tests.sources import ROOT

SINGLE = {"status", "objective", "currency", "price_year", "rows", "columns", "nonzeros"}
KEYS = SINGLE | {"seconds", "certificate", "results", "report"}
SECONDS = {"read", "build", "handover", "solve", "certify", "write"}
IMPOSSIBLE = ["--set", "targets.wind_energy.hard=1", "--set", "targets.wind_energy.value=60"]
"""A goal that no plan reaches and that may not be missed."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small study and the result of planning it there; not to be changed."""
    return planned(tmp_path_factory.mktemp("home"))


@pytest.fixture
def own(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``home`` to change, and to be in."""
    return copied(home, tmp_path / "own", monkeypatch)


def test_help_lists_the_commands() -> None:
    """Proves: --help names every command, and each explains itself. Without it a user could not find them."""
    shown = call("--help")
    assert shown.exit_code == 0
    for name in main.commands:
        assert f"\n  {name} " in shown.stdout
        assert call(name, "--help").exit_code == 0


def test_version() -> None:
    """Proves: --version tells the version of the package. Without it a report of a fault could not name it."""
    assert call("--version").stdout.split()[-1] == VERSION


def test_importing_the_commands_is_light() -> None:
    """Proves: the commands load pandas, xarray and Pyomo only when they run. Without it --help would take seconds."""
    code = "import sys, model.cli; print(sorted({'pandas', 'xarray', 'pyomo', 'highspy', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_new_copies_the_small_study(tmp_path: Path) -> None:
    """Proves: `new` gives a study that has no errors, and never writes over files. Without it work could be lost."""
    folder = tmp_path / "mine"
    assert call("new", folder).exit_code == 0
    assert call("check", folder).exit_code == 0
    assert {path.name for path in folder.iterdir()} == {path.name for path in (ROOT / "inputs" / "small").iterdir()}
    (folder / "study.yaml").write_text("name: kept\n", encoding="utf-8")
    assert call("new", folder).exit_code == 2
    assert (folder / "study.yaml").read_text(encoding="utf-8") == "name: kept\n"


def test_check_of_a_valid_study(own: Path) -> None:
    """Proves: a valid study gives exit 0 and the count of its assumptions.

    Without it nobody would see what is assumed.
    """
    found = call("check", "study", "--json")
    assert found.exit_code == 0
    told = answer(found)
    assert (told["status"], told["exit"], told["problems"]) == ("valid", 0, [])
    assert told["assumptions"]["plants"] == 5


def test_check_lists_every_error(own: Path) -> None:
    """Proves: two mistakes in two files are told together, with file, row and column.

    Without it one would be hidden.
    """
    changes = ["--set", "plants.First wind farm.capacity=-1", "--set", "nodes.south.lat=430"]
    found = call("check", "study", "--json", *changes)
    assert found.exit_code == 2
    told = answer(found)
    assert (told["status"], told["exit"]) == ("invalid", 2)
    places = [(problem["file"], problem["row"], problem["column"]) for problem in told["problems"]]
    assert places == [("nodes.csv", 3, "lat"), ("plants.csv", 6, "capacity")]
    assert set(told["problems"][0]) == {"file", "row", "column", "value", "rule", "advice"}
    plain = call("check", "study", *changes)
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert "plants.csv row 6, column capacity" in plain.stderr


def test_plan_prints_what_the_contract_says(own: Path) -> None:
    """Proves: --json has the agreed keys and values in USD, and the path from here. Without it scripts would break."""
    told = json.loads((own / "plan.json").read_text(encoding="utf-8"))
    assert set(told) == KEYS
    assert set(told["seconds"]) == SECONDS
    assert set(told["certificate"]) == {"primal", "dual", "gap"}
    assert (told["status"], told["currency"], told["price_year"]) == ("optimal", "USD", 2025)
    assert told["results"] == str(RESULTS)
    assert 1e9 < told["objective"] < 1e11
    assert max(told["certificate"].values()) < 1e-6
    assert {path.name for path in RESULTS.parent.iterdir()} == {"results.nc", "certificate.nc", "run.log"}


def test_file_says_what_plan_printed(own: Path) -> None:
    """Proves: the file's attributes equal the JSON.

    Without it a result could not be trusted once its terminal is gone.
    """
    told = json.loads((own / "plan.json").read_text(encoding="utf-8"))
    with netCDF4.Dataset(RESULTS) as file:
        attrs = {name: file.getncattr(name) for name in file.ncattrs()}
    for name in SINGLE:
        assert attrs[name] == told[name]
    for group in ("seconds", "certificate"):
        assert {name: attrs[f"{group}_{name}"] for name in told[group]} == told[group]


def test_variables_of_the_file_have_units(own: Path) -> None:
    """Proves: every variable of the file says its meaning, every number its unit. Without it GW could be read as MW."""
    with xr.open_dataset(RESULTS, engine="netcdf4") as opened:
        results = opened.load()
    told = {str(name): v for name, v in results.data_vars.items() if name != "time_bnds"}
    scalars = {name for name, v in told.items() if v.attrs.get("purpose") == "geometry" and not v.dims}
    assert scalars, "no containers of geometry"
    assert [name for name, v in told.items() if not v.attrs.get("long_name")] == []
    numbers = [name for name, v in told.items() if v.dtype.kind in "fiu" and name not in scalars]
    assert [name for name in numbers if not told[name].attrs.get("units")] == []


def test_plan_shows_the_ledger_first(own: Path) -> None:
    """Proves: without --json the goals come first and the certified cost last.

    Without it a planner would have to search.
    """
    shown = call("plan", "study").stdout
    assert shown.startswith("Targets")
    assert shown.index("Wind power gives 6 TWh a year") < shown.index("Capacity in operation")
    assert "certified to a gap" in shown
    assert f"Results: {RESULTS}" in shown
    page = RESULTS.with_name("report.html")
    assert f"Report: {page}" in shown
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_out_scenario_and_set(own: Path) -> None:
    """Proves: --scenario, --set and --out say what is planned and where it goes. Without it runs would mix."""
    named = answer(call("plan", "study", "--scenario", "dear-co2", "--no-report", "--json"))
    assert named["results"] == str(Path("results", "small", "dear-co2", "results.nc"))
    elsewhere = own / "else where"
    cell = call("plan", "study", "--set", "emissions[year=2030].price=50", "--out", elsewhere, "--no-report", "--json")
    assert answer(cell)["objective"] == pytest.approx(named["objective"], rel=1e-9)
    with xr.open_dataset(elsewhere / "results.nc", engine="netcdf4") as results:
        assert json.loads(results.attrs["changes"]) == [["emissions.csv", 3, "price", "5", "50"]]
    assert call("verify", elsewhere / "results.nc").exit_code == 0


@pytest.mark.parametrize("gap", ["1e-8", "1e-3"])
def test_gap_is_kept_in_the_file(own: Path, gap: str) -> None:
    """Proves: --gap reaches the certificate. Without it the plan would be proved to another gap than was asked for."""
    told = answer(call("plan", "study", "--gap", gap, "--no-report", "--json"))
    assert told["certificate"]["gap"] <= float(gap)
    with xr.open_dataset(RESULTS, engine="netcdf4") as results:
        assert results.attrs["wanted_gap"] == float(gap)


@pytest.mark.parametrize("solver", ["ipx", "hipo"])
def test_solvers_agree(own: Path, solver: str) -> None:
    """Proves: another method gives the same cost. Without it --solver could name a method that is not used."""
    told = answer(call("plan", "study", "--solver", solver, "--out", "other", "--no-report", "--json"))
    before = json.loads((own / "plan.json").read_text(encoding="utf-8"))
    assert told["objective"] == pytest.approx(before["objective"], rel=1e-6)
    with xr.open_dataset(Path("other", "results.nc"), engine="netcdf4") as results:
        assert str(results.attrs["solver"]).startswith(solver)


def test_infeasible_study(own: Path) -> None:
    """Proves: no plan means exit 1, a reason, and the old result untouched.

    Without it a failure could look like a plan.
    """
    before = RESULTS.read_bytes()
    found = call("plan", "study", "--json", *IMPOSSIBLE)
    assert found.exit_code == 1
    told = answer(found)
    assert set(told) == {"status", "exit", "problems"}
    assert (told["status"], told["exit"]) == ("infeasible", 1)
    assert told["problems"]
    assert RESULTS.read_bytes() == before


def test_time_limit(own: Path) -> None:
    """Proves: a limit that is too short ends with exit 1 and says so. Without it it would look like infeasibility."""
    found = call("plan", "study", "--json", "--time-limit", "1e-9", "--out", "hasty")
    assert (found.exit_code, answer(found)["status"]) == (1, "time_limit")
    assert not Path("hasty", "results.nc").exists()


def test_mps_has_the_same_optimum(own: Path) -> None:
    """Proves: the MPS file is the program that was solved. Without it another solver would check something else."""
    target = Path("new folder", "small.mps")
    written = call("lp", "study", "--out", target)
    assert written.exit_code == 0, written.stderr
    told = json.loads((own / "plan.json").read_text(encoding="utf-8"))
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(target)) == highspy.HighsStatus.kOk
    highs.run()
    assert (highs.getNumRow(), highs.getNumCol()) == (told["rows"], told["columns"])
    assert np.isclose(highs.getInfo().objective_function_value * 1e6, told["objective"], rtol=1e-9)


WRONG = (
    ("plan", "no-such-study"),
    ("plan", "study/study.yaml"),
    ("plan", "study", "--scenario", "unheard-of"),
    ("plan", "study", "--scenario", "../../study"),
    ("plan", "study", "--set", "nonsense"),
    ("plan", "study", "--set", "study.colour=blue"),
    ("plan", "study", "--set", "study.years=["),
    ("plan", "study", "--set", "study.years=soon"),
    ("plan", "study", "--set", "plants.Nowhere.capacity=1"),
    ("plan", "study", "--set", "plants.First wind farm.colour=1"),
    ("plan", "study", "--set", "plants[x].capacity=1"),
    ("plan", "study", "--set", "plants.First wind farm.capacity=much"),
    ("plan", "study", "--set", "plants.First wind farm.capacity=nan"),
    ("plan", "study", "--set", "plants.First wind farm.technology=windmill"),
    ("plan", "study", "--solver", "magic"),
    ("plan", "study", "--gap", "-1"),
    ("plan", "study", "--time-limit", "0"),
    ("plan", "study", "--resolution", "minutely"),
    ("plan", "study", "--out", "plan.json"),
    ("plan", "study", "--out", "plan.json/below"),
    ("plan", "study", "extra"),
    ("plan", "empty"),
    ("check", "broken"),
    ("lp", "study"),
    ("lp", "study", "--out", "plan.json/below/file.mps"),
    ("verify",),
    ("verify", "no-such-file.nc"),
    ("verify", "study"),
    ("new",),
    ("new", "study"),
    ("new", "plan.json"),
    ("unknown-command",),
    ("--unknown-option",),
)


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_usage_is_told(own: Path, arguments: tuple[str, ...]) -> None:
    """Proves: a wrong call ends with exit 2 and a message, nothing on stdout.

    Without it a user would meet a traceback.
    """
    Path("empty").mkdir()
    shutil.copytree("study", "broken")
    Path("broken", "nodes.csv").write_bytes(b'\xff\xfe\x00 node,"name\n')
    Path("broken", "study.yaml").write_text("name: [\n", encoding="utf-8")
    found = call(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr.strip()
    assert "Traceback" not in found.stderr
