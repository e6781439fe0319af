"""The solver: values, signs of duals, verdicts, the chain of methods, files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from model.lp.program import LinearProgram
from model.solve import highs
from model.solve.highs import Solver, SolverError, coefficient_ranges, solve, write_mps
from model.solve.optimality import examine
from model.solve.worker import Worker
from tests.solve.cases import INF, expansion, small

pytestmark = pytest.mark.filterwarnings("error")
METHODS: tuple[Solver, ...] = ("simplex", "ipx", "hipo")


def two_plants(demand: float = 100.0) -> LinearProgram:
    """Demand met by a plant at 20 per unit, at most 60 by a row, and one at 50."""
    return small([20.0, 50.0], [[1.0, 1.0], [1.0, 0.0]], [demand, -INF], [demand, 60.0])


@pytest.mark.parametrize("method", METHODS)
def test_values_and_duals_of_two_plants(method: Solver) -> None:
    """Proves: a dual is what one more unit of the side costs. Without it prices could have the other sign: one more
    unit of demand costs 50, one more unit of the cheap plant saves 30."""
    found = solve(two_plants(), method)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(60 * 20 + 40 * 50)
    np.testing.assert_allclose(found.primal, [60.0, 40.0], atol=1e-6)
    np.testing.assert_allclose(found.row_dual, [50.0, -30.0], atol=1e-6)
    np.testing.assert_allclose(found.reduced_cost, [0.0, 0.0], atol=1e-6)
    more = solve(two_plants(101.0), method)
    assert more.objective - found.objective == pytest.approx(found.row_dual[0], abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_bounds_free_columns_and_ranges(method: Solver) -> None:
    """Proves: a free column, a column at its upper bound, a ranged row at its lower side and an offset all count.
    Without it the free column would stop at 0 and the cost be 7 + 0 - 8, not 7 - 3 - 8."""
    program = small(
        [1.0, -2.0], [[1.0, 0.0]], [-3.0], [5.0], column_lower=[-INF, 0.0], column_upper=[INF, 4.0], offset=7.0
    )
    found = solve(program, method)
    assert found.objective == pytest.approx(7.0 - 3.0 - 8.0)
    np.testing.assert_allclose(found.primal, [-3.0, 4.0], atol=1e-6)
    np.testing.assert_allclose(found.row_dual, [1.0], atol=1e-6)
    np.testing.assert_allclose(found.reduced_cost, [0.0, -2.0], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_degenerate(method: Solver) -> None:
    """Proves: rows that say the same twice are no trouble; their duals share the price. Without it a dual sum of 3
    could come out as 6."""
    found = solve(small([3.0], [[1.0], [1.0], [2.0]], [2.0, 2.0, 4.0], [INF] * 3), method)
    assert found.objective == pytest.approx(6.0)
    assert found.row_dual @ [1.0, 1.0, 2.0] == pytest.approx(3.0)


def test_no_rows_and_no_columns() -> None:
    """Proves: a program without rows is solved by its bounds, one without columns costs its offset. Without it HiGHS's
    verdict "empty" would be a failure."""
    found = solve(small([-1.0, 2.0], [], [], [], column_upper=[5.0, 9.0]))
    assert (found.status, found.objective) == ("optimal", -5.0)
    nothing = solve(small([], [], [], [], offset=3.0))
    assert (nothing.status, nothing.objective, nothing.primal.size) == ("optimal", 3.0, 0)


def test_empty_row() -> None:
    """Proves: a row without coefficients is checked, not skipped. Without it 0 >= 1 would pass."""
    assert solve(small([1.0], [[0.0]], [0.0], [INF])).status == "optimal"
    assert solve(small([1.0], [[0.0]], [1.0], [INF])).status == "infeasible"


@pytest.mark.parametrize("method", METHODS)
def test_infeasible_and_unbounded_are_told_apart(method: Solver) -> None:
    """Proves: the verdict says which. Without the run without costs, presolve's "unbounded or infeasible" would remain
    for the third program, which is both without a feasible point and with a ray of falling cost."""
    assert solve(small([1.0], [[1.0], [1.0]], [3.0, -INF], [INF, 2.0]), method).status == "infeasible"
    assert solve(small([-1.0, 0.0], [[1.0, -1.0]], [0.0], [0.0]), method).status == "unbounded"
    both = small(
        [-1.0, 0.0, 0.0], [[1.0, -1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]], [0.0, 4.0, -INF], [0.0, INF, 3.0]
    )
    assert solve(both, method).status == "infeasible"
    assert solve(small([-1.0], [], [], []), method).status == "unbounded"


@pytest.mark.parametrize("method", METHODS)
def test_verdicts_on_studies_that_presolve_cannot_settle(method: Solver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a study with a tiny carbon cap and nothing unserved is infeasible, one that is paid for excess is
    unbounded, for every method, by the chain if need be. Without it HiPO's "unknown" would be the answer."""
    monkeypatch.setattr(highs, "LARGE", 0)
    study = expansion(3, 2, 2)
    upper, cap, cost = study.column_upper.copy(), study.row_upper.copy(), study.cost.copy()
    build = study.column_family("plant_build").span
    upper[study.column_family("unserved").span] = 0.0
    upper[build] = np.minimum(upper[build], 0.3)
    cap[study.row_family("carbon_cap").span] *= 0.02
    assert solve(replace(study, column_upper=upper, row_upper=cap), method).status == "infeasible"
    unlimited = study.column_upper.copy()
    unlimited[build] = INF
    cost[study.column_family("excess").span] = -100.0
    assert solve(replace(study, column_upper=unlimited, cost=cost), method).status == "unbounded"


def test_cost_is_put_back_after_the_run_without() -> None:
    """Proves: asking for feasibility leaves the program as it was. Without it the next run would minimise nothing."""
    worker = Worker(two_plants(), None, None)
    assert worker.is_feasible({"solver": "simplex"}, None) == "kOptimal"
    assert worker.run("simplex", {"solver": "simplex"}, None) == "kOptimal"
    np.testing.assert_allclose(worker.values()[0], [60.0, 40.0])


def test_refused_answers_go_to_the_next_method() -> None:
    """Proves: the chain goes on after a refusal, keeps the reason, and stops at the first accepted answer. Without it a
    wrong "optimal" of the first method would be the result."""
    asked: list[str] = []

    def accept(found: highs.Solution) -> bool | str:
        asked.append(found.solver)
        return "balance off by 3 GW" if found.solver == "hipo+crossover" else found.solver == "simplex"

    found = solve(two_plants(), "hipo", accept=accept)
    assert asked == ["hipo+crossover", "ipx+crossover", "simplex"]
    assert (found.status, found.solver) == ("optimal", "simplex")
    assert [a.reason for a in found.attempts] == ["balance off by 3 GW", "not accepted", ""]
    assert any("balance off by 3 GW" in line for line in found.log)


def test_all_refused() -> None:
    """Proves: what nobody accepts is "failed", with the last answer inside for inspection. Without it a refused answer
    would be called optimal."""
    found = solve(two_plants(), "simplex", accept=lambda _: False)
    assert found.status == "failed"
    assert [a.status for a in found.attempts] == ["optimal", "optimal"]
    np.testing.assert_allclose(found.primal, [60.0, 40.0])


def test_methods_by_size() -> None:
    """Proves: auto goes by columns, and a vertex is asked for at once only below `LARGE`. Without it large programs
    would wait for crossover."""
    assert highs._chain("auto", 10)[0] == "simplex"
    assert highs._chain("auto", highs.SMALL)[0] == "hipo+crossover"
    assert highs._chain("auto", highs.LARGE) == ("hipo", "hipo+crossover", "ipx+crossover", "simplex")
    with pytest.raises(ValueError, match="Unknown solver 'cplex'"):
        solve(two_plants(), "cplex")  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("bounded", [True, False])
def test_expansion_study_is_certified(method: Solver, bounded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: interior solutions as they are, without crossover, pass the certificate at 1e-6, also where capacity has
    no potential. Without tight tolerances and implied bounds the proof would end at -inf."""
    monkeypatch.setattr(highs, "LARGE", 0)
    program = expansion(3, 2, 2, bounded=bounded)
    found = solve(program, method, accept=lambda s: examine(program, s.primal, s.row_dual).certified(1e-6))
    assert (found.status, found.solver) == ("optimal", method)


def test_time_limit() -> None:
    """Proves: the limit ends the chain with its own verdict. Without it the next method would start after the time is
    over, and the run last for all three."""
    found = solve(expansion(8, 2, 3), "ipx", time_limit=0.3)
    assert found.status == "time_limit"
    assert len(found.attempts) == 1
    assert found.seconds < 3.0


def test_time_limit_counts_from_the_start_of_each_run() -> None:
    """Proves: a second run has its own limit although HiGHS's clock goes on. Without the sum a fallback would end
    before it begins, or last for the time of all runs before it."""
    worker = Worker(expansion(6, 2, 3), None, None)
    assert worker.run("simplex", {"solver": "simplex"}, 60.0) == "kOptimal"
    begun = time.perf_counter()
    assert worker.run("ipx", {"solver": "ipx"}, 0.5) == "kTimeLimit"
    assert 0.4 < time.perf_counter() - begun < 2.0


def test_what_is_known_to_fail_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a method that breaks is left out with crossover too, one that is only imprecise gets it. Without it a
    missing HiPO would be tried twice, and an imprecise one would cost a whole IPX run."""
    monkeypatch.setattr(highs, "LARGE", 0)
    run = Worker.run
    for said, expected in (("kError", ["hipo", "ipx+crossover"]), ("kUnknown", ["hipo", "hipo+crossover"])):
        monkeypatch.setattr(
            Worker, "run", lambda self, method, *rest, said=said: said if method == "hipo" else run(self, method, *rest)
        )
        found = solve(two_plants(), "hipo")
        assert found.status == "optimal"
        assert [a.method for a in found.attempts] == expected
        assert found.attempts[0].reason == f"HiGHS says {said}"


def test_faults_of_the_program_and_options_are_told() -> None:
    """Proves: what is no number, or what HiGHS refuses, is an error. Without the check of return values it would go on
    with an empty program or its default method."""
    nan = float("nan")
    with pytest.raises(SolverError, match=r"x\[0\] has a cost"):
        solve(small([nan], [[1.0]], [0.0], [1.0]))
    with pytest.raises(SolverError, match=r"x\[1\] has a bound"):
        solve(small([1.0, 1.0], [[1.0, 1.0]], [0.0], [1.0], column_upper=[1.0, nan]))
    with pytest.raises(SolverError, match=r"row\[0\] has a side"):
        solve(small([1.0], [[1.0]], [nan], [1.0]))
    with pytest.raises(SolverError, match=r"row\[0\] has a coefficient"):
        solve(small([1.0], [[nan]], [0.0], [1.0]))
    with pytest.raises(SolverError, match="refused the program"):
        solve(small([1.0], [[1e300]], [0.0], [1.0]))
    with pytest.raises(SolverError, match="refused option solver = 'oracle'"):
        Worker(two_plants(), None, None).run("oracle", {"solver": "oracle"}, None)


def test_log_file_and_silence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Proves: the full log goes to its file and nothing to stdout. Without it a table for a script to read would begin
    with HiGHS's banner."""
    for method in METHODS:
        solve(two_plants(), method, log_path=tmp_path / f"{method}.log", threads=1)
        assert "Model status        : Optimal" in (tmp_path / f"{method}.log").read_text()
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def test_threads_may_differ_between_runs() -> None:
    """Proves: one process may solve with one thread and then with two. Without a thread of its own per run HiGHS
    refuses the second number and returns cost 0."""
    for threads in (1, 2, 1):
        assert solve(two_plants(), "simplex", threads=threads).objective == pytest.approx(3200.0)


def test_ranges_and_warnings() -> None:
    """Proves: sizes and their places are found, and a bound that stands for infinity is named. Without it interior
    points would stall on 1e10 without a hint."""
    program = small([2.0, 0.0], [[1e-6, 0.0], [0.0, 4e4]], [-INF, 3.0], [5.0, INF], column_upper=[1e10, INF])
    found = coefficient_ranges(program)
    matrix = found["matrix"]
    assert matrix is not None
    assert (matrix.least, matrix.least_at) == (1e-6, "row[0] x x[0]")
    assert (matrix.most, matrix.most_at) == (4e4, "row[1] x x[1]")
    assert found["right_hand_side"] == highs.Range(3.0, "row[1]", 5.0, "row[0]")
    assert len(found["warnings"]) == 2
    assert found["warnings"][0].startswith("coefficients reach from 1.0e-06 (row[0] x x[0])")
    assert "1.0e+10 (x[0])" in found["warnings"][1]
    assert coefficient_ranges(small([0.0], [[1.0]], [-INF], [INF]))["cost"] is None


def test_mps_gives_the_same_optimum(tmp_path: Path) -> None:
    """Proves: the file holds the whole program: offset, ranges, free columns, names. Without it another solver would
    answer another question."""
    program = small(
        [1.0, -2.0, 0.1], [[1.0, 0.0, 1.0], [0.0, 1.0, -1.0]], [-3.0, 1.0], [5.0, 1.0],
        column_lower=[-INF, 0.0, 0.0], column_upper=[INF, 4.0, INF], offset=7.5,
    )
    family = replace(program.column_families[0], labels=(("Алматы", "a b", "a_b"),))
    path = tmp_path / "study.mps"
    write_mps(replace(program, column_families=(family,)), path)
    again = highspy.Highs()  # type: ignore[no-untyped-call]
    again.setOptionValue("output_flag", False)
    assert again.readModel(str(path)) == highspy.HighsStatus.kOk
    again.run()
    assert again.getInfo().objective_function_value == pytest.approx(solve(program).objective, abs=1e-9)
    names = list(again.getLp().col_names_)
    assert len(set(names)) == 3
    assert " " not in "".join(names)
    assert list(again.getLp().row_names_) == ["row[0]", "row[1]"]
    assert [p.name for p in tmp_path.iterdir()] == ["study.mps"]


def test_mps_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a failed write leaves neither the name nor a partial file. Without it half a program could be read."""
    def fails(source: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fails)
    with pytest.raises(OSError, match="disk full"):
        write_mps(two_plants(), tmp_path / "study.mps")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), method=st.sampled_from(METHODS))
def test_agrees_with_linprog(seed: int, method: Solver) -> None:
    """Proves: cost and verdict equal SciPy's on random programs with every kind of row and bound, and what is optimal
    is certified. Without it a kind of side could be handed over wrongly."""
    program = random_program(seed)
    found = solve(program, method)
    reference = by_linprog(program)
    if reference is None:
        assert found.status in ("infeasible", "unbounded")
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(reference, abs=1e-6, rel=1e-6)
    assert examine(program, found.primal, found.row_dual).certified(1e-6)


def random_program(seed: int) -> LinearProgram:
    """Up to 6 rows and columns of small whole numbers, each row <=, >=, =, ranged or free; some columns free."""
    random = np.random.default_rng(seed)
    rows, columns = (int(n) for n in random.integers(1, 7, 2))
    matrix = random.integers(-3, 4, (rows, columns)) * (random.random((rows, columns)) < 0.7)
    middle = matrix @ random.integers(0, 4, columns)
    kind = random.integers(0, 5, rows)
    lower = np.select([kind == 0, kind == 4], [-INF, -INF], middle - (kind == 3) * 2.0)
    upper = np.select([kind == 1, kind == 4], [INF, INF], middle + (kind == 3) * 1.0)
    return small(
        random.integers(-2, 6, columns).tolist(), matrix.tolist(), lower.tolist(), upper.tolist(),
        np.where(random.random(columns) < 0.2, -INF, 0.0).tolist(),
        np.where(random.random(columns) < 0.5, 5.0, INF).tolist(), offset=float(random.choice([-20.0, 1.0])),
    )


def by_linprog(program: LinearProgram) -> float | None:
    """SciPy's optimum; None if there is none."""
    matrix = program.matrix.tocsr()
    above, below = np.isfinite(program.row_upper), np.isfinite(program.row_lower)
    answer = linprog(
        program.cost, A_ub=sp.vstack([matrix[above], -matrix[below]]),
        b_ub=np.concatenate([program.row_upper[above], -program.row_lower[below]]),
        bounds=np.stack([program.column_lower, program.column_upper], axis=1), method="highs-ds",
    )
    return float(answer.fun) + program.offset if answer.status == 0 else None
