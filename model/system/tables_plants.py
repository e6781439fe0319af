"""Tables of plants, of works on them and of what may be built."""

from __future__ import annotations

from model.system.schema import PRICE_YEAR, PROVENANCE, Table, flag, number, text, year

PLANTS = Table(
    "plants",
    "A plant by name: operating, committed (it will come) or candidate (it may come).",
    ("plant",),
    (
        text("plant", "name"),
        text("node", "where it stands", refers="nodes.node"),
        text("technology", "what it is", refers="technologies.technology"),
        text("status", "operating, committed or candidate", choices=("operating", "committed", "candidate")),
        number("capacity", "net electrical (or other) capacity", "{capacity}", above=0),
        year("start_year", "year of commissioning, or of the project"),
        year("modernisation_year", "last year in which it was modernised", required=False),
        year("closing_year", "first year in which it no longer runs; empty: from the lifetime", required=False),
        number(
            "modernised_capacity",
            "capacity modernised since 2023, counted by the goals",
            "{capacity}",
            required=False,
            default=0,
            minimum=0,
        ),
        number(
            "added_capacity",
            "capacity added since 2023, counted by the goals",
            "{capacity}",
            required=False,
            default=0,
            minimum=0,
        ),
        number("heat_capacity", "heat capacity incl. peak boilers", "GW", required=False, default=0, minimum=0),
        number("lon", "longitude", "degree", required=False, minimum=-180, maximum=180),
        number("lat", "latitude", "degree", required=False, minimum=-90, maximum=90),
        flag("captive", "stands behind an industrial meter"),
        *PROVENANCE,
    ),
)

OPTIONS = Table(
    "options",
    "What can be done with an old plant: extend, modernise, convert to another fuel, replace on site.",
    ("option", "from_technology", "to_technology", "plant"),
    (
        text("option", "extend, modernise, convert or replace", choices=("extend", "modernise", "convert", "replace")),
        text("from_technology", "technology it starts from", refers="technologies.technology"),
        text("to_technology", "technology it becomes", refers="technologies.technology"),
        text(
            "plant",
            "only this plant; empty: every operating plant of the technology",
            required=False,
            default="",
            refers="plants.plant",
        ),
        number("ratio", "capacity after per capacity before", "1", above=0, maximum=10),
        number("capital_cost", "cost per capacity after the works", "million_USD/({capacity})", minimum=0),
        number("years", "years of service after the works", "year", minimum=1, maximum=500),
        year("first_year", "first year in which the works can be finished"),
        number(
            "outage_years",
            "years the capacity stands still for the works",
            "year",
            required=False,
            default=0,
            minimum=0,
        ),
        number(
            "share",
            "largest share of the plant that can be treated",
            "1",
            required=False,
            default=1,
            above=0,
            maximum=1,
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

CANDIDATES = Table(
    "candidates",
    "Where a technology may be built, and how much of it there may be.",
    ("technology", "node"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("node", "where", refers="nodes.node"),
        number("potential", "largest capacity at the node, what stands included", "{capacity}", minimum=0),
        year("first_year", "first year in which it can run; empty: the technology's", required=False),
        *PROVENANCE,
    ),
    required=False,
)

PROJECT_RULES = Table(
    "project_rules",
    "What projects mean for each other: one needs another, or two stand in place of each other.",
    ("project", "rule", "other"),
    (
        text("project", "a candidate or committed plant or link, or `technology@node` of candidates.csv"),
        text(
            "rule",
            "requires: built no further than the other is; excludes: the built shares of both are one together at most",
            choices=("requires", "excludes"),
        ),
        text("other", "the other project"),
        *PROVENANCE,
    ),
    required=False,
)

BUILD_LIMITS = Table(
    "build_limits",
    "How much of a kind can be finished in a year, in the country or a zone.",
    ("limit", "select", "year"),
    (
        text("limit", "name of the limit"),
        text("select", "technology, group or tag that counts"),
        text("zone", "zone it holds in; empty: the country", required=False, default=""),
        text("counts", "new builds, works on old plants, or both", choices=("new", "works", "both"), default="both"),
        year("year", "the year it holds from"),
        number("rate", "capacity finished per year", "GW/year", minimum=0),
        *PROVENANCE,
    ),
    required=False,
)
