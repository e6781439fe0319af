"""What a table is made of: columns with kind, unit, bounds, default and meaning, declared once.

The reader, the checks, the error messages and the inputs page of the documentation all come from these declarations;
the tables themselves are listed in tables.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "year", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``unit`` is what the product works in. The CSV header says the unit of its numbers in brackets, ``capacity [MW]``,
    and they are converted; with ``row_unit`` each row says it in its ``unit`` column instead. In a unit,
    ``{capacity}`` and ``{activity}`` stand for those of the row's technology (GW and GWh, or bcm/year and bcm),
    ``{commodity}`` for the unit of the row's commodity and ``{unit}`` for the row's own. ``default`` stands for an
    empty cell; None means that an empty cell is an error if ``required``, else that the row says nothing. ``refers``
    names ``table.column`` in which the value must occur; ``whole`` numbers have no decimals.
    """

    name: str
    doc: str
    kind: Kind = "text"
    unit: str = ""
    required: bool = True
    default: str | float | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    refers: str = ""
    row_unit: bool = False
    whole: bool = False

    @property
    def may_be_absent(self) -> bool:
        """Whether the header may lack the column: it is optional or has a default."""
        return not self.required or self.default is not None

    def rule(self) -> str:
        """The bounds in words, for messages and the inputs page."""
        parts = []
        if self.above is not None:
            parts.append(f"must be > {self.above:g}")
        if self.minimum is not None:
            parts.append(f"must be >= {self.minimum:g}")
        if self.maximum is not None:
            parts.append(f"must be <= {self.maximum:g}")
        if self.choices:
            parts.append("must be one of " + ", ".join(self.choices))
        if self.refers:
            parts.append(f"must be a {self.refers.split('.')[1]} of {self.refers.split('.')[0]}.csv")
        return "; ".join(parts)


@dataclass(frozen=True)
class Quantity:
    """A kind of number that a long table may hold in its ``value`` column, told by its ``quantity`` column.

    ``{capacity}`` and ``{activity}`` in the unit stand for those of the row's technology.
    """

    name: str
    unit: str
    doc: str
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None


@dataclass(frozen=True)
class Table:
    """One CSV file of a study folder: its columns, its key and what one row means."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = True
    quantities: tuple[Quantity, ...] = ()

    @property
    def file(self) -> str:
        """The file's name in the study folder."""
        return f"{self.name}.csv"

    @property
    def holds_money(self) -> bool:
        """Whether any column or quantity is an amount of money, so that every row must say its price year."""
        units = [column.unit for column in self.columns] + [quantity.unit for quantity in self.quantities]
        return any("USD" in unit for unit in units)

    def column(self, name: str) -> Column:
        """The declaration of column ``name``; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]


QUALITIES = ("measured", "reported", "estimated", "assumption")
"""How well a number is known: read off a meter, published, derived from published figures, or chosen by us."""

PROVENANCE = (
    Column("source", "where the row's numbers come from"),
    Column("quality", "how well they are known", choices=QUALITIES),
    Column("notes", "anything a reader should know", required=False, default=""),
)


def text(name: str, doc: str, **rules: object) -> Column:
    """A text column."""
    return Column(name, doc, "text", **rules)  # type: ignore[arg-type]


def number(name: str, doc: str, unit: str = "1", **rules: object) -> Column:
    """A number with a unit."""
    return Column(name, doc, "number", unit, **rules)  # type: ignore[arg-type]


def year(name: str, doc: str, **rules: object) -> Column:
    """A calendar year."""
    bounds: dict[str, object] = {"minimum": 1900, "maximum": 2200}
    return Column(name, doc, "year", **{**bounds, "whole": True, **rules})  # type: ignore[arg-type]


def flag(name: str, doc: str, default: float = 0) -> Column:
    """A yes (1) or no (0)."""
    return Column(name, doc, "flag", default=default, required=False, whole=True)


PRICE_YEAR = year("price_year", "the year whose money the amounts are in", minimum=1990, maximum=2100)
