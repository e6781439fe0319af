"""Stretching changes what an interior point factorises, never the optimum."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.lp.program import LinearProgram
from model.solve import highs
from model.solve.optimality import examine
from model.solve.stretch import stretched
from model.study import Study

SMALL = Path(__file__).resolve().parents[2] / "inputs" / "small"


@pytest.fixture(scope="module")
def program() -> LinearProgram:
    return Study.read(SMALL).program()


def test_stretched_program_has_the_same_optimum(program: LinearProgram) -> None:
    """Proves: copies tied to their column leave the optimum as it is. Without the tie capacity would be free in a block."""
    copied = stretched(program)
    assert copied.columns > program.columns
    assert copied.columns - program.columns == copied.rows - program.rows
    plain = highs.solve(program, "simplex")
    wide = highs.solve(copied, "simplex")
    assert wide.objective == pytest.approx(plain.objective, rel=1e-9)


def test_solution_is_cut_back_and_certified(program: LinearProgram) -> None:
    """Proves: values and duals belong to the program as stated. Without the cut they would count copies as well."""
    found = highs.solve(program, "hipo")
    assert found.primal.size == program.columns
    assert found.row_dual.size == program.rows
    assert examine(program, found.primal, found.row_dual).certified(1e-6)


def test_program_of_one_block_comes_back_as_it_is(program: LinearProgram) -> None:
    """Proves: without shared columns nothing is copied. Without the check an empty copy would be made."""
    alone = replace(program, column_block=np.ones_like(program.column_block))
    assert stretched(alone) is alone
