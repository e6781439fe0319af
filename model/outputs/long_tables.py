"""Results as tidy tables, from which the whole Dataset can be made again: one table for each set of dims.

A dim has a table of its labels with everything told of each (``technologies``: name, group, unit); variables over two
dims or more stand side by side in a table named after its dims (``technology_node_year``: capacity, generation).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.cf.units import MIXED

ZERO, EMPTY = "zero", "empty"
"""What a row that is not there says of a column."""

REFERENCES = {
    "area_node": "node",
    "asset_node": "node",
    "asset_technology": "technology",
    "balance_row_commodity": "commodity",
    "balance_row_node": "node",
    "contingency_link": "link",
    "critical_contingency": "contingency",
    "critical_step": "step",
    "link_commodity": "commodity",
    "link_from": "node",
    "link_to": "node",
    "plant_node": "node",
    "plant_technology": "technology",
    "route_link": "link",
    "slot_period": "period",
    "step_period": "period",
    "store_commodity": "commodity",
    "technology_keeps": "commodity",
    "technology_product": "commodity",
}
"""Texts that are labels of a dim."""

WAYS = {
    ("technology", "asset"): "asset_technology",
    ("technology", "plant"): "plant_technology",
    ("commodity", "store"): "store_commodity",
    ("commodity", "balance_row"): "balance_row_commodity",
    ("commodity", "seasonal_store"): "store_commodity",
}
"""The variable that leads from a dim to the thing whose unit its rows have."""

SINGLE_DIGITS = 7
"""Digits that single precision holds."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IRREGULAR = {"vertex": "vertices", "day_of_year": "days_of_year"}


@dataclass(frozen=True)
class Field:
    """A column: ``kind`` is string, integer or number; ``unit`` is empty for texts and labels.

    ``unit_column`` names the column that tells the unit of each row where rows differ; ``absent`` says what a row that
    is not there means: the value zero, or none.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    unit_column: str = ""
    absent: str = EMPTY


@dataclass(frozen=True)
class LongTable:
    """A tidy table: ``key`` are the columns that name a row, ``references`` the table and column of labels used."""

    name: str
    title: str
    frame: pd.DataFrame
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    references: Mapping[str, tuple[str, str]]


def long_tables(results: xr.Dataset) -> dict[str, LongTable]:
    """Every variable of ``results`` in one table each, by the name of the table, as ``each_table`` gives them."""
    return {table.name: table for table in each_table(results)}


def each_table(results: xr.Dataset) -> Iterator[LongTable]:
    """The tables of ``results`` one after another, for those that are too large to stand side by side in memory.

    Tables of labels come first. Columns have the names of dims and variables. Of two dims or more, rows are left out
    that say nothing: those whose numbers are all zero, or empty where a variable is empty somewhere. ValueError for a
    name that is no plain word and for a unit that no variable tells.
    """
    for name in [*results.dims, *results.variables]:
        if not _NAME.fullmatch(str(name)):
            raise ValueError(f"{name!r} is no name of a table or column")
    alone = [str(name) for name, variable in results.data_vars.items() if not variable.dims]
    if alone:
        raise ValueError(f"{', '.join(alone)} have no dims and belong to no table")
    yield from (_of_dim(results, str(dim)) for dim in results.dims)
    sets = dict.fromkeys(tuple(map(str, v.dims)) for v in results.data_vars.values() if len(v.dims) > 1)
    yield from (_of_dims(results, dims) for dims in sets)


def plural(dim: str) -> str:
    """The name of the table of a dim's labels."""
    for single, several in _IRREGULAR.items():
        if dim.endswith(single):
            return dim.removesuffix(single) + several
    return dim.removesuffix("y") + "ies" if dim.endswith("y") else dim + "s"


def labels(results: xr.Dataset, dim: str) -> np.ndarray:
    """The labels of a dim; numbers from 1 where it has none."""
    if dim in results.coords:
        return np.asarray(results[dim].to_numpy())
    return np.arange(1, results.sizes[dim] + 1)


def widened(results: xr.Dataset) -> xr.Dataset:
    """The results with figures that a file holds in single precision as ``decimal`` gives them; those by step stay."""
    single = {
        name: variable.copy(data=decimal(variable.to_numpy()))
        for name, variable in results.data_vars.items()
        if variable.dtype == np.float32 and "step" not in variable.dims
    }
    return results.assign(single)


def decimal(values: np.ndarray) -> np.ndarray:
    """Numbers of single precision as those of seven digits that they stand for: 7.515, not 7.51499987."""
    if values.dtype != np.float32:
        return values
    wide = values.astype(float)
    counts = np.isfinite(wide) & (wide != 0)
    scale = 10.0 ** (SINGLE_DIGITS - 1 - np.floor(np.log10(np.abs(wide[counts]))))
    wide[counts] = np.round(wide[counts] * scale) / scale
    return wide


def unit_by_row(results: xr.Dataset, dims: tuple[str, ...], word: str) -> tuple[str, np.ndarray]:
    """Along which of ``dims`` the units of ``word`` (technology, commodity ...) differ, and the unit at each label.

    ValueError if nothing tells them.
    """
    told = f"{word}_unit"
    for dim in dims:
        if (word, dim) == ("technology", "asset") and "asset_unit" in results:
            return dim, results["asset_unit"].to_numpy()
        if dim == word and told in results:
            return dim, results[told].to_numpy()
        way = WAYS.get((word, dim), "")
        if way in results and told in results:
            leads = dict(zip(labels(results, str(results[way].dims[0])), results[way].to_numpy(), strict=True))
            unit_of = dict(zip(results[word].to_numpy(), results[told].to_numpy(), strict=True))
            # an asset that is a link has no row among the technologies
            links = dict(zip(results["link"].to_numpy(), results["link_unit"].to_numpy(), strict=True))
            found = [unit_of.get(leads[name]) or links.get(name, "") for name in labels(results, dim)]
            return dim, np.array(found, dtype=str)
    raise ValueError(f"no variable tells the {word} unit along {', '.join(dims)}")


def _of_dim(results: xr.Dataset, dim: str) -> LongTable:
    """The labels of a dim and all that is told of each: a row for every label."""
    names = [str(name) for name, variable in results.data_vars.items() if variable.dims == (dim,)]
    columns: dict[Hashable, np.ndarray] = {dim: labels(results, dim)}
    columns |= {name: decimal(results[name].to_numpy()) for name in names}
    fields = [_label_field(results, dim), *(_field(results[name], {}) for name in names)]
    references = dict(_references(results, names))
    units = _units(results, names, (dim,), set(names))
    columns |= {column: along for column, (_, along) in units.items()}
    told = [_with_unit_column(field) for field in fields]
    return LongTable(
        plural(dim),
        f"{plural(dim).replace('_', ' ').capitalize()} and what is told of each",
        pd.DataFrame(columns),
        (*told, *(_unit_field(column) for column in units)),
        (dim,),
        references,
    )


def _of_dims(results: xr.Dataset, dims: tuple[str, ...]) -> LongTable:
    """All variables over the same dims, side by side; a row for every combination of labels that says something."""
    names = [str(name) for name, variable in results.data_vars.items() if variable.dims == dims]
    values = {name: results[name].to_numpy().ravel() for name in names}
    absent = {name: EMPTY if _missing(flat).any() else ZERO for name, flat in values.items()}
    says = np.zeros(next(iter(values.values())).shape, dtype=bool)
    for name, flat in values.items():
        says |= ~_missing(flat) if absent[name] == EMPTY else flat != flat.dtype.type(0)
    rows = np.flatnonzero(says)
    places = dict(zip(dims, np.unravel_index(rows, [results.sizes[dim] for dim in dims]), strict=True))
    columns: dict[Hashable, np.ndarray] = {dim: labels(results, dim)[places[dim]] for dim in dims}
    units = _units(results, names, dims, set())
    columns |= {column: along[places[dim]] for column, (dim, along) in units.items()}
    columns |= {name: decimal(flat[rows]) for name, flat in values.items()}
    fields = [
        *(_label_field(results, dim) for dim in dims),
        *(_unit_field(column) for column in units),
        *(_with_unit_column(_field(results[name], absent)) for name in names),
    ]
    return LongTable(
        "_".join(dims),
        f"By {', '.join(dim.replace('_', ' ') for dim in dims)}: {', '.join(name.replace('_', ' ') for name in names)}",
        pd.DataFrame(columns),
        tuple(fields),
        dims,
        {dim: (plural(dim), dim) for dim in dims},
    )


def _missing(values: np.ndarray) -> np.ndarray:
    """Where there is no number; texts are missing where they are empty."""
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)


def _units(
    results: xr.Dataset, names: list[str], dims: tuple[str, ...], there: set[str]
) -> dict[str, tuple[str, np.ndarray]]:
    """Columns of units that the variables ask for and that are not ``there``: the dim they go along, and each unit."""
    words = dict.fromkeys(found[1] for name in names if (found := MIXED.search(str(results[name].attrs["units"]))))
    asked = [word for word in words if f"{word}_unit" not in there]
    return {f"{word}_unit": unit_by_row(results, dims, word) for word in asked}


def _references(results: xr.Dataset, names: list[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Texts that are labels of a dim, with its table; only where every text that is not empty is one."""
    for name in names:
        dim = REFERENCES.get(name, "")
        if dim in results.coords and set(results[name].to_numpy()) - {""} <= set(results[dim].to_numpy()):
            yield name, (plural(dim), dim)


def _label_field(results: xr.Dataset, dim: str) -> Field:
    kind = "string" if labels(results, dim).dtype.kind in "OU" else "integer"
    return Field(dim, kind, dim.replace("_", " "))


def _unit_field(column: str) -> Field:
    return Field(column, "string", f"unit of the {column.removesuffix('_unit')} of the row")


def _field(variable: xr.DataArray, absent: Mapping[str, str]) -> Field:
    kind = {"f": "number", "i": "integer", "u": "integer", "b": "boolean"}.get(variable.dtype.kind, "string")
    name, meaning = str(variable.name), str(variable.attrs["long_name"])
    unit = "" if kind == "string" else str(variable.attrs["units"])
    return Field(name, kind, meaning, unit, absent=absent.get(name, EMPTY))


def _with_unit_column(field: Field) -> Field:
    found = MIXED.search(field.unit)
    column = f"{found[1]}_unit" if found else ""
    return Field(field.name, field.kind, field.meaning, field.unit, column, field.absent)
