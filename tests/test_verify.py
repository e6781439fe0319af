"""`verify` proves a result again from the file and the inputs, and names what is no longer as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import pytest
import xarray as xr

from tests.commands import RESULTS, answer, call, copied, planned
from tests.studies import technology, write_study


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small study and the result of planning it there; not to be changed."""
    return planned(tmp_path_factory.mktemp("home"))


@pytest.fixture
def own(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``home`` to change, and to be in."""
    return copied(home, tmp_path / "own", monkeypatch)


def test_verify_repeats_the_certificate(own: Path) -> None:
    """Proves: an untouched result verifies, also from another folder. Without it results could not be handed on."""
    found = call("verify", RESULTS, "--json")
    assert found.exit_code == 0, found.stdout
    told = answer(found)
    assert told["status"] == "verified"
    assert set(told["certificate"]) >= {"primal", "dual", "gap"}


def change_demand(own: Path) -> None:
    """Another number in an input file."""
    path = own / "study" / "demands.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("6.5", "6.4", 1), encoding="utf-8")


def change_comment(own: Path) -> None:
    """Another word in an input file, without effect on the program."""
    path = own / "study" / "demands.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("made up", "invented", 1), encoding="utf-8")


def remove_optional_table(own: Path) -> None:
    """An input file less."""
    (own / "study" / "build_limits.csv").unlink()


def change_value(own: Path) -> None:
    """One capacity in the file."""
    with netCDF4.Dataset(RESULTS, "a") as file:
        values = file["capacity"][:]
        values[0, 0, 0] += 0.001
        file["capacity"][:] = values


def change_label(own: Path) -> None:
    """One label in the file: the year in which a goal is met."""
    with netCDF4.Dataset(RESULTS, "a") as file:
        file["target_year_met"][:] = 2025


def change_objective(own: Path) -> None:
    """The cost that the file tells."""
    with netCDF4.Dataset(RESULTS, "a") as file:
        file.setncattr("objective", float(file.getncattr("objective")) * 0.99)


def add_variable(own: Path) -> None:
    """A variable that no plan has."""
    with netCDF4.Dataset(RESULTS, "a") as file:
        file.createVariable("savings", "f8", ("year",))[:] = 1.0


def remove_companion(own: Path) -> None:
    """A result alone."""
    RESULTS.with_name("certificate.nc").unlink()


def foreign_companion(own: Path) -> None:
    """The companion of another result."""
    call("plan", "study", "--scenario", "dear-co2", "--out", "foreign", "--no-report")
    shutil.copy(Path("foreign", "certificate.nc"), RESULTS.with_name("certificate.nc"))


def change_companion(own: Path) -> None:
    """One value of the stored solution."""
    with netCDF4.Dataset(RESULTS.with_name("certificate.nc"), "a") as file:
        values = file["primal"][:]
        values[0] += 1.0
        file["primal"][:] = values


def strange_companion(own: Path) -> None:
    """Some other NetCDF file under the companion's name."""
    xr.Dataset({"x": 1}).to_netcdf(RESULTS.with_name("certificate.nc"))


def strange_file(own: Path) -> None:
    """A file that is no NetCDF under the result's name."""
    RESULTS.write_bytes(b"not a result")


def foreign_file(own: Path) -> None:
    """A NetCDF file that is no result."""
    RESULTS.unlink()
    xr.Dataset({"x": 1}).to_netcdf(RESULTS)


TAMPERINGS = (
    (change_demand, "demands.csv has changed"),
    (change_comment, "demands.csv has changed"),
    (remove_optional_table, "build_limits.csv has changed"),
    (change_value, "capacity in the file is not"),
    (change_label, "target_year_met in the file is not"),
    (change_objective, "the objective in the file"),
    (add_variable, "savings in the file is no part"),
    (remove_companion, "no companion"),
    (foreign_companion, "no companion"),
    (change_companion, "the stored solution has been changed"),
    (strange_companion, "no companion"),
    (strange_file, "results.nc"),
    (foreign_file, "no result of this program"),
)


@pytest.mark.parametrize(("tamper", "told"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS])
def test_verify_detects(own: Path, tamper: Callable[[Path], None], told: str) -> None:
    """Proves: what is no longer as it was written is named, with exit 1.

    Without it a changed file would pass as a plan.
    """
    tamper(own)
    found = call("verify", RESULTS, "--json")
    assert found.exit_code == 1
    assert answer(found)["status"] == "unverified"
    assert told in " ".join(answer(found)["problems"])


@pytest.mark.parametrize("secured", [False, True], ids=["power flow", "power flow and N-1"])
def test_verify_repeats_the_last_pass(tmp_path: Path, secured: bool) -> None:
    """Proves: a result of power flow, with N-1 or without, verifies with the reactances and the moments of its last
    pass, and one whose reactances were changed does not. Without the state of the network the program would be that of
    the first pass."""
    wired: dict[str, Any] = {"reactance": 50, "voltage": "500", "capacity": 0.2, "expansion": 2}
    lost: dict[str, Any] = {
        "security": "n-1",
        "contingencies": [{"contingency": "loss of second", "link": "second", "share": 1}],
        "targets": [{"target": "secure", "sense": "max", "value": 0, "penalty": 90}],
        "target_terms": [{"target": "secure", "measure": "insecure", "select": "all"}],
    }
    study = write_study(
        tmp_path / "study",
        technology("line", kind="link", length_cost=1, lifetime=20, wacc=0),
        network="dc",
        years=(2025, 2030),
        links=[{"link": "north_south", **wired}, {"link": "second", **wired}],
        **(lost if secured else {}),
    )
    results = tmp_path / "out" / "results.nc"
    told = answer(call("plan", study, "--out", tmp_path / "out", "--no-report", "--json"))
    assert len(told["passes"]) > 1, told
    found = call("verify", results, "--json")
    assert found.exit_code == 0, found.stdout
    with netCDF4.Dataset(results, "a") as file:
        file["network_capacity"][0] = 1.5 * file["network_capacity"][0]
    assert "the linear program is another one" in " ".join(answer(call("verify", results, "--json"))["problems"])
