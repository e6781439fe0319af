"""Checks of typical days, weather and load."""

from __future__ import annotations

import pandas as pd

from model.system import units
from model.system.check_tables import Tables, chosen, problems_at
from model.system.problems import Problem
from model.system.settings import Settings

MONTHS = range(1, 13)
DAYTYPES = ("workday", "weekend")


def check_time(tables: Tables, settings: Settings) -> list[Problem]:
    """The typical days fill the year, and weather and load are given for every node, month and hour."""
    return _check_periods(tables["periods"]) + _check_weather(tables) + _check_load(tables["load_shape"])


def _check_periods(periods: pd.DataFrame) -> list[Problem]:
    days = periods["days"].sum()
    found = []
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


def _check_weather(tables: Tables) -> list[Problem]:
    weather, nodes = tables["weather"], tables["nodes"]
    needed = {*nodes.loc[nodes["kind"] == "inside", "node"], *weather["node"]}
    months = weather.groupby("node")["month"].agg(set).to_dict()
    return [
        Problem("weather.csv", None, "month", node, "the node lacks months", "Give 12 rows for it.")
        for node in sorted(needed)
        if not set(MONTHS) <= months.get(node, set())
    ]


def _check_load(shape: pd.DataFrame) -> list[Problem]:
    wanted = {(month, hour, daytype) for month in MONTHS for hour in range(24) for daytype in DAYTYPES}
    lacking = sorted(wanted - set(zip(shape["month"], shape["hour"], shape["daytype"], strict=True)))
    if lacking:
        month, hour, daytype = lacking[0]
        return [
            Problem(
                "load_shape.csv",
                None,
                "hour",
                "",
                f"{len(lacking)} hours are missing, the first is month {month}, hour {hour}, {daytype}",
                "Give 12 months x 24 hours x 2 day types.",
            )
        ]
    dead = shape[shape.groupby(["month", "daytype"])["value"].transform("sum") <= 0].drop_duplicates(
        ["month", "daytype"]
    )
    return problems_at(
        "load_shape", dead, "value", "the load of the whole day is zero", "Give the load against the yearly mean."
    )
