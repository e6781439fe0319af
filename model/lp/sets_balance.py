"""Sets, parameters and variables of places, where flows meet demand, and of stores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped, rows_of
from model.lp.sets import RESOLUTIONS, suffix
from model.lp.statement import Statement
from model.system.units import HOURS_PER_YEAR


def declare(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Put what balances and stores use on the statement, after the sets of assets and operation."""
    _balances(statement, system, frames)
    _storage(statement, frames)


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
            f"{c} of {n} as {p}"
            for n, c, p in zip(demands["node"], demands["commodity"], demands["profile"], strict=True)
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
    statement.lookup(
        "stores_at",
        m.PLACE_YEAR,
        grouped(zip(stores["node"], stores["commodity"], stores["year"], strict=True), stores["asset"]),
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
    """Unserved demand and excess, where the commodity has a price for them."""
    m = statement.model
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
            statement.variable(f"{name}{suffix(runs)}", over, dims, unit="GW", long_name=f"{name} quantity in an hour")
            statement.lookup(f"{name}{suffix(runs)}_at", rows, {p: [p] for p in own}, dimen=2)


def _storage(statement: Statement, frames: Frames) -> None:
    m = statement.model
    stores = [asset for asset in frames.assets.index if asset in set(frames.stores.index)]
    over = statement.set("STORE", stores)
    alive = [pair for pair in frames.alive if pair[0] in set(stores)]
    statement.set("STORE_YEAR", alive, dimen=2)
    assets = frames.assets.loc[stores]
    for name in ("charge_efficiency", "discharge_efficiency"):
        statement.parameter(name, over, assets[name].to_numpy(dtype=float))
    statement.parameter("store_duration", over, assets["duration"].to_numpy(dtype=float), unit="h")
    duration = m.duration.array
    keep = (1 - assets["standing_loss"].to_numpy(dtype=float))[:, None] ** duration[None, :]
    statement.parameter("retention", over * m.STEP, keep.reshape(len(stores), len(duration)))
    for name, text, unit in (
        ("charge", "power taken in", "GW"),
        ("discharge", "power given back", "GW"),
        ("level", "what is stored at the end of the step", "GWh"),
    ):
        statement.variable(name, m.STORE_YEAR * m.STEP, ("asset", "year", "step"), unit=unit, long_name=text)
