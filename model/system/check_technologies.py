"""Checks of technologies: their numbers, modes, ports and profiles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.system.check_tables import Tables, problems_at
from model.system.problems import Problem
from model.system.settings import Settings

BUILT = ("capital_cost", "lifetime", "wacc")
"""Quantities without which nothing can be built."""

STORED = ("duration", "charge_efficiency", "discharge_efficiency")
"""Quantities without which nothing can be stored."""

TRADERS = ("import", "export")
"""Names under which markets run."""

WEATHER_PROFILES = {"wind_cf": "wind_cf", "pv_fixed_cf": "pv_fixed_cf"}
"""Profiles that come from weather.csv."""

MADE_PROFILES = ("constant", "load", *WEATHER_PROFILES)
"""Profiles that no row of monthly_profiles.csv may be named after."""


def check_technologies(tables: Tables, settings: Settings) -> list[Problem]:
    """Every technology says the numbers that what is done with it needs."""
    technologies, values = tables["technologies"], tables["technology_values"]
    given = set(zip(values["technology"], values["quantity"], strict=True))
    needed = _needed(tables)
    found = []
    for technology, rows in technologies.groupby("technology", sort=False):
        for quantity in needed.get(str(technology), ()):
            if (technology, quantity) not in given:
                found += problems_at(
                    "technologies",
                    rows,
                    "technology",
                    f"has no {quantity} in technology_values.csv",
                    f"Add a row with quantity {quantity}.",
                )
    reserved = technologies["technology"].isin(TRADERS) | technologies["technology"].str.endswith(" supply")
    return found + problems_at(
        "technologies",
        technologies[reserved],
        "technology",
        "is a name that markets and supplies have",
        "Choose another name.",
    )


def _needed(tables: Tables) -> dict[str, list[str]]:
    """Quantities each technology must have, in the order in which one would give them."""
    plants, links, technologies = tables["plants"], tables["links"], tables["technologies"]
    needed: dict[str, list[str]] = {}

    def need(names: pd.Series, *quantities: str) -> None:
        for name in names.drop_duplicates():
            needed.setdefault(name, []).extend(quantities)

    need(tables["candidates"]["technology"], *BUILT)
    need(plants.loc[plants["status"] != "operating", "technology"], *BUILT)
    need(plants.loc[plants["closing_year"].isna(), "technology"], "lifetime")
    built = links[(links["status"] != "existing") | (links["expansion"] > 0)]
    need(built["technology"], "lifetime", "wacc")
    need(built.loc[built["capital_cost"].isna(), "technology"], "length_cost")
    need(tables["options"]["to_technology"], "wacc")
    need(technologies.loc[technologies["kind"] == "storage", "technology"], *STORED)
    return {technology: list(dict.fromkeys(quantities)) for technology, quantities in needed.items()}


def check_modes(tables: Tables, settings: Settings) -> list[Problem]:
    """Every mode has ports, every port a mode, and ports stand where the technology has a place."""
    modes, ports, technologies = tables["modes"], tables["ports"], tables["technologies"]
    kinds = dict(zip(technologies["technology"], technologies["kind"], strict=True))
    of_mode = pd.MultiIndex.from_frame(modes[["technology", "mode"]])
    of_port = pd.MultiIndex.from_frame(ports[["technology", "mode"]])
    found = problems_at(
        "ports",
        ports[~of_port.isin(of_mode)],
        "mode",
        "the technology has no such mode in modes.csv",
        "Add the mode or correct its name.",
    )
    found += problems_at(
        "modes",
        modes[~of_mode.isin(of_port)],
        "mode",
        "the mode takes and gives nothing",
        "Add its ports to ports.csv.",
    )
    at_link = ports["technology"].map(kinds) == "link"
    here = ports["place"] == "here"
    found += problems_at(
        "ports", ports[at_link & here], "place", "a link has the places from and to", "Write from or to."
    )
    found += problems_at("ports", ports[~at_link & ~here], "place", "only a link has two places", "Write here.")
    without = technologies[~technologies["technology"].isin(modes["technology"])]
    found += problems_at("technologies", without, "technology", "has no mode in modes.csv", "Say how it runs.")
    return found + _check_stores(tables, kinds)


def _check_stores(tables: Tables, kinds: dict[str, str]) -> list[Problem]:
    """A store keeps one commodity, and one that balances by step."""
    ports, commodities = tables["ports"], tables["commodities"]
    stores = ports[ports["technology"].map(kinds) == "storage"]
    several = stores[stores.groupby("technology")["commodity"].transform("size") > 1]
    found = problems_at("ports", several, "commodity", "a store keeps one commodity", "Keep one port.")
    resolution = dict(zip(commodities["commodity"], commodities["resolution"], strict=True))
    coarse = stores[stores["commodity"].map(resolution).isin(("period", "year"))]
    return found + problems_at(
        "ports",
        coarse,
        "commodity",
        "a store keeps what balances by step",
        "Its resolution in commodities.csv must be step.",
    )


def profile_places(tables: Tables) -> dict[str, set[str]]:
    """The nodes for which each profile is given; maintenance is left out, it goes by technology."""
    monthly, weather = tables["monthly_profiles"], tables["weather"]
    every = set(tables["nodes"]["node"])
    places = {"constant": {*every, ""}, "load": set(tables["demands"]["node"])}
    places |= {
        profile: set(weather.loc[weather[column].notna(), "node"]) for profile, column in WEATHER_PROFILES.items()
    }
    for profile, node in set(zip(monthly["profile"], monthly["node"], strict=True)) - {("maintenance", "")}:
        places.setdefault(profile, set()).update({node} if node else every)
    return places


def check_profiles(tables: Tables, settings: Settings) -> list[Problem]:
    """Every profile that is named exists where it is used, is complete and, where it is a share, sums to one."""
    monthly = tables["monthly_profiles"]
    reserved = monthly[monthly["profile"].isin(MADE_PROFILES)].drop_duplicates(["profile", "node"])
    found = problems_at(
        "monthly_profiles", reserved, "profile", "is a name that a profile of the product has", "Choose another."
    )
    local = monthly[(monthly["profile"] == "maintenance") & (monthly["node"] != "")].drop_duplicates("node")
    found += problems_at(
        "monthly_profiles", local, "node", "maintenance is the same at every node", "Leave the node empty."
    )
    return found + _check_months(tables) + _check_technology_profiles(tables) + _check_other_profiles(tables)


def _check_months(tables: Tables) -> list[Problem]:
    monthly = tables["monthly_profiles"]
    shares = set(tables["energy_limits"]["profile"])
    shapes = set(tables["demands"]["profile"])
    found = []
    for (profile, node), rows in monthly.groupby(["profile", "node"]):
        name = f"{profile} at {node}" if node else str(profile)
        total, mean = rows["value"].sum(), rows["value"].mean()
        if sorted(rows["month"]) != list(range(1, 13)):
            found += problems_at(
                "monthly_profiles",
                rows.head(1),
                "month",
                f"profile {name} needs the months 1 to 12",
                "Give one row for each month.",
            )
        elif profile in shares and abs(total - 1) > 1e-3:
            found += problems_at(
                "monthly_profiles",
                rows.head(1),
                "value",
                f"the shares of {name} sum to {total:.4f}, not 1",
                "Correct the shares.",
            )
        elif profile in shapes and abs(mean - 1) > 0.02:
            found += problems_at(
                "monthly_profiles",
                rows.head(1),
                "value",
                f"demand follows {name}, whose mean is {mean:.3f}, not 1",
                "Divide its values by their mean.",
            )
    return found


def _check_technology_profiles(tables: Tables) -> list[Problem]:
    technologies, monthly = tables["technologies"], tables["monthly_profiles"]
    places, seasons = profile_places(tables), set(monthly["profile"])
    available = {"constant", *WEATHER_PROFILES, *seasons}
    found = []
    for column, known in (("availability", available), ("must_run", seasons - {"maintenance"} | {""})):
        wrong = technologies[~technologies[column].isin(known)]
        found += problems_at(
            "technologies", wrong, column, "there is no such profile", "Known: " + ", ".join(sorted(known - {""})) + "."
        )
    linked = technologies["kind"] == "link"
    found += problems_at(
        "technologies",
        technologies[linked & ~technologies["availability"].isin(("constant", "maintenance"))],
        "availability",
        "a link stands at no node, so that no profile of a node can limit it",
        "Write constant.",
    )
    found += problems_at(
        "technologies",
        technologies[(technologies["kind"] != "conversion") & (technologies["must_run"] != "")],
        "must_run",
        "only a conversion can be forced to run",
        "Leave it empty.",
    )
    stands = _nodes_of_technologies(tables)
    for technology, rows in technologies[~linked].groupby("technology", sort=False):
        for column in ("availability", "must_run"):
            profile = rows[column].iloc[0]
            lacking = (
                sorted(stands.get(str(technology), set()) - places.get(profile, set())) if profile in available else []
            )
            if lacking and profile != "maintenance":
                found += problems_at(
                    "technologies",
                    rows.head(1),
                    column,
                    f"the profile is not given for {', '.join(lacking)}",
                    "Give its months, or its weather, at every node where the technology stands or may come.",
                )
    return found


def _nodes_of_technologies(tables: Tables) -> dict[str, set[str]]:
    """Where assets of each technology stand or may come: plants, candidates and what works on plants lead to."""
    plants, options = tables["plants"], tables["options"]
    stands: dict[str, set[str]] = {}
    for frame in (plants, tables["candidates"]):
        for technology, nodes in frame.groupby("technology")["node"]:
            stands.setdefault(str(technology), set()).update(nodes)
    for row in (
        plants[["technology", "node"]].merge(options, left_on="technology", right_on="from_technology").itertuples()
    ):
        stands.setdefault(str(row.to_technology), set()).add(str(row.node))
    known = set(tables["nodes"]["node"])
    return {technology: nodes & known for technology, nodes in stands.items()}


def _check_other_profiles(tables: Tables) -> list[Problem]:
    """Profiles of demands, markets and energy limits."""
    monthly, nodes = tables["monthly_profiles"], set(tables["nodes"]["node"])
    places = profile_places(tables)
    seasons = set(monthly["profile"]) - {"maintenance"}
    found = []
    for table, known in (
        ("demands", {"load", "constant", *seasons}),
        ("markets", {"", *seasons}),
        ("energy_limits", seasons),
    ):
        rows = tables[table]
        named = rows["profile"].isin(known)
        found += problems_at(
            table,
            rows[~named],
            "profile",
            "there is no such profile",
            "Known: " + ", ".join(sorted(known - {""})) + ".",
        )
        lacking = np.array(
            [
                node not in places.get(profile, {node})
                for profile, node in zip(rows["profile"], rows["node"], strict=True)
            ],
            dtype=bool,
        )
        found += problems_at(
            table,
            rows[named & rows["node"].isin(nodes) & lacking],
            "profile",
            "is not given for the node of the row",
            "Add its months to monthly_profiles.csv.",
        )
    everywhere = set(monthly.loc[monthly["node"] == "", "profile"])
    general = tables["energy_limits"]
    general = general[(general["node"] == "") & general["profile"].isin(seasons - everywhere)]
    return found + problems_at(
        "energy_limits", general, "profile", "is not given for every node", "Add its months without a node."
    )
