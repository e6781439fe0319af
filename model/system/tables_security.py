"""Tables of what keeps supply secure: reserve margins, operating reserve and contingencies."""

from __future__ import annotations

from model.system.schema import PRICE_YEAR, PROVENANCE, Table, number, text, year

RESERVE_MARGINS = Table(
    "reserve_margins",
    "How much firm capacity a zone, or the whole country, must have beyond its peak load.",
    ("zone", "year"),
    (
        text("zone", "zone of nodes.csv, or `all` for the country"),
        year("year", "when; straight lines between years, none before the first"),
        number("margin", "firm capacity beyond peak load, as a share of it", "1", minimum=0, maximum=1),
        number(
            "firm_imports",
            "imports from abroad that can be counted on at the peak",
            "GW",
            required=False,
            default=0,
            minimum=0,
        ),
        number(
            "penalty",
            "cost of missing capacity for a year; empty: the margin must hold",
            "million_USD/year/GW",
            required=False,
            above=0,
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

OPERATING_RESERVES = Table(
    "operating_reserves",
    "Capacity that must stand ready to raise output within minutes, by zone; used with `operating_reserve` on.",
    ("zone", "year"),
    (
        text("zone", "zone of nodes.csv, or `all` for the country"),
        year("year", "when; straight lines between years, none before the first"),
        number("largest_unit", "largest unit whose loss must be covered", "GW", minimum=0),
        number("load_share", "share of the load that must be ready", "1", minimum=0, maximum=1),
        number("wind_share", "share of the output of wind that must be ready", "1", minimum=0, maximum=1),
        number("solar_share", "share of the output of the sun that must be ready", "1", minimum=0, maximum=1),
        number(
            "penalty",
            "cost of a missing MW for an hour; empty: the reserve must be there",
            "million_USD/GWh",
            required=False,
            above=0,
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

CONTINGENCIES = Table(
    "contingencies",
    "The loss of a circuit, of a corridor or of a unit that the system must survive; used with `security: n-1`.",
    ("contingency",),
    (
        text("contingency", "name, such as `loss of Agadyr - Ulken, one circuit`"),
        text("link", "corridor that loses a circuit; empty for a unit", required=False, default=""),
        number(
            "share",
            "share of the corridor that is lost; empty: its largest circuit, by voltage and number of circuits",
            "1",
            required=False,
            above=0,
            maximum=1,
        ),
        text("node", "where a unit is lost; empty for a link", required=False, default="", refers="nodes.node"),
        number("lost", "output of the unit that is lost", "GW", required=False, default=0, minimum=0),
        year("first_year", "first year in which the system must survive it; empty: always", required=False),
        *PROVENANCE,
    ),
    required=False,
)
