"""Sets, parameters and variables of places, where flows meet demand, and of stores."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped, rows_of
from model.lp.program import Floats
from model.lp.sets import RESOLUTIONS, suffix
from model.lp.sets_time import slot_hours
from model.lp.statement import Statement
from model.system.units import HOURS_PER_YEAR, hours_per_unit, rate_unit
from model.time.runs import runs_of


def declare(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Put what balances and stores use on the statement, after the sets of assets and operation."""
    _balances(statement, system, frames)
    _storage(statement, time, frames)


def _balances(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """What meets at a node: flows of modes, stores, demand, unserved and excess, by the commodity's resolution."""
    m = statement.model
    ports, commodities = frames.ports, rows_of(system, "commodity")
    demands = rows_of(system, "demand")
    keys = list(zip(ports["asset"], ports["mode"], ports["node"], ports["commodity"], strict=True))
    statement.parameter("flow", statement.set("PORT", keys, dimen=4), ports["flow"].to_numpy(), unit="per hour")
    demand = statement.set(
        "DEMAND",
        [
            f"{c} of {load} at {n} as {p}" if load else f"{c} of {n} as {p}"
            for n, c, load, p in zip(*(demands[name] for name in ("node", "commodity", "load", "profile")), strict=True)
        ],
    )
    annual = system["annual_demand"].transpose("demand", "year").to_numpy()
    statement.parameter("hourly_demand", demand * m.YEAR, annual / HOURS_PER_YEAR, unit="per hour")
    statement.map("demand_profile", demand, list(demands["profile"]))
    places = list(
        dict.fromkeys(
            [
                *zip(ports["node"], ports["commodity"], strict=True),
                *zip(demands["node"], demands["commodity"], strict=True),
            ]
        )
    )
    statement.set("PLACE", places, dimen=2)
    statement.lookup(
        "demands_at", m.PLACE, grouped(zip(demands["node"], demands["commodity"], strict=True), list(demand))
    )
    stores = frames.stores.reset_index()
    alive = pd.DataFrame(frames.alive, columns=["asset", "year"])
    stores = stores.merge(alive, on="asset")
    statement.set("PLACE_YEAR", [(n, c, y) for n, c in places for y in frames.years], dimen=3)
    for runs in ("step", "period"):
        own = stores[stores["runs"] == runs]
        statement.lookup(
            f"stores{suffix(runs)}_at",
            m.PLACE_YEAR,
            grouped(zip(own["node"], own["commodity"], own["year"], strict=True), own["asset"]),
        )
    at = ports.merge(
        frames.running.rename(columns={"name": "mode"})[["asset", "mode", "year", "runs"]], on=["asset", "mode"]
    )
    for runs in RESOLUTIONS:
        own = at[at["runs"] == runs]
        statement.lookup(
            f"flows{suffix(runs)}_at",
            m.PLACE_YEAR,
            grouped(
                zip(own["node"], own["commodity"], own["year"], strict=True),
                zip(own["asset"], own["mode"], strict=True),
            ),
            dimen=2,
        )
    _slack(statement, system, frames, places, commodities, set(zip(demands["node"], demands["commodity"], strict=True)))


def _slack(
    statement: Statement,
    system: xr.Dataset,
    frames: Frames,
    places: list[tuple[str, str]],
    commodities: pd.DataFrame,
    demanded: set[tuple[str, str]],
) -> None:
    """Unserved demand and excess, where the commodity has a price for them: GW, or commodity units a year."""
    m = statement.model
    hours = commodities["unit"].map(lambda unit: hours_per_unit(rate_unit(unit))).to_numpy(dtype=float)
    statement.parameter("per_rate", m.COMMODITY, 1 / hours, unit="commodity units per hour and unit of slack")
    slots = {"step": m.STEP, "period": m.PERIOD}
    inside = set(system["node"].to_numpy()[system["node_kind"].to_numpy() == "inside"])
    for runs in RESOLUTIONS:
        here = [(n, c) for n, c in places if commodities.at[c, "resolution"] == runs]
        rows = statement.set(f"BALANCE_BY_{runs.upper()}", here, dimen=2)
        for name, price, allowed in (
            ("unserved", "unserved_price", demanded),
            ("excess", "excess_price", {p for p in rows if p[0] in inside}),
        ):
            own = [p for p in here if p in allowed and np.isfinite(commodities.at[p[1], price])]
            part = statement.set(f"{name.upper()}_BY_{runs.upper()}", own, dimen=2)
            over = part * m.YEAR if runs == "year" else part * m.YEAR * slots[runs]
            dims = ("node", "commodity", "year") if runs == "year" else ("node", "commodity", "year", runs)
            statement.variable(f"{name}{suffix(runs)}", over, dims, unit="GW or units a year", long_name=f"{name} rate")
            statement.lookup(f"{name}{suffix(runs)}_at", rows, {p: [p] for p in own}, dimen=2)


def _storage(statement: Statement, time: xr.Dataset, frames: Frames) -> None:
    """Stores by how finely what they keep balances, and by the cycle in which their level returns."""
    m = statement.model
    chosen = frames.assets[frames.assets["kind"] == "storage"]
    runs = frames.stores["runs"].reindex(chosen.index)
    over = statement.set("STORE", list(chosen.index))
    hours = chosen["hours"].to_numpy(dtype=float)
    for name in ("charge_efficiency", "discharge_efficiency"):
        statement.parameter(name, over, chosen[name].to_numpy(dtype=float))
    statement.parameter("store_duration", over, chosen["duration"].to_numpy(dtype=float), unit="h")
    statement.parameter("per_hour", over, 1 / hours, unit="activity unit per hour of full output")
    kept = 1 - chosen["standing_loss"].to_numpy(dtype=float)
    calendar = runs_of(time)
    statement.parameter("retention", over * m.STEP, kept[:, None] ** m.duration.array[None, :])
    _retained(statement, kept[:, None] ** slot_hours(time)[calendar.first], calendar.length)
    statement.parameter("slot_fill", over * m.SLOT, _filled(time, kept)[:, calendar.first], unit="h")
    seasonal = chosen["cycle"] == "year"
    sets = {
        "STORE_YEAR": runs == "step",
        "CYCLING_STORE": (runs == "step") & ~seasonal,
        "SEASONAL_STORE": (runs == "step") & seasonal,
        "STORE_BY_PERIOD": runs == "period",
        "CARRYING_STORE": seasonal,
    }
    for name, those in sets.items():
        members = set(chosen.index[those])
        statement.set(name, [pair for pair in frames.alive if pair[0] in members], dimen=2)
    _store_variables(statement, frames, set(chosen.index[seasonal]))


def _retained(statement: Statement, kept: Floats, times: npt.NDArray[np.int64]) -> None:
    """What a slot leaves of a level, and how what it adds piles up, over all of its run and over all but the last.

    kept: share left after one slot, (store, slot). A level ``b`` to which each slot adds ``e`` becomes ``kept**n * b +
    (1 + kept + ... + kept**(n - 1)) * e`` after ``n``.
    """
    over = statement.model.STORE * statement.model.SLOT
    statement.parameter("slot_retention", over, kept)
    for name, count in (("run", times), ("run_but_last", times - 1)):
        powers = kept**count
        added = np.where(kept == 1, count, (1 - powers) / np.where(kept == 1, 1, 1 - kept))
        statement.parameter(f"{name}_retention", over, powers)
        statement.parameter(f"{name}_gain", over, added)


def _filled(time: xr.Dataset, kept: Floats) -> Floats:
    """Hours of each slot less what fades of a steady rate until it ends, (store, slot).

    kept: share of what a store holds that is left after an hour.
    """
    period, length = time["step_period"].to_numpy(), time["duration"].to_numpy().astype(float)
    until = pd.Series(length[::-1]).groupby(period[::-1]).cumsum().to_numpy()[::-1] - length
    by_step = pd.DataFrame((kept[:, None] ** until * length).T)
    found: Floats = by_step.groupby(period).sum().loc[list(time["slot_period"].to_numpy())].to_numpy().T
    return found


def _store_variables(statement: Statement, frames: Frames, seasonal: set[str]) -> None:
    """Rates and levels; those of a seasonal store are bounded by its largest size, on which interior points rely."""
    m = statement.model
    for suffix_, stores, slots, dim in (
        ("", m.STORE_YEAR, m.STEP, "step"),
        ("_by_period", m.STORE_BY_PERIOD, m.PERIOD, "period"),
    ):
        for name, text in (("charge", "power taken in"), ("discharge", "power given back")):
            statement.variable(f"{name}{suffix_}", stores * slots, ("asset", "year", dim), unit="GW", long_name=text)
    size = _largest_sizes(frames)

    def sizes(pairs: Any, times: Any) -> Floats:
        return np.repeat([size[asset] for asset, _ in pairs], len(times))

    swinging = np.repeat([asset in seasonal for asset, _ in m.STORE_YEAR], len(m.STEP))
    most = sizes(m.STORE_YEAR, m.STEP)
    statement.variable(
        "level",
        m.STORE_YEAR * m.STEP,
        ("asset", "year", "step"),
        np.where(swinging, -most, 0.0),
        np.where(swinging, most, np.inf),
        unit="GWh",
        long_name="what is stored at the end of the step, for a seasonal store against the start of the period",
    )
    most = sizes(m.SEASONAL_STORE, m.PERIOD)
    for name, lower, upper, text in (
        ("level_lowest", -most, 0.0 * most, "lowest level of the period against its start"),
        ("level_highest", 0.0 * most, most, "highest level of the period against its start"),
    ):
        dims = ("asset", "year", "period")
        statement.variable(name, m.SEASONAL_STORE * m.PERIOD, dims, lower, upper, unit="GWh", long_name=text)
    statement.variable(
        "level_between",
        m.CARRYING_STORE * m.SLOT,
        ("asset", "year", "slot"),
        unit="GWh",
        long_name="what is stored at the start of a slot of the calendar",
    )


def _largest_sizes(frames: Frames) -> dict[str, float]:
    """What each store can hold with all that can stand, be built and come of works; infinite where nothing limits."""
    initial = frames.left.groupby("asset")["initial"].sum()
    built = frames.builds.groupby("asset")["upper"].sum()
    of_vintage = frames.left.groupby(["asset", "vintage"])["initial"].sum()
    works = frames.works
    sources = [of_vintage.get(key, np.inf) for key in zip(works["asset"], works["vintage"], strict=True)]
    worked = (works["ratio"] * sources).groupby(works["to_asset"]).sum()
    stores = frames.assets.loc[list(frames.stores.index)]
    most = sum(part.reindex(stores.index).fillna(0.0) for part in (initial, built, worked))
    hours = stores["duration"].astype(float) / stores["hours"].astype(float)
    return {str(asset): float(size) for asset, size in (most * hours).items()}
