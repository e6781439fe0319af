"""What a user sees while the solver works, and how a program leaves when told to stop. Light to import."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from dataclasses import dataclass, replace
from typing import NoReturn, Protocol, TextIO

INTERRUPTED = 130
"""Exit code of a program that was told to stop (Ctrl-C), as shells expect."""
PLAIN_INTERVAL = 5.0
"""Seconds between two plain lines where there is no terminal to draw on."""

_NUMBER = r"[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|inf|nan)"
_INTERIOR = re.compile(rf"\s*(\d+)\*?\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})")
_SIMPLEX = re.compile(rf"\s*(\d+)\s+({_NUMBER})\s+Pr: \d+\(({_NUMBER})\)")
_PHASES = (
    ("Presolving model", "presolve"), ("Interior point solve", "interior point"), ("Running HiPO", "interior point"),
    ("Running crossover", "crossover"), ("Using dual", "simplex"), ("Using primal", "simplex"),
    ("Performed postsolve", "postsolve"),
)


@dataclass(frozen=True)
class Report:
    """Where a solver stands. gap: relative, between its primal and dual objective; infeasibility: in its own measure.

    seconds: since this method began. What a method does not tell is None.
    """

    method: str
    phase: str = "presolve"
    iteration: int = 0
    gap: float | None = None
    infeasibility: float | None = None
    objective: float | None = None
    seconds: float = 0.0

    def line(self) -> str:
        """One short line for a person."""
        told = [f"{self.method}: {self.phase}", f"iteration {self.iteration:,}" if self.iteration else ""]
        told.append(f"cost {self.objective:,.6g}" if self.objective is not None else "")
        told.append(f"gap {self.gap:.1e}" if self.gap is not None else "")
        told.append(f"infeasibility {self.infeasibility:.1e}" if self.infeasibility is not None else "")
        told.append(f"{self.seconds:.0f} s")
        return ", ".join(part for part in told if part)


class Progress(Protocol):
    """Whatever wants to know how the solver gets on; called a few times a second from the waiting thread."""

    def update(self, report: Report) -> None:
        """Take notice of ``report``."""

    def close(self) -> None:
        """No more reports; give the terminal back."""


class PlainProgress:
    """A plain line now and then, for logs and pipes."""

    def __init__(self, stream: TextIO | None = None, interval: float = PLAIN_INTERVAL) -> None:
        self._stream = stream or sys.stderr
        self._interval = interval
        self._last = time.monotonic()

    def update(self, report: Report) -> None:
        """Print ``report`` if the last line is old enough."""
        now = time.monotonic()
        if now - self._last >= self._interval:
            self._last = now
            print(report.line(), file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing to give back."""


class LiveProgress:
    """One line that is drawn anew on a terminal and disappears at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(file=stream or sys.stderr), auto_refresh=False, transient=True)

    def update(self, report: Report) -> None:
        """Draw ``report`` in place of the one before."""
        from rich.text import Text

        if not self._live.is_started:
            self._live.start()
        self._live.update(Text(report.line(), no_wrap=True, overflow="ellipsis"), refresh=True)

    def close(self) -> None:
        """Erase the line and show the cursor again."""
        if self._live.is_started:
            self._live.stop()


def progress_on(stream: TextIO | None = None) -> Progress:
    """A live line where ``stream`` (stderr unless given) is a terminal, plain lines elsewhere."""
    target = stream or sys.stderr
    return LiveProgress(target) if target.isatty() else PlainProgress(target)


def read_line(report: Report, line: str) -> Report:
    """The report after one line of the solver's log; unchanged by lines that tell nothing about progress."""
    interior = _INTERIOR.match(line)
    if interior:
        iteration, cost, _, primal, dual, gap = interior.groups()
        return replace(
            report, phase="interior point", iteration=int(iteration), objective=float(cost), gap=float(gap),
            infeasibility=max(float(primal), float(dual)),
        )
    simplex = _SIMPLEX.match(line)
    if simplex:
        iteration, cost, primal = simplex.groups()
        return replace(
            report, phase="simplex", iteration=int(iteration), objective=float(cost), infeasibility=float(primal)
        )
    for start, phase in _PHASES:
        if line.lstrip().startswith(start):
            return replace(report, phase=phase)
    return report


def leave_interrupted(message: str = "Interrupted; nothing was written.") -> NoReturn:
    """Tell the user in one line and end the process at once with exit code 130, whatever other threads are doing.

    A solver deep in a factorisation listens to nobody, and Python's own exit would wait for it.
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    with contextlib.suppress(OSError, ValueError):
        print(message, file=sys.stderr, flush=True)
    os._exit(INTERRUPTED)
