"""The power system of Kazakhstan in a year told whole, block by block."""

from __future__ import annotations

import pytest

from model.lp.compile import compile_lp
from model.solve import highs
from model.study import Study
from tests.full_years import in_weeks

GAP = 1e-4


@pytest.fixture(scope="module")
def year() -> Study:
    """One planning year as five weeks, of which the last is long, in steps of a day."""
    study = Study.read("inputs/kazakhstan-power").override(
        {"study.years": "[2025]", "study.representative_periods": "4", "study.kept_days": "[]"}
    )
    return in_weeks(study, 5)


@pytest.mark.slow
def test_year_of_weeks_costs_what_the_whole_does(year: Study) -> None:
    """Proves: with reservoirs that carry water from week to week and limits of the year, blocks find the least cost and
    prove it. Without plans that are mended no week would find the water that it is told to pass on."""
    whole = highs.solve(compile_lp(year.statement()))
    plan = year.solve("blocks", gap=GAP)
    assert plan.certificate.optimality.certified(GAP)
    assert plan.solution.objective == pytest.approx(whole.objective, rel=GAP)
