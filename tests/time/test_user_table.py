"""The user's own tables, by row, by column and as NetCDF: the same weather from each, and every fault by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from model.system.problems import InvalidStudy
from model.time.dataset import weather_dataset
from model.time.reading import check_clock, local_year, spelled
from model.time.sources import write_weather
from model.time.user_table import from_table
from tests.time.generated import SITES, factor, long_table, sunny, wide_table, written

PLACES = {"north": (71.0, 51.0), "south": (76.5, 43.0)}
HOURS = pd.date_range("2023-01-01", periods=8760, freq="h")


def saved(table: pd.DataFrame, path: Path) -> Path:
    """The table as CSV, and its path."""
    table.to_csv(path, index=False)
    return path


def netcdf(**more: npt.ArrayLike) -> xr.Dataset:
    """Weather of two nodes as a user's own program would write it: doubles, time before node, few attributes."""
    values = {"wind_cf": [factor(0), factor(1)], "pv_fixed_cf": [sunny(0), sunny(1)], **more}
    return xr.Dataset(
        {name: (("time", "node"), np.asarray(rows).T) for name, rows in values.items()},
        coords={"node": list(SITES["node"]), "time": HOURS},
    )


def test_long_wide_and_netcdf_are_the_same(tmp_path: Path) -> None:
    """Proves: three ways to write one weather give equal arrays. Without it a study would depend on the file's form."""
    long = from_table(saved(long_table(), tmp_path / "long.csv"), places=PLACES)
    wide = from_table(saved(wide_table(), tmp_path / "wide.csv"), places=PLACES, variable="wind_cf")
    own = from_table(written(netcdf(), tmp_path / "own.nc"), places=PLACES)
    for found in (long, wide, own):
        np.testing.assert_allclose(found["wind_cf"], [factor(0), factor(1)], rtol=1e-6)
        assert found["wind_cf"].dtype == np.float32
        assert found["wind_cf"].attrs == long["wind_cf"].attrs
    xr.testing.assert_equal(own, long.drop_vars("temperature"))
    assert list(wide.data_vars) == ["wind_cf", "time_bnds"]
    assert long["lon"].to_numpy().tolist() == [71.0, 76.5]


def test_a_table_sorted_by_hour_is_the_same(tmp_path: Path) -> None:
    """Proves: rows may go by node or by hour. Without it a sorted export would be refused."""
    by_hour = long_table().sort_values(["time", "node"], kind="stable")
    both = [from_table(saved(table, tmp_path / f"{len(table)}.csv")) for table in (long_table(), by_hour)]
    xr.testing.assert_equal(*both)
    assert "lon" not in both[0].coords


def test_a_leap_year_may_keep_or_lack_its_29_february(tmp_path: Path) -> None:
    """Proves: 8,784 hours, or 8,760 without the day, are both a year. Without it half of all exports would fail."""
    every = pd.date_range("2024-01-01", periods=8784, freq="h")
    short = every[~((every.month == 2) & (every.day == 29))]
    for hours in (every, short):
        found = from_table(saved(long_table(hours), tmp_path / f"{len(hours)}.csv"))
        assert found.sizes["time"] == 8760
        assert not ((found["time"].dt.month == 2) & (found["time"].dt.day == 29)).any()


def test_units_in_the_header_and_comments(tmp_path: Path) -> None:
    """Proves: units may stand in brackets, times may carry +05:00. Without it tables could not say what they hold."""
    table = long_table().rename(columns={"temperature": "temperature [°C]", "wind_cf": "wind_cf [1]"})
    table["time"] = table["time"].str.replace(" ", "T") + "+05:00"
    file = tmp_path / "units.csv"
    file.write_text("# measured\n# by the owner\n" + table.to_csv(index=False), encoding="utf-8-sig")
    found = from_table(file)
    xr.testing.assert_equal(found, from_table(saved(long_table(), tmp_path / "long.csv")))


def cell(column: str, value: object, row: int = 3) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A table with another cell; row 3 is line 5 of the file, 03:00 on 1 January."""

    def edit(table: pd.DataFrame) -> pd.DataFrame:
        text = table.astype(str)
        text.loc[row, column] = str(value)
        return text

    return edit


Damage = tuple[Callable[[pd.DataFrame], pd.DataFrame], int | None, str, str, str]

LONG: Mapping[str, Damage] = {
    "gap": (lambda t: t.drop(index=100), None, "time of north", "the hour is missing", "Fill the gap"),
    "twice": (lambda t: pd.concat([t[:101], t[100:]]), 103, "time of north", "comes twice", "every hour once"),
    "order": (lambda t: t.iloc[[1, 0, *range(2, len(t))]], 3, "time of north", "earlier than", "Sort the file"),
    "not a number": (cell("wind_cf", ""), 5, "wind_cf", "must be a number", "Fill the gap"),
    "text": (cell("wind_cf", "calm"), 5, "wind_cf", "must be a number", "Fill the gap"),
    "above one": (cell("pv_fixed_cf", 1.2), 5, "pv_fixed_cf", "between 0 and 1", "output over capacity"),
    "below zero": (cell("wind_cf", -0.1), 5, "wind_cf", "between 0 and 1", "output over capacity"),
    "zone": (cell("time", "2023-01-01 03:00+06:00"), 5, "time", "local standard time, +05:00", "Shift them"),
    "utc": (cell("time", "2023-01-01T03:00Z"), 5, "time", "local standard time, +05:00", "Shift them"),
    "no time": (cell("time", "1 Jan 2023"), 5, "time", "must be a time such as", "Correct the cell"),
    "no node": (cell("node", ""), 5, "node", "must not be empty", "Fill the cell"),
    "half hour": (cell("time", "2023-01-01 03:30"), 5, "time of north", "must be a full hour", "hourly means"),
    "length": (lambda t: t[t["time"] < "2023-12-01"], None, "time", "a year has 8760 hours", "one whole year"),
    "node short": (lambda t: t[:-1], 8762, "node", "its hours are not those of north", "the same hours"),
    "begin": (
        lambda t: t.assign(time=(pd.to_datetime(t["time"]) + pd.Timedelta(hours=5)).dt.strftime("%Y-%m-%d %H:%M")),
        None,
        "time",
        "must begin at 00:00 on 1 January",
        "Shift UTC by 5 hours",
    ),
    "factors": (
        lambda t: t[["time", "node", "temperature"]],
        None,
        "",
        "neither wind_cf nor pv_fixed_cf",
        "at least one",
    ),
    "missing node": (lambda t: t[t["node"] == "north"], None, "node", "no weather of the node", "every node"),
    "column": (lambda t: t.drop(columns="node"), 1, "node", "the column is missing", "The columns are time, node"),
    "stranger": (lambda t: t.assign(wind=0.3), 1, "wind", "there is no such variable", "Known are wind_cf"),
    "unit": (
        lambda t: t.rename(columns={"temperature": "temperature [K]"}),
        None,
        "temperature",
        "must be degC",
        "Convert",
    ),
    "percent": (lambda t: t.rename(columns={"wind_cf": "wind_cf [%]"}), None, "wind_cf", "must be 1", "Convert"),
}


@pytest.mark.parametrize("damage", LONG)
def test_damaged_tables_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    """Proves: each fault is told with file, line, rule and advice. Without it a plan would rest on broken weather."""
    edit, row, column, rule, advice = LONG[damage]
    refused(saved(edit(long_table()), tmp_path / "own.csv"), row, column, rule, advice)


def refused(path: Path, row: int | None, column: str, rule: str, advice: str, variable: str = "") -> None:
    """Reading the file fails and tells this fault."""
    with pytest.raises(InvalidStudy) as caught:
        from_table(path, nodes=list(SITES["node"]), places=PLACES, variable=variable)
    told = [problem for problem in caught.value.problems if rule in problem.rule]
    assert told, str(caught.value)
    assert (told[0].file, told[0].row, told[0].column) == (path.name, row, column)
    assert advice in told[0].advice


WIDE: Mapping[str, Damage] = {
    "gap": (lambda t: t.drop(index=100), None, "time", "the hour is missing", "Fill the gap"),
    "above one": (cell("south", 1.01), 5, "south", "between 0 and 1", "output over capacity"),
    "column": (lambda t: t.rename(columns={"time": "hour"}), 1, "time", "the column is missing", "one for each node"),
    "missing node": (lambda t: t.drop(columns="south"), None, "node", "no weather of the node", "every node"),
    "two names": (lambda t: t.rename(columns={"south": "north"}), 1, "", "two columns have one name", "of its own"),
}


@pytest.mark.parametrize("damage", WIDE)
def test_damaged_wide_tables_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    """Proves: a column per node is checked as well. Without it faults would hide in wide tables."""
    edit, row, column, rule, advice = WIDE[damage]
    refused(saved(edit(wide_table()), tmp_path / "own.csv"), row, column, rule, advice, "wind_cf")


def with_value(value: float) -> xr.Dataset:
    """A file with another value in one hour of the southern node."""
    wrong = netcdf()
    wrong["wind_cf"][100, 1] = value
    return wrong


NETCDF: Mapping[str, tuple[xr.Dataset, str, str, str]] = {
    "dimension": (netcdf().rename(node="region"), "node", "lacks this dimension", "the dims node and time"),
    "further axis": (
        netcdf().expand_dims(member=[1]),
        "pv_fixed_cf",
        "must be node and time",
        "the dims node and time",
    ),
    "gap": (netcdf().isel(time=np.delete(np.arange(8760), 100)), "time", "the hour is missing", "Fill the gap"),
    "twice": (netcdf().isel(time=[*range(100), *range(99, 8760)]), "time", "the hour comes twice", "every hour once"),
    "order": (netcdf().isel(time=slice(None, None, -1)), "time", "earlier than the one before", "Sort the file"),
    "not a number": (with_value(np.nan), "wind_cf", "south at 2023-01-05T04:00", "Fill the gap"),
    "above one": (with_value(1.5), "wind_cf", "must lie between 0 and 1", "output over capacity"),
    "length": (netcdf().isel(time=slice(0, 8000)), "time", "a year has 8760 hours", "one whole year"),
    "zone": (
        netcdf().assign_attrs(utc_offset="+06:00"),
        "utc_offset",
        "local standard time, +05:00",
        "Shift the hours",
    ),
    "hidden zone": (netcdf(pv_fixed_cf=[sunny(0, noon=7.5)] * 2), "pv_fixed_cf", "not noon", "another time zone"),
    "missing node": (netcdf().sel(node=["north"]), "node", "no weather of the node", "every node"),
    "node twice": (netcdf().sel(node=["north", "north", "south"]), "node", "the node comes twice", "every node once"),
    "factors": (netcdf(ghi=[[0.0] * 8760] * 2)[["ghi"]], "", "neither wind_cf nor pv_fixed_cf", "at least one"),
    "unit": (
        netcdf().assign(temperature=netcdf()["wind_cf"].assign_attrs(units="K")),
        "temperature",
        "must be degC",
        "Convert",
    ),
    "calendar": (netcdf().assign_coords(time=np.arange(8760)), "time", "no calendar", "hours since a date"),
}


@pytest.mark.parametrize("damage", NETCDF)
def test_damaged_netcdf_is_refused_by_name(damage: str, tmp_path: Path) -> None:
    """Proves: each fault is told with file, rule and advice. Without it a plan would rest on broken weather."""
    wrong, column, rule, advice = NETCDF[damage]
    refused(written(wrong, tmp_path / "own.nc"), None, column, rule, advice)


def test_faults_come_together(tmp_path: Path) -> None:
    """Proves: three faults of one file are told at once. Without it a user would mend one and meet the next."""
    table = cell("wind_cf", 2)(
        cell("pv_fixed_cf", "", 7)(long_table().rename(columns={"temperature": "temperature [K]"}))
    )
    with pytest.raises(InvalidStudy) as caught:
        from_table(saved(table, tmp_path / "own.csv"))
    assert [(p.column, p.row) for p in caught.value.problems] == [
        ("temperature", None),
        ("wind_cf", 5),
        ("pv_fixed_cf", 9),
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Proves: missing, binary, empty and cut files are told as such. Without it a user would see a traceback."""
    refused(tmp_path / "none.csv", None, "", "cannot be read as CSV", "Check its name")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81" * 100)
    refused(tmp_path / "binary.csv", None, "", "cannot be read as CSV", "save it again")
    (tmp_path / "empty.csv").write_text("time,node,wind_cf\n\n", encoding="utf-8")
    refused(tmp_path / "empty.csv", None, "", "holds no rows", "make it again")
    whole = written(netcdf(), tmp_path / "whole.nc").read_bytes()
    (tmp_path / "cut.nc").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "cut.nc", None, "", "cannot be read as NetCDF", "cut short")


@pytest.mark.parametrize("unit", ["m s**-1", "m/s", "m s-1", "m * s^-1", " m  s-1 "])
def test_units_have_one_spelling(unit: str) -> None:
    """Proves: all ways to write metres a second are one. Without it files would be refused for an asterisk."""
    assert spelled(unit) == "m s-1"


@given(st.integers(1, 8700), st.integers(1, 48))
def test_any_gap_is_found_where_it_begins(start: int, length: int) -> None:
    """Proves: a gap of any length is named by its first hour. Without it a user would search 8,760 rows."""
    found = check_clock(HOURS.delete(range(start, min(start + length, 8759))), "own.csv")
    assert [(problem.rule, problem.value) for problem in found] == [
        ("the hour is missing", f"{HOURS[start]:%Y-%m-%d %H:%M}")
    ]


@given(st.integers(2000, 2050), st.integers(0, 5), st.integers(0, 30))
def test_a_local_year_is_whole_or_refused(year: int, before: int, after: int) -> None:
    """Proves: any start in the old year's last five hours makes a whole local year. Without it hours would lack."""
    hours = pd.date_range(f"{year}-01-01", f"{year}-12-31 23:00", freq="h")
    stamps = pd.date_range(hours[0] - pd.Timedelta(hours=before), hours[-1] + pd.Timedelta(hours=after), freq="h")
    values = xr.Dataset({"stamp": ("time", stamps.to_numpy())}, coords={"time": stamps})
    found, problems = local_year(values, "era5.nc")
    assert problems == []
    assert found.sizes["time"] == len(hours) + 1
    assert found.attrs["wrapped_hours"] == 5 - before
    own = found.isel(time=slice(5 - before, -1))
    assert (own["time"].to_numpy() - own["stamp"].to_numpy() == np.timedelta64(5, "h")).all()


def test_the_attributes_of_a_file_stand(tmp_path: Path) -> None:
    """Proves: title, source and seed of a file are kept. Without it results could not say which weather they had."""
    made = weather_dataset(
        {"wind_cf": [factor(0)]}, {"north": (71.0, 51.0)}, HOURS, title="Measured", source="mast 7", seed=3
    )
    write_weather(made, tmp_path / "made.nc")
    found = from_table(tmp_path / "made.nc")
    assert {name: found.attrs[name] for name in ("title", "source", "seed")} == {
        "title": "Measured",
        "source": "mast 7",
        "seed": 3,
    }
