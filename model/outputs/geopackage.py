"""A GeoPackage of a plan: the layers of its map, long tables, views by planning year, and how QGIS draws them.

The same results give the same bytes: no clock, and what GDAL writes of the time is replaced by ``date_created``.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xarray as xr

from model.outputs.gis_tables import GisTable, gis_tables
from model.outputs.long_tables import widened
from model.outputs.maps import Layer, Rings, layers, makes_power, variable_names
from model.outputs.netcdf import written
from model.outputs.styles import Style, layer_styles, link_view, node_view, technology_view

CRS = "EPSG:4326"
GEOMETRY = "geometry"
VERSION = "1.3"
"""Version of the standard: GDAL's default is newer than what programs in use read without a warning."""

NO_DATE = "1970-01-01T00:00:00.000Z"
"""Stands for the time of a change where the results do not say when they were made."""

NODES_BY_YEAR, TECHNOLOGIES_BY_YEAR = "node_by_year", "node_capacity_by_year"

TOLD = {
    "node": ("node_name", "node_kind", "node_zone"),
    "link": ("link_name", "link_from", "link_to", "link_technology", "link_status"),
}
"""What views tell of a node or a link."""

GEOMETRIES = {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}

STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""

COLUMNS = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
"""Tables of the standard's extension that tells what columns mean."""

SCHEMA_EXTENSION = "http://www.geopackage.org/spec120/#extension_schema"


class View(NamedTuple):
    """A layer joined with a long table by a column that both have; shapes are not stored twice."""

    layer: str
    table: str
    key: str


def write_geopackage(results: xr.Dataset, path: Path) -> None:
    """Write a plan to ``path`` as a GeoPackage: whole, or not at all.

    ``results`` as ``outputs.netcdf.read_results`` gives them. OSError if the folder cannot be written.
    """
    # GDAL wants the name to end in gpkg and may keep a journal beside it: both in a folder of their own.
    with tempfile.TemporaryDirectory() as folder:
        filled, made = Path(folder) / "filled.gpkg", Path(folder) / "made.gpkg"
        _fill(widened(results), filled)
        # A copy page by page leaves no trace of how often and in which order pages were written.
        with closing(sqlite3.connect(filled)) as base:
            base.execute("VACUUM INTO ?", (str(made),))
        written(path, lambda part: shutil.copyfile(made, part))


def _fill(results: xr.Dataset, path: Path) -> None:
    drawn = layers(results)
    tables = gis_tables(results, drawn)
    for layer in drawn.values():
        _write(features(layer), path, layer.name, GEOMETRIES[layer.geometry], layer.name.replace("_", " "))
    for name, table in tables.items():
        _write(table.frame, path, name, None, table.words)
    years = [int(year) for year in results["year"].to_numpy()]
    styles = [style for layer in drawn.values() for style in layer_styles(layer, years, groups(results))]
    views = views_of(drawn)
    styles += _view_styles(views, tables, years)
    with closing(sqlite3.connect(path)) as base, base:
        _make_views(base, views, drawn)
        _describe(base, drawn, tables, views)
        _save_styles(base, styles)
        stamp = _date(results)
        base.execute("UPDATE gpkg_contents SET last_change = ?", (stamp,))
        base.execute("UPDATE layer_styles SET update_time = ?", (stamp,))


def features(layer: Layer) -> geopandas.GeoDataFrame:
    """A layer as a table with shapes, one row for each feature; its label is ``node``, ``link`` or ``country``."""
    table = layer.table.rename({layer.dim: label_of(layer)}) if label_of(layer) != layer.dim else layer.table
    frame = table.to_dataframe().reset_index()
    return geopandas.GeoDataFrame(frame, geometry=[_shape(layer.geometry, each) for each in layer.shapes], crs=CRS)


def label_of(layer: Layer) -> str:
    """How the column with the names of features is called: like that of the long tables."""
    return {"line": "link", "point": "node"}.get(layer.geometry, "node" if layer.name == "node_area" else layer.dim)


def _shape(geometry: str, parts: Sequence[Rings]) -> shapely.Geometry:
    if geometry == "point":
        return shapely.Point(parts[0][0][0])
    if geometry == "line":
        return shapely.LineString(parts[0][0])
    return shapely.MultiPolygon([_anticlockwise(part) for part in parts])


def _anticlockwise(part: Rings) -> shapely.Polygon:
    """A polygon whose exterior runs anticlockwise and whose holes run clockwise."""
    return shapely.geometry.polygon.orient(shapely.Polygon(part[0], part[1:]))


def groups(results: xr.Dataset) -> list[tuple[str, str]]:
    """Groups of technologies that make electricity, each with its name in columns of the layer of nodes."""
    return list(variable_names(results["technology_group"].to_numpy()[makes_power(results)]).items())


def _write(frame: pd.DataFrame, path: Path, name: str, geometry: str | None, words: str) -> None:
    """Add a layer, or a table if it has no geometry."""
    options = {"GEOMETRY_NAME": GEOMETRY, "SPATIAL_INDEX": "NO"} if geometry else {}
    pyogrio.write_dataframe(
        frame,
        path,
        layer=name,
        driver="GPKG",
        geometry_type=geometry,
        append=path.exists(),
        dataset_options={"VERSION": VERSION},
        layer_options={"IDENTIFIER": name, "DESCRIPTION": words} | options,
    )


def views_of(drawn: Mapping[str, Layer]) -> dict[str, View]:
    """The views of a file by name; a layer of links has its own, such as ``line_capacity_by_year``."""
    found = {
        NODES_BY_YEAR: View("node_point", "node_quantities", "node"),
        TECHNOLOGIES_BY_YEAR: View("node_point", "capacity", "node"),
    }
    lines = (layer for layer in drawn.values() if layer.geometry == "line")
    return found | {f"{layer.dim}_capacity_by_year": View(layer.name, "link_capacity", "link") for layer in lines}


def _make_views(base: sqlite3.Connection, views: Mapping[str, View], drawn: Mapping[str, Layer]) -> None:
    """Join layers and long tables, and enter the views among the contents of the file. Names are of this program.

    GDAL takes the column OGC_FID for the key of a view.
    """
    for name, (layer, table, key) in views.items():
        texts = "".join(f', g."{column}"' for column in TOLD[key] if column in drawn[layer].table)
        columns = [row[1] for row in base.execute(f'PRAGMA table_info("{table}")') if row[1] not in ("fid", key)]
        rest = "".join(f', t."{column}"' for column in columns)
        where = " WHERE t.capacity_mw IS NOT NULL" if name == TECHNOLOGIES_BY_YEAR else ""
        base.execute(
            f'CREATE VIEW "{name}" AS SELECT t.fid AS OGC_FID, g."{GEOMETRY}", t."{key}"{texts}{rest} '
            f'FROM "{table}" AS t JOIN "{layer}" AS g ON g."{key}" = t."{key}"{where}'
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y,"
            " max_x, max_y, srs_id) SELECT ?, data_type, ?, ?, last_change, min_x, min_y, max_x, max_y, srs_id"
            " FROM gpkg_contents WHERE table_name = ?",
            (name, name, f"{layer} by planning year", layer),
        )
        base.execute(
            "INSERT INTO gpkg_geometry_columns SELECT ?, column_name, geometry_type_name, srs_id, z, m"
            " FROM gpkg_geometry_columns WHERE table_name = ?",
            (name, layer),
        )


def _describe(
    base: sqlite3.Connection, drawn: Mapping[str, Layer], tables: Mapping[str, GisTable], views: Mapping[str, View]
) -> None:
    """Say of every column what it is and in which unit, where GDAL and QGIS look for it."""
    base.executescript(COLUMNS)
    base.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [(name, SCHEMA_EXTENSION) for name in ("gpkg_data_columns", "gpkg_data_column_constraints")],
    )
    said = {name: {str(n): _meaning(v) for n, v in layer.table.data_vars.items()} for name, layer in drawn.items()}
    for name, table in tables.items():
        said[name] = dict(table.meanings)
    for name, view in views.items():
        said[name] = said[view.layer] | said[view.table]
    for name, meanings in said.items():
        _say(base, name, meanings)


def _say(base: sqlite3.Connection, table: str, said: Mapping[str, str]) -> None:
    there = {row[1] for row in base.execute(f'PRAGMA table_info("{table}")')}
    base.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, title, description) VALUES (?, ?, ?, ?)",
        [(table, column, text, text) for column, text in said.items() if column in there and text],
    )


def _meaning(variable: xr.DataArray) -> str:
    """What a variable is, with its unit unless it is a plain number or a text."""
    text, unit = str(variable.attrs.get("long_name", "")), str(variable.attrs.get("units", "1"))
    return text if unit == "1" else f"{text}, {unit}"


def _view_styles(views: Mapping[str, View], tables: Mapping[str, GisTable], years: Sequence[int]) -> list[Style]:
    electric = tables["capacity"].frame.dropna(subset="capacity_mw")
    found = [
        node_view(NODES_BY_YEAR, _most(tables["node_quantities"].frame["capacity"]), years),
        technology_view(
            TECHNOLOGIES_BY_YEAR, _most(electric["capacity_mw"]), list(electric["technology_group"]), years
        ),
    ]
    for name, view in views.items():
        if view.table == "link_capacity":
            links = tables[view.table].frame
            own = links[links["layer"] == view.layer]
            found.append(link_view(name, _most(own["capacity"]), _most(own["loading"]), years))
    return found


def _most(values: pd.Series) -> float:
    """The largest of the numbers, 1 if there is none above zero."""
    return float(np.nanmax(values.to_numpy(), initial=0.0)) or 1.0


def _save_styles(base: sqlite3.Connection, styles: Sequence[Style]) -> None:
    """Enter styles in the table in which QGIS looks for them."""
    base.execute(STYLES)
    base.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, ?, ?, '')",
        [(s.layer, GEOMETRY, s.name, s.qml, s.default, s.name) for s in styles],
    )
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', 'how QGIS draws the layers', ?, 0)",
        (NO_DATE,),
    )


def _date(results: xr.Dataset) -> str:
    """When the results were made, as the standard writes it."""
    said = str(results.attrs.get("date_created", ""))
    if not said:
        return NO_DATE
    return datetime.fromisoformat(said).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
