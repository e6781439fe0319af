"""Programs that none of us wrote open the file of the default study: GDAL, netCDF's own tools and CF checkers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas
import numpy as np
import pytest
import xarray as xr

from tests.gis import asked, cfchecked, listed, messages, said

LAYERS = {
    "node_point": "Point",
    "country_outline": "Multi Polygon",
    "line_route": "Line String",
    "pipeline_route": "Line String",
    "oil_route": "Line String",
    "rail_corridor": "Line String",
    "road_corridor": "Line String",
    "sea_corridor": "Line String",
}
"""Layers of the default study and what GDAL calls their geometry."""

WARNED = re.compile(r"WARN: \((?:5|4\.4)\)")
"""What cfchecks warns of on purpose: labels named like their dim, and the unit year."""

AREA = 2.72
"""Million square kilometres of Kazakhstan."""


@pytest.mark.needs("ncdump")
def test_netcdf_4(kazakhstan_file: Path) -> None:
    """Proves: the file is netCDF-4 that Debian's own tools read in full. Without it a newer packing could lock them
    out."""
    assert said("ncdump", "-k", kazakhstan_file).strip() == "netCDF-4"
    assert "capacity_total_2035 =" in said("ncdump", "-v", "capacity_total_2035", kazakhstan_file)


@pytest.mark.needs("ogrinfo")
def test_layers(kazakhstan_file: Path) -> None:
    """Proves: GDAL finds every layer with its geometry. Without the exact Conventions and containers it finds none."""
    found = listed(kazakhstan_file)
    assert found.items() >= LAYERS.items()
    assert set(found) - set(LAYERS) <= {"other_route"}


@pytest.mark.needs("ogrinfo")
def test_attributes_of_nodes(kazakhstan_file: Path) -> None:
    """Proves: nodes come with their names, the reference system and a column for each planning year. Without it the
    attribute table of a GIS would hold numbers without names."""
    summary = said("ogrinfo", "-ro", "-so", "-nomd", kazakhstan_file, "node_point")
    assert "Feature Count: 28" in summary
    assert 'ID["EPSG",4326]' in summary
    for field in ("node: String", "node_name: String", "capacity_total_2025: Real", "capacity_total_2045: Real"):
        assert field in summary


@pytest.mark.needs("ogrinfo")
def test_sums(kazakhstan_file: Path) -> None:
    """Proves: sums that GDAL's SQL makes are those of xarray, for nodes and for each layer of links. Without it the two
    could tell different plans."""
    with xr.open_dataset(kazakhstan_file, engine="netcdf4") as opened:
        found = opened.load()
    columns = {"node_point": "capacity_total_2035", "line_route": "line_capacity_2035", "oil_route": "oil_flow_2045"}
    for layer, column in {**columns, "pipeline_route": "pipeline_capacity_2025"}.items():
        row = asked(kazakhstan_file, f"SELECT count(*) AS n, sum({column}) AS total FROM {layer}")
        assert int(row["n"]) == found[column].size
        assert float(row["total"]) == pytest.approx(float(found[column].sum()), rel=1e-6)
        assert float(row["total"]) > 1
    price = asked(kazakhstan_file, "SELECT count(mean_price_2035) AS n, avg(mean_price_2035) AS mean FROM node_point")
    assert int(price["n"]) == int(found["mean_price_2035"].notnull().sum()) < 28
    assert float(price["mean"]) == pytest.approx(float(found["mean_price_2035"].mean()), rel=1e-6)


@pytest.mark.needs("ogrinfo")
def test_layers_join(kazakhstan_file: Path) -> None:
    """Proves: a line finds its node by name within the one file. Without label variables on both layers it could
    not."""
    question = (
        "SELECT l.line AS line, n.node_name AS node_name FROM line_route l JOIN node_point n ON n.node = l.line_from "
        "WHERE l.line = 'pavlodar_akmola'"
    )
    assert asked(kazakhstan_file, question) == {"line": "pavlodar_akmola", "node_name": "Pavlodar"}


@pytest.mark.needs("ogr2ogr")
def test_conversion(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: GDAL turns the file into a GeoPackage and GeoJSON, with valid shapes. Without it who uses ArcGIS or a
    browser would be shut out."""
    said("ogr2ogr", "-f", "GPKG", tmp_path / "out.gpkg", kazakhstan_file)
    nodes = geopandas.read_file(tmp_path / "out.gpkg", layer="node_point")
    country = geopandas.read_file(tmp_path / "out.gpkg", layer="country_outline")
    assert (len(nodes), nodes.crs.to_epsg(), bool(nodes.is_valid.all())) == (28, 4326, True)
    assert bool(country.is_valid.all())
    equal_area = country.to_crs("+proj=aea +lat_1=42 +lat_2=53 +lon_0=67 +datum=WGS84")
    assert equal_area.area.item() / 1e12 == pytest.approx(AREA, rel=0.02)
    said("ogr2ogr", "-f", "GeoJSON", tmp_path / "lines.json", kazakhstan_file, "line_route")
    with xr.open_dataset(kazakhstan_file, engine="netcdf4") as opened:
        lines = opened.sizes["line"]
    assert len(json.loads((tmp_path / "lines.json").read_text(encoding="utf-8"))["features"]) == lines


def test_cf(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: the compliance checker finds nothing against CF-1.8 (its check of section 7.5 apart, which wants the dim
    of the vertices in every variable). Without it catalogues would refuse the file."""
    assert messages(kazakhstan_file, tmp_path, "cf:1.8", "check_geometry") == {}


def test_acdd(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: nothing is missing for catalogues but standard names, of which there are none for energy systems. Without
    it the file could not be found."""
    found = messages(kazakhstan_file, tmp_path, "acdd:1.3").values()
    assert {text for group in found for text in group} == {"standard_name"}


@pytest.mark.needs("libudunits2")
def test_cfchecks(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: the other checker, which knows geometry containers, finds no error, and warns of nothing that is not
    wanted. Without it a fault in them would be seen by a GIS alone."""
    errors, warnings = cfchecked(kazakhstan_file, tmp_path)
    assert errors == 0
    assert [line for line in warnings if not WARNED.match(line)] == []


def test_dims_of_steps_come_last(kazakhstan_file: Path) -> None:
    """Proves: time is the last dim, so that the series of a node lie together, and has a date. Without it reading one
    series would unpack all."""
    with xr.open_dataset(kazakhstan_file, engine="netcdf4") as opened:
        stepped = [v.dims for v in opened.data_vars.values() if "step" in v.dims and "purpose" not in v.attrs]
        assert len(stepped) > 5
        assert {dims[-1] for dims in stepped} == {"step"}
        time = opened["time"].to_numpy()
    assert np.issubdtype(time.dtype, np.datetime64)
    assert str(time.min())[:4] == "2023"
