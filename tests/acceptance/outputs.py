"""``python -m tests.acceptance.outputs RESULTS``: how large and quick the files of a result are, and what others say.

Prints one JSON object. The report is built in a process of its own, start included, as a user waits for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import xarray as xr

from tests.gis import asked, cfchecked, listed, messages
from tests.sources import ROOT

SUMMED = {
    "node_point": "capacity_total_2035",
    "line_route": "line_capacity_2035",
    "pipeline_route": "pipeline_flow_2045",
    "oil_route": "oil_flow_2045",
}
"""A column of some layers, whose sum both GDAL and xarray make."""
MEGA = 1e6


def main(results: Path) -> dict[str, float]:
    """The figures of one result."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        page = folder / "report.html"
        begun = time.perf_counter()
        subprocess.run([sys.executable, "run.py", "report", str(results), "--out", str(page)], cwd=ROOT, check=True,
                       stdout=sys.stderr)  # fmt: skip
        reported = time.perf_counter() - begun
        errors, _ = cfchecked(results, folder)
        return {
            "megabytes": results.stat().st_size / MEGA,
            "report_seconds": reported,
            "report_megabytes": page.stat().st_size / MEGA,
            "layers": len(listed(results)),
            "sums_differ": sums_that_differ(results),
            "cf_messages": len(messages(results, folder, "cf:1.8", "check_geometry")),
            "cfchecks_errors": errors,
        }


def sums_that_differ(results: Path) -> int:
    """Columns whose sum is not the same for GDAL and xarray."""
    with xr.open_dataset(results, engine="netcdf4") as opened:
        own = {layer: float(opened[column].sum()) for layer, column in SUMMED.items()}
    differ = 0
    for layer, column in SUMMED.items():
        total = float(asked(results, f"SELECT sum({column}) AS total FROM {layer}")["total"])
        differ += abs(total - own[layer]) > 1e-6 * max(1.0, abs(own[layer]))
    return differ


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve())))
