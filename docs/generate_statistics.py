"""The page of the statistics, from those of a study that is solved for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import xarray as xr
from example import write_example
from pages import code, finish, table

from model import Study

INTRODUCTION = """# Statistics

What planners ask of a plan is worked out from its results, whether they have just been made or are read from a file.

```python
from model.outputs.netcdf import read_results
from model.outputs.statistics import nodal_balance, statistics
from model.outputs.statistics_national import summary

results = read_results("results/kazakhstan/base/results.nc")
found = statistics(results)                                    # or plan.statistics
found.market_value.sel(technology="wind").to_pandas()          # node by year, USD per MWh
summary(results).generation.to_pandas()                        # or plan.summary: family by year, TWh
nodal_balance(results, "gas").sel(node="almaty").to_pandas()   # what gives and takes, bcm a year
```

Values are at nodal prices, which are what one more unit is worth. `lcoe` is that of the stock that stands: what was
built before the plan has its building cost behind it. What reserve margins, joint limits and goals pay for is no value
of a commodity: a plant that is built for these shows a negative `net_value`. Where a question has no answer, as for the
use of a plant that does not stand, the value is nan. What a study lacks is left out. Programmes that save electricity
give it where they save it and count in generation, under their own family.
"""


def page() -> str:
    """The page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Study.read(write_example(Path(folder))).solve()
    return "\n".join(
        [
            INTRODUCTION,
            "## By technology, store and link",
            "",
            listed(plan.statistics),
            "",
            "## The country",
            "",
            listed(plan.summary),
        ]
    )


def listed(found: xr.Dataset) -> str:
    """Every variable with its dims, unit and meaning."""
    rows = [
        (code(name), ", ".join(map(str, variable.dims)), variable.attrs["units"], variable.attrs["long_name"])
        for name, variable in found.data_vars.items()
    ]
    return table(("name", "dims", "unit", "meaning"), rows)


if __name__ == "__main__":
    finish("statistics.md", "generate_statistics.py", page)
