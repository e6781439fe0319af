"""The tables of a study folder, in the order in which one would explain them."""

from __future__ import annotations

from model.system.schema import Table
from model.system.tables_network import INTERFACE_MEMBERS, INTERFACES, LINKS, NODES
from model.system.tables_plants import BUILD_LIMITS, CANDIDATES, OPTIONS, PLANTS, PROJECT_RULES
from model.system.tables_policy import EMISSIONS, ENERGY_LIMITS, TARGET_TERMS, TARGETS
from model.system.tables_security import CONTINGENCIES, OPERATING_RESERVES, RESERVE_MARGINS
from model.system.tables_technologies import COMMODITIES, MODES, PORTS, TECHNOLOGIES, VALUES
from model.system.tables_time import (
    HEAT_SHAPE,
    LOAD_SHAPE,
    LOAD_SHARES,
    MONTHLY_PROFILES,
    PERIODS,
    WEATHER,
    WEATHER_SITES,
)
from model.system.tables_trade import DEMANDS, FUELS, MARKETS

TABLES: tuple[Table, ...] = (
    NODES,
    COMMODITIES,
    TECHNOLOGIES,
    VALUES,
    MODES,
    PORTS,
    PLANTS,
    OPTIONS,
    CANDIDATES,
    PROJECT_RULES,
    BUILD_LIMITS,
    LINKS,
    INTERFACES,
    INTERFACE_MEMBERS,
    CONTINGENCIES,
    RESERVE_MARGINS,
    OPERATING_RESERVES,
    DEMANDS,
    FUELS,
    MARKETS,
    ENERGY_LIMITS,
    MONTHLY_PROFILES,
    EMISSIONS,
    TARGETS,
    TARGET_TERMS,
    PERIODS,
    WEATHER,
    WEATHER_SITES,
    LOAD_SHAPE,
    LOAD_SHARES,
    HEAT_SHAPE,
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
