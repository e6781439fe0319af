"""Tables of months, hours and typical days."""

from __future__ import annotations

from model.system.schema import PROVENANCE, Table, flag, number, text

MONTHLY_PROFILES = Table(
    "monthly_profiles",
    "A number for each month, for a node or for all.",
    ("profile", "node", "month"),
    (
        text("profile", "name"),
        text("node", "where; empty: everywhere", required=False, default="", refers="nodes.node"),
        number("month", "1 to 12", "1", minimum=1, maximum=12, whole=True),
        number("value", "the number: a factor, or a share of the year", "1", minimum=0),
        *PROVENANCE,
    ),
)

PERIODS = Table(
    "periods",
    "A typical day: the months it stands for, how many days a year, and how they differ from the monthly mean.",
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
    "weather",
    "Monthly mean capacity factors of wind and sun at a node.",
    ("node", "month"),
    (
        text("node", "where", refers="nodes.node"),
        number("month", "1 to 12", "1", minimum=1, maximum=12, whole=True),
        number("wind_cf", "mean capacity factor of wind power", "1", minimum=0, maximum=1),
        number("pv_fixed_cf", "mean capacity factor of fixed-tilt solar power, AC", "1", minimum=0, maximum=1),
        number("wind_diurnal", "amplitude of the daily cycle of wind against its mean", "1", minimum=0, maximum=1),
        *PROVENANCE,
    ),
)

LOAD_SHAPE = Table(
    "load_shape",
    "Hourly electricity load against the yearly mean.",
    ("month", "hour", "daytype"),
    (
        number("month", "1 to 12", "1", minimum=1, maximum=12, whole=True),
        number("hour", "0 to 23, local time, start of the hour", "1", minimum=0, maximum=23, whole=True),
        text("daytype", "workday or weekend", choices=("workday", "weekend")),
        number("value", "load against the yearly mean", "1", minimum=0),
        *PROVENANCE,
    ),
)
