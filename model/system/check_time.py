"""Checks of typical days."""

from __future__ import annotations

import pandas as pd

from model.system import units
from model.system.check_tables import Tables, chosen, problems_at
from model.system.problems import Problem
from model.system.settings import Settings

MONTHS = range(1, 13)


def check_periods(tables: Tables, settings: Settings) -> list[Problem]:
    """The typical days fill the year; without any, periods are cut from the weather year."""
    periods = tables["periods"]
    days = periods["days"].sum()
    found = []
    if not len(periods) and settings.aggregation == "typical":
        found.append(
            Problem(
                "periods.csv",
                None,
                "period",
                "",
                "there are no typical days",
                "Give them, or set aggregation: representative in study.yaml.",
            )
        )
    if len(periods) and abs(days - 365) > 1e-6:
        found += problems_at(
            "periods",
            periods.tail(1),
            "days",
            f"all periods together have {days:g} days, not 365",
            "Correct the days; leap days are left out.",
        )
    known = {str(month) for month in MONTHS}
    months = [[month.strip() for month in text.split(";")] for text in periods["months"]]
    readable = [set(here) <= known and len(set(here)) == len(here) for here in months]
    found += problems_at(
        "periods",
        chosen(periods, (not good for good in readable)),
        "months",
        "must be numbers from 1 to 12, each once, separated by ;",
        "For example 12;1;2.",
    )
    if len(periods) and not known <= {month for here in months for month in here}:
        found += problems_at(
            "periods", periods.tail(1), "months", "some month has no period", "Every month must occur."
        )
    if len(periods) and (periods["peak"] == 1).all():
        found += problems_at(
            "periods",
            periods.tail(1),
            "peak",
            "every period holds the yearly peak",
            "Set 0 where the load is ordinary, so that the energy of the year can be kept.",
        )
    if all(readable) and not found:
        found += _check_seasons(periods, months)
    return found


def _check_seasons(periods: pd.DataFrame, months: list[list[str]]) -> list[Problem]:
    """Periods of the same months have the days of those months, where no other period has any of them."""
    groups = pd.Series([";".join(sorted(here, key=int)) for here in months], index=periods.index)
    distinct = groups.drop_duplicates()
    if sum(text.count(";") + 1 for text in distinct) != len(MONTHS):
        return []
    found = []
    for group in distinct:
        rows = periods[groups == group]
        wanted, given = sum(units.DAYS_IN_MONTH[int(month) - 1] for month in group.split(";")), rows["days"].sum()
        if abs(given - wanted) > 1:
            found += problems_at(
                "periods",
                rows.tail(1),
                "days",
                f"the periods of the months {group} have {given:g} days, not {wanted}",
                "Correct the days of these periods.",
            )
    return found
