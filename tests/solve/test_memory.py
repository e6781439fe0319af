"""What a search has learnt, kept: in a file, for a search that goes on, and for one of other plan costs."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.lp.program import Floats, LinearProgram
from model.solve import highs
from model.solve.decompose import Memory, solve_blocks
from model.solve.decompose.memory import Checkpoint, UnusableMemory, recalled
from model.solve.decompose.rounds import Choices
from model.solve.decompose.structure import split
from model.solve.optimality import examine
from model.study import Plan, Study
from tests.solve.block_programs import blocks_of, program_of, random_program

INF = np.inf
GAP = 1e-5


def weeks(count: int = 6, **changes: object) -> LinearProgram:
    """Two plants, built for 10 and 6 a GW, serve 1 to ``count`` GW in so many weeks at 1 and 3 a GW; what they lack
    costs 30. Columns: capacities, then output of each and unserved of each week."""
    matrix = np.zeros((3 * count, 2 + 3 * count))
    for week in range(count):
        first = 2 + 3 * week
        matrix[3 * week, [0, first]] = -1, 1
        matrix[3 * week + 1, [1, first + 1]] = -1, 1
        matrix[3 * week + 2, first : first + 3] = 1
    low = np.ravel([[-INF, -INF, week] for week in range(1, count + 1)])
    program = program_of(
        matrix, [10, 6, *[1, 3, 30] * count], (np.zeros(2 + 3 * count), np.full(2 + 3 * count, INF)),
        (low, np.tile([0, 0, INF], count)), [0, 0, *np.repeat(np.arange(1, count + 1), 3)],
        np.repeat(np.arange(1, count + 1), 3),
    )  # fmt: skip
    return replace(program, **changes)  # type: ignore[arg-type]


def solved(
    program: LinearProgram, gap: float = 1e-8, known: Memory | None = None
) -> tuple[highs.Solution, Memory | None]:
    """The solution block by block, and what was learnt if there is one."""
    kept: list[Memory] = []
    found = solve_blocks(program, gap=gap, known=known, keep=kept.append)
    return found, kept[-1] if kept else None


def learnt(program: LinearProgram) -> Memory:
    """What was learnt of a program that has blocks and a solution."""
    _, memory = solved(program)
    assert memory is not None
    return memory


def same(one: Memory, other: Memory) -> bool:
    """Whether two memories hold the same."""
    alike = (one.digests, one.plan_columns, one.columns) == (other.digests, other.plan_columns, other.columns)
    for own, its in zip(one.cuts, other.cuts, strict=True):
        alike &= (own.part, own.value, own.feasibility) == (its.part, its.value, its.feasibility)
        alike &= all(np.array_equal(getattr(own, n), getattr(its, n)) for n in ("columns", "slope", "rows", "dual"))
    return alike and np.array_equal(one.minded, other.minded) and np.array_equal(one.plan, other.plan)


@pytest.mark.parametrize("seed", [4, 5, 6, 7])
def test_a_file_holds_all(seed: int, tmp_path: Path) -> None:
    """Proves: what is read is what was written, to the last digit, and no temporary file stays. Without it a search
    that goes on would know other cuts."""
    memory = learnt(random_program(seed))
    memory.write(tmp_path / "cuts.npz")
    memory.write(tmp_path / "cuts.npz")
    assert memory.cuts
    assert same(memory, Memory.read(tmp_path / "cuts.npz"))
    assert [path.name for path in tmp_path.iterdir()] == ["cuts.npz"]


def test_damaged_files(tmp_path: Path) -> None:
    """Proves: files cut short, with bytes changed, of another kind, or whose arrays do not belong together are told as
    such, and nothing in them is run. Without it they would end in a traceback, or in wrong cuts."""
    memory = learnt(weeks())
    path = tmp_path / "cuts.npz"
    memory.write(path)
    whole = path.read_bytes()
    wrong = [b"", b"no archive", whole[: len(whole) // 2], pickle.dumps(memory.plan)]
    wrong.append(whole[:400] + b"xyz" + whole[403:])
    for content in wrong:
        path.write_bytes(content)
        with pytest.raises(UnusableMemory, match=r"cuts\.npz is damaged"):
            Memory.read(path)
    arrays = memory._arrays()
    changes: list[dict[str, object]] = [
        {"part": arrays["part"] + 1000}, {"columns": -1 - arrays["columns"]}, {"slope": arrays["slope"][1:]},
        {"plan": np.full(memory.columns, np.nan)}, {"format": np.array(["another"])}, {"value": arrays["part"]},
        {"rows": np.array([memory], dtype=object)}, {"sizes": np.array([1])}, {"minded": np.array([0])},
    ]  # fmt: skip
    for change in changes:
        np.savez(path, **{**arrays, **change})
        with pytest.raises(UnusableMemory):
            Memory.read(path)
    np.savez(path, part=np.arange(3), value=np.arange(3))
    with pytest.raises(UnusableMemory):
        Memory.read(path)
    with pytest.raises(FileNotFoundError):
        Memory.read(tmp_path / "none.npz")


def test_cuts_belong_to_what_their_block_was() -> None:
    """Proves: with another cost of building or limit of it all cuts fit; with another cost, demand or coefficient of
    one week those of the five others; with a week more all of the six; with another master none. Without the digest
    cuts would prove what is not so."""
    program = weeks()
    memory = learnt(program)

    def kept(changed: LinearProgram) -> set[int]:
        structure = split(changed)
        return {cut.part for cut in memory.fitting(structure, blocks_of(structure))}

    every = set(range(6))
    assert kept(weeks(cost=np.where(np.arange(20) == 0, 12.0, program.cost))) == every
    assert kept(weeks(column_upper=np.where(np.arange(20) == 1, 2.0, INF))) == every
    assert kept(weeks(cost=np.where(np.arange(20) == 2, 1.5, program.cost))) == every - {0}
    assert kept(weeks(row_lower=np.where(np.arange(18) == 5, 2.5, program.row_lower))) == every - {1}
    matrix = program.matrix.copy()
    matrix.data[matrix.indptr[-2]] *= 1.01
    assert kept(weeks(matrix=matrix)) == every - {5}
    assert kept(weeks(7)) == every
    assert kept(random_program(4)) == set()


def test_cuts_hold_with_other_bounds() -> None:
    """Proves: output without a bound of its own is bounded by what may be built; when ten times as much may be, cuts
    still say no more than a block costs. Without values found again they would lean on bounds that are gone."""
    program = weeks(column_upper=np.where(np.arange(20) < 2, 4.0, INF))
    memory = learnt(program)
    structure = split(weeks(column_upper=np.where(np.arange(20) < 2, 40.0, INF)))
    blocks = blocks_of(structure)
    with ThreadPoolExecutor(1) as pool:
        for point in np.random.default_rng(1).uniform(0, 40, (20, 2)):
            for cut in memory.fitting(structure, blocks):
                answer = pool.submit(blocks[cut.part].answer, point).result()
                most = 0.0 if cut.feasibility else answer.cost
                assert answer.slack > 0 or cut.at(point) <= most + 1e-9 * max(1.0, abs(most))


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_random_programs_with_other_plan_costs(seed: int) -> None:
    """Proves: with the cuts of a program and other costs of the plan, or none changed, the least cost is that of the
    whole program, proved. Without one kind of cut that holds no more some seed would differ."""
    program = random_program(seed)
    first, memory = solved(program)
    if memory is None or first.status != "optimal":
        return
    again, _ = solved(program, known=memory)
    assert again.objective == pytest.approx(first.objective, rel=1e-6, abs=1e-6)
    assert again.iterations <= first.iterations + 1
    scale = np.where(program.column_block == 0, np.random.default_rng(seed).uniform(0.9, 1.1, program.columns), 1.0)
    changed = replace(program, cost=program.cost * scale)
    whole = highs.solve(changed, "simplex")
    found = solve_blocks(changed, gap=1e-8, known=memory)
    assert found.status == whole.status
    if whole.status == "optimal":
        assert found.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
        assert examine(changed, found.primal, found.row_dual).certified(1e-6)


def test_another_grouping() -> None:
    """Proves: single cuts make rows for any grouping, each with one cut of every block. Without it sums would lack a
    block and prove what is not so."""
    memory = learnt(weeks())
    for group in (np.zeros(6, dtype=int), np.arange(6) // 2, np.arange(6)):
        for row in recalled(memory.cuts, group):
            assert row.feasibility or [cut.part for cut in row.members] == list(np.flatnonzero(group == row.group))
    known = solve_blocks(weeks(), gap=1e-8, known=memory, choices=Choices(groups=1))
    assert known.objective == pytest.approx(solve_blocks(weeks(), gap=1e-8).objective)


@pytest.fixture(scope="module")
def small() -> Study:
    """The small study."""
    return Study.read("inputs/small")


@pytest.fixture(scope="module")
def cold(small: Study) -> Plan:
    """Its plan, from nothing."""
    return small.solve("blocks", gap=GAP)


DEARER = {"technology_values[technology=wind,quantity=capital_cost].value": "*1.1"}


def test_small_study_with_another_capital_cost(small: Study, cold: Plan) -> None:
    """Proves: with wind 10 % dearer the plan from the cuts of the first costs what one from nothing does, within the
    gap, in fewer rounds. Without cuts that are used again an ensemble would begin afresh every time."""
    dearer = small.override(DEARER)
    afresh, known = dearer.solve("blocks", gap=GAP), dearer.solve("blocks", gap=GAP, known=cold.memory)
    assert afresh.objective != pytest.approx(cold.objective, rel=1e-4)
    assert known.objective == pytest.approx(afresh.objective, rel=GAP)
    assert known.certificate.passed
    assert known.solution.iterations < afresh.solution.iterations


def test_small_study_with_another_price_of_fuel(small: Study, cold: Plan) -> None:
    """Proves: with dearer gas no block is what it was, and the search goes as from nothing. Without the digest it would
    prove the cost of cheap gas."""
    dearer = small.override({"fuels[commodity=gas].price": "*1.5"})
    assert cold.memory is not None
    assert not cold.memory.fits(split(dearer.program()))
    afresh, known = dearer.solve("blocks", gap=GAP), dearer.solve("blocks", gap=GAP, known=cold.memory)
    assert known.objective == afresh.objective
    assert known.solution.iterations == afresh.solution.iterations


def test_a_search_that_was_stopped_goes_on(cold: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a search stopped after eight rounds goes on from its file to the same cost, and makes no more than one of
    these again; one stopped after the first, without a plan, ends there too. Without it hours would be lost with a
    machine."""
    monkeypatch.setattr("model.solve.decompose.memory.SHARE", 1e9)
    program, path, rounds = cold.program, tmp_path / "checkpoint.npz", cold.solution.iterations
    stopped = solve_blocks(program, gap=GAP, checkpoint=path, choices=Choices(rounds=8))
    later = solve_blocks(program, gap=GAP, checkpoint=path, resume=True)
    path.unlink()
    timed_out = solve_blocks(program, gap=GAP, checkpoint=path, time_limit=1e-6)
    from_the_first = solve_blocks(program, gap=GAP, checkpoint=path, resume=True)
    assert (stopped.status, stopped.iterations) == ("failed", 8)
    assert timed_out.status == "time_limit"
    for found in (later, from_the_first):
        assert "are used again" in found.log[0]
        assert found.objective == pytest.approx(cold.solution.objective, rel=GAP)
    assert later.iterations <= rounds - 7


def test_resume_without_anything_to_go_on_from(tmp_path: Path) -> None:
    """Proves: without a file, or with one of another program, it is said that the search begins afresh; a damaged file
    is an error. Without it nobody would know why a search takes as long as the first."""
    path = tmp_path / "checkpoint.npz"
    assert "begins afresh" in solve_blocks(weeks(), checkpoint=path, resume=True).log[0]
    found = solve_blocks(weeks(cost=1.1 * weeks().cost), checkpoint=path, resume=True)
    assert "is of other blocks; the search begins afresh" in found.log[0]
    path.write_bytes(b"half")
    with pytest.raises(UnusableMemory, match="is damaged"):
        solve_blocks(weeks(), checkpoint=path, resume=True)


def test_checkpoints_take_a_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: after a write of one second none is made for ten; a folder that cannot be written to is told and does not
    end the search. Without it large searches would do nothing but write, or be lost with a full disk."""
    now = [100.0]
    written: list[float] = []

    def write(memory: Memory, path: Path) -> None:
        written.append(now[0])
        now[0] += 1.0

    monkeypatch.setattr("model.solve.decompose.memory.time.monotonic", lambda: now[0])
    empty: Floats = np.empty(0)
    memory = Memory((), 0, 0, (), np.empty(0, dtype=np.int64), empty)
    with monkeypatch.context() as patch:
        patch.setattr(Memory, "write", write)
        checkpoint = Checkpoint(tmp_path / "cuts.npz")
        for _ in range(24):
            assert checkpoint.after_round(lambda: memory) is None
            now[0] += 1.0
    assert written == [100.0, 111.0, 122.0]
    wrong = Checkpoint(tmp_path / "none" / "cuts.npz").after_round(lambda: memory)
    assert wrong is not None
    assert "could not be written: No such file" in wrong
