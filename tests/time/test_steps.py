"""Which weather and which steps a study gets: by its settings and the resolution that is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.study import Study
from model.system.problems import InvalidStudy
from model.time.calendar import HOURS, local_hours
from model.time.dataset import weather_dataset
from model.time.sources import write_weather
from model.time.steps import Resolution, steps_of, weather_of
from model.time.typical import typical_days
from tests.studies import Row, Rows, small_study, technology, write_study
from tests.time.cut_years import kazakhstan, profiles, values

FILE = "measured.nc"
GUSTS = 0.3 + 0.2 * np.sin(np.arange(HOURS) / 40)

NODES = {"north": (70.0, 50.0), "south": (70.0, 45.0)}
"""The nodes of the small study."""

MILL = technology("mill", declared={"availability": "wind_cf"}, capital_cost=1000, lifetime=20, wacc=0.05)
PANEL = technology("panel", declared={"availability": "pv_fixed_cf"}, capital_cost=500, lifetime=20, wacc=0.05)


def wind(nodes: dict[str, tuple[float, float]] = NODES) -> xr.Dataset:
    """Hourly wind, weaker from node to node, and nothing else."""
    factors = [GUSTS * 0.9**place for place in range(len(nodes))]
    return weather_dataset({"wind_cf": factors}, nodes, local_hours(2023), title="Measured", source="masts")


def measured(folder: Path, weather: xr.Dataset | None = None, *parts: Rows) -> Study:
    """A small study that may build wind, cut into ten days of the weather in a file of its folder."""
    mills: list[Row] = [{"technology": "mill", "node": "south"}]
    write_study(
        folder,
        MILL,
        *parts,
        candidates=mills,
        aggregation="representative",
        representative_periods=10,
        step_hours=3,
    )
    if weather is not None:
        write_weather(weather, folder / FILE)
    return Study.read(folder).override({"study.weather": FILE})


def test_typical_days_need_no_weather(tmp_path: Path) -> None:
    """Proves: a study of typical days gets them from its tables alone. Without it every study would need sites."""
    inputs = small_study(tmp_path)
    assert steps_of(inputs.tables, inputs.settings, inputs.folder).identical(
        typical_days(inputs.tables, inputs.settings)
    )


@pytest.mark.parametrize("resolution", ["standard", "hourly"])
def test_hours_without_sites_are_refused_with_advice(tmp_path: Path, resolution: Resolution) -> None:
    """Proves: who asks for hours is told which nodes lack sites, and of files. Without it there would be a KeyError
    from the depth of the weather.
    """
    inputs = small_study(tmp_path)
    with pytest.raises(InvalidStudy) as caught:
        steps_of(inputs.tables, inputs.settings, inputs.folder, resolution)
    sites = [problem for problem in caught.value.problems if problem.file == "weather_sites.csv"]
    assert sorted(problem.value for problem in sites) == ["north", "south"]
    assert all("name a file of hourly weather" in problem.advice for problem in sites)


def test_synthetic_weather_follows_the_settings() -> None:
    """Proves: seed, year and mode of study.yaml decide on the draw. Without it all draws would be the same year."""
    inputs = kazakhstan()
    chosen = inputs.settings.model_copy(update={"weather_seed": 7, "weather_year": 2021, "weather_mode": "free"})
    weather = weather_of(inputs.tables, chosen, inputs.folder)
    assert weather.attrs["seed"] == 7
    assert str(weather["time"].to_numpy()[0]).startswith("2021-01-01T00")
    monthly = weather["wind_cf"].sel(node="akmola").groupby("time.month").mean().to_numpy()
    table = inputs.tables["weather"].query("node == 'akmola'").sort_values("month")["wind_cf"].to_numpy(dtype=float)
    assert np.abs(monthly / table - 1).max() > 0.01


def test_weather_is_read_from_the_file_of_the_study(tmp_path: Path) -> None:
    """Proves: at every hour the wind is that of the file, as it is stored. Without it the user's weather would be
    asked for and not used.
    """
    hourly = measured(tmp_path, wind()).at("hourly").time
    for place, node in enumerate(NODES):
        assert np.array_equal(values(hourly, [f"wind_cf@{node}"])[0], (GUSTS * 0.9**place).astype(np.float32))
    assert profiles(hourly, "load") == ["load@north", "load@south"]


def test_the_file_is_cut_into_representative_days(tmp_path: Path) -> None:
    """Proves: ten days keep the wind of the file, and the plan can be stated. Without it only synthetic weather could
    be planned with.
    """
    study = measured(tmp_path, wind())
    assert study.time.attrs["method"] == "representative"
    assert study.time.sizes == {"step": 80, "period": 10, "slot": 365, "profile": 7, "monthly_profile": 1}
    found = study.time["profile_value"].sel(profile="wind_cf@south")
    hours = study.time["duration"] * study.time["weight"]
    assert float((found * hours).sum() / HOURS) == pytest.approx(0.9 * GUSTS.mean(), rel=1e-6)
    assert study.program().matrix.shape[0] > 0


def test_a_file_that_lacks_what_a_technology_follows_is_refused(tmp_path: Path) -> None:
    """Proves: solar power without sun in the file is told by file, variable and technology. Without it the compiler
    would stop at a profile that does not exist.
    """
    study = measured(tmp_path, wind(), PANEL)
    with pytest.raises(InvalidStudy) as caught:
        _ = study.time
    (problem,) = caught.value.problems
    assert (problem.file, problem.column) == (FILE, "pv_fixed_cf")
    assert "panel" in problem.rule
    assert "Add it to the file" in problem.advice


def test_a_file_without_a_node_is_refused(tmp_path: Path) -> None:
    """Proves: a node inside the country that the file lacks is named. Without it its wind farms would have no wind."""
    study = measured(tmp_path, wind({"north": NODES["north"]}))
    with pytest.raises(InvalidStudy, match=r"measured\.nc, column node is 'south'"):
        _ = study.time


@pytest.mark.parametrize("kept", [0.5, 0.95], ids=["half", "cut short"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, kept: float) -> None:
    """Proves: a file that breaks off is named and called damaged. Without it the NetCDF library's error would tell
    nothing.
    """
    study, path = measured(tmp_path, wind()), tmp_path / FILE
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InvalidStudy, match=r"measured\.nc: .*damaged"):
        _ = study.time


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    """Proves: a wrong name in study.yaml is told. Without it the user would look into the statistics for the fault."""
    with pytest.raises(InvalidStudy, match=r"measured\.nc"):
        _ = measured(tmp_path).time
