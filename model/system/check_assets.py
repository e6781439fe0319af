"""Checks of plants, works, candidates and links: years, fuels, potentials and paces."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pandas as pd

from model.system.assets import end_years
from model.system.check_tables import Tables, chosen, problems_at
from model.system.problems import Problem
from model.system.raw import FILE, ROW
from model.system.select import any_selected
from model.system.settings import Settings

TOLERANCE = 1e-9
"""Capacity, in the unit of its technology, below which a limit counts as kept."""


def check_plants(tables: Tables, settings: Settings) -> list[Problem]:
    """Plants open before they close, operating ones before the plan starts; none is a link."""
    plants, first = tables["plants"], settings.years[0]
    operating = plants["status"] == "operating"
    links = set(tables["technologies"].loc[tables["technologies"]["kind"] == "link", "technology"])
    start, renewed = plants["start_year"], plants["modernisation_year"]
    wrong = (
        (
            plants["closing_year"] <= start,
            "closing_year",
            "must be later than start_year",
            "Correct one of the two years.",
        ),
        (
            operating & (start > first),
            "start_year",
            f"an operating plant must have started by {first}",
            "Make it committed or correct the year.",
        ),
        (renewed < start, "modernisation_year", "must not be before start_year", "Correct one of the two years."),
        (
            operating & (start <= first) & (end_years(tables, settings) <= first),
            "status",
            f"the plant has ended by {first}",
            "Take it out, or correct its closing year, its modernisation year, the lifetime or run_on_until.",
        ),
        (
            operating & (renewed > first),
            "modernisation_year",
            f"must not be after the first planning year {first}",
            "What is still to be done belongs in options.csv.",
        ),
        (
            plants["modernised_capacity"] > plants["capacity"] + TOLERANCE,
            "modernised_capacity",
            "is more than the capacity",
            "",
        ),
        (plants["added_capacity"] > plants["capacity"] + TOLERANCE, "added_capacity", "is more than the capacity", ""),
        (
            plants["technology"].isin(links),
            "technology",
            "a link technology has no plants",
            "Put the row into links.csv.",
        ),
    )
    return [
        problem
        for rows, column, rule, advice in wrong
        for problem in problems_at("plants", plants[rows], column, rule, advice)
    ]


def check_asset_names(tables: Tables, settings: Settings) -> list[Problem]:
    """Plants, links and markets are told apart by their names."""
    taken: dict[str, str] = {}
    found = []
    for table, column in (("plants", "plant"), ("links", "link"), ("markets", "market")):
        rows = tables[table].drop_duplicates(column)
        twice = chosen(rows, (name in taken for name in rows[column]))
        found += [
            Problem(file, int(line), column, name, f"{taken[name]} has the same name", "Choose another name.")
            for file, line, name in zip(twice[FILE], twice[ROW], twice[column], strict=True)
        ]
        taken |= dict.fromkeys(rows[column], f"a row of {table}.csv")
    return found


def check_supply(tables: Tables, settings: Settings) -> list[Problem]:
    """What plants, candidates and the results of works take at a node can be had there, and so can its demand."""
    ports = tables["ports"]
    taken = ports[ports["yield"] < 0].groupby("technology")["commodity"].agg(set).to_dict()
    had = _given(tables)
    moved = set(ports.loc[ports["place"] != "here", "commodity"])
    found = []
    for table, column, line, technology, node in _standing(tables):
        for commodity in sorted(taken.get(technology, set()) - moved):
            if (commodity, node) not in had:
                found.append(
                    Problem(
                        f"{table}.csv",
                        line,
                        column,
                        node if column == "node" else technology,
                        f"{technology} takes {commodity}, which nothing gives at {node}",
                        "Add the fuel's price at the node to fuels.csv.",
                    )
                )
    return found + _check_servable(tables, had)


def _standing(tables: Tables) -> Iterator[tuple[str, str, int, str, str]]:
    """Table, column, line, technology and node of everything that stands at a node, may come there or be made of it."""
    conversions = set(tables["technologies"].loc[tables["technologies"]["kind"] == "conversion", "technology"])
    nodes = set(tables["nodes"]["node"])
    for table in ("plants", "candidates"):
        frame = tables[table]
        for line, technology, node in zip(frame[ROW], frame["technology"], frame["node"], strict=True):
            if technology in conversions and node in nodes:
                yield table, "node", line, technology, node
    plants = tables["plants"].loc[tables["plants"]["status"] == "operating", ["plant", "technology", "node"]]
    works = (
        tables["options"]
        .rename(columns={"plant": "only"})
        .merge(plants, left_on="from_technology", right_on="technology")
    )
    works = works[(works["only"] == "") | (works["only"] == works["plant"])].drop_duplicates([ROW, "node"])
    for line, technology, node in zip(works[ROW], works["to_technology"], works["node"], strict=True):
        if technology in conversions and node in nodes:
            yield "options", "to_technology", line, technology, node


def _given(tables: Tables) -> set[tuple[str, str]]:
    """(commodity, node) that something gives: fuels, import markets, plants, candidates, works and links."""
    ports, fuels, markets, links = (tables[name] for name in ("ports", "fuels", "markets", "links"))
    imports = markets[markets["direction"] == "import"]
    had = set(zip(fuels["commodity"], fuels["node"], strict=True)) | set(
        zip(imports["commodity"], imports["node"], strict=True)
    )
    giving = ports[ports["yield"] > 0]
    given = giving[giving["place"] == "here"].groupby("technology")["commodity"].agg(set).to_dict()
    had |= {
        (commodity, node) for _, _, _, technology, node in _standing(tables) for commodity in given.get(technology, ())
    }
    for place, end in (("from", "from_node"), ("to", "to_node")):
        carried = links.merge(giving[giving["place"] == place], on="technology")
        had |= set(zip(carried["commodity"], carried[end], strict=True))
    return had


def _check_servable(tables: Tables, had: set[tuple[str, str]]) -> list[Problem]:
    """Demand that may not go unserved can be served."""
    commodities, demands = tables["commodities"], tables["demands"]
    strict = set(commodities.loc[commodities["unserved_price"].isna(), "commodity"])
    bare = demands[demands["commodity"].isin(strict) & (demands["value"] > 0)].drop_duplicates(["node", "commodity"])
    bare = chosen(bare, (pair not in had for pair in zip(bare["commodity"], bare["node"], strict=True)))
    return problems_at(
        "demands",
        bare,
        "commodity",
        "nothing gives it at this node, and it may not go unserved",
        "Add a supply, a link or an unserved_price.",
    )


def check_options(tables: Tables, settings: Settings) -> list[Problem]:
    """Works lead from one kind of plant to another and never round in a circle."""
    options, technologies = tables["options"], tables["technologies"]
    extend = options["option"] == "extend"
    same = options["from_technology"] == options["to_technology"]
    found = problems_at(
        "options",
        options[extend & ~same],
        "to_technology",
        "an extension keeps its technology",
        "Call it modernise, convert or replace.",
    )
    for column, rule in (
        ("capacity_unit", "its capacity is measured in another unit"),
        ("kind", "it works in another way"),
    ):
        of = dict(zip(technologies["technology"], technologies[column], strict=True))
        before, after = options["from_technology"].map(of), options["to_technology"].map(of)
        found += problems_at(
            "options",
            options[before.notna() & after.notna() & (before != after)],
            "to_technology",
            rule,
            "Works keep what a plant is.",
        )
    plant_of = dict(zip(tables["plants"]["plant"], tables["plants"]["technology"], strict=True))
    own = options["plant"].map(plant_of)
    found += problems_at(
        "options",
        options[own.notna() & (own != options["from_technology"])],
        "plant",
        "the plant has another technology than from_technology",
        "Correct one of the two.",
    )
    return found + _check_circles(options[~same])


def _check_circles(options: pd.DataFrame) -> list[Problem]:
    graph = nx.DiGraph(list(zip(options["from_technology"], options["to_technology"], strict=True)))
    found = []
    for part in nx.strongly_connected_components(graph):
        if len(part) > 1:
            rows = options[options["from_technology"].isin(part) & options["to_technology"].isin(part)]
            circle = [start for start, _ in nx.find_cycle(graph.subgraph(part))]
            found += problems_at(
                "options",
                rows,
                "to_technology",
                "the conversions run in a circle: " + " -> ".join([*circle, circle[0]]),
                "Take one of them out.",
            )
    return found


def check_potentials(tables: Tables, settings: Settings) -> list[Problem]:
    """What is committed fits into the potential of its node and the pace of building."""
    plants, candidates, technologies = tables["plants"], tables["candidates"], tables["technologies"]
    standing = plants[plants["status"] != "candidate"].groupby(["technology", "node"])["capacity"].sum().to_dict()
    there = np.array(
        [standing.get(place, 0.0) for place in zip(candidates["technology"], candidates["node"], strict=True)]
    )
    size = technologies.drop_duplicates("technology").set_index("technology")["capacity_unit"]
    found = []
    for place in np.flatnonzero(candidates["potential"].to_numpy(dtype=float) < there - TOLERANCE):
        unit = size.get(candidates["technology"].iloc[place], "GW")
        found += problems_at(
            "candidates",
            candidates.iloc[[place]],
            "potential",
            f"is below the {there[place]:g} {unit} that stand or are committed there",
            "Raise the potential.",
        )
    links = set(technologies.loc[technologies["kind"] == "link", "technology"])
    found += problems_at(
        "candidates",
        candidates[candidates["technology"].isin(links)],
        "technology",
        "a link technology stands at no node",
        "Put the corridor into links.csv.",
    )
    return found + _check_paces(tables, settings)


def _check_paces(tables: Tables, settings: Settings) -> list[Problem]:
    plants, limits = tables["plants"], tables["build_limits"]
    zones = dict(zip(tables["nodes"]["node"], tables["nodes"]["zone"], strict=True))
    committed = plants[plants["status"] == "committed"]
    zone_of = committed["node"].map(zones)
    found = []
    for (_, zone), rows in limits[limits["counts"] != "works"].groupby(["limit", "zone"]):
        counted = committed["technology"].isin(any_selected(tables, rows["select"])) & (
            (zone == "") | (zone_of == zone)
        )
        starts, sizes = committed.loc[counted, "start_year"].to_numpy(), committed.loc[counted, "capacity"].to_numpy()
        by_year = rows.dropna(subset=["year", "rate"]).sort_values("year").drop_duplicates("year")
        if not counted.any() or by_year.empty:
            continue
        for previous, current in zip(settings.years[:-1], settings.years[1:], strict=True):
            due = sizes[(starts > previous) & (starts <= current)].sum()
            rate = float(np.interp(current, by_year["year"], by_year["rate"]))
            if due > rate * (current - previous) + TOLERANCE:
                found += problems_at(
                    "build_limits",
                    rows.head(1),
                    "rate",
                    f"{due:g} GW are committed by {current}, more than {rate:g} GW a year allow",
                    "Raise the rate.",
                )
    return found
