"""Comparisons for people to read: observed figures beside a result, and two results beside each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from rich.markup import escape
from rich.table import Table

RELATIVE, LEAST = 1e-5, 5e-4
"""Differences below this share of the larger number, or below this number, are not shown."""


def observed_table(comparison: pd.DataFrame) -> Table:
    """What ``observed.compared`` gives: one row per item, under the heading of its kind."""
    table = Table(title="Observed figures and the model", title_justify="left")
    for name in ("item", "unit", "observed", "model", "deviation", "band", "within", "quality"):
        table.add_column(name, justify="left" if name in ("item", "unit", "quality") else "right")
    for kind, rows in comparison.groupby("kind", sort=False):
        table.add_section()
        table.add_row(f"[bold]{escape(str(kind))}[/bold]")
        for row in rows.itertuples():
            table.add_row(
                *(escape(str(row.item)), str(row.unit), figure(row.observed), figure(row.model)),
                *(share(row.deviation, sign=True), share(row.band), str(row.within), str(row.quality)),
            )
    return table


def verdict(comparison: pd.DataFrame) -> str:
    """In one line: how many figures have a band and how many of them lie inside."""
    banded = comparison[comparison["within"] != ""]
    inside = int((banded["within"] == "yes").sum())
    outside = banded.loc[banded["within"] == "no", "item"].tolist()
    tail = f" Outside: {'; '.join(outside)}." if outside else ""
    return f"{inside} of {len(banded)} figures with a band lie within it; {len(comparison)} are shown.{tail}"


def differences_tables(found: pd.DataFrame) -> Iterator[Table]:
    """What ``differences.differences`` gives: a table for each quantity, without rows that are alike."""
    for quantity, rows in found.groupby("quantity", sort=False):
        larger = np.maximum(rows["first"].abs(), rows["second"].abs())
        moved = rows[rows["difference"].abs() > np.maximum(RELATIVE * larger, LEAST)]
        if moved.empty:
            continue
        table = Table(title=str(quantity), title_justify="left")
        for name in ("", "year", "unit", "first", "second", "difference"):
            table.add_column(name, justify="left" if name in ("", "unit") else "right")
        for row in moved.itertuples():
            year = str(row.year) if row.year else ""
            table.add_row(
                *(escape(str(row.label)), year, str(row.unit)),
                *(figure(row.first), figure(row.second), figure(row.difference, sign=True)),
            )
        yield table


def figure(value: float, *, sign: bool = False) -> str:
    """A number with about four digits; empty for none."""
    if np.isnan(value):
        return ""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    return f"{value + 0.0:{'+' if sign else ''},.{digits}f}"


def share(value: float, *, sign: bool = False) -> str:
    """A share in percent; empty for none."""
    return "" if np.isnan(value) else f"{value:{'+' if sign else ''}.1%}"
