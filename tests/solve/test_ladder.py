"""A year planned in long steps first, and what that tells of shorter ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import LinearProgram
from model.solve import highs
from model.solve.decompose import Memory
from model.solve.decompose.lifted import lifted, steps_within
from model.solve.decompose.memory import memory_of
from model.solve.decompose.structure import Structure, split
from model.study import Study
from model.time.longer import in_longer_steps
from tests.full_years import in_weeks
from tests.solve.block_programs import blocks_of


@dataclass(frozen=True)
class _Year:
    """Kazakhstan's power system in a year of five weeks by days, the same in steps of a week, and what that tells."""

    study: Study
    program: LinearProgram
    structure: Structure
    coarse: highs.Solution
    longer: LinearProgram
    known: Memory


@pytest.fixture(scope="module")
def year() -> _Year:
    """See `_Year`."""
    study = Study.read("inputs/kazakhstan-power").override({"study.years": "[2025]"})
    study = in_weeks(study, 5)
    program, time = study.program(), in_longer_steps(study.time, 168)
    longer = compile_lp(state_plan(study.system, time))
    coarse = highs.solve(longer, gap=1e-8)
    steps, structure, its = steps_within(study.time, time), split(program), split(longer)
    assert steps is not None
    memory = memory_of(its, coarse.primal, coarse.row_dual)
    return _Year(study, program, structure, coarse, longer, lifted(memory, program, structure, longer, its, steps))


@pytest.mark.slow
def test_cuts_of_a_plan_in_weeks_prove_its_cost_of_blocks_in_days(year: _Year) -> None:
    """Proves: what weeks as one step cost at the plan is proved, to rounding, by the rows of the weeks in days. Without
    the right share of the duals for each family of rows some cut would be far below."""
    blocks = blocks_of(year.structure)
    fitting = year.known.fitting(year.structure, blocks)
    assert len(fitting) == len(year.structure.parts)
    proved = sum(cut.at(year.known.plan) for cut in fitting)
    core = year.structure.core
    total = proved + float(core.cost @ year.known.plan) + year.program.offset
    assert total == pytest.approx(year.coarse.objective, rel=1e-6)


@pytest.mark.slow
def test_days_cost_no_less_than_the_cuts_of_weeks_say(year: _Year) -> None:
    """Proves: a cut from longer steps holds for the block in its own, at the plan and at one with half of what it
    builds. Without it a cut that is too high would take the best plan away, and the gap would be a lie."""
    blocks = blocks_of(year.structure)
    cuts = year.known.fitting(year.structure, blocks)
    links = [np.isin(np.arange(year.known.plan.size), block.links) for block in blocks]
    looked_at = 0
    for share in (1.0, 0.5):
        for cut, link in zip(cuts, links, strict=True):
            point = np.where(link, year.known.plan, share * year.known.plan)
            answer = blocks[cut.part].answer(point)
            if not answer.slack:
                looked_at += 1
                assert cut.at(point) <= answer.cost + 1e-6 * max(1.0, abs(answer.cost))
    assert looked_at >= len(blocks)


@pytest.mark.slow
def test_a_search_that_comes_down_the_ladder_says_so_and_ends_right(year: _Year, tmp_path: Path) -> None:
    """Proves: the first plan is that of the week, and the search ends where the whole program does. Without it the
    ladder could be left out unseen, or mislead."""
    log = tmp_path / "run.log"
    plan = year.study.solve("blocks", gap=1e-4, log_path=log)
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("steps of 168 h")
    said = float(lines[0].split(": ")[1].split(",")[0])
    assert said == pytest.approx(year.coarse.objective, rel=1e-6)
    whole = highs.solve(year.program)
    assert plan.solution.objective == pytest.approx(whole.objective, rel=1e-4)
    assert plan.certificate.passed


@pytest.mark.slow
def test_steps_that_lie_across_others_tell_nothing(year: _Year) -> None:
    """Proves: steps of five days do not lie in days, and days of another order not in weeks. Without it duals would be
    given to rows of another time."""
    days = year.study.time
    assert steps_within(in_longer_steps(days, 120), days) is None
    assert steps_within(days.isel(step=slice(None, None, -1)), in_longer_steps(days, 168)) is None

