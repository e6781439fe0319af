"""The part of the System that limits and goals make: energy limits, interfaces, build limits, emissions, targets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from model.system import units
from model.system.assets import potentials
from model.system.rows import Variables, array, table_dims
from model.system.select import selected_technologies
from model.system.settings import Settings
from model.system.values import line, planning_year

Tables = Mapping[str, pd.DataFrame]


def policy_variables(tables: Tables, settings: Settings, assets: pd.DataFrame, plants: pd.DataFrame) -> Variables:
    """All of it, for the assets given."""
    parts = (
        _energy_limits(tables, assets),
        _interfaces(tables),
        _project_rules(tables, assets),
        _build_limits(tables, settings, assets),
        _emissions(tables, settings),
        _targets(tables, settings, assets, plants),
    )
    return {name: variable for part in parts for name, variable in part.items()}


def _energy_limits(tables: Tables, assets: pd.DataFrame) -> Variables:
    rows = []
    monthly = tables["monthly_profiles"]
    own = set(zip(monthly["profile"], monthly["node"], strict=True))
    limits = tables["energy_limits"]
    for row in limits.itertuples():
        named = limits[
            (limits["technology"] == row.technology) & (limits["sense"] == row.sense) & (limits["node"] != "")
        ]
        members = assets[
            (assets["technology"] == row.technology)
            & ((assets["node"] == row.node) if row.node else ~assets["node"].isin(named["node"]))
        ]
        for asset, node in zip(members["asset"], members["node"], strict=True):
            rows.append(
                (asset, row.sense, row.full_load_hours, f"{row.profile}@{node if (row.profile, node) in own else ''}")
            )
    frame = pd.DataFrame(rows, columns=["asset", "sense", "full_load_hours", "profile"])
    return table_dims("energy_limit", frame, {"full_load_hours": "h per year"})


def _interfaces(tables: Tables) -> Variables:
    interfaces = tables["interfaces"].set_index("interface")[["limit", "unit", "flow", "emergency"]]
    links, technologies = tables["links"], tables["technologies"]
    capacity = dict(zip(links["link"], links["capacity"], strict=True))
    members = tables["interface_members"][["interface", "link", "direction", "uplift"]].copy()
    size = links["technology"].map(dict(zip(technologies["technology"], technologies["capacity_unit"], strict=True)))
    first = (
        members.drop_duplicates("interface")
        .set_index("interface")["link"]
        .map(dict(zip(links["link"], size, strict=True)))
    )
    interfaces["limit"] *= [units.factor(unit, first[name]) for name, unit in interfaces["unit"].items()]
    interfaces = interfaces.drop(columns="unit")
    standing = members["link"].map(capacity).to_numpy(dtype=float)
    members["uplift_rate"] = np.divide(
        members["uplift"].to_numpy(dtype=float), standing, out=np.zeros(len(members)), where=standing > 0
    )
    members = members.rename(columns={"interface": "name"})
    return {
        **table_dims("interface", interfaces, {"limit": "GW"}, labels=list(interfaces.index)),
        **table_dims("interface_member", members, {"uplift": "GW"}),
    }


def _project_rules(tables: Tables, assets: pd.DataFrame) -> Variables:
    """Rules between projects with the full size of each, by which its built share is told.

    What can be built to no size at all is endlessly large here, so that its share is nought.
    """
    size = pd.DataFrame(potentials(tables, assets), columns=["name", "asset", "limit"]).groupby("name")["limit"].first()
    for table, column in (("plants", "plant"), ("links", "link")):
        due = tables[table][tables[table]["status"] == "committed"]
        size = pd.concat([size, due.set_index(column)["capacity"]])
    frame = tables["project_rules"][["project", "rule", "other"]].copy()
    for column in ("project", "other"):
        full = frame[column].map(size[~size.index.duplicated()]).to_numpy(dtype=float)
        frame[f"{column}_size"] = np.where(full > 0, full, np.inf)
    return table_dims("project_rule", frame, {})


def _build_limits(tables: Tables, settings: Settings, assets: pd.DataFrame) -> Variables:
    limits = tables["build_limits"]
    zone_of = dict(zip(tables["nodes"]["node"], tables["nodes"]["zone"], strict=True))
    names, rates, members = [], [], []
    for (limit, zone, counts), rows in limits.groupby(["limit", "zone", "counts"], sort=False):
        name = f"{limit} {zone}".strip()
        names.append((name, counts))
        rates.append(line(rows.drop_duplicates("year")["year"], rows.drop_duplicates("year")["rate"], settings.years))
        chosen = set().union(*(selected_technologies(tables, select) for select in set(rows["select"])))
        here = assets["technology"].isin(chosen) & ((assets["node"].map(zone_of) == zone) if zone else True)
        members += [(name, asset) for asset in assets.loc[here, "asset"]]
    frame = pd.DataFrame(names, columns=["limit", "counts"]).set_index("limit")
    found = table_dims("build_limit", frame, {}, labels=list(frame.index))
    found["build_rate"] = array(
        ("build_limit", "year"),
        {"build_limit": list(frame.index), "year": list(settings.years)},
        np.array(rates).reshape(len(names), len(settings.years)),
        "GW per year",
        "largest pace of building",
    )
    return {**found, **table_dims("build_limit_member", pd.DataFrame(members, columns=["name", "asset"]), {})}


def _emissions(tables: Tables, settings: Settings) -> Variables:
    rows = tables["emissions"]
    coords = {"year": list(settings.years)}
    price = line(rows["year"], rows["price"], settings.years) if len(rows) else np.zeros(len(settings.years))
    capped = rows[rows["cap"].notna()]
    cap = np.full(len(settings.years), np.inf)
    if len(capped):
        within = np.array(settings.years) >= capped["year"].min()
        cap = np.where(within, line(capped["year"], capped["cap"], settings.years), np.inf)
    return {
        "co2_price": array(("year",), coords, price, "million USD per Mt", "price of CO2"),
        "co2_cap": array(("year",), coords, cap, "Mt per year", "largest release of CO2"),
    }


def _targets(tables: Tables, settings: Settings, assets: pd.DataFrame, plants: pd.DataFrame) -> Variables:
    targets = tables["targets"]
    goals = targets.drop_duplicates("target")
    years = list(settings.years)
    required = np.full((len(goals), len(years)), np.nan)
    for i, name in enumerate(goals["target"]):
        for row in targets[targets["target"] == name].sort_values("year").itertuples():
            first = planning_year(settings, row.year)
            for j, year in enumerate(years):
                if first is not None and year >= first:
                    required[i, j] = row.value
    if settings.security == "none":
        unknown = tables["target_terms"].loc[tables["target_terms"]["measure"] == "insecure", "target"]
        required[goals["target"].isin(unknown).to_numpy()] = np.nan
    frame = goals.set_index("target")[["name", "sense", "unit", "penalty", "hard", "counts_from", "year"]]
    frame = frame.rename(columns={"year": "goal_year"})
    terms, constant, denominator = _target_terms(tables, settings, assets, plants, goals)
    coords = {"target": list(frame.index), "year": years}
    return {
        **table_dims("target", frame, {}, labels=list(frame.index)),
        "target_required": array(("target", "year"), coords, required, "target unit", "what the goal asks for"),
        "target_constant": array(
            ("target", "year"), coords, constant, "target unit", "what counts without any decision"
        ),
        "target_denominator": array(
            ("target", "year"), coords, denominator, "target unit", "demand that a share goal is a share of"
        ),
        **table_dims(
            "target_term", pd.DataFrame(terms, columns=["target", "measure", "asset", "commodity", "coefficient"]), {}
        ),
    }


def _target_terms(
    tables: Tables, settings: Settings, assets: pd.DataFrame, plants: pd.DataFrame, goals: pd.DataFrame
) -> tuple[list[tuple[str, str, str, str, float]], np.ndarray, np.ndarray]:
    """Terms by asset; what counts without any decision; the demand that a share goal is a share of, NaN for others."""
    commodity_unit = dict(zip(tables["commodities"]["commodity"], tables["commodities"]["unit"], strict=True))
    capacity_unit = dict(zip(assets["asset"], assets["capacity_unit"], strict=True))
    constant = np.repeat(goals["reached"].to_numpy(dtype=float)[:, None], len(settings.years), axis=1)
    denominator = np.full_like(constant, np.nan)
    unit_of = dict(zip(goals["target"], goals["unit"], strict=True))
    place = {target: i for i, target in enumerate(goals["target"])}
    terms = []
    for term in tables["target_terms"].itertuples():
        if term.target not in place:
            continue
        unit = unit_of[term.target]
        if term.measure == "demand":
            whole = units.factor(commodity_unit[term.select], unit) * _national_demand(tables, settings, term.select)
            constant[place[term.target]] += term.coefficient * whole
            denominator[place[term.target]] = np.nan_to_num(denominator[place[term.target]]) + whole
            continue
        if term.measure == "insecure":
            terms.append((term.target, term.measure, "", term.commodity, term.coefficient * units.factor("GW", unit)))
            continue
        chosen = selected_technologies(tables, term.select)
        members = assets[
            (assets["asset"] == term.select) | (assets["technology"].isin(chosen) & (assets["kind"] != "market"))
        ]
        for asset in members["asset"]:
            scale = units.factor(
                commodity_unit[term.commodity] if term.measure in ("delivered", "used") else capacity_unit[asset], unit
            )
            terms.append((term.target, term.measure, asset, term.commodity, term.coefficient * scale))
        done = {"added": "added_capacity", "modernised": "modernised_capacity"}.get(term.measure)
        if done:
            counted = plants[plants["technology"].isin(chosen) | (plants["plant"] == term.select)]
            sizes = np.array([units.factor(capacity_unit[asset], unit) for asset in counted["asset"]], dtype=float)
            constant[place[term.target]] += term.coefficient * float(counted[done].to_numpy(dtype=float) @ sizes)
    return terms, constant, denominator


def _national_demand(tables: Tables, settings: Settings, commodity: str) -> np.ndarray:
    """Demand of the whole country by planning year, losses included."""
    rows = tables["demands"][tables["demands"]["commodity"] == commodity]
    total = np.zeros(len(settings.years))
    for _, group in rows.groupby(["node", "load", "profile"]):
        total += line(group["year"], group["value"], settings.years)
    return total
