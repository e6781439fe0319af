"""Checks of profiles: that what is named exists where it is used, is complete and is a share where it must be one."""

from __future__ import annotations

import numpy as np

from model.system.check_tables import Tables, problems_at
from model.system.problems import Problem
from model.system.settings import Settings

WEATHER_PROFILES = {"wind_cf": "wind_cf", "pv_fixed_cf": "pv_fixed_cf"}
"""Profiles whose monthly means are in weather.csv."""

HOURLY_PROFILES = ("pv_tracking_cf", "heat")
"""Profiles that only the hours of a weather year give."""

MADE_PROFILES = ("constant", "load", *WEATHER_PROFILES, *HOURLY_PROFILES)
"""Profiles that no row of monthly_profiles.csv may be named after."""


def profile_places(tables: Tables, settings: Settings) -> dict[str, set[str]]:
    """The nodes for which each profile is given; maintenance is left out, it goes by technology."""
    monthly, weather = tables["monthly_profiles"], tables["weather"]
    every = set(tables["nodes"]["node"])
    loads = ("load", *(f"load_{sector}" for sector in tables["load_shape"]["sector"].unique() if sector != "all"))
    places = {"constant": {*every, ""}, **{load: set(tables["demands"]["node"]) for load in loads}}
    if settings.aggregation == "representative":
        places |= {"pv_tracking_cf": set(weather["node"]), "heat": set(tables["heat_shape"]["node"])}
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
    return (
        found
        + _check_months(tables)
        + _check_technology_profiles(tables, settings)
        + _check_other_profiles(tables, settings)
    )


def _check_months(tables: Tables) -> list[Problem]:
    monthly = tables["monthly_profiles"]
    shares = {*tables["energy_limits"]["profile"], *tables["fuels"]["profile"]}
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


def _check_technology_profiles(tables: Tables, settings: Settings) -> list[Problem]:
    technologies, monthly = tables["technologies"], tables["monthly_profiles"]
    places, seasons = profile_places(tables, settings), set(monthly["profile"])
    hourly = {"pv_tracking_cf"} if settings.aggregation == "representative" else set()
    available = {"constant", "load", *WEATHER_PROFILES, *hourly, *seasons}
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


def _check_other_profiles(tables: Tables, settings: Settings) -> list[Problem]:
    """Profiles of demands, markets and energy limits."""
    monthly, nodes = tables["monthly_profiles"], set(tables["nodes"]["node"])
    places = profile_places(tables, settings)
    seasons = set(monthly["profile"]) - {"maintenance"}
    found = []
    for table, known in (
        ("demands", {"constant", *seasons, *(name for name in places if name.split("_")[0] in ("load", "heat"))}),
        ("markets", {"", *seasons}),
        ("fuels", {"", *seasons}),
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
