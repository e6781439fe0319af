"""The tables of a study folder."""

from __future__ import annotations

from model.system.schema import PRICE_YEAR, PROVENANCE, Quantity, Table, flag, number, text, year

NODES = Table(
    "nodes", "A place where commodities balance; outside nodes carry markets only.", ("node",),
    (
        text("node", "short name, used everywhere"),
        text("name", "full name"),
        text("zone", "zone of the power system, or `outside`"),
        text("kind", "inside the country or outside", choices=("inside", "outside")),
        number("lon", "longitude of the load centre", "degree", minimum=-180, maximum=180),
        number("lat", "latitude of the load centre", "degree", minimum=-90, maximum=90),
        number("population", "people living there", "1", required=False, default=0, minimum=0),
        *PROVENANCE,
    ),
)

COMMODITIES = Table(
    "commodities", "Something that is produced, moved and used, and how finely in time it must balance.", ("commodity",),
    (
        text("commodity", "short name"),
        text("name", "full name"),
        text("unit", "unit of a quantity: GWh, TWh, bcm, Mt, kTEU"),
        text("resolution", "balanced in every step, in every period or over the year",
             choices=("step", "period", "year")),
        number("unserved_price", "what a missing MWh (or other unit) costs; empty: demand must be met", "million_USD/({unit})",
               required=False, above=0),
        number("excess_price", "what a surplus costs; empty: none may be left over", "million_USD/({unit})", required=False,
               minimum=0),
        number("co2_factor", "CO2 released when the commodity is burnt", "Mt/({unit})", required=False, default=0, minimum=0),
        PRICE_YEAR,
        *PROVENANCE,
    ),
)

TECHNOLOGIES = Table(
    "technologies", "A kind of asset. Assets that differ in efficiency or emissions are different technologies.",
    ("technology",),
    (
        text("technology", "short name"),
        text("name", "full name"),
        text("group", "family it is shown under: coal, gas, hydro, wind, solar, nuclear, bio, storage, network, trade"),
        text("kind", "how it works", choices=("conversion", "storage", "link")),
        text("capacity_unit", "unit of its size: GW, or bcm/year, Mt/year", default="GW"),
        text("availability", "profile that limits its output: constant, maintenance, or a profile by node",
             default="constant"),
        text("must_run", "monthly profile of the output that heat supply forces; empty: none", required=False, default=""),
        text("tags", "words that targets and limits select by, separated by ;", required=False, default=""),
        text("notes", "anything a reader should know", required=False, default=""),
    ),
)

VALUES = Table(
    "technology_values", "The numbers of a technology: one row per quantity and year; straight lines between years.",
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
        Quantity("length_fixed_cost", "million_USD/year/({capacity})/km", "yearly cost of a link per length", minimum=0),
        Quantity("lifetime", "year", "years of service of a new asset", above=0),
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
        Quantity("first_year", "year", "first year in which a new asset can run", minimum=1900, maximum=2200),
    ),
)

MODES = Table(
    "modes", "A way in which a technology runs.", ("technology", "mode"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("mode", "name of the mode"),
        number("variable_cost", "cost of a unit of operation, without what it takes in at ports",
               "million_USD/({activity})", default=0, required=False, row_unit=True),
        text("unit", "unit of the cost", default="USD/MWh", required=False),
        text("runs", "how finely it is decided; empty: by what it makes", required=False, default="",
             choices=("", "step", "period", "year")),
        PRICE_YEAR,
        *PROVENANCE,
    ),
)

PORTS = Table(
    "ports", "What a mode takes (negative) or gives (positive) per unit of operation.",
    ("technology", "mode", "commodity", "place"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("mode", "which mode"),
        text("commodity", "what is taken or given", refers="commodities.commodity"),
        text("place", "where: at the asset's node, or at a link's end", choices=("here", "from", "to"), default="here"),
        number("yield", "how much, per unit of operation", "({commodity})/({activity})", row_unit=True),
        text("unit", "unit of the yield, such as MWh/MWh", default="MWh/MWh"),
        *PROVENANCE,
    ),
)

PLANTS = Table(
    "plants", "A plant by name: operating, committed (it will come) or candidate (it may come).", ("plant",),
    (
        text("plant", "name"),
        text("node", "where it stands", refers="nodes.node"),
        text("technology", "what it is", refers="technologies.technology"),
        text("status", "operating, committed or candidate", choices=("operating", "committed", "candidate")),
        number("capacity", "net electrical (or other) capacity", "GW", above=0),
        year("start_year", "year of commissioning, or of the project"),
        year("modernisation_year", "last year in which it was modernised", required=False),
        year("closing_year", "first year in which it no longer runs; empty: from the lifetime", required=False),
        number("modernised_capacity", "capacity modernised since 2023, counted by the goals", "GW", required=False,
               default=0, minimum=0),
        number("added_capacity", "capacity added since 2023, counted by the goals", "GW", required=False, default=0,
               minimum=0),
        number("heat_capacity", "heat capacity incl. peak boilers", "GW", required=False, default=0, minimum=0),
        number("lon", "longitude", "degree", required=False, minimum=-180, maximum=180),
        number("lat", "latitude", "degree", required=False, minimum=-90, maximum=90),
        flag("captive", "stands behind an industrial meter"),
        *PROVENANCE,
    ),
)

OPTIONS = Table(
    "options", "What can be done with an old plant: extend, modernise, convert to another fuel, replace on site.",
    ("option", "from_technology", "plant"),
    (
        text("option", "extend, modernise, convert or replace", choices=("extend", "modernise", "convert", "replace")),
        text("from_technology", "technology it starts from", refers="technologies.technology"),
        text("to_technology", "technology it becomes", refers="technologies.technology"),
        text("plant", "only this plant; empty: every operating plant of the technology", required=False, default="",
             refers="plants.plant"),
        number("ratio", "capacity after per capacity before", "1", above=0, maximum=10),
        number("capital_cost", "cost per capacity after the works", "million_USD/GW", minimum=0),
        number("years", "years of service after the works", "year", above=0),
        year("first_year", "first year in which the works can be finished"),
        number("outage_years", "years the capacity stands still for the works", "year", required=False, default=0,
               minimum=0),
        number("share", "largest share of the plant that can be treated", "1", required=False, default=1, above=0,
               maximum=1),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

CANDIDATES = Table(
    "candidates", "Where a technology may be built, and how much of it there may be.", ("technology", "node"),
    (
        text("technology", "which technology", refers="technologies.technology"),
        text("node", "where", refers="nodes.node"),
        number("potential", "largest capacity at the node, what stands included", "GW", minimum=0),
        year("first_year", "first year in which it can run; empty: the technology's", required=False),
        *PROVENANCE,
    ),
    required=False,
)

BUILD_LIMITS = Table(
    "build_limits", "How much of a kind can be finished in a year, in the country or a zone.",
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

LINKS = Table(
    "links", "A corridor between two nodes: existing, committed or candidate.", ("link",),
    (
        text("link", "name"),
        text("from_node", "one end", refers="nodes.node"),
        text("to_node", "the other end", refers="nodes.node"),
        text("technology", "what it is", refers="technologies.technology"),
        text("status", "existing, committed or candidate", choices=("existing", "committed", "candidate")),
        number("capacity", "what it carries today, or adds when built", "GW", minimum=0),
        number("expansion", "how much more may be built on the corridor", "GW", required=False, default=0, minimum=0),
        year("first_year", "year in which it runs, or can run first", required=False),
        number("length", "length of the route", "km", above=0),
        number("capital_cost", "cost of the corridor per capacity; empty: the technology's cost x length",
               "million_USD/GW", required=False, minimum=0),
        text("voltage", "voltage in kV, as text", required=False, default=""),
        text("circuits", "number of circuits, as text", required=False, default=""),
        number("reactance", "series reactance of the corridor", "ohm", required=False, above=0),
        flag("ring", "closes the ring"),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

INTERFACES = Table(
    "interfaces", "A limit on the net flow over several links together.", ("interface",),
    (
        text("interface", "name"),
        number("limit", "largest net flow in the direction of its members", "GW", minimum=0),
        *PROVENANCE,
    ),
    required=False,
)

INTERFACE_MEMBERS = Table(
    "interface_members", "A link that counts in an interface.", ("interface", "link"),
    (
        text("interface", "which interface", refers="interfaces.interface"),
        text("link", "which link", refers="links.link"),
        number("direction", "1: forward flow counts, -1: backward flow counts", "1", minimum=-1, maximum=1),
        number("uplift", "how much the limit grows when the link is fully built", "GW", required=False, default=0, minimum=0),
        *PROVENANCE,
    ),
    required=False,
)

DEMANDS = Table(
    "demands", "What a node uses in a year.", ("node", "commodity", "year"),
    (
        text("node", "where", refers="nodes.node"),
        text("commodity", "what", refers="commodities.commodity"),
        year("year", "when; straight lines between years"),
        number("value", "quantity used in the year", "{commodity}", minimum=0, row_unit=True),
        text("unit", "unit of the value", default="TWh"),
        text("profile", "how it spreads over the year", default="load"),
        *PROVENANCE,
    ),
)

FUELS = Table(
    "fuels", "What a fuel costs at a node; the supply has no limit unless one is given.", ("commodity", "node", "year"),
    (
        text("commodity", "which fuel", refers="commodities.commodity"),
        text("node", "where", refers="nodes.node"),
        year("year", "when; straight lines between years"),
        number("price", "price at the plant", "million_USD/({commodity})", row_unit=True),
        text("unit", "unit of the price", default="USD/MWh"),
        number("annual_limit", "largest quantity a year; empty: none", "{commodity}", required=False, minimum=0),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

MARKETS = Table(
    "markets", "Trade with an outside node: one row per step of its price ladder and year.", ("market", "year"),
    (
        text("market", "name"),
        text("node", "outside node where it is", refers="nodes.node"),
        text("commodity", "what is traded", refers="commodities.commodity"),
        text("direction", "import or export, seen from the country", choices=("import", "export")),
        year("year", "when; straight lines between years"),
        number("price", "price at the border", "million_USD/({commodity})", row_unit=True),
        text("unit", "unit of the price", default="USD/MWh"),
        number("capacity", "largest flow", "GW", minimum=0),
        number("annual_limit", "largest quantity a year", "{commodity}", minimum=0),
        text("profile", "monthly profile that limits the flow; empty: none", required=False, default=""),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

ENERGY_LIMITS = Table(
    "energy_limits", "Full-load hours that water (or a contract) allows or demands, spread over the months.",
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

MONTHLY_PROFILES = Table(
    "monthly_profiles", "A number for each month, for a node or for all.", ("profile", "node", "month"),
    (
        text("profile", "name"),
        text("node", "where; empty: everywhere", required=False, default="", refers="nodes.node"),
        number("month", "1 to 12", "1", minimum=1, maximum=12),
        number("value", "the number: a factor, or a share of the year", "1", minimum=0),
        *PROVENANCE,
    ),
)

EMISSIONS = Table(
    "emissions", "What a tonne of CO2 costs and how much may be released.", ("year",),
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
    "targets", "A goal of the programme: a linear measure that must reach a value.", ("target", "year"),
    (
        text("target", "short name"),
        text("name", "the goal in words"),
        text("sense", "at least or at most", choices=("min", "max")),
        year("year", "the year the goal is set for"),
        number("value", "what must be reached", "{unit}", row_unit=True),
        text("unit", "unit of the value", default="GW"),
        number("reached", "what was reached before the first planning year and counts", "{unit}",
               required=False, default=0, row_unit=True),
        year("counts_from", "first year whose additions count", required=False),
        flag("hard", "1: must hold; 0: may be missed at the penalty"),
        number("penalty", "cost of missing a unit of the goal for a year", "million_USD/({unit})", required=False,
               default=0, minimum=0),
        PRICE_YEAR,
        *PROVENANCE,
    ),
    required=False,
)

TARGET_TERMS = Table(
    "target_terms", "What counts towards a goal.", ("target", "measure", "select"),
    (
        text("target", "which goal", refers="targets.target"),
        text("measure", "capacity that stands, new capacity, works on old plants, or energy delivered in the year",
             choices=("capacity", "added", "modernised", "delivered", "demand")),
        text("select", "technology, group, tag, plant or link that counts; for demand: a commodity"),
        number("coefficient", "with what weight", "1", required=False, default=1),
        text("commodity", "what is delivered", required=False, default="electricity", refers="commodities.commodity"),
    ),
    required=False,
)

PERIODS = Table(
    "periods", "A typical day: the months it stands for, how many days a year, and how they differ from the monthly mean.",
    ("period",),
    (
        text("period", "name"),
        text("months", "months it stands for, 1 to 12, separated by ;"),
        number("days", "days a year", "1", above=0, maximum=366),
        text("daytype", "which column of hours of load_shape.csv", choices=("workday", "weekend", "mean")),
        number("wind", "wind output against the monthly mean", "1", minimum=0),
        number("sun", "solar output against the monthly mean", "1", minimum=0),
        flag("peak", "1: holds the yearly peak of the load"),
        *PROVENANCE,
    ),
)

WEATHER = Table(
    "weather", "Monthly mean capacity factors of wind and sun at a node.", ("node", "month"),
    (
        text("node", "where", refers="nodes.node"),
        number("month", "1 to 12", "1", minimum=1, maximum=12),
        number("wind_cf", "mean capacity factor of wind power", "1", minimum=0, maximum=1),
        number("pv_fixed_cf", "mean capacity factor of fixed-tilt solar power, AC", "1", minimum=0, maximum=1),
        number("wind_diurnal", "amplitude of the daily cycle of wind against its mean", "1", minimum=0, maximum=1),
        *PROVENANCE,
    ),
)

LOAD_SHAPE = Table(
    "load_shape", "Hourly electricity load against the yearly mean.", ("month", "hour", "daytype"),
    (
        number("month", "1 to 12", "1", minimum=1, maximum=12),
        number("hour", "0 to 23, local time, start of the hour", "1", minimum=0, maximum=23),
        text("daytype", "workday or weekend", choices=("workday", "weekend")),
        number("value", "load against the yearly mean", "1", minimum=0),
        *PROVENANCE,
    ),
)

TABLES: tuple[Table, ...] = (
    NODES, COMMODITIES, TECHNOLOGIES, VALUES, MODES, PORTS, PLANTS, OPTIONS, CANDIDATES, BUILD_LIMITS, LINKS, INTERFACES,
    INTERFACE_MEMBERS, DEMANDS, FUELS, MARKETS, ENERGY_LIMITS, MONTHLY_PROFILES, EMISSIONS, TARGETS, TARGET_TERMS,
    PERIODS, WEATHER, LOAD_SHAPE,
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
