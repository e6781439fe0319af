"""How long the compiler takes from statement to solver, beside linopy and ordinary Pyomo, and with how much memory.

Run from the root of the repository: ``python -m tests.benchmarks.bench_compile --rows 1500000``. Every path runs in a
fresh process; times are medians. The command fails if the paths do not build the same program.
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

import numpy as np

from tests.benchmarks.expansion import Size, state, state_linopy

OBJECTIVE_TOLERANCE = 1e-8
SMALL = Size(nodes=4, technologies=3, years=2, steps=24)


def ours(size: Size, repeats: int) -> dict[str, float]:
    """Seconds from nothing to a program held by HiGHS, and the program's size."""
    import highspy

    from model.lp.compile import compile_lp

    seconds, stating, compiling = [], [], []
    program: Any = None
    for _ in range(repeats):
        program = None
        start = time.perf_counter()
        statement = state(size)
        stated = time.perf_counter()
        program = compile_lp(statement)
        compiled = time.perf_counter()
        _passed(highspy, program)
        end = time.perf_counter()
        seconds.append(end - start)
        stating.append(stated - start)
        compiling.append(compiled - stated)
    if program.fallbacks:
        raise SystemExit(f"compiled by the fallback: {program.fallbacks}")
    counted = {"rows": program.rows, "columns": program.columns, "nonzeros": program.nonzeros}
    times = {"seconds": seconds, "state": stating, "compile": compiling}
    return {**{name: statistics.median(values) for name, values in times.items()}, **counted}


def linopy(size: Size, repeats: int) -> dict[str, float]:
    """Seconds from nothing to a program held by HiGHS, by linopy's direct road and without names."""
    from linopy.io import to_highspy

    seconds = []
    solver: Any = None
    for _ in range(repeats):
        solver = None
        start = time.perf_counter()
        solver = to_highspy(state_linopy(size), set_names=False)
        seconds.append(time.perf_counter() - start)
    counted = {"rows": solver.getNumRow(), "columns": solver.getNumCol(), "nonzeros": solver.getNumNz()}
    return {"seconds": statistics.median(seconds), **counted}


def pyomo(size: Size, repeats: int) -> dict[str, float]:
    """Seconds from nothing to Pyomo's standard form, rule by rule."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    seconds = []
    form: Any = None
    for _ in range(repeats):
        form = None
        start = time.perf_counter()
        form = LinearStandardFormCompiler().write(state(size).to_pyomo(), mixed_form=True)
        seconds.append(time.perf_counter() - start)
    return {"seconds": statistics.median(seconds), "rows": form.A.shape[0], "columns": form.A.shape[1], "nonzeros": form.A.nnz}


PATHS: dict[str, Callable[[Size, int], dict[str, float]]] = {"ours": ours, "linopy": linopy, "pyomo": pyomo}


def _passed(highspy: Any, program: Any) -> Any:
    """HiGHS with the program; arrays handed over whole, which is many times faster than by the fields of a HighsLp."""
    matrix = program.matrix
    solver = highspy.Highs()
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


def same_objective() -> tuple[float, float]:
    """The optimum of a small copy by both roads; SystemExit if they differ."""
    import highspy
    from linopy.io import to_highspy

    from model.lp.compile import compile_lp

    solvers = [_passed(highspy, compile_lp(state(SMALL))), to_highspy(state_linopy(SMALL), set_names=False)]
    values = []
    for solver in solvers:
        solver.setOptionValue("output_flag", False)
        solver.run()
        values.append(float(solver.getInfo().objective_function_value))
    first, second = values
    if not np.isclose(first, second, rtol=OBJECTIVE_TOLERANCE, atol=0.0):
        raise SystemExit(f"the small copies differ: {first} and {second}")
    return first, second


def measured(path: str, size: Size, repeats: int) -> dict[str, float]:
    """One path in a fresh process: what it reports, and the peak of its memory in MB."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_compile", "--path", path, "--steps", str(size.steps)]
    done = subprocess.run([*command, "--repeats", str(repeats)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{path} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(rows: int, small_rows: int, repeats: int) -> dict[str, Any]:
    """All paths at their sizes, and the ratios; SystemExit if the sizes of the programs differ."""
    large, small = Size.with_rows(rows), Size.with_rows(small_rows)
    optimum = same_objective()
    big = {path: measured(path, large, repeats) for path in ("ours", "linopy")}
    little = {path: measured(path, small, repeats if path == "ours" else 1) for path in ("ours", "pyomo")}
    for pair in (big, little):
        first, second = pair.values()
        for count in ("rows", "columns", "nonzeros"):
            if first[count] != second[count]:
                raise SystemExit(f"{count} differ: {pair}")
    peaks = {path: measured(path, large, 1)["peak_mb"] for path in ("ours", "linopy")}
    return {
        "large": big, "small": little, "optimum": optimum, "peak_mb": peaks,
        "microseconds_per_nonzero": 1e6 * big["ours"]["seconds"] / big["ours"]["nonzeros"],
        "times_faster_than_linopy": big["linopy"]["seconds"] / big["ours"]["seconds"],
        "times_faster_than_pyomo": little["pyomo"]["seconds"] / little["ours"]["seconds"],
        "memory_over_linopy": peaks["ours"] / peaks["linopy"],
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
        found = PATHS[chosen.path](Size(steps=chosen.steps), chosen.repeats)
        found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    result = compared(chosen.rows, chosen.pyomo_rows, chosen.repeats)
    print(f"{'path':<16}{'rows':>12}{'columns':>12}{'nonzeros':>12}{'seconds':>10}{'peak MB':>10}")
    for scale in ("large", "small"):
        for path, found in result[scale].items():
            peak = result["peak_mb"].get(path, found["peak_mb"]) if scale == "large" else found["peak_mb"]
            counts = "".join(f"{found[name]:>12,.0f}" for name in ("rows", "columns", "nonzeros"))
            print(f"{scale + ' ' + path:<16}{counts}{found['seconds']:>10.2f}{peak:>10.0f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
