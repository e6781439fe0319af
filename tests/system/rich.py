"""A small study that uses every table, and small damages to its files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.studies import Row, Rows, flat, only, technology, write_study

Damage = Callable[[Path], None]

SECURE: dict[str, Any] = {"network": "dc", "loss_tangents": 2, "security": "n-1", "operating_reserve": True}
"""Settings by which a study uses its reactances, contingencies and operating reserve."""


def rich_study(folder: Path) -> Path:
    """Two nodes and one abroad, gas and electricity, plants, works, a store, links, a market, limits, goals, reserves.

    What keeps supply secure stands in the tables, and study.yaml asks for none of it but the margins; ``SECURE`` are
    the settings that do.
    """
    seasons = {"winter": range(1, 7), "summer": range(7, 13)}
    tables: dict[str, Any] = {**_places(), **_fleet(), **_limits(), **_reserves(), **_shapes()}
    return write_study(folder, *_technologies(), years=(2025, 2030), periods=seasons, step_hours=12, **tables)


def _technologies() -> list[Rows]:
    built: dict[str, Any] = {"capital_cost": 800.0, "lifetime": 25.0, "wacc": 0.05}
    wind: Row = {"group": "wind", "availability": "wind_cf", "tags": "renewable"}
    stored: dict[str, Any] = {"duration": 4.0, "charge_efficiency": 0.9, "discharge_efficiency": 0.9}
    line: dict[str, Any] = {"lifetime": 40.0, "wacc": 0.05, "length_cost": 1.0, "loss": 0.02, "loss_length": 100.0}
    return [
        technology("steam", takes={"gas": 2.5}, variable_cost=2, lifetime=40, fixed_cost=20, wacc=0.05),
        technology("turbine", takes={"gas": 2}, **built),
        technology("wind", declared=wind, **built),
        technology("battery", kind="storage", declared={"group": "storage"}, **built, **stored),
        technology("line", kind="link", **line),
        technology(
            "lake", kind="storage", gives={"water": 1}, declared={"cycle": "year"}, **{**stored, "duration": 900.0}
        ),
        technology("cable", kind="link", **line),
    ]


def _places() -> dict[str, list[Row]]:
    gas: Row = {"unit": "TWh", "resolution": "period", "unserved_price": "", "excess_price": "", "co2_factor": 0.2}
    cable = {"technology": "cable", "reactance": 40, "voltage": "220", "circuits": "1"}
    corridor = {"expansion": 0.5, "reactance": 50, "voltage": "500+220", "circuits": "1+2", "emergency": 1.2}
    return {
        "nodes": [{"node": "abroad", "kind": "outside", "zone": "outside"}],
        "commodities": [{"commodity": "gas", **gas}, {"commodity": "water", "excess_price": 0}],
        "demands": [flat("north", 1.2, 2030), flat("south", 0.8, 2030)],
        "fuels": [
            {"price": 10},
            {"price": 12, "year": 2030},
            {"commodity": "water", "annual_limit": 5000, "profile": "even"},
        ],
        "markets": [{"market": "abroad_import"}, {"market": "abroad_import", "year": 2030, "price": 40}],
        "links": [
            {"link": "north_south"} | corridor,
            {"link": "south_abroad", "from_node": "south", "to_node": "abroad"},
            {"link": "second", "status": "candidate", "first_year": 2030, "capital_cost": 150, "capacity": 0.5} | cable,
        ],
        "interfaces": [{"interface": "southward", "limit": 1.2}],
        "interface_members": [{"link": "north_south"}, {"link": "second", "uplift": 0.3}],
    }


def _fleet() -> dict[str, list[Row]]:
    works = {"from_technology": "steam", "to_technology": "steam"}
    return {
        "plants": only(
            {"plant": "Old", "capacity": 2},
            {"plant": "Steam", "technology": "steam", "capacity": 1, "start_year": 1998},
            {"plant": "Coming", "technology": "turbine", "status": "committed", "capacity": 0.5, "start_year": 2028},
            {"plant": "Maybe", "technology": "wind", "node": "south", "status": "candidate", "start_year": 2029},
            {"plant": "Lake", "technology": "lake", "capacity": 0.1, "closing_year": 2060},
        ),
        "options": [
            {"option": "extend", **works},
            {"option": "modernise", **works, "to_technology": "turbine", "share": 0.5},
            {"option": "extend", **works, "plant": "Steam", "years": 10},
        ],
        "candidates": [
            {"technology": "wind", "node": "south", "potential": 3},
            {"technology": "battery", "node": "south"},
        ],
        "project_rules": [
            {"project": "Maybe", "other": "second"},
            {"project": "wind@south", "rule": "excludes", "other": "battery@south"},
        ],
    }


def _limits() -> dict[str, list[Row]]:
    share: Row = {"target": "share", "year": 2030}
    return {
        "build_limits": [
            {"limit": "wind_pace", "select": "wind", "rate": 0.5},
            {"limit": "turbine_pace", "select": "turbine"},
        ],
        "energy_limits": [{"full_load_hours": 8000}],
        "emissions": [{"price": 5}, {"year": 2030, "price": 10, "cap": 20}],
        "targets": [
            {"year": 2030, "penalty": 200},
            {**share, "unit": "TWh", "value": 0, "penalty": 300},
            {"target": "secure", "sense": "max", "year": 2030, "value": 0, "penalty": 400},
        ],
        "target_terms": [
            {"select": "wind"},
            {"target": "share", "measure": "delivered", "select": "renewable"},
            {"target": "share", "measure": "demand", "select": "electricity", "coefficient": -0.15},
            {"target": "secure", "measure": "insecure", "select": "all"},
        ],
    }


def _reserves() -> dict[str, list[Row]]:
    """Margins, operating reserve, contingencies, and what of the fleet counts."""
    ready: Row = {"zone": "home", "year": 2030, "largest_unit": 0.5, "load_share": 0.03, "wind_share": 0.1}
    counted = (("steam", "capacity_credit", 0.85), ("steam", "response", 0.2), ("battery", "response", 1))
    return {
        "reserve_margins": [
            {"zone": "home", "year": 2030, "margin": 0.1, "penalty": 200},
            {"year": 2030, "margin": 0.15, "firm_imports": 0.2, "penalty": 200},
        ],
        "operating_reserves": [{**ready, "penalty": 300}],
        "contingencies": [
            {"contingency": "loss of a circuit north - south", "link": "north_south", "first_year": 2030},
            {"contingency": "loss of a unit", "node": "north", "lost": 0.5, "first_year": 2030},
        ],
        "technology_values": [
            {"technology": name, "quantity": quantity, "value": value, "unit": "1"} for name, quantity, value in counted
        ],
    }


def _shapes() -> dict[str, list[Row]]:
    """What load, heat and hourly weather are made from."""
    site: Row = {
        **{f"{kind}_{axis}": place for kind in ("wind", "sun", "city") for axis, place in (("lon", 70), ("lat", 50))},
        "weibull_k": 2,
        "wind_diurnal_summer": 0.1,
        "altitude": 300,
    }
    heat: Row = {
        "heating_limit": 8,
        "indoor_temperature": 18,
        "smoothing": 1.5,
        "hot_water_share": 0.2,
        "daily_amplitude": 0.05,
        "peak_hour": 7,
    }
    return {
        "weather_sites": [{"node": node, **site} for node in ("north", "south")],
        "load_shares": [{"node": node, "sector": "all", "share": 1} for node in ("north", "south")],
        "heat_shape": [{"node": "north", **heat}],
    }


def cell(table: str, line: int, column: str, text: str) -> Damage:
    """Write ``text`` into a cell; ``line`` as an editor counts, the header is 1."""
    return _edited(table, lambda rows: rows[line - 1].__setitem__(_place(rows, column), text))


def column(table: str, name: str, header: str) -> Damage:
    """Write another header over a column."""
    return _edited(table, lambda rows: rows[0].__setitem__(_place(rows, name), header))


def without_column(table: str, name: str) -> Damage:
    """Take a column out."""

    def change(rows: list[list[str]]) -> None:
        place = _place(rows, name)
        for row in rows:
            del row[place]

    return _edited(table, change)


def without_row(table: str, line: int) -> Damage:
    """Take a row out."""
    return _edited(table, lambda rows: rows.__delitem__(line - 1))


def row(table: str, *cells: str) -> Damage:
    """Add a row that holds just these cells."""
    return _edited(table, lambda rows: rows.append(list(cells)))


def again(table: str, line: int, **cells: str) -> Damage:
    """Add a copy of a row with some cells changed."""

    def change(rows: list[list[str]]) -> None:
        copy = list(rows[line - 1])
        for name, text in cells.items():
            copy[_place(rows, name)] = text
        rows.append(copy)

    return _edited(table, change)


def setting(**values: object) -> Damage:
    """Change settings of study.yaml; None takes one out."""

    def damage(folder: Path) -> None:
        path = folder / "study.yaml"
        content = {**yaml.safe_load(path.read_text(encoding="utf-8")), **values}
        path.write_text(yaml.safe_dump({k: v for k, v in content.items() if v is not None}), encoding="utf-8")

    return damage


def content(file: str, data: bytes) -> Damage:
    """Write other bytes into a file."""

    def damage(folder: Path) -> None:
        (folder / file).write_bytes(data)

    return damage


def missing(file: str) -> Damage:
    """Delete a file."""
    return lambda folder: (folder / file).unlink()


def both(*damages: Damage) -> Damage:
    """Several damages, one after the other."""

    def damage(folder: Path) -> None:
        for one in damages:
            one(folder)

    return damage


def rows_of(folder: Path, table: str) -> list[list[str]]:
    """The cells of a file, header first."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def _edited(table: str, change: Callable[[list[list[str]]], object]) -> Damage:
    def damage(folder: Path) -> None:
        rows = rows_of(folder, table)
        change(rows)
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    return damage


def _place(rows: list[list[str]], column: str) -> int:
    return [name.split(" [")[0] for name in rows[0]].index(column)


def made(kind: str, *arguments: Any) -> Damage:
    """A damage from its name and arguments, as wrong_inputs.yaml writes them; named ones in a mapping at the end."""
    kinds: dict[str, Callable[..., Damage]] = {
        "cell": cell,
        "column": column,
        "without_column": without_column,
        "without_row": without_row,
        "row": row,
        "again": again,
        "setting": setting,
    }
    named = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
    return kinds[kind](*(arguments[:-1] if named else arguments), **named)
