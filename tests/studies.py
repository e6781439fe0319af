"""Tiny studies that a person can solve by hand, written as a real study folder.

The default study has two nodes, ``north`` and ``south``, and one commodity, electricity. The plant ``Old`` (technology
``old``, 2 GW, 20 USD/MWh, no fuel) stands in the north; the link ``north_south`` (technology ``line``, 1 GW, no losses)
carries its output. Demand is flat: 1 GW in the north, 0.5 GW in the south. There is one planning year and one step that
lasts a day and stands for the whole year, so the cost of the default study is 1.5 GW x 8,760 h x 20 USD/MWh = 262.8
million USD.

    inputs = small_study(
        tmp_path,
        technology("new", variable_cost=10, capital_cost=1000, lifetime=20, wacc=0),
        years=(2025, 2030),
        candidates=[{"technology": "new", "node": "south", "potential": 0.2}],
        demands=[flat("north", 1.2), flat("south", 0.5)],
    )
    program = compiled(inputs)

- Every table is a keyword: rows with a key of the default study change that row, others are added to it. What a row
  does not say comes from ``ROW`` (capacities in GW, energy in GWh, money in USD of 2025: USD/MWh, USD/kW).
- ``only(...)`` around the rows leaves out the default ones; ``plants=only()`` is a table without rows.
- ``technology(...)`` makes a technology with its numbers, mode and ports in one line; ``flat`` makes a flat demand.
- ``periods={"winter": range(1, 7), "summer": range(7, 13)}`` makes one typical day for each group of months, with the
  days of those months; ``step_hours=12`` makes two steps a day; ``load=lambda month, hour: ...`` shapes the demand (its
  mean over the year is brought to 1).
- Any other setting of study.yaml is a keyword too: ``social_discount_rate=0.05``, ``run_on_until=2030``.
- ``drop={"plants": ["capacity"]}`` leaves out columns, for tests of what happens then.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import LinearProgram
from model.system.read import Inputs
from model.system.schema import Table
from model.system.settings import Settings
from model.system.tables import BY_NAME
from model.time.calendar import DAYS_IN_MONTH
from model.time.typical import typical_days

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Load = Callable[[int, int], float]

HOURS = 8760
"""Hours of the model year: 1 GW of flat demand is 8,760 GWh."""

UNITS = {
    "capacity": "GW",
    "heat_capacity": "GW",
    "modernised_capacity": "GW",
    "added_capacity": "GW",
    "firm_imports": "GW",
    "largest_unit": "GW",
    "lost": "GW",
    "potential": "GW",
    "expansion": "GW",
    "limit": "GW",
    "uplift": "GW",
    "rate": "GW/year",
    "length": "km",
    "reactance": "ohm",
    "capital_cost": "USD/kW",
    "years": "year",
    "delay": "hour",
    "outage_years": "year",
    "full_load_hours": "hour/year",
    "annual_limit": "GWh",
    "cap": "Mt",
}
"""Units that headers say; the exceptions of single tables are in ``TABLE_UNITS``."""

TABLE_UNITS = {
    "commodities": {
        "unserved_price": "USD/MWh",
        "excess_price": "USD/MWh",
        "co2_factor": "t/MWh",
        "heat_content": "MWh/({unit})",
    },
    "ports": {"length_yield": "({commodity})/({activity})/km"},
    "links": {"variable_cost": "USD/MWh"},
    "reserve_margins": {"penalty": "USD/kW/year"},
    "operating_reserves": {"penalty": "USD/MWh"},
    "emissions": {"price": "USD/t"},
    "targets": {"penalty": "million_USD/({unit})"},
    "fuels": {"annual_limit": "GWh"},
    "weather": {"ghi": "kWh/m**2", "temperature": "degC", "temperature_spread": "K", "temperature_swing": "K"},
    "weather_sites": {
        **dict.fromkeys(("wind_lon", "wind_lat", "sun_lon", "sun_lat", "city_lon", "city_lat"), "degree"),
        "altitude": "m",
    },
    "heat_shape": {"heating_limit": "degC", "indoor_temperature": "degC", "smoothing": "day"},
}

VALUE_UNITS = {
    "capital_cost": "USD/kW",
    "fixed_cost": "USD/kW/year",
    "length_cost": "USD/kW/km",
    "lifetime": "year",
    "length_fixed_cost": "USD/kW/year/km",
    "wacc": "1/year",
    "ramp_rate": "1/hour",
    "start_cost": "USD/MW",
    "duration": "hour",
    "standing_loss": "1/hour",
    "loss_length": "km",
    "first_year": "year",
}
"""Units in which ``technology`` takes its quantities; those not named are shares."""

ROW: dict[str, Row] = {
    "nodes": {"zone": "home", "kind": "inside", "lon": 70, "lat": 50},
    "commodities": {"unit": "GWh", "resolution": "step", "unserved_price": 1000, "excess_price": 1000},
    "technologies": {"group": "thermal", "kind": "conversion"},
    "modes": {"mode": "run", "variable_cost": 0, "unit": "USD/MWh"},
    "ports": {"mode": "run", "commodity": "electricity", "place": "here", "yield": 1, "unit": "MWh/MWh"},
    "plants": {"node": "north", "technology": "old", "status": "operating", "capacity": 1, "start_year": 2000},
    "options": {
        "option": "extend",
        "from_technology": "old",
        "to_technology": "old",
        "ratio": 1,
        "capital_cost": 100,
        "years": 20,
        "first_year": 2026,
    },
    "candidates": {"technology": "old", "node": "north", "potential": 10},
    "project_rules": {"rule": "requires"},
    "build_limits": {"limit": "pace", "select": "old", "year": 2025, "rate": 1},
    "links": {
        "from_node": "north",
        "to_node": "south",
        "technology": "line",
        "status": "existing",
        "capacity": 1,
        "length": 100,
    },
    "interfaces": {"limit": 1},
    "interface_members": {"interface": "southward", "link": "north_south", "direction": 1},
    "reserve_margins": {"zone": "all", "year": 2025, "margin": 0},
    "operating_reserves": {
        "zone": "all",
        "year": 2025,
        **dict.fromkeys(("largest_unit", "load_share", "wind_share", "solar_share"), 0),
    },
    "demands": {"node": "north", "commodity": "electricity", "year": 2025, "value": HOURS, "unit": "GWh"},
    "fuels": {"commodity": "gas", "node": "north", "year": 2025, "price": 10, "unit": "USD/MWh"},
    "markets": {
        "node": "abroad",
        "commodity": "electricity",
        "direction": "import",
        "year": 2025,
        "price": 30,
        "unit": "USD/MWh",
        "capacity": 1,
        "annual_limit": HOURS,
    },
    "energy_limits": {"technology": "old", "sense": "max", "full_load_hours": 4380, "profile": "even"},
    "emissions": {"year": 2025, "price": 0},
    "targets": {"target": "goal", "sense": "min", "year": 2025, "value": 1, "unit": "GW", "penalty": 100},
    "target_terms": {"target": "goal", "measure": "capacity", "select": "old"},
    "periods": {"daytype": "mean", "wind": 1, "sun": 1},
    "weather": {"wind_cf": 0.5, "pv_fixed_cf": 0.25, "wind_diurnal": 0},
}
"""What a row says where a test does not say it; names follow the key, source and quality are filled in."""


class Only(list[Row]):
    """Rows that stand in place of the default ones."""


def only(*rows: Row) -> Only:
    """``rows`` without the default rows of their table."""
    return Only(rows)


def flat(node: str, gigawatt: float, year: int = 2025, **more: Any) -> Row:
    """A row of demands.csv: so many GW in every hour."""
    return {"node": node, "year": year, "value": gigawatt * HOURS, **more}


def technology(
    name: str,
    *,
    variable_cost: float = 0,
    gives: Mapping[str, float] | None = None,
    takes: Mapping[str, float] | None = None,
    kind: str = "conversion",
    declared: Row | None = None,
    **values: float,
) -> Rows:
    """A technology with one mode ``run`` (a link has ``forward`` and ``backward``), its ports and its numbers.

    ``gives`` and ``takes`` are quantities per unit of operation, electricity 1 by default; ``values`` are quantities of
    technology_values.csv in ``VALUE_UNITS``; ``declared`` is what else technologies.csv says, such as tags.
    """
    directions = {"forward": ("from", "to"), "backward": ("to", "from")}
    moved = dict(gives or {"electricity": 1.0})
    modes, ports = (list(directions) if kind == "link" else ["run"]), []
    if kind == "link":
        for mode, places in directions.items():
            for place, sign in zip(places, (-1, 1), strict=True):
                ports += [
                    {"technology": name, "mode": mode, "commodity": c, "place": place, "yield": sign * v}
                    for c, v in moved.items()
                ]
    else:
        signed = {**moved, **{commodity: -amount for commodity, amount in (takes or {}).items()}}
        ports = [{"technology": name, "commodity": c, "yield": amount} for c, amount in signed.items()]
    return {
        "technologies": [{"technology": name, "kind": kind, **(declared or {})}],
        "modes": [{"technology": name, "mode": mode, "variable_cost": variable_cost} for mode in modes],
        "ports": ports,
        "technology_values": [
            {"technology": name, "quantity": quantity, "value": value, "unit": VALUE_UNITS.get(quantity, "1")}
            for quantity, value in values.items()
        ],
    }


def small_study(folder: Path, *parts: Rows, **options: Any) -> Inputs:
    """The study of ``write_study``, read; InvalidStudy where a file cannot be used."""
    return Inputs.read(write_study(folder, *parts, **options))


def write_study(
    folder: Path,
    *parts: Rows,
    years: tuple[int, ...] = (2025,),
    periods: Mapping[str, Iterable[int]] | list[Row] | None = None,
    load: Load | None = None,
    drop: Mapping[str, Iterable[str]] | None = None,
    **options: Any,
) -> Path:
    """Write the default study with the changes that the module's docstring describes; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    changes = {name: rows for name, rows in options.items() if name in BY_NAME}
    settings = {name: value for name, value in options.items() if name not in BY_NAME}
    if unknown := set(settings) - set(Settings.model_fields):
        raise TypeError(f"neither tables nor settings: {sorted(unknown)}")
    tables = _defaults(load or (lambda month, hour: 1.0))
    tables["periods"] = _periods(periods if periods is not None else {"all": range(1, 13)})
    for part in (*parts, changes):
        for name, rows in part.items():
            tables[name] = _merged(BY_NAME[name], [] if isinstance(rows, Only) else tables.get(name, []), rows)
    for name, rows in tables.items():
        _write(folder, BY_NAME[name], rows, set((drop or {}).get(name, ())))
    step = years[-1] - years[-2] if len(years) > 1 else 1
    content = {
        "name": "small",
        "title": "Small study",
        "price_year": 2025,
        "years": list(years),
        "horizon_end": years[-1] + step,
        "social_discount_rate": 0.0,
        "step_hours": 24,
        **settings,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return folder


def compiled(inputs: Inputs) -> LinearProgram:
    """The linear program of a study."""
    return compile_lp(state_plan(inputs.system, typical_days(inputs.tables, inputs.settings)))


def _defaults(load: Load) -> Rows:
    months = range(1, 13)
    tables: Rows = {
        "nodes": [{"node": "north"}, {"node": "south"}],
        "commodities": [{"commodity": "electricity"}],
        "plants": [{"plant": "Old", "capacity": 2}],
        "links": [{"link": "north_south"}],
        "demands": [flat("north", 1), flat("south", 0.5)],
        "monthly_profiles": [{"profile": "even", "month": m, "value": DAYS_IN_MONTH[m - 1] / 365} for m in months],
        "weather": [{"node": node, "month": month} for node in ("north", "south") for month in months],
        "load_shape": [
            {"month": m, "hour": h, "daytype": d, "value": load(m, h)}
            for m in months
            for h in range(24)
            for d in ("workday", "weekend")
        ],
    }
    for part in (
        technology("old", variable_cost=20, lifetime=100, wacc=0),
        technology("line", kind="link", lifetime=40, wacc=0),
    ):
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    return tables


def _periods(periods: Mapping[str, Iterable[int]] | list[Row]) -> list[Row]:
    if isinstance(periods, list):
        return periods
    grouped = {name: list(months) for name, months in periods.items()}
    return [
        {
            "period": name,
            "months": ";".join(str(month) for month in months),
            "days": sum(int(DAYS_IN_MONTH[month - 1]) for month in months),
        }
        for name, months in grouped.items()
    ]


def _merged(table: Table, before: list[Row], rows: Iterable[Row]) -> list[Row]:
    found = {_key(table, row): row for row in before}
    for row in rows:
        key = _key(table, row)
        found[key] = {**found.get(key, {}), **row}
    return list(found.values())


def _key(table: Table, row: Row) -> tuple[str, ...]:
    full = {**ROW.get(table.name, {}), **row}
    return tuple(str(full.get(name, "")) for name in table.key)


def _write(folder: Path, table: Table, rows: list[Row], dropped: set[str]) -> None:
    names = [name for name in table.names() if name not in dropped]
    units = {**UNITS, **TABLE_UNITS.get(table.name, {})}
    own_unit = {
        column.name for column in table.columns if column.row_unit or column.kind != "number" or column.unit == "1"
    }
    header = [name if name in own_unit or name not in units else f"{name} [{units[name]}]" for name in names]
    with (folder / table.file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            if unknown := set(row) - set(table.names()):
                raise TypeError(f"{table.file} has no columns {sorted(unknown)}")
            given = {"price_year": 2025, "source": "made up", "quality": "assumption", **ROW.get(table.name, {}), **row}
            given.setdefault("name", given.get(table.key[0], ""))
            writer.writerow([given.get(name, "") for name in names])
