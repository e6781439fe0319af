"""What the user sees while a solver works, and how the program ends when told to stop."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model.solve.highs import solve
from model.solve.progress import LiveProgress, PlainProgress, Report, progress_on, read_line
from tests.solve.cases import expansion

pytestmark = pytest.mark.filterwarnings("error")
ROOT = Path(__file__).parents[2]

CHILD = """
from model.solve.highs import leave_interrupted, solve
from model.solve.progress import PlainProgress
from tests.solve.cases import expansion
try:
    solve(expansion(17, 3, 6), {method!r}, progress=PlainProgress(interval=0.0))
except KeyboardInterrupt:
    leave_interrupted()
"""

DEAF = """
import threading
from model.solve.progress import PlainProgress
from model.solve.worker import Worker
from tests.solve.cases import small
worker = Worker(small([1.0], [[1.0]], [1.0], [1.0]), PlainProgress(interval=0.0), None)
worker._in_thread(threading.Event().wait)
"""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_lines_of_the_log_are_understood() -> None:
    """Proves: iteration, cost, gap and infeasibility are read from both kinds of table, and the phase from headings.
    Without it a display would stand still for the length of the run."""
    report = read_line(Report("ipx"), "Presolving model")
    assert report.phase == "presolve"
    report = read_line(report, "  51*   1.07918686e+04   1.07918685e+04   4.74e-16   2.89e-16  7.31e-09       0.9")
    assert (report.phase, report.iteration, report.objective) == ("interior point", 51, 10791.8686)
    assert (report.gap, report.infeasibility) == (7.31e-09, 4.74e-16)
    assert read_line(report, "Running crossover as requested").phase == "crossover"
    report = read_line(Report("simplex"), "       5439     1.0791868505e+04 Pr: 12(0.5); Du: 0(3.48582e-13) 0.4s")
    assert (report.phase, report.iteration, report.infeasibility) == ("simplex", 5439, 0.5)
    assert read_line(report, "  Matrix  [3e-02, 4e+00]") == report
    assert read_line(report, "Using BLAS: OpenBLAS") == report


def test_one_line_says_what_is_known() -> None:
    """Proves: the line has numbers and leaves out what the method does not tell. Without it "None" would be shown."""
    assert Report("hipo", "interior point", 12, seconds=3.4).line() == "hipo: interior point, iteration 12, 3 s"
    full = Report("ipx", "interior point", 1200, 2e-5, 3e-9, 15071.7017, 61.0)
    assert full.line() == (
        "ipx: interior point, iteration 1,200, cost 15,071.7, gap 2.0e-05, infeasibility 3.0e-09, 61 s"
    )


@pytest.mark.parametrize("method", ["simplex", "ipx", "hipo"])
def test_plain_lines_from_every_method(method: str) -> None:
    """Proves: without a terminal plain lines come, with iterations. Without it a log would be silent for hours."""
    stream = io.StringIO()
    solve(expansion(5, 2, 2), method, progress=PlainProgress(stream, interval=0.0))  # type: ignore[arg-type]
    lines = stream.getvalue().splitlines()
    assert lines
    assert all(line.startswith(method) for line in lines)
    assert any("iteration" in line for line in lines)
    assert "\x1b" not in stream.getvalue()


def test_plain_lines_are_few() -> None:
    """Proves: between two lines some seconds pass. Without it a log of an hour would have 36,000 lines."""
    stream = io.StringIO()
    progress = PlainProgress(stream, interval=3600.0)
    for _ in range(5):
        progress.update(Report("ipx"))
    progress.close()
    assert stream.getvalue() == ""


def test_terminal_gets_one_live_line() -> None:
    """Proves: a terminal gets a line that is drawn anew and erased, with the cursor given back. Without it the line
    would stay behind and the cursor remain hidden."""
    stream = Terminal()
    progress = progress_on(stream)
    assert isinstance(progress, LiveProgress)
    assert isinstance(progress_on(io.StringIO()), PlainProgress)
    progress.update(Report("hipo", iteration=7))
    progress.update(Report("hipo", iteration=8))
    progress.close()
    progress.close()
    assert "iteration 8" in stream.getvalue()
    assert stream.getvalue().count("\x1b[?25h") == 1


@pytest.mark.parametrize(
    ("script", "number"),
    [(CHILD.format(method=m), signal.SIGINT) for m in ("simplex", "ipx", "hipo")]
    + [(CHILD.format(method="hipo"), signal.SIGTERM), (DEAF, signal.SIGINT)],
    ids=["simplex", "ipx", "hipo", "terminated", "deaf"],
)
def test_interrupt_ends_the_program_at_once(script: str, number: int) -> None:
    """Proves: Ctrl-C (and SIGTERM) ends the program with 130 within two seconds, in one line, without traceback, even
    if the solver never listens. Without the thread Python would see the signal only after the run, minutes later."""
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr is not None
        first = child.stderr.readline()
        assert "presolve" in first or "iteration" in first or "interior" in first or first.startswith(":"), first
        child.send_signal(number)
        told = time.monotonic()
        out, err = child.communicate(timeout=30)
        assert time.monotonic() - told < 2.0
    assert child.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "Interrupted; nothing was written."
    assert "Traceback" not in err
