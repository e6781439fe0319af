"""Tables of the report: numbers as a reader of its language writes them, names as text that cannot become markup."""

from __future__ import annotations

import numbers
from html import escape
from typing import Any, NamedTuple

import pandas as pd

NOTHING = "–"
"""Shown where there is no number."""

GROUPED_FROM = 10_000
"""Numbers from which thousands are set apart; years stay as they are."""


LONG = 24
"""Characters of a text that stays on one line; longer ones have room, and are broken."""


class Marks(NamedTuple):
    """What stands in a number besides its digits."""

    decimal: str
    thousands: str


MARKS = {"en": Marks(".", ","), "ru": Marks(",", "\u00a0"), "kk": Marks(",", "\u00a0")}
"""By language."""


def number(value: Any, digits: int, language: str = "en") -> str:
    """``value`` with ``digits`` decimals; a whole number and an exact zero without; ``NOTHING`` for none."""
    if pd.isna(value):
        return NOTHING
    whole = isinstance(value, numbers.Integral) or value == 0
    rounded = int(value) if whole else round(float(value), digits)
    # adding zero turns a negative zero, left over by rounding, into a plain one
    text = f"{rounded + 0:,.{0 if whole else digits}f}"
    marks = MARKS[language]
    grouped = marks.thousands if abs(rounded) >= GROUPED_FROM else ""
    return text.replace(",", "\0").replace(".", marks.decimal).replace("\0", grouped).replace("-", "\u2212")


def table_html(frame: pd.DataFrame, digits: int, label: str, language: str = "en") -> str:
    """``frame`` as HTML in a box that scrolls, its columns as headings; ``label`` names it for those who hear it.

    An index with a name is a column too; one without is left out.
    """
    flat = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
    kinds = [pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in flat.dtypes]
    heads = [
        f'<th scope="col"{"" if numeric else " class=t"}>{escape(str(name))}</th>'
        for name, numeric in zip(flat.columns, kinds, strict=True)
    ]
    rows = [
        "<tr>" + "".join(_cell(*cell, digits, language) for cell in zip(row, kinds, strict=True)) + "</tr>"
        for row in flat.itertuples(index=False, name=None)
    ]
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">\n<table>\n'
        f"<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n{chr(10).join(rows)}\n</tbody>\n</table>\n</div>"
    )


def _cell(value: Any, numeric: bool, digits: int, language: str) -> str:
    """A cell; ``numeric`` columns have their gaps on the right, where their numbers are."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and (numeric or not pd.isna(value)):
        return f"<td>{number(value, digits, language)}</td>"
    text = NOTHING if pd.isna(value) else str(value)
    return f"<td class={'t' if len(text) <= LONG else 'l'}>{escape(text)}</td>"
