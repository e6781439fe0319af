"""What must be true of the tables of a study; every check runs and every fault is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from model.system.check_assets import check_asset_names, check_options, check_plants, check_potentials, check_supply
from model.system.check_geography import check_layers, check_routes
from model.system.check_goals import check_targets
from model.system.check_policy import (
    check_demands,
    check_limits,
    check_network,
    check_rules,
    check_trade,
)
from model.system.check_profiles import check_profiles
from model.system.check_security import (
    check_contingencies,
    check_power_network,
    check_ratings,
    check_reserves,
    check_security_settings,
)
from model.system.check_tables import (
    Tables,
    check_keys,
    check_names,
    check_quantities,
    check_references,
    check_rows,
    check_units,
)
from model.system.check_technologies import check_cycles, check_modes, check_technologies
from model.system.check_time import check_periods
from model.system.check_weather import check_load, check_weather
from model.system.problems import Problem
from model.system.settings import Settings

Check = Callable[[Tables, Settings], list[Problem]]

CHECKS: tuple[Check, ...] = (
    check_rows,
    check_keys,
    check_names,
    check_references,
    check_quantities,
    check_units,
    check_technologies,
    check_modes,
    check_cycles,
    check_profiles,
    check_plants,
    check_asset_names,
    check_supply,
    check_options,
    check_potentials,
    check_network,
    check_rules,
    check_demands,
    check_trade,
    check_targets,
    check_limits,
    check_contingencies,
    check_ratings,
    check_power_network,
    check_reserves,
    check_security_settings,
    check_routes,
    check_layers,
    check_periods,
    check_weather,
    check_load,
)


def run_checks(tables: Tables, settings: Settings) -> list[Problem]:
    """All problems that any check finds."""
    return [problem for check in CHECKS for problem in check(tables, settings)]


def assumptions(tables: Tables) -> Iterable[tuple[str, int]]:
    """How many rows of each table are assumptions of ours."""
    for name, table in tables.items():
        if "quality" in table:
            count = int((table["quality"] == "assumption").sum())
            if count:
                yield name, count
