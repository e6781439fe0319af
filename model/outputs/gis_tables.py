"""Long tables of a plan for databases and GIS programs: one row for each planning year, whose beginning is a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.outputs.maps import GWH_PER_TWH, MW_PER_GW, Layer, makes_power

NODE_QUANTITIES = {
    "capacity_total": "capacity",
    "generation": "generation",
    "demand": "demand",
    "unserved": "unserved",
    "mean_price": "mean_price",
}
"""What the layer of nodes says by planning year, and how the long table calls it."""

EPOCH = 1970
"""The year from which numpy counts."""

LINK_QUANTITIES = ("capacity", "new_capacity", "flow", "loading", "hours_at_limit", "loss", "congestion_rent")
"""What layers of links say by planning year; the last two of electric lines alone."""


@dataclass(frozen=True)
class GisTable:
    """Rows, what the table is, and what its columns mean, with their units."""

    frame: pd.DataFrame
    words: str
    meanings: Mapping[str, str]


def gis_tables(results: xr.Dataset, layers: Mapping[str, Layer]) -> dict[str, GisTable]:
    """The attribute tables of a GeoPackage by name; those whose subject the plan lacks (targets, links) are left out.

    Rows of things that are zero in all planning years are left out; a missing number is nan.
    """
    found = {
        "capacity": _capacity(results),
        "generation": _generation(results),
        "node_quantities": _nodes(results, layers["node_point"]),
        "link_capacity": _links(results, layers),
        "balance": _balance(results),
        "targets": _targets(results),
        "costs": _costs(results),
        "provenance": _provenance(results),
    }
    return {name: table for name, table in found.items() if table is not None}


def _rows(
    results: xr.Dataset, labels: Sequence[str], quantities: Mapping[str, xr.DataArray], *, zeros: bool = False
) -> pd.DataFrame:
    """A row for each combination of ``labels`` and planning year; without those that are zero in every year."""
    arrays = [each.transpose(*labels, "year").to_numpy().astype(float) for each in quantities.values()]
    kept = np.any([np.any(np.nan_to_num(each) != 0, axis=-1) for each in arrays], axis=0) | zeros
    at, years = np.nonzero(kept), results["year"].to_numpy()
    frame = pd.DataFrame(
        {dim: np.repeat(results[dim].to_numpy()[i], years.size) for dim, i in zip(labels, at, strict=True)}
    )
    frame = frame.join(_moments(np.tile(years, at[0].size)))
    return frame.assign(**{name: each[at].ravel() for name, each in zip(quantities, arrays, strict=True)})


def _moments(years: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Planning years and their beginnings as dates, by which temporal maps are driven."""
    starts = (years - EPOCH).astype("datetime64[Y]").astype("datetime64[ms]")
    return pd.DataFrame({"year": years, "year_start": starts})


TIMES = {"year": "planning year", "year_start": "beginning of the planning year"}


def _said_of(results: xr.Dataset, dim: str, columns: Mapping[str, str], labels: pd.Series) -> pd.DataFrame:
    """What is said of the things in ``labels``: the variables over ``dim`` under the names of ``columns``."""
    told = {name: results[variable].to_series() for name, variable in columns.items() if variable in results}
    return pd.DataFrame({name: labels.map(own).to_numpy() for name, own in told.items()}, index=labels.index)


TECHNOLOGY = {
    "technology_name": "technology_name",
    "technology_group": "technology_group",
    "product": "technology_product",
}


def _capacity(results: xr.Dataset) -> GisTable:
    names = ("capacity", "new_capacity", "retired_capacity", "capacity_into_works", "ended_capacity")
    quantities = {name: results[name] for name in names} | {"works_capacity": results["works_capacity"].sum("option")}
    frame = _rows(results, ("node", "technology"), quantities)
    frame = _beside(frame, _said_of(results, "technology", TECHNOLOGY, frame["technology"]), 2)
    unit = frame["technology"].map(results["technology_unit"].to_series())
    power = frame["technology"].isin(results["technology"].to_numpy()[makes_power(results)])
    frame = frame.assign(unit=unit, capacity_mw=(frame["capacity"] * MW_PER_GW).where(power))
    meanings = {name: f"{array.attrs.get('long_name', '')}; in unit" for name, array in quantities.items()}
    meanings["works_capacity"] = "capacity that came out of works, of all kinds; in unit"
    return GisTable(
        frame,
        "capacity by node, technology and planning year",
        TIMES | meanings | {"capacity_mw": "capacity of what gives electricity, MW; else empty", "unit": "unit"},
    )


def _beside(frame: pd.DataFrame, more: pd.DataFrame, position: int) -> pd.DataFrame:
    """``frame`` with the columns of ``more`` from ``position`` on."""
    parts = [frame.iloc[:, :position], more, frame.iloc[:, position:]]
    return pd.concat(parts, axis=1)


def _generation(results: xr.Dataset) -> GisTable:
    frame = _rows(results, ("node", "technology"), {"generation": results["generation"] * GWH_PER_TWH})
    frame = _beside(frame, _said_of(results, "technology", TECHNOLOGY, frame["technology"]), 2)
    meanings = TIMES | {"generation": "electricity given, GWh per year"}
    return GisTable(frame, "electricity given by node, technology and planning year", meanings)


def _by_year(layer: Layer, years: Sequence[int], quantities: Mapping[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The wide columns of a layer as a long table with its label; what a layer does not say is nan."""
    table, size = layer.table, layer.table.sizes[layer.dim]
    frame = _moments(np.tile(np.array(years), size))
    meanings = {}
    for wide, name in quantities.items():
        own = [table[f"{wide}_{year}"] for year in years if f"{wide}_{year}" in table]
        values = np.column_stack(own).ravel() if own else np.full(len(frame), np.nan)
        frame[name] = values
        if own:
            text, unit = (str(own[0].attrs[key]) for key in ("long_name", "units"))
            meanings[name] = f"{text.rpartition(', ')[0]}, {unit}"
    return frame, meanings


def _nodes(results: xr.Dataset, layer: Layer) -> GisTable:
    years = results["year"].to_numpy().tolist()
    told = {wide: name for wide, name in NODE_QUANTITIES.items() if f"{wide}_{years[0]}" in layer.table}
    frame, meanings = _by_year(layer, years, told)
    frame.insert(0, "node", np.repeat(layer.table["node"].to_numpy(), len(years)))
    return GisTable(frame, "the power system of every node by planning year", TIMES | meanings)


def _links(results: xr.Dataset, layers: Mapping[str, Layer]) -> GisTable | None:
    """Links of all layers below each other."""
    years, frames = results["year"].to_numpy().tolist(), []
    meanings: dict[str, str] = {}
    for layer in (each for each in layers.values() if each.geometry == "line"):
        frame, said = _by_year(layer, years, {name: name for name in LINK_QUANTITIES})
        frame.insert(0, "link", np.repeat(layer.table[layer.dim].to_numpy(), len(years)))
        frame.insert(1, "layer", layer.name)
        frames.append(frame.assign(unit=np.repeat(layer.table["link_unit"].to_numpy(), len(years))))
        meanings |= {name: text for name, text in said.items() if name not in meanings}
    if not frames:
        return None
    own = {"layer": "layer of the link", "unit": "unit of the capacity"}
    own |= {"capacity": "capacity, in unit", "new_capacity": "new capacity, in unit"}
    own["flow"] = "net flow from the first to the second node; GWh per year where unit is MW, else in unit"
    return GisTable(
        pd.concat(frames, ignore_index=True), "links by planning year, as their layers say", TIMES | meanings | own
    )


def _balance(results: xr.Dataset) -> GisTable:
    frame = _rows(results, ("commodity", "node", "balance_item"), {"value": results["balance"]})
    frame = frame.rename(columns={"balance_item": "item"})
    told = _said_of(results, "commodity", {"unit": "commodity_unit"}, frame["commodity"])
    meanings = {"value": "what gives (positive) and takes (negative) in a year, in unit", "unit": "unit of a quantity"}
    frame = frame.join(told)
    return GisTable(frame, "balances of every commodity by node and planning year", TIMES | meanings)


def _targets(results: xr.Dataset) -> GisTable | None:
    if "target_value" not in results:
        return None
    names = ("value", "required", "slack", "shortfall", "price", "point_price")
    frame = _rows(results, ("target",), {name: results[f"target_{name}"] for name in names}, zeros=True)
    texts = {name: f"target_{name}" for name in ("name", "unit", "sense", "goal_year", "year_met")}
    frame = _beside(frame, _said_of(results, "target", texts, frame["target"]), 1)
    meanings = {
        name: f"{results[f'target_{name}'].attrs['long_name']}, {results[f'target_{name}'].attrs['units']}"
        for name in (*names, *texts)
    }
    return GisTable(frame, "the target ledger", TIMES | meanings)


def _costs(results: xr.Dataset) -> GisTable:
    frame = _rows(results, ("cost_kind",), {"cost": results["cost"]})
    unit = str(results["cost"].attrs["units"])
    price_year = results.attrs.get("price_year", "")
    meanings = {"cost": f"{results['cost'].attrs['long_name']}, {unit}", "unit": f"prices of {price_year}"}
    return GisTable(frame.assign(unit=unit), "cost of an average calendar year by kind", TIMES | meanings)


def _provenance(results: xr.Dataset) -> GisTable:
    said = {name: str(value) for name, value in results.attrs.items()}
    frame = pd.DataFrame({"key": list(said), "value": list(said.values())})
    return GisTable(frame, "where the results came from and how good they are", {})
