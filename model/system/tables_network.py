"""Tables of places and what joins them."""

from __future__ import annotations

from model.system.schema import PRICE_YEAR, PROVENANCE, Table, flag, number, text, year

NODES = Table(
    "nodes",
    "A place where commodities balance. An outside node is a market, not a junction, unless transit is allowed.",
    ("node",),
    (
        text("node", "short name, used everywhere"),
        text("name", "full name"),
        text("zone", "zone of the power system, or `outside`"),
        text("kind", "inside the country or outside", choices=("inside", "outside")),
        number("lon", "longitude of the load centre", "degree", minimum=-180, maximum=180),
        number("lat", "latitude of the load centre", "degree", minimum=-90, maximum=90),
        number("population", "people living there", "1", required=False, default=0, minimum=0),
        text(
            "transit",
            "commodities that may pass through an outside node from one link to another, separated by ;, or `all`; "
            "those of sectors that are left out mean nothing",
            required=False,
            default="",
        ),
        *PROVENANCE,
    ),
)

LINKS = Table(
    "links",
    "A corridor between two nodes: existing, committed or candidate.",
    ("link",),
    (
        text("link", "short name"),
        text("name", "name of the line; empty: the short name", required=False, default=""),
        text("from_node", "one end", refers="nodes.node"),
        text("to_node", "the other end", refers="nodes.node"),
        text("technology", "what it is", refers="technologies.technology"),
        text("status", "existing, committed or candidate", choices=("existing", "committed", "candidate")),
        number("capacity", "what it carries today, or adds when built", "{capacity}", minimum=0),
        number(
            "expansion",
            "how much more may be built on the corridor",
            "{capacity}",
            required=False,
            default=0,
            minimum=0,
        ),
        year("first_year", "year in which it runs, or can run first", required=False),
        number("length", "length of the route", "km", above=0),
        number(
            "capital_cost",
            "cost of the corridor per capacity; empty: the technology's cost x length",
            "million_USD/({capacity})",
            required=False,
            minimum=0,
        ),
        number(
            "variable_cost",
            "tariff or cost of what is carried, in either direction",
            "million_USD/({activity})",
            required=False,
            default=0,
        ),
        number(
            "availability",
            "share of the capacity that can be used",
            required=False,
            default=1,
            above=0,
            maximum=1,
        ),
        text("voltage", "voltage in kV, as text", required=False, default=""),
        text("circuits", "number of circuits, as text", required=False, default=""),
        text(
            "route",
            "way points between the ends, from the first to the second node, as `lon lat; lon lat` in degrees; "
            "only maps use them",
            required=False,
            default="",
        ),
        number("reactance", "series reactance of the corridor at its highest voltage", "ohm", required=False, above=0),
        number(
            "emergency",
            "what it may carry for a short time after a contingency, as a share of its capacity",
            required=False,
            default=1,
            above=0,
        ),
        flag("ring", "closes the ring"),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

INTERFACES = Table(
    "interfaces",
    "A limit on the flow over several links together, decided as finely as theirs.",
    ("interface",),
    (
        text("interface", "name"),
        number("limit", "largest flow of its members together", "{unit}", minimum=0, row_unit=True),
        text("unit", "unit of the limit: that of its links' capacity", default="GW"),
        text(
            "flow",
            "net: forward less backward flow counts; gross: both count, as on a track or pipe that links share",
            default="net",
            choices=("net", "gross"),
        ),
        number(
            "emergency",
            "what it may carry for a short time after a contingency, as a share of its limit",
            required=False,
            default=1,
            above=0,
        ),
        *PROVENANCE,
    ),
    required=False,
)

INTERFACE_MEMBERS = Table(
    "interface_members",
    "A link that counts in an interface.",
    ("interface", "link"),
    (
        text("interface", "which interface", refers="interfaces.interface"),
        text("link", "which link", refers="links.link"),
        number("direction", "1: forward flow counts, -1: backward flow counts", "1", minimum=-1, maximum=1, whole=True),
        number(
            "uplift",
            "how much the limit grows when the link is fully built",
            "{capacity}",
            required=False,
            default=0,
            minimum=0,
        ),
        *PROVENANCE,
    ),
    required=False,
)
