"""Kill a plan while it solves and while it writes, with and without an older result, and see what is left.

``python -m tests.acceptance.kill FOLDER [STUDY]`` prints counts as JSON: kills in each phase, results left broken, and
the exit code of the whole run between the kills.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.sources import ROOT

LOOK = 0.002
"""Seconds between two looks; writing takes a few hundred times as long."""
SOLVING = re.compile(r"^(hipo|ipx|simplex)\b.*\d", re.MULTILINE)


def plan(study: list[str], folder: Path) -> list[str]:
    """The command that plans ``study`` into ``folder``."""
    return [sys.executable, "run.py", "plan", *study, "--out", str(folder)]


def solving(folder: Path, log: Path) -> bool:
    """Whether the solver has shown its first progress."""
    return bool(SOLVING.search(log.read_text(encoding="utf-8")))


def writing(folder: Path, log: Path) -> bool:
    """Whether a part of a result lies in the folder that has not got its name yet."""
    return any(folder.glob(".*.part"))


def killed(study: list[str], folder: Path, when: Callable[[Path, Path], bool]) -> bool:
    """Start a plan and kill it once ``when`` holds; False if it ended before."""
    log = folder.with_suffix(".err")
    for left in folder.glob(".*.part"):
        left.unlink()
    with log.open("w") as err:
        process = subprocess.Popen(plan(study, folder), cwd=ROOT, stdout=err, stderr=err, start_new_session=True)
        while process.poll() is None and not when(folder, log):
            time.sleep(LOOK)
        caught = process.poll() is None
        if caught:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return caught


def broken(folder: Path, before: bytes | None) -> bool:
    """Whether the folder has lost its result or holds one that is neither the old one nor a certified new one."""
    results = folder / "results.nc"
    if not results.exists():
        return before is not None
    command = [sys.executable, "run.py", "verify", str(results)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode != 0


def main() -> None:
    """Two rounds of kills, the first into an empty folder and the second over a result, with a whole run between."""
    folder, study = Path(sys.argv[1]).resolve(), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"broken": 0, "killed_solving": 0, "killed_writing": 0, "second_run": 0}
    for second in (False, True):
        for phase, when in (("killed_solving", solving), ("killed_writing", writing)):
            results = folder / "results.nc"
            before = results.read_bytes() if results.exists() else None
            counts[phase] += killed(study, folder, when)
            counts["broken"] += broken(folder, before)
        if not second:
            done = subprocess.run(plan(study, folder), cwd=ROOT, stdout=sys.stderr, check=False)
            counts["second_run"] = done.returncode
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
