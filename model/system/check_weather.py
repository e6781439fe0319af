"""Checks of the tables that weather, load and heat are made from."""

from __future__ import annotations

import pandas as pd

from model.system.check_tables import Tables, problems_at
from model.system.problems import Problem
from model.system.settings import Settings

MONTHS = range(1, 13)
DAYTYPES = ("workday", "weekend")
SYNTHETIC = "synthetic"

STATISTICS = ("ghi", "clear_sky_index", "temperature", "temperature_spread", "temperature_swing")
"""Columns of weather.csv that only synthetic weather needs."""

SHARE_TOLERANCE = 1e-3
"""How far the shares of a node's sectors may be from one together."""


def check_weather(tables: Tables, settings: Settings) -> list[Problem]:
    """Every node has its months, and what synthetic weather needs where the study uses it."""
    weather, nodes = tables["weather"], tables["nodes"]
    inside = set(nodes.loc[nodes["kind"] == "inside", "node"])
    months = weather.groupby("node")["month"].agg(set).to_dict()
    found = [
        Problem("weather.csv", None, "month", node, "the node lacks months", "Give 12 rows for it.")
        for node in sorted({*inside, *weather["node"]})
        if not set(MONTHS) <= months.get(node, set())
    ]
    if settings.aggregation == "representative" and settings.weather == SYNTHETIC:
        found += _check_statistics(tables, inside)
    return found


def _check_statistics(tables: Tables, inside: set[str]) -> list[Problem]:
    """The statistics and sites that a synthetic year is drawn from."""
    weather, sites = tables["weather"], tables["weather_sites"]
    advice = "Synthetic weather needs it; or name a file of hourly weather: `weather` in study.yaml."
    found = [
        Problem("weather_sites.csv", None, "node", node, "the node has no sites", advice)
        for node in sorted(inside - set(sites["node"]))
    ]
    own = weather[weather["node"].isin(sites["node"])]
    for column in STATISTICS:
        lacking = own[own[column].isna()].drop_duplicates("node")
        found += problems_at("weather", lacking, column, "the months of the node lack it", advice)
    return found


def check_load(tables: Tables, settings: Settings) -> list[Problem]:
    """Every sector has its hours, and every node's sectors are all of its load."""
    shape = tables["load_shape"]
    found = [problem for sector, rows in shape.groupby("sector") for problem in _check_shape(str(sector), rows)]
    if not len(shape):
        found += _check_shape("all", shape)
    return found + _check_shares(tables)


def _check_shape(sector: str, shape: pd.DataFrame) -> list[Problem]:
    wanted = {(month, hour, daytype) for month in MONTHS for hour in range(24) for daytype in DAYTYPES}
    lacking = sorted(wanted - set(zip(shape["month"], shape["hour"], shape["daytype"], strict=True)))
    if lacking:
        month, hour, daytype = lacking[0]
        told = "" if sector == "all" else f" of {sector}"
        return [
            Problem(
                "load_shape.csv",
                None,
                "hour",
                "",
                f"{len(lacking)} hours{told} are missing, the first is month {month}, hour {hour}, {daytype}",
                "Give 12 months x 24 hours x 2 day types.",
            )
        ]
    dead = shape[shape.groupby(["month", "daytype"])["value"].transform("sum") <= 0].drop_duplicates(
        ["month", "daytype"]
    )
    return problems_at(
        "load_shape", dead, "value", "the load of the whole day is zero", "Give the load against the yearly mean."
    )


def _check_shares(tables: Tables) -> list[Problem]:
    shares, sectors = tables["load_shares"], set(tables["load_shape"]["sector"])
    found = problems_at(
        "load_shares",
        shares[~shares["sector"].isin(sectors)],
        "sector",
        "load_shape.csv has no such sector",
        "Known: " + ", ".join(sorted(sectors)) + ".",
    )
    total = shares.groupby("node")["share"].transform("sum")
    found += problems_at(
        "load_shares",
        shares[(total - 1).abs() > SHARE_TOLERANCE].drop_duplicates("node"),
        "share",
        "the shares of the node's sectors are not 1 together",
        "Correct the shares.",
    )
    bare = sorted(set(tables["demands"].loc[tables["demands"]["profile"] == "load", "node"]) - set(shares["node"]))
    if "all" in sectors or not sectors:
        return found
    return found + [
        Problem(
            "load_shares.csv",
            None,
            "node",
            node,
            "its load has no shares of sectors, and load_shape.csv has no sector `all`",
            "Give the share of every sector at the node.",
        )
        for node in bare
    ]
