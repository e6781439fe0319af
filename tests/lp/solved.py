"""What the tests of the equations share: a tiny study solved and certified, and the numbers that people work out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from model.study import Plan, Study
from tests.studies import Rows, write_study

Proof = Callable[[Path], None]
"""A test that has only a folder to write a study into."""

Proofs = Mapping[str, tuple[Proof, ...]]
"""For each equation or kind of cost the tests that fail without it."""

YEAR = 8.76
"""Million USD for a year of 1 GW at 1 USD/MWh."""


_READ: dict[str, Study] = {}
"""Studies by what their files say: reading takes most of the time, and some tests solve the same study again."""


def study(folder: Path, *parts: Rows, **options: Any) -> Study:
    """``write_study(folder, ...)`` as a Study; one that was read before is not read again."""
    write_study(folder, *parts, **options)
    said = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.*")))).hexdigest()
    if said not in _READ:
        _READ[said] = Study.read(folder)
    return _READ[said]


def solved(folder: Path, *parts: Rows, **options: Any) -> Plan:
    """The certified plan of ``study(folder, ...)``."""
    return study(folder, *parts, **options).solve()


def cost(plan: Plan) -> float:
    """The objective in million USD."""
    return plan.objective / 1e6


def cost_of(plan: Plan, kind: str) -> float:
    """Present value of one kind of cost as the program has it, million USD."""
    columns, coefficients, constant = plan.program.cost_by_kind[kind]
    return float(coefficients @ plan.solution.primal[columns]) + constant


def value(plan: Plan, variable: str, *labels: object) -> float:
    """The value of one column; KeyError if the variable has none of these labels."""
    family = plan.program.column_family(variable)
    name = f"{variable}[{','.join(str(label) for label in labels)}]" if labels else variable
    for member in range(family.size):
        if family.label(member) == name:
            return float(plan.solution.primal[family.start + member])
    raise KeyError(name)


def total(plan: Plan, variable: str) -> float:
    """The sum of all columns of a variable."""
    return float(plan.solution.primal[plan.program.column_family(variable).span].sum())
