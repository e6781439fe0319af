"""Down the ladder: a year told whole is planned in long steps first, then in shorter ones, down to its own.

In steps of a week the whole program is small enough for HiGHS. Its plan and its duals begin a search in steps of a
day, what that has learnt begins the next, and so on (see `lifted`): in its own steps the program starts with a plan and
a bound that are both near the end, and takes a few rounds where it would take twenty.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import LinearProgram
from model.solve import highs
from model.solve.decompose.lifted import lifted, steps_within
from model.solve.decompose.memory import Memory, memory_of
from model.solve.decompose.solve import solve_blocks
from model.solve.decompose.structure import Structure, split
from model.time.longer import in_longer_steps

RUNGS = (168, 24, 12, 6, 3)
"""Hours of the steps in which a year is planned before it is in its own. Measured: docs/decisions/decomposition.md."""
WHOLE_GAP = 1e-4
"""The gap of the first plan, of the whole program."""
RUNG_GAP = 1e-3
"""The gap of the others, or what is asked for in the end if that is wider."""


@dataclass(frozen=True)
class _Rung:
    """A program in longer steps, and what is known of it."""

    program: LinearProgram
    structure: Structure
    time: xr.Dataset
    memory: Memory


def learnt_in_longer_steps(
    system: xr.Dataset,
    time: xr.Dataset,
    program: LinearProgram,
    structure: Structure,
    *,
    gap: float,
    threads: int | None = None,
    workers: int | str | None = None,
    time_limit: float | None = None,
    log_path: Path | None = None,
) -> Memory | None:
    """What plans of the same year in longer steps tell of ``program``; None if the year is not told in longer ones.

    system, time: those of the program. structure: the program as it is split. Other arguments as of `solve_blocks`;
    ``time_limit`` holds for each rung.
    """
    rung: _Rung | None = None
    if time.attrs["method"] != "chronological":
        return None
    for hours in RUNGS:
        if hours <= float(time["duration"].max()):
            break
        longer = in_longer_steps(time, hours)
        if steps_within(time, longer) is None:
            return None
        smaller = compile_lp(state_plan(system, longer))
        its = split(smaller)
        kept: list[Memory] = []
        if rung is None:
            found = highs.solve(smaller, gap=WHOLE_GAP, time_limit=time_limit, threads=threads)
            if found.status == "optimal":
                kept = [memory_of(its, found.primal, found.row_dual)]
        else:
            found = solve_blocks(
                smaller, structure=its, gap=max(gap, RUNG_GAP), known=_down(rung, smaller, its, longer),
                keep=kept.append, threads=threads, workers=workers, time_limit=time_limit, log_path=log_path,
            )  # fmt: skip
        if log_path is not None:
            _note(log_path, hours, smaller, found)
        if found.status != "optimal" or not kept:
            break
        rung = _Rung(smaller, its, longer, kept[-1])
    return None if rung is None else _down(rung, program, structure, time)


def _note(log_path: Path, hours: int, program: LinearProgram, found: highs.Solution) -> None:
    size = f"{program.rows:,} rows x {program.columns:,} columns"
    with log_path.open("a", encoding="utf-8") as file:
        file.write(f"steps of {hours} h, {size}: {found.objective:.6f}, {found.status} in {found.seconds:.1f} s\n")


def _down(rung: _Rung, program: LinearProgram, structure: Structure, time: xr.Dataset) -> Memory | None:
    """What is known on a rung, as it holds for a program in the steps of ``time``."""
    steps = steps_within(time, rung.time)
    if steps is None:
        return None
    return lifted(rung.memory, program, structure, rung.program, rung.structure, steps)
