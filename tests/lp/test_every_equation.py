"""Every equation and every kind of cost: hand-solved, equal to Pyomo's own matrix, and described."""

from __future__ import annotations

import csv
import inspect
import re
import shutil
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.lp.compile import compile_lp
from model.lp.statement import Cost, Equation, Rule, Statement
from model.passes import first_state
from model.solve.certificate import Certificate
from model.study import NoPlan, Study
from tests.lp import (
    test_eq_adequacy,
    test_eq_balance,
    test_eq_capacity,
    test_eq_cascade,
    test_eq_commitment,
    test_eq_cost,
    test_eq_loops,
    test_eq_network,
    test_eq_operation,
    test_eq_policy,
    test_eq_reserve,
    test_eq_seasonal,
    test_eq_security,
    test_eq_storage,
    test_modernisation,
)
from tests.lp.compare import assert_same_as_pyomo
from tests.lp.everything import everything
from tests.lp.solved import Proof

CHAPTERS = (
    test_eq_adequacy,
    test_eq_balance,
    test_eq_capacity,
    test_eq_cascade,
    test_eq_commitment,
    test_eq_cost,
    test_eq_loops,
    test_eq_network,
    test_eq_operation,
    test_eq_policy,
    test_eq_reserve,
    test_eq_seasonal,
    test_eq_security,
    test_eq_storage,
    test_modernisation,
)
KAZAKHSTAN = Path(__file__).parents[2] / "inputs" / "kazakhstan"


def _proofs() -> dict[str, list[Proof]]:
    found: dict[str, list[Proof]] = defaultdict(list)
    for chapter in CHAPTERS:
        for name, proofs in chapter.PROOFS.items():
            found[name] += proofs
    return dict(found)


PROOFS = _proofs()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study in which every equation has rows."""
    return everything(tmp_path_factory.mktemp("everything"))


def stated(study: Study) -> tuple[dict[str, Equation], dict[str, Cost]]:
    """Equations and kinds of cost by name."""
    statement = study.statement()
    return {e.name: e for e in statement.equations}, {c.kind: c for c in statement.costs}


def test_every_equation_and_cost_has_a_hand_solved_test(whole: Study) -> None:
    """Proves: what is stated is what is solved by hand somewhere, name by name. Without it a new equation could come
    without a test, or a test outlive its equation."""
    equations, costs = stated(whole)
    assert set(PROOFS) == {*equations, *costs}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PROOFS))
def test_hand_solved_tests_need_their_equation(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: each test named as a proof of an equation (or kind of cost) fails when that is left out of the program,
    by its own numbers and not by the certificate, which is made to let everything pass. Without it a test could hold
    whether or not the equation is there."""
    equation, cost = Statement.equation, Statement.cost

    def other_equation(self: Statement, rule: Rule, over: Any, unit: str = "1") -> None:
        left_out = rule.__name__ == name
        equation(self, rule, self.set("NOTHING", [], dimen=over.dimen) if left_out else over, unit)

    def other_cost(self: Statement, kind: str, rule: Rule) -> None:
        if kind != name:
            cost(self, kind, rule)

    monkeypatch.setattr(Statement, "equation", other_equation)
    monkeypatch.setattr(Statement, "cost", other_cost)
    monkeypatch.setattr(Certificate, "passed", property(lambda self: True))
    for place, proof in enumerate(PROOFS[name]):
        with pytest.raises((AssertionError, NoPlan)):
            proof(tmp_path / str(place))


def test_every_equation_is_described(whole: Study) -> None:
    """Proves: each has a sentence, a formula and a unit. Without it the page of the mathematics would have gaps."""
    equations, costs = stated(whole)
    docs = {name: e.doc for name, e in equations.items()} | {
        kind: inspect.getdoc(c.rule) or "" for kind, c in costs.items()
    }
    for name, doc in docs.items():
        sentence, _, formula = doc.partition(".. math::")
        assert re.match(r"[A-Z].*\.", sentence.strip(), re.DOTALL), f"{name} has no sentence"
        assert formula.strip(), f"{name} has no formula"
    units = {name: e.unit for name, e in equations.items()}
    assert [name for name, unit in units.items() if not unit or unit == "1"] == []


def test_every_equation_is_the_same_as_pyomos(whole: Study) -> None:
    """Proves: rows, sides, costs and bounds equal Pyomo's own standard form, in a study where every equation has rows.
    Without it the compiler could turn a right equation into a wrong matrix."""
    program = assert_same_as_pyomo(whole.statement())
    assert program.fallbacks == ()
    assert [family.name for family in program.row_families if family.size == 0] == []


def small_kazakhstan(folder: Path) -> Study:
    """The default study with two planning years, two typical days of two steps, and all that security asks for."""
    shutil.copytree(KAZAKHSTAN, folder)
    settings = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    settings |= {"years": [2025, 2035], "horizon_end": 2040, "step_hours": 12, "commitment": "relaxed"}
    settings |= {"network": "dc", "loss_tangents": 2, "security": "n-1", "operating_reserve": True}
    (folder / "study.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    with (folder / "periods.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    rows = [
        {"period": "cold", "months": "10;11;12;1;2;3", "days": 182, "wind": 1.1, "sun": 0.9},
        {"period": "warm", "months": "4;5;6;7;8;9", "days": 183, "wind": 0.9, "sun": 1.1},
    ]
    with (folder / "periods.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {"daytype": "mean", "peak": 0, "source": "made up", "quality": "assumption", **row} for row in rows
        )
    own = Study.read(folder)
    return replace(own, network_state=first_state(own.system, own.time))


@pytest.mark.slow
def test_kazakhstan_is_the_same_as_pyomos(tmp_path: Path) -> None:
    """Proves: the real study, cut to two planning years and two days, compiles to what Pyomo makes of it, and no
    equation needs Pyomo to compile it. Without it only made-up tables would have been compared."""
    statement = small_kazakhstan(tmp_path / "kazakhstan").statement()
    program = assert_same_as_pyomo(statement)
    assert program.fallbacks == ()
    assert compile_lp(statement).fallbacks == ()
