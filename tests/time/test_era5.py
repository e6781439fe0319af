"""ERA5 files of any layout become the same weather, equal to what a person works out; damaged ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.problems import InvalidStudy
from model.time.dataset import check_weather
from model.time.era5 import from_era5
from model.time.sun import pv_capacity_factors, sky_of
from model.time.wind import wind_capacity_factor
from tests.time import generated
from tests.time.generated import LOCAL_YEAR, SITES, UTC_YEAR, Floats, grid, new_layout, old_expver, packed, written

Edit = Callable[[xr.Dataset], xr.Dataset]
HALF_HOUR_OF_PACKING = 2e-3
"""Half a step of 16 bits over the range of wind, m/s, with room."""


@lru_cache
def base(variables: tuple[str, ...] = generated.USUAL) -> xr.Dataset:
    """The year in the old layout."""
    return grid(variables=variables)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """The weather of one file in the old layout."""
    return from_era5([written(base(), tmp_path_factory.mktemp("era5") / "era5.nc")], SITES)


def values(name: str, site: str, hours: pd.DatetimeIndex = LOCAL_YEAR) -> Floats:
    """What the formula gives at a kind of site, (node, stamp)."""
    return generated.at(name, hours, SITES[f"{site}_lat"], SITES[f"{site}_lon"]).T


def mean(stamps: Floats) -> Floats:
    """Mean over each hour of what stands at its ends."""
    return (stamps[:, :-1] + stamps[:, 1:]) / 2


def speed() -> Floats:
    """Wind at 100 m at the wind sites over each local hour, m/s."""
    return mean(np.sqrt(values("u100", "wind") ** 2 + values("v100", "wind") ** 2))


def irradiance(name: str = "ssrd") -> Floats:
    """Sums of the hour that ends at the next stamp, as W/m2."""
    return values(name, "sun")[:, 1:] / 3600


def panels(diffuse: Sequence[Floats | None]) -> tuple[Floats, Floats]:
    """Fixed and tracking capacity factors at the solar sites, (node, hour)."""
    hours, warm = pd.date_range("2023-01-01", periods=8760, freq="h"), mean(values("t2m", "sun")) - 273.15
    found = [
        pv_capacity_factors(sky_of(hours, row["sun_lat"], row["sun_lon"], row["altitude"]), ghi, t, other)
        for row, ghi, t, other in zip(SITES.to_dict("records"), irradiance(), warm, diffuse, strict=True)
    ]
    return np.array([fixed for fixed, _ in found]), np.array([tracking for _, tracking in found])


def test_hours_sites_and_units(plain: xr.Dataset) -> None:
    """Proves: local hours, values between grid points, means of hours. Without it noon would come five hours late."""
    assert check_weather(plain, list(SITES["node"]), "era5.nc") == []
    assert str(plain["time"].to_numpy()[0]) == "2023-01-01T00:00:00.000000000"
    np.testing.assert_allclose(plain["wind_speed"], speed(), rtol=1e-4)
    np.testing.assert_allclose(plain["ghi"], irradiance(), rtol=1e-4, atol=0.01)
    np.testing.assert_allclose(plain["temperature"], mean(values("t2m", "city")) - 273.15, atol=1e-3)
    assert plain.attrs["wrapped_hours"] == 0


def test_capacity_factors_are_those_of_wind_and_sun(plain: xr.Dataset) -> None:
    """Proves: each site's own temperature and height count. Without it the same wind would give other energy."""
    warm = mean(values("t2m", "wind")) - 273.15
    expected = wind_capacity_factor(speed(), warm, SITES["altitude"].to_numpy()[:, None])
    np.testing.assert_allclose(plain["wind_cf"], expected, atol=1e-4)
    fixed, tracking = panels([None, None])
    np.testing.assert_allclose(plain["pv_fixed_cf"], fixed, atol=1e-4)
    np.testing.assert_allclose(plain["pv_tracking_cf"], tracking, atol=1e-4)
    assert fixed.max() > 0.5


def halves(whole: xr.Dataset) -> list[xr.Dataset]:
    """Two files by time, the later one first."""
    return [whole.isel({whole["u100"].dims[0]: cut}) for cut in (slice(4000, None), slice(None, 4000))]


LAYOUTS: Mapping[str, Callable[[xr.Dataset], list[xr.Dataset]]] = {
    "new store": lambda old: [new_layout(old)],
    "new store, by month": lambda old: halves(new_layout(old)),
    "new store, by kind of step": lambda old: [
        new_layout(old[["u100", "v100", "t2m", "fsr"]]),
        new_layout(old[["ssrd"]]),
    ],
    "preliminary hours on an axis": lambda old: [old_expver(old)],
    "south to north": lambda old: [old.sortby("latitude")],
    "one member on an axis": lambda old: [old.expand_dims(number=[0]).transpose("time", ...)],
    "wind in files of its own": lambda old: [old[["u100"]], old[["v100"]], old.drop_vars(["u100", "v100"])],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_the_same_weather(layout: str, plain: xr.Dataset, tmp_path: Path) -> None:
    """Proves: old and new store, any split, give equal arrays. Without it a download of 2026 would read as another."""
    parts = LAYOUTS[layout](base())
    files = [written(part, tmp_path / f"{number}.nc") for number, part in enumerate(parts)]
    xr.testing.assert_identical(from_era5(files, SITES), plain)


def test_packed_files_are_unpacked(plain: xr.Dataset, tmp_path: Path) -> None:
    """Proves: 16-bit files differ by their rounding alone. Without it whole numbers would be taken for m/s."""
    found = from_era5([written(base(), tmp_path / "packed.nc", encoding=packed(base()))], SITES)
    np.testing.assert_allclose(found["wind_speed"], plain["wind_speed"], atol=HALF_HOUR_OF_PACKING)
    assert float(found["ghi"].min()) == 0


def test_longitudes_up_to_360(tmp_path: Path) -> None:
    """Proves: 330 degrees east is 30 degrees west. Without it sites of such files would lie outside the grid."""
    west = SITES.assign(**{name: SITES[name] - 100 for name in ("wind_lon", "sun_lon", "city_lon")})
    files = [
        written(grid(longitudes=generated.LONGITUDES + shift, noon=14), tmp_path / f"{shift:g}.nc")
        for shift in (-100, 260)
    ]
    minus, plus = (from_era5([file], west) for file in files)
    np.testing.assert_allclose(minus["wind_speed"], plus["wind_speed"], rtol=1e-5)
    assert float(minus["lon"].max()) < 0


def test_a_year_of_utc_is_closed_from_its_end(plain: xr.Dataset, tmp_path: Path) -> None:
    """Proves: five hours come from 31 December, and the file says so. Without it such files would be useless."""
    found = from_era5([written(grid(UTC_YEAR), tmp_path / "utc.nc")], SITES)
    assert found.attrs["wrapped_hours"] == 5
    xr.testing.assert_equal(found.isel(time=slice(5, None)), plain.isel(time=slice(5, None)))
    stamps = pd.DatetimeIndex([*UTC_YEAR[-5:], UTC_YEAR[0]])
    both = np.sqrt(values("u100", "wind", stamps) ** 2 + values("v100", "wind", stamps) ** 2)
    np.testing.assert_allclose(found["wind_speed"].isel(time=slice(0, 5)), mean(both), rtol=1e-4)
    np.testing.assert_allclose(
        found["ghi"].isel(time=slice(0, 4)), values("ssrd", "sun", stamps)[:, 1:5] / 3600, atol=0.01
    )


def test_a_leap_year_loses_its_29_february(tmp_path: Path) -> None:
    """Proves: 8,784 hours become 8,760 and 1 March keeps its own. Without it the year would shift by a day."""
    hours = pd.date_range("2023-12-31 19:00", "2024-12-31 19:00", freq="h")
    found = from_era5([written(grid(hours), tmp_path / "leap.nc")], SITES)
    assert found.sizes["time"] == 8760
    march = hours.get_loc(pd.Timestamp("2024-02-29 19:00"))
    warm = values("t2m", "city", hours[march : march + 2]).mean(axis=1) - 273.15
    np.testing.assert_allclose(found["temperature"].sel(time="2024-03-01T00:00"), warm, atol=1e-3)


def test_a_higher_hub_sees_more_wind(tmp_path: Path) -> None:
    """Proves: v x ln(140/z0) / ln(100/z0). Without it tall turbines would be sold short."""
    found = from_era5([written(base(), tmp_path / "era5.nc")], SITES, hub_height=140)
    rough = mean(values("fsr", "wind"))
    hub = speed() * np.log(140 / rough) / np.log(100 / rough)
    warm, height = mean(values("t2m", "wind")) - 273.15, SITES["altitude"].to_numpy()[:, None]
    np.testing.assert_allclose(found["wind_cf"], wind_capacity_factor(hub, warm, height), atol=2e-4)
    np.testing.assert_allclose(found["wind_speed"], speed(), rtol=1e-4)


def test_measured_pressure_and_direct_light_are_used(plain: xr.Dataset, tmp_path: Path) -> None:
    """Proves: sp makes the density and fdir the diffuse light. Without it better data would be thrown away."""
    every = base((*generated.USUAL, "fdir", "sp"))
    found = from_era5([written(every, tmp_path / "every.nc")], SITES)
    fixed, _ = panels(list(irradiance() - irradiance("fdir")))
    np.testing.assert_allclose(found["pv_fixed_cf"], fixed, atol=1e-4)
    assert float(abs(found["pv_fixed_cf"] - plain["pv_fixed_cf"]).max()) > 0.01
    kelvin, pressure = mean(values("t2m", "wind")), mean(values("sp", "wind"))
    dense = speed() * (pressure / (287.05 * kelvin) / 1.225) ** (1 / 3)
    at_sea = wind_capacity_factor(dense, np.full_like(dense, 101325 / (287.05 * 1.225) - 273.15), 0.0)
    np.testing.assert_allclose(found["wind_cf"], at_sea, atol=2e-4)


def test_a_factor_corrects_the_speed_of_a_node(plain: xr.Dataset, tmp_path: Path) -> None:
    """Proves: 1.2 at one node and nothing at the other, told in the file. Without it a level could not be mended."""
    found = from_era5([written(base(), tmp_path / "era5.nc")], SITES, bias={"south": 1.2})
    ratio = found["wind_speed"] / plain["wind_speed"]
    assert ratio.sel(node="south").to_numpy() == pytest.approx(1.2, rel=1e-5)
    assert ratio.sel(node="north").to_numpy() == pytest.approx(1.0)
    assert found.attrs["wind_speed_bias"] == "south 1.2"


def holed(old: xr.Dataset) -> xr.Dataset:
    """A grid without a value in one hour at one point next to the southern wind site."""
    wind = old["u100"].copy(deep=True)
    wind[3000, 3, 3] = np.nan
    return old.assign(u100=wind)


def with_light(old: xr.Dataset, light: xr.DataArray) -> xr.Dataset:
    """The grid with other sums of radiation."""
    return old.assign(ssrd=light.transpose("time", ...).assign_attrs(units="J m**-2"))


def swapped(old: xr.Dataset) -> xr.Dataset:
    """Two hours in the wrong order."""
    order = np.arange(old.sizes["time"])
    order[[100, 101]] = order[[101, 100]]
    return old.isel(time=order)


DAMAGES: Mapping[str, tuple[Edit, str, str, str]] = {
    "variable": (lambda old: old.drop_vars("ssrd"), "ssrd", "the files lack this variable", "Download it"),
    "unit": (
        lambda old: old.assign(ssrd=old["ssrd"].assign_attrs(units="W m**-2")),
        "ssrd",
        "must be J m-2",
        "Convert",
    ),
    "gap": (lambda old: old.isel(time=np.delete(np.arange(8761), 100)), "time", "the hour is missing", "Fill the gap"),
    "twice": (lambda old: old.isel(time=[*range(100), *range(99, 8761)]), "time", "the hour comes twice", "once"),
    "order": (swapped, "time", "earlier than the one before", "Sort the file"),
    "not a number": (holed, "speed", "south (wind site) at 2023-05-05T", "Fill the gap"),
    "negative": (lambda old: with_light(old, old["ssrd"] - 4e6), "ghi", "between -1 and 1500 W/m2", "over each hour"),
    "since midnight": (
        lambda old: with_light(old, old["ssrd"].cumsum("time") % 5e7),
        "ghi",
        "between -1 and 1500 W/m2",
        "not since midnight",
    ),
    "celsius": (
        lambda old: old.assign(t2m=(old["t2m"] - 273.15).assign_attrs(units="K")),
        "temperature",
        "between -90 and 65 degC",
        "or their unit",
    ),
    "short": (
        lambda old: old.isel(time=slice(0, 8000)),
        "time",
        "hours of 2023 are missing",
        "in UTC from 2022-12-31 19:00",
    ),
    "local time": (
        lambda old: old.assign_coords(time=old["time"] + np.timedelta64(5, "h")),
        "ghi",
        "middle of the light at south: not noon",
        "of another time zone",
    ),
    "half hours": (
        lambda old: old.assign_coords(time=old["time"] + np.timedelta64(30, "m")),
        "time",
        "must be a full hour",
        "labelled by the start",
    ),
    "small box": (lambda old: old.isel(latitude=slice(0, 3)), "latitude", "not to south (wind site)", "larger box"),
    "ensemble": (lambda old: old.expand_dims(number=[0, 1]), "number", "several members", "the reanalysis itself"),
    "axis": (lambda old: old.rename(latitude="y"), "latitude", "lacks this axis", "regular grid"),
    "nothing": (lambda old: old[["fsr"]], "", "none of the variables needed", "u100"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    """Proves: each fault is told with file, rule and advice. Without it a plan would rest on broken weather."""
    edit, column, rule, advice = DAMAGES[damage]
    file = written(edit(base()), tmp_path / "era5.nc")
    with pytest.raises(InvalidStudy) as caught:
        from_era5([file], SITES)
    told = [problem for problem in caught.value.problems if rule in problem.rule]
    assert told, str(caught.value)
    assert (told[0].file, told[0].column) == ("era5.nc", column)
    assert advice in told[0].advice


def test_files_that_are_no_netcdf_are_refused(tmp_path: Path) -> None:
    """Proves: zip, GRIB, cut short and missing, all told at once. Without it a library would speak of HDF errors."""
    whole = written(base(), tmp_path / "whole.nc").read_bytes()
    (tmp_path / "short.nc").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "store.nc").write_bytes(b"PK\x03\x04" + whole[:100])
    (tmp_path / "grib.nc").write_bytes(b"GRIB" + whole[:100])
    with pytest.raises(InvalidStudy) as caught:
        from_era5([tmp_path / f"{name}.nc" for name in ("short", "store", "grib", "absent")], SITES)
    told = {problem.file: f"{problem.rule}. {problem.advice}" for problem in caught.value.problems}
    assert "cut short" in told["short.nc"]
    assert "Unpack it" in told["store.nc"]
    assert "Download it again as NetCDF" in told["grib.nc"]
    assert "Check its name" in told["absent.nc"]


def test_files_that_do_not_fit_together(tmp_path: Path) -> None:
    """Proves: months that overlap, hours that differ and several years are told. Without it they would count twice."""
    first, second = (
        written(base().isel(time=cut), tmp_path / f"{cut.start}.nc") for cut in (slice(0, 5000), slice(4990, 8761))
    )
    with pytest.raises(InvalidStudy, match=r"0\.nc to 4990\.nc.*2023-07-27 17:00.*the hour comes twice \(10 hours\)"):
        from_era5([first, second], SITES)
    sun = written(base()[["ssrd"]].isel(time=slice(24, None)), tmp_path / "sun.nc")
    rest = written(base().drop_vars("ssrd"), tmp_path / "rest.nc")
    with pytest.raises(InvalidStudy, match=r"time of ssrd: its hours are not those of u100"):
        from_era5([rest, sun], SITES)
    years = pd.date_range("2021-12-31 19:00", "2023-12-31 19:00", freq="h")
    with pytest.raises(InvalidStudy, match=r"2022, 2023.*more than one whole year.*Give the files of one year"):
        from_era5([written(grid(years), tmp_path / "years.nc")], SITES)


def test_choices_are_checked(tmp_path: Path) -> None:
    """Proves: an unknown turbine, node and factor are told together. Without it a typing slip would pass in silence."""
    file = written(base(), tmp_path / "era5.nc")
    with pytest.raises(InvalidStudy) as caught:
        from_era5([file], SITES, turbine="V999", bias={"west": 1.1, "south": -1.0})
    assert [problem.column for problem in caught.value.problems] == ["bias", "bias", "turbine"]
    with pytest.raises(InvalidStudy, match=r"fsr: the files lack this variable"):
        from_era5([written(base().drop_vars("fsr"), tmp_path / "smooth.nc")], SITES, hub_height=140)
