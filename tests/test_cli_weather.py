"""The command `weather`: what it writes, prints and refuses, and that a plan can use its file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.time.dataset import VARIABLES
from tests.commands import answer, call
from tests.sources import ROOT
from tests.time.generated import factor, grid, ninja, sunny, written
from tests.time.weather_years import MADE_UP_MONTHS

NODES = ("north", "south", "steppe")
KEYS = {"status", "weather", "charts", "title", "source", "year", "hours", "nodes"}
SITE_COLUMNS = "node,wind_lon,wind_lat,weibull_k,wind_diurnal_summer,sun_lon,sun_lat,altitude,city_lon,city_lat"
SITE_LINES = (
    "north,75,52,2.2,0.1,75,52,300,75,52",
    "south,77,43.5,2,0.1,77,43.5,600,77,43",
    "steppe,71,50,2.2,0.1,71,50,400,71,51",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with the small study in ``study``, given sites and statistics of weather."""
    monkeypatch.chdir(tmp_path)
    assert call("new", "study").exit_code == 0
    units = dict.fromkeys(SITE_COLUMNS.split(",")[1:], "degree") | {"altitude": "m"}
    units |= dict.fromkeys(("weibull_k", "wind_diurnal_summer"), "")
    header = [f"{name} [{unit}]" if (unit := units.get(name)) else name for name in SITE_COLUMNS.split(",")]
    lines = [",".join([*header, "source", "quality"]), *(f"{line},made up,assumption" for line in SITE_LINES)]
    Path("study", "weather_sites.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    weather = pd.read_csv("study/weather.csv")
    units = {"ghi": " [kWh/m**2]", "temperature": " [degC]", "temperature_spread": " [K]", "temperature_swing": " [K]"}
    for name, months in MADE_UP_MONTHS.items():
        if name != "wind_cf":
            weather[name + units.get(name, "")] = weather["month"].map(dict(enumerate(months, 1)))
    weather.to_csv("study/weather.csv", index=False)
    return tmp_path


def own_table(path: Path) -> Path:
    """A table of wind and sun by hour and node for the three regions."""
    hours = pd.date_range("2023-01-01", periods=8760, freq="h").strftime("%Y-%m-%d %H:%M")
    parts = [
        pd.DataFrame({"time": hours, "node": node, "wind_cf": factor(n), "pv_fixed_cf": sunny(n)})
        for n, node in enumerate(NODES)
    ]
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_synthetic_weather_meets_the_statistics(home: Path) -> None:
    """Proves: without options the study's own weather is drawn, written and compared month by month.

    Without it nobody could see whether the drawn year is that of weather.csv.
    """
    done = call("weather", "study", "--json")
    assert done.exit_code == 0, done.stderr
    told = answer(done)
    assert set(told) == KEYS
    assert (told["status"], told["year"], told["hours"], told["charts"]) == ("written", 2023, 8760, None)
    assert told["weather"] == str(Path("results", "small", "weather.nc"))
    assert list(told["nodes"]) == list(NODES)
    wanted = pd.read_csv("study/weather.csv").groupby("node")["wind_cf"].mean()
    for node, numbers in told["nodes"].items():
        wind = numbers["wind_cf"]
        assert abs(wind["worst_deviation"]) < 0.01
        assert wind["mean"] == pytest.approx(wind["statistics"], rel=0.005)
        assert wind["statistics"] == pytest.approx(wanted[node], rel=0.02)
        assert -60 < numbers["temperature"]["lowest"] < 0 < numbers["temperature"]["highest"] < 50
    with xr.open_dataset(told["weather"], engine="netcdf4") as file:
        assert set(VARIABLES) <= set(file.data_vars)
        assert float(file["wind_cf"].sel(node="north").mean()) == pytest.approx(
            told["nodes"]["north"]["wind_cf"]["mean"], abs=1e-5
        )


def test_seed_and_settings_choose_the_year(home: Path) -> None:
    """Proves: --seed and --set say which year is drawn, whatever study.yaml names. Without it all seeds were one."""
    drawn = {}
    for seed in ("1", "2"):
        done = call(
            "weather", "study", "--set", "study.weather=own.nc", "--seed", seed, "--out", f"{seed}.nc", "--json"
        )
        assert answer(done)["title"].endswith(f"seed {seed}")
        with xr.open_dataset(f"{seed}.nc", engine="netcdf4") as file:
            drawn[seed] = file["wind_cf"].to_numpy()
    assert abs(drawn["1"] - drawn["2"]).max() > 0.1


def test_a_plan_uses_the_file(home: Path) -> None:
    """Proves: a table becomes a file that the study takes by name. Without it the user's weather would lead nowhere."""
    done = call("weather", "study", own_table(home / "own.csv"), "--from", "table", "--out", "study/own-2023.nc")
    assert done.exit_code == 0, done.stderr
    assert "To plan with it, write `weather: own-2023.nc` into study.yaml." in done.stdout
    assert "Weather from a table: 2023 beside weather.csv" in done.stdout
    choices = ["study.weather=own-2023.nc", "study.aggregation=representative", "study.representative_periods=4"]
    flags = [part for choice in choices for part in ("--set", choice)]
    assert call("weather", "study", *flags, "--out", "again.nc").exit_code == 0
    with xr.open_dataset("again.nc", engine="netcdf4") as file:
        np.testing.assert_allclose(file["wind_cf"].sel(node="steppe"), factor(2), atol=1e-6)
    planned = call("plan", "study", *flags, "--no-report", "--json")
    assert planned.exit_code == 0, planned.stderr


def test_table_says_how_far_months_are(home: Path) -> None:
    """Proves: the largest deviation is told with its month. Without it a wrong unit in one month would pass unseen."""
    told = answer(call("weather", "study", own_table(home / "own.csv"), "--from", "table", "--json"))
    rows = pd.read_csv("study/weather.csv").query("node == 'south'").set_index("month")["wind_cf"]
    months = pd.Series(factor(1), index=pd.date_range("2023-01-01", periods=8760, freq="h")).groupby(lambda t: t.month)
    away = months.mean() / rows - 1
    wind = told["nodes"]["south"]["wind_cf"]
    assert wind["worst_month"] == away.abs().idxmax()
    assert wind["worst_deviation"] == pytest.approx(away[away.abs().idxmax()], abs=1e-4)
    assert "temperature" not in told["nodes"]["south"]


def test_files_of_a_grid_and_of_places(home: Path) -> None:
    """Proves: ERA5 with a factor, and renewables.ninja by node, reach their readers. Without it options would idle."""
    hours = str(written(grid(), home / "era5.nc"))
    plain = answer(call("weather", "study", hours, "--from", "era5", "--json"))
    call("weather", "study", hours, "--from", "era5", "--bias", "north=0.5", "--turbine", "V126/3000", "--out", "b.nc")
    with xr.open_dataset(plain["weather"], engine="netcdf4") as one, xr.open_dataset("b.nc", engine="netcdf4") as other:
        ratio = other["wind_speed"].mean("time") / one["wind_speed"].mean("time")
        np.testing.assert_allclose(ratio.sel(node=list(NODES)), [0.5, 1, 1], rtol=1e-5)
        assert other.attrs["turbine"] == "V126/3000"
    files = [f"wind_cf@{node}={ninja(home / f'{node}.csv', factor(n))}" for n, node in enumerate(NODES)]
    told = answer(call("weather", "study", *files, "--from", "ninja", "--json"))
    assert set(told["nodes"]["north"]) == {"wind_cf"}


def test_faults_of_a_file_are_listed(home: Path) -> None:
    """Proves: every fault of a table ends in exit 2 with its row, and the old file stays. Without it it were lost."""
    table = own_table(home / "own.csv")
    kept = answer(call("weather", "study", table, "--from", "table", "--json"))["weather"]
    before = Path(kept).read_bytes()
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[5] = lines[5].replace(",north,", ",north,1.7")
    lines[9] = lines[9].rpartition(",")[0] + ",dark"
    table.write_text("\n".join(lines), encoding="utf-8")
    done = call("weather", "study", table, "--from", "table", "--json")
    assert done.exit_code == 2
    told = answer(done)
    assert [(p["file"], p["row"], p["column"]) for p in told["problems"]] == [
        ("own.csv", 6, "wind_cf"),
        ("own.csv", 10, "pv_fixed_cf"),
    ]
    assert Path(kept).read_bytes() == before


def test_charts_are_written(home: Path) -> None:
    """Proves: --charts writes the page and the answer names it. Without it the profiles could not be looked at."""
    table = own_table(home / "own.csv")
    told = answer(call("weather", "study", table, "--from", "table", "--charts", "new/look.html", "--json"))
    assert told["charts"] == str(Path("new", "look.html"))
    page = Path(told["charts"]).read_text(encoding="utf-8")
    assert "<title>Hourly weather: Three regions, a study to learn from</title>" in page


WRONG = {
    "files without a source": (["study", "a.csv"], "--from era5, atlite, ninja or table"),
    "files for a drawn year": (["study", "a.csv", "--from", "synthetic"], "--from era5, atlite, ninja or table"),
    "no files": (["study", "--from", "era5"], "there are no files"),
    "no such file": (["study", "no.nc", "--from", "era5"], "no.nc: the file No such file"),
    "seed of files": (["study", "a.csv", "--from", "table", "--seed", "1"], "--seed goes with synthetic weather"),
    "idle turbine": (["study", "--turbine", "V126/3000"], "--turbine goes with --from era5 or atlite"),
    "idle height": (["study", "a", "--from", "table", "--hub-height", "120"], "--hub-height goes with --from era5"),
    "idle panel": (["study", "a.nc", "--from", "era5", "--panel", "CSi"], "--panel goes with --from atlite"),
    "factor without node": (["study", "a.nc", "--from", "era5", "--bias", "0.9"], "write NODE=FACTOR"),
    "factor in words": (["study", "a.nc", "--from", "era5", "--bias", "north=low"], "'low' is not a number"),
    "factor twice": (["study", "a", "--from", "era5", "--bias", "n=1", "--bias", "n=2"], "each node once"),
    "unusable name": (["study", "--out", "my weather.nc"], "name it like wind-2023.nc"),
    "no study": (["elsewhere"], "there is no such study folder"),
    "file for a study": (["a.nc", "b.nc", "--from", "era5"], "there is no such study folder"),
    "weather that is not there": (["study", "--set", "study.weather=gone.nc"], "gone.nc"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_calls_are_told(home: Path, case: str) -> None:
    """Proves: a call that cannot be meant ends with exit 2 and says why. Without it an option could do nothing."""
    arguments, message = WRONG[case]
    done = call("weather", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("results").exists()


def test_charts_need_their_packages(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: without altair the command says what to install, at once. Without it it would end in a traceback."""
    monkeypatch.setattr("model.cli_shared.find_spec", lambda name: None)
    done = call("weather", "study", "--charts", "look.html")
    assert done.exit_code == 2
    assert "pip install '.[report]'" in done.stderr


def test_without_statistics_all_that_lacks_is_told(home: Path) -> None:
    """Proves: a study without sites is told node by node. Without it the first fault would hide the others."""
    Path("study", "weather_sites.csv").unlink()
    told = answer(call("weather", "study", "--json"))
    assert sorted(problem["value"] for problem in told["problems"]) == list(NODES)


@pytest.mark.slow
def test_default_study(tmp_path: Path) -> None:
    """Proves: the command a user types first works in a process of its own, warnings being errors.

    Without it a library's warning could reach every user.
    """
    command = [sys.executable, "-W", "error", str(ROOT / "run.py"), "weather", str(ROOT / "inputs" / "kazakhstan")]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    nodes = json.loads(done.stdout)["nodes"]
    assert len(nodes) == 17
    assert max(abs(numbers["wind_cf"]["worst_deviation"]) for numbers in nodes.values()) < 0.01
