"""The GeoPackage of a plan: what is in it, that other programs open it, how it is drawn, and that it is whole."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from model.outputs.files import provenance
from model.outputs.geopackage import write_geopackage
from model.outputs.maps import layers
from model.outputs.netcdf import remove_leftovers
from model.outputs.styles import class_bounds
from model.study import Study
from tests.lp import everything as whole
from tests.lp.solved import solved
from tests.sources import ROOT
from tests.studies import technology

NAMES = {"north": "Солтүстік Қазақстан", "south": "Оңтүстік, «Шымкент»"}
MADE = "2026-11-29T09:14:35+00:00"
SQUARE = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)]
HOLE = [(0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5), (0.5, 0.5)]
ISLAND = [(4.0, 4.0), (4.0, 5.0), (5.0, 5.0), (5.0, 4.0), (4.0, 4.0)]
"""Degrees; the island runs clockwise."""


def vertices(prefix: str, rings: list[tuple[str, int, int, list[tuple[float, float]]]]) -> xr.Dataset:
    """Polygons as results tell them: owner, part, ring and course of each ring."""
    rows = [(owner, part, ring, *place) for owner, part, ring, course in rings for place in course]
    columns = dict(zip(("node", "part", "ring", "lon", "lat"), map(np.array, zip(*rows, strict=True)), strict=True))
    return xr.Dataset({f"{prefix}_{name}": (f"{prefix}_vertex", values) for name, values in columns.items()})


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Results of a study in which every equation has rows, with names in Kazakh, areas of nodes and an outline."""
    plan = whole.everything(tmp_path_factory.mktemp("study")).solve()
    found = plan.results.drop_dims(["route_vertex", "area_vertex", "outline_vertex"], errors="ignore")
    nodes = found["node"].to_numpy()
    names = np.array([NAMES.get(node, node) for node in nodes])
    found = found.assign(
        node_name=("node", names, {"units": "1", "long_name": "name of the node"}),
        lon=("node", 60.0 + np.arange(nodes.size), found["lon"].attrs),
        lat=("node", 50.0 - np.arange(nodes.size), found["lat"].attrs),
    )
    south = [("south", 0, 0, SQUARE), ("south", 0, 1, HOLE), ("south", 1, 0, ISLAND)]
    areas = vertices("area", [*south, ("north", 0, 0, [(x, y + 10) for x, y in SQUARE])])
    outline = vertices("outline", [("", 0, 0, SQUARE)]).drop_vars("outline_node")
    return xr.merge([found, areas, outline]).assign_attrs({**provenance(plan), "date_created": MADE})


@pytest.fixture(scope="module")
def file(results: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its GeoPackage."""
    path = tmp_path_factory.mktemp("gpkg") / "results.gpkg"
    write_geopackage(results, path)
    return path


def test_every_layer_can_be_read_and_mapped(results: xr.Dataset, file: Path) -> None:
    """Proves: each layer of the plan has its features, with valid shapes in longitude and latitude, beside the tables.
    Without it a layer could be listed and come out empty or in the middle of the ocean."""
    drawn = layers(results)
    assert {"node_point", "line_route", "node_area", "country_outline"} <= set(drawn)
    listed = dict(pyogrio.list_layers(file))
    for name, layer in drawn.items():
        read = geopandas.read_file(file, layer=name)
        assert len(read) == len(layer.shapes), name
        assert read.geometry.is_valid.all(), name
        assert read.crs.to_epsg() == 4326, name
        assert listed[name] == {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}[layer.geometry]
    tables = {"capacity", "generation", "node_quantities", "link_capacity", "balance", "targets", "costs", "provenance"}
    assert {name for name, geometry in listed.items() if geometry is None} == tables | {"layer_styles"}


def test_nodes_are_where_they_are(results: xr.Dataset, file: Path) -> None:
    """Proves: the point of a node has its longitude as x and its latitude as y, and a line runs from its first node to
    its second. Without it maps could be mirrored."""
    nodes = geopandas.read_file(file, layer="node_point").set_index("node")
    for node in results["node"].to_numpy():
        own = results.sel(node=node)
        assert (nodes.geometry[node].x, nodes.geometry[node].y) == (own["lon"].item(), own["lat"].item())
    for link in geopandas.read_file(file, layer="line_route").itertuples():
        ends = [nodes.geometry[node].coords[0] for node in (link.link_from, link.link_to)]
        assert [link.geometry.coords[0], link.geometry.coords[-1]] == ends


def test_areas_keep_their_holes_and_islands(file: Path) -> None:
    """Proves: a square of 2 by 2 degrees with a hole of 1 by 1 and an island of 1 by 1 covers 4, and its exteriors run
    anticlockwise. Without it a hole could be filled or an island lost."""
    areas = pyogrio.read_dataframe(file, layer="node_area").set_index("node")
    shapes = {node: areas.geometry[node] for node in ("south", "north")}
    assert {node: shape.area for node, shape in shapes.items()} == {"south": 4.0, "north": 4.0}
    assert [len(part.interiors) for part in shapes["south"].geoms] == [1, 0]
    assert all(part.exterior.is_ccw for shape in shapes.values() for part in shape.geoms)


def test_tables_add_up_to_the_results(results: xr.Dataset, file: Path) -> None:
    """Proves: long tables and wide columns sum to the arrays they come from, in the units they say. Without it rows
    that are left out could be more than zeros."""
    read = {name: pyogrio.read_dataframe(file, layer=name) for name, _ in pyogrio.list_layers(file)}
    capacity, points = read["capacity"], read["node_point"]
    for year in (int(year) for year in results["year"].to_numpy()):
        now = results.sel(year=year)
        of = capacity[capacity["year"] == year]
        assert of["capacity"].sum() == pytest.approx(now["capacity"].sum().item())
        assert of["works_capacity"].sum() == pytest.approx(now["works_capacity"].sum().item())
        assert of["capacity_mw"].sum() == pytest.approx(points[f"capacity_total_{year}"].sum())
        assert read["generation"].query(f"year == {year}")["generation"].sum() == pytest.approx(
            now["generation"].sum().item() * 1000
        )
        balance = read["balance"].query(f"year == {year} and item == 'supply' and commodity == 'coal'")
        told = now["balance"].sel(balance_item="supply", commodity="coal").sum().item()
        assert balance["value"].sum() == pytest.approx(told)
        assert told > 0
        cost = read["costs"].query(f"year == {year}")["cost"].sum()
        assert cost == pytest.approx(now["cost"].sum().item())
    electric = (results["technology_unit"] == "GW") & (results["technology_product"] == "electricity")
    assert capacity["capacity_mw"].sum() == pytest.approx(results["capacity"].where(electric, 0).sum().item() * 1000)
    lines = read["link_capacity"].query("layer == 'line_route'")
    own = results["link_capacity"][results["link_commodity"] == "electricity"].sum().item() * 1000
    assert lines["capacity"].sum() == pytest.approx(own)
    assert len(read["targets"]) == results.sizes["target"] * results.sizes["year"]


def test_views_tell_years_below_each_other(results: xr.Dataset, file: Path) -> None:
    """Proves: views have a feature for every node or line and planning year, with its shape and a date, and the number
    of the wide column. Without it no map could be moved through time."""
    view = geopandas.read_file(file, layer="node_by_year")
    years = [int(year) for year in results["year"].to_numpy()]
    assert len(view) == results.sizes["node"] * len(years)
    assert view["year_start"].dtype.kind == "M"
    assert sorted(set(view["year_start"].dt.year)) == years
    points = geopandas.read_file(file, layer="node_point").set_index("node")
    for row in view.itertuples():
        assert row.capacity == pytest.approx(points.loc[row.node, f"capacity_total_{row.year}"])
        assert row.geometry == points.geometry[row.node]
    lines = geopandas.read_file(file, layer="line_capacity_by_year")
    assert len(lines) == len(layers(results)["line_route"].shapes) * len(years)
    technologies = geopandas.read_file(file, layer="node_capacity_by_year")
    assert technologies["capacity_mw"].sum() == pytest.approx(view["capacity"].sum())
    assert set(technologies["technology_group"]) <= set(results["technology_group"].to_numpy())


def test_names_in_kazakh_come_back(file: Path) -> None:
    """Proves: Cyrillic letters and quotation marks are read as they were. Without it labels would be question marks."""
    for layer in ("node_point", "node_area", "node_by_year"):
        read = pyogrio.read_dataframe(file, layer=layer).set_index("node")["node_name"].to_dict()
        assert {node: read[node] for node in NAMES} == NAMES


def test_columns_say_what_they_are(file: Path) -> None:
    """Proves: columns of layers, tables and views have a meaning and a unit where GDAL and QGIS look for it. Without it
    a reader could take megawatts for gigawatts."""
    said = pyogrio.read_dataframe(file, sql="SELECT table_name, column_name, description FROM gpkg_data_columns")
    meanings = said.set_index(["table_name", "column_name"])["description"]
    assert meanings["node_point", "capacity_total_2030"].endswith(", MW")
    assert meanings["node_by_year", "generation"].endswith(", GWh per year")
    assert meanings["line_capacity_by_year", "loading"].endswith(", percent")
    assert meanings["costs", "cost"].endswith(", million USD per year")
    for name, _ in pyogrio.list_layers(file):
        info = pyogrio.read_info(file, layer=name)
        plain = zip(info["fields"], info["dtypes"], strict=True)
        numbers = {field for field, kind in plain if kind == "float64"} - {"lon", "lat"}
        assert numbers <= set(said.loc[said["table_name"] == name, "column_name"]), name


def test_provenance_goes_along(results: xr.Dataset, file: Path) -> None:
    """Proves: the file says which inputs, equations and certificate it comes from. Without it nobody could tell two
    runs apart."""
    told = pyogrio.read_dataframe(file, layer="provenance").set_index("key")["value"]
    assert told["scenario"] == results.attrs["scenario"]
    assert float(told["certificate_gap"]) == results.attrs["certificate_gap"]
    assert json.loads(told["input_digests"]) == json.loads(results.attrs["input_digests"])


def styles(file: Path) -> pd.DataFrame:
    """The table of styles."""
    frame: pd.DataFrame = pyogrio.read_dataframe(file, layer="layer_styles")
    return frame


def test_every_layer_has_a_style_whose_columns_are_there(file: Path) -> None:
    """Proves: each layer and view has one default style, well-formed, that names only columns the layer has. Without
    it QGIS would draw everything alike, or nothing."""
    found = styles(file)
    shaped = [name for name, geometry in pyogrio.list_layers(file) if geometry]
    assert sorted(found["f_table_name"].unique()) == sorted(shaped)
    assert (found.groupby("f_table_name")["useAsDefault"].sum() == 1).all()
    for style in found.itertuples():
        tree = ElementTree.fromstring(style.styleQML)
        columns = set(pyogrio.read_info(file, layer=style.f_table_name)["fields"])
        expressions = [node.get(key, "") for node in tree.iter() for key in ("attr", "field", "fieldName")]
        expressions += [node.get("value", "") for node in tree.iter("Option") if node.get("name") == "expression"]
        expressions += [node.text or "" for node in tree.iter("orderByClause")]
        named = set(re.findall(r'"([^"]+)"', " ".join(expressions)))
        named |= {node.get("classificationField", "") for node in tree} | {n.get("startField", "") for n in tree}
        assert named - {""} <= columns, (style.f_table_name, style.styleName)
        assert tree.find("renderer-v2") is not None


def test_classes_hold_every_value_of_every_year(file: Path) -> None:
    """Proves: no feature falls out of the classes of its layer by rounding, in any planning year. Without it the
    largest node would vanish from the map."""
    for style in styles(file).itertuples():
        renderer = ElementTree.fromstring(style.styleQML).find("renderer-v2")
        if renderer is None or renderer.get("type") != "graduatedSymbol":
            continue
        column = re.findall(r'"([^"]+)"', renderer.get("attr", ""))[-1]
        values = pyogrio.read_dataframe(file, layer=style.f_table_name)[column].dropna()
        bounds = [float(node.get(key, "nan")) for node in renderer.iter("range") for key in ("lower", "upper")]
        assert min(bounds) <= values.min(), (style.f_table_name, style.styleName)
        assert values.max() <= max(bounds), (style.f_table_name, style.styleName)


def test_technologies_keep_their_colours(file: Path) -> None:
    """Proves: wind is the blue of the report, 86, 180, 233, on the map too. Without it two pictures of one plan would
    need two legends."""
    found = styles(file).set_index(["f_table_name", "styleName"])["styleQML"]
    view = ElementTree.fromstring(found["node_capacity_by_year", "technology"])
    position = {node.get("value"): node.get("symbol") for node in view.iter("category")}["wind"]
    symbol = next(node for node in view.iter("symbol") if node.get("name") == position)
    assert {node.get("name"): node.get("value") for node in symbol.iter("Option")}["color"] == "86,180,233,255"
    pies = ElementTree.fromstring(found["node_point", "capacity 2040"])
    assert {node.get("label"): node.get("color") for node in pies.iter("attribute")}["wind"] == "#56B4E9"


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([0, 98], [0, 20, 40, 60, 80, 100]),
        ([30.3, 53.6], [30, 35, 40, 45, 50, 55]),
        ([-3, 12], [-5, 0, 5, 10, 15]),
        ([40, 40], [40, 40.00005]),
        ([np.nan, 0], [0, 1e-6]),
        ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ],
)
def test_bounds_are_round(values: list[float], bounds: list[float]) -> None:
    """Proves: classes have round bounds of one width. Without it a legend would say 23.0570436 to 29.1744."""
    assert class_bounds(values) == pytest.approx(bounds)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=5))
def test_bounds_are_rounded_outwards(values: list[float]) -> None:
    """Proves: whatever the numbers, at most five classes hold all of them. Without it a feature would not be drawn."""
    found = class_bounds(values)
    assert 2 <= len(found) <= 6
    assert sorted(set(found)) == found
    spare = 1e-9 * max(abs(value) for value in values)
    assert found[0] <= min(values) + spare
    assert max(values) - spare <= found[-1]


@pytest.mark.needs("ogrinfo")
def test_gdal_opens_it_without_a_warning(results: xr.Dataset, file: Path) -> None:
    """Proves: GDAL outside Python lists layers and views and sums them, and has nothing to say against the file.
    Without it the file might serve no one but its maker."""
    total = "SELECT count(*) AS n, sum(capacity_total_2040) AS mw, min(ST_IsValid(geometry)) AS valid FROM node_area"
    listed = ogr(file)
    assert all(name in listed for name in ("node_area (Multi Polygon)", "line_route (Line String)", "targets (None)"))
    assert all(name in listed for name in ("node_by_year (Point)", "line_capacity_by_year (Line String)"))
    said = dict(re.findall(r"(\w+) \(\w+\) = (\S+)", ogr(file, "-dialect", "sqlite", "-sql", total)))
    own = layers(results)["node_area"].table["capacity_total_2040"].sum().item()
    assert (said["n"], said["valid"]) == ("2", "1")
    assert float(said["mw"]) == pytest.approx(own)
    assert own > 0


def ogr(file: Path, *more: str) -> str:
    """What ogrinfo says of a file; fails if it warns."""
    command = ["ogrinfo", "-ro", "-q", "-nomd", *more, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_the_same_plan_gives_the_same_bytes(results: xr.Dataset, file: Path, tmp_path: Path) -> None:
    """Proves: a file depends on the results alone, and dates in it are that of the results. Without it two exports of
    one plan would differ by the clock."""
    write_geopackage(results, tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.gpkg"]
    with closing(sqlite3.connect(file)) as base:
        dates = {row[0] for row in base.execute("SELECT last_change FROM gpkg_contents")}
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert {datetime.fromisoformat(date) for date in dates} == {datetime.fromisoformat(MADE)}


def test_a_write_that_fails_leaves_the_old_file(
    results: xr.Dataset, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves: without room for the file, the old one stays and nothing lies beside it. Without it a full disk would
    take the last good file."""
    target = tmp_path / "results.gpkg"
    target.write_bytes(file.read_bytes())

    def full(_source: Path, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.outputs.geopackage.shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        write_geopackage(results, target)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == file.read_bytes()


@pytest.mark.slow
def test_a_killed_write_leaves_no_half_file(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: a process that dies while it writes leaves no file under the name, and what it leaves is swept next time.
    Without it a half file would open and be short of layers."""
    results.to_netcdf(tmp_path / "plain.nc", engine="netcdf4")
    program = f"""
import os, signal, sqlite3, sys
from pathlib import Path
import xarray as xr
from model.outputs import geopackage
def killed(source, part):
    part.write_bytes(source.read_bytes()[:5000])
    os.kill(os.getpid(), signal.SIGKILL)
geopackage.shutil.copyfile = killed
folder = Path({str(tmp_path)!r})
geopackage.write_geopackage(xr.open_dataset(folder / "plain.nc").load(), folder / "out" / "results.gpkg")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={"TMPDIR": str(tmp_path), "PATH": ""}, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (tmp_path / "out" / "results.gpkg").exists()
    remove_leftovers(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_plan_with_one_node_has_a_file_too(tmp_path: Path) -> None:
    """Proves: without links, targets and a date the file has what there is. Without it the smallest study could not be
    mapped."""
    plan = solved(tmp_path / "study", technology("peaker", variable_cost=200, lifetime=100))
    alone = plan.results.isel(link=slice(0), node=[0]).drop_dims("route_vertex")
    write_geopackage(alone, tmp_path / "results.gpkg")
    listed = dict(pyogrio.list_layers(tmp_path / "results.gpkg"))
    assert {"node_point", "node_by_year", "capacity", "costs"} <= set(listed)
    assert not {"line_route", "line_capacity_by_year", "link_capacity", "targets"} & set(listed)


def test_the_small_study(tmp_path: Path) -> None:
    """Proves: the study that everybody tries first can be mapped. Without it the first map would be an error."""
    plan = Study.read(ROOT / "inputs" / "small").solve()
    write_geopackage(plan.results, tmp_path / "results.gpkg")
    view = geopandas.read_file(tmp_path / "results.gpkg", layer="node_by_year")
    assert len(view) == plan.results.sizes["node"] * plan.results.sizes["year"]
