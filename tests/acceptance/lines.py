"""The acceptance lines of lines.yaml and the limits that their figures have to keep."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.sources import ROOT, tree

LINES = Path(__file__).with_name("lines.yaml")
OPERATORS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "==": operator.eq}


@dataclass(frozen=True)
class Limit:
    """What a figure has to be, such as ``wall_seconds <= 180``."""

    figure: str
    sign: str
    value: float

    @classmethod
    def read(cls, text: str) -> Limit:
        """The limit that ``text`` states; ValueError if it is none."""
        found = re.fullmatch(r"(\w+) (<=|>=|<|>|==) ([-+.\deE]+)", text)
        if found is None:
            raise ValueError(f"{text!r} is not 'figure operator number'")
        return cls(found[1], found[2], float(found[3]))

    def holds(self, figures: Mapping[str, float]) -> bool:
        """Whether the figure is there and keeps the limit."""
        return self.figure in figures and bool(OPERATORS[self.sign](figures[self.figure], self.value))

    def shown(self, figures: Mapping[str, float]) -> str:
        """``wall_seconds 143 (<= 180)``; a figure that is missing says so."""
        found = f"{figures[self.figure]:.4g}" if self.figure in figures else "missing"
        return f"{self.figure} {found} ({self.sign} {self.value:g})"


@dataclass(frozen=True)
class Line:
    """One acceptance line: what it says, the tests that show it and the limits for each full-size command."""

    id: str
    says: str
    tests: tuple[str, ...]
    accept: Mapping[str, tuple[Limit, ...]]


def read_lines(path: Path = LINES) -> list[Line]:
    """The lines in their order; ValueError for an unknown key or a limit that is none."""
    found = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        unknown = set(entry) - {"id", "says", "test", "accept"}
        if unknown:
            raise ValueError(f"{entry['id']}: unknown {', '.join(sorted(unknown))}")
        accept = {name: tuple(map(Limit.read, limits)) for name, limits in entry.get("accept", {}).items()}
        found.append(Line(entry["id"], entry["says"], tuple(entry.get("test", ())), accept))
    return found


def is_test(name: str) -> bool:
    """Whether ``path::function`` or ``path::Class::function`` is a test of this repository."""
    path, *names = name.split("::")
    file = ROOT / path
    if not names or not file.is_file() or not file.name.startswith("test_") or not names[-1].startswith("test_"):
        return False
    body: list[ast.stmt] = tree(file).body
    for wanted in names:
        inside = [node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == wanted]
        if not inside:
            return False
        body = inside[0].body
    return True
