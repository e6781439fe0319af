"""Power by step as the report draws it: what gives, what takes, and which stretches of the year are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from model.system.network import ELECTRICITY, WHOLE_COUNTRY
from model.time.calendar import DAYS_PER_WEEK, HOURS_PER_DAY, MONTH_OF_HOUR, day_name

DISCHARGE, IMPORTS, UNSERVED = "storage", "net imports", "unserved"
CHARGE, EXPORTS, OTHER = "charging", "net exports", "other use and losses"
TAKES = (CHARGE, EXPORTS, OTHER)
"""What is told below zero; load is a line of its own."""

LOAD = "load"

OUTSIDE = "outside"
"""Zone of nodes abroad in results that do not tell the kind of a node."""

SEASONS = {"winter": (11, 0, 1), "summer": (5, 6, 7)}
"""Months, from 0, of which a typical week is shown."""

MOST_PERIODS = 7
"""Periods shown at most where the order of days is not known."""

LEAST = 1e-9
"""GW below which nothing is told."""


@dataclass(frozen=True)
class Stretch:
    """Periods one after another, each with the day on which its place in the calendar begins, or its own name."""

    places: tuple[str, ...]
    periods: tuple[str, ...]


def areas(results: xr.Dataset) -> dict[str, list[str]]:
    """Nodes of the whole country, under its own name, and of each zone where there is more than one."""
    nodes = results["node"].to_numpy().astype(str)
    zones = results["node_zone"].to_numpy().astype(str) if "node_zone" in results else np.full(len(nodes), "")
    kind = results["node_kind"].to_numpy() if "node_kind" in results else zones
    inside = kind != OUTSIDE
    own = {str(zone): list(nodes[inside & (zones == zone)]) for zone in dict.fromkeys(zones[inside]) if zone}
    return {WHOLE_COUNTRY: list(nodes[inside])} | (own if len(own) > 1 else {})


def power(results: xr.Dataset, nodes: Sequence[str]) -> xr.DataArray:
    """What gives (positive) and takes (negative) electricity at ``nodes``, and their load; GW by item, year and step.

    Items: groups of technologies, then those of this module. Links over the border count as what enters them, net;
    what other sectors use, what is lost on the way and what is left over is told in one sum, as the rest.
    """
    here = np.isin(results["node"].to_numpy(), list(nodes))
    output = np.einsum(
        "tnys,n->tys", results["output"].transpose("technology", "node", "year", "step").to_numpy(), here.astype(float)
    )
    groups = results["technology_group"].to_numpy().astype(str)
    gives = {g: output[groups == g].sum(axis=0) for g in dict.fromkeys(groups) if output[groups == g].any()}
    load, missing = (
        results[name].isel(node=here).sum("node").transpose("year", "step").to_numpy()
        for name in ("load", "unserved_load")
    )
    charge, discharge = (_of_stores(results, name, nodes) for name in ("charge", "discharge"))
    net = _over_border(results, nodes)
    gives[DISCHARGE] = gives.get(DISCHARGE, np.zeros(load.shape)) + discharge
    takes = {IMPORTS: net.clip(min=0), UNSERVED: missing, CHARGE: -charge, EXPORTS: net.clip(max=0)}
    found = gives | takes
    found[OTHER] = load - np.sum(list(found.values()), axis=0)
    found[LOAD] = load
    coords = {"item": list(found), "year": results["year"].to_numpy(), "step": results["step"].to_numpy()}
    values = np.array(list(found.values()))
    return xr.DataArray(np.where(np.abs(values) < LEAST, 0.0, values), coords, ("item", "year", "step"))


def _of_stores(results: xr.Dataset, name: str, nodes: Sequence[str]) -> np.ndarray:
    """Charge or discharge of the stores of electricity at ``nodes``, GW by (year, step).

    A store that is no plant of its own is called ``technology@node``.
    """
    stores = results["store"].to_numpy().astype(str)
    kept = results["store_commodity"].to_numpy() == ELECTRICITY
    plants = dict(zip(results["plant"].to_numpy(), results["plant_node"].to_numpy(), strict=True))
    within = np.array([plants.get(store, store.rpartition("@")[2]) in nodes for store in stores], dtype=bool)
    summed: np.ndarray = results[name].isel(store=kept & within).sum("store").transpose("year", "step").to_numpy()
    return summed


def _over_border(results: xr.Dataset, nodes: Sequence[str]) -> np.ndarray:
    """What power links bring to ``nodes`` from elsewhere, less what they carry away, GW by (year, step)."""
    if "link_from" not in results:
        return np.zeros((results.sizes["year"], results.sizes["step"]))
    start, end = (np.isin(results[f"link_{c}"].to_numpy(), list(nodes)).astype(float) for c in ("from", "to"))
    ways = (end - start) * (results["link_commodity"].to_numpy() == ELECTRICITY)
    flow = results["flow"].transpose("link", "year", "step").to_numpy()
    brought: np.ndarray = np.tensordot(ways, flow, axes=1)
    return brought


def step_table(results: xr.Dataset) -> pd.DataFrame:
    """For every step its period, the hour of the period at which it begins and the hours that it lasts."""
    table = pd.DataFrame(
        {
            "period": results["step_period"].to_numpy().astype(str),
            "hours": results["step_hours"].to_numpy(),
        },
        index=pd.Index(results["step"].to_numpy().astype(str), name="step"),
    )
    stands = pd.Series(results["slot_period"].to_numpy().astype(str)).value_counts()
    if not len(stands):  # typical days without an order: each period is a day
        stands = table.groupby("period")["hours"].sum() / HOURS_PER_DAY
    table["length"] = table["hours"] / table["period"].map(stands)
    table["start"] = table.groupby("period")["length"].cumsum() - table["length"]
    return table[["period", "start", "length"]]


def peak_period(results: xr.Dataset, load: xr.DataArray) -> str:
    """The period in which ``load`` (step) is highest."""
    highest = load["step"].to_numpy()[int(load.to_numpy().argmax())]
    return str(results["step_period"].sel(step=highest).item())


def typical_weeks(results: xr.Dataset, load: xr.DataArray) -> dict[str, Stretch]:
    """A week of winter and one of summer, by season: of all weeks within it that whose mean ``load`` is the median.

    A week is as many places of the calendar as fill seven days, each shown by the period that stands there. Where the
    order of days is not known, the periods that stand for most of the year take the place of weeks.
    """
    periods = results["slot_period"].to_numpy().astype(str)
    table = step_table(results)
    if not len(periods):
        hours = pd.Series(results["step_hours"].to_numpy(), index=table["period"].to_numpy())
        most = hours.groupby(level=0, sort=False).sum().sort_values(ascending=False, kind="stable").index[:MOST_PERIODS]
        shown = tuple(str(p) for p in dict.fromkeys(table["period"]) if p in most)
        return {"typical": Stretch(shown, shown)}
    of_period = table.assign(energy=load.to_series() * table["length"]).groupby("period")[["length", "energy"]].sum()
    slot_hours, slot_energy = of_period.loc[periods].to_numpy().T
    begins = np.cumsum(slot_hours) - slot_hours
    count = max(1, round(DAYS_PER_WEEK * HOURS_PER_DAY / slot_hours[0]))
    places = [day_name(int(begin) // HOURS_PER_DAY) for begin in begins]
    found = {}
    for season, months in SEASONS.items():
        runs = _runs_within(begins, slot_hours, count, months)
        if runs:
            means = [slot_energy[i : i + count].sum() / slot_hours[i : i + count].sum() for i in runs]
            first = runs[int(np.argsort(means, kind="stable")[len(means) // 2])]
            found[season] = Stretch(
                tuple(places[first : first + count]), tuple(map(str, periods[first : first + count]))
            )
    return found


def _runs_within(begins: np.ndarray, hours: np.ndarray, count: int, months: tuple[int, ...]) -> list[int]:
    """First places of runs of ``count`` places that lie wholly in ``months``, without a jump over the year's end."""
    own = [
        set(MONTH_OF_HOUR[[int(begin), int(begin + length) - 1]]) <= set(months)
        for begin, length in zip(begins, hours, strict=True)
    ]
    month = MONTH_OF_HOUR[begins.astype(int)]
    return [
        i
        for i in range(len(begins) - count + 1)
        if all(own[i : i + count]) and month[i + count - 1] - month[i] in (0, 1)
    ]


def shown_steps(results: xr.Dataset, stretch: Stretch) -> pd.DataFrame:
    """The steps of a stretch in order: ``step``, ``place``, and hours ``begin`` and ``end`` from its beginning."""
    table, parts, offset = step_table(results), [], 0.0
    for place, period in zip(stretch.places, stretch.periods, strict=True):
        own = table[table["period"] == period]
        begin = own["start"].to_numpy() + offset
        end = begin + own["length"].to_numpy()
        parts.append(pd.DataFrame({"step": own.index, "place": place, "begin": begin, "end": end}))
        offset = float(end[-1])
    return pd.concat(parts, ignore_index=True)
