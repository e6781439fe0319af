"""What is wrong with a study, told so that its author can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One fault in the inputs: where it stands, what the rule is and what to do.

    ``row`` is the line of the file as an editor shows it (the header is line 1); None for the file as a whole.
    """

    file: str
    row: int | None
    column: str
    value: str
    rule: str
    advice: str = ""

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file} row {self.row}"
        if self.column:
            place += f", column {self.column}"
        shown = f" is '{self.value}'" if self.value else ""
        tail = f" {self.advice}" if self.advice else ""
        return f"{place}{shown}: {self.rule}.{tail}"

    def as_dict(self) -> dict[str, object]:
        """The fields, for ``--json``."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "rule": self.rule,
            "advice": self.advice,
        }


class InvalidStudy(Exception):
    """The study cannot be used; ``problems`` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.row or 0, p.column, p.rule, p.value)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
