"""The page of the results, from the variables of a study that is solved for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import xarray as xr
from example import write_example
from pages import code, finish, table

from model import Study

WHEN_WRITTEN = ("date_created", "study_folder", "seconds_write")
"""Attributes that come with the file."""
INTRODUCTION = """# Results

A run writes `results.nc`, a NetCDF file that xarray, QGIS and GDAL open, and beside it `certificate.nc` (the
solution in full precision, from which `verify` repeats the proof) and `run.log` (the solver's own log).

```python
import xarray as xr

results = xr.open_dataset("results/kazakhstan/base/results.nc")
results.capacity.sel(year=2035, technology="wind")   # GW by node
```

`from model import Study` gives the same Dataset without a file: `Study.read(FOLDER).solve().results`. Every
variable says its unit and what it is (`attrs["units"]`, `attrs["long_name"]`). Capacities of a planning year
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


def page() -> str:
    """The page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        results = Study.read(write_example(Path(folder))).solve().results
    return "\n".join([INTRODUCTION, *variables(results), *dims(results), *attributes(results)])


def variables(results: xr.Dataset) -> list[str]:
    """Every variable with its dims, unit and meaning, in the order of the file."""
    rows = [
        (code(name), ", ".join(str(dim) for dim in variable.dims), unit(variable), variable.attrs["long_name"])
        for name, variable in results.data_vars.items()
    ]
    return ["## Variables", "", table(("variable", "dims", "unit", "meaning"), rows)]


def unit(variable: xr.DataArray) -> str:
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
