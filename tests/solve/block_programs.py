"""Random linear programs with blocks, for the decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from model.lp.program import PLAN, Family, LinearProgram
from model.solve.decompose.block import Block
from model.solve.decompose.rounds import core_box
from model.solve.decompose.structure import Structure


def program_of(
    matrix: Any,
    cost: Any,
    columns: tuple[Any, Any],
    rows: tuple[Any, Any],
    column_block: Any,
    row_block: Any,
    offset: float = 0.0,
) -> LinearProgram:
    """A program without names from a dense matrix, with the block of every column and row."""
    dense = np.asarray(matrix, dtype=float)
    count = int(max(np.max(column_block, initial=0), np.max(row_block, initial=0))) + 1
    return LinearProgram(
        matrix=sp.csc_array(dense), cost=np.asarray(cost, dtype=float), offset=offset,
        column_lower=np.asarray(columns[0], dtype=float), column_upper=np.asarray(columns[1], dtype=float),
        row_lower=np.asarray(rows[0], dtype=float), row_upper=np.asarray(rows[1], dtype=float),
        column_families=(_family("x", dense.shape[1]),), row_families=(_family("row", dense.shape[0]),),
        blocks=(PLAN, *((2025 + i // 3, f"p{i % 3}") for i in range(count - 1))),
        column_block=np.asarray(column_block, dtype=np.int32), row_block=np.asarray(row_block, dtype=np.int32),
        kept_rows=np.arange(dense.shape[0]),
    )  # fmt: skip


def _family(name: str, size: int) -> Family:
    return Family(name, ("i",), (tuple(range(size)),), (np.arange(size),), 0, size)


def random_program(seed: int, *, feasible: bool = True, bounded: bool = True) -> LinearProgram:
    """A program with coupling rows of every sense, columns that link blocks, equations, ranges, free and fixed columns.

    ``feasible``: sides are put round a random point. ``bounded``: costs come from a dual point, so that the least cost
    is finite even where columns are not.
    """
    r = np.random.default_rng(seed)
    blocks, plan = int(r.integers(1, 6)), int(r.integers(1, 6))
    sizes = r.integers(0, 6, blocks)
    column_block = np.concatenate([np.zeros(plan, dtype=int), np.repeat(np.arange(1, blocks + 1), sizes)])
    n = column_block.size
    rows: list[np.ndarray[Any, Any]] = []
    row_block: list[int] = []

    def row(allowed: np.ndarray[Any, Any], block: int, chance: float) -> None:
        values = np.where(allowed & (r.random(n) < chance), np.round(r.normal(0, 2, n), 1), 0.0)
        rows.append(values)
        row_block.append(block)

    for _ in range(int(r.integers(0, 4))):
        row(column_block == 0, 0, 0.8)
    for block in range(1, blocks + 1):
        for _ in range(int(r.integers(0, 6))):
            row((column_block == 0) | (column_block == block), block, 0.5)
    for _ in range(int(r.integers(0, 3))):
        row(np.ones(n, dtype=bool), 0, 0.6)
    if blocks > 1 and r.random() < 0.5:
        # a column of one block in a row of another
        other = int(r.integers(1, blocks + 1))
        row(np.isin(column_block, [0, other, 1 + other % blocks]), other, 0.6)
    matrix = np.array(rows).reshape(len(rows), n)
    x = np.round(r.normal(0, 3, n), 1)
    kind = r.choice(5, n, p=[0.35, 0.3, 0.1, 0.15, 0.1])
    low = np.where(np.isin(kind, [0, 1, 4]), x - r.choice([0.0, 1.0, 4.0], n), -np.inf)
    high = np.where(np.isin(kind, [0, 3]), x + r.choice([0.0, 2.0, 5.0], n), np.inf)
    high = np.where(kind == 4, low, high)
    x = np.clip(x, low, high)
    activity = matrix @ x
    sense = r.choice(5, len(rows), p=[0.3, 0.3, 0.2, 0.15, 0.05])
    slack = r.choice([0.0, 0.5, 3.0], len(rows))
    lower = np.where(np.isin(sense, [0, 3]), activity - slack, -np.inf)
    upper = np.where(np.isin(sense, [1, 3]), activity + slack, np.inf)
    lower, upper = np.where(sense == 2, activity, lower), np.where(sense == 2, activity, upper)
    if not feasible and len(rows):
        at = int(r.integers(len(rows)))
        lower[at] = np.where(np.isfinite(lower[at]), lower[at], activity[at]) + 20 * r.random()
        upper[at] = np.maximum(lower[at], upper[at]) if np.isfinite(upper[at]) else np.inf
    cost = np.round(r.normal(0, 2, n), 1)
    if bounded:
        dual = np.where(
            sense == 0, r.random(len(rows)), np.where(sense == 1, -r.random(len(rows)), r.normal(0, 1, len(rows)))
        )
        dual = np.where(sense == 4, 0.0, dual)
        reduced = np.where(
            kind == 2, 0.0, np.where(kind == 1, r.random(n), np.where(kind == 3, -r.random(n), r.normal(0, 1, n)))
        )
        cost = matrix.T @ dual + reduced
    return program_of(matrix, cost, (low, high), (lower, upper), column_block, np.array(row_block, dtype=int), 5.0)


def seeds() -> st.SearchStrategy[int]:
    """Seeds of random programs."""
    return st.integers(0, 10**6)


def blocks_of(structure: Structure) -> list[Block]:
    """The blocks of a program."""
    box, links = core_box(structure), structure.links()
    return [Block(part, number, box, 100.0, links[number]) for number, part in enumerate(structure.parts)]
