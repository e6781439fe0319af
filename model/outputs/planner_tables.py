"""Results as a planner reads them: a table for each question, a row for each thing, a column for each planning year."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.cf.units import MIXED
from model.outputs.long_tables import unit_by_row, widened
from model.system.network import ELECTRICITY

FLEET = {
    "capacity": "in operation",
    "new_capacity": "new since the planning year before",
    "works_capacity": "out of works",
    "capacity_into_works": "into works",
    "retired_capacity": "closed early",
    "ended_capacity": "at its end",
}
LEDGER = {
    "target_required": "asked",
    "target_value": "reached",
    "target_slack": "to spare (negative: missing)",
    "target_shortfall": "missing and paid for",
    "target_price": "cost of one more unit",
}
LINKS = {
    "link_capacity": "capacity",
    "link_new_capacity": "new capacity",
    "loading_mean": "mean loading",
    "loading_max": "largest loading",
    "hours_at_limit": "hours at the limit",
    "link_loss_energy": "losses",
    "congestion_rent": "congestion rent",
}
PLANTS = {
    "plant_capacity": "capacity left",
    "plant_works": "out of works",
    "plant_closed": "closed early",
    "plant_generation": "generation",
}
"""Variables that are told of each row, and what a row says."""

REST = 1e-6
"""Share of what is summed over nodes up to which a sum is a rest of the digits that a file holds, such as transfers."""

_ABOUT = (
    "title", "study", "scenario", "scenario_title", "resolution", "time", "date_created", "solver", "status",
    "solution_id", "equations_digest",
)  # fmt: skip
_CERTIFICATE = ("certificate_gap", "certificate_primal", "certificate_dual")


class Row(NamedTuple):
    """Texts, a value for every planning year, further numbers, and whether the row stays where all values are zero."""

    texts: Sequence[str]
    values: np.ndarray
    further: Sequence[float | int | None] = ()
    stays: bool = False


@dataclass(frozen=True)
class PlannerTable:
    """A table under a title: in ``frame`` come ``labels`` columns of texts, then numbers, the years last."""

    name: str
    title: str
    frame: pd.DataFrame
    labels: int


def planner_tables(results: xr.Dataset) -> list[PlannerTable]:
    """Targets, capacity, generation, balances, costs, prices, lines, plants and figures of the country and its zones.

    Rows that are zero or empty in every year are left out, but for what goals ask and reach, and so are tables without
    rows. Units stand in a column of each.
    """
    results = widened(results)
    fleet, place = ("technology", "technology name", "group"), ("node", "node name")
    links = ("link", "name", "from", "to", "carries", "what", "unit")
    makers = [
        ("Targets", "Goals: asked, reached and missing", ("target", "name", "what", "unit"), _targets(results)),
        ("Capacity", "Capacity by technology, all nodes", (*fleet, "what", "unit"), _fleet(results)),
        ("Capacity by node", "Capacity in operation", (*place, *fleet, "unit"), _by_node(results, "capacity")),
        ("Generation", "Electricity given in the year, all nodes", (*fleet, "unit"), _generation(results)),
        ("Generation by node", "Electricity given", (*place, *fleet, "unit"), _by_node(results, "generation")),
        (
            "Balances",
            "What gives (+) and takes (-), all nodes",
            ("commodity", "name", "item", "unit"),
            _balances(results),
        ),
        ("Costs", "Cost of an average year by kind", ("kind", "unit"), _costs(results)),
        ("Prices", "Mean prices at the nodes", (*place, "commodity", "unit"), _prices(results)),
        ("Lines", "Lines, pipelines and routes", links, _links(results)),
        ("Plants", "Plants and projects", ("plant", "node", "technology", "status", "what", "unit"), _plants(results)),
        ("Country", "Figures of the whole plan", ("figure", "meaning", "unit"), _over(results, "")),
        ("Security", "Firm capacity and reserve", ("zone", "figure", "meaning", "unit"), _over(results, "zone")),
    ]
    further = {
        "Targets": ("goal year", "met from"),
        "Costs": ("present value, million",),
        "Plants": ("installed",),
    }
    tables = [_table(results, *maker, further.get(maker[0], ())) for maker in makers]
    return [table for table in tables if len(table.frame)]


def about(results: xr.Dataset) -> list[tuple[str, str | float]]:
    """What the results are and where they came from, as pairs of a word and what it says."""
    attrs = results.attrs
    money = f"{attrs.get('currency', '')} of {attrs.get('price_year', '')}"
    pairs: list[tuple[str, str | float]] = [
        ("what this is", "Results of a least-cost energy expansion plan, by planning year"),
        *((name.replace("_", " "), str(attrs[name])) for name in _ABOUT if name in attrs),
        *((f"present value of all costs, {money}", float(attrs[name])) for name in ("objective",) if name in attrs),
        *((name.replace("_", " "), float(attrs[name])) for name in _CERTIFICATE if name in attrs),
        ("capacity", "in operation in the planning year, in the unit of its row"),
        ("yearly figures", "of an average year of the time for which the planning year stands"),
        ("money", f"million {money} unless the row says another unit"),
        ("empty", "not asked, not priced or not known; rows that are zero in every year are left out"),
        ("texts", "stand as in the study; one that begins with =, +, - or @ is no formula"),
    ]
    pairs += [("change", "; ".join(map(str, change))) for change in json.loads(attrs.get("changes", "[]"))]
    pairs += [(f"version of {name}", str(v)) for name, v in json.loads(attrs.get("versions", "{}")).items()]
    digests = json.loads(attrs.get("input_digests", "{}"))
    return pairs + [(f"sha256 of {name}", str(digest)) for name, digest in digests.items()]


def _table(
    results: xr.Dataset, name: str, title: str, heads: Sequence[str], rows: Iterable[Row], further: Sequence[str]
) -> PlannerTable:
    years = [str(year) for year in results["year"].to_numpy()]
    blank = [None] * len(further)
    told = [
        [*row.texts, *(row.further or blank), *(None if np.isnan(v) else float(v) for v in row.values)]
        for row in rows
        if row.stays or np.nan_to_num(row.values).any()
    ]
    columns = [*heads, *further, *years]
    return PlannerTable(name, title, pd.DataFrame(told, columns=columns, dtype=object), len(heads))


def _texts(results: xr.Dataset, name: str, dim: str) -> list[str]:
    """What a variable says of each label of ``dim``; the labels themselves where the plan lacks it."""
    return [str(text) for text in results[name if name in results else dim].to_numpy()]


def _unit(results: xr.Dataset, name: str, place: int = 0) -> str:
    """The unit of a variable, with the own unit of the row at ``place`` where rows differ."""
    variable = results[name]
    unit = str(variable.attrs["units"])
    if found := MIXED.search(unit):
        _, units = unit_by_row(results, tuple(map(str, variable.dims)), found[1])
        own = str(units[place])
        return unit.replace(found[0], f"({own})" if "/" in own and unit != found[0] else own)
    return "share" if unit == "1" else unit


def _targets(results: xr.Dataset) -> Iterator[Row]:
    if "target" not in results.dims:
        return
    names, met = _texts(results, "target_name", "target"), results["target_year_met"].to_numpy()
    for place, target in enumerate(_texts(results, "target", "target")):
        dates = (int(results["target_goal_year"][place]), int(met[place]) or None)
        for variable, what in LEDGER.items():
            texts = (target, names[place], what, _unit(results, variable, place))
            stays = variable in ("target_required", "target_value")
            yield Row(texts, results[variable].isel(target=place).to_numpy(), dates, stays)


def _kinds(results: xr.Dataset) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Place, label, name and group of each technology."""
    parts = (_texts(results, name, "technology") for name in ("technology", "technology_name", "technology_group"))
    yield from enumerate(zip(*parts, strict=True))


def _fleet(results: xr.Dataset) -> Iterator[Row]:
    national = {
        name: results[name].sum([dim for dim in results[name].dims if dim not in ("technology", "year")])
        for name in FLEET
    }
    for place, texts in _kinds(results):
        for variable, what in FLEET.items():
            unit = str(results["technology_unit"].to_numpy()[place])
            yield Row((*texts, what, unit), national[variable].isel(technology=place).to_numpy())


def _by_node(results: xr.Dataset, variable: str) -> Iterator[Row]:
    names = _texts(results, "node_name", "node")
    values = results[variable].transpose("node", "technology", "year").to_numpy()
    for i, node in enumerate(_texts(results, "node", "node")):
        for place, texts in _kinds(results):
            unit = _unit(results, variable, place)
            yield Row((node, names[i], *texts, unit), values[i, place])


def _generation(results: xr.Dataset) -> Iterator[Row]:
    national = results["generation"].sum("node")
    unit = _unit(results, "generation")
    for place, texts in _kinds(results):
        yield Row((*texts, unit), national.isel(technology=place).to_numpy())
    yield Row(("all", "", "", unit), national.sum("technology").to_numpy())


def _balances(results: xr.Dataset) -> Iterator[Row]:
    by_node = results["balance"].transpose("commodity", "balance_item", "year", "node").to_numpy()
    sums = by_node.sum(axis=-1)
    national = np.where(np.abs(sums) > REST * np.abs(by_node).sum(axis=-1), sums, 0.0)
    names, units = (_texts(results, f"commodity_{what}", "commodity") for what in ("name", "unit"))
    for i, commodity in enumerate(_texts(results, "commodity", "commodity")):
        for j, item in enumerate(_texts(results, "balance_item", "balance_item")):
            yield Row((commodity, names[i], item.replace("_", " "), f"{units[i]} per year"), national[i, j])


def _costs(results: xr.Dataset) -> Iterator[Row]:
    cost, present, unit = results["cost"].to_numpy(), results["present_cost"].to_numpy(), _unit(results, "cost")
    for place, kind in enumerate(_texts(results, "cost_kind", "cost_kind")):
        yield Row((kind, unit), cost[place], (float(present[place]),))
    yield Row(("all", unit), cost.sum(axis=0), (float(present.sum()),))


def _prices(results: xr.Dataset) -> Iterator[Row]:
    nodes, names = _texts(results, "node", "node"), _texts(results, "node_name", "node")
    if "mean_price" in results:
        for i, node in enumerate(nodes):
            texts = (node, names[i], ELECTRICITY, _unit(results, "mean_price"))
            yield Row(texts, results["mean_price"].isel(node=i).to_numpy())
    if "price_by_year" in results:
        values = results["price_by_year"].transpose("node", "commodity", "year").to_numpy()
        units = _texts(results, "commodity_unit", "commodity")
        for i, node in enumerate(nodes):
            for j, commodity in enumerate(_texts(results, "commodity", "commodity")):
                yield Row((node, names[i], commodity, f"million USD per {units[j]}"), values[i, j])


def _links(results: xr.Dataset) -> Iterator[Row]:
    if "link" not in results.dims:
        return
    parts = [_texts(results, name, "link") for name in ("link", "link_name", "link_from", "link_to", "link_commodity")]
    for place, texts in enumerate(zip(*parts, strict=True)):
        for variable, what in LINKS.items():
            unit = _unit(results, variable, place)
            yield Row((*texts, what, unit), results[variable].isel(link=place).to_numpy())


def _plants(results: xr.Dataset) -> Iterator[Row]:
    if "plant" not in results.dims:
        return
    parts = [_texts(results, name, "plant") for name in ("plant", "plant_node", "plant_technology", "plant_status")]
    installed = results["plant_installed"].to_numpy()
    _, units = unit_by_row(results, ("plant",), "technology")
    for place, texts in enumerate(zip(*parts, strict=True)):
        for variable, what in PLANTS.items():
            values = results[variable].isel(plant=place)
            unit = str(units[place]) if MIXED.search(values.attrs["units"]) else _unit(results, variable)
            told = values.sum([dim for dim in values.dims if dim != "year"]).to_numpy()
            yield Row((*texts, what, unit), told, (float(installed[place]),))


def _over(results: xr.Dataset, dim: str) -> Iterator[Row]:
    """Figures by year alone, or of each zone by year."""
    dims = (dim, "year") if dim else ("year",)
    found = [str(name) for name, variable in results.data_vars.items() if variable.dims == dims]
    for label in _texts(results, dim, dim) if dim in results.dims else [""]:
        for name in found:
            values = results[name].sel({dim: label}) if dim else results[name]
            texts = (name.replace("_", " "), str(values.attrs["long_name"]), _unit(results, name))
            yield Row((label, *texts) if dim else texts, values.to_numpy().astype(float))
