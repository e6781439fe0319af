"""Programs that none of us wrote open the file of the default study: GDAL, netCDF's own tools and CF checkers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import geopandas
import numpy as np
import pytest
import xarray as xr

TABLE = """<?xml version="1.0"?>
<{root}><version_number>1</version_number><date>2026-01-01</date><entry id="{entry}"></entry></{root}>
"""
"""A table that cfchecks would fetch from the network."""

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


def told(*command: str | Path) -> str:
    """What a program prints; fails with it where the program fails."""
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{command}: {run.stdout[-2000:]}{run.stderr[-2000:]}"
    return run.stdout


def asked(path: Path, question: str) -> dict[str, str]:
    """Columns of the one row that SQL on the file gives."""
    answer = told("ogrinfo", "-ro", "-q", "-nomd", "-dialect", "sqlite", "-sql", question, path)
    return dict(re.findall(r"^  (\w+) \(\w+\) = (.*)$", answer, flags=re.MULTILINE))


@pytest.mark.needs("ncdump")
def test_netcdf_4(kazakhstan_file: Path) -> None:
    """Proves: the file is netCDF-4 that Debian's own tools read in full. Without it a newer packing could lock them
    out."""
    assert told("ncdump", "-k", kazakhstan_file).strip() == "netCDF-4"
    assert "capacity_total_2035 =" in told("ncdump", "-v", "capacity_total_2035", kazakhstan_file)


@pytest.mark.needs("ogrinfo")
def test_layers(kazakhstan_file: Path) -> None:
    """Proves: GDAL finds every layer with its geometry. Without the exact Conventions and containers it finds none."""
    listed = dict(
        re.findall(r"^\d+: (\w+) \((.+)\)$", told("ogrinfo", "-ro", "-q", "-nomd", kazakhstan_file), flags=re.M)
    )
    assert listed.items() >= LAYERS.items()
    assert set(listed) - set(LAYERS) <= {"other_route"}


@pytest.mark.needs("ogrinfo")
def test_attributes_of_nodes(kazakhstan_file: Path) -> None:
    """Proves: nodes come with their names, the reference system and a column for each planning year. Without it the
    attribute table of a GIS would hold numbers without names."""
    summary = told("ogrinfo", "-ro", "-so", "-nomd", kazakhstan_file, "node_point")
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
    told("ogr2ogr", "-f", "GPKG", tmp_path / "out.gpkg", kazakhstan_file)
    nodes = geopandas.read_file(tmp_path / "out.gpkg", layer="node_point")
    country = geopandas.read_file(tmp_path / "out.gpkg", layer="country_outline")
    assert (len(nodes), nodes.crs.to_epsg(), bool(nodes.is_valid.all())) == (28, 4326, True)
    assert bool(country.is_valid.all())
    area = country.to_crs("ESRI:102025").area.item() / 1e12
    assert area == pytest.approx(2.72, rel=0.02), "million square kilometres"
    told("ogr2ogr", "-f", "GeoJSON", tmp_path / "lines.json", kazakhstan_file, "line_route")
    with xr.open_dataset(kazakhstan_file, engine="netcdf4") as opened:
        lines = opened.sizes["line"]
    assert len(json.loads((tmp_path / "lines.json").read_text(encoding="utf-8"))["features"]) == lines


def checked(path: Path, folder: Path, *options: str) -> dict[str, list[str]]:
    """Messages of the compliance checker by the group that they belong to."""
    answer = folder / "answer.json"
    program = [sys.executable, "-m", "compliance_checker.cchecker"]
    subprocess.run([*program, *options, "-f", "json", "-o", str(answer), str(path)], capture_output=True, check=False)
    (suite,) = json.loads(answer.read_text(encoding="utf-8")).values()
    groups = [*suite["high_priorities"], *suite["medium_priorities"], *suite["low_priorities"]]
    return {group["name"]: group["msgs"] for group in groups if group["value"][0] != group["value"][1]}


def test_cf(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: the compliance checker finds nothing against CF-1.8 (its check of section 7.5 apart, which wants the dim
    of the vertices in every variable). Without it catalogues would refuse the file."""
    assert checked(kazakhstan_file, tmp_path, "-t", "cf:1.8", "-s", "check_geometry") == {}


def test_acdd(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: nothing is missing for catalogues but standard names, of which there are none for energy systems. Without
    it the file could not be found."""
    messages = [
        text
        for group in checked(kazakhstan_file, tmp_path, "-t", "acdd:1.3", "-c", "lenient").values()
        for text in group
    ]
    assert messages, "the checker has looked at nothing"
    others = [
        text for text in messages if "standard_name" not in text and "missing the following attributes" not in text
    ]
    assert others == []


@pytest.mark.needs("libudunits2")
def test_cfchecks(kazakhstan_file: Path, tmp_path: Path) -> None:
    """Proves: the other checker, which knows geometry containers, finds no error, and warns of nothing that is not
    wanted. Without it a fault in them would be seen by a GIS alone."""
    for root, name, entry in (("area_type_table", "area", "land"), ("standardized_region_list", "region", "global")):
        (tmp_path / f"{name}.xml").write_text(TABLE.format(root=root, entry=entry), encoding="utf-8")
    names = Path(str(files("compliance_checker") / "data" / "cf-standard-name-table.xml"))
    program = [sys.executable, "-m", "cfchecker.cfchecks"]
    tables = ["-s", names, "-a", tmp_path / "area.xml", "-r", tmp_path / "region.xml", "-v", "1.8"]
    run = subprocess.run([*map(str, [*program, *tables, kazakhstan_file])], capture_output=True, text=True, check=False)
    assert "ERRORS detected: 0" in run.stdout, run.stdout[-3000:]
    warned = [line for line in run.stdout.splitlines() if line.startswith("WARN: (")]
    assert [line for line in warned if not WARNED.match(line)] == []


def test_dims_of_steps_come_last(kazakhstan_file: Path) -> None:
    """Proves: time is the last dim, so that the series of a node lie together. Without it reading one series would
    unpack all."""
    with xr.open_dataset(kazakhstan_file, engine="netcdf4") as opened:
        stepped = [variable.dims for variable in opened.data_vars.values() if "step" in variable.dims]
        assert len(stepped) > 5
        assert all(dims[-1] in ("step", "bnds") or dims[-1].startswith("strlen") for dims in stepped)
        time = opened["time"].to_numpy()
    assert np.issubdtype(time.dtype, np.datetime64)
    assert str(time.min())[:4] == "2023"
