"""What must be true across the tables of a study; every check runs and every fault is listed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping

import networkx as nx
import numpy as np
import pandas as pd

from model.system.check_tables import check_keys, check_names, check_quantities, check_references
from model.system.problems import Problem
from model.system.raw import ROW
from model.system.select import selected_technologies
from model.system.settings import Settings
from model.system.tables import BY_NAME

Tables = Mapping[str, pd.DataFrame]
Check = Callable[[Tables, Settings], list[Problem]]


def problems_at(table: str, rows: pd.DataFrame, column: str, rule: str, advice: str = "") -> list[Problem]:
    """One Problem for each of ``rows`` (rows of the typed table, with their line numbers)."""
    shown = rows[column] if column in rows else pd.Series("", index=rows.index)
    return [Problem(BY_NAME[table].file, int(line), column, _text(value), rule, advice)
            for line, value in zip(rows[ROW], shown, strict=True)]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def check_technologies(tables: Tables, settings: Settings) -> list[Problem]:
    """Every technology that can be built says what it costs, for how long it lasts and at what rate money is lent."""
    technologies, values = tables["technologies"], tables["technology_values"]
    given = set(zip(values["technology"], values["quantity"], strict=True))
    built = set(tables["candidates"]["technology"]) | set(
        tables["plants"].loc[tables["plants"]["status"] != "operating", "technology"])
    needed = {technology: ["capital_cost", "lifetime", "wacc"] for technology in built}
    for technology in technologies.loc[technologies["kind"] == "storage", "technology"]:
        needed.setdefault(technology, []).extend(["duration", "charge_efficiency", "discharge_efficiency"])
    found = []
    for technology, quantities in needed.items():
        row = technologies[technologies["technology"] == technology]
        for quantity in quantities:
            if (technology, quantity) not in given:
                found += problems_at("technologies", row, "technology", f"has no {quantity} in technology_values.csv",
                                     f"Add a row with quantity {quantity}.")
    return found


def check_modes(tables: Tables, settings: Settings) -> list[Problem]:
    """Every mode has ports, every port a mode, and ports stand where the technology has a place."""
    modes, ports, technologies = tables["modes"], tables["ports"], tables["technologies"]
    kinds = dict(zip(technologies["technology"], technologies["kind"], strict=True))
    of_mode = pd.MultiIndex.from_frame(modes[["technology", "mode"]])
    of_port = pd.MultiIndex.from_frame(ports[["technology", "mode"]])
    found = problems_at("ports", ports[~of_port.isin(of_mode)], "mode", "the technology has no such mode in modes.csv",
                        "Add the mode or correct its name.")
    found += problems_at("modes", modes[~of_mode.isin(of_port)], "mode", "the mode takes and gives nothing",
                         "Add its ports to ports.csv.")
    at_link = ports["technology"].map(kinds) == "link"
    found += problems_at("ports", ports[at_link & (ports["place"] == "here")], "place", "a link has the places from and to", "")
    found += problems_at("ports", ports[~at_link & (ports["place"] != "here")], "place", "only a link has two places", "Write here.")
    without = technologies[~technologies["technology"].isin(modes["technology"])]
    found += problems_at("technologies", without, "technology", "has no mode in modes.csv", "Say how it runs.")
    stores = ports[ports["technology"].map(kinds) == "storage"]
    several = stores[stores.groupby("technology")["commodity"].transform("size") > 1]
    return found + problems_at("ports", several, "commodity", "a store keeps one commodity", "Keep one port.")


def check_profiles(tables: Tables, settings: Settings) -> list[Problem]:
    """Every profile that is named exists, is complete and, where it is a share, sums to one."""
    monthly, technologies = tables["monthly_profiles"], tables["technologies"]
    known = {"constant", "wind_cf", "pv_fixed_cf", *monthly["profile"]}
    found = []
    for column in ("availability", "must_run"):
        wrong = technologies[~technologies[column].isin(known | {""})]
        found += problems_at("technologies", wrong, column, "there is no such profile",
                             "Known: " + ", ".join(sorted(known)) + ".")
    wrong = tables["demands"][~tables["demands"]["profile"].isin({"load", "constant", *monthly["profile"]})]
    found += problems_at("demands", wrong, "profile", "there is no such profile", "Write load or a monthly profile.")
    wrong = tables["markets"][~tables["markets"]["profile"].isin({"", *monthly["profile"]})]
    found += problems_at("markets", wrong, "profile", "there is no such profile", "Leave it empty or name a monthly profile.")
    for (profile, node), rows in monthly.groupby(["profile", "node"]):
        if sorted(rows["month"]) != list(range(1, 13)):
            found += problems_at("monthly_profiles", rows.head(1), "month", f"profile {profile} {node} needs the months 1 to 12", "")
        elif profile in set(tables["energy_limits"]["profile"]) and abs(rows["value"].sum() - 1) > 1e-3:
            found += problems_at("monthly_profiles", rows.head(1), "value",
                                 f"the shares of {profile} {node} sum to {rows['value'].sum():.4f}, not 1", "Correct the shares.")
    return found


def check_plants(tables: Tables, settings: Settings) -> list[Problem]:
    """Plants open before they close, committed ones within the plan, and at nodes that supply their fuel."""
    plants = tables["plants"]
    late = plants[plants["closing_year"] <= plants["start_year"]]
    found = problems_at("plants", late, "closing_year", "must be later than start_year", "")
    operating = plants["status"] == "operating"
    found += problems_at("plants", plants[operating & (plants["start_year"] > settings.years[0])], "start_year",
                         f"an operating plant must have started by {settings.years[0]}", "Make it committed or correct the year.")
    beyond = plants[(plants["status"] == "committed") & (plants["start_year"] > settings.years[-1])]
    found += problems_at("plants", beyond, "start_year", f"is after the last planning year {settings.years[-1]}",
                         "Make it a candidate or add planning years.")
    worked = plants[plants["modernisation_year"] < plants["start_year"]]
    found += problems_at("plants", worked, "modernisation_year", "must not be before start_year", "")
    links = set(tables["technologies"].loc[tables["technologies"]["kind"] == "link", "technology"])
    wrong = plants[plants["technology"].isin(links)]
    return found + problems_at("plants", wrong, "technology", "a link technology has no plants", "Put the row into links.csv.")


def check_supply(tables: Tables, settings: Settings) -> list[Problem]:
    """A fuel that a plant or candidate takes at a node can be had there."""
    ports, fuels, plants, candidates = (tables[name] for name in ("ports", "fuels", "plants", "candidates"))
    technologies = tables["technologies"]
    here = ports[ports["technology"].isin(technologies.loc[technologies["kind"] == "conversion", "technology"])]
    taken = here[here["yield"] < 0].groupby("technology")["commodity"].agg(set).to_dict()
    given = here[here["yield"] > 0].groupby("technology")["commodity"].agg(set).to_dict()
    had = set(zip(fuels["commodity"], fuels["node"], strict=True))
    had |= set(zip(tables["markets"]["commodity"], tables["markets"]["node"], strict=True))
    places = pd.concat([plants[["technology", "node"]], candidates[["technology", "node"]]])
    for technology, node in places.itertuples(index=False):
        had |= {(commodity, node) for commodity in given.get(technology, ())}
    moved = set(ports.loc[ports["place"] != "here", "commodity"])
    found = []
    for name, frame in (("plants", plants), ("candidates", candidates)):
        for _, row in frame.iterrows():
            for commodity in sorted(taken.get(row["technology"], set()) - moved):
                if (commodity, row["node"]) not in had:
                    found += problems_at(name, row.to_frame().T, "node", f"{row['technology']} takes {commodity}, which nothing gives at this node",
                                         "Add the fuel's price at the node to fuels.csv.")
    return found


def check_options(tables: Tables, settings: Settings) -> list[Problem]:
    """Works lead from one kind of plant to another and never round in a circle."""
    options, technologies = tables["options"], tables["technologies"]
    extend = options["option"] == "extend"
    same = options["from_technology"] == options["to_technology"]
    found = problems_at("options", options[extend & ~same], "to_technology", "an extension keeps its technology", "")
    graph = nx.DiGraph()
    graph.add_edges_from(options.loc[~same, ["from_technology", "to_technology"]].itertuples(index=False))
    circles = [circle for circle in nx.simple_cycles(graph) if circle]
    for circle in circles:
        rows = options[~same & options["from_technology"].isin(circle) & options["to_technology"].isin(circle)]
        found += problems_at("options", rows, "to_technology", "the conversions run in a circle: " + " -> ".join([*circle, circle[0]]),
                             "Take one of them out.")
    units = dict(zip(technologies["technology"], technologies["capacity_unit"], strict=True))
    differ = options[options["from_technology"].map(units) != options["to_technology"].map(units)]
    found += problems_at("options", differ, "to_technology", "its capacity is measured in another unit", "")
    plant_of = dict(zip(tables["plants"]["plant"], tables["plants"]["technology"], strict=True))
    named = options[options["plant"] != ""]
    foreign = named[named["plant"].map(plant_of).notna() & (named["plant"].map(plant_of) != named["from_technology"])]
    return found + problems_at("options", foreign, "plant", "the plant has another technology than from_technology", "")


def check_potentials(tables: Tables, settings: Settings) -> list[Problem]:
    """What is committed fits into the potential of its node and the pace of building."""
    plants, candidates = tables["plants"], tables["candidates"]
    standing = plants[plants["status"] != "candidate"].groupby(["technology", "node"])["capacity"].sum()
    found = []
    for _, row in candidates.iterrows():
        committed = float(standing.get((row["technology"], row["node"]), 0.0))
        if row["potential"] < committed - 1e-9:
            found += problems_at("candidates", row.to_frame().T, "potential",
                                 f"is below the {committed:g} GW that stand or are committed there", "Raise the potential.")
    return found + _check_rates(tables, settings)


def _check_rates(tables: Tables, settings: Settings) -> list[Problem]:
    plants, limits = tables["plants"], tables["build_limits"]
    zones = dict(zip(tables["nodes"]["node"], tables["nodes"]["zone"], strict=True))
    committed = plants[plants["status"] == "committed"]
    found = []
    for (_, zone), rows in limits[limits["counts"] != "works"].groupby(["limit", "zone"]):
        chosen = set().union(*(selected_technologies(tables, select) for select in set(rows["select"])))
        counted = committed[committed["technology"].isin(chosen) & ((zone == "") | (committed["node"].map(zones) == zone))]
        for previous, current in zip(settings.years[:-1], settings.years[1:], strict=True):
            due = counted[(counted["start_year"] > previous) & (counted["start_year"] <= current)]["capacity"].sum()
            rate = float(np.interp(current, *_line(rows)))
            if due > rate * (current - previous) + 1e-9:
                found += problems_at("build_limits", rows.head(1), "rate",
                                     f"{due:g} GW are committed by {current}, more than {rate:g} GW a year allow", "Raise the rate.")
    return found


def _line(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    first = rows.sort_values("year").drop_duplicates("year")
    return first["year"].to_numpy(), first["rate"].to_numpy()


def check_network(tables: Tables, settings: Settings) -> list[Problem]:
    """Links join two different nodes, interfaces have members, markets stand outside."""
    links, nodes = tables["links"], tables["nodes"]
    found = problems_at("links", links[links["from_node"] == links["to_node"]], "to_node", "a link must join two nodes", "")
    kinds = dict(zip(tables["technologies"]["technology"], tables["technologies"]["kind"], strict=True))
    wrong = links[links["technology"].map(kinds).fillna("link") != "link"]
    found += problems_at("links", wrong, "technology", "is not a link technology", "")
    undated = links[(links["status"] != "existing") & links["first_year"].isna()]
    found += problems_at("links", undated, "first_year", "a new link needs a first year", "")
    empty = tables["interfaces"][~tables["interfaces"]["interface"].isin(tables["interface_members"]["interface"])]
    found += problems_at("interfaces", empty, "interface", "has no members in interface_members.csv", "")
    inside = set(nodes.loc[nodes["kind"] == "inside", "node"])
    markets, demands = tables["markets"], tables["demands"]
    found += problems_at("markets", markets[markets["node"].isin(inside)], "node", "a market stands at an outside node", "")
    outside = demands[demands["node"].isin(set(nodes["node"]) - inside)]
    return found + problems_at("demands", outside, "node", "an outside node has no demand", "Use an export market.")


def check_demands(tables: Tables, settings: Settings) -> list[Problem]:
    """Every series of demand reaches over the planning years."""
    demands = tables["demands"]
    found = []
    for (node, commodity), rows in demands.groupby(["node", "commodity"]):
        if rows["year"].min() > settings.years[0]:
            found += problems_at("demands", rows.head(1), "year", f"{commodity} at {node} starts after {settings.years[0]}",
                                 f"Add a row for {settings.years[0]}.")
    return found


def check_targets(tables: Tables, settings: Settings) -> list[Problem]:
    """Every goal measures something that exists."""
    targets, terms = tables["targets"], tables["target_terms"]
    without = targets[~targets["target"].isin(terms["target"])]
    found = problems_at("targets", without, "target", "nothing counts towards the goal", "Add rows to target_terms.csv.")
    commodities = set(tables["commodities"]["commodity"])
    named = set(tables["plants"]["plant"]) | set(tables["links"]["link"])
    for _, row in terms.iterrows():
        select = row["select"]
        meets = select in commodities if row["measure"] == "demand" else (
            select in named or bool(selected_technologies(tables, select)))
        if not meets:
            near = difflib.get_close_matches(select, [*commodities, *tables["technologies"]["technology"], *named], n=1)
            found += problems_at("target_terms", row.to_frame().T, "select", "meets no technology, group, tag, plant or link",
                                 f"Did you mean '{near[0]}'?" if near else "")
    soft = targets[(targets["hard"] == 0) & (targets["penalty"] <= 0)]
    return found + problems_at("targets", soft, "penalty", "a goal that may be missed needs a penalty", "Or make it hard.")


def check_limits(tables: Tables, settings: Settings) -> list[Problem]:
    """Every limit on building or energy selects something."""
    limits = tables["build_limits"]
    zones = {"", *tables["nodes"]["zone"]}
    nothing = limits[[not selected_technologies(tables, select) for select in limits["select"]]]
    found = problems_at("build_limits", nothing, "select", "meets no technology, group or tag", "")
    return found + problems_at("build_limits", limits[~limits["zone"].isin(zones)], "zone", "there is no such zone", "")


def check_time(tables: Tables, settings: Settings) -> list[Problem]:
    """The typical days fill the year, and weather and load are given for every node, month and hour."""
    periods, weather, shape, nodes = (tables[name] for name in ("periods", "weather", "load_shape", "nodes"))
    found = []
    if abs(periods["days"].sum() - 365) > 1e-6:
        found += problems_at("periods", periods.tail(1), "days", f"all periods together have {periods['days'].sum():g} days, not 365", "")
    months: set[str] = set()
    for _, row in periods.iterrows():
        here = {month.strip() for month in str(row["months"]).split(";")}
        months |= here
        if not here <= {str(month) for month in range(1, 13)}:
            found += problems_at("periods", row.to_frame().T, "months", "must be numbers from 1 to 12, separated by ;", "")
    if len(months) < 12 and len(periods):
        found += problems_at("periods", periods.tail(1), "months", "some month has no period", "Every month must occur.")
    need = {(node, month) for node in nodes.loc[nodes["kind"] == "inside", "node"] for month in range(1, 13)}
    lacking = need - set(zip(weather["node"], weather["month"], strict=True))
    for node in sorted({node for node, _ in lacking}):
        found.append(Problem("weather.csv", None, "month", node, "the node lacks months", "Give 12 rows for it."))
    hours = {(m, h, d) for m in range(1, 13) for h in range(24) for d in ("workday", "weekend")}
    if hours - set(zip(shape["month"], shape["hour"], shape["daytype"], strict=True)):
        found.append(Problem("load_shape.csv", None, "hour", "", "some hours are missing", "Give 12 months x 24 hours x 2 day types."))
    return found


CHECKS: tuple[Check, ...] = (
    check_keys, check_names, check_references, check_quantities, check_technologies, check_modes, check_profiles, check_plants,
    check_supply, check_options, check_potentials, check_network, check_demands, check_targets, check_limits, check_time,
)


def run_checks(tables: Tables, settings: Settings) -> list[Problem]:
    """All problems that any check finds."""
    return [problem for check in CHECKS for problem in check(tables, settings)]


def assumptions(tables: Tables) -> Iterable[tuple[str, int]]:
    """How many rows of each table are assumptions of ours."""
    for name, table in tables.items():
        if "quality" in table:
            count = int((table["quality"] == "assumption").sum())
            if count:
                yield name, count
