"""Two results side by side: what differs in cost, capacity and energy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

COLUMNS = ("quantity", "label", "year", "unit", "first", "second", "difference")

TOTAL = "total"


def differences(first: xr.Dataset, second: xr.Dataset) -> pd.DataFrame:
    """Cost by kind, capacity and electricity by family, emissions and unserved demand of two results.

    Columns: quantity, label, year (0 for present values), unit, ``first``, ``second`` and ``difference`` (second -
    first). A label that one result lacks counts as zero there. Only planning years that both have are compared;
    ValueError if there are none or the money is of different years.
    """
    years = sorted(set(_years(first)) & set(_years(second)))
    if not years:
        raise ValueError(f"the results share no planning year: {_years(first)} and {_years(second)}")
    if first.attrs.get("price_year") != second.attrs.get("price_year"):
        raise ValueError("the results are in money of different years")
    sides = [pd.concat(list(_numbers(side, years)), ignore_index=True) for side in (first, second)]
    keys = list(COLUMNS[:4])
    joined = sides[0].merge(sides[1], on=keys, how="outer", suffixes=("_first", "_second"), validate="one_to_one")
    order = pd.concat([side[keys] for side in sides]).drop_duplicates()
    joined = order.merge(joined, on=keys, how="left").fillna({"value_first": 0.0, "value_second": 0.0})
    joined = joined.rename(columns={"value_first": "first", "value_second": "second"})
    joined["difference"] = joined["second"] - joined["first"]
    return joined[list(COLUMNS)].sort_values("quantity", key=_in_order, kind="stable", ignore_index=True)


QUANTITIES = (
    "present value of cost",
    "cost of a year",
    "capacity",
    "electricity",
    "emissions",
    "unserved",
    "goals missed",
)
"""What is compared, in the order in which it is shown."""


def _in_order(quantities: pd.Series) -> pd.Series:
    return quantities.map(QUANTITIES.index)


def _years(results: xr.Dataset) -> list[int]:
    return [int(year) for year in results["year"].to_numpy()]


def _numbers(results: xr.Dataset, years: list[int]) -> Iterator[pd.DataFrame]:
    """The compared numbers of one result, one table for each quantity."""
    here = results.sel(year=years)
    money = f"million USD of {results.attrs.get('price_year', '')}".strip()
    yield _table("present value of cost", results["present_cost"].expand_dims(year=[0]), "cost_kind", money)
    yield _table("cost of a year", here["cost"], "cost_kind", money)
    units = _capacity_units(results)
    for unit in dict.fromkeys(units):
        own = here["capacity"].isel(technology=np.flatnonzero(units == unit)).sum("node")
        yield _table("capacity", _by_family(own, results), "family", str(unit))
    yield _table("electricity", _by_family(here["generation"].sum("node"), results), "family", "TWh")
    yield _table("emissions", here["emissions"].expand_dims(of=["CO2"]), "of", "Mt", total=False)
    for unit, commodities in _commodities(results).items():
        own = here["unserved"].sel(commodity=commodities).sum("node")
        yield _table("unserved", own, "commodity", unit, total=False)
    if "target_shortfall" in here:
        for unit in dict.fromkeys(here["target_unit"].to_numpy()):
            missed = here["target_shortfall"].isel(target=np.flatnonzero(here["target_unit"].to_numpy() == unit))
            yield _table("goals missed", missed.fillna(0.0), "target", str(unit), total=False)


def _capacity_units(results: xr.Dataset) -> np.ndarray:
    """The unit of each technology's capacity; GW where the result does not tell it by technology."""
    if "technology_unit" in results:
        return results["technology_unit"].to_numpy().astype(str)
    return np.full(results.sizes["technology"], "GW")


def _commodities(results: xr.Dataset) -> dict[str, list[str]]:
    """Commodities by their unit."""
    found: dict[str, list[str]] = {}
    for commodity, unit in zip(results["commodity"].to_numpy(), results["commodity_unit"].to_numpy(), strict=True):
        found.setdefault(str(unit), []).append(str(commodity))
    return found


def _by_family(values: xr.DataArray, results: xr.Dataset) -> xr.DataArray:
    """(technology, year) summed to (family, year), families in the order of the result."""
    family = results["technology_group"].sel(technology=values["technology"]).to_numpy()
    names = list(dict.fromkeys(family.tolist()))
    sums = [values.isel(technology=np.flatnonzero(family == name)).sum("technology") for name in names]
    return xr.concat(sums, dim=pd.Index(names, name="family"))


def _table(quantity: str, values: xr.DataArray, label: str, unit: str, *, total: bool = True) -> pd.DataFrame:
    """(label, year) as rows, with the total of the labels last."""
    wide = values.reset_coords(drop=True).transpose(label, "year").to_pandas()
    if total:
        wide.loc[TOTAL] = wide.sum()
    frame = wide.rename_axis(index="label", columns="year").stack().rename("value").reset_index()
    frame = frame.assign(quantity=quantity, unit=unit).astype({"year": int, "value": float})
    return frame[[*COLUMNS[:4], "value"]]
