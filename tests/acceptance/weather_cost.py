"""What a weather year costs: a fresh process on one core draws the Kazakh year, all imports and inputs included.

``python -m tests.acceptance.weather_cost`` prints seconds and peak memory as JSON; exit code 1 beyond the limits.
"""

from __future__ import annotations

import json
import os
import sys

from tests.acceptance.measure import measured
from tests.sources import ROOT

MOST_SECONDS = 8.0
MOST_GB = 0.6

DRAW = """
from model.system.read import Inputs
from model.time.statistics import weather_statistics
from model.time.weather import synthesise

weather = synthesise(weather_statistics(Inputs.read("inputs/kazakhstan").tables))
assert weather["wind_cf"].shape == (17, 8760)
"""


def main() -> int:
    """Draw once and compare with the limits."""
    # Child processes inherit the one core, and linear algebra starts as many threads as it sees cores.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    run = measured([sys.executable, "-c", DRAW], ROOT)
    sys.stderr.write(run.err)
    print(json.dumps({"exit": run.exit, "wall_seconds": round(run.seconds, 2), "peak_gb": round(run.peak_gb, 3)}))
    return int(run.exit != 0 or run.seconds > MOST_SECONDS or run.peak_gb > MOST_GB)


if __name__ == "__main__":
    sys.exit(main())
