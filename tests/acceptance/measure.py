"""Run a command and say what it took: seconds, peak memory of all its processes together, exit code, its words."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK = 0.25
"""Seconds between two looks at the memory in use."""


@dataclass(frozen=True)
class Run:
    """One finished command; ``peak_gb`` in 1e9 bytes."""

    exit: int
    seconds: float
    peak_gb: float
    out: str
    err: str


def measured(command: Sequence[str], folder: Path) -> Run:
    """Run ``command`` in ``folder`` and wait for its end; OSError if there is no such program."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err, start_new_session=True)
        together = 0
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            together = max(together, sum(_shares(process.pid)))
            time.sleep(LOOK)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        # The kernel's own peak of the largest process catches what falls between two looks.
        peak = max(together, usage.ru_maxrss * 1024)
        return Run(process.returncode, seconds, peak / 1e9, out.read(), err.read())


def _shares(session: int) -> Iterator[int]:
    """Bytes that each process of a session holds, shared pages counted once between those that share them."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # A process may end between two lines of this loop.
            with contextlib.suppress(OSError):
                if os.getsid(int(entry.name)) == session:
                    lines = (entry / "smaps_rollup").read_text().splitlines()
                    yield from (1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
