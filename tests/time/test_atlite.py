"""Cutouts of atlite read without it, and its own turbines and panels where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.system.problems import InvalidStudy
from model.time.atlite import from_atlite
from model.time.era5 import from_era5
from tests.time.generated import LOCAL_YEAR, SITES, at, cutout, grid, written

needs_atlite = pytest.mark.skipif(
    find_spec("atlite") is None, reason="atlite is not installed: pip install '.[atlite]'"
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cutout with the position of the sun, as atlite prepares it."""
    return written(with_sun(cutout()), tmp_path_factory.mktemp("atlite") / "cutout.nc")


def with_sun(plain: xr.Dataset) -> xr.Dataset:
    """The cutout with height and azimuth of the sun half an hour before each stamp, in radians.

    Declination and hour angle by their simplest formulas: within two degrees of the truth.
    """
    stamps = pd.DatetimeIndex(plain["time"].to_numpy()) - pd.Timedelta(minutes=30)
    day = xr.DataArray(2 * np.pi * (stamps.day_of_year.to_numpy() + 10) / 365, dims="time")
    clock = xr.DataArray(stamps.hour.to_numpy() + 0.5, dims="time")
    tilt = np.radians(-23.44) * np.cos(day)
    angle = np.radians(15) * (clock - 12) + np.radians(plain["x"])
    north = np.radians(plain["y"])
    height = np.arcsin(np.sin(north) * np.sin(tilt) + np.cos(north) * np.cos(tilt) * np.cos(angle))
    azimuth = np.pi + np.arctan2(
        np.sin(angle) * np.cos(tilt), np.cos(angle) * np.cos(tilt) * np.sin(north) - np.sin(tilt) * np.cos(north)
    )
    about = {"module": "era5", "feature": "influx", "units": "rad"}
    return plain.assign(
        solar_altitude=height.transpose("time", "y", "x").assign_attrs(about),
        solar_azimuth=azimuth.transpose("time", "y", "x").assign_attrs(about),
    )


def test_a_cutout_is_era5_under_other_names(file: Path, tmp_path: Path) -> None:
    """Proves: sun, temperature and solar output equal those of the ERA5 files. Without it two sources would disagree.

    Wind alone differs: a cutout holds its speed, between whose grid points the mean is a little higher.
    """
    own = from_era5([written(grid(variables=("u100", "v100", "ssrd", "fdir", "t2m")), tmp_path / "era5.nc")], SITES)
    found = from_atlite(file, SITES)
    for name in ("ghi", "temperature", "pv_fixed_cf", "pv_tracking_cf"):
        np.testing.assert_allclose(found[name], own[name], rtol=1e-4, atol=2e-3, err_msg=name)
    higher = found["wind_speed"] - own["wind_speed"]
    assert float(higher.min()) > -1e-3
    assert float(higher.mean()) < 0.1
    assert found["wind_speed"].attrs == own["wind_speed"].attrs


def test_speed_is_straight_between_grid_points(file: Path) -> None:
    """Proves: the northern wind site takes 3/4 of 72 east, 3/4 of 52 north. Without it, of one cell alone."""
    corners = {(lat, lon): 0.25 if lat == 58 else 0.75 for lat in (52, 58) for lon in (66, 72)}
    weight = {place: share * (0.25 if place[1] == 66 else 0.75) for place, share in corners.items()}
    total = sum(
        share * np.hypot(at("u100", LOCAL_YEAR, *place), at("v100", LOCAL_YEAR, *place)).ravel()
        for place, share in weight.items()
    )
    stamps = np.asarray(total)
    found = from_atlite(file, SITES)["wind_speed"].sel(node="north")
    np.testing.assert_allclose(found, (stamps[:-1] + stamps[1:]) / 2, rtol=1e-4)


def other_module(plain: xr.Dataset) -> xr.Dataset:
    """Irradiance from satellites, which is momentary."""
    return plain.assign(influx_direct=plain["influx_direct"].assign_attrs(module="sarah"))


DAMAGES: Mapping[str, tuple[Callable[[xr.Dataset], xr.Dataset], str, str, str]] = {
    "variable": (lambda old: old.drop_vars("wnd100m"), "wnd100m", "the cutout lacks this variable", "features wind"),
    "unit": (
        lambda old: old.assign(influx_direct=old["influx_direct"].assign_attrs(units="J m**-2")),
        "influx_direct",
        "must be W m-2",
        "Convert",
    ),
    "axis": (lambda old: old.drop_vars(["x", "y"]), "x", "lacks this axis", "that atlite has prepared"),
    "module": (other_module, "module", "only cutouts from ERA5", "module='era5'"),
    "gap": (lambda old: old.isel(time=np.delete(np.arange(8761), 100)), "time", "the hour is missing", "Fill the gap"),
    "small box": (lambda old: old.isel(x=slice(0, 3)), "longitude", "not to south (wind site)", "larger box"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_cutouts_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    """Proves: each fault is told with file, rule and advice. Without it a plan would rest on broken weather."""
    edit, column, rule, advice = DAMAGES[damage]
    with pytest.raises(InvalidStudy) as caught:
        from_atlite(written(edit(cutout()), tmp_path / "cutout.nc"), SITES)
    told = [problem for problem in caught.value.problems if rule in problem.rule]
    assert told, str(caught.value)
    assert (told[0].file, told[0].column) == ("cutout.nc", column)
    assert advice in told[0].advice


def test_its_own_panels_say_what_they_need(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: no atlite, no place of the sun, a factor on speed: all told. Without it noon would come late."""
    monkeypatch.setattr("model.time.atlite.find_spec", lambda name: None)
    with pytest.raises(InvalidStudy) as caught:
        from_atlite(written(cutout(), tmp_path / "old.nc"), SITES, panel="CSi", bias={"north": 1.1})
    told = {problem.column: f"{problem.rule}. {problem.advice}" for problem in caught.value.problems}
    assert set(told) == {"panel", "bias", "solar_altitude", "solar_azimuth"}
    assert "pip install '.[atlite]'" in told["panel"]
    assert "Leave out the panel or the factor" in told["bias"]


@needs_atlite
def test_its_own_turbine_and_panel(file: Path) -> None:
    """Proves: atlite's factors arrive at the sites in local hours. Without it its users would lose their machines."""
    found, model = from_atlite(file, SITES, turbine="Vestas_V112_3MW", panel="CSi"), from_atlite(file, SITES)
    noon = found["pv_fixed_cf"].groupby("time.hour").mean().argmax("hour").to_numpy()
    assert set(noon.tolist()) <= {11, 12, 13}
    for name in ("wind_cf", "pv_fixed_cf", "pv_tracking_cf"):
        assert float(found[name].min()) >= 0
        for node in SITES["node"]:
            assert np.corrcoef(found[name].sel(node=node), model[name].sel(node=node))[0, 1] > 0.9, name
    xr.testing.assert_equal(found[["ghi", "temperature", "wind_speed"]], model[["ghi", "temperature", "wind_speed"]])
    assert found.attrs["turbine"] == "Vestas_V112_3MW"
    assert "panel CSi" in found.attrs["source"]


@needs_atlite
def test_an_unknown_machine_of_atlite_is_told(file: Path) -> None:
    """Proves: a wrong name is a fault of the study. Without it atlite would end in a traceback."""
    with pytest.raises(InvalidStudy, match=r"cutout\.nc, column panel is 'V999, CSi': atlite cannot convert"):
        from_atlite(file, SITES, turbine="V999", panel="CSi")
