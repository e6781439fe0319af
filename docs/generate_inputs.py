"""The page of the inputs, from the declarations of the tables and what the study of Kazakhstan holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
import yaml
from pages import INPUTS, code, finish, table

from model.system.raw import FILE
from model.system.read import Inputs
from model.system.schema import QUALITIES, Column, Quantity, Table
from model.system.settings import Settings
from model.system.tables import TABLES
from model.system.values import TechnologyValues

INTRODUCTION = """# Inputs

A study is a folder: `study.yaml`, one CSV file for each table below, and `scenarios/NAME.yaml` for named
changes. Columns may stand in any order; optional ones may be left out, and so may optional tables. `python
run.py check STUDY` lists every error with file, row and column.

- `sectors` in study.yaml names folders of the study, such as `gas/`. Each may hold any of the tables, with units of its
  own in the headers; its rows are added to those of the study's folder. `base` names a study beside this one, whose
  tables stand where this one has no file. Messages name the file a row came from.
- A column with a unit says it in its header, `capacity [MW]`, and is converted; where the unit below is *the
  row's*, each row says it in its `unit` column. `{capacity}` and `{activity}` stand for the units of the row's
  technology (GW and GWh, or Mt/year and Mt), `{commodity}` for the unit of the row's commodity, `{unit}` for
  the row's own unit.
- Maps take `lon` and `lat` of nodes, and where they are given: `route` of links.csv, way points between the ends;
  `layer` of technologies.csv, what kind of way a link is; `outline` and `areas` of study.yaml, GeoJSON files with the
  border of the country and the area of each node; a file that the study lacks is that of its `base`. These four
  change no plan.
- Tables that hold money have a `price_year`; amounts of other years are brought to the study's by its
  `price_index`.
- `source`, `quality` and `notes` say where a row comes from and how well it is known: measured, reported,
  estimated, or an assumption. Runs count the assumptions they rest on.
"""

PROVENANCE = {"source", "quality", "notes"}


def page() -> str:
    """The page as Markdown."""
    study = Inputs.read(INPUTS / "kazakhstan")
    parts = [INTRODUCTION, *settings(study.settings), "\n## Tables\n"]
    listed = ((link(declared.name), declared.doc, "yes" if declared.required else "") for declared in TABLES)
    parts.append(table(("table", "one row is", "needed"), listed))
    for declared in TABLES:
        parts += described(declared)
    return "\n".join([*parts, *scenarios(), *knowledge(study), *past_life(study)])


def settings(chosen: Settings) -> Iterator[str]:
    """The settings of study.yaml."""
    rows = [
        (
            code(name),
            "needed" if field.is_required() else code(value(field.get_default(call_default_factory=True))),
            value(getattr(chosen, name)),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    yield "## study.yaml\n"
    yield table(("setting", "default", "Kazakhstan", "meaning"), rows)


def described(declared: Table) -> Iterator[str]:
    """A table: its key, columns and quantities."""
    yield f"\n### {declared.name}\n\n{declared.doc}\n\nKey: {', '.join(code(name) for name in declared.key)}.\n"
    columns = [column for column in declared.columns if column.name not in PROVENANCE]
    rows = [(code(c.name), unit(c), needed(c), c.rule(), c.doc) for c in columns]
    yield table(("column", "unit", "default", "rule", "meaning"), rows)
    if len(columns) < len(declared.columns):
        yield "\nAnd `source`, `quality`, `notes`."
    if declared.quantities:
        yield f"\nQuantities of {code(declared.file)}:\n"
        quantities = ((code(q.name), q.unit, bounds(q), q.doc) for q in declared.quantities)
        yield table(("quantity", "unit", "rule", "meaning"), quantities)


def unit(column: Column) -> str:
    """The unit the product works in."""
    if column.kind != "number":
        return column.kind
    return f"the row's, as {column.unit}" if column.row_unit else column.unit


def needed(column: Column) -> str:
    """What an empty cell means."""
    if column.default is not None:
        return code(value(column.default)) or "none"
    return "needed" if column.required else "none"


def bounds(quantity: Quantity) -> str:
    """The bounds of a quantity in words."""
    return Column("", "", minimum=quantity.minimum, maximum=quantity.maximum, above=quantity.above).rule()


def scenarios() -> Iterator[str]:
    """The scenarios of the study of Kazakhstan."""
    read = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((INPUTS / "kazakhstan" / "scenarios").glob("*.yaml"))
    }
    yield "\n## Scenarios of Kazakhstan\n"
    yield "`python run.py plan --scenario NAME`; without one, `base`: as the tables say.\n"
    rows = ((code(name), said.get("title", ""), said.get("description", "")) for name, said in read.items())
    yield table(("name", "title", "what changes"), rows)


def knowledge(study: Inputs) -> Iterator[str]:
    """How well the rows of Kazakhstan are known, by sector and by table."""
    yield "\n## How well Kazakhstan is known\n"
    yield "Rows by quality; where they come from is in [its sources](../inputs/kazakhstan/SOURCES.md).\n"
    known = [frame[[FILE, "quality"]].assign(table=name) for name, frame in study.tables.items() if "quality" in frame]
    rows = pd.concat(known, ignore_index=True)
    folder = rows[FILE].str.extract(r"^(\w+)/", expand=False).fillna("")
    sectors = {"power": "", **{code(name): name for name in study.settings.sectors}}
    totals = ("all", *qualities(rows))
    by_sector = ((shown, *qualities(rows[folder == name])) for shown, name in sectors.items())
    yield table(("sector", "rows", *QUALITIES), [*by_sector, totals])
    by_table = ((link(str(name)), *qualities(part)) for name, part in rows.groupby("table", sort=False))
    yield "\n" + table(("table", "rows", *QUALITIES), [*by_table, totals])


def qualities(rows: pd.DataFrame) -> tuple[int, ...]:
    """How many rows there are, and how many of each quality."""
    return (len(rows), *(int((rows["quality"] == quality).sum()) for quality in QUALITIES))


def past_life(study: Inputs) -> Iterator[str]:
    """Operating plants whose life has ended, and until when each runs."""
    chosen, values = study.settings, TechnologyValues(study.tables["technology_values"])
    plants = study.tables["plants"]
    plants = plants[(plants["status"] == "operating") & plants["closing_year"].isna()]
    units = study.tables["technologies"].set_index("technology")["capacity_unit"]
    rows = [found for plant in plants.itertuples() if (found := overdue(plant, values, chosen, units))]
    yield "\n## Plants of Kazakhstan past their life\n"
    yield (
        f"Their life ends by {chosen.run_on_until}, and no closing year is published. They run on until the end of "
        f"{chosen.run_on_until} (`run_on_until`) and close then, unless works renew them "
        "(see [closing years](decisions/closing-year.md)).\n"
    )
    header = ("plant", "node", "technology", "capacity", "last renewed", "end of life")
    yield table(header, sorted(rows, key=lambda row: (row[5], row[0])))


def overdue(
    plant: Any, values: TechnologyValues, chosen: Settings, units: pd.Series
) -> tuple[str, str, str, str, int, int] | None:
    """The row of a plant whose life ends before it may no longer run; None for others."""
    life = values.constant(plant.technology, "lifetime", math.inf)
    renewed = plant.start_year if pd.isna(plant.modernisation_year) else plant.modernisation_year
    if renewed + life > chosen.run_on_until:
        return None
    size = f"{plant.capacity:.3f} {units[plant.technology]}"
    return (plant.plant, plant.node, code(plant.technology), size, int(renewed), int(renewed + life))


def value(given: object) -> str:
    """A setting or default as one would write it."""
    if isinstance(given, tuple):
        return ", ".join(str(part) for part in given)
    return "" if given == {} else f"{given:g}" if isinstance(given, float) else str(given)


def link(name: str) -> str:
    """A table's name, leading to its section."""
    return f"[{code(name)}](#{name})"


if __name__ == "__main__":
    finish("inputs.md", "generate_inputs.py", page)
