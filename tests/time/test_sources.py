"""The front to weather from files: one Dataset whatever the source, written whole and readable by others."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.problems import InvalidStudy
from model.time.dataset import VARIABLES
from model.time.sources import Source, read_weather, weather_from, write_weather
from tests.time.generated import SITES, cutout, factor, grid, long_table, ninja, sunny, wide_table, written

TABLES = {
    "nodes": pd.DataFrame(
        [
            {"node": "north", "kind": "inside", "lon": 70.0, "lat": 52.0},
            {"node": "abroad", "kind": "outside", "lon": 60.0, "lat": 56.0},
            {"node": "south", "kind": "inside", "lon": 77.0, "lat": 44.0},
        ]
    ),
    "weather_sites": SITES,
}


def files(folder: Path, source: Source) -> list[str]:
    """What a user would name on the command line for each source."""
    if source == "era5":
        return [str(written(grid(), folder / "era5.nc"))]
    if source == "atlite":
        return [str(written(cutout(), folder / "cutout.nc"))]
    if source == "table":
        long_table().to_csv(folder / "own.csv", index=False)
        return [str(folder / "own.csv")]
    wind = [f"wind_cf@{n}={ninja(folder / f'w{n}.csv', factor(k))}" for k, n in enumerate(SITES["node"])]
    sun = [f"pv_fixed_cf@{n}={ninja(folder / f's{n}.csv', sunny(k, noon=7.5))}" for k, n in enumerate(SITES["node"])]
    return wind + sun


@pytest.mark.parametrize("source", ["era5", "atlite", "ninja", "table"])
def test_every_source_has_the_same_schema(source: Source, tmp_path: Path) -> None:
    """Proves: dims, nodes, places and units are one, and a file reads back. Without it plans would differ by source."""
    found = weather_from(source, files(tmp_path, source), TABLES)
    assert found["node"].to_numpy().tolist() == ["north", "south"]
    assert found["lon"].to_numpy().tolist() == [70.0, 77.0]
    assert {"wind_cf", "pv_fixed_cf", "time_bnds"} <= set(found.data_vars) <= {*VARIABLES, "time_bnds"}
    for name in set(found.data_vars) - {"time_bnds"}:
        assert found[name].dims == ("node", "time")
        assert found[name].shape == (2, 8760)
        assert found[name].dtype == np.float32
        assert found[name].attrs["units"] == VARIABLES[str(name)]["units"]
    assert (found.attrs["year"], found.attrs["utc_offset"]) == (2023, "+05:00")
    write_weather(found, tmp_path / "weather" / "own.nc")
    xr.testing.assert_identical(read_weather(tmp_path / "weather" / "own.nc", ["north", "south"]), found)


def test_a_table_for_each_variable(tmp_path: Path) -> None:
    """Proves: variables may come from files of their own. Without it wide tables could hold wind or sun, not both."""
    wide_table().to_csv(tmp_path / "wind.csv", index=False)
    sun = wide_table().assign(north=sunny(0), south=sunny(1))
    sun.to_csv(tmp_path / "sun.csv", index=False)
    found = weather_from("table", [f"wind_cf={tmp_path / 'wind.csv'}", f"pv_fixed_cf={tmp_path / 'sun.csv'}"], TABLES)
    np.testing.assert_allclose(found["pv_fixed_cf"], [sunny(0), sunny(1)], rtol=1e-6)
    sun.assign(time=pd.date_range("2022-01-01", periods=8760, freq="h")).to_csv(tmp_path / "sun.csv", index=False)
    with pytest.raises(InvalidStudy, match=r"pv_fixed_cf, column time: its times are not those of wind_cf"):
        weather_from("table", [f"wind_cf={tmp_path / 'wind.csv'}", f"pv_fixed_cf={tmp_path / 'sun.csv'}"], TABLES)


def test_choices_reach_the_reader(tmp_path: Path) -> None:
    """Proves: turbine and factor change wind alone. Without it the command line would promise in vain."""
    file = files(tmp_path, "era5")
    plain, other = (
        weather_from("era5", file, TABLES),
        weather_from("era5", file, TABLES, turbine="V126/3000", bias={"north": 0.9}),
    )
    for node, share in (("north", 0.9), ("south", 1.0)):
        ratio = other["wind_speed"].sel(node=node) / plain["wind_speed"].sel(node=node)
        np.testing.assert_allclose(ratio, share, rtol=1e-5)
    assert other.attrs["turbine"] == "V126/3000"
    xr.testing.assert_equal(other["pv_fixed_cf"], plain["pv_fixed_cf"])


WRONG: dict[str, tuple[Source, list[str], dict[str, Any], str]] = {
    "nothing": ("era5", [], {}, "there are no files. Name the files of era5"),
    "two cutouts": ("atlite", ["a.nc", "b.nc"], {}, "b.nc: only one cutout can be read. Merge"),
    "no sites": ("era5", ["a.nc"], {"weather_sites": SITES[:1]}, "column node is 'south': the node has no sites"),
    "unclear": ("ninja", ["a.csv"], {}, "a.csv: it is not clear what the file holds. Write variable@node=file.csv"),
    "stranger": ("ninja", ["wind_cf@west=a.csv"], {}, "is not clear what the file holds"),
    "no such variable": (
        "table",
        ["wind=a.csv"],
        {},
        "a.csv is 'wind': there is no such variable. Write variable=file",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_calls_are_told(wrong: str) -> None:
    """Proves: a slip on the command line is named with what to write. Without it the reader would fail on a path."""
    source, paths, tables, message = WRONG[wrong]
    with pytest.raises(InvalidStudy) as caught:
        weather_from(source, paths, {**TABLES, **tables})
    assert message in str(caught.value).replace(", column :", ":")


def test_nodes_without_a_file_are_told(tmp_path: Path) -> None:
    """Proves: every node inside the country needs its file. Without it a node would be without wind."""
    one = f"wind_cf@north={ninja(tmp_path / 'a.csv', factor(0))}"
    with pytest.raises(InvalidStudy, match=r"is 'south': no file is given for the node. Add wind_cf@south=file\.csv"):
        weather_from("ninja", [one], TABLES)


def test_one_place_does_not_serve_all(tmp_path: Path) -> None:
    """Proves: a file of one place is not spread over the country. Without it seventeen nodes would have one wind."""
    with pytest.raises(InvalidStudy, match=r"a\.csv row 4, column north: the column is missing"):
        weather_from("ninja", [f"wind_cf={ninja(tmp_path / 'a.csv', factor(0))}"], TABLES)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a file is replaced whole or not at all. Without it a full disk would leave half a year."""
    found = weather_from("table", files(tmp_path, "table"), TABLES)
    path = tmp_path / "own.nc"
    write_weather(found, path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("model.time.sources.os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        write_weather(found.assign(wind_cf=found["wind_cf"] / 2), path)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["own.csv", "own.nc"]


@pytest.mark.needs("ncdump")
def test_ncdump_reads_the_file(tmp_path: Path) -> None:
    """Proves: names, units and compression are plain NetCDF. Without it only this program could read its weather."""
    write_weather(weather_from("table", files(tmp_path, "table"), TABLES), tmp_path / "own.nc")
    done = subprocess.run(["ncdump", "-hs", str(tmp_path / "own.nc")], capture_output=True, text=True, check=True)
    for line in (
        "float wind_cf(node, time)",
        'time:units = "hours since 2023-01-01',
        'time:bounds = "time_bnds"',
        'temperature:standard_name = "air_temperature"',
        "wind_cf:_DeflateLevel",
        ':utc_offset = "+05:00"',
    ):
        assert line in done.stdout


@pytest.mark.needs("gdalinfo")
def test_gdal_reads_the_file(tmp_path: Path) -> None:
    """Proves: GDAL lists the variables. Without it a map program could not open the file."""
    write_weather(weather_from("table", files(tmp_path, "table"), TABLES), tmp_path / "own.nc")
    done = subprocess.run(["gdalinfo", str(tmp_path / "own.nc")], capture_output=True, text=True, check=True)
    assert 'own.nc":wind_cf' in done.stdout
