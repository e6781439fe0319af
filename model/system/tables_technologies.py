"""Tables of what is moved and made, and of the kinds of assets that do it."""

from __future__ import annotations

from model.system.geography import LAYERS, NOT_DRAWN
from model.system.schema import PRICE_YEAR, PROVENANCE, Quantity, Table, number, text, year

COMMODITIES = Table(
    "commodities",
    "Something that is produced, moved and used, and how finely in time it must balance.",
    ("commodity",),
    (
        text("commodity", "short name"),
        text("name", "full name"),
        text("unit", "unit of a quantity: GWh, TWh, bcm, Mt, kTEU"),
        text(
            "resolution", "balanced in every step, in every period or over the year", choices=("step", "period", "year")
        ),
        number(
            "unserved_price",
            "what a missing MWh (or other unit) costs; empty: demand must be met",
            "million_USD/({unit})",
            required=False,
            above=0,
        ),
        number(
            "excess_price",
            "what a surplus costs; empty: none may be left over",
            "million_USD/({unit})",
            required=False,
            minimum=0,
        ),
        number(
            "heat_content",
            "energy in a unit; with it, yields and prices may be given in units of energy",
            "TWh/({unit})",
            required=False,
            above=0,
        ),
        number(
            "co2_factor",
            "CO2 released when the commodity is burnt",
            "Mt/({unit})",
            required=False,
            default=0,
            minimum=0,
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
)

TECHNOLOGIES = Table(
    "technologies",
    "A kind of asset. Assets that differ in efficiency or emissions are different technologies.",
    ("technology",),
    (
        text("technology", "short name"),
        text("name", "full name"),
        text("group", "family it is shown under: coal, gas, hydro, wind, solar, nuclear, bio, storage, network, trade"),
        text("kind", "how it works", choices=("conversion", "storage", "link")),
        text(
            "capacity_unit",
            "unit of its size: GW, or bcm/year, Mt/year; what never runs may have any, such as Mperson or km",
            default="GW",
        ),
        text(
            "availability",
            "profile that limits its output: constant, maintenance, or a profile by node",
            default="constant",
        ),
        text(
            "must_run", "monthly profile of the output that heat supply forces; empty: none", required=False, default=""
        ),
        text(
            "cycle",
            "for a store, in what its level returns: the period (a day or a week), or the year, from season to season",
            default="period",
            choices=("period", "year"),
        ),
        text(
            "co2",
            "whether its CO2 counts for price and cap; outside: released, but in no scheme",
            default="counted",
            choices=("counted", "outside"),
        ),
        text(
            "layer",
            "for a link, the layer of maps on which it is drawn; empty: line if it carries electricity, "
            "else other_route; none: it is not drawn",
            required=False,
            default="",
            choices=("", *LAYERS, NOT_DRAWN),
        ),
        text("tags", "words that targets and limits select by, separated by ;", required=False, default=""),
        text("notes", "anything a reader should know", required=False, default=""),
    ),
)

VALUES = Table(
    "technology_values",
    "The numbers of a technology: one row per quantity and year; straight lines between years.",
    ("technology", "quantity", "year"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("quantity", "which number"),
        year("year", "the year it holds for; empty: every year", required=False),
        number("value", "the number, in the row's unit", "{quantity}", row_unit=True),
        number("low", "lowest credible value", "{quantity}", required=False, row_unit=True),
        number("high", "highest credible value", "{quantity}", required=False, row_unit=True),
        text("unit", "unit of the numbers"),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    quantities=(
        Quantity("capital_cost", "million_USD/({capacity})", "overnight cost of building", minimum=0),
        Quantity("length_cost", "million_USD/({capacity})/km", "overnight cost of a link per length", minimum=0),
        Quantity("fixed_cost", "million_USD/year/({capacity})", "yearly cost of keeping the capacity", minimum=0),
        Quantity(
            "length_fixed_cost", "million_USD/year/({capacity})/km", "yearly cost of a link per length", minimum=0
        ),
        Quantity("lifetime", "year", "years of service of a new asset", minimum=1, maximum=500),
        Quantity("wacc", "1/year", "weighted average cost of capital, real", minimum=0, maximum=0.5),
        Quantity("forced_outage", "1", "share of time lost to failures", minimum=0, maximum=0.99),
        Quantity("planned_outage", "1", "share of the year lost to planned maintenance", minimum=0, maximum=0.99),
        Quantity("condition", "1", "share of the nameplate that an aged fleet can still give", above=0, maximum=1),
        Quantity("minimum_load", "1", "least output of a running unit", minimum=0, maximum=1),
        Quantity("ramp_rate", "1/hour", "change of output in an hour", above=0),
        Quantity("start_cost", "million_USD/({capacity})", "cost of starting a MW", minimum=0),
        Quantity("duration", "hour", "hours of full output that a full store holds", above=0),
        Quantity("charge_efficiency", "1", "share of what is taken in that is stored", above=0, maximum=1),
        Quantity("discharge_efficiency", "1", "share of what is stored that is given back", above=0, maximum=1),
        Quantity("standing_loss", "1/hour", "share of the level lost in an hour", minimum=0, maximum=0.5),
        Quantity("loss", "1", "share lost on the way, for a link of `loss_length`", minimum=0, maximum=0.5),
        Quantity("loss_length", "km", "length over which `loss` is lost", above=0),
        Quantity("capacity_credit", "1", "share of the capacity that counts at the peak load", minimum=0, maximum=1),
        Quantity("response", "1", "share of idle capacity that can be brought in within minutes", minimum=0, maximum=1),
        Quantity("first_year", "year", "first year in which a new asset can run", minimum=1900, maximum=2200),
    ),
)

MODES = Table(
    "modes",
    "A way in which a technology runs.",
    ("technology", "mode"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("mode", "name of the mode"),
        number(
            "variable_cost",
            "cost of a unit of operation, without what it takes in at ports",
            "million_USD/({activity})",
            default=0,
            required=False,
            row_unit=True,
        ),
        text("unit", "unit of the cost", default="USD/MWh", required=False),
        text(
            "runs",
            "how finely it is decided; empty: by what it makes",
            required=False,
            default="",
            choices=("", "step", "period", "year"),
        ),
        text(
            "follows",
            "mode of the technology that this one gives on, such as water let go upstream; empty: none",
            required=False,
            default="",
        ),
        number(
            "delay",
            "hours after which it gives on what that mode took; arrivals wrap within a period",
            "hour",
            required=False,
            default=0,
            minimum=0,
        ),
        PRICE_YEAR,
        *PROVENANCE,
    ),
)

PORTS = Table(
    "ports",
    "What a mode takes (negative) or gives (positive) per unit of operation.",
    ("technology", "mode", "commodity", "place"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("mode", "which mode"),
        text("commodity", "what is taken or given", refers="commodities.commodity"),
        text("place", "where: at the asset's node, or at a link's end", choices=("here", "from", "to"), default="here"),
        number("yield", "how much, per unit of operation", "({commodity})/({activity})", row_unit=True),
        text("unit", "unit of the yield, such as MWh/MWh", default="MWh/MWh"),
        number(
            "length_yield",
            "what comes on top for each km of the link, such as the energy that traction takes",
            "({commodity})/({activity})/km",
            required=False,
            default=0,
        ),
        *PROVENANCE,
    ),
)
