"""Programs that none of us wrote, asked about a file: GDAL, netCDF's own tools and two checkers of CF."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from tests.sources import ROOT

TABLES = {"area": ("area_type_table", "land"), "region": ("standardized_region_list", "global")}
"""Tables that cfchecks would fetch from the network: their root and one entry, which is all that it asks for."""

TABLE = """<?xml version="1.0"?>
<{root}><version_number>1</version_number><date>2026-01-01</date><entry id="{entry}"></entry></{root}>
"""


def said(*command: str | Path) -> str:
    """What a program prints; AssertionError with it where the program fails."""
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, f"{command}: {run.stdout[-2000:]}{run.stderr[-2000:]}"
    return run.stdout


def listed(path: Path) -> dict[str, str]:
    """The layers that GDAL finds, with the name that it has for their geometry."""
    summary = said("ogrinfo", "-ro", "-q", "-nomd", path)
    return dict(re.findall(r"^\d+: (\w+) \((.+)\)$", summary, flags=re.MULTILINE))


def asked(path: Path, question: str) -> dict[str, str]:
    """Columns of the one row that SQL on the file gives."""
    answer = said("ogrinfo", "-ro", "-q", "-nomd", "-dialect", "sqlite", "-sql", question, path)
    return dict(re.findall(r"^  (\w+) \(\w+\) = (.*)$", answer, flags=re.MULTILINE))


def messages(path: Path, folder: Path, suite: str, *skipped: str) -> dict[str, list[str]]:
    """What IOOS's compliance checker has to say, by the group that it belongs to; ``folder`` holds its answer."""
    answer = folder / "answer.json"
    said(sys.executable, "-m", "tests.cf_suite", path.resolve(), answer, suite, *skipped)
    suites: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(answer.read_text(encoding="utf-8"))
    (found,) = suites.values()
    groups = [*found["high_priorities"], *found["medium_priorities"], *found["low_priorities"]]
    return {group["name"]: group["msgs"] for group in groups if group["value"][0] != group["value"][1]}


def cfchecked(path: Path, folder: Path) -> tuple[int, list[str]]:
    """Errors that cfchecks counts, and the lines in which it warns; ``folder`` holds its tables."""
    for name, (root, entry) in TABLES.items():
        (folder / f"{name}.xml").write_text(TABLE.format(root=root, entry=entry), encoding="utf-8")
    names = Path(str(files("compliance_checker") / "data" / "cf-standard-name-table.xml"))
    tables = ["-s", names, "-a", folder / "area.xml", "-r", folder / "region.xml", "-v", "1.8"]
    program = [sys.executable, "-m", "cfchecker.cfchecks", *tables, path]
    run = subprocess.run([*map(str, program)], capture_output=True, text=True, check=False)
    found = re.search(r"ERRORS detected: (\d+)", run.stdout)
    assert found is not None, run.stdout[-2000:] + run.stderr[-2000:]
    return int(found[1]), [line for line in run.stdout.splitlines() if line.startswith("WARN: (")]
