"""Scenarios side by side: cost, capacity, emissions, unserved demand and goals of each, and the programme's cost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.arrays import labelled
from model.outputs.goals import MET

BASE = "base"
NO_GOALS = "no-targets"
"""The scenario in which no goal has to be met: base less this one is the cost of the programme."""

PENALTIES = "targets"
"""Kind of cost that is no spending: the penalties of goals that are missed."""

TEXTS = ("title", "status", "reason")
DIGITS = 6
"""Significant digits of the table."""


def told_of(results: xr.Dataset) -> xr.Dataset:
    """What a comparison tells of one plan.

    ``results`` as ``outputs.results`` makes them or as read from their file. Money in million USD of the price year;
    capacity by family of technology, in the unit that its label says.
    """
    years, kinds = _dim(results, "year"), _dim(results, "cost_kind")
    present = results["present_cost"].to_numpy()
    objective = float(results.attrs["objective"]) / 1e6
    penalties = float(results["present_cost"].sel(cost_kind=PENALTIES))
    by_family = _by_family(results)
    unserved = results["unserved"].sum("node").transpose("commodity", "year")
    found = {
        "objective": labelled(objective, [], "million USD", "present value of all costs"),
        "objective_without_penalties": labelled(
            objective - penalties, [], "million USD", "present value without the penalties of missed goals"
        ),
        "present_cost": labelled(present, [kinds], "million USD", "present value of the cost"),
        "cost": labelled(
            results["cost"].transpose("cost_kind", "year").to_numpy(),
            [kinds, years],
            "million USD per year",
            "cost of an average calendar year",
        ),
        "capacity": labelled(
            by_family.to_numpy(),
            [("family", list(by_family.index)), years],
            "as the family says",
            "capacity in operation",
        ),
        "emissions": labelled(results["emissions"].to_numpy(), [years], "Mt per year", "CO2"),
        "unserved": labelled(
            unserved.to_numpy(),
            [_dim(results, "commodity"), years],
            "commodity unit per year",
            "demand that is not met",
        ),
    }
    named = (f"{dim}_{text}" for dim in ("commodity", "target") for text in ("name", "unit"))
    return xr.Dataset({**found, **_goals(results), **{name: results[name] for name in named if name in results}})


def _by_family(results: xr.Dataset) -> pd.DataFrame:
    """Capacity of the whole country by family and unit, a column per year."""
    names = zip(results["technology_group"].to_numpy(), results["technology_unit"].to_numpy(), strict=True)
    sizes = results["capacity"].sum("node").transpose("technology", "year")
    frame = pd.DataFrame(sizes.to_numpy(), columns=results["year"].to_numpy())
    return frame.groupby([f"{group}, {unit}" for group, unit in names], sort=False).sum()


def _dim(labelled_by: xr.Dataset | xr.DataArray, dim: str) -> tuple[str, list[object]]:
    return dim, labelled_by[dim].to_numpy().tolist()


def _goals(results: xr.Dataset) -> dict[str, xr.DataArray]:
    """Of every goal: value, slack, marginal cost and whether it is missed by year, and the year from which it holds."""
    if "target_value" not in results:
        return {}
    kept = {name: results[name].transpose("target", ...) for name in ("target_value", "target_slack", "target_price")}
    kept["target_year_met"] = results["target_year_met"].astype(float)
    asked, slack = results["target_required"], results["target_slack"]
    missed = (slack < -MET * np.maximum(1.0, abs(asked))).transpose("target", "year")
    shape = [_dim(missed, "target"), _dim(missed, "year")]
    kept["target_missed"] = labelled(missed.to_numpy().astype(float), shape, "1", "1: missed in the year")
    count = float(missed.any("year").sum())
    return {**kept, "goals_missed": labelled(count, [], "1", "goals that are missed in some year")}


def compared(told: pd.DataFrame, parts: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """All scenarios in one Dataset (dim ``scenario``), with what each costs more than base, and the programme's cost.

    ``told`` (index scenario): ``title, status, reason`` of every one; ``parts``: what ``told_of`` gives of those that
    have a plan. NaN where a scenario has no plan, or lacks a goal, technology or year that others have. The cost of the
    programme is told where both base and the scenario without goals have a plan.
    """
    names = [str(name) for name in told.index]
    texts = {
        f"scenario_{name}": labelled(told[name].to_numpy().astype(str), [("scenario", names)], "1", f"{name}")
        for name in TEXTS
    }
    planned = [name for name in names if name in parts]
    if not planned:
        return xr.Dataset(texts)
    names_of = {
        str(name) for part in parts.values() for name, variable in part.data_vars.items() if variable.dtype.kind != "f"
    }
    joined = xr.concat(
        [parts[name].drop_vars(names_of, errors="ignore") for name in planned],
        pd.Index(planned, name="scenario"),
        data_vars="all",
        coords="minimal",
        compat="override",
        join="outer",
        combine_attrs="override",
    )
    whole = joined.reindex(scenario=names)
    for name in whole.data_vars:
        whole[name].attrs = next(part[name].attrs for part in parts.values() if name in part)
    if BASE in planned:
        more = whole["objective"] - whole["objective"].sel(scenario=BASE, drop=True)
        whole["objective_difference"] = more.assign_attrs(
            units="million USD", long_name="present value of all costs, less that of base"
        )
    labels = {name: _labels(name, whole, parts) for name in sorted(names_of)}
    return xr.Dataset(texts).merge(whole, join="exact").assign(programme_cost(whole)).assign(labels)


def _labels(name: str, whole: xr.Dataset, parts: Mapping[str, xr.Dataset]) -> xr.DataArray:
    """A name or unit of every goal or commodity that one of the scenarios has."""
    dim = name.partition("_")[0]
    said: dict[str, str] = {}
    for part in parts.values():
        if name in part:
            said |= dict(zip(part[dim].to_numpy(), part[name].to_numpy(), strict=True))
    values = np.array([said[label] for label in whole[dim].to_numpy()], dtype=str)
    return labelled(values, [_dim(whole, dim)], "1", f"{name.partition('_')[2]} of the {dim}")


def programme_cost(whole: xr.Dataset) -> dict[str, xr.DataArray]:
    """Present value of base less that of the scenario without goals, million USD: in all, without penalties, by kind.

    Empty unless both have a plan.
    """
    names = list(whole["scenario"].to_numpy())
    if not {BASE, NO_GOALS} <= set(names):
        return {}
    more = whole.sel(scenario=BASE, drop=True) - whole.sel(scenario=NO_GOALS, drop=True)
    if bool(more["objective"].isnull()):
        return {}
    of = {
        "programme_cost": ("objective", "cost of the programme: base less the plan without goals"),
        "programme_cost_without_penalties": (
            "objective_without_penalties",
            "cost of the programme without the penalties of missed goals",
        ),
        "programme_cost_by_kind": ("present_cost", "cost of the programme by kind of cost"),
    }
    return {
        name: more[source].assign_attrs(units="million USD", long_name=meaning)
        for name, (source, meaning) in of.items()
    }


def comparison_frame(whole: xr.Dataset) -> pd.DataFrame:
    """The comparison as a table for spreadsheets: a row per quantity, item and year, a column per scenario.

    Columns ``quantity, item, year, unit`` and the scenarios; numbers with six significant digits, empty where there is
    none. The first rows are title, status and reason; what is told once, such as the cost of the programme, stands in
    the column of base.
    """
    names = [str(name) for name in whole["scenario"].to_numpy()]
    rows: list[list[object]] = [[name, "", "", "", *whole[f"scenario_{name}"].to_numpy()] for name in TEXTS]
    for name, variable in whole.data_vars.items():
        if variable.dtype.kind != "f":
            continue
        if "scenario" not in variable.dims:
            variable = variable.expand_dims(scenario=[BASE]).reindex(scenario=names)
        others = [str(dim) for dim in variable.dims if dim != "scenario"]
        flat = variable.transpose("scenario", *others).to_numpy().reshape(len(names), -1)
        labels = pd.MultiIndex.from_product([variable[dim].to_numpy() for dim in others]) if others else [()]
        for label, values in zip(labels, flat.T, strict=True):
            keys = dict(zip(others, label if isinstance(label, tuple) else (label,), strict=True))
            if np.isnan(values).all():
                continue
            item = next((str(key) for dim, key in keys.items() if dim != "year"), "")
            unit = _unit(whole, keys, str(variable.attrs["units"]))
            item = item.removesuffix(f", {unit}")
            rows.append([str(name), item, keys.get("year", ""), unit, *map(_number, values)])
    return pd.DataFrame(rows, columns=["quantity", "item", "year", "unit", *names])


def _unit(whole: xr.Dataset, keys: Mapping[str, object], unit: str) -> str:
    """The unit of a row: that of its family, commodity or goal where the variable leaves it to them."""
    if "family" in keys:
        return str(keys["family"]).rpartition(", ")[2]
    for dim in ("commodity", "target"):
        if dim in keys and f"{dim}_unit" in whole:
            unit = unit.replace(f"{dim} unit", str(whole[f"{dim}_unit"].sel({dim: keys[dim]}).item()))
    return unit


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value + 0.0:.{DIGITS}g}"
