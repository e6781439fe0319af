"""One HiGHS object with one program in it, run in a thread of its own so that the program can always be stopped."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType

import highspy
import numpy as np

from model.lp.program import Floats, LinearProgram
from model.solve.basis import Basis
from model.solve.progress import Progress, Report, leave_interrupted, read_line
from model.solve.scale import Scale

WAIT = 0.1
"""Seconds between two looks at the solver; also how often progress is drawn."""
GRACE = 0.7
"""Seconds that an interrupted solver has to stop by itself before the process is ended without it."""
NOTEWORTHY = ("WARNING", "ERROR", "Presolve reductions", "Problem status detected on presolve")
"""Beginnings of the lines of the solver's log that go into the short log."""
BESIDE_THE_POINT = "integer variables in model"
"""What HiGHS says of the array of zeros that it needs; see `pass_program`."""


class SolverError(RuntimeError):
    """HiGHS refused an option or the program itself."""


def quiet_highs() -> highspy.Highs:
    """A HiGHS object that prints nothing; to be silenced before it gets a program, else its banner reaches stdout."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    set_option(highs, "log_to_console", False)
    return highs


def set_option(highs: highspy.Highs, name: str, value: bool | float | str) -> None:
    """Set one option; SolverError if HiGHS does not know it or its value (it would go on with the default)."""
    if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
        raise SolverError(f"HiGHS {highs.version()} refused option {name} = {value!r}.")


def pass_program(highs: highspy.Highs, program: LinearProgram) -> None:
    """Hand the arrays over in one call; SolverError if HiGHS finds a fault in them.

    The call with arrays is many times faster than filling a HighsLp; it reads the integrality array whatever its size,
    so zeros must be given.
    """
    matrix = program.matrix
    continuous = np.zeros(program.columns, dtype=np.int32)
    status = highs.passModel(
        program.columns, program.rows, program.nonzeros, int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize), program.offset, program.cost, program.column_lower, program.column_upper,
        program.row_lower, program.row_upper, matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
        matrix.data, continuous,
    )  # fmt: skip
    if status == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the program: a bound, cost or coefficient is not a usable number.")


def check_numbers(program: LinearProgram) -> None:
    """SolverError naming the first column or row with a number that is none; HiGHS takes nan without a word."""
    for what, values, label in (
        ("a cost", np.where(np.isfinite(program.cost), 0.0, np.nan), program.column_label),
        ("a bound", program.column_lower + np.where(np.isnan(program.column_upper), np.nan, 0.0), program.column_label),
        ("a side", program.row_lower + np.where(np.isnan(program.row_upper), np.nan, 0.0), program.row_label),
    ):
        wrong = np.flatnonzero(np.isnan(values))
        if wrong.size:
            raise SolverError(f"{label(int(wrong[0]))} has {what} that is not a usable number.")
    wrong = program.matrix.indices[~np.isfinite(program.matrix.data)]
    if wrong.size:
        raise SolverError(f"{program.row_label(int(wrong[0]))} has a coefficient that is not a usable number.")


def _highs_basis(basis: Basis) -> highspy.HighsBasis:
    found = highspy.HighsBasis()
    known = {number: highspy.HighsBasisStatus(number) for number in range(5)}
    found.col_status, found.row_status = ([known[s] for s in part.tolist()] for part in (basis.columns, basis.rows))
    return found


class Worker:
    """A HiGHS object holding ``program`` in its own units (`Scale`); `run` may be called again with other options.

    OSError if the log cannot be written. Attributes: notes (noteworthy lines of the solver's log), handover_seconds.
    """

    def __init__(self, program: LinearProgram, progress: Progress | None, log_path: Path | None) -> None:
        begun = time.perf_counter()
        self.notes: list[str] = []
        self._progress = progress
        self._report = Report("")
        self._stop = threading.Event()
        self._highs = quiet_highs()
        if log_path is not None:
            log_path.touch()
            set_option(self._highs, "log_file", str(log_path))
        self._highs.cbLogging += self._heard
        self._highs.cbSimplexInterrupt += self._asked
        self._highs.cbIpmInterrupt += self._asked
        check_numbers(program)
        self._scale = Scale.of(program)
        pass_program(self._highs, self._scale.applied(program))
        self._columns = np.arange(program.columns, dtype=np.int32)
        self.handover_seconds = time.perf_counter() - begun

    def run(
        self,
        method: str,
        options: dict[str, bool | float | str],
        limit: float | None,
        start: Basis | None = None,
    ) -> str:
        """Solve with ``options`` from scratch or from a basis; gives HiGHS's model status such as ``kOptimal``.

        ``kError`` if HiGHS could not run at all.

        limit: seconds. KeyboardInterrupt (SIGINT or SIGTERM) stops the solver and is passed on; if the solver does not
        listen within `GRACE` seconds the process ends with exit code 130.
        """
        self._expect(self._highs.clearSolver())
        for name, value in options.items():
            set_option(self._highs, name, value)
        # HiGHS counts the limit from its first run on
        seconds = np.inf if limit is None else self._highs.getRunTime() + max(limit, 0.0)
        set_option(self._highs, "time_limit", seconds)
        if start is not None:
            self._expect(self._highs.setBasis(_highs_basis(start)))
        self._report = Report(method)
        status = self._in_thread(self._highs.run)
        return "kError" if status == highspy.HighsStatus.kError else str(self._highs.getModelStatus().name)

    def is_feasible(self, options: dict[str, bool | float | str], limit: float | None) -> str:
        """The model status of the program without any cost: ``kOptimal`` if something is feasible. Cost is put back."""
        cost = np.array(self._highs.getLp().col_cost_)
        self._change_cost(np.zeros(cost.size))
        try:
            return self.run("feasibility", options, limit)
        finally:
            self._change_cost(cost)

    def values(self) -> tuple[Floats, Floats]:
        """Primal value of each column and dual of each row of the last run, in the program's units."""
        solution = self._highs.getSolution()
        primal, dual = (np.array(part, dtype=np.float64) for part in (solution.col_value, solution.row_dual))
        return self._scale.undone(primal, dual)

    def basis(self) -> Basis | None:
        """The basis that the last run ended with; None if it ended without one, as interior points do."""
        found = self._highs.getBasis()
        if not found.valid:
            return None
        columns, rows = (
            np.array([int(status) for status in part], dtype=np.int8) for part in (found.col_status, found.row_status)
        )
        return Basis(columns, rows)

    def iterations(self) -> int:
        """Iterations of the last run, of whatever kind."""
        info = self._highs.getInfo()
        counts = (info.simplex_iteration_count, info.ipm_iteration_count, info.crossover_iteration_count)
        return int(sum(max(0, count) for count in counts))

    def close(self) -> None:
        """Free HiGHS's memory now; the callbacks make a circle that would keep it until Python happens to look."""
        self._highs.clearCallbacks()  # type: ignore[no-untyped-call]
        self._highs.clear()

    def _change_cost(self, cost: Floats) -> None:
        self._expect(self._highs.changeColsCost(cost.size, self._columns, cost))

    def _expect(self, status: highspy.HighsStatus) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused a change of the program.")

    def _heard(self, event: highspy.HighsCallbackEvent) -> None:
        for line in event.message.splitlines():
            if line.startswith(NOTEWORTHY) and BESIDE_THE_POINT not in line:
                self.notes.append(line.strip())
            self._report = read_line(self._report, line)

    def _asked(self, event: highspy.HighsCallbackEvent) -> None:
        if self._stop.is_set():
            event.interrupt()
        count = max(event.data_out.simplex_iteration_count, event.data_out.ipm_iteration_count)
        if count > self._report.iteration:
            self._report = replace(self._report, iteration=count)

    def _in_thread(self, work: Callable[[], highspy.HighsStatus]) -> highspy.HighsStatus:
        """The result of ``work``, done in a thread while this one stays awake for signals and progress."""
        self._stop.clear()
        # an event, not join(): when that is interrupted CPython before 3.13 takes the running thread for ended
        done = threading.Event()
        result: list[highspy.HighsStatus] = []

        def job() -> None:
            try:
                result.append(work())
            finally:
                done.set()

        # a daemon, so that a solver which does not listen cannot hold back the end of the program
        thread = threading.Thread(target=job, name="solver", daemon=True)
        begun = time.monotonic()
        with terminate_as_interrupt():
            try:
                thread.start()
                while not done.wait(WAIT):
                    if self._progress is not None:
                        self._progress.update(replace(self._report, seconds=time.monotonic() - begun))
            except KeyboardInterrupt:
                self._give_up(done)
                raise
        return result[0] if result else highspy.HighsStatus.kError

    def _give_up(self, done: threading.Event) -> None:
        """Ask the solver to stop; end the process if it does not, or if the user insists."""
        self._stop.set()
        try:
            if self._progress is not None:
                self._progress.close()
            stopped = done.wait(GRACE)
        except KeyboardInterrupt:
            leave_interrupted()
        if not stopped:
            leave_interrupted()


@contextlib.contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt, as SIGINT does, unless someone handles it already or this is no main thread."""
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
