"""The command that writes a result in the formats of other programs."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from model.cli_shared import FAILED, fail, json_option, shown, told

if TYPE_CHECKING:
    import xarray as xr


class Format(NamedTuple):
    """A format: what it is, its file or folder beside the result, the extra and the packages of that extra it needs."""

    title: str
    beside: str
    extra: str
    needs: tuple[str, ...]
    write: Callable[[xr.Dataset, Path], None]


def _geopackage(results: xr.Dataset, path: Path) -> None:
    from model.outputs.geopackage import write_geopackage

    write_geopackage(results, path)


def _csv(results: xr.Dataset, path: Path) -> None:
    from model.outputs.csv_package import write_csv_package

    write_csv_package(results, path)


def _spreadsheet(results: xr.Dataset, path: Path) -> None:
    from model.outputs.spreadsheet import write_spreadsheet

    write_spreadsheet(results, path)


def _iamc(results: xr.Dataset, path: Path) -> None:
    from model.interop.iamc import write_iamc

    write_iamc(results, path)


FORMATS = {
    "gpkg": Format("GeoPackage", "results.gpkg", "gis", ("geopandas", "pyogrio", "shapely"), _geopackage),
    "csv": Format("folder of CSV tables", "results-csv", "", (), _csv),
    "xlsx": Format("Excel workbook", "results.xlsx", "tables", ("openpyxl",), _spreadsheet),
    "iamc": Format("IAMC table", "results-iamc.csv", "", (), _iamc),
}


@click.command()
@click.argument("results", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--to",
    "form",
    type=click.Choice(list(FORMATS)),
    required=True,
    help="gpkg: map layers; csv: all tables, with a description; xlsx: tables by year; iamc: names of the IAMC.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, for csv a folder [beside RESULTS: results.gpkg, results-csv, results.xlsx, results-iamc.csv].",
)
@json_option
def export(results: Path, form: str, out: Path | None, as_json: bool) -> None:
    """Write RESULTS for other programs: GIS, tables of CSV, a spreadsheet, or the IAMC's data exchange.

    What stands under the name is replaced once the whole is written; the same RESULTS give the same file.
    """
    chosen = FORMATS[form]
    if missing := [name for name in chosen.needs if importlib.util.find_spec(name) is None]:
        raise click.UsageError(
            f"--to {form} needs {', '.join(missing)}, which this installation lacks: pip install '.[{chosen.extra}]'"
        )
    path = out if out is not None else results.parent / chosen.beside
    if path.resolve() == results.resolve():
        raise click.UsageError(f"--out would replace the result itself: {shown(path)}")
    with told(as_json):
        from model.outputs.netcdf import read_results

        found = read_results(results)
        try:
            chosen.write(found, path)
        except ValueError as error:
            fail("not exported", str(error).splitlines(), FAILED, as_json)
    if as_json:
        click.echo(json.dumps({"status": "exported", "exit": 0, "format": form, "path": shown(path)}))
    else:
        click.echo(f"{chosen.title}: {shown(path)}")
