"""The page of the results, from the variables of a study that is solved for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import xarray as xr
from example import write_example
from pages import code, finish, table

from model import Study
from model.outputs.cf.layout import cf_dataset, layer_variables
from model.outputs.maps import layers

WHEN_WRITTEN = ("date_created", "history", "peak_memory_gb", "study_folder", "seconds_write")
"""Attributes that come with the file."""
INTRODUCTION = """# Results

A run writes `results.nc`, a NetCDF file that xarray, QGIS and GDAL open, and beside it `report.html`
([the report](report.md)), `certificate.nc` (the solution in full precision, from which `verify` repeats the proof) and
`run.log` (the solver's own log). `export` writes a [GeoPackage](gis.md), or [CSV, Excel and IAMC tables](export.md).

```python
from model import read_results

results = read_results("results/kazakhstan/base/results.nc")
results.capacity.sel(year=2035, technology="wind")   # GW by node
```

`from model import Study` gives the same Dataset without a file: `Study.read(FOLDER).solve().results`. Plain
`xarray.open_dataset` opens the file too, with the layers for maps beside the results. Every variable says its unit and
what it is (`attrs["units"]`, `attrs["long_name"]`); the file has the unit as UDUNITS spells it in `units` (1 for money
and for what differs by row) and in the trade's words in `unit`. Capacities of a planning year
are those in operation in that year; yearly quantities and costs are those of an average year of the time it
stands for. *technology unit* is what `technology_unit` says of each, *link unit* and *market unit* likewise.
A variable whose subject a study lacks (targets, interfaces, limits on building) is left out.

## Closing balances

`balance` says what gives (positive) and takes (negative) each commodity in a year, by node and item; it sums to
zero over the items. `balance_detail` is the same as a long table, with the technology, market or single user
that does it; `plan` prints it for the whole country, `plan --balances` by technology.

```python
gas = results.balance.sel(commodity="gas").sum("node").to_pandas()    # item by year; transfers cancel out
rows = [name for name in results.data_vars if name.startswith("balance_row")]
table = results[[*rows, "balance_detail"]].to_dataframe()             # for spreadsheets and databases
```

| item | what it is |
| --- | --- |
| `supply` | what fuels.csv sells or lets flow: fuels, wells, rivers |
| `production`, `use` | what technologies give and take; also links that need another commodity (power for trains) |
| `imports`, `exports` | markets at outside nodes |
| `charge`, `discharge` | stores; over the year the difference is what they lose |
| `transfers` | what links take from a node and carry to another |
| `transport_losses` | what is lost or burnt on the way, told at the end of the way |
| `demand`, `unserved`, `excess` | what is asked for, what of it is missing, what is left over |
"""

LAYERS = """## Layers for maps

The file by itself is a map: GDAL and QGIS open each layer with its shapes (CF-1.8 geometry containers, EPSG:4326) and
one attribute for every variable below, for each planning year. Power is in MW, energy in GWh per year, shares in
percent. Kinds of links that a study lacks have no layer: `line_route`, `pipeline_route`, `oil_route`, `rail_corridor`,
`road_corridor`, `sea_corridor`, `other_route`, all with the same variables. Variables of layers say
`purpose = "map layer"`.
"""


def page() -> str:
    """The page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        results = Study.read(write_example(Path(folder))).solve().results
    found = cf_dataset(results)
    return "\n".join([INTRODUCTION, *variables(results), *map_layers(results), *dims(results), *attributes(found)])


def variables(results: xr.Dataset) -> list[str]:
    """Every variable with its dims, unit and meaning, in the order of the file."""
    rows = [
        (
            code(name),
            ", ".join(str(dim) for dim in variable.dims),
            unit_of(variable.variable),
            variable.attrs["long_name"],
        )
        for name, variable in results.data_vars.items()
    ]
    return ["## Variables", "", table(("variable", "dims", "unit", "meaning"), rows)]


def map_layers(results: xr.Dataset) -> list[str]:
    """What the layers of the file show, for one planning year."""
    first = str(results["year"].to_numpy()[0])
    rows = []
    for layer in layers(results).values():
        for name, variable in layer_variables(layer).items():
            if name.endswith(first) or not name[-4:].isdigit():
                told = (
                    name.replace(first, "YEAR"),
                    str(variable.attrs.get("long_name", "label")).replace(f", {first}", ""),
                )
                rows.append((code(layer.name), code(told[0]), unit_of(variable), told[1]))
    return ["", LAYERS, table(("layer", "variable", "unit", "meaning"), rows)]


def unit_of(variable: xr.Variable) -> str:
    """The unit, empty for texts."""
    return str(variable.attrs.get("units", "")) if variable.dtype.kind in "fiu" else ""


def dims(results: xr.Dataset) -> list[str]:
    """Every dim with a label of each kind."""
    named = sorted(str(dim) for dim in results.dims if dim in results.coords)
    rows = [(code(dim), code(results[dim].to_numpy()[0])) for dim in named]
    return ["", "## Dims", "", "Each carries its labels.", "", table(("dim", "for example"), rows)]


def attributes(results: xr.Dataset) -> list[str]:
    """The attributes of the file; their values belong to a run."""
    names = sorted({*map(str, results.attrs), *WHEN_WRITTEN})
    told = (
        "The attributes of the file say where it came from and how good it is: the study, its settings and changes, "
        "the digest of every input file and of the equations, versions, the solver, times, and the certificate. "
        "Objective in USD, times in seconds."
    )
    return ["", "## Attributes", "", told, "", ", ".join(code(name) for name in names) + "."]


if __name__ == "__main__":
    finish("results.md", "generate_results.py", page)
