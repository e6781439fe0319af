"""Tables of what is used, bought and sold."""

from __future__ import annotations

from model.system.schema import PRICE_YEAR, PROVENANCE, Table, number, text, year

DEMANDS = Table(
    "demands",
    "What a node uses in a year.",
    ("node", "commodity", "load", "profile", "year"),
    (
        text("node", "where", refers="nodes.node"),
        text("commodity", "what", refers="commodities.commodity"),
        text(
            "load",
            "name of a single large user, such as an industrial park; empty: what the node uses in general",
            required=False,
            default="",
        ),
        year("year", "when; straight lines between years"),
        number("value", "quantity used in the year", "{commodity}", minimum=0, row_unit=True),
        text("unit", "unit of the value", default="TWh"),
        text("profile", "how it spreads over the year", default="load"),
        number("lon", "longitude of a single user", "degree", required=False, minimum=-180, maximum=180),
        number("lat", "latitude of a single user", "degree", required=False, minimum=-90, maximum=90),
        *PROVENANCE,
    ),
)

FUELS = Table(
    "fuels",
    "What a fuel costs at a node; the supply has no limit unless one is given.",
    ("commodity", "node", "year"),
    (
        text("commodity", "which fuel", refers="commodities.commodity"),
        text("node", "where", refers="nodes.node"),
        year("year", "when; straight lines between years"),
        number("price", "price at the plant", "million_USD/({commodity})", row_unit=True),
        text("unit", "unit of the price", default="USD/MWh"),
        number("annual_limit", "largest quantity a year; empty: none", "{commodity}", required=False, minimum=0),
        text(
            "profile",
            "monthly profile by which the yearly quantity comes, such as the inflow of a river; empty: at any time",
            required=False,
            default="",
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

MARKETS = Table(
    "markets",
    "Trade with an outside node: one row per step of its price ladder and year.",
    ("market", "year"),
    (
        text("market", "name"),
        text("node", "outside node where it is", refers="nodes.node"),
        text("commodity", "what is traded", refers="commodities.commodity"),
        text("direction", "import or export, seen from the country", choices=("import", "export")),
        year("year", "when; straight lines between years"),
        number("price", "price at the border", "million_USD/({commodity})", row_unit=True),
        text("unit", "unit of the price", default="USD/MWh"),
        number("capacity", "largest flow", "{rate}", minimum=0),
        number("annual_limit", "largest quantity a year", "{commodity}", minimum=0),
        text("profile", "monthly profile that limits the flow; empty: none", required=False, default=""),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)
