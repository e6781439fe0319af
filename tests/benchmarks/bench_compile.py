"""How long the compiler takes from statement to arrays and solver, beside linopy and ordinary Pyomo, and its memory.

``build`` ends with the matrix, costs, bounds and sides as arrays; what follows, handing them to HiGHS, is much the same
work on every road and is shown beside it.
Run from the root of the repository: ``python -m tests.benchmarks.bench_compile --rows 1500000``. Every path has a fresh
process; times are medians. The command fails if the paths do not build the same program.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

from model.lp.compile import compile_lp
from model.lp.program import LinearProgram
from tests.benchmarks.expansion import Size, state, state_linopy

OBJECTIVE_TOLERANCE = 1e-8
SMALL = Size(nodes=4, years=2, steps=24)


def ours(size: Size) -> dict[str, float]:
    """Seconds from nothing to a program held by HiGHS, and the program's size."""
    start = time.perf_counter()
    statement = state(size)
    stated = time.perf_counter()
    program = compile_lp(statement)
    compiled = time.perf_counter()
    _passed(program)
    end = time.perf_counter()
    if program.fallbacks:
        raise SystemExit(f"compiled by the fallback: {program.fallbacks}")
    times = {"build": compiled - start, "compile": compiled - stated, "pass": end - compiled, "seconds": end - start}
    counts = {"rows": program.rows, "columns": program.columns, "nonzeros": program.nonzeros}
    return {**times, "peak_mb": peak_mb(), **counts}


def linopy(size: Size) -> dict[str, float]:
    """Seconds from nothing to a program held by HiGHS, by linopy's direct road, and to arrays (``build``).

    The arrays are what linopy itself hands over: matrix, costs, bounds and sides.
    """
    start = time.perf_counter()
    solver = _linopy_solver(size)
    seconds = time.perf_counter() - start
    counts = {"rows": solver.getNumRow(), "columns": solver.getNumCol(), "nonzeros": solver.getNumNz()}
    peak = peak_mb()
    del solver
    start = time.perf_counter()
    matrices = state_linopy(size).matrices
    arrays = (matrices.A, matrices.c, matrices.lb, matrices.ub, matrices.b)
    built = time.perf_counter() - start
    del matrices, arrays
    return {"build": built, "pass": max(0.0, seconds - built), "seconds": seconds, "peak_mb": peak, **counts}


def pyomo(size: Size) -> dict[str, float]:
    """Seconds from nothing to Pyomo's standard form, rule by rule."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    start = time.perf_counter()
    form = LinearStandardFormCompiler().write(state(size).to_pyomo(), mixed_form=True)
    seconds = time.perf_counter() - start
    counts = {"rows": form.A.shape[0], "columns": form.A.shape[1], "nonzeros": form.A.nnz}
    return {"build": seconds, "seconds": seconds, "peak_mb": peak_mb(), **counts}


def peak_mb() -> float:
    """The most memory this process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PATHS: dict[str, Callable[[Size], dict[str, float]]] = {"ours": ours, "linopy": linopy, "pyomo": pyomo}


def _linopy_solver(size: Size) -> Any:
    from linopy.io import to_highspy

    return to_highspy(state_linopy(size), set_names=False)


def _passed(program: LinearProgram) -> Any:
    """HiGHS with the program; arrays handed over whole, which is many times faster than by the fields of a HighsLp."""
    matrix = program.matrix
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    status = solver.passModel(
        program.columns, program.rows, program.nonzeros,
        int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize), program.offset,
        program.cost, program.column_lower, program.column_upper, program.row_lower, program.row_upper,
        matrix.indptr, matrix.indices, matrix.data, np.zeros(program.columns, dtype=np.int32),
    )  # fmt: skip
    if status != highspy.HighsStatus.kOk:
        raise SystemExit("HiGHS refuses the program")
    return solver


def same_objective() -> float:
    """The optimum of a small copy, the same by both roads; SystemExit if they differ."""
    values = []
    for solver in (_passed(compile_lp(state(SMALL))), _linopy_solver(SMALL)):
        solver.setOptionValue("output_flag", False)
        solver.run()
        values.append(float(solver.getInfo().objective_function_value))
    first, second = values
    if not np.isclose(first, second, rtol=OBJECTIVE_TOLERANCE, atol=0.0):
        raise SystemExit(f"the small copies differ: {first} and {second}")
    return first


def repeated(path: str, size: Size, repeats: int) -> dict[str, float]:
    """One path in this process: medians, and the peak of memory in MB of the first run."""
    PATHS[path](SMALL)  # what Python and the libraries do once per process is not measured
    runs = [PATHS[path](size) for _ in range(repeats)]
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {**medians, "peak_mb": runs[0]["peak_mb"]}


def beside(paths: tuple[str, str], size: Size, repeats: int) -> dict[str, dict[str, float]]:
    """Two paths, each in a fresh process; SystemExit if one fails or their programs differ."""
    found: dict[str, dict[str, float]] = {}
    for path in paths:
        command = [sys.executable, "-m", "tests.benchmarks.bench_compile", "--path", path, "--steps", str(size.steps)]
        done = subprocess.run([*command, "--repeats", str(repeats)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{path} failed:\n{done.stderr[-2000:]}")
        found[path] = json.loads(done.stdout.splitlines()[-1])
    first, second = found.values()
    for count in ("rows", "columns", "nonzeros"):
        if first[count] != second[count]:
            raise SystemExit(f"{count} differ: {found}")
    return found


def compared(rows: int, small_rows: int, repeats: int) -> dict[str, Any]:
    """Both comparisons and their ratios."""
    optimum = same_objective()
    large = beside(("ours", "linopy"), Size.with_rows(rows), repeats)
    small = beside(("ours", "pyomo"), Size.with_rows(small_rows), repeats)
    return {
        "large": large, "small": small, "optimum": optimum,
        "microseconds_per_nonzero": 1e6 * large["ours"]["seconds"] / large["ours"]["nonzeros"],
        "times_faster_than_linopy": large["linopy"]["build"] / large["ours"]["build"],
        "times_faster_than_linopy_with_handover": large["linopy"]["seconds"] / large["ours"]["seconds"],
        "times_faster_than_pyomo": small["pyomo"]["build"] / small["ours"]["build"],
        "memory_over_linopy": large["ours"]["peak_mb"] / large["linopy"]["peak_mb"],
    }  # fmt: skip


def main() -> None:
    """Read the arguments, run, print a table and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_500_000, help="rows of the LP built beside linopy")
    parser.add_argument("--pyomo-rows", type=int, default=150_000, help="rows of the LP built beside ordinary Pyomo")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each path; the median counts")
    parser.add_argument("--path", choices=sorted(PATHS), help="run one path in this process and print JSON")
    parser.add_argument("--steps", type=int, default=1000, help="steps of the LP, with --path")
    chosen = parser.parse_args()
    if chosen.path:
        print(json.dumps(repeated(chosen.path, Size(steps=chosen.steps), chosen.repeats)))
        return
    result = compared(chosen.rows, chosen.pyomo_rows, chosen.repeats)
    print(f"{'path':<16}{'rows':>12}{'columns':>12}{'nonzeros':>12}{'build s':>10}{'with pass':>10}{'peak MB':>10}")
    for scale in ("large", "small"):
        for path, found in result[scale].items():
            counts = "".join(f"{found[name]:>12,.0f}" for name in ("rows", "columns", "nonzeros"))
            times = f"{found['build']:>10.2f}{found['seconds']:>10.2f}"
            print(f"{scale + ' ' + path:<16}{counts}{times}{found['peak_mb']:>10.0f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
