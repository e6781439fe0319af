"""The file as CF has it: the results again when read, units that UDUNITS knows, layers whose sums are the results'."""

from __future__ import annotations

import json
from pathlib import Path

import cf_units
import numpy as np
import pytest
import xarray as xr

from model.outputs.cf.attributes import discovery
from model.outputs.cf.geometry import container, signed_area
from model.outputs.cf.layout import MAP, cf_dataset, time_axis
from model.outputs.cf.units import cf_attributes, udunits
from model.outputs.maps import DIMS, Layer, layers, variable_names
from model.outputs.netcdf import FILL, packing, read_file, read_results, write_netcdf
from model.study import Plan
from tests.lp import everything as whole

STAMP = {"date_created": "2026-01-02T03:04:05+00:00", "study_folder": "study"}
"""What the writer adds."""

SQUARE = np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 2.0], [2.0, 0.0], [0.0, 0.0]])
"""A ring that runs clockwise."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Results of a plan in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("cf")).solve().results


def saved(results: xr.Dataset, path: Path) -> Path:
    """``results`` as a file, as ``plan`` writes it."""
    write_netcdf(cf_dataset(results).assign_attrs(STAMP), path)
    return path


def test_what_is_read_is_what_was_written(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: variables, labels, units and meanings come back; numbers to single precision. Without it the commands
    that read a file would tell something else than the plan."""
    again = read_results(saved(results, tmp_path / "results.nc"))
    assert set(again.variables) == set(results.variables)
    for name, variable in results.variables.items():
        assert again[name].dims == variable.dims, name
        assert again[name].attrs == variable.attrs, name
    xr.testing.assert_allclose(again.drop_attrs(), results.drop_attrs(), rtol=1e-6, atol=1e-9)
    assert {name: again.attrs[name] for name in results.attrs} == results.attrs


def test_a_name_selects(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: plain xarray selects by the names of nodes, technologies and years. Without label variables as index
    coordinates a reader would have to count positions."""
    with xr.open_dataset(saved(results, tmp_path / "results.nc"), engine="netcdf4") as opened:
        there = opened["capacity"].sel(node="north", technology="old", year=2030).item()
        assert opened["line_capacity_2030"].sel(line="north_south").item() > 0
    assert there == pytest.approx(results["capacity"].sel(node="north", technology="old", year=2030).item(), rel=1e-6)


def test_every_unit_is_known_to_udunits(kazakhstan: Plan) -> None:
    """Proves: no unit in a file of the default study is unknown to UDUNITS, and money says its currency and year.
    Without it checkers and programs that convert would stumble over MWh or USD."""
    found = cf_dataset(kazakhstan.results)
    for name, variable in found.variables.items():
        if "units" in variable.attrs:
            cf_units.Unit(variable.attrs["units"])
        if "USD" in str(variable.attrs.get("unit", "")):
            assert (variable.attrs["currency"], variable.attrs["price_year"]) == ("USD", 2025), name
    assert found["capacity"].attrs["unit_variable"] == "technology_unit"
    assert found["generation"].attrs["units"] == "TW h year-1"


@pytest.mark.parametrize(
    ("told", "units"),
    [
        ("GW", "GW"),
        ("GWh per year", "GW h year-1"),
        ("bcm per year", "km3 year-1"),
        ("rad per GW", "rad GW-1"),
        ("1 per h", "h-1"),
        ("TWh per h and year", "TW h h-1 year-1"),
        ("1", "1"),
        ("USD per MWh", None),
        ("kTEU per year", None),
    ],
)
def test_units_by_hand(told: str, units: str | None) -> None:
    """Proves: what UDUNITS calls the units of the trade, and which it does not know. Without it bcm could become
    (Gm)3."""
    assert udunits(told) == units
    assert cf_attributes(told, "USD", 2025)["units"] == (units or "1")


def test_layers_are_sums_of_the_results(results: xr.Dataset) -> None:
    """Proves: the megawatts of a map are the gigawatts of the results, by node and by line. Without it a map could show
    the capacity of heat plants as power."""
    found = layers(results)
    table = found["node_point"].table
    electric = results["technology_product"] == "electricity"
    for year in results["year"].to_numpy():
        by_node = results["capacity"].sel(year=year).where(electric, 0).sum("technology") * 1000
        np.testing.assert_allclose(table[f"capacity_total_{year}"], by_node)
        groups = [name for name in table if str(name).startswith("capacity_") and str(name).endswith(f"_{year}")]
        split = sum(table[name] for name in groups if "total" not in str(name))
        np.testing.assert_allclose(table[f"capacity_total_{year}"], split)
    line = found["line_route"].table
    link = results.sel(link=line["line"].to_numpy(), year=2030)
    np.testing.assert_allclose(line["capacity_2030"], link["link_capacity"] * 1000)
    np.testing.assert_allclose(line["flow_2030"], (link["flow"] * results["step_hours"]).sum("step"))


def test_every_link_of_kazakhstan_lies_in_its_layer(kazakhstan: Plan) -> None:
    """Proves: lines, pipelines, oil routes, rail and sea corridors are layers of their own, and no link is in two.
    Without it a GIS would mix megawatts with tonnes."""
    found = layers(kazakhstan.results)
    assert {"line_route", "pipeline_route", "oil_route", "rail_corridor", "sea_corridor"} <= set(found)
    drawn = [str(link) for name, dim in DIMS.items() if name in found for link in found[name].table[dim].to_numpy()]
    assert len(drawn) == len(set(drawn)) > 150
    assert found["line_route"].table["capacity_2025"].attrs["units"] == "MW"
    assert found["pipeline_route"].table["capacity_2025"].attrs["units"] == "bcm/year"


def test_polygons_turn_as_cf_has_it() -> None:
    """Proves: exteriors run anticlockwise and holes clockwise, whatever the source did, and open rings are closed.
    Without it a GIS would take the hole for the land."""
    hole = np.array([[0.5, 0.5], [1.0, 0.5], [1.0, 1.0]])
    table = xr.Dataset({"country_name": ("country", ["Here"])}, coords={"country": ["outline"]})
    found = container(Layer("country_outline", "country", "polygon", table, [[[SQUARE, hole]]]))
    assert found["country_outline_part_node_count"].to_numpy().tolist() == [5, 4]
    assert found["country_outline_interior_ring"].to_numpy().tolist() == [0, 1]
    assert found["country_outline_node_count"].to_numpy().tolist() == [9]
    course = np.column_stack([found[f"country_outline_{axis}"].to_numpy() for axis in ("lon", "lat")])
    assert signed_area(course[:5]) == pytest.approx(4)
    assert signed_area(course[5:]) == pytest.approx(-0.125)


def test_names_of_layers_never_meet() -> None:
    """Proves: groups whose names differ only in what no file takes keep names of their own. Without it one would
    overwrite the other."""
    assert variable_names(["oil & gas", "oil/gas", "wind", "Total"]) == {
        "oil & gas": "oil_gas",
        "oil/gas": "oil_gas_2",
        "wind": "wind",
        "Total": "Total_2",
    }


def test_missing_numbers_are_null_for_a_gis(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: what is missing is stored as a fill value and read as nan. Without it a GIS would show nan as a number,
    and its means would be nan."""
    path = saved(results, tmp_path / "results.nc")
    with xr.open_dataset(path, engine="netcdf4", mask_and_scale=False) as raw:
        stored = raw["target_slack"]
        assert float(stored.attrs["_FillValue"]) == pytest.approx(FILL)
        assert (np.isclose(stored, FILL) == results["target_slack"].isnull().to_numpy()).all()


def test_large_arrays_are_cut_by_year() -> None:
    """Proves: hourly arrays are packed in pieces that hold all nodes and steps of one year. Without it reading one
    year would unpack them all."""
    hourly = xr.Dataset({"output": (("technology", "node", "year", "step"), np.ones((2, 10, 3, 20_000), np.float32))})
    assert packing(hourly)["output"]["chunksizes"] == (1, 10, 1, 20_000)
    assert packing(hourly)["output"]["zlib"]


def test_writing_twice_gives_the_same_bytes(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: the same results are the same bytes. Without it no digest could tell whether a plan has changed."""
    first, second = (saved(results, tmp_path / name / "results.nc").read_bytes() for name in ("one", "two"))
    assert first == second


def test_two_runs_differ_in_their_times_alone(tmp_path: Path) -> None:
    """Proves: a study that is planned twice gives the same file but for when and how fast it was made. Without it a
    difference between two results could be chance."""
    study = whole.everything(tmp_path / "study")
    one, two = (read_file(study.solve().write(tmp_path / name)) for name in ("one", "two"))
    may_differ = {"date_created", "history", "peak_memory_gb"}
    assert {
        key for key in one.attrs if one.attrs[key] != two.attrs[key] and not key.startswith("seconds_")
    } <= may_differ
    assert one.attrs.keys() == two.attrs.keys()
    assert list(one.variables) == list(two.variables)
    for variable in one.variables:
        xr.testing.assert_identical(one[variable], two[variable])


def test_what_is_for_maps_alone_says_so(results: xr.Dataset) -> None:
    """Proves: every variable of the file is one of the results or says that it is there for maps. Without it a reader
    would take a layer's copy for a result of its own."""
    found = cf_dataset(results)
    own = {name for name, variable in found.variables.items() if "purpose" not in variable.attrs}
    assert own == set(results.variables)
    assert found["capacity_total_2030"].attrs["purpose"] == MAP


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_model_year_has_no_leap_day(results: xr.Dataset, year: int) -> None:
    """Proves: hour 8,736 of the model year is 31 December, in a leap year too, and whoever decodes `time` finds what
    the attributes say. Without it everything after February would lie a day early in leap years."""
    hours = {"step_start": ("step", [0.0, 8736.0]), "step_duration": ("step", [24.0, 24.0])}
    own = results.drop_dims("step").assign(hours).assign_attrs(settings=json.dumps({"weather_year": year}))
    said = discovery(own.assign({"time": time_axis(own)["time"]}))
    assert said["time_coverage_start"] == f"{year}-01-01T00:00:00Z"
    assert said["time_coverage_end"] == f"{year}-12-31T00:00:00Z"
    assert said["time_coverage_duration"] == "PT8736H"
