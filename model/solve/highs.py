"""Solve a program with HiGHS: the method by size, the next one if a method fails or its answer is not accepted.

Measured on expansion studies (hours of several years, storage, lines, carbon caps), HiGHS 1.15.1, two cores, seconds:

======== ======== ======== ====
columns  simplex  IPX      HiPO
======== ======== ======== ====
7,800    0.5      0.9      1.1
13,800   1.6      2.4      2.6
27,700   12.5     8.8      6.0
57,500   -        31       20
116,400  -        119      47
======== ======== ======== ====

Up to 57,500 columns with crossover, which adds 2 to 20 %; above without. Interior solutions of either kind pass the
certificate at a gap of 1e-7 without crossover. A capacity stands in a row of every step, which makes the normal
equations dense: on the default study of Kazakhstan (132,500 rows x 128,300 columns) HiPO takes 108 s with them and 66 s
with the augmented system, which it does not choose by itself; crossover to a vertex adds 5 s.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypedDict

import highspy
import numpy as np

from model.lp.program import Floats, LinearProgram
from model.solve.basis import Basis
from model.solve.progress import Progress, leave_interrupted
from model.solve.worker import SolverError, Worker, pass_program, quiet_highs

__all__ = ["Attempt", "Solution", "SolverError", "coefficient_ranges", "leave_interrupted", "solve", "write_mps"]

Solver = Literal["auto", "hipo", "ipx", "simplex"]
Status = Literal["optimal", "infeasible", "unbounded", "interrupted", "time_limit", "failed"]
Options = dict[str, bool | float | str]

SMALL = 20_000
"""Columns below which the simplex method is quickest; above it is HiPO."""
LARGE = 400_000
"""Columns from which a vertex is not asked for unless it is needed, because crossover may take longer than the rest."""
RESUMED = "simplex from a basis"
"""The method that starts where another program like this one ended."""
DEVEX = 1
"""HiGHS's number for Devex pricing."""
BAD_RATIO = 1e9
"""Ratio of the largest to the smallest coefficient of a kind above which float64 solvers get into trouble."""
BAD_BOUND = 1e9
"""A bound of this size is meant to be infinite and should be; interior points stall on it."""

_SETTLED: dict[str, Status] = {
    "kOptimal": "optimal", "kModelEmpty": "optimal", "kInfeasible": "infeasible", "kUnbounded": "unbounded",
    "kTimeLimit": "time_limit", "kInterrupt": "interrupted",
}


@dataclass(frozen=True)
class Attempt:
    """One method that was tried: what it said, how long it took in seconds, why its answer was not taken (or empty)."""

    method: str
    status: str
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Solution:
    """What the solver found, in the program's units (million USD and what the columns and rows count).

    primal, reduced_cost: one per column. row_dual: one per row of the matrix; what one more unit of the row's side
    costs. reduced_cost = cost - matrix' row_dual. Arrays are empty and objective is nan unless a point was found.
    basis: where a simplex method can start on a program like this one; None without a vertex.
    solver: the method that gave it. seconds: all methods together; handover_seconds: giving HiGHS the arrays.
    """

    status: Status
    solver: str
    objective: float
    primal: Floats
    row_dual: Floats
    reduced_cost: Floats
    seconds: float
    handover_seconds: float
    iterations: int
    log: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    basis: Basis | None = None


Accept = Callable[[Solution], bool | str]
"""True takes the solution; False or a reason (a non-empty text) sends it to the next method."""


def solve(
    program: LinearProgram,
    solver: Solver = "auto",
    *,
    gap: float = 1e-6,
    time_limit: float | None = None,
    accept: Accept | None = None,
    progress: Progress | None = None,
    log_path: Path | None = None,
    threads: int | None = None,
    start: Basis | None = None,
) -> Solution:
    """Least-cost solution of ``program``.

    solver: ``auto`` takes simplex below `SMALL` columns, HiPO above. Below `LARGE` interior points are followed by
    crossover to a vertex; above only if ``accept`` refuses the interior solution. If a method fails or is refused the
    chain hipo -> ipx -> simplex goes on; when all are through the last answer comes back with status "failed".
    gap: relative gap that ``accept`` will ask for; sets the tolerance of interior points. time_limit: seconds for all
    methods together. log_path: HiGHS's own full log. threads: for HiGHS; its choice if None.
    start: a basis of a program like this one, from which the simplex method is tried first.

    SolverError if HiGHS refuses the arrays or an option; ValueError for an unknown ``solver``; KeyboardInterrupt when
    interrupted (or exit code 130 at once if the solver does not listen, see `leave_interrupted`).
    """
    begun = time.perf_counter()
    chain = ((RESUMED,) if start is not None else ()) + _chain(solver, program.columns)
    worker = Worker(program, progress, log_path)
    general: Options = {} if threads is None else {"threads": threads}
    attempts: list[Attempt] = []
    answer = _nothing("failed")
    # broken, not only imprecise: crossover cannot help
    failed: set[str] = set()
    try:
        for method in chain:
            if method.partition("+")[0] in failed:
                continue
            left = None if time_limit is None else time_limit - (time.perf_counter() - begun)
            begin = start if method == RESUMED else None
            found = _attempt(program, worker, method, general | _options(method, gap), left, begin)
            reason = _reason(found, accept)
            attempts.append(Attempt(method, found.status, found.seconds, reason))
            answer = found if found.status != "failed" or answer.primal.size == 0 else answer
            if not reason:
                break
            if found.status == "failed" and found.log != ("kUnknown",):
                failed.add(method)
        else:
            answer = replace(answer, status="failed")
    finally:
        worker.close()
        if progress is not None:
            progress.close()
    return replace(
        answer, seconds=time.perf_counter() - begun, handover_seconds=worker.handover_seconds,
        log=_short_log(worker.notes, attempts), attempts=tuple(attempts),
    )


def _chain(solver: Solver, columns: int) -> tuple[str, ...]:
    """The methods to try, in order; ``+crossover`` goes on from an interior point to a vertex."""
    if solver == "auto":
        solver = "simplex" if columns < SMALL else "hipo"

    def interior(name: str) -> tuple[str, ...]:
        return (f"{name}+crossover",) if columns < LARGE else (name, f"{name}+crossover")

    chains = {
        "hipo": (*interior("hipo"), "ipx+crossover", "simplex"),
        "ipx": (*interior("ipx"), "simplex"),
        "simplex": ("simplex", "ipx+crossover"),
    }
    if solver not in chains:
        raise ValueError(f"Unknown solver {solver!r}; use auto, hipo, ipx or simplex.")
    return chains[solver]


def _options(method: str, gap: float) -> Options:
    name, _, vertex = method.removesuffix(" from a basis").partition("+")
    # two digits better than asked: postsolve and the safe bound lose some
    tolerance = min(1e-8, max(1e-10, 0.01 * gap))
    # exact steepest-edge weights of a basis that is no slack one take minutes to find
    edges = {"simplex_dual_edge_weight_strategy": DEVEX} if method == RESUMED else {}
    return {
        "solver": name, "run_crossover": "on" if vertex else "off", "ipm_optimality_tolerance": tolerance,
        "hipo_system": "augmented", **edges,
    }  # fmt: skip


def _attempt(
    program: LinearProgram, worker: Worker, method: str, options: Options, limit: float | None, start: Basis | None
) -> Solution:
    """The answer of one method; the caller fills in what concerns all methods together."""
    begun = time.perf_counter()
    if limit is not None and limit <= 0.0:
        return replace(_nothing("time_limit"), solver=method)
    said = worker.run(method, options, limit, start)
    if said in ("kUnboundedOrInfeasible", "kUnbounded"):
        left = None if limit is None else limit - (time.perf_counter() - begun)
        said = _which(worker.is_feasible(options | _options("simplex", 1.0), left))
    found = _nothing(_SETTLED.get(said, "failed"))
    seconds = time.perf_counter() - begun
    if found.status != "optimal":
        return replace(found, solver=method, seconds=seconds, iterations=worker.iterations(), log=(said,))
    primal, dual = worker.values()
    return replace(
        found, solver=method, objective=float(program.cost @ primal) + program.offset, primal=primal, row_dual=dual,
        reduced_cost=program.cost - program.matrix.T @ dual, seconds=seconds, iterations=worker.iterations(),
        basis=worker.basis(),
    )


def _which(without_cost: str) -> str:
    """Unbounded or infeasible, by what came out without any cost: then nothing is unbounded."""
    return "kUnbounded" if without_cost == "kOptimal" else without_cost


def _reason(found: Solution, accept: Accept | None) -> str:
    """Why the next method has to try; empty if ``found`` is the last word."""
    if found.status == "failed":
        return f"HiGHS says {' '.join(found.log)}"
    if found.status != "optimal" or accept is None:
        return ""
    verdict = accept(found)
    if isinstance(verdict, str):
        return verdict
    return "" if verdict else "not accepted"


def _nothing(status: Status) -> Solution:
    none = np.zeros(0)
    return Solution(status, "", float("nan"), none, none, none, 0.0, 0.0, 0, (), ())


def _short_log(notes: list[str], attempts: list[Attempt]) -> tuple[str, ...]:
    told = [
        f"{a.method}: {a.status} after {a.seconds:.1f} s" + (f", not taken: {a.reason}" if a.reason else "")
        for a in attempts
    ]
    return tuple(dict.fromkeys(notes)) + tuple(told)


@dataclass(frozen=True)
class Range:
    """Smallest and largest size of the non-zero, finite numbers of one kind, and the labels of where they stand."""

    least: float
    least_at: str
    most: float
    most_at: str


class CoefficientRanges(TypedDict):
    """`coefficient_ranges`: None for a kind without numbers; warnings are sentences for the user."""

    matrix: Range | None
    cost: Range | None
    bounds: Range | None
    right_hand_side: Range | None
    warnings: list[str]


def coefficient_ranges(program: LinearProgram) -> CoefficientRanges:
    """Sizes of the coefficients, costs, column bounds and row sides, and what about them may trouble the solver."""
    matrix = program.matrix

    def entry(position: int) -> str:
        column = int(np.searchsorted(matrix.indptr, position, side="right")) - 1
        return f"{program.row_label(int(matrix.indices[position]))} x {program.column_label(column)}"

    def side(position: int) -> str:
        return program.row_label(position % program.rows)

    def bound(position: int) -> str:
        return program.column_label(position % program.columns)

    ends = np.concatenate([program.column_lower, program.column_upper])
    sides = np.concatenate([program.row_lower, program.row_upper])
    found = CoefficientRanges(
        matrix=_range(matrix.data, entry), cost=_range(program.cost, program.column_label), bounds=_range(ends, bound),
        right_hand_side=_range(sides, side), warnings=[],
    )
    kinds = {"coefficients": found["matrix"], "costs": found["cost"], "bounds": found["bounds"],
             "right-hand sides": found["right_hand_side"]}
    for name, kind in kinds.items():
        found["warnings"] += _trouble(name, kind)
    return found


def _range(values: Floats, label: Callable[[int], str]) -> Range | None:
    size = np.abs(values)
    counted = np.flatnonzero((size > 0) & np.isfinite(size))
    if counted.size == 0:
        return None
    least, most = (int(counted[pick(size[counted])]) for pick in (np.argmin, np.argmax))
    return Range(float(size[least]), label(least), float(size[most]), label(most))


def _trouble(name: str, kind: Range | None) -> list[str]:
    if kind is None:
        return []
    told = []
    if kind.most > BAD_RATIO * kind.least:
        told.append(f"{name} reach from {kind.least:.1e} ({kind.least_at}) to {kind.most:.1e} ({kind.most_at}): "
                    f"more than {BAD_RATIO:.0e} apart. Use other units.")
    if name in ("bounds", "right-hand sides") and kind.most >= BAD_BOUND:
        told.append(f"{name} of {kind.most:.1e} ({kind.most_at}): leave the bound away instead.")
    return told


def write_mps(program: LinearProgram, path: Path) -> None:
    """Write the program as free MPS for other solvers; names are the labels with everything unusual replaced by ``_``.

    The file appears under ``path`` complete or not at all. SolverError if HiGHS cannot write it.
    """
    highs = quiet_highs()
    pass_program(highs, program)
    for position, name in enumerate(_names(program.columns, program.column_label)):
        highs.passColName(position, name)
    for position, name in enumerate(_names(program.rows, program.row_label)):
        highs.passRowName(position, name)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial.mps")
    try:
        if highs.writeModel(str(partial)) == highspy.HighsStatus.kError:
            raise SolverError(f"{path} could not be written.")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _names(count: int, label: Callable[[int], str]) -> list[str]:
    names = [re.sub(r"[^A-Za-z0-9_.,\[\]-]", "_", label(position)) for position in range(count)]
    taken = set(names)
    # two labels may have become one
    return names if len(taken) == count else [f"{name}.{position}" for position, name in enumerate(names)]
