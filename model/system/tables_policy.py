"""Tables of limits on energy and emissions, and of goals."""

from __future__ import annotations

from model.system.schema import PRICE_YEAR, PROVENANCE, Table, flag, number, text, year

ENERGY_LIMITS = Table(
    "energy_limits",
    "Full-load hours that water (or a contract) allows or demands, spread over the months.",
    ("technology", "node", "sense"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("node", "where; empty: everywhere", required=False, default="", refers="nodes.node"),
        text("sense", "at most or at least", choices=("max", "min")),
        number("full_load_hours", "hours of full output in a year", "hour/year", minimum=0, maximum=8760),
        text("profile", "monthly profile of the shares", refers="monthly_profiles.profile"),
        *PROVENANCE,
    ),
    required=False,
)

EMISSIONS = Table(
    "emissions",
    "What a tonne of CO2 costs and how much may be released.",
    ("year",),
    (
        year("year", "when; straight lines between years"),
        number("price", "price of CO2", "million_USD/Mt", minimum=0),
        number("cap", "largest release in the year; empty: none", "Mt", required=False, minimum=0),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

TARGETS = Table(
    "targets",
    "A goal of the programme: a linear measure that must reach a value.",
    ("target", "year"),
    (
        text("target", "short name"),
        text("name", "the goal in words"),
        text("sense", "at least or at most", choices=("min", "max")),
        year("year", "the year the goal is set for"),
        number("value", "what must be reached", "{unit}", row_unit=True),
        text("unit", "unit of the value", default="GW"),
        number(
            "reached",
            "what was reached before the first planning year and counts",
            "{unit}",
            required=False,
            default=0,
            row_unit=True,
        ),
        year("counts_from", "first year whose additions count", required=False),
        flag("hard", "1: must hold; 0: may be missed at the penalty"),
        number(
            "penalty",
            "cost of missing a unit of the goal for a year",
            "million_USD/({unit})",
            required=False,
            default=0,
            minimum=0,
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

TARGET_TERMS = Table(
    "target_terms",
    "What counts towards a goal.",
    ("target", "measure", "select"),
    (
        text("target", "which goal", refers="targets.target"),
        text(
            "measure",
            "capacity that stands, new capacity, works on old plants, what is delivered or used in the year, demand, "
            "or the load shed after the worst contingency",
            choices=("capacity", "added", "modernised", "delivered", "used", "demand", "insecure"),
        ),
        text("select", "technology, group, tag, plant or link that counts; demand: a commodity; insecure: `all`"),
        number("coefficient", "with what weight", "1", required=False, default=1),
        text(
            "commodity",
            "what is delivered or used",
            required=False,
            default="electricity",
            refers="commodities.commodity",
        ),
    ),
    required=False,
)
