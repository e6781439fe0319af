"""Tables of weather, load and heat over the hours of a year, and of typical days."""

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
    required=False,
)

WEATHER = Table(
    "weather",
    "Monthly means of wind, sun and temperature at a node.",
    ("node", "month"),
    (
        text("node", "where", refers="nodes.node"),
        number("month", "1 to 12", "1", minimum=1, maximum=12, whole=True),
        number("wind_cf", "mean capacity factor of wind power", "1", minimum=0, maximum=1),
        number("pv_fixed_cf", "mean capacity factor of fixed-tilt solar power, AC", "1", minimum=0, maximum=1),
        number("wind_diurnal", "amplitude of the daily cycle of wind against its mean", "1", minimum=0, maximum=1),
        number("ghi", "global horizontal irradiation of the month", "kWh/m**2", required=False, above=0, maximum=400),
        number(
            "clear_sky_index", "mean irradiance over that of a clear sky", "1", required=False, above=0.12, maximum=1
        ),
        number("temperature", "mean air temperature at 2 m", "degC", required=False, minimum=-70, maximum=60),
        number("temperature_spread", "standard deviation of the day's mean", "K", required=False, above=0, maximum=20),
        number("temperature_swing", "half of the daily range", "K", required=False, minimum=0, maximum=20),
        *PROVENANCE,
    ),
)

WEATHER_SITES = Table(
    "weather_sites",
    "Where the wind blows, the sun shines and people live at a node, and how its wind varies.",
    ("node",),
    (
        text("node", "where", refers="nodes.node"),
        number("wind_lon", "longitude of the wind site", "degree", minimum=-180, maximum=180),
        number("wind_lat", "latitude of the wind site", "degree", minimum=-90, maximum=90),
        number("weibull_k", "shape of the distribution of wind speed at one site", "1", minimum=1, maximum=4),
        number(
            "wind_diurnal_summer", "amplitude of the daily cycle of wind speed in summer", "1", minimum=0, maximum=0.9
        ),
        number("sun_lon", "longitude of the solar site", "degree", minimum=-180, maximum=180),
        number("sun_lat", "latitude of the solar site", "degree", minimum=-90, maximum=90),
        number("altitude", "height of the sites above the sea", "m", minimum=-430, maximum=5000),
        number(
            "city_lon",
            "longitude of the city whose temperature drives load and heat",
            "degree",
            minimum=-180,
            maximum=180,
        ),
        number("city_lat", "latitude of that city", "degree", minimum=-90, maximum=90),
        *PROVENANCE,
    ),
    required=False,
)

LOAD_SHAPE = Table(
    "load_shape",
    "Hourly electricity load against the yearly mean, of all users or of a sector.",
    ("sector", "month", "hour", "daytype"),
    (
        text("sector", "which users; `all` where sectors are not told apart", required=False, default="all"),
        number("month", "1 to 12", "1", minimum=1, maximum=12, whole=True),
        number("hour", "0 to 23, local time, start of the hour", "1", minimum=0, maximum=23, whole=True),
        text("daytype", "workday or weekend", choices=("workday", "weekend")),
        number("value", "load against the yearly mean", "1", minimum=0),
        *PROVENANCE,
    ),
)

LOAD_SHARES = Table(
    "load_shares",
    "A sector's share of a node's yearly electricity; without rows every node has the shape of `all`.",
    ("node", "sector"),
    (
        text("node", "where", refers="nodes.node"),
        text("sector", "which users, as in load_shape.csv"),
        number("share", "share of the node's yearly use", "1", minimum=0, maximum=1),
        *PROVENANCE,
    ),
    required=False,
)

HEAT_SHAPE = Table(
    "heat_shape",
    "How a node's heat demand follows the temperature.",
    ("node",),
    (
        text("node", "where", refers="nodes.node"),
        number("heating_limit", "five-day mean at or below which heating is on", "degC", minimum=-20, maximum=25),
        number("indoor_temperature", "temperature up to which space is heated", "degC", minimum=10, maximum=25),
        number("smoothing", "time over which buildings even out the temperature", "day", above=0, maximum=10),
        number("hot_water_share", "share of hot water in the year's heat", "1", minimum=0, maximum=1),
        number("daily_amplitude", "amplitude of the daily cycle against its mean", "1", minimum=0, maximum=0.9),
        number("peak_hour", "local hour of the daily peak", "1", minimum=0, maximum=23, whole=True),
        *PROVENANCE,
    ),
    required=False,
)
