"""The page of the mathematics, from the equations' own descriptions and one row of each as Pyomo prints it."""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from example import example_study
from pages import code, finish, table

MOST_TERMS = 4
"""Terms of a sum that a printed row shows."""
SEVERAL = 3
"""Variables that a printed row should have."""

INTRODUCTION = r"""# The linear program

An asset runs in modes; a mode takes and gives commodities. Power plants, lines, markets and supplies are all
assets with modes; stores are the one other kind. The plan is the cheapest way to meet every equation below.
Each is one rule of `model/lp/`, and the row under it is a real one, as Pyomo prints it, from a small study.

## Symbols

| symbol | meaning |
| --- | --- |
| $n$, $c$, $a$, $k$, $s$, $g$ | node, commodity, asset, mode, store, target |
| $y$, $p$, $t$ | planning year, period, step |
| $v$, $w$ | vintage (capacity with one end of life), works on a vintage |
| $D_y$ | present value of one a year in the years that $y$ stands for |
| $h_t$, $h_p$, $\Delta_t$ | hours a year that a step or a period stands for; hours that a step lasts |
| $o$, $k$, $l$, $b$, $x$ | operation, capacity, what is left of a vintage, builds, works |
| $r$, $s$ | closures, standstill |
| $c$, $d$, $e$ | charge, discharge, level of a store |
| $u$, $e$ | unserved and excess, at a node |
| $f$, $\alpha$, $\phi$ | yield of a port, availability of an asset, profile of a step |
| $z$, $l$, $i$ | zone, link, joint limit (interface) |
| $c$ | contingency; with $x_{c,l,y}$, the drop of the voltage angle over a link (none: before any) |
| $\kappa$, $\mu$, $\xi$ | capacity credit, margin, firm capacity lent over a link |
| $r_a$, $\zeta$, $\delta$ | response within minutes, reserve lent over a link, what is missing |
| $o^c$, $r^+$, $r^-$, $q$ | flow, output brought in and taken back after a contingency; insecurity |
| $\ell$, $\rho$, $\epsilon$ | loss of a link, its loss at full load, emergency rating |

A letter that stands for two things is told apart by its indices. Money is in million USD of the study's price
year, power in GW, electricity in GWh.
"""


def page() -> str:
    """The page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        statement = example_study(Path(folder)).statement()
    statement.to_pyomo()
    parts = [INTRODUCTION, *variables(statement)]
    chapter = ""
    for equation in statement.equations:
        home = equation.rule.__module__
        if home != chapter:
            chapter = home
            parts += ["", f"## {home.rpartition('.')[2].capitalize()}", "", inspect.getdoc(sys.modules[home]) or ""]
        parts += described(equation.name, equation.doc)
        dims = ", ".join(equation.dims)
        parts += [f"For every ({dims}) in {code(index_set(equation.over))}. Unit: {equation.unit}.", ""]
        parts += ["```text", row(statement.model.component(equation.name)), "```"]
    parts += costs(statement)
    return "\n".join(parts)


def variables(statement: Any) -> Iterator[str]:
    """The variables, with what each counts."""
    yield "## Variables"
    yield ""
    rows = [(code(v.name), ", ".join(v.dims), v.unit, v.long_name) for v in statement.variables]
    yield table(("variable", "for every", "unit", "meaning"), rows)


def costs(statement: Any) -> Iterator[str]:
    """The kinds of cost; those with the same rule share a section."""
    yield "\n## Cost\n"
    yield "The sum of all kinds is what is minimised, in million USD, as a present value."
    kinds: dict[str, list[Any]] = {}
    for cost in statement.costs:
        kinds.setdefault(inspect.getdoc(cost.rule) or "", []).append(cost)
    for doc, alike in kinds.items():
        yield from described("`, `".join(cost.kind for cost in alike), doc)
        yield from ("```text", *(side(str(cost.rule(statement.model))) for cost in alike), "```")


def described(name: str, doc: str) -> Iterator[str]:
    """A heading, what the rule says in words, and its formula."""
    before, _, after = doc.partition(".. math::")
    formula, _, rest = after.partition("\n\n")
    yield f"\n### {code(name)}\n"
    yield " ".join(before.split())
    if rest.strip():
        yield "\n" + " ".join(rest.split())
    if formula.strip():
        yield f"\n```math\n{textwrap.dedent(formula).strip()}\n```\n"


def index_set(over: Any) -> str:
    """The sets that an equation runs over, as Pyomo names them."""
    return " x ".join(part.name for part in over.subsets(expand_all_set_operators=True))


def row(component: Any) -> str:
    """The shortest row with several variables, or failing that with as many as there are."""
    printed = sorted((str(data.expr) for data in component.values()), key=len)
    wanted = min(SEVERAL, max(text.count("[") for text in printed))
    chosen = next(text for text in printed if text.count("[") >= wanted)
    sides = re.split(r"\s+(==|<=|>=)\s+", chosen)
    return " ".join(side(part) for part in sides)


def side(text: str) -> str:
    """One side of a row: rounded numbers, and no more terms than a reader needs."""
    rounded = re.sub(r"(?<![\w/])\d+\.\d+(e-?\d+)?(?![\w/])", lambda number: f"{float(number[0]):.6g}", text)
    terms = re.split(r" (?=[-+] )", rounded)
    return " ".join(terms) if len(terms) <= MOST_TERMS + 1 else " ".join([*terms[:MOST_TERMS], "+ ..."])


if __name__ == "__main__":
    finish("maths.md", "generate_maths.py", page)
