"""Checks of what keeps supply secure: contingencies, the power network and its ratings, reserves, their settings."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from model.system.check_policy import same_throughout
from model.system.check_tables import Tables, chosen, guess, problems_at
from model.system.loops import voltages
from model.system.network import ELECTRICITY, WHOLE_COUNTRY, border_places
from model.system.problems import Problem
from model.system.settings import FILE as STUDY
from model.system.settings import Settings
from model.system.values import planning_year

HIGHEST_VOLTAGE = 1500.0
"""Voltage in kV above which no line has been built; more is most likely told in V."""

DIRECTIONS = {"forward", "backward"}
"""Modes by which loops tell the direction of a flow."""


def check_contingencies(tables: Tables, settings: Settings) -> list[Problem]:
    """Every contingency loses one thing, a circuit of an inner line or a unit at a node inside, and says how much."""
    rows = tables["contingencies"]
    of_link, of_unit = rows["link"] != "", rows["node"] != ""
    outside = tables["nodes"].loc[tables["nodes"]["kind"] == "outside", "node"]
    wrong = (
        (of_link & of_unit, "node", "a circuit and a unit are lost at once", "Make a row for each."),
        (
            ~of_link & ~of_unit,
            "contingency",
            "loses neither a circuit nor a unit",
            "Name a link, or a node and the output lost there.",
        ),
        (
            rows["node"].isin(outside),
            "node",
            "is outside the country, whose units are not ours to secure",
            "Name the node inside, or leave the row out.",
        ),
        (of_unit & ~of_link & ~(rows["lost"] > 0), "lost", "a unit of no output is lost", "Give its output."),
        (of_link & ~of_unit & (rows["lost"] > 0), "lost", "is the output of a unit, and a link has none", "Use share."),
        (
            of_unit & ~of_link & rows["share"].notna(),
            "share",
            "is a share of a corridor, and a unit is lost",
            "Leave it empty; the output lost stands in lost.",
        ),
    )
    found = [
        problem
        for chosen_rows, column, rule, advice in wrong
        for problem in problems_at("contingencies", rows[chosen_rows], column, rule, advice)
    ]
    return found + _check_lost_links(tables)


def _check_lost_links(tables: Tables) -> list[Problem]:
    """The link of a contingency is an inner one of the power network, and it is clear how much of it is lost."""
    rows, links = tables["contingencies"], tables["links"].drop_duplicates("link").set_index("link")
    power = power_links(tables)
    inner = joined(tables, tables["nodes"].loc[tables["nodes"]["kind"] == "inside", "node"])
    found = []
    for place in np.flatnonzero(rows["link"] != "").tolist():
        row = rows.iloc[[place]]
        link, share = str(row["link"].iloc[0]), row["share"].iloc[0]
        column = "link"
        if link not in links.index:
            rule, advice = "must be a link of links.csv", guess(link, power & inner, "Add it to links.csv.")
        elif link not in power:
            rule, advice = "carries no electricity, and contingencies are of the power network", "Name a power line."
        elif link not in inner:
            rule = "crosses the border, where flows are kept after a contingency"
            advice = "Make it the loss of a unit at the node inside, with what comes in as its output."
        elif np.isnan(share) and not _tells_largest(links.at[link, "voltage"], links.at[link, "circuits"]):
            voltage, circuits = links.at[link, "voltage"], links.at[link, "circuits"]
            column, rule = "share", f"voltage '{voltage}' and circuits '{circuits}' do not tell the largest circuit"
            advice = "Give the share that is lost, or write both in links.csv like 500+220 and 1+2."
        else:
            continue
        found += problems_at("contingencies", row, column, rule, advice)
    return found


def _tells_largest(voltage: str, circuits: str) -> bool:
    """Whether the largest circuit of a corridor can be told: by voltage and number, or as it is the only one."""
    levels, counts = voltages(voltage), voltages(circuits)
    if levels and len(levels) == len(counts):
        return all(_is_voltage(level) for level in levels) and all(n >= 1 and n.is_integer() for n in counts)
    return counts == [1.0] or (not circuits.strip() and len(levels) < 2)


def _is_voltage(level: float) -> bool:
    return 0 < level <= HIGHEST_VOLTAGE


def power_links(tables: Tables) -> set[str]:
    """Links that give electricity at an end: lines, but not railways or pipelines that only take it."""
    ports, technologies, links = tables["ports"], tables["technologies"], tables["links"]
    giving = ports[(ports["commodity"] == ELECTRICITY) & (ports["yield"] > 0)]["technology"]
    names = set(technologies.loc[technologies["kind"] == "link", "technology"]) & set(giving)
    return set(links.loc[links["technology"].isin(names), "link"])


def joined(tables: Tables, nodes: Iterable[str]) -> set[str]:
    """Links both of whose ends are among ``nodes``."""
    links, among = tables["links"], set(nodes)
    return set(links.loc[links["from_node"].isin(among) & links["to_node"].isin(among), "link"])


def check_ratings(tables: Tables, settings: Settings) -> list[Problem]:
    """Voltages, reactances and emergency ratings of links can be true, in whatever way the network is modelled."""
    links = tables["links"]
    power = links["link"].isin(power_links(tables))
    told = [voltages(text) for text in links["voltage"]]
    odd = chosen(links, (not all(_is_voltage(level) for level in levels) for levels in told))
    reactance = links["reactance"].notna()
    silent = chosen(links, (not levels and bool(has) for levels, has in zip(told, reactance, strict=True)))
    wrong = (
        (odd, "voltage", f"is no voltage: it must be > 0 and <= {HIGHEST_VOLTAGE:g} kV", "Write it in kV."),
        (
            silent,
            "voltage",
            "a reactance means nothing without the voltage",
            "Write kV, as 500 or 500+220: the reactance is that at the highest.",
        ),
        (
            links[reactance & ~power],
            "reactance",
            "the link carries no electricity, and only power lines have a reactance",
            "Leave it empty.",
        ),
        (
            links[power & (links["emergency"] < 1)],
            "emergency",
            "after a contingency a line may carry at least what it may at any time",
            "Write 1.2 for a fifth more; lower the capacity where less is wanted.",
        ),
    )
    return [problem for rows, *told_as in wrong for problem in problems_at("links", rows, *told_as)]


def check_power_network(tables: Tables, settings: Settings) -> list[Problem]:
    """Where the network is asked for more than transport, its flows are decided step by step and split by reactance."""
    asked = settings.network == "dc" or settings.security == "n-1"
    margins = settings.adequacy and len(tables["reserve_margins"]) > 0
    found: list[Problem] = []
    if asked or settings.operating_reserve:
        modes, links = tables["modes"], tables["links"]
        carrying = links.loc[links["link"].isin(power_links(tables)), "technology"]
        found += problems_at(
            "modes",
            modes[modes["technology"].isin(carrying) & modes["runs"].isin(("period", "year"))],
            "runs",
            "power flow, security and operating reserve look at each step",
            "Write step, or leave it empty.",
        )
    if asked or settings.operating_reserve or margins:
        power = tables["commodities"][tables["commodities"]["commodity"] == ELECTRICITY]
        found += problems_at(
            "commodities",
            power[power["resolution"] != "step"],
            "resolution",
            "load at the peak and in each step cannot be told of electricity that balances more coarsely",
            "Write step.",
        )
        found += problems_at(
            "commodities",
            power[power["unit"] != "GWh"],
            "unit",
            "load in GW is told by electricity in GWh",
            "Write GWh.",
        )
    return found + (_check_loops(tables) if settings.network == "dc" else [])


def _check_loops(tables: Tables) -> list[Problem]:
    """Lines among which power splits by reactance; a link of a technology that has none is steered, as HVDC is."""
    nodes, links = tables["nodes"].drop_duplicates("node").set_index("node"), tables["links"]
    closed = {node for node, _ in border_places(nodes, [ELECTRICITY])}
    inner = links[links["link"].isin(power_links(tables) & joined(tables, set(nodes.index) - closed))]
    wired = inner[inner["reactance"].notna()]
    if wired.empty:
        rule = "no line inside the country has a reactance by which power would split"
        return [
            _setting("network", "dc", rule, "Give reactance and voltage of lines in links.csv, or write transport.")
        ]
    turned = tables["modes"]
    turned = set(turned.loc[~turned["mode"].isin(DIRECTIONS), "technology"])
    wrong = (
        (
            inner[inner["reactance"].isna() & inner["technology"].isin(set(wired["technology"]))],
            "reactance",
            "other links of its technology have one: without it the flow would be set at will, as of direct current",
            "Give it, or a technology of its own to a link that is steered.",
        ),
        (
            wired[(wired["capacity"] <= 0) & (wired["expansion"] > 0)],
            "capacity",
            "its reactance is that of a capacity, and it has none",
            "Make it a candidate with the capacity that it adds.",
        ),
        (
            wired[wired["technology"].isin(turned)],
            "technology",
            "has a reactance and other modes than forward and backward, so that the sense of its flow is not known",
            "Name its modes forward and backward.",
        ),
    )
    return [problem for rows, *told_as in wrong for problem in problems_at("links", rows, *told_as)]


def check_reserves(tables: Tables, settings: Settings) -> list[Problem]:
    """Margins and reserves are asked of zones that have nodes, at one price, and rest on what makes electricity."""
    nodes = tables["nodes"]
    found = problems_at(
        "nodes",
        nodes[nodes["zone"] == WHOLE_COUNTRY],
        "zone",
        "is the name that stands for the whole country",
        "Choose another name.",
    )
    zones = {*nodes.loc[nodes["kind"] == "inside", "zone"], WHOLE_COUNTRY}
    listed = "Known: " + ", ".join(sorted(zones)) + "."
    for table in ("reserve_margins", "operating_reserves"):
        rows = tables[table]
        for place in np.flatnonzero(~rows["zone"].isin(zones)).tolist():
            row = rows.iloc[[place]]
            advice = guess(str(row["zone"].iloc[0]), zones, listed)
            found += problems_at(table, row, "zone", "no node inside the country is in this zone", advice)
        found += same_throughout(table, rows, ["zone"], ["penalty"])
    return found + _check_idle_quantities(tables)


def _check_idle_quantities(tables: Tables) -> list[Problem]:
    """A capacity credit or a response of what neither makes nor stores electricity counts nowhere."""
    values, technologies, ports = tables["technology_values"], tables["technologies"], tables["ports"]
    giving = ports[(ports["commodity"] == ELECTRICITY) & (ports["yield"] > 0)]["technology"]
    standing = technologies.loc[technologies["kind"] != "link", "technology"]
    able = set(giving) & set(standing)
    idle = values["quantity"].isin(("capacity_credit", "response")) & ~values["technology"].isin(able)
    known = values["technology"].isin(technologies["technology"])
    return problems_at(
        "technology_values",
        values[idle & known],
        "quantity",
        "the technology is no plant or store of electricity, so that it counts nowhere",
        "Leave the row out.",
    )


def check_security_settings(tables: Tables, settings: Settings) -> list[Problem]:
    """What study.yaml turns on has rows that say what is asked, and shedding load has a price."""
    found = _check_insecure_goals(tables)
    if settings.operating_reserve and tables["operating_reserves"].empty:
        rule = "operating_reserves.csv asks for none"
        found.append(_setting("operating_reserve", "true", rule, "Add a row for each zone, or write false."))
    if settings.loss_tangents and not settings.link_losses:
        rule = "links lose nothing, so that no loss can grow with the flow"
        found.append(_setting("loss_tangents", str(settings.loss_tangents), rule, "Write 0, or link_losses: true."))
    if settings.security == "n-1":
        if tables["contingencies"].empty:
            rule = "contingencies.csv names nothing that must be survived"
            found.append(_setting("security", "n-1", rule, "Add a row for each loss, or write none."))
        else:
            found += _check_shedding(tables, settings)
    return found


def _setting(name: str, value: str, rule: str, advice: str) -> Problem:
    return Problem(STUDY, None, name, value, rule, advice)


def _insecure(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Goals that count load shed after a contingency, and their terms that do."""
    targets, terms = tables["targets"], tables["target_terms"]
    counting = terms[terms["measure"] == "insecure"]
    return targets[targets["target"].isin(counting["target"])], counting


def _check_insecure_goals(tables: Tables) -> list[Problem]:
    """Load shed after a contingency is counted by itself, and at most so much of it is asked for."""
    targets, counting = _insecure(tables)
    terms = tables["target_terms"]
    found = problems_at(
        "targets",
        targets[targets["sense"] != "max"],
        "sense",
        "load shed after a contingency is to be little, not much",
        "Write max.",
    )
    found += problems_at(
        "target_terms",
        counting[counting["coefficient"] <= 0],
        "coefficient",
        "load shed after a contingency would count in favour of the goal",
        "Write 1.",
    )
    mixed = terms[terms["target"].isin(counting["target"]) & (terms["measure"] != "insecure")]
    return found + problems_at(
        "target_terms",
        mixed,
        "measure",
        "the goal counts load shed after a contingency, and only where security is n-1",
        "Make a goal of its own of it.",
    )


def _check_shedding(tables: Tables, settings: Settings) -> list[Problem]:
    """From the first contingency on a goal counts the load shed after it; else shedding would cost nothing."""
    targets, _ = _insecure(tables)
    if targets.empty:
        rule = "no goal counts the load shed after a contingency, which would cost nothing"
        advice = "Add a goal to targets.csv and a term with measure insecure, select all to target_terms.csv."
        return [_setting("security", "n-1", rule, advice)]
    years = (y if y == y else settings.years[0] for y in tables["contingencies"]["first_year"])
    held = [first for first in (planning_year(settings, year) for year in years) if first is not None]
    first_goal = targets.sort_values("year").head(1)
    asked = planning_year(settings, float(first_goal["year"].iloc[0]))
    if not held or (asked is not None and asked <= min(held)):
        return []
    return problems_at(
        "targets",
        first_goal,
        "year",
        f"contingencies hold from {min(held)}, before the goal, so that load shed until then costs nothing",
        f"Set the goal for {min(held)}, or a later first_year in contingencies.csv.",
    )
