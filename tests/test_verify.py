"""`verify` proves a result again from the file and the inputs, and names what is no longer as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import netCDF4
import pytest
import xarray as xr

from tests.commands import RESULTS, answer, call, copied, planned


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
    call("plan", "study", "--scenario", "dear-co2", "--out", "foreign")
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
