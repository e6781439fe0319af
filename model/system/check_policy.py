"""Checks of the network, of demand and trade, of limits and of goals."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from model.system import units
from model.system.assemble_modes import default_runs
from model.system.assets import pool
from model.system.check_tables import Tables, chosen, guess, problems_at
from model.system.network import EVERYTHING
from model.system.problems import Problem
from model.system.select import selected_technologies
from model.system.settings import Settings

FLOWS = ("forward", "backward")
"""Modes by which an interface tells the direction of a link's flow."""


def check_network(tables: Tables, settings: Settings) -> list[Problem]:
    """Links join two different nodes; interfaces have members that can be told apart."""
    links, technologies = tables["links"], tables["technologies"]
    kinds = dict(zip(technologies["technology"], technologies["kind"], strict=True))
    kind, new = links["technology"].map(kinds), links["status"] != "existing"
    wrong = (
        (links["from_node"] == links["to_node"], "to_node", "a link must join two nodes", "Name the other end."),
        (
            kind.notna() & (kind != "link"),
            "technology",
            "is not a link technology",
            "Its kind in technologies.csv must be link.",
        ),
        (new & links["first_year"].isna(), "first_year", "a new link needs a first year", "Say when it can run."),
    )
    found = [
        problem
        for rows, column, rule, advice in wrong
        for problem in problems_at("links", links[rows], column, rule, advice)
    ]
    return found + _check_transit(tables) + _check_interfaces(tables)


def _check_transit(tables: Tables) -> list[Problem]:
    """What may pass through an outside node is no slip of the hand; a commodity of a sector left out is none."""
    nodes, known = tables["nodes"], {*tables["commodities"]["commodity"], EVERYTHING}
    found = []
    for place, text in enumerate(nodes["transit"]):
        for word in (word.strip() for word in text.split(";") if word.strip()):
            if word not in known and guess(word, known):
                rule = f"names no commodity: {word}"
                found += problems_at("nodes", nodes.iloc[[place]], "transit", rule, guess(word, known))
    return found


def _check_interfaces(tables: Tables) -> list[Problem]:
    interfaces, members, links, modes = (tables[name] for name in ("interfaces", "interface_members", "links", "modes"))
    empty = interfaces[~interfaces["interface"].isin(members["interface"])]
    found = problems_at("interfaces", empty, "interface", "has no members in interface_members.csv", "Add its links.")
    found += problems_at(
        "interface_members",
        members[members["direction"] == 0],
        "direction",
        "must be 1 or -1",
        "1: forward flow counts, -1: backward flow.",
    )
    status = dict(zip(links["link"], links["status"], strict=True))
    raised = members[(members["link"].map(status) == "existing") & (members["uplift"] > 0)]
    found += problems_at(
        "interface_members",
        raised,
        "uplift",
        "the link stands already, so that the limit holds with it",
        "Raise the limit instead.",
    )
    of_technology = modes.groupby("technology")["mode"].agg(set).to_dict()
    technology = dict(zip(links["link"], links["technology"], strict=True))
    known = members[members["link"].isin(links["link"])]
    net = known[known["interface"].isin(interfaces.loc[interfaces["flow"] == "net", "interface"])]
    turned = known[~known.index.isin(net.index) & (known["direction"] == -1)]
    found += problems_at(
        "interface_members",
        turned,
        "direction",
        "both ways count in a gross flow, so that none is taken off",
        "Write 1.",
    )
    odd = chosen(net, (not of_technology.get(name, set()) & set(FLOWS) for name in net["link"].map(technology)))
    found += problems_at(
        "interface_members", odd, "link", "its technology has neither a mode forward nor backward", "See modes.csv."
    )
    return found + _check_interface_links(tables, known)


def _check_interface_links(tables: Tables, members: pd.DataFrame) -> list[Problem]:
    """What the links of an interface carry is decided equally finely and measured like the limit."""
    links, technologies, interfaces = tables["links"], tables["technologies"], tables["interfaces"]
    technology = members["link"].map(dict(zip(links["link"], links["technology"], strict=True)))
    decided = _fineness(tables)
    fineness = pd.Series([decided.get(name, set()) for name in technology], index=members.index, dtype=object)
    together = fineness.groupby(members["interface"]).agg(lambda sets: set().union(*sets)) if len(members) else {}
    several = chosen(members, (len(together[name]) > 1 for name in members["interface"]))
    found = problems_at(
        "interface_members",
        several,
        "link",
        "the links of the interface are not decided equally finely",
        "Make an interface of those by step, by period or by year each.",
    )
    size = technology.map(dict(zip(technologies["technology"], technologies["capacity_unit"], strict=True)))
    limit = members["interface"].map(dict(zip(interfaces["interface"], interfaces["unit"], strict=True)))
    first = size.groupby(members["interface"]).transform("first")
    sizes = zip(size, first, limit, strict=True)
    wrong = chosen(members, (all(isinstance(a, str) for a in of) and not _measured_alike(*of) for of in sizes))
    return found + problems_at(
        "interface_members",
        wrong,
        "link",
        "its capacity is not measured like the limit and the other links of the interface",
        "Correct the unit in interfaces.csv, or make an interface for each unit.",
    )


def _measured_alike(size: str, first: str, limit: str) -> bool:
    """Whether a link counts in the unit of the interface's first one, which the limit can be brought to."""
    return size == first and converts(size, limit)


def _fineness(tables: Tables) -> dict[str, set[str]]:
    """How finely the flows of each link technology are decided: as its modes say, or by what they move."""
    resolution = dict(zip(tables["commodities"]["commodity"], tables["commodities"]["resolution"], strict=True))
    ports, modes, technologies = tables["ports"], tables["modes"], tables["technologies"]
    links = technologies.loc[technologies["kind"] == "link", "technology"]
    known = ports[ports["technology"].isin(links) & ports["commodity"].isin(resolution)]
    by_makeup = default_runs(resolution, known.rename(columns={"technology": "asset"}))
    found: dict[str, set[str]] = {}
    for technology, mode, runs in zip(modes["technology"], modes["mode"], modes["runs"], strict=True):
        if (technology, mode) in by_makeup:
            found.setdefault(technology, set()).add(runs or by_makeup[technology, mode])
    return found


def check_rules(tables: Tables, settings: Settings) -> list[Problem]:
    """Rules of projects name things that can be built, and two different ones."""
    rules, plants, links, candidates = (tables[name] for name in ("project_rules", "plants", "links", "candidates"))
    grown = {*links.loc[(links["status"] == "existing") & (links["expansion"] > 0), "link"]}
    built = {
        *plants.loc[plants["status"] != "operating", "plant"],
        *links.loc[links["status"] != "existing", "link"],
        *grown,
        *(pool(t, n) for t, n in zip(candidates["technology"], candidates["node"], strict=True)),
    }
    found = problems_at(
        "project_rules", rules[rules["project"] == rules["other"]], "other", "is the project itself", "Name another."
    )
    for column in ("project", "other"):
        for place in np.flatnonzero(~rules[column].isin(built)).tolist():
            row = rules.iloc[[place]]
            found += problems_at(
                "project_rules", row, column, "names nothing that can be built", guess(str(row[column].iloc[0]), built)
            )
        found += problems_at(
            "project_rules",
            rules[rules[column].isin(grown)],
            column,
            "stands in part already, and what stands would count as built",
            "Make what may be added a candidate of its own in links.csv.",
        )
    return found


def check_demands(tables: Tables, settings: Settings) -> list[Problem]:
    """Every series of demand reaches over the planning years and stands inside the country."""
    demands, nodes = tables["demands"], tables["nodes"]
    outside = demands[demands["node"].isin(nodes.loc[nodes["kind"] == "outside", "node"])]
    found = problems_at("demands", outside, "node", "an outside node has no demand", "Use an export market.")
    return found + [
        problem
        for (node, commodity, _, _), rows in demands.groupby(["node", "commodity", "load", "profile"])
        if rows["year"].min() > settings.years[0]
        for problem in problems_at(
            "demands",
            rows.head(1),
            "year",
            f"{commodity} at {node} starts after {settings.years[0]}",
            f"Add a row for {settings.years[0]}.",
        )
    ]


def check_trade(tables: Tables, settings: Settings) -> list[Problem]:
    """Markets stand outside and stay what they are; a fuel's limit is given for all of its years or none."""
    markets, nodes, commodities, fuels = (tables[name] for name in ("markets", "nodes", "commodities", "fuels"))
    inside = markets["node"].isin(nodes.loc[nodes["kind"] == "inside", "node"])
    found = problems_at(
        "markets", markets[inside], "node", "a market stands at an outside node", "Add one to nodes.csv."
    )
    found += same_throughout("markets", markets, ["market"], ["node", "commodity", "direction", "profile"])
    found += same_throughout("fuels", fuels, ["commodity", "node"], ["profile"])
    limited = fuels["annual_limit"].notna()
    found += problems_at(
        "fuels",
        fuels[(fuels["profile"] != "") & ~limited],
        "annual_limit",
        "a profile spreads a yearly quantity, and there is none",
        "Give the quantity of the year.",
    )
    yearly = fuels["commodity"].isin(commodities.loc[commodities["resolution"] == "year", "commodity"])
    found += problems_at(
        "fuels",
        fuels[(fuels["profile"] != "") & yearly],
        "profile",
        "the commodity balances over the year, within which it has no profile",
        "Leave it empty.",
    )
    some = limited.groupby([fuels["commodity"], fuels["node"]]).transform("any")
    return found + problems_at(
        "fuels",
        fuels[some & ~limited],
        "annual_limit",
        "other years of the fuel have a limit",
        "Give it in every row of the fuel at the node, or in none.",
    )


def same_throughout(table: str, frame: pd.DataFrame, key: Iterable[str], columns: Iterable[str]) -> list[Problem]:
    """Columns that must say the same in all rows of a key, such as the direction of a market in all its years."""
    keys = list(key)
    found = []
    for column in columns:
        first = frame.groupby(keys)[column].transform("first")
        wrong = frame[(first != frame[column]) & ~(first.isna() & frame[column].isna())]
        found += problems_at(
            table,
            wrong,
            column,
            f"another row of the same {' and '.join(keys)} says something else",
            "Say the same in all its rows.",
        )
    return found


def converts(unit: str, wanted: str) -> bool:
    """Whether a unit can be brought to another; so can one that is unknown, which is told elsewhere."""
    try:
        units.factor(unit, wanted)
    except units.UnitProblem:
        return not (units.is_known(unit) and units.is_known(wanted))
    return True


def check_limits(tables: Tables, settings: Settings) -> list[Problem]:
    """Every limit on building or energy selects something and says one thing."""
    limits, energy = tables["build_limits"], tables["energy_limits"]
    nothing = chosen(limits, (not selected_technologies(tables, select) for select in limits["select"]))
    known = {*tables["technologies"]["technology"], *tables["technologies"]["group"]}
    found = [
        problem
        for place in range(len(nothing))
        for problem in problems_at(
            "build_limits",
            nothing.iloc[[place]],
            "select",
            "meets no technology, group or tag",
            guess(nothing["select"].iloc[place], known),
        )
    ]
    sizes = tables["technologies"].set_index("technology")["capacity_unit"]
    others = ({*sizes[sizes.index.isin(selected_technologies(tables, name))]} - {"GW"} for name in limits["select"])
    found += problems_at(
        "build_limits",
        chosen(limits, (bool(units) for units in others)),
        "select",
        "meets technologies that are not measured in GW as the rate is",
        "Select those in GW.",
    )
    zones = {"", *tables["nodes"]["zone"]}
    found += problems_at(
        "build_limits",
        limits[~limits["zone"].isin(zones)],
        "zone",
        "there is no such zone",
        "Known: " + ", ".join(sorted(zones - {""})) + ".",
    )
    found += same_throughout("build_limits", limits, ["limit"], ["counts"])
    found += same_throughout("build_limits", limits, ["limit", "zone", "year"], ["rate"])
    hours = {
        sense: rows.set_index(["technology", "node"])["full_load_hours"].to_dict()
        for sense, rows in energy.groupby("sense")
    }
    most = [
        hours.get("max", {}).get(place, float("inf"))
        for place in zip(energy["technology"], energy["node"], strict=True)
    ]
    return found + problems_at(
        "energy_limits",
        energy[(energy["sense"] == "min") & (energy["full_load_hours"] > most)],
        "full_load_hours",
        "is more than the max of the same technology and node",
        "Correct one of the two.",
    )
