"""A basis carried from one program to another that shares most of its labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from model.lp.program import Family, LinearProgram
from model.solve import highs
from model.solve.basis import AT_LOWER, BASIC, Basis, carried_over
from tests.solve.cases import small
from tests.studies import compiled, flat, only, small_study, technology

AT_UPPER = 2
"""HiGHS's number for a member at its upper bound."""


BATTERY: dict[str, Any] = {"duration": 4, "charge_efficiency": 0.95, "discharge_efficiency": 0.95}


def family(name: str, *labels: tuple[object, ...], start: int = 0) -> Family:
    """A family whose members have these labels, in this order."""
    axes = tuple(tuple(dict.fromkeys(label[d] for label in labels)) for d in range(len(labels[0])))
    places = tuple(np.array([axis.index(label[d]) for label in labels], dtype=np.int64) for d, axis in enumerate(axes))
    return Family(name, tuple(f"dim{d}" for d in range(len(axes))), axes, places, start, len(labels))


def labelled(program: LinearProgram, columns: tuple[Family, ...], rows: tuple[Family, ...]) -> LinearProgram:
    """``program`` with other families."""
    return replace(program, column_families=columns, row_families=rows)


def of_size(columns: int, rows: int) -> LinearProgram:
    """A program of which only the size matters."""
    return small([1.0] * columns, [[1.0] * columns] * rows, [0.0] * rows, [1.0] * rows)


def test_members_keep_their_status_by_label() -> None:
    """Proves: a, b and c of x, (b, 2030) of y and row r2 are found again in another order and place; what is new
    stands at its lower bound or is slack, what is gone is forgotten, and a variable of other dims is another. Without
    labels the fourth column would start where another stood."""
    y = family("y", ("a", 2025), ("b", 2030), start=3)
    old = labelled(
        of_size(6, 3),
        (family("x", ("a",), ("b",), ("c",)), y, replace(family("z", ("a",)), start=5)),
        (family("r", ("r1",), ("r2",), ("r3",)),),
    )
    new = labelled(
        of_size(7, 3),
        (
            family("y", ("b", 2030), ("b", 2035), ("d", 2025)),
            family("x", ("c",), ("new",), ("a",), start=3),
            family("z", ("a", 1), start=6),
        ),
        (family("s", ("r1",)), family("r", ("r2",), ("r9",), start=1)),
    )
    basis = Basis(
        np.array([BASIC, AT_LOWER, AT_UPPER, BASIC, AT_UPPER, BASIC], dtype=np.int8),
        np.array([AT_LOWER, AT_UPPER, AT_LOWER], dtype=np.int8),
    )
    found = carried_over(basis, old, new)
    assert found.columns.tolist() == [AT_UPPER, AT_LOWER, AT_LOWER, AT_UPPER, AT_LOWER, BASIC, AT_LOWER]
    assert found.rows.tolist() == [BASIC, AT_UPPER, BASIC]


def test_rows_that_became_bounds_are_left_out() -> None:
    """Proves: rows are matched as stated, though some stand in neither matrix: r1 and r3 keep their status, r2, which
    was a bound before and is a row now, is slack. Without it statuses would slip by as many rows as became bounds."""
    rows = family("r", ("r1",), ("r2",), ("r3",), ("r4",))
    columns = (family("x", ("a",)),)
    old = replace(labelled(of_size(1, 3), columns, (rows,)), kept_rows=np.array([0, 2, 3]))
    new = replace(labelled(of_size(1, 3), columns, (rows,)), kept_rows=np.array([0, 1, 2]))
    basis = Basis(np.array([BASIC], dtype=np.int8), np.array([AT_UPPER, AT_LOWER, BASIC], dtype=np.int8))
    assert carried_over(basis, old, new).rows.tolist() == [AT_UPPER, BASIC, AT_LOWER]


def test_a_variable_without_labels_is_carried() -> None:
    """Proves: a single column and an empty family do no harm. Without it such a program could not start again."""
    single = Family("total", (), (), (), 0, 1)
    none = Family("nothing", ("dim0",), ((),), (np.zeros(0, dtype=np.int64),), 1, 0)
    program = labelled(of_size(1, 1), (single, none), (family("r", ("r1",)),))
    basis = Basis(np.array([BASIC], dtype=np.int8), np.array([AT_UPPER], dtype=np.int8))
    found = carried_over(basis, program, program)
    assert (found.columns.tolist(), found.rows.tolist()) == ([BASIC], [AT_UPPER])


def study(folder: Path, **more: Any) -> LinearProgram:
    """A year of eight steps for two nodes, a battery and wind that can be built."""
    options: dict[str, Any] = {
        "years": (2025, 2030),
        "step_hours": 3,
        "load": lambda month, hour: 1 + 0.3 * np.sin(hour / 24 * 2 * np.pi),
        "candidates": [
            {"technology": "wind", "node": "south", "potential": 2},
            {"technology": "battery", "node": "south"},
        ],
        "weather": [{"node": "south", "month": month, "wind_diurnal": 0.5} for month in range(1, 13)],
        "plants": [{"plant": "South", "node": "south", "technology": "dear"}],
    }
    parts = (
        technology("dear", variable_cost=90, lifetime=100),
        technology(
            "wind", capital_cost=1100, lifetime=20, wacc=0.05, declared={"availability": "wind_cf", "group": "wind"}
        ),
        technology("battery", kind="storage", capital_cost=300, lifetime=20, wacc=0.05, **BATTERY),
    )
    return compiled(small_study(folder, *parts, **{**options, **more}))


def again(old: LinearProgram, new: LinearProgram) -> tuple[highs.Solution, highs.Solution]:
    """The new program solved from the basis of the old one, and from nothing."""
    first = highs.solve(old, "simplex")
    assert first.basis is not None
    return highs.solve(new, "simplex", start=carried_over(first.basis, old, new)), highs.solve(new, "simplex")


def test_the_same_program_is_solved_at_once(tmp_path: Path) -> None:
    """Proves: from its own basis a program is optimal without an iteration. Without it a basis would be of no use."""
    program = study(tmp_path)
    resumed, fresh = again(program, program)
    assert resumed.solver == "simplex from a basis"
    assert resumed.iterations == 0 < fresh.iterations
    assert resumed.objective == pytest.approx(fresh.objective, rel=1e-9)


def test_new_rows_take_few_iterations(tmp_path: Path) -> None:
    """Proves: with a joint limit on top (12 iterations against 91 when this was written), or another load (none), the
    optimum is that of a fresh start in less than a quarter of its iterations. Without it a pass would cost a whole
    solve, or end elsewhere."""
    program = study(tmp_path / "before")
    limit: dict[str, Any] = {
        "interfaces": [{"interface": "southward", "limit": 0.4}],
        "interface_members": [{"link": "north_south"}],
    }
    for name, change in {"limit": limit, "load": {"demands": [flat("south", 0.55)]}}.items():
        resumed, fresh = again(program, study(tmp_path / name, **change))
        assert resumed.solver == "simplex from a basis"
        assert resumed.objective == pytest.approx(fresh.objective, rel=1e-9)
        assert resumed.iterations < fresh.iterations / 4


def test_a_larger_program_with_other_names_ends_at_its_own_optimum(tmp_path: Path) -> None:
    """Proves: with one more node, line and plant amid the others, and the old line under another name, the optimum is
    that of a fresh start. Without it what a basis says of other members could spoil what comes out."""
    larger = study(
        tmp_path / "larger",
        nodes=[{"node": "east"}, {"node": "south"}],
        plants=[
            {"plant": "Eastern", "node": "east", "technology": "dear"},
            {"plant": "South", "node": "south", "technology": "dear"},
        ],
        links=only({"link": "north_east", "to_node": "east", "capacity": 0.3}, {"link": "main"}),
        demands=[flat("east", 0.2)],
        weather=[{"node": "east", "month": month} for month in range(1, 13)],
    )
    resumed, fresh = again(study(tmp_path / "smaller"), larger)
    assert resumed.solver == "simplex from a basis"
    assert resumed.objective == pytest.approx(fresh.objective, rel=1e-9)


@st.composite
def grown(draw: st.DrawFn) -> tuple[LinearProgram, LinearProgram]:
    """A covering program, and one with columns and rows of it in another order, some gone and some new."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns, rows = draw(st.permutations(range(8))), draw(st.permutations(range(7)))
    matrix = rng.uniform(0, 1, (7, 8)).round(2) + 0.01
    cost, need, most = rng.uniform(1, 2, 8), rng.uniform(1, 3, 7), rng.uniform(5, 9, 8)

    def part(own_columns: list[int], own_rows: list[int]) -> LinearProgram:
        whole = small(
            cost[own_columns].tolist(),
            matrix[np.ix_(own_rows, own_columns)].tolist(),
            need[own_rows].tolist(),
            [np.inf] * len(own_rows),
            column_upper=most[own_columns].tolist(),
        )
        whole = replace(whole, matrix=sp.csc_array(whole.matrix))
        named = (family("x", *((c,) for c in own_columns)),), (family("r", *((r,) for r in own_rows)),)
        return labelled(whole, *named)

    return part(sorted(columns[:6]), sorted(rows[:5])), part(list(columns[1:]), list(rows[1:]))


@given(grown())
def test_the_optimum_does_not_depend_on_where_it_starts(case: tuple[LinearProgram, LinearProgram]) -> None:
    """Proves: from a basis with too many or too few members in it, or one that is singular, the optimum (or its
    absence) is that of a fresh start. Without it a pass could fail, or end at another plan, for how it began."""
    resumed, fresh = again(*case)
    assert resumed.status == fresh.status
    if fresh.status == "optimal":
        assert resumed.objective == pytest.approx(fresh.objective, rel=1e-7)
